//! Signatures: what would be signed, and what can still be taken back.

use jiff::civil::Date;
use subrosa_core::id::ClientId;

use crate::values::note_ref::NoteRef;

/// What *Sign* would sign.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Preview {
    /// The note.
    pub note: NoteRef,
    /// The client's name.
    pub client: String,
    /// Day of the session.
    pub date: Date,
    /// Its length in minutes.
    pub minutes: Option<u32>,
    /// The note's length in words.
    pub words: u64,
    /// What speaks against signing it now.
    pub doubts: Vec<String>,
}

/// A signature that can still be taken back.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Pending {
    /// The note.
    pub note: NoteRef,
    /// Whose it is.
    pub client: ClientId,
    /// Day of the session.
    pub date: Date,
    /// For how long, in milliseconds from now.
    pub for_ms: u64,
}
