//! The sync folder while the practice is open: looked into again and again, and written to when something is due.
//!
//! Where it is, this device has chosen for itself (a folder on a disk), or somebody for the whole practice (a share, a bucket).
//! At the lock what is due is sealed first and uploaded after, without the practice.

mod place;
mod seals;
mod shelf;

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use subrosa_core::entropy::{Os, random};
use subrosa_core::id::{DeviceId, Hash};
use subrosa_core::kdf;
use subrosa_core::vault::{Millis, RowError, Vault};
use subrosa_folder::{Folder, FolderError, Place};
use subrosa_sync::ShelfError;
use subrosa_sync::folder::{self, FolderExchange, FolderFault, FolderWorld, Objects, Outgoing};
use subrosa_sync::id::{PeerId, WriterTag};

use self::seals::VaultSeals;
use super::shared::{Clock, Shared};
use super::shelf::VaultShelf;

use crate::values::folder::FolderTrouble;

pub use self::place::{FolderChoiceError, FolderPlace, check_practice_folder, directory, keep_directory, place};

/// How often a folder on a disk is looked into, and one behind a network.
const NEARBY: Duration = Duration::from_secs(1);
const FAR: Duration = Duration::from_secs(60);
/// The longest pause after one that could not be looked into.
const PAUSE_MAX: Duration = Duration::from_secs(10 * 60);
/// After which what is due is looked at although nothing has changed: others may not have put in what they wrote.
const DUE: Duration = Duration::from_secs(2 * 60);
/// How long an upload after the lock may take.
const UPLOAD: Duration = Duration::from_secs(30);
/// Under which name it is kept what lies in the folder.
const MEMORY: &str = "folder memory";

/// What came of a visit to the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    /// Something came, or another device said where it stands.
    pub news: bool,
    /// What is not as it was left there.
    pub trouble: Option<FolderTrouble>,
    /// Objects of this device that lie there, and all others.
    pub objects: (u64, u64),
}

/// Why a visit came to nothing. What came before it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VisitError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The practice.
    #[error(transparent)]
    Practice(#[from] ShelfError),
}

impl From<FolderFault<FolderError>> for VisitError {
    fn from(fault: FolderFault<FolderError>) -> Self {
        match fault {
            FolderFault::Objects(error) => Self::Folder(error),
            FolderFault::Shelf(error) => Self::Practice(error),
        }
    }
}

/// One device's visits to one folder.
struct Visits {
    vault: Shared,
    clock: Clock,
    shelf: VaultShelf,
    seals: VaultSeals,
    exchange: FolderExchange,
    /// Which place this is, by a hash.
    place: Hash,
    /// What is kept of it.
    kept: Vec<u8>,
}

impl Visits {
    fn new(vault: &Shared, clock: &Clock, place: &FolderPlace) -> Result<Self, VisitError> {
        let place = kdf::sha256(&place.to_bytes());
        let kept = vault.with(|vault| vault.setting(MEMORY)).map_err(|_| ShelfError::Locked)?.ok().flatten();
        let kept = kept.unwrap_or_default();
        let memory = kept.strip_prefix(place.0.as_slice());
        Ok(Self {
            vault: vault.clone(),
            clock: clock.clone(),
            shelf: VaultShelf::new(vault.clone(), clock.clone(), || {}),
            seals: VaultSeals::new(vault.clone()),
            exchange: FolderExchange::new(memory, WriterTag(random(&mut Os))),
            place,
            kept,
        })
    }

    /// Looks into the folder and puts in what is due, where anything has changed or it is time to look.
    fn visit(&mut self, folder: &Folder, is_time: bool, leaving: bool) -> Result<Visited, VisitError> {
        let objects = At(folder);
        let (mut news, mut trouble) = (false, None);
        loop {
            let now = (self.clock)();
            let mut world = FolderWorld { shelf: &mut self.shelf, seals: &mut self.seals };
            let came = self.exchange.read(&mut world, &objects, now)?;
            news |= came.news;
            trouble = trouble.or(came.trouble);
            if !came.changed && !is_time {
                break;
            }
            let Some(outgoing) = self.compose(now, leaving)? else { break };
            let has_more = outgoing.has_more;
            self.exchange.note(outgoing.upload(&objects)?);
            if !has_more {
                break;
            }
        }
        self.keep()?;
        let (own, others) = self.exchange.count();
        let objects = (u64::try_from(own).unwrap_or(u64::MAX), u64::try_from(others).unwrap_or(u64::MAX));
        Ok(Visited { news, trouble: trouble.map(|trouble| self.told(trouble)), objects })
    }

