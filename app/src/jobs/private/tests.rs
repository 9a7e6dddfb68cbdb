//! Private notes that close by themselves, and those that are being written in.

use subrosa_core::id::NoteId;

use super::*;
use crate::jobs::desk::Desk;

/// What the window has been told of private notes since this was last asked.
fn told(desk: &Desk) -> Vec<&'static str> {
    let told = desk.events.try_iter().filter_map(|event| match event {
        Event::PrivateClosing => Some("closing"),
        Event::PrivateClosed => Some("closed"),
        _ => None,
    });
    told.collect()
}

fn until(desk: &Desk) -> Option<Millis> {
    desk.worker.vault.with(|vault| vault.again_until()).unwrap()
}

fn with_private_note() -> (Desk, NoteId, Millis) {
    let mut desk = Desk::new();
    let note = desk.note("private", true);
    desk.worker.watch_private();
    let until = until(&desk).unwrap();
    (desk, note, until)
}

#[test]
fn the_window_is_told_once_before_private_notes_close_and_closes_them() {
    let (mut desk, _, until) = with_private_note();
    desk.worker.watch_private_at(until - BEFORE - 1);
    assert_eq!(told(&desk), Vec::<&str>::new());
    desk.worker.watch_private_at(until - BEFORE);
    desk.worker.watch_private_at(until - BEFORE + 500);
    assert_eq!(told(&desk), ["closing"]);
    desk.worker.close_private();
    assert_eq!((told(&desk), self::until(&desk)), (vec!["closed"], None));
}

#[test]
fn what_is_saved_when_they_are_about_to_close_keeps_them_open() {
    let (mut desk, note, until) = with_private_note();
    desk.worker.watch_private_at(until - BEFORE);
    desk.save(&note, "private and more", 1).unwrap();
    desk.worker.close_private();
    assert!(self::until(&desk).is_some_and(|later| later > until));
    desk.worker.watch_private_at(until);
    assert!(!told(&desk).contains(&"closed"));
    assert_eq!(desk.stored(&note), "private and more");
}

#[test]
fn a_window_that_does_not_answer_is_told_that_they_are_closed_whoever_looked_first() {
    let (mut desk, _, until) = with_private_note();
    desk.worker.watch_private_at(until);
    assert_eq!(told(&desk), ["closed"]);
    let _ = desk.note("another", true);
    desk.worker.watch_private();
    desk.worker.vault.with(|vault| vault.forget_again()).unwrap();
    desk.worker.meanwhile();
    assert_eq!(told(&desk), ["closed"]);
}
