//! Reads the YAML block at the top of a note, keeping every value as it is written.
//!
//! The events of a YAML parser are read, no values are built: `0123` stays `0123`, `no` stays `no`, and an alias is
//! never expanded, so that a few lines cannot grow into gigabytes.

use saphyr_parser::{Event, Parser, Span};

/// A note's text, cut where its front matter ends.
pub(super) struct Cut<'a> {
    pub(super) front: &'a str,
    pub(super) body: &'a str,
}

/// What stands behind a field's name.
pub(super) enum Value {
    Text(String),
    List(Vec<String>),
    Map(Vec<(String, String)>),
    /// Something deeper, as written.
    Deeper(String),
}

/// Cuts off the front matter: lines between two lines `---`, the first at the very start. One blank line after it
/// belongs to neither side. `None` when the text has none.
pub(super) fn cut(text: &str) -> Option<Cut<'_>> {
    let inside = text.strip_prefix("---\n")?;
    let mut at = 0;
    for line in inside.split_inclusive('\n') {
        if line.trim_end() == "---" {
            let body = inside.get(at + line.len()..)?;
            return Some(Cut { front: inside.get(..at)?, body: body.strip_prefix('\n').unwrap_or(body) });
        }
        at += line.len();
    }
    None
}

/// What was read of front matter.
#[derive(Default)]
pub(super) struct FrontMatter {
    /// The fields in the order in which they stand.
    pub(super) fields: Vec<(String, Value)>,
    /// The lines that are no field, as they stand.
    pub(super) unread: String,
}

/// Reads front matter. Where it is no YAML mapping as a whole, each of its fields is read for itself, so that one that is none costs
/// no other.
pub(super) fn read(front: &str) -> FrontMatter {
    if let Some(fields) = mapping(front) {
        return FrontMatter { fields, unread: String::new() };
    }
    let mut read = FrontMatter { fields: Vec::new(), unread: String::new() };
    for lines in apart(front) {
        match mapping(lines) {
            Some(fields) => read.fields.extend(fields),
            None => read.unread.push_str(lines),
        }
    }
    read
}

/// The front matter in pieces of one field each: a line that stands at the margin, and those below it that do not.
fn apart(front: &str) -> Vec<&str> {
    let continues = |line: &str| line.starts_with([' ', '\t', '-', '#', ']', '}']) || line.trim().is_empty();
    let (mut pieces, mut begins, mut at) = (Vec::new(), 0, 0);
    for line in front.split_inclusive('\n') {
        if at > begins && !continues(line) {
            pieces.extend(front.get(begins..at));
            begins = at;
        }
        at += line.len();
    }
    pieces.extend(front.get(begins..at).filter(|last| !last.is_empty()));
    pieces
}

/// The fields in the order in which they stand; `None` when this is not one YAML mapping with plain names.
fn mapping(front: &str) -> Option<Vec<(String, Value)>> {
    let events = Parser::new_from_str(front).collect::<Result<Vec<_>, _>>().ok()?;
    let mut events = events.into_iter().filter(|(event, _)| !matches!(event, Event::Nothing));
    let mut fields = Vec::new();
    for expected_start in [true, true] {
        match events.next()?.0 {
            Event::StreamStart | Event::DocumentStart(_) if expected_start => {}
            Event::StreamEnd => return Some(fields),
            _ => return None,
        }
    }
    if !matches!(events.next()?.0, Event::MappingStart(..)) {
        return None;
    }
    loop {
        match events.next()?.0 {
            Event::Scalar(name, ..) => fields.push((name.into_owned(), value(front, &mut events)?)),
            Event::MappingEnd => break,
            _ => return None,
        }
    }
    let ended = matches!(events.next()?.0, Event::DocumentEnd) && matches!(events.next()?.0, Event::StreamEnd);
    ended.then_some(fields)
}

