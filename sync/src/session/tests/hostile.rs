//! A peer that knows how to greet and then breaks every rule. Each ends in its own sentence, and the shelf stays whole.

use super::two;
use crate::Ranges;
use crate::greeting::Stranger;
use crate::id::{ConnId, HeaderHash, PieceHash, Root};
use crate::session::{ANSWER_MS, GREETING_MS, SessionError, SessionEvent};
use crate::shelf::{HeaderWant, LogPosition};
use crate::testkit::{Cables, Dice, log};
use crate::wire::{Frame, Run, WireError, kind, limits};

/// Device 0 is honest and holds 50 envelopes; device 1 has greeted and been compared, and is now played by the test.
pub(super) fn greeted() -> (Cables, ConnId) {
    let (mut cables, _) = two();
    cables.devices[0].shelf.write_many(log(1), 50, 20);
    let conn = cables.connect(1, 0);
    cables.deliver(1, conn, None);
    cables.forge(1, conn, Frame::Frontier(Root([0; 32])).encode().unwrap());
    cables.deliver(1, conn, None);
    (cables, conn)
}

pub(super) fn after(frames: impl IntoIterator<Item = Frame>) -> (Cables, Vec<Result<(), SessionError>>) {
    let frames: Vec<_> = frames.into_iter().map(|frame| frame.encode().unwrap()).collect();
    let (mut cables, conn) = greeted();
    let before = cables.devices[0].shelf.everything();
    for frame in frames {
        cables.forge(1, conn, frame);
        cables.deliver(1, conn, None);
    }
    assert_eq!(cables.devices[0].shelf.everything(), before, "the shelf stays as it was");
    let ends = cables.devices[0].ends.clone();
    (cables, ends)
}

pub(super) fn ends_with(error: SessionError, frames: impl IntoIterator<Item = Frame>) {
    assert_eq!(after(frames).1, [Err(error)]);
}

pub(super) fn position(n: u8, next_seq: u64) -> LogPosition {
    LogPosition { log: log(n), next_seq, head: HeaderHash([n; 32]), bodies: (0..next_seq.min(9)).collect() }
}

pub(super) fn vector(positions: Vec<LogPosition>) -> Frame {
    Frame::Vector(Run { more: false, complete: true, positions })
}

pub(super) fn wants(bodies: impl IntoIterator<Item = HeaderHash>) -> Frame {
    Frame::Want { headers: vec![], bodies: bodies.into_iter().collect() }
}

fn absent(n: u16) -> HeaderHash {
    let mut hash = [0xAB; 32];
    hash[..2].copy_from_slice(&n.to_le_bytes());
    HeaderHash(hash)
}

#[test]
fn a_stranger_is_told_nothing_at_all() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.write_many(log(1), 5, 20);
    cables.devices[1].greeting.practice = 2;
    cables.connect(1, 0);
    cables.run(&mut dice);
    assert_eq!(cables.sent, [(1, 0)], "nothing but the dialler's own hello was ever sent");
    assert_eq!(cables.devices[0].ends, [Err(SessionError::Stranger(Stranger))]);
    assert_eq!(cables.devices[1].ends, [Err(SessionError::Closed)]);
}

#[test]
fn a_hello_copied_from_another_connection_opens_nothing() {
    let mut cables = Cables::new(3);
    let overheard = cables.connect(1, 0);
    let hello = [&[0xE1; 32][..], &[0xE0; 32], &[1; 16], &[1; 432]].concat();
    cables.cut(overheard);
    let conn = cables.connect(2, 0);
    cables.deliver(2, conn, None);
    assert!(cables.devices[0].hub.session(conn).is_some(), "the real one is let in");
    let conn = cables.connect(2, 0);
    cables.event(0, conn, SessionEvent::Received(&hello));
    assert_eq!(cables.devices[0].ends.last(), Some(&Err(SessionError::Stranger(Stranger))));
}

