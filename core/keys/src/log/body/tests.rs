use proptest::prelude::*;
use subrosa_base::entropy::Os;
use subrosa_base::id::{Hash, LogId};

use super::*;
use crate::log::{Class, Position};

const EPOCH: EpochId = EpochId([8; 16]);

fn place() -> Place {
    let after = Position { next_seq: 4, head: Hash([7; 32]) };
    Place { class: Class::Everyday, log: LogId([3; 24]), after, epoch: EPOCH }
}

fn outer(byte: u8) -> Key<OuterRole> {
    outer_key(&Key::take(&mut [byte; 32]), EPOCH)
}

fn item(code: u8, content: Vec<u8>) -> Item {
    Item { kind: Kind::of(NonZeroU8::new(code).unwrap()), document: DocId([1; 16]), key: KeyId([2; 16]), content }
}

/// A body with a true header, whatever its plain text is.
fn forged(plain: &[u8]) -> (Header, Vec<u8>) {
    let body = seal::seal(&outer(1), &place().body_context(), plain, &mut Os);
    (place().header(u32::try_from(body.len()).unwrap(), kdf::sha256(&body)), body)
}

#[test]
fn items_of_known_and_unknown_kinds_come_back_as_they_were() {
    let items = vec![item(1, vec![]), item(17, vec![0; 100]), item(200, b"later".to_vec())];
    let (header, body) = seal_body(&outer(1), &place(), &items, &mut Os).unwrap();
    assert_eq!((header.seq, header.prev, header.epoch), (4, Hash([7; 32]), EPOCH));
    assert_eq!(open_body(&header, &outer(1), &body).unwrap(), items);
}

#[test]
fn a_short_note_and_a_shorter_one_look_alike() {
    let body = |len| seal_body(&outer(1), &place(), &[item(17, vec![5; len])], &mut Os).unwrap().1.len();
    assert_eq!(body(1), body(800));
    assert_eq!(body(800), seal::sealed_len(864));
}

#[test]
fn a_body_that_its_header_does_not_name_is_refused_before_any_key_is_tried() {
    let (header, body) = seal_body(&outer(1), &place(), &[item(17, vec![1])], &mut Os).unwrap();
    let other = seal_body(&outer(1), &place(), &[item(17, vec![1])], &mut Os).unwrap().1;
    assert_eq!(open_body(&header, &outer(1), &other), Err(BodyError::NotTheHeaders));
    assert_eq!(open_body(&header, &outer(1), &body[..body.len() - 1]), Err(BodyError::NotTheHeaders));
    for bit in (0..body.len() * 8).step_by(101) {
        let mut flipped = body.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open_body(&header, &outer(1), &flipped), Err(BodyError::NotTheHeaders), "bit {bit}");
    }
}

#[test]
fn a_body_opens_at_its_own_place_under_its_own_epoch_alone() {
    let (header, body) = seal_body(&outer(1), &place(), &[item(17, vec![1])], &mut Os).unwrap();
    let elsewhere = [
        Header { class: Class::Import, ..header },
        Header { log: LogId([4; 24]), ..header },
        Header { seq: 5, ..header },
        Header { prev: Hash([8; 32]), ..header },
        Header { epoch: EpochId([9; 16]), ..header },
    ];
    for moved in elsewhere {
        assert_eq!(open_body(&moved, &outer(1), &body), Err(BodyError::WrongKey), "{moved:?}");
    }
    assert_eq!(open_body(&header, &outer(2), &body), Err(BodyError::WrongKey));
    let other_epoch = outer_key(&Key::take(&mut [1; 32]), EpochId([9; 16]));
    assert_eq!(open_body(&header, &other_epoch, &body), Err(BodyError::WrongKey));
}

#[test]
fn an_item_that_runs_past_the_body_or_padding_that_says_something_is_refused() {
    let plain = pack(&[item(17, vec![5; 10])]).unwrap();
    let mut too_long = plain.to_vec();
    too_long[33..37].copy_from_slice(&2000_u32.to_le_bytes());
    let mut hidden = plain.to_vec();
    *hidden.last_mut().unwrap() = 1;
    for refused in [too_long, hidden, plain[..40].to_vec(), vec![0, 1]] {
        let (header, body) = forged(&refused);
        assert_eq!(open_body(&header, &outer(1), &body), Err(BodyError::Damaged));
    }
    let (header, body) = forged(&plain[..47]);
    assert_eq!(open_body(&header, &outer(1), &body).unwrap().len(), 1, "no padding is padding, too");
}

