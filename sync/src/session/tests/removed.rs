//! A peer that was removed from the practice: it hands over what it has, is told, and gets nothing.

use super::{assert_same, count, two};
use crate::id::{ConnId, HeaderHash, Root};
use crate::session::SessionError;
use crate::testkit::{Cables, Dice, log, peer};
use crate::wire::{Frame, kind, limits};

/// Device 1 was removed, and does not know it yet; each holds a log of its own.
fn one_removed() -> (Cables, Dice) {
    let (mut cables, dice) = two();
    cables.devices[0].shelf.write_many(log(1), 30, 50);
    cables.devices[1].shelf.write_many(log(2), 40, 50);
    cables.devices[0].greeting.removed = vec![peer(1)];
    cables.devices[1].greeting.believes = true;
    (cables, dice)
}

fn sent_by(cables: &Cables, device: usize, kind: u8) -> usize {
    cables.sent.iter().filter(|(from, sent)| (*from, *sent) == (device, kind)).count()
}

#[test]
fn it_hands_over_what_it_has_is_told_at_the_end_and_learns_nothing() {
    for from in [0, 1] {
        let (mut cables, mut dice) = one_removed();
        cables.connect(from, 1 - from);
        cables.run(&mut dice);
        assert_eq!(cables.devices[0].ends, [Err(SessionError::RemovedThere)]);
        assert_eq!(cables.devices[1].ends, [Err(SessionError::RemovedHere)]);
        assert_eq!((cables.devices[0].shelf.bodies(), cables.devices[1].shelf.bodies()), (70, 40));
        let silent = [kind::HEADERS, kind::BODY, kind::PIECES, kind::PIECE];
        assert!(silent.iter().all(|kind| sent_by(&cables, 0, *kind) == 0));
        assert_eq!(cables.sent.last(), Some(&(0, kind::REMOVED)));
    }
}

#[test]
fn a_device_that_is_not_removed_is_not_parted_with() {
    let (mut cables, mut dice) = one_removed();
    cables.devices[0].greeting.removed.clear();
    cables.connect(1, 0);
    cables.run(&mut dice);
    assert_same(&cables);
    assert_eq!(count(&cables, kind::REMOVED), 0);
}

#[test]
fn one_that_is_removed_while_it_is_connected_is_parted_with_before_anything_is_announced() {
    let (mut cables, mut dice) = one_removed();
    cables.devices[0].greeting.removed.clear();
    cables.connect(1, 0);
    cables.run(&mut dice);
    cables.devices[0].greeting.removed = vec![peer(1)];
    cables.devices[0].shelf.write_many(log(1), 5, 50);
    let before = cables.sent.len();
    cables.changed(0);
    cables.run(&mut dice);
    assert_eq!(cables.sent[before..], [(0, kind::REMOVED)]);
    assert_eq!(cables.devices[1].shelf.bodies(), 70);
    assert_eq!(cables.devices[1].ends, [Err(SessionError::RemovedHere)]);
}

/// Device 1, played by the test, has greeted and been compared.
fn compared() -> (Cables, ConnId) {
    let (mut cables, _) = one_removed();
    let conn = cables.connect(1, 0);
    cables.deliver(1, conn, None);
    cables.forge(1, conn, Frame::Frontier(Root([0; 32])).encode().unwrap());
    cables.deliver(1, conn, None);
    (cables, conn)
}

#[test]
fn what_it_asks_for_all_the_same_ends_the_conversation() {
    let ask = Frame::Want { headers: vec![], bodies: vec![HeaderHash([1; 32])] };
    for frame in [ask, Frame::WantPieces(vec![])] {
        let (mut cables, conn) = compared();
        cables.forge(1, conn, frame.encode().unwrap());
        cables.deliver(1, conn, None);
        assert_eq!(cables.devices[0].ends, [Err(SessionError::OutOfTurn)]);
        assert_eq!((sent_by(&cables, 0, kind::HEADERS), sent_by(&cables, 0, kind::BODY)), (0, 0));
    }
}

#[test]
fn a_farewell_that_is_not_believed_is_out_of_turn_and_an_empty_one_no_frame() {
    let (mut cables, _) = two();
    let conn = cables.connect(1, 0);
    cables.deliver(1, conn, None);
    cables.forge(1, conn, Frame::Removed { more: false, part: vec![7; 9] }.encode().unwrap());
    cables.deliver(1, conn, None);
    assert_eq!(cables.devices[0].ends, [Err(SessionError::OutOfTurn)]);
    for no_part in [&[][..], &[0], &[1], &[2, 7]] {
        assert!(Frame::parse(kind::REMOVED, no_part).is_err());
    }
}

#[test]
fn a_farewell_of_several_parts_is_heard_to_its_end_and_one_of_too_many_is_not() {
    for (parts, how) in [
        (2, SessionError::RemovedHere),
        (limits::FAREWELL_PARTS, SessionError::RemovedHere),
        (limits::FAREWELL_PARTS + 1, SessionError::OutOfTurn),
    ] {
        let (mut cables, mut dice) = one_removed();
        cables.devices[0].greeting.parts = parts;
        cables.connect(1, 0);
        cables.run(&mut dice);
        assert_eq!(cables.devices[1].ends, [Err(how)]);
        assert_eq!(cables.devices[1].greeting.heard, parts.min(limits::FAREWELL_PARTS));
        assert_eq!(cables.devices[0].ends, [Err(SessionError::RemovedThere)]);
    }
}

#[test]
fn a_farewell_whose_last_part_says_nothing_is_out_of_turn() {
    let (mut cables, _) = two();
    let conn = cables.connect(1, 0);
    cables.deliver(1, conn, None);
    for more in [true, true, false] {
        assert_eq!(cables.devices[0].ends, []);
        cables.forge(1, conn, Frame::Removed { more, part: vec![7; 9] }.encode().unwrap());
        cables.deliver(1, conn, None);
    }
    assert_eq!(cables.devices[0].ends, [Err(SessionError::OutOfTurn)]);
}
