//! What another device lacks, by name, when somebody wants to see it.

use egui::Ui;

use crate::features::devices::messages::DevicesCommand;
use crate::features::devices::values::{DeviceRow, LackedNames};
use crate::model::Practice;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::view_model::veiled;
use crate::words;

/// Draws the button, and below it what it shows.
pub(super) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, device: &DeviceRow) {
    if device.this || device.lacks.is_nothing_written() {
        return;
    }
    let is_open = practice.devices.opened == Some(device.id);
    let button = if is_open { words::HIDE_LACKED } else { words::SHOW_LACKED };
    let pressed = widgets::outlined_as(ui, button, &words::lacked_named(button, &device.name), true);
    stage.ask_if(pressed, DevicesCommand::ShowLacked(device.id));
    if let Some(lacked) = practice.devices.lacked.as_ref().filter(|lacked| lacked.device == device.id) {
        names(ui, stage, lacked);
    }
}

fn names(ui: &mut Ui, stage: &Stage<'_>, lacked: &LackedNames) {
    let (t, today) = (tokens(ui), stage.model.now.today());
    ui.add_space(space::TIGHT);
    let say = |ui: &mut Ui, line: &str| drop(widgets::wrap(ui, line, face::small(), t.ink));
    for (client, on) in &lacked.notes {
        say(ui, &words::lacked_note(&veiled(stage.model, client), *on, today));
    }
    for client in &lacked.clients {
        say(ui, &words::lacked_particulars(&veiled(stage.model, client)));
    }
    for file in &lacked.files {
        say(ui, &veiled(stage.model, file));
    }
    if lacked.more > 0 {
        widgets::wrap(ui, &words::lacked_more(lacked.more), face::small(), t.soft);
    }
}
