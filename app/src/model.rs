//! Everything that the window shows, as one plain value.
//!
//! Only [`crate::update`] changes it, except [`Model::typed`]. Locking replaces all of it: nothing that was opened can be reached
//! from a locked model, and a test walks it to see.

use jiff::civil::{Date, DateTime};
use subrosa_core::id::{ClientId, DocId, NoteId};
use subrosa_core::record::Measure;

use crate::attached::{Attached, Picture};
use crate::backups::Backups;
use crate::check::{Check, Repaired};
use crate::editor::Editor;
use crate::effect::Job;
use crate::event::{
    ClientRow, ColleagueRow, DeviceRow, Hit, ImportReport, Invitation, JoinStep, Kit, OpenNote, OwnCard, Progress,
    Refusal, SealedRecord, Timeline,
};
use crate::inside::Inside;
use crate::kept::{Held, Pending, Preview, Trashed, Version};
use crate::kit_paper::KitPaper;
use crate::pick::Pick;
use crate::resume::Steps;
use crate::settings::Settings;
use crate::typed::Typed;

/// The whole state of the window.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Model {
    /// What the time is.
    pub now: Moment,
    /// When a key was last pressed or the pointer moved.
    pub touched: Moment,
    /// The settings of this device.
    pub settings: Settings,
    /// Names and texts are veiled.
    pub discreet: bool,
    /// Where the window stands.
    pub place: Place,
    /// What lies over it.
    pub overlay: Option<Overlay>,
    /// Jobs that are not finished, and how far each is.
    pub busy: Vec<(Job, Progress)>,
    /// What went wrong last, until something else is done.
    pub trouble: Option<Trouble>,
    /// What a file or folder is being chosen for.
    pub picking: Option<Pick>,
    /// What is being typed.
    pub typed: Typed,
    /// A field that should take the keyboard in the next frame.
    pub focus: Option<Field>,
    /// The window was told to close.
    pub closing: Option<Closing>,
}

/// What has become of being told to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Closing {
    /// What was typed last is being saved first.
    Saving,
    /// It could not be saved: does the therapist want to stay?
    NotSaved,
    /// Now.
    Now,
}

/// The time, as two clocks: one that never jumps, one that also counts sleep and that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Moment {
    /// Milliseconds of a clock that only goes forward; it may stand still while the machine sleeps.
    pub steady: u64,
    /// The day and time on the wall.
    pub wall: DateTime,
}

impl Moment {
    /// The beginning, before the first tick.
    pub const START: Self = Self { steady: 0, wall: DateTime::constant(2000, 1, 1, 0, 0, 0, 0) };

    /// Milliseconds since an earlier moment: the longer of the two clocks, so that sleep counts.
    pub fn since(self, earlier: Self) -> u64 {
        let wall = self.wall.duration_since(earlier.wall).as_millis();
        self.steady.saturating_sub(earlier.steady).max(u64::try_from(wall).unwrap_or(0))
    }

    /// How many milliseconds more went by on the wall than on the clock that stands still while the machine sleeps.
    pub fn slept_since(self, earlier: Self) -> u64 {
        let wall = u64::try_from(self.wall.duration_since(earlier.wall).as_millis()).unwrap_or(0);
        wall.saturating_sub(self.steady.saturating_sub(earlier.steady))
    }

    /// Today.
    pub fn today(self) -> Date {
        self.wall.date()
    }
}

/// Where the window stands.
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Place {
    /// Looking whether there is a practice.
    Starting,
    /// There is none yet.
    FirstRun(FirstRun),
    /// There is one, and it is locked.
    Locked(Locked),
    /// It is open.
    Open(Box<Practice>),
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
    /// A practice out of a backup.
    Restore,
}

/// All that is known while locked: not one word, and not even whose page was open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Locked {
    /// Why the last try did not open it.
    pub refusal: Option<Refusal>,
    /// The recovery kit is asked for, in place of the passphrase.
    pub forgotten: bool,
    /// The practice is the throw-away one of made-up people.
    pub demo: bool,
}

