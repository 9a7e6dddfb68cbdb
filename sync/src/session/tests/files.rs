//! Which files each end says that it does not hold whole: what is believed to be there is there.

use super::hostile::{after, ends_with, greeted};
use super::{count, two};
use crate::id::{BlobHash, PieceHash};
use crate::session::SessionError;
use crate::shelf::Shelf as _;
use crate::testkit::{Cables, Dice, log, peer};
use crate::wire::{Frame, kind, limits};

/// Device 0 holds a file of so many pieces in a log of its own; the others would know of it with that log.
fn file(cables: &mut Cables, n: u8, pieces: u8) -> BlobHash {
    let name = BlobHash([n; 32]);
    let pieces: Vec<PieceHash> =
        (0..pieces).map(|at| cables.devices[0].shelf.add_piece(&[&[n; 300][..], &[at]].concat())).collect();
    for device in &mut cables.devices {
        device.shelf.files.insert(name, (log(n), pieces.clone()));
    }
    for device in &mut cables.devices[1..] {
        device.shelf.lacks.extend(&pieces);
    }
    cables.devices[0].shelf.write(log(n), b"a file");
    name
}

/// Whether device 0 may take it that device 1 holds this file whole: it acknowledged what names it, and does not lack it.
fn is_believed_there(cables: &Cables, n: u8) -> bool {
    let shelf = &cables.devices[0].shelf;
    let named = shelf.acked.get(&peer(1)).is_some_and(|acked| acked.keys().any(|(it, _)| *it == log(n)));
    let lacked = shelf.lacked.get(&peer(1)).cloned().flatten();
    named && lacked.is_some_and(|lacked| !lacked.contains(&BlobHash([n; 32])))
}

fn is_whole_there(cables: &Cables, n: u8) -> bool {
    let shelf = &cables.devices[1].shelf;
    shelf.files[&BlobHash([n; 32])].1.iter().all(|piece| shelf.has_durably(piece))
}

#[test]
fn a_file_is_believed_to_be_there_only_once_all_of_it_is() {
    for seed in 0..20 {
        let (mut cables, mut dice) = (Cables::new(2), Dice::new(seed));
        file(&mut cables, 1, 20);
        let conn = cables.connect(1, 0);
        cables.run(&mut dice);
        file(&mut cables, 2, 20);
        cables.changed(0);
        while cables.step(&mut dice) {
            assert!((1..3).all(|n| !is_believed_there(&cables, n) || is_whole_there(&cables, n)), "seed {seed}");
        }
        assert!((1..3).all(|n| is_believed_there(&cables, n)), "seed {seed}");
        assert!([0, 1].into_iter().all(|device| cables.tally(device, conn).in_step), "seed {seed}");
    }
}

#[test]
fn equal_digests_say_nothing_of_files_that_are_not_whole() {
    let (mut cables, mut dice) = two();
    file(&mut cables, 1, 3);
    cables.devices[1].shelf.write(log(1), b"a file");
    assert_eq!(cables.devices[0].shelf.root(), cables.devices[1].shelf.root());
    // There is no room for it.
    cables.devices[1].shelf.lacks.clear();
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    assert_eq!((is_believed_there(&cables, 1), count(&cables, kind::LACKS)), (false, 1));
    assert!([0, 1].into_iter().all(|device| !cables.tally(device, conn).in_step));
}

#[test]
fn a_file_that_is_whole_on_both_is_believed_and_costs_no_frame() {
    let (mut cables, mut dice) = two();
    file(&mut cables, 1, 3);
    cables.connect(1, 0);
    cables.run(&mut dice);
    cables.sent.clear();
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    assert_eq!((is_believed_there(&cables, 1), count(&cables, kind::LACKS)), (true, 0));
    assert!(cables.tally(0, conn).in_step && cables.tally(1, conn).in_step);
}

#[test]
fn a_file_that_is_lost_while_connected_is_said_to_be_lacking() {
    let (mut cables, mut dice) = two();
    let name = file(&mut cables, 1, 3);
    cables.connect(1, 0);
    cables.run(&mut dice);
    let piece = cables.devices[1].shelf.files[&name].1[1];
    cables.devices[1].shelf.lacks.clear();
    cables.devices[1].shelf.drop_piece(&piece);
    cables.changed(1);
    cables.run(&mut dice);
    assert!(!is_believed_there(&cables, 1));
    assert_eq!(cables.devices[0].shelf.lacked[&peer(1)], Some(vec![name]));
}

#[test]
fn who_lacks_more_than_may_be_named_or_does_not_know_is_believed_to_hold_none() {
    for unknown in [false, true] {
        let (mut cables, mut dice) = two();
        file(&mut cables, 1, 1);
        cables.devices[1].shelf.lacks.clear();
        let more = if unknown { 0 } else { limits::LACKED_FILES as u16 };
        for n in 0..more {
            let [low, high, ..] = n.to_le_bytes();
            let name = BlobHash([[0xEE; 30].as_slice(), &[low, high]].concat().try_into().unwrap());
            cables.devices[1].shelf.files.insert(name, (log(1), vec![PieceHash([0xEE; 32])]));
        }
        cables.devices[1].shelf.files_unknown = unknown;
        let conn = cables.connect(1, 0);
        cables.run(&mut dice);
        assert_eq!(cables.devices[0].shelf.lacked[&peer(1)], None);
        assert!(cables.is_quiet(0, conn) && !cables.tally(0, conn).in_step);
    }
}

#[test]
fn a_peer_that_was_removed_hears_nothing_of_files_and_is_not_heard() {
    let (mut cables, mut dice) = two();
    file(&mut cables, 1, 3);
    cables.devices[0].shelf.files.insert(BlobHash([9; 32]), (log(1), vec![PieceHash([9; 32])]));
    cables.devices[0].greeting.removed = vec![peer(1)];
    cables.devices[1].greeting.believes = true;
    cables.devices[1].shelf.write(log(2), b"what it brings");
    cables.connect(1, 0);
    cables.run(&mut dice);
    assert_eq!((cables.devices[0].shelf.bodies(), count(&cables, kind::LACKS)), (2, 0));
    assert!(cables.devices[0].shelf.lacked.is_empty());
}

#[test]
fn what_is_said_of_files_has_an_end() {
    let say = |times: u64| (0..times).map(|_| Frame::Lacks(None));
    assert_eq!(after(say(limits::PIECE_NEWS)).1, []);
    ends_with(SessionError::WantsWithoutEnd, say(limits::PIECE_NEWS + 1));
    let (mut cables, conn) = greeted();
    cables.forge(1, conn, vec![2, 0, 0, 0, kind::LACKS, 2]);
    cables.deliver(1, conn, None);
    assert!(matches!(cables.devices[0].ends.as_slice(), [Err(SessionError::Wire(_))]));
}
