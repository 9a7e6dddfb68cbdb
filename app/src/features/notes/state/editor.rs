//! The unsigned note being written, and when to save it.
//!
//! Saving is decided here, from times that are given: 300 ms after the last key, or 1 s after the first one that is not on its
//! way yet. *Saved* is said only of a revision that the store has acknowledged.

use jiff::civil::{Date, Time};
use subrosa_core::id::ClientId;
use subrosa_core::record::NoteContent;

use crate::features::notes::state::NoteFields;
use crate::values::moment::Moment;
use crate::values::note_ref::NoteRef;
use crate::values::page::{NoteState, OpenNote};

/// Save when nothing was typed for so long.
const IDLE_MS: u64 = 300;
/// Save at the latest so long after the first unsaved key.
const LATEST_MS: u64 = 1_000;
/// Try again so long after saving failed.
const RETRY_MS: u64 = 5_000;

/// An unsigned note on the screen. Its text is in [`NoteFields`].
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Editor {
    /// As it was opened.
    pub note: OpenNote,
    /// `SOAP`, `DAP` …, as chosen since.
    pub format: String,
    /// What the fields say is no date, time or length: it is not saved until it is one.
    pub unreadable: bool,
    /// Counts the changes.
    revision: u64,
    /// The newest change that a job is saving.
    sent: u64,
    /// The newest change that is durable.
    durable: u64,
    /// The last text of both that is on the screen.
    seen: u64,
    /// When the first change was made that is not on its way.
    first: Option<Moment>,
    /// When the last change was made.
    last: Moment,
    /// When saving last failed.
    failed: Option<Moment>,
    /// When the note was last saved.
    saved_at: Option<Time>,
}

/// Whether what is on the screen is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveState {
    /// All of it, as it was opened.
    Unchanged,
    /// All of it, since then.
    Saved(Time),
    /// Not yet.
    Saving,
    /// All of it, beside the note, which cannot hold it.
    Overlong,
    /// Saving failed, and will be tried again.
    Failed,
}

impl Editor {
    /// Puts a note into the editor and its text into the fields.
    pub fn open(note: OpenNote, fields: &mut NoteFields) -> Self {
        fields.text.clone_from(&note.content.text);
        fields.date = note.content.date.to_string();
        fields.start = note.content.start.map(|start| start.strftime("%H:%M").to_string()).unwrap_or_default();
        fields.minutes = note.content.minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
        let seen = note.seen;
        Self {
            format: note.content.format.clone(),
            note,
            unreadable: false,
            revision: 0,
            sent: 0,
            durable: 0,
            seen,
            first: None,
            last: Moment::START,
            failed: None,
            saved_at: None,
        }
    }

    /// Which note.
    pub fn id(&self) -> NoteRef {
        self.note.card.id
    }

    /// Whose note.
    pub fn client(&self) -> ClientId {
        self.note.client
    }

    /// Something was typed.
    pub fn typed(&mut self, now: Moment) {
        self.note.card.state = NoteState::Unsigned;
        self.revision += 1;
        self.last = now;
        self.first.get_or_insert(now);
    }

    /// Whether it is time to save.
    pub fn due(&self, now: Moment) -> bool {
        let Some(first) = self.first else { return false };
        let waited = self.failed.is_none_or(|failed| now.since(failed) >= RETRY_MS);
        let quiet = now.since(self.last) >= IDLE_MS || now.since(first) >= LATEST_MS;
        self.sent == self.durable && waited && quiet
    }

    /// Whether something is typed that no job has been given.
    pub fn unsent(&self) -> bool {
        self.first.is_some()
    }

    /// Takes what there is to save: the content and its revision.
    pub fn take_draft(&mut self, fields: &NoteFields) -> (NoteContent, u64) {
        self.first = None;
        self.failed = None;
        self.sent = self.revision;
        (self.content(fields), self.revision)
    }

    /// The last text of both that is on the screen.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether something that is on the screen is not on the disk.
    pub fn is_ahead(&self) -> bool {
        self.unsent() || self.sent != self.durable || self.unreadable
    }

    /// Shows what this and another device wrote, if nothing of what is on the screen is still to be saved. The caret stays
    /// at its place in the text.
    pub fn merge(&mut self, content: NoteContent, seen: u64, fields: &mut NoteFields) {
        self.reopen(OpenNote { content, seen, ..self.note.clone() }, fields);
    }

    /// The note has been read once more. What is on the screen stays there while it is ahead of what was read; otherwise the
    /// caret does.
    pub fn reopen(&mut self, note: OpenNote, fields: &mut NoteFields) {
        if self.is_ahead() {
            return;
        }
        let caret = carried(fields.caret, &fields.text, &note.content.text);
        let kept = (self.revision, self.sent, self.durable, self.saved_at);
        *self = Self::open(note, fields);
        (self.revision, self.sent, self.durable, self.saved_at) = kept;
        fields.caret = caret;
    }

    /// A revision is durable: in the note, or beside it because it is more than a note holds.
    pub fn saved(&mut self, revision: u64, at: Time, overlong: bool) {
        self.durable = self.durable.max(revision);
        self.saved_at = Some(at);
        self.note.card.overlong = overlong;
    }

    /// The note goes on in another one; what is on the screen stays.
    pub fn go_on(&mut self, note: OpenNote) {
        let content = self.note.content.clone();
        self.seen = note.seen;
        self.note = OpenNote { content, ..note };
    }

    /// Saving failed: everything since the last durable revision waits to be saved again.
    pub fn save_failed(&mut self, now: Moment) {
        self.sent = self.durable;
        self.first.get_or_insert(now);
        self.failed = Some(now);
    }

    /// Whether what is on the screen is on the disk.
    pub fn state(&self) -> SaveState {
        match self.saved_at {
            _ if self.failed.is_some() => SaveState::Failed,
            _ if self.revision > self.durable => SaveState::Saving,
            _ if self.note.card.overlong => SaveState::Overlong,
            Some(at) => SaveState::Saved(at),
            None => SaveState::Unchanged,
        }
    }

    /// The note as the fields now say. A date, time or length that is none keeps its last readable value.
    pub fn content(&mut self, fields: &NoteFields) -> NoteContent {
        let date = fields.date.trim().parse::<Date>();
        let start = optional(&fields.start, |text| Time::strptime("%H:%M", text).ok());
        let minutes = optional(&fields.minutes, |text| text.parse().ok());
        self.unreadable = date.is_err() || start.is_none() || minutes.is_none();
        let content = &mut self.note.content;
        content.date = date.unwrap_or(content.date);
        content.start = start.unwrap_or(content.start);
        content.minutes = minutes.unwrap_or(content.minutes);
        content.format.clone_from(&self.format);
        content.text.clone_from(&fields.text);
        content.clone()
    }
}

/// Where a caret goes when one text becomes another: what stands before it, up to the first difference, stays before it.
fn carried(caret: usize, old: &str, new: &str) -> usize {
    let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
    if caret <= same {
        return caret;
    }
    let (old_length, new_length) = (old.chars().count(), new.chars().count());
    new_length.saturating_sub(old_length.saturating_sub(caret)).max(same)
}

/// Reads a field that may be empty: `Some(None)` when it is, `None` when it holds nothing readable.
#[expect(clippy::option_option, reason = "absent and unreadable are different answers")]
fn optional<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    let text = text.trim();
    if text.is_empty() { Some(None) } else { read(text).map(Some) }
}
