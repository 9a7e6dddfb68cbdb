//! Sealed pieces alone: where they open, what their list says, and what a length gives away.

use proptest::prelude::*;

use super::*;

fn key(byte: u8) -> Key<FileRole> {
    Key::take(&mut [byte; 32])
}

const HERE: PiecePlace = PiecePlace { file: DocId([1; 16]), number: 3 };

#[test]
fn a_piece_opens_at_its_place_under_its_key_and_nowhere_else() {
    let sealed = seal_piece(&key(1), &HERE, &[9; 24], b"what was scanned");
    assert_eq!(sealed.hash, kdf::sha256(&sealed.bytes));
    assert_eq!(open_piece(&key(1), &HERE, &sealed.bytes).unwrap().as_slice(), b"what was scanned");
    assert_eq!(open_piece(&key(2), &HERE, &sealed.bytes), Err(SealError::WrongKey));
    for elsewhere in [PiecePlace { number: 4, ..HERE }, PiecePlace { file: DocId([2; 16]), ..HERE }] {
        assert_eq!(open_piece(&key(1), &elsewhere, &sealed.bytes), Err(SealError::WrongKey));
    }
    for at in 0..sealed.bytes.len() {
        let mut flipped = sealed.bytes.clone();
        flipped[at] ^= 1;
        assert!(open_piece(&key(1), &HERE, &flipped).is_err(), "byte {at}");
        assert!(open_piece(&key(1), &HERE, &sealed.bytes[..at]).is_err(), "cut at {at}");
    }
    let doubled = [&sealed.bytes[..], &sealed.bytes].concat();
    assert_eq!(open_piece(&key(1), &HERE, &doubled), Err(SealError::Damaged));
}

#[test]
fn a_full_piece_fills_a_page_of_the_store_and_the_longest_file_has_the_most_pieces() {
    // A row of redb has 40 bytes of its own.
    assert!((1_020 << 10..=(1 << 20) - 40).contains(&SEALED_MAX));
    for exponent in SMALLEST..=LARGEST {
        let size = Layout::of((1_u64 << exponent) - 2_048).unwrap().size;
        assert_eq!(size, (1 << exponent) - 2_048);
        assert!(seal::sealed_len(size) + 40 <= 1 << exponent);
    }
    assert_eq!(Layout::of(LENGTH_MAX), Some(Layout { pieces: PIECES_MAX, size: PIECE }));
    assert_eq!(Layout::of(LENGTH_MAX + 1), None);
    assert_eq!(Layout::of(u64::MAX), None);
}

#[test]
fn what_a_length_gives_away_is_as_written() {
    let layout = |length: u64| Layout::of(length).map(|layout| (layout.pieces, layout.size)).unwrap();
    let piece = PIECE as u64;
    assert_eq!(layout(0), (1, 2_048));
    assert_eq!(layout(2_048), (1, 2_048));
    assert_eq!(layout(2_049), (1, 6_144));
    assert_eq!(layout(piece), (1, PIECE));
    assert_eq!(layout(piece + 1), (2, PIECE));
    assert_eq!(layout(2 * piece), (2, PIECE));
    assert_eq!(layout(8 * piece + 1), (10, PIECE));
    assert_eq!(layout(1 << 30), (1_088, PIECE));
}

#[test]
fn a_list_that_no_file_has_is_refused() {
    let list = PieceList::new(7, vec![Hash([1; 32]), Hash([2; 32])]).unwrap();
    let bytes = list.to_bytes();
    assert_eq!(PieceList::parse(&bytes), Ok(list.clone()));
    assert_eq!(PieceList::parse(&bytes[..bytes.len() - 1]), Err(Malformed));
    assert_eq!(PieceList::parse(&[&bytes[..], &[0]].concat()), Err(Malformed));
    assert_eq!(PieceList::parse(&[0; 12]), Err(Malformed), "none");
    let endless =
        [&[0; 8][..], &u32::try_from(PIECES_MAX + 1).unwrap().to_le_bytes()[..], &vec![0; (PIECES_MAX + 1) * 32]]
            .concat();
    assert_eq!(PieceList::parse(&endless), Err(Malformed));
    assert_eq!(PieceList::parse(&[0xFF; 12]), Err(Malformed));
    let swapped = PieceList::new(7, vec![Hash([2; 32]), Hash([1; 32])]).unwrap();
    assert_ne!(list.name(), swapped.name());
}

proptest! {
    #[test]
    fn every_length_fits_into_its_pieces_with_an_eighth_of_them_empty_at_most(length in 0..=LENGTH_MAX) {
        let Layout { pieces, size } = Layout::of(length).unwrap();
        let room = (pieces * size) as u64;
        prop_assert!(room >= length && pieces <= PIECES_MAX);
        prop_assert!(pieces == 1 || room <= length + length / 8 + PIECE as u64);
    }
}
