//! Backups: where they go, how often, one now, and what comes back from one.

use std::path::PathBuf;

use subrosa_core::backup::Every;

use crate::features::backup::messages::{BackupCommand, BackupEffect, BackupEvent};
use crate::features::backup::values::BackupStatus;
use crate::messages::Effect;
use crate::model::{Done, Model};
use crate::update::begin::{begin, finish, path};
use crate::update::navigate::go;
use crate::update::picking;
use crate::values::job::{Job, Progress};
use crate::values::navigation::Screen;
use crate::values::pick::Pick;

pub(crate) mod looked_into;
pub(crate) mod restoring;

/// Commands about backups, while a practice is open.
pub(crate) fn update(model: &mut Model, command: BackupCommand) -> Vec<Effect> {
    match command {
        BackupCommand::Make => at_their_screen(model, make),
        BackupCommand::KeepFolder => at_their_screen(model, keep_folder),
        BackupCommand::Every(every) => at_their_screen(model, |model| set_schedule(model, every)),
        BackupCommand::Text(readable) => at_their_screen(model, |model| {
            let folder = folder(model);
            keep(model, |kept| BackupStatus { folder, readable, ..kept })
        }),
        BackupCommand::Open => restoring::open(model),
        BackupCommand::Close => restoring::forget(model),
        BackupCommand::LookInto(client) => restoring::look_into(model, client),
        BackupCommand::Read(note) => restoring::begin_reading(model, note),
        BackupCommand::BringBack(scope) => restoring::bring_back(model, scope),
    }
}

/// What jobs bring back of backups.
pub(crate) fn apply(model: &mut Model, event: BackupEvent) -> Vec<Effect> {
    match event {
        BackupEvent::Status(status) => stand(model, *status, None),
        BackupEvent::Begun => begun(model),
        BackupEvent::Ended(status, made) => stand(model, *status, Some(made)),
        BackupEvent::Offered { job, file, made } => restoring::offered(model, job, &file, made),
        BackupEvent::Opened(opened) => restoring::show(model, *opened),
        BackupEvent::LookedInto(page) => restoring::look(model, *page),
        BackupEvent::Note(note) => restoring::read(model, *note),
        BackupEvent::BroughtBack(changes) => restoring::brought_back(model, changes),
    }
}

/// On their screen, where progress and result are.
fn at_their_screen(model: &mut Model, work: impl FnOnce(&mut Model) -> Vec<Effect>) -> Vec<Effect> {
    let mut effects = if model.screen() == Some(Screen::Safety) { Vec::new() } else { go(model, Screen::Safety) };
    effects.extend(work(model));
    effects
}

fn make(model: &mut Model) -> Vec<Effect> {
    match folder(model) {
        _ if model.progress(Job::Backup).is_some() => Vec::new(),
        None => picking::ask(model, Pick::BackUpInto),
        Some(folder) => begin(model, BackupEffect::Make { folder }),
    }
}

fn keep_folder(model: &mut Model) -> Vec<Effect> {
    match folder(model) {
        None => picking::ask(model, Pick::BackupFolder),
        folder => keep(model, |kept| BackupStatus { folder, ..kept }),
    }
}

fn set_schedule(model: &mut Model, every: Every) -> Vec<Effect> {
    let folder = folder(model);
    // By itself needs to know where to.
    let unknown = folder.is_none() && every != Every::Never;
    let mut effects = keep(model, |kept| BackupStatus { folder, every, ..kept });
    if unknown {
        effects.extend(picking::ask(model, Pick::BackupFolder));
    }
    effects
}

fn keep(model: &mut Model, change: impl FnOnce(BackupStatus) -> BackupStatus) -> Vec<Effect> {
    let Some(kept) = model.practice().map(|practice| practice.backup.status.clone()) else { return Vec::new() };
    let BackupStatus { folder, every, readable, .. } = change(kept);
    begin(model, BackupEffect::Keep { folder, every, readable })
}

/// The folder in the field.
fn folder(model: &Model) -> Option<PathBuf> {
    Some(path(&model.typed.path)).filter(|folder| !folder.as_os_str().is_empty())
}

/// One was begun, by schedule or because it was asked for.
pub(crate) fn begun(model: &mut Model) -> Vec<Effect> {
    if model.progress(Job::Backup).is_none() {
        model.busy.push((Job::Backup, Progress::default()));
    }
    Vec::new()
}

/// How it now stands; after one has ended, whether it was made.
pub(crate) fn stand(model: &mut Model, backups: BackupStatus, ended: Option<bool>) -> Vec<Effect> {
    finish(model, if ended.is_some() { Job::Backup } else { Job::Schedule });
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.backup.status = backups;
    if practice.screen == Screen::Safety && ended == Some(true) {
        practice.done = Some((Job::Backup, Done::BackedUp));
    }
    Vec::new()
}
