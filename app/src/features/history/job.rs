//! The versions of a note, each with what it changed.

use subrosa_core::difference::{Became, FieldChange};
use subrosa_core::record::NoteContent;
use subrosa_core::vault::Made;

use crate::features::history::messages::{HistoryEffect, HistoryEvent};
use crate::features::history::values::{Change, Version};
use crate::features::notes::job::unsaved::save_unsaved;
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobOutcome;
use crate::jobs::rows;
use crate::messages::Event;
use crate::operations::history::{ComparedVersion, compared};
use crate::values::note_ref::NoteRef;
use crate::words;

pub(crate) fn answer(bench: &mut Bench, effect: HistoryEffect) -> JobOutcome {
    let HistoryEffect::Load(note) = effect;
    save_unsaved(bench);
    history(bench, &note)
}

fn history(bench: &Bench, note: &NoteRef) -> JobOutcome {
    bench.with(|vault| {
        let versions = vault.notes().history(&note.id())?;
        let shown = compared(versions).into_iter().rev().map(version).collect();
        Ok(Some(Event::History(HistoryEvent::Versions(*note, shown))))
    })
}

fn version(compared: ComparedVersion) -> Version {
    let begun_anew = compared.is_begun_anew();
    let ComparedVersion { version: one, before, changed } = compared;
    let (what, hash) = match one.made {
        Made::Written if begun_anew => (words::WAS_BEGUN_ANEW, None),
        Made::Imported => (words::WAS_IMPORTED, None),
        Made::Written => (words::WAS_WRITTEN, None),
        Made::Signed(hash) => (words::WAS_SIGNED, Some(hash)),
        Made::Addendum(hash, _) => (words::WAS_ADDED, Some(hash)),
        Made::EnteredInError(hash, _) => (words::WAS_IN_ERROR, Some(hash)),
        Made::Late => (words::WAS_LATE, None),
        _ => (words::WAS_OTHER, None),
    };
    let words = changed.words();
    // What stands for itself is shown as it is.
    let (fields, text) = match before {
        None => (Vec::new(), vec![(Change::Kept, one.content.text)]),
        Some(before) => (
            fields(changed.fields, &before, &one.content),
            changed.text.into_iter().map(|piece| (change(piece.became), piece.text)).collect(),
        ),
    };
    Version {
        what,
        at: one.at.map(rows::wall),
        who: one.device_name,
        words: (rows::counted(words.0), rows::counted(words.1)),
        fields,
        text,
        fingerprint: hash.map(|hash| hash.to_string()),
    }
}

/// What changed beside the text, as a therapist knows it: the tags are one line.
fn fields(changed: Vec<FieldChange>, before: &NoteContent, after: &NoteContent) -> Vec<(String, String, String)> {
    let (tags, others): (Vec<_>, Vec<_>) = changed.into_iter().partition(|field| field.name.starts_with("tag."));
    let said =
        |value: Option<String>| value.filter(|value| !value.is_empty()).unwrap_or_else(|| words::NOT_GIVEN.to_owned());
    let line = |field: FieldChange| {
        // A start is written to the minute.
        let brief = |value: Option<String>| match value {
            Some(time) if field.name == "start" => Some(time.strip_suffix(":00").unwrap_or(&time).to_owned()),
            other => other,
        };
        let (before, after) = (brief(field.before), brief(field.after));
        (words::field_name(&field.name).to_owned(), said(before), said(after))
    };
    let mut lines: Vec<_> = others.into_iter().map(line).collect();
    if !tags.is_empty() {
        let all = |content: &NoteContent| said(Some(content.tags.join(", ")));
        lines.push((words::TAGS.to_owned(), all(before), all(after)));
    }
    lines
}

pub(crate) fn change(became: Became) -> Change {
    match became {
        Became::Kept => Change::Kept,
        Became::Added => Change::Added,
        Became::Removed => Change::Removed,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use subrosa_core::difference::Difference;
    use subrosa_core::vault::empty_note;

    use super::*;

    #[test]
    fn changed_fields_are_named_as_a_therapist_knows_them_and_tags_are_one_line() {
        let before = NoteContent { minutes: Some(50), tags: vec!["work".into()], ..empty_note(date(2026, 3, 10)) };
        let after = NoteContent {
            minutes: Some(60),
            start: Some(time(14, 30, 0, 0)),
            session: Some(4),
            format: "SOAP".into(),
            tags: vec!["sleep".into(), "work".into()],
            other: [("Room".to_owned(), "2".to_owned()), ("tag.x".to_owned(), "y".to_owned())].into(),
            ..before.clone()
        };
        let lines: Vec<String> = fields(Difference::between(&before, &after).fields, &before, &after)
            .iter()
            .map(|(name, before, after)| words::field_changed(name, before, after))
            .collect();
        let expected = [
            "Room: not given → 2",
            "Template: not given → SOAP",
            "Minutes: 50 → 60",
            "tag.x: not given → y",
            "Session number: not given → 4",
            "Start: not given → 14:30",
            "Tags: work → sleep, work",
        ];
        assert_eq!(lines, expected);
        assert_eq!(fields(Difference::between(&before, &before).fields, &before, &before), []);
    }
}
