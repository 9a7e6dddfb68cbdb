//! The practice's devices: who they are, and how far each is.

use crate::id::DeviceId;
use crate::roster;
use crate::vault::Millis;
use crate::vault::subject::DeviceError;
use crate::vault::subject::Devices;

/// One device of the practice.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its id.
    pub id: DeviceId,
    /// What it is called.
    pub name: String,
    /// Whether it is this one.
    pub here: bool,
    /// The device that admitted it; `None` for the first.
    pub added_by: Option<DeviceId>,
    /// When it was admitted, by that device's clock.
    pub added: Millis,
    /// When it last synced with this one.
    pub last_seen: Option<Millis>,
    /// Envelopes that are here and that it has not acknowledged.
    pub behind: u64,
}

impl std::fmt::Debug for DeviceRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceRow")
    }
}

impl Devices<'_> {
    /// All devices of the practice, this one first.
    pub fn all(&self) -> Result<Vec<DeviceRow>, DeviceError> {
        let mut rows = Vec::new();
        let roster = &self.core.memory.roster;
        let entries = roster.entries();
        let entries: Vec<roster::Entry> = entries.iter().filter_map(|entry| roster::Entry::parse(entry).ok()).collect();
        for card in roster.live() {
            // Parents come first: whatever else names the device does so after it was let in.
            let admission = entries.iter().find(|entry| entry.devices.iter().any(|device| device.id == card.id));
            let here = card.id == self.core.device;
            let last_seen = if here { None } else { self.core.read().ledger().last_seen(&card.id)? };
            let behind = if here { 0 } else { self.not_held_by(&card.id)? };
            rows.push(DeviceRow {
                id: card.id,
                name: card.name.clone(),
                here,
                added_by: admission.filter(|entry| entry.author != card.id).map(|entry| entry.author),
                added: admission.map(|entry| entry.time).unwrap_or_default(),
                last_seen,
                behind,
            });
        }
        rows.sort_by_key(|row| (!row.here, row.name.clone(), row.id));
        Ok(rows)
    }

    /// Envelopes that are here and that another device has not acknowledged.
    fn not_held_by(&self, device: &DeviceId) -> Result<u64, DeviceError> {
        let ledger = self.core.read().ledger();
        let mut lacking = 0;
        for (log, tips) in &self.core.memory.state.logs {
            let end = tips.iter().map(|tip| tip.next_seq).max().unwrap_or(0);
            let mut covered = ledger.held_elsewhere(device, log)?;
            // Nobody waits for what has gone.
            covered.extend(ledger.pruned_ranges(log).unwrap_or_default());
            covered.sort_unstable();
            let (between, last) = covered.iter().fold((0, 0), |(lacking, last), (first, next)| {
                (lacking + first.min(&end).saturating_sub(last), last.max(*next))
            });
            lacking += between + end.saturating_sub(last);
        }
        Ok(lacking)
    }
}
