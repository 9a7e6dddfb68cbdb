//! Files that no program of ours wrote so: their items, lists and pieces say what they like.

use super::{attach, carry_pieces, content, extract, piece_rows, scan, with_client};
use crate::blob::{PIECE, PieceList, PiecePlace, seal_piece};
use crate::entropy::Os;
use crate::id::{ClientId, DocId, Hash};
use crate::keyring::Compartment;
use crate::log::{DocType, Item, Kind};
use crate::secret::Key;
use crate::store::Batch;
use crate::vault::commit::Outbox;
use crate::vault::commit::commit;
use crate::vault::core::Transaction;
use crate::vault::items::file::FileItem;
use crate::vault::items::frozen::frozen_payload;
use crate::vault::items::home::{DocumentOrigin, Under};
use crate::vault::project::keep_blob;
use crate::vault::registry::WantedBlobsAt;
use crate::vault::tests::{NOW, meet, origin, second};
use crate::vault::{FileError, Reached, Vault};

/// A file whose item and list say what they like.
fn forge(vault: &mut Vault, client: ClientId, length: u64, pieces: &[&[u8]]) -> DocId {
    let origin = DocumentOrigin::fresh(DocType::File, client, &mut Os);
    let (file, key) = (origin.id(), Key::random(&mut Os));
    let sealed: Vec<_> = (0..)
        .zip(pieces)
        .map(|(number, plain)| seal_piece(&key, &PiecePlace { file, number }, &[number.to_le_bytes()[0]; 24], plain))
        .collect();
    let list = PieceList::new(NOW, sealed.iter().map(|piece| piece.hash).collect()).unwrap();
    let (name, media) = ("forged.pdf".to_owned(), "application/pdf".to_owned());
    let item = FileItem { origin, note: None, blob: list.name(), key, length, added: NOW, name, media };
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    keep_blob(&vault.core, &mut tx, file, &list).unwrap();
    out.keyring.push(Item::bare(Kind::File, file, list.to_bytes()));
    out.push(Kind::File, file, Under::Client(client, Compartment::Clinical), item.to_bytes());
    let mut batch = Batch::new();
    for piece in sealed {
        vault.core.rows.put_piece(&mut batch, &piece.hash, piece.bytes);
    }
    vault.core.rows.store().commit(batch).unwrap();
    commit(&mut vault.core, tx, out).unwrap();
    file
}

