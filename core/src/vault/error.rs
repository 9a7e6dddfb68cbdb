//! Why something could not be done with a vault, for whoever does several things and tells of them in one way.

use crate::rows::RowError;
use crate::slots::SlotError;
use crate::store::StoreError;
use crate::vault::read::{FileError, ReadError};
use crate::vault::session::UnlockError;
use crate::vault::subject::{ClientError, DeviceError, NoteError, RecordError, TrashError, UndoError};

/// An error of any of the vault's operations, each of which has its own. Nothing was lost: what was saved before is as it was.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Of reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Of writing, signing or moving notes.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Of clients.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Of the trash.
    #[error(transparent)]
    Trash(#[from] TrashError),
    /// Of devices and the recovery kit.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Of attached files.
    #[error(transparent)]
    File(#[from] FileError),
    /// Of colleagues and sealed records.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Of undoing an import.
    #[error(transparent)]
    Undo(#[from] UndoError),
    /// Of opening, locking and the passphrase.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
}

impl From<RowError> for VaultError {
    fn from(error: RowError) -> Self {
        Self::Read(error.into())
    }
}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

impl From<SlotError> for VaultError {
    fn from(error: SlotError) -> Self {
        Self::Unlock(error.into())
    }
}

impl VaultError {
    /// What happened to the rows, of whatever operation.
    pub fn row(&self) -> Option<RowError> {
        let read = |read: &ReadError| match read {
            ReadError::Row(row) => Some(*row),
            _ => None,
        };
        match self {
            Self::Read(error)
            | Self::Note(NoteError::Read(error) | NoteError::File(FileError::Practice(error)))
            | Self::Client(ClientError::Read(error))
            | Self::Trash(TrashError::Read(error))
            | Self::File(FileError::Practice(error))
            | Self::Record(RecordError::Read(error) | RecordError::File(FileError::Practice(error))) => read(error),
            Self::Device(DeviceError::Row(row)) | Self::Undo(UndoError::Row(row)) => Some(*row),
            Self::Unlock(error) => error.row(),
            _ => None,
        }
    }

    /// What is wrong with the passphrase, or with the slot that it opens.
    pub fn slot(&self) -> Option<SlotError> {
        match self {
            Self::Device(DeviceError::Slot(error)) => Some(*error),
            Self::Unlock(error) => error.slot(),
            _ => None,
        }
    }

    /// Whether another passphrase may do.
    pub fn is_wrong_passphrase(&self) -> bool {
        self.slot() == Some(SlotError::WrongPassphrase)
    }
}
