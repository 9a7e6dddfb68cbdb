//! Settings of this device, and its passphrase.

use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Vault, VaultError};

use crate::bridge::{FolderSyncing, Syncing};
use crate::features::backup::job::standing::take_up_backup;
use crate::features::devices::job::syncing::start_syncing;
use crate::features::notes::job::unsaved::save_unsaved;
use crate::features::settings::messages::{SettingsEffect, SettingsEvent};
use crate::features::signing::job::finish_signatures;
use crate::features::sync_folder::job::start_folder;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::jobs::rows;
use crate::messages::Event;
use crate::operations::{new_keys, new_passphrase};
use crate::values::job::Job;
use crate::values::settings::Settings;

/// Name under which the settings are kept.
const SETTINGS: &str = "settings";

pub(crate) fn answer(bench: &mut Bench, effect: SettingsEffect) -> JobOutcome {
    match effect {
        SettingsEffect::Save(settings) => save_settings(bench, settings),
        SettingsEffect::ChangePassphrase { current, new } => change_passphrase(bench, &current, &new),
        SettingsEffect::MakeKeysNew { passphrase } => make_keys_new(bench, &passphrase),
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

/// Nothing goes out and nothing comes in while it is done; whatever comes of it, that goes on.
fn make_keys_new(bench: &mut Bench, passphrase: &Passphrase) -> JobOutcome {
    save_unsaved(bench);
    finish_signatures(bench, true);
    // Files and backups that are under way are those of the device from before.
    bench.cancelled.stop(Job::Attach);
    bench.backup.run.stop();
    bench.drawn = None;
    let was_reached = bench.reach.syncing.take().map(Syncing::stop).is_some();
    let was_visited = bench.reach.folder.take().map(FolderSyncing::stop).is_some();
    bench.cancelled.begin(Job::NewKeys);
    let (answers, cancel) = (bench.answers.clone(), bench.cancelled.stops(Job::NewKeys));
    let (mut progress, profile) = (answers.progress_of(Job::NewKeys), bench.setting.profile);
    let made = bench.with(|vault| new_keys::make(vault, passphrase, profile, &mut progress, &cancel));
    if was_visited {
        start_folder(bench);
    }
    if was_reached {
        start_syncing(bench);
    }
    let stopped = take_up_backup(bench);
    stopped.into_iter().for_each(|words| bench.answers.send(Event::Notice(words.to_owned())));
    made?;
    bench.answers.send(bench.with(|vault| rows::listed_devices(vault))?);
    Ok(Some(Event::Settings(SettingsEvent::KeysNew)))
}
