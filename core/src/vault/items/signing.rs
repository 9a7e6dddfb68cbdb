//! Signatures that can still be taken back, as one row keeps them.

use std::collections::BTreeMap;

use crate::codec::{Malformed, Reader, Writer};
use crate::document::Heads;
use crate::id::{ClientId, DocId, Hash, NoteId};
use crate::rows::Stored;
use crate::vault::Millis;

/// How long a signature can be taken back, in milliseconds.
pub const SIGNING_GRACE: Millis = 60 * 1_000;

/// A signature that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SigningWish {
    pub(crate) note: NoteId,
    pub(crate) client: ClientId,
    pub(crate) late: bool,
    /// When *Sign* was pressed.
    pub(crate) at: Millis,
    pub(crate) version: Heads,
}

/// All of them, by their notes.
pub(crate) type SigningWishes = BTreeMap<NoteId, SigningWish>;

impl Stored for SigningWishes {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        let all: Vec<&SigningWish> = self.values().collect();
        writer.list(&all, |writer, signing| {
            writer.bytes(&signing.note.0).bytes(&signing.client.0).u8(u8::from(signing.late)).u64(signing.at);
            writer.list(signing.version.hashes(), |writer, head| {
                writer.bytes(&head.0);
            });
        });
        writer.finish()
    }

    fn of_row(row: &[u8]) -> Result<Self, Malformed> {
        let waiting = Reader::new(row).list(row.len(), |reader| {
            Ok(SigningWish {
                note: DocId(reader.array()?),
                client: DocId(reader.array()?),
                late: reader.u8()? == 1,
                at: reader.u64()?,
                version: Heads::from(reader.list(row.len(), |reader| reader.array().map(Hash))?),
            })
        })?;
        Ok(waiting.into_iter().map(|signing| (signing.note, signing)).collect())
    }
}

/// What the therapist made of an unsigned addendum, and the heads of what it was made of.
pub(crate) struct LateAddendum {
    pub(crate) heads: Vec<Hash>,
    pub(crate) text: String,
}

impl Stored for LateAddendum {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.list(&self.heads, |writer, hash| {
            writer.bytes(&hash.0);
        });
        writer.bytes(self.text.as_bytes());
        writer.finish()
    }

    fn of_row(row: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(row);
        let heads = reader.list(row.len(), |reader| reader.array().map(Hash))?;
        let text = std::str::from_utf8(reader.rest()).map_err(|_| Malformed)?.to_owned();
        Ok(Self { heads, text })
    }
}
