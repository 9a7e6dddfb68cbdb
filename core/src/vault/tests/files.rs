//! Attached files: what goes in comes out, whatever stops in the middle leaves nothing, and who has no key learns nothing.

use crate::vault::commit::commit;
use std::cell::Cell;
use std::ops::ControlFlow;

use super::{NOW, home_of, identity, key_of, meet, note, passphrase, practice, second};
use crate::blob::PIECE;
use crate::id::{ClientId, DocId};
use crate::import::Progress;
use crate::store::{Batch, RowKey, Table};
use crate::vault::commit::Outbox;
use crate::vault::core::Transaction;
use crate::vault::{FileError, MassDelete, NewFile, Reached, ReadError, RowError, Taken, Vault};

mod elsewhere;
mod forged;
mod leaving;
mod pieces;
mod stopped;

/// Bytes that differ from place to place.
pub(super) fn content(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_le_bytes()[3]
    };
    (0..len).map(|_| next()).collect()
}

pub(super) fn scan(client: ClientId) -> NewFile<'static> {
    NewFile { client, note: None, name: "scan.pdf", length: None }
}

pub(super) fn attach(vault: &mut Vault, new: &NewFile<'_>, bytes: &[u8]) -> Result<DocId, FileError> {
    vault.files_mut().attach(new, &mut &bytes[..], NOW, &mut |_| {}, &|| false)
}

pub(super) fn extract(vault: &Vault, id: &DocId) -> Result<Vec<u8>, FileError> {
    let mut out = Vec::new();
    vault.files().extract(id, &mut out, &mut |_| {}, &|| false).map(|_| out)
}

fn with_client() -> (Vault, ClientId) {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    (vault, client)
}

fn piece_rows(vault: &Vault) -> u64 {
    vault.core.rows.count(Table::Pieces).unwrap()
}

/// Rows of pieces in the order of their names, with their bytes.
fn stored_pieces(vault: &mut Vault) -> Vec<(RowKey, Vec<u8>)> {
    let mut rows = Vec::new();
    let scanned = vault.core.rows.store().scan(Table::Pieces, &mut |key, bytes| {
        rows.push((*key, bytes.to_vec()));
        ControlFlow::Continue(())
    });
    scanned.unwrap();
    rows
}

fn put_row(vault: &mut Vault, key: RowKey, bytes: &[u8]) {
    let mut batch = Batch::new();
    batch.put(Table::Pieces, key, bytes);
    vault.core.rows.store().commit(batch).unwrap();
}

/// Carries pieces until the second wants no more.
pub(super) fn carry_pieces(from: &Vault, to: &mut Vault) -> usize {
    let mut carried = 0;
    loop {
        let wants = to.files().wanted_pieces(3, &|_| false).unwrap();
        let pieces: Vec<_> =
            wants.into_iter().filter_map(|want| Some((want, from.files().piece(&want.hash).unwrap()?))).collect();
        if pieces.is_empty() {
            return carried;
        }
        carried += pieces.len();
        assert!(to.files_mut().offer_pieces(pieces).unwrap().iter().all(|taken| *taken == Taken::Stored));
    }
}

#[test]
fn a_file_of_any_length_comes_out_as_it_went_in() {
    let (mut vault, client) = with_client();
    let edges = [0, 1, 2_048, 2_049, PIECE - 1, PIECE, PIECE + 1, 1 << 20, 2 << 20, 3 << 20, 9 * PIECE + 5];
    for len in edges {
        let bytes = content(len);
        let told = Cell::new(0);
        let progress = &mut |Progress { done, .. }| told.set(done);
        let file = NewFile { length: Some(len as u64), ..scan(client) };
        let id = vault.files_mut().attach(&file, &mut &bytes[..], NOW, progress, &|| false).unwrap();
        assert_eq!(told.get(), len as u64);
        assert!(extract(&vault, &id).unwrap() == bytes, "{len}");
        assert!(vault.files().file_bytes(&id, len).unwrap().as_slice() == bytes);
        let row = vault.files().file(&id).unwrap();
        assert_eq!((row.length, row.reached), (len as u64, Reached::Here));
        if len > 0 {
            assert_eq!(vault.files().file_bytes(&id, len - 1).err(), Some(FileError::TooLargeToShow));
        }
    }
    assert_eq!(vault.files().of_client(&client).unwrap().len(), edges.len());
    let found = vault.integrity().verify(&mut |_, _| {}).unwrap();
    assert_eq!((found.damaged.as_slice(), found.files, found.pieces_missing), (&[][..], edges.len() as u64, 0));
    assert_eq!(found.pieces, piece_rows(&vault));
}

