//! Backups, by schedule and when one is asked for: a few megabytes at a time while nobody asks for anything, the proof
//! on a thread of its own.
//!
//! What comes of it is in the practice: the last backup and the last failure, which the window shows.
//! Locking stops what is under way and leaves nothing of it but a word that it was to be made: after the next unlocking it is
//! begun again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use subrosa_core::backup::{BackupError, BackupRecord, NextBackup, Target};
use subrosa_core::vault::{Millis, Proven, RowError, Step, Vault, VaultError, Writing};

use crate::values::job::Progress;

/// How often the schedule is looked at.
const LOOK: Duration = Duration::from_secs(10);
/// Name of the setting that says into which folder one is under way; empty when none is.
const UNDER_WAY: &str = "backup under way";

/// Is told how far a backup is.
pub(crate) type Tell = Arc<dyn Fn(Progress) + Send + Sync>;

/// The backup that is due, asked for or under way.
pub(crate) struct BackupRun {
    tell: Tell,
    cancel: Arc<AtomicBool>,
    looked: Option<Instant>,
    /// The folder of one that is to be begun whatever the schedule says.
    asked_for: Option<PathBuf>,
    work: Work,
}

#[derive(Default)]
enum Work {
    #[default]
    Nothing,
    Writing(Box<Writing>),
    Proving(JoinHandle<Result<Proven, BackupError>>),
}

/// What a backup came to.
pub(crate) type BackupOutcome = Result<BackupRecord, BackupError>;

/// What a turn came to, where somebody has to be told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// One was begun.
    Begun,
    /// One was made, or could not be; that is remembered.
    Ended(BackupOutcome),
}

impl BackupRun {
    /// Nothing under way. `cancel` stops what is.
    pub(crate) fn new(tell: Tell, cancel: Arc<AtomicBool>) -> Self {
        Self { tell, cancel, looked: None, asked_for: None, work: Work::Nothing }
    }

    /// Whether there is something to do now, so that it is not waited for.
    pub(crate) fn is_writing(&self) -> bool {
        self.asked_for.is_some() || matches!(self.work, Work::Writing(_))
    }

    /// Asks for one into this folder. One that is under way already is the one that was asked for.
    pub(crate) fn ask(&mut self, vault: &mut Vault, folder: PathBuf) -> Result<(), VaultError> {
        if matches!(self.work, Work::Nothing) {
            self.cancel.store(false, Ordering::Relaxed);
            under_way(vault, &folder)?;
            self.asked_for = Some(folder);
        }
        Ok(())
    }

    /// Takes up what was stopped before the practice was opened. Whether there was something.
    pub(crate) fn take_up(&mut self, vault: &Vault) -> bool {
        let row = vault.setting(UNDER_WAY).ok().flatten().unwrap_or_default();
        self.cancel.store(false, Ordering::Relaxed);
        self.asked_for = String::from_utf8(row).ok().filter(|folder| !folder.is_empty()).map(PathBuf::from);
        self.asked_for.is_some()
    }

    /// Does the next piece of what is due.
    pub(crate) fn go_on(&mut self, vault: &mut Vault, now: Millis) -> Option<Turn> {
        let turn = match std::mem::take(&mut self.work) {
            Work::Nothing => self.begin(vault, now),
            Work::Writing(writing) => self.write(*writing, vault),
            Work::Proving(proof) if proof.is_finished() => match proof.join() {
                Ok(proven) => proven
                    .and_then(|proven| vault.backups_mut().keep_backup(proven))
                    .map(|made| Some(Turn::Ended(Ok(made)))),
                Err(_) => Err(BackupError::NotThePractice),
            },
            proving @ Work::Proving(..) => {
                self.work = proving;
                Ok(None)
            }
        };
        let turn = turn.unwrap_or_else(|error| {
            // Where not even this can be kept, the practice says so itself.
            let _ = vault.backups_mut().backup_failed(&error, now);
            Some(Turn::Ended(Err(error)))
        });
        if let Some(Turn::Ended(_)) = turn {
            let _ = vault.keep_setting(UNDER_WAY, &[]);
        }
        turn
    }

    /// Stops what is under way; nothing of it is left when this returns, but that it is to be made.
    pub(crate) fn stop(&mut self) {
        if let Work::Proving(proof) = std::mem::take(&mut self.work) {
            self.cancel.store(true, Ordering::Relaxed);
            // Proven or not, it is dropped, and with it its file.
            let _ = proof.join();
        }
        self.looked = None;
        self.asked_for = None;
    }

    fn begin(&mut self, vault: &mut Vault, now: Millis) -> Result<Option<Turn>, BackupError> {
        let settings = vault.backups().backup_settings()?;
        let asked = self.asked_for.take();
        let folder = if let Some(folder) = asked {
            folder
        } else {
            if self.looked.is_some_and(|at| at.elapsed() < LOOK) {
                return Ok(None);
            }
            self.looked = Some(Instant::now());
            let (NextBackup::Due, Some(folder)) = (vault.backups().next_backup(now)?, settings.folder) else {
                return Ok(None);
            };
            self.cancel.store(false, Ordering::Relaxed);
            under_way(vault, &folder)?;
            folder
        };
        let writing = vault.backups_mut().begin_backup(&Target::Folder(folder), settings.readable, now)?;
        self.work = Work::Writing(Box::new(writing));
        Ok(Some(Turn::Begun))
    }

