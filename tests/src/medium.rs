//! A disk in memory: what a process would find after this one was killed can be looked at any time.

use std::io;
use std::sync::{Arc, Mutex};

use subrosa_core::store::StorageBackend;

/// Clones are the same medium, so that a test keeps a hand on it.
#[derive(Clone, Default)]
pub struct Medium(Arc<Mutex<Vec<u8>>>);

impl Medium {
    /// A medium with these bytes on it.
    pub fn holding(image: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(image)))
    }

    /// What is on it now.
    pub fn image(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }

    /// Changes one byte behind everybody's back.
    pub fn flip(&self, at: usize, bits: u8) {
        self.0.lock().unwrap()[at] ^= bits;
    }
}

impl StorageBackend for Medium {
    fn len(&self) -> io::Result<u64> {
        u64::try_from(self.0.lock().unwrap().len()).map_err(io::Error::other)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.0.lock().unwrap();
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let found = bytes.get(from..from + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().unwrap().resize(usize::try_from(len).map_err(io::Error::other)?, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut bytes = self.0.lock().unwrap();
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        bytes.get_mut(from..from + data.len()).ok_or(io::ErrorKind::UnexpectedEof)?.copy_from_slice(data);
        Ok(())
    }
}

impl std::fmt::Debug for Medium {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Medium")
    }
}
