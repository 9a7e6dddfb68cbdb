//! What stands around every screen: the status bar, the page of safety, what is said everywhere.

use crate::features::notes::values::InMemory;
use crate::values::job::Job;
use crate::words::fixed::words;

words! {
    IMPORT_CUT_OFF = "Locking stopped the import before its end. What had come in by then is here; import the same folder again for the rest, and nothing comes twice";
    EXPORT_CUT_OFF = "Locking stopped the export before its end, so what was written is not complete. Export again into another folder";
    SEAL_CUT_OFF = "Locking stopped the sealing of a record. Nothing was written; seal it again";
    NEVER_SEEN = "not in touch yet";
    WRITTEN = "Written";
    FAULT = "A fault in the program stopped this. Everything that was saved before is safe, and the rest of the program goes on: try it once more";
    LOCKED_BY_FAULT = "A fault in the program stopped what was at work, and the practice was locked. Everything that was saved is safe. What you typed last is kept while this window is open, and is saved once you unlock";
    CLOSING = "Saving what you typed last…";
    NOT_SAVED_TITLE = "Not saved yet";
    NOT_SAVED_MORE = "What you typed last could not be saved. It is kept as long as this window is open, also while it is locked. A note is tried again every few seconds, and a private one once you give your passphrase; a client's particulars wait on the client's page. If you close now, it is lost.";
    STAY = "Stay";
    CLOSE_ANYWAY = "Close and lose it";
    DISMISS = "Put away";
    SAVED = "Saved";
    SAVING = "Saving…";
    NOT_SAVED = "Not saved yet, trying again";
    PRIVATE_NOT_SAVED = "Not saved yet, a private note asks for your passphrase";
    ALL_SAVED = "Everything is saved";
    ONLY_HERE = "only on this device, no backup yet";
    ONLY_YOURS = "only your devices can read this";
    DEMO = "Made-up people. Nothing here is kept";
    DISCREET_ON = "Discreet. F8 shows names and notes again";
    PALETTE_HINT = "What would you like to do?";
    NO_COMMAND = "No command of that name";
    NO_DIALOG = "This system shows no dialog for files. Type the path, or drop the file onto the window";
    CHOOSE = "Choose…";
    HIDE = "Hide";
    STARTING = "One moment…";
    WHAT_IF_TITLE = "What if…";
    STOLEN = "…my laptop is stolen?";
    STOLEN_MORE = "A thief who finds it locked or switched off has a file that cannot be read without your passphrase. Your other devices hold everything; remove the lost one there, so that it gets nothing that you write from then on.";
    FORGOTTEN = "…I forget the passphrase?";
    FORGOTTEN_MORE = "The recovery kit opens the practice and lets you choose a new one, at the locked window. Without the kit and the passphrase nobody can, and neither can we.";
    DEAD = "…the computer dies?";
    DEAD_MORE = "What another device or your last backup holds is safe: a new computer takes it from there. With neither there is no second copy, so set one up soon.";
    DIE = "…I fall ill or die?";
    DIE_MORE = "Tell somebody you trust where the recovery kit lies, in writing, and what you want to happen with the notes";
    DIE_BUTTON = "Seal a record for a colleague";
    STOLEN_BUTTON = "See my devices";
    FORGOTTEN_BUTTON = "Change the passphrase";
    DEAD_BUTTON = "See my copies";
    ADD_DEVICE_BUTTON = "Add a device";
    TO_CLIENTS = "To my clients";
    LOADING = "Opening…";
    SHOW = "Show";
    OPEN = "Open";
    IN_THE_KEYSTORE = "Subrosa: notices an older copy of a practice";
    SAFETY = "Safety";
    SAFETY_MORE = "What stands between your notes and their loss, and how each of it is today";
    SAFETY_COPIES = "Copies";
    SAFETY_COPIES_ALONE = "Everything is on this device alone. If it is lost or breaks, your notes are too: add a second device, or back up to another disk";
    SAFETY_COPIES_BACKED = "Everything up to the last tested backup is there too. What you write after it is on this device alone until the next one; a second device would have it at once";
    SAFETY_KIT = "Recovery kit";
    SAFETY_KIT_NONE = "No kit waits to be proven on this device. The one that was made with the practice opens this device too";
    SAFETY_KIT_MORE = "That the paper can be read is one thing, that a backup can be restored another: each is tested by itself";
    SAFETY_CHECK = "Check of the practice";
    SAFETY_CHECK_MORE = "Reads every stored change, puts every note together but the private ones, and compares every signature. It runs by itself once a week in a quiet moment.";
    SAFETY_WHAT_IF = "What if the laptop is stolen, the passphrase forgotten, the computer dead…";
}

/// What is said after the next unlocking when locking stopped a job of this kind before its end.
pub fn cut_off(job: Job) -> Option<&'static str> {
    let said = [(Job::Import, IMPORT_CUT_OFF), (Job::Export, EXPORT_CUT_OFF), (Job::Seal, SEAL_CUT_OFF)];
    said.into_iter().find(|(of, _)| *of == job).map(|(_, words)| words)
}

/// `1 note`, `3 notes`
pub fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("{number} {one}") } else { format!("{number} {one}s") }
}

/// `Choose… (The backup)`: what a screen reader says of the button beside that field
pub fn choose(what: &str) -> String {
    format!("{CHOOSE} ({what})")
}

/// The button beside a field that can be looked at: its words, and what a screen reader says of it, `Show (The eight words, or the text)`
pub fn reveal(shown: bool, what: &str) -> (&'static str, String) {
    let button = if shown { HIDE } else { SHOW };
    (button, format!("{button} ({what})"))
}

/// `on 2 of 3 devices`
pub fn copies(on: usize, of: usize) -> String {
    format!("on {on} of {of} devices")
}

/// `Everything you have written is on 2 of 3 devices`
pub fn notes_are(copies: &str) -> String {
    format!("Everything you have written is {copies}")
}

/// `Not saved yet, trying again`, `3 notes not saved yet, trying again`
pub fn not_saved(in_memory: InMemory) -> String {
    match in_memory.notes {
        notes if notes == in_memory.private => PRIVATE_NOT_SAVED.to_owned(),
        1 => NOT_SAVED.to_owned(),
        notes => format!("{notes} notes not saved yet, trying again"),
    }
}

/// Why a file was not read or written; its name is not repeated.
pub fn file_failed(why: &str) -> String {
    format!("The file could not be read or written ({why}). Nothing in the practice was changed")
}

/// `812 bytes`, `3.4 MB`: as a file's size is told everywhere.
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => match bytes % unit * 10 / unit {
            0 => format!("{} {name}", bytes / unit),
            tenth => format!("{}.{tenth} {name}", bytes / unit),
        },
        None => count(bytes, "byte"),
    }
}

/// `and 12 more`
pub fn and_more(more: usize) -> String {
    format!("and {more} more")
}

/// The same with a capital at its beginning
pub fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}
