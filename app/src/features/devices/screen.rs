//! The devices that hold the practice, adding one, and those that are gone.

mod lacked;
mod reaching;
pub(crate) mod removal;

use egui::{Align, Layout, Ui};

use crate::features::devices::messages::DevicesCommand;
use crate::features::devices::state::Pairing;
use crate::features::devices::values::{DeviceRow, Invitation};
use crate::features::letters::messages::LettersCommand;
use crate::features::letters::screen as letters;
use crate::features::sync_folder::screen as sync_folder;
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Overlay};
use crate::view_model::Tone;
use crate::{view_model, words};

/// Draws the list, and the step at which adding a device is.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::title(ui, words::DEVICES, words::DEVICES_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Devices]));
    if practice.done == Some((Job::Devices, Done::DeviceAdded)) {
        widgets::wrap(ui, words::DEVICE_ADDED, face::text(), t.accent);
    }
    if let Some((Job::Devices, Done::LetterAnswered(name))) = &practice.done {
        widgets::wrap(ui, &words::letter_answered(name), face::text(), t.accent);
    }
    removal::done(ui, stage, practice);
    if let Some(removed) = practice.removed_here() {
        return removal::here(ui, stage, removed);
    }
    match &practice.devices.pairing {
        Pairing::Idle => {
            ui.horizontal_wrapped(|ui| {
                let invite = widgets::filled(ui, words::INVITE, true);
                stage.ask_if(invite, DevicesCommand::AskInvite);
                let by_file = widgets::quiet(ui, words::LETTERS_ADMIT);
                stage.ask_if(by_file, LettersCommand::AskAdmit);
            });
        }
        Pairing::Reauth => widgets::card(ui, |ui| reauthenticate(ui, stage)),
        Pairing::Inviting(invitation) => widgets::card(ui, |ui| inviting(ui, stage, invitation)),
        Pairing::Asked { name, compare } => widgets::card(ui, |ui| asked(ui, stage, name, compare)),
        Pairing::Letter => widgets::card(ui, |ui| letters::read(ui, stage)),
        Pairing::LetterAsked(name) => widgets::card(ui, |ui| letters::asked(ui, stage, name)),
        Pairing::Adding => widgets::card(ui, |ui| widgets::progress(ui, words::DEVICE_ADDING, Default::default())),
    }
    ui.add_space(space::SECTION);
    let (copies, tone) = view_model::copies(stage.model, practice);
    widgets::say(ui, words::ALL_DEVICES, face::pane(), t.ink);
    widgets::wrap(
        ui,
        &words::notes_are(&copies),
        face::text(),
        if tone == Tone::NeedsYou { t.needs_you } else { t.soft },
    );
    ui.add_space(space::MEDIUM);
    for device in &practice.devices.rows {
        ui.push_id(device.id, |ui| row(ui, stage, practice, device));
    }
    removal::list(ui, stage, practice);
    reaching::show(ui, stage, practice);
    sync_folder::show(ui, stage, practice);
}

fn reauthenticate(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::wrap(ui, words::INVITE_AGAIN_MORE, face::text(), tokens(ui).ink);
    ui.add_space(space::SMALL);
    if let Some(progress) = stage.model.progress(Job::Devices) {
        return widgets::progress(ui, words::STARTING, progress);
    }
    let focus = stage.focus(Field::Passphrase);
    let entered = widgets::secret(ui, "invite", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::INVITE_SHOW, !stage.typed.passphrase.is_empty());
        stage.ask_if(entered || pressed, DevicesCommand::Invite);
        let cancel = widgets::quiet(ui, words::CANCEL);
        stage.ask_if(cancel, DevicesCommand::CancelInvitation);
    });
}

fn inviting(ui: &mut Ui, stage: &mut Stage<'_>, invitation: &Invitation) {
    let t = tokens(ui);
    widgets::wrap(ui, words::INVITE_TITLE, face::text(), t.soft);
    widgets::wrap(ui, invitation.words.expose(), face::title(), t.ink);
    widgets::wrap(ui, &words::valid_until(invitation.until), face::small(), t.soft);
    ui.add_space(space::MEDIUM);
    widgets::wrap(ui, words::INVITE_TEXT, face::text(), t.soft);
    widgets::wrap(ui, invitation.text.expose(), face::small(), t.ink);
    ui.horizontal(|ui| {
        if widgets::outlined(ui, words::INVITE_COPY, true) {
            ui.ctx().copy_text(invitation.text.expose().to_owned());
        }
        let cancel = widgets::quiet(ui, words::CANCEL);
        stage.ask_if(cancel, DevicesCommand::CancelInvitation);
    });
    widgets::wrap(ui, words::WAITING_FOR_DEVICE, face::hint(), t.soft);
}

fn asked(ui: &mut Ui, stage: &mut Stage<'_>, name: &str, compare: &str) {
    let t = tokens(ui);
    widgets::wrap(ui, &words::may_join(name), face::pane(), t.ink);
    widgets::wrap(ui, words::CONFIRM_COMPARE, face::text(), t.soft);
    widgets::wrap(ui, compare, face::title(), t.ink);
    widgets::wrap(ui, words::CONFIRM_MORE, face::text(), t.soft);
    ui.horizontal(|ui| {
        let yes = widgets::filled(ui, words::CONFIRM_YES, true);
        stage.ask_if(yes, DevicesCommand::Confirm(true));
        let no = widgets::outlined(ui, words::CONFIRM_NO, true);
        stage.ask_if(no, DevicesCommand::Confirm(false));
    });
}

fn row(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, device: &DeviceRow) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            if !device.this {
                let remove = widgets::outlined_as(ui, words::REMOVE, &words::remove_named(&device.name), true);
                stage.ask_if(remove, Command::Open(Overlay::RemoveDevice { device: device.id, retired: false }));
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| told(ui, stage, device));
        });
    });
    lacked::show(ui, stage, practice, device);
    ui.add_space(space::MEDIUM);
}

/// What it is called, how far it is, and how it came.
fn told(ui: &mut Ui, stage: &Stage<'_>, device: &DeviceRow) {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing.y = space::TIGHT / 2.0;
    let today = stage.model.now.today();
    let (state, tone) = view_model::device_state(device);
    widgets::say(ui, &device.name, face::strong(), t.ink);
    widgets::say(ui, &state, face::small(), if tone == Tone::NeedsYou { t.needs_you } else { t.soft });
    if let Some(met) = words::device_met(device, today) {
        widgets::wrap(ui, &met, face::small(), t.soft);
    }
    if let Some(why) = device.unused {
        widgets::wrap(ui, words::unused(why), face::small(), t.needs_you);
    }
    let by = device.added_by.as_ref().map_or(words::FIRST_DEVICE.to_owned(), |by| words::added_by(by));
    let when = device.added.map(words::long_date).unwrap_or_default();
    widgets::say(ui, format!("{by} · {when}").trim_end_matches(" · "), face::hint(), t.soft);
}
