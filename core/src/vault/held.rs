//! Many deletions at once by another device are held: stored, not applied, and asked about.
//!
//! *At once* means: more than [`MOST_AT_ONCE`] within [`AT_ONCE`], by the clock of the device that deleted, whenever they
//! arrive and in whatever order. What goes along with its client counts as one. A device that joins asks about nothing
//! that was deleted before it came. Each device asks for itself: *yes* applies them here, *no* takes them back everywhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ClientId, DeviceId, DocId, Hash};
use crate::log::{Class, DocType, Item, Spot};
use crate::roster::Entry as RosterEntry;
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::index::{Place, Work};
use crate::vault::trash::deleted_at;
use crate::vault::{Millis, Notice, Vault, VaultError};

/// Deletions at once that nobody is asked about.
pub const MOST_AT_ONCE: usize = 20;

/// What counts as at once, in milliseconds.
pub const AT_ONCE: Millis = 10 * 60 * 1_000;

/// Deletions that are remembered beyond those that are held: enough to count what comes in pieces.
const REMEMBERED: usize = 256;

/// Deletions by other devices that a vault counts.
const MOST_COUNTED: usize = 1 << 20;

/// Deletions of one device that wait for an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct HeldDeletions {
    /// The device that deleted.
    pub device: DeviceId,
    /// What it is called.
    pub device_name: String,
    /// When the first of them was made, by its clock, where that is known.
    pub since: Option<Millis>,
    /// Clients to be deleted.
    pub clients: usize,
    /// Notes to be deleted, private ones included.
    pub notes: usize,
    /// Other documents to be deleted.
    pub others: usize,
    /// All of them.
    pub documents: Vec<DocId>,
}

impl std::fmt::Debug for HeldDeletions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeldDeletions")
    }
}

/// A deletion by another device.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    place: Place,
    document: DocId,
    kind: DocType,
    client: ClientId,
    device: DeviceId,
    /// Zero where only the passphrase would tell: all of one envelope were made at once.
    at: Millis,
    answered: bool,
}

/// Deletions by other devices, and which of them are held.
#[derive(Clone, Default)]
pub(crate) struct Deletions {
    counted: Vec<Counted>,
    held: BTreeSet<Place>,
}

impl Deletions {
    pub(crate) fn holds(&self, place: &Place) -> bool {
        self.held.contains(place)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.list(&self.counted, |writer, one| {
            writer.bytes(&one.place.to_bytes()).bytes(&one.document.0).u8(one.kind.code()).bytes(&one.client.0);
            writer.bytes(&one.device.0).u64(one.at).u8(u8::from(one.answered));
        });
        writer.finish()
    }

    fn parse(row: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(row);
        let counted = reader.list(MOST_COUNTED, |reader| {
            Ok(Counted {
                place: Place { envelope: Hash(reader.array()?), index: reader.u32()? },
                document: DocId(reader.array()?),
                kind: DocType::of(reader.u8()?),
                client: DocId(reader.array()?),
                device: DeviceId(reader.array()?),
                at: reader.u64()?,
                answered: reader.u8()? == 1,
            })
        })?;
        reader.finish()?;
        let mut deletions = Self { counted, held: BTreeSet::new() };
        deletions.judge();
        Ok(deletions)
    }

    /// Which are held follows from all that are known and from nothing else, so the order of arrival does not matter.
    fn judge(&mut self) {
        self.held.clear();
        for acts in acts(&self.counted).values() {
            for (first, act) in acts.iter().enumerate() {
                let near = |other: &&Act| other.at.abs_diff(act.at) <= AT_ONCE && act.is_comparable(other);
                let before = acts.iter().take(first).rev().take_while(near);
                let after = acts.iter().skip(first).take_while(near);
                let mut units = 0_usize;
                // Counted no further than it matters.
                for other in before.chain(after) {
                    units = units.saturating_add(other.units());
                    if units > MOST_AT_ONCE {
                        self.held.extend(act.places.iter().copied());
                        break;
                    }
                }
            }
        }
    }

    /// Forgets the oldest of those that nobody needs to be asked about.
    fn prune(&mut self) {
        let idle = self.counted.iter().filter(|one| !self.held.contains(&one.place)).count();
        let mut surplus = idle.saturating_sub(REMEMBERED);
        self.counted.retain(|one| {
            let goes = surplus > 0 && !self.held.contains(&one.place);
            surplus -= usize::from(goes);
            !goes
        });
    }
}

/// What one device deleted about one client in one moment.
struct Act {
    at: Millis,
    envelope: Hash,
    documents: usize,
    whole_client: bool,
    places: Vec<Place>,
}

impl Act {
    /// A client with all that is theirs is one deletion.
    fn units(&self) -> usize {
        if self.whole_client { 1 } else { self.documents }
    }

    fn is_comparable(&self, other: &Self) -> bool {
        self.at != 0 || self.envelope == other.envelope
    }
}

/// The acts of each device that are not answered yet, by their times.
fn acts(counted: &[Counted]) -> BTreeMap<DeviceId, Vec<Act>> {
    let mut acts: BTreeMap<(DeviceId, Millis, Hash, ClientId), Act> = BTreeMap::new();
    for one in counted.iter().filter(|one| !one.answered) {
        // Only a deletion that does not tell its time is told apart by the envelope that brought it.
        let envelope = if one.at == 0 { one.place.envelope } else { Hash([0; 32]) };
        let act = acts.entry((one.device, one.at, envelope, one.client)).or_insert_with(|| Act {
            at: one.at,
            envelope,
            documents: 0,
            whole_client: false,
            places: Vec::new(),
        });
        act.documents += 1;
        act.whole_client |= one.kind == DocType::Client;
        act.places.push(one.place);
    }
    let mut by_device: BTreeMap<DeviceId, Vec<Act>> = BTreeMap::new();
    for ((device, ..), act) in acts {
        by_device.entry(device).or_default().push(act);
    }
    by_device
}

