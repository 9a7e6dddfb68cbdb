//! What comes back from jobs, as plain values that the model keeps and the screens draw.
//!
//! None of these types prints what it holds: they carry names and notes.

use crate::features::backup::messages::BackupEvent;
use crate::features::check::messages::CheckEvent;
use crate::features::clients::messages::ClientsEvent;
use crate::features::colleagues::messages::ColleaguesEvent;
use crate::features::devices::messages::DevicesEvent;
use crate::features::exchange::messages::ExchangeEvent;
use crate::features::files::messages::FilesEvent;
use crate::features::history::messages::HistoryEvent;
use crate::features::kit::messages::KitEvent;
use crate::features::letters::messages::LettersEvent;
use crate::features::notes::messages::NotesEvent;
use crate::features::notes::values::InMemory;
use crate::features::opening::messages::OpeningEvent;
use crate::features::opening::values::Refusal;
use crate::features::search::messages::SearchEvent;
use crate::features::settings::messages::SettingsEvent;
use crate::features::signing::messages::SigningEvent;
use crate::features::sync_folder::messages::SyncFolderEvent;
use crate::features::trash::messages::TrashEvent;
use crate::values::job::{Job, Progress};
use crate::values::navigation::Field;
use crate::values::pick::{Pick, Picked};

/// An answer, or news that nobody asked for.
pub enum Event {
    /// A passphrase did not open what it was meant for, or there is nothing sound to open.
    Refused(Job, Refusal),
    /// What the dialog for a file or folder came to.
    Picked(Pick, Picked),
    /// How far a job is: `done` of `total`, in whatever it counts; `total` 0 when that is not known.
    Progress(Job, Progress),
    /// A job came to nothing. The sentence says what happened, what is safe and what to do, and quotes nothing.
    Failed(Job, String),
    /// The same, because of what was typed into this field.
    Unfit(Job, Field, String),
    /// Something arrived from another device: what is shown may have changed.
    Arrived,
    /// How many notes say something that is in memory alone, since it could not be saved.
    InMemory(InMemory),
    /// A file or folder has been written.
    Written(Job),
    /// Something to know that nobody asked for, as a sentence; it stays until it is put away.
    Notice(String),
    /// A fault in the program stopped a job and closed the practice. What was saved is safe; what was not waits for the next
    /// unlocking.
    LockedByFault,
    /// The session of the operating system was locked or is about to sleep.
    Away,
    /// No practice is open: the first run, the locked window, and what opens or locks it.
    Opening(OpeningEvent),
    /// Clients: the list, a page, merged records.
    Clients(ClientsEvent),
    /// Notes: begun, opened, written, moved; private ones for as long as they are open.
    Notes(NotesEvent),
    /// Signatures: shown first, made, taken back.
    Signing(SigningEvent),
    /// The versions of a note.
    History(HistoryEvent),
    /// The trash.
    Trash(TrashEvent),
    /// The search.
    Search(SearchEvent),
    /// Devices: the list, inviting one, joining one, removing one.
    Devices(DevicesEvent),
    /// A device that joins by two files.
    Letters(LettersEvent),
    /// The sync folder.
    SyncFolder(SyncFolderEvent),
    /// The recovery kit.
    Kit(KitEvent),
    /// Backups: made, and what comes back from one.
    Backup(BackupEvent),
    /// Attached files.
    Files(FilesEvent),
    /// Colleagues and sealed records.
    Colleagues(ColleaguesEvent),
    /// Plain files in and out.
    Exchange(ExchangeEvent),
    /// Settings and the passphrase.
    Settings(SettingsEvent),
    /// The check of the practice, and its repair.
    Check(CheckEvent),
}

feature_messages!(Event: Opening(OpeningEvent), Clients(ClientsEvent), Notes(NotesEvent), Signing(SigningEvent), History(HistoryEvent), Trash(TrashEvent), Search(SearchEvent), Devices(DevicesEvent), Letters(LettersEvent), SyncFolder(SyncFolderEvent), Kit(KitEvent), Backup(BackupEvent), Files(FilesEvent), Colleagues(ColleaguesEvent), Exchange(ExchangeEvent), Settings(SettingsEvent), Check(CheckEvent));
