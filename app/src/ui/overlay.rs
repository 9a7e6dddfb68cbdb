//! What lies over a screen: the palette, the page of keys, and the questions that need an answer first.

use egui::{Frame, Id, Key, Margin, Modal, Modifiers, ScrollArea, Stroke, Ui};

use super::{Stage, asking, kit, removal};
use crate::command::{Command, TABLE, keys_in_words, matching};
use crate::effect::Job;
use crate::model::{Closing, Field, Overlay, Practice, Private};
use crate::pick::Pick;
use crate::theme::{CORNER, face, size, space, tokens};
use crate::update::seal_request;
use crate::{view_model, widgets, words};

/// Draws the overlay, if there is one. Escape, or a click beside it, takes it away.
pub(super) fn show(ui: &mut Ui, stage: &mut Stage<'_>) {
    if let Some(closing @ (Closing::Saving | Closing::NotSaved)) = stage.model.closing {
        let modal = Modal::new(Id::unique("closing")).frame(frame(ui));
        modal.show(ui.ctx(), |ui| {
            ui.set_width(size::DIALOG.min(ui.ctx().content_rect().width() - space::PAGE));
            self::closing(ui, stage, closing);
        });
        return;
    }
    let Some(overlay) = stage.model.overlay else { return };
    let width = if matches!(overlay, Overlay::Palette { .. }) { size::PALETTE } else { size::DIALOG };
    let modal = Modal::new(Id::unique("overlay")).frame(frame(ui));
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(width.min(ui.ctx().content_rect().width() - space::PAGE));
        draw(ui, stage, overlay);
    });
    if shown.backdrop_response.clicked() {
        stage.ask(Command::Back);
    }
}

fn frame(ui: &Ui) -> Frame {
    let t = tokens(ui);
    let frame = Frame::new().fill(t.card).stroke(Stroke::new(1.0, t.hairline)).corner_radius(CORNER);
    frame.inner_margin(Margin::same(24))
}

/// The window was told to close while something was not saved yet.
fn closing(ui: &mut Ui, stage: &mut Stage<'_>, closing: Closing) {
    if closing == Closing::Saving {
        return widgets::progress(ui, words::CLOSING, Default::default());
    }
    widgets::title(ui, words::NOT_SAVED_TITLE, words::NOT_SAVED_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Save]));
    ui.horizontal(|ui| {
        let stay = widgets::filled(ui, words::STAY, true);
        stage.ask_if(stay, Command::Stay);
        let leave = widgets::quiet(ui, words::CLOSE_ANYWAY);
        stage.ask_if(leave, Command::CloseAnyway);
    });
}

fn draw(ui: &mut Ui, stage: &mut Stage<'_>, overlay: Overlay) {
    match (overlay, stage.model.practice()) {
        (Overlay::Palette { row }, _) => palette(ui, stage, row),
        (Overlay::Help, _) => help(ui),
        (Overlay::AddClient, Some(_)) => add_client(ui, stage),
        (Overlay::Sign, Some(practice)) => sign(ui, stage, practice),
        (Overlay::Private(wanted), Some(_)) => private(ui, stage, wanted),
        (Overlay::Export { private }, Some(_)) => export(ui, stage, private),
        (Overlay::Seal { colleague }, Some(practice)) => seal(ui, stage, practice, colleague),
        (Overlay::Move, Some(practice)) => asking::moving(ui, stage, practice),
        (Overlay::Merge, Some(practice)) => asking::merging(ui, stage, practice),
        (Overlay::Unmerge, Some(practice)) => asking::unmerging(ui, stage, practice),
        (Overlay::Delete(doomed), Some(_)) => asking::delete(ui, stage, doomed),
        (Overlay::InError, Some(_)) => asking::in_error(ui, stage),
        (Overlay::RemoveDevice(device), Some(practice)) => removal::ask(ui, stage, practice, device),
        (Overlay::Discard(device), Some(practice)) => removal::discard(ui, stage, practice, device),
        (Overlay::NewKit, Some(_)) => kit::ask_new(ui, stage),
        (_, None) => {}
    }
}

