//! Why a record was not handed to a colleague, or not opened.

use crate::card::CardError;
use crate::rows::RowError;
use crate::share::{OpenError, SealRecordError};
use crate::store::StoreError;
use crate::vault::read::{FileError, ReadError};

/// What can come of contact cards and sealed records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// A client, a note or their rows were not read, or what was to be kept was not written.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file that belongs to the record.
    #[error("{0}")]
    File(#[from] FileError),
    /// No colleague has this id.
    #[error("There is no colleague with this id. Nothing was changed.")]
    NoSuchColleague,
    /// A contact card was refused.
    #[error("{0}")]
    Card(#[from] CardError),
    /// The card is this practice's own.
    #[error("This is your own contact card. Nothing was changed; give it to a colleague, and add theirs here.")]
    OwnCard,
    /// The card says that it is made on a day to come.
    #[error(
        "This contact card says that it was made on a day that is still to come. Nothing was added. Look at the date of this computer; if that is right, ask your colleague for a new card."
    )]
    FromTheFuture,
    /// This device has added as many as one may.
    #[error(
        "One device adds 1,024 colleagues at most, those that were taken off the list counted. Nothing was added; add the card on another device."
    )]
    TooManyColleagues,
    /// A record was not sealed.
    #[error("{0}")]
    NotSealed(#[from] SealRecordError),
    /// A sealed record was not opened.
    #[error("{0}")]
    NotOpened(#[from] OpenError),
}

impl From<RowError> for RecordError {
    fn from(error: RowError) -> Self {
        Self::Read(error.into())
    }
}

impl From<StoreError> for RecordError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}
