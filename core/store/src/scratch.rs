//! A store that lives as long as it is used: without a name, and never synced, since nobody will open it again.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{RedbStore, Result, StorageBackend};

/// A store in a file without a name in this folder. What is in it is sealed like everything else.
pub fn scratch(folder: &Path) -> Result<RedbStore> {
    RedbStore::over(Unnamed(Mutex::new(tempfile::tempfile_in(folder)?)))
}

#[derive(Debug)]
struct Unnamed(Mutex<File>);

impl Unnamed {
    // Every use seeks first, so a cursor left anywhere by a panic does no harm.
    fn at(&self, offset: u64) -> io::Result<MutexGuard<'_, File>> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        Ok(file)
    }
}

impl StorageBackend for Unnamed {
    fn len(&self) -> io::Result<u64> {
        Ok(self.at(0)?.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.at(offset)?.read_exact(out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.at(0)?.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.at(offset)?.write_all(data)
    }
}
