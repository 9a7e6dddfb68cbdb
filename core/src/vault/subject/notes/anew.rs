//! A note whose document takes no more goes on in another one.
//!
//! A document keeps every letter that was ever written and deleted in it, and what other devices would have to take in of it is
//! bounded. Where that is used up a new note of the same client says what the old one said and names it, and the old one goes to
//! the trash, with its versions. What another device writes there meanwhile takes it out of the trash again, as after any deletion.

use crate::id::NoteId;
use crate::log::Kind;
use crate::record::NoteContent;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, flush};
use crate::vault::items::note::CONTINUES;
use crate::vault::subject::{NoteError, NotesMut};

impl NotesMut<'_> {
    /// Goes on in a new note, which says this; durable when it returns. Gives the new note.
    ///
    /// # Errors
    /// [`NoteError`]: a note that is signed or being signed, a private one without the passphrase; the note stays as it was.
    pub fn begin_anew(&mut self, id: &NoteId, content: &NoteContent, now: Millis) -> Result<NoteId, NoteError> {
        self.refuse_while_signing(id)?;
        let view = self.core.read().documents().note(id)?;
        if !view.signed.is_empty() {
            return Err(NoteError::Signed);
        }
        if view.process && !self.core.extend_reauth(now) {
            return Err(RowError::NeedsReauth.into());
        }
        flush(self.core)?;
        let documents = self.core.read().documents();
        let entry = documents.note_entry(id)?;
        let home = documents.home(id, &entry)?;
        let mut out = Outbox::everyday();
        let payload = documents.delete_payload_of(id, &entry, &home.origin, now)?;
        out.push(Kind::Delete, *id, home.under(), payload);
        let mut content = content.clone();
        content.other.insert(CONTINUES.to_owned(), id.to_string());
        let new = self.begin_note(out, &view.client, &content, view.process, now)?;
        self.core.drop_draft(id);
        self.drop_overlong(id)?;
        // The deletion left at once: what the new note says goes after it.
        flush(self.core)?;
        Ok(new)
    }
}
