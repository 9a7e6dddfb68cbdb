//! What rows know of logs beyond their envelopes: what is lost, what other devices hold, what an import brought, whose
//! cards are kept.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::ContactCard;
use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ColleagueId, DeviceId, DocId, EpochId, Hash, LogId};
use crate::rows::{Fixed, Stored};
use crate::vault::Millis;

/// Logs that a vault keeps.
pub(crate) const MAX_LOGS: usize = 1_024;
/// Colleagues that one device adds, and removals of theirs that it says.
pub(crate) const MAX_COLLEAGUES: usize = 1_024;
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

/// A removal that is known of by what lies under its epoch alone: the log in which that stands, the epoch, and the envelope
/// before the first under it.
pub(crate) type MissedRemoval = (LogId, (EpochId, Hash));

/// A contact card, and who said that it is a colleague's.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SaidCard {
    /// Which colleague: what both keys of the card make.
    pub(crate) id: ColleagueId,
    /// The device that added it.
    pub(crate) by: DeviceId,
    /// Where it said so: log, number, place in the body.
    pub(crate) at: (LogId, u64, u32),
    /// What a removal names.
    pub(crate) head: Hash,
    pub(crate) card: Vec<u8>,
}

/// Contact cards of colleagues, and those that were removed from the list.
#[derive(Default)]
pub(crate) struct Cards {
    pub(crate) said: Vec<SaidCard>,
    /// What each device removed, by the heads that it knew.
    pub(crate) removed: BTreeSet<(DeviceId, Hash)>,
}

impl Cards {
    /// One card for each colleague who is not removed: of several the one made last, then the greatest as bytes.
    pub(crate) fn listed(&self) -> BTreeMap<ColleagueId, &[u8]> {
        let removed: BTreeSet<&Hash> = self.removed.iter().map(|(_, head)| head).collect();
        let mut listed: BTreeMap<ColleagueId, &[u8]> = BTreeMap::new();
        for said in self.said.iter().filter(|said| !removed.contains(&said.head)) {
            let held = listed.entry(said.id).or_insert(&said.card);
            *held = newer(held, &said.card);
        }
        listed
    }

    /// Takes in what a device says. Of what one device says the beginning of its logs counts, up to [`MAX_COLLEAGUES`].
    pub(crate) fn say(&mut self, said: SaidCard) {
        if self.said.iter().any(|other| (other.at, other.head) == (said.at, said.head)) {
            return;
        }
        let by = said.by;
        self.said.push(said);
        self.said.sort_by_key(|said| (said.by, said.at));
        if self.said.iter().filter(|said| said.by == by).count() > MAX_COLLEAGUES
            && let Some(last) = self.said.iter().rposition(|said| said.by == by)
        {
            self.said.remove(last);
        }
    }

    /// Takes in what a device removes; of what one device removes the smallest hashes count, up to [`MAX_COLLEAGUES`].
    pub(crate) fn remove(&mut self, by: DeviceId, heads: impl IntoIterator<Item = Hash>) {
        self.removed.extend(heads.into_iter().map(|head| (by, head)));
        let of_device: Vec<_> = self.removed.iter().filter(|(device, _)| *device == by).copied().collect();
        for beyond in of_device.iter().skip(MAX_COLLEAGUES) {
            self.removed.remove(beyond);
        }
    }
}

/// Which of two cards of one colleague counts.
fn newer<'c>(one: &'c [u8], other: &'c [u8]) -> &'c [u8] {
    let made = |card: &[u8]| ContactCard::read(card).ok().map(|card| card.made());
    if (made(one), one) >= (made(other), other) { one } else { other }
}

impl Stored for Cards {
    fn to_row(&self) -> Vec<u8> {
        let removed: Vec<_> = self.removed.iter().copied().collect();
        let mut writer = Writer::new();
        writer.list(&self.said, |writer, said| {
            let (log, seq, index) = &said.at;
            writer.bytes(&said.id.0).bytes(&said.by.0).bytes(&log.0).u64(*seq).u32(*index);
            writer.bytes(&said.head.0).lp(&said.card);
        });
        writer.list(&removed, |writer, (by, head)| {
            writer.bytes(&by.0).bytes(&head.0);
        });
        writer.finish()
    }

    fn of_row(row: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(row);
        let said = reader.list(row.len(), |reader| {
            Ok(SaidCard {
                id: DocId(reader.array()?),
                by: DeviceId(reader.array()?),
                at: (LogId(reader.array()?), reader.u64()?, reader.u32()?),
                head: Hash(reader.array()?),
                card: reader.lp(MAX_CARD)?.to_vec(),
            })
        })?;
        let removed = reader.list(row.len(), |reader| Ok((DeviceId(reader.array()?), Hash(reader.array()?))))?;
        reader.finish()?;
        Ok(Self { said, removed: removed.into_iter().collect() })
    }
}

/// What one import brought, and when.
pub(crate) struct ImportedDocuments {
    pub(crate) at: Millis,
    pub(crate) documents: Vec<DocId>,
}

impl Stored for ImportedDocuments {
    fn to_row(&self) -> Vec<u8> {
        [self.at.to_le_bytes().as_slice(), &self.documents.to_row()].concat()
    }

    fn of_row(row: &[u8]) -> Result<Self, Malformed> {
        let (at, documents) = row.split_first_chunk().ok_or(Malformed)?;
        Ok(Self { at: Millis::from_le_bytes(*at), documents: Vec::of_row(documents)? })
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
