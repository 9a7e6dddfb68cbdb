//! Why something was not deleted, or not brought back.

use crate::rows::RowError;
use crate::store::StoreError;
use crate::vault::read::ReadError;

/// What can come of deleting and of bringing back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrashError {
    /// A client, a note or their rows were not read, or what was to be kept was not written.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// More deletions at once than are made without asking.
    #[error("More than 20 would be deleted at once. Nothing was deleted; say so if that is meant.")]
    ManyDeletions,
    /// Not deleted, so it cannot be brought back.
    #[error("This is not in the trash. Nothing was changed.")]
    NotInTrash,
    /// A note whose signature can still be taken back.
    #[error("This note is being signed. Nothing was deleted; take the signature back first.")]
    BeingSigned,
}

impl From<RowError> for TrashError {
    fn from(error: RowError) -> Self {
        Self::Read(error.into())
    }
}

impl From<StoreError> for TrashError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}
