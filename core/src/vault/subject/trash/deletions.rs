//! Deleting, and taking that back.
//!
//! A deletion says what it had seen; only what is wholly seen by deletions is deleted, so absence never deletes, and an
//! edit that a deletion had not seen brings the document back. Taking back is such a sight too: a restore item is one
//! more thing that the next deletion must have seen. So devices agree in whatever order the items come, and of a
//! deletion and a restoring that did not know of each other the restoring wins.
//!
//! For [`KEPT_FOR`] a deleted document is in the trash, from when this device saw that it was deleted, or later. After that it is no longer shown there; what it says stays in
//! the vault until it can be erased for good, and until then it can be taken back all the same.

use crate::vault::items::deletion::MOST_NAMED;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::catalog;
use crate::document::Actor;
use crate::id::{ClientId, DeviceId, DocId, Hash};
use crate::log::{DocType, Kind};
use crate::rows::RowError;
use crate::vault::commit::{Outbox, commit, flush};
use crate::vault::core::Transaction;
use crate::vault::items::deletion::{KEPT_FOR, TrashedDocument, naming};
use crate::vault::items::mass_deletion::MOST_AT_ONCE;
use crate::vault::read::ReadError;
use crate::vault::subject::TrashError;
use crate::vault::subject::trash::leaving::Seen;
use crate::vault::subject::{Trash, TrashMut};
use crate::vault::{DAY, Millis, NoteView};

/// Whether more than [`MOST_AT_ONCE`] deletions at once are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MassDelete {
    /// Nobody was asked: more are refused.
    Refuse,
    /// The therapist was asked and said yes.
    Confirmed,
}

/// Something in the trash.
#[derive(Clone, PartialEq, Eq)]
pub struct TrashRow {
    /// The document: what [`TrashMut::undelete`] takes.
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
    /// When it was deleted, by the clock of the device that did it; when that was seen here, where that clock cannot be.
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

impl Trash<'_> {
    /// What is in the trash, last deleted first. Private notes are in [`Self::private_trash`].
    pub fn shown(&self, now: Millis) -> Vec<TrashRow> {
        let mut rows = self.all(now);
        rows.retain(|row| row.days_left > 0);
        rows
    }

    /// As [`Self::shown`], with what has left it and is still in the vault.
    pub fn all(&self, now: Millis) -> Vec<TrashRow> {
        let seen = self.seen();
        let mut along: BTreeMap<DocId, usize> = BTreeMap::new();
        for (id, trashed) in &self.core.memory.trash {
            if let Some(client) = self.went_with(id, trashed) {
                *along.entry(client).or_default() += 1;
            }
        }
        // What went along with its client is counted there.
        let alone = self.core.memory.trash.iter().filter(|(id, trashed)| self.went_with(id, trashed).is_none());
        let mut rows: Vec<TrashRow> = alone
            .map(|(id, trashed)| TrashRow {
                along: along.get(id).copied().unwrap_or_default(),
                ..self.trash_row(*id, trashed, &seen, now)
            })
            .collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.deleted_at), row.id));
        rows
    }

    /// Private notes in the trash, and the files beside them. Asks for the passphrase again.
    pub fn private_trash(&self, now: Millis) -> Result<Vec<TrashRow>, TrashError> {
        if self.core.reauth.is_none() {
            return Err(RowError::NeedsReauth.into());
        }
        let (mut rows, seen) = (Vec::new(), self.seen());
        let documents = self.core.read().documents();
        let ids: BTreeSet<DocId> = documents.private_notes()?.into_iter().chain(documents.private_files()?).collect();
        for id in ids {
            let entry = documents.entry(&id)?.ok_or(RowError::Damaged)?;
            let material = match documents.material(&id, &entry) {
                Ok(material) => material,
                Err(RowError::KeyNotHere | RowError::Damaged) => continue,
                Err(error) => return Err(error.into()),
            };
            let home = match documents.home(&id, &entry) {
                Ok(home) => home,
                Err(RowError::KeyNotHere | RowError::Damaged) => continue,
                Err(error) => return Err(error.into()),
            };
            if home.origin.kind == DocType::File {
                let Some(name) = documents.deleted_file(&material) else { continue };
                let trashed = documents.trashed(&id, &entry, home.client, None, name)?;
                rows.extend(trashed.map(|trashed| self.trash_row(id, &trashed, &seen, now)));
                continue;
            }
            let document = documents.assemble_document(&material, &id, home.origin.kind, &[], Actor::NOBODY)?;
            if !material.is_deleted(document.as_ref()) {
                continue;
            }
            // Of a signed note whose draft was let go there is no document.
            let view = match documents.view(id, home.client, true, &material, document.as_ref()) {
                Err(RowError::KeyNotHere | RowError::Damaged) => continue,
                view => view?,
            };
            if let Some(NoteView { content, .. }) = view {
                let trashed =
                    documents.trashed(&id, &entry, home.client, Some(content.date), catalog::snippet(&content))?;
                rows.extend(trashed.map(|trashed| self.trash_row(id, &trashed, &seen, now)));
            }
        }
        rows.retain(|row| row.days_left > 0);
        rows.sort_by_key(|row| (std::cmp::Reverse(row.deleted_at), row.id));
        Ok(rows)
    }

    /// Puts the restoring of a document into an outbox.
    pub(crate) fn restore_item(&self, out: &mut Outbox, id: &DocId) -> Result<(), RowError> {
        let entry = self.core.read().entry(id)?.ok_or(RowError::Damaged)?;
        let home = self.core.read().documents().home(id, &entry)?;
        let deletions = self.core.read().documents().deletions_of(id, &entry)?;
        let mut taken_back: Vec<Hash> = deletions.into_iter().map(|deletion| deletion.hash).collect();
        taken_back.sort_unstable();
        let taken_back = taken_back.get(..MOST_NAMED).unwrap_or(&taken_back);
        out.push(Kind::Restore, *id, home.under(), naming(&home.origin, taken_back));
        Ok(())
    }

    /// The client in the trash with whom a document was deleted in one step.
    fn went_with(&self, id: &DocId, trashed: &TrashedDocument) -> Option<ClientId> {
        let client = self.core.memory.merges.root(&trashed.client);
        let with =
            self.core.memory.trash.get(&client).filter(|with| (with.at, with.device) == (trashed.at, trashed.device));
        with.filter(|_| *id != client).map(|_| client)
    }

    fn trash_row(&self, id: DocId, trashed: &TrashedDocument, seen: &Seen, now: Millis) -> TrashRow {
        let kind = DocType::of(trashed.kind);
        let is_client = kind == DocType::Client;
        let of_client = self.core.memory.trash.get(&trashed.client);
        let name = match (is_client, self.core.read().documents().client(&trashed.client), of_client) {
            (true, ..) => trashed.words.clone(),
            (_, Ok(row), _) => row.name.clone(),
            (_, Err(_), Some(client)) => client.words.clone(),
            _ => String::new(),
        };
        let (deleted_at, from) = self.times(&id, trashed, seen, now);
        let left = from.saturating_add(KEPT_FOR).saturating_sub(now);
        TrashRow {
            id,
            kind,
            client: if is_client { id } else { trashed.client },
            client_name: name,
            date: trashed.date,
            words: if is_client { String::new() } else { trashed.words.clone() },
            deleted_at,
            device: trashed.device,
            device_name: self.core.read().device_name(&trashed.device).unwrap_or_default(),
            days_left: left.div_ceil(DAY),
            along: 0,
        }
    }
}

