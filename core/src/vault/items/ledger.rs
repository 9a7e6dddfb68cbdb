//! What rows know of logs beyond their envelopes: what is lost, what other devices hold, what an import brought, whose
//! cards are kept.

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ColleagueId, DocId, EpochId, Hash, LogId};
use crate::rows::{Fixed, Stored};
use crate::vault::Millis;

/// Logs that a vault keeps.
pub(crate) const MAX_LOGS: usize = 1_024;
/// Colleagues that a practice keeps.
pub(crate) const MAX_COLLEAGUES: usize = 4_096;
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

/// Contact cards of colleagues, as they were read.
#[derive(Default)]
pub(crate) struct Cards(pub(crate) Vec<(ColleagueId, Vec<u8>)>);

impl Stored for Cards {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.list(&self.0, |writer, (id, card)| {
            writer.bytes(&id.0).lp(card);
        });
        writer.finish()
    }

    fn of_row(row: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(row);
        let cards = reader.list(MAX_COLLEAGUES, |reader| Ok((DocId(reader.array()?), reader.lp(MAX_CARD)?.to_vec())));
        cards.map(Self)
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
