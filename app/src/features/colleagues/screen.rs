//! Colleagues, their cards, and sealed records.

use egui::Ui;

use crate::features::colleagues::messages::ColleaguesCommand;
use crate::features::colleagues::values::{ColleagueRow, OwnCard, SealedRecord};
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::answer::answer;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Overlay};
use crate::values::pick::Pick;
use crate::view_model::seal_request;
use crate::{view_model, words};

/// Draws the colleagues, or the sealed record that is being read.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    match &practice.colleagues.sealed {
        Some(record) => sealed(ui, stage, practice, record),
        None => everyone(ui, stage, practice),
    }
}

fn everyone(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::title(ui, words::COLLEAGUES, words::COLLEAGUES_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Colleagues, Job::OpenSealed, Job::Pick]));
    if stage.under_way(ui, Job::OpenSealed, words::SEALED_OPENING) {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let open = widgets::filled(ui, words::OPEN_SEALED, true);
        stage.ask_if(open, ColleaguesCommand::OpenSealed);
        let add = widgets::outlined(ui, words::ADD_COLLEAGUE, true);
        stage.ask_if(add, ColleaguesCommand::Add);
    });
    ui.add_space(space::SMALL);
    let focus = stage.focus(Field::Path);
    widgets::field(ui, "colleague-file", words::CARD_FILE, words::CARD_FILE_HINT, &mut stage.typed.path, focus);
    ui.add_space(space::MEDIUM);
    if practice.colleagues.rows.is_empty() {
        widgets::empty(ui, words::NO_COLLEAGUES, words::NO_COLLEAGUES_MORE);
    }
    for colleague in &practice.colleagues.rows {
        ui.push_id(colleague.id, |ui| row(ui, stage, colleague));
    }
    if !practice.colleagues.rows.is_empty() {
        widgets::wrap(ui, words::REMOVE_COLLEAGUE_MORE, face::small(), t.soft);
    }
    ui.add_space(space::MEDIUM);
    if let Some(card) = &practice.colleagues.card {
        own(ui, stage, card);
    }
    if practice.done == Some((Job::Colleagues, Done::Written)) {
        widgets::wrap(ui, words::WRITTEN, face::text(), t.accent);
    }
}

/// One's own card: the name on it, the words that a colleague compares, and the file.
fn own(ui: &mut Ui, stage: &mut Stage<'_>, card: &OwnCard) {
    let t = tokens(ui);
    widgets::say(ui, words::OWN_CARD, face::pane(), t.accent);
    if card.is_news {
        widgets::wrap(ui, words::NEW_CARD, face::text(), t.needs_you);
    }
    widgets::wrap(ui, words::OWN_CARD_MORE, face::text(), t.soft);
    ui.add_space(space::SMALL);
    ui.scope(|ui| {
        ui.set_max_width(size::FORM);
        let entered = widgets::field(ui, "owner", words::OWN_NAME, "", &mut stage.typed.colleagues.owner, false);
        let typed = stage.typed.colleagues.owner.trim();
        let changed = !typed.is_empty() && card.name.as_deref() != Some(typed);
        ui.horizontal_wrapped(|ui| {
            if changed || card.name.is_none() {
                let keep = widgets::outlined(ui, words::KEEP_NAME, changed);
                stage.ask_if(changed && (entered || keep), ColleaguesCommand::KeepOwner);
            } else {
                let make = widgets::outlined(ui, words::MAKE_CARD, true);
                stage.ask_if(make, ColleaguesCommand::MakeCard);
            }
        });
    });
    ui.add_space(space::MEDIUM);
    widgets::say(ui, words::OWN_WORDS, face::strong(), t.ink);
    widgets::wrap(ui, &card.words, face::note(), t.soft);
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
    if colleague.alike {
        widgets::wrap(ui, words::CARDS_ALIKE, face::text(), t.needs_you);
    }
    ui.add_space(space::SMALL);
    ui.horizontal_wrapped(|ui| {
        if !colleague.compared {
            let agree = widgets::outlined(ui, words::WORDS_AGREE, true);
            stage.ask_if(agree, ColleaguesCommand::WordsAgree(colleague.id));
        }
        let remove = widgets::outlined(ui, words::REMOVE_COLLEAGUE, true);
        stage.ask_if(remove, ColleaguesCommand::Remove(colleague.id));
    });
    ui.add_space(space::LARGE);
}

