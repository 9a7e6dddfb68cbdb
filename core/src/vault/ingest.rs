//! Taking in: every item, of this device or another, goes through here, one by one.
//!
//! An item whose key has not arrived waits for it; one that cannot be read is set aside alone and counted; an unknown
//! kind is kept where it is. None of them keeps its neighbours from being used.

use std::collections::{BTreeMap, BTreeSet};

use crate::blob::PieceList;
use crate::catalog;
use crate::codec::{Malformed, Reader, Writer};
use crate::document::Refused;
use crate::id::{ClientId, DeviceId, DocId, KeyId};
use crate::log::{DocType, Item, Kind, NO_KEY, PRACTICE_KEY, Spot};
use crate::roster::Offered;
use crate::rows::Plain;
use crate::store::Table;
use crate::vault::client_list::ChangedClients;
use crate::vault::clients::{Described, FrozenMeasures};
use crate::vault::files::{self, FileItem};
use crate::vault::index::{self, Entry, Place, Work};
use crate::vault::moved::Move;
use crate::vault::notes::FrozenNote;
use crate::vault::signing::SignedNote;
use crate::vault::{Notice, Vault, VaultError};

/// Bytes of roster entries that wait for those that they follow.
const HELD_ENTRIES: usize = 1 << 20;

impl Vault {
    /// Takes in one item; `payload` when this device wrote it just now.
    pub(crate) fn ingest(
        &mut self,
        work: &mut Work,
        place: Place,
        spot: &Spot,
        item: &Item,
        payload: Option<Plain>,
    ) -> Result<(), VaultError> {
        match item.kind {
            Kind::Roster => self.take_roster_entry(work, &item.content),
            Kind::Keyring => match self.take_part(work, spot.log.device(), &item.content) {
                Err(VaultError::Damaged) => self.set_aside(work, place),
                other => other,
            },
            Kind::File if item.key == NO_KEY => match PieceList::parse(&item.content) {
                Ok(list) => self.take_piece_list(work, item.document, &list),
                Err(_) => self.set_aside(work, place),
            },
            Kind::Frozen
            | Kind::Changes
            | Kind::Signed
            | Kind::Delete
            | Kind::Restore
            | Kind::Moved
            | Kind::Merged
            | Kind::Colleague
            | Kind::Disclosure
            | Kind::Closed
            | Kind::File => self.take_content(work, place, spot, item, payload),
            Kind::Unknown(_) => Ok(()),
        }
    }

    pub(crate) fn take_content(
        &mut self,
        work: &mut Work,
        place: Place,
        spot: &Spot,
        item: &Item,
        payload: Option<Plain>,
    ) -> Result<(), VaultError> {
        if payload.is_none() && item.key != PRACTICE_KEY && self.is_process_key(work, &item.key)? {
            if item.kind == Kind::Delete && !self.is_counted(work, &item.document, &place) {
                self.count_deletion(work, place, spot, item, (DocType::ProcessNote, DocId([0; 16])), None);
            }
            let kind = if item.kind == Kind::File { DocType::File } else { DocType::ProcessNote };
            return self.count(work, place, item, kind, DocId([0; 16]));
        }
        let payload = match payload {
            Some(payload) => payload,
            None => match self.open_item(work, item, spot) {
                Ok(payload) => payload,
                Err(VaultError::KeyNotHere) => return self.wait(work, &item.key, place),
                Err(VaultError::Damaged) => return self.set_aside(work, place),
                Err(error) => return Err(error),
            },
        };
        match (item.kind, item.key) {
            (Kind::Colleague, PRACTICE_KEY) => return self.take_colleague(work, item.document, &payload),
            (Kind::Closed, PRACTICE_KEY) => match self.take_closing(work, item.document, &payload) {
                Err(VaultError::Damaged) => return self.set_aside(work, place),
                taken => return taken,
            },
            (Kind::Colleague | Kind::Closed, _) | (_, PRACTICE_KEY | NO_KEY) => return self.set_aside(work, place),
            _ => {}
        }
        match heading(item.kind, &item.document, &payload) {
            Ok((kind, client)) => {
                let client = if kind == DocType::Client { item.document } else { client };
                if item.kind == Kind::Merged && self.take_merge(work, &item.document, &payload).is_err() {
                    return self.set_aside(work, place);
                }
                if item.kind == Kind::Delete && !self.is_counted(work, &item.document, &place) {
                    self.count_deletion(work, place, spot, item, (kind, client), Some(&payload));
                }
                // A process note, or a file beside one, never tells in a row that the local key opens whose it is.
                if kind == DocType::ProcessNote || (kind == DocType::File && self.is_process_key(work, &item.key)?) {
                    return self.count(work, place, item, kind, DocId([0; 16]));
                }
                work.payloads.insert(place, payload);
                self.count(work, place, item, kind, client)
            }
            Err(_) => self.set_aside(work, place),
        }
    }

