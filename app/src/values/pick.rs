//! Choosing a file or folder in the system's own dialog, so that no path need be typed. Typing one, or dropping a file onto the
//! window, goes on working: on a system without such a dialog they are the way.

use std::path::PathBuf;

use crate::features::kit::values::KitForm;

/// What a file or folder is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
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
    /// The sync folder.
    SyncFolder,
    /// Where a request to join is written.
    RequestTo,
    /// The answer to it.
    AnswerToRead,
    /// Another device's request to join.
    RequestToRead,
    /// Where the answer to that is written.
    AnswerTo,
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
pub enum DialogKind {
    /// A file that is there.
    Open,
    /// A file that is not there yet, and how it might be called.
    Save(&'static str),
    /// A folder.
    Folder,
}

impl Pick {
    /// What kind of dialog.
    pub fn kind(self) -> DialogKind {
        match self {
            Self::KitToSave(KitForm::Pdf) => DialogKind::Save("recovery-kit.pdf"),
            Self::KitToSave(KitForm::Text) => DialogKind::Save("recovery-kit.txt"),
            Self::CardToSave => DialogKind::Save("card.subrosa-card"),
            Self::SealTo => DialogKind::Save("record.age"),
            Self::RequestTo => DialogKind::Save("request"),
            Self::AnswerTo => DialogKind::Save("answer"),
            Self::AnswerToRead | Self::RequestToRead => DialogKind::Open,
            Self::KitToRead | Self::CardToAdd | Self::Sealed | Self::Attach => DialogKind::Open,
            Self::BackupToRead | Self::KitOfBackup => DialogKind::Open,
            Self::BackupFolder | Self::BackUpInto | Self::SealedCopy | Self::CopyTo => DialogKind::Folder,
            Self::SyncFolder | Self::ImportFrom | Self::ExportTo | Self::ExportClientTo => DialogKind::Folder,
        }
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
