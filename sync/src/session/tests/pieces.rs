//! Pieces of attached files: after the notes, each once, from whoever has them, and going on where a connection broke.

use super::{assert_same, count, two};
use crate::id::{PieceHash, Root};
use crate::testkit::{Cables, Dice, log};
use crate::wire::{Frame, kind, limits};

/// Device 0 holds a file of so many pieces, and device 1 lacks it.
fn file(cables: &mut Cables, pieces: usize) -> Vec<PieceHash> {
    let names = (0..pieces)
        .map(|n| cables.devices[0].shelf.add_piece(&[&[n as u8; 400][..], &n.to_string().into_bytes()].concat()));
    let names: Vec<_> = names.collect();
    cables.devices[1].shelf.lacks = names.clone();
    names
}

#[test]
fn a_file_comes_piece_by_piece_in_the_order_wanted_and_after_every_note() {
    let (mut cables, mut dice) = two();
    let names = file(&mut cables, 30);
    cables.devices[0].shelf.write_many(log(1), 300, 50);
    let conn = cables.connect(1, 0);
    cables.run(&mut dice);
    assert_same(&cables);
    assert_eq!((cables.devices[1].shelf.pieces(), &cables.devices[1].shelf.offered), (30, &names));
    let last_body = cables.sent.iter().rposition(|(_, sent)| *sent == kind::BODY).unwrap();
    let first_piece = cables.sent.iter().position(|(_, sent)| *sent == kind::PIECE).unwrap();
    assert!(last_body < first_piece);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    assert_eq!((cables.tally(0, conn).pieces_sent, cables.tally(1, conn).pieces_stored), (30, 30));
    assert!(cables.tally(0, conn).in_step);
}

#[test]
fn devices_in_step_but_for_a_file_are_not_quiet_until_it_is_there() {
    let (mut cables, mut dice) = two();
    file(&mut cables, 3);
    let conn = cables.connect(0, 1);
    while cables.step(&mut dice) {
        let quiet = cables.is_quiet(0, conn) || cables.is_quiet(1, conn);
        let answered = count(&cables, kind::PIECE) == 3;
        assert!(answered || !quiet || count(&cables, kind::FRONTIER) < 2);
    }
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    assert_eq!(cables.devices[1].shelf.pieces(), 3);
}

#[test]
fn a_device_that_has_none_and_wants_none_says_nothing_of_pieces() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.write_many(log(1), 9, 50);
    cables.connect(0, 1);
    cables.run(&mut dice);
    assert_eq!(count(&cables, kind::PIECES), 0);
}

#[test]
fn nobody_is_asked_who_has_not_said_that_it_has_pieces() {
    let (mut cables, mut dice) = two();
    cables.devices[1].shelf.lacks = vec![PieceHash([7; 32])];
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    assert_eq!((count(&cables, kind::PIECES), count(&cables, kind::WANT_PIECES)), (1, 0));
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
}

#[test]
fn what_was_settled_before_a_break_is_never_sent_again() {
    for seed in 0..40 {
        let (mut cables, mut dice) = (Cables::new(2), Dice::new(seed));
        file(&mut cables, 60);
        let conn = cables.connect(1, 0);
        let steps = 20 + dice.below(200);
        for _ in 0..steps {
            cables.step(&mut dice);
        }
        cables.cut(conn);
        cables.devices[1].shelf.crash();
        let here = cables.devices[1].shelf.pieces();
        cables.devices[1].shelf.offered.clear();
        cables.connect(1, 0);
        cables.run(&mut dice);
        assert_eq!(cables.devices[1].shelf.pieces(), 60, "seed {seed}");
        assert_eq!(cables.devices[1].shelf.offered.len(), 60 - here, "seed {seed}");
    }
}

#[test]
fn a_file_attached_while_connected_comes_at_once_and_from_two_devices_each_piece_once() {
    for seed in 0..20 {
        let (mut cables, mut dice) = (Cables::new(3), Dice::new(seed));
        cables.connect(1, 0);
        cables.connect(1, 2);
        cables.run(&mut dice);
        let names = file(&mut cables, 40);
        for n in 0..40_usize {
            cables.devices[2].shelf.add_piece(&[&[n as u8; 400][..], &n.to_string().into_bytes()].concat());
        }
        [0, 2, 1].into_iter().for_each(|device| cables.changed(device));
        cables.run(&mut dice);
        assert_eq!(cables.devices[1].shelf.pieces(), 40, "seed {seed}");
        assert_eq!(cables.devices[1].shelf.offered.len(), names.len(), "seed {seed}");
    }
}

#[test]
fn a_piece_that_the_peer_lacks_is_asked_for_again_when_it_has_come_there() {
    let (mut cables, mut dice) = two();
    let names = file(&mut cables, 2);
    let late = b"came later".to_vec();
    let name = crate::testkit::piece_name(&late);
    cables.devices[1].shelf.lacks = [name].into_iter().chain(names).collect();
    let conn = cables.connect(1, 0);
    cables.run(&mut dice);
    assert_eq!((cables.devices[1].shelf.pieces(), count(&cables, kind::NO_PIECE)), (2, 1));
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    cables.devices[0].shelf.add_piece(&late);
    cables.changed(0);
    cables.run(&mut dice);
    assert_eq!(cables.devices[1].shelf.pieces(), 3);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
}

#[test]
fn a_wrong_piece_is_refused_alone_and_a_peer_that_sends_many_is_asked_for_no_more() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.lacks = (0..100).map(|n| PieceHash([n; 32])).collect();
    let conn = cables.connect(1, 0);
    cables.deliver(1, conn, None);
    cables.forge(1, conn, Frame::Pieces { has: true, wants: false }.encode().unwrap());
    cables.forge(1, conn, Frame::Frontier(Root([0; 32])).encode().unwrap());
    cables.forge(1, conn, Frame::Vector(crate::wire::Run { complete: true, ..Default::default() }).encode().unwrap());
    while cables.deliver(1, conn, None) {}
    for n in 0..limits::OPEN_PIECE_WANTS as u8 {
        let frame = Frame::Piece { hash: PieceHash([n; 32]), bytes: b"something else".to_vec() };
        cables.forge(1, conn, frame.encode().unwrap());
        cables.deliver(1, conn, None);
    }
    let asked = count(&cables, kind::WANT_PIECES);
    for n in 8..30 {
        let frame = Frame::Piece { hash: PieceHash([n; 32]), bytes: b"something else".to_vec() };
        if cables.devices[0].ends.is_empty() {
            cables.forge(1, conn, frame.encode().unwrap());
            cables.deliver(1, conn, None);
        }
    }
    assert_eq!(cables.devices[0].shelf.pieces(), 0, "nothing wrong was kept");
    assert_eq!(count(&cables, kind::WANT_PIECES), asked, "and nothing more was asked for");
    cables.run(&mut dice);
}
