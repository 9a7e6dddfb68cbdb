//! Signatures: shown first, made, taken back.

use subrosa_core::id::NoteId;

use crate::features::signing::values::{Pending, Preview};
use crate::values::job::Job;
use crate::values::note_ref::NoteRef;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SigningCommand {
    /// Sign the note that is being written.
    Sign,
    /// Take a signature back.
    TakeBack(NoteRef),
    /// Say, signed, that the note that is read was entered in error.
    InError,
}

/// A job to do.
pub enum SigningEffect {
    /// What would be signed? → [`SigningEvent::Preview`]
    Preview(NoteRef),
    /// Signs what the last preview showed. → [`SigningEvent::Waiting`], and [`SigningEvent::Signed`] when it can no longer be taken back
    Sign(NoteRef),
    /// → [`SigningEvent::TakenBack`]
    TakeBack(NoteRef),
    /// Says, signed, that a signed note was entered in error. → `NotesEvent::Opened`
    InError {
        /// Which.
        note: NoteId,
        /// Why.
        why: String,
    },
}

impl SigningEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Preview(..) | Self::Sign(..) | Self::TakeBack(..) | Self::InError { .. } => Job::Sign,
        }
    }
}

/// What a job brought back.
pub enum SigningEvent {
    /// What *Sign* would sign.
    Preview(Box<Preview>),
    /// A note is signed unless that is taken back in time.
    Waiting(Pending),
    /// A signature was taken back: the note is unsigned again.
    TakenBack(NoteRef),
    /// A note is signed.
    Signed(NoteRef),
}
