//! One note on its client's page: written while it is unsigned, read once it is signed.

use egui::{Align, Layout, Ui};
use subrosa_core::document::MAX_TEXT;

use crate::features::history::messages::HistoryCommand;
use crate::features::notes::messages::NotesCommand;
use crate::features::notes::state::Editor;
use crate::messages::Command;
use crate::model::Practice;
use crate::ui::answer::answer;
use crate::ui::other_client::other_client;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Doomed, Field, Overlay, Private};
use crate::values::note_format::FORMATS;
use crate::values::note_ref::NoteRef;
use crate::values::page::OpenNote;
use crate::view_model::Tone;
use crate::view_model::command_table::{keys_in_words, keys_of};
use crate::{view_model, words};

/// The unsigned note.
pub(crate) fn write(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, editor: &Editor) {
    let t = tokens(ui);
    widgets::card(ui, |ui| {
        write_head(ui, stage, editor);
        if let Some(device) = &editor.note.card.written_on {
            widgets::wrap(ui, &words::written_on(device), face::small(), t.needs_you);
        }
        session(ui, stage, editor);
        ui.add_space(space::MEDIUM);
        if editor.note.card.overlong {
            overlong(ui, stage, words::OVERLONG_MORE, true);
        }
        text(ui, stage, practice, editor);
        ui.add_space(space::MEDIUM);
        if editor.unreadable {
            widgets::wrap(ui, words::UNREADABLE, face::small(), t.needs_you);
        }
        foot(ui, stage, editor);
        copies(ui, stage, practice, editor.id());
    });
}

/// On how many devices the note is.
fn copies(ui: &mut Ui, stage: &Stage<'_>, practice: &Practice, note: NoteRef) {
    if let Some(copies) = view_model::note_copies(stage.model, practice, note) {
        widgets::wrap(ui, &copies, face::hint(), tokens(ui).soft);
    }
}

fn write_head(ui: &mut Ui, stage: &mut Stage<'_>, editor: &Editor) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        let card = &editor.note.card;
        widgets::say(ui, &words::long_date(editor.note.content.date), face::strong(), t.ink);
        if card.private {
            widgets::say(ui, words::PRIVATE_NOTE, face::small(), t.soft);
        } else if card.addendum_to.is_some() {
            widgets::say(ui, words::ADDENDUM_NOUN, face::small(), t.soft);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (state, tone) = view_model::note_state(card);
            widgets::say(ui, &state, face::small(), if tone == Tone::NeedsYou { t.needs_you } else { t.soft });
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let private = (words::PRIVATE_NOTE, Command::Open(Overlay::Private(Private::New)));
                let close = (words::CLOSE_NOTE, Command::Back);
                let offered = if card.private { vec![close] } else { vec![private, close] };
                let words: Vec<&str> = offered.iter().map(|(words, _)| *words).collect();
                if let Some((_, command)) = widgets::trailing(ui, &words).and_then(|place| offered.get(place)) {
                    stage.ask(*command);
                }
            });
        });
    });
}

/// Date, start, length and template of the session.
fn session(ui: &mut Ui, stage: &mut Stage<'_>, editor: &Editor) {
    let narrow = ui.available_width() < size::SESSION;
    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
        let date = widgets::short(ui, "date", words::DATE, &mut stage.typed.note.date);
        let start = widgets::short(ui, "start", words::START, &mut stage.typed.note.start);
        let minutes = widgets::short(ui, "minutes", words::MINUTES, &mut stage.typed.note.minutes);
        stage.ask_if(date || start || minutes, NotesCommand::Typed);
        if !narrow {
            ui.add_space(space::SMALL);
            ui.vertical(|ui| templates(ui, stage, editor));
        }
    });
    if narrow {
        templates(ui, stage, editor);
    }
}

/// What can be done about words that a note cannot hold.
fn overlong(ui: &mut Ui, stage: &mut Stage<'_>, why: &str, written: bool) {
    widgets::wrap(ui, why, face::text(), tokens(ui).needs_you);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Note]));
    if let Some(progress) = stage.model.progress(Job::Note) {
        return widgets::progress(ui, words::STARTING, progress);
    }
    ui.horizontal_wrapped(|ui| {
        let split = widgets::outlined(ui, if written { words::SPLIT } else { words::SPLIT_SIGNED }, true);
        stage.ask_if(split, NotesCommand::Split);
        let attach = widgets::outlined(ui, words::ATTACH_WORDS, true);
        stage.ask_if(attach, NotesCommand::AttachWords);
        if written {
            let select = widgets::outlined(ui, words::SELECT_EXCESS, true);
            stage.ask_if(select, NotesCommand::SelectExcess);
        }
    });
    ui.add_space(space::MEDIUM);
}

fn templates(ui: &mut Ui, stage: &mut Stage<'_>, editor: &Editor) {
    ui.spacing_mut().item_spacing.y = space::TIGHT;
    widgets::say(ui, words::TEMPLATE, face::small(), tokens(ui).soft);
    ui.horizontal_wrapped(|ui| {
        for (place, format) in FORMATS.iter().enumerate() {
            let chosen = widgets::choice(ui, format.name, editor.format == format.name);
            stage.ask_if(chosen, NotesCommand::Format(place));
        }
    });
}

