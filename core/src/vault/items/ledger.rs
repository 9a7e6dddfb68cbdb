//! What rows know of logs beyond their envelopes: what is lost, what other devices hold, what an import brought, whose
//! cards are kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::card::ContactCard;
use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ColleagueId, DeviceId, DocId, EpochId, Hash, LogId};
use crate::rows::{Fixed, Stored};
use crate::vault::Millis;

/// Colleagues that one device adds, and removals of theirs that it says.
pub(crate) const MAX_COLLEAGUES: usize = 1_024;
/// Cards that one removal names: one of each device that there ever was.
pub(crate) const MOST_CARDS: usize = 1_024;
/// Bytes of a contact card.
pub(crate) const MAX_CARD: usize = 64 << 10;

/// Stands for the name of an envelope that was lost with its header.
pub(crate) const NAME_UNKNOWN: Hash = Hash([0; Hash::LEN]);

/// Numbers and names of envelopes whose headers were lost.
#[derive(Default)]
pub(crate) struct LostEnvelopes(pub(crate) Vec<(u64, Hash)>);

impl Stored for LostEnvelopes {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.list(&self.0, |writer, (seq, name)| {
            writer.u64(*seq).bytes(&name.0);
        });
        writer.finish()
    }

    fn of_row(row: &[u8]) -> Result<Self, Malformed> {
        Reader::new(row).list(row.len(), |reader| Ok((reader.u64()?, Hash(reader.array()?)))).map(Self)
    }
}

/// What a device says that it durably holds of logs: ranges of numbers, each with its first and one past its last.
pub type HeldBodies = Vec<(LogId, Vec<(u64, u64)>)>;

/// Through what another device was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MetThrough {
    /// The same network.
    SameNetwork,
    /// An address on another network.
    Address,
    /// A relay.
    Relay,
    /// A sync folder.
    Folder,
}

impl Fixed for MetThrough {
    const LEN: usize = 1;

    fn write(&self, writer: &mut Writer) {
        writer.u8(match self {
            Self::SameNetwork => 1,
            Self::Address => 2,
            Self::Relay => 3,
            Self::Folder => 4,
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.u8()? {
            1 => Ok(Self::SameNetwork),
            2 => Ok(Self::Address),
            3 => Ok(Self::Relay),
            4 => Ok(Self::Folder),
            _ => Err(Malformed),
        }
    }
}

/// A removal that is known of by what lies under its epoch alone: the log in which that stands, the epoch, and the envelope
/// before the first under it.
pub(crate) type MissedRemoval = (LogId, (EpochId, Hash));

/// A contact card, as a device said that it is a colleague's.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SaidCard {
    /// When, by that device's clock.
    pub(crate) at: Millis,
    /// What a removal names.
    pub(crate) head: Hash,
    pub(crate) card: Vec<u8>,
}

/// That a device took a colleague off the list.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RemovedCards {
    /// When, by that device's clock.
    pub(crate) at: Millis,
    pub(crate) head: Hash,
    /// The cards that it knew of, by their heads.
    pub(crate) heads: BTreeSet<Hash>,
}

/// Contact cards of colleagues, and those that were taken off the list. Each device has one word of each kind about each
/// colleague, its latest; what it says takes no place of what others say.
#[derive(Default)]
pub(crate) struct Cards {
    pub(crate) said: BTreeMap<(DeviceId, ColleagueId), SaidCard>,
    pub(crate) removed: BTreeMap<(DeviceId, ColleagueId), RemovedCards>,
}

impl Cards {
    /// One card for each colleague who is not removed: of several the one made last, then the greatest as bytes.
    pub(crate) fn listed(&self) -> BTreeMap<ColleagueId, &[u8]> {
        let removed: BTreeSet<&Hash> = self.removed.values().flat_map(|removed| &removed.heads).collect();
        let mut listed: BTreeMap<ColleagueId, &[u8]> = BTreeMap::new();
        for ((_, id), said) in self.said.iter().filter(|(_, said)| !removed.contains(&said.head)) {
            let held = listed.entry(*id).or_insert(&said.card);
            *held = newer(held, &said.card);
        }
        listed
    }

    /// The cards of one colleague that devices said, by their heads.
    pub(crate) fn heads_of(&self, id: &ColleagueId) -> BTreeSet<Hash> {
        self.said.iter().filter(|((_, of), _)| of == id).map(|(_, said)| said.head).collect()
    }

