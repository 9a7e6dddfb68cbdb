//! A note that was begun on the wrong client goes to the right one.
//!
//! The note keeps its id, and what was written stays where it is: a move item, under the right client's key, says where the note
//! goes, and what is written from then on lies under that key too. Whose a note is follows from all its
//! move items and signatures: see [`owner`](crate::vault::items::home::owner). What another device wrote on the old place meanwhile belongs to the note
//! wherever it is. A signed note is never moved: it is marked as entered in error, and copied as a draft.

use crate::id::{ClientId, NoteId};
use crate::log::Kind;
use crate::record::NoteContent;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, flush};
use crate::vault::core::Transaction;
use crate::vault::items::home::Under;
use crate::vault::items::note::empty_note;
use crate::vault::items::signed::Addendum;
use crate::vault::subject::NoteError;
use crate::vault::subject::NotesMut;

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
        let documents = self.core.read().documents();
        let entry = documents.note_entry(id)?;
        let home = documents.home(id, &entry)?;
        let under = Under::Client(to, home.compartment);
        let moves = documents.moves_to(id, &entry, home.origin, to, now)?;
        for says in moves.into_iter().chain(documents.moved_files(id, to, now)?) {
            out.push(Kind::Moved, says.origin.id(), under, says.to_bytes());
        }
        commit(self.core, Transaction::default(), out)?;
        Ok(*id)
    }
}
