//! Deleting, and taking that back.
//!
//! A deletion says what it had seen; only what is wholly seen by deletions is deleted, so absence never deletes, and an
//! edit that a deletion had not seen brings the document back. Taking back is such a sight too: a restore item is one
//! more thing that the next deletion must have seen. So devices agree in whatever order the items come, and of a
//! deletion and a restoring that did not know of each other the restoring wins.
//!
//! For [`KEPT_FOR`] a deleted document is in the trash. After that it is no longer shown there; what it says stays in
//! the vault until it can be erased for good, and until then it can be taken back all the same.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::catalog;
use crate::codec::{Reader, Writer};
use crate::document::{Actor, fields};
use crate::id::{ClientId, DeviceId, DocId, Hash};
use crate::kdf;
use crate::log::{Class, DocType, Kind};
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::clients::Material;
use crate::vault::held::MOST_AT_ONCE;
use crate::vault::index::{Entry, Work};
use crate::vault::{DAY, Millis, Vault, VaultError};

/// How long a deleted document is shown in the trash, in milliseconds.
pub const KEPT_FOR: Millis = 30 * DAY;

/// The row of files in the trash: id, and when each was first seen there.
const LEAVING: &[u8] = b"leaving files";

/// Hashes that one deletion or restoring may name.
const MOST_NAMED: usize = 1_024;

/// Whether more than [`MOST_AT_ONCE`] deletions at once are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// Nobody was asked: more are refused.
    Refuse,
    /// The therapist was asked and said yes.
    Confirmed,
}

/// Something in the trash.
#[derive(Clone, PartialEq, Eq)]
pub struct TrashRow {
    /// The document: what [`Vault::undelete`] takes.
    pub id: DocId,
    /// What it is.
    pub kind: DocType,
    /// Whose it is, or was.
    pub client: ClientId,
    /// The client's name.
    pub client_name: String,
    /// Day of the session, of a note.
    pub date: Option<Date>,
    /// How a note begins, or what a file is called.
    pub words: String,
    /// When it was deleted, by the clock of the device that did it.
    pub deleted_at: Millis,
    /// The device that deleted it.
    pub device: DeviceId,
    /// What that device is called.
    pub device_name: String,
    /// Days for which it is still shown, the present one included; 0 for what has left the trash.
    pub days_left: u64,
    /// What was deleted together with a client and comes back with it.
    pub along: usize,
}

impl std::fmt::Debug for TrashRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrashRow")
    }
}

/// A deleted document as the catalog keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trashed {
    kind: u8,
    client: ClientId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<Date>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    words: String,
    at: Millis,
    device: DeviceId,
}

/// All deleted documents but process notes.
pub(crate) type Trash = BTreeMap<DocId, Trashed>;

/// One deletion of a document.
struct Deletion {
    hash: Hash,
    at: Millis,
    device: DeviceId,
}

impl Vault {
    /// Moves clients, with everything that is theirs, and single documents to the trash. Gives how many documents that
    /// were. Private notes stay with their client, out of sight as long as the client is in the trash; one that is
    /// deleted by itself needs the passphrase again.
    pub fn delete(&mut self, what: &[DocId], many: Many, now: Millis) -> Result<usize, VaultError> {
        self.flush()?;
        let work = Work::default();
        let mut named = BTreeSet::new();
        for id in what {
            let entry = self.entry(&work, id)?.ok_or(VaultError::NoSuchNote)?;
            if !self.is_deleted(&work, id, &entry)? {
                named.insert(*id);
            }
        }
        if many == Many::Refuse && named.len() > MOST_AT_ONCE {
            return Err(VaultError::ManyDeletions);
        }
        let mut all = BTreeSet::new();
        for id in named {
            // Of a person with two records, both.
            for id in self.records_of(&id) {
                if self.clients.contains_key(&id) {
                    all.extend(self.documents_of(&work, &id)?);
                }
                all.extend(self.entry(&work, &id)?.map(|_| id));
            }
        }
        all.iter().try_for_each(|id| self.refuse_while_signing(id))?;
        let mut out = Outgoing::new(Class::Everyday);
        for id in &all {
            let entry = self.entry(&work, id)?.ok_or(VaultError::Damaged)?;
            let entry = self.as_owned(&work, id, entry)?;
            self.delete_item(&work, &mut out, *id, &entry, now)?;
        }
        self.finish(work, out)?;
        all.iter().for_each(|id| drop(self.drafts.remove(id)));
        self.write_anchor();
        Ok(all.len())
    }

    /// What is in the trash, last deleted first. Private notes are in [`Self::process_trash`].
    pub fn trash(&self, now: Millis) -> Vec<TrashRow> {
        let mut rows = self.all_trash(now);
        rows.retain(|row| row.days_left > 0);
        rows
    }

