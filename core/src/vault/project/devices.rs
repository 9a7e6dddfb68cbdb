//! What each device says of itself, and of the settings of the practice.

use crate::id::{DeviceId, Hash};
use crate::log::{Description, Setting};
use crate::rows::{One, RowError};
use crate::vault::core::{Core, Transaction};
use crate::vault::registry::{DescriptionAt, PracticeSettingAt, SettingEpochAt};

/// Hears what a device says of itself, in place of what it said before.
pub(super) fn take_description(core: &Core, tx: &mut Transaction, from: DeviceId, said: &[u8]) -> Result<(), RowError> {
    let said = Description::parse(said)?;
    let kept = core.at(tx).get(&DescriptionAt(from))?;
    if kept.is_none_or(|kept| said.replaces(&kept)) {
        tx.put(&DescriptionAt(from), &said);
    }
    Ok(())
}

/// Hears a setting of the practice, in place of what the device said of the same before, and under which epoch it said so.
pub(super) fn take_setting(
    core: &Core,
    tx: &mut Transaction,
    from: DeviceId,
    envelope: &Hash,
    said: &[u8],
) -> Result<(), RowError> {
    let said = Setting::parse(said)?;
    let row = PracticeSettingAt(said.kind.code(), from);
    let under = SettingEpochAt(said.kind.code(), from);
    let mut epoch = core.at(tx).header(envelope)?.header.epoch;
    let kept = core.at(tx).get(&row)?;
    if kept.as_ref() == Some(&said) {
        // The same twice: of two epochs every device takes the same.
        epoch = core.at(tx).get(&under)?.map_or(epoch, |One(other)| epoch.min(other));
    } else if kept.is_some_and(|kept| !said.replaces(&kept)) {
        return Ok(());
    }
    tx.put(&row, &said);
    tx.put(&under, &One(epoch));
    Ok(())
}
