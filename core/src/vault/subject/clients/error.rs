//! Why a client was not changed.

use crate::document::NotWritten;
use crate::rows::RowError;
use crate::store::StoreError;
use crate::vault::read::ReadError;

/// What can come of adding, editing and merging clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// A client, a note or their rows were not read, or what was to be kept was not written.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Longer than may be written.
    #[error("{0}")]
    NotWritten(#[from] NotWritten),
    /// A client without a name.
    #[error("A client needs a name. Nothing was changed.")]
    NoName,
    /// Two clients that are one.
    #[error("This is one record already. Nothing was changed.")]
    OneRecord,
    /// A client that was not merged.
    #[error("This client was not made one with another. Nothing was changed.")]
    NotMerged,
}

impl From<RowError> for ClientError {
    fn from(error: RowError) -> Self {
        Self::Read(error.into())
    }
}

impl From<StoreError> for ClientError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}
