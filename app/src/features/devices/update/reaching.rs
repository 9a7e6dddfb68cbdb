//! How devices reach each other: the name of this one, an address that was typed, a relay.

use subrosa_core::secret::Passphrase;

use crate::features::devices::messages::DevicesEffect;
use crate::features::devices::values::Reach;
use crate::messages::Effect;
use crate::model::Model;
use crate::update::begin::{begin, finish, path, with_practice};
use crate::values::job::Job;

pub(super) fn rename(model: &mut Model) -> Vec<Effect> {
    let name = model.typed.device.trim().to_owned();
    if name.is_empty() || is_busy(model) {
        return Vec::new();
    }
    begin(model, DevicesEffect::Rename(name))
}

pub(super) fn connect(model: &mut Model) -> Vec<Effect> {
    let address = model.typed.reach.address.trim().to_owned();
    if address.is_empty() || is_busy(model) {
        return Vec::new();
    }
    begin(model, DevicesEffect::Connect(address))
}

pub(super) fn use_relay(model: &mut Model) -> Vec<Effect> {
    let url = model.typed.reach.relay.trim().to_owned();
    if url.is_empty() || is_busy(model) {
        return Vec::new();
    }
    // What was typed stays, should it be refused.
    let token = Passphrase::new(model.typed.reach.token.expose().to_owned());
    let certificate = Some(path(&model.typed.reach.certificate)).filter(|path| !path.as_os_str().is_empty());
    begin(model, DevicesEffect::UseRelay { url, token, certificate })
}

pub(super) fn use_port(model: &mut Model) -> Vec<Effect> {
    match model.typed.reach.typed_port() {
        Some(port) if !is_busy(model) => begin(model, DevicesEffect::UsePort(port)),
        _ => Vec::new(),
    }
}

pub(super) fn use_no_relay(model: &mut Model) -> Vec<Effect> {
    if is_busy(model) {
        return Vec::new();
    }
    begin(model, DevicesEffect::UseNoRelay)
}

/// How devices reach each other now. What was typed of it is done with.
pub(super) fn heard(model: &mut Model, reach: Reach) -> Vec<Effect> {
    if model.progress(Job::Reach).is_some() {
        finish(model, Job::Reach);
        model.typed.forget_reach();
    }
    with_practice(model, |practice| {
        if practice.devices.reach.relay != reach.relay {
            practice.devices.relay = None;
        }
        practice.devices.reach = reach;
    })
}

pub(super) fn dialling(model: &mut Model) -> Vec<Effect> {
    finish(model, Job::Reach);
    model.typed.forget_reach();
    with_practice(model, |practice| practice.devices.is_dialling = true)
}

fn is_busy(model: &Model) -> bool {
    model.progress(Job::Reach).is_some()
}
