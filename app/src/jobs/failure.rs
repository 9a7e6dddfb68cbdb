//! Why an effect comes to nothing, as the window is told.

use subrosa_core::slots::SlotError;
use subrosa_core::store::StoreError;
use subrosa_core::vault::{ExchangeError, FileError, VaultError};

use crate::bridge::Locked;
use crate::features::opening::values::Refusal;
use crate::messages::Event;
use crate::words;

/// Why an effect had no answer of its own.
pub(crate) enum JobFailure {
    /// A passphrase, or nothing sound to open.
    Refused(Refusal),
    /// A sentence.
    Sentence(String),
}

impl From<VaultError> for JobFailure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Slot(SlotError::WrongPassphrase) => Self::Refused(Refusal::WrongPassphrase),
            VaultError::Slot(SlotError::Damaged | SlotError::TooWeak | SlotError::TooCostly)
            | VaultError::Damaged
            | VaultError::Store(
                StoreError::Damaged | StoreError::Truncated | StoreError::NotAVault | StoreError::Empty,
            ) => Self::Refused(Refusal::Damaged),
            VaultError::Slot(SlotError::Newer) | VaultError::Store(StoreError::Newer(_)) => {
                Self::Refused(Refusal::Newer)
            }
            VaultError::Store(StoreError::InUse) => Self::Refused(Refusal::InUse),
            other => Self::Sentence(other.to_string()),
        }
    }
}

impl JobFailure {
    pub(crate) fn of(error: &dyn std::fmt::Display) -> Self {
        Self::Sentence(error.to_string())
    }
}

/// A file that could not be read or written; its name is not repeated.
impl From<std::io::Error> for JobFailure {
    fn from(error: std::io::Error) -> Self {
        Self::Sentence(words::file_failed(&error.kind().to_string()))
    }
}

impl From<Locked> for JobFailure {
    fn from(error: Locked) -> Self {
        Self::of(&error)
    }
}

impl From<FileError> for JobFailure {
    fn from(error: FileError) -> Self {
        Self::of(&error)
    }
}

impl From<ExchangeError> for JobFailure {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Vault(error) => error.into(),
            other => Self::of(&other),
        }
    }
}

/// What an effect comes to: an answer, or none.
pub(crate) type JobOutcome = Result<Option<Event>, JobFailure>;
