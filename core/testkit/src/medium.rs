//! A disk in memory: what a process would find after this one was killed can be looked at any time.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

/// Clones are the same medium, so that a test keeps a hand on it.
#[derive(Clone, Default)]
pub struct Medium {
    bytes: Arc<Mutex<Vec<u8>>>,
    looked_at: Arc<Mutex<Vec<bool>>>,
    /// Bytes that it takes; 0 for any number.
    room: Arc<AtomicU64>,
}

impl Medium {
    /// A medium with these bytes on it.
    pub fn holding(image: Vec<u8>) -> Self {
        Self { bytes: Arc::new(Mutex::new(image)), ..Self::default() }
    }

    /// What is on it now.
    pub fn image(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    /// Whether a byte was ever read.
    pub fn looked_at(&self, at: usize) -> bool {
        self.looked_at.lock().unwrap().get(at).copied().unwrap_or(false)
    }

    /// Takes no more than so many bytes from now on, what is on it already included; `None` for any number.
    pub fn limit(&self, room: Option<u64>) {
        self.room.store(room.unwrap_or(0), Ordering::SeqCst);
    }

    fn has_room_for(&self, end: u64) -> io::Result<()> {
        match self.room.load(Ordering::SeqCst) {
            room if room > 0 && end > room => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }
    }

    /// Changes one byte behind everybody's back.
    pub fn flip(&self, at: usize, bits: u8) {
        self.bytes.lock().unwrap()[at] ^= bits;
    }
}

impl StorageBackend for Medium {
    fn len(&self) -> io::Result<u64> {
        u64::try_from(self.bytes.lock().unwrap().len()).map_err(io::Error::other)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.bytes.lock().unwrap();
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let found = bytes.get(from..from + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        let mut looked_at = self.looked_at.lock().unwrap();
        let end = from + out.len();
        if looked_at.len() < end {
            looked_at.resize(end, false);
        }
        looked_at[from..end].fill(true);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.bytes.lock().unwrap().resize(usize::try_from(len).map_err(io::Error::other)?, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.has_room_for(offset + u64::try_from(data.len()).map_err(io::Error::other)?)?;
        let mut bytes = self.bytes.lock().unwrap();
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
