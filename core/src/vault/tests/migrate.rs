//! An older format number, made up for these tests: a copy first, then steps, and an end of the process at every point.

use crate::vault::core::Transaction;
use crate::vault::{RowError, UnlockError};
use std::path::{Path, PathBuf};

use subrosa_testkit::disk::Disk;

use super::*;
use crate::rows::{Changes, Rows};
use crate::store::{Batch, RedbStore, Store, StoreError, Table};
use crate::vault::core::slot;
use crate::vault::session::migrate::{MIGRATIONS, Migration};
use crate::vault::{FORMAT, LockedVault};

/// It kept its settings under other names: two steps bring them over, the second relying on the first.
static FROM_BEFORE: [Migration; 1] = [Migration { from: BEFORE, steps: &[first, second_step] }];

/// The number before this version's.
const BEFORE: u32 = FORMAT - 1;

fn first(rows: &Rows) -> Result<Changes, UnlockError> {
    let mut changes = Changes::default();
    let old = rows.read(Table::Misc, b"old setting")?.ok_or(RowError::Damaged)?;
    changes.put(Table::Misc, b"half way", old.to_vec());
    changes.remove(Table::Misc, b"old setting");
    Ok(changes)
}

fn second_step(rows: &Rows) -> Result<Changes, UnlockError> {
    let mut changes = Changes::default();
    let half = rows.read(Table::Misc, b"half way")?.ok_or(RowError::Damaged)?;
    changes.put(Table::Misc, b"new setting", [half.as_slice(), b", brought over"].concat());
    changes.remove(Table::Misc, b"half way");
    Ok(changes)
}

/// A vault with a note, as the number before would have left it.
fn of_the_number_before() -> (Vec<u8>, crate::id::NoteId) {
    let disk = Disk::default();
    let store = Box::new(RedbStore::over(disk.clone()).unwrap());
    let mut vault = Vault::create(store, &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap().vault;
    let client = vault.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    let id = vault.notes_mut().add_note(&client, &note("Said."), false, NOW).unwrap();
    vault.notes_mut().flush().unwrap();
    let mut changes = Changes::default();
    changes.put(Table::Misc, b"old setting", b"a value".to_vec());
    let mut batch = Batch::new();
    batch.put(Table::Slots, slot("about"), BEFORE.to_le_bytes());
    vault.core.write(Transaction { changes, batch, ..Transaction::default() }).unwrap();
    drop(vault.lock().unwrap());
    (disk.image(), id)
}

fn unlock(disk: &Disk, path: &Path) -> Result<Vault, UnlockError> {
    let store = Box::new(RedbStore::over(disk.clone())?);
    let locked = LockedVault::open_with(store, Some(path.to_owned()), Box::new(Os), &FROM_BEFORE)?;
    locked.unlock(&passphrase("office"), NOW).map_err(|still| still.error)
}

fn is_migrated(vault: &Vault, id: &crate::id::NoteId) {
    let read = |name: &[u8]| vault.core.rows.read(Table::Misc, name).unwrap().map(|row| row.to_vec());
    assert_eq!(read(b"new setting").as_deref(), Some(b"a value, brought over".as_slice()));
    assert_eq!([read(b"old setting"), read(b"half way"), read(b"migration")], [None, None, None]);
    assert_eq!(vault.core.rows.look().read(Table::Slots, &slot("about")).unwrap().unwrap(), FORMAT.to_le_bytes());
    assert_eq!(vault.notes().note(id).unwrap().content.text, "Said.");
    assert!(vault.core.rows.check(&vault.core.memory.state).unwrap());
}

/// The copy beside the vault opens as that number, and holds what was there before.
fn is_kept(path: &Path) {
    let mut copy = path.as_os_str().to_owned();
    copy.push(".format-1");
    let copy = PathBuf::from(copy);
    let store = RedbStore::open(&copy).unwrap();
    assert_eq!(store.read(Table::Slots, &slot("about")).unwrap().unwrap(), BEFORE.to_le_bytes());
    let locked = LockedVault::open_with(Box::new(store), None, Box::new(Os), &FROM_BEFORE).unwrap();
    // Without a place for a copy of its own it is not changed.
    let still = locked.unlock(&passphrase("office"), NOW).err().unwrap();
    assert_eq!(still.error, UnlockError::NotCopied);
}

#[test]
fn an_older_vault_is_migrated_after_a_copy_that_was_proven() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.vault");
    let (image, id) = of_the_number_before();
    let disk = Disk::holding(image);
    is_migrated(&unlock(&disk, &path).unwrap(), &id);
    is_kept(&path);
    // Once: the next unlock finds nothing to do, and leaves the copy alone.
    let before = std::fs::read(folder.path().join("practice.vault.format-1")).unwrap();
    is_migrated(&unlock(&disk, &path).unwrap(), &id);
    assert_eq!(std::fs::read(folder.path().join("practice.vault.format-1")).unwrap().len(), before.len());
    assert!(!folder.path().join("practice.vault.format-1.new").exists());
}

