//! The vault file on a disk: held by one process, readable by its owner alone.
//!
//! The lock is the operating system's, on the open file: it ends with the process, however that ends, so no stale lock
//! can keep anybody out. Every read and write names its place, so that several threads read beside each other.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use redb::StorageBackend;
use redb::backends::FileBackend;

use super::StoreError;

/// Which file this is, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

#[cfg(unix)]
fn identity(of: &std::fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Identity(of.dev(), of.ino())
}

/// Elsewhere the system does not say.
#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Identity {
    Identity(0, 0)
}

impl Identity {
    /// Of the file that has this name itself, and does not only lead there.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file);
        found.as_ref().map(identity)
    }
}

/// A locked file.
pub(super) struct Disk {
    file: FileBackend,
    identity: Option<Identity>,
    is_read_only: bool,
}

impl Disk {
    /// Makes a new file, and the folder for it if there is none. Refuses a name that is taken.
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        let folder = folder_of(path).unwrap_or(Path::new("."));
        let made: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        create_folder(folder)?;
        let file = owner_only(OpenOptions::new().read(true).write(true).create_new(true)).open(path)?;
        lock(&file)?;
        let disk = Self::of(file)?;
        // A folder that was made for it has to be found again too.
        std::iter::once(path).chain(made).try_for_each(sync_folder)?;
        Ok(disk)
    }

    /// Opens and locks a file, and closes it to others if it was open to them. One that cannot be written on is opened for reading.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        if path.is_dir() {
            return Err(StoreError::NotAVault);
        }
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if is_refused(&error) => {
                let file = File::open(path)?;
                lock(&file)?;
                return Ok(Self { is_read_only: true, ..Self::of(file)? });
            }
            Err(error) => return Err(error.into()),
        };
        lock(&file)?;
        restrict(&file)?;
        Self::of(file)
    }

    /// Whether it can be read alone.
    pub(super) fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// Which file it is.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.identity
    }

    /// A file that is locked.
    fn of(file: File) -> Result<Self, StoreError> {
        let identity = file.metadata().ok().as_ref().map(identity);
        Ok(Self { file: FileBackend::new(file).map_err(redb::Error::from)?, identity, is_read_only: false })
    }
}

fn lock(file: &File) -> Result<(), StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }
}

/// Whether the system lets this person read at the most.
fn is_refused(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// Prints no path.
impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Disk")
    }
}

/// The folder that a file lies in, when its path names one.
fn folder_of(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty())
}

/// Makes the name of a new or renamed file as durable as its content.
#[cfg(unix)]
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path).unwrap_or(Path::new(".")))?.sync_all()
}

/// Elsewhere a folder cannot be synced; the file system's own journal keeps names.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Has a file that is being made readable by its owner alone.
#[cfg(unix)]
pub fn owner_only(options: &mut OpenOptions) -> &OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

/// Elsewhere a file takes the permissions of the folder, which lies in the person's own profile.
#[cfg(not(unix))]
pub fn owner_only(options: &mut OpenOptions) -> &OpenOptions {
    options
}

#[cfg(unix)]
fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// A file that was copied or unpacked may have come with permissions for everybody.
#[cfg(unix)]
fn restrict(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(());
    }
    permissions.set_mode(0o600);
    // A file system without permissions refuses; the file is no more open than it was, and must stay usable.
    let _ = file.set_permissions(permissions);
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_held_is_refused_to_a_second_handle_and_free_once_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("practice.vault");
        let held = Disk::create(&path).unwrap();
        assert_eq!(Disk::open(&path).err(), Some(StoreError::InUse));
        drop(held);
        assert!(Disk::open(&path).is_ok());
    }

    #[test]
    fn a_name_that_is_taken_is_refused_and_a_missing_file_is_named_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("practice.vault");
        assert_eq!(Disk::open(&path).err(), Some(StoreError::Missing));
        drop(Disk::create(&path).unwrap());
        assert_eq!(Disk::create(&path).err(), Some(StoreError::Exists));
        assert_eq!(Disk::open(folder.path()).err(), Some(StoreError::NotAVault));
    }

    #[cfg(unix)]
    #[test]
    fn file_and_folder_are_the_owners_alone_even_if_they_came_open_to_all() {
        use std::fs::{Permissions, metadata, set_permissions};
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("practice.vault");
        drop(Disk::create(&path).unwrap());
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        drop(Disk::open(&path).unwrap());
        assert_eq!(mode(&path), 0o600);
    }
}