#[test]
fn nothing_is_read_before_the_hello() {
    let (mut cables, _) = two();
    let conn = cables.connect(1, 0);
    let frame = Frame::Frontier(Root([0; 32])).encode().unwrap();
    cables.event(0, conn, SessionEvent::Received(&[frame, vec![0; 512]].concat()));
    assert_eq!(cables.devices[0].ends, [Err(SessionError::Stranger(Stranger))]);
}

#[test]
fn a_silent_peer_is_closed_before_and_after_its_hello() {
    let (mut cables, _) = two();
    cables.connect(1, 0);
    cables.pass(GREETING_MS - 1);
    assert_eq!(cables.devices[0].ends, []);
    cables.pass(1);
    assert_eq!(cables.devices[0].ends, [Err(SessionError::Silent)]);
    let (mut cables, conn) = greeted();
    for _ in 0..5 {
        cables.pass(ANSWER_MS / 4);
        cables.event(0, conn, SessionEvent::Received(&[1, 0, 0, 0, *kind::CONTROL.end()]));
    }
    assert_eq!(cables.devices[0].ends, [Err(SessionError::Silent)], "frames of unknown kinds are no answer");
}

#[test]
fn a_quiet_connection_may_stay_silent_for_a_week() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.write_many(log(1), 5, 20);
    let conn = cables.connect(1, 0);
    cables.run(&mut dice);
    cables.pass(7 * 24 * 3_600_000);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
}

#[test]
fn a_stream_cut_in_the_middle_keeps_what_came_before() {
    let (mut cables, mut dice) = two();
    cables.devices[1].shelf.write_many(log(1), 100, 20);
    let conn = cables.connect(1, 0);
    while cables.devices[0].shelf.diary.len() < 30 {
        cables.step(&mut dice);
    }
    cables.event(0, conn, SessionEvent::Received(&[9, 0]));
    cables.event(0, conn, SessionEvent::Ended);
    assert_eq!(cables.devices[0].ends, [Err(SessionError::Truncated)]);
    assert!(cables.devices[0].shelf.bodies() >= 30, "what came is settled");
}

#[test]
fn a_frame_over_the_limit_is_refused_by_its_length_alone() {
    let (mut cables, conn) = greeted();
    cables.event(0, conn, SessionEvent::Received(&[0xFF, 0xFF, 0xFF, 0x7F, kind::BODY]));
    assert!(matches!(cables.devices[0].ends[..], [Err(SessionError::Wire(WireError::Length { .. }))]));
}

#[test]
fn frames_out_of_order_are_refused() {
    ends_with(SessionError::OutOfTurn, [Frame::Frontier(Root([1; 32]))]);
    ends_with(SessionError::OutOfTurn, [Frame::Done { heard: 2, root: Root([0; 32]) }]);
    let part = Run { more: true, complete: true, positions: vec![position(1, 1)] };
    ends_with(SessionError::OutOfTurn, [Frame::Vector(part.clone()), Frame::Ack(part)]);
}

#[test]
fn what_was_not_asked_for_is_refused() {
    let want = HeaderWant { log: log(9), from_seq: 0, head: HeaderHash([9; 32]) };
    ends_with(SessionError::Unasked, [Frame::Headers { want, headers: vec![vec![1; 96]] }]);
    ends_with(SessionError::Unasked, [Frame::Body { header: HeaderHash([9; 32]), body: vec![1] }]);
    ends_with(SessionError::Unasked, [Frame::Gone(HeaderHash([9; 32]))]);
}

#[test]
fn wants_for_what_does_not_exist_are_answered_and_then_counted() {
    let (cables, ends) = after((0..8).map(|n| wants((0..128).map(|k| absent(n * 128 + k)))));
    assert_eq!((ends, cables.sent.iter().filter(|(_, it)| *it == kind::GONE).count()), (vec![], 1_024));
    ends_with(SessionError::WantsWithoutEnd, (0..9).map(|n| wants((0..128).map(|k| absent(n * 128 + k)))));
}

