//! The note on the page, and its fields.

mod editor;

use crate::values::note_ref::NoteRef;
use crate::values::page::OpenNote;
use crate::values::resume::{Earlier, Steps};

pub use self::editor::{Editor, SaveState};

/// The note on the page.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct NotesState {
    /// The unsigned note being written.
    pub editor: Option<Editor>,
    /// The signed note being read.
    pub reading: Option<OpenNote>,
    /// Where the caret should go when the note that is being loaded is there.
    pub caret: Option<usize>,
    /// The steps of undo that come back with the note that is being loaded.
    pub steps: Option<(NoteRef, Steps)>,
}

/// The fields of the note being written.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct NoteFields {
    /// The text of the note being written.
    pub text: String,
    /// Where the caret stands in it, in characters.
    pub caret: usize,
    /// How far the client's page is scrolled, in points.
    pub scroll: f32,
    /// How far it should be scrolled once the note is on it.
    pub scroll_to: Option<f32>,
    /// What undo goes back to once the note is in its field, the newest first.
    pub earlier: Option<Vec<Earlier>>,
    /// Its day, as `2026-11-21`.
    pub date: String,
    /// When the session began, as `14:00`.
    pub start: String,
    /// How long it took, in minutes.
    pub minutes: String,
}
