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
