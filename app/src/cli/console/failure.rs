//! Why a command did not do what was asked: a sentence for people, and a status for scripts.

use std::io;
use std::process::ExitCode;

use subrosa_core::backup::BackupError;
use subrosa_core::card::CardError;
use subrosa_core::export::ExportError;
use subrosa_core::import::ImportError;
use subrosa_core::kit::KitError;
use subrosa_core::share::OpenError;
use subrosa_core::slots::SlotError;
use subrosa_core::store::StoreError;
use subrosa_core::vault::{
    ClientError, DeviceError, ExchangeError, FileError, NoteError, ReadError, RecordError, RowError, TrashError,
    UndoError, UnlockError, VaultError,
};

use crate::operations::operations_fail_as_the_vault;
use crate::operations::restore::RestoreError;
use crate::practice::NotHeld;
use crate::practice::passphrase::NoPassphrase;
use crate::words;

/// What the program exits with when it did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::cli) enum ExitStatus {
    /// It could not be done.
    Failed = 1,
    /// It was asked for in a way that is not understood.
    Usage = 2,
    /// Another passphrase, or another recovery kit, opens this.
    WrongPassphrase = 3,
    /// Bytes are not as they were written.
    Damaged = 4,
    /// Another process holds the practice.
    InUse = 5,
    /// A rule forbids it.
    Refused = 6,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

/// A failure: its status, and what happened, what is safe, what to do.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub(in crate::cli) struct CliFailure {
    /// For scripts.
    pub(in crate::cli) status: ExitStatus,
    /// For people; never a name, a text, a path or a passphrase.
    pub(in crate::cli) words: String,
}

impl CliFailure {
    /// A failure with a sentence of its own.
    pub(in crate::cli) fn new(status: ExitStatus, words: impl Into<String>) -> Self {
        Self { status, words: words.into() }
    }

    /// [`ExitStatus::Failed`].
    pub(in crate::cli) fn failed(words: impl Into<String>) -> Self {
        Self::new(ExitStatus::Failed, words)
    }

    /// [`ExitStatus::Usage`].
    pub(in crate::cli) fn usage(words: impl Into<String>) -> Self {
        Self::new(ExitStatus::Usage, sentence(&words.into()))
    }

    /// [`ExitStatus::Refused`].
    pub(in crate::cli) fn refused(words: impl Into<String>) -> Self {
        Self::new(ExitStatus::Refused, words)
    }
}

impl From<VaultError> for CliFailure {
    fn from(error: VaultError) -> Self {
        if let Some(RowError::Store(error)) = error.row() {
            return error.into();
        }
        let status = match (error.row(), error.slot()) {
            (Some(RowError::Damaged), _) => ExitStatus::Damaged,
            (_, Some(error)) => of_slot(error),
            _ => of_operation(&error),
        };
        Self::new(status, sentence(&error.to_string()))
    }
}

fn of_operation(error: &VaultError) -> ExitStatus {
    match error {
        VaultError::Read(error)
        | VaultError::Client(ClientError::Read(error))
        | VaultError::Note(NoteError::Read(error))
        | VaultError::Trash(TrashError::Read(error))
        | VaultError::Record(RecordError::Read(error)) => of_read(*error),
        VaultError::File(error)
        | VaultError::Note(NoteError::File(error))
        | VaultError::Record(RecordError::File(error)) => of_file(*error),
        VaultError::Record(RecordError::NotOpened(error)) => of_record(*error),
        // What was named is not there, or cannot be as it was asked for.
        VaultError::Client(ClientError::NotWritten(_))
        | VaultError::Note(NoteError::NotWritten(_))
        | VaultError::Record(RecordError::NoSuchColleague)
        | VaultError::Device(DeviceError::NoSuchDevice | DeviceError::NothingQuarantined)
        | VaultError::Undo(UndoError::NoSuchImport)
        | VaultError::Unlock(UnlockError::Strength(_)) => ExitStatus::Failed,
        // Every other is a rule: a signed note, a device that is not admitted, a name that is missing.
        _ => ExitStatus::Refused,
    }
}

fn of_read(error: ReadError) -> ExitStatus {
    match error {
        ReadError::NoSuchClient | ReadError::NoSuchNote => ExitStatus::Failed,
        // A passphrase that is asked for again, a key that has not come.
        _ => ExitStatus::Refused,
    }
}

fn of_file(error: FileError) -> ExitStatus {
    match error {
        FileError::Practice(error) => of_read(error),
        FileError::Damaged { .. } | FileError::NotAsDescribed => ExitStatus::Damaged,
        FileError::TooLong | FileError::OtherClient | FileError::TooLargeToShow => ExitStatus::Refused,
        _ => ExitStatus::Failed,
    }
}

operations_fail_as_the_vault!(CliFailure);

impl From<FileError> for CliFailure {
    fn from(error: FileError) -> Self {
        VaultError::from(error).into()
    }
}

