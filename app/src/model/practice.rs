//! An open practice: its screens, the pages that are shown, and what is under way on them.

use subrosa_core::id::{ClientId, DocId, NoteId};
use subrosa_core::record::Measure;

use crate::features::backup::values::{BackupStatus, OpenedBackup};
use crate::features::check::values::{CheckResult, RepairResult};
use crate::features::colleagues::values::{ColleagueRow, OwnCard, SealedRecord};
use crate::features::devices::values::{DeviceRow, Invitation, RemovedDevice};
use crate::features::exchange::values::ImportReport;
use crate::features::files::values::{Attachment, Picture};
use crate::features::history::values::Version;
use crate::features::kit::values::{Kit, KitStatus};
use crate::features::opening::values::OpenedPractice;
use crate::features::search::values::Hit;
use crate::features::signing::values::{Pending, Preview};
use crate::features::trash::values::Trash;
use crate::model::editor::Editor;
use crate::values::job::{Job, Progress};
use crate::values::moment::Moment;
use crate::values::navigation::{Screen, Tab};
use crate::values::page::{ClientRow, OpenNote, Timeline};
use crate::values::resume::Steps;

/// An open practice.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Practice {
    /// A throw-away practice of made-up people.
    pub demo: bool,
    /// Things to know that nobody asked for, until they are put away.
    pub notices: Vec<String>,
    /// How it stands with the recovery kit's paper; none on a device that has made no kit and used none.
    pub paper: Option<KitStatus>,
    /// The days are over, and since unlocking the kit was neither proven nor said to be lost: this comes before anything else.
    pub kit_first: bool,
    /// Which screen is shown.
    pub screen: Screen,
    /// The list is hidden and only the note is shown.
    pub writing: bool,
    /// The clients, in the order of the list.
    pub clients: Vec<ClientRow>,
    /// Those that the filter lets through, as places in `clients`.
    pub shown: Vec<usize>,
    /// The client whose page is shown, or is being loaded.
    pub selected: Option<ClientId>,
    /// That page.
    pub timeline: Option<Timeline>,
    /// Which part of it.
    pub tab: Tab,
    /// The unsigned note being written.
    pub editor: Option<Editor>,
    /// The signed note being read.
    pub reading: Option<OpenNote>,
    /// What would be signed, once that is known.
    pub preview: Option<Preview>,
    /// Signatures that can still be taken back.
    pub signing: Vec<Waiting>,
    /// The versions of the note that is shown.
    pub history: Option<History>,
    /// The other client, where a note is moved or two records become one.
    pub other: Option<ClientId>,
    /// The files of the selected client; none until they are there.
    pub files: Option<Vec<Attachment>>,
    /// The picture that is looked at.
    pub picture: Option<Picture>,
    /// The file that a copy is to be saved of.
    pub copying: Option<DocId>,
    /// How it stands with backups.
    pub backups: BackupStatus,
    /// What the last check found.
    pub check: Option<CheckResult>,
    /// The backup that is looked into.
    pub inside: Option<OpenedBackup>,
    /// The trash, as it was last asked for.
    pub trash: Trash,
    /// Where the caret should go when the note that is being loaded is there.
    pub caret: Option<usize>,
    /// The steps of undo that come back with the note that is being loaded.
    pub steps: Option<(NoteId, Steps)>,
    /// The search.
    pub search: Search,
    /// The devices.
    pub devices: Vec<DeviceRow>,
    /// Devices that were removed, the last first.
    pub removed: Vec<RemovedDevice>,
    /// Adding a device.
    pub pairing: Pairing,
    /// One's own card.
    pub card: Option<OwnCard>,
    /// The colleagues.
    pub colleagues: Vec<ColleagueRow>,
    /// The sealed record being read.
    pub sealed: Option<SealedRecord>,
    /// What the last import did or would do.
    pub import: Option<ImportReport>,
    /// The recovery kit, until it is proven or put off.
    pub kit: Option<KitPage>,
    /// What was last finished, in words, on the screen where it was asked for.
    pub done: Option<(Job, Done)>,
}

impl Practice {
    /// As it is shown first: the clients, and what came along with them.
    pub(crate) fn new(opened: OpenedPractice) -> Self {
        Self {
            demo: opened.demo,
            notices: opened.warning.into_iter().collect(),
            kit_first: opened.paper.as_ref().is_some_and(|paper| paper.due == Some(0)),
            paper: opened.paper,
            screen: Screen::Clients,
            writing: false,
            clients: opened.clients,
            shown: Vec::new(),
            selected: None,
            timeline: None,
            tab: Tab::Timeline,
            editor: None,
            reading: None,
            preview: None,
            signing: Vec::new(),
            history: None,
            other: None,
            files: None,
            picture: None,
            copying: None,
            backups: opened.backups,
            inside: None,
            check: opened.check,
            trash: Trash::default(),
            caret: None,
            steps: None,
            search: Search::default(),
            devices: opened.devices,
            removed: opened.removed,
            pairing: Pairing::Idle,
            card: None,
            colleagues: Vec::new(),
            sealed: None,
            import: None,
            kit: None,
            done: None,
        }
    }

    /// The list's row for the selected client.
    pub fn selected_row(&self) -> Option<&ClientRow> {
        self.clients.iter().find(|row| Some(row.id) == self.selected)
    }

    /// How this device was removed from the practice, if it was.
    pub fn removed_here(&self) -> Option<&RemovedDevice> {
        self.removed.iter().find(|device| device.this)
    }

    /// Days that are left to prove the recovery kit, if it waits for that.
    pub fn kit_due(&self) -> Option<u32> {
        self.paper.as_ref().and_then(|paper| paper.due)
    }

    /// The measures of the client whose page is shown.
    pub fn measures(&self) -> &[Measure] {
        self.timeline.as_ref().map_or(&[], |timeline| &timeline.measures)
    }
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
    pub note: NoteId,
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

/// Adding a device, step by step.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Pairing {
    /// Not now.
    #[default]
    Idle,
    /// Asking for the passphrase again.
    Again,
    /// Showing words.
    Inviting(Box<Invitation>),
    /// A device of this name has used them.
    Asked(String),
    /// It was let in, and is not in the list yet.
    Adding,
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

/// What was finished.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Done {
    /// A file or folder was written.
    Written,
    /// An import was taken back.
    ImportUndone,
    /// The passphrase was changed; these devices still open with the old one.
    PassphraseChanged(Vec<String>),
    /// A device was added.
    DeviceAdded,
    /// The device of this name was removed.
    DeviceRemoved(String),
    /// What came from a removed device is used, or put away.
    QuarantineAnswered {
        /// It is used.
        kept: bool,
    },
    /// The recovery kit was typed back.
    KitProven,
    /// A new one was, and counts from now on.
    KitReplaced,
    /// A backup was made and tested.
    BackedUp,
    /// So many changes came back from one.
    BroughtBack(u64),
    /// A file was attached.
    Attached,
    /// This went to the trash, and comes back from where it was.
    Deleted(DocId),
    /// The private notes are closed, and what was typed in them is saved.
    PrivateClosed,
    /// Something came back from it.
    Undeleted,
    /// A note or a record has gone to another client.
    Moved,
    /// Merged records are apart again.
    Unmerged,
    /// The practice was repaired.
    Repaired(RepairResult),
}
