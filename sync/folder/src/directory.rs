//! A folder on a disk.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::FolderError;
use crate::object::{MOST_OBJECTS, Object, is_name};

/// How what is being written is called until it is whole.
const BEGINS: &str = ".subrosa-";
const ENDS: &str = ".part";
/// How old such a file is when whoever wrote it no longer does.
const LEFT: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) struct Directory {
    path: PathBuf,
    /// It was seen: if it is gone then, so is what it lay on.
    was_there: AtomicBool,
    swept: Once,
}

impl Directory {
    pub(crate) fn new(path: &Path) -> Result<Self, FolderError> {
        if !path.is_absolute() {
            return Err(FolderError::NotAnAddress);
        }
        Ok(Self { path: path.to_owned(), was_there: AtomicBool::new(false), swept: Once::new() })
    }

    pub(crate) fn list(&self) -> Result<Vec<Object>, FolderError> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return self.not_made().map(|()| Vec::new()),
            Err(error) => return Err(said(&error)),
        };
        self.was_there.store(true, Ordering::Relaxed);
        let mut objects = Vec::new();
        for (seen, entry) in entries.enumerate() {
            if seen >= MOST_OBJECTS {
                return Err(FolderError::TooMany);
            }
            let entry = entry.map_err(|error| said(&error))?;
            let Some(name) = entry.file_name().to_str().filter(|name| is_name(name)).map(str::to_owned) else {
                continue;
            };
            // Of a link that of the link itself: no object is one.
            match entry.metadata() {
                Ok(here) if here.is_file() => objects.push(Object { name, len: here.len() }),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(said(&error)),
            }
        }
        Ok(objects)
    }

    pub(crate) fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, FolderError> {
        let path = self.path.join(name);
        let read = || -> io::Result<Option<Option<Vec<u8>>>> {
            // Before it is opened: a pipe would be waited for.
            let here = fs::symlink_metadata(&path)?;
            if !here.is_file() {
                return Ok(None);
            }
            let mut bytes = Vec::new();
            if here.len() <= most {
                File::open(&path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
            }
            let is_long = here.len() > most || u64::try_from(bytes.len()).map_or(true, |len| len > most);
            Ok(Some((!is_long).then_some(bytes)))
        };
        match read() {
            Ok(Some(Some(bytes))) => Ok(Some(bytes)),
            Ok(Some(None)) => Err(FolderError::TooLong),
            Ok(None) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound && self.path.is_dir() => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => self.not_made().map(|()| None),
            Err(error) => Err(said(&error)),
        }
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let was_there = self.was_there.load(Ordering::Relaxed);
        match self.write(name, bytes) {
            Err(error) if error.kind() == ErrorKind::NotFound && !was_there => {
                self.make()?;
                self.write(name, bytes)
            }
            result => result,
        }
        .map_err(|error| said(&error))?;
        self.was_there.store(true, Ordering::Relaxed);
        self.swept.call_once(|| self.sweep());
        Ok(())
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), FolderError> {
        match fs::remove_file(self.path.join(name)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound && self.path.is_dir() => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => self.not_made(),
            Err(error) => Err(said(&error)),
        }
    }

    /// Whole under another name, on the disk, and only then under its own.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(BEGINS).suffix(ENDS).tempfile_in(&self.path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(self.path.join(name)).map_err(|refused| refused.error)?;
        self.sync()
    }

    #[cfg(unix)]
    fn sync(&self) -> io::Result<()> {
        match File::open(&self.path)?.sync_all() {
            // Some file systems of a network have no such thing.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
            result => result,
        }
    }

    #[cfg(not(unix))]
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// It is not there. That is fine when it never was, and the folder around it is.
    fn not_made(&self) -> Result<(), FolderError> {
        let is_around = self.path.parent().is_some_and(Path::is_dir);
        if is_around && !self.was_there.load(Ordering::Relaxed) { Ok(()) } else { Err(FolderError::NotThere) }
    }

    /// Itself alone: a folder around it that is missing is a medium that is.
    fn make(&self) -> Result<(), FolderError> {
        match fs::create_dir(&self.path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(said(&error)),
            _ => Ok(()),
        }
    }

    /// Takes away what was left half-written, by whichever device. What cannot be looked at or removed stays.
    fn sweep(&self) {
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_ours = name.to_str().is_some_and(|name| name.starts_with(BEGINS) && name.ends_with(ENDS));
            let age = || entry.metadata().and_then(|here| here.modified()).ok()?.elapsed().ok();
            if is_ours && age().is_some_and(|age| age > LEFT) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// An error of the system in ours.
pub(crate) fn said(error: &io::Error) -> FolderError {
    /// The device is gone, or does not answer any more: EIO, ENXIO, ENODEV.
    const GONE: [i32; 3] = [5, 6, 19];
    /// ERROR_NOT_READY, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION.
    const NOT_READY: i32 = 21;
    const IN_USE: [i32; 2] = [32, 33];
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::NotFound | ErrorKind::NotADirectory, _) => FolderError::NotThere,
        (_, Some(number)) if cfg!(unix) && GONE.contains(&number) => FolderError::NotThere,
        (_, Some(NOT_READY)) if cfg!(windows) => FolderError::NotThere,
        (_, Some(number)) if cfg!(windows) && IN_USE.contains(&number) => FolderError::Busy,
        (ErrorKind::PermissionDenied, _) => FolderError::Refused,
        (ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge, _) => FolderError::Full,
        (ErrorKind::ReadOnlyFilesystem, _) => FolderError::ReadOnly,
        (ErrorKind::ResourceBusy | ErrorKind::WouldBlock | ErrorKind::Interrupted, _) => FolderError::Busy,
        (
            ErrorKind::TimedOut
            | ErrorKind::StaleNetworkFileHandle
            | ErrorKind::NotConnected
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted,
            _,
        ) => FolderError::NotReached,
        _ => FolderError::Other,
    }
}
