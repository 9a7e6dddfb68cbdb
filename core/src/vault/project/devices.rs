//! What each device says of itself, and of the settings of the practice.

use crate::id::DeviceId;
use crate::log::{Description, Setting};
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::registry::{DescriptionAt, PracticeSettingAt};

/// Hears what a device says of itself, in place of what it said before.
pub(super) fn take_description(core: &Core, tx: &mut Transaction, from: DeviceId, said: &[u8]) -> Result<(), RowError> {
    let said = Description::parse(said)?;
    let kept = core.at(tx).get(&DescriptionAt(from))?;
    if kept.is_none_or(|kept| said.replaces(&kept)) {
        tx.put(&DescriptionAt(from), &said);
    }
    Ok(())
}

/// Hears a setting of the practice, in place of what the device said of the same before.
pub(super) fn take_setting(core: &Core, tx: &mut Transaction, from: DeviceId, said: &[u8]) -> Result<(), RowError> {
    let said = Setting::parse(said)?;
    let row = PracticeSettingAt(said.kind.code(), from);
    let kept = core.at(tx).get(&row)?;
    if kept.is_none_or(|kept| said.replaces(&kept)) {
        tx.put(&row, &said);
    }
    Ok(())
}
