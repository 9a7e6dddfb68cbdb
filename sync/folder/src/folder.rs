//! The folder, whatever place it is in.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::directory::Directory;
use crate::object::{MOST_BYTES, Object, is_name};
use crate::s3::Bucket;
use crate::webdav::Collection;
use crate::{FolderError, Place};

/// Threads that carry bytes; each caller waits on its own.
const WORKERS: usize = 2;

/// A sync folder. Each call blocks until it is done; several threads may call at once. Its Debug says nothing of it.
pub struct Folder {
    inside: Inside,
    stopped: watch::Sender<bool>,
    /// There until the drop.
    runtime: Option<Runtime>,
}

#[derive(Clone)]
enum Inside {
    Directory(Arc<Directory>),
    WebDav(Arc<Collection>),
    S3(Arc<Bucket>),
}

impl Folder {
    /// Looks at the form of the place alone: touches no disk and no network.
    ///
    /// # Errors
    /// [`FolderError::NotSecure`], [`FolderError::NotAnAddress`], [`FolderError::NotACertificate`].
    pub fn open(place: &Place) -> Result<Self, FolderError> {
        let inside = match place {
            Place::Directory(path) => Inside::Directory(Arc::new(Directory::new(path)?)),
            Place::WebDav(place) => Inside::WebDav(Arc::new(Collection::new(place)?)),
            Place::S3(place) => Inside::S3(Arc::new(Bucket::new(place)?)),
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("sync-folder")
            .enable_all()
            .build()
            .map_err(|_| FolderError::Other)?;
        Ok(Self { inside, stopped: watch::Sender::new(false), runtime: Some(runtime) })
    }

    /// Every object that is there, in the order of names. A folder that was not made yet has none; one that was there when
    /// this was asked before and is gone is [`FolderError::NotThere`].
    ///
    /// # Errors
    /// Any [`FolderError`]; [`FolderError::TooMany`] past [`MOST_OBJECTS`](crate::MOST_OBJECTS).
    pub fn list(&self) -> Result<Vec<Object>, FolderError> {
        let mut objects = match self.inside.clone() {
            Inside::Directory(here) => self.on_disk(move || here.list()),
            Inside::WebDav(there) => self.run(async move { there.list().await }),
            Inside::S3(there) => self.run(async move { there.list().await }),
        }?;
        objects.sort_unstable();
        // A server may say the same twice, at the border of two pages.
        objects.dedup_by(|one, other| one.name == other.name);
        Ok(objects)
    }

    /// What is in an object; `None` when it is not there, or not any more.
    ///
    /// # Errors
    /// Any [`FolderError`]; [`FolderError::TooLong`] when it has more than `most` bytes, which are not all read then.
    pub fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, FolderError> {
        let (name, most) = (checked(name)?, most.min(MOST_BYTES));
        match self.inside.clone() {
            Inside::Directory(here) => self.on_disk(move || here.get(&name, most)),
            Inside::WebDav(there) => self.run(async move { there.get(&name, most).await }),
            Inside::S3(there) => self.run(async move { there.get(&name, most).await }),
        }
    }

    /// Puts an object there: whole, or not at all where the place can. Makes the folder if it was never there.
    ///
    /// # Errors
    /// Any [`FolderError`]; [`FolderError::TooLong`] past [`MOST_BYTES`]. Whether the object is there is not known then;
    /// putting it again is fine.
    pub fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), FolderError> {
        let name = checked(name)?;
        if u64::try_from(bytes.len()).map_or(true, |len| len > MOST_BYTES) {
            return Err(FolderError::TooLong);
        }
        match self.inside.clone() {
            Inside::Directory(here) => self.on_disk(move || here.put(&name, &bytes)),
            Inside::WebDav(there) => self.run(async move { there.put(&name, bytes).await }),
            Inside::S3(there) => self.run(async move { there.put(&name, bytes).await }),
        }
    }

    /// Takes an object away; one that is not there is fine.
    ///
    /// # Errors
    /// Any [`FolderError`].
    pub fn remove(&self, name: &str) -> Result<(), FolderError> {
        let name = checked(name)?;
        match self.inside.clone() {
            Inside::Directory(here) => self.on_disk(move || here.remove(&name)),
            Inside::WebDav(there) => self.run(async move { there.remove(&name).await }),
            Inside::S3(there) => self.run(async move { there.remove(&name).await }),
        }
    }

    /// Whatever is under way ends at once with [`FolderError::Stopped`], and so does every later call. From any thread.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Waits for work that goes on in the runtime, or for the stop. Not `block_on`: who calls may be inside another runtime.
    fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, FolderError>> + Send + 'static,
    ) -> Result<T, FolderError> {
        let mut stopped = self.stopped.subscribe();
        let Some(runtime) = self.runtime.as_ref().filter(|_| !*stopped.borrow()) else {
            return Err(FolderError::Stopped);
        };
        let (done, result) = sync_channel(1);
        runtime.spawn(async move {
            let result = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => Err(FolderError::Stopped),
                result = work => result,
            };
            // Nobody waits any more only when the caller's thread is gone.
            let _ = done.send(result);
        });
        result.recv().unwrap_or(Err(FolderError::Other))
    }

    /// A disk may hang too, as one of a network does. What was begun goes on there after a stop, and ends by itself.
    fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, FolderError> + Send + 'static,
    ) -> Result<T, FolderError> {
        self.run(async move { tokio::task::spawn_blocking(work).await.unwrap_or(Err(FolderError::Other)) })
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Folder")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A plain drop waits for a disk that hangs, and must not happen inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn checked(name: &str) -> Result<String, FolderError> {
    if is_name(name) { Ok(name.to_owned()) } else { Err(FolderError::NotAName) }
}
