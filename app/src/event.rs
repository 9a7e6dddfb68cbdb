//! What comes back from jobs, as plain values that the model keeps and the screens draw.
//!
//! None of these types prints what it holds: they carry names and notes.

mod page;

use jiff::civil::{Date, DateTime, Time};
use subrosa_core::id::{ClientId, ColleagueId, DeviceId, DocId, NoteId};
use subrosa_core::record::{Measure, NoteContent};

pub use self::page::{Addendum, ClientRow, NoteCard, NoteState, OpenNote, Timeline};
use crate::attached::{Attached, Picture};
use crate::backups::Backups;
use crate::check::{Check, Repaired};
use crate::effect::Job;
use crate::inside::Inside;
use crate::kept::{Pending, Preview, Trash, Version};
use crate::kit_paper::KitPaper;
use crate::pick::{Pick, Picked};
use crate::removed::RemovedDevice;
use crate::resume::Resume;
use crate::settings::Settings;
use crate::typed::Secret;

/// An answer, or news that nobody asked for.
#[non_exhaustive]
pub enum Event {
    /// Whether there is a practice on this device.
    Found(Found),
    /// The practice exists and is open; its recovery kit has to be kept.
    PracticeCreated(Box<Opened>, Box<Kit>),
    /// A new recovery kit, and the groups of it that are to be typed back before it counts.
    KitDrawn(Box<Kit>, Vec<u8>),
    /// The recovery kit is written.
    KitWritten {
        /// The file lies on the disk that also holds the practice.
        same_disk: bool,
    },
    /// The practice is open.
    Unlocked(Box<Opened>),
    /// A passphrase did not open what it was meant for, or there is nothing sound to open.
    Refused(Job, Refusal),
    /// What the dialog for a file or folder came to.
    Picked(Pick, Picked),
    /// How far a job is: `done` of `total`, in whatever it counts; `total` 0 when that is not known.
    Progress(Job, Progress),
    /// A job came to nothing. The sentence says what happened, what is safe and what to do, and quotes nothing.
    Failed(Job, String),
    /// The clients, in the order of the list.
    Clients(Vec<ClientRow>),
    /// A client was added.
    ClientAdded(ClientRow),
    /// A client's page.
    Timeline(Box<Timeline>),
    /// A note to read or write.
    NoteOpened(Box<OpenNote>),
    /// A draft is durable.
    Saved {
        /// Which.
        note: NoteId,
        /// As given in [`Effect::SaveDraft`](crate::effect::Effect::SaveDraft).
        revision: u64,
        /// When.
        at: Time,
    },
    /// Another device wrote in the note that is being edited: this is the text of both. Taken only when nothing is being
    /// typed; what was typed meanwhile is saved as an edit of what had been seen, and the text of both comes again.
    Merged {
        /// Which.
        note: NoteId,
        /// What it says now.
        content: NoteContent,
        /// To be named by the next [`Effect::SaveDraft`](crate::effect::Effect::SaveDraft), once it is on the screen.
        seen: u64,
    },
    /// Something arrived from another device: what is shown may have changed.
    Arrived,
    /// What *Sign* would sign.
    SignPreview(Box<Preview>),
    /// A note is signed unless that is taken back in time.
    Signing(Pending),
    /// A signature was taken back: the note is unsigned again.
    TakenBack(NoteId),
    /// A note is signed.
    Signed(NoteId),
    /// The versions of a note, newest first.
    Versions(NoteId, Vec<Version>),
    /// The trash as it now is.
    Trash(Trash),
    /// Something came back out of it, and whether that is a client.
    Undeleted(DocId, bool),
    /// Something went to the trash.
    Deleted(DocId),
    /// A note or a record now belongs to this client; the note, if it was one.
    Moved(ClientId, Option<NoteId>),
    /// What a search has found until now, or in the end.
    Hits {
        /// As given with the search.
        ticket: u64,
        /// Best first.
        hits: Vec<Hit>,
        /// How far the search is, while it goes on.
        looked: Option<Progress>,
    },
    /// The devices, how far each is, and those that were removed.
    Devices(Vec<DeviceRow>, Vec<RemovedDevice>),
    /// The device of this name was removed.
    DeviceRemoved(String),
    /// What lay apart of a removed device is used, or put away.
    ApartAnswered {
        /// It is used.
        kept: bool,
    },
    /// A device can now join with this.
    Invitation(Box<Invitation>),
    /// A device has used the invitation and calls itself so.
    DeviceAsks {
        /// Its name.
        name: String,
    },
    /// How far joining is.
    Joining(JoinStep),
    /// One's own card and the colleagues.
    Colleagues(Box<OwnCard>, Vec<ColleagueRow>),
    /// The files of a client, newest first.
    Files(ClientId, Vec<Attached>),
    /// A file was attached to this client, or nothing was because it was stopped.
    Attached(ClientId, bool),
    /// A picture to look at.
    Pictured(Picture),
    /// What a check found.
    Checked(Box<Check>),
    /// What a repair did.
    Repaired(Repaired),
    /// A client's record is as many as were merged in it.
    Unmerged(ClientId),
    /// How many notes say something that is in memory alone, since it could not be saved.
    InMemory(InMemory),
    /// The time for which the passphrase opened the private notes is almost over.
    /// [`ClosePrivate`](crate::effect::Effect::ClosePrivate) ends it, and saving a private note prolongs it.
    PrivateClosing,
    /// It is over.
    PrivateClosed,
    /// How it stands with backups.
    Backups(Box<Backups>),
    /// A backup was begun, by itself or because it was asked for.
    BackingUp,
    /// How it stands after one ended, and whether it was made.
    BackedUp(Box<Backups>, bool),
    /// What is in a backup.
    BackupOpened(Box<Inside>),
    /// A client's page in it.
    LookedInto(Box<Timeline>),
    /// A note in it.
    InsideNote(Box<OpenNote>),
    /// What was missing here has come back from it: so many changes.
    BroughtBack(u64),
    /// A file or folder has been written.
    Written(Job),
    /// A sealed record from a colleague.
    SealedOpened(Box<SealedRecord>),
    /// What an import did, or would do.
    ImportReport(Box<ImportReport>),
    /// The last import is taken back.
    ImportUndone,
    /// The passphrase is changed on this device.
    PassphraseChanged {
        /// Names of the devices that still open with the old one.
        others: Vec<String>,
    },
    /// Whether what was typed back agrees with the recovery kit.
    KitProven(bool),
    /// Something to know that nobody asked for, as a sentence; it stays until it is put away.
    Notice(String),
    /// The session of the operating system was locked or is about to sleep.
    Away,
}

