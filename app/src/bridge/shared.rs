//! One open practice, lent to whoever works on it: the window's jobs, the command line and the network.
//!
//! Refused: work on a practice that is locked, and work on one in whose middle a job has panicked. Such a practice is
//! closed at once: what is on disk was written in whole transactions, what was in memory is no longer to be trusted.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use subrosa_core::vault::{Millis, Vault};

/// Where the time comes from: milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// The clock of this machine.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
    })
}

/// The practice is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the practice is locked, so nothing was done; unlock it first")]
pub struct Locked;

/// An open practice that several threads work on, one at a time; or none, while it is locked.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Option<Vault>>>);

impl Shared {
    /// Shares an open practice.
    pub fn new(vault: Vault) -> Self {
        Self(Arc::new(Mutex::new(Some(vault))))
    }

    /// Puts a practice in that has been unlocked. What was there before is closed.
    pub fn put(&self, vault: Vault) {
        *self.hold() = Some(vault);
    }

    /// Takes the practice out, so that it can be locked: from here on everybody else finds it locked.
    pub fn take(&self) -> Option<Vault> {
        self.hold().take()
    }

    /// Works on the practice. After a failed write its file is opened anew first: there may be room by now.
    pub fn with<T>(&self, work: impl FnOnce(&mut Vault) -> T) -> Result<T, Locked> {
        let mut held = self.hold();
        let vault = held.as_mut().ok_or(Locked)?;
        if vault.is_poisoned() {
            // If it cannot be, reading goes on, and whoever wants to write is told.
            let _ = vault.reopen();
        }
        Ok(work(vault))
    }

    /// Whether there is none.
    pub fn is_locked(&self) -> bool {
        self.hold().is_none()
    }

    fn hold(&self) -> MutexGuard<'_, Option<Vault>> {
        self.0.lock().unwrap_or_else(|poisoned| {
            let mut guard = poisoned.into_inner();
            *guard = None;
            self.0.clear_poison();
            guard
        })
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use subrosa_core::store::StoreError;
    use subrosa_core::vault::VaultError;

    use super::*;
    use crate::bridge::filling;

    #[test]
    fn what_cannot_be_saved_is_said_each_time_and_saved_once_there_is_room() {
        let (folder, full) = (tempfile::tempdir().unwrap(), Arc::new(AtomicBool::new(false)));
        let shared = Shared::new(filling::practice(folder.path(), &full));
        let keep = |text: &[u8]| shared.with(|vault| vault.keep_setting("typed", text)).unwrap();
        assert_eq!(keep(b"before"), Ok(()));
        full.store(true, Ordering::Relaxed);
        assert_eq!(keep(b"after"), Err(VaultError::Store(StoreError::Full)));
        assert_eq!(keep(b"after"), Err(VaultError::Store(StoreError::Full)));
        assert_eq!(shared.with(|vault| vault.setting("typed")).unwrap(), Ok(Some(b"before".to_vec())));
        full.store(false, Ordering::Relaxed);
        assert_eq!(keep(b"after"), Ok(()));
        assert_eq!(shared.with(|vault| vault.setting("typed")).unwrap(), Ok(Some(b"after".to_vec())));
    }
}
