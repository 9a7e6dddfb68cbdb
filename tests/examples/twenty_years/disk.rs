//! A file that holds a practice, without the syncs: they take a disk's time, and what is measured here is what lies in the file and
//! what is done in memory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use subrosa_core::store::{RedbStore, StorageBackend};

/// Such a file.
#[derive(Debug)]
struct UnsyncedFile(Mutex<File>);

/// The store in a file, which is made where there is none.
pub(crate) fn store_in(path: &Path) -> RedbStore {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    RedbStore::over(UnsyncedFile(Mutex::new(file.expect("the file opens")))).expect("the store opens")
}

impl UnsyncedFile {
    fn at(&self, offset: u64) -> io::Result<MutexGuard<'_, File>> {
        let mut file = self.held();
        file.seek(SeekFrom::Start(offset))?;
        Ok(file)
    }

    fn held(&self) -> MutexGuard<'_, File> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StorageBackend for UnsyncedFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.held().metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.at(offset)?.read_exact(out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.held().set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.at(offset)?.write_all(data)
    }
}