/// What there is on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No practice yet.
    Nothing,
    /// A practice, locked.
    Practice,
}

/// Why a practice or a private note did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
#[non_exhaustive]
pub enum Refusal {
    /// The passphrase is not the right one.
    WrongPassphrase,
    /// The file is damaged; no passphrase opens it as it is.
    Damaged,
    /// Another window or command has the practice open.
    InUse,
    /// The practice was written by a newer version.
    Newer,
}

/// Notes whose last words could not be saved. They are kept while the program runs, and tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct InMemory {
    /// All of them.
    pub notes: usize,
    /// Those that wait for the passphrase.
    pub private: usize,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Progress {
    /// Done so far.
    pub done: u64,
    /// Of so many; 0 when that is not known.
    pub total: u64,
}

impl Progress {
    /// Between 0 and 1, when it can be known.
    pub fn fraction(self) -> Option<f32> {
        #[expect(clippy::cast_possible_truncation, reason = "a progress bar is narrower than the precision of f32")]
        (self.total > 0).then(|| (self.done as f64 / self.total as f64).clamp(0.0, 1.0) as f32)
    }
}

/// Everything that the first screen after unlocking needs.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Opened {
    /// The clients, in the order of the list.
    pub clients: Vec<ClientRow>,
    /// The devices.
    pub devices: Vec<DeviceRow>,
    /// Devices that were removed.
    pub removed: Vec<RemovedDevice>,
    /// The settings that were kept.
    pub settings: Settings,
    /// A throw-away practice of made-up people; every screen says so.
    pub demo: bool,
    /// Something to know about where the practice lies, such as a folder that a cloud service copies.
    pub warning: Option<String>,
    /// How it stands with the recovery kit's paper; none on a device that has made no kit and used none.
    pub paper: Option<KitPaper>,
    /// How it stands with backups.
    pub backups: Backups,
    /// What the last check found.
    pub check: Option<Check>,
    /// Signatures that can still be taken back.
    pub pending: Vec<Pending>,
    /// Where the therapist was when it locked.
    pub resume: Option<Resume>,
}

