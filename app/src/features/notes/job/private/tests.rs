//! Private notes that close by themselves, and those that are being written in.

use super::*;
use crate::jobs::fixture::WorkerFixture;
use crate::jobs::worker::meanwhile;
use crate::messages::Event;
use crate::values::note_ref::NoteRef;

/// What the window has been told of private notes since this was last asked.
fn told(fixture: &WorkerFixture) -> Vec<&'static str> {
    let told = fixture.events.try_iter().filter_map(|event| match event {
        Event::Notes(NotesEvent::PrivateClosing) => Some("closing"),
        Event::Notes(NotesEvent::PrivateClosed) => Some("closed"),
        _ => None,
    });
    told.collect()
}

fn until(fixture: &WorkerFixture) -> Option<Millis> {
    fixture.bench.vault.with(|vault| vault.reauth_until()).unwrap()
}

fn with_private_note() -> (WorkerFixture, NoteRef, Millis) {
    let mut fixture = WorkerFixture::new();
    let note = fixture.note("private", true);
    watch_private(&mut fixture.bench);
    let until = until(&fixture).unwrap();
    (fixture, note, until)
}

#[test]
fn the_window_is_told_once_before_private_notes_close_and_closes_them() {
    let (mut fixture, _, until) = with_private_note();
    watch_private_at(&mut fixture.bench, until - BEFORE - 1);
    assert_eq!(told(&fixture), Vec::<&str>::new());
    watch_private_at(&mut fixture.bench, until - BEFORE);
    watch_private_at(&mut fixture.bench, until - BEFORE + 500);
    assert_eq!(told(&fixture), ["closing"]);
    close_private(&mut fixture.bench);
    assert_eq!((told(&fixture), self::until(&fixture)), (vec!["closed"], None));
}

#[test]
fn what_is_saved_when_they_are_about_to_close_keeps_them_open() {
    let (mut fixture, note, until) = with_private_note();
    watch_private_at(&mut fixture.bench, until - BEFORE);
    fixture.save(&note, "private and more", 1).unwrap();
    close_private(&mut fixture.bench);
    assert!(self::until(&fixture).is_some_and(|later| later > until));
    watch_private_at(&mut fixture.bench, until);
    assert!(!told(&fixture).contains(&"closed"));
    assert_eq!(fixture.stored(&note), "private and more");
}

#[test]
fn a_window_that_does_not_answer_is_told_that_they_are_closed_whoever_looked_first() {
    let (mut fixture, _, until) = with_private_note();
    watch_private_at(&mut fixture.bench, until);
    assert_eq!(told(&fixture), ["closed"]);
    let _ = fixture.note("another", true);
    watch_private(&mut fixture.bench);
    fixture.bench.vault.with(|vault| vault.end_reauth()).unwrap();
    meanwhile(&mut fixture.bench);
    assert_eq!(told(&fixture), ["closed"]);
}
