//! Everything that can be done, in one table that feeds the keys, the palette and the page of keys.
//!
//! A [`Command`] is what a screen, a key or the palette asks [`crate::update`] to do. Those that need nothing pointed at stand in
//! [`TABLE`], with their words, their keys and when they make sense; a command that makes no sense now is neither shown nor run.

use egui::{Key, KeyboardShortcut, Modifiers};
use subrosa_core::backup::Every;
use subrosa_core::id::{ClientId, ColleagueId, DeviceId, DocId, NoteId};
use subrosa_core::vault::Only;

use crate::effect::Job;
use crate::kit_paper::KitForm;
use crate::model::{Doomed, FirstRun, Model, Moment, Overlay, Place, Private, Screen, Tab, Way};
use crate::pick::Pick;
use crate::settings::Settings;
use crate::wanted::Wanted;
use crate::words;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Time has passed.
    Tick(Moment),
    /// A key was pressed or the pointer moved.
    Touched,
    /// To a step of the first run.
    FirstRun(FirstRun),
    /// Open the practice of made-up people.
    LookAround,
    /// Create a practice with the passphrase that was typed twice.
    Create,
    /// Join with the code that was typed.
    Join,
    /// Write the recovery kit to the file that was typed.
    WriteKit(KitForm),
    /// Compare what was typed back with the recovery kit.
    ProveKit,
    /// The recovery kit is lost.
    KitLost,
    /// Keep the recovery kit for later, or, of a new one, keep the old.
    KitLater,
    /// Show a new recovery kit, with the passphrase that was typed.
    DrawKit,
    /// Open the practice with the passphrase that was typed.
    Unlock,
    /// To the page that opens the practice with the recovery kit, or back from it.
    Forgotten(bool),
    /// Open the practice with the recovery kit, and with a new passphrase from then on.
    Recover,
    /// To a way of mending a damaged file, or back to the choice among them.
    Mend(Option<Way>),
    /// Repair a damaged file with what was typed.
    Salvage,
    /// Ask for the passphrase of a file that was damaged once more.
    TryAgain,
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
    /// To a part of the client's page.
    Show(Tab),
    /// Put something over the screen.
    Open(Overlay),
    /// Take it away, or leave the note that is shown.
    Back,
    /// The filter above the clients was changed.
    Filtered,
    /// Give the keyboard to the filter.
    FindClient,
    /// To a client's page.
    Client(ClientId),
    /// To the client so many rows further down the list.
    Step(i32),
    /// Add the client that was typed.
    AddClient,
    /// A new note for this client.
    NewNote,
    /// To a note.
    Note(NoteId),
    /// To a note that a search found.
    Hit(usize),
    /// Something in the note was changed.
    NoteTyped,
    /// Another template, by its place in [`crate::note_format::FORMATS`].
    Format(usize),
    /// Open a private note, begin one, or list them, with the passphrase that was typed.
    Private,
    /// Sign the note that is being written.
    Sign,
    /// Take a signature back.
    TakeBack(NoteId),
    /// Show the versions of the note that is shown, or stop showing them.
    History(bool),
    /// To one of these versions, by its place.
    Version(usize),
    /// Choose the client that a note is moved to, or that a record is merged with.
    Other(ClientId),
    /// Move the note that is shown to the client that was chosen.
    MoveNote,
    /// Merge the selected client with the one that was chosen.
    Merge,
    /// Take the merges of the selected client back.
    Unmerge,
    /// Put what the overlay names into the trash.
    Delete,
    /// Take something out of the trash.
    Undelete(DocId),
    /// Whether what another device has deleted shall be deleted here too.
    Held(DeviceId, bool),
    /// Say, signed, that the note that is read was entered in error.
    InError,
    /// Begin an addendum to the signed note that is shown.
    Addendum,
    /// Only the note and nothing else, or everything again.
    Writing,
    /// The search was changed.
    Searched,
    /// Ask for the passphrase before a device is invited.
    AskInvite,
    /// Show words with which a device can join.
    Invite,
    /// Stop showing them.
    CancelInvitation,
    /// Whether the device that used them may join.
    Confirm(bool),
    /// Remove the device that the overlay names, with the passphrase that was typed.
    RemoveDevice,
    /// Use what came from a device after it was removed.
    Keep(DeviceId),
    /// Put away what came from the removed device that the overlay names.
    Discard,
    /// Keep the name that colleagues read on one's own card.
    KeepOwner,
    /// Write one's own card.
    MakeCard,
    /// Read a colleague's card.
    AddColleague,
    /// A colleague's safety words agree.
    WordsAgree(ColleagueId),
    /// Seal the record as described.
    Seal,
    /// Open a sealed record.
    OpenSealed,
    /// Write the files of the sealed record that is open into a folder.
    SaveSealed,
    /// Put it away.
    CloseSealed,
    /// Import, or say what an import would do.
    Import {
        /// Change nothing.
        dry_run: bool,
    },
    /// Take the last import back.
    UndoImport,
    /// Write everything as plain files.
    Export,
    /// Write the selected client's record as plain files.
    ExportClient,
    /// Put away a notice, by its place.
    Dismiss(usize),
    /// Stop a job.
    Cancel(Job),
    /// Check the whole practice.
    Check,
    /// Repair what a check found damaged.
    Repair,
    /// Make a backup.
    BackUp,
    /// Keep the folder that was typed or chosen for backups.
    KeepBackupFolder,
    /// How often one is made by itself.
    BackupEvery(Every),
    /// With text that other programs read, or without.
    BackupText(bool),
    /// Make a practice out of the backup that was named.
    Restore,
    /// Open the backup that was named, to look into it.
    OpenBackup,
    /// Forget it.
    CloseBackup,
    /// To a client's page in it, or back to all clients.
    LookInto(Option<ClientId>),
    /// Read a note in it.
    ReadInside(NoteId),
    /// Bring back what is missing here.
    BringBack(Only),
    /// Attach the file that was typed or chosen.
    Attach,
    /// Show a picture, or put it away.
    Picture(Option<DocId>),
    /// Save a copy of an attached file.
    SaveCopy(DocId),
    /// Write that copy into the folder that was typed or chosen.
    CopyFile,
    /// Change settings.
    Set(Settings),
    /// Change the passphrase.
    ChangePassphrase,
    /// Another row of the palette.
    PaletteRow(usize),
    /// Veil all names and texts, or show them again.
    Discreet,
}