#[test]
fn a_file_that_names_the_pieces_of_another_takes_nothing_of_it_away_when_it_leaves() {
    let (mut office, client) = with_client();
    let bytes = vec![7; 3 * PIECE];
    let honest = attach(&mut office, &scan(client), &bytes).unwrap();
    let list = office
        .core
        .read()
        .blobs()
        .blob(office.core.read().blobs().blobs().unwrap().first().unwrap())
        .unwrap()
        .unwrap()
        .list;
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let (longer, same) = (DocId([9; 16]), DocId([8; 16]));
    let mut out = Outbox::everyday();
    for (file, hashes) in [(longer, [list.hashes(), &[Hash([3; 32])]].concat()), (same, list.hashes().to_vec())] {
        out.keyring.push(Item::bare(Kind::File, file, PieceList::new(NOW + 1, hashes).unwrap().to_bytes()));
    }
    commit(&mut home.core, Transaction::default(), out).unwrap();
    meet(&mut office, &mut home);
    // What is here already is here for all of them.
    office.files_mut().repair_pieces().unwrap();
    for borrowed in [longer, same] {
        assert!(office.core.read().blobs().has_pieces_of(&borrowed).unwrap());
        office.files_mut().forget_pieces(&borrowed).unwrap();
        assert!(extract(&office, &honest).unwrap() == bytes);
    }
    assert_eq!(office.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    // A file of its own goes as ever.
    let other = attach(&mut office, &scan(client), b"%PDF").unwrap();
    let before = piece_rows(&office);
    office.files_mut().forget_pieces(&other).unwrap();
    assert_eq!((piece_rows(&office), extract(&office, &other).is_err()), (before - 1, true));
}

#[test]
fn of_two_lists_that_name_the_same_pieces_the_one_that_was_added_first_says_when_they_are_fetched() {
    let (mut office, client) = with_client();
    let mut home = second(&mut office, "Home");
    attach(&mut office, &scan(client), &content(2 * PIECE)).unwrap();
    let blob = *office.core.read().blobs().blobs().unwrap().first().unwrap();
    let list = office.core.read().blobs().blob(&blob).unwrap().unwrap().list;
    let mut wanted_after = |added: [u64; 2]| {
        let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
        tx.remove(&WantedBlobsAt());
        commit(&mut home.core, tx, Outbox::everyday()).unwrap();
        let hashes = [list.hashes(), &[Hash([u8::try_from(added[0]).unwrap(); 32])]].concat();
        for (file, added) in (1..).zip(added) {
            out.keyring.push(Item::bare(
                Kind::File,
                DocId([file; 16]),
                PieceList::new(added, hashes.clone()).unwrap().to_bytes(),
            ));
        }
        commit(&mut home.core, Transaction::default(), out).unwrap();
        home.core.read().blobs().wanted_blobs().unwrap().into_iter().map(|(added, _)| added).collect::<Vec<_>>()
    };
    assert_eq!(wanted_after([5, 9]), [5]);
    assert_eq!(wanted_after([9, 5]), [5]);
}

#[test]
fn a_file_whose_pieces_do_not_fit_its_length_is_not_opened() {
    let (mut vault, client) = with_client();
    let (small, full) = (vec![0; 2_048], vec![0; PIECE]);
    for (length, pieces) in [
        (10, &[&small[..], &small][..]),
        (PIECE as u64 + 1, &[&full[..]]),
        (PIECE as u64 + 1, &[&full[..], &small]),
        (10, &[&full[..]]),
        (10, &[&[1; 2_048][..]]),
    ] {
        let id = forge(&mut vault, client, length, pieces);
        assert_eq!(extract(&vault, &id), Err(FileError::NotAsDescribed), "{length}");
        assert_eq!(vault.files().file_bytes(&id, 1 << 30).err(), Some(FileError::NotAsDescribed));
    }
    let honest = forge(&mut vault, client, 10, &[&small]);
    assert_eq!(extract(&vault, &honest).unwrap(), [0; 10]);
}

#[test]
fn a_list_or_an_item_that_is_none_is_set_aside_and_its_neighbours_are_used() {
    let (mut office, client) = with_client();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let endless = [&[0; 8][..], &3_000_u32.to_le_bytes()[..], &vec![0; 3_000 * 32]].concat();
    let mut out = Outbox::everyday();
    let under = Under::Client(client, Compartment::Clinical);
    let of = |number| origin(DocType::File, client, number);
    for list in [endless, vec![0; 12], vec![1, 0, 0, 0]] {
        out.keyring.push(Item::bare(Kind::File, DocId([7; 16]), list));
    }
    let item = |number: u8, length, name: &str, media: &str| FileItem {
        origin: of(number),
        note: None,
        blob: Hash([1; 32]),
        key: Key::random(&mut Os),
        length,
        added: NOW,
        name: name.to_owned(),
        media: media.to_owned(),
    };
    let mut cut = item(6, 1, "a.pdf", "application/pdf").to_bytes();
    cut.pop();
    for (number, payload) in (0..).zip([
        item(0, u64::MAX, "a.pdf", "application/pdf").to_bytes(),
        item(1, (2 << 30) + 1, "a.pdf", "application/pdf").to_bytes(),
        item(2, 1, "", "application/pdf").to_bytes(),
        item(3, 1, &"a".repeat(1_025), "application/pdf").to_bytes(),
        item(4, 1, "a.pdf", "application/pdf\n").to_bytes(),
        item(5, 1, "a.pdf", "pdf").to_bytes(),
        cut,
    ]) {
        out.push(Kind::File, of(number).id(), under, payload);
    }
    out.push(Kind::Frozen, of(8).id(), under, frozen_payload(&of(8), &DocId([0; 16]), b"{}"));
    commit(&mut home.core, Transaction::default(), out).unwrap();
    let honest = attach(&mut home, &scan(client), b"%PDF-1.7").unwrap();
    let unlisted = item(9, 1, "never came.pdf", "application/pdf").to_bytes();
    let (tx, mut out) = (Transaction::default(), Outbox::everyday());
    out.push(Kind::File, of(9).id(), under, unlisted);
    commit(&mut home.core, tx, out).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.log().set_aside_count().unwrap(), 11);
    assert_eq!(carry_pieces(&home, &mut office), 1);
    assert_eq!(extract(&office, &honest).unwrap(), b"%PDF-1.7");
    assert_eq!(office.files().file(&of(9).id()).unwrap().reached, Reached::NotYet);
    assert_eq!(extract(&office, &of(9).id()), Err(FileError::NotHere));
}
