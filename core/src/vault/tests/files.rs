//! Attached files: what goes in comes out, whatever stops in the middle leaves nothing, and who has no key learns nothing.

use std::cell::Cell;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::civil::date;
use redb::StorageBackend;

use super::{NOW, identity, meet, new, note, passphrase, practice, second};
use crate::blob::{PIECE, PieceList, PiecePlace, SEALED_MAX, seal_piece};
use crate::entropy::Os;
use crate::export::ProcessNotes;
use crate::id::{ClientId, DocId, Hash};
use crate::import::Progress;
use crate::kdf::Policy;
use crate::log::{Class, Item, Kind};
use crate::secret::Key;
use crate::store::{Batch, RedbStore, RowKey, StoreError, Table};
use crate::vault::append::Outgoing;
use crate::vault::files::FileItem;
use crate::vault::index::Work;
use crate::vault::keys::Compartment;
use crate::vault::{Damage, FileError, LockedVault, Many, NewFile, Reached, Share, Taken, Vault, VaultError};

/// Bytes that differ from place to place.
fn content(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_le_bytes()[3]
    };
    (0..len).map(|_| next()).collect()
}

fn scan(client: ClientId) -> NewFile<'static> {
    NewFile { client, note: None, name: "scan.pdf", length: None }
}

fn attach(vault: &mut Vault, new: &NewFile<'_>, bytes: &[u8]) -> Result<DocId, FileError> {
    vault.attach(new, &mut &bytes[..], NOW, &mut |_| {}, &|| false)
}

fn detach(vault: &Vault, id: &DocId) -> Result<Vec<u8>, FileError> {
    let mut out = Vec::new();
    vault.detach(id, &mut out, &mut |_| {}, &|| false).map(|_| out)
}

fn with_client() -> (Vault, ClientId) {
    let mut vault = practice();
    let client = vault.add_client(&identity("Aino"), NOW).unwrap();
    (vault, client)
}

fn piece_rows(vault: &Vault) -> u64 {
    vault.rows.count(Table::Pieces).unwrap()
}

/// Rows of pieces in the order of their names, with their bytes.
fn stored_pieces(vault: &mut Vault) -> Vec<(RowKey, Vec<u8>)> {
    let mut rows = Vec::new();
    let scanned = vault.rows.store().scan(Table::Pieces, &mut |key, bytes| {
        rows.push((*key, bytes.to_vec()));
        ControlFlow::Continue(())
    });
    scanned.unwrap();
    rows
}

fn put_row(vault: &mut Vault, key: RowKey, bytes: &[u8]) {
    let mut batch = Batch::new();
    batch.put(Table::Pieces, key, bytes);
    vault.rows.store().commit(batch).unwrap();
}

/// Carries pieces until the second wants no more.
fn carry_pieces(from: &Vault, to: &mut Vault) -> usize {
    let mut carried = 0;
    loop {
        let wants = to.wanted_pieces(3, &|_| false).unwrap();
        let pieces: Vec<_> =
            wants.into_iter().filter_map(|want| Some((want, from.piece(&want.hash).unwrap()?))).collect();
        if pieces.is_empty() {
            return carried;
        }
        carried += pieces.len();
        assert!(to.offer_pieces(pieces).unwrap().iter().all(|taken| *taken == Taken::Stored));
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
        let id = vault.attach(&file, &mut &bytes[..], NOW, progress, &|| false).unwrap();
        assert_eq!(told.get(), len as u64);
        assert!(detach(&vault, &id).unwrap() == bytes, "{len}");
        assert!(vault.file_bytes(&id, len).unwrap().as_slice() == bytes);
        let row = vault.file(&id).unwrap();
        assert_eq!((row.length, row.reached), (len as u64, Reached::Here));
        if len > 0 {
            assert_eq!(vault.file_bytes(&id, len - 1).err(), Some(FileError::TooLargeToShow));
        }
    }
    assert_eq!(vault.files(&client).unwrap().len(), edges.len());
    let found = vault.verify(&mut |_, _| {}).unwrap();
    assert_eq!((found.damaged.as_slice(), found.files, found.pieces_missing), (&[][..], edges.len() as u64, 0));
    assert_eq!(found.pieces, piece_rows(&vault));
}

