//! Jobs: everything that the window asks for and does not do itself, because it is slower than a frame or touches the world.
//!
//! An [`Effect`] goes out, [`Event`]s come back. Whoever answers ([`Jobs`]) must answer effects in the order in which
//! they were started: a draft that is saved before the practice is locked must be on disk before the lock.

mod job;

use std::path::PathBuf;

use jiff::civil::Date;
use subrosa_core::backup::Every;
use subrosa_core::id::{ClientId, ColleagueId, DeviceId, DocId, NoteId};
use subrosa_core::record::NoteContent;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::Only;

pub use self::job::Job;
use crate::event::Event;
use crate::kit_paper::KitForm;
use crate::pick::Pick;
use crate::resume::Leaving;
use crate::settings::Settings;

/// Who carries effects out. Neither call may block: the window's thread makes both.
pub trait Jobs {
    /// Starts a job.
    fn start(&mut self, effect: Effect);
    /// What has come back since the last call, oldest first.
    fn poll(&mut self) -> Vec<Event>;
}

/// A job to do. Answered by the events named at each; any may be answered by [`Event::Failed`] instead.
#[non_exhaustive]
pub enum Effect {
    /// Is there a practice on this device? → [`Event::Found`]
    Look,
    /// → [`Event::PracticeCreated`]
    CreatePractice {
        /// The new practice's passphrase.
        passphrase: Passphrase,
    },
    /// Draws a new recovery kit, which counts when it was typed back. → [`Event::KitDrawn`], or [`Event::Refused`] when the
    /// passphrase is wrong
    DrawKit {
        /// Asked again.
        passphrase: Passphrase,
    },
    /// Forgets the new kit that was drawn: the old one goes on counting; no answer.
    ForgetKit,
    /// Writes the recovery kit that [`Event::PracticeCreated`] or [`Event::KitDrawn`] brought. → [`Event::KitWritten`]
    WriteKit {
        /// The kit, as text.
        kit: Passphrase,
        /// Where to.
        file: PathBuf,
        /// As what.
        form: KitForm,
    },
    /// Compares what was typed back with the groups of the recovery kit that are asked for. One that was drawn counts from
    /// then on. → [`Event::KitProven`]
    ProveKit {
        /// As typed.
        typed: Passphrase,
    },
    /// Opens a throw-away practice of made-up people. → [`Event::Unlocked`]
    OpenDemo,
    /// → [`Event::Unlocked`], [`Event::Refused`]; [`Event::Progress`] on the way
    Unlock {
        /// As typed.
        passphrase: Passphrase,
    },
    /// Opens the practice with its recovery kit, and gives it a new passphrase. → [`Event::Unlocked`], [`Event::Failed`]
    Recover {
        /// The recovery line, or the file that it stands in.
        kit: KitSource,
        /// From now on.
        passphrase: Passphrase,
    },
    /// Shows the system's own dialog for a file or folder. → [`Event::Picked`]
    Pick(Pick),
    /// Remember where the therapist was, and forget every key, once the effects before this one are done; no answer.
    Lock(Option<Box<Leaving>>),
    /// → [`Event::Clients`]
    LoadClients,
    /// → [`Event::ClientAdded`]
    AddClient {
        /// Name.
        name: String,
        /// Code, if one was given.
        code: Option<String>,
    },
    /// → [`Event::Timeline`]
    LoadTimeline(ClientId),
    /// A client's page with its private notes. → [`Event::Timeline`], or [`Event::Refused`] of [`Job::Note`]
    ShowPrivate {
        /// Whose.
        client: ClientId,
        /// Asked again.
        passphrase: Passphrase,
    },
    /// Begins an unsigned note. → [`Event::NoteOpened`]
    NewNote {
        /// Whose.
        client: ClientId,
        /// What it begins with.
        content: NoteContent,
        /// For a private note: the passphrase, asked again.
        private: Option<Passphrase>,
    },
    /// Begins an unsigned addendum to a signed note. → [`Event::NoteOpened`]
    NewAddendum {
        /// The signed note.
        to: NoteId,
        /// What it begins with.
        content: NoteContent,
    },
    /// → [`Event::NoteOpened`], or [`Event::Refused`] when the passphrase is wrong
    OpenNote {
        /// Which.
        note: NoteId,
        /// For a private note: the passphrase, asked again.
        private: Option<Passphrase>,
    },
    /// → [`Event::Saved`], only once it is durable
    SaveDraft {
        /// Which.
        note: NoteId,
        /// All of it, as it now is.
        content: NoteContent,
        /// Comes back with the answer, and tells which state is saved.
        revision: u64,
        /// The last [`Event::Merged`] that this text already holds; 0 for none.
        seen: u64,
    },
    /// What would be signed? → [`Event::SignPreview`]
    PreviewSignature(NoteId),
    /// Signs what the last preview showed. → [`Event::Signing`], and [`Event::Signed`] when it can no longer be taken back
    Sign(NoteId),
    /// → [`Event::TakenBack`]
    TakeBack(NoteId),
    /// → [`Event::Versions`]
    LoadHistory(NoteId),
    /// → [`Event::Trash`]
    LoadTrash,
    /// The trash with private notes. → [`Event::Trash`], or [`Event::Refused`] of [`Job::Note`]
    ShowPrivateTrash {
        /// Asked again.
        passphrase: Passphrase,
    },
    /// To the trash: a note, or a client with everything. → [`Event::Deleted`]
    Delete(DocId),
    /// Out of it again. → [`Event::Undeleted`] and [`Event::Trash`]
    Undelete(DocId),
    /// Whether what another device deleted is deleted here too. → [`Event::Trash`]
    AnswerHeld {
        /// The device.
        device: DeviceId,
        /// Yes.
        apply: bool,
    },
    /// → [`Event::Moved`]
    MoveNote {
        /// Which.
        note: NoteId,
        /// To whom.
        to: ClientId,
        /// Why; stands in the signed addendum when the note is signed.
        why: String,
    },
    /// Takes the merges of this client's record back. → [`Event::Unmerged`]
    UnmergeClient(ClientId),
    /// Two records of one person become one. → [`Event::Moved`]
    MergeClients {
        /// This one goes into
        from: ClientId,
        /// this one.
        into: ClientId,
    },
    /// Says, signed, that a signed note was entered in error. → [`Event::NoteOpened`]
    InError {
        /// Which.
        note: NoteId,
        /// Why.
        why: String,
    },
    /// → [`Event::Hits`]
    Search {
        /// As typed.
        query: String,
        /// Comes back with the answer; the answer to an older search is dropped.
        ticket: u64,
    },
    /// → [`Event::Devices`]
    LoadDevices,
    /// → [`Event::Invitation`], then [`Event::DeviceAsks`] when one uses it; [`Event::Refused`] when the passphrase is wrong
    InviteDevice {
        /// Asked again.
        passphrase: Passphrase,
    },
    /// Makes the invitation that is shown worthless; no answer.
    CancelInvitation,
    /// Answers [`Event::DeviceAsks`]. → [`Event::Devices`]
    ConfirmDevice(bool),
    /// Removes a device for good. → [`Event::Devices`], [`Event::DeviceRemoved`], or [`Event::Refused`] when the passphrase
    /// is wrong
    RemoveDevice {
        /// Which.
        device: DeviceId,
        /// Asked again.
        passphrase: Passphrase,
    },
    /// Whether what arrived from a removed device is used. → [`Event::Devices`], [`Event::ApartAnswered`]
    AnswerApart {
        /// The device.
        device: DeviceId,
        /// Yes.
        keep: bool,
    },
    /// Joins a practice from here. → [`Event::Joining`], at last [`Event::Unlocked`]
    JoinDevice {
        /// The words or the text of the other device.
        code: Passphrase,
        /// The passphrase that shall open the practice on this device.
        passphrase: Passphrase,
        /// What this device shall be called.
        name: String,
    },
    /// → [`Event::Colleagues`]
    LoadColleagues,
    /// Keeps the name on one's own card. → [`Event::Colleagues`]
    KeepOwner(String),
    /// Writes one's own card. → [`Event::Written`]
    MakeCard {
        /// Where to.
        file: PathBuf,
    },
    /// → [`Event::Colleagues`]
    AddColleague {
        /// The colleague's card.
        file: PathBuf,
    },
    /// The safety words were compared and agree. → [`Event::Colleagues`]
    WordsAgree(ColleagueId),
    /// → [`Event::Written`]
    SealRecord(Box<SealRequest>),
    /// → [`Event::SealedOpened`]
    OpenSealed {
        /// The sealed record.
        file: PathBuf,
    },
    /// Writes the files of the sealed record that was opened last into a folder. → [`Event::Written`]
    SaveSealed {
        /// Where to.
        dir: PathBuf,
    },
    /// Forgets the sealed record that was opened; no answer.
    CloseSealed,
    /// → [`Event::ImportReport`]; [`Event::Progress`] on the way
    Import {
        /// The folder.
        dir: PathBuf,
        /// Say what would happen, and change nothing.
        dry_run: bool,
    },
    /// Takes the last import back as a whole. → [`Event::ImportUndone`]
    UndoImport,
    /// Writes everything as plain files. → [`Event::Written`]; [`Event::Progress`] on the way
    Export {
        /// An empty folder.
        dir: PathBuf,
        /// One client, or all.
        client: Option<ClientId>,
        /// The passphrase, when private notes shall be among them.
        private: Option<Passphrase>,
    },
    /// → [`Event::PassphraseChanged`], [`Event::Refused`]
    ChangePassphrase {
        /// Until now.
        current: Passphrase,
        /// From now on.
        new: Passphrase,
    },
    /// Keeps where backups go, and how often. → [`Event::Backups`]
    KeepBackups {
        /// The folder.
        folder: Option<PathBuf>,
        /// How often.
        every: Every,
        /// With text that other programs read.
        readable: bool,
    },
    /// Makes one now, between other work. → [`Event::BackedUp`]; [`Event::Progress`] on the way
    BackUp {
        /// Where to; kept for the next.
        folder: PathBuf,
    },
    /// Opens what can still be read of a damaged file as a new one. → [`Event::Unlocked`], [`Event::Repaired`],
    /// [`Event::Checked`]; [`Event::Progress`] on the way
    Salvage {
        /// The practice's.
        passphrase: Passphrase,
        /// A backup that what is lacking comes from, and its kit.
        backup: Option<(PathBuf, KitSource)>,
    },
    /// Makes a practice out of a backup, where there is none. → [`Event::Unlocked`]; [`Event::Progress`] on the way
    Restore {
        /// The backup.
        file: PathBuf,
        /// The recovery line, or the file that it stands in.
        kit: KitSource,
        /// From now on.
        passphrase: Passphrase,
        /// In the place of a file that does not open, which stays beside it.
        instead: bool,
    },
    /// Opens a backup to look into it. → [`Event::BackupOpened`]; [`Event::Progress`] on the way
    OpenBackup {
        /// The backup.
        file: PathBuf,
        /// The recovery line, or the file that it stands in.
        kit: KitSource,
    },
    /// A client's page in the backup that is open. → [`Event::LookedInto`]
    LookInto(ClientId),
    /// A note in it. → [`Event::InsideNote`]
    ReadInside(NoteId),
    /// Brings back what is missing here. → [`Event::BroughtBack`]; [`Event::Progress`] on the way
    BringBack(Only),
    /// Forgets the backup that is open; no answer.
    CloseBackup,
    /// Reads and checks everything. → [`Event::Checked`]; [`Event::Progress`] on the way
    Check,
    /// Makes again what can be made, and checks once more. → [`Event::Repaired`], [`Event::Checked`];
    /// [`Event::Progress`] on the way
    Repair,
    /// → [`Event::Files`]
    LoadFiles(ClientId),
    /// What is attached to a client has changed here: the other devices are told. → [`Event::Files`]
    FilesChanged(ClientId),
    /// → [`Event::Files`]; [`Event::Progress`] on the way
    Attach {
        /// To whom.
        client: ClientId,
        /// The file.
        file: PathBuf,
    },
    /// → [`Event::Pictured`]
    ShowPicture(DocId),
    /// Writes a copy of an attached file into a folder. → [`Event::Written`]; [`Event::Progress`] on the way
    CopyFile {
        /// Which.
        file: DocId,
        /// Where to.
        dir: PathBuf,
    },
    /// The practice is sealed, and the computer may fall asleep; no answer.
    LetSleep,
    /// Nothing of the private notes is on the screen any more: they close, unless they were opened or written in since.
    /// → [`Event::PrivateClosed`]
    ClosePrivate,
    /// Keeps the settings; no answer.
    SaveSettings(Settings),
    /// Stop a job where it stands; what it has not finished is not done. No answer but the job's own.
    Cancel(Job),
}

/// Where a recovery line comes from.
pub enum KitSource {
    /// It was typed.
    Typed(Passphrase),
    /// It stands in this file.
    File(PathBuf),
}

/// What to seal, for whom, and the reasons that become the disclosure entry.
#[derive(Clone, PartialEq, Eq)]
pub struct SealRequest {
    /// Whose record.
    pub client: ClientId,
    /// These notes, or all signed ones when empty.
    pub notes: Vec<NoteId>,
    /// The colleague.
    pub to: ColleagueId,
    /// Why.
    pub purpose: String,
    /// On what basis.
    pub basis: String,
    /// Until when the colleague may keep it.
    pub until: Option<Date>,
    /// Where the sealed record is written.
    pub file: PathBuf,
}
