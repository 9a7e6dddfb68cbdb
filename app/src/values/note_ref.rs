//! Which note the window means.

use serde::{Deserialize, Serialize};
use subrosa_core::id::NoteId;

/// A note, or the unsigned addendum of one: what another device wrote in it while it was signed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NoteRef {
    /// The note itself.
    Note(NoteId),
    /// The addendum that waits to be signed beside this note.
    LateAddendum(NoteId),
}

impl NoteRef {
    /// The note in the practice that this is, or that this adds to.
    pub fn id(self) -> NoteId {
        match self {
            Self::Note(id) | Self::LateAddendum(id) => id,
        }
    }
}
