//! Signed notes: what is said of one that should not be there.

use subrosa_core::id::{Hash, NoteId};
use subrosa_core::record::NoteContent;
use subrosa_core::vault::{NoteError, Vault, empty_note};

use crate::practice;

/// Says, signed, that a signed note was entered in error, and why. The reason has the note's format and today's date.
///
/// # Errors
/// [`NoteError`]; nothing was signed.
pub(crate) fn entered_in_error(vault: &mut Vault, note: &NoteId, why: String) -> Result<Hash, NoteError> {
    let format = vault.notes().note(note)?.content.format;
    let why = NoteContent { text: why, format, ..empty_note(practice::today()) };
    vault.notes_mut().mark_entered_in_error(note, None, why, practice::now())
}
