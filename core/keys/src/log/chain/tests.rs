use proptest::prelude::*;
use subrosa_base::id::EpochId;

use super::*;
use crate::log::{Class, Place};
use crate::secret::{DeviceSigningRole, Key};
use crate::sign::Signer;

fn signer(byte: u8) -> Signer {
    Signer::new(&Key::<DeviceSigningRole>::take(&mut [byte; 32]))
}

fn log_of(device: &Signer, number: u8) -> LogId {
    LogId::of(device.public_key().device_id(), number)
}

/// `count` headers after a position, the last one signed; `mark` tells branches apart.
fn run(device: &Signer, after: Position, count: u64, mark: u8) -> Vec<SignedHeader> {
    let (mut after, mut run) = (after, Vec::new());
    for _ in 0..count {
        let place = Place { class: Class::Everyday, log: log_of(device, 1), after, epoch: EpochId([8; 16]) };
        let header = place.header(1096, Hash([mark; 32]));
        after = Position::after(&header);
        run.push(SignedHeader { header, signature: None });
    }
    if let Some(last) = run.last_mut() {
        *last = SignedHeader::sign(last.header, device);
    }
    run
}

fn followed(known: Position, run: &[SignedHeader]) -> Result<Accepted, ChainError> {
    follow(log_of(&signer(1), 1), known, run, &signer(1).public_key())
}

fn end_of(run: &[SignedHeader]) -> Position {
    Position::after(&run.last().unwrap().header)
}

#[test]
fn a_log_is_followed_run_after_run_under_one_signature_each() {
    let first = run(&signer(1), Position::START, 5, 0);
    let accepted = followed(Position::START, &first).unwrap();
    assert_eq!(accepted.position, end_of(&first));
    assert_eq!(accepted.position.next_seq, 5);
    assert_eq!(accepted.hashes, first.iter().map(|signed| signed.header.hash()).collect::<Vec<_>>());
    let second = run(&signer(1), accepted.position, 3, 0);
    assert_eq!(followed(accepted.position, &second).unwrap().position.next_seq, 8);
    let both = [first, second].concat();
    assert_eq!(followed(Position::START, &both).unwrap().position.next_seq, 8, "a signature in the middle is welcome");
}

#[test]
fn a_log_has_as_many_envelopes_as_its_writer_may_put_into_one_and_no_more() {
    let whole = run(&signer(1), Position::START, LOG_LEN, 0);
    let full = followed(Position::START, &whole).unwrap().position;
    assert!(full.is_full());
    assert_eq!(followed(full, &run(&signer(1), full, 1, 0)), Err(ChainError::TooLong));
    let beyond = run(&signer(1), Position::START, LOG_LEN + 1, 0);
    assert_eq!(followed(Position::START, &beyond), Err(ChainError::TooLong));
}

#[test]
fn a_run_that_leaves_headers_out_is_refused() {
    let whole = run(&signer(1), Position::START, 5, 0);
    assert_eq!(followed(Position::START, &whole[1..]), Err(ChainError::Gap { expected: 0 }));
    let hole = [&whole[..2], &whole[3..]].concat();
    assert_eq!(followed(Position::START, &hole), Err(ChainError::Gap { expected: 2 }));
    assert_eq!(followed(Position::START, &[]), Err(ChainError::Empty));
}

#[test]
fn a_run_in_another_order_or_with_a_header_twice_is_refused() {
    let whole = run(&signer(1), Position::START, 5, 0);
    let doubled = [&whole[..2], &whole[1..]].concat();
    assert_eq!(followed(Position::START, &doubled), Err(ChainError::Broken { seq: 1 }));
    let mut swapped = whole;
    swapped.swap(1, 2);
    assert_eq!(followed(Position::START, &swapped), Err(ChainError::Gap { expected: 1 }));
}

#[test]
fn a_run_that_begins_before_the_known_end_is_told_apart() {
    let whole = run(&signer(1), Position::START, 5, 0);
    assert_eq!(followed(end_of(&whole[..3]), &whole[2..]), Err(ChainError::Behind { begins: 2 }));
    assert!(followed(end_of(&whole[..2]), &whole[2..]).is_ok(), "and followed from where it does begin");
}

#[test]
fn a_second_branch_is_a_fork_and_can_be_followed_from_where_it_turns_off() {
    let known = run(&signer(1), Position::START, 3, 0);
    let turn = end_of(&known[..1]);
    let branch = run(&signer(1), turn, 4, 77);
    assert_eq!(followed(end_of(&known), &branch[2..]), Err(ChainError::Fork { seq: 2 }));
    assert_eq!(followed(turn, &branch).unwrap().position.next_seq, 5);
    let spliced = [&known[..2], &branch[1..]].concat();
    assert_eq!(followed(Position::START, &spliced), Err(ChainError::Broken { seq: 2 }));
}

#[test]
fn a_run_that_no_signature_ends_is_refused() {
    let whole = run(&signer(1), Position::START, 5, 0);
    assert_eq!(followed(Position::START, &whole[..4]), Err(ChainError::Unsigned));
}

#[test]
fn a_signature_of_another_device_is_refused_in_the_middle_and_at_the_end() {
    for at in [1, 4] {
        let mut forged = run(&signer(1), Position::START, 5, 0);
        forged[at] = SignedHeader::sign(forged[at].header, &signer(2));
        let seq = forged[at].header.seq;
        assert_eq!(followed(Position::START, &forged), Err(ChainError::BadSignature { seq }));
    }
}

#[test]
fn a_header_of_another_log_is_refused_even_of_the_same_device() {
    let mut mixed = run(&signer(1), Position::START, 3, 0);
    mixed[1].header.log = log_of(&signer(1), 2);
    assert_eq!(followed(Position::START, &mixed), Err(ChainError::OtherLog));
}

#[test]
fn a_log_is_full_after_4096_envelopes() {
    assert!(!Position { next_seq: 4095, ..Position::START }.is_full());
    assert!(Position { next_seq: 4096, ..Position::START }.is_full());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_run_with_any_field_of_any_header_changed_is_refused(at in 0_usize..5, field in 0..5, bit in 0_u8..8) {
        let mut changed = run(&signer(1), Position::START, 5, 0);
        let header = &mut changed[at].header;
        match field {
            0 => header.seq ^= 1 << bit,
            1 => header.prev.0[9] ^= 1 << bit,
            2 => header.epoch.0[3] ^= 1 << bit,
            3 => header.body_len ^= 1 << bit,
            _ => header.body_hash.0[31] ^= 1 << bit,
        }
        prop_assert!(followed(Position::START, &changed).is_err());
    }
}
