//! Where a backup goes: under a temporary name first, and under its own when it is proven, never over anything.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};

use super::BackupError;
use super::about::Origin;
use crate::id::Hash;
use crate::kdf;
use crate::store::{name_new, owner_only};

/// Bytes at the beginning of a backup that are like no other's: the header of its age file is made anew each time.
const START: u64 = 4_096;

/// Where a backup is to go.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// Into this folder, under a name made from practice and time; older ones go by rotation.
    Folder(PathBuf),
    /// Into exactly this file, which must not be there. Never rotated.
    File(PathBuf),
}

impl Target {
    /// A folder that is there means a folder, everything else a file.
    pub fn of(path: &Path) -> Self {
        if path.is_dir() { Self::Folder(path.to_owned()) } else { Self::File(path.to_owned()) }
    }

    /// The folder that it will lie in.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder,
            Self::File(file) => file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")),
        }
    }

    /// The file that it will be.
    pub(crate) fn file(&self, origin: &Origin) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(file_name(origin)),
            Self::File(file) => file.clone(),
        }
    }
}

/// Prints no path.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Folder(_) => "Folder",
            Self::File(_) => "File",
        })
    }
}

/// `subrosa-1a2b3c4d-20261122T041500Z.age`: tells practices apart without naming one, and sorts by time. `latest` reads it back.
fn file_name(origin: &Origin) -> String {
    let practice: String = origin.practice.to_string().chars().take(8).collect();
    let made: String = origin.made.to_string().chars().filter(|letter| !matches!(letter, '-' | ':')).collect();
    format!("subrosa-{practice}-{made}.age")
}

/// A backup that is being written. Removed when it is dropped before it got its name.
pub(crate) struct Temporary {
    path: PathBuf,
    named: bool,
}

impl Temporary {
    /// Makes the file, in place of one that an interrupted run of the same device left. No two runs of one device meet: it
    /// holds its practice.
    pub(crate) fn create(target: &Target, origin: &Origin) -> Result<(Self, File), BackupError> {
        if !target.folder().is_dir() {
            return Err(BackupError::Away);
        }
        if fs::symlink_metadata(target.file(origin)).is_ok() {
            return Err(BackupError::Exists);
        }
        let device: String = origin.device.to_string().chars().take(16).collect();
        let path = target.folder().join(format!(".subrosa-{device}.part"));
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let file = owner_only(OpenOptions::new().read(true).write(true).create_new(true)).open(&path)?;
        Ok((Self { path, named: false }, file))
    }

    /// Makes what was written durable, and has later reads come from the disk where the system can be asked to.
    pub(crate) fn settle(&self, file: &File) -> Result<(), BackupError> {
        file.sync_all()?;
        forget_cached(file);
        Ok(())
    }

    /// Opens what was written, from its beginning.
    pub(crate) fn reopen(&self) -> Result<File, BackupError> {
        let mut file = File::open(&self.path)?;
        file.rewind()?;
        Ok(file)
    }

    /// Gives it its name, over nothing.
    pub(crate) fn name(mut self, file: &Path) -> Result<(), BackupError> {
        name_new(&self.path, file)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.named {
            // What cannot be removed now is removed at the next run.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Tells a backup from every other file: length, and the hash of how it begins.
pub(crate) fn fingerprint(file: &Path) -> io::Result<(u64, Hash)> {
    let mut start = Vec::new();
    let file = File::open(file)?;
    let len = file.metadata()?.len();
    file.take(START).read_to_end(&mut start)?;
    Ok((len, kdf::sha256(&start)))
}

#[cfg(target_os = "linux")]
fn forget_cached(file: &File) {
    // Advice: a system that does not take it reads from its memory, which was written from there.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn forget_cached(_: &File) {}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::backup::newest_in;
    use crate::backup::timestamp;
    use crate::id::DeviceId;

    fn origin() -> Origin {
        Origin { practice: Hash([0xAB; 32]), device: DeviceId([1; 16]), made: timestamp(1_790_000_000_000) }
    }

    #[test]
    fn a_backup_gets_its_name_last_and_never_over_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::of(folder.path());
        let (temporary, mut file) = Temporary::create(&target, &origin()).unwrap();
        file.write_all(b"sealed").unwrap();
        temporary.settle(&file).unwrap();
        let name = target.file(&origin());
        assert!(!name.exists());
        temporary.name(&name).unwrap();
        assert_eq!(name.file_name().unwrap(), "subrosa-abababab-20260921T141320Z.age");
        assert!(newest_in(folder.path()).unwrap().is_some_and(|newest| newest.file == name));
        assert_eq!(fs::read(&name).unwrap(), b"sealed");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(Temporary::create(&target, &origin()).err(), Some(BackupError::Exists));
        let other = Target::File(folder.path().join("other.age"));
        let (temporary, _) = Temporary::create(&other, &origin()).unwrap();
        assert_eq!(temporary.name(&name).err(), Some(BackupError::Exists));
        assert_eq!(fs::read(&name).unwrap(), b"sealed");
    }

    #[test]
    fn what_an_interrupted_run_left_is_gone_at_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::of(folder.path());
        let (temporary, _) = Temporary::create(&target, &origin()).unwrap();
        // As if the process had been killed.
        std::mem::forget(temporary);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let (temporary, _) = Temporary::create(&target, &origin()).unwrap();
        drop(temporary);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_away_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::Folder(folder.path().join("stick"));
        assert_eq!(Temporary::create(&target, &origin()).err(), Some(BackupError::Away));
    }
}
