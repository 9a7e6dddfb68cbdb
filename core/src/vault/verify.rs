//! Verify: reads and checks every envelope, item and document, and says what is damaged and what is whole.

use std::collections::BTreeMap;

use crate::document::Actor;
use crate::id::{DocId, Hash, LogId};
use crate::log::{self, Kind, Position, Spot};
use crate::seal;
use crate::store::Table;
use crate::vault::index::{Entry, Work};
use crate::vault::{Vault, VaultError};

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Logs whose chain was followed to a verified signature.
    pub logs: u64,
    /// Envelopes in them.
    pub envelopes: u64,
    /// Bodies that have not arrived on this device.
    pub bodies_missing: u64,
    /// Items that opened.
    pub items: u64,
    /// Items of process notes, whose seal was not opened because the passphrase was not given again.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The replaceable rows are not the ones that were written last.
    Rows,
    /// The list of clients cannot be made from the documents.
    Catalog,
}

impl Damage {
    /// What is damaged.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Chain(..) => "A part of a device's history does not follow from what came before it.",
            Self::Body(_) => "A stored change is not what its signature covers.",
            Self::Item(..) => "An entry of a stored change does not open.",
            Self::Document(_) => "A document cannot be put together from its changes.",
            Self::Signature(_) => "The signature of a signed note does not hold.",
            Self::Piece(..) => "A part of an attached file is not as it was written.",
            Self::Blob(_) => "What an attached file consists of cannot be read.",
            Self::Rows => "Rows of the practice file were changed from outside.",
            Self::Catalog => "The list of clients does not agree with the documents.",
        }
    }
}

impl Vault {
    /// Checks everything; `progress` is told how many of how many envelopes and pieces of files are done. Private notes are
    /// opened while the passphrase has just been given, and only their seals are checked else.
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, VaultError> {
        self.verify_as_far(self.again.is_some(), progress)
    }

    /// As [`Self::verify`], for what runs by itself: of private notes the seals only, whether or not the passphrase has
    /// just been given. Of these, the seal of the envelope and the form of the item; what is in it is not opened.
    pub fn verify_quietly(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, VaultError> {
        self.verify_as_far(false, progress)
    }

    fn verify_as_far(&self, private: bool, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, VaultError> {
        let mut found = Verified::default();
        let of = self.rows.count(Table::Headers)? + self.pieces_held()?;
        for end in self.log_ends()? {
            found.logs += 1;
            self.verify_branch(&end.log, &end.head, private, &mut found, &mut |done| progress(done, of))?;
        }
        self.verify_documents(&mut found)?;
        let envelopes = found.envelopes;
        self.verify_pieces(&mut found, &mut |pieces| progress(envelopes + pieces, of))?;
        if !self.rows.check(&self.state)? {
            found.damaged.push(Damage::Rows);
        }
        progress(of, of);
        Ok(found)
    }

    fn verify_branch(
        &self,
        log: &LogId,
        head: &Hash,
        private: bool,
        found: &mut Verified,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), VaultError> {
        let work = Work::default();
        let names = match self.branch_names(log, 0, head) {
            Ok(names) => names,
            Err(VaultError::Damaged) => {
                found.damaged.push(Damage::Chain(*log, 0));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut run = Vec::with_capacity(names.len());
        for (seq, name) in (0..).zip(&names) {
            match self.header(&work, name) {
                Ok(signed) if signed.header.hash() == *name => run.push(signed),
                Ok(_) | Err(VaultError::Damaged) => {
                    found.damaged.push(Damage::Chain(*log, seq));
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        let key = self.roster.device(&log.device()).map(|card| card.signing);
        let whole = key.is_some_and(|key| log::follow(*log, Position::START, &run, &key).is_ok());
        if !whole {
            found.damaged.push(Damage::Chain(*log, 0));
        }
        for (name, signed) in names.iter().zip(&run) {
            found.envelopes += 1;
            progress(found.envelopes);
            self.verify_envelope(&work, name, signed, private, found)?;
        }
        Ok(())
    }

    fn verify_envelope(
        &self,
        work: &Work,
        name: &Hash,
        signed: &log::SignedHeader,
        private: bool,
        found: &mut Verified,
    ) -> Result<(), VaultError> {
        let Some(body) = self.envelope_body(name)? else {
            found.bodies_missing += 1;
            return Ok(());
        };
        let Ok(items) = self.open_body(&signed.header, &body) else {
            found.damaged.push(Damage::Body(*name));
            return Ok(());
        };
        for (index, item) in (0..).zip(&items) {
            if matches!(item.kind, Kind::Unknown(_)) {
                continue;
            }
            if !private && self.is_process_key(work, &item.key)? {
                match item.content.len() >= seal::sealed_len(0) {
                    true => found.items_private += 1,
                    false => found.damaged.push(Damage::Item(*name, index)),
                }
                continue;
            }
            let spot = Spot { log: signed.header.log, seq: signed.header.seq, index };
            match self.open_item(work, item, &spot) {
                Ok(_) => found.items += 1,
                Err(VaultError::AskAgain) => found.items_private += 1,
                Err(VaultError::KeyNotHere) => found.items_waiting += 1,
                Err(VaultError::Damaged) => found.damaged.push(Damage::Item(*name, index)),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn verify_documents(&self, found: &mut Verified) -> Result<(), VaultError> {
        let mut listed: BTreeMap<DocId, ()> = self.clients.keys().map(|id| (*id, ())).collect();
        for client in self.clients.keys() {
            let timeline = self.read_timeline(client)?;
            listed.extend(timeline.notes.iter().map(|row| (row.id, ())));
            listed.extend(timeline.measures.iter().map(|id| (*id, ())));
        }
        let work = Work::default();
        let mut entries = Vec::with_capacity(listed.len());
        for id in listed.into_keys() {
            match self.entry(&work, &id) {
                Ok(Some(entry)) => entries.push((id, entry)),
                Ok(None) | Err(VaultError::Damaged) => found.damaged.push(Damage::Catalog),
                Err(error) => return Err(error),
            }
        }
        // In the order in which they lie, so that a body that holds hundreds of them is opened once.
        entries.sort_by_key(|(_, entry)| entry.places.first().map(|(place, _)| *place));
        entries.iter().try_for_each(|(id, entry)| self.verify_document(&work, id, entry, found))
    }

    fn verify_document(&self, work: &Work, id: &DocId, entry: &Entry, found: &mut Verified) -> Result<(), VaultError> {
        let material = match self.material(work, entry) {
            Ok(material) => material,
            Err(VaultError::Damaged) => {
                found.damaged.push(Damage::Document(*id));
                return Ok(());
            }
            Err(VaultError::KeyNotHere | VaultError::AskAgain) => return Ok(()),
            Err(error) => return Err(error),
        };
        let signed = self.signed_versions(id, &material).len();
        if signed < material.signed.len() {
            found.damaged.push(Damage::Signature(*id));
        }
        found.signatures += u64::try_from(signed).unwrap_or(u64::MAX);
        let drafted = !material.chunks.is_empty();
        if !drafted {
            found.documents += 1;
            return Ok(());
        }
        match self.load_document(&material, id, entry.kind, &self.pending_chunks(id)?, Actor([0; 16])) {
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