/// The recovery kit, once.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Kit {
    /// The whole kit as text.
    pub text: Secret,
}

/// One place where a search found something.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Hit {
    /// Whose note.
    pub client: ClientId,
    /// The client's name.
    pub name: String,
    /// The note, or none when the client's name was found.
    pub note: Option<NoteId>,
    /// Day of the note.
    pub date: Option<Date>,
    /// The text before what was found.
    pub before: String,
    /// What was found.
    pub found: String,
    /// The text after it.
    pub after: String,
}

/// One device that holds the practice.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct DeviceRow {
    /// Which.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
    /// The one that this window runs on.
    pub this: bool,
    /// Name of the device that added it; none for the first.
    pub added_by: Option<String>,
    /// When it was added.
    pub added: Option<Date>,
    /// When it was last in touch.
    pub last_seen: Option<DateTime>,
    /// How many notes it has not acknowledged; none when it has never been in touch.
    pub behind: Option<u32>,
    /// It has been in the practice for longer than this one.
    pub elder: bool,
}

/// With which another device can join, once and for a few minutes.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Invitation {
    /// Eight words, to be read aloud.
    pub words: Secret,
    /// The same with the address, to be copied.
    pub text: Secret,
    /// Until when.
    pub until: Time,
}

/// How far joining is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum JoinStep {
    /// Looking for the other device.
    Looking,
    /// The other device asks its owner.
    Asking,
    /// Receiving, newest first.
    Receiving(Progress),
}

/// One's own card.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct OwnCard {
    /// The name on it, once it was given.
    pub name: Option<String>,
    /// The words to compare, aloud.
    pub words: String,
}

/// A colleague whose card is here.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ColleagueRow {
    /// Which.
    pub id: ColleagueId,
    /// As written on the card.
    pub name: String,
    /// The words to compare, aloud.
    pub words: String,
    /// They were compared and agree.
    pub compared: bool,
}

/// A record that a colleague has sealed for us: to read, never merged.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct SealedRecord {
    /// Name of the colleague, as it is in our own list; none when the signature is sound but the card is not here.
    pub from: Option<String>,
    /// Their safety words were compared.
    pub compared: bool,
    /// The name that the sender writes.
    pub sender: String,
    /// The sender's safety words.
    pub words: String,
    /// When it was sealed.
    pub sealed: Date,
    /// Why.
    pub purpose: String,
    /// On what basis.
    pub basis: String,
    /// Until when it may be kept.
    pub until: Option<Date>,
    /// The client's name.
    pub client: String,
    /// The notes, newest first.
    pub notes: Vec<NoteContent>,
    /// Measures.
    pub measures: Vec<Measure>,
}

/// What an import did, or would do.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ImportReport {
    /// Nothing was changed yet.
    pub dry_run: bool,
    /// New clients.
    pub clients: u64,
    /// New notes.
    pub notes: u64,
    /// New measures.
    pub measures: u64,
    /// Rows and files that were already here.
    pub unchanged: u64,
    /// What was not understood: a sentence for each, with file and line, never quoting a note.
    pub not_understood: Vec<String>,
}