#[test]
fn a_process_that_ends_at_any_change_of_the_disk_leaves_a_vault_that_goes_on_from_there() {
    let (image, id) = of_the_number_before();
    let folder = tempfile::tempdir().unwrap();
    let whole = Disk::holding(image.clone());
    is_migrated(&unlock(&whole, &folder.path().join("counted.vault")).unwrap(), &id);
    let changes = whole.position();
    let (mut stopped, mut at_once) = (0, 0);
    for at in 0..changes {
        let path = folder.path().join(format!("practice-{at}.vault"));
        let disk = Disk::holding(image.clone());
        disk.fill_at(at);
        let first = unlock(&disk, &path);
        stopped += usize::from(first.is_err());
        at_once += usize::from(first.is_ok());
        drop(first);
        // The machine is started again; what the disk took is there.
        let disk = Disk::holding(disk.image());
        is_migrated(&unlock(&disk, &path).unwrap(), &id);
        is_kept(&path);
    }
    assert!(stopped > 10, "{stopped} of {changes} ends were before the migration was over, {at_once} after it");
}

#[test]
fn without_a_proven_copy_nothing_is_changed() {
    let (image, id) = of_the_number_before();
    let folder = tempfile::tempdir().unwrap();
    // Where the copy should lie is a folder: it cannot be written.
    let path = folder.path().join("practice.vault");
    std::fs::create_dir(folder.path().join("practice.vault.format-1.new")).unwrap();
    std::fs::write(folder.path().join("practice.vault.format-1.new/full"), b"x").unwrap();
    let disk = Disk::holding(image);
    assert_eq!(unlock(&disk, &path).err(), Some(UnlockError::NotCopied));
    let store = RedbStore::over(Disk::holding(disk.image())).unwrap();
    assert_eq!(store.read(Table::Slots, &slot("about")).unwrap().unwrap(), BEFORE.to_le_bytes());
    // A copy that does not hold is made anew, and the vault then goes on.
    std::fs::remove_dir_all(folder.path().join("practice.vault.format-1.new")).unwrap();
    std::fs::write(folder.path().join("practice.vault.format-1"), b"no copy").unwrap();
    is_migrated(&unlock(&disk, &path).unwrap(), &id);
    is_kept(&path);
}

#[test]
fn a_newer_and_an_early_number_are_refused_in_words_and_nothing_is_written() {
    let (image, _) = of_the_number_before();
    for (number, refused) in [
        (FORMAT + 1, StoreError::Newer(FORMAT + 1)),
        (FORMAT - 1, StoreError::Older(FORMAT - 1)),
        (0, StoreError::Older(0)),
    ] {
        let disk = Disk::holding(image.clone());
        let mut store = RedbStore::over(disk.clone()).unwrap();
        let mut batch = Batch::new();
        batch.put(Table::Slots, slot("about"), number.to_le_bytes());
        store.commit(batch).unwrap();
        let rows = store.len(Table::Misc).unwrap();
        let opened = LockedVault::open(Box::new(store), None, Policy::Tests, Box::new(Os));
        assert_eq!(opened.err(), Some(UnlockError::from(refused)));
        let store = RedbStore::over(Disk::holding(disk.image())).unwrap();
        assert_eq!(store.len(Table::Misc).unwrap(), rows, "nothing was written");
    }
    assert!(StoreError::Newer(2).to_string().contains("newer version"));
    assert!(StoreError::Older(1).to_string().contains("export it there"));
    assert!(MIGRATIONS.is_empty(), "number 2 is the first; its successor brings the first migration");
}
