//! The index: which items a document consists of, and where in which log an envelope stands.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use zeroize::Zeroizing;

use crate::catalog::{self, Timeline};
use crate::codec::{Malformed, Reader, Writer};
use crate::document::Refused;
use crate::id::{ClientId, DocId, Hash, KeyId, LogId};
use crate::log::{self, DocType, Header, Item, Kind, SignedHeader, Spot};
use crate::rows::{Changes, Plain};
use crate::secret::{Key, OuterRole};
use crate::store::{Batch, Table};
use crate::vault::{Vault, VaultError};

/// Items of one body that are opened one by one before all of it is.
const IN_A_ROW: u8 = 3;

/// Items that one document may have.
const MAX_PLACES: usize = 1 << 20;

/// Where an item stands: its envelope, and its number in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) envelope: Hash,
    pub(crate) index: u32,
}

impl Place {
    pub(crate) const LEN: usize = Hash::LEN + 4;

    /// All of an envelope: no item has this number.
    pub(crate) fn whole(envelope: Hash) -> Self {
        Self { envelope, index: u32::MAX }
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let (envelope, index) = bytes.split_at_mut(Hash::LEN);
        envelope.copy_from_slice(&self.envelope.0);
        index.copy_from_slice(&self.index.to_le_bytes());
        bytes
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

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u8(self.kind.code()).bytes(&self.client.0).bytes(&self.key.0);
        writer.list(&self.places, |writer, (place, kind)| {
            writer.bytes(&place.envelope.0).u32(place.index).u8(kind.code());
        });
        writer.finish()
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let entry = Self {
            kind: DocType::of(reader.u8()?),
            client: DocId(reader.array()?),
            key: KeyId(reader.array()?),
            places: reader.list(MAX_PLACES, |reader| {
                let place = Place { envelope: Hash(reader.array()?), index: reader.u32()? };
                let kind = std::num::NonZeroU8::new(reader.u8()?).ok_or(Malformed)?;
                Ok((place, Kind::of(kind)))
            })?,
        };
        reader.finish()?;
        Ok(entry)
    }
}

/// What one transaction is about to change, with everything that it has read so far.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) changes: Changes,
    /// Slots that are written with them.
    pub(crate) slots: Batch,
    pub(crate) entries: BTreeMap<DocId, Entry>,
    pub(crate) timelines: BTreeMap<ClientId, Timeline>,
    /// Documents whose catalog row must be made again.
    pub(crate) dirty: BTreeSet<DocId>,
    /// Clients whose list row must be made again.
    pub(crate) clients: BTreeSet<ClientId>,
    /// Keys that have come, for which items may be waiting.
    pub(crate) keys: Vec<KeyId>,
    /// Payloads just written or opened, so that they are not opened a second time.
    pub(crate) payloads: BTreeMap<Place, Plain>,
    /// A device was admitted: every part must be published for it too.
    pub(crate) admitted: bool,
    /// The roster has grown, or the logs of a removed device have: what follows from it is to be done.
    pub(crate) roster: bool,
    /// Logs of removed devices of which something was set apart.
    pub(crate) apart: BTreeSet<LogId>,
    /// The ends of logs, where they moved.
    pub(crate) tips: crate::vault::append::Tips,
    /// A body that was here before comes again, after it was damaged.
    pub(crate) again: bool,
    /// Items that could not be used.
    pub(crate) set_aside: Vec<Place>,
    /// Deletions of other devices that came, not judged yet.
    pub(crate) deletions: Vec<crate::vault::held::Counted>,
    /// All deletions as they were judged.
    pub(crate) judged: Option<crate::vault::held::Deletions>,
    /// All merges of records, where one came.
    pub(crate) merges: Option<crate::vault::merged::Merges>,
    /// What came into the trash, or out of it.
    pub(crate) trash: BTreeMap<DocId, Option<crate::vault::trash::Trashed>>,
}

impl Vault {
    pub(crate) fn entry(&self, work: &Work, id: &DocId) -> Result<Option<Entry>, VaultError> {
        if let Some(entry) = work.entries.get(id) {
            return Ok(Some(entry.clone()));
        }
        let row = self.rows.read_through(&work.changes, Table::Index, &document_name(id))?;
        row.map(|row| Entry::parse(&row).map_err(|_| VaultError::Damaged)).transpose()
    }

