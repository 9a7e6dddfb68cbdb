use proptest::prelude::*;

use super::*;
use crate::id::{BlobHash, LogId};
use crate::ranges::Ranges;
use crate::testkit::Dice;

fn position(n: u8, ranges: u64) -> LogPosition {
    let bodies = Ranges::from_pairs((0..ranges).map(|at| (at * 2, at * 2 + 1)).collect()).unwrap();
    LogPosition { log: LogId([n; 24]), next_seq: ranges * 2 + 1, head: HeaderHash([n; 32]), bodies }
}

fn want(n: u8) -> HeaderWant {
    HeaderWant { log: LogId([n; 24]), from_seq: u64::from(n), head: HeaderHash([n; 32]) }
}

fn examples() -> Vec<Frame> {
    let run = Run { more: true, complete: true, positions: vec![position(1, 3), position(2, 0)] };
    vec![
        Frame::Frontier(Root([1; 32])),
        Frame::Vector(run.clone()),
        Frame::Want { headers: vec![want(3), want(4)], bodies: vec![HeaderHash([5; 32])] },
        Frame::Headers { want: want(3), headers: vec![vec![1; 256], vec![2]] },
        Frame::Body { header: HeaderHash([6; 32]), body: vec![9; 1000] },
        Frame::Gone(HeaderHash([7; 32])),
        Frame::Ack(run),
        Frame::Done { heard: 3, root: Root([8; 32]) },
        Frame::Pieces { has: true, wants: false },
        Frame::Pieces { has: false, wants: true },
        Frame::WantPieces(vec![PieceHash([9; 32]), PieceHash([10; 32])]),
        Frame::Piece { hash: PieceHash([11; 32]), bytes: vec![12; 1000] },
        Frame::NoPiece(PieceHash([13; 32])),
        Frame::Lacks(Some(vec![BlobHash([15; 32]), BlobHash([16; 32])])),
        Frame::Lacks(Some(vec![])),
        Frame::Lacks(None),
        Frame::Removed { more: false, part: vec![14; 300] },
        Frame::Removed { more: true, part: vec![14] },
        Frame::Addresses(Addresses::default()),
        Frame::Addresses(Addresses {
            direct: vec!["192.0.2.7:4433".parse().unwrap(), "[2001:db8::7]:1".parse().unwrap()],
            relay: Some("https://relay.example.org".parse().unwrap()),
        }),
    ]
}

fn deframe(mut bytes: &[u8]) -> Result<Option<Raw>, WireError> {
    Deframer::default().next(&mut bytes)
}

#[test]
fn every_frame_survives_the_wire() {
    for frame in examples() {
        let raw = deframe(&frame.encode().unwrap()).unwrap().unwrap();
        assert_eq!(raw.parse(), Ok(frame));
    }
}

#[test]
fn the_first_bytes_of_every_frame_are_as_documented() {
    assert_eq!(Frame::Frontier(Root([9; 32])).encode().unwrap(), [&[33, 0, 0, 0, 0x01][..], &[9; 32]].concat());
    let done = Frame::Done { heard: 258, root: Root([9; 32]) };
    assert_eq!(done.encode().unwrap(), [&[37, 0, 0, 0, 0x08, 2, 1, 0, 0][..], &[9; 32]].concat());
    let headers = Frame::Headers { want: want(1), headers: vec![vec![5; 3]] }.encode().unwrap();
    let tail = [&[1; 24][..], &1u64.to_le_bytes(), &[1; 32], &[1, 0, 3, 0, 5, 5, 5]].concat();
    assert_eq!(Frame::Pieces { has: true, wants: true }.encode().unwrap(), [2, 0, 0, 0, 0x10, 3]);
    assert_eq!(headers, [&[72, 0, 0, 0, 0x04][..], &tail].concat());
}

#[test]
fn a_frame_with_a_byte_too_few_or_too_many_is_refused() {
    for frame in examples() {
        let payload = frame.encode().unwrap()[5..].to_vec();
        // What ends in bytes of any number: how many stand before them.
        let before = match frame {
            Frame::Body { .. } | Frame::Piece { .. } => Some(32),
            Frame::Removed { .. } => Some(1),
            _ => None,
        };
        let is_body = before.is_some();
        for len in 0..payload.len() {
            let shorter_body_is_a_body = before.is_some_and(|before| len > before);
            assert!(shorter_body_is_a_body || Frame::parse(frame.kind(), &payload[..len]).is_err(), "{frame:?} {len}");
        }
        assert!(is_body || Frame::parse(frame.kind(), &[payload, vec![0]].concat()).is_err(), "{frame:?}");
    }
}

#[test]
fn a_length_over_the_limit_is_refused_before_any_of_it_arrives() {
    for kind in 0..=255u8 {
        let limit = u32::try_from(limits::payload(kind)).unwrap() + 1;
        for length in [0, limit + 1, u32::MAX] {
            let head = [&length.to_le_bytes()[..], &[kind]].concat();
            assert_eq!(deframe(&head), Err(WireError::Length { kind, length, limit }));
        }
        assert_eq!(deframe(&[&limit.to_le_bytes()[..], &[kind]].concat()), Ok(None));
    }
}

