//! Why a note was not written, signed or moved.

use crate::document::NotWritten;
use crate::rows::RowError;
use crate::store::StoreError;
use crate::vault::read::{FileError, ReadError};

/// What can come of writing, signing and moving notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// A client, a note or their rows were not read, or what was to be kept was not written.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Longer than may be written.
    #[error("{0}")]
    NotWritten(#[from] NotWritten),
    /// A file that goes with the note.
    #[error("{0}")]
    File(#[from] FileError),
    /// A signed note was to be changed.
    #[error("A signed note is never changed. It is as it was; write an addendum instead.")]
    Signed,
    /// An unsigned note where a signed one is needed.
    #[error("This note is not signed yet. Nothing was changed; sign it first, or go on writing in it.")]
    NotSigned,
    /// What is to be signed is no longer what was shown.
    #[error("This note has changed since it was shown. Nothing was signed; look at it and sign again.")]
    ChangedSinceShown,
    /// A note whose signature can still be taken back was to be changed.
    #[error("This note is being signed. Nothing was changed; take the signature back to go on writing.")]
    BeingSigned,
    /// A note of which more was written than it holds was to be signed, or written over.
    #[error(
        "More was written in this note than it can hold (4 MiB), and that is kept beside it. Nothing was signed or changed; open the note in the window, and shorten it there, split it, or attach it as a file."
    )]
    Overlong,
    /// No signature is waiting.
    #[error("There is no signature to take back: this note is signed already, or nobody has signed it.")]
    NothingToTakeBack,
}

impl From<RowError> for NoteError {
    fn from(error: RowError) -> Self {
        Self::Read(error.into())
    }
}

impl From<StoreError> for NoteError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}
