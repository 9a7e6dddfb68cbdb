//! The payload of a note's changes (format §3, *changes*), and fields with a meaning of their own.

use crate::vault::Millis;
use jiff::civil::Date;

use crate::id::NoteId;
use crate::record::NoteContent;

/// Name under which a note that is an addendum says to which note it adds.
pub const ADDENDUM_TO: &str = "addendum_to";

/// The note that this one adds to, when it is an addendum with a document of its own.
pub(crate) fn addendum_to(content: &NoteContent) -> Option<NoteId> {
    content.other.get(ADDENDUM_TO).and_then(|id| id.parse().ok())
}

/// An empty note of this day.
pub fn empty_note(date: Date) -> NoteContent {
    NoteContent {
        date,
        start: None,
        minutes: None,
        format: String::new(),
        session: None,
        tags: Vec::new(),
        other: std::collections::BTreeMap::new(),
        text: String::new(),
    }
}

/// Whole seconds, as Automerge counts them.
pub(crate) fn seconds(now: Millis) -> Option<i64> {
    i64::try_from(now / 1_000).ok()
}