/// The text; veiled and not editable in discreet mode.
fn text(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, editor: &Editor) {
    if stage.model.discreet {
        return widgets::reading(ui, &view_model::veiled(stage.model, &stage.typed.note.text));
    }
    let (focus, merged) = (stage.focus(Field::Note), stage.focus(Field::Merged));
    let id = widgets::editor_id(editor.id());
    // The text was put here, not typed here.
    if focus || merged {
        widgets::forget_undo(ui.ctx(), id);
    }
    let caret = practice.notes.caret.filter(|_| focus || merged);
    if let Some(earlier) = stage.typed.note.earlier.take() {
        widgets::restore(ui, id, &stage.typed.note.text, caret.unwrap_or(stage.typed.note.caret), &earlier);
    }
    let excess = stage.focus(Field::Excess);
    let select = if excess { too_much(&stage.typed.note.text) } else { caret.map(|caret| (caret, caret)) };
    let edited = widgets::editor(ui, id, &mut stage.typed.note.text, select, focus || excess);
    stage.typed.note.caret = edited.caret.unwrap_or(stage.typed.note.caret);
    stage.ask_if(edited.changed, NotesCommand::Typed);
}

/// From which character to which a text is longer than a note can be.
fn too_much(text: &str) -> Option<(usize, usize)> {
    let (fits, more) = text.split_at(text.floor_char_boundary(MAX_TEXT));
    let from = fits.chars().count();
    (!more.is_empty()).then(|| (from, from + more.chars().count()))
}

fn foot(ui: &mut Ui, stage: &mut Stage<'_>, editor: &Editor) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        elsewhere(ui, stage);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let sign = widgets::filled(ui, words::SIGN, !editor.unreadable && !editor.note.card.overlong);
            stage.ask_if(sign, Command::Open(Overlay::Sign));
            if let Some(keys) = keys_of(Command::Open(Overlay::Sign)) {
                let keys = keys_in_words(ui.ctx(), &keys);
                widgets::say_if_it_fits(ui, &keys, face::hint(), t.faint);
            }
        });
    });
}

/// Where else a note can go.
fn elsewhere(ui: &mut Ui, stage: &mut Stage<'_>) {
    let history = widgets::quiet(ui, words::HISTORY);
    stage.ask_if(history, HistoryCommand::Show(true));
    let wrong = widgets::quiet(ui, words::MOVE_SHORT);
    stage.ask_if(wrong, Command::Open(Overlay::Move));
    let delete = widgets::quiet(ui, words::DELETE_SHORT);
    stage.ask_if(delete, Command::Open(Overlay::Delete(Doomed::Note)));
}

/// The signed note, its addenda below it.
pub(crate) fn read(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, note: &OpenNote) {
    let t = tokens(ui);
    widgets::card(ui, |ui| {
        ui.horizontal(|ui| {
            widgets::say(ui, &words::long_date(note.content.date), face::strong(), t.ink);
            widgets::say(ui, &view_model::note_line(&note.card), face::small(), t.soft);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                widgets::say(ui, &view_model::note_state(&note.card).0, face::small(), t.soft);
                let close = widgets::quiet(ui, words::CLOSE_NOTE);
                stage.ask_if(close, Command::Back);
            });
        });
        ui.add_space(space::SMALL);
        if note.card.overlong {
            overlong(ui, stage, words::OVERLONG_SIGNED, false);
        }
        widgets::reading(ui, &view_model::veiled(stage.model, &note.content.text));
        for addendum in &note.addenda {
            ui.add_space(space::MEDIUM);
            ui.separator();
            let when = words::seen(addendum.at, note.content.date);
            let (what, color) =
                if addendum.in_error { (words::IN_ERROR, t.needs_you) } else { (words::ADDENDUM_NOUN, t.soft) };
            widgets::say(ui, &format!("{what} {} {when}", words::SIGNED), face::hint(), color);
            widgets::reading(ui, &view_model::veiled(stage.model, &addendum.text));
        }
        ui.add_space(space::MEDIUM);
        ui.horizontal_wrapped(|ui| {
            let addendum = widgets::outlined(ui, words::ADDENDUM, true);
            stage.ask_if(addendum, NotesCommand::Addendum);
            elsewhere(ui, stage);
            let error = widgets::quiet(ui, words::IN_ERROR_SHORT);
            stage.ask_if(error, Command::Open(Overlay::InError));
        });
        copies(ui, stage, practice, note.card.id);
    });
}

pub(crate) fn private(ui: &mut Ui, stage: &mut Stage<'_>, asked: Private) {
    let (title, open) = match asked {
        Private::List | Private::Trash => (words::PRIVATE_LIST, words::SHOW),
        Private::New | Private::Note(_) => (words::PRIVATE_TITLE, words::OPEN),
    };
    widgets::title(ui, title, words::PRIVATE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Note]));
    if let Some(progress) = stage.model.progress(Job::Note) {
        return widgets::progress(ui, words::STARTING, progress);
    }
    let focus = stage.focus(Field::Passphrase);
    let entered = widgets::secret(ui, "private", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    let ready = !stage.typed.passphrase.is_empty();
    answer(ui, stage, open, ready, entered, Command::Notes(NotesCommand::Private));
}

/// Which client does this note belong to?
pub(crate) fn moving(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::MOVE_TITLE, words::MOVE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Move]));
    other_client(ui, stage, practice);
    if practice.notes.reading.is_some() {
        widgets::field(ui, "why", words::WHY, words::WHY_HINT, &mut stage.typed.why, false);
    }
    let ready = practice.clients.other.is_some() && stage.model.progress(Job::Move).is_none();
    answer(ui, stage, words::MOVE, ready, false, Command::Notes(NotesCommand::Move));
}