#[test]
fn a_file_is_listed_with_its_note_and_its_type_and_is_there_after_the_next_unlocking() {
    let (mut vault, client) = with_client();
    let written = vault.notes_mut().add_note(&client, &note("With a letter."), false, NOW).unwrap();
    let other = vault.clients_mut().add_client(&identity("Bertil"), NOW).unwrap();
    let new = NewFile { client, note: Some(written), name: "Überweisung.pdf", length: None };
    let letter = attach(&mut vault, &new, b"%PDF-1.7 and so on").unwrap();
    let liar = NewFile { note: None, name: "photo\u{202E}gpj.pdf", ..new };
    attach(&mut vault, &liar, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    assert_eq!(attach(&mut vault, &NewFile { client: other, ..new }, b"x").err(), Some(FileError::OtherClient));
    assert_eq!(
        attach(&mut vault, &NewFile { note: Some(DocId([9; 16])), ..new }, b"x").err(),
        Some(ReadError::NoSuchNote.into())
    );
    let locked = vault.lock().unwrap();
    let vault = locked.unlock(&passphrase("office"), NOW).unwrap();
    let files = vault.files().of_client(&client).unwrap();
    assert_eq!((files.len(), vault.files().of_client(&other).unwrap().len()), (2, 0));
    let rows = vault.files().note_files(&written).unwrap();
    let [row] = rows.as_slice() else { panic!("{} files", rows.len()) };
    assert_eq!((row.id, row.name.as_str(), row.media.as_str()), (letter, "Überweisung.pdf", "application/pdf"));
    assert!(row.agrees && !row.process);
    let lie = files.iter().find(|row| row.id != letter).unwrap();
    assert_eq!((lie.name.as_str(), lie.agrees), ("photo\u{FFFD}gpj.pdf", false));
    assert_eq!(format!("{lie:?} {new:?}"), "FileRow NewFile");
}

#[test]
fn a_deleted_file_is_gone_from_the_lists_and_its_pieces_go_when_they_may() {
    let (mut vault, client) = with_client();
    let (gone, kept) = (content(2 * PIECE), content(PIECE));
    let (gone_id, kept_id) =
        (attach(&mut vault, &scan(client), &gone).unwrap(), attach(&mut vault, &scan(client), &kept).unwrap());
    assert_eq!(vault.trash_mut().delete(&[gone_id], MassDelete::Refuse, NOW), Ok(1));
    assert_eq!(vault.files().of_client(&client).unwrap().len(), 1);
    assert_eq!(extract(&vault, &gone_id), Err(FileError::NoSuchFile));
    assert_eq!(piece_rows(&vault), 3, "in the trash a file still has its pieces");
    let trash = vault.trash().shown(NOW);
    assert_eq!((trash.len(), trash[0].id, trash[0].words.as_str()), (1, gone_id, "scan.pdf"));
    vault.trash_mut().undelete(&gone_id).unwrap();
    assert!(extract(&vault, &gone_id).unwrap() == gone, "and comes back with them");
    assert_eq!(vault.trash_mut().delete(&[gone_id], MassDelete::Refuse, NOW), Ok(1));
    vault.files_mut().forget_pieces(&gone_id).unwrap();
    vault.files_mut().forget_pieces(&gone_id).unwrap();
    assert_eq!(piece_rows(&vault), 1);
    assert!(extract(&vault, &kept_id).unwrap() == kept);
    assert_eq!(vault.files().wanted_pieces(10, &|_| false).unwrap(), [], "what was let go is not asked for");
    vault.trash_mut().undelete(&gone_id).unwrap();
    assert_eq!(vault.files().wanted_pieces(10, &|_| false).unwrap().len(), 2, "unless it comes back");
    assert_eq!(extract(&vault, &gone_id), Err(FileError::NotHere));
    assert_eq!(vault.trash_mut().delete(&[client], MassDelete::Refuse, NOW), Ok(3), "a client goes with their files");
    assert_eq!(extract(&vault, &kept_id), Err(FileError::NoSuchFile));
    vault.trash_mut().undelete(&client).unwrap();
    assert!(extract(&vault, &kept_id).unwrap() == kept);
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn a_file_beside_a_process_note_is_sealed_like_it_and_the_local_key_does_not_give_its_name() {
    let (mut vault, client) = with_client();
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let private = vault.notes_mut().add_note(&client, &note("Apart."), true, NOW).unwrap();
    let new = NewFile { client, note: Some(private), name: "dream.txt", length: None };
    let id = attach(&mut vault, &new, b"a dream").unwrap();
    assert_eq!(vault.files().note_files(&private).unwrap().len(), 1);
    assert!(vault.files().private_files(&client).unwrap()[0].process);
    assert_eq!(vault.files().of_client(&client).unwrap(), []);
    let mut home = second(&mut vault, "Home");
    vault.end_reauth();
    for refused in [
        extract(&vault, &id).map(drop),
        vault.files().file(&id).map(drop),
        vault.files().private_files(&client).map(drop),
        vault.files().note_files(&private).map(drop),
        attach(&mut vault, &new, b"x").map(drop),
    ] {
        assert_eq!(refused, Err(RowError::NeedsReauth.into()));
    }
    assert_eq!(vault.trash_mut().delete(&[id], MassDelete::Refuse, NOW), Err(RowError::NeedsReauth.into()));
    let entry = vault.core.read().entry(&id).unwrap().unwrap();
    assert_eq!(entry.client, DocId([0; 16]), "nor whose it is");
    assert!(crate::keyring::is_process_key(&key_of(&vault, &id)));
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    // Its pieces still reach the other device, which opens it when its own passphrase is given.
    meet(&mut vault, &mut home);
    assert_eq!(carry_pieces(&vault, &mut home), 1);
    assert_eq!(home.files().file(&id).err(), Some(RowError::NeedsReauth.into()));
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    assert_eq!(extract(&home, &id).unwrap(), b"a dream");
    // A deletion that arrives before what it deletes, both unopened, takes nothing else's place.
    home.trash_mut().delete(&[id], MassDelete::Refuse, NOW).unwrap();
    assert_eq!(home.trash().private_trash(NOW).unwrap()[0].words, "dream.txt");
    home.end_reauth();
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let mut third = second(&mut vault, "Third");
    for from in [&home, &vault] {
        super::carry(from, &mut third);
        super::carry(from, &mut third);
    }
    // Home did not know of it when it wrote: it says what it lacks, and the office gives it when its passphrase is given.
    meet(&mut vault, &mut third);
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    meet(&mut vault, &mut third);
    third.reauthenticate(&passphrase("Third"), NOW).unwrap();
    assert_eq!(third.files().private_files(&client).unwrap(), []);
    assert_eq!(third.trash().private_trash(NOW).unwrap().len(), 1);
    assert_eq!(third.log().set_aside_count().unwrap(), 0);
    third.trash_mut().undelete(&id).unwrap();
    assert_eq!(third.files().private_files(&client).unwrap()[0].reached, Reached::Partly(0, 7));
}

#[test]
fn a_client_of_whom_a_file_is_left_stays_in_the_list() {
    let (mut office, client) = with_client();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let (tx, mut out) = (Transaction::default(), Outbox::everyday());
    let entry = office.core.read().entry(&client).unwrap().unwrap();
    let home_of_it = home_of(&office, &client);
    let payload = office.core.read().documents().delete_payload_of(&client, &entry, &home_of_it.origin, NOW).unwrap();
    out.push(crate::log::Kind::Delete, client, home_of_it.under(), payload);
    commit(&mut office.core, tx, out).unwrap();
    attach(&mut home, &scan(client), b"written meanwhile").unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.clients().client(&client).unwrap().name, "Aino");
    assert_eq!(office.files().of_client(&client).unwrap().len(), 1);
}

#[test]
fn the_files_of_a_note_that_is_moved_go_with_it_and_two_records_of_one_person_show_the_files_of_both() {
    let (mut office, wrong) = with_client();
    let right = office.clients_mut().add_client(&identity("Bertil"), NOW).unwrap();
    let written = office.notes_mut().add_note(&wrong, &note("On the wrong client."), false, NOW).unwrap();
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let private = office.notes_mut().add_note(&wrong, &note("Apart."), true, NOW).unwrap();
    let beside = |note| NewFile { client: wrong, note: Some(note), name: "letter.txt", length: None };
    let letter = attach(&mut office, &beside(written), b"a letter").unwrap();
    let dream = attach(&mut office, &beside(private), b"a dream").unwrap();
    let stays = attach(&mut office, &scan(wrong), b"of nobody's note").unwrap();
    let mut home = second(&mut office, "Home");
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    for id in [written, private] {
        office.notes_mut().move_note(&id, &right, "wrong client", NOW).unwrap();
    }
    meet(&mut office, &mut home);
    carry_pieces(&office, &mut home);
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    for vault in [&office, &home] {
        let ids = |rows: Vec<crate::vault::FileRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(vault.files().of_client(&right).unwrap()), [letter]);
        assert_eq!(ids(vault.files().of_client(&wrong).unwrap()), [stays]);
        assert_eq!(ids(vault.files().private_files(&right).unwrap()), [dream]);
        assert_eq!(ids(vault.files().private_files(&wrong).unwrap()), []);
        assert_eq!(ids(vault.files().note_files(&written).unwrap()), [letter]);
        assert_eq!(extract(vault, &letter).unwrap(), b"a letter");
        assert_eq!(extract(vault, &dream).unwrap(), b"a dream");
        assert_eq!(vault.log().set_aside_count().unwrap(), 0);
    }
    office.clients_mut().merge_clients(&wrong, &right, NOW).unwrap();
    assert_eq!(office.files().of_client(&right).unwrap().len(), 2);
    assert!(office.files().of_client(&right).unwrap().iter().all(|row| row.client == right));
    let also = attach(&mut office, &beside(written), b"still attached to").unwrap();
    assert_eq!(office.files().note_files(&written).unwrap().len(), 2);
    assert_eq!(office.files().file(&also).unwrap().client, right);
}