/// One row of the table.
pub struct Entry {
    /// What it does.
    pub command: Command,
    /// How it is called.
    pub words: &'static str,
    /// Its keys.
    pub keys: Option<KeyboardShortcut>,
    /// Whether it makes sense now.
    pub when: fn(&Model) -> bool,
}

const fn entry(
    command: Command,
    words: &'static str,
    keys: Option<KeyboardShortcut>,
    when: fn(&Model) -> bool,
) -> Entry {
    Entry { command, words, keys, when }
}

const fn ctrl(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::COMMAND, key))
}

const fn ctrl_shift(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key))
}

const fn plain(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::NONE, key))
}

/// Every command that needs nothing pointed at, in the order of the palette.
pub static TABLE: &[Entry] = &[
    entry(Command::Lock, words::LOCK, ctrl(Key::L), may_lock),
    entry(Command::NewNote, words::NEW_NOTE, ctrl(Key::N), has_client),
    entry(Command::Open(Overlay::Private(Private::New)), words::NEW_PRIVATE_NOTE, ctrl_shift(Key::N), has_client),
    entry(Command::Open(Overlay::Private(Private::List)), words::PRIVATE_NOTES_ASK, ctrl_shift(Key::P), has_client),
    entry(Command::Open(Overlay::Sign), words::SIGN_ASK, ctrl_shift(Key::Enter), can_sign),
    entry(Command::Addendum, words::ADDENDUM, ctrl_shift(Key::A), is_reading),
    entry(Command::History(true), words::HISTORY_ASK, ctrl_shift(Key::H), shows_note),
    entry(Command::Open(Overlay::Delete(Doomed::Note)), words::DELETE_NOTE_ASK, None, shows_note),
    entry(Command::Open(Overlay::Move), words::MOVE_ASK, None, shows_note),
    entry(Command::Open(Overlay::InError), words::IN_ERROR_ASK, None, is_reading),
    entry(Command::Show(Tab::Files), words::FILES_ASK, None, has_client),
    entry(Command::Open(Overlay::Merge), words::MERGE_ASK, None, has_client),
    entry(Command::Open(Overlay::Unmerge), words::UNMERGE_ASK, None, is_merged),
    entry(Command::Open(Overlay::Delete(Doomed::Client)), words::DELETE_CLIENT_ASK, None, has_client),
    entry(Command::FindClient, words::FIND_CLIENT, plain(Key::Slash), is_open),
    entry(Command::Go(Screen::Search), words::SEARCH_NOTES, ctrl(Key::F), is_open),
    entry(Command::Open(Overlay::AddClient), words::ADD_CLIENT_ASK, ctrl_shift(Key::C), is_open),
    entry(Command::Step(1), words::NEXT_CLIENT, ctrl(Key::ArrowDown), is_open),
    entry(Command::Step(-1), words::PREVIOUS_CLIENT, ctrl(Key::ArrowUp), is_open),
    entry(Command::Open(Overlay::Seal { colleague: 0 }), words::SEAL_ASK, ctrl_shift(Key::S), can_seal),
    entry(Command::Open(Overlay::Export { private: false }), words::EXPORT_CLIENT_ASK, ctrl_shift(Key::E), has_client),
    entry(Command::Go(Screen::Clients), words::CLIENTS, ctrl(Key::Num1), is_open),
    entry(Command::Go(Screen::Devices), words::DEVICES, ctrl(Key::Num2), is_open),
    entry(Command::Go(Screen::Colleagues), words::COLLEAGUES, ctrl(Key::Num3), is_open),
    entry(Command::Go(Screen::Import), words::IMPORT_EXPORT, ctrl(Key::Num4), is_open),
    entry(Command::Go(Screen::Trash), words::TRASH, ctrl(Key::Num5), is_open),
    entry(Command::Go(Screen::Safety), words::SAFETY, ctrl(Key::Num6), is_open),
    entry(Command::BackUp, words::BACK_UP_NOW, None, is_open),
    entry(Command::Go(Screen::Restore), words::RESTORE_ASK, None, is_open),
    entry(Command::Check, words::CHECK_NOW, None, is_open),
    entry(Command::Go(Screen::Settings), words::SETTINGS, ctrl(Key::Comma), is_open),
    entry(Command::Go(Screen::WhatIf), words::WHAT_IF, None, is_open),
    entry(Command::Go(Screen::KitAgain), words::KIT_AGAIN, None, has_unproven_kit),
    entry(Command::Open(Overlay::NewKit), words::NEW_KIT, None, may_renew_kit),
    entry(Command::Writing, words::WRITING_MODE, plain(Key::F11), is_writing),
    entry(Command::Discreet, words::DISCREET, plain(Key::F8), always),
    entry(Command::Open(Overlay::Palette { row: 0 }), words::PALETTE, ctrl(Key::K), is_open),
    entry(Command::Open(Overlay::Help), words::HELP, plain(Key::F1), always),
    entry(Command::Back, words::BACK, plain(Key::Escape), has_something_to_leave),
];

