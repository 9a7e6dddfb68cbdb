//! A practice's file while it is made: beside its place, and named when everything is in it.
//!
//! So a crash on the way leaves no file that looks like a practice and is none: the next start finds nothing there, and begins
//! again. What was left beside is taken away then.

use std::path::{Path, PathBuf};

use subrosa_core::store::{self, RedbStore, StoreError};

use super::{beside, remove};

/// A file that has not got its name yet. Dropped without one, it goes.
#[derive(Debug)]
pub struct Making {
    file: PathBuf,
    part: PathBuf,
    named: bool,
}

impl Making {
    /// Begins at a place where nothing is.
    ///
    /// # Errors
    /// [`StoreError::Exists`], and [`StoreError::InUse`] while another process makes a practice there.
    pub fn begin(file: &Path) -> Result<Self, StoreError> {
        if file.exists() {
            return Err(StoreError::Exists);
        }
        let part = beside(file, ".making");
        if part.exists() && matches!(RedbStore::open(&part), Err(StoreError::InUse)) {
            return Err(StoreError::InUse);
        }
        // What a crash left: it never had a name.
        remove(&part);
        Ok(Self { file: file.to_owned(), part, named: false })
    }

    /// Where it lies until then.
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// The empty file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn store(&self) -> Result<RedbStore, StoreError> {
        RedbStore::create(&self.part)
    }

    /// Gives it its name, over nothing.
    ///
    /// # Errors
    /// [`StoreError::Exists`], and what the system says.
    pub fn finish(mut self) -> Result<(), StoreError> {
        store::name_new(&self.part, &self.file)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if !self.named {
            remove(&self.part);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_crash_while_a_practice_is_made_leaves_its_place_free_and_is_tidied_up_at_the_next_try() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.subrosa");
        let making = Making::begin(&file).unwrap();
        let store = making.store().unwrap();
        assert_eq!(Making::begin(&file).err(), Some(StoreError::InUse), "somebody is at it");
        // As after a kill: nobody tidies up.
        std::mem::forget(making);
        drop(store);
        assert!(!file.exists(), "the next start finds nothing there");
        let making = Making::begin(&file).unwrap();
        drop(making.store().unwrap());
        making.finish().unwrap();
        assert!(file.exists() && fs::read_dir(folder.path()).unwrap().count() == 1);
        assert_eq!(Making::begin(&file).err(), Some(StoreError::Exists));
    }

    #[test]
    fn a_file_that_came_there_meanwhile_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.subrosa");
        let making = Making::begin(&file).unwrap();
        drop(making.store().unwrap());
        fs::write(&file, "somebody else's").unwrap();
        assert_eq!(making.finish().err(), Some(StoreError::Exists));
        assert_eq!(fs::read_to_string(&file).unwrap(), "somebody else's");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
