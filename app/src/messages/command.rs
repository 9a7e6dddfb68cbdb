//! What a screen, a key or the palette asks [`crate::update`] to do.

use crate::features::backup::messages::BackupCommand;
use crate::features::check::messages::CheckCommand;
use crate::features::clients::messages::ClientsCommand;
use crate::features::colleagues::messages::ColleaguesCommand;
use crate::features::damage::messages::DamageCommand;
use crate::features::devices::messages::DevicesCommand;
use crate::features::exchange::messages::ExchangeCommand;
use crate::features::files::messages::FilesCommand;
use crate::features::history::messages::HistoryCommand;
use crate::features::kit::messages::KitCommand;
use crate::features::letters::messages::LettersCommand;
use crate::features::notes::messages::NotesCommand;
use crate::features::opening::messages::OpeningCommand;
use crate::features::search::messages::SearchCommand;
use crate::features::settings::messages::SettingsCommand;
use crate::features::signing::messages::SigningCommand;
use crate::features::sync_folder::messages::SyncFolderCommand;
use crate::features::trash::messages::TrashCommand;
use crate::values::job::Job;
use crate::values::moment::Moment;
use crate::values::navigation::{Overlay, Screen};
use crate::values::pick::Pick;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Time has passed.
    Tick(Moment),
    /// A key was pressed or the pointer moved.
    Touched,
    /// Choose a file or folder.
    Pick(Pick),
    /// Lock it.
    Lock,
    /// The window was told to close.
    Close,
    /// Close although something could not be saved.
    CloseAnyway,
    /// Do not close.
    Stay,
    /// To a screen.
    Go(Screen),
    /// Put something over the screen.
    Open(Overlay),
    /// Take it away, or leave the note that is shown.
    Back,
    /// Put away a notice, by its place.
    Dismiss(usize),
    /// Stop a job.
    Cancel(Job),
    /// Another row of the palette.
    PaletteRow(usize),
    /// Veil all names and texts, or show them again.
    Discreet,
    /// No practice is open: the first run, the locked window, and what opens or locks it.
    Opening(OpeningCommand),
    /// Clients: the list, a page, merged records.
    Clients(ClientsCommand),
    /// Notes: begun, opened, written, moved; private ones for as long as they are open.
    Notes(NotesCommand),
    /// Signatures: shown first, made, taken back.
    Signing(SigningCommand),
    /// The versions of a note.
    History(HistoryCommand),
    /// The trash.
    Trash(TrashCommand),
    /// The search.
    Search(SearchCommand),
    /// Devices: the list, inviting one, joining one, removing one.
    Devices(DevicesCommand),
    /// A device that joins by two files.
    Letters(LettersCommand),
    /// The sync folder.
    SyncFolder(SyncFolderCommand),
    /// The recovery kit.
    Kit(KitCommand),
    /// Backups: made, and what comes back from one.
    Backup(BackupCommand),
    /// Attached files.
    Files(FilesCommand),
    /// Colleagues and sealed records.
    Colleagues(ColleaguesCommand),
    /// Plain files in and out.
    Exchange(ExchangeCommand),
    /// Settings and the passphrase.
    Settings(SettingsCommand),
    /// A file that no passphrase opens.
    Damage(DamageCommand),
    /// The check of the practice, and its repair.
    Check(CheckCommand),
}

feature_messages!(Command: Opening(OpeningCommand), Clients(ClientsCommand), Notes(NotesCommand), Signing(SigningCommand), History(HistoryCommand), Trash(TrashCommand), Search(SearchCommand), Devices(DevicesCommand), Letters(LettersCommand), SyncFolder(SyncFolderCommand), Kit(KitCommand), Backup(BackupCommand), Files(FilesCommand), Colleagues(ColleaguesCommand), Exchange(ExchangeCommand), Settings(SettingsCommand), Damage(DamageCommand), Check(CheckCommand));
