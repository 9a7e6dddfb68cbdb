//! Pieces: damage to one is found before a byte of it leaves, and only what is wanted is taken from another device.

use super::{attach, carry_pieces, content, extract, piece_rows, put_row, scan, stored_pieces, with_client};
use crate::blob::{PIECE, SEALED_MAX};
use crate::id::{DocId, Hash};
use crate::vault::tests::{NOW, carry, meet, second};
use crate::vault::{Damage, FileError, PieceWant, Reached, Taken};

#[test]
fn every_kind_of_damage_to_a_piece_is_found_before_a_byte_of_it_leaves() {
    let (mut vault, client) = with_client();
    let bytes = content(3 * PIECE);
    let id = attach(&mut vault, &scan(client), &bytes).unwrap();
    let rows = stored_pieces(&mut vault);
    let [(first, whole), (_, neighbour), _] = rows.as_slice() else { panic!("{} pieces", rows.len()) };
    let mut flipped = whole.clone();
    flipped[70] ^= 1;
    let doubled = [&whole[..], whole].concat();
    for damaged in [&flipped[..], neighbour, &whole[..whole.len() - 1], &doubled, &[]] {
        put_row(&mut vault, *first, damaged);
        let mut out = Vec::new();
        let error = vault.files().extract(&id, &mut out, &mut |_| {}, &|| false).unwrap_err();
        let FileError::Damaged { first, damaged: 1, of: 3 } = error else { panic!("{error:?}") };
        assert!(out == bytes[..first as usize * PIECE], "what came before was whole");
        assert!(error.to_string().contains("1 of its 3 parts"), "{error}");
        let found = vault.integrity().verify(&mut |_, _| {}).unwrap();
        assert_eq!(found.damaged, [Damage::Piece(id, first)]);
        assert_eq!(found.pieces, 2);
    }
    put_row(&mut vault, *first, whole);
    assert!(extract(&vault, &id).unwrap() == bytes);
    assert_eq!(vault.files_mut().repair_pieces(), Ok(0));
}

#[test]
fn a_damaged_piece_is_taken_again_from_a_device_that_has_it() {
    let (mut office, client) = with_client();
    let bytes = content(2 * PIECE + 9);
    let id = attach(&mut office, &scan(client), &bytes).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    assert_eq!(home.files().file(&id).unwrap().reached, Reached::Partly(0, bytes.len() as u64));
    assert_eq!(extract(&home, &id), Err(FileError::NotHere));
    assert_eq!(carry_pieces(&office, &mut home), 3);
    assert!(extract(&home, &id).unwrap() == bytes);
    let (key, _) = stored_pieces(&mut home)[1].clone();
    put_row(&mut home, key, b"rot");
    assert!(matches!(extract(&home, &id), Err(FileError::Damaged { damaged: 1, .. })));
    assert_eq!(home.files_mut().repair_pieces(), Ok(1));
    assert_eq!(extract(&home, &id), Err(FileError::NotHere));
    assert_eq!(carry_pieces(&office, &mut home), 1);
    assert!(extract(&home, &id).unwrap() == bytes);
}

#[test]
fn only_wanted_pieces_are_taken_the_newest_file_first_and_each_once() {
    let (mut office, client) = with_client();
    let older = attach(&mut office, &scan(client), &content(2 * PIECE)).unwrap();
    let newer =
        office.files_mut().attach(&scan(client), &mut &content(PIECE)[..], NOW + 1, &mut |_| {}, &|| false).unwrap();
    let mut home = second(&mut office, "Home");
    carry(&office, &mut home);
    let wants = home.files().wanted_pieces(10, &|_| false).unwrap();
    assert_eq!(wants.len(), 3);
    let bytes = |want: &PieceWant| office.files().piece(&want.hash).unwrap().unwrap();
    let blob = |id: &DocId| office.core.read().documents().file_item(id).unwrap().0.blob;
    assert_eq!(wants.iter().filter(|want| want.blob == blob(&older)).count(), 2);
    assert_eq!(wants[0].blob, blob(&newer), "the newest first");
    let (want, other) = (wants[0], wants[1]);
    let mut flipped = bytes(&want);
    flipped[9] ^= 4;
    let unlisted = PieceWant { number: 7, ..want };
    for (want, bytes) in [
        (want, flipped),
        (want, bytes(&other)),
        (unlisted, bytes(&want)),
        (want, vec![0; SEALED_MAX + 1]),
        (want, vec![]),
    ] {
        assert!(matches!(home.files_mut().offer_pieces(vec![(want, bytes)]).unwrap()[..], [Taken::Refused(_)]));
    }
    assert_eq!(piece_rows(&home), 0);
    let twice = vec![(want, bytes(&want)), (want, bytes(&want))];
    home.files_mut().offer_pieces(twice).unwrap();
    assert_eq!(home.files_mut().offer_pieces(vec![(want, bytes(&want))]).unwrap(), [Taken::Known]);
    assert_eq!(home.files().file(&newer).unwrap().reached, Reached::Here);
    assert_eq!(home.files().file(&older).unwrap().reached, Reached::Partly(0, 2 * PIECE as u64));
    let but = |hash: &Hash| *hash == other.hash;
    assert_eq!(home.files().wanted_pieces(10, &but).unwrap(), [wants[2]]);
}
