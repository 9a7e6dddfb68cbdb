//! What comes back from a backup: a new practice at the first run; in a practice, a look into the backup and what is
//! brought back.

use egui::Ui;

use crate::features::backup::messages::BackupCommand;
use crate::features::backup::values::{BackupScope, OpenedBackup};
use crate::features::opening::messages::OpeningCommand;
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::passphrase::choose_passphrase;
use crate::ui::recovery_line::recovery_line;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::name_filter::NameFilter;
use crate::values::navigation::{Field, Screen};
use crate::values::page::{ClientRow, NoteCard, OpenNote, Timeline};
use crate::values::pick::Pick;
use crate::view_model::{may_choose, may_open_backup};
use crate::{view_model, words};

/// Clients that are listed at once; part of a name finds the others.
const LISTED: usize = 40;

/// At the first run: a practice out of a backup.
pub(crate) fn new(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::RESTORE_TITLE, words::RESTORE_NEW_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Restore, Job::Pick]));
    if stage.under_way(ui, Job::Restore, words::RESTORING) {
        return;
    }
    let asked = asked(ui, stage);
    let entered = choose_passphrase(ui, stage, words::PASSPHRASE_NEW) || asked;
    ui.horizontal(|ui| {
        let ready = may_open_backup(stage.typed) && may_choose(stage.typed);
        let pressed = widgets::filled(ui, words::RESTORE, ready);
        stage.ask_if(entered || pressed, OpeningCommand::Restore);
        let back = widgets::quiet(ui, words::BACK);
        stage.ask_if(back, Command::Back);
    });
}

/// The backup and its kit. True when Enter was pressed in one of them.
pub(crate) fn asked(ui: &mut Ui, stage: &mut Stage<'_>) -> bool {
    let (focus, hint) = (stage.focus(Field::Path), words::RESTORE_FILE_HINT);
    let file = widgets::place(ui, "backup-file", words::RESTORE_FILE, hint, &mut stage.typed.path, focus);
    stage.ask_if(file.choose, Command::Pick(Pick::BackupToRead));
    widgets::trouble(ui, stage.model.trouble_at(Field::Path));
    if let Some(offer) = stage.model.offer_at(Field::Path) {
        widgets::wrap(ui, offer, face::small(), tokens(ui).accent);
        ui.add_space(space::SMALL);
    }
    let line = recovery_line(ui, stage, "backup-kit");
    let (focus, hint) = (stage.focus(Field::KitFile), words::RESTORE_KIT_FILE_HINT);
    let kit = widgets::place(ui, "backup-kit-file", words::RECOVER_FILE, hint, &mut stage.typed.kit_path, focus);
    stage.ask_if(kit.choose, Command::Pick(Pick::KitOfBackup));
    widgets::trouble(ui, stage.model.trouble_at(Field::KitFile));
    file.entered || line || kit.entered
}

/// In a practice: open a backup, look into it, bring back.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::title(ui, words::RESTORE_TITLE, words::RESTORE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::OpenBackup, Job::BringBack, Job::Pick]));
    if let Some((Job::BringBack, Done::BroughtBack(changes))) = &practice.done {
        widgets::wrap(ui, &words::brought_back(*changes), face::strong(), t.accent);
        ui.add_space(space::SMALL);
    }
    if stage.under_way(ui, Job::BringBack, words::BRINGING_BACK) {
        return;
    }
    match &practice.backup.opened {
        Some(inside) => self::inside(ui, stage, practice, inside),
        None => ui.scope(|ui| open(ui, stage)).inner,
    }
}

fn open(ui: &mut Ui, stage: &mut Stage<'_>) {
    ui.set_max_width(size::FORM);
    if stage.under_way(ui, Job::OpenBackup, words::RESTORE_OPENING) {
        return;
    }
    let entered = asked(ui, stage);
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::RESTORE_OPEN, true);
        stage.ask_if(entered || pressed, BackupCommand::Open);
        let back = widgets::quiet(ui, words::BACK);
        stage.ask_if(back, Command::Go(Screen::Safety));
    });
}