fn of_slot(error: SlotError) -> ExitStatus {
    match error {
        SlotError::WrongPassphrase | SlotError::WrongKit => ExitStatus::WrongPassphrase,
        // A strength that no version of this program writes is an edited file.
        SlotError::Damaged | SlotError::TooWeak | SlotError::TooCostly => ExitStatus::Damaged,
        _ => ExitStatus::Failed,
    }
}

fn of_record(error: OpenError) -> ExitStatus {
    match error {
        OpenError::CutShort | OpenError::Edited => ExitStatus::Damaged,
        OpenError::NotASealedRecord | OpenError::NewerVersion | OpenError::OlderVersion => ExitStatus::Failed,
        // For somebody else, or not from whom it says.
        _ => ExitStatus::Refused,
    }
}

impl From<NotHeld> for CliFailure {
    fn from(not_held: NotHeld) -> Self {
        let failure = Self::from(not_held.error);
        if not_held.by.is_some() { Self { words: not_held.to_string(), ..failure } } else { failure }
    }
}

impl From<StoreError> for CliFailure {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::InUse => ExitStatus::InUse,
            StoreError::Exists | StoreError::TooLarge => ExitStatus::Refused,
            // A practice whose first block was wiped can no longer be told from another file.
            StoreError::Empty
            | StoreError::NotAVault
            | StoreError::Truncated
            | StoreError::Damaged
            | StoreError::AnchorDamaged => ExitStatus::Damaged,
            _ => ExitStatus::Failed,
        };
        Self::new(status, error.to_string())
    }
}

impl From<ExchangeError> for CliFailure {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Read(error) => error.into(),
            ExchangeError::File(error) => error.into(),
            ExchangeError::Export(ExportError::NotEmpty) => Self::refused(sentence(&error.to_string())),
            ExchangeError::Import(ImportError::Stopped) => Self::failed(
                "The import was stopped, as asked. What was taken until then is kept, and the same command goes on from there.",
            ),
            _ => Self::failed(sentence(&error.to_string())),
        }
    }
}

impl From<BackupError> for CliFailure {
    fn from(error: BackupError) -> Self {
        let status = match error {
            BackupError::Row(error) => return error.into(),
            BackupError::WrongKit => ExitStatus::WrongPassphrase,
            BackupError::CutShort
            | BackupError::Damaged
            | BackupError::PracticeDamaged
            | BackupError::NotAsWritten
            | BackupError::KitWouldNotOpen
            | BackupError::NotThePractice => ExitStatus::Damaged,
            BackupError::Exists
            | BackupError::OtherPractice
            | BackupError::OfRemovedDevice
            | BackupError::TooManyDevices => ExitStatus::Refused,
            _ => ExitStatus::Failed,
        };
        Self::new(status, error.to_string())
    }
}

impl From<RestoreError> for CliFailure {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Backup(error) => error.into(),
            RestoreError::Vault(error) => error.into(),
        }
    }
}

impl From<NoPassphrase> for CliFailure {
    fn from(error: NoPassphrase) -> Self {
        let status = match error {
            NoPassphrase::TooShort | NoPassphrase::Guessable | NoPassphrase::Differ => ExitStatus::Refused,
            NoPassphrase::File(_) => ExitStatus::Failed,
            _ => ExitStatus::Usage,
        };
        Self::new(status, error.to_string())
    }
}

impl From<KitError> for CliFailure {
    fn from(error: KitError) -> Self {
        Self::new(ExitStatus::WrongPassphrase, sentence(&error.to_string()))
    }
}

impl From<CardError> for CliFailure {
    fn from(error: CardError) -> Self {
        Self::refused(error.to_string())
    }
}

impl From<io::Error> for CliFailure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Self::refused("There is already a file of this name. It was left as it is; choose another name.")
            }
            kind => {
                Self::failed(format!("The system could not read or write a file ({kind}). The practice is as it was."))
            }
        }
    }
}

/// Begins with a capital and ends with a full stop, however the error was written.
fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '?', ')']) && !text.ends_with("..") { "" } else { "." };
    format!("{}{end}", words::first_upper(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_the_one_that_scripts_are_promised() {
        let status = |error: VaultError| CliFailure::from(error).status as u8;
        assert_eq!(status(ReadError::NoSuchNote.into()), 1);
        assert_eq!(CliFailure::usage("").status as u8, 2);
        assert_eq!(status(SlotError::WrongPassphrase.into()), 3);
        assert_eq!(status(StoreError::Truncated.into()), 4);
        assert_eq!(status(SlotError::Damaged.into()), 4);
        assert_eq!(status(StoreError::InUse.into()), 5);
        assert_eq!(status(NoteError::Signed.into()), 6);
    }

    #[test]
    fn every_failure_is_a_whole_sentence() {
        for error in [UnlockError::Slot(SlotError::WrongPassphrase), NoteError::Signed.into(), StoreError::InUse.into()]
        {
            let words = CliFailure::from(error).words;
            assert!(words.starts_with(char::is_uppercase) && words.ends_with('.'), "{words}");
        }
    }
}
