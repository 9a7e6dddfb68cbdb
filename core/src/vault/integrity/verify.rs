//! Verify: reads and checks every envelope, item and document, and says what is damaged and what is whole.
//!
//! What is done with each part stands here; in which order, and how it is stopped and gone on with, in [`Checking`](crate::vault::Checking).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::document::Actor;
use crate::id::{ClientId, DeviceId, DocId, Hash, LogId};
use crate::keyring::is_process_key;
use crate::log::{self, Item, Kind, Position, SignedHeader};
use crate::rows::RowError;
use crate::seal;
use crate::store::Table;
use crate::vault::LogEnd;
use crate::vault::core::Transaction;
use crate::vault::items::place::{Entry, Place};
use crate::vault::subject::Integrity;

/// The envelopes of a log by number and name: the header of each, and whether its body is known to be lacking.
pub(super) type Envelopes = BTreeMap<(u64, Hash), (SignedHeader, bool)>;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Logs whose chain was followed to a verified signature.
    pub logs: u64,
    /// Envelopes in them.
    pub envelopes: u64,
    /// Bodies that have not arrived on this device.
    pub bodies_missing: u64,
    /// Items that opened.
    pub items: u64,
    /// Items of private notes, whose seal was not opened because the passphrase was not given again.
    pub items_private: u64,
    /// Items whose key has not arrived.
    pub items_waiting: u64,
    /// Documents that could be put together.
    pub documents: u64,
    /// Signatures of notes that were verified.
    pub signatures: u64,
    /// Attached files whose pieces were checked, as far as they are here.
    pub files: u64,
    /// Pieces of files that are whole.
    pub pieces: u64,
    /// Pieces of files that have not arrived on this device.
    pub pieces_missing: u64,
    /// What is damaged, in words without names.
    pub damaged: Vec<Damage>,
}

/// Something that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Damage {
    /// A log's chain is broken or not signed at this number.
    Chain(LogId, u64),
    /// A body is not what its header names, or does not open.
    Body(Hash),
    /// An item does not open.
    Item(Hash, u32),
    /// A document cannot be put together.
    Document(DocId),
    /// A signed item's signature does not hold.
    Signature(DocId),
    /// A piece of an attached file is not what it should be: the file, and which of its pieces.
    Piece(DocId, u32),
    /// The list of an attached file's pieces cannot be read.
    Blob(Hash),
    /// Slots or keys are not the ones that were written last.
    Vital,
    /// The other replaceable rows are not the ones that were written last.
    Rows,
    /// The list of clients, a timeline or the index does not open, or does not agree with the documents.
    Catalog,
    /// A part of the file in which rows of this table lie cannot be read.
    #[serde(skip)]
    Unreadable(Table),
}

impl Damage {
    /// What is damaged.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Chain(..) => "A part of a device's history does not follow from what came before it.",
            Self::Body(_) => "A stored change is lost, or is not what its signature covers.",
            Self::Item(..) => "An entry of a stored change does not open.",
            Self::Document(_) => "A document cannot be put together from its changes.",
            Self::Signature(_) => "The signature of a signed note does not hold.",
            Self::Piece(..) => "A part of an attached file is not as it was written.",
            Self::Blob(_) => "What an attached file consists of cannot be read.",
            Self::Vital => {
                "What the practice is opened with, or who belongs to it, was changed in the practice file from outside."
            }
            Self::Rows => "Rows of the practice file were changed from outside.",
            Self::Catalog => "A list that is made from the documents does not agree with them; it can be made again.",
            Self::Unreadable(Table::Pending) => {
                "A part of the file cannot be read in which words wait that were typed and not yet sent."
            }
            Self::Unreadable(Table::Index | Table::Catalog) => {
                "A part of the file cannot be read in which lists lie that are made from the documents."
            }
            Self::Unreadable(_) => "A part of the practice file cannot be read.",
        }
    }
}

