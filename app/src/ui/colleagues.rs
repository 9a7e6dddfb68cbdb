//! Colleagues, their cards, and the records that they have sealed for us.

use egui::Ui;

use super::Stage;
use crate::command::Command;
use crate::effect::Job;
use crate::event::{ColleagueRow, SealedRecord};
use crate::model::{Done, Field, Practice};
use crate::theme::{face, space, tokens};
use crate::{view_model, widgets, words};

/// Draws the colleagues, or the sealed record that is being read.
pub(super) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    match &practice.sealed {
        Some(record) => sealed(ui, stage, record),
        None => everyone(ui, stage, practice),
    }
}

fn everyone(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::title(ui, words::COLLEAGUES, words::COLLEAGUES_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Colleagues, Job::OpenSealed]));
    let focus = stage.focus(Field::Path);
    widgets::field(ui, "colleague-file", words::CARD_FILE, words::CARD_FILE_HINT, &mut stage.typed.path, focus);
    let ready = !stage.typed.path.trim().is_empty();
    ui.horizontal_wrapped(|ui| {
        let add = widgets::filled(ui, words::ADD_COLLEAGUE, ready);
        stage.ask_if(add, Command::AddColleague);
        let open = widgets::outlined(ui, words::OPEN_SEALED, ready);
        stage.ask_if(open, Command::OpenSealed);
        let make = widgets::outlined(ui, words::MAKE_CARD, ready);
        stage.ask_if(make, Command::MakeCard);
    });
    if practice.done == Some((Job::Colleagues, Done::Written)) {
        widgets::wrap(ui, words::WRITTEN, face::text(), t.accent);
    }
    ui.add_space(space::LARGE);
    if let Some(card) = &practice.card {
        widgets::say(ui, words::OWN_WORDS, face::pane(), t.ink);
        widgets::wrap(ui, &card.words, face::note(), t.soft);
        ui.add_space(space::LARGE);
    }
    if practice.colleagues.is_empty() {
        return widgets::empty(ui, words::NO_COLLEAGUES, words::NO_COLLEAGUES_MORE);
    }
    for colleague in &practice.colleagues {
        ui.push_id(colleague.id, |ui| row(ui, stage, colleague));
    }
}

fn row(ui: &mut Ui, stage: &mut Stage<'_>, colleague: &ColleagueRow) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        widgets::say(ui, &colleague.name, face::strong(), t.ink);
        let (words, color) =
            if colleague.compared { (words::WORDS_COMPARED, t.soft) } else { (words::WORDS_NOT_COMPARED, t.needs_you) };
        widgets::say(ui, words, face::small(), color);
    });
    widgets::wrap(ui, &colleague.words, face::note(), t.soft);
    if !colleague.compared {
        let agree = widgets::outlined(ui, words::WORDS_AGREE, true);
        stage.ask_if(agree, Command::WordsAgree(colleague.id));
    }
    ui.add_space(space::LARGE);
}

/// A record from a colleague: who sealed it, why, and what it says. To read only.
fn sealed(ui: &mut Ui, stage: &mut Stage<'_>, record: &SealedRecord) {
    let t = tokens(ui);
    let from = record.from.as_deref().unwrap_or(words::SEALED_UNKNOWN);
    let name = view_model::veiled(stage.model, &record.client);
    widgets::title(ui, &name, &words::sealed_by(from, record.sealed));
    let color = if record.from.is_some() { t.soft } else { t.needs_you };
    widgets::wrap(ui, &format!("{}: {}", words::SEALED_WORDS, record.words), face::small(), color);
    widgets::wrap(ui, &format!("{}: {}", words::SEAL_PURPOSE, record.purpose), face::text(), t.ink);
    widgets::wrap(ui, &format!("{}: {}", words::SEAL_BASIS, record.basis), face::text(), t.ink);
    if let Some(until) = record.until {
        widgets::wrap(ui, &words::keep_until(until), face::text(), t.ink);
    }
    ui.horizontal(|ui| {
        widgets::wrap(ui, words::SEALED_READ_ONLY, face::small(), t.soft);
        let close = widgets::outlined(ui, words::CLOSE_NOTE, true);
        stage.ask_if(close, Command::CloseSealed);
    });
    for note in &record.notes {
        ui.add_space(space::MEDIUM);
        widgets::card(ui, |ui| {
            widgets::say(ui, &words::long_date(note.date), face::strong(), t.ink);
            widgets::reading(ui, &view_model::veiled(stage.model, &note.text));
        });
    }
    for measure in &record.measures {
        let total = view_model::veiled(stage.model, &measure.total.to_string()).into_owned();
        let line = format!("{}   {}   {total}", words::long_date(measure.date), measure.instrument);
        widgets::say(ui, &line, face::text(), t.ink);
    }
}