#[test]
fn the_document_gives_the_limits_that_the_code_has() {
    let document = include_str!("../../../docs/sync.md");
    for kind in (kind::FRONTIER..=kind::DONE).chain(kind::PIECES..=kind::LACKS).chain([kind::REMOVED]) {
        let digits = limits::payload(kind).to_string();
        let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
        let (kind, limit) = (format!("| {kind:02x} |"), format!("| {} |", groups.join(",")));
        assert!(document.lines().any(|line| line.starts_with(&kind) && line.ends_with(&limit)), "{kind} {limit}");
    }
    for kind in 0x30..=0x33 {
        let limit = folder::in_statement(kind).unwrap();
        let says = |line: &str| {
            line.starts_with(&format!("| {kind:02x} |")) && line.replace(',', "").ends_with(&format!("| {limit} |"))
        };
        assert!(document.lines().any(says), "{kind:02x} {limit}");
    }
    assert!(document.contains("16,842,752 bytes; 4,096; 1,024") && limits::OBJECT == 16_842_752);
}

#[test]
fn a_position_beyond_the_longest_log_is_refused() {
    let vector = |next_seq: u64| {
        let bodies = Ranges::from_pairs(vec![(0, next_seq)]).unwrap();
        let position = LogPosition { log: LogId([1; 24]), next_seq, head: HeaderHash([2; 32]), bodies };
        let run = Run { more: false, complete: true, positions: vec![position] };
        let bytes = Frame::Vector(run).encode().unwrap();
        Frame::parse(kind::VECTOR, &bytes[5..])
    };
    assert!(vector(limits::LOG_ENTRIES as u64).is_ok());
    for beyond in [limits::LOG_ENTRIES as u64 + 1, u64::MAX] {
        assert_eq!(vector(beyond), Err(WireError::Malformed { kind: kind::VECTOR }));
    }
}

#[test]
fn counts_over_their_limits_are_refused() {
    let counts = |headers: u16, bodies: u16| {
        let headers = [&headers.to_le_bytes()[..], &vec![0; usize::from(headers) * 64]].concat();
        let bodies = [&bodies.to_le_bytes()[..], &vec![0; usize::from(bodies) * 32]].concat();
        Frame::parse(kind::WANT, &[headers, bodies].concat())
    };
    assert!(counts(64, 128).is_ok());
    assert_eq!(counts(65, 0), Err(WireError::Count { kind: kind::WANT }));
    assert_eq!(counts(0, 129), Err(WireError::Count { kind: kind::WANT }));
    let lacked = |files| Frame::Lacks(Some(vec![BlobHash([1; 32]); files])).encode();
    assert_eq!(lacked(limits::LACKED_FILES).unwrap().len(), 5 + limits::payload(kind::LACKS));
    assert_eq!(lacked(limits::LACKED_FILES + 1), Err(WireError::Count { kind: kind::LACKS }));
    let long_header = Frame::Headers { want: want(1), headers: vec![vec![0; 257]] };
    assert_eq!(long_header.encode(), Err(WireError::Count { kind: kind::HEADERS }));
    let too_many_headers = Frame::Headers { want: want(1), headers: vec![vec![0]; 4_097] };
    assert_eq!(too_many_headers.encode(), Err(WireError::Count { kind: kind::HEADERS }));
    let whole_log = Frame::Headers { want: want(1), headers: vec![vec![0; 256]; 4_096] }.encode().unwrap();
    assert!(deframe(&whole_log).unwrap().unwrap().parse().is_ok());
    let body = |len| Frame::Body { header: HeaderHash([1; 32]), body: vec![0; len] }.encode();
    assert!(body(limits::BODY).is_ok());
    assert!(matches!(body(limits::BODY + 1), Err(WireError::Length { .. })));
}

#[test]
fn a_position_that_claims_bodies_past_its_end_or_unsorted_ranges_is_refused() {
    let mut past = position(1, 3);
    past.next_seq = 4;
    let frame = Frame::Vector(Run { positions: vec![past], ..Run::default() }).encode().unwrap();
    assert_eq!(Frame::parse(kind::VECTOR, &frame[5..]), Err(WireError::Malformed { kind: kind::VECTOR }));
    let mut unsorted = Frame::Vector(Run { positions: vec![position(1, 2)], ..Run::default() }).encode().unwrap();
    let at = unsorted.len() - 32;
    unsorted[at..].rotate_left(16);
    assert_eq!(Frame::parse(kind::VECTOR, &unsorted[5..]), Err(WireError::Malformed { kind: kind::VECTOR }));
}

#[test]
fn a_list_goes_on_only_after_a_frame_that_says_something() {
    let payload = |flags: u8| [flags, 0, 0];
    let frame = |more| Frame::Ack(Run { more, ..Run::default() });
    assert_eq!(Frame::parse(kind::ACK, &payload(0)), Ok(frame(false)));
    assert_eq!(Frame::parse(kind::ACK, &payload(1)), Err(WireError::Malformed { kind: kind::ACK }));
    assert_eq!(frame(true).encode(), Err(WireError::Malformed { kind: kind::ACK }));
}