#[test]
fn a_file_is_listed_with_its_note_and_its_type_and_is_there_after_the_next_unlocking() {
    let (mut vault, client) = with_client();
    let written = vault.add_note(&client, &note("With a letter."), false, NOW).unwrap();
    let other = vault.add_client(&identity("Bertil"), NOW).unwrap();
    let new = NewFile { client, note: Some(written), name: "Überweisung.pdf", length: None };
    let letter = attach(&mut vault, &new, b"%PDF-1.7 and so on").unwrap();
    let liar = NewFile { note: None, name: "photo\u{202E}gpj.pdf", ..new };
    attach(&mut vault, &liar, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    assert_eq!(attach(&mut vault, &NewFile { client: other, ..new }, b"x").err(), Some(FileError::OtherClient));
    assert_eq!(
        attach(&mut vault, &NewFile { note: Some(DocId([9; 16])), ..new }, b"x").err(),
        Some(VaultError::NoSuchNote.into())
    );
    let locked = vault.lock().unwrap();
    let vault = locked.unlock(&passphrase("office"), NOW).unwrap();
    let files = vault.files(&client).unwrap();
    assert_eq!((files.len(), vault.files(&other).unwrap().len()), (2, 0));
    let rows = vault.note_files(&written).unwrap();
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
    assert_eq!(vault.delete(&[gone_id], Many::Refuse, NOW), Ok(1));
    assert_eq!(vault.files(&client).unwrap().len(), 1);
    assert_eq!(detach(&vault, &gone_id), Err(FileError::NoSuchFile));
    assert_eq!(piece_rows(&vault), 3, "in the trash a file still has its pieces");
    let trash = vault.trash(NOW);
    assert_eq!((trash.len(), trash[0].id, trash[0].words.as_str()), (1, gone_id, "scan.pdf"));
    vault.undelete(&gone_id).unwrap();
    assert!(detach(&vault, &gone_id).unwrap() == gone, "and comes back with them");
    assert_eq!(vault.delete(&[gone_id], Many::Refuse, NOW), Ok(1));
    vault.forget_pieces(&gone_id).unwrap();
    vault.forget_pieces(&gone_id).unwrap();
    assert_eq!(piece_rows(&vault), 1);
    assert!(detach(&vault, &kept_id).unwrap() == kept);
    assert_eq!(vault.wanted_pieces(10, &|_| false).unwrap(), [], "what was let go is not asked for");
    vault.undelete(&gone_id).unwrap();
    assert_eq!(vault.wanted_pieces(10, &|_| false).unwrap().len(), 2, "unless it comes back");
    assert_eq!(detach(&vault, &gone_id), Err(FileError::NotHere));
    assert_eq!(vault.delete(&[client], Many::Refuse, NOW), Ok(3), "a client goes with their files");
    assert_eq!(detach(&vault, &kept_id), Err(FileError::NoSuchFile));
    vault.undelete(&client).unwrap();
    assert!(detach(&vault, &kept_id).unwrap() == kept);
    assert_eq!(vault.verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn a_file_beside_a_process_note_is_sealed_like_it_and_the_local_key_does_not_give_its_name() {
    let (mut vault, client) = with_client();
    vault.ask_again(&passphrase("office"), NOW).unwrap();
    let private = vault.add_note(&client, &note("Apart."), true, NOW).unwrap();
    let new = NewFile { client, note: Some(private), name: "dream.txt", length: None };
    let id = attach(&mut vault, &new, b"a dream").unwrap();
    assert_eq!(vault.note_files(&private).unwrap().len(), 1);
    assert!(vault.process_files(&client).unwrap()[0].process);
    assert_eq!(vault.files(&client).unwrap(), []);
    let mut home = second(&mut vault, "Home");
    vault.forget_again();
    for refused in [
        detach(&vault, &id).map(drop),
        vault.file(&id).map(drop),
        vault.process_files(&client).map(drop),
        vault.note_files(&private).map(drop),
        vault.delete(&[id], Many::Refuse, NOW).map(drop).map_err(FileError::from),
        attach(&mut vault, &new, b"x").map(drop),
    ] {
        assert_eq!(refused, Err(VaultError::AskAgain.into()));
    }
    let entry = vault.entry(&Work::default(), &id).unwrap().unwrap();
    assert_eq!(entry.client, DocId([0; 16]), "nor whose it is");
    assert!(vault.is_process_key(&Work::default(), &entry.key).unwrap());
    assert_eq!(vault.verify(&mut |_, _| {}).unwrap().damaged, []);
    // Its pieces still reach the other device, which opens it when its own passphrase is given.
    meet(&mut vault, &mut home);
    assert_eq!(carry_pieces(&vault, &mut home), 1);
    assert_eq!(home.file(&id).err(), Some(VaultError::AskAgain.into()));
    home.ask_again(&passphrase("Home"), NOW).unwrap();
    assert_eq!(detach(&home, &id).unwrap(), b"a dream");
    // A deletion that arrives before what it deletes, both unopened, takes nothing else's place.
    home.delete(&[id], Many::Refuse, NOW).unwrap();
    assert_eq!(home.process_trash(NOW).unwrap()[0].words, "dream.txt");
    home.forget_again();
    vault.ask_again(&passphrase("office"), NOW).unwrap();
    let mut third = second(&mut vault, "Third");
    for from in [&home, &vault] {
        super::carry(from, &mut third);
        super::carry(from, &mut third);
    }
    third.ask_again(&passphrase("Third"), NOW).unwrap();
    assert_eq!(third.process_files(&client).unwrap(), []);
    assert_eq!(third.process_trash(NOW).unwrap().len(), 1);
    assert_eq!(third.set_aside_count().unwrap(), 0);
    third.undelete(&id).unwrap();
    assert_eq!(third.process_files(&client).unwrap()[0].reached, Reached::Partly(0, 7));
}

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
        let error = vault.detach(&id, &mut out, &mut |_| {}, &|| false).unwrap_err();
        let FileError::Damaged { first, damaged: 1, of: 3 } = error else { panic!("{error:?}") };
        assert!(out == bytes[..first as usize * PIECE], "what came before was whole");
        assert!(error.to_string().contains("1 of its 3 parts"), "{error}");
        let found = vault.verify(&mut |_, _| {}).unwrap();
        assert_eq!(found.damaged, [Damage::Piece(id, first)]);
        assert_eq!(found.pieces, 2);
    }
    put_row(&mut vault, *first, whole);
    assert!(detach(&vault, &id).unwrap() == bytes);
    assert_eq!(vault.fetch_damaged_pieces(&id), Ok(0));
}

#[test]
fn a_damaged_piece_is_taken_again_from_a_device_that_has_it() {
    let (mut office, client) = with_client();
    let bytes = content(2 * PIECE + 9);
    let id = attach(&mut office, &scan(client), &bytes).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    assert_eq!(home.file(&id).unwrap().reached, Reached::Partly(0, bytes.len() as u64));
    assert_eq!(detach(&home, &id), Err(FileError::NotHere));
    assert_eq!(carry_pieces(&office, &mut home), 3);
    assert!(detach(&home, &id).unwrap() == bytes);
    let (key, _) = stored_pieces(&mut home)[1].clone();
    put_row(&mut home, key, b"rot");
    assert!(matches!(detach(&home, &id), Err(FileError::Damaged { damaged: 1, .. })));
    assert_eq!(home.fetch_damaged_pieces(&id), Ok(1));
    assert_eq!(detach(&home, &id), Err(FileError::NotHere));
    assert_eq!(carry_pieces(&office, &mut home), 1);
    assert!(detach(&home, &id).unwrap() == bytes);
}

#[test]
fn only_wanted_pieces_are_taken_the_newest_file_first_and_each_once() {
    let (mut office, client) = with_client();
    let older = attach(&mut office, &scan(client), &content(2 * PIECE)).unwrap();
    let newer = office.attach(&scan(client), &mut &content(PIECE)[..], NOW + 1, &mut |_| {}, &|| false).unwrap();
    let mut home = second(&mut office, "Home");
    super::carry(&office, &mut home);
    let wants = home.wanted_pieces(10, &|_| false).unwrap();
    assert_eq!(wants.len(), 3);
    let bytes = |want: &crate::vault::PieceWant| office.piece(&want.hash).unwrap().unwrap();
    let blob = |id: &DocId| office.file_item(id).unwrap().0.blob;
    assert_eq!(wants.iter().filter(|want| want.blob == blob(&older)).count(), 2);
    assert_eq!(wants[0].blob, blob(&newer), "the newest first");
    let (want, other) = (wants[0], wants[1]);
    let mut flipped = bytes(&want);
    flipped[9] ^= 4;
    let unlisted = crate::vault::PieceWant { number: 7, ..want };
    for (want, bytes) in [
        (want, flipped),
        (want, bytes(&other)),
        (unlisted, bytes(&want)),
        (want, vec![0; SEALED_MAX + 1]),
        (want, vec![]),
    ] {
        assert!(matches!(home.offer_pieces(vec![(want, bytes)]).unwrap()[..], [Taken::Refused(_)]));
    }
    assert_eq!(piece_rows(&home), 0);
    let twice = vec![(want, bytes(&want)), (want, bytes(&want))];
    home.offer_pieces(twice).unwrap();
    assert_eq!(home.offer_pieces(vec![(want, bytes(&want))]).unwrap(), [Taken::Known]);
    assert_eq!(home.file(&newer).unwrap().reached, Reached::Here);
    assert_eq!(home.files_arriving().unwrap(), (0, 2 * PIECE as u64));
    let but = |hash: &Hash| *hash == other.hash;
    assert_eq!(home.wanted_pieces(10, &but).unwrap(), [wants[2]]);
}

#[test]
fn whatever_stops_an_attachment_leaves_nothing_of_it() {
    struct Breaks(usize);
    impl Read for Breaks {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let len = into.len().min(self.0);
            self.0 -= len;
            if len == 0 { Err(io::ErrorKind::TimedOut.into()) } else { Ok(len) }
        }
    }
    let (mut vault, client) = with_client();
    let before = vault.log_ends().unwrap();
    let stopped = vault.attach(&scan(client), &mut &content(20 * PIECE)[..], NOW, &mut |_| {}, &|| true);
    assert_eq!(stopped, Err(FileError::Stopped));
    let broken = vault.attach(&scan(client), &mut Breaks(17 * PIECE), NOW, &mut |_| {}, &|| false);
    assert_eq!(broken, Err(FileError::Read(io::ErrorKind::TimedOut)));
    let said = NewFile { length: Some((2 << 30) + 1), ..scan(client) };
    assert_eq!(attach(&mut vault, &said, b"").err(), Some(FileError::TooLong));
    assert_eq!((piece_rows(&vault), vault.files(&client).unwrap().len()), (0, 0));
    assert_eq!(vault.log_ends().unwrap(), before);
    assert!(vault.attaching.is_empty() && vault.verify(&mut |_, _| {}).unwrap().damaged.is_empty());
}

