//! An attachment or a copy that is stopped in the middle: asked to, by a lock, a kill or a full disk. Nothing of it is left.

use std::cell::Cell;
use std::io::{self, Read};

use redb::StorageBackend as _;
use subrosa_testkit::medium::Medium;

use super::{attach, content, extract, piece_rows, scan, with_client};
use crate::blob::PIECE;
use crate::entropy::Os;
use crate::id::ClientId;
use crate::kdf::Policy;
use crate::store::{RedbStore, StoreError};
use crate::vault::tests::{NOW, identity, new, note, passphrase};
use crate::vault::{FileError, LockedVault, NewFile, RowError, Vault};

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
    let before = vault.log().log_ends().unwrap();
    let stopped = vault.files_mut().attach(&scan(client), &mut &content(20 * PIECE)[..], NOW, &mut |_| {}, &|| true);
    assert_eq!(stopped, Err(FileError::Stopped));
    let broken = vault.files_mut().attach(&scan(client), &mut Breaks(17 * PIECE), NOW, &mut |_| {}, &|| false);
    assert_eq!(broken, Err(FileError::Read(io::ErrorKind::TimedOut)));
    let said = NewFile { length: Some((2 << 30) + 1), ..scan(client) };
    assert_eq!(attach(&mut vault, &said, b"").err(), Some(FileError::TooLong));
    assert_eq!((piece_rows(&vault), vault.files().of_client(&client).unwrap().len()), (0, 0));
    assert_eq!(vault.log().log_ends().unwrap(), before);
    assert!(vault.core.attaching.is_empty() && vault.integrity().verify(&mut |_, _| {}).unwrap().damaged.is_empty());
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
    assert_eq!(vault.files().extract(&id, &mut io::sink(), &mut |_| {}, &second), Err(FileError::Stopped));
    let full = vault.files().extract(&id, &mut Full, &mut |_| {}, &|| false);
    assert_eq!(full, Err(FileError::Write(io::ErrorKind::StorageFull)));
}

/// The practice on this medium, as it is opened after its vault is gone.
fn open(medium: &Medium) -> Vault {
    let store = Box::new(RedbStore::over(medium.clone()).unwrap());
    let locked = LockedVault::open(store, None, Policy::Tests, Box::new(Os)).unwrap();
    locked.unlock(&passphrase("office"), NOW).unwrap()
}

fn on_disk() -> (Medium, Vault, ClientId) {
    let disk = Medium::default();
    let store = Box::new(RedbStore::over(disk.clone()).unwrap());
    let mut vault = Vault::create(store, &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap().vault;
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    (disk, vault, client)
}

#[test]
fn a_program_that_ends_in_the_middle_leaves_pieces_that_the_next_unlocking_takes_away() {
    let (disk, mut vault, client) = on_disk();
    let whole = attach(&mut vault, &scan(client), b"here before").unwrap();
    let bytes = content(12 * PIECE);
    let mut from = &bytes[..];
    let mut attaching = vault.files_mut().begin_attach(&scan(client), NOW).unwrap();
    let first = attaching.next(&mut from).unwrap().unwrap();
    vault.files_mut().keep_pieces(first, NOW).unwrap();
    assert_eq!(piece_rows(&vault), 7);
    // As after a kill: nobody tidied up.
    let after = open(&Medium::holding(disk.image()));
    assert_eq!((piece_rows(&after), extract(&after, &whole).unwrap()), (1, b"here before".to_vec()));
    assert_eq!(after.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    // The same process goes on, and its sweeping leaves what is under way alone.
    vault.files_mut().sweep_pieces().unwrap();
    assert_eq!(piece_rows(&vault), 7);
    while let Some(pieces) = attaching.next(&mut from).unwrap() {
        vault.files_mut().keep_pieces(pieces, NOW).unwrap();
    }
    let id = vault.files_mut().end_attach(attaching).unwrap();
    vault.files_mut().sweep_pieces().unwrap();
    assert!(extract(&vault, &id).unwrap() == bytes);
    drop(vault);
    assert!(extract(&open(&disk), &id).unwrap() == bytes);
}

#[test]
fn locking_in_the_middle_ends_an_attachment_and_takes_its_pieces_away() {
    let (_, mut vault, client) = on_disk();
    let bytes = content(10 * PIECE);
    let mut from = &bytes[..];
    let mut attaching = vault.files_mut().begin_attach(&scan(client), NOW).unwrap();
    let pieces = attaching.next(&mut from).unwrap().unwrap();
    vault.files_mut().keep_pieces(pieces, NOW).unwrap();
    let mut vault = vault.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!(piece_rows(&vault), 0);
    let late = attaching.next(&mut from).unwrap().unwrap();
    assert_eq!(vault.files_mut().keep_pieces(late, NOW), Err(FileError::Ended));
    assert_eq!(vault.files_mut().end_attach(attaching), Err(FileError::Ended));
    assert_eq!(vault.files().of_client(&client).unwrap(), []);
}

#[test]
fn a_disk_that_is_full_in_the_middle_costs_the_attachment_and_nothing_else() {
    let (disk, mut vault, client) = on_disk();
    let written = vault.notes_mut().add_note(&client, &note("Saved before."), false, NOW).unwrap();
    vault.notes_mut().flush().unwrap();
    let room = disk.len().unwrap() + (12 << 20);
    disk.limit(Some(room));
    let full = attach(&mut vault, &scan(client), &content(40 * PIECE));
    assert_eq!(full, Err(RowError::Store(StoreError::Full).into()));
    assert_eq!(vault.notes().note(&written).unwrap().content.text, "Saved before.", "reading goes on");
    drop(vault);
    let vault = open(&disk);
    assert_eq!(vault.notes().note(&written).unwrap().content.text, "Saved before.");
    assert_eq!(vault.files().of_client(&client).unwrap(), []);
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    drop(vault);
    disk.limit(None);
    let mut vault = open(&disk);
    assert_eq!(piece_rows(&vault), 0, "with room again the pieces go");
    assert!(attach(&mut vault, &scan(client), &content(40 * PIECE)).is_ok());
}
