//! Why something could not be looked at.

use crate::rows::RowError;
use crate::store::StoreError;

/// What can come of looking for a client or a note. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Its rows were not read.
    #[error(transparent)]
    Row(#[from] RowError),
    /// No client has this id.
    #[error("There is no client with this id. Nothing was changed.")]
    NoSuchClient,
    /// No note has this id.
    #[error("There is no note with this id. Nothing was changed.")]
    NoSuchNote,
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        Self::Row(error.into())
    }
}
