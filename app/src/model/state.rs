//! What the window knows of each feature while a practice is open.

use subrosa_core::id::{ClientId, DocId};

use crate::features::backup::values::{BackupStatus, OpenedBackup};
use crate::features::clients::values::{Particulars, UnsavedParticulars};
use crate::features::colleagues::values::{ColleagueRow, OwnCard, SealedRecord};
use crate::features::devices::values::{DeviceRow, Invitation, RemovedDevice};
use crate::features::files::values::{Attachment, Picture};
use crate::features::history::values::Version;
use crate::features::kit::values::{Kit, KitStatus};
use crate::features::search::values::Hit;
use crate::features::signing::values::{Pending, Preview};
use crate::model::editor::Editor;
use crate::values::job::Progress;
use crate::values::moment::Moment;
use crate::values::note_ref::NoteRef;
use crate::values::page::{ClientRow, OpenNote};
use crate::values::resume::Steps;

/// The list of clients.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ClientsState {
    /// The clients, in the order of the list.
    pub rows: Vec<ClientRow>,
    /// Those that the filter lets through, as places in `rows`.
    pub shown: Vec<usize>,
    /// The client whose page is shown, or is being loaded.
    pub selected: Option<ClientId>,
    /// The other client, where a note is moved or two records become one.
    pub other: Option<ClientId>,
    /// The particulars of the client whose page is shown, once they are asked for.
    pub particulars: Option<Particulars>,
    /// What was typed into particulars of pages that were left, until it is saved.
    pub unsaved: Vec<UnsavedParticulars>,
}

/// The note on the page.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct NotesState {
    /// The unsigned note being written.
    pub editor: Option<Editor>,
    /// The signed note being read.
    pub reading: Option<OpenNote>,
    /// Where the caret should go when the note that is being loaded is there.
    pub caret: Option<usize>,
    /// The steps of undo that come back with the note that is being loaded.
    pub steps: Option<(NoteRef, Steps)>,
}

/// Signatures.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct SigningState {
    /// What would be signed, once that is known.
    pub preview: Option<Preview>,
    /// Signatures that can still be taken back.
    pub waiting: Vec<Waiting>,
}

/// A signature that can be taken back for a while.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Waiting {
    /// Which, and for how long when it began.
    pub pending: Pending,
    /// When that was.
    pub since: Moment,
}

/// The versions of a note, while they are shown.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct History {
    /// Of which note.
    pub note: NoteRef,
    /// Newest first; none until they are there.
    pub versions: Option<Vec<Version>>,
    /// The one whose changes are shown.
    pub chosen: usize,
}

/// The search and what it found.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Search {
    /// Number of the newest search.
    pub ticket: u64,
    /// Its whole answer has come.
    pub answered: bool,
    /// What it has found.
    pub hits: Vec<Hit>,
    /// How far it is.
    pub looked: Progress,
}

/// The files of the selected client.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct FilesState {
    /// The files; none until they are there.
    pub list: Option<Vec<Attachment>>,
    /// The picture that is looked at.
    pub picture: Option<Picture>,
    /// The file that a copy is to be saved of.
    pub copying: Option<DocId>,
}

/// Backups.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct BackupState {
    /// How it stands with them.
    pub status: BackupStatus,
    /// The backup that is looked into.
    pub opened: Option<OpenedBackup>,
}

/// The devices of the practice.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct DevicesState {
    /// Those that hold it.
    pub rows: Vec<DeviceRow>,
    /// Devices that were removed, the last first.
    pub removed: Vec<RemovedDevice>,
    /// Adding a device.
    pub pairing: Pairing,
}

/// Adding a device, step by step.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Pairing {
    /// Not now.
    #[default]
    Idle,
    /// Asking for the passphrase again.
    Reauth,
    /// Showing words.
    Inviting(Box<Invitation>),
    /// A device of this name has used them.
    Asked(String),
    /// It was let in, and is not in the list yet.
    Adding,
}

/// Colleagues and sealed records.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ColleaguesState {
    /// One's own card.
    pub card: Option<OwnCard>,
    /// The colleagues.
    pub rows: Vec<ColleagueRow>,
    /// The sealed record being read.
    pub sealed: Option<SealedRecord>,
}

/// The recovery kit.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct KitState {
    /// How it stands with its paper; none on a device that has made no kit and used none.
    pub status: Option<KitStatus>,
    /// The days are over, and since unlocking the kit was neither proven nor said to be lost: this comes before anything else.
    pub first: bool,
    /// The recovery kit, until it is proven or put off.
    pub page: Option<KitPage>,
}

/// The recovery kit and what has been done about it.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct KitPage {
    /// The kit.
    pub kit: Kit,
    /// It was written to a file, and whether to the same disk.
    pub written: Option<bool>,
    /// It takes the place of another once these groups of it were typed back; none for the kit of a new practice.
    pub replaces: Option<Vec<u8>>,
}
