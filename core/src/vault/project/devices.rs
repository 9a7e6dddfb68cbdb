//! What each device says of itself.

use crate::id::DeviceId;
use crate::log::Description;
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::registry::DescriptionAt;

/// Hears what a device says of itself, in place of what it said before.
pub(super) fn take_description(core: &Core, tx: &mut Transaction, from: DeviceId, said: &[u8]) -> Result<(), RowError> {
    let said = Description::parse(said)?;
    let kept = core.at(tx).get(&DescriptionAt(from))?;
    if kept.is_none_or(|kept| said.replaces(&kept)) {
        tx.put(&DescriptionAt(from), &said);
    }
    Ok(())
}
