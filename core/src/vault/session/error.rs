//! Why a practice was not made, opened, joined or locked.

use crate::kdf::StrengthError;
use crate::rows::RowError;
use crate::slots::SlotError;
use crate::store::StoreError;
use crate::vault::core::PassphraseError;
use crate::vault::founding::FoundingError;
use crate::vault::read::ReadError;
use crate::vault::subject::{DeviceError, NoteError};

/// What can come of a practice being made, opened, joined, locked, and given another passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// Rows were not read or not written.
    #[error(transparent)]
    Row(#[from] RowError),
    /// A slot did not open.
    #[error("{0}")]
    Slot(#[from] SlotError),
    /// The passphrase protection cannot be used.
    #[error("{0}")]
    Strength(#[from] StrengthError),
    /// A practice of an earlier version, of which no copy could be made and proven before it is changed.
    #[error(
        "This practice was written by an earlier version, and a copy of it must lie beside it before anything is changed. The copy could not be made, and nothing was changed. Make room on the disk, then open the practice again."
    )]
    NotCopied,
    /// All keys were to be made new, and the practice has as many devices as it can have.
    #[error(
        "Making all keys new needs a place for one more device for a moment, and the practice has 16. Nothing was changed; remove a device that is not used any more, then do it again."
    )]
    NoPlaceForNewKeys,
    /// All keys were to be made new, and the disk has no room for the practice a second time.
    #[error(
        "To make all keys new the practice is written into a new file, and the disk has no room for it. Nothing was changed; make room, then do it again."
    )]
    NoRoomForNewKeys,
    /// All keys were to be made new, and something would have been left behind.
    #[error(
        "A part of the practice file is damaged and could not be taken along into a new one. Nothing was changed; check the practice and repair it, then make all keys new."
    )]
    NotWhole,
    /// Making all keys new was stopped.
    #[error("Stopped. Nothing was changed: all keys are those from before.")]
    Stopped,
    /// The devices, or the recovery kit.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A note whose signing was not finished.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl From<StoreError> for UnlockError {
    fn from(error: StoreError) -> Self {
        Self::Row(error.into())
    }
}

impl From<PassphraseError> for UnlockError {
    fn from(error: PassphraseError) -> Self {
        match error {
            PassphraseError::Row(error) => Self::Row(error),
            PassphraseError::Slot(error) => Self::Slot(error),
        }
    }
}

impl UnlockError {
    /// What happened to the rows, whatever was done with them.
    pub fn row(&self) -> Option<RowError> {
        match self {
            Self::Row(error)
            | Self::Device(DeviceError::Row(error))
            | Self::Note(NoteError::Read(ReadError::Row(error))) => Some(*error),
            _ => None,
        }
    }

    /// What is wrong with the passphrase, or with the slot that it opens.
    pub fn slot(&self) -> Option<SlotError> {
        match self {
            Self::Slot(error) | Self::Device(DeviceError::Slot(error)) => Some(*error),
            _ => None,
        }
    }

    /// Whether another passphrase may do.
    pub fn is_wrong_passphrase(&self) -> bool {
        self.slot() == Some(SlotError::WrongPassphrase)
    }
}

impl From<FoundingError> for UnlockError {
    fn from(error: FoundingError) -> Self {
        match error {
            FoundingError::Row(error) => Self::Row(error),
            FoundingError::Strength(error) => Self::Strength(error),
        }
    }
}
