//! A peer that keeps back what it was asked for: it costs others nothing, and itself the connection.

use super::hostile::{greeted, position};
use super::{assert_same, count, two};
use crate::claims::CLAIM_MS;
use crate::id::ConnId;
use crate::session::{ANSWER_MS, SessionError, SessionEvent};
use crate::testkit::{Cables, Dice, log};
use crate::wire::{Frame, Run, kind, limits};

const WINDOW: usize = limits::OPEN_BODY_WANTS;

/// Device 0 lacks what 1 and 2 both hold, and has asked 1, of which nothing arrives any more; then it meets 2.
fn one_keeps_back(answer: u8, fill: impl Fn(&mut Cables, usize)) -> (Cables, Dice, [ConnId; 2]) {
    let (mut cables, mut dice) = (Cables::new(3), Dice::new(17));
    [1, 2].into_iter().for_each(|device| fill(&mut cables, device));
    let back = cables.connect(1, 0);
    while count(&cables, answer) == 0 {
        assert!(cables.step(&mut dice));
    }
    cables.held_up.push((1, back));
    let gives = cables.connect(2, 0);
    cables.run(&mut dice);
    (cables, dice, [back, gives])
}

fn bodies(cables: &mut Cables, device: usize) {
    cables.devices[device].shelf.write_many(log(1), 300, 20);
}

fn pieces(cables: &mut Cables, device: usize) {
    for n in 0..30u8 {
        let name = cables.devices[device].shelf.add_piece(&[n; 40]);
        if device == 1 {
            cables.devices[0].shelf.lacks.push(name);
        }
    }
}

/// The device that keeps things back goes on talking, of anything else.
fn talks(cables: &mut Cables, conn: ConnId, dice: &mut Dice, ms: u64) {
    cables.pass(ms);
    let ack = Frame::Ack(Run::default()).encode().unwrap();
    cables.event(0, conn, SessionEvent::Received(&ack));
    cables.run(dice);
}

#[test]
fn bodies_that_one_peer_keeps_back_come_from_another_after_some_seconds() {
    let (mut cables, mut dice, [back, gives]) = one_keeps_back(kind::BODY, bodies);
    assert_eq!(cables.devices[0].shelf.bodies(), 300 - WINDOW, "one peer has no more claims than its window");
    talks(&mut cables, back, &mut dice, CLAIM_MS - 1);
    assert_eq!(cables.devices[0].shelf.bodies(), 300 - WINDOW, "before its time nobody else is asked");
    assert!(!cables.is_quiet(0, gives));
    talks(&mut cables, back, &mut dice, 1);
    assert_eq!((cables.devices[0].shelf.bodies(), &cables.devices[0].ends), (300, &vec![]));
    assert!(cables.is_quiet(0, gives) && cables.is_quiet(2, gives));
}

#[test]
fn pieces_that_one_peer_keeps_back_come_from_another_after_some_seconds() {
    let (mut cables, mut dice, [back, _]) = one_keeps_back(kind::PIECE, pieces);
    let without = 30 - limits::OPEN_PIECE_WANTS;
    assert_eq!(cables.devices[0].shelf.pieces(), without);
    talks(&mut cables, back, &mut dice, CLAIM_MS - 1);
    assert_eq!(cables.devices[0].shelf.pieces(), without);
    talks(&mut cables, back, &mut dice, 1);
    assert_eq!((cables.devices[0].shelf.pieces(), &cables.devices[0].ends), (30, &vec![]));
}

#[test]
fn what_comes_late_from_the_first_peer_too_is_taken_for_what_is_held() {
    for (answer, fill) in [(kind::BODY, bodies as fn(&mut Cables, usize)), (kind::PIECE, pieces)] {
        let (mut cables, mut dice, conns) = one_keeps_back(answer, fill);
        talks(&mut cables, conns[0], &mut dice, CLAIM_MS);
        cables.held_up.clear();
        cables.run(&mut dice);
        assert_same(&cables);
        assert!(cables.devices.iter().all(|device| device.ends.is_empty()));
        assert!(conns.iter().all(|conn| cables.is_quiet(0, *conn)));
    }
}

#[test]
fn who_talks_of_anything_but_what_it_was_asked_for_is_silent() {
    for (answer, fill) in [(kind::BODY, bodies as fn(&mut Cables, usize)), (kind::PIECE, pieces)] {
        let (mut cables, mut dice, [back, gives]) = one_keeps_back(answer, fill);
        (0..3).for_each(|_| talks(&mut cables, back, &mut dice, ANSWER_MS / 3 - 1));
        assert_eq!(cables.devices[0].ends, []);
        talks(&mut cables, back, &mut dice, 3);
        assert_eq!(cables.devices[0].ends, [Err(SessionError::Silent)]);
        assert!(cables.is_quiet(0, gives));
    }
}

#[test]
fn who_never_says_what_it_holds_is_silent_whatever_it_acknowledges() {
    let (mut cables, mut dice) = two();
    cables.devices[1].shelf.write_many(log(1), 5, 20);
    let conn = cables.connect(1, 0);
    while count(&cables, kind::VECTOR) < 2 {
        assert!(cables.step(&mut dice));
    }
    cables.held_up.push((1, conn));
    (0..3).for_each(|_| talks(&mut cables, conn, &mut dice, ANSWER_MS / 3));
    assert_eq!(cables.devices[0].ends, [Err(SessionError::Silent)]);
}

#[test]
fn who_gives_one_answer_in_each_span_is_slow_and_stays() {
    let (mut cables, mut dice) = two();
    cables.devices[1].shelf.write_many(log(1), 5, 20);
    let conn = cables.connect(1, 0);
    while count(&cables, kind::BODY) == 0 {
        assert!(cables.step(&mut dice));
    }
    for _ in 0..5 {
        cables.pass(ANSWER_MS - 1);
        assert!(cables.deliver(1, conn, None));
    }
    cables.run(&mut dice);
    assert_same(&cables);
    assert_eq!(cables.devices[0].ends, []);
}

#[test]
fn who_goes_on_with_its_list_is_heard_and_who_breaks_off_in_it_is_silent() {
    let (mut cables, conn) = greeted();
    for n in 1..5 {
        let part = Run { more: true, complete: true, positions: vec![position(n, 1)] };
        cables.forge(1, conn, Frame::Vector(part).encode().unwrap());
        cables.deliver(1, conn, None);
        cables.pass(ANSWER_MS - 1);
        assert_eq!(cables.devices[0].ends, [], "{n}");
    }
    cables.pass(1);
    assert_eq!(cables.devices[0].ends, [Err(SessionError::Silent)]);
}