#[test]
fn stopping_while_a_copy_is_written_says_so_and_a_full_target_too() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (mut vault, client) = with_client();
    let id = attach(&mut vault, &scan(client), &content(2 * PIECE)).unwrap();
    let rounds = Cell::new(0);
    let second = || rounds.replace(rounds.get() + 1) == 1;
    assert_eq!(vault.detach(&id, &mut io::sink(), &mut |_| {}, &second), Err(FileError::Stopped));
    let full = vault.detach(&id, &mut Full, &mut |_| {}, &|| false);
    assert_eq!(full, Err(FileError::Write(io::ErrorKind::StorageFull)));
}

/// A medium that stays when its vault goes, and that has so much room.
#[derive(Clone)]
struct Disk(Arc<Mutex<Vec<u8>>>, Arc<AtomicU64>);

impl Disk {
    fn new() -> Self {
        Self(Arc::default(), Arc::new(AtomicU64::new(u64::MAX)))
    }

    fn open(&self) -> Vault {
        let store = Box::new(RedbStore::over(self.clone()).unwrap());
        let locked = LockedVault::open(store, None, Policy::Tests, Box::new(Os)).unwrap();
        locked.unlock(&passphrase("office"), NOW).unwrap()
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.0.lock().unwrap()[from..from + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().unwrap().resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if offset + data.len() as u64 > self.1.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let from = usize::try_from(offset).unwrap();
        self.0.lock().unwrap()[from..from + data.len()].copy_from_slice(data);
        Ok(())
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

fn on_disk() -> (Disk, Vault, ClientId) {
    let disk = Disk::new();
    let store = Box::new(RedbStore::over(disk.clone()).unwrap());
    let mut vault = Vault::create(store, &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap().vault;
    let client = vault.add_client(&identity("Aino"), NOW).unwrap();
    (disk, vault, client)
}

#[test]
fn a_program_that_ends_in_the_middle_leaves_pieces_that_the_next_unlocking_takes_away() {
    let (disk, mut vault, client) = on_disk();
    let whole = attach(&mut vault, &scan(client), b"here before").unwrap();
    let bytes = content(12 * PIECE);
    let mut from = &bytes[..];
    let mut attaching = vault.begin_attach(&scan(client), NOW).unwrap();
    let first = attaching.next(&mut from).unwrap().unwrap();
    vault.keep_pieces(first, NOW).unwrap();
    assert_eq!(piece_rows(&vault), 7);
    // As after a kill: nobody tidied up.
    let image = Disk(Arc::new(Mutex::new(disk.0.lock().unwrap().clone())), disk.1.clone());
    let after = image.open();
    assert_eq!((piece_rows(&after), detach(&after, &whole).unwrap()), (1, b"here before".to_vec()));
    assert_eq!(after.verify(&mut |_, _| {}).unwrap().damaged, []);
    // The same process goes on, and its sweeping leaves what is under way alone.
    vault.sweep_pieces().unwrap();
    assert_eq!(piece_rows(&vault), 7);
    while let Some(pieces) = attaching.next(&mut from).unwrap() {
        vault.keep_pieces(pieces, NOW).unwrap();
    }
    let id = vault.end_attach(attaching).unwrap();
    vault.sweep_pieces().unwrap();
    assert!(detach(&vault, &id).unwrap() == bytes);
    drop(vault);
    assert!(detach(&disk.open(), &id).unwrap() == bytes);
}

#[test]
fn locking_in_the_middle_ends_an_attachment_and_takes_its_pieces_away() {
    let (_, mut vault, client) = on_disk();
    let bytes = content(10 * PIECE);
    let mut from = &bytes[..];
    let mut attaching = vault.begin_attach(&scan(client), NOW).unwrap();
    let pieces = attaching.next(&mut from).unwrap().unwrap();
    vault.keep_pieces(pieces, NOW).unwrap();
    let mut vault = vault.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!(piece_rows(&vault), 0);
    let late = attaching.next(&mut from).unwrap().unwrap();
    assert_eq!(vault.keep_pieces(late, NOW), Err(FileError::Ended));
    assert_eq!(vault.end_attach(attaching), Err(FileError::Ended));
    assert_eq!(vault.files(&client).unwrap(), []);
}

#[test]
fn a_disk_that_is_full_in_the_middle_costs_the_attachment_and_nothing_else() {
    let (disk, mut vault, client) = on_disk();
    let written = vault.add_note(&client, &note("Saved before."), false, NOW).unwrap();
    vault.flush().unwrap();
    let room = disk.len().unwrap() + (12 << 20);
    disk.1.store(room, Ordering::SeqCst);
    let full = attach(&mut vault, &scan(client), &content(40 * PIECE));
    assert_eq!(full, Err(VaultError::Store(StoreError::Full).into()));
    assert_eq!(vault.note(&written).unwrap().content.text, "Saved before.", "reading goes on");
    drop(vault);
    let vault = disk.open();
    assert_eq!(vault.note(&written).unwrap().content.text, "Saved before.");
    assert_eq!(vault.files(&client).unwrap(), []);
    assert_eq!(vault.verify(&mut |_, _| {}).unwrap().damaged, []);
    drop(vault);
    disk.1.store(u64::MAX, Ordering::SeqCst);
    let mut vault = disk.open();
    assert_eq!(piece_rows(&vault), 0, "with room again the pieces go");
    assert!(attach(&mut vault, &scan(client), &content(40 * PIECE)).is_ok());
}

/// A file whose item and list say what they like.
fn forge(vault: &mut Vault, client: ClientId, length: u64, pieces: &[&[u8]]) -> DocId {
    let (file, key) = (DocId::random(&mut Os), Key::random(&mut Os));
    let sealed: Vec<_> = (0..)
        .zip(pieces)
        .map(|(number, plain)| seal_piece(&key, &PiecePlace { file, number }, &[number.to_le_bytes()[0]; 24], plain))
        .collect();
    let list = PieceList::new(NOW, sealed.iter().map(|piece| piece.hash).collect()).unwrap();
    let (name, media) = ("forged.pdf".to_owned(), "application/pdf".to_owned());
    let item = FileItem { client, note: None, blob: list.name(), key, length, added: NOW, name, media };
    let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
    let under = vault.key_for(&mut work, &mut out, client, Compartment::Clinical).unwrap();
    vault.keep_blob(&mut work, file, &list).unwrap();
    out.keyring.push(Item::bare(Kind::File, file, list.to_bytes()));
    out.push(Kind::File, file, under, item.to_bytes());
    let mut batch = Batch::new();
    for piece in sealed {
        vault.rows.put_piece(&mut batch, &piece.hash, piece.bytes);
    }
    vault.rows.store().commit(batch).unwrap();
    vault.finish(work, out).unwrap();
    file
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
        assert_eq!(detach(&vault, &id), Err(FileError::NotAsDescribed), "{length}");
        assert_eq!(vault.file_bytes(&id, 1 << 30).err(), Some(FileError::NotAsDescribed));
    }
    let honest = forge(&mut vault, client, 10, &[&small]);
    assert_eq!(detach(&vault, &honest).unwrap(), [0; 10]);
}

#[test]
fn a_list_or_an_item_that_is_none_is_set_aside_and_its_neighbours_are_used() {
    let (mut office, client) = with_client();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let endless = [&[0; 8][..], &3_000_u32.to_le_bytes()[..], &vec![0; 3_000 * 32]].concat();
    let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
    let key = home.key_for(&mut work, &mut out, client, Compartment::Clinical).unwrap();
    for list in [endless, vec![0; 12], vec![1, 0, 0, 0]] {
        out.keyring.push(Item::bare(Kind::File, DocId([7; 16]), list));
    }
    let item = |length, name: &str, media: &str| FileItem {
        client,
        note: None,
        blob: Hash([1; 32]),
        key: Key::random(&mut Os),
        length,
        added: NOW,
        name: name.to_owned(),
        media: media.to_owned(),
    };
    let mut cut = item(1, "a.pdf", "application/pdf").to_bytes();
    cut.pop();
    for payload in [
        item(u64::MAX, "a.pdf", "application/pdf").to_bytes(),
        item((2 << 30) + 1, "a.pdf", "application/pdf").to_bytes(),
        item(1, "", "application/pdf").to_bytes(),
        item(1, &"a".repeat(1_025), "application/pdf").to_bytes(),
        item(1, "a.pdf", "application/pdf\n").to_bytes(),
        item(1, "a.pdf", "pdf").to_bytes(),
        cut,
    ] {
        out.push(Kind::File, DocId::random(&mut Os), key, payload);
    }
    out.push(
        Kind::Frozen,
        DocId([8; 16]),
        key,
        [&[5][..], &[0; 16], format!("{{\"client\":\"{client}\"}}").as_bytes()].concat(),
    );
    home.finish(work, out).unwrap();
    let honest = attach(&mut home, &scan(client), b"%PDF-1.7").unwrap();
    let unlisted = item(1, "never came.pdf", "application/pdf").to_bytes();
    let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
    out.push(Kind::File, DocId([9; 16]), key, unlisted);
    home.finish(work, out).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.set_aside_count().unwrap(), 11);
    assert_eq!(carry_pieces(&home, &mut office), 1);
    assert_eq!(detach(&office, &honest).unwrap(), b"%PDF-1.7");
    assert_eq!(office.file(&DocId([9; 16])).unwrap().reached, Reached::NotYet);
    assert_eq!(detach(&office, &DocId([9; 16])), Err(FileError::NotHere));
}

#[test]
fn a_client_of_whom_a_file_is_left_stays_in_the_list() {
    let (mut office, client) = with_client();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
    let entry = office.entry(&work, &client).unwrap().unwrap();
    office.delete_item(&work, &mut out, client, &entry, NOW).unwrap();
    office.finish(work, out).unwrap();
    attach(&mut home, &scan(client), b"written meanwhile").unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.client(&client).unwrap().name, "Aino");
    assert_eq!(office.files(&client).unwrap().len(), 1);
}

#[test]
fn an_export_has_the_files_under_plain_names_and_the_private_ones_only_when_asked_for() {
    let (mut vault, client) = with_client();
    vault.ask_again(&passphrase("office"), NOW).unwrap();
    let private = vault.add_note(&client, &note("Apart."), true, NOW).unwrap();
    let bytes = content(PIECE + 7);
    let named = |name: &'static str| NewFile { client, note: None, name, length: None };
    let long = format!("{}.pdf", "x".repeat(300));
    attach(&mut vault, &named("../../letter.pdf"), &bytes).unwrap();
    attach(&mut vault, &named("../../letter.pdf"), b"another").unwrap();
    attach(&mut vault, &NewFile { name: &long, ..named("") }, b"long").unwrap();
    attach(&mut vault, &named("a\u{202E}fdp.exe"), b"turned").unwrap();
    attach(&mut vault, &NewFile { note: Some(private), ..named("dream.txt") }, b"a dream").unwrap();
    let rotten = attach(&mut vault, &named("rotten.pdf"), &content(3 * PIECE)).unwrap();
    let (item, _) = vault.file_item(&rotten).unwrap();
    let last = *vault.blob(&item.blob).unwrap().unwrap().list.hashes().last().unwrap();
    let mut batch = Batch::new();
    vault.rows.put_piece(&mut batch, &last, vec![1; 100]);
    vault.rows.store().commit(batch).unwrap();

    use crate::export::ProcessNotes::{Include, LeaveOut};
    for (process, files) in [(LeaveOut, 4), (Include, 5)] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let written = vault.export(&out, None, process, &mut |_| {}, &|| false).unwrap();
        assert_eq!((written.files, written.files_left_out), (files, 1));
        let lies = std::fs::read_dir(out.join("files")).unwrap().next().unwrap().unwrap().path();
        let mut names: Vec<_> =
            std::fs::read_dir(&lies).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names.len(), 4, "{names:?}");
        assert_eq!(names[..2], ["_.._letter (2).pdf", "_.._letter.pdf"]);
        assert!(names.contains(&"a_fdp.exe".to_owned()), "{names:?}");
        let lengths =
            ["_.._letter (2).pdf", "_.._letter.pdf"].map(|name| std::fs::metadata(lies.join(name)).unwrap().len());
        assert!(lengths.contains(&(bytes.len() as u64)) && lengths.contains(&7));
        assert_eq!(out.join("process-files").exists(), process == Include);
        let table = std::fs::read_to_string(out.join("files.csv")).unwrap();
        assert_eq!(table.lines().count(), 1 + usize::try_from(files).unwrap());
        let mut other = practice();
        let taken = other.import(&out, false, NOW, &mut |_| {}, &|| false).unwrap();
        assert_eq!(taken.report.problems, [], "an import counts files and does not read them");
    }
}