    /// Whether an item that comes again, after damage, was counted into its document before.
    fn is_counted(&self, work: &Work, id: &DocId, place: &Place) -> bool {
        let entry = self.entry(work, id).ok().flatten();
        entry.is_some_and(|entry| entry.places.iter().any(|(other, _)| other == place))
    }

    /// Counts an item into its document.
    fn count(
        &mut self,
        work: &mut Work,
        place: Place,
        item: &Item,
        kind: DocType,
        client: ClientId,
    ) -> Result<(), VaultError> {
        let id = item.document;
        let mut entry = match self.entry(work, &id)? {
            // Unopened, a deletion, its taking back or a move does not tell whether it is of a process note or of a file beside one.
            Some(entry) if entry.client == client && files::is_private_pair(entry.kind, kind) => match item.kind {
                kind if files::tells_no_type(kind) => entry,
                _ if entry.places.iter().all(|(_, kind)| files::tells_no_type(*kind)) => Entry { kind, ..entry },
                _ => return self.set_aside(work, place),
            },
            // A document does not change what it is about, whoever says so; only a move item says so of whose it is.
            Some(entry) if entry.kind != kind => return self.set_aside(work, place),
            Some(entry) if entry.client == client || item.kind == Kind::Moved => entry,
            Some(entry)
                if matches!(kind, DocType::Note | DocType::File) && self.is_moved_from(work, &entry, &client) =>
            {
                entry
            }
            Some(_) => return self.set_aside(work, place),
            None => Entry { kind, client, key: item.key, places: Vec::new() },
        };
        if entry.places.iter().any(|(other, _)| *other == place) {
            // It has come again, after damage: what is shown of the document may have been made without it.
            if work.again {
                work.dirty.insert(id);
            }
            return Ok(());
        }
        entry.places.push((place, item.kind));
        if kind == DocType::ProcessNote && entry.places.len() == 1 {
            self.list_process_note(work, id)?;
        }
        let moved = entry.places.iter().any(|(_, kind)| *kind == Kind::Moved);
        if item.kind == Kind::File && client == DocId([0; 16]) {
            self.list_private_file(work, id)?;
        }
        work.entries.insert(id, entry);
        work.dirty.insert(id);
        if moved && matches!(item.kind, Kind::Moved | Kind::Signed) {
            self.settle_owner(work, id)?;
        }
        if item.kind == Kind::Moved { self.retry_aside(work, id) } else { Ok(()) }
    }

    pub(crate) fn take_roster_entry(&mut self, work: &mut Work, bytes: &[u8]) -> Result<(), VaultError> {
        let live: BTreeSet<DeviceId> = self.roster.live().iter().map(|card| card.id).collect();
        let (removed, kit) = (self.is_removed(), self.recovery_key()?.fingerprint());
        match self.roster.offer(bytes) {
            Offered::Added => {}
            // What it follows may come after the program was closed.
            Offered::Held => return self.hold_entry(work, bytes),
            Offered::Known | Offered::Refused(_) => return Ok(()),
        }
        self.offer_held_entries(work)?;
        self.take_epochs(work);
        work.changes.put(Table::Misc, b"roster", self.roster_to_bytes());
        work.roster = true;
        work.admitted |= self.roster.live().iter().any(|card| !live.contains(&card.id));
        if self.owes_new_keys() && !self.is_removed() && !self.notices.contains(&Notice::TwoRemoved) {
            self.notices.push(Notice::TwoRemoved);
        }
        let new_kit = self.recovery_key()?.fingerprint();
        if new_kit != kit && self.sealed_to(&work.changes)? != new_kit && !self.notices.contains(&Notice::NewKit) {
            self.notices.push(Notice::NewKit);
        }
        if self.is_removed() && !removed {
            self.notices.push(Notice::RemovedHere);
        }
        Ok(())
    }

    fn hold_entry(&self, work: &mut Work, bytes: &[u8]) -> Result<(), VaultError> {
        let mut held = self.held_entries(work)?;
        let len: usize = held.iter().map(Vec::len).sum();
        if len + bytes.len() <= HELD_ENTRIES && !held.iter().any(|entry| entry == bytes) {
            held.push(bytes.to_vec());
            put_held_entries(work, &held);
        }
        Ok(())
    }

