//! Where one can go in the window, and what can lie over it.

use subrosa_core::id::{DeviceId, DocId};

use crate::features::devices::values::JoinStep;
use crate::values::note_ref::NoteRef;

/// The screens of an open practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Screen {
    /// The recovery kit.
    Kit,
    /// The recovery kit, typed back on a later day.
    KitAgain,
    /// What if …
    WhatIf,
    /// The clients, and the page of one.
    Clients,
    /// Search.
    Search,
    /// Devices.
    Devices,
    /// Colleagues and sealed records.
    Colleagues,
    /// Bringing in and taking out plain files.
    Import,
    /// What was deleted.
    Trash,
    /// Copies and backups, the recovery kit, the check of the practice, and what to do if.
    Safety,
    /// What comes back from a backup.
    Restore,
    /// Settings.
    Settings,
}

/// The parts of a client's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Tab {
    /// Notes, newest first.
    Timeline,
    /// Measures over time.
    Measures,
    /// Attached files.
    Files,
    /// Who the client is, and how to reach them.
    Particulars,
}

/// The steps before there is a practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum FirstRun {
    /// What would you like to do?
    Welcome,
    /// Choosing a passphrase.
    New,
    /// Joining another device, and how far that is.
    Join(Option<JoinStep>),
    /// Joining it by two files.
    Letters,
    /// A practice out of a backup.
    Restore,
}

/// What can be done about a damaged file besides repairing it from itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Way {
    /// Repair it, and take what is lacking from a backup.
    FromBackup,
    /// Go on with a backup in its place.
    Instead,
}

/// What lies over the screen, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Overlay {
    /// Every command, by its words.
    Palette {
        /// The row that Enter runs.
        row: usize,
    },
    /// Every command with its keys.
    Help,
    /// Add a client.
    AddClient,
    /// Sign this note?
    Sign,
    /// Which client does this note belong to?
    Move,
    /// Which client is the same person?
    Merge,
    /// Are the merged records two persons after all?
    Unmerge,
    /// To the trash?
    Delete(Doomed),
    /// Remove this device?
    RemoveDevice {
        /// Which.
        device: DeviceId,
        /// It is at hand and only not used any more.
        retired: bool,
    },
    /// Put away what came from this removed device?
    Discard(DeviceId),
    /// Make a new recovery kit?
    NewKit,
    /// Make all keys new?
    NewKeys,
    /// Why was it entered in error?
    InError,
    /// The passphrase for private notes.
    Private(Private),
    /// Write the selected client's record as plain files.
    Export {
        /// Private notes are asked for too.
        private: bool,
    },
    /// Seal the selected client's record.
    Seal {
        /// The place of the chosen colleague in the list.
        colleague: usize,
    },
}

/// What is asked to go to the trash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Doomed {
    /// The note that is shown.
    Note,
    /// The selected client, with everything.
    Client,
    /// An attached file.
    File(DocId),
}

/// What the passphrase for private notes is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Private {
    /// To begin one.
    New,
    /// To open this one.
    Note(NoteRef),
    /// To list the selected client's.
    List,
    /// To list those in the trash.
    Trash,
}

/// Fields that a command can give the keyboard to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Field {
    /// The passphrase.
    Passphrase,
    /// The filter above the clients.
    Filter,
    /// The search.
    Query,
    /// The text of the note.
    Note,
    /// The text of the note, in which another device has just written: only the caret is put back in its place.
    Merged,
    /// What is too much in the text of the note, which is selected.
    Excess,
    /// The palette.
    Palette,
    /// Name of a new client.
    Name,
    /// Part of the name of another client.
    Other,
    /// A reason.
    Why,
    /// The recovery line, or part of it.
    Kit,
    /// The file that holds a recovery kit, where another file is named too.
    KitFile,
    /// The words or the text that another device shows.
    Code,
    /// A file or folder.
    Path,
    /// The selected client's row in the list, which is only brought into view.
    Row,
    /// What a check or a repair came to, in the same way.
    Check,
}