/// Every command that makes sense now; arrows choose, Enter runs.
fn palette(ui: &mut Ui, stage: &mut Stage<'_>, row: usize) {
    let focus = stage.focus(Field::Palette);
    let field = widgets::area(ui, "palette", words::PALETTE, words::PALETTE_HINT, &mut stage.typed.palette, focus);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let step = ui.input_mut(|input| {
        input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown) as isize
            - input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp) as isize
    });
    let found: Vec<_> =
        matching(stage.model, &stage.typed.palette).filter(|entry| entry.command != Command::Back).collect();
    let last = found.len().saturating_sub(1);
    let row = if field.changed() { 0 } else { row.saturating_add_signed(step).min(last) };
    if field.changed() || step != 0 {
        stage.ask(Command::PaletteRow(row));
    }
    if found.is_empty() {
        widgets::empty(ui, words::NO_COMMAND, "");
    }
    let mut run = found.get(row).filter(|_| entered).map(|entry| entry.command);
    ScrollArea::vertical().max_height(size::MENU).show(ui, |ui| {
        for (place, entry) in found.iter().enumerate() {
            let keys = entry.keys.map(|keys| keys_in_words(ui.ctx(), &keys)).unwrap_or_default();
            let drawn = ui.scope(|ui| widgets::entry(ui, entry.words, &keys, place == row));
            if drawn.inner {
                run = Some(entry.command);
            }
            if place == row && (field.changed() || step != 0) {
                drawn.response.scroll_to_me(None);
            }
        }
    });
    if let Some(command) = run {
        stage.ask(Command::Back);
        stage.ask(command);
    }
}

/// Every command with its keys.
fn help(ui: &mut Ui) {
    let t = tokens(ui);
    widgets::title(ui, words::HELP, "");
    ScrollArea::vertical().show(ui, |ui| {
        for entry in TABLE.iter().filter(|entry| entry.keys.is_some()) {
            let keys = entry.keys.map(|keys| keys_in_words(ui.ctx(), &keys)).unwrap_or_default();
            ui.horizontal(|ui| {
                widgets::say(ui, &keys, face::strong(), t.accent);
                widgets::say(ui, entry.words, face::text(), t.ink);
            });
        }
    });
}

fn add_client(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::ADD_CLIENT, "");
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Clients]));
    let focus = stage.focus(Field::Name);
    let name = widgets::field(ui, "name", words::CLIENT_NAME, "", &mut stage.typed.name, focus);
    let code = widgets::field(ui, "client-code", words::CLIENT_CODE, "", &mut stage.typed.client_code, false);
    let ready = !stage.typed.name.trim().is_empty();
    answer(ui, stage, words::ADD_CLIENT, ready, name || code, Command::AddClient);
}

/// Client, date and length, before a note is frozen.
fn sign(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::SIGN_TITLE, words::SIGN_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Sign, Job::Save]));
    let Some(shown) = &practice.preview else {
        if stage.model.trouble_with(&[Job::Sign, Job::Save]).is_none() {
            widgets::progress(ui, words::STARTING, Default::default());
        }
        let cancel = widgets::outlined(ui, words::CANCEL, true);
        return stage.ask_if(cancel, Command::Back);
    };
    let length = shown.minutes.map_or(words::NOT_GIVEN.to_owned(), |minutes| format!("{minutes} {}", words::MIN));
    let name = view_model::veiled(stage.model, &shown.client).into_owned();
    let rows = [
        (words::SIGN_FROM, name),
        (words::DATE, words::long_date(shown.date)),
        (words::SIGN_LENGTH, length),
        (words::SIGN_WORDS, shown.words.to_string()),
    ];
    for (label, value) in rows {
        ui.horizontal(|ui| {
            let t = tokens(ui);
            widgets::say(ui, label, face::text(), t.soft);
            widgets::say(ui, &value, face::strong(), t.ink);
        });
    }
    widgets::wrap(ui, words::SIGN_LOCKS, face::small(), tokens(ui).soft);
    ui.add_space(space::MEDIUM);
    let ready = stage.model.progress(Job::Sign).is_none();
    answer(ui, stage, words::SIGN_NOW, ready, false, Command::Sign);
}

