//! Where an item stands, and of which items a document consists.

use crate::codec::{Malformed, Reader, Writer};
use crate::document::Refused;
use crate::id::{ClientId, DocId, Hash, KeyId};
use crate::log::SignedHeader;
use crate::log::{DocType, Kind};
use crate::rows::{Fixed, Stored};

/// Where an item stands: its envelope, and its number in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) envelope: Hash,
    pub(crate) index: u32,
}

impl Place {
    /// All of an envelope: no item has this number.
    pub(crate) fn whole(envelope: Hash) -> Self {
        Self { envelope, index: u32::MAX }
    }
}

impl Fixed for Place {
    const LEN: usize = Hash::LEN + 4;

    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.envelope.0).u32(self.index);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { envelope: Hash(reader.array()?), index: reader.u32()? })
    }
}

/// A document as the index knows it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) kind: DocType,
    /// Zeros for a process note: whose it is, only its key tells.
    pub(crate) client: ClientId,
    pub(crate) key: KeyId,
    pub(crate) places: Vec<(Place, Kind)>,
}

impl Entry {
    /// Where these of its changes lie, named by their places among them; others have not left in an envelope yet.
    pub(crate) fn changes_at(&self, refused: &[(usize, Refused)]) -> Vec<Place> {
        let changes: Vec<Place> =
            self.places.iter().filter(|(_, kind)| *kind == Kind::Changes).map(|(place, _)| *place).collect();
        refused.iter().filter_map(|(index, _)| changes.get(*index).copied()).collect()
    }
}

impl Stored for SignedHeader {
    fn to_row(&self) -> Vec<u8> {
        self.to_bytes()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::parse(bytes).map_err(|_| Malformed)
    }
}

impl Stored for Entry {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u8(self.kind.code()).bytes(&self.client.0).bytes(&self.key.0);
        writer.list(&self.places, |writer, (place, kind)| {
            place.write(writer);
            writer.u8(kind.code());
        });
        writer.finish()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let entry = Self {
            kind: DocType::of(reader.u8()?),
            client: DocId(reader.array()?),
            key: KeyId(reader.array()?),
            places: reader.list(bytes.len(), |reader| {
                let place = Place::read(reader)?;
                let kind = std::num::NonZeroU8::new(reader.u8()?).ok_or(Malformed)?;
                Ok((place, Kind::of(kind)))
            })?,
        };
        reader.finish()?;
        Ok(entry)
    }
}