    /// Offers what was held once more, after the roster grew.
    fn offer_held_entries(&mut self, work: &mut Work) -> Result<(), VaultError> {
        let held = self.held_entries(work)?;
        let (before, mut waits) = (held.len(), held);
        loop {
            let offered = waits.len();
            waits.retain(|entry| matches!(self.roster.offer(entry), Offered::Held));
            if waits.len() == offered {
                break;
            }
        }
        if waits.len() < before {
            put_held_entries(work, &waits);
        }
        Ok(())
    }

    fn held_entries(&self, work: &Work) -> Result<Vec<Vec<u8>>, VaultError> {
        let Some(row) = self.rows.read_through(&work.changes, Table::Pending, b"entries")? else {
            return Ok(Vec::new());
        };
        let mut reader = Reader::new(&row);
        reader.list(row.len(), |reader| Ok(reader.lp(HELD_ENTRIES)?.to_vec())).map_err(|_| VaultError::Damaged)
    }

    fn wait(&mut self, work: &mut Work, key: &KeyId, place: Place) -> Result<(), VaultError> {
        let name = waiting_name(key);
        let mut row = self.rows.read_through(&work.changes, Table::Pending, &name)?.unwrap_or_default();
        // No limit: 36 bytes for an item that is stored anyway, and one that is not listed here would never be opened.
        row.extend_from_slice(&place.to_bytes());
        work.changes.put(Table::Pending, &name, row.to_vec());
        Ok(())
    }

    /// Sets the changes aside that a document refused, by their places among its changes.
    pub(crate) fn set_changes_aside(
        &mut self,
        work: &mut Work,
        entry: &Entry,
        refused: &[(usize, Refused)],
    ) -> Result<(), VaultError> {
        entry.changes_at(refused).into_iter().try_for_each(|place| self.set_aside(work, place))
    }

    pub(crate) fn set_aside(&mut self, work: &mut Work, place: Place) -> Result<(), VaultError> {
        let mut row = self.rows.read_through(&work.changes, Table::Misc, b"aside")?.unwrap_or_default();
        if row.chunks_exact(Place::LEN).any(|other| other == place.to_bytes()) {
            return Ok(());
        }
        row.extend_from_slice(&place.to_bytes());
        work.changes.put(Table::Misc, b"aside", row.to_vec());
        work.set_aside.push(place);
        if !self.notices.contains(&Notice::SetAside) {
            self.notices.push(Notice::SetAside);
        }
        Ok(())
    }

    /// Items, and bodies that do not open at all, that were set aside so far, whatever the reason.
    pub fn set_aside_count(&self) -> Result<usize, VaultError> {
        Ok(self.rows.read(Table::Misc, b"aside")?.map_or(0, |row| row.len() / Place::LEN))
    }

