//! One note file as a note. Knows no file system: bytes and a name are given.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use subrosa_record::NoteContent;

use super::front_matter::{self, FrontMatter, Value};
use super::text::{self, Read};
use super::{ImportedNote, ProblemKind, SignedMark};
use crate::folder_format;

/// Reads a note. `None` when it cannot be taken; the problems say why. `folder` is the client that the file lies with.
pub(super) fn read(bytes: &[u8], source: &str, folder: Option<&str>) -> (Option<ImportedNote>, Vec<ProblemKind>) {
    let mut problems = Vec::new();
    let text = decoded(bytes, &mut problems);
    let cut = front_matter::cut(&text);
    let front = cut.as_ref().map_or_else(FrontMatter::default, |cut| front_matter::read(cut.front));
    let is_unread = !front.unread.is_empty() || (cut.is_none() && text.starts_with("---\n"));
    // What says anywhere that it is kept apart stays apart, even where its front matter cannot be read.
    let mentioned = is_unread && text.contains("process_note");
    if is_unread {
        problems.push(ProblemKind::UnreadableFrontMatter);
    }
    let body = match cut {
        Some(cut) if !is_unread => Some(cut.body.to_owned()),
        Some(cut) if !front.fields.is_empty() => Some(format!("---\n{}---\n\n{}", front.unread, cut.body)),
        // All of it, as it stands.
        _ => None,
    };
    let mut fields = Fields::sorted(front.fields, problems);
    let inside = fields.text("client");
    if let (Some(inside), Some(folder)) = (&inside, folder)
        && inside != folder
    {
        fields.problems.push(ProblemKind::TwoClients);
    }
    let client = inside.or_else(|| folder.map(str::to_owned));
    let signed = fields.signed();
    let (note_id, addendum_to) = (fields.parsed("note_id"), fields.parsed("addendum_to"));
    let process = fields.process() || mentioned;
    let day = fields.with("date", day_and_time);
    let date = day.map(|(date, _)| date).or_else(|| date_of_name(source));
    let start = fields.with("start", time).or_else(|| day.and_then(|(_, time)| time));
    let (minutes, session) = (fields.parsed("minutes"), fields.parsed("session"));
    let (format, tags) = (fields.text("format").unwrap_or_default(), fields.tags());
    let (other, mut problems) = fields.rest();
    let (Some(client), Some(date)) = (client.clone(), date) else {
        problems.push(if client.is_none() { ProblemKind::UnknownClient } else { ProblemKind::NoDate });
        return (None, problems);
    };
    let content = NoteContent { date, start, minutes, format, session, tags, other, text: body.unwrap_or(text) };
    let source = source.to_owned();
    (Some(ImportedNote { client, source, process, note_id, addendum_to, signed, content }), problems)
}

/// The text, without the line ends of another system: when the first line ends in CR LF, all of them are made LF.
fn decoded(bytes: &[u8], problems: &mut Vec<ProblemKind>) -> String {
    let (text, read) = text::of_file(bytes);
    problems.extend(problem_of(read));
    if text.contains('\0') {
        problems.push(ProblemKind::HoldsNul);
    }
    match text.find('\n') {
        Some(end) if text.get(..end).is_some_and(|line| line.ends_with('\r')) => text.replace("\r\n", "\n"),
        _ => text,
    }
}

/// What the report says about how a text was read.
pub(super) fn problem_of(read: Read) -> Option<ProblemKind> {
    match read {
        Read::Utf8 | Read::Utf16 => None,
        Read::Windows1252 => Some(ProblemKind::NotUtf8),
        Read::BrokenUtf16 => Some(ProblemKind::BrokenUtf16),
    }
}

/// The day of [`day_and_time`].
pub(super) fn date(written: &str) -> Option<Date> {
    day_and_time(written).map(|(date, _)| date)
}

/// A date as ISO 8601 writes it, with or without a time, or with day, month and year between dots, which is how spreadsheets in
/// half of Europe write it back. Dates with slashes are not guessed at: 3/4 is a day in March or in April.
fn day_and_time(written: &str) -> Option<(Date, Option<Time>)> {
    let written = written.trim();
    if let Some(read) = subrosa_base::time::day_and_time(written) {
        return Some(read);
    }
    let mut parts = written.split('.');
    let (day, month, year) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Some((Date::new(year.parse().ok()?, month, day).ok()?, None))
}

