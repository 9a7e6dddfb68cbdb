//! Devices: inviting one, removing one, and the answer to what came from one after it was removed.

mod reaching;

use crate::model::Place;
use subrosa_core::id::DeviceId;

use crate::features::devices::messages::{DevicesCommand, DevicesEffect, DevicesEvent};
use crate::features::devices::state::Pairing;
use crate::features::devices::values::{DeviceRow, RemovedDevice};
use crate::messages::Effect;
use crate::model::{Done, Model, Practice};
use crate::update::begin::{begin, finish, with_practice};
use crate::update::navigate::go;
use crate::values::job::Job;
use crate::values::navigation::{Field, Overlay, Screen};

/// Commands about devices, while a practice is open.
pub(crate) fn update(model: &mut Model, command: DevicesCommand) -> Vec<Effect> {
    match command {
        DevicesCommand::AskInvite => ask_invite(model),
        DevicesCommand::Invite => invite(model),
        DevicesCommand::CancelInvitation => set_pairing(model, DevicesEffect::CancelInvitation.into()),
        DevicesCommand::Confirm(accept) => confirm(model, accept),
        DevicesCommand::Remove => remove(model),
        DevicesCommand::ShowLacked(device) => show_lacked(model, device),
        DevicesCommand::Keep(device) => keep(model, device),
        DevicesCommand::Discard => discard(model),
        DevicesCommand::Rename => reaching::rename(model),
        DevicesCommand::Connect => reaching::connect(model),
        DevicesCommand::UsePort => reaching::use_port(model),
        DevicesCommand::UseRelay => reaching::use_relay(model),
        DevicesCommand::UseNoRelay => reaching::use_no_relay(model),
    }
}

/// What jobs bring back of devices.
pub(crate) fn apply(model: &mut Model, event: DevicesEvent) -> Vec<Effect> {
    match event {
        DevicesEvent::Listed(devices, removed) => listed(model, devices, removed),
        DevicesEvent::NoteIsOn(copies) => with_practice(model, |practice| practice.devices.note = Some(copies)),
        DevicesEvent::Lacked(lacked) => with_practice(model, |practice| {
            practice.devices.lacked = Some(*lacked).filter(|lacked| Some(lacked.device) == practice.devices.opened);
        }),
        DevicesEvent::Removed(name) => {
            finish(model, Job::Removal);
            with_practice(model, |practice| practice.done = Some((Job::Removal, Done::DeviceRemoved(name))))
        }
        DevicesEvent::QuarantineAnswered { kept } => {
            finish(model, Job::Removal);
            with_practice(model, |practice| practice.done = Some((Job::Removal, Done::QuarantineAnswered { kept })))
        }
        DevicesEvent::Invited(invitation) => {
            finish(model, Job::Devices);
            with_practice(model, |practice| practice.devices.pairing = Pairing::Inviting(invitation))
        }
        DevicesEvent::Reach(reach) => reaching::heard(model, reach),
        DevicesEvent::Relay(state) => with_practice(model, |practice| practice.devices.relay = Some(state)),
        DevicesEvent::Dialling => reaching::dialling(model),
        DevicesEvent::Asks { name, compare } => {
            with_practice(model, |practice| practice.devices.pairing = Pairing::Asked { name, compare })
        }
    }
}

fn listed(model: &mut Model, devices: Vec<DeviceRow>, removed: Vec<RemovedDevice>) -> Vec<Effect> {
    finish(model, Job::Devices);
    let Model { place: Place::Open(practice), overlay, .. } = model else { return Vec::new() };
    let grown = devices.len() > practice.devices.rows.len();
    let is_other = devices != practice.devices.rows;
    (practice.devices.rows, practice.devices.removed) = (devices, removed);
    drop_answered_question(overlay, practice);
    if grown && matches!(practice.devices.pairing, Pairing::Adding) {
        practice.devices.pairing = Pairing::Idle;
        practice.done = Some((Job::Devices, Done::DeviceAdded));
    }
    let opened = practice.devices.opened.filter(|_| is_other && practice.screen == Screen::Devices);
    opened.map(|device| DevicesEffect::LoadLacked(device).into()).into_iter().collect()
}

fn show_lacked(model: &mut Model, device: DeviceId) -> Vec<Effect> {
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.devices.lacked = None;
    practice.devices.opened = Some(device).filter(|device| practice.devices.opened != Some(*device));
    practice.devices.opened.map(|device| DevicesEffect::LoadLacked(device).into()).into_iter().collect()
}

fn ask_invite(model: &mut Model) -> Vec<Effect> {
    let effects = go(model, Screen::Devices);
    if let Some(practice) = model.practice_mut().filter(|practice| practice.removed_here().is_none()) {
        practice.devices.pairing = Pairing::Reauth;
        model.focus = Some(Field::Passphrase);
    }
    effects
}

fn invite(model: &mut Model) -> Vec<Effect> {
    if model.typed.passphrase.is_empty() || model.progress(Job::Devices).is_some() {
        return Vec::new();
    }
    let passphrase = model.typed.passphrase.take();
    begin(model, DevicesEffect::Invite { passphrase })
}

fn set_pairing(model: &mut Model, effect: Effect) -> Vec<Effect> {
    model.typed.forget_secrets();
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    let shown = matches!(practice.devices.pairing, Pairing::Inviting(_) | Pairing::Asked { .. });
    practice.devices.pairing = Pairing::Idle;
    if shown { vec![effect] } else { Vec::new() }
}

fn confirm(model: &mut Model, accept: bool) -> Vec<Effect> {
    let asked = model.practice().is_some_and(|practice| matches!(practice.devices.pairing, Pairing::Asked { .. }));
    if !asked {
        return Vec::new();
    }
    if let Some(practice) = model.practice_mut() {
        practice.devices.pairing = if accept { Pairing::Adding } else { Pairing::Idle };
    }
    begin(model, DevicesEffect::Confirm(accept))
}

fn remove(model: &mut Model) -> Vec<Effect> {
    match model.overlay {
        Some(Overlay::RemoveDevice { device, retired })
            if !model.typed.passphrase.is_empty() && !is_removing(model) =>
        {
            let passphrase = model.typed.passphrase.take();
            begin(model, DevicesEffect::Remove { device, retired, passphrase })
        }
        _ => Vec::new(),
    }
}

fn keep(model: &mut Model, device: DeviceId) -> Vec<Effect> {
    if model.overlay.is_some() || is_removing(model) {
        return Vec::new();
    }
    begin(model, DevicesEffect::AnswerQuarantine { device, keep: true })
}

fn discard(model: &mut Model) -> Vec<Effect> {
    match model.overlay {
        Some(Overlay::Discard(device)) if !is_removing(model) => {
            begin(model, DevicesEffect::AnswerQuarantine { device, keep: false })
        }
        _ => Vec::new(),
    }
}

fn is_removing(model: &Model) -> bool {
    model.progress(Job::Removal).is_some()
}

/// A question about a device that has gone meanwhile, here or on another device, is no question any more.
pub(crate) fn drop_answered_question(overlay: &mut Option<Overlay>, practice: &Practice) {
    let open = match overlay {
        Some(Overlay::RemoveDevice { device, .. }) => {
            practice.devices.rows.iter().any(|row| row.id == *device && !row.this)
        }
        Some(Overlay::Discard(device)) => {
            practice.devices.removed.iter().any(|row| row.id == *device && row.quarantine.is_some())
        }
        _ => true,
    };
    if !open {
        *overlay = None;
    }
}
