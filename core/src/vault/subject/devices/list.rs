//! The practice's devices: who they are, how far each is, and which is not used any more.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::catalog::NoteRow;
use crate::id::{ClientId, DeviceId, NoteId};
use crate::roster;
use crate::rows::RowError;
use crate::vault::items::ledger::MetThrough;
use crate::vault::read::{FilesHere, Lacks};
use crate::vault::subject::DeviceError;
use crate::vault::subject::Devices;
use crate::vault::{DAY, Millis};

/// After which a device that was let in and never came is taken for one that never finished joining.
const JOINS_WITHIN: Millis = DAY / 24;
/// After which a device that is not seen is taken for one that is not used any more.
pub(super) const SEEN_WITHIN: Millis = 90 * DAY;

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
    /// Since when both it and this one belong to the practice.
    pub along_since: Millis,
    /// It was met, or something that it wrote is here.
    pub has_joined: bool,
    /// When it last synced with this one.
    pub last_seen: Option<Millis>,
    /// Through what it was met last, where that is known.
    pub through: Option<MetThrough>,
    /// When it last had everything that was here, and had said so.
    pub had_all: Option<Millis>,
    /// What it lacks, as far as is known.
    pub lacks: Lacks,
}

/// How a device was let in.
#[derive(Clone, Copy)]
pub(super) struct Admission {
    /// By whom; the first one by itself.
    pub(super) by: DeviceId,
    /// When, by that one's clock.
    pub(super) at: Millis,
}

/// Why a device may be one that is not used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unused {
    /// It was let in and never finished joining.
    NeverJoined,
    /// This device has not met it for 90 days.
    NotSeen,
}

/// A note that a device lacks, as far as it can be told without the passphrase.
#[derive(Clone, PartialEq, Eq)]
pub struct LackedNote {
    /// Whose it is.
    pub client: ClientId,
    /// Its row in that client's timeline.
    pub note: NoteRow,
}

impl DeviceRow {
    /// Whether it has everything that is here, and has said so.
    pub fn has_all(&self) -> bool {
        (self.here || self.last_seen.is_some()) && self.lacks.is_nothing()
    }

    /// Why it may be one that is not used any more; `None` for one that is.
    pub fn unused(&self, now: Millis) -> Option<Unused> {
        let since = now.saturating_sub(self.last_seen.unwrap_or(self.along_since));
        match self.has_joined {
            _ if self.here => None,
            false if since >= JOINS_WITHIN => Some(Unused::NeverJoined),
            true if since >= SEEN_WITHIN => Some(Unused::NotSeen),
            _ => None,
        }
    }
}

impl std::fmt::Debug for DeviceRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceRow")
    }
}

impl std::fmt::Debug for LackedNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LackedNote")
    }
}

impl Devices<'_> {
    /// All devices of the practice, this one first.
    pub fn all(&self) -> Result<Vec<DeviceRow>, DeviceError> {
        let mut rows = Vec::new();
        let ledger = self.core.read().ledger();
        let files = ledger.files_here()?;
        let admissions = self.admissions();
        let added_at = |id: &DeviceId| admissions.get(id).map(|admission| admission.at).unwrap_or_default();
        let added_here = added_at(&self.core.device);
        for card in self.core.memory.roster.live() {
            let added = added_at(&card.id);
            let last_seen = ledger.last_seen(&card.id)?;
            let has_written = self.core.memory.state.logs.keys().any(|log| log.device() == card.id);
            rows.push(DeviceRow {
                id: card.id,
                name: self.device_name(&card.id).unwrap_or_default(),
                here: card.id == self.core.device,
                added_by: admissions.get(&card.id).map(|admission| admission.by).filter(|by| *by != card.id),
                added,
                along_since: added.max(added_here),
                has_joined: last_seen.is_some() || has_written,
                last_seen,
                through: ledger.met_through(&card.id)?,
                had_all: ledger.had_all(&card.id)?,
                lacks: self.lacks_among(&card.id, &files)?,
            });
        }
        rows.sort_by_key(|row| (!row.here, row.name.clone(), row.id));
        Ok(rows)
    }

    /// What one device of the practice lacks.
    pub fn lacks_of(&self, device: &DeviceId) -> Result<Lacks, DeviceError> {
        self.lacks_among(device, &self.core.read().ledger().files_here()?)
    }

    fn lacks_among(&self, device: &DeviceId, files: &FilesHere) -> Result<Lacks, DeviceError> {
        let ledger = self.core.read().ledger();
        Ok(if *device == self.core.device { ledger.files_to_come()? } else { ledger.lacked_by(device, files)? })
    }

    /// Who let each device in that is or was of the practice, and when.
    pub(super) fn admissions(&self) -> BTreeMap<DeviceId, Admission> {
        let mut admissions = BTreeMap::new();
        // Parents come first: whatever else names a device does so after it was let in.
        for entry in self.core.memory.roster.entries() {
            let Ok(entry) = roster::Entry::parse(&entry) else { continue };
            let admission = Admission { by: entry.author, at: entry.time };
            for device in entry.devices {
                admissions.entry(device.id).or_insert(admission);
            }
        }
        admissions
    }

    /// The devices of the practice but this one: their ids alone, which costs no reading.
    pub fn others(&self) -> Vec<DeviceId> {
        let live = self.core.memory.roster.live();
        live.iter().map(|card| card.id).filter(|id| *id != self.core.device).collect()
    }

    /// Notes of which something was typed that has not left, or written beyond what they hold: they are nowhere else.
    pub fn typed_notes(&self) -> Result<BTreeSet<NoteId>, DeviceError> {
        Ok(self.core.read().ledger().typed()?)
    }

    /// On how many devices a note is as it is here, with the files that were attached to it. What cannot be read counts as nowhere
    /// else.
    pub fn holders_of(&self, note: &NoteId) -> Result<usize, DeviceError> {
        let reader = self.core.read();
        let mut holders = 1;
        let Ok(blobs) = reader.documents().blobs_of_note(note) else { return Ok(holders) };
        for device in self.others() {
            match reader.ledger().holds_note(&device, note, &blobs) {
                Ok(holds) => holders += usize::from(holds),
                Err(RowError::Damaged) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(holders)
    }

    /// The first of these notes, `most` at the most. Left out is what only the passphrase tells of, and what is in no timeline any
    /// more.
    pub fn named_notes(&self, notes: &[NoteId], most: usize) -> Result<Vec<LackedNote>, RowError> {
        let documents = self.core.read().documents();
        let mut named = Vec::new();
        for id in notes.iter().take(most) {
            let Some(entry) = documents.entry(id)?.filter(|entry| !entry.is_private()) else { continue };
            let note = documents.read_timeline(&entry.client)?.notes.into_iter().find(|row| row.id == *id);
            named.extend(note.map(|note| LackedNote { client: documents.canonical_client(&entry.client), note }));
        }
        Ok(named)
    }
}
