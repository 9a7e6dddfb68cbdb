//! What the window asks of backups: the folder and the schedule, one now, how it stands with them, what comes back.

use std::path::PathBuf;

use subrosa_core::backup::BackupSettings;

use crate::features::backup::job::run::{BackupOutcome, Turn};
use crate::features::backup::job::standing::how_it_stands;
use crate::features::backup::messages::{BackupEffect, BackupEvent};
use crate::jobs::bench::{BackupWork, Bench};
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::{practice, words};

pub(crate) mod in_hand;
pub(crate) mod restoring;
pub(crate) mod run;
pub(crate) mod standing;

pub(crate) fn answer(bench: &mut Bench, effect: BackupEffect) -> JobOutcome {
    match effect {
        BackupEffect::Keep { folder, every, readable } => {
            keep_backups(bench, &BackupSettings { folder, every, readable })
        }
        BackupEffect::Make { folder } => back_up(bench, folder),
        BackupEffect::Restore { file, kit, passphrase, instead } => {
            restoring::restore(bench, &file, &kit, &passphrase, instead)
        }
        BackupEffect::Open { file, kit } => restoring::open_backup(bench, file, &kit),
        BackupEffect::LookInto(client) => restoring::look_into(bench, &client),
        BackupEffect::Read(note) => restoring::read_inside(bench, &note),
        BackupEffect::BringBack(scope) => restoring::bring_back(bench, scope),
        BackupEffect::Close => {
            restoring::close_backup(bench);
            Ok(None)
        }
    }
}

/// A folder that is not there is refused only when it is new: a stick may be away while the rest is changed.
fn keep_backups(bench: &Bench, settings: &BackupSettings) -> JobOutcome {
    let before = bench.with(|vault| Ok(vault.backups().backup_settings()?))?;
    if settings.folder != before.folder && settings.folder.as_deref().is_some_and(|folder| !folder.is_dir()) {
        return Err(JobFailure::Sentence(words::BACKUP_NO_FOLDER.to_owned()));
    }
    bench.with(|vault| Ok(vault.backups_mut().keep_backup_settings(settings)?))?;
    how_it_stands(bench).map(|backups| Some(Event::Backup(BackupEvent::Status(Box::new(backups)))))
}

/// It is made between other things; its answer comes when it is done.
fn back_up(bench: &mut Bench, folder: PathBuf) -> JobOutcome {
    let settings = bench.with(|vault| Ok(vault.backups().backup_settings()?))?;
    if settings.folder.as_ref() != Some(&folder) && folder.is_dir() {
        bench.with(|vault| {
            Ok(vault
                .backups_mut()
                .keep_backup_settings(&BackupSettings { folder: Some(folder.clone()), ..settings })?)
        })?;
    }
    let Bench { vault, backup: BackupWork { run, .. }, .. } = bench;
    vault.with(|vault| run.ask(vault, folder))??;
    Ok(None)
}

/// Does the next piece of a backup, in a moment in which nothing is asked.
pub(crate) fn go_on_backing_up(bench: &mut Bench) {
    let Bench { vault, backup: BackupWork { run, .. }, .. } = bench;
    match vault.with(|vault| run.go_on(vault, practice::now())) {
        Ok(Some(Turn::Begun)) => bench.answers.send(BackupEvent::Begun),
        Ok(Some(Turn::Ended(done))) => backed_up(bench, &done),
        Ok(None) | Err(_) => {}
    }
}

fn backed_up(bench: &Bench, done: &BackupOutcome) {
    if let Ok(backups) = how_it_stands(bench) {
        bench.answers.send(BackupEvent::Ended(Box::new(backups), done.is_ok()));
    }
}