/// A record from a colleague: who sealed it, why, and what it says. To read only.
fn sealed(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, record: &SealedRecord) {
    let t = tokens(ui);
    let name = view_model::veiled(stage.model, &record.client);
    widgets::title(ui, &name, &words::sealed_by(&record.sender, record.sealed));
    widgets::trouble(ui, stage.model.trouble_with(&[Job::OpenSealed, Job::Pick]));
    stage.under_way(ui, Job::OpenSealed, words::SEALED_WRITING);
    ui.horizontal_wrapped(|ui| {
        let save = widgets::outlined(ui, words::SEALED_SAVE, true);
        stage.ask_if(save, ColleaguesCommand::SaveSealed);
        let close = widgets::outlined(ui, words::CLOSE_NOTE, true);
        stage.ask_if(close, ColleaguesCommand::CloseSealed);
        widgets::wrap(ui, words::SEALED_READ_ONLY, face::small(), t.soft);
    });
    if practice.done == Some((Job::OpenSealed, Done::Written)) {
        widgets::wrap(ui, words::SEALED_SAVED, face::text(), t.needs_you);
    }
    ui.add_space(space::MEDIUM);
    let (standing, color) = match (&record.from, record.compared) {
        (Some(_), true) => (words::SEALED_KNOWN, t.soft),
        (Some(_), false) => (words::SEALED_NOT_COMPARED, t.needs_you),
        (None, _) => (words::SEALED_STRANGER, t.needs_you),
    };
    widgets::wrap(ui, standing, face::text(), color);
    widgets::wrap(ui, &format!("{}: {}", words::SEALED_WORDS, record.words), face::small(), t.soft);
    widgets::wrap(ui, &format!("{}: {}", words::SEAL_PURPOSE, record.purpose), face::text(), t.ink);
    widgets::wrap(ui, &format!("{}: {}", words::SEAL_BASIS, record.basis), face::text(), t.ink);
    if let Some(until) = record.until {
        widgets::wrap(ui, &words::keep_until(until), face::text(), t.ink);
        if until < stage.model.now.today() {
            widgets::wrap(ui, words::SEALED_EXPIRED, face::text(), t.needs_you);
        }
    }
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

/// For whom, why, on what basis, until when: what is asked becomes the disclosure entry.
pub(crate) fn seal(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, chosen: usize) {
    let t = tokens(ui);
    widgets::title(ui, words::SEAL_TITLE, words::SEAL_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Seal, Job::Pick]));
    if stage.under_way(ui, Job::Seal, words::SEALING) {
        return;
    }
    widgets::say(ui, words::SEAL_TO, face::small(), t.soft);
    ui.horizontal_wrapped(|ui| {
        for (place, colleague) in practice.colleagues.rows.iter().enumerate() {
            let pressed = widgets::choice(ui, &colleague.name, place == chosen);
            stage.ask_if(pressed, Command::Open(Overlay::Seal { colleague: place }));
        }
    });
    if practice.colleagues.rows.get(chosen).is_some_and(|colleague| !colleague.compared) {
        widgets::wrap(ui, words::SEAL_UNCOMPARED, face::small(), t.needs_you);
    }
    let typed = &mut *stage.typed;
    widgets::field(
        ui,
        "purpose",
        words::SEAL_PURPOSE,
        words::SEAL_PURPOSE_HINT,
        &mut typed.colleagues.disclosure.purpose,
        false,
    );
    widgets::field(
        ui,
        "basis",
        words::SEAL_BASIS,
        words::SEAL_BASIS_HINT,
        &mut typed.colleagues.disclosure.basis,
        false,
    );
    widgets::field(
        ui,
        "until",
        words::SEAL_UNTIL,
        words::SEAL_UNTIL_HINT,
        &mut typed.colleagues.disclosure.until,
        false,
    );
    let until = typed.colleagues.disclosure.until.trim();
    if !until.is_empty() && until.parse::<jiff::civil::Date>().is_err() {
        widgets::wrap(ui, words::SEAL_UNTIL_BAD, face::hint(), t.needs_you);
    }
    let (focus, hint) = (stage.model.focus == Some(Field::Path), words::CARD_FILE_HINT);
    let file = widgets::place(ui, "seal-file", words::SEAL_FILE, hint, &mut stage.typed.path, focus);
    stage.ask_if(file.choose, Command::Pick(Pick::SealTo));
    let ready = seal_request(stage.model, stage.typed).is_some();
    answer(ui, stage, words::SEAL, ready, false, Command::Colleagues(ColleaguesCommand::Seal));
}
