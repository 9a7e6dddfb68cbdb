//! Everything that the window shows, as one plain value.
//!
//! Only [`crate::update`] changes it, except [`Model::typed`]. Locking replaces all of it: nothing that was opened can be reached
//! from a locked model, and a test walks it to see.

mod practice;

use jiff::civil::{Date, DateTime};
use subrosa_core::id::{DeviceId, DocId, NoteId};

pub use self::practice::{Done, History, KitPage, Pairing, Practice, Screen, Search, Tab, Waiting};
use crate::effect::Job;
use crate::event::{InMemory, JoinStep, Progress, Refusal};
use crate::pick::Pick;
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
    /// How much could not be saved and is kept all the same, by whoever carries out the jobs.
    pub in_memory: InMemory,
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
    /// What is done about a damaged file, once that was chosen.
    pub way: Option<Way>,
    /// The person has gone away since a repair began: what it opens is locked at once.
    pub away: bool,
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

impl Locked {
    /// The file is known to be one that no passphrase opens as it is.
    pub fn is_damaged(&self) -> bool {
        self.refusal == Some(Refusal::Damaged) && !self.demo
    }
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
    RemoveDevice(DeviceId),
    /// Put away what came from this removed device?
    Discard(DeviceId),
    /// Make a new recovery kit?
    NewKit,
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
    Note(NoteId),
    /// To list the selected client's.
    List,
    /// To list those in the trash.
    Trash,
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
    /// What a check or a repair came to, in the same way.
    Check,
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
            in_memory: InMemory::default(),
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

    /// Whether a job is at work that has the practice to itself.
    pub fn is_held(&self) -> bool {
        self.busy.iter().any(|(job, _)| job.is_alone())
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