    /// Half of the way is writing, the other half is proving.
    fn write(&mut self, mut writing: Writing, vault: &mut Vault) -> Result<Option<Turn>, BackupError> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(BackupError::Stopped);
        }
        if let Step::More(at) = writing.step(vault)? {
            (self.tell)(Progress { done: at.done, total: 2 * at.of });
            self.work = Work::Writing(Box::new(writing));
            return Ok(None);
        }
        let proving = writing.into_proof(vault)?;
        let (asked, tell) = (Arc::clone(&self.cancel), Arc::clone(&self.tell));
        let proof = std::thread::Builder::new().name("backup".to_owned()).spawn(move || {
            let mut told =
                |at: subrosa_core::import::Progress| tell(Progress { done: at.of + at.done, total: 2 * at.of });
            proving.run(&mut told, &|| asked.load(Ordering::Relaxed))
        })?;
        self.work = Work::Proving(proof);
        Ok(None)
    }
}

impl Drop for BackupRun {
    fn drop(&mut self) {
        self.stop();
    }
}

fn under_way(vault: &mut Vault, folder: &Path) -> Result<(), RowError> {
    vault.keep_setting(UNDER_WAY, folder.to_string_lossy().as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::practice;
    use subrosa_core::backup::{BackupSettings, Every};
    use subrosa_core::secret::Passphrase;

    use super::*;
    use crate::practice::Profile;

    fn idle() -> BackupRun {
        BackupRun::new(Arc::new(|_| {}), Arc::default())
    }

    fn done(backing: &mut BackupRun, vault: &mut Vault, now: Millis) -> Option<BackupOutcome> {
        // Each turn is what the worker does when nothing waits for it.
        (0..1_000_000).find_map(|_| {
            backing.looked = None;
            std::thread::yield_now();
            match backing.go_on(vault, now) {
                Some(Turn::Ended(done)) => Some(done),
                _ => None,
            }
        })
    }

    fn practice(folder: &Path) -> Vault {
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        practice::create(&folder.join("practice"), &passphrase, "Here", Profile::Tests).unwrap().vault
    }

    #[test]
    fn a_backup_that_is_due_is_made_quietly_and_one_that_cannot_be_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let mut vault = practice(folder.path());
        let stick = folder.path().join("stick");
        let settings = BackupSettings { folder: Some(stick.clone()), every: Every::Day, readable: true };
        vault.backups_mut().keep_backup_settings(&settings).unwrap();
        let (mut backing, now) = (idle(), practice::now());
        assert_eq!(done(&mut backing, &mut vault, now), Some(Err(BackupError::Away)));
        assert!(vault.backups().last_backup_failure().unwrap().is_some());
        std::fs::create_dir(&stick).unwrap();
        let later = now + 3_600_000;
        let record = done(&mut backing, &mut vault, later).unwrap().unwrap();
        assert_eq!(vault.backups().last_backup().unwrap(), Some(record));
        assert_eq!(vault.backups().last_backup_failure().unwrap(), None);
        assert_eq!(std::fs::read_dir(&stick).unwrap().count(), 1);
        // Stopped in the middle: nothing is left.
        let tomorrow = later + 24 * 3_600_000;
        backing.looked = None;
        assert_eq!(backing.go_on(&mut vault, tomorrow), Some(Turn::Begun));
        assert!(backing.is_writing());
        backing.stop();
        assert_eq!(std::fs::read_dir(&stick).unwrap().count(), 1);
        assert!(idle().take_up(&vault), "it is taken up after the next unlocking");
    }

    #[test]
    fn one_that_was_asked_for_and_stopped_by_a_lock_is_made_after_it_without_a_schedule() {
        let folder = tempfile::tempdir().unwrap();
        let mut vault = practice(folder.path());
        let stick = folder.path().join("stick");
        std::fs::create_dir(&stick).unwrap();
        let (mut backing, now) = (idle(), practice::now());
        assert!(!backing.take_up(&vault));
        backing.ask(&mut vault, stick.clone()).unwrap();
        assert_eq!(backing.go_on(&mut vault, now), Some(Turn::Begun));
        backing.stop();
        assert_eq!((std::fs::read_dir(&stick).unwrap().count(), vault.backups().last_backup().unwrap()), (0, None));

        let mut after = idle();
        assert!(after.take_up(&vault));
        assert!(done(&mut after, &mut vault, now).unwrap().is_ok());
        assert_eq!(std::fs::read_dir(&stick).unwrap().count(), 1);
        assert!(!idle().take_up(&vault), "it is made");
    }

    #[test]
    fn one_that_was_cancelled_is_not_taken_up_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut vault = practice(folder.path());
        let cancel = Arc::new(AtomicBool::new(false));
        let mut backing = BackupRun::new(Arc::new(|_| {}), Arc::clone(&cancel));
        backing.ask(&mut vault, folder.path().to_owned()).unwrap();
        assert_eq!(backing.go_on(&mut vault, practice::now()), Some(Turn::Begun));
        cancel.store(true, Ordering::Relaxed);
        assert_eq!(done(&mut backing, &mut vault, practice::now()), Some(Err(BackupError::Stopped)));
        assert!(vault.backups().last_backup_failure().unwrap().is_some() && !idle().take_up(&vault));
        assert!(std::fs::read_dir(folder.path()).unwrap().all(|file| !file.unwrap().path().ends_with(".part")));
    }
}
