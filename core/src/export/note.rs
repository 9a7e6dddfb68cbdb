//! One note as a file: its name, its front matter, its text.

use std::fmt::Write as _;

use super::ExportedNote;
use crate::folder_format;
use crate::record::NoteContent;

/// `<date> <format>.md`, with a number behind it when `is_free` refuses the name. Of the format only letters and digits
/// of ASCII are taken, so that the name is one on every system.
pub(super) fn file_name(content: &NoteContent, mut is_free: impl FnMut(&str) -> bool) -> String {
    let format: String = content.format.chars().filter(char::is_ascii_alphanumeric).take(24).collect();
    let format = if format.is_empty() { "Note".to_owned() } else { format };
    let mut name = format!("{} {format}.md", content.date);
    let mut count = 1_u32;
    while !is_free(&name) {
        count += 1;
        name = format!("{} {format} ({count}).md", content.date);
    }
    name
}

/// The file. After the front matter comes one blank line, then the text, exactly.
pub(super) fn file(client: &str, note: &ExportedNote) -> String {
    let content = &note.content;
    let mut front = vec![("client", quoted(client)), ("date", quoted(&content.date.to_string()))];
    front.extend(content.start.map(|start| ("start", quoted(&start.to_string()))));
    front.extend(content.minutes.map(|minutes| ("minutes", minutes.to_string())));
    front.extend((!content.format.is_empty()).then(|| ("format", quoted(&content.format))));
    front.extend(content.session.map(|session| ("session", session.to_string())));
    let tags: Vec<_> = content.tags.iter().map(|tag| quoted(tag)).collect();
    front.extend((!tags.is_empty()).then(|| ("tags", format!("[{}]", tags.join(", ")))));
    front.push(("note_id", quoted(&note.id.to_string())));
    front.extend(note.addendum_to.map(|id| ("addendum_to", quoted(&id.to_string()))));
    front.extend(note.process.then(|| ("process_note", "true".to_owned())));
    if let Some((mark, _)) = &note.signed {
        front.push(("signed_hash", quoted(&mark.hash.to_string())));
        front.push(("signed_device", quoted(&mark.device.to_string())));
        front.push(("signed_time", quoted(&mark.time.to_string())));
    }
    if let Some(chain) = &note.chain {
        front.extend(chain.adds_to.map(|hash| ("adds_to_hash", quoted(&hash.to_string()))));
        front.extend(chain.entered_in_error.then(|| ("entered_in_error", "true".to_owned())));
    }
    let mut file = String::from("---\n");
    for (name, value) in front {
        _ = writeln!(file, "{name}: {value}");
    }
    // A name that a field of ours has, such as the date that could not be read, would stand there twice.
    let (inner, plain): (Vec<_>, Vec<_>) = content
        .other
        .iter()
        .partition(|(name, _)| folder_format::NOTE_FIELDS.contains(&folder_format::field_name(name).as_str()));
    for (name, value) in plain {
        _ = writeln!(file, "{}: {}", quoted(name), quoted(value));
    }
    if !inner.is_empty() {
        file.push_str("other:\n");
    }
    for (name, value) in inner {
        _ = writeln!(file, "  {}: {}", quoted(name), quoted(value));
    }
    file.push_str("---\n\n");
    file.push_str(&content.text);
    file
}

/// The text as a double-quoted YAML scalar on one line: all that is not plainly printable is escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            ' '..='~' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            c => _ = write!(out, "\\U{:08X}", u32::from(c)),
        }
    }
    out.push('"');
    out
}
