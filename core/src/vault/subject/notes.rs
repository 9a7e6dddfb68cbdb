//! Notes: written, signed, moved to the right client, searched, with their history.

mod anew;
mod drafts;
mod error;
mod history;
mod overlong;
mod reassign;
mod search;
mod sign_doubts;
mod signing;
mod signing_grace;

use crate::catalog::NoteRow;
use crate::id::{ClientId, NoteId};
use crate::vault::Millis;
use crate::vault::commit::{flush, flush_record};
use crate::vault::read::NoteView;
use crate::vault::read::ReadError;
use crate::vault::subject::{Notes, NotesMut};

pub use error::NoteError;
pub use history::{Made, NoteVersion};
pub use overlong::Overlong;
pub use search::Hit;
pub use sign_doubts::SignDoubts;
pub(crate) use sign_doubts::note_clock;
pub use signing_grace::{Settled, SignPreview};

impl Notes<'_> {
    /// A note, whole.
    pub fn note(&self, id: &NoteId) -> Result<NoteView, ReadError> {
        self.core.read().documents().note(id)
    }

    /// A client's notes, newest first; private notes left out.
    pub fn timeline(&self, client: &ClientId) -> Result<Vec<NoteRow>, ReadError> {
        self.core.read().documents().timeline(client)
    }

    /// A client's private notes, newest first. Asks for the passphrase again.
    pub fn private_timeline(&self, client: &ClientId) -> Result<Vec<NoteRow>, ReadError> {
        self.core.read().documents().private_timeline(client)
    }

    /// Notes that are not yet signed, oldest first.
    pub fn unsigned(&self) -> Result<Vec<(ClientId, NoteRow)>, ReadError> {
        Ok(self.core.read().documents().unsigned()?)
    }

    /// Until when the signature of a note can be taken back.
    pub fn signing_until(&self, id: &NoteId) -> Option<Millis> {
        self.core.read().signing_until(id)
    }

    /// Whether something was typed that no envelope holds yet.
    pub fn has_pending(&self) -> bool {
        self.core.read().has_pending()
    }
}

impl NotesMut<'_> {
    /// Puts what was typed since the last envelope into one. `true` when there was something.
    pub fn flush(&mut self) -> Result<bool, NoteError> {
        Ok(flush(self.core)?)
    }

    /// The same of the notes of the record alone: each envelope of a private note tells that one is being written.
    pub fn flush_record(&mut self) -> Result<bool, NoteError> {
        Ok(flush_record(self.core)?)
    }
}
