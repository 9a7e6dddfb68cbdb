//! The trash.

use crate::words::count;
use crate::words::fixed::words;

words! {
    DELETE_FILE = "Delete this file?";
    DELETE_NOTE_ASK = "Delete this note…";
    DELETE_SHORT = "Delete…";
    DELETE_CLIENT_SHORT = "Delete client…";
    DELETE_NOTE = "Delete this note?";
    DELETE_CLIENT_ASK = "Delete this client…";
    DELETE_CLIENT = "Delete this client with everything?";
    DELETE_MORE = "It goes to the trash, here and on your other devices, and can be taken out again for 30 days";
    DELETE = "To the trash";
    TRASH = "Trash";
    TRASH_MORE = "What was deleted stays here for 30 days and comes back in one step";
    TRASH_EMPTY = "The trash is empty";
    TRASH_EMPTY_MORE = "Notes and clients that you delete come here first";
    TRASH_PRIVATE = "Private notes in the trash are listed after your passphrase";
    TRASHED = "In the trash. It can be taken out again for 30 days";
    UNDELETE = "Take out";
    UNDELETED = "Back where it was";
    A_CLIENT = "Client";
    A_NOTE = "Note";
    A_MEASURE = "Measures";
    A_FILE = "File";
    SOMETHING = "Entry";
    MASS_DELETION_MORE = "So many at once are only done when you say so. Until then everything stays as it is";
    MASS_DELETION_YES = "Delete them here too";
    MASS_DELETION_NO = "Keep everything";
}

/// `Deleted 19 Nov, 14:00 on Laptop · 12 days left`
pub fn deleted(when: &str, device: &str, left: u64, along: u64) -> String {
    let with = if along > 0 { format!(" · with {}", entries(along)) } else { String::new() };
    format!("Deleted {when} on {device} · {} left{with}", count(left, "day"))
}

fn entries(number: u64) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}

/// `Laptop wants to delete 3 clients, 40 notes and 2 other entries`
pub fn mass_deletion(device: &str, clients: u64, notes: u64, others: u64) -> String {
    let others = if others == 1 { "1 other entry".to_owned() } else { format!("{others} other entries") };
    format!("{device} has deleted {}, {} and {others}", count(clients, "client"), count(notes, "note"))
}
