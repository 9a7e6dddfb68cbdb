//! A note that was begun on the wrong client goes to the right one.
//!
//! The note keeps its id. A move item, under the right client's key, says where it goes; with it all of the note is
//! sealed once more under that key, so that it does not hang on the wrong client's. Whose a note is follows from all its
//! move items and signatures: see [`owner`]. What another device wrote on the old place meanwhile belongs to the note
//! wherever it is. A signed note is never moved: it is marked as entered in error, and copied as a draft.

use crate::codec::{Malformed, Reader, Writer};
use crate::document::{Actor, Heads};
use crate::id::{ClientId, DocId, Hash, KeyId, NoteId};
use crate::kdf;
use crate::log::{Class, DocType, Kind};
use crate::record::NoteContent;
use crate::store::Table;
use crate::vault::append::{Outgoing, changes_payload};
use crate::vault::index::{Entry, Place, Work};
use crate::vault::ingest::places;
use crate::vault::keys::Compartment;
use crate::vault::signing::Addendum;
use crate::vault::{FileError, Millis, Vault, VaultError, empty_note};

/// Moves that one item may name.
const MOST_SEEN: usize = 1_024;

/// What a move item says.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) kind: DocType,
    pub(crate) to: ClientId,
    pub(crate) from: ClientId,
    pub(super) at: Millis,
    /// The moves that its author knew: they count no more.
    pub(super) seen: Vec<Hash>,
}

/// A move item of a note, with its hash and the key that sealed it.
pub(crate) struct Placed {
    hash: Hash,
    key: KeyId,
    pub(crate) says: Move,
}

impl Move {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u8(self.kind.code()).bytes(&self.to.0).bytes(&self.from.0).u64(self.at);
        writer.list(&self.seen, |writer, hash| {
            writer.bytes(&hash.0);
        });
        writer.finish()
    }

    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let read = Self {
            kind: DocType::of(reader.u8()?),
            to: DocId(reader.array()?),
            from: DocId(reader.array()?),
            at: reader.u64()?,
            seen: reader.list(MOST_SEEN, |reader| reader.array().map(Hash))?,
        };
        reader.finish()?;
        Ok(read)
    }
}

/// Whose a note is, and the key that it is written with: the client of the last move, or of the later of two that did not
/// know of each other. But a signature is never taken from the client that it names: a note that was signed, and not
/// for that client, is where its first signature says.
pub(crate) fn owner(moves: &[Placed], signed: &[(ClientId, KeyId)]) -> Option<(ClientId, KeyId)> {
    let newest = moves.iter().filter(|one| !moves.iter().any(|other| other.says.seen.contains(&one.hash)));
    let last = newest.max_by_key(|one| (one.says.at, one.hash))?;
    match signed.first() {
        Some(first) if !signed.iter().any(|(client, _)| *client == last.says.to) => Some(*first),
        _ => Some((last.says.to, last.key)),
    }
}

impl Vault {
    /// Moves an unsigned note to another client. A signed one stays where it is, is marked there as entered in error
    /// for the reason given, and is copied to the other client as an unsigned note. Gives the note on the right client.
    pub fn move_note(&mut self, id: &NoteId, to: &ClientId, why: &str, now: Millis) -> Result<NoteId, VaultError> {
        self.refuse_while_signing(id)?;
        let to = self.client(to)?.id;
        let view = self.note(id)?;
        if view.client == to {
            return Ok(*id);
        }
        if view.process && !self.renew_again(now) {
            return Err(VaultError::AskAgain);
        }
        self.flush()?;
        let mut out = Outgoing::new(Class::Everyday);
        if !view.signed.is_empty() {
            let content = NoteContent { text: why.to_owned(), ..empty_note(view.content.date) };
            let addendum = Addendum { content, adds_to: None, entered_in_error: true };
            self.push_addendum(&mut out, id, addendum, now)?;
            return self.begin_note(out, &to, &view.content, view.process, now);
        }
        let mut work = Work::default();
        let entry = self.note_entry(&work, id)?;
        let compartment = if view.process { Compartment::Process } else { Compartment::Clinical };
        let key = self.key_for(&mut work, &mut out, to, compartment)?;
        let from = self.client_of(&work, &entry)?;
        let says = self.move_of(&work, &entry, to, from, now)?;
        out.push(Kind::Moved, *id, key, says.to_bytes());
        self.move_files(&work, &mut out, id, (to, key), now).map_err(|error| match error {
            FileError::Vault(error) => error,
            _ => VaultError::Damaged,
        })?;
        self.seal_once_more(&work, &mut out, id, &entry, (to, key))?;
        self.finish(work, out)?;
        self.write_anchor();
        Ok(*id)
    }

    /// What a move item of a document says now.
    pub(crate) fn move_of(
        &self,
        work: &Work,
        entry: &Entry,
        to: ClientId,
        from: ClientId,
        at: Millis,
    ) -> Result<Move, VaultError> {
        let seen = self.moves_of(work, entry)?.into_iter().map(|one| one.hash).collect();
        Ok(Move { kind: entry.kind, to, from, at, seen })
    }

