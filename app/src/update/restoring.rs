//! What comes back from a backup: a new practice at the first run, or what an existing one lacks.

use super::{begin, finish, go, may_choose, path, picking};
use crate::command::Command;
use crate::effect::{Effect, Job, KitSource};
use crate::event::{Event, OpenNote, Timeline};
use crate::inside::Inside;
use crate::model::{Done, Field, FirstRun, Model, Place, Screen, Way};
use crate::pick::Pick;
use crate::typed::Typed;

/// Whether the backup and its kit have been named.
pub fn may_open_backup(typed: &Typed) -> bool {
    let kit = !typed.kit.expose().trim().is_empty() || !typed.kit_path.trim().is_empty();
    kit && !typed.path.trim().is_empty()
}

/// Makes a practice out of the backup that was named, while there is none.
pub(super) fn restore(model: &mut Model) -> Vec<Effect> {
    let instead =
        matches!(&model.place, Place::Locked(locked) if locked.is_damaged() && locked.way == Some(Way::Instead));
    let asked = instead || matches!(model.place, Place::FirstRun(FirstRun::Restore));
    let ready = may_open_backup(&model.typed) && may_choose(&model.typed);
    if !asked || !ready || model.progress(Job::Restore).is_some() {
        return Vec::new();
    }
    let (file, kit, passphrase) = (path(&model.typed.path), named(&mut model.typed), model.typed.passphrase.take());
    model.typed.forget_secrets();
    begin(model, Effect::Restore { file, kit, passphrase, instead })
}

/// Commands about a backup that is opened, while a practice is open.
pub(super) fn update(model: &mut Model, command: Command) -> Vec<Effect> {
    if model.screen() != Some(Screen::Restore) {
        return if command == Command::OpenBackup { go(model, Screen::Restore) } else { Vec::new() };
    }
    match command {
        Command::OpenBackup => open(model),
        Command::CloseBackup => {
            close(model);
            vec![Effect::CloseBackup]
        }
        Command::LookInto(Some(client)) => begin(model, Effect::LookInto(client)),
        Command::LookInto(None) => with(model, |inside| (inside.page, inside.note) = (None, None)),
        Command::ReadInside(note) => begin(model, Effect::ReadInside(note)),
        Command::BringBack(only) if inside(model).is_some() => begin(model, Effect::BringBack(only)),
        _ => Vec::new(),
    }
}

fn open(model: &mut Model) -> Vec<Effect> {
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
    let (file, kit) = (path(&model.typed.path), named(&mut model.typed));
    model.typed.forget_secrets();
    begin(model, Effect::OpenBackup { file, kit })
}

/// The line that was typed, or the file that was named when none was.
pub(super) fn named(typed: &mut Typed) -> KitSource {
    if typed.kit.expose().trim().is_empty() {
        KitSource::File(path(&typed.kit_path))
    } else {
        KitSource::Typed(typed.kit.take())
    }
}

/// What was opened is looked at no longer.
pub(super) fn close(model: &mut Model) {
    finish(model, Job::OpenBackup);
    model.typed.kit_path.clear();
    model.typed.inside.clear();
    if let Some(practice) = model.practice_mut() {
        practice.inside = None;
    }
}

/// One step back; false when there was none to go inside a backup.
pub(super) fn back(model: &mut Model) -> bool {
    let Some(inside) = model.practice_mut().and_then(|practice| practice.inside.as_mut()) else { return false };
    inside.note.take().is_some() || inside.page.take().is_some()
}

/// What came of it.
pub(super) fn apply(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::BackupOpened(opened) => show(model, *opened),
        Event::LookedInto(page) => look(model, *page),
        Event::InsideNote(note) => read(model, *note),
        Event::BroughtBack(changes) => return brought_back(model, changes),
        _ => {}
    }
    Vec::new()
}

fn show(model: &mut Model, opened: Inside) {
    finish(model, Job::OpenBackup);
    model.typed.path.clear();
    model.typed.kit_path.clear();
    if let Some(practice) = model.practice_mut().filter(|practice| practice.screen == Screen::Restore) {
        practice.inside = Some(opened);
    }
}

fn look(model: &mut Model, page: Timeline) {
    finish(model, Job::OpenBackup);
    with(model, |inside| (inside.page, inside.note) = (Some(page), None));
}

fn read(model: &mut Model, note: OpenNote) {
    finish(model, Job::OpenBackup);
    with(model, |inside| inside.note = Some(note));
}

fn brought_back(model: &mut Model, changes: u64) -> Vec<Effect> {
    finish(model, Job::BringBack);
    let page = model.practice().and_then(|practice| practice.selected);
    let effects = page.into_iter().flat_map(|client| begin(model, Effect::LoadTimeline(client))).collect();
    if let Some(practice) = model.practice_mut() {
        practice.done = Some((Job::BringBack, Done::BroughtBack(changes)));
    }
    effects
}

fn inside(model: &Model) -> Option<&Inside> {
    model.practice().and_then(|practice| practice.inside.as_ref())
}

fn with(model: &mut Model, change: impl FnOnce(&mut Inside)) -> Vec<Effect> {
    if let Some(inside) = model.practice_mut().and_then(|practice| practice.inside.as_mut()) {
        change(inside);
    }
    Vec::new()
}
