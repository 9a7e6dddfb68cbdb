//! Bodies and pieces that are taken at first and not kept when they are settled; and what a peer may ask for again.

use super::hostile::{after, ends_with, greeted, wants};
use super::{assert_same, count, two};
use crate::id::{HeaderHash, PieceHash};
use crate::session::SessionError;
use crate::testkit::{Cables, Dice, log};
use crate::wire::{Frame, kind, limits};

/// Device 0 holds nine envelopes; device 1 will not keep the fifth.
fn one_loses() -> (Cables, Dice, HeaderHash) {
    let (mut cables, dice) = two();
    let names: Vec<_> = (0..9u8).map(|n| cables.devices[0].shelf.write(log(1), &[n])).collect();
    cables.devices[1].shelf.loses.insert(names[4].0);
    (cables, dice, names[4])
}

#[test]
fn a_body_that_is_not_kept_at_settling_is_asked_for_once_and_what_is_written_later_arrives() {
    let (mut cables, mut dice, _) = one_loses();
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    for n in 0..3 {
        cables.devices[0].shelf.write(log(1), &[b'x', n]);
        cables.changed(0);
        cables.run(&mut dice);
    }
    assert_eq!((&cables.devices[0].ends, &cables.devices[1].ends), (&vec![], &vec![]));
    assert_eq!((cables.devices[1].shelf.bodies(), count(&cables, kind::BODY)), (11, 12));
    assert_eq!(cables.tally(1, conn).refused, 1);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    assert!(!cables.tally(1, conn).in_step);
}

#[test]
fn an_answer_of_headers_that_cannot_be_given_is_an_empty_one_and_everything_else_comes() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.write_many(log(1), 20, 10);
    cables.devices[0].shelf.write_many(log(2), 20, 10);
    cables.devices[0].shelf.overlong = Some(log(1));
    let conn = cables.connect(1, 0);
    cables.run(&mut dice);
    assert_eq!((&cables.devices[0].ends, &cables.devices[1].ends), (&vec![], &vec![]));
    assert_eq!(cables.devices[1].shelf.bodies(), 20);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn) && !cables.tally(1, conn).in_step);
}

#[test]
fn a_body_that_was_not_kept_comes_in_the_next_conversation() {
    let (mut cables, mut dice, name) = one_loses();
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    cables.devices[1].shelf.loses.remove(&name.0);
    cables.cut(conn);
    cables.connect(0, 1);
    cables.run(&mut dice);
    assert_same(&cables);
}

/// One conversation settles what another one has brought.
#[test]
fn each_of_two_peers_is_asked_once_for_what_is_not_kept() {
    for seed in 0..20 {
        let (mut cables, mut dice) = (Cables::new(3), Dice::new(seed));
        for device in [0, 2] {
            cables.devices[device].shelf.write_many(log(1), 300, 20);
        }
        let names: Vec<_> = cables.devices[0].shelf.everything().1.into_keys().step_by(7).collect();
        cables.devices[1].shelf.loses.extend(names.iter().map(|name| name.0));
        let conns = [cables.connect(0, 1), cables.connect(2, 1)];
        cables.run(&mut dice);
        cables.devices[0].shelf.write(log(0), b"later");
        cables.changed(0);
        cables.run(&mut dice);
        assert!(cables.devices.iter().all(|device| device.ends.is_empty()), "seed {seed}");
        assert_eq!(cables.devices[1].shelf.bodies(), 301 - names.len(), "seed {seed}");
        assert!(count(&cables, kind::BODY) <= 302 + names.len(), "seed {seed}: {}", count(&cables, kind::BODY));
        assert!(conns.iter().all(|conn| cables.is_quiet(1, *conn)), "seed {seed}");
    }
}

/// A stem that two branches share is lacking on both.
#[test]
fn a_body_that_two_branches_lead_to_is_asked_for_once_when_it_is_refused() {
    let (mut cables, mut dice) = two();
    let mut stem = Vec::new();
    (0..200u8).for_each(|n| stem.push(cables.devices[0].shelf.write(log(1), &[n])));
    for text in [b"one", b"two"] {
        cables.devices[0].shelf.write_on(log(1), stem.last().copied(), text, true);
    }
    cables.devices[1].shelf.refuses.extend(&stem);
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    assert_eq!((&cables.devices[0].ends, &cables.devices[1].ends), (&vec![], &vec![]));
    assert_eq!((cables.devices[1].shelf.bodies(), count(&cables, kind::BODY)), (2, 202));
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
}

#[test]
fn a_piece_that_is_not_kept_at_settling_is_asked_for_once_and_the_others_arrive() {
    let (mut cables, mut dice) = two();
    let pieces: Vec<_> = (0..20u8).map(|n| cables.devices[0].shelf.add_piece(&[n; 40])).collect();
    cables.devices[1].shelf.lacks.extend(&pieces);
    cables.devices[1].shelf.loses.insert(pieces[3].0);
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    cables.devices[1].shelf.write(log(1), b"a line");
    cables.changed(1);
    cables.run(&mut dice);
    assert_eq!((&cables.devices[0].ends, &cables.devices[1].ends), (&vec![], &vec![]));
    assert_eq!((cables.devices[1].shelf.pieces(), count(&cables, kind::PIECE)), (19, 20));
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
}

#[test]
fn what_was_sent_is_sent_again_when_it_was_lost_since() {
    let (mut cables, mut dice, name) = one_loses();
    cables.devices[1].shelf.loses.clear();
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    cables.devices[1].shelf.drop_body(&name);
    cables.changed(1);
    cables.run(&mut dice);
    assert_same(&cables);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
}

#[test]
fn a_peer_that_asks_again_and_again_for_what_it_was_sent_asks_without_end() {
    let (cables, _) = greeted();
    let name = cables.devices[0].shelf.everything().1.into_keys().next().unwrap();
    let again = |times: u64| (0..=times).map(move |_| wants([name]));
    let (cables, ends) = after(again(limits::AGAIN));
    assert_eq!((ends, count(&cables, kind::BODY)), (vec![], 1 + limits::AGAIN as usize));
    ends_with(SessionError::WantsWithoutEnd, again(limits::AGAIN + 1));
}

#[test]
fn pieces_that_were_sent_count_among_what_is_asked_for_again() {
    let ask = |times: u64| {
        let (mut cables, conn) = greeted();
        let piece: PieceHash = cables.devices[0].shelf.add_piece(&[7; 40]);
        for _ in 0..=times {
            cables.forge(1, conn, Frame::WantPieces(vec![piece]).encode().unwrap());
            cables.deliver(1, conn, None);
        }
        cables.devices[0].ends.clone()
    };
    assert_eq!(ask(limits::AGAIN), []);
    assert_eq!(ask(limits::AGAIN + 1), [Err(SessionError::WantsWithoutEnd)]);
}
