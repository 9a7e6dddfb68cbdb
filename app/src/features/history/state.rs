//! The versions of a note, while they are shown.

use crate::features::history::values::Version;
use crate::values::note_ref::NoteRef;

/// The versions of a note, while they are shown.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct History {
    /// Of which note.
    pub note: NoteRef,
    /// Newest first; none until they are there.
    pub versions: Option<Vec<Version>>,
    /// The one whose changes are shown.
    pub chosen: usize,
}
