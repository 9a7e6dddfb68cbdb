//! Files that are read and written beside the practice: read with a cap, written for the owner's eyes alone, over nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use subrosa_core::store;
use zeroize::Zeroizing;

/// Writes a new file. A name that is taken is refused; a file that could not be finished does not stay.
///
/// # Errors
/// [`io::Error`].
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fill_new(path, |file| file.write_all(bytes))
}

/// Makes a new file and has it written. A name that is taken is refused; half a file must not pass for one, and does not stay.
///
/// # Errors
/// [`io::Error`], and what the writing ends with.
pub(crate) fn fill_new<T, E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<T, E>,
) -> Result<T, E> {
    let mut file = create_new(path)?;
    let written = write(&mut file).and_then(|done| {
        file.sync_all()?;
        Ok(done)
    });
    drop(file);
    written.inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// Makes a new file and leaves it open.
///
/// # Errors
/// [`io::Error`]; a name that is taken is refused.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    owner_only(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// Looks whether a name is free, before work that would be in vain.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`].
pub(crate) fn refuse_taken(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => Ok(()),
    }
}

/// A file that gets its name when all of it is written; until then it lies beside. Dropped without it, it goes.
pub(crate) struct Unfinished {
    file: File,
    part: PathBuf,
    path: PathBuf,
    named: bool,
}

impl Unfinished {
    /// Begins one where nothing is.
    ///
    /// # Errors
    /// [`io::Error`]; a name that is taken is refused.
    pub(crate) fn begin(path: &Path) -> io::Result<Self> {
        refuse_taken(path)?;
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        // What an ended program left under it was never whole.
        let _ = fs::remove_file(&part);
        Ok(Self { file: create_new(&part)?, part, path: path.to_owned(), named: false })
    }

    /// Gives it its name, over nothing.
    ///
    /// # Errors
    /// [`io::Error`].
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        store::name_new(&self.part, &self.path)?;
        self.named = true;
        Ok(())
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.named {
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Makes a folder that is not there yet.
///
/// # Errors
/// [`io::Error`].
pub(crate) fn new_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    owner_only_folder(&mut builder).create(path)
}

/// Reads a file; `None` when it is longer than that. There is room for all of it at once, so that no shorter copy is left
/// in memory.
///
/// # Errors
/// [`io::Error`].
pub(crate) fn read_at_most(path: &Path, most: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let room = most.saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    File::open(path)?.take(u64::try_from(room).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() <= most))
}

#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) -> &OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

/// Elsewhere a file takes the permissions of its folder.
#[cfg(not(unix))]
fn owner_only(options: &mut OpenOptions) -> &OpenOptions {
    options
}

#[cfg(unix)]
fn owner_only_folder(builder: &mut fs::DirBuilder) -> &fs::DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    builder.mode(0o700)
}

/// Elsewhere a folder takes the permissions of the one around it.
#[cfg(not(unix))]
fn owner_only_folder(builder: &mut fs::DirBuilder) -> &fs::DirBuilder {
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_leaves_nothing_when_it_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let mut file = Unfinished::begin(&path).unwrap();
        file.write_all(b"one").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert!(Unfinished::begin(&path).is_err());
        drop(Unfinished::begin(&folder.path().join("y")).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_whose_writing_fails_does_not_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let half = fill_new(&path, |file| {
            file.write_all(b"half")?;
            Err::<(), _>(io::Error::from(io::ErrorKind::InvalidData))
        });
        assert!(half.is_err() && !path.exists());
        assert_eq!(fill_new(&path, |file| file.write_all(b"whole").map(|()| 7)).unwrap(), 7);
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn a_name_that_is_taken_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        write_new(&file, b"one").unwrap();
        assert!(write_new(&file, b"two").is_err());
        assert_eq!(fs::read(&file).unwrap(), b"one");
        assert!(read_at_most(&file, 2).unwrap().is_none() && read_at_most(&file, 3).unwrap().is_some());
    }
}