impl Integrity<'_> {
    /// Follows the headers of a log, and gives the envelopes of those that are here.
    pub(super) fn verify_log(&self, log: &LogId, found: &mut Verified) -> Result<Envelopes, RowError> {
        let mut envelopes = Envelopes::new();
        match self.core.read().ledger().log_ends_of(log) {
            Ok(ends) => {
                found.logs += u64::try_from(ends.len()).unwrap_or(u64::MAX);
                ends.iter().try_for_each(|end| self.verify_branch(end, &mut envelopes, found))?;
            }
            Err(RowError::Damaged) => found.damaged.push(Damage::Chain(*log, 0)),
            Err(error) => return Err(error),
        }
        Ok(envelopes)
    }

    fn verify_branch(&self, end: &LogEnd, envelopes: &mut Envelopes, found: &mut Verified) -> Result<(), RowError> {
        let log = &end.log;
        let names = match self.core.read().ledger().branch_names(log, 0, &end.head) {
            Ok(names) if u64::try_from(names.len()) == Ok(end.next_seq) => names,
            Ok(_) | Err(RowError::Damaged) => {
                found.damaged.push(Damage::Chain(*log, 0));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut run = Vec::with_capacity(names.len());
        for (seq, name) in (0..).zip(&names) {
            match self.core.read().header(name) {
                Ok(signed) if signed.header.hash() == *name => run.push(signed),
                // What comes after it is looked at all the same.
                Ok(_) | Err(RowError::Damaged) => found.damaged.push(Damage::Chain(*log, seq)),
                Err(error) => return Err(error),
            }
        }
        if run.len() == names.len() {
            let key = self.core.memory.roster.card(&log.device()).map(|card| card.signing);
            if key.is_none_or(|key| log::follow(*log, Position::START, &run, &key).is_err()) {
                found.damaged.push(Damage::Chain(*log, 0));
            }
        }
        for signed in run {
            let missing = end.missing.binary_search(&signed.header.seq).is_ok();
            envelopes.insert((signed.header.seq, signed.header.hash()), (signed, missing));
        }
        Ok(())
    }

    pub(super) fn verify_envelope(
        &self,
        signed: &SignedHeader,
        missing: bool,
        private: bool,
        found: &mut Verified,
    ) -> Result<(), RowError> {
        let name = &signed.header.hash();
        let body = match self.core.read().ledger().envelope_body(name) {
            Ok(Some(body)) => body,
            // It may have gone since the log was read.
            Ok(None) if missing || self.core.read().ledger().is_pruned(name)? => {
                let header = &signed.header;
                let ledger = self.core.read().ledger();
                found.bodies_missing += u64::from(!ledger.is_pruned(name)? && !ledger.is_said_let_go(header)?);
                return Ok(());
            }
            Ok(None) | Err(RowError::Damaged) => {
                found.damaged.push(Damage::Body(*name));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let items = match self.core.read().open_body(&signed.header, &body) {
            Ok(items) => items,
            // The removal that opened its epoch has not come yet.
            Err(RowError::KeyNotHere) => {
                found.items_waiting += 1;
                return Ok(());
            }
            Err(_) => {
                found.damaged.push(Damage::Body(*name));
                return Ok(());
            }
        };
        self.verify_items(name, &items, signed.header.log.device(), private, found)
    }

    fn verify_items(
        &self,
        name: &Hash,
        items: &[Item],
        by: DeviceId,
        private: bool,
        found: &mut Verified,
    ) -> Result<(), RowError> {
        let is_apart = |item: &Item| is_process_key(&item.key) && !private;
        let known: Vec<(u32, &Item)> =
            (0..).zip(items).filter(|(_, item)| !matches!(item.kind, Kind::Unknown(_))).collect();
        let opened: Vec<_> = known.iter().filter(|(_, item)| !is_apart(item)).map(|(_, item)| (*item, by)).collect();
        let mut payloads = self.core.read().open_items(&opened).into_iter();
        for (index, item) in known {
            let result = match is_apart(item) {
                true if item.content.len() < seal::sealed_len(0) => Err(RowError::Damaged),
                true => Err(RowError::NeedsReauth),
                false => payloads.next().unwrap_or(Err(RowError::Damaged)).map(drop),
            };
            match result {
                Ok(()) => found.items += 1,
                Err(RowError::NeedsReauth) => found.items_private += 1,
                Err(RowError::KeyNotHere) => found.items_waiting += 1,
                Err(RowError::Damaged) => found.damaged.push(Damage::Item(*name, index)),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) fn verify_client(&self, client: &ClientId, found: &mut Verified) -> Result<(), RowError> {
        let mut listed = vec![*client];
        match self.core.read().read_timeline(client) {
            Ok(timeline) => listed.extend(timeline.documents()),
            Err(RowError::Damaged) => found.damaged.push(Damage::Catalog),
            Err(error) => return Err(error),
        }
        let mut entries = Vec::with_capacity(listed.len());
        for id in listed {
            match self.core.read().entry(&id) {
                Ok(Some(entry)) => entries.push((id, entry)),
                Ok(None) | Err(RowError::Damaged) => found.damaged.push(Damage::Catalog),
                Err(error) => return Err(error),
            }
        }
        // In the order in which they lie, so that a body that holds many of them is opened once.
        entries.sort_by_key(|(_, entry)| entry.places.first().map(|(place, _)| *place));
        let ahead = self.opened_ahead(&entries)?;
        entries.iter().try_for_each(|(id, entry)| self.verify_document(id, entry, &ahead, found))
    }

    /// The payloads of these documents that lie in large bodies, as if a transaction had opened them: each body is read once, from
    /// the first to the last of their items. What cannot be opened is left for whoever tells so.
    fn opened_ahead(&self, entries: &[(DocId, Entry)]) -> Result<Transaction, RowError> {
        let mut places: BTreeMap<Hash, BTreeSet<u32>> = BTreeMap::new();
        for (_, entry) in entries.iter().filter(|(_, entry)| !entry.is_private()) {
            for (place, _) in &entry.places {
                places.entry(place.envelope).or_default().insert(place.index);
            }
        }
        let mut ahead = Transaction::default();
        for (envelope, numbers) in places {
            let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { continue };
            let (items, by) = match self.core.read().items_between(&envelope, *first..=*last) {
                Ok(Some(found)) => found,
                Ok(None) | Err(RowError::Damaged | RowError::KeyNotHere) => continue,
                Err(error) => return Err(error),
            };
            let theirs = (*first..).zip(&items).filter(|(index, _)| numbers.contains(index));
            let (numbers, items): (Vec<u32>, Vec<_>) = theirs.map(|(index, item)| (index, (item, by))).unzip();
            let payloads = numbers.into_iter().zip(self.core.read().open_items(&items));
            let opened = payloads.filter_map(|(index, payload)| Some((Place { envelope, index }, payload.ok()?)));
            ahead.payloads.extend(opened);
        }
        Ok(ahead)
    }

    fn verify_document(
        &self,
        id: &DocId,
        entry: &Entry,
        ahead: &Transaction,
        found: &mut Verified,
    ) -> Result<(), RowError> {
        let material = match self.core.at(ahead).documents().material(id, entry) {
            Ok(material) => material,
            Err(RowError::Damaged) => {
                // One whose body is lost or lacking is told with the body.
                let here = |envelope: &Hash| matches!(self.core.read().ledger().has_body(envelope), Ok(true));
                if entry.places.iter().all(|(place, _)| here(&place.envelope)) {
                    found.damaged.push(Damage::Document(*id));
                }
                return Ok(());
            }
            Err(RowError::KeyNotHere | RowError::NeedsReauth) => return Ok(()),
            Err(error) => return Err(error),
        };
        let (counted, uncounted) = self.core.read().documents().judge_signed(id, &material);
        let signed = counted.len() + uncounted.len();
        if signed < material.signed.len() {
            found.damaged.push(Damage::Signature(*id));
        }
        found.signatures += u64::try_from(signed).unwrap_or(u64::MAX);
        let closed = !material.signed.is_empty() && self.core.read().ledger().is_draft_pruned(id)?;
        let drafted = !material.chunks.is_empty() && !closed;
        if !drafted {
            found.documents += 1;
            return Ok(());
        }
        let pending = self.core.read().pending_chunks(id)?;
        match self.core.read().documents().load_document(&material, id, entry.kind(), &pending, Actor::NOBODY) {
            Ok(loaded) if loaded.document.is_some() => {
                found.documents += 1;
                let refused = entry.changes_at(&loaded.set_aside).into_iter();
                found.damaged.extend(refused.map(|place| Damage::Item(place.envelope, place.index)));
            }
            _ => found.damaged.push(Damage::Document(*id)),
        }
        Ok(())
    }
}
