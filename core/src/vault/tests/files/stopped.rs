//! An attachment or a copy that is stopped in the middle: asked to, by a lock, a kill or a full disk. Nothing of it is left.

use std::cell::Cell;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

use super::{attach, content, detach, piece_rows, scan, with_client};
use crate::blob::PIECE;
use crate::entropy::Os;
use crate::id::ClientId;
use crate::kdf::Policy;
use crate::store::{RedbStore, StoreError};
use crate::vault::tests::{NOW, identity, new, note, passphrase};
use crate::vault::{FileError, LockedVault, NewFile, Vault, VaultError};

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
    let image = Disk(Arc::new(Mutex::new(disk.0.lock().unwrap().clone())), disk.1.clone());
    let after = image.open();
    assert_eq!((piece_rows(&after), detach(&after, &whole).unwrap()), (1, b"here before".to_vec()));
    assert_eq!(after.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    // The same process goes on, and its sweeping leaves what is under way alone.
    vault.files_mut().sweep_pieces().unwrap();
    assert_eq!(piece_rows(&vault), 7);
    while let Some(pieces) = attaching.next(&mut from).unwrap() {
        vault.files_mut().keep_pieces(pieces, NOW).unwrap();
    }
    let id = vault.files_mut().end_attach(attaching).unwrap();
    vault.files_mut().sweep_pieces().unwrap();
    assert!(detach(&vault, &id).unwrap() == bytes);
    drop(vault);
    assert!(detach(&disk.open(), &id).unwrap() == bytes);
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
    disk.1.store(room, Ordering::SeqCst);
    let full = attach(&mut vault, &scan(client), &content(40 * PIECE));
    assert_eq!(full, Err(VaultError::Store(StoreError::Full).into()));
    assert_eq!(vault.notes().note(&written).unwrap().content.text, "Saved before.", "reading goes on");
    drop(vault);
    let vault = disk.open();
    assert_eq!(vault.notes().note(&written).unwrap().content.text, "Saved before.");
    assert_eq!(vault.files().of_client(&client).unwrap(), []);
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    drop(vault);
    disk.1.store(u64::MAX, Ordering::SeqCst);
    let mut vault = disk.open();
    assert_eq!(piece_rows(&vault), 0, "with room again the pieces go");
    assert!(attach(&mut vault, &scan(client), &content(40 * PIECE)).is_ok());
}
