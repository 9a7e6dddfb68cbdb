//! Jobs: everything that the window asks for and does not do itself, because it is slower than a frame or touches the world.
//!
//! An [`Effect`] goes out, events come back. Whoever answers must answer effects in the order in which they were started: a
//! draft that is saved before the practice is locked must be on disk before the lock.

use crate::features::backup::messages::BackupEffect;
use crate::features::check::messages::CheckEffect;
use crate::features::clients::messages::ClientsEffect;
use crate::features::colleagues::messages::ColleaguesEffect;
use crate::features::damage::messages::DamageEffect;
use crate::features::devices::messages::DevicesEffect;
use crate::features::exchange::messages::ExchangeEffect;
use crate::features::files::messages::FilesEffect;
use crate::features::history::messages::HistoryEffect;
use crate::features::kit::messages::KitEffect;
use crate::features::letters::messages::LettersEffect;
use crate::features::notes::messages::NotesEffect;
use crate::features::opening::messages::OpeningEffect;
use crate::features::search::messages::SearchEffect;
use crate::features::settings::messages::SettingsEffect;
use crate::features::signing::messages::SigningEffect;
use crate::features::sync_folder::messages::SyncFolderEffect;
use crate::features::trash::messages::TrashEffect;
use crate::values::job::Job;
use crate::values::pick::Pick;

/// A job to do. Answered by the events named at each; any may be answered by `Event::Failed` instead.
pub enum Effect {
    /// Shows the system's own dialog for a file or folder. → `Event::Picked`
    Pick(Pick),
    /// Stop a job where it stands; what it has not finished is not done. No answer but the job's own.
    Cancel(Job),
    /// No practice is open: the first run, the locked window, and what opens or locks it.
    Opening(OpeningEffect),
    /// Clients: the list, a page, merged records.
    Clients(ClientsEffect),
    /// Notes: begun, opened, written, moved; private ones for as long as they are open.
    Notes(NotesEffect),
    /// Signatures: shown first, made, taken back.
    Signing(SigningEffect),
    /// The versions of a note.
    History(HistoryEffect),
    /// The trash.
    Trash(TrashEffect),
    /// The search.
    Search(SearchEffect),
    /// Devices: the list, inviting one, joining one, removing one.
    Devices(DevicesEffect),
    /// A device that joins by two files.
    Letters(LettersEffect),
    /// The sync folder.
    SyncFolder(SyncFolderEffect),
    /// The recovery kit.
    Kit(KitEffect),
    /// Backups: made, and what comes back from one.
    Backup(BackupEffect),
    /// Attached files.
    Files(FilesEffect),
    /// Colleagues and sealed records.
    Colleagues(ColleaguesEffect),
    /// Plain files in and out.
    Exchange(ExchangeEffect),
    /// Settings and the passphrase.
    Settings(SettingsEffect),
    /// A file that no passphrase opens.
    Damage(DamageEffect),
    /// The check of the practice, and its repair.
    Check(CheckEffect),
}

impl Effect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Pick(_) => Job::Pick,
            Self::Cancel(job) => *job,
            Self::Opening(effect) => effect.job(),
            Self::Clients(effect) => effect.job(),
            Self::Notes(effect) => effect.job(),
            Self::Signing(effect) => effect.job(),
            Self::History(effect) => effect.job(),
            Self::Trash(effect) => effect.job(),
            Self::Search(effect) => effect.job(),
            Self::Devices(effect) => effect.job(),
            Self::Letters(effect) => effect.job(),
            Self::SyncFolder(effect) => effect.job(),
            Self::Kit(effect) => effect.job(),
            Self::Backup(effect) => effect.job(),
            Self::Files(effect) => effect.job(),
            Self::Colleagues(effect) => effect.job(),
            Self::Exchange(effect) => effect.job(),
            Self::Settings(effect) => effect.job(),
            Self::Damage(effect) => effect.job(),
            Self::Check(effect) => effect.job(),
        }
    }
}

feature_messages!(Effect: Opening(OpeningEffect), Clients(ClientsEffect), Notes(NotesEffect), Signing(SigningEffect), History(HistoryEffect), Trash(TrashEffect), Search(SearchEffect), Devices(DevicesEffect), Letters(LettersEffect), SyncFolder(SyncFolderEffect), Kit(KitEffect), Backup(BackupEffect), Files(FilesEffect), Colleagues(ColleaguesEffect), Exchange(ExchangeEffect), Settings(SettingsEffect), Damage(DamageEffect), Check(CheckEffect));
