//! Private notes that close by themselves, and those that are being written in.

use subrosa_core::id::NoteId;

use super::*;
use crate::jobs::fixture::WorkerFixture;
use crate::jobs::worker::meanwhile;
use crate::messages::Event;

/// What the window has been told of private notes since this was last asked.
fn told(desk: &WorkerFixture) -> Vec<&'static str> {
    let told = desk.events.try_iter().filter_map(|event| match event {
        Event::Notes(NotesEvent::PrivateClosing) => Some("closing"),
        Event::Notes(NotesEvent::PrivateClosed) => Some("closed"),
        _ => None,
    });
    told.collect()
}

fn until(desk: &WorkerFixture) -> Option<Millis> {
    desk.bench.vault.with(|vault| vault.reauth_until()).unwrap()
}

fn with_private_note() -> (WorkerFixture, NoteId, Millis) {
    let mut desk = WorkerFixture::new();
    let note = desk.note("private", true);
    watch_private(&mut desk.bench);
    let until = until(&desk).unwrap();
    (desk, note, until)
}

#[test]
fn the_window_is_told_once_before_private_notes_close_and_closes_them() {
    let (mut desk, _, until) = with_private_note();
    watch_private_at(&mut desk.bench, until - BEFORE - 1);
    assert_eq!(told(&desk), Vec::<&str>::new());
    watch_private_at(&mut desk.bench, until - BEFORE);
    watch_private_at(&mut desk.bench, until - BEFORE + 500);
    assert_eq!(told(&desk), ["closing"]);
    close_private(&mut desk.bench);
    assert_eq!((told(&desk), self::until(&desk)), (vec!["closed"], None));
}

#[test]
fn what_is_saved_when_they_are_about_to_close_keeps_them_open() {
    let (mut desk, note, until) = with_private_note();
    watch_private_at(&mut desk.bench, until - BEFORE);
    desk.save(&note, "private and more", 1).unwrap();
    close_private(&mut desk.bench);
    assert!(self::until(&desk).is_some_and(|later| later > until));
    watch_private_at(&mut desk.bench, until);
    assert!(!told(&desk).contains(&"closed"));
    assert_eq!(desk.stored(&note), "private and more");
}

#[test]
fn a_window_that_does_not_answer_is_told_that_they_are_closed_whoever_looked_first() {
    let (mut desk, _, until) = with_private_note();
    watch_private_at(&mut desk.bench, until);
    assert_eq!(told(&desk), ["closed"]);
    let _ = desk.note("another", true);
    watch_private(&mut desk.bench);
    desk.bench.vault.with(|vault| vault.end_reauth()).unwrap();
    meanwhile(&mut desk.bench);
    assert_eq!(told(&desk), ["closed"]);
}
