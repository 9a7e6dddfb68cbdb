//! Backups that are opened with the kit: a new practice out of one, and what an existing practice lacks.
//!
//! Reading one from end to end needs no practice and goes on a thread of its own. What was opened lies, sealed, in a file
//! without a name until it is closed or the window locks.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use subrosa_core::backup::BackupError;
use subrosa_core::import;
use subrosa_core::secret::{Key, Passphrase, RecoveryRole};
use subrosa_core::vault::{BackupFile, Only, Vault, VaultError};

use crate::effect::{Effect, Job, KitSource};
use crate::event::{Event, Progress};
use crate::inside::Inside;
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::worker::Worker;
use crate::jobs::{Message, checking, notes, recovering, rows};
use crate::operations::repair;
use crate::operations::restore::{self, RestoredDevice};
use crate::{practice, words};

/// A backup that was opened, and the practice in it to look at.
pub(super) struct Opened {
    /// Which of the askings it answers: one that was given up meanwhile is dropped.
    ticket: u64,
    file: BackupFile,
    inside: Vault,
}

/// The backup that is looked at.
#[derive(Default)]
pub(super) struct Looking {
    ticket: u64,
    opened: Option<Box<Opened>>,
}

impl Worker {
    pub(super) fn restoring(&mut self, effect: Effect) -> Outcome {
        match effect {
            Effect::Salvage { passphrase, backup } => self.salvage(&passphrase, backup),
            Effect::Restore { file, kit, passphrase, instead } => self.restore(&file, &kit, &passphrase, instead),
            Effect::OpenBackup { file, kit } => self.open_backup(file, &kit),
            Effect::LookInto(client) => {
                self.inside(|inside| Ok(Event::LookedInto(Box::new(rows::timeline(inside, &client)?))))
            }
            Effect::ReadInside(note) => {
                self.inside(|inside| Ok(Event::InsideNote(Box::new(notes::show(inside, &note)?))))
            }
            Effect::BringBack(only) => self.bring_back(only),
            Effect::CloseBackup => {
                self.close_backup();
                Ok(None)
            }
            other => self.backups(other),
        }
    }

    /// A new practice out of a backup: where there is none, or instead of a file that does not open.
    fn restore(&mut self, file: &Path, kit: &KitSource, passphrase: &Passphrase, instead: bool) -> Outcome {
        self.begin_cancellable(Job::Restore);
        let (answers, cancel) = (self.answers.clone(), self.cancelled.stops(Job::Restore));
        let mut tell = |at: import::Progress| answers.send(Event::Progress(Job::Restore, shown(at)));
        let seed = recovering::read(kit)?;
        let (place, profile) = (self.setting.file.clone(), self.setting.profile);
        let failed = |error| failure(error, words::RESTORE_STOPPED);
        let backup = open(file, seed.duplicate(), &cancel).map_err(failed)?;
        let name = practice::device_name();
        let (device, tell) = (RestoredDevice { passphrase, name: &name, profile }, &mut tell);
        let restored = if instead {
            // Whoever tried the passphrase holds the file.
            self.locked = None;
            restore::restore_instead(&place, (&backup, &seed), device, tell, &cancel)
        } else {
            restore::restore(&place, (&backup, &seed), Only::Everything, device, tell, &cancel)
        };
        let (vault, _) = restored.map_err(failed)?;
        self.vault.put(vault);
        let mut opened = self.opened(false)?;
        if instead {
            let told = opened.warning.into_iter().chain([words::RESTORED_INSTEAD.to_owned()]);
            opened.warning = Some(told.collect::<Vec<_>>().join(" "));
        }
        self.start_syncing();
        Ok(Some(Event::Unlocked(Box::new(opened))))
    }

    fn open_backup(&mut self, file: PathBuf, kit: &KitSource) -> Outcome {
        self.close_backup();
        let seed = recovering::read(kit)?;
        self.begin_cancellable(Job::OpenBackup);
        let (answers, cancel, nudge) =
            (self.answers.clone(), self.cancelled.stops(Job::OpenBackup), self.nudge.clone());
        let (ticket, policy) = (self.looking.ticket, self.setting.profile.policy());
        let scratch = practice::folder_of(&self.setting.file);
        let work = move || {
            let mut tell = |at: import::Progress| answers.send(Event::Progress(Job::OpenBackup, shown(at)));
            let opened = open(&file, seed, &cancel).and_then(|file| {
                let inside = file.look(&scratch, policy, &mut tell, &cancel)?;
                Ok(Opened { ticket, file, inside })
            });
            match opened {
                // Only a worker that has ended does not listen.
                Ok(opened) => drop(nudge.send(Message::BackupOpened(Box::new(opened)))),
                Err(error) => match failure(error, words::LOOKING_STOPPED) {
                    Failure::Sentence(why) => answers.send(Event::Failed(Job::OpenBackup, why)),
                    Failure::Refused(refusal) => answers.send(Event::Refused(Job::OpenBackup, refusal)),
                },
            }
        };
        std::thread::Builder::new().name("open".to_owned()).spawn(work)?;
        Ok(None)
    }