#[test]
fn a_peer_that_asks_for_headers_again_and_again_asks_without_end() {
    let want = |n| HeaderWant { log: log(n), from_seq: 0, head: HeaderHash([n; 32]) };
    let frame = |_| Frame::Want { headers: (0..32).map(want).collect(), bodies: vec![] };
    assert_eq!(after((0..2).map(frame)).1, []);
    ends_with(SessionError::WantsWithoutEnd, (0..3).map(frame));
}

#[test]
fn more_than_the_window_at_once_is_refused() {
    let (mut cables, conn) = greeted();
    let big = vec![3; limits::BODY];
    let names: Vec<_> =
        (0..200u8).map(|n| cables.devices[0].shelf.write(log(2), &[&[n], &big[1..]].concat())).collect();
    for part in names.chunks(100) {
        cables.forge(1, conn, wants(part.iter().copied()).encode().unwrap());
        cables.deliver(1, conn, None);
    }
    assert_eq!(cables.devices[0].ends, [Err(SessionError::WantsWithoutEnd)]);
}

#[test]
fn a_reader_that_never_reads_costs_no_memory() {
    let (mut cables, conn) = greeted();
    let big = vec![3; limits::BODY];
    let names: Vec<_> =
        (0..100u8).map(|n| cables.devices[0].shelf.write(log(2), &[&[n], &big[1..]].concat())).collect();
    cables.forge(1, conn, wants(names).encode().unwrap());
    cables.deliver(1, conn, None);
    assert_eq!(cables.tally(0, conn).bodies_sent, 1, "nothing more is handed out until that has left");
}

#[test]
fn endless_vectors_are_refused() {
    let full = |n: u64| {
        let mut position = position(1, 1);
        position.log.0[..8].copy_from_slice(&n.to_le_bytes());
        Run { more: true, complete: true, positions: vec![position; 700] }
    };
    ends_with(SessionError::VectorTooLong, (0..6).map(|n| Frame::Vector(full(n))));
    let ranges: Ranges = (0..2_000).map(|n| n * 2).collect();
    let wide = LogPosition { next_seq: 4_000, bodies: ranges, ..position(1, 1) };
    let run = Run { more: true, complete: true, positions: vec![wide] };
    ends_with(SessionError::VectorTooLong, (0..33).map(|_| Frame::Vector(run.clone())));
    let one = |n: u64| {
        let mut position = position(1, 1);
        position.log.0[..8].copy_from_slice(&n.to_le_bytes());
        Frame::Ack(Run { more: false, complete: false, positions: vec![position] })
    };
    ends_with(SessionError::VectorTooLong, (0..=limits::ALL_POSITIONS as u64).map(one));
}

#[test]
fn ranges_without_end_are_refused_in_however_many_lists_they_come() {
    let bodies: Ranges = (0..limits::RANGES as u64).map(|n| n * 2).collect();
    let wide = |n: u64| {
        let mut position = LogPosition { next_seq: 1 << 12, bodies: bodies.clone(), ..position(1, 1) };
        position.log.0[..8].copy_from_slice(&n.to_le_bytes());
        Frame::Ack(Run { more: false, complete: false, positions: vec![position] })
    };
    let most = (limits::ALL_RANGES / limits::RANGES) as u64;
    assert_eq!(after((0..most).map(wide)).1, []);
    ends_with(SessionError::VectorTooLong, (0..=most).map(wide));
    // One that is said again takes the place of what was said.
    assert_eq!(after((0..most).chain(0..most).map(wide)).1, []);
}

#[test]
fn a_peer_that_announces_what_it_does_not_have_is_asked_once() {
    let (mut cables, conn) = greeted();
    let claim = position(7, 9);
    let want = HeaderWant { log: log(7), from_seq: 0, head: HeaderHash([7; 32]) };
    for frame in [vector(vec![claim]), Frame::Headers { want, headers: vec![] }] {
        cables.forge(1, conn, frame.encode().unwrap());
        cables.deliver(1, conn, None);
    }
    let count = |it| cables.sent.iter().filter(|sent| **sent == (0, it)).count();
    assert_eq!((count(kind::WANT), count(kind::DONE)), (1, 1));
}