#[test]
fn lengths_are_padded_to_powers_of_two_and_then_by_padme() {
    let expected = [
        (0, 864),
        (1, 864),
        (864, 864),
        (865, 1_888),
        (1_889, 3_936),
        (65_376, 65_376),
        // Past that: exponent 15 has four digits, so eleven bits are rounded, and exponent 16 has five.
        (65_377, 65_536),
        (65_537, 67_584),
        (131_073, 135_168),
        (262_145, 270_336),
        (1_000_000, 1_015_808),
    ];
    for (len, padded) in expected {
        assert_eq!(padded_len(len), padded, "{len}");
    }
}

/// A page of the store has 4,096 bytes, a row 32 of key, and a page says 4 of itself and 4 of each row (docs/store.md).
#[test]
fn padded_bodies_fill_a_page_of_the_store_or_an_even_part_of_it() {
    let sealed = |exponent: u32| seal::sealed_len(padded_len((1 << exponent) - SPARE));
    let in_a_page = |exponent: u32| (4_096 - 4) / (sealed(exponent) + 32 + 4);
    assert_eq!([10, 11, 12].map(in_a_page), [4, 2, 1]);
    for exponent in 13..=16 {
        assert!(sealed(exponent) + 4 + 32 + 4 <= 1 << exponent, "pages are powers of two: {exponent}");
    }
}

#[test]
fn a_body_filled_to_its_capacity_fits_and_one_byte_more_does_not() {
    for sealed in [IMPORT_BODY, BODY_MAX] {
        let full = capacity(sealed);
        assert!(seal::sealed_len(padded_len(full)) <= sealed);
        assert!(seal::sealed_len(padded_len(full + 1)) > sealed);
        assert!(full > sealed * 15 / 16, "little is wasted: {full} of {sealed}");
    }
    assert_eq!(capacity(100), 0);
    let full = capacity(BODY_MAX) - packed_len(&item(17, vec![]));
    let (header, body) = seal_body(&outer(1), &place(), &[item(17, vec![5; full])], &mut Os).unwrap();
    assert!(body.len() <= BODY_MAX);
    assert_eq!(open_body(&header, &outer(1), &body).unwrap()[0].content.len(), full);
    let over = seal_body(&outer(1), &place(), &[item(17, vec![5; full + 1])], &mut Os);
    assert_eq!(over, Err(BodyError::TooLarge));
}

proptest! {
    #[test]
    fn every_list_of_items_comes_back(items in prop::collection::vec((1_u8.., any::<Vec<u8>>()), 0..20)) {
        let items: Vec<Item> = items.into_iter().map(|(code, content)| item(code, content)).collect();
        prop_assert_eq!(unpack(&pack(&items).unwrap()).unwrap(), items);
    }

    #[test]
    fn no_plain_text_makes_unpacking_panic_and_what_unpacks_packs_again(plain: Vec<u8>) {
        if let Ok(items) = unpack(&plain) {
            prop_assert_eq!(unpack(&pack(&items).unwrap()).unwrap(), items);
        }
    }

    #[test]
    fn padding_only_grows_and_wastes_an_eighth_at_most_of_a_long_body(len in 0_usize..BODY_MAX) {
        let padded = padded_len(len);
        prop_assert!(padded >= len && padded <= padded_len(len + 1));
        prop_assert!(len <= DOUBLING || padded - len <= len / 8);
        prop_assert_eq!(padded_len(padded), padded);
    }
}

/// One item, from as much of a body as it needs.
fn item_of(header: &Header, outer: &Key<OuterRole>, body: &[u8], part: Range<usize>) -> Result<Item, BodyError> {
    open_item(header, outer, part, |ranges| Ok(ranges.map(|range| body[range].to_vec())))
}

#[test]
fn one_item_opens_by_its_place_alone_and_not_by_any_other() {
    let items: Vec<Item> = (1..60).map(|code| item(code, vec![code; 40 * usize::from(code)])).collect();
    let (header, body) = seal_body(&outer(1), &place(), &items, &mut Os).unwrap();
    let mut at = 0;
    for expected in &items {
        let part = at..at + packed_len(expected);
        assert_eq!(item_of(&header, &outer(1), &body, part.clone()).as_ref(), Ok(expected));
        assert!(item_of(&header, &outer(1), &body, part.start..part.end - 1).is_err(), "cut");
        assert!(item_of(&header, &outer(1), &body, part.start + 1..part.end).is_err(), "begins elsewhere");
        at = part.end;
    }
    assert_eq!(item_of(&header, &outer(1), &body, 0..at), Err(BodyError::Damaged), "many are not one");
    assert_eq!(item_of(&header, &outer(1), &body, at..at + 9), Err(BodyError::Damaged), "padding is no item");
    assert_eq!(item_of(&header, &outer(2), &body, 0..77), Err(BodyError::WrongKey));
    let unread = open_item(&header, &outer(1), 0..77, |_| Err(BodyError::NotTheHeaders));
    assert_eq!(unread, Err(BodyError::NotTheHeaders), "what was not read is not opened");
}