fn private(ui: &mut Ui, stage: &mut Stage<'_>, wanted: Private) {
    let (title, open) = match wanted {
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
    answer(ui, stage, open, ready, entered, Command::Private);
}

/// Where to, and whether private notes go too: then the passphrase is asked again.
fn export(ui: &mut Ui, stage: &mut Stage<'_>, private: bool) {
    widgets::title(ui, words::EXPORT_CLIENT, words::EXPORT_CLIENT_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Export, Job::Pick]));
    if stage.under_way(ui, Job::Export, words::EXPORTING) {
        return;
    }
    let focus = stage.focus(Field::Path);
    let hint = words::FOLDER_HINT;
    let folder = widgets::place(ui, "export-folder", words::EXPORT_FOLDER, hint, &mut stage.typed.path, focus);
    stage.ask_if(folder.choose, Command::Pick(Pick::ExportClientTo));
    ui.horizontal(|ui| {
        for (with, words) in [(false, words::EXPORT_WITHOUT), (true, words::EXPORT_PRIVATE)] {
            let chosen = widgets::choice(ui, words, private == with);
            stage.ask_if(chosen, Command::Open(Overlay::Export { private: with }));
        }
    });
    let mut entered = folder.entered;
    if private {
        let focus = stage.focus(Field::Passphrase);
        entered |= widgets::secret(ui, "export-private", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    }
    let ready = !stage.typed.path.trim().is_empty() && (!private || !stage.typed.passphrase.is_empty());
    answer(ui, stage, words::EXPORT_CLIENT, ready, entered, Command::ExportClient);
}

/// For whom, why, on what basis, until when: what is asked becomes the disclosure entry.
fn seal(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, chosen: usize) {
    let t = tokens(ui);
    widgets::title(ui, words::SEAL_TITLE, words::SEAL_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Seal, Job::Pick]));
    if stage.under_way(ui, Job::Seal, words::SEALING) {
        return;
    }
    widgets::say(ui, words::SEAL_TO, face::small(), t.soft);
    ui.horizontal_wrapped(|ui| {
        for (place, colleague) in practice.colleagues.iter().enumerate() {
            let pressed = widgets::choice(ui, &colleague.name, place == chosen);
            stage.ask_if(pressed, Command::Open(Overlay::Seal { colleague: place }));
        }
    });
    if practice.colleagues.get(chosen).is_some_and(|colleague| !colleague.compared) {
        widgets::wrap(ui, words::SEAL_UNCOMPARED, face::small(), t.needs_you);
    }
    let typed = &mut *stage.typed;
    widgets::field(ui, "purpose", words::SEAL_PURPOSE, words::SEAL_PURPOSE_HINT, &mut typed.purpose, false);
    widgets::field(ui, "basis", words::SEAL_BASIS, words::SEAL_BASIS_HINT, &mut typed.basis, false);
    widgets::field(ui, "until", words::SEAL_UNTIL, words::SEAL_UNTIL_HINT, &mut typed.until, false);
    let until = typed.until.trim();
    if !until.is_empty() && until.parse::<jiff::civil::Date>().is_err() {
        widgets::wrap(ui, words::SEAL_UNTIL_BAD, face::hint(), t.needs_you);
    }
    let (focus, hint) = (stage.model.focus == Some(Field::Path), words::CARD_FILE_HINT);
    let file = widgets::place(ui, "seal-file", words::SEAL_FILE, hint, &mut stage.typed.path, focus);
    stage.ask_if(file.choose, Command::Pick(Pick::SealTo));
    let ready = seal_request(stage.model, stage.typed).is_some();
    answer(ui, stage, words::SEAL, ready, false, Command::Seal);
}

/// The answer that is asked for, and the way out.
pub(super) fn answer(ui: &mut Ui, stage: &mut Stage<'_>, words: &str, ready: bool, entered: bool, command: Command) {
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words, ready);
        stage.ask_if((entered || pressed) && ready, command);
        let cancel = widgets::quiet(ui, words::CANCEL);
        stage.ask_if(cancel, Command::Back);
    });
}
