//! Removing a device, and the answer to what came from one after it was removed.

use super::begin;
use crate::command::Command;
use crate::effect::{Effect, Job};
use crate::model::{Model, Overlay, Practice};

/// Commands about devices that go or are gone, while a practice is open.
pub(super) fn update(model: &mut Model, command: Command) -> Vec<Effect> {
    if model.progress(Job::Removal).is_some() {
        return Vec::new();
    }
    match (command, model.overlay) {
        (Command::RemoveDevice, Some(Overlay::RemoveDevice(device))) if !model.typed.passphrase.is_empty() => {
            let passphrase = model.typed.passphrase.take();
            begin(model, Effect::RemoveDevice { device, passphrase })
        }
        (Command::Keep(device), None) => begin(model, Effect::AnswerApart { device, keep: true }),
        (Command::Discard, Some(Overlay::Discard(device))) => begin(model, Effect::AnswerApart { device, keep: false }),
        _ => Vec::new(),
    }
}

/// A question about a device that has gone meanwhile, here or on another device, is no question any more.
pub(super) fn settled(overlay: &mut Option<Overlay>, practice: &Practice) {
    let open = match overlay {
        Some(Overlay::RemoveDevice(device)) => practice.devices.iter().any(|row| row.id == *device && !row.this),
        Some(Overlay::Discard(device)) => practice.removed.iter().any(|row| row.id == *device && row.apart.is_some()),
        _ => true,
    };
    if !open {
        *overlay = None;
    }
}
