//! Writing an unsigned note as a whole.

use subrosa_core::document::NotWritten;
use subrosa_core::id::NoteId;
use subrosa_core::record::NoteContent;
use subrosa_core::vault::{NoteError, Vault};

use crate::practice;

/// Makes a note say this, and puts it into an envelope; where its document takes no more, in a new note. Gives the note that says
/// it, and whether anything was changed. What was written beyond what the note holds, and is not seen here, is not written over.
pub(crate) fn write(vault: &mut Vault, id: &NoteId, content: &NoteContent) -> Result<(NoteId, bool), NoteError> {
    if vault.notes().overlong_notes()?.contains(id) {
        return Err(NoteError::Overlong);
    }
    match vault.notes_mut().save_note(id, content, practice::now()) {
        Err(NoteError::NotWritten(NotWritten::Full)) => {
            Ok((vault.notes_mut().begin_anew(id, content, practice::now())?, true))
        }
        saved => {
            let changed = saved?;
            vault.notes_mut().close_note(id)?;
            Ok((*id, changed))
        }
    }
}
