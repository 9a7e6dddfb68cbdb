//! What the window asks of backups: the folder and the schedule, one now, and how it stands with them.

use std::path::{Path, PathBuf};

use subrosa_core::backup::{BackupSettings, Next};
use subrosa_core::store::place;
use subrosa_core::vault::{Vault, VaultError};

use crate::backups::{Backups, Tested};
use crate::effect::Effect;
use crate::event::Event;
use crate::jobs::backing::{Backing, Done, Turn};
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::rows;
use crate::jobs::worker::Worker;
use crate::{practice, words};

impl Worker {
    pub(super) fn backups(&mut self, effect: Effect) -> Outcome {
        match effect {
            Effect::KeepBackups { folder, every, readable } => {
                self.keep_backups(&BackupSettings { folder, every, readable })
            }
            Effect::BackUp { folder } => self.back_up(folder),
            other => self.file(other),
        }
    }

    /// A folder that is not there is refused only when it is new: a stick may be away while the rest is changed.
    fn keep_backups(&self, settings: &BackupSettings) -> Outcome {
        let before = self.with(|vault| vault.backup_settings())?;
        if settings.folder != before.folder && settings.folder.as_deref().is_some_and(|folder| !folder.is_dir()) {
            return Err(Failure::Sentence(words::BACKUP_NO_FOLDER.to_owned()));
        }
        self.with(|vault| vault.keep_backup_settings(settings))?;
        self.how_it_stands().map(|backups| Some(Event::Backups(Box::new(backups))))
    }

    /// It is made between other things; its answer comes when it is done.
    fn back_up(&mut self, folder: PathBuf) -> Outcome {
        let settings = self.with(|vault| vault.backup_settings())?;
        if settings.folder.as_ref() != Some(&folder) && folder.is_dir() {
            self.with(|vault| {
                vault.keep_backup_settings(&BackupSettings { folder: Some(folder.clone()), ..settings })
            })?;
        }
        let Self { vault, backing, .. } = self;
        vault.with(|vault| backing.ask(vault, folder))??;
        Ok(None)
    }

    /// Does the next piece of a backup, in a moment in which nothing is asked.
    pub(super) fn go_on_backing_up(&mut self) {
        let Self { vault, backing, .. } = self;
        match vault.with(|vault| backing.go_on(vault, practice::now())) {
            Ok(Some(Turn::Begun)) => self.answers.send(Event::BackingUp),
            Ok(Some(Turn::Ended(done))) => self.backed_up(&done),
            Ok(None) | Err(_) => {}
        }
    }

    fn backed_up(&self, done: &Done) {
        if let Ok(backups) = self.how_it_stands() {
            self.answers.send(Event::BackedUp(Box::new(backups), done.is_ok()));
        }
    }

    pub(super) fn how_it_stands(&self) -> Result<Backups, Failure> {
        self.with(|vault| stands(vault, &self.setting.file))
    }

    /// What to say of a backup that locking has stopped. It is begun again.
    pub(super) fn take_up_backup(&mut self) -> Option<&'static str> {
        let Self { vault, backing, .. } = self;
        let taken_up = vault.with(|vault| Backing::take_up(backing, vault)).unwrap_or_default();
        taken_up.then_some(words::BACKUP_STOPPED)
    }
}

/// How it stands with the backups of this practice.
pub(super) fn stands(vault: &Vault, file: &Path) -> Result<Backups, VaultError> {
    let (settings, now) = (vault.backup_settings()?, practice::now());
    let next = match vault.next_backup(now)? {
        Next::Off => None,
        Next::Due => Some(now),
        Next::At(at) => Some(at),
    };
    let last = vault.last_backup()?.map(|record| Tested {
        older_kit: !vault.kit_opens(&record).unwrap_or(true),
        at: rows::wall(record.made),
        same_disk: record.same_disk,
        bytes: record.bytes,
        clients: record.counts.clients,
        notes: record.counts.notes,
        unreadable: record.counts.unreadable,
    });
    Ok(Backups {
        same_disk: settings.folder.as_deref().is_some_and(|folder| place::on_same_disk(folder, file)),
        folder: settings.folder,
        every: settings.every,
        readable: settings.readable,
        last,
        failed: vault.last_backup_failure()?.map(|tried| (rows::wall(tried.at), tried.words)),
        next: next.map(rows::wall),
    })
}
