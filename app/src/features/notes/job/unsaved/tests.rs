//! A disk that is full for a while, and private notes whose time is over while words of them wait.

use super::*;
use crate::features::notes::job::show_private;
use crate::features::opening::job::{lock, unlock};
use crate::jobs::fixture::{WorkerFixture, passphrase};
use crate::jobs::worker::meanwhile;

#[test]
fn what_could_not_be_saved_waits_for_room_whatever_is_opened_and_written_meanwhile() {
    let mut desk = WorkerFixture::new();
    let (first, second) = (desk.note("first", false), desk.note("second", false));
    desk.shown(&first);
    assert_eq!(desk.told(), []);
    desk.fill(true);
    assert!(desk.save(&first, "first and more", 1).is_err());
    assert_eq!(desk.shown(&second), "second");
    assert!(desk.save(&second, "second and more", 1).is_err());
    assert_eq!(desk.told(), [(1, 0), (2, 0)]);

    // Whoever opens the first again sees what was typed last, and goes on from there.
    assert_eq!(desk.shown(&first), "first and more");
    assert!(desk.save(&first, "first and more and most", 1).is_err());
    assert_eq!(desk.shown(&second), "second and more");
    desk.bench.notes.unsaved.tried = None;
    meanwhile(&mut desk.bench);
    assert_eq!((desk.told(), desk.stored(&first)), (vec![], "first".to_owned()));

    desk.fill(false);
    desk.bench.notes.unsaved.tried = None;
    meanwhile(&mut desk.bench);
    assert_eq!(desk.told(), [(1, 0), (0, 0)]);
    assert_eq!(desk.stored(&first), "first and more and most");
    assert_eq!(desk.stored(&second), "second and more");
    // What is typed next goes on where the other stood.
    desk.save(&second, "second and more, and then some", 2).unwrap();
    assert_eq!(desk.stored(&second), "second and more, and then some");
}

#[test]
fn a_save_that_succeeds_takes_along_what_waited_and_never_puts_an_older_text_over_a_newer_one() {
    let mut desk = WorkerFixture::new();
    let (first, second) = (desk.note("first", false), desk.note("second", false));
    desk.fill(true);
    assert!(desk.save(&first, "first and more", 1).is_err());
    assert!(desk.save(&second, "second and more", 1).is_err());
    desk.fill(false);
    desk.save(&second, "second and most", 2).unwrap();
    assert_eq!(desk.told(), [(1, 0), (2, 0), (1, 0), (0, 0)]);
    assert_eq!(desk.stored(&first), "first and more");
    assert_eq!(desk.stored(&second), "second and most");
}

#[test]
fn what_waits_outlives_a_lock() {
    let mut desk = WorkerFixture::new();
    let note = desk.note("first", false);
    desk.fill(true);
    assert!(desk.save(&note, "first and more", 1).is_err());
    lock(&mut desk.bench);
    desk.bench.notes.unsaved.tried = None;
    meanwhile(&mut desk.bench);
    desk.fill(false);
    assert_eq!(desk.told(), [(1, 0)]);
    assert!(unlock(&mut desk.bench, &passphrase()).is_ok());
    assert_eq!((desk.told(), desk.stored(&note)), (vec![(0, 0)], "first and more".to_owned()));
    lock(&mut desk.bench);
}

#[test]
fn words_of_a_private_note_whose_time_is_over_wait_for_the_passphrase_and_no_other_save_drops_them() {
    let mut desk = WorkerFixture::new();
    let (record, private) = (desk.note("record", false), desk.note("private", true));
    desk.bench.vault.with(|vault| vault.end_reauth()).unwrap();
    assert_eq!(desk.save(&private, "private and more", 1), Err(words::SAVE_ASKS.to_owned()));
    desk.save(&record, "record and more", 1).unwrap();
    desk.bench.notes.unsaved.tried = None;
    meanwhile(&mut desk.bench);
    assert_eq!(desk.told(), [(1, 1)]);
    assert!(show_private(&mut desk.bench, &desk.client, &passphrase()).is_ok());
    assert_eq!((desk.told(), desk.stored(&private)), (vec![(0, 0)], "private and more".to_owned()));
}
