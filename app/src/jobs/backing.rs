//! The backup by schedule: a few megabytes at a time while nobody asks for anything, the proof on a thread of its own.
//!
//! What comes of it is in the practice: [`Vault::last_backup`] and [`Vault::last_backup_failure`], which the window shows.
//! Locking stops what is under way; nothing of it is left, and it is due again after the next unlocking.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use subrosa_core::backup::{BackupError, BackupRecord, Next, Target};
use subrosa_core::vault::{Millis, Proven, Step, Vault, Writing};

/// How often the schedule is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// The backup that is due or under way.
#[derive(Default)]
pub(super) struct Backing {
    looked: Option<Instant>,
    work: Work,
}

#[derive(Default)]
enum Work {
    #[default]
    Nothing,
    Writing(Box<Writing>),
    Proving(JoinHandle<Result<Proven, BackupError>>, Arc<AtomicBool>),
}

/// What a backup came to.
pub(super) type Done = Result<BackupRecord, BackupError>;

impl Backing {
    /// Whether there is something to write now, so that it is not waited for.
    pub(super) fn is_writing(&self) -> bool {
        matches!(self.work, Work::Writing(_))
    }

    /// Does the next piece of what is due. `Some` when a backup was made, or could not be; that is remembered.
    pub(super) fn go_on(&mut self, vault: &mut Vault, now: Millis) -> Option<Done> {
        let done = match std::mem::take(&mut self.work) {
            Work::Nothing => self.begin(vault, now),
            Work::Writing(writing) => self.write(*writing, vault),
            Work::Proving(proof, _) if proof.is_finished() => match proof.join() {
                Ok(proven) => proven.and_then(|proven| vault.keep_backup(proven)).map(Some),
                Err(_) => Err(BackupError::NotThePractice),
            },
            proving @ Work::Proving(..) => {
                self.work = proving;
                Ok(None)
            }
        };
        if let Err(error) = &done {
            // Where not even this can be kept, the practice says so itself.
            let _ = vault.backup_failed(error, now);
        }
        done.transpose()
    }

    /// Stops what is under way; nothing of it is left when this returns.
    pub(super) fn stop(&mut self) {
        if let Work::Proving(proof, cancel) = std::mem::take(&mut self.work) {
            cancel.store(true, Ordering::Relaxed);
            // Proven or not, it is dropped, and with it its file.
            let _ = proof.join();
        }
        self.looked = None;
    }

    fn begin(&mut self, vault: &mut Vault, now: Millis) -> Result<Option<BackupRecord>, BackupError> {
        if self.looked.is_some_and(|at| at.elapsed() < LOOK) {
            return Ok(None);
        }
        self.looked = Some(Instant::now());
        let settings = vault.backup_settings()?;
        if let (Next::Due, Some(folder)) = (vault.next_backup(now)?, settings.folder) {
            let writing = vault.begin_backup(&Target::Folder(folder), settings.readable, now)?;
            self.work = Work::Writing(Box::new(writing));
        }
        Ok(None)
    }

    fn write(&mut self, mut writing: Writing, vault: &mut Vault) -> Result<Option<BackupRecord>, BackupError> {
        if writing.step(vault)? != Step::Written {
            self.work = Work::Writing(Box::new(writing));
            return Ok(None);
        }
        let proving = writing.into_proof(vault)?;
        let cancel = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&cancel);
        let proof = std::thread::Builder::new()
            .name("backup".to_owned())
            .spawn(move || proving.run(&mut |_| {}, &|| asked.load(Ordering::Relaxed)))?;
        self.work = Work::Proving(proof, cancel);
        Ok(None)
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use subrosa_core::backup::{BackupSettings, Every};
    use subrosa_core::secret::Passphrase;

    use super::*;
    use crate::practice::{self, Profile};

    fn done(backing: &mut Backing, vault: &mut Vault, now: Millis) -> Option<Done> {
        // Each turn is what the worker does when nothing waits for it.
        (0..1_000_000).find_map(|_| {
            backing.looked = None;
            std::thread::yield_now();
            backing.go_on(vault, now)
        })
    }

    #[test]
    fn a_backup_that_is_due_is_made_quietly_and_one_that_cannot_be_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        let file = folder.path().join("practice");
        let mut vault = practice::create(&file, &passphrase, "Here", Profile::Tests).unwrap().vault;
        let stick = folder.path().join("stick");
        let settings = BackupSettings { folder: Some(stick.clone()), every: Every::Day, readable: true };
        vault.keep_backup_settings(&settings).unwrap();
        let (mut backing, now) = (Backing::default(), practice::now());
        assert_eq!(done(&mut backing, &mut vault, now), Some(Err(BackupError::Away)));
        assert!(vault.last_backup_failure().unwrap().is_some());
        std::fs::create_dir(&stick).unwrap();
        let later = now + 3_600_000;
        let record = done(&mut backing, &mut vault, later).unwrap().unwrap();
        assert_eq!(vault.last_backup().unwrap(), Some(record));
        assert_eq!(vault.last_backup_failure().unwrap(), None);
        assert_eq!(std::fs::read_dir(&stick).unwrap().count(), 1);
        // Stopped in the middle: nothing is left.
        let tomorrow = later + 24 * 3_600_000;
        backing.looked = None;
        assert_eq!(backing.go_on(&mut vault, tomorrow), None);
        assert!(backing.is_writing());
        backing.stop();
        assert_eq!(std::fs::read_dir(&stick).unwrap().count(), 1);
    }
}
