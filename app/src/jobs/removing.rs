//! Removing a device, and the answer to what arrived from one after it was removed.

use subrosa_core::id::DeviceId;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Quarantined, Vault, VaultError};

use crate::effect::Effect;
use crate::event::Event;
use crate::jobs::failure::Outcome;
use crate::jobs::rows;
use crate::jobs::worker::Worker;
use crate::operations;
use crate::practice;
use crate::removed::{Apart, RemovedDevice};
use crate::words;

/// The devices of the practice, and those that it had.
pub(super) fn devices(vault: &Vault) -> Result<Event, VaultError> {
    Ok(Event::Devices(rows::devices(vault)?, removed(vault)?))
}

/// The devices that were removed, the last first.
pub(super) fn removed(vault: &Vault) -> Result<Vec<RemovedDevice>, VaultError> {
    let waiting = vault.quarantine()?;
    let apart = |one: &Quarantined| Apart { notes: counted(one.notes), others: counted(one.others) };
    let rows = vault.removed_devices().into_iter().map(|row| RemovedDevice {
        id: row.id,
        this: row.id == vault.device(),
        by: vault.device_name(&row.by).unwrap_or_else(|| words::ANOTHER_DEVICE.to_owned()),
        at: rows::wall(row.at),
        along: row.along,
        apart: waiting.iter().find(|one| one.device == row.id).map(apart),
        name: row.name,
    });
    Ok(rows.collect())
}

fn counted(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl Worker {
    pub(super) fn removing(&mut self, effect: Effect) -> Outcome {
        match effect {
            Effect::RemoveDevice { device, passphrase } => self.remove(&device, &passphrase),
            Effect::AnswerApart { device, keep } => self.answer_apart(&device, keep),
            _ => Ok(None),
        }
    }

    fn remove(&self, device: &DeviceId, passphrase: &Passphrase) -> Outcome {
        let name = self.with(|vault| operations::devices::remove(vault, device, passphrase))?;
        self.tell_devices();
        self.answers.send(self.with(|vault| devices(vault))?);
        Ok(Some(Event::DeviceRemoved(name)))
    }

    fn answer_apart(&self, device: &DeviceId, keep: bool) -> Outcome {
        self.with(|vault| match keep {
            true => vault.keep_quarantined(device, practice::now()),
            false => vault.discard_quarantined(device),
        })?;
        if keep {
            // What was kept belongs to the practice from now on, and is shown.
            self.tell_devices();
            self.send_clients()?;
            self.answers.send(Event::Arrived);
        }
        self.answers.send(self.with(|vault| devices(vault))?);
        Ok(Some(Event::ApartAnswered { kept: keep }))
    }
}