    /// Seals what is due; what is kept of it is durable before it is uploaded.
    fn compose(&mut self, now: Millis, leaving: bool) -> Result<Option<Outgoing>, VisitError> {
        let mut world = FolderWorld { shelf: &mut self.shelf, seals: &mut self.seals };
        let outgoing = self.exchange.compose(&mut world, now, leaving)?;
        if outgoing.is_some() {
            self.keep()?;
        }
        Ok(outgoing)
    }

    /// Whether the practice, or this device, uses another folder by now. A locked one says nothing.
    fn is_outdated(&self) -> bool {
        let hash = |vault: &mut Vault| usable(vault).map(|place| kdf::sha256(&place.to_bytes()));
        self.vault.with(hash).is_ok_and(|used| used != Some(self.place))
    }

    fn keep(&mut self) -> Result<(), ShelfError> {
        let kept = [self.place.0.as_slice(), &self.exchange.memory()].concat();
        if kept != self.kept {
            let saved: Result<(), RowError> =
                self.vault.with(|vault| vault.keep_setting(MEMORY, &kept)).map_err(|_| ShelfError::Locked)?;
            saved.map_err(|_| ShelfError::Storage)?;
            self.kept = kept;
        }
        Ok(())
    }

    /// What is wrong, by the name of the device that it is about.
    fn told(&self, trouble: folder::FolderTrouble) -> FolderTrouble {
        let name = |peer: PeerId| {
            let name = self.vault.with(|vault| vault.devices().device_name(&DeviceId(peer.0)));
            name.ok().flatten().unwrap_or_default()
        };
        match trouble {
            folder::FolderTrouble::Emptied => FolderTrouble::Emptied,
            folder::FolderTrouble::RolledBack(peer) => FolderTrouble::RolledBack(name(peer)),
            folder::FolderTrouble::Withheld(peer) => FolderTrouble::Withheld(name(peer)),
        }
    }
}

/// A folder, as the exchange asks it.
struct At<'a>(&'a Folder);

impl Objects for At<'_> {
    type Error = FolderError;

    fn list(&self) -> Result<Vec<String>, FolderError> {
        Ok(self.0.list()?.into_iter().map(|object| object.name).collect())
    }

    fn get(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, FolderError> {
        match self.0.get(name, u64::try_from(most).unwrap_or(u64::MAX)) {
            // What is longer than an object may be is none.
            Err(FolderError::TooLong) => Ok(None),
            got => got,
        }
    }

    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), FolderError> {
        self.0.put(name, bytes)
    }

    fn remove(&self, name: &str) -> Result<(), FolderError> {
        self.0.remove(name)
    }
}

/// Looks into the folder once, and puts in what is due; `None` where none is used.
///
/// # Errors
/// [`VisitError`].
pub fn visit_once(vault: &Shared, clock: &Clock) -> Result<Option<Visited>, VisitError> {
    let Some(place) = vault.with(usable).map_err(|_| ShelfError::Locked)? else { return Ok(None) };
    let folder = Folder::open(&place.to_place())?;
    Visits::new(vault, clock, &place)?.visit(&folder, true, true).map(Some)
}

/// The folder that is used; none, once this device was removed.
fn usable(vault: &mut Vault) -> Option<FolderPlace> {
    if vault.devices().is_removed() { None } else { place(vault) }
}

/// The visits of an open practice, from unlocking to locking.
pub struct FolderSyncing {
    calls: Sender<Call>,
    thread: JoinHandle<Visits>,
    folder: Arc<Folder>,
    place: Place,
}

/// What is told of the folder.
#[derive(Clone, Debug)]
pub enum FolderTold {
    /// What came of looking into it.
    Visited(Result<Visited, VisitError>),
    /// Begun anew, another folder would be looked into, or none.
    Outdated,
}

/// What the thread is told.
enum Call {
    Changed,
    Stop,
}

