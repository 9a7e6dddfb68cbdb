//! A client in the list, and a client's page: the timeline, and a note of it that is open.

use jiff::civil::{Date, DateTime, Time};
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::{Measure, NoteContent};

use crate::values::note_ref::NoteRef;

/// One client in the list.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ClientRow {
    /// Which.
    pub id: ClientId,
    /// Name.
    pub name: String,
    /// Code, if there is one.
    pub code: Option<String>,
    /// `active`, `waiting`, `closed`, or another word.
    pub status: String,
    /// Day of the last note.
    pub last: Option<Date>,
    /// Number of the last session.
    pub session: Option<u32>,
    /// How many notes are unsigned.
    pub unsigned: u32,
}

/// A client's page.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Timeline {
    /// The client, as in the list.
    pub client: ClientRow,
    /// Day of the first note.
    pub since: Option<Date>,
    /// Newest first. Private notes are among them only in the answer to `NotesEffect::ShowPrivate`.
    pub notes: Vec<NoteCard>,
    /// In any order.
    pub measures: Vec<Measure>,
    /// Who else can read something of this client: `and Dr Virta, sealed on 3 May`, one for each disclosure.
    pub readers: Vec<String>,
    /// The names in the other records that were merged with this one.
    pub merged: Vec<String>,
}

/// One note in a timeline.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct NoteCard {
    /// Which.
    pub id: NoteRef,
    /// Day of the session.
    pub date: Date,
    /// When it began.
    pub start: Option<Time>,
    /// Minutes.
    pub minutes: Option<u32>,
    /// `SOAP`, `DAP` …
    pub format: String,
    /// Unsigned, signed or imported.
    pub state: NoteState,
    /// A private note: its text is not here.
    pub private: bool,
    /// The beginning of the text.
    pub excerpt: String,
    /// How many signed addenda it has.
    pub addenda: u32,
    /// The note that this one adds to.
    pub addendum_to: Option<NoteId>,
    /// A signed addendum says that it was entered in error.
    pub in_error: bool,
    /// The device on which this was written while another signed.
    pub written_on: Option<String>,
    /// More was written here than a note holds: all of it is kept on this device, and is no part of the note yet.
    pub overlong: bool,
}

/// Whether a note can still be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum NoteState {
    /// Being written.
    Unsigned,
    /// Finished on paper or in another program, and brought in. Changing it makes it unsigned.
    Imported,
    /// Frozen.
    Signed {
        /// When.
        at: DateTime,
    },
}

impl NoteState {
    /// Whether the note can still be changed.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Signed { .. })
    }
}

/// A note with its text.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct OpenNote {
    /// The note, as in the timeline.
    pub card: NoteCard,
    /// Whose.
    pub client: ClientId,
    /// What it says.
    pub content: NoteContent,
    /// Signed notes that add to it, oldest first.
    pub addenda: Vec<Addendum>,
    /// To be named by the first `NotesEffect::Save` of what is typed into it; 0 for nothing.
    pub seen: u64,
}

/// A signed addendum below a signed note.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Addendum {
    /// It says that the note was entered in error.
    pub in_error: bool,
    /// When it was signed.
    pub at: DateTime,
    /// What it says.
    pub text: String,
}

/// The beginning of a note's text, without its headings and marks.
pub fn excerpt(text: &str) -> String {
    const LONGEST: usize = 160;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let plain =
        lines.map(|line| line.trim_start_matches(['-', '*', ' '])).collect::<Vec<_>>().join(" ").replace("**", "");
    let mut short: String = plain.chars().take(LONGEST).collect();
    if plain.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
