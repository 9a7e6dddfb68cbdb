//! Settings of this device, and its passphrase.

use crate::features::settings::messages::{SettingsCommand, SettingsEffect, SettingsEvent};
use crate::messages::Effect;
use crate::model::{Done, Model};
use crate::update::begin::{begin, finish, with_practice};
use crate::update::navigate::go;
use crate::values::job::Job;
use crate::values::navigation::{Overlay, Screen};
use crate::values::settings::Settings;
use crate::view_model::may_choose;

/// Commands about settings.
pub(crate) fn update(model: &mut Model, command: SettingsCommand) -> Vec<Effect> {
    match command {
        SettingsCommand::Set(settings) => set(model, settings),
        SettingsCommand::ChangePassphrase => change_passphrase(model),
        SettingsCommand::MakeKeysNew => make_keys_new(model),
    }
}

/// The passphrase is changed, or all keys are new.
pub(crate) fn apply(model: &mut Model, event: SettingsEvent) -> Vec<Effect> {
    match event {
        SettingsEvent::PassphraseChanged { others } => {
            finish(model, Job::Passphrase);
            with_practice(model, |practice| practice.done = Some((Job::Passphrase, Done::PassphraseChanged(others))))
        }
        SettingsEvent::KeysNew => keys_are_new(model),
    }
}

fn set(model: &mut Model, settings: Settings) -> Vec<Effect> {
    model.settings = settings;
    vec![Effect::Settings(SettingsEffect::Save(settings))]
}

fn make_keys_new(model: &mut Model) -> Vec<Effect> {
    let asked = model.overlay == Some(Overlay::NewKeys) && !model.typed.passphrase.is_empty();
    if !asked || model.progress(Job::NewKeys).is_some() {
        return Vec::new();
    }
    let passphrase = model.typed.passphrase.take();
    begin(model, SettingsEffect::MakeKeysNew { passphrase })
}

/// What follows from it is said under Settings, wherever it was asked for.
fn keys_are_new(model: &mut Model) -> Vec<Effect> {
    finish(model, Job::NewKeys);
    let effects = go(model, Screen::Settings);
    if let Some(practice) = model.practice_mut() {
        practice.done = Some((Job::NewKeys, Done::KeysNew));
    }
    effects
}

fn change_passphrase(model: &mut Model) -> Vec<Effect> {
    if model.typed.current.is_empty() || !may_choose(&model.typed) {
        return Vec::new();
    }
    let (current, new) = (model.typed.current.take(), model.typed.passphrase.take());
    model.typed.forget_secrets();
    begin(model, SettingsEffect::ChangePassphrase { current, new })
}
