//! Choosing a file or folder in the system's own dialog, so that no path need be typed. Typing one, or dropping a file onto the
//! window, goes on working: on a system without such a dialog they are the way.

use std::path::PathBuf;

use crate::command::Command;
use crate::kit_paper::KitForm;
use crate::typed::Typed;
use crate::words;

/// What a file or folder is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
#[non_exhaustive]
pub enum Pick {
    /// Where the recovery kit is written.
    KitToSave(KitForm),
    /// The file that holds a recovery kit.
    KitToRead,
    /// A colleague's card.
    CardToAdd,
    /// Where one's own card is written.
    CardToSave,
    /// A record that a colleague has sealed.
    Sealed,
    /// Where a sealed record is written.
    SealTo,
    /// Where a sealed record that was opened is kept as plain files.
    SealedCopy,
    /// The folder that backups go to.
    BackupFolder,
    /// The same, and one is made at once.
    BackUpInto,
    /// A backup to bring something back from.
    BackupToRead,
    /// The file that holds its recovery kit.
    KitOfBackup,
    /// The folder that is imported.
    ImportFrom,
    /// A file to attach.
    Attach,
    /// The folder that a copy of an attached file is written into.
    CopyTo,
    /// The folder that everything is exported to.
    ExportTo,
    /// The folder that one record is exported to.
    ExportClientTo,
}

/// What kind of dialog that takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file that is there.
    Open,
    /// A file that is not there yet, and how it might be called.
    Save(&'static str),
    /// A folder.
    Folder,
}

impl Pick {
    /// What kind of dialog.
    pub fn kind(self) -> Kind {
        match self {
            Self::KitToSave(KitForm::Pdf) => Kind::Save("recovery-kit.pdf"),
            Self::KitToSave(KitForm::Text) => Kind::Save("recovery-kit.txt"),
            Self::CardToSave => Kind::Save("card.subrosa-card"),
            Self::SealTo => Kind::Save("record.age"),
            Self::KitToRead | Self::CardToAdd | Self::Sealed | Self::Attach => Kind::Open,
            Self::BackupToRead | Self::KitOfBackup => Kind::Open,
            Self::BackupFolder | Self::BackUpInto | Self::SealedCopy | Self::CopyTo => Kind::Folder,
            Self::ImportFrom | Self::ExportTo | Self::ExportClientTo => Kind::Folder,
        }
    }

    /// What stands above the dialog.
    pub fn title(self) -> &'static str {
        match self {
            Self::KitToSave(_) => words::KIT_FILE,
            Self::KitToRead | Self::KitOfBackup => words::RECOVER_FILE,
            Self::BackupToRead => words::RESTORE_FILE,
            Self::CardToAdd => words::ADD_COLLEAGUE,
            Self::CardToSave => words::MAKE_CARD,
            Self::Sealed => words::OPEN_SEALED,
            Self::SealTo => words::SEAL_FILE,
            Self::SealedCopy => words::SEALED_SAVE,
            Self::Attach => words::ATTACH,
            Self::CopyTo => words::SAVE_COPY,
            Self::BackupFolder | Self::BackUpInto => words::BACKUP_FOLDER,
            Self::ImportFrom => words::FOLDER,
            Self::ExportTo | Self::ExportClientTo => words::EXPORT_FOLDER,
        }
    }

    /// What is done with it at once, when nothing else has to be said first.
    pub fn then(self) -> Option<Command> {
        match self {
            Self::KitToSave(form) => Some(Command::WriteKit(form)),
            Self::CardToAdd => Some(Command::AddColleague),
            Self::CardToSave => Some(Command::MakeCard),
            Self::Sealed => Some(Command::OpenSealed),
            Self::SealedCopy => Some(Command::SaveSealed),
            Self::Attach => Some(Command::Attach),
            Self::CopyTo => Some(Command::CopyFile),
            Self::BackupFolder => Some(Command::KeepBackupFolder),
            Self::BackUpInto => Some(Command::BackUp),
            Self::ImportFrom => Some(Command::Import { dry_run: true }),
            Self::ExportTo => Some(Command::Export),
            Self::KitToRead | Self::SealTo | Self::ExportClientTo | Self::BackupToRead | Self::KitOfBackup => None,
        }
    }

    /// The field that what was chosen stands in.
    pub fn field(self, typed: &mut Typed) -> &mut String {
        if self == Self::KitOfBackup { &mut typed.kit_path } else { &mut typed.path }
    }
}

/// What a dialog came to.
pub enum Picked {
    /// This was chosen.
    Path(PathBuf),
    /// Nothing.
    Nothing,
    /// There is no dialog on this system.
    NoDialog,
}
