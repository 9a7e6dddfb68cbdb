//! Why an effect comes to nothing, as the window is told.

use subrosa_core::slots::SlotError;
use subrosa_core::store::StoreError;
use subrosa_core::vault::{ExchangeError, FileError, RowError, VaultError};

use crate::bridge::Locked;
use crate::features::opening::values::Refusal;
use crate::messages::Event;
use crate::operations::operations_fail_as_the_vault;
use crate::practice::NotHeld;
use crate::values::job::Job;
use crate::values::navigation::Field;
use crate::words;

/// Why an effect had no answer of its own.
pub(crate) enum JobFailure {
    /// A passphrase, or nothing sound to open.
    Refused(Refusal),
    /// A sentence.
    Sentence(String),
    /// A sentence about what was typed into this field.
    Unfit(Field, String),
}

impl From<VaultError> for JobFailure {
    fn from(error: VaultError) -> Self {
        match (error.row(), error.slot()) {
            (_, Some(SlotError::WrongPassphrase)) => Self::Refused(Refusal::WrongPassphrase),
            (_, Some(SlotError::Damaged | SlotError::TooWeak | SlotError::TooCostly))
            | (
                Some(
                    RowError::Damaged
                    | RowError::Store(
                        StoreError::Damaged | StoreError::Truncated | StoreError::NotAVault | StoreError::Empty,
                    ),
                ),
                _,
            ) => Self::Refused(Refusal::Damaged),
            (_, Some(SlotError::Newer)) | (Some(RowError::Store(StoreError::Newer(_))), _) => {
                Self::Refused(Refusal::Newer)
            }
            (Some(RowError::Store(StoreError::Older(_))), _) => Self::Refused(Refusal::Older),
            (Some(RowError::Store(StoreError::InUse)), _) => Self::Refused(Refusal::InUse(None)),
            _ => Self::of(&error),
        }
    }
}

operations_fail_as_the_vault!(JobFailure);

impl From<NotHeld> for JobFailure {
    fn from(not_held: NotHeld) -> Self {
        match Self::from(not_held.error) {
            Self::Refused(Refusal::InUse(_)) => Self::Refused(Refusal::InUse(not_held.by)),
            other => other,
        }
    }
}

impl From<FileError> for JobFailure {
    fn from(error: FileError) -> Self {
        Self::of(&error)
    }
}

impl JobFailure {
    pub(crate) fn of(error: &dyn std::fmt::Display) -> Self {
        Self::Sentence(error.to_string())
    }

    /// As the window is told of it.
    pub(crate) fn event(self, job: Job) -> Event {
        match self {
            Self::Refused(refusal) => Event::Refused(job, refusal),
            Self::Sentence(why) => Event::Failed(job, why),
            Self::Unfit(field, why) => Event::Unfit(job, field, why),
        }
    }

    /// About this field, where it is a sentence about none.
    pub(crate) fn at(self, field: Field) -> Self {
        match self {
            Self::Sentence(why) => Self::Unfit(field, why),
            other => other,
        }
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

impl From<ExchangeError> for JobFailure {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Read(error) => error.into(),
            other => Self::of(&other),
        }
    }
}

/// What an effect comes to: an answer, or none.
pub(crate) type JobOutcome = Result<Option<Event>, JobFailure>;