fn inside(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, inside: &OpenedBackup) {
    let t = tokens(ui);
    let clients = u64::try_from(inside.clients.len()).unwrap_or(u64::MAX);
    let made = words::backup_made(inside.made, clients, inside.notes, stage.model.now.today());
    widgets::wrap(ui, &made, face::pane(), t.accent);
    ui.horizontal(|ui| {
        let looks = inside.page.is_some();
        let all = if looks {
            widgets::outlined(ui, words::RESTORE_ALL, true)
        } else {
            widgets::filled(ui, words::RESTORE_ALL, true)
        };
        stage.ask_if(all, BackupCommand::BringBack(BackupScope::Everything));
        let close = widgets::quiet(ui, words::RESTORE_CLOSE);
        stage.ask_if(close, BackupCommand::Close);
    });
    ui.add_space(space::MEDIUM);
    match &inside.page {
        Some(page) => self::page(ui, stage, page, inside.note.as_ref()),
        None => list(ui, stage, practice, &inside.clients),
    }
}

/// Who is in the backup.
fn list(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, clients: &[ClientRow]) {
    let t = tokens(ui);
    widgets::field(ui, "inside", words::RESTORE_WHO, words::OTHER_CLIENT, &mut stage.typed.inside, false);
    let name_filter = NameFilter::new(&stage.typed.inside);
    let fitting: Vec<_> = clients.iter().filter(|row| name_filter.is_in(&row.name)).collect();
    if fitting.is_empty() {
        widgets::wrap(ui, words::NO_MATCH, face::small(), t.soft);
    }
    ui.spacing_mut().item_spacing.y = space::TIGHT / 2.0;
    for row in fitting.iter().take(LISTED) {
        let here = practice.clients.rows.iter().any(|here| here.id == row.id);
        let line = view_model::client_line(row, stage.model.now.today());
        let line = if here { line } else { format!("{} · {line}", words::RESTORE_GONE) };
        let name = view_model::list_name(stage.model, row);
        let chosen = ui.push_id(row.id, |ui| widgets::entry(ui, name.trim_end(), &line, false)).inner;
        stage.ask_if(chosen, BackupCommand::LookInto(Some(row.id)));
    }
    if let Some(more) = fitting.len().checked_sub(LISTED).filter(|more| *more > 0) {
        widgets::wrap(ui, &words::and_more(more), face::small(), t.soft);
    }
}

/// One client of the backup: the notes, newest first, and the one that is read.
pub(crate) fn page(ui: &mut Ui, stage: &mut Stage<'_>, page: &Timeline, read: Option<&OpenNote>) {
    let t = tokens(ui);
    let client = page.client.id;
    widgets::say(ui, &view_model::veiled(stage.model, &page.client.name), face::title(), t.ink);
    ui.horizontal(|ui| {
        let bring = widgets::filled(ui, words::RESTORE_CLIENT, true);
        stage.ask_if(bring, BackupCommand::BringBack(BackupScope::Client(client)));
        let others = widgets::quiet(ui, words::RESTORE_OTHERS);
        stage.ask_if(others, BackupCommand::LookInto(None));
    });
    widgets::wrap(ui, words::RESTORE_PRIVATE, face::small(), t.soft);
    ui.add_space(space::MEDIUM);
    for card in &page.notes {
        ui.push_id(card.id, |ui| note(ui, stage, card, read.filter(|read| read.card.id == card.id)));
    }
}

fn note(ui: &mut Ui, stage: &mut Stage<'_>, card: &NoteCard, read: Option<&OpenNote>) {
    let date = words::date(card.date, stage.model.now.today());
    let (state, _) = view_model::note_state(card);
    let chosen = widgets::entry(ui, &date, &state, read.is_some());
    stage.ask_if(chosen, BackupCommand::Read(card.id));
    let Some(read) = read else { return };
    widgets::card(ui, |ui| {
        // Above the text, which may be long.
        let bring = widgets::outlined(ui, words::RESTORE_NOTE, true);
        stage.ask_if(bring, BackupCommand::BringBack(BackupScope::Note(card.id.id())));
        ui.add_space(space::SMALL);
        widgets::reading(ui, &view_model::veiled(stage.model, &read.content.text));
    });
    ui.add_space(space::SMALL);
}
