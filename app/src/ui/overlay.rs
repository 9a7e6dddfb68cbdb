//! What lies over a screen: the palette, the page of keys, and the questions that need an answer first.

use egui::{Frame, Id, Key, Margin, Modal, Modifiers, ScrollArea, Stroke, Ui};

use crate::features::clients::screen::questions;
use crate::features::colleagues::screen as colleagues;
use crate::features::devices::screen::removal;
use crate::features::exchange::screen as exchange;
use crate::features::kit::screen as kit;
use crate::features::notes::screen as notes;
use crate::features::settings::screen as settings;
use crate::features::signing::screen as signing;
use crate::features::trash::screen as trash;
use crate::messages::Command;
use crate::model::Closing;
use crate::ui::stage::Stage;
use crate::ui::theme::{CORNER, face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Overlay};
use crate::view_model::command_table::{TABLE, keys_in_words, matching};
use crate::words;

/// Draws the overlay, if there is one. Escape, or a click beside it, takes it away.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>) {
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
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Save, Job::Particulars]));
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
        (Overlay::AddClient, Some(_)) => questions::add_client(ui, stage),
        (Overlay::Sign, Some(practice)) => signing::sign(ui, stage, practice),
        (Overlay::Private(asked), Some(_)) => notes::private(ui, stage, asked),
        (Overlay::Export { private }, Some(_)) => exchange::export(ui, stage, private),
        (Overlay::Seal { colleague }, Some(practice)) => colleagues::seal(ui, stage, practice, colleague),
        (Overlay::Move, Some(practice)) => notes::moving(ui, stage, practice),
        (Overlay::Merge, Some(practice)) => questions::merging(ui, stage, practice),
        (Overlay::Unmerge, Some(practice)) => questions::unmerging(ui, stage, practice),
        (Overlay::Delete(doomed), Some(_)) => trash::delete(ui, stage, doomed),
        (Overlay::InError, Some(_)) => signing::in_error(ui, stage),
        (Overlay::RemoveDevice { device, retired }, Some(practice)) => {
            removal::ask(ui, stage, practice, (device, retired));
        }
        (Overlay::Discard(device), Some(practice)) => removal::discard(ui, stage, practice, device),
        (Overlay::NewKit, Some(_)) => kit::ask_new(ui, stage),
        (Overlay::NewKeys, Some(_)) => settings::ask_new_keys(ui, stage),
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