impl TrashMut<'_> {
    /// Moves clients, with everything that is theirs, and single documents to the trash. Gives how many documents that
    /// were. Private notes stay with their client, out of sight as long as the client is in the trash; one that is
    /// deleted by itself needs the passphrase again.
    pub fn delete(&mut self, what: &[DocId], many: MassDelete, now: Millis) -> Result<usize, TrashError> {
        flush(self.core)?;
        let mut named = BTreeSet::new();
        for id in what {
            let entry = self.core.read().entry(id)?.ok_or(ReadError::NoSuchNote)?;
            if !self.core.read().documents().is_deleted(id, &entry)? {
                named.insert(*id);
            }
        }
        if many == MassDelete::Refuse && named.len() > MOST_AT_ONCE {
            return Err(TrashError::ManyDeletions);
        }
        let mut all = BTreeSet::new();
        for id in named {
            // Of a person with two records, both.
            for id in self.core.read().records_of(&id) {
                if self.core.memory.clients.contains_key(&id) {
                    all.extend(self.core.read().documents().documents_of(&id)?);
                }
                all.extend(self.core.read().entry(&id)?.map(|_| id));
            }
        }
        if all.iter().any(|id| self.core.read().is_being_signed(id)) {
            return Err(TrashError::BeingSigned);
        }
        let mut out = Outbox::everyday();
        for id in &all {
            let entry = self.core.read().entry(id)?.ok_or(RowError::Damaged)?;
            let documents = self.core.read().documents();
            let home = documents.home(id, &entry)?;
            let payload = documents.delete_payload_of(id, &entry, &home.origin, now)?;
            out.push(Kind::Delete, *id, home.under(), payload);
        }
        commit(self.core, Transaction::default(), out)?;
        all.iter().for_each(|id| self.core.drop_draft(id));
        Ok(all.len())
    }

    /// Takes a deletion back, in one step: of a client together with everything that went along. Gives how many
    /// documents came back.
    pub fn undelete(&mut self, id: &DocId) -> Result<usize, TrashError> {
        let mut out = Outbox::everyday();
        let entry = self.core.read().entry(id)?.ok_or(TrashError::NotInTrash)?;
        if !self.core.read().documents().is_deleted(id, &entry)? {
            return Err(TrashError::NotInTrash);
        }
        let reads = self.reads();
        let trash = self.core.memory.trash.iter();
        let along = trash.filter(|(other, trashed)| reads.went_with(other, trashed) == Some(*id));
        let back: Vec<DocId> = std::iter::once(*id).chain(along.map(|(id, _)| *id)).collect();
        for id in &back {
            self.reads().restore_item(&mut out, id)?;
        }
        commit(self.core, Transaction::default(), out)?;
        Ok(back.len())
    }
}
