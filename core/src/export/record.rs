//! One client's record as a page for people and as JSON for programs. `docs/export.md` lists the names.

use std::fmt::Write as _;

use serde::Serialize;

use super::{ExportError, ExportedNote, ProcessNotes};
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
}

/// The record as one JSON document.
pub fn record_json(record: &Record<'_>, process: ProcessNotes) -> Result<String, ExportError> {
    let notes = record.chosen(process).into_iter().map(|note| NoteJson {
        id: note.id.to_string(),
        addendum_to: note.addendum_to.map(|id| id.to_string()),
        process_note: note.process,
        signed: note.signed.as_ref().map(|(mark, _)| SignedJson {
            hash: mark.hash.to_string(),
            device: mark.device.to_string(),
            time: mark.time.to_string(),
        }),
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
    record.chosen(process).into_iter().for_each(|note| note_markdown(&mut page, note));
    page
}

fn note_markdown(page: &mut String, note: &ExportedNote) {
    let NoteContent { date, start, minutes, format, session, tags, other, text } = &note.content;
    let apart = if note.process { " (private note, kept apart from the record)" } else { "" };
    _ = write!(page, "\n## {date} {}{apart}\n\n", plain(format));
    let placed = [
        ("Start", start.map(|start| start.to_string())),
        ("Minutes", minutes.map(|minutes| minutes.to_string())),
        ("Session", session.map(|session| session.to_string())),
        ("Tags", (!tags.is_empty()).then(|| tags.join(", "))),
        ("Adds to", note.addendum_to.map(|id| id.to_string())),
        ("Note", Some(note.id.to_string())),
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
