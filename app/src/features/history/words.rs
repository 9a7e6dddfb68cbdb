//! The versions of a note.

use crate::words::fixed::words;
use crate::words::{DATE, MINUTES, SESSION_NUMBER, START, TEMPLATE, count};

words! {
    HISTORY = "History";
    HISTORY_ASK = "History of this note…";
    HISTORY_MORE = "Newest first. What is underlined came in, what is struck out went away";
    HISTORY_NONE = "No earlier version is known";
    BACK_TO_NOTE = "Back to the note";
    FINGERPRINT = "SHA-256 of what was signed";
    WAS_IMPORTED = "Imported";
    WAS_BEGUN_ANEW = "Begun anew, in place of a note that took no more; its versions lie in the trash. Written";
    WAS_WRITTEN = "Written";
    WAS_SIGNED = "Signed";
    WAS_ADDED = "Addendum, signed";
    WAS_IN_ERROR = "Entered in error, signed";
    WAS_LATE = "Written elsewhere while it was signed, not signed yet";
    WAS_OTHER = "Changed";
    UNKNOWN_TIME = "at an unknown time";
}

/// `12 words came in, 3 went away`
pub fn words_changed(added: u64, removed: u64) -> String {
    match (added, removed) {
        (0, 0) => "no word changed".to_owned(),
        (added, 0) => format!("{} came in", count(added, "word")),
        (0, removed) => format!("{} went away", count(removed, "word")),
        (added, removed) => format!("{} came in, {removed} went away", count(added, "word")),
    }
}

/// What a therapist calls a field of a note; one that an import brought has the name it had there.
pub fn field_name(name: &str) -> &str {
    match name {
        "date" => DATE,
        "start" => START,
        "minutes" => MINUTES,
        "format" => TEMPLATE,
        "session" => SESSION_NUMBER,
        own => own.strip_prefix("other.").unwrap_or(own),
    }
}

/// `Minutes: 50 → 60`
pub fn field_changed(name: &str, before: &str, after: &str) -> String {
    format!("{name}: {before} → {after}")
}
