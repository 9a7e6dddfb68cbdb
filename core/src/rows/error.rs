//! Why rows were not read or not written.

use crate::codec::Malformed;
use crate::document::NotWritten;
use crate::log::{BodyError, ItemError};
use crate::seal::SealError;
use crate::store::StoreError;

/// What can come of reading or committing rows, whatever they are about. Nothing was lost: what was saved before is as it
/// was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// The store refused. A damaged block is [`RowError::Damaged`], like a row that does not open.
    #[error(transparent)]
    Store(StoreError),
    /// Rows that cannot be read.
    #[error(
        "A part of the practice is damaged and was not used. Everything else is whole; check the practice, and restore a backup to another place."
    )]
    Damaged,
    /// The key of a record has not arrived on this device.
    #[error(
        "What opens this record has not reached this device yet. Nothing is lost: it opens when the other device syncs."
    )]
    KeyNotHere,
    /// Something that must ask for the passphrase again.
    #[error("Private notes, devices and the recovery kit ask for the passphrase again. Nothing was changed.")]
    NeedsReauth,
    /// What says with what the practice is opened and who belongs to it is not what was written last.
    #[error(
        "What this practice is opened with, or who belongs to it, was changed in its file from outside. Notes can be read and written; nothing else was done. Check the practice and repair it."
    )]
    VitalChanged,
    /// This device began as many logs as others take of one.
    #[error(
        "This device has written as much as the others take from one device. Everything is safe and can be read; let the device in anew from another one, and write there."
    )]
    LogsFull,
    /// More than one envelope can carry.
    #[error("This is too large to be kept as one note. Nothing was changed; split it.")]
    TooLarge,
}

impl RowError {
    /// Whether nothing can be written now, while everything can be read: there is no room, or the disk is read-only.
    pub fn is_for_want_of_room(&self) -> bool {
        matches!(self, Self::Store(StoreError::Full | StoreError::ReadOnly | StoreError::Poisoned))
    }
}

impl From<StoreError> for RowError {
    fn from(error: StoreError) -> Self {
        match error {
            // To whoever reads row by row a block that a disk changed and a row that a hand changed are one thing.
            StoreError::Damaged => Self::Damaged,
            other => Self::Store(other),
        }
    }
}

impl From<Malformed> for RowError {
    fn from(_: Malformed) -> Self {
        Self::Damaged
    }
}

/// What was stored before was within every limit when it was written.
impl From<NotWritten> for RowError {
    fn from(_: NotWritten) -> Self {
        Self::Damaged
    }
}

/// A payload that is no JSON. What this program itself writes always serialises.
impl From<serde_json::Error> for RowError {
    fn from(_: serde_json::Error) -> Self {
        Self::Damaged
    }
}

impl From<SealError> for RowError {
    fn from(_: SealError) -> Self {
        Self::Damaged
    }
}

impl From<BodyError> for RowError {
    fn from(_: BodyError) -> Self {
        Self::Damaged
    }
}

impl From<ItemError> for RowError {
    fn from(_: ItemError) -> Self {
        Self::Damaged
    }
}