    /// Whether a device may say a card of this colleague.
    pub(crate) fn has_room(&self, by: &DeviceId, id: &ColleagueId) -> bool {
        let of_device = self.said.keys().filter(|(device, _)| device == by).count();
        of_device < MAX_COLLEAGUES || self.said.contains_key(&(*by, *id))
    }

    /// Takes in what a device says of a colleague.
    pub(crate) fn say(&mut self, by: DeviceId, id: ColleagueId, said: SaidCard) {
        let held = self.said.entry((by, id)).or_insert_with(|| said.clone());
        if (said.at, said.head) > (held.at, held.head) {
            *held = said;
        }
        bound(&mut self.said, by);
    }

    /// Takes in that a device took a colleague off the list.
    pub(crate) fn remove(&mut self, by: DeviceId, id: ColleagueId, removed: RemovedCards) {
        let held = self.removed.entry((by, id)).or_insert_with(|| removed.clone());
        if (removed.at, removed.head) > (held.at, held.head) {
            *held = removed;
        }
        bound(&mut self.removed, by);
    }
}

/// Of what one device says of colleagues, those of the smallest ids count: the same ones in whichever order they came.
fn bound<V>(said: &mut BTreeMap<(DeviceId, ColleagueId), V>, by: DeviceId) {
    let of_device: Vec<_> = said.keys().filter(|(device, _)| *device == by).copied().collect();
    for beyond in of_device.iter().skip(MAX_COLLEAGUES) {
        said.remove(beyond);
    }
}

/// Which of two cards of one colleague counts.
fn newer<'c>(one: &'c [u8], other: &'c [u8]) -> &'c [u8] {
    let made = |card: &[u8]| ContactCard::read(card).ok().map(|card| card.made());
    if (made(one), one) >= (made(other), other) { one } else { other }
}

impl Stored for Cards {
    fn to_row(&self) -> Vec<u8> {
        let (said, removed): (Vec<_>, Vec<_>) = (self.said.iter().collect(), self.removed.iter().collect());
        let mut writer = Writer::new();
        writer.list(&said, |writer, ((by, id), said)| {
            writer.bytes(&by.0).bytes(&id.0).u64(said.at).bytes(&said.head.0).lp(&said.card);
        });
        writer.list(&removed, |writer, ((by, id), removed)| {
            let heads: Vec<&Hash> = removed.heads.iter().collect();
            writer.bytes(&by.0).bytes(&id.0).u64(removed.at).bytes(&removed.head.0).list(&heads, |writer, head| {
                writer.bytes(&head.0);
            });
        });
        writer.finish()
    }

    fn of_row(row: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(row);
        let name = |reader: &mut Reader<'_>| Ok((DeviceId(reader.array()?), DocId(reader.array()?)));
        let said = reader.list(row.len(), |reader| {
            let name = name(reader)?;
            let (at, head) = (reader.u64()?, Hash(reader.array()?));
            Ok((name, SaidCard { at, head, card: reader.lp(MAX_CARD)?.to_vec() }))
        })?;
        let removed = reader.list(row.len(), |reader| {
            let name = name(reader)?;
            let (at, head) = (reader.u64()?, Hash(reader.array()?));
            let heads = reader.list(row.len(), |reader| reader.array().map(Hash))?;
            Ok((name, RemovedCards { at, head, heads: heads.into_iter().collect() }))
        })?;
        reader.finish()?;
        Ok(Self { said: said.into_iter().collect(), removed: removed.into_iter().collect() })
    }
}

/// One envelope in quarantine, as its log's row lists it.
pub(crate) struct QuarantinedEnvelope {
    pub(crate) seq: u64,
    pub(crate) envelope: Hash,
    pub(crate) len: u32,
    /// The therapist has said *discard*: it stays sealed, and is not asked about again.
    pub(crate) discarded: bool,
}

impl Fixed for QuarantinedEnvelope {
    const LEN: usize = 8 + Hash::LEN + 4 + 1;

    fn write(&self, writer: &mut Writer) {
        writer.u64(self.seq).bytes(&self.envelope.0).u32(self.len).u8(u8::from(self.discarded));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            seq: reader.u64()?,
            envelope: Hash(reader.array()?),
            len: reader.u32()?,
            discarded: reader.u8()? == 1,
        })
    }
}
