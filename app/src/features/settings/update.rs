//! Settings of this device, and its passphrase.

use crate::features::settings::messages::{SettingsCommand, SettingsEffect, SettingsEvent};
use crate::messages::Effect;
use crate::model::{Done, Model};
use crate::update::begin::{begin, finish, with_practice};
use crate::values::job::Job;
use crate::values::settings::Settings;
use crate::view_model::may_choose;

/// Commands about settings.
pub(crate) fn update(model: &mut Model, command: SettingsCommand) -> Vec<Effect> {
    match command {
        SettingsCommand::Set(settings) => set(model, settings),
        SettingsCommand::ChangePassphrase => change_passphrase(model),
    }
}

/// The passphrase is changed.
pub(crate) fn apply(model: &mut Model, event: SettingsEvent) -> Vec<Effect> {
    let SettingsEvent::PassphraseChanged { others } = event;
    finish(model, Job::Passphrase);
    with_practice(model, |practice| practice.done = Some((Job::Passphrase, Done::PassphraseChanged(others))))
}

fn set(model: &mut Model, settings: Settings) -> Vec<Effect> {
    model.settings = settings;
    vec![Effect::Settings(SettingsEffect::Save(settings))]
}

fn change_passphrase(model: &mut Model) -> Vec<Effect> {
    if model.typed.current.is_empty() || !may_choose(&model.typed) {
        return Vec::new();
    }
    let (current, new) = (model.typed.current.take(), model.typed.passphrase.take());
    model.typed.forget_secrets();
    begin(model, SettingsEffect::ChangePassphrase { current, new })
}