#[test]
fn headers_in_the_wrong_order_or_unsigned_are_refused_and_the_rest_of_the_practice_arrives() {
    let mut source = crate::testkit::MemoryShelf::default();
    let names: Vec<_> = (0..4u8).map(|n| source.write(log(7), &[n])).collect();
    let unsigned = source.write_on(log(8), None, b"unsigned", false);
    let (mut cables, conn) = greeted();
    let good = source.write(log(9), b"good");
    let head = |n: u8, head, next_seq| LogPosition { log: log(n), next_seq, head, bodies: (0..next_seq).collect() };
    let want = |n: u8, head| HeaderWant { log: log(n), from_seq: 0, head };
    let shuffled = [1, 0, 3, 2].map(|at: usize| source.header_bytes(&names[at])).to_vec();
    let play = [
        vector(vec![head(7, names[3], 4), head(8, unsigned, 1), head(9, good, 1)]),
        Frame::Headers { want: want(7, names[3]), headers: shuffled },
        Frame::Headers { want: want(8, unsigned), headers: vec![source.header_bytes(&unsigned)] },
        Frame::Headers { want: want(9, good), headers: vec![source.header_bytes(&good)] },
        Frame::Body { header: good, body: b"good".to_vec() },
    ];
    for frame in play {
        cables.forge(1, conn, frame.encode().unwrap());
        cables.deliver(1, conn, None);
    }
    assert_eq!((cables.tally(0, conn).refused, cables.devices[0].shelf.bodies()), (2, 51));
}

#[test]
fn unknown_frames_are_counted_and_skipped() {
    let frames = [*kind::BLOBS.end(), *kind::CONTROL.end(), 0xFF].map(Frame::Unknown);
    let (cables, ends) = after(frames);
    assert_eq!((ends, cables.devices[0].hub.tallies().next().unwrap().1.unknown), (vec![], 3));
}

#[test]
fn random_bytes_after_the_hello_end_the_session_and_change_nothing() {
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let (mut cables, conn) = greeted();
        let before = cables.devices[0].shelf.everything();
        for _ in 0..20 {
            let len = dice.below(200);
            let mut bytes = dice.bytes(len + 5);
            if dice.below(2) == 0 {
                bytes[..4].copy_from_slice(&(len as u32 + 1).to_le_bytes());
                bytes[4] = dice.below(10) as u8;
            }
            cables.event(0, conn, SessionEvent::Received(&bytes));
        }
        assert_eq!(cables.devices[0].shelf.everything(), before, "seed {seed}");
    }
}

#[test]
fn pieces_that_nobody_asked_for_and_wants_for_pieces_without_end_are_cut_off() {
    let piece = |n: u8| PieceHash([n; 32]);
    ends_with(SessionError::Unasked, [Frame::Piece { hash: piece(1), bytes: vec![7; 90] }]);
    ends_with(SessionError::Unasked, [Frame::NoPiece(piece(1))]);
    let window = limits::OPEN_PIECE_WANTS as u8;
    let many = |from: u8| Frame::WantPieces((from..from + window).map(piece).collect());
    assert!(Frame::WantPieces((0..=window).map(piece).collect()).encode().is_err());
    // What is not here is answered at once, and may be asked for again; but not for ever.
    let rounds = limits::GONE_PIECES as usize / usize::from(window);
    ends_with(SessionError::WantsWithoutEnd, (0..=rounds).map(|_| many(0)));
    let news = (0..=limits::PIECE_NEWS).map(|_| Frame::Pieces { has: true, wants: true });
    ends_with(SessionError::WantsWithoutEnd, news);
}