#[test]
fn the_files_of_a_note_that_is_moved_go_with_it_and_two_records_of_one_person_show_the_files_of_both() {
    let (mut office, wrong) = with_client();
    let right = office.add_client(&identity("Bertil"), NOW).unwrap();
    let written = office.add_note(&wrong, &note("On the wrong client."), false, NOW).unwrap();
    office.ask_again(&passphrase("office"), NOW).unwrap();
    let private = office.add_note(&wrong, &note("Apart."), true, NOW).unwrap();
    let beside = |note| NewFile { client: wrong, note: Some(note), name: "letter.txt", length: None };
    let letter = attach(&mut office, &beside(written), b"a letter").unwrap();
    let dream = attach(&mut office, &beside(private), b"a dream").unwrap();
    let stays = attach(&mut office, &scan(wrong), b"of nobody's note").unwrap();
    let mut home = second(&mut office, "Home");
    office.ask_again(&passphrase("office"), NOW).unwrap();
    for id in [written, private] {
        office.move_note(&id, &right, "wrong client", NOW).unwrap();
    }
    meet(&mut office, &mut home);
    carry_pieces(&office, &mut home);
    home.ask_again(&passphrase("Home"), NOW).unwrap();
    for vault in [&office, &home] {
        let ids = |rows: Vec<crate::vault::FileRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(vault.files(&right).unwrap()), [letter]);
        assert_eq!(ids(vault.files(&wrong).unwrap()), [stays]);
        assert_eq!(ids(vault.process_files(&right).unwrap()), [dream]);
        assert_eq!(ids(vault.process_files(&wrong).unwrap()), []);
        assert_eq!(ids(vault.note_files(&written).unwrap()), [letter]);
        assert_eq!(detach(vault, &letter).unwrap(), b"a letter");
        assert_eq!(detach(vault, &dream).unwrap(), b"a dream");
        assert_eq!(vault.set_aside_count().unwrap(), 0);
    }
    office.merge_clients(&wrong, &right, NOW).unwrap();
    assert_eq!(office.files(&right).unwrap().len(), 2);
    assert!(office.files(&right).unwrap().iter().all(|row| row.client == right));
    let also = attach(&mut office, &beside(written), b"still attached to").unwrap();
    assert_eq!(office.note_files(&written).unwrap().len(), 2);
    assert_eq!(office.file(&also).unwrap().client, right);
}

