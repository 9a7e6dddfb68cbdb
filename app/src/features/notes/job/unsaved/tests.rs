//! A disk that is full for a while, and private notes whose time is over while words of them wait.

use super::*;
use crate::features::notes::job::show_private;
use crate::features::opening::job::{lock, unlock};
use crate::jobs::fixture::{WorkerFixture, passphrase};
use crate::jobs::worker::meanwhile;

#[test]
fn what_could_not_be_saved_waits_for_room_whatever_is_opened_and_written_meanwhile() {
    let mut fixture = WorkerFixture::new();
    let (first, second) = (fixture.note("first", false), fixture.note("second", false));
    fixture.shown(&first);
    assert_eq!(fixture.told(), []);
    fixture.fill(true);
    assert!(fixture.save(&first, "first and more", 1).is_err());
    assert_eq!(fixture.shown(&second), "second");
    assert!(fixture.save(&second, "second and more", 1).is_err());
    assert_eq!(fixture.told(), [(1, 0), (2, 0)]);

    // Whoever opens the first again sees what was typed last, and goes on from there.
    assert_eq!(fixture.shown(&first), "first and more");
    assert!(fixture.save(&first, "first and more and most", 1).is_err());
    assert_eq!(fixture.shown(&second), "second and more");
    fixture.bench.notes.unsaved.tried = None;
    meanwhile(&mut fixture.bench);
    assert_eq!((fixture.told(), fixture.stored(&first)), (vec![], "first".to_owned()));

    fixture.fill(false);
    fixture.bench.notes.unsaved.tried = None;
    meanwhile(&mut fixture.bench);
    assert_eq!(fixture.told(), [(1, 0), (0, 0)]);
    assert_eq!(fixture.stored(&first), "first and more and most");
    assert_eq!(fixture.stored(&second), "second and more");
    // What is typed next goes on where the other stood.
    fixture.save(&second, "second and more, and then some", 2).unwrap();
    assert_eq!(fixture.stored(&second), "second and more, and then some");
}

#[test]
fn a_save_that_succeeds_takes_along_what_waited_and_never_puts_an_older_text_over_a_newer_one() {
    let mut fixture = WorkerFixture::new();
    let (first, second) = (fixture.note("first", false), fixture.note("second", false));
    fixture.fill(true);
    assert!(fixture.save(&first, "first and more", 1).is_err());
    assert!(fixture.save(&second, "second and more", 1).is_err());
    fixture.fill(false);
    fixture.save(&second, "second and most", 2).unwrap();
    assert_eq!(fixture.told(), [(1, 0), (2, 0), (1, 0), (0, 0)]);
    assert_eq!(fixture.stored(&first), "first and more");
    assert_eq!(fixture.stored(&second), "second and most");
}

#[test]
fn what_waits_outlives_a_lock() {
    let mut fixture = WorkerFixture::new();
    let note = fixture.note("first", false);
    fixture.fill(true);
    assert!(fixture.save(&note, "first and more", 1).is_err());
    lock(&mut fixture.bench);
    fixture.bench.notes.unsaved.tried = None;
    meanwhile(&mut fixture.bench);
    fixture.fill(false);
    assert_eq!(fixture.told(), [(1, 0)]);
    assert!(unlock(&mut fixture.bench, &passphrase()).is_ok());
    assert_eq!((fixture.told(), fixture.stored(&note)), (vec![(0, 0)], "first and more".to_owned()));
    lock(&mut fixture.bench);
}

#[test]
fn words_of_a_private_note_whose_time_is_over_wait_for_the_passphrase_and_no_other_save_drops_them() {
    let mut fixture = WorkerFixture::new();
    let (record, private) = (fixture.note("record", false), fixture.note("private", true));
    fixture.bench.vault.with(|vault| vault.end_reauth()).unwrap();
    assert_eq!(fixture.save(&private, "private and more", 1), Err(words::SAVE_ASKS.to_owned()));
    fixture.save(&record, "record and more", 1).unwrap();
    fixture.bench.notes.unsaved.tried = None;
    meanwhile(&mut fixture.bench);
    assert_eq!(fixture.told(), [(1, 1)]);
    assert!(show_private(&mut fixture.bench, &fixture.client, &passphrase()).is_ok());
    assert_eq!((fixture.told(), fixture.stored(&private)), (vec![(0, 0)], "private and more".to_owned()));
}
