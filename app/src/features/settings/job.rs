//! Settings of this device, and its passphrase.

use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Vault, VaultError};

use crate::features::settings::messages::{SettingsEffect, SettingsEvent};
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::messages::Event;
use crate::operations::new_passphrase;
use crate::values::settings::Settings;

/// Name under which the settings are kept.
const SETTINGS: &str = "settings";

pub(crate) fn answer(bench: &mut Bench, effect: SettingsEffect) -> JobOutcome {
    match effect {
        SettingsEffect::Save(settings) => save_settings(bench, settings),
        SettingsEffect::ChangePassphrase { current, new } => change_passphrase(bench, &current, &new),
    }
}

/// The settings that were kept on this device; none that can be read are those of a new one.
pub(crate) fn kept_settings(vault: &Vault) -> Result<Settings, VaultError> {
    let row = vault.setting(SETTINGS)?;
    Ok(row.and_then(|row| serde_json::from_slice(&row).ok()).unwrap_or_default())
}

fn save_settings(bench: &Bench, settings: Settings) -> JobOutcome {
    let json = serde_json::to_vec(&settings).map_err(|error| JobFailure::of(&error))?;
    bench.with(|vault| Ok(vault.keep_setting(SETTINGS, &json)?))?;
    Ok(None)
}

fn change_passphrase(bench: &Bench, current: &Passphrase, new: &Passphrase) -> JobOutcome {
    let strength = bench.setting.profile.strength();
    let others = bench.with(|vault| new_passphrase::change(vault, current, new, strength))?;
    let others = others.into_iter().map(|row| row.name).collect();
    Ok(Some(Event::Settings(SettingsEvent::PassphraseChanged { others })))
}