impl FolderSyncing {
    /// Begins; `None` where no folder is used. `news` is called from a thread of its own, and may use the practice.
    ///
    /// # Errors
    /// [`VisitError`].
    pub fn start(
        vault: &Shared,
        clock: &Clock,
        news: impl Fn(FolderTold) + Send + 'static,
    ) -> Result<Option<Self>, VisitError> {
        let Some(chosen) = vault.with(usable).map_err(|_| ShelfError::Locked)? else { return Ok(None) };
        let place = chosen.to_place();
        let folder = Arc::new(Folder::open(&place)?);
        let visits = Visits::new(vault, clock, &chosen)?;
        let every = if matches!(place, Place::Directory(_)) { NEARBY } else { FAR };
        let (calls, told) = mpsc::channel();
        let rounds = Rounds { visits, folder: folder.clone(), every, news: Box::new(news) };
        let spawned = std::thread::Builder::new().name("subrosa-folder".into()).spawn(move || rounds.run(&told));
        let thread = spawned.map_err(|_| VisitError::Practice(ShelfError::Storage))?;
        Ok(Some(Self { calls, thread, folder, place }))
    }

    /// Something was written here, or came.
    pub fn notify_changed(&self) {
        // A thread that has ended has said so itself.
        let _ = self.calls.send(Call::Changed);
    }

    /// Ends the visits. What is due stays due.
    pub fn stop(self) {
        self.end();
    }

    /// Ends the visits, and seals what is due: to be called before the practice is locked.
    pub fn leave(self) -> FolderLeft {
        let place = self.place.clone();
        let outgoing = self.end().and_then(|mut visits| {
            let now = (visits.clock)();
            visits.compose(now, true).ok().flatten()
        });
        FolderLeft { outgoing, place }
    }

    fn end(self) -> Option<Visits> {
        self.folder.stop();
        let _ = self.calls.send(Call::Stop);
        self.thread.join().ok()
    }
}

impl std::fmt::Debug for FolderSyncing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FolderSyncing")
    }
}

/// What was due at the lock, sealed.
pub struct FolderLeft {
    outgoing: Option<Outgoing>,
    place: Place,
}

impl FolderLeft {
    /// Uploads it, which needs the practice no more, in a thread of its own that ends after half a minute at the latest. What is cut
    /// off is put there the next time.
    pub fn upload(self) -> Option<JoinHandle<()>> {
        let (outgoing, folder) = (self.outgoing?, Arc::new(Folder::open(&self.place).ok()?));
        let (done, is_done) = mpsc::channel::<()>();
        let watched = folder.clone();
        std::thread::spawn(move || {
            // Done, or the uploading thread has ended in another way.
            if matches!(is_done.recv_timeout(UPLOAD), Err(RecvTimeoutError::Timeout)) {
                watched.stop();
            }
        });
        Some(std::thread::spawn(move || {
            let _ = outgoing.upload(&At(&folder));
            drop(done);
        }))
    }
}

/// The thread that visits.
struct Rounds {
    visits: Visits,
    folder: Arc<Folder>,
    every: Duration,
    news: Box<dyn Fn(FolderTold) + Send>,
}

impl Rounds {
    fn run(mut self, told: &Receiver<Call>) -> Visits {
        let mut pause = Duration::ZERO;
        let (mut said, mut looked, mut is_outdated) = (None, None::<Instant>, false);
        loop {
            match told.recv_timeout(pause) {
                Ok(Call::Changed) => looked = None,
                Ok(Call::Stop) | Err(RecvTimeoutError::Disconnected) => return self.visits,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let is_due = looked.is_none_or(|at| at.elapsed() >= DUE);
            let visited = self.visits.visit(&self.folder, is_due, false);
            pause = if visited.is_ok() { self.every } else { (pause * 2).clamp(self.every, PAUSE_MAX) };
            if !is_outdated && self.visits.is_outdated() {
                is_outdated = true;
                (self.news)(FolderTold::Outdated);
            }
            let has_news = visited.as_ref().is_ok_and(|visited| visited.news);
            // The same as before is said again now and then alone, so that it can be shown when it was.
            if has_news || is_due || said.as_ref() != Some(&visited) {
                looked = Some(Instant::now());
                (self.news)(FolderTold::Visited(visited.clone()));
                said = Some(visited);
            }
        }
    }
}