#[test]
fn the_pieces_of_files_that_have_left_the_trash_go_and_a_wrong_clock_elsewhere_hastens_nothing() {
    let (mut vault, client) = with_client();
    let (gone, kept) = (content(2 * PIECE), content(PIECE));
    let (gone_id, kept_id) =
        (attach(&mut vault, &scan(client), &gone).unwrap(), attach(&mut vault, &scan(client), &kept).unwrap());
    // As a device says whose clock stands in 1970.
    assert_eq!(vault.delete(&[gone_id], Many::Refuse, 1_000), Ok(1));
    let unlocked_at = |vault: Vault, day: crate::vault::Millis| {
        vault.lock().unwrap().unlock(&passphrase("office"), NOW + day * crate::vault::DAY).unwrap()
    };
    for day in [1, 2, 30] {
        vault = unlocked_at(vault, day);
        assert_eq!(piece_rows(&vault), 3, "day {day}: thirty days from when it was first seen");
    }
    vault.undelete(&gone_id).unwrap();
    assert!(detach(&vault, &gone_id).unwrap() == gone);
    vault = unlocked_at(vault, 32);
    assert_eq!(vault.delete(&[gone_id], Many::Refuse, NOW + 32 * crate::vault::DAY), Ok(1));
    vault = unlocked_at(vault, 33);
    vault = unlocked_at(vault, 62);
    assert_eq!(piece_rows(&vault), 3, "taken back once, it counts anew");
    vault = unlocked_at(vault, 63);
    assert_eq!(piece_rows(&vault), 1);
    assert!(detach(&vault, &kept_id).unwrap() == kept);
    assert_eq!(vault.verify(&mut |_, _| {}).unwrap().damaged, []);
    vault.undelete(&gone_id).unwrap();
    assert_eq!(detach(&vault, &gone_id), Err(FileError::NotHere), "a device that has it, or a backup, gives it back");
    assert_eq!(vault.wanted_pieces(10, &|_| false).unwrap().len(), 2);
}