fn time(written: &str) -> Option<Time> {
    let written = written.trim();
    written.parse().or_else(|_| format!("0{written}").parse()).ok()
}

fn date_of_name(source: &str) -> Option<Date> {
    source.rsplit('/').next()?.get(..10)?.parse().ok()
}

/// Puts a value under its name, or under the next free `name (2)`: nothing replaces what is there.
pub(super) fn keep(other: &mut BTreeMap<String, String>, name: &str, value: String) -> bool {
    let mut free = name.to_owned();
    let mut count = 1_u32;
    while other.contains_key(&free) {
        count += 1;
        free = format!("{name} ({count})");
    }
    other.insert(free, value);
    count == 1
}

/// Front matter, sorted into what a note has a place for and what it has not.
struct Fields {
    known: BTreeMap<String, Value>,
    other: BTreeMap<String, String>,
    problems: Vec<ProblemKind>,
}

impl Fields {
    fn sorted(fields: Vec<(String, Value)>, problems: Vec<ProblemKind>) -> Self {
        let mut sorted = Self { known: BTreeMap::new(), other: BTreeMap::new(), problems };
        for (written, value) in fields {
            let name = folder_format::field_name(&written);
            match value {
                Value::Map(pairs) if name == "other" => {
                    pairs.into_iter().for_each(|(name, text)| sorted.keep(&name, text));
                }
                value if name == "other" || !folder_format::NOTE_FIELDS.contains(&name.as_str()) => {
                    sorted.keep(&written, as_written(value));
                }
                value if sorted.known.contains_key(&name) => {
                    sorted.problems.push(ProblemKind::FieldTwice);
                    keep(&mut sorted.other, &written, as_written(value));
                }
                value => _ = sorted.known.insert(name, value),
            }
        }
        sorted
    }

    fn keep(&mut self, name: &str, value: String) {
        if !keep(&mut self.other, name, value) {
            self.problems.push(ProblemKind::FieldTwice);
        }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.known.remove(name).map(as_written).filter(|text| !text.is_empty())
    }

    /// Reads a field, or keeps it as written among the other fields and says so.
    fn with<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let written = self.text(name)?;
        let value = read(&written);
        if value.is_none() {
            self.problems.push(ProblemKind::FieldNotUnderstood);
            keep(&mut self.other, name, written);
        }
        value
    }

    fn parsed<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.with(name, |written| written.trim().parse().ok())
    }

    /// An answer that cannot be understood keeps the note apart: the safe side for what may be a process note.
    fn process(&mut self) -> bool {
        if !self.known.contains_key("process_note") {
            return false;
        }
        let answer = self.with("process_note", |written| match written.to_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        });
        answer.unwrap_or(true)
    }

    /// All three parts of a signature's mark or none: parts of one are kept as written.
    fn signed(&mut self) -> Option<SignedMark> {
        let names = ["signed_hash", "signed_device", "signed_time"];
        let [hash, device, time] = names.map(|name| self.text(name).unwrap_or_default());
        if let (Ok(hash), Ok(device), Ok(time)) = (hash.parse(), device.parse(), time.parse()) {
            return Some(SignedMark { hash, device, time });
        }
        for (name, written) in names.into_iter().zip([hash, device, time]).filter(|(_, written)| !written.is_empty()) {
            self.problems.push(ProblemKind::FieldNotUnderstood);
            keep(&mut self.other, name, written);
        }
        None
    }

    fn tags(&mut self) -> Vec<String> {
        match self.known.remove("tags") {
            None => Vec::new(),
            Some(Value::List(tags)) => tags,
            Some(Value::Text(text)) => {
                text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
            }
            Some(value) => {
                self.problems.push(ProblemKind::FieldNotUnderstood);
                keep(&mut self.other, "tags", as_written(value));
                Vec::new()
            }
        }
    }

    fn rest(self) -> (BTreeMap<String, String>, Vec<ProblemKind>) {
        (self.other, self.problems)
    }
}

fn as_written(value: Value) -> String {
    match value {
        Value::Text(text) | Value::Deeper(text) => text,
        Value::List(items) => items.join(", "),
        Value::Map(pairs) => {
            pairs.into_iter().map(|(name, text)| format!("{name}: {text}")).collect::<Vec<_>>().join("\n")
        }
    }
}
