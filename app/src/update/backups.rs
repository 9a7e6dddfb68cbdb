//! Backups: where they go, how often, and one now.

use std::path::PathBuf;

use subrosa_core::backup::Every;

use super::{begin, finish, go, path, picking};
use crate::backups::Backups;
use crate::command::Command;
use crate::effect::{Effect, Job};
use crate::event::Progress;
use crate::model::{Done, Model, Screen};
use crate::pick::Pick;

/// Commands about backups, while a practice is open.
pub(super) fn update(model: &mut Model, command: Command) -> Vec<Effect> {
    let mut effects = Vec::new();
    if model.screen() != Some(Screen::Safety) {
        // On their screen, where progress and result are.
        effects = go(model, Screen::Safety);
    }
    let Some(kept) = model.practice().map(|practice| practice.backups.clone()) else { return effects };
    effects.extend(match (command, folder(model)) {
        (Command::BackUp, _) if model.progress(Job::Backup).is_some() => Vec::new(),
        (Command::BackUp, None) => picking::ask(model, Pick::BackUpInto),
        (Command::BackUp, Some(folder)) => begin(model, Effect::BackUp { folder }),
        (Command::KeepBackupFolder, None) => picking::ask(model, Pick::BackupFolder),
        (Command::KeepBackupFolder, folder) => keep(model, Backups { folder, ..kept }),
        (Command::BackupEvery(every), None) if every != Every::Never => {
            // By itself needs to know where to.
            let mut effects = keep(model, Backups { folder: None, every, ..kept });
            effects.extend(picking::ask(model, Pick::BackupFolder));
            effects
        }
        (Command::BackupEvery(every), folder) => keep(model, Backups { folder, every, ..kept }),
        (Command::BackupText(readable), folder) => keep(model, Backups { folder, readable, ..kept }),
        _ => Vec::new(),
    });
    effects
}

fn keep(model: &mut Model, wanted: Backups) -> Vec<Effect> {
    let Backups { folder, every, readable, .. } = wanted;
    begin(model, Effect::KeepBackups { folder, every, readable })
}

/// The folder in the field.
fn folder(model: &Model) -> Option<PathBuf> {
    Some(path(&model.typed.path)).filter(|folder| !folder.as_os_str().is_empty())
}

/// The field begins with the folder that is kept.
pub(super) fn at_safety(model: &mut Model) {
    let kept = model.practice().and_then(|practice| practice.backups.folder.as_ref());
    model.typed.path = kept.map(|folder| folder.display().to_string()).unwrap_or_default();
}

/// One was begun, by schedule or because it was asked for.
pub(super) fn begun(model: &mut Model) -> Vec<Effect> {
    if model.progress(Job::Backup).is_none() {
        model.busy.push((Job::Backup, Progress::default()));
    }
    Vec::new()
}

/// How it now stands; after one has ended, whether it was made.
pub(super) fn stand(model: &mut Model, backups: Backups, ended: Option<bool>) -> Vec<Effect> {
    finish(model, if ended.is_some() { Job::Backup } else { Job::Schedule });
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.backups = backups;
    if practice.screen == Screen::Safety && ended == Some(true) {
        practice.done = Some((Job::Backup, Done::BackedUp));
    }
    Vec::new()
}
