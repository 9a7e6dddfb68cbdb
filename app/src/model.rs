//! Everything that the window shows, as one plain value.
//!
//! Only [`crate::update`] changes it, except [`Model::typed`]. Locking replaces all of it: nothing that was opened can be reached
//! from a locked model, and a test walks it to see.

mod practice;
pub mod typed;

use crate::features::notes::values::InMemory;
use crate::features::opening::values::Refusal;
use crate::model::typed::Typed;
use crate::values::job::{Job, Progress};
use crate::values::moment::Moment;
use crate::values::navigation::{Field, FirstRun, Overlay, Screen, Way};
use crate::values::pick::Pick;
use crate::values::settings::Settings;

pub use self::practice::{Done, Practice};

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

/// Where the window stands.
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Place {
    /// Looking whether there is a practice.
    Starting,
    /// There is none yet.
    FirstRun(FirstRun),
    /// There is one, and it is locked.
    Locked(LockedWindow),
    /// It is open.
    Open(Box<Practice>),
}

/// All that is known while locked: not one word, and not even whose page was open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct LockedWindow {
    /// Why the last try did not open it.
    pub refusal: Option<Refusal>,
    /// The recovery kit is asked for, in place of the passphrase.
    pub forgotten: bool,
    /// The practice is the throw-away one of made-up people.
    pub demo: bool,
    /// A fault in the program closed the practice.
    pub fault: bool,
    /// What is done about a damaged file, once that was chosen.
    pub way: Option<Way>,
    /// The person has gone away since a repair began: what it opens is locked at once.
    pub away: bool,
}

impl LockedWindow {
    /// The file is known to be one that no passphrase opens as it is.
    pub fn is_damaged(&self) -> bool {
        self.refusal == Some(Refusal::Damaged) && !self.demo
    }
}

/// Something that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Trouble {
    /// What was being done.
    pub job: Job,
    /// The field whose text it is about: it is said beside it.
    pub field: Option<Field>,
    /// Nothing went wrong: the field has another text now, and somebody is to agree.
    pub is_offer: bool,
    /// What happened, what is safe, what to do.
    pub why: String,
}

impl Trouble {
    /// Something that went wrong, and is about no one field.
    pub fn new(job: Job, why: String) -> Self {
        Self { job, field: None, is_offer: false, why }
    }
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
            Place::Starting | Place::FirstRun(_) | Place::Locked(_) => None,
        }
    }

    /// The open practice, if it is open.
    pub(crate) fn practice_mut(&mut self) -> Option<&mut Practice> {
        match &mut self.place {
            Place::Open(practice) => Some(practice),
            Place::Starting | Place::FirstRun(_) | Place::Locked(_) => None,
        }
    }

    /// How far a job is, if it is at work.
    pub fn progress(&self, job: Job) -> Option<Progress> {
        self.busy.iter().find(|(busy, _)| *busy == job).map(|(_, progress)| *progress)
    }

    /// Whether a job is at work that has the practice to itself.
    pub fn is_exclusive_job_running(&self) -> bool {
        self.busy.iter().any(|(job, _)| job.is_alone())
    }

    /// What went wrong with one of these jobs, where it is about no one field.
    pub fn trouble_with(&self, jobs: &[Job]) -> Option<&str> {
        let trouble = self.trouble.as_ref().filter(|trouble| trouble.field.is_none() && jobs.contains(&trouble.job));
        trouble.map(|trouble| trouble.why.as_str())
    }

    /// What is wrong with the text of this field.
    pub fn trouble_at(&self, field: Field) -> Option<&str> {
        let trouble = self.trouble.as_ref().filter(|trouble| trouble.field == Some(field) && !trouble.is_offer);
        trouble.map(|trouble| trouble.why.as_str())
    }

    /// What is offered in this field, in place of what was typed.
    pub fn offer_at(&self, field: Field) -> Option<&str> {
        let offer = self.trouble.as_ref().filter(|trouble| trouble.field == Some(field) && trouble.is_offer);
        offer.map(|offer| offer.why.as_str())
    }

    /// Which screen is shown, if the practice is open.
    pub fn screen(&self) -> Option<Screen> {
        self.practice().map(|practice| practice.screen)
    }
}
