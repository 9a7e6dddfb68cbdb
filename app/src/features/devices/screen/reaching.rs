//! How devices reach each other: where this one is, an address to dial, a relay; and what this one is called.

use egui::Ui;

use crate::features::devices::messages::DevicesCommand;
use crate::model::Practice;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::relay::RelayState;
use crate::words;

/// Draws all of it.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    ui.add_space(space::SECTION);
    ui.scope(|ui| {
        ui.set_max_width(size::FORM);
        let t = tokens(ui);
        widgets::wrap(ui, words::REACH, face::pane(), t.ink);
        widgets::wrap(ui, words::REACH_MORE, face::text(), t.soft);
        ui.add_space(space::SMALL);
        widgets::trouble(ui, stage.model.trouble_with(&[Job::Reach]));
        name(ui, stage);
        place(ui, stage, practice);
        relay(ui, stage, practice);
    });
}

fn name(ui: &mut Ui, stage: &mut Stage<'_>) {
    let entered = widgets::field(ui, "device-name", words::DEVICE_NAME, "", &mut stage.typed.device, false);
    let pressed = widgets::outlined(ui, words::DEVICE_RENAME, !stage.typed.device.trim().is_empty());
    stage.ask_if(entered || pressed, DevicesCommand::Rename);
    ui.add_space(space::MEDIUM);
}

fn place(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    if !practice.devices.reach.here.is_empty() {
        widgets::wrap(ui, words::REACH_HERE, face::strong(), t.ink);
        widgets::wrap(ui, &practice.devices.reach.here, face::hint(), t.soft);
        if widgets::outlined(ui, words::REACH_COPY, true) {
            ui.ctx().copy_text(practice.devices.reach.here.clone());
        }
        ui.add_space(space::SMALL);
    }
    let entered = widgets::field(ui, "address", words::REACH_THERE, "", &mut stage.typed.reach.address, false);
    let pressed = widgets::outlined(ui, words::CONNECT, !stage.typed.reach.address.trim().is_empty());
    stage.ask_if(entered || pressed, DevicesCommand::Connect);
    if practice.devices.is_dialling {
        widgets::wrap(ui, words::DIALLING, face::small(), t.soft);
    }
    ui.add_space(space::MEDIUM);
    let entered = widgets::field(ui, "port", words::PORT, words::PORT_HINT, &mut stage.typed.reach.port, false);
    let pressed = widgets::outlined(ui, words::PORT_USE, stage.typed.reach.typed_port().is_some());
    stage.ask_if(entered || pressed, DevicesCommand::UsePort);
    ui.add_space(space::MEDIUM);
}

fn relay(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::wrap(ui, words::RELAY, face::strong(), t.ink);
    match &practice.devices.reach.relay {
        Some(named) => {
            widgets::wrap(ui, &words::relay_is(&named.url, &named.by), face::text(), t.ink);
            if named.is_known_elsewhere {
                widgets::wrap(ui, words::RELAY_RENEW, face::text(), t.needs_you);
            }
            if let Some(state) = practice.devices.relay {
                let tone = if state == RelayState::Connected { t.soft } else { t.needs_you };
                widgets::wrap(ui, words::relay_state(state), face::small(), tone);
            }
        }
        None => drop(widgets::wrap(ui, words::NO_RELAY, face::text(), t.soft)),
    }
    widgets::wrap(ui, words::RELAY_MORE, face::small(), t.soft);
    ui.add_space(space::SMALL);
    let hint = words::RELAY_HINT;
    let entered = widgets::field(ui, "relay", words::RELAY_URL, hint, &mut stage.typed.reach.relay, false);
    let entered = widgets::secret(ui, "token", words::RELAY_TOKEN, &mut stage.typed.reach.token, false) || entered;
    let file = &mut stage.typed.reach.certificate;
    let entered = widgets::field(ui, "relay-certificate", words::CERTIFICATE, "", file, false) || entered;
    ui.horizontal(|ui| {
        let pressed = widgets::outlined(ui, words::RELAY_USE, !stage.typed.reach.relay.trim().is_empty());
        stage.ask_if(entered || pressed, DevicesCommand::UseRelay);
        if practice.devices.reach.relay.is_some() {
            let none = widgets::quiet(ui, words::RELAY_USE_NONE);
            stage.ask_if(none, DevicesCommand::UseNoRelay);
        }
    });
}
