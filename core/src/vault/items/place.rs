//! Where an item stands, and of which items a document consists.

use crate::codec::{Malformed, Reader, Writer};
use crate::document::Refused;
use crate::id::{ClientId, DocId, Hash};
use crate::log::{Description, DocType, Kind, Setting, SignedHeader};
use crate::rows::{Fixed, Stored};
use crate::vault::items::home::{DocumentOrigin, Home};

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
    /// What its id commits to; of what only the passphrase opens, [`DocumentOrigin::unopened`].
    pub(crate) origin: DocumentOrigin,
    /// In whose record it lies; nobody's where only the passphrase tells.
    pub(crate) client: ClientId,
    /// Where its items lie, each once, in order.
    pub(crate) places: Vec<(Place, Kind)>,
}

impl Entry {
    /// A document of which nothing is here yet.
    pub(crate) fn new(origin: DocumentOrigin) -> Self {
        Self { origin, client: origin.home(), places: Vec::new() }
    }

    pub(crate) fn kind(&self) -> DocType {
        self.origin.kind
    }

    /// A private note, or a file beside one: nothing that the local key opens tells whose it is.
    pub(crate) fn is_private(&self) -> bool {
        self.origin == DocumentOrigin::unopened(self.origin.kind) && self.origin.kind != DocType::Client
    }

    pub(crate) fn is_note(&self) -> bool {
        matches!(self.kind(), DocType::Note | DocType::ProcessNote)
    }

    /// Whether one of its items is of this kind.
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.places.iter().any(|(_, of)| *of == kind)
    }

    /// Counts an item in; `false` when it was counted before.
    pub(crate) fn insert(&mut self, place: Place, kind: Kind) -> bool {
        match self.places.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(_) => false,
            Err(at) => {
                self.places.insert(at, (place, kind));
                true
            }
        }
    }

    /// Where these of its changes lie, named by their places among them; others have not left in an envelope yet.
    pub(crate) fn changes_at(&self, refused: &[(usize, Refused)]) -> Vec<Place> {
        let changes: Vec<Place> =
            self.places.iter().filter(|(_, kind)| *kind == Kind::Changes).map(|(place, _)| *place).collect();
        refused.iter().filter_map(|(index, _)| changes.get(*index).copied()).collect()
    }
}

impl Home {
    /// Where a document stands that the local key opens.
    pub(crate) fn of_record(entry: &Entry) -> Self {
        Self { origin: entry.origin, client: entry.client, compartment: entry.origin.compartment() }
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

impl Stored for Description {
    fn to_row(&self) -> Vec<u8> {
        self.to_bytes()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::parse(bytes)
    }
}

impl Stored for Setting {
    fn to_row(&self) -> Vec<u8> {
        self.to_bytes().to_vec()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::parse(bytes)
    }
}

impl Stored for Entry {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.origin.write(&mut writer);
        writer.bytes(&self.client.0);
        writer.list(&self.places, |writer, (place, kind)| {
            place.write(writer);
            writer.u8(kind.code());
        });
        writer.finish()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let entry = Self {
            origin: DocumentOrigin::read(&mut reader)?,
            client: DocId(reader.array()?),
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
