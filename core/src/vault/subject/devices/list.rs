//! The practice's devices: who they are, and how far each is.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::id::{DeviceId, Hash};
use crate::roster;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::items::file::NamedBlobs;
use crate::vault::items::pruning::holds;
use crate::vault::read::all_blobs_of;
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
    /// Envelopes that are here and that it has not acknowledged, and notes of which something was typed that has not left here.
    pub behind: u64,
    /// Files that are whole here and, as far as is known, not there; of this device, those that have not come to it whole.
    pub files_behind: u64,
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
        let here = self.files_here()?;
        let roster = &self.core.memory.roster;
        let entries = roster.entries();
        let entries: Vec<roster::Entry> = entries.iter().filter_map(|entry| roster::Entry::parse(entry).ok()).collect();
        for card in roster.live() {
            // Parents come first: whatever else names the device does so after it was let in.
            let admission = entries.iter().find(|entry| entry.devices.iter().any(|device| device.id == card.id));
            let is_here = card.id == self.core.device;
            let last_seen = if is_here { None } else { self.core.read().ledger().last_seen(&card.id)? };
            let (behind, files_behind) =
                if is_here { (0, here.lacked) } else { (self.not_held_by(&card.id)?, here.not_on(self, &card.id)?) };
            rows.push(DeviceRow {
                id: card.id,
                name: self.device_name(&card.id).unwrap_or_default(),
                here: is_here,
                added_by: admission.filter(|entry| entry.author != card.id).map(|entry| entry.author),
                added: admission.map(|entry| entry.time).unwrap_or_default(),
                last_seen,
                behind,
                files_behind,
            });
        }
        rows.sort_by_key(|row| (!row.here, row.name.clone(), row.id));
        Ok(rows)
    }

    /// The devices of the practice but this one: their ids alone, which costs no reading.
    pub fn others(&self) -> Vec<DeviceId> {
        let live = self.core.memory.roster.live();
        live.iter().map(|card| card.id).filter(|id| *id != self.core.device).collect()
    }

    /// Envelopes that are here and that another device has not acknowledged; what was typed and lies in none is nowhere else.
    fn not_held_by(&self, device: &DeviceId) -> Result<u64, DeviceError> {
        let ledger = self.core.read().ledger();
        let mut lacking = u64::try_from(self.core.memory.pending.len()).unwrap_or(u64::MAX);
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

    fn files_here(&self) -> Result<FilesHere, DeviceError> {
        let blobs = self.core.read().blobs();
        let lacked = match blobs.wanted_blobs() {
            Ok(wanted) => u64::try_from(wanted.len()).unwrap_or(u64::MAX),
            Err(RowError::Damaged) => 1,
            Err(error) => return Err(error.into()),
        };
        match blobs.named() {
            Ok(named) => Ok(FilesHere { named: Some(named), lacked }),
            Err(RowError::Damaged) => Ok(FilesHere { named: None, lacked }),
            Err(error) => Err(error.into()),
        }
    }
}

/// The files that are known here.
struct FilesHere {
    /// Where the list of each stands; `None` where that cannot be read until a repair.
    named: Option<NamedBlobs>,
    /// How many have not come whole. Where that cannot be read, there is one at least of which nobody knows.
    lacked: u64,
}

impl FilesHere {
    /// How many are whole here and not on another device, by what that acknowledged and says that it lacks. What cannot be read
    /// here counts as one.
    fn not_on(&self, devices: &Devices<'_>, device: &DeviceId) -> Result<u64, DeviceError> {
        let Some(named) = &self.named else { return Ok(1) };
        let (blobs, ledger) = (devices.core.read().blobs(), devices.core.read().ledger());
        let lacked = blobs.lacked_there(device)?;
        let mut acknowledged = BTreeMap::new();
        let mut behind = 0;
        for (blob, (log, seq)) in named {
            let held = match acknowledged.entry(log) {
                Entry::Occupied(held) => held.into_mut(),
                Entry::Vacant(place) => place.insert(ledger.held_elsewhere(device, log)?),
            };
            let says_whole = |lacked: &BTreeSet<Hash>| {
                ![*blob, all_blobs_of(&log.device())].iter().any(|name| lacked.contains(name))
            };
            let is_there = holds(held, *seq) && lacked.as_ref().is_some_and(says_whole);
            // What is not whole here either, or was let go, is nothing that this device could give.
            let is_whole_here = || matches!(blobs.missing_pieces(blob), Ok(None) | Err(RowError::Damaged));
            behind += u64::from(!is_there && is_whole_here());
        }
        Ok(behind)
    }
}
