//! Removing a device, and the answer to what arrived from one after it was removed.

use subrosa_core::id::DeviceId;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::Gone;

use crate::features::devices::messages::DevicesEvent;
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobOutcome;
use crate::jobs::rows;
use crate::messages::Event;
use crate::operations;
use crate::practice;

pub(crate) fn remove(bench: &Bench, (device, retired): (&DeviceId, bool), passphrase: &Passphrase) -> JobOutcome {
    let gone = if retired { Gone::Retired } else { Gone::Lost };
    let name = bench.with(|vault| operations::devices::remove(vault, (device, gone), passphrase))?;
    bench.tell_devices();
    bench.answers.send(bench.with(|vault| rows::listed_devices(vault))?);
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
    bench.answers.send(bench.with(|vault| rows::listed_devices(vault))?);
    Ok(Some(Event::Devices(DevicesEvent::QuarantineAnswered { kept: keep })))
}
