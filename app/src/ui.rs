//! The screens: they draw the model and answer with commands. None touches a practice, and none changes the model except what is
//! being typed.

pub(crate) mod answer;
pub mod app;
mod forget;
mod frame;
pub(crate) mod other_client;
mod overlay;
pub(crate) mod passphrase;
pub(crate) mod recovery_line;
mod safety;
pub(crate) mod stage;
pub mod theme;
pub mod widgets;
pub mod window;

use egui::{Align, CentralPanel, Frame, Layout, Margin, ScrollArea, Ui, UiBuilder};

use crate::features::backup::screen::restoring;
use crate::features::clients::screen as clients;
use crate::features::colleagues::screen as colleagues;
use crate::features::devices::screen as devices;
use crate::features::exchange::screen as exchange;
use crate::features::kit::screen as kit;
use crate::features::letters::screen as letters;
use crate::features::opening::screen as opening;
use crate::features::search::screen as search;
use crate::features::settings::screen as settings;
use crate::features::signing::screen as signing;
use crate::features::trash::screen as trash;
use crate::model::{Place, Practice};
use crate::ui::stage::Stage;
use crate::ui::theme::{size, space, tokens};
use crate::values::navigation::{FirstRun, Screen};
use crate::words;

/// Draws the whole window.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>) {
    let model = stage.model;
    match &model.place {
        Place::Starting => centred(ui, |ui| widgets::progress(ui, words::STARTING, Default::default())),
        Place::FirstRun(step) => first_run(ui, stage, *step),
        Place::Locked(locked) => centred(ui, |ui| opening::show(ui, stage, locked)),
        Place::Open(practice) => open(ui, stage, practice),
    }
    overlay::show(ui, stage);
}

fn first_run(ui: &mut Ui, stage: &mut Stage<'_>, step: FirstRun) {
    centred(ui, |ui| match step {
        FirstRun::Welcome => opening::welcome(ui, stage),
        FirstRun::New => opening::new(ui, stage),
        FirstRun::Join(step) => opening::join(ui, stage, step),
        FirstRun::Letters => letters::join(ui, stage),
        FirstRun::Restore => restoring::new(ui, stage),
    });
}

/// The screen and, below it, the bars. They are drawn after it, since the keyboard goes through everything as it was drawn.
fn open(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let whole = ui.available_rect_before_wrap();
    let (above, bars) = whole.split_top_bottom_at_y(whole.bottom() - size::STATUS - signing::height(practice));
    ui.scope_builder(UiBuilder::new().max_rect(above), |ui| screen(ui, stage, practice));
    ui.scope_builder(UiBuilder::new().max_rect(bars), |ui| {
        signing::signing(ui, stage, practice);
        frame::status(ui, stage, practice);
    });
}

fn screen(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    frame::notices(ui, stage, practice);
    let stands_alone = matches!(practice.screen, Screen::KitAgain | Screen::Kit | Screen::WhatIf);
    if !practice.writing && !stands_alone {
        frame::rail(ui, stage, practice);
    }
    match practice.screen {
        Screen::Clients => {
            if !practice.writing {
                clients::list::list(ui, stage, practice);
            }
            client_page(ui, stage, practice);
        }
        Screen::Search => page(ui, "search", |ui| search::show(ui, stage, practice)),
        Screen::Devices => page(ui, "devices", |ui| devices::show(ui, stage, practice)),
        Screen::Colleagues => page(ui, "colleagues", |ui| colleagues::show(ui, stage, practice)),
        Screen::Import => page(ui, "import", |ui| exchange::show(ui, stage, practice)),
        Screen::Safety => page(ui, "safety", |ui| safety::show(ui, stage, practice)),
        Screen::Restore => page(ui, "restore", |ui| restoring::show(ui, stage, practice)),
        Screen::Trash => page(ui, "trash", |ui| trash::show(ui, stage, practice)),
        Screen::Settings => page(ui, "settings", |ui| settings::show(ui, stage, practice)),
        Screen::KitAgain => centred(ui, |ui| kit::again(ui, stage, practice)),
        Screen::Kit => centred(ui, |ui| kit::show(ui, stage, practice)),
        Screen::WhatIf => centred(ui, |ui| kit::what_if(ui, stage)),
    }
}

/// A client's page, which comes back to where it was scrolled when the window locked.
fn client_page(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    // Only a page with the note on it is long enough to be scrolled that far.
    let there = practice.timeline.is_some() && practice.notes.editor.is_some();
    let scroll = if there { stage.typed.note.scroll_to.take() } else { None };
    let offset = scrolled_page(ui, "client", scroll, |ui| clients::show(ui, stage, practice));
    stage.typed.note.scroll = offset;
}

/// A page that scrolls, no wider than text reads well.
fn page(ui: &mut Ui, id: &str, add: impl FnOnce(&mut Ui)) {
    scrolled_page(ui, id, None, add);
}

/// The same; scrolled to a place if one is given. How far it is scrolled.
fn scrolled_page(ui: &mut Ui, id: &str, to: Option<f32>, add: impl FnOnce(&mut Ui)) -> f32 {
    let fill = Frame::new().fill(tokens(ui).page);
    let panel = CentralPanel::default().frame(fill).show(ui, |ui| {
        let mut area = ScrollArea::vertical().id_salt(id).auto_shrink(false);
        if let Some(to) = to {
            area = area.vertical_scroll_offset(to);
        }
        let shown = area.show(ui, |ui| {
            let side = if ui.available_width() < size::COLUMN { 24 } else { 48 };
            Frame::new().inner_margin(Margin::symmetric(side, 32)).show(ui, |ui| {
                ui.set_max_width(size::COLUMN.min(ui.available_width()));
                add(ui);
            });
        });
        shown.state.clamped_offset().y
    });
    panel.inner
}

/// One narrow column in the middle of an empty page.
fn centred(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    let fill = Frame::new().fill(tokens(ui).page);
    CentralPanel::default().frame(fill).show(ui, |ui| {
        ScrollArea::vertical().id_salt("centred").auto_shrink(false).show(ui, |ui| {
            let width = size::FORM.min(ui.available_width() - space::PAGE);
            let margin = ((ui.available_width() - width) / 2.0).max(0.0);
            ui.add_space((ui.available_height() * 0.12).max(space::LARGE));
            ui.horizontal_top(|ui| {
                ui.add_space(margin);
                ui.allocate_ui_with_layout(egui::vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    add(ui);
                    ui.add_space(space::PAGE);
                });
            });
        });
    });
}