impl Vault {
    /// Deletions that are held, by the device that made them.
    pub fn held_deletions(&self) -> Vec<HeldDeletions> {
        let mut rows: BTreeMap<DeviceId, HeldDeletions> = BTreeMap::new();
        for one in self.deletions.counted.iter().filter(|one| self.deletions.holds(&one.place)) {
            let row = rows.entry(one.device).or_insert_with(|| HeldDeletions {
                device: one.device,
                device_name: self.device_name(&one.device).unwrap_or_default(),
                since: None,
                clients: 0,
                notes: 0,
                others: 0,
                documents: Vec::new(),
            });
            let at = Some(one.at).filter(|at| *at > 0);
            row.since = [row.since, at].into_iter().flatten().min();
            match one.kind {
                DocType::Client => row.clients += 1,
                DocType::Note | DocType::ProcessNote => row.notes += 1,
                _ => row.others += 1,
            }
            row.documents.push(one.document);
        }
        rows.into_values().collect()
    }

    /// *Yes*: what that device deleted is deleted here too, and lies in the trash.
    pub fn apply_held_deletions(&mut self, device: &DeviceId) -> Result<usize, VaultError> {
        let mut work = Work::default();
        let answered = self.answer(&mut work, device);
        self.finish(work, Outgoing::new(Class::Everyday))?;
        self.write_anchor();
        Ok(answered.len())
    }

    /// *No*: what that device deleted stays, here and on every device. Private notes among it need the passphrase again.
    pub fn refuse_held_deletions(&mut self, device: &DeviceId) -> Result<usize, VaultError> {
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let answered = self.answer(&mut work, device);
        for document in &answered {
            self.restore_item(&work, &mut out, document)?;
        }
        self.finish(work, out)?;
        self.write_anchor();
        Ok(answered.len())
    }

    /// Marks a device's held deletions as answered.
    fn answer(&self, work: &mut Work, device: &DeviceId) -> BTreeSet<DocId> {
        let mut deletions = self.deletions.clone();
        let mut answered = BTreeSet::new();
        for one in &mut deletions.counted {
            if one.device == *device && deletions.held.contains(&one.place) {
                one.answered = true;
                answered.insert(one.document);
            }
        }
        deletions.judge();
        keep(work, deletions);
        work.dirty.extend(answered.iter().copied());
        answered
    }

    /// Counts a deletion that another device made; whether it is held is judged when all of its neighbours are here.
    pub(crate) fn count_deletion(
        &self,
        work: &mut Work,
        place: Place,
        spot: &Spot,
        item: &Item,
        (kind, client): (DocType, ClientId),
        payload: Option<&[u8]>,
    ) {
        let device = spot.log.device();
        let at = payload.and_then(deleted_at).unwrap_or_default();
        if device != self.device && (at == 0 || at > self.joined()) {
            work.deletions.push(Counted { place, document: item.document, kind, client, device, at, answered: false });
        }
    }

    /// Judges what was counted: what changed its fate is shown anew.
    pub(crate) fn judge_deletions(&self, work: &mut Work) {
        if work.deletions.is_empty() {
            return;
        }
        let mut deletions = self.deletions.clone();
        for one in std::mem::take(&mut work.deletions) {
            if !deletions.counted.iter().any(|known| known.place == one.place) {
                deletions.counted.push(one);
            }
        }
        deletions.judge();
        let before = &self.deletions.held;
        for one in &deletions.counted {
            if deletions.held.contains(&one.place) != before.contains(&one.place) {
                work.dirty.insert(one.document);
            }
        }
        deletions.prune();
        keep(work, deletions);
    }

    /// Whether a deletion is stored and not applied.
    pub(crate) fn is_held(&self, work: &Work, place: &Place) -> bool {
        work.judged.as_ref().unwrap_or(&self.deletions).holds(place)
    }

    /// Takes over what was judged and written. That more is held than before is said.
    pub(crate) fn take_judged(&mut self, judged: Deletions) {
        let more = judged.held.difference(&self.deletions.held).next().is_some();
        if more && !self.notices.contains(&Notice::DeletionsHeld) {
            self.notices.push(Notice::DeletionsHeld);
        }
        self.deletions = judged;
    }

    pub(crate) fn load_deletions(&mut self) -> Result<(), VaultError> {
        if let Some(row) = self.rows.read(Table::Misc, b"deletions")? {
            self.take_judged(Deletions::parse(&row).map_err(|_| VaultError::Damaged)?);
        }
        Ok(())
    }

    /// When this device came to the practice.
    fn joined(&self) -> Millis {
        let entries = self.roster.entries();
        let mut entries = entries.iter().filter_map(|entry| RosterEntry::parse(entry).ok());
        let own = entries.find(|entry| entry.devices.iter().any(|card| card.id == self.device));
        own.map(|entry| entry.time).unwrap_or_default()
    }
}

fn keep(work: &mut Work, deletions: Deletions) {
    work.changes.put(Table::Misc, b"deletions", deletions.to_bytes());
    work.judged = Some(deletions);
}
