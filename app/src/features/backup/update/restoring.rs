//! A backup that is opened in a practice: looked into, and what is brought back from it.

use std::path::Path;

use jiff::civil::DateTime;
use subrosa_core::id::ClientId;

use crate::features::backup::messages::BackupEffect;
use crate::features::backup::update::looked_into::close;
use crate::features::backup::values::{BackupScope, OpenedBackup};
use crate::features::clients::messages::ClientsEffect;
use crate::messages::Effect;
use crate::model::{Done, Model, Trouble};
use crate::update::begin::{begin, finish, kit_source, path};
use crate::update::navigate::go;
use crate::update::picking;
use crate::values::job::Job;
use crate::values::navigation::{Field, Screen};
use crate::values::note_ref::NoteRef;
use crate::values::page::{OpenNote, Timeline};
use crate::values::pick::Pick;
use crate::view_model::may_open_backup;
use crate::words;

/// Whether the screen is shown on which a backup is looked into.
fn is_shown(model: &Model) -> bool {
    model.screen() == Some(Screen::Restore)
}

/// Opens the backup that was named; from another screen, goes where one is named.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    if !is_shown(model) {
        return go(model, Screen::Restore);
    }
    if model.progress(Job::OpenBackup).is_some() {
        return Vec::new();
    }
    if model.typed.path.trim().is_empty() {
        return picking::ask(model, Pick::BackupToRead);
    }
    if !may_open_backup(&model.typed) {
        model.focus = Some(Field::Kit);
        return Vec::new();
    }
    let (file, kit) = (path(&model.typed.path), kit_source(&model.typed, &model.typed.kit_path));
    begin(model, BackupEffect::Open { file, kit })
}

/// Forgets the backup that is looked into.
pub(crate) fn forget(model: &mut Model) -> Vec<Effect> {
    if !is_shown(model) {
        return Vec::new();
    }
    close(model);
    vec![BackupEffect::Close.into()]
}

/// To a client's page in the backup, or back to all clients.
pub(crate) fn look_into(model: &mut Model, client: Option<ClientId>) -> Vec<Effect> {
    match client {
        _ if !is_shown(model) => Vec::new(),
        Some(client) => begin(model, BackupEffect::LookInto(client)),
        None => with(model, |inside| (inside.page, inside.note) = (None, None)),
    }
}

/// Asks for a note in the backup.
pub(crate) fn begin_reading(model: &mut Model, note: NoteRef) -> Vec<Effect> {
    if is_shown(model) { begin(model, BackupEffect::Read(note)) } else { Vec::new() }
}

/// Brings back what is missing here.
pub(crate) fn bring_back(model: &mut Model, scope: BackupScope) -> Vec<Effect> {
    let opened = model.practice().is_some_and(|practice| practice.backup.opened.is_some());
    if is_shown(model) && opened { begin(model, BackupEffect::BringBack(scope)) } else { Vec::new() }
}

/// A folder was named: its newest backup stands in the field from now on, with what is known of it beside it.
pub(crate) fn offered(model: &mut Model, job: Job, file: &Path, made: DateTime) -> Vec<Effect> {
    // Whoever has left the form meanwhile has another file in the field, or none.
    if model.progress(job).is_none() {
        return Vec::new();
    }
    finish(model, job);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let why = words::newest_backup(&name, made, model.now.today());
    model.trouble = Some(Trouble { field: Some(Field::Path), is_offer: true, ..Trouble::new(job, why) });
    model.typed.path = file.display().to_string();
    model.focus = Some(Field::Path);
    Vec::new()
}

/// What was opened is looked at.
pub(crate) fn show(model: &mut Model, opened: OpenedBackup) -> Vec<Effect> {
    finish(model, Job::OpenBackup);
    model.typed.forget_secrets();
    model.typed.path.clear();
    model.typed.kit_path.clear();
    if let Some(practice) = model.practice_mut().filter(|practice| practice.screen == Screen::Restore) {
        practice.backup.opened = Some(opened);
    }
    Vec::new()
}

/// A client's page in the backup.
pub(crate) fn look(model: &mut Model, page: Timeline) -> Vec<Effect> {
    finish(model, Job::OpenBackup);
    with(model, |inside| (inside.page, inside.note) = (Some(page), None))
}

/// A note in the backup.
pub(crate) fn read(model: &mut Model, note: OpenNote) -> Vec<Effect> {
    finish(model, Job::OpenBackup);
    with(model, |inside| inside.note = Some(note))
}

pub(crate) fn brought_back(model: &mut Model, changes: u64) -> Vec<Effect> {
    finish(model, Job::BringBack);
    let page = model.practice().and_then(|practice| practice.clients.selected);
    let effects = page.into_iter().flat_map(|client| begin(model, ClientsEffect::LoadPage(client))).collect();
    if let Some(practice) = model.practice_mut() {
        practice.done = Some((Job::BringBack, Done::BroughtBack(changes)));
    }
    effects
}

fn with(model: &mut Model, change: impl FnOnce(&mut OpenedBackup)) -> Vec<Effect> {
    if let Some(inside) = model.practice_mut().and_then(|practice| practice.backup.opened.as_mut()) {
        change(inside);
    }
    Vec::new()
}
