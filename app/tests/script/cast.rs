//! Who and what a script is about: made-up clients, a course of therapy, a colleague.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, time};
use subrosa::features::colleagues::messages::ColleaguesEvent;
use subrosa::features::colleagues::values::{ColleagueRow, OwnCard};
use subrosa::features::devices::values::{DeviceRow, LackCount, MetThrough};
use subrosa::features::history::values::{Change, Version};
use subrosa::features::trash::values::Trashed;
use subrosa::messages::Event;
use subrosa::values::note_ref::NoteRef;
use subrosa::values::page::{ClientRow, NoteCard, NoteState, OpenNote, excerpt};
use subrosa::words;
use subrosa_core::id::{ClientId, DeviceId, DocId, NoteId};
use subrosa_core::record::{Measure, NoteContent};

use super::TODAY;

pub(super) fn versions() -> Vec<Version> {
    let version = |at: i8, words, text| Version {
        what: "Written",
        at: Some(DateTime::constant(2026, 11, 21, at, 0, 0, 0)),
        who: Some("Laptop".into()),
        words,
        fields: Vec::new(),
        text,
        fingerprint: None,
    };
    let newest =
        vec![(Change::Kept, "slept ".into()), (Change::Removed, "badly".into()), (Change::Added, "well".into())];
    vec![version(15, (1, 1), newest), version(14, (0, 0), vec![(Change::Kept, "slept badly".into())])]
}

pub(super) fn trashed(id: NoteId, note: &OpenNote) -> Trashed {
    Trashed {
        id,
        kind: if note.card.private { words::PRIVATE_NOTE } else { words::A_NOTE },
        private: note.card.private,
        client: "Aino Mäkinen".into(),
        date: Some(note.card.date),
        words: note.card.excerpt.clone(),
        at: DateTime::constant(2026, 11, 21, 15, 0, 0, 0),
        device: "Laptop".into(),
        days_left: 30,
        along: 0,
    }
}

/// The id of the client at this place.
pub(super) fn numbered(place: usize) -> ClientId {
    let mut id = [1; 16];
    id.iter_mut().zip(u64::try_from(place).unwrap_or(0).to_be_bytes()).for_each(|(to, from)| *to = from);
    DocId(id)
}

pub(super) fn client(id: ClientId, name: &str, place: usize) -> ClientRow {
    let back = i64::try_from(place % 40).unwrap_or(0) * 3;
    ClientRow {
        id,
        name: name.into(),
        code: None,
        status: "active".into(),
        last: TODAY.checked_sub(jiff::Span::new().days(back)).ok(),
        session: u32::try_from(14 + place % 20).ok(),
        unsigned: u32::from(place.is_multiple_of(3)),
    }
}

/// A note with its card.
pub(super) fn open(id: NoteId, client: ClientId, content: NoteContent, state: NoteState) -> OpenNote {
    let card = NoteCard {
        id: NoteRef::Note(id),
        date: content.date,
        start: content.start,
        minutes: content.minutes,
        format: content.format.clone(),
        state,
        private: false,
        excerpt: excerpt(&content.text),
        addenda: 0,
        addendum_to: None,
        in_error: false,
        written_on: None,
        overlong: false,
    };
    OpenNote { card, client, content, addenda: Vec::new(), seen: 0 }
}

pub(super) fn course(client: ClientId) -> Vec<OpenNote> {
    let texts = [
        (
            0,
            "## Subjective\nSlept through four nights of seven. Tried the breathing exercise before the call with her mother and stayed on the line to the end. “I did not have to fix it.”\n\n## Objective\nOn time, rested, humour back. PHQ-9 of 9, down from 14 in September.\n\n## Assessment\nBoundary work carries over into the week. **Risk unchanged and low.**\n\n## Plan\n- Keep the sleep diary\n- Rehearse the Christmas conversation next time",
        ),
        (
            7,
            "## Data\nRehearsed saying no without giving a reason. Sleep poor, four to five hours, wakes at three and lies awake thinking of work.",
        ),
        (14, "## Data\nMother’s call again on Sunday. Named the pull to fix, and what it costs her afterwards."),
        (21, "## Data\nA quiet week. Walked every day, wrote twice."),
    ];
    let note = |(place, (back, text)): (usize, &(i64, &str))| {
        let date = TODAY.checked_sub(jiff::Span::new().days(*back)).unwrap_or(TODAY);
        let signed = NoteState::Signed { at: date.at(15, 3, 0, 0) };
        let content = NoteContent {
            date,
            start: Some(time(14, 0, 0, 0)),
            minutes: Some(50),
            format: if place == 0 { "SOAP" } else { "DAP" }.into(),
            session: None,
            tags: Vec::new(),
            other: BTreeMap::new(),
            text: (*text).into(),
        };
        let id = DocId([u8::try_from(place).unwrap_or(0) + 50; 16]);
        open(id, client, content, if place == 0 { NoteState::Unsigned } else { signed })
    };
    texts.iter().enumerate().map(note).collect()
}

pub(super) fn measures() -> Vec<Measure> {
    let totals = [(9, 14), (10, 12), (11, 9)];
    let measure = |(month, total): (i8, i32)| Measure {
        date: Date::constant(2026, month, 1),
        instrument: "PHQ-9".into(),
        items: Vec::new(),
        total,
    };
    totals.into_iter().map(measure).collect()
}

pub(super) fn colleagues() -> Event {
    let words = "harbour pepper violin meadow copper lemon".to_owned();
    let row = ColleagueRow {
        id: DocId([7; 16]),
        name: "Dr Virta".into(),
        words: words.clone(),
        compared: false,
        alike: false,
    };
    // Somebody's second card, or somebody else's: of the same name, and other words.
    let other = ColleagueRow {
        id: DocId([8; 16]),
        words: "anchor tulip basalt ferry onion crayon".to_owned(),
        compared: true,
        alike: true,
        ..row.clone()
    };
    let row = ColleagueRow { alike: true, ..row };
    Event::Colleagues(ColleaguesEvent::Listed(
        Box::new(OwnCard { name: None, words, is_news: false }),
        vec![row, other],
    ))
}

/// A device of this name.
pub(crate) fn device(name: &str, this: bool, notes: Option<u64>) -> DeviceRow {
    DeviceRow {
        id: DeviceId([name.len().try_into().unwrap_or(0); 16]),
        name: name.into(),
        this,
        added_by: (!this).then(|| "Laptop".into()),
        added: Some(Date::constant(2025, 1, 7)),
        last_seen: notes.map(|_| DateTime::constant(2026, 11, 21, 9, 10, 0, 0)),
        through: notes.map(|_| MetThrough::SameNetwork),
        had_all: notes.map(|_| DateTime::constant(2026, 11, 20, 18, 0, 0, 0)),
        lacks: LackCount { notes: notes.unwrap_or(0), ..LackCount::default() },
        unused: None,
        elder: false,
        made_kit: false,
    }
}
