//! Notes, private ones too.

use jiff::civil::Date;

use crate::words::fixed::words;

words! {
    MOVE_ASK = "Move this note to another client…";
    MOVE_SHORT = "Wrong client…";
    MOVE_TITLE = "Which client does it belong to?";
    MOVE_MORE = "An unsigned note moves there. A signed one stays where it is, is marked there as entered in error, and is copied here as an unsigned note.";
    MOVE = "Move the note";
    MOVED = "Done. It stands here now";
    WHY = "Why";
    WHY_HINT = "Begun on the wrong client";
    NO_NOTES = "Nothing written yet";
    NO_NOTES_MORE = "New note begins with today and the template that you used last";
    UNSIGNED = "unsigned";
    IMPORTED = "imported";
    SIGNED = "signed";
    ADDENDUM_NOUN = "addendum";
    PRIVATE_NOTE = "Private note";
    PRIVATE_CLOSED = "Kept apart from the record. Asks for your passphrase";
    MIN = "min";
    TAGS = "Tags";
    NOTE_LABEL = "Note";
    NOTE_HINT = "Write here. ## begins a heading, ** makes bold, - begins a list";
    UNREADABLE = "The date is written 2026-11-21, the start 14:00, the length in minutes. Until then the last readable value stays";
    CLOSE_NOTE = "Close";
    PRIVATE_TITLE = "Private note";
    PRIVATE_MORE = "Kept apart from the record and left out of everything that you seal or export, unless you ask for it. Your passphrase opens it.";
    PRIVATE_LIST = "Private notes";
    PRIVATE_OVER = "Private notes were closed, as nothing was written in them for five minutes. Private notes… opens them again";
    OVERLONG = "longer than a note can be";
    OVERLONG_BESIDE = "more was written than it holds";
    OVERLONG_KEPT = "Kept on this device, not in the note yet";
    OVERLONG_MORE = "This is longer than a note can be (4 MiB). All of it is kept on this device, sealed. The note stays as it was saved last, here, on other devices and in backups, until you shorten this, split it, or attach it.";
    OVERLONG_SIGNED = "More was written here than a note can hold, before the note was signed on another device. It is kept on this device alone until you make notes of it, or attach it.";
    OVERLONG_SHOWN = "\nMore was written in this note than it can hold (4 MiB). That is kept on this device, and is not shown here: open the note in the window.\n";
    SPLIT = "Split into several notes";
    SPLIT_SIGNED = "Make notes of it";
    ATTACH_WORDS = "Attach all of it as a file";
    SELECT_EXCESS = "Select what is too much";
    BEGUN_ANEW = "So much was written and deleted in this note that it goes on in a new one, with the same text. Its earlier versions lie in the trash";
    SAVE_ASKS = "What you typed last in a private note is kept here, and is not saved yet. Give your passphrase to save it.";
    SAVE_ASKED = "Give the passphrase…";
}

/// `Note 2026-11-30.md`: what a note that is longer than one can be is called as a file
pub fn overlong_file(day: Date) -> String {
    format!("Note {day}.md")
}

/// `Written on Laptop while you signed`
pub fn written_on(device: &str) -> String {
    format!("Written on {device} while you signed")
}