/// Reads one value, however deep.
fn value<'a>(source: &str, events: &mut impl Iterator<Item = (Event<'a>, Span)>) -> Option<Value> {
    let (first, begins) = events.next()?;
    let map = match first {
        Event::Scalar(text, ..) => return Some(Value::Text(text.into_owned())),
        Event::SequenceStart(..) => false,
        Event::MappingStart(..) => true,
        Event::Alias(_) => return written(source, begins, begins).map(Value::Deeper),
        _ => return None,
    };
    let (mut depth, mut flat, mut texts) = (1_u32, true, Vec::new());
    let mut ends = begins;
    while depth > 0 {
        let (event, span) = events.next()?;
        ends = span;
        match event {
            Event::Scalar(text, ..) => texts.push(text.into_owned()),
            Event::SequenceStart(..) | Event::MappingStart(..) => (depth, flat) = (depth + 1, false),
            Event::SequenceEnd | Event::MappingEnd => depth -= 1,
            _ => flat = false,
        }
    }
    if !flat {
        return written(source, begins, ends).map(Value::Deeper);
    }
    if !map {
        return Some(Value::List(texts));
    }
    let mut texts = texts.into_iter();
    let mut pairs = Vec::new();
    while let (Some(name), Some(text)) = (texts.next(), texts.next()) {
        pairs.push((name, text));
    }
    Some(Value::Map(pairs))
}

/// The source between two places. The parser counts characters.
fn written(source: &str, begins: Span, ends: Span) -> Option<String> {
    let length = ends.end.index().checked_sub(begins.start.index())?;
    let text: String = source.chars().skip(begins.start.index()).take(length).collect();
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(front: &str, name: &str) -> Option<String> {
        mapping(front)?.into_iter().find(|(n, _)| n == name).map(|(_, value)| match value {
            Value::Text(text) | Value::Deeper(text) => text,
            Value::List(items) => items.join("|"),
            Value::Map(pairs) => pairs.into_iter().map(|(a, b)| format!("{a}>{b}")).collect(),
        })
    }

    #[test]
    fn values_stay_as_written() {
        for (front, expected) in [
            ("a: 0123\n", "0123"),
            ("a: no\n", "no"),
            ("a: \"x\\n\\0\"\n", "x\n\0"),
            ("a: [x, y]\n", "x|y"),
            ("a: {x: y}\n", "x>y"),
            ("a:\n  - x\n  - [y]\nb: z\n", "- x\n  - [y]"),
            ("# only\na: 11:00\n", "11:00"),
        ] {
            assert_eq!(text_of(front, "a").as_deref(), Some(expected), "{front}");
        }
    }

    #[test]
    fn what_is_no_mapping_is_refused() {
        for front in ["- a\n", "a: [\n", "a: \"x\n", "text\n", "? [a]\n: b\n", "a: b: c\n", "a: b\n--- \nc: d\n"] {
            assert!(mapping(front).is_none(), "{front}");
        }
    }

    #[test]
    fn a_field_that_is_none_costs_no_other() {
        let front = "date: 2024-01-01\nformat: - dash\ntags:\n- a\n  - b\n\nroom: 7\ntext\n\tat: x\nlast: [1,\n  2]\n";
        let read = read(front);
        let names: Vec<_> = read.fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["date", "tags", "room", "last"]);
        assert_eq!(read.unread, "format: - dash\ntext\n\tat: x\n");
        assert_eq!(super::read("date: 2024-01-01\n").unread, "");
        assert_eq!(super::read("nothing\n").fields.len(), 0);
    }

    #[test]
    fn an_alias_bomb_stays_as_small_as_it_is_written() {
        let front = "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n";
        assert_eq!(text_of(front, "c").as_deref(), Some("[*b, *b, *b]"));
    }

    #[test]
    fn the_cut_takes_one_blank_line_and_no_more() {
        let cut = cut("---\na: b\n---\n\n\ntext").unwrap();
        assert_eq!((cut.front, cut.body), ("a: b\n", "\ntext"));
        assert!(super::cut("---\na: b\n").is_none(), "front matter that never ends is text");
    }
}
