//! An open practice: its screens, the pages that are shown, and what is under way on them.

use subrosa_core::id::DocId;
use subrosa_core::record::Measure;

use crate::features::backup::state::BackupState;
use crate::features::check::values::{CheckResult, RepairResult};
use crate::features::clients::state::ClientsState;
use crate::features::colleagues::state::ColleaguesState;
use crate::features::devices::state::DevicesState;
use crate::features::devices::values::RemovedDevice;
use crate::features::exchange::values::ImportReport;
use crate::features::files::state::FilesState;
use crate::features::history::state::History;
use crate::features::kit::state::KitState;
use crate::features::notes::state::NotesState;
use crate::features::opening::values::OpenedPractice;
use crate::features::search::state::Search;
use crate::features::signing::state::SigningState;
use crate::features::trash::values::Trash;
use crate::values::job::Job;
use crate::values::navigation::{Screen, Tab};
use crate::values::page::{ClientRow, Timeline};

/// An open practice.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Practice {
    /// A throw-away practice of made-up people.
    pub demo: bool,
    /// Things to know that nobody asked for, until they are put away.
    pub notices: Vec<String>,
    /// Which screen is shown.
    pub screen: Screen,
    /// The list is hidden and only the note is shown.
    pub writing: bool,
    /// What was last finished, in words, on the screen where it was asked for.
    pub done: Option<(Job, Done)>,
    /// The list of clients.
    pub clients: ClientsState,
    /// The page of the selected client.
    pub timeline: Option<Timeline>,
    /// Which part of it.
    pub tab: Tab,
    /// The note on the page.
    pub notes: NotesState,
    /// Signatures.
    pub signing: SigningState,
    /// The versions of the note that is shown.
    pub history: Option<History>,
    /// The files of the selected client.
    pub files: FilesState,
    /// The trash, as it was last asked for.
    pub trash: Trash,
    /// The search.
    pub search: Search,
    /// The devices.
    pub devices: DevicesState,
    /// Colleagues and sealed records.
    pub colleagues: ColleaguesState,
    /// What the last import did or would do.
    pub import: Option<ImportReport>,
    /// Backups.
    pub backup: BackupState,
    /// What the last check found.
    pub check: Option<CheckResult>,
    /// The recovery kit.
    pub kit: KitState,
}

impl Practice {
    /// As it is shown first: the clients, and what came along with them.
    pub(crate) fn new(opened: OpenedPractice) -> Self {
        Self {
            demo: opened.demo,
            notices: opened.warning.into_iter().collect(),
            screen: Screen::Clients,
            writing: false,
            done: None,
            clients: ClientsState { rows: opened.clients, unsaved: opened.unsaved, ..ClientsState::default() },
            timeline: None,
            tab: Tab::Timeline,
            notes: NotesState::default(),
            signing: SigningState::default(),
            history: None,
            files: FilesState::default(),
            trash: Trash::default(),
            search: Search::default(),
            devices: DevicesState { rows: opened.devices, removed: opened.removed, ..DevicesState::default() },
            colleagues: ColleaguesState::default(),
            import: None,
            backup: BackupState { status: opened.backups, opened: None },
            check: opened.check,
            kit: KitState {
                first: opened.paper.as_ref().is_some_and(|paper| paper.due == Some(0)),
                status: opened.paper,
                page: None,
            },
        }
    }

    /// The list's row for the selected client.
    pub fn selected_row(&self) -> Option<&ClientRow> {
        self.clients.rows.iter().find(|row| Some(row.id) == self.clients.selected)
    }

    /// Whether this job ended last, and in this way.
    pub fn has_done(&self, job: Job, how: &Done) -> bool {
        self.done.as_ref().is_some_and(|(of, done)| *of == job && done == how)
    }

    /// How this device was removed from the practice, if it was.
    pub fn removed_here(&self) -> Option<&RemovedDevice> {
        self.devices.removed.iter().find(|device| device.this)
    }

    /// Days that are left to prove the recovery kit, if it waits for that.
    pub fn kit_due(&self) -> Option<u32> {
        self.kit.status.as_ref().and_then(|paper| paper.due)
    }

    /// The measures of the client whose page is shown.
    pub fn measures(&self) -> &[Measure] {
        self.timeline.as_ref().map_or(&[], |timeline| &timeline.measures)
    }
}

/// What was finished.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Done {
    /// A file or folder was written.
    Written,
    /// A note goes on in a new one.
    BegunAnew,
    /// An import was taken back.
    ImportUndone,
    /// The passphrase was changed; these devices still open with the old one.
    PassphraseChanged(Vec<String>),
    /// All keys were made new.
    KeysNew,
    /// A device was added.
    DeviceAdded,
    /// The device of this name was let in by a file, and the answer to it is written.
    LetterAnswered(String),
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
