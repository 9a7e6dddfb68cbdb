//! Why a backup was not made, not proven or not restored.

use crate::kdf::StrengthError;
use std::io;

use crate::rows::RowError;
use crate::share::AgeError;
use crate::store::StoreError;

/// What happened, what is safe, what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The folder that backups go to is not there: a stick that is not plugged in, a drive that is away.
    #[error(
        "The folder for backups is not there. No backup was made; the practice and earlier backups are as they were. Plug \
         the disk in, or choose another folder."
    )]
    Away,
    /// The file that was named is there.
    #[error("There is already a file of this name. It was left as it is; choose another name for the backup.")]
    Exists,
    /// No room where the backup goes.
    #[error(
        "There is not enough room for the backup. None was made; the practice and earlier backups are as they were. Make \
         room, or choose another disk."
    )]
    Full,
    /// The system refused.
    #[error("The system could not read or write the backup ({0}). The practice and earlier backups are as they were.")]
    Io(io::ErrorKind),
    /// Something in the practice cannot be read.
    #[error(
        "A part of the practice is damaged, and a backup of it would not be whole. None was made; earlier backups are as they \
         were. Check the practice."
    )]
    PracticeDamaged,
    /// Another device put a new recovery kit in force, or a repair made the list of devices again, and this device was not given its
    /// passphrase since.
    #[error(
        "A new recovery kit was made on another device, or this practice was repaired, and a backup made here now might not open with the kit. None was made; \
         earlier backups are as they were. Lock this practice and unlock it once, then try again."
    )]
    NewKit,
    /// Asked to stop.
    #[error("The backup was stopped, as asked. Nothing of it is left; earlier backups are as they were.")]
    Stopped,
    /// Read back, it is not what was written.
    #[error(
        "What was read back from the disk is not what was written, so this backup was thrown away. Earlier backups are as \
         they were. Use another disk or stick."
    )]
    NotAsWritten,
    /// The recovery key's stanza is not what it must be.
    #[error(
        "The recovery kit would not open this backup, so it was thrown away. Earlier backups are as they were. Check the \
         practice, then try again."
    )]
    KitWouldNotOpen,
    /// Restored as a trial, it is not the practice.
    #[error(
        "Restored as a trial, this backup is not what the practice holds, so it was thrown away. Earlier backups are as \
         they were. Check the practice, then try again."
    )]
    NotThePractice,
    /// A file of something else.
    #[error("This file is not a backup of a practice. Nothing was changed.")]
    NotABackup,
    /// Made by a later version.
    #[error("This backup was made by a newer version. Nothing was changed; install the newer version.")]
    Newer,
    /// Made before the first release.
    #[error(
        "This backup was made by an early version that is not read any more. Nothing was changed: restore it with the program that made it, export the practice there, and import what it exported here."
    )]
    Older,
    /// Another kit opens it.
    #[error(
        "This recovery kit does not open this backup. It may be an older kit of this practice, or one that was made since: a \
         backup opens with the kit that was in force when it was made. Nothing was changed; take the kit of that time, or a \
         backup that was made since this kit."
    )]
    WrongKit,
    /// The end is missing.
    #[error("This backup is incomplete: its end is missing. Nothing was changed; use another backup.")]
    CutShort,
    /// Bytes have changed.
    #[error("This backup was changed after it was made, or damaged. Nothing was changed here; use another backup.")]
    Damaged,
    /// It belongs to another practice than the vault it was to be merged into.
    #[error("This backup is of another practice. Nothing was changed; restore it into a new file.")]
    OtherPractice,
    /// The device that made it was removed from the practice: nothing that it holds lets a new device in.
    #[error(
        "This backup was made on a device that was removed from the practice, so it makes no new device. Nothing was written; merge it into a practice that goes on, or pair with one of its devices."
    )]
    OfRemovedDevice,
    /// The client or note that was asked for is not in it.
    #[error("What you asked for is not in this backup. Nothing was changed; look into another one.")]
    NotInIt,
    /// One more device was to be made of it than a practice has.
    #[error("A practice has 16 devices at most. Nothing was written; merge this backup into a practice that goes on.")]
    TooManyDevices,
    /// The passphrase protection of the practice that was to be made of it.
    #[error("{0}")]
    Strength(StrengthError),
    /// Rows of the practice.
    #[error("{0}")]
    Row(RowError),
}

impl From<RowError> for BackupError {
    fn from(error: RowError) -> Self {
        Self::Row(error)
    }
}

impl BackupError {
    /// Whether a disk takes no more, or nothing of this person's.
    pub(crate) fn is_for_want_of_room(&self) -> bool {
        match self {
            Self::Row(RowError::Store(StoreError::Denied)) | Self::Full => true,
            Self::Row(error) => error.is_for_want_of_room(),
            _ => false,
        }
    }
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Row(error.into())
    }
}

impl From<AgeError> for BackupError {
    fn from(error: AgeError) -> Self {
        match error {
            AgeError::NotAge => Self::NotABackup,
            AgeError::NewerVersion => Self::Newer,
            AgeError::ForSomebodyElse => Self::WrongKit,
            AgeError::CutShort => Self::CutShort,
            _ => Self::Damaged,
        }
    }
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind;
        match error.kind() {
            ErrorKind::NotFound => Self::Away,
            ErrorKind::AlreadyExists => Self::Exists,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::Full,
            ErrorKind::UnexpectedEof => Self::CutShort,
            // What age and the archive say of bytes that are not theirs; a disk's own errors carry a number.
            ErrorKind::InvalidData if error.raw_os_error().is_none() => Self::Damaged,
            kind => Self::Io(kind),
        }
    }
}
