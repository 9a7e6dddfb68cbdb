//! Removing a device: what it means before it is done, the devices that are gone, and what came from them since.

use egui::{ScrollArea, Ui};
use subrosa_core::id::DeviceId;

use crate::features::devices::messages::DevicesCommand;
use crate::features::devices::values::{DeviceRow, Quarantine, RemovedDevice};
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::answer::answer;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Overlay, Screen};
use crate::words;

/// Remove this device?
pub(crate) fn ask(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, (device, retired): (DeviceId, bool)) {
    let Some(row) = practice.devices.rows.iter().find(|row| row.id == device) else { return };
    // In a low window the words scroll, and the choice and the answer stay in sight.
    let room = (ui.ctx().content_rect().height() - size::ANSWER - 2.0 * space::PAGE).max(size::ANSWER);
    ScrollArea::vertical().max_height(room).show(ui, |ui| meaning(ui, row));
    ui.add_space(space::SMALL);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Removal]));
    if let Some(progress) = stage.model.progress(Job::Removal) {
        return widgets::progress(ui, words::REMOVING, progress);
    }
    ui.horizontal_wrapped(|ui| {
        for (is_retired, words) in [(false, words::REMOVE_LOST), (true, words::REMOVE_RETIRED)] {
            let chosen = widgets::choice(ui, words, retired == is_retired);
            stage.ask_if(chosen, Command::Open(Overlay::RemoveDevice { device, retired: is_retired }));
        }
    });
    let card = if retired { words::REMOVE_RETIRED_MORE } else { words::REMOVE_LOST_MORE };
    widgets::wrap(ui, card, face::small(), tokens(ui).soft);
    let focus = stage.focus(Field::Passphrase);
    let entered = widgets::secret(ui, "remove", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    let ready = !stage.typed.passphrase.is_empty();
    answer(ui, stage, words::REMOVE_NOW, ready, entered, Command::Devices(DevicesCommand::Remove));
}

/// What it means, what is safe, what the device still has, and what is renewed.
fn meaning(ui: &mut Ui, row: &DeviceRow) {
    let t = tokens(ui);
    widgets::wrap(ui, &words::may_remove(&row.name), face::title(), t.ink);
    ui.add_space(space::SMALL);
    ui.spacing_mut().item_spacing.y = space::TIGHT / 2.0;
    for (_, warning) in [(row.elder, words::REMOVE_ELDER), (row.made_kit, words::REMOVE_KIT)].iter().filter(|it| it.0) {
        widgets::wrap(ui, warning, face::text(), t.risk);
        ui.add_space(space::SMALL);
    }
    let said = [
        (words::REMOVE_MEANS_TITLE, words::REMOVE_MEANS),
        (words::REMOVE_SAFE_TITLE, words::REMOVE_SAFE),
        (words::REMOVE_HAS_TITLE, words::REMOVE_HAS),
        (words::REMOVE_RENEWED_TITLE, words::REMOVE_RENEWED),
    ];
    for (head, words) in said {
        widgets::wrap(ui, head, face::strong(), t.accent);
        widgets::wrap(ui, words, face::text(), t.ink);
        ui.add_space(space::SMALL);
    }
}

/// Put away what came from this device?
pub(crate) fn discard(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, device: DeviceId) {
    let row = practice.devices.removed.iter().find(|row| row.id == device);
    let Some((row, quarantine)) = row.and_then(|row| Some((row, row.quarantine?))) else { return };
    widgets::title(ui, &words::may_discard(&row.name, &quarantine), words::DISCARD_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Removal]));
    let ready = stage.model.progress(Job::Removal).is_none();
    answer(ui, stage, words::DISCARD_NOW, ready, false, Command::Devices(DevicesCommand::Discard));
}

/// What was just done about a device that goes or is gone.
pub(crate) fn done(ui: &mut Ui, stage: &Stage<'_>, practice: &Practice) {
    if stage.model.overlay.is_none() {
        widgets::trouble(ui, stage.model.trouble_with(&[Job::Removal]));
    }
    let said = if let Some((Job::Removal, Done::DeviceRemoved(name))) = &practice.done {
        words::device_removed(name)
    } else if practice.has_done(Job::Removal, &Done::QuarantineAnswered { kept: true }) {
        words::QUARANTINE_KEPT.to_owned()
    } else if practice.has_done(Job::Removal, &Done::QuarantineAnswered { kept: false }) {
        words::QUARANTINE_DISCARDED.to_owned()
    } else {
        return;
    };
    widgets::wrap(ui, &said, face::text(), tokens(ui).accent);
    ui.add_space(space::SMALL);
}

/// The devices that are gone, each with what of it lies quarantine.
pub(crate) fn list(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    if practice.devices.removed.is_empty() {
        return;
    }
    ui.add_space(space::MEDIUM);
    widgets::say(ui, words::REMOVED_DEVICES, face::pane(), tokens(ui).ink);
    ui.add_space(space::SMALL);
    for device in &practice.devices.removed {
        ui.push_id(device.id, |ui| row(ui, stage, device));
    }
}

fn row(ui: &mut Ui, stage: &mut Stage<'_>, device: &RemovedDevice) {
    let t = tokens(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::TIGHT / 2.0;
        widgets::say(ui, &device.name, face::strong(), t.ink);
        let when = words::removed_on(device.at, &device.by, stage.model.now.today());
        widgets::say(ui, &when, face::hint(), t.soft);
        if device.along {
            widgets::wrap(ui, words::REMOVED_ALONG, face::hint(), t.soft);
        }
    });
    if let Some(quarantine) = device.quarantine {
        ui.add_space(space::SMALL);
        widgets::card(ui, |ui| self::quarantine(ui, stage, device, quarantine));
    }
    ui.add_space(space::MEDIUM);
}

fn quarantine(ui: &mut Ui, stage: &mut Stage<'_>, device: &RemovedDevice, quarantine: Quarantine) {
    let t = tokens(ui);
    widgets::wrap(ui, &words::lies_in_quarantine(&quarantine), face::strong(), t.needs_you);
    widgets::wrap(ui, words::QUARANTINE_MORE, face::text(), t.soft);
    ui.horizontal(|ui| {
        let ready = stage.model.progress(Job::Removal).is_none();
        let keep = widgets::outlined_as(ui, words::KEEP, &words::keep_named(&device.name), ready);
        stage.ask_if(keep, DevicesCommand::Keep(device.id));
        let discard = widgets::outlined_as(ui, words::DISCARD, &words::discard_named(&device.name), ready);
        stage.ask_if(discard, Command::Open(Overlay::Discard(device.id)));
    });
}

/// On the device that was removed: what happened, what is safe, what to do.
pub(crate) fn here(ui: &mut Ui, stage: &mut Stage<'_>, device: &RemovedDevice) {
    let t = tokens(ui);
    widgets::card(ui, |ui| {
        widgets::wrap(ui, words::REMOVED_HERE, face::pane(), t.needs_you);
        let when = words::removed_on(device.at, &device.by, stage.model.now.today());
        widgets::wrap(ui, &when, face::small(), t.soft);
        if device.along {
            widgets::wrap(ui, words::REMOVED_ALONG, face::small(), t.soft);
        }
        ui.add_space(space::SMALL);
        for sentence in [words::REMOVED_HERE_SAFE, words::REMOVED_HERE_NEW, words::REMOVED_HERE_BACK] {
            widgets::wrap(ui, sentence, face::text(), t.ink);
            ui.add_space(space::TIGHT);
        }
        let export = widgets::filled(ui, words::IMPORT_EXPORT, true);
        stage.ask_if(export, Command::Go(Screen::Import));
    });
}