    /// Opens what waited for the keys that this work brought.
    pub(crate) fn settle(&mut self, work: &mut Work) -> Result<(), VaultError> {
        while let Some(key) = work.keys.pop() {
            let name = waiting_name(&key);
            let Some(row) = self.rows.read_through(&work.changes, Table::Pending, &name)? else { continue };
            work.changes.remove(Table::Pending, &name);
            for place in places(&row) {
                let (item, spot) = match self.item(work, &place) {
                    Ok(found) => found,
                    Err(VaultError::Damaged) => {
                        self.set_aside(work, place)?;
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                self.take_content(work, place, &spot, &item, None)?;
            }
        }
        Ok(())
    }

    /// Makes the catalog's rows for all documents that changed, and puts everything that was read and changed back.
    pub(crate) fn refresh(&mut self, work: &mut Work) -> Result<ChangedClients, VaultError> {
        self.judge_deletions(work);
        let mut identities = BTreeMap::new();
        for id in std::mem::take(&mut work.dirty) {
            let Some(entry) = self.entry(work, &id)? else { continue };
            match (self.refresh_document(work, id, &entry, &mut identities), entry.places.last()) {
                // One document that cannot be put together keeps its old row, and holds nothing else up.
                (Err(VaultError::Damaged | VaultError::NotWritten(_)), Some((place, _))) => {
                    self.set_aside(work, *place)?
                }
                (refreshed, _) => refreshed?,
            }
        }
        let changed = self.refresh_clients(work, identities)?;
        self.write_trash(work)?;
        self.write_merges(work)?;
        for (id, entry) in std::mem::take(&mut work.entries) {
            work.changes.put(Table::Index, &index::document_name(&id), entry.to_bytes());
        }
        for (client, timeline) in std::mem::take(&mut work.timelines) {
            work.changes.put(Table::Catalog, &index::timeline_name(&client), catalog::to_bytes(&timeline)?);
        }
        self.write_buckets(work, &changed)?;
        Ok(changed)
    }

    fn refresh_document(
        &mut self,
        work: &mut Work,
        id: DocId,
        entry: &Entry,
        identities: &mut BTreeMap<ClientId, Option<Described>>,
    ) -> Result<(), VaultError> {
        match entry.kind {
            DocType::Client => {
                let described = self.identity_of(work, &id, entry)?;
                for place in described.iter().flat_map(|described| &described.refused) {
                    self.set_aside(work, *place)?;
                }
                identities.insert(id, described);
                work.clients.insert(id);
                Ok(())
            }
            DocType::Note => self.refresh_note(work, id, entry),
            DocType::Measures => self.refresh_measures(work, id, entry),
            DocType::File => self.refresh_file(work, id, entry),
            DocType::Unknown(code) if code == Kind::Disclosure.code() => self.refresh_disclosure(work, id, entry),
            DocType::ProcessNote => self.refresh_process_note(work, &id, entry),
            DocType::Unknown(_) => Ok(()),
        }
    }
}

/// The type of document and the client that a payload begins with. What is frozen or signed is read whole: a document
/// that took in one that says nothing, or a signature under another note, could not be shown again.
fn heading(kind: Kind, document: &DocId, payload: &[u8]) -> Result<(DocType, ClientId), Malformed> {
    let mut reader = Reader::new(payload);
    match kind {
        Kind::Frozen => {
            let kind = DocType::of(reader.u8()?);
            // What says what a file is has a kind of its own.
            if kind == DocType::File {
                return Err(Malformed);
            }
            reader.array::<16>()?;
            Ok((kind, frozen_client(kind, reader.rest()).map_err(|_| Malformed)?))
        }
        Kind::Moved => {
            let says = Move::parse(payload)?;
            Ok((says.kind, says.to))
        }
        Kind::Changes | Kind::Delete | Kind::Restore | Kind::Merged => {
            Ok((DocType::of(reader.u8()?), DocId(reader.array()?)))
        }
        Kind::Signed => {
            let signed: Named = serde_json::from_slice(reader.lp(payload.len())?).map_err(|_| Malformed)?;
            SignedNote::read(document, payload).ok_or(Malformed)?;
            Ok((if signed.process { DocType::ProcessNote } else { DocType::Note }, signed.client))
        }
        Kind::File => Ok((DocType::File, FileItem::parse(payload)?.client)),
        Kind::Disclosure => {
            let named: Named = serde_json::from_slice(payload).map_err(|_| Malformed)?;
            Ok((DocType::Unknown(Kind::Disclosure.code()), named.client))
        }
        _ => Err(Malformed),
    }
}

fn frozen_client(kind: DocType, json: &[u8]) -> Result<ClientId, serde_json::Error> {
    Ok(match kind {
        DocType::Client => crate::record::read_identity(json).map(|_| DocId([0; 16]))?,
        DocType::Note | DocType::ProcessNote => serde_json::from_slice::<FrozenNote>(json)?.client,
        DocType::Measures => serde_json::from_slice::<FrozenMeasures>(json)?.client,
        DocType::File | DocType::Unknown(_) => serde_json::from_slice::<Named>(json)?.client,
    })
}

/// What every JSON payload says about itself.
#[derive(serde::Deserialize)]
struct Named {
    client: ClientId,
    #[serde(default)]
    process: bool,
}

/// Reads places written one after the other.
pub(crate) fn places(row: &[u8]) -> Vec<Place> {
    let place = |bytes: &[u8]| {
        let mut reader = Reader::new(bytes);
        Some(Place { envelope: crate::id::Hash(reader.array().ok()?), index: reader.u32().ok()? })
    };
    row.chunks_exact(Place::LEN).filter_map(place).collect()
}

fn put_held_entries(work: &mut Work, held: &[Vec<u8>]) {
    let mut writer = Writer::new();
    writer.list(held, |writer, entry| {
        writer.lp(entry);
    });
    work.changes.put(Table::Pending, b"entries", writer.finish());
}

fn waiting_name(key: &KeyId) -> Vec<u8> {
    [b"w".as_slice(), &key.0].concat()
}