/// Keys as they are written on the keyboard.
pub fn keys_in_words(ctx: &egui::Context, keys: &KeyboardShortcut) -> String {
    let (name, sign) = (keys.logical_key.name(), keys.logical_key.symbol_or_name());
    let words = ctx.format_shortcut(keys);
    // Slash and Comma; arrows have signs of their own there.
    if sign.chars().all(|c| c.is_ascii_punctuation()) { words.replace(name, sign) } else { words }
}

/// The keys of a command in the table.
pub fn keys_of(command: Command) -> Option<KeyboardShortcut> {
    TABLE.iter().find(|entry| entry.command == command).and_then(|entry| entry.keys)
}

/// The entries that make sense now and whose words contain every word of `query`.
pub fn matching<'a>(model: &'a Model, query: &str) -> impl Iterator<Item = &'static Entry> + use<'a> {
    let wanted = Wanted::new(query);
    TABLE.iter().filter(move |entry| (entry.when)(model) && wanted.is_in(entry.words))
}

fn always(_: &Model) -> bool {
    true
}

fn is_open(model: &Model) -> bool {
    model.practice().is_some_and(|practice| practice.screen != Screen::Kit && !practice.kit_first)
}

/// The kit that is shown only once must not vanish by a key.
fn may_lock(model: &Model) -> bool {
    model.screen().is_some_and(|screen| screen != Screen::Kit)
}

