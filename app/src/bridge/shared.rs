//! One open practice, lent to whoever works on it: the window's jobs, the command line and the network.
//!
//! Refused: work on a practice that is locked. A practice in whose middle a job has panicked is opened anew: its file was
//! written in whole transactions and is read again, and what the job left in memory is thrown away. Where that fails, the
//! practice is closed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
pub struct Shared(Arc<Lent>);

/// The practice, and the turn of whoever gets it next. A lock alone is not fair: a thread that works in slices has it again
/// before one that waits has woken.
#[derive(Default)]
struct Lent {
    next: Mutex<()>,
    practice: Mutex<Option<Vault>>,
}

impl Shared {
    /// Shares an open practice.
    pub fn new(vault: Vault) -> Self {
        Self(Arc::new(Lent { next: Mutex::default(), practice: Mutex::new(Some(vault)) }))
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
        let next = self.0.next.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.0.practice.lock();
        drop(next);
        held.unwrap_or_else(|poisoned| {
            let mut guard = poisoned.into_inner();
            // Taken out first: should reading the file panic too, nobody holds the practice any more.
            let half_done = guard.take();
            *guard = half_done.and_then(read_anew);
            self.0.practice.clear_poison();
            guard
        })
    }
}

/// The practice as its file has it, with the keys that are there; private notes ask for their passphrase again.
fn read_anew(mut half_done: Vault) -> Option<Vault> {
    half_done.end_reauth();
    half_done.reopen().is_ok().then_some(half_done)
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    use subrosa_core::record::Identity;
    use subrosa_core::secret::Passphrase;
    use subrosa_core::store::StoreError;
    use subrosa_core::vault::RowError;

    use super::*;
    use crate::bridge::full_disk::{self, Disk, PASSPHRASE};

    #[test]
    fn what_cannot_be_saved_is_said_each_time_and_saved_once_there_is_room() {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let shared = Shared::new(full_disk::practice(folder.path(), &disk));
        let keep = |text: &[u8]| shared.with(|vault| vault.keep_setting("typed", text)).unwrap();
        assert_eq!(keep(b"before"), Ok(()));
        disk.set(Disk::FULL);
        assert_eq!(keep(b"after"), Err(RowError::Store(StoreError::Full)));
        assert_eq!(keep(b"after"), Err(RowError::Store(StoreError::Full)));
        assert_eq!(shared.with(|vault| vault.setting("typed")).unwrap(), Ok(Some(b"before".to_vec())));
        disk.set(Disk::WORKS);
        assert_eq!(keep(b"after"), Ok(()));
        assert_eq!(shared.with(|vault| vault.setting("typed")).unwrap(), Ok(Some(b"after".to_vec())));
    }

    #[test]
    fn who_works_in_slices_without_a_pause_lets_others_in_between() {
        const TURNS: usize = 30;
        let shared = Shared::default();
        let (other, slices) = (shared.clone(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&slices);
        let waiting = thread::spawn(move || {
            let mut waited = 0;
            for _ in 0..TURNS {
                thread::sleep(Duration::from_millis(1));
                let asked = count.load(Ordering::Relaxed);
                drop(other.hold());
                waited += count.load(Ordering::Relaxed) - asked;
            }
            waited
        });
        while !waiting.is_finished() && slices.load(Ordering::Relaxed) < 2_000 {
            let (held, since) = (shared.hold(), Instant::now());
            while since.elapsed() < Duration::from_millis(1) {}
            slices.fetch_add(1, Ordering::Relaxed);
            drop(held);
        }
        let waited = waiting.join().unwrap();
        assert!(waited <= 4 * TURNS, "{waited} slices before {TURNS} turns");
    }

    #[test]
    fn a_practice_in_whose_middle_a_job_has_panicked_is_read_anew_and_private_notes_ask_again() {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let shared = Shared::new(full_disk::practice(folder.path(), &disk));
        let identity = |name: &str| Identity { name: name.to_owned(), ..Identity::default() };
        let add = |name: &str| shared.with(|vault| vault.clients_mut().add_client(&identity(name), 1)).unwrap();
        let names = || shared.with(|vault| vault.clients().all().map(|row| row.name.clone()).collect::<Vec<_>>());
        add("Aino").unwrap();
        let passphrase = Passphrase::new(PASSPHRASE.to_owned());
        shared.with(|vault| vault.reauthenticate(&passphrase, 1)).unwrap().unwrap();
        disk.set(Disk::BREAKS);
        assert!(catch_unwind(AssertUnwindSafe(|| add("Nora"))).is_err());
        disk.set(Disk::WORKS);
        assert_eq!(names(), Ok(vec!["Aino".to_owned()]));
        assert_eq!(shared.with(|vault| vault.reauth_until()), Ok(None));
        add("Nora").unwrap();
        assert_eq!(names().unwrap().len(), 2);
        assert_eq!(shared.with(|vault| vault.integrity().verify(&mut |_, _| {}).unwrap().damaged).unwrap(), []);
    }

    #[test]
    fn a_practice_that_cannot_be_read_anew_is_closed() {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let shared = Shared::new(full_disk::practice(folder.path(), &disk));
        disk.set(Disk::BREAKS_FOR_GOOD);
        assert!(catch_unwind(AssertUnwindSafe(|| shared.with(|vault| vault.keep_setting("a", b"b")))).is_err());
        assert!(shared.is_locked());
    }
}
