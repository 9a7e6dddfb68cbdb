//! The trash, and what other devices want to put there.

use egui::{Align, Layout, Ui};

use crate::features::trash::messages::TrashCommand;
use crate::features::trash::values::{MassDeletion, Trashed};
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::answer::answer;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Doomed, Overlay, Private};
use crate::{view_model, words};

/// Draws what is asked about first, then what lies there.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::TRASH, words::TRASH_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Trash]));
    if practice.done == Some((Job::Trash, Done::Undeleted)) {
        widgets::wrap(ui, words::UNDELETED, face::text(), tokens(ui).accent);
    }
    for deletion in &practice.trash.mass_deletions {
        ui.push_id(deletion.device, |ui| ask(ui, stage, deletion));
    }
    if !practice.trash.private {
        private(ui, stage);
    }
    if practice.trash.rows.is_empty() {
        return widgets::empty(ui, words::TRASH_EMPTY, words::TRASH_EMPTY_MORE);
    }
    for row in &practice.trash.rows {
        ui.push_id(row.id, |ui| entry(ui, stage, row));
    }
}

/// Private notes are listed after the passphrase; until then nothing tells whether there are any.
fn private(ui: &mut Ui, stage: &mut Stage<'_>) {
    ui.horizontal_wrapped(|ui| {
        let asked = widgets::outlined(ui, words::PRIVATE_NOTES_ASK, true);
        stage.ask_if(asked, Command::Open(Overlay::Private(Private::Trash)));
        widgets::wrap(ui, words::TRASH_PRIVATE, face::small(), tokens(ui).soft);
    });
    ui.add_space(space::MEDIUM);
}

fn ask(ui: &mut Ui, stage: &mut Stage<'_>, deletion: &MassDeletion) {
    let t = tokens(ui);
    widgets::card(ui, |ui| {
        let what = words::mass_deletion(&deletion.name, deletion.clients, deletion.notes, deletion.others);
        widgets::wrap(ui, &what, face::strong(), t.needs_you);
        widgets::wrap(ui, words::MASS_DELETION_MORE, face::text(), t.soft);
        ui.horizontal_wrapped(|ui| {
            let no = widgets::outlined(ui, words::MASS_DELETION_NO, true);
            stage.ask_if(no, TrashCommand::Decide(deletion.device, false));
            let yes = widgets::outlined(ui, words::MASS_DELETION_YES, true);
            stage.ask_if(yes, TrashCommand::Decide(deletion.device, true));
        });
    });
    ui.add_space(space::MEDIUM);
}

fn entry(ui: &mut Ui, stage: &mut Stage<'_>, row: &Trashed) {
    let t = tokens(ui);
    let today = stage.model.now.today();
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let out = widgets::outlined(ui, words::UNDELETE, true);
            stage.ask_if(out, TrashCommand::Undelete(row.id));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = view_model::veiled(stage.model, &row.client).into_owned();
                let date = row.date.map(|date| format!(" · {}", words::date(date, today))).unwrap_or_default();
                widgets::say(ui, &format!("{} · {name}{date}", row.kind), face::strong(), t.ink);
            });
        });
    });
    let when = words::deleted(&words::seen(row.at, today), &row.device, row.days_left, row.along);
    widgets::say(ui, &when, face::hint(), t.soft);
    if !row.words.is_empty() {
        widgets::say(ui, &view_model::veiled(stage.model, &row.words), face::note(), t.soft);
    }
    ui.add_space(space::LARGE);
}

/// To the trash?
pub(crate) fn delete(ui: &mut Ui, stage: &mut Stage<'_>, doomed: Doomed) {
    let title = match doomed {
        Doomed::Note => words::DELETE_NOTE,
        Doomed::Client => words::DELETE_CLIENT,
        Doomed::File(_) => words::DELETE_FILE,
    };
    widgets::title(ui, title, words::DELETE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Trash]));
    let ready = stage.model.progress(Job::Trash).is_none();
    answer(ui, stage, words::DELETE, ready, false, Command::Trash(TrashCommand::Delete));
}
