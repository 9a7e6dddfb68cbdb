//! Files that are attached: what of the system can be, and how it is read.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// A file of the system that is to be attached.
#[derive(Debug)]
pub(crate) struct FileToAttach {
    /// Open for reading.
    pub(crate) file: File,
    /// The last part of its path.
    pub(crate) name: String,
    /// Its length in bytes.
    pub(crate) length: u64,
}

impl FileToAttach {
    /// Opens a file; `None` for a folder, or for something that has no length. That is looked at first: opening some of those
    /// waits for ever.
    ///
    /// # Errors
    /// [`io::Error`].
    pub(crate) fn open(path: &Path) -> io::Result<Option<Self>> {
        let about = fs::metadata(path)?;
        if !about.is_file() {
            return Ok(None);
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Some(Self { file: File::open(path)?, name, length: about.len() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_opened_under_its_own_name_and_a_folder_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter.pdf");
        fs::write(&path, b"%PDF").unwrap();
        let opened = FileToAttach::open(&path).unwrap().unwrap();
        assert_eq!((opened.name.as_str(), opened.length), ("letter.pdf", 4));
        assert!(FileToAttach::open(folder.path()).unwrap().is_none());
        assert!(FileToAttach::open(&folder.path().join("nothing")).is_err());
    }
}
