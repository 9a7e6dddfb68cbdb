//! What a search finds.

use jiff::civil::Date;
use subrosa_core::id::{ClientId, NoteId};

/// One place where a search found something.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Hit {
    /// Whose note.
    pub client: ClientId,
    /// The client's name.
    pub name: String,
    /// The note, or none when the client's name was found.
    pub note: Option<NoteId>,
    /// Day of the note.
    pub date: Option<Date>,
    /// The text before what was found.
    pub before: String,
    /// What was found.
    pub found: String,
    /// The text after it.
    pub after: String,
}