    /// A backup is open. Whoever went elsewhere or locked meanwhile is shown nothing of it.
    pub(super) fn backup_opened(&mut self, opened: Box<Opened>) {
        if opened.ticket != self.looking.ticket || self.vault.is_locked() {
            return;
        }
        let clients = rows::clients(&opened.inside);
        let notes = opened.file.counts().notes;
        let made = u64::try_from(opened.file.origin().made.as_millisecond()).unwrap_or_default();
        self.looking.opened = Some(opened);
        let inside = Inside { made: rows::wall(made), clients, notes, page: None, note: None };
        self.answers.send(Event::BackupOpened(Box::new(inside)));
    }

    /// Forgets the backup that is looked at, and stops looking for one.
    pub(super) fn close_backup(&mut self) {
        self.cancelled.open_backup.store(true, Ordering::Relaxed);
        self.looking.ticket += 1;
        self.looking.opened = None;
    }

    fn inside(&self, work: impl FnOnce(&Vault) -> Result<Event, VaultError>) -> Outcome {
        match &self.looking.opened {
            Some(opened) => Ok(Some(work(&opened.inside)?)),
            None => Ok(None),
        }
    }

    fn bring_back(&mut self, only: Only) -> Outcome {
        let Some(opened) = &self.looking.opened else { return Ok(None) };
        self.begin_cancellable(Job::BringBack);
        let (answers, cancel) = (self.answers.clone(), self.cancelled.stops(Job::BringBack));
        let mut tell = |at: import::Progress| answers.send(Event::Progress(Job::BringBack, shown(at)));
        let scratch = practice::folder_of(&self.setting.file);
        let deleted = self.is_in_trash(only)?;
        let damaged = self.with(|vault| checking::last(vault))?.is_some_and(|check| !check.is_whole());
        if damaged {
            // What is to come back is listed as lacking first.
            let (file, answers) = (self.setting.file.clone(), self.answers.clone());
            let mut tell = |done, total| answers.send(Event::Progress(Job::BringBack, Progress { done, total }));
            self.with(|vault| repair::repair(vault, &file, &mut tell))?;
        }
        let done = self.vault.with(|vault| opened.file.merge_into(vault, only, &scratch, &mut tell, &cancel))?;
        // What came until it was stopped, or failed, is there and is shown.
        self.tell_devices();
        self.send_clients()?;
        if damaged {
            let found = self.check_through(&mut |_, _| {})?;
            let checked = found.map_or(Ok(None), |found| self.keep_check(&found))?;
            checked.into_iter().for_each(|checked| self.answers.send(checked));
        }
        let restored = done.map_err(|error| failure(error, words::BRINGING_STOPPED))?;
        Ok(Some(Event::BroughtBack(restored.envelopes + u64::from(deleted))))
    }

    /// Whether what is asked for was deleted: taken out of the trash, it is back although nothing of it had been missing.
    fn is_in_trash(&self, only: Only) -> Result<bool, Failure> {
        let (Only::Client(id) | Only::Note(id)) = only else { return Ok(false) };
        self.with(|vault| Ok(vault.trash(practice::now()).iter().any(|row| row.id == id)))
    }
}

/// Reads a backup from end to end.
pub(super) fn open(file: &Path, kit: Key<RecoveryRole>, cancel: &dyn Fn() -> bool) -> Result<BackupFile, BackupError> {
    if file.is_dir() {
        return Err(BackupError::NotABackup);
    }
    BackupFile::open(file, kit, cancel)
}

pub(super) fn shown(at: import::Progress) -> Progress {
    Progress { done: at.done, total: at.of }
}

/// In words for somebody who restores; the sentences of the core speak to somebody who makes a backup.
pub(super) fn failure(error: BackupError, stopped: &str) -> Failure {
    let words = match error {
        BackupError::Stopped => stopped,
        BackupError::Away => words::BACKUP_NOT_THERE,
        BackupError::Full => words::RESTORE_FULL,
        BackupError::Exists => words::RESTORE_TAKEN,
        BackupError::Vault(error) => return error.into(),
        other => return Failure::of(&other),
    };
    Failure::Sentence(words.to_owned())
}
