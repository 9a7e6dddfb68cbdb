//! Everything that can be done, in one table that feeds the keys, the palette and the page of keys.
//!
//! A [`Command`] is what a screen, a key or the palette asks [`crate::update`] to do. Those that need nothing pointed at stand in
//! [`TABLE`], with their words, their keys and when they make sense; a command that makes no sense now is neither shown nor run.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::features::backup::messages::BackupCommand;
use crate::features::check::messages::CheckCommand;
use crate::features::clients::messages::ClientsCommand;
use crate::features::history::messages::HistoryCommand;
use crate::features::notes::messages::NotesCommand;
use crate::features::notes::state::Editor;
use crate::messages::Command;
use crate::model::{Model, Place};
use crate::values::name_filter::NameFilter;
use crate::values::navigation::{Doomed, FirstRun, Overlay, Private, Screen, Tab};
use crate::words;

/// One row of the table.
pub struct TableEntry {
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
) -> TableEntry {
    TableEntry { command, words, keys, when }
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
pub static TABLE: &[TableEntry] = &[
    entry(Command::Lock, words::LOCK, ctrl(Key::L), may_lock),
    entry(Command::Notes(NotesCommand::New), words::NEW_NOTE, ctrl(Key::N), has_client),
    entry(Command::Open(Overlay::Private(Private::New)), words::NEW_PRIVATE_NOTE, ctrl_shift(Key::N), has_client),
    entry(Command::Open(Overlay::Private(Private::List)), words::PRIVATE_NOTES_ASK, ctrl_shift(Key::P), has_client),
    entry(Command::Open(Overlay::Sign), words::SIGN_ASK, ctrl_shift(Key::Enter), can_sign),
    entry(Command::Notes(NotesCommand::Addendum), words::ADDENDUM, ctrl_shift(Key::A), is_reading),
    entry(Command::History(HistoryCommand::Show(true)), words::HISTORY_ASK, ctrl_shift(Key::H), shows_note),
    entry(Command::Open(Overlay::Delete(Doomed::Note)), words::DELETE_NOTE_ASK, None, shows_note),
    entry(Command::Open(Overlay::Move), words::MOVE_ASK, None, shows_note),
    entry(Command::Open(Overlay::InError), words::IN_ERROR_ASK, None, is_reading),
    entry(Command::Notes(NotesCommand::Split), words::SPLIT, None, is_overlong),
    entry(Command::Notes(NotesCommand::AttachWords), words::ATTACH_WORDS, None, is_overlong),
    entry(Command::Notes(NotesCommand::SelectExcess), words::SELECT_EXCESS, None, is_overlong),
    entry(Command::Clients(ClientsCommand::Show(Tab::Files)), words::FILES_ASK, None, has_client),
    entry(Command::Clients(ClientsCommand::Show(Tab::Particulars)), words::PARTICULARS_ASK, None, has_client),
    entry(Command::Open(Overlay::Merge), words::MERGE_ASK, None, has_client),
    entry(Command::Open(Overlay::Unmerge), words::UNMERGE_ASK, None, is_merged),
    entry(Command::Open(Overlay::Delete(Doomed::Client)), words::DELETE_CLIENT_ASK, None, has_client),
    entry(Command::Clients(ClientsCommand::Find), words::FIND_CLIENT, plain(Key::Slash), is_open),
    entry(Command::Go(Screen::Search), words::SEARCH_NOTES, ctrl(Key::F), is_open),
    entry(Command::Open(Overlay::AddClient), words::ADD_CLIENT_ASK, ctrl_shift(Key::C), is_open),
    entry(Command::Clients(ClientsCommand::Step(1)), words::NEXT_CLIENT, ctrl(Key::ArrowDown), is_open),
    entry(Command::Clients(ClientsCommand::Step(-1)), words::PREVIOUS_CLIENT, ctrl(Key::ArrowUp), is_open),
    entry(Command::Open(Overlay::Seal { colleague: 0 }), words::SEAL_ASK, ctrl_shift(Key::S), can_seal),
    entry(Command::Open(Overlay::Export { private: false }), words::EXPORT_CLIENT_ASK, ctrl_shift(Key::E), has_client),
    entry(Command::Go(Screen::Clients), words::CLIENTS, ctrl(Key::Num1), is_open),
    entry(Command::Go(Screen::Devices), words::DEVICES, ctrl(Key::Num2), is_open),
    entry(Command::Go(Screen::Colleagues), words::COLLEAGUES, ctrl(Key::Num3), is_open),
    entry(Command::Go(Screen::Import), words::IMPORT_EXPORT, ctrl(Key::Num4), is_open),
    entry(Command::Go(Screen::Trash), words::TRASH, ctrl(Key::Num5), is_open),
    entry(Command::Go(Screen::Safety), words::SAFETY, ctrl(Key::Num6), is_open),
    entry(Command::Backup(BackupCommand::Make), words::BACK_UP_NOW, None, is_open),
    entry(Command::Go(Screen::Restore), words::RESTORE_ASK, None, is_open),
    entry(Command::Check(CheckCommand::Run), words::CHECK_NOW, None, is_open),
    entry(Command::Go(Screen::Settings), words::SETTINGS, ctrl(Key::Comma), is_open),
    entry(Command::Go(Screen::WhatIf), words::WHAT_IF, None, is_open),
    entry(Command::Go(Screen::KitAgain), words::KIT_AGAIN, None, has_unproven_kit),
    entry(Command::Open(Overlay::NewKit), words::NEW_KIT, None, may_renew_kit),
    entry(Command::Open(Overlay::NewKeys), words::NEW_KEYS_ASK, None, may_renew_kit),
    entry(Command::Notes(NotesCommand::Writing), words::WRITING_MODE, plain(Key::F11), is_writing),
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
pub fn matching<'a>(model: &'a Model, query: &str) -> impl Iterator<Item = &'static TableEntry> + use<'a> {
    let name_filter = NameFilter::new(query);
    TABLE.iter().filter(move |entry| (entry.when)(model) && name_filter.is_in(entry.words))
}

fn always(_: &Model) -> bool {
    true
}

fn is_open(model: &Model) -> bool {
    model.practice().is_some_and(|practice| practice.screen != Screen::Kit && !practice.kit.first)
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
    model.practice().is_some_and(|practice| practice.screen == Screen::Clients && practice.notes.editor.is_some())
}

fn can_sign(model: &Model) -> bool {
    is_writing(model) && writes(model, |editor| !editor.unreadable && !editor.note.card.overlong)
}

/// Whether more was written in the note that is shown than it holds.
fn is_overlong(model: &Model) -> bool {
    is_writing(model) && writes(model, |editor| editor.note.card.overlong)
}

/// Whether there is a note being written of which this holds.
fn writes(model: &Model, holds: impl FnOnce(&Editor) -> bool) -> bool {
    model.practice().and_then(|practice| practice.notes.editor.as_ref()).is_some_and(holds)
}

fn shows_note(model: &Model) -> bool {
    is_writing(model) || is_reading(model)
}

fn is_reading(model: &Model) -> bool {
    model.practice().is_some_and(|practice| practice.screen == Screen::Clients && practice.notes.reading.is_some())
}

fn can_seal(model: &Model) -> bool {
    has_client(model) && model.practice().is_some_and(|practice| !practice.colleagues.rows.is_empty())
}

fn has_something_to_leave(model: &Model) -> bool {
    let first_run = matches!(
        model.place,
        Place::FirstRun(FirstRun::New | FirstRun::Join(_) | FirstRun::Letters | FirstRun::Restore)
    );
    let inside = model.practice().is_some_and(|practice| {
        practice.notes.editor.is_some()
            || practice.notes.reading.is_some()
            || practice.colleagues.sealed.is_some()
            || practice.writing
            || practice.history.is_some()
            || practice.files.picture.is_some()
            || practice.screen == Screen::Restore
    });
    let locked = matches!(&model.place, Place::Locked(locked) if locked.forgotten || locked.way.is_some());
    model.overlay.is_some() || first_run || inside || locked
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::values::settings::Settings;

    #[test]
    fn no_two_commands_share_keys_or_words() {
        let keys: Vec<String> = TABLE.iter().filter_map(|entry| entry.keys).map(|keys| format!("{keys:?}")).collect();
        let words: Vec<&str> = TABLE.iter().map(|entry| entry.words).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    }

    #[test]
    fn a_locked_window_offers_nothing_of_the_practice() {
        let model = Model::new(Settings::default(), Place::Locked(crate::model::LockedWindow::default()));
        let offered: Vec<&str> = matching(&model, "").map(|entry| entry.words).collect();
        assert_eq!(offered, [words::DISCREET, words::HELP]);
    }
}