    /// All that a note says, under the key of the client to whom it goes.
    fn seal_once_more(
        &self,
        work: &Work,
        out: &mut Outgoing,
        id: &NoteId,
        entry: &Entry,
        (to, key): (ClientId, KeyId),
    ) -> Result<(), VaultError> {
        let material = self.material(work, entry)?;
        if let (Some(json), Some(first)) = (material.frozen_json(), material.frozen.first()) {
            let mut frozen: serde_json::Value = serde_json::from_slice(json).map_err(|_| VaultError::Damaged)?;
            let says = frozen.as_object_mut().ok_or(VaultError::Damaged)?;
            says.insert("client".to_owned(), serde_json::to_value(to).map_err(|_| VaultError::Damaged)?);
            let json = serde_json::to_vec(&frozen).map_err(|_| VaultError::Damaged)?;
            let head = first.get(..17).ok_or(VaultError::Damaged)?;
            out.push(Kind::Frozen, *id, key, [head, &json].concat());
        }
        if !material.chunks.is_empty() {
            let document = self.assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?;
            let document = document.ok_or(VaultError::KeyNotHere)?;
            for chunk in document.chunks_since(&Heads::default()) {
                out.push(Kind::Changes, *id, key, changes_payload(entry.kind, to, &chunk));
            }
        }
        Ok(())
    }

    /// The move items of a document that can be opened now.
    pub(crate) fn moves_of(&self, work: &Work, entry: &Entry) -> Result<Vec<Placed>, VaultError> {
        let mut moves = Vec::new();
        for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Moved) {
            let payload = self.payload(work, place)?;
            let says = Move::parse(&payload).map_err(|_| VaultError::Damaged)?;
            moves.push(Placed { hash: kdf::sha256(&payload), key: self.item(work, place)?.0.key, says });
        }
        Ok(moves)
    }

    /// Whose a document is and what it is written with, where move items say so.
    pub(crate) fn owner_of(
        &self,
        work: &Work,
        id: &DocId,
        entry: &Entry,
    ) -> Result<Option<(ClientId, KeyId)>, VaultError> {
        if !entry.places.iter().any(|(_, kind)| *kind == Kind::Moved) {
            return Ok(None);
        }
        let moves = self.moves_of(work, entry)?;
        let signed = self.signed_versions(id, &self.material(work, entry)?);
        let mut clients = Vec::new();
        for note in &signed {
            // The key with which that client's own items were sealed; any of them would do.
            let own = moves.iter().find(|one| one.says.to == note.client).map(|one| one.key);
            clients.push((note.client, own.unwrap_or(self.first_key(work, entry, note.client)?)));
        }
        Ok(owner(&moves, &clients))
    }

    /// The key of a document's first item that is sealed for this client; the document's own where there is none.
    fn first_key(&self, work: &Work, entry: &Entry, client: ClientId) -> Result<KeyId, VaultError> {
        for (place, _) in &entry.places {
            let key = self.item(work, place)?.0.key;
            if self.compartment_key(work, &key).is_ok_and(|(of, _)| of == client) {
                return Ok(key);
            }
        }
        Ok(entry.key)
    }

    /// Whether an item that names another client than its document's is explained by a move.
    pub(crate) fn is_moved_from(&self, work: &Work, entry: &Entry, client: &ClientId) -> bool {
        let moves = self.moves_of(work, entry).unwrap_or_default();
        moves.iter().any(|one| one.says.to == *client || one.says.from == *client)
    }

    /// Puts a note, or a file, where its moves and signatures say that it is, out of the list where it was.
    pub(crate) fn settle_owner(&mut self, work: &mut Work, id: DocId) -> Result<(), VaultError> {
        let settles = |entry: &Entry| {
            entry.kind == DocType::Note || (entry.kind == DocType::File && entry.client != DocId([0; 16]))
        };
        let Some(mut entry) = self.entry(work, &id)?.filter(settles) else { return Ok(()) };
        let Some((client, key)) = self.owner_of(work, &id, &entry)? else { return Ok(()) };
        if entry.client != client {
            self.timeline_in(work, entry.client)?.remove(&id);
            work.clients.insert(entry.client);
        }
        (entry.client, entry.key) = (client, key);
        work.entries.insert(id, entry);
        Ok(())
    }

    /// Items that named another client and were set aside before the move came that explains them are taken now.
    pub(crate) fn retry_aside(&mut self, work: &mut Work, id: DocId) -> Result<(), VaultError> {
        let Some(row) = self.rows.read_through(&work.changes, Table::Misc, b"aside")? else { return Ok(()) };
        let (mut kept, mut again) = (Vec::new(), Vec::new());
        for place in places(&row) {
            match self.item(work, &place) {
                Ok((item, spot)) if place.index != u32::MAX && item.document == id => again.push((place, spot, item)),
                _ => kept.extend_from_slice(&place.to_bytes()),
            }
        }
        if again.is_empty() {
            return Ok(());
        }
        work.changes.put(Table::Misc, b"aside", kept);
        work.set_aside.retain(|place: &Place| !again.iter().any(|(other, ..)| other == place));
        for (place, spot, item) in again {
            self.take_content(work, place, &spot, &item, None)?;
        }
        Ok(())
    }
}