    /// As [`Self::trash`], with what has left it and is still in the vault.
    pub fn all_trash(&self, now: Millis) -> Vec<TrashRow> {
        let mut along: BTreeMap<DocId, usize> = BTreeMap::new();
        for (id, trashed) in &self.trash {
            if let Some(client) = self.went_with(id, trashed) {
                *along.entry(client).or_default() += 1;
            }
        }
        // What went along with its client is counted there.
        let alone = self.trash.iter().filter(|(id, trashed)| self.went_with(id, trashed).is_none());
        let mut rows: Vec<TrashRow> = alone
            .map(|(id, trashed)| TrashRow {
                along: along.get(id).copied().unwrap_or_default(),
                ..self.trash_row(*id, trashed, now)
            })
            .collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.deleted_at), row.id));
        rows
    }

    /// Private notes in the trash, and the files beside them. Asks for the passphrase again.
    pub fn process_trash(&self, now: Millis) -> Result<Vec<TrashRow>, VaultError> {
        if self.again.is_none() {
            return Err(VaultError::AskAgain);
        }
        let work = Work::default();
        let mut rows = Vec::new();
        let ids: BTreeSet<DocId> = self.process_notes()?.into_iter().chain(self.private_files()?).collect();
        for id in ids {
            let entry = self.entry(&work, &id)?.ok_or(VaultError::Damaged)?;
            let material = match self.material(&work, &entry) {
                Ok(material) => material,
                Err(VaultError::KeyNotHere | VaultError::Damaged) => continue,
                Err(error) => return Err(error),
            };
            if let Some((client, name)) = self.deleted_private_file(&material).filter(|_| entry.kind == DocType::File) {
                let trashed = self.trashed(&work, &entry, client, None, name)?;
                rows.extend(trashed.map(|trashed| self.trash_row(id, &trashed, now)));
                continue;
            }
            let document = self.assemble_document(&material, &id, entry.kind, &[], Actor([0; 16]))?;
            if let Some(document) = document.filter(|document| material.is_deleted(Some(document))) {
                let content = fields::to_note(&document.fields(), &document.text());
                let client = self.client_of(&work, &entry)?;
                let trashed = self.trashed(&work, &entry, client, Some(content.date), catalog::snippet(&content))?;
                rows.extend(trashed.map(|trashed| self.trash_row(id, &trashed, now)));
            }
        }
        rows.retain(|row| row.days_left > 0);
        rows.sort_by_key(|row| (std::cmp::Reverse(row.deleted_at), row.id));
        Ok(rows)
    }

    /// Takes a deletion back, in one step: of a client together with everything that went along. Gives how many
    /// documents came back.
    pub fn undelete(&mut self, id: &DocId) -> Result<usize, VaultError> {
        let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let entry = self.entry(&work, id)?.ok_or(VaultError::NotInTrash)?;
        if !self.is_deleted(&work, id, &entry)? {
            return Err(VaultError::NotInTrash);
        }
        let mut back = vec![*id];
        back.extend(
            self.trash.iter().filter(|(other, trashed)| self.went_with(other, trashed) == Some(*id)).map(|(id, _)| *id),
        );
        for id in &back {
            self.restore_item(&work, &mut out, id)?;
        }
        self.finish(work, out)?;
        self.write_anchor();
        Ok(back.len())
    }

    /// Puts the restoring of a document into a piece of work.
    pub(crate) fn restore_item(&self, work: &Work, out: &mut Outgoing, id: &DocId) -> Result<(), VaultError> {
        let entry = self.entry(work, id)?.ok_or(VaultError::Damaged)?;
        let entry = self.as_owned(work, id, entry)?;
        let deletions = self.deletions_of(work, &entry)?;
        let mut taken_back: Vec<Hash> = deletions.into_iter().map(|deletion| deletion.hash).collect();
        taken_back.sort_unstable();
        let taken_back = taken_back.get(..MOST_NAMED).unwrap_or(&taken_back);
        out.push(Kind::Restore, *id, entry.key, naming(entry.kind, entry.client, taken_back));
        Ok(())
    }

    /// Whether deletions have seen everything that there is of a document.
    pub(crate) fn is_deleted(&self, work: &Work, id: &DocId, entry: &Entry) -> Result<bool, VaultError> {
        if !entry.places.iter().any(|(_, kind)| *kind == Kind::Delete) {
            return Ok(false);
        }
        let material = self.material(work, entry)?;
        if material.deletes.is_empty() {
            return Ok(false);
        }
        let document = self.assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?;
        Ok(material.is_deleted(document.as_ref()))
    }

    /// Lets the pieces of files go that have left the trash: of one that comes back after that, other devices and backups are
    /// asked. Thirty days count from when this device first saw the deletion too: a wrong clock elsewhere must cost nothing.
    pub(crate) fn forget_files_out_of_trash(&mut self, now: Millis) -> Result<(), VaultError> {
        let mut seen = self.leaving_files()?;
        let before = seen.clone();
        let in_trash: BTreeMap<DocId, Millis> = self
            .trash
            .iter()
            .filter(|(_, trashed)| DocType::of(trashed.kind) == DocType::File)
            .map(|(id, trashed)| (*id, trashed.at))
            .collect();
        seen.retain(|id, _| in_trash.contains_key(id));
        for id in in_trash.keys() {
            seen.entry(*id).or_insert(now);
        }
        for (id, first) in &seen {
            let deleted = in_trash.get(id).copied().unwrap_or(now).max(*first);
            if deleted.saturating_add(KEPT_FOR) <= now && self.has_pieces_of(id)? {
                self.forget_pieces(id)?;
            }
        }
        if seen == before {
            return Ok(());
        }
        let mut changes = crate::rows::Changes::default();
        let row = seen.iter().flat_map(|(id, first)| id.0.into_iter().chain(first.to_le_bytes()));
        changes.put(Table::Misc, LEAVING, row.collect());
        self.rows.commit(&mut self.state, changes)?;
        self.write_anchor();
        Ok(())
    }

    /// Files in the trash, with when this device first saw them there.
    fn leaving_files(&self) -> Result<BTreeMap<DocId, Millis>, VaultError> {
        let row = self.rows.read(Table::Misc, LEAVING)?.unwrap_or_default();
        let entry = |entry: &[u8]| {
            let mut reader = Reader::new(entry);
            Some((DocId(reader.array().ok()?), reader.u64().ok()?))
        };
        Ok(row.chunks_exact(DocId::LEN + 8).filter_map(entry).collect())
    }

    /// Puts a document into the trash's list, or takes it out.
    pub(crate) fn list_trashed(
        &self,
        work: &mut Work,
        id: DocId,
        entry: &Entry,
        deleted: Option<(Option<Date>, String)>,
    ) -> Result<(), VaultError> {
        let trashed = match deleted {
            Some((date, words)) => self.trashed(work, entry, entry.client, date, words)?,
            None => None,
        };
        if self.trash.get(&id) != trashed.as_ref() || work.trash.contains_key(&id) {
            work.trash.insert(id, trashed);
        }
        Ok(())
    }

    /// Writes the trash's list as this work leaves it.
    pub(crate) fn write_trash(&self, work: &mut Work) -> Result<(), VaultError> {
        if work.trash.is_empty() {
            return Ok(());
        }
        let mut trash = self.trash.clone();
        merge_into(&mut trash, &work.trash);
        let rows: Vec<(DocId, Trashed)> = trash.into_iter().collect();
        work.changes.put(Table::Catalog, b"trash", catalog::to_bytes(&rows)?);
        Ok(())
    }

    pub(crate) fn load_trash(&mut self) -> Result<(), VaultError> {
        if let Some(row) = self.rows.read(Table::Catalog, b"trash")? {
            self.trash = catalog::from_bytes::<Vec<(DocId, Trashed)>>(&row)?.into_iter().collect();
        }
        Ok(())
    }

    /// The documents of a client, its own left out; what is deleted already is not among them.
    pub(crate) fn documents_of(&self, work: &Work, client: &ClientId) -> Result<Vec<DocId>, VaultError> {
        let timeline = self.read_timeline(client)?;
        let mut all: Vec<DocId> = timeline.documents().collect();
        all.retain(|id| matches!(self.entry(work, id), Ok(Some(_))));
        Ok(all)
    }

    /// The clients who are deleted, or of whom something is.
    pub(crate) fn trashed_clients(&self) -> impl Iterator<Item = ClientId> {
        self.trash.values().map(|trashed| trashed.client)
    }

    fn trashed(
        &self,
        work: &Work,
        entry: &Entry,
        client: ClientId,
        date: Option<Date>,
        words: String,
    ) -> Result<Option<Trashed>, VaultError> {
        let last = self.deletions_of(work, entry)?.into_iter().max_by_key(|deletion| (deletion.at, deletion.hash));
        Ok(last.map(|Deletion { at, device, .. }| Trashed { kind: entry.kind.code(), client, date, words, at, device }))
    }

    /// The deletions of a document that are applied.
    fn deletions_of(&self, work: &Work, entry: &Entry) -> Result<Vec<Deletion>, VaultError> {
        let mut deletions = Vec::new();
        for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Delete) {
            let payload = self.payload(work, place)?;
            let device = self.header(work, &place.envelope)?.header.log.device();
            let at = deleted_at(&payload).unwrap_or_default();
            deletions.push(Deletion { hash: kdf::sha256(&payload), at, device });
        }
        Ok(deletions)
    }

    /// The client in the trash with whom a document was deleted in one step.
    fn went_with(&self, id: &DocId, trashed: &Trashed) -> Option<ClientId> {
        let client = self.merges.root(&trashed.client);
        let with = self.trash.get(&client).filter(|with| (with.at, with.device) == (trashed.at, trashed.device));
        with.filter(|_| *id != client).map(|_| client)
    }

    fn trash_row(&self, id: DocId, trashed: &Trashed, now: Millis) -> TrashRow {
        let kind = DocType::of(trashed.kind);
        let is_client = kind == DocType::Client;
        let name = match (is_client, self.client(&trashed.client), self.trash.get(&trashed.client)) {
            (true, ..) => trashed.words.clone(),
            (_, Ok(row), _) => row.name.clone(),
            (_, Err(_), Some(client)) => client.words.clone(),
            _ => String::new(),
        };
        let left = trashed.at.saturating_add(KEPT_FOR).saturating_sub(now);
        TrashRow {
            id,
            kind,
            client: if is_client { id } else { trashed.client },
            client_name: name,
            date: trashed.date,
            words: if is_client { String::new() } else { trashed.words.clone() },
            deleted_at: trashed.at,
            device: trashed.device,
            device_name: self.device_name(&trashed.device).unwrap_or_default(),
            days_left: left.div_ceil(DAY),
            along: 0,
        }
    }
}

