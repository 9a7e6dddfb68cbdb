//! One client's record as a page for people and as JSON for programs. `docs/export.md` lists the names.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use super::{ExportError, ExportedNote, ProcessNotes};
use crate::id::Hash;
use crate::record::{Identity, Measure, NoteContent};

/// All of one client.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// Who it is.
    pub identity: &'a Identity,
    /// The notes, in any order.
    pub notes: &'a [ExportedNote],
    /// The measures.
    pub measures: &'a [Measure],
}

impl<'a> Record<'a> {
    /// The notes that are meant, by date and hour.
    fn chosen(&self, process: ProcessNotes) -> Vec<&'a ExportedNote> {
        let mut notes: Vec<_> =
            self.notes.iter().filter(|note| !note.process || process == ProcessNotes::Include).collect();
        notes.sort_by_key(|note| (note.content.date, note.content.start));
        notes
    }
}

#[derive(Serialize)]
struct RecordJson<'a> {
    version: u32,
    identity: &'a Identity,
    notes: Vec<NoteJson<'a>>,
    measures: &'a [Measure],
}

#[derive(Serialize)]
struct NoteJson<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    addendum_to: Option<String>,
    process_note: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    entered_in_error: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<SignedJson>,
    #[serde(flatten)]
    content: &'a NoteContent,
}

#[derive(Serialize)]
struct SignedJson {
    hash: String,
    device: String,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    adds_to: Option<String>,
    /// It says that what it adds to was entered in error.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    marks_error: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

impl SignedJson {
    fn of(note: &ExportedNote) -> Option<Self> {
        let (mark, _) = note.signed.as_ref()?;
        let chain = note.chain.as_ref();
        Some(Self {
            hash: mark.hash.to_string(),
            device: mark.device.to_string(),
            time: mark.time.to_string(),
            adds_to: chain.and_then(|chain| chain.adds_to).map(|hash| hash.to_string()),
            marks_error: chain.is_some_and(|chain| chain.entered_in_error),
            key: chain.map(|chain| hex(&chain.key.0)),
            signature: chain.map(|chain| hex(&chain.signature.0)),
        })
    }
}

/// The hashes of notes of which a signed addendum says that they were entered in error.
fn in_error(notes: &[ExportedNote]) -> BTreeSet<Hash> {
    let chains = notes.iter().filter_map(|note| note.chain.as_ref());
    chains.filter(|chain| chain.entered_in_error).filter_map(|chain| chain.adds_to).collect()
}

fn is_in_error(note: &ExportedNote, in_error: &BTreeSet<Hash>) -> bool {
    note.signed.as_ref().is_some_and(|(mark, _)| in_error.contains(&mark.hash))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The record as one JSON document.
pub fn record_json(record: &Record<'_>, process: ProcessNotes) -> Result<String, ExportError> {
    let in_error = in_error(record.notes);
    let notes = record.chosen(process).into_iter().map(|note| NoteJson {
        id: note.id.to_string(),
        addendum_to: note.addendum_to.map(|id| id.to_string()),
        process_note: note.process,
        entered_in_error: is_in_error(note, &in_error),
        signed: SignedJson::of(note),
        content: &note.content,
    });
    let json = RecordJson { version: 1, identity: record.identity, notes: notes.collect(), measures: record.measures };
    serde_json::to_string_pretty(&json).map_err(|_| ExportError::Json)
}

/// The record as one page of Markdown.
pub fn record_markdown(record: &Record<'_>, process: ProcessNotes) -> String {
    let Identity { name, code, birth_date, email, phone, language, status, referral, other } = record.identity;
    let born = birth_date.map(|date| date.to_string()).unwrap_or_default();
    let mut page = format!("# {}\n\n", plain(name));
    let placed = [
        ("Code", code.as_deref().unwrap_or_default()),
        ("Born", &born),
        ("Mail", email),
        ("Telephone", phone),
        ("Language", language),
        ("Status", status),
        ("Referral", referral),
    ];
    let other = other.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (label, value) in placed.into_iter().chain(other).filter(|(_, value)| !value.is_empty()) {
        _ = writeln!(page, "- {}: {}", plain(label), plain(value));
    }
    if !record.measures.is_empty() {
        page.push_str("\n## Measures\n\n| Date | Instrument | Items | Total |\n| --- | --- | --- | --- |\n");
    }
    for Measure { date, instrument, items, total } in record.measures {
        let items = items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        _ = writeln!(page, "| {date} | {} | {items} | {total} |", plain(instrument));
    }
    let in_error = in_error(record.notes);
    record.chosen(process).into_iter().for_each(|note| note_markdown(&mut page, note, is_in_error(note, &in_error)));
    page
}

fn note_markdown(page: &mut String, note: &ExportedNote, in_error: bool) {
    let NoteContent { date, start, minutes, format, session, tags, other, text } = &note.content;
    let apart = if note.process { " (private note, kept apart from the record)" } else { "" };
    _ = write!(page, "\n## {date} {}{apart}\n\n", plain(format));
    let chain = note.chain.as_ref();
    let marks_error = chain.is_some_and(|chain| chain.entered_in_error);
    let placed = [
        ("Start", start.map(|start| start.to_string())),
        ("Minutes", minutes.map(|minutes| minutes.to_string())),
        ("Session", session.map(|session| session.to_string())),
        ("Tags", (!tags.is_empty()).then(|| tags.join(", "))),
        ("Adds to", note.addendum_to.map(|id| id.to_string())),
        ("Note", Some(note.id.to_string())),
        ("Entered in error", in_error.then(|| "yes, as a signed addendum says".to_owned())),
        (
            if marks_error { "Says that this was entered in error" } else { "Adds to SHA-256" },
            chain.and_then(|chain| chain.adds_to).map(|hash| hash.to_string()),
        ),
    ];
    let signed = note.signed.as_ref();
    let signed = signed.map(|(mark, _)| format!("{} on device {}, SHA-256 {}", mark.time, mark.device, mark.hash));
    let placed = placed.into_iter().filter_map(|(label, value)| Some((label, value?)));
    for (label, value) in placed.chain([("Signed", signed.unwrap_or_else(|| "no".to_owned()))]) {
        _ = writeln!(page, "- {label}: {}", plain(&value));
    }
    for (label, value) in other {
        _ = writeln!(page, "- {}: {}", plain(label), plain(value));
    }
    page.push('\n');
    // Two levels down, so that a heading inside a note cannot pass for another note.
    for line in text.lines() {
        let level = line.len() - line.trim_start_matches('#').len();
        let deeper = if (1..=6).contains(&level) { "##" } else { "" };
        _ = writeln!(page, "{deeper}{line}");
    }
}

/// One line of text in which no character is Markdown.
fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => line.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' => line.extend(['\\', c]),
            c => line.push(c),
        }
    }
    line
}
