//! The devices of the practice: one that is removed, and this one joining another's practice.

use std::path::PathBuf;

use subrosa_core::id::DeviceId;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{RedbStore, Store};
use subrosa_core::vault::{DeviceError, Gone, UnlockError, Vault, VaultError};

use super::credentials;
use crate::bridge::{self, CodeLine, JoinError, Joined, Network, NewDevice};
use crate::practice::{self, Making, Profile};

/// Removes a device for good and says what it was called.
///
/// # Errors
/// [`VaultError`]; nothing was removed.
pub(crate) fn remove(
    vault: &mut Vault,
    (device, gone): (&DeviceId, Gone),
    passphrase: &Passphrase,
) -> Result<String, VaultError> {
    let name = vault.devices().device_name(device).ok_or(DeviceError::NoSuchDevice)?;
    let open = vault.reauth_until().is_some();
    let removed = vault.devices_mut().remove_as(gone, device, passphrase, practice::now());
    if !open {
        // The passphrase was given for this, not for private notes.
        vault.end_reauth();
    }
    removed?;
    // The device is removed in any case; what it knows is asked for where that can be noted.
    let _ = credentials::note_removal(vault);
    Ok(name)
}

/// Joins the practice of the device that shows this code, and gives the file its name when it is one of that practice. Waits
/// for the other device's person.
///
/// # Errors
/// [`JoinError`]; no file of the name is there.
pub(crate) fn join(
    making: Making,
    (file, line): (PathBuf, &CodeLine),
    (passphrase, name, profile): (Passphrase, String, Profile),
    network: &Network,
) -> Result<Joined, JoinError> {
    let part = making.part().to_owned();
    let device = NewDevice {
        path: Some(file),
        make_store: Box::new(move || Ok(Box::new(RedbStore::create(&part)?) as Box<dyn Store>)),
        passphrase,
        strength: profile.strength(),
        name,
    };
    let mut joined = bridge::join(line, device, network)?;
    practice::keep_anchor(&mut joined.vault, profile)?;
    making.finish().map_err(UnlockError::from)?;
    Ok(joined)
}
