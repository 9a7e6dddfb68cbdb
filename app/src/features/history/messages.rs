//! The versions of a note.

use crate::features::history::values::Version;
use crate::values::job::Job;
use crate::values::note_ref::NoteRef;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HistoryCommand {
    /// Show the versions of the note that is shown, or stop showing them.
    Show(bool),
    /// To one of these versions, by its place.
    Version(usize),
}

/// A job to do.
pub enum HistoryEffect {
    /// → [`HistoryEvent::Versions`]
    Load(NoteRef),
}

impl HistoryEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Load(..) => Job::History,
        }
    }
}

/// What a job brought back.
pub enum HistoryEvent {
    /// The versions of a note, newest first.
    Versions(NoteRef, Vec<Version>),
}