/// Brings the list up to what a piece of work changed.
pub(crate) fn merge_into(trash: &mut Trash, changes: &BTreeMap<DocId, Option<Trashed>>) {
    for (id, change) in changes {
        match change {
            Some(trashed) => trash.insert(*id, trashed.clone()),
            None => trash.remove(id),
        };
    }
}

/// What kind 19 holds. Its time is the head that begins with 24 zeros, which no hash does.
pub(crate) fn delete_payload(kind: DocType, client: ClientId, heads: &[Hash], now: Millis) -> Vec<u8> {
    let time = time_as_head(now);
    let all: Vec<Hash> = std::iter::once(time).chain(heads.iter().copied()).collect();
    naming(kind, client, &all)
}

/// What kind 23 holds, and kind 19: the deletions that are taken back, or what a deletion saw.
pub(crate) fn naming(kind: DocType, client: ClientId, hashes: &[Hash]) -> Vec<u8> {
    let mut payload = Writer::new();
    payload.u8(kind.code()).bytes(&client.0);
    payload.list(hashes, |writer, hash| {
        writer.bytes(&hash.0);
    });
    payload.finish()
}

/// The hashes that kind 19 or 23 names.
pub(crate) fn named_hashes(payload: &[u8]) -> Vec<Hash> {
    let mut reader = Reader::new(payload.get(17..).unwrap_or_default());
    reader.list(payload.len(), |reader| reader.array().map(Hash)).unwrap_or_default()
}