#[test]
fn a_list_larger_than_a_frame_is_cut_and_says_so() {
    let positions: Vec<_> = (0..16).flat_map(|n| [position(n, 100), position(n, 2_047)]).collect();
    let runs = code::runs(positions.clone(), true);
    assert!(runs.len() > 5);
    assert!(runs.iter().rev().skip(1).all(|run| run.more) && !runs.last().unwrap().more);
    assert!(runs.iter().all(|run| run.complete && Frame::Vector(run.clone()).encode().is_ok()));
    assert_eq!(runs.into_iter().flat_map(|run| run.positions).collect::<Vec<_>>(), positions);
}

#[test]
fn what_is_more_than_one_list_may_say_is_said_in_several_each_within_the_limits() {
    let ranges = limits::RANGES as u64;
    let wide = (0..100).flat_map(|n| vec![position(n, ranges); 3]).collect::<Vec<_>>();
    let many = (0..limits::POSITIONS * 2 + 5).map(|n| position((n / 100) as u8, 0)).collect();
    for positions in [wide, many] {
        let runs = code::runs(positions.clone(), true);
        let lists: Vec<_> = runs.split_inclusive(|run| !run.more).collect();
        assert!(lists.len() > 2);
        for (at, list) in lists.iter().enumerate() {
            let said: Vec<_> = list.iter().flat_map(|run| &run.positions).collect();
            assert!(said.len() <= limits::POSITIONS);
            assert!(said.iter().map(|it| it.bodies.pairs().len()).sum::<usize>() <= limits::VECTOR_RANGES);
            assert!(
                list.iter().all(|run| run.complete == (at == 0)),
                "the first takes the place of what was said before"
            );
            let next = lists.get(at + 1).and_then(|next| next[0].positions.first());
            assert!(next.is_none_or(|next| next.log != said.last().unwrap().log), "a log stands in one list");
        }
        assert_eq!(runs.into_iter().flat_map(|run| run.positions).collect::<Vec<_>>(), positions);
    }
}

#[test]
fn the_log_with_the_most_ranges_fits_a_position_and_nothing_is_trimmed_to_fit() {
    let whole = |ranges: usize| code::runs(vec![position(1, ranges as u64)], true).remove(0);
    let most = (0..limits::LOG_ENTRIES as u64).step_by(2).collect::<Ranges>().pairs().len();
    assert_eq!(most, limits::RANGES);
    let encoded = |ranges| Frame::Vector(whole(ranges)).encode().map(drop);
    assert_eq!(encoded(most), Ok(()));
    assert_eq!(encoded(most + 1), Err(WireError::Count { kind: kind::VECTOR }));
}

#[test]
fn unknown_kinds_are_skipped_while_they_arrive_and_what_follows_is_read() {
    let unknown = [&1_000_001u32.to_le_bytes()[..], &[*kind::BLOBS.end()], &vec![0xAA; 1_000_000]].concat();
    let stream = [unknown, Frame::Gone(HeaderHash([3; 32])).encode().unwrap()].concat();
    let (mut deframer, mut input, mut frames) = (Deframer::default(), &stream[..], Vec::new());
    while let Some(raw) = deframer.next(&mut input).unwrap() {
        assert!(raw.payload.len() <= 32);
        frames.push(raw.parse().unwrap());
    }
    assert_eq!(frames, [Frame::Unknown(0x1f), Frame::Gone(HeaderHash([3; 32]))]);
}

proptest! {
    #[test]
    fn any_bytes_are_parsed_or_refused_and_what_is_parsed_is_canonical(kind in 0u8..40, payload in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(frame) = Frame::parse(kind, &payload) && !matches!(frame, Frame::Unknown(_)) {
            prop_assert_eq!(&frame.encode().unwrap()[5..], &payload[..]);
        }
    }

    #[test]
    fn frames_cut_anywhere_come_out_whole(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let stream: Vec<u8> = examples().iter().flat_map(|frame| frame.encode().unwrap()).collect();
        let (mut deframer, mut frames, mut rest) = (Deframer::default(), Vec::new(), &stream[..]);
        while !rest.is_empty() {
            let (mut part, after) = rest.split_at(1 + dice.below(rest.len().min(200)));
            while let Some(raw) = deframer.next(&mut part).unwrap() {
                frames.push(raw.parse().unwrap());
            }
            rest = after;
        }
        prop_assert_eq!(frames, examples());
        prop_assert!(!deframer.inside_a_frame());
    }

    #[test]
    fn random_streams_never_panic_and_never_grow_past_what_arrived(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let mut stream = dice.bytes(300);
        if dice.below(2) == 0 {
            stream.splice(..4, [200, 0, 0, 0]);
            stream[4] = 1 + dice.below(9) as u8;
        }
        let (mut deframer, mut input) = (Deframer::default(), &stream[..]);
        while let Ok(Some(raw)) = deframer.next(&mut input) {
            prop_assert!(raw.payload.len() <= 300);
            let _ = raw.parse();
        }
    }
}