#[test]
fn the_pieces_of_files_that_have_left_the_trash_go_and_a_wrong_clock_elsewhere_hastens_nothing() {
    let (mut vault, client) = with_client();
    let (gone, kept) = (content(2 * PIECE), content(PIECE));
    let (gone_id, kept_id) =
        (attach(&mut vault, &scan(client), &gone).unwrap(), attach(&mut vault, &scan(client), &kept).unwrap());
    // As a device says whose clock stands in 1970.
    assert_eq!(vault.trash_mut().delete(&[gone_id], MassDelete::Refuse, 1_000), Ok(1));
    let unlocked_at = |vault: Vault, day: crate::vault::Millis| {
        vault.lock().unwrap().unlock(&passphrase("office"), NOW + day * crate::vault::DAY).unwrap()
    };
    for day in [1, 2, 30] {
        vault = unlocked_at(vault, day);
        assert_eq!(piece_rows(&vault), 3, "day {day}: thirty days from when it was first seen");
    }
    vault.trash_mut().undelete(&gone_id).unwrap();
    assert!(extract(&vault, &gone_id).unwrap() == gone);
    vault = unlocked_at(vault, 32);
    assert_eq!(vault.trash_mut().delete(&[gone_id], MassDelete::Refuse, NOW + 32 * crate::vault::DAY), Ok(1));
    vault = unlocked_at(vault, 33);
    vault = unlocked_at(vault, 62);
    assert_eq!(piece_rows(&vault), 3, "taken back once, it counts anew");
    // A clock that is ahead, once, and comes back.
    vault = unlocked_at(vault, 4_000);
    vault = unlocked_at(vault, 62);
    for day in [63, 63, 64] {
        assert_eq!(piece_rows(&vault), 3, "day {day}: one unlocking takes nothing away");
        vault = unlocked_at(vault, day);
    }
    assert_eq!(piece_rows(&vault), 1);
    assert!(extract(&vault, &kept_id).unwrap() == kept);
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    vault.trash_mut().undelete(&gone_id).unwrap();
    assert_eq!(extract(&vault, &gone_id), Err(FileError::NotHere), "a device that has it, or a backup, gives it back");
    assert_eq!(vault.files().wanted_pieces(10, &|_| false).unwrap().len(), 2);
}