/// When a deletion was made, where it says so.
pub(crate) fn deleted_at(payload: &[u8]) -> Option<Millis> {
    named_hashes(payload).iter().find_map(|head| {
        let (zeros, time) = head.0.split_last_chunk::<8>()?;
        zeros.iter().all(|byte| *byte == 0).then(|| Millis::from_le_bytes(*time))
    })
}

fn time_as_head(now: Millis) -> Hash {
    let mut head = [0; Hash::LEN];
    if let Some(time) = head.last_chunk_mut::<8>() {
        *time = now.to_le_bytes();
    }
    Hash(head)
}

impl Material {
    /// Whether deletions have seen everything that there is.
    pub(crate) fn is_deleted(&self, document: Option<&crate::document::Document>) -> bool {
        let seen: BTreeSet<Hash> = self.deletes.iter().flat_map(|payload| named_hashes(payload)).collect();
        if seen.is_empty() {
            return false;
        }
        let heads = crate::document::Heads::from(seen.iter().copied().collect::<Vec<_>>());
        self.hashes().all(|hash| seen.contains(&hash)) && document.is_none_or(|document| document.is_covered_by(&heads))
    }

    /// The heads that a deletion made now would have seen.
    pub(crate) fn heads(&self, document: Option<&crate::document::Document>) -> Vec<Hash> {
        let mut heads: Vec<Hash> = self.hashes().collect();
        heads.extend(document.map(|document| document.heads().hashes().to_vec()).unwrap_or_default());
        heads.sort_unstable();
        heads.dedup();
        heads
    }

    /// What is a head by itself: everything but changes, and the deletions.
    fn hashes(&self) -> impl Iterator<Item = Hash> {
        let all = self.frozen.iter().chain(&self.signed).chain(&self.restores).chain(&self.moves);
        all.map(|payload| kdf::sha256(payload))
    }
}