/// An open practice.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Practice {
    /// A throw-away practice of made-up people.
    pub demo: bool,
    /// Things to know that nobody asked for, until they are put away.
    pub notices: Vec<String>,
    /// How it stands with the recovery kit's paper; none on a device that has made no kit and used none.
    pub paper: Option<KitPaper>,
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
    pub files: Option<Vec<Attached>>,
    /// The picture that is looked at.
    pub picture: Option<Picture>,
    /// The file that a copy is to be saved of.
    pub copying: Option<DocId>,
    /// How it stands with backups.
    pub backups: Backups,
    /// What the last check found.
    pub check: Option<Check>,
    /// The backup that is looked into.
    pub inside: Option<Inside>,
    /// What is in the trash.
    pub trash: Vec<Trashed>,
    /// What other devices have deleted and nobody has agreed to.
    pub held: Vec<Held>,
    /// Where the caret should go when the note that is being loaded is there.
    pub caret: Option<usize>,
    /// The steps of undo that come back with the note that is being loaded.
    pub steps: Option<(NoteId, Steps)>,
    /// The search.
    pub search: Search,
    /// The devices.
    pub devices: Vec<DeviceRow>,
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

/// What the passphrase for private notes is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Private {
    /// To begin one.
    New,
    /// To open this one.
    Note(NoteId),
    /// To list the selected client's.
    List,
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
    /// The recovery kit was typed back.
    KitProven,
    /// A backup was made and tested.
    BackedUp,
    /// So many changes came back from one.
    BroughtBack(u64),
    /// A file was attached.
    Attached,
    /// Something went to the trash.
    Deleted,
    /// Something came back from it.
    Undeleted,
    /// A note or a record has gone to another client.
    Moved,
    /// Merged records are apart again.
    Unmerged,
    /// The practice was repaired.
    Repaired(Repaired),
}

/// Something that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Trouble {
    /// What was being done.
    pub job: Job,
    /// What happened, what is safe, what to do.
    pub why: String,
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
    /// The palette.
    Palette,
    /// Name of a new client.
    Name,
    /// Part of the name of another client.
    Other,
    /// A reason.
    Why,
    /// Part of the recovery kit.
    Kit,
    /// A file or folder.
    Path,
    /// The selected client's row in the list, which is only brought into view.
    Row,
}

impl Default for Model {
    fn default() -> Self {
        Self::new(Settings::default(), Place::Starting)
    }
}

impl Model {
    /// A window that shows nothing of any practice.
    pub fn new(settings: Settings, place: Place) -> Self {
        Self {
            now: Moment::START,
            touched: Moment::START,
            settings,
            discreet: false,
            place,
            overlay: None,
            busy: Vec::new(),
            trouble: None,
            picking: None,
            typed: Typed::default(),
            focus: None,
            closing: None,
        }
    }

    /// The open practice, if it is open.
    pub fn practice(&self) -> Option<&Practice> {
        match &self.place {
            Place::Open(practice) => Some(practice),
            _ => None,
        }
    }

    /// The open practice, if it is open.
    pub(crate) fn practice_mut(&mut self) -> Option<&mut Practice> {
        match &mut self.place {
            Place::Open(practice) => Some(practice),
            _ => None,
        }
    }

    /// How far a job is, if it is at work.
    pub fn progress(&self, job: Job) -> Option<Progress> {
        self.busy.iter().find(|(busy, _)| *busy == job).map(|(_, progress)| *progress)
    }

    /// What went wrong with one of these jobs.
    pub fn trouble_with(&self, jobs: &[Job]) -> Option<&str> {
        self.trouble.as_ref().filter(|trouble| jobs.contains(&trouble.job)).map(|trouble| trouble.why.as_str())
    }

    /// Which screen is shown, if the practice is open.
    pub fn screen(&self) -> Option<Screen> {
        self.practice().map(|practice| practice.screen)
    }
}

impl Practice {
    /// The list's row for the selected client.
    pub fn selected_row(&self) -> Option<&ClientRow> {
        self.clients.iter().find(|row| Some(row.id) == self.selected)
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
