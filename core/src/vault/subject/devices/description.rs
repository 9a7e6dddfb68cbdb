//! What this device says of itself to the others: its name, and under which transport keys it answers in which week.

use crate::id::{DeviceId, DocId};
use crate::log::{Description, Kind, week_of};
use crate::plain_text::shown_name;
use crate::roster::NAME_MAX;
use crate::rows::RowError;
use crate::sign::Signer;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::home::Under;
use crate::vault::registry::DescriptionAt;
use crate::vault::subject::{DeviceError, Devices, DevicesMut};

/// Weeks for which keys are said: two devices that were off for so long still find each other.
const SAID: u32 = 53;
/// Weeks that must be left; with fewer, they are said anew.
const LEFT: u32 = 26;

impl Devices<'_> {
    /// The public transport keys under which a device may answer: that of this week, then those of the weeks beside it, since
    /// clocks differ. None, if it has said none.
    pub fn transport_keys_of(&self, device: &DeviceId, now: Millis) -> Result<Vec<[u8; 32]>, RowError> {
        let Some(said) = self.core.read().get(&DescriptionAt(*device))? else { return Ok(Vec::new()) };
        let week = week_of(now);
        let weeks = [Some(week), week.checked_sub(1), week.checked_add(1)];
        Ok(weeks.into_iter().flatten().filter_map(|week| said.key_of(week).copied()).collect())
    }

    /// This device's own public transport key of a week.
    fn own_transport_key(&self, week: u32) -> [u8; 32] {
        Signer::new(&self.core.boxes.transport_of(week)).public_key().0
    }

    /// Whether the others can be told nothing new about this device's transport keys.
    fn are_transport_keys_said(&self, said: &Description, week: u32) -> bool {
        [week, week.saturating_add(LEFT)].iter().all(|week| said.key_of(*week) == Some(&self.own_transport_key(*week)))
    }
}

impl DevicesMut<'_> {
    /// Says under which transport keys this device will answer for a year to come, unless that was said.
    ///
    /// # Errors
    /// As for anything that is written.
    pub fn say_transport_keys(&mut self, now: Millis) -> Result<(), DeviceError> {
        let (week, said) = (week_of(now), self.own_description()?);
        if self.reads().are_transport_keys_said(&said, week) {
            return Ok(());
        }
        let weeks = week..week.saturating_add(SAID);
        let transport = weeks.map(|week| self.reads().own_transport_key(week)).collect();
        self.describe(Description { first_week: week, transport, ..said })
    }

    /// Calls this device something else, on every device. A name that is longer than a line of a list is cut.
    ///
    /// # Errors
    /// [`DeviceError::NoName`]; as for anything that is written.
    pub fn rename(&mut self, name: &str) -> Result<(), DeviceError> {
        let name = shown_name(name.trim());
        let name = name.get(..name.floor_char_boundary(NAME_MAX)).unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err(DeviceError::NoName);
        }
        let said = self.own_description()?;
        if self.core.read().device_name(&self.core.device).as_ref() == Some(&name) {
            return Ok(());
        }
        self.describe(Description { name, ..said })
    }

    fn own_description(&self) -> Result<Description, RowError> {
        Ok(self.core.read().get(&DescriptionAt(self.core.device))?.unwrap_or_default())
    }

    /// Says it in place of what was said before.
    fn describe(&mut self, description: Description) -> Result<(), DeviceError> {
        let number = description.number.checked_add(1).ok_or(RowError::Damaged)?;
        self.say_to_all(Kind::Device, Description { number, ..description }.to_bytes())
    }

    /// Says something of this device or of the practice to all of its devices, under no document.
    pub(super) fn say_to_all(&mut self, kind: Kind, payload: Vec<u8>) -> Result<(), DeviceError> {
        if self.core.read().is_removed() {
            return Err(DeviceError::RemovedHere);
        }
        self.core.require_vital()?;
        let mut out = Outbox::everyday();
        out.push(kind, DocId([0; DocId::LEN]), Under::Practice, payload);
        Ok(commit(self.core, Transaction::default(), out)?)
    }
}