#[test]
fn a_sealed_record_has_the_files_of_what_is_in_it_and_private_ones_only_when_asked_for_by_name() {
    let (mut vault, client) = with_client();
    let theirs = practice();
    let to = vault.add_colleague(theirs.card("Dr Virta", date(2026, 11, 22)).unwrap().as_bytes()).unwrap();
    let attached = |vault: &mut Vault, text: &str, process: bool, sign: bool, name: &str| {
        let written = vault.add_note(&client, &note(text), process, NOW).unwrap();
        attach(vault, &NewFile { client, note: Some(written), name, length: None }, name.as_bytes()).unwrap();
        if sign {
            vault.sign(&written, NOW).unwrap();
        }
        written
    };
    vault.ask_again(&passphrase("office"), NOW).unwrap();
    let signed = attached(&mut vault, "Signed.", false, true, "signed.txt");
    attached(&mut vault, "Still being written.", false, false, "draft.txt");
    attached(&mut vault, "Apart.", true, false, "apart.txt");
    attach(&mut vault, &NewFile { client, note: None, name: "record.md", length: None }, b"of no note").unwrap();
    vault.forget_again();
    let all = Share {
        client,
        notes: Vec::new(),
        to,
        purpose: "referral".into(),
        basis: "consent".into(),
        consent: String::new(),
        until: None,
        process: ProcessNotes::LeaveOut,
        files: true,
        today: date(2026, 11, 22),
    };
    let with = |vault: &mut Vault, share: &Share| {
        let sealed = vault.seal_record(share, "Dr Rosa").unwrap();
        let opened = theirs.open_record(&sealed.file).unwrap();
        let mut names: Vec<String> = opened.attachments().map(|file| file.name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(with(&mut vault, &all), ["_record.md", "signed.txt"]);
    assert_eq!(with(&mut vault, &Share { notes: vec![signed], ..all.clone() }), ["signed.txt"]);
    assert_eq!(with(&mut vault, &Share { files: false, ..all.clone() }), [""; 0]);
    let by_name = Share { process: ProcessNotes::Include, ..all.clone() };
    assert_eq!(vault.seal_record(&by_name, "Dr Rosa").err(), Some(VaultError::AskAgain.into()));
    vault.ask_again(&passphrase("office"), NOW).unwrap();
    let names = with(&mut vault, &by_name);
    assert!(names.contains(&"apart.txt".to_owned()) && !names.contains(&"draft.txt".to_owned()), "{names:?}");
    // One that is not all here is not left out in silence.
    let handed = vault.disclosures(&client).unwrap().len();
    let gone = vault.note_files(&signed).unwrap()[0].id;
    vault.forget_pieces(&gone).unwrap();
    let refused = vault.seal_record(&all, "Dr Rosa").err();
    assert_eq!(refused, Some(VaultError::NotSealed(crate::share::SealRecordError::FileNotHere).into()));
    assert_eq!(vault.disclosures(&client).unwrap().len(), handed, "nothing was handed out, and nothing is entered");
}
