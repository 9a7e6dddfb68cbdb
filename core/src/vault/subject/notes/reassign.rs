//! A note that was begun on the wrong client goes to the right one.
//!
//! The note keeps its id. A move item, under the right client's key, says where it goes; with it all of the note is
//! sealed once more under that key, so that it does not hang on the wrong client's. Whose a note is follows from all its
//! move items and signatures: see [`owner`](crate::vault::items::reassign::owner). What another device wrote on the old place meanwhile belongs to the note
//! wherever it is. A signed note is never moved: it is marked as entered in error, and copied as a draft.

use crate::document::{Actor, Heads};
use crate::id::{ClientId, KeyId, NoteId};
use crate::keyring::Compartment;
use crate::log::Kind;
use crate::record::NoteContent;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, flush, key_for};
use crate::vault::core::Transaction;
use crate::vault::items::note::changes_payload;
use crate::vault::items::note::empty_note;
use crate::vault::items::place::Entry;
use crate::vault::items::signed::Addendum;
use crate::vault::subject::NoteError;
use crate::vault::subject::{Notes, NotesMut};

impl Notes<'_> {
    /// All that a note says, under the key of the client to whom it goes.
    fn seal_once_more(
        &self,
        tx: &Transaction,
        out: &mut Outbox,
        id: &NoteId,
        entry: &Entry,
        (to, key): (ClientId, KeyId),
    ) -> Result<(), NoteError> {
        let material = self.core.at(tx).documents().material(entry)?;
        if let (Some(json), Some(first)) = (material.frozen_json(), material.frozen.first()) {
            let mut frozen: serde_json::Value = serde_json::from_slice(json).map_err(|_| RowError::Damaged)?;
            let says = frozen.as_object_mut().ok_or(RowError::Damaged)?;
            says.insert("client".to_owned(), serde_json::to_value(to).map_err(|_| RowError::Damaged)?);
            let json = serde_json::to_vec(&frozen).map_err(|_| RowError::Damaged)?;
            let head = first.get(..17).ok_or(RowError::Damaged)?;
            out.push(Kind::Frozen, *id, key, [head, &json].concat());
        }
        if !material.chunks.is_empty() {
            let document =
                self.core.at(tx).documents().assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?;
            let document = document.ok_or(RowError::KeyNotHere)?;
            for chunk in document.chunks_since(&Heads::default()) {
                out.push(Kind::Changes, *id, key, changes_payload(entry.kind, to, &chunk));
            }
        }
        Ok(())
    }
}

impl NotesMut<'_> {
    /// Moves an unsigned note to another client. A signed one stays where it is, is marked there as entered in error
    /// for the reason given, and is copied to the other client as an unsigned note. Gives the note on the right client.
    pub fn move_note(&mut self, id: &NoteId, to: &ClientId, why: &str, now: Millis) -> Result<NoteId, NoteError> {
        self.refuse_while_signing(id)?;
        let to = self.core.read().documents().client(to)?.id;
        let view = self.core.read().documents().note(id)?;
        if view.client == to {
            return Ok(*id);
        }
        if view.process && !self.core.extend_reauth(now) {
            return Err(RowError::NeedsReauth.into());
        }
        flush(self.core)?;
        let mut out = Outbox::everyday();
        if !view.signed.is_empty() {
            let content = NoteContent { text: why.to_owned(), ..empty_note(view.content.date) };
            let addendum = Addendum { content, adds_to: None, entered_in_error: true };
            self.push_addendum(&mut out, id, addendum, now)?;
            return self.begin_note(out, &to, &view.content, view.process, now);
        }
        let mut tx = Transaction::default();
        let entry = self.core.at(&tx).documents().note_entry(id)?;
        let compartment = if view.process { Compartment::Process } else { Compartment::Clinical };
        let key = key_for(self.core, &mut tx, &mut out, to, compartment)?;
        let from = self.core.at(&tx).documents().client_of(&entry)?;
        let says = self.core.at(&tx).documents().move_of(&entry, to, from, now)?;
        out.push(Kind::Moved, *id, key, says.to_bytes());
        let files = self.core.at(&tx).documents().moved_files(id, to, now);
        for (file, says, item) in files? {
            out.push(Kind::Moved, file, key, says.to_bytes());
            out.push(Kind::File, file, key, item.to_bytes());
        }
        self.reads().seal_once_more(&tx, &mut out, id, &entry, (to, key))?;
        commit(self.core, tx, out)?;
        Ok(*id)
    }
}
