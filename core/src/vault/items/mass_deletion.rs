//! Deletions by other devices, and which of them are held because there are too many at once.

use crate::rows::Fixed;
use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ClientId, DeviceId, DocId, Hash};
use crate::log::DocType;
use crate::rows::Stored;
use crate::vault::Millis;
use crate::vault::items::place::Place;

/// Deletions at once that nobody is asked about.
pub const MOST_AT_ONCE: usize = 20;

/// What counts as at once, in milliseconds.
pub const AT_ONCE: Millis = 10 * 60 * 1_000;

/// Deletions that are remembered beyond those that are held: enough to count what comes in pieces.
pub(crate) const REMEMBERED: usize = 256;

/// A deletion by another device.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CountedDeletion {
    pub(crate) place: Place,
    pub(crate) document: DocId,
    pub(crate) kind: DocType,
    pub(crate) client: ClientId,
    pub(crate) device: DeviceId,
    /// When it was made, by its author's clock. Zero where only the passphrase would tell: all of one envelope were made at once.
    pub(crate) at: Millis,
    /// When it came here, by this device's clock. Zero where that was not told.
    pub(crate) arrived: Millis,
    pub(crate) answered: bool,
}

/// Deletions by other devices, and which of them are held.
#[derive(Clone, Default)]
pub(crate) struct Deletions {
    pub(crate) counted: Vec<CountedDeletion>,
    pub(crate) held: BTreeSet<Place>,
}

impl Deletions {
    pub(crate) fn holds(&self, place: &Place) -> bool {
        self.held.contains(place)
    }

    /// Which are held follows from all that are known: too many that came at once, or that say that they were made at once.
    pub(crate) fn judge(&mut self) {
        self.held.clear();
        for acts in acts(&self.counted).values() {
            self.hold_at_once(acts.iter().map(|act| (act.arrived, act)).collect());
            self.hold_at_once(acts.iter().filter(|act| act.at > 0).map(|act| (act.at, act)).collect());
        }
    }

    /// Holds those of one device's acts that are too many at once by these times.
    fn hold_at_once(&mut self, mut acts: Vec<(Millis, &Act)>) {
        acts.sort_by_key(|(time, _)| *time);
        for (first, (time, act)) in acts.iter().enumerate() {
            let near = |(other, _): &&(Millis, &Act)| other.abs_diff(*time) <= AT_ONCE;
            let before = acts.iter().take(first).rev().take_while(near);
            let after = acts.iter().skip(first).take_while(near);
            let mut units = 0_usize;
            // Counted no further than it matters.
            for (_, other) in before.chain(after) {
                units = units.saturating_add(other.units());
                if units > MOST_AT_ONCE {
                    self.held.extend(act.places.iter().copied());
                    break;
                }
            }
        }
    }

    /// Forgets the oldest of those that nobody needs to be asked about.
    pub(crate) fn prune(&mut self) {
        let idle = self.counted.iter().filter(|one| !self.held.contains(&one.place)).count();
        let mut surplus = idle.saturating_sub(REMEMBERED);
        self.counted.retain(|one| {
            let goes = surplus > 0 && !self.held.contains(&one.place);
            surplus -= usize::from(goes);
            !goes
        });
    }
}

impl Stored for Deletions {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.list(&self.counted, |writer, one| {
            one.place.write(writer);
            writer.bytes(&one.document.0).u8(one.kind.code()).bytes(&one.client.0);
            writer.bytes(&one.device.0).u64(one.at).u64(one.arrived).u8(u8::from(one.answered));
        });
        writer.finish()
    }

    fn of_row(row: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(row);
        let counted = reader.list(row.len(), |reader| {
            Ok(CountedDeletion {
                place: Place::read(reader)?,
                document: DocId(reader.array()?),
                kind: DocType::of(reader.u8()?),
                client: DocId(reader.array()?),
                device: DeviceId(reader.array()?),
                at: reader.u64()?,
                arrived: reader.u64()?,
                answered: reader.u8()? == 1,
            })
        })?;
        reader.finish()?;
        let mut deletions = Self { counted, held: BTreeSet::new() };
        deletions.judge();
        Ok(deletions)
    }
}

/// What one device deleted about one client in one moment.
pub(crate) struct Act {
    pub(crate) at: Millis,
    /// When the first of it came here.
    pub(crate) arrived: Millis,
    pub(crate) documents: usize,
    pub(crate) whole_client: bool,
    pub(crate) places: Vec<Place>,
}

impl Act {
    /// A client with all that is theirs is one deletion.
    pub(crate) fn units(&self) -> usize {
        if self.whole_client { 1 } else { self.documents }
    }
}

/// The acts of each device that are not answered yet.
pub(crate) fn acts(counted: &[CountedDeletion]) -> BTreeMap<DeviceId, Vec<Act>> {
    let mut acts: BTreeMap<(DeviceId, Millis, Hash, ClientId), Act> = BTreeMap::new();
    for one in counted.iter().filter(|one| !one.answered) {
        // Only a deletion that does not tell its time is told apart by the envelope that brought it.
        let envelope = if one.at == 0 { one.place.envelope } else { Hash([0; 32]) };
        let act = acts.entry((one.device, one.at, envelope, one.client)).or_insert_with(|| Act {
            at: one.at,
            arrived: one.arrived,
            documents: 0,
            whole_client: false,
            places: Vec::new(),
        });
        act.arrived = act.arrived.min(one.arrived);
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
