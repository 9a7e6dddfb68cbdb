//! Colleagues, their cards, and the records that are sealed for one another.

use std::path::PathBuf;

use jiff::civil::Date;
use subrosa_core::id::{ClientId, ColleagueId, NoteId};
use subrosa_core::record::{Measure, NoteContent};

/// One's own card.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct OwnCard {
    /// The name on it, once it was given.
    pub name: Option<String>,
    /// The words to compare, aloud.
    pub words: String,
    /// Colleagues may hold the one from before a device was lost, and nobody has made this one here yet.
    pub is_news: bool,
}

/// A colleague whose card is here.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ColleagueRow {
    /// Which.
    pub id: ColleagueId,
    /// As written on the card.
    pub name: String,
    /// The words to compare, aloud.
    pub words: String,
    /// They were compared and agree.
    pub compared: bool,
    /// Another card bears the same name, or one of the same keys.
    pub alike: bool,
}

/// A record that a colleague has sealed for us: to read, never merged.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct SealedRecord {
    /// Name of the colleague, as it is in our own list; none when the signature is sound but the card is not here.
    pub from: Option<String>,
    /// Their safety words were compared.
    pub compared: bool,
    /// The name that the sender writes.
    pub sender: String,
    /// The sender's safety words.
    pub words: String,
    /// When it was sealed.
    pub sealed: Date,
    /// Why.
    pub purpose: String,
    /// On what basis.
    pub basis: String,
    /// Until when it may be kept.
    pub until: Option<Date>,
    /// The client's name.
    pub client: String,
    /// The notes, newest first.
    pub notes: Vec<NoteContent>,
    /// Measures.
    pub measures: Vec<Measure>,
}

/// What to seal, for whom, and the reasons that become the disclosure entry.
#[derive(Clone, PartialEq, Eq)]
pub struct SealRequest {
    /// Whose record.
    pub client: ClientId,
    /// These notes, or all signed ones when empty.
    pub notes: Vec<NoteId>,
    /// The colleague.
    pub to: ColleagueId,
    /// Why.
    pub purpose: String,
    /// On what basis.
    pub basis: String,
    /// Until when the colleague may keep it.
    pub until: Option<Date>,
    /// Where the sealed record is written.
    pub file: PathBuf,
}
