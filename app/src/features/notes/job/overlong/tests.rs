use subrosa_core::document::MAX_TEXT;
use subrosa_core::vault::FileRow;

use super::{attach, split};
use crate::features::notes::job::save;
use crate::features::notes::messages::NotesEvent;
use crate::jobs::fixture::{WorkerFixture, said};
use crate::messages::Event;
use crate::values::note_ref::NoteRef;

fn longer() -> String {
    "She spoke of the dog.\n".repeat(MAX_TEXT / 22 + 1)
}

/// What the window hears of a save.
fn saved(fixture: &mut WorkerFixture, note: NoteRef, text: &str) -> &'static str {
    let answer = save(&mut fixture.bench, note, &said(text), 1, 0).ok().flatten();
    match answer.or_else(|| fixture.events.try_iter().find(|event| matches!(event, Event::Notes(_)))) {
        Some(Event::Notes(NotesEvent::Saved { .. })) => "saved",
        Some(Event::Notes(NotesEvent::KeptOverlong { .. })) => "kept",
        _ => "neither",
    }
}

fn opened(answer: crate::jobs::failure::JobOutcome) -> (String, bool) {
    match answer {
        Ok(Some(Event::Notes(NotesEvent::Opened(note)))) => (note.content.text.clone(), note.card.overlong),
        _ => panic!("a note"),
    }
}

#[test]
fn words_beyond_what_a_note_holds_are_on_the_disk_and_come_back_with_the_note_until_it_is_shorter() {
    let mut fixture = WorkerFixture::new();
    let note = fixture.note("slept well", false);
    assert_eq!(saved(&mut fixture, note, &longer()), "kept");
    assert_eq!(fixture.told(), [], "nothing is in memory alone");
    assert_eq!(fixture.stored(&note), "slept well");
    fixture.bench.notes.editing = None;
    let (text, overlong) = opened(super::open_note(&mut fixture.bench, &note, None));
    assert!(text == longer() && overlong);
    assert_eq!(saved(&mut fixture, note, "slept well, and long"), "saved");
    assert_eq!(opened(super::open_note(&mut fixture.bench, &note, None)), ("slept well, and long".to_owned(), false));
}

#[test]
fn they_wait_in_memory_only_while_the_disk_is_full_too() {
    let mut fixture = WorkerFixture::new();
    let note = fixture.note("slept well", false);
    fixture.fill(true);
    assert!(fixture.save(&note, &longer(), 1).is_err());
    assert_eq!(fixture.told(), [(1, 0)]);
    fixture.fill(false);
    crate::features::notes::job::unsaved::save_unsaved(&mut fixture.bench);
    assert_eq!(fixture.told(), [(0, 0)]);
    assert!(fixture.shown(&note) == longer());
}

#[test]
fn they_are_split_into_notes_or_put_into_a_file_beside_the_note() {
    let mut fixture = WorkerFixture::new();
    for by_split in [true, false] {
        let note = fixture.note("slept well", false);
        saved(&mut fixture, note, &longer());
        let shown = opened(if by_split { split(&mut fixture.bench, note) } else { attach(&mut fixture.bench, note) });
        let listed = fixture.bench.vault.with(|vault| vault.files().of_client(&fixture.client));
        let files: Vec<FileRow> = listed.ok().unwrap().unwrap();
        assert!(!shown.1, "nothing is kept beside it any more");
        if by_split {
            assert!(longer().starts_with(&shown.0) && shown.0.len() > MAX_TEXT / 2 && files.is_empty());
        } else {
            assert_eq!((shown.0.as_str(), files.len()), ("slept well", 1));
            assert_eq!((files[0].length, files[0].note), (longer().len() as u64, Some(note.id())));
        }
    }
}

#[test]
fn a_note_that_is_full_goes_on_in_a_new_one_into_which_the_window_types_without_noticing() {
    let mut fixture = WorkerFixture::new();
    let note = fixture.note("slept well", false);
    let mut texts = ["a", "b"].map(|letter| letter.repeat(MAX_TEXT)).into_iter().cycle();
    let new = loop {
        fixture.save(&note, &texts.next().unwrap(), 1).unwrap();
        let anew = fixture.events.try_iter().find_map(|event| match event {
            Event::Notes(NotesEvent::Anew { from, note }) => Some((from, note.card.id)),
            _ => None,
        });
        if let Some((from, new)) = anew {
            assert_eq!(from, note);
            break new;
        }
    };
    // What was on its way to the old one.
    fixture.save(&note, "and on", 2).unwrap();
    assert_eq!(fixture.stored(&new), "and on");
    assert_eq!(fixture.bench.with(|vault| Ok(vault.notes().timeline(&fixture.client)?.len())).ok(), Some(1));
}