    pub(crate) fn timeline_in<'w>(&self, work: &'w mut Work, client: ClientId) -> Result<&'w mut Timeline, VaultError> {
        Ok(match work.timelines.entry(client) {
            btree_map::Entry::Occupied(read) => read.into_mut(),
            btree_map::Entry::Vacant(unread) => unread.insert(self.read_timeline(&client)?),
        })
    }

    pub(crate) fn read_timeline(&self, client: &ClientId) -> Result<Timeline, VaultError> {
        match self.rows.read(Table::Catalog, &timeline_name(client))? {
            Some(row) => catalog::from_bytes(&row),
            None => Ok(Timeline::default()),
        }
    }

    /// The header of an envelope, with its signature if it has one.
    pub(crate) fn header(&self, work: &Work, envelope: &Hash) -> Result<SignedHeader, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Headers, &envelope.0)?.ok_or(VaultError::Damaged)?;
        SignedHeader::parse(&row).map_err(|_| VaultError::Damaged)
    }

    /// One item of an envelope, and where it stands.
    pub(crate) fn item(&self, work: &Work, place: &Place) -> Result<(Item, Spot), VaultError> {
        let header = self.header(work, &place.envelope)?.header;
        let spot = Spot { log: header.log, seq: header.seq, index: place.index };
        let at = usize::try_from(place.index).map_err(|_| VaultError::Damaged)?;
        if let Some((envelope, items)) = self.body.borrow().as_ref()
            && *envelope == place.envelope
        {
            return Ok((items.get(at).cloned().ok_or(VaultError::Damaged)?, spot));
        }
        if let Some(item) = self.item_alone(&header, &place.envelope, at)? {
            return Ok((item, spot));
        }
        let body =
            self.rows.read_through(&work.changes, Table::Bodies, &place.envelope.0)?.ok_or(VaultError::Damaged)?;
        let items = self.open_body(&header, &body)?;
        let item = items.get(at).cloned().ok_or(VaultError::Damaged)?;
        *self.body.borrow_mut() = Some((place.envelope, items));
        Ok((item, spot))
    }

    /// An item of a large body by its place among the body's bytes, without opening the rest; `None` where that place is
    /// not known, and for whoever reads one item of the body after the other, to whom all of it is of use.
    fn item_alone(&self, header: &Header, envelope: &Hash, at: usize) -> Result<Option<Item>, VaultError> {
        let (last, times) = self.alone.get();
        let times = if last == *envelope { times.saturating_add(1) } else { 0 };
        self.alone.set((*envelope, times));
        if !is_laid_out(header) || times >= IN_A_ROW {
            return Ok(None);
        }
        // A damaged row here costs time alone.
        let Ok(Some(layout)) = self.rows.read(Table::Index, &layout_name(envelope)) else { return Ok(None) };
        let Some(part) = part_of(&layout, at) else { return Ok(None) };
        let outer = self.outer_key(header)?;
        let mut opened = None;
        self.rows.look_at_body(&envelope.0, &mut |body| {
            opened = Some(log::open_item(header, &outer, body, part.clone()));
        })?;
        opened.ok_or(VaultError::Damaged)?.map(Some).map_err(|_| VaultError::Damaged)
    }

    /// Where the items of a large body lie in it, for [`Self::item`].
    pub(crate) fn lay_out(&self, work: &mut Work, envelope: &Hash, header: &Header, items: &[Item]) {
        if !is_laid_out(header) {
            return;
        }
        let mut layout = 0_u32.to_le_bytes().to_vec();
        let mut end = 0;
        for item in items {
            end += log::packed_len(item);
            layout.extend(u32::try_from(end).unwrap_or(u32::MAX).to_le_bytes());
        }
        work.changes.put(Table::Index, &layout_name(envelope), layout);
    }

    fn outer_key(&self, header: &Header) -> Result<Key<OuterRole>, VaultError> {
        let secret = self.epochs.get(&header.epoch).ok_or(VaultError::KeyNotHere)?;
        Ok(log::outer_key(secret, header.epoch))
    }

    pub(crate) fn open_body(&self, header: &Header, body: &[u8]) -> Result<Vec<Item>, VaultError> {
        log::open_body(header, &self.outer_key(header)?, body).map_err(|_| VaultError::Damaged)
    }

    /// The payload of an item, opened with whatever key it names.
    pub(crate) fn payload(&self, work: &Work, place: &Place) -> Result<Plain, VaultError> {
        if let Some(payload) = work.payloads.get(place) {
            return Ok(payload.clone());
        }
        let (item, spot) = self.item(work, place)?;
        self.open_item(work, &item, &spot)
    }

    pub(crate) fn open_item(&self, work: &Work, item: &Item, spot: &Spot) -> Result<Plain, VaultError> {
        if item.key == log::NO_KEY {
            return Ok(Zeroizing::new(item.content.clone()));
        }
        if item.key == log::PRACTICE_KEY {
            return item.open(&self.practice, spot).map_err(|_| VaultError::Damaged);
        }
        let (_, key) = self.compartment_key(work, &item.key)?;
        item.open(&key, spot).map_err(|_| VaultError::Damaged)
    }

    /// The envelopes at one place of a log: more than one when the log has branches.
    pub(crate) fn envelopes_at(&self, work: &Work, log: &LogId, seq: u64) -> Result<Vec<Hash>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Index, &order_name(log, seq))?;
        Ok(row.map(|row| hashes(&row)).unwrap_or_default())
    }
}

/// Whether opening one item alone saves anything: a body of a chunk or two is opened whole.
fn is_laid_out(header: &Header) -> bool {
    header.body_len > 40 << 10
}

/// Where an item begins and ends in a body.
fn part_of(layout: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    let offset = |at: usize| {
        let bytes = layout.chunks_exact(4).nth(at)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let (start, end) = (offset(at)?, offset(at.checked_add(1)?)?);
    (start < end).then_some(start..end)
}

/// Reads ids written one after the other.
pub(crate) fn ids(bytes: &[u8]) -> impl Iterator<Item = DocId> + '_ {
    bytes.chunks_exact(DocId::LEN).filter_map(DocId::from_slice)
}

/// Reads hashes written one after the other.
pub(crate) fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks_exact(Hash::LEN).filter_map(Hash::from_slice).collect()
}

pub(crate) fn document_name(id: &DocId) -> Vec<u8> {
    [b"d".as_slice(), &id.0].concat()
}

pub(crate) fn order_name(log: &LogId, seq: u64) -> Vec<u8> {
    [b"o".as_slice(), &log.0, &seq.to_le_bytes()].concat()
}

pub(crate) fn missing_name(log: &LogId) -> Vec<u8> {
    [b"m".as_slice(), &log.0].concat()
}

pub(crate) fn layout_name(envelope: &Hash) -> Vec<u8> {
    [b"l".as_slice(), &envelope.0].concat()
}

pub(crate) fn timeline_name(client: &ClientId) -> Vec<u8> {
    [b"t".as_slice(), &client.0].concat()
}
