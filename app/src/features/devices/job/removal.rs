//! Removing a device, and the answer to what arrived from one after it was removed.

use subrosa_core::id::DeviceId;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Quarantined, Vault, VaultError};

use crate::features::devices::messages::DevicesEvent;
use crate::features::devices::values::{Quarantine, RemovedDevice};
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobOutcome;
use crate::jobs::rows;
use crate::messages::Event;
use crate::operations;
use crate::{practice, words};

/// The devices of the practice, and those that it had.
pub(crate) fn listed_devices(vault: &Vault) -> Result<Event, VaultError> {
    Ok(Event::Devices(DevicesEvent::Listed(rows::devices(vault)?, removed_devices(vault)?)))
}

/// The devices that were removed, the last first.
pub(crate) fn removed_devices(vault: &Vault) -> Result<Vec<RemovedDevice>, VaultError> {
    let waiting = vault.devices().quarantine()?;
    let in_quarantine =
        |one: &Quarantined| Quarantine { notes: rows::counted(one.notes), others: rows::counted(one.others) };
    let rows = vault.devices().removed_devices().into_iter().map(|row| RemovedDevice {
        id: row.id,
        this: row.id == vault.device(),
        by: vault.devices().device_name(&row.by).unwrap_or_else(|| words::ANOTHER_DEVICE.to_owned()),
        at: rows::wall(row.at),
        along: row.along,
        quarantine: waiting.iter().find(|one| one.device == row.id).map(in_quarantine),
        name: row.name,
    });
    Ok(rows.collect())
}

pub(crate) fn remove(bench: &Bench, device: &DeviceId, passphrase: &Passphrase) -> JobOutcome {
    let name = bench.with(|vault| operations::devices::remove(vault, device, passphrase))?;
    bench.tell_devices();
    bench.answers.send(bench.with(|vault| listed_devices(vault))?);
    Ok(Some(Event::Devices(DevicesEvent::Removed(name))))
}

pub(crate) fn answer_quarantine(bench: &Bench, device: &DeviceId, keep: bool) -> JobOutcome {
    bench.with(|vault| match keep {
        true => Ok(vault.devices_mut().keep_quarantined(device, practice::now())?),
        false => Ok(vault.devices_mut().discard_quarantined(device)?),
    })?;
    if keep {
        // What was kept belongs to the practice from now on, and is shown.
        bench.tell_devices();
        bench.send_clients()?;
        bench.answers.send(Event::Arrived);
    }
    bench.answers.send(bench.with(|vault| listed_devices(vault))?);
    Ok(Some(Event::Devices(DevicesEvent::QuarantineAnswered { kept: keep })))
}