fn has_unproven_kit(model: &Model) -> bool {
    is_open(model) && model.practice().is_some_and(|practice| practice.kit_due().is_some())
}

fn may_renew_kit(model: &Model) -> bool {
    is_open(model) && model.practice().is_some_and(|practice| practice.removed_here().is_none())
}

fn has_client(model: &Model) -> bool {
    is_open(model) && model.practice().is_some_and(|practice| practice.timeline.is_some())
}

fn is_merged(model: &Model) -> bool {
    let page = model.practice().and_then(|practice| practice.timeline.as_ref());
    is_open(model) && page.is_some_and(|page| !page.merged.is_empty())
}

fn is_writing(model: &Model) -> bool {
    model.practice().is_some_and(|practice| practice.screen == Screen::Clients && practice.editor.is_some())
}

fn can_sign(model: &Model) -> bool {
    is_writing(model)
        && model.practice().and_then(|practice| practice.editor.as_ref()).is_some_and(|editor| !editor.unreadable)
}

fn shows_note(model: &Model) -> bool {
    is_writing(model) || is_reading(model)
}

fn is_reading(model: &Model) -> bool {
    model.practice().is_some_and(|practice| practice.screen == Screen::Clients && practice.reading.is_some())
}

fn can_seal(model: &Model) -> bool {
    has_client(model) && model.practice().is_some_and(|practice| !practice.colleagues.is_empty())
}

fn has_something_to_leave(model: &Model) -> bool {
    let first_run = matches!(model.place, Place::FirstRun(FirstRun::New | FirstRun::Join(_) | FirstRun::Restore));
    let inside = model.practice().is_some_and(|practice| {
        practice.editor.is_some()
            || practice.reading.is_some()
            || practice.sealed.is_some()
            || practice.writing
            || practice.history.is_some()
            || practice.picture.is_some()
            || practice.screen == Screen::Restore
    });
    let locked = matches!(&model.place, Place::Locked(locked) if locked.forgotten || locked.way.is_some());
    model.overlay.is_some() || first_run || inside || locked
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_commands_share_keys_or_words() {
        let keys: Vec<String> = TABLE.iter().filter_map(|entry| entry.keys).map(|keys| format!("{keys:?}")).collect();
        let words: Vec<&str> = TABLE.iter().map(|entry| entry.words).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    }

    #[test]
    fn a_locked_window_offers_nothing_of_the_practice() {
        let model = Model::new(Settings::default(), Place::Locked(crate::model::Locked::default()));
        let offered: Vec<&str> = matching(&model, "").map(|entry| entry.words).collect();
        assert_eq!(offered, [words::DISCREET, words::HELP]);
    }
}
