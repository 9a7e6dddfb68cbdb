//! Scenarios of the whole store: reopening, crashing, failing disks, damaged files, and somebody else at the door.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};

use subrosa_testkit::dice::Dice;
use subrosa_testkit::disk::Disk;
use subrosa_testkit::medium::Medium;

use super::*;

type Rows = BTreeMap<(Table, RowKey), Vec<u8>>;

fn key(number: usize) -> RowKey {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&(number as u64).to_be_bytes());
    key
}

/// A value that tells its number and revision, of a note's size.
fn value(number: usize, revision: usize) -> Vec<u8> {
    let mut value = format!("row {number} revision {revision} ").into_bytes();
    value.resize(900 + number * 37 % 900, b'.');
    value
}

/// A store of `count` rows in two tables, closed.
fn small_vault(count: usize) -> (Vec<u8>, Rows) {
    let medium = Medium::default();
    let mut store = RedbStore::over(medium.clone()).unwrap();
    let mut rows = Rows::new();
    for number in 0..count {
        let table = if number % 2 == 0 { Table::Bodies } else { Table::Headers };
        rows.insert((table, key(number)), value(number, 0));
    }
    store.commit(batch_of(&rows)).unwrap();
    drop(store);
    (medium.image(), rows)
}

fn batch_of(rows: &Rows) -> Batch {
    let mut batch = Batch::new();
    for ((table, key), value) in rows {
        batch.put(*table, *key, value.clone());
    }
    batch
}

fn everything(store: &RedbStore) -> Result<Rows> {
    let mut rows = Rows::new();
    for &table in Table::ALL {
        store.scan(table, &mut |key, value| {
            rows.insert((table, *key), value.to_vec());
            ControlFlow::Continue(())
        })?;
    }
    Ok(rows)
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.vault");
    let mut store = RedbStore::create(&path).unwrap();
    let mut batch = Batch::new();
    batch.put(Table::Head, key(1), *b"one").put(Table::Misc, key(2), vec![]);
    store.commit(batch).unwrap();
    drop(store);

    let store = RedbStore::open(&path).unwrap();
    assert_eq!(store.read(Table::Head, &key(1)).unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(store.read(Table::Misc, &key(2)).unwrap().as_deref(), Some(&b""[..]));
    assert_eq!(store.read(Table::Misc, &key(1)).unwrap(), None);
    assert_eq!((store.len(Table::Head).unwrap(), store.len(Table::Keys).unwrap()), (1, 0));
}

#[test]
fn of_two_changes_to_a_row_the_later_holds() {
    let mut store = RedbStore::over(Medium::default()).unwrap();
    let mut batch = Batch::new();
    batch.put(Table::Misc, key(1), *b"a").remove(Table::Misc, key(1)).remove(Table::Misc, key(3));
    batch.put(Table::Misc, key(2), *b"a").put(Table::Misc, key(2), *b"b");
    store.commit(batch).unwrap();
    assert_eq!(store.read(Table::Misc, &key(1)).unwrap(), None);
    assert_eq!(store.read(Table::Misc, &key(2)).unwrap().as_deref(), Some(&b"b"[..]));
}

#[test]
fn a_scan_goes_through_all_rows_in_order_and_stops_when_told() {
    let mut store = RedbStore::over(Medium::default()).unwrap();
    let mut batch = Batch::new();
    for number in (0..1000).rev() {
        batch.put(Table::Index, key(number), number.to_string());
    }
    store.commit(batch).unwrap();
    let mut seen = Vec::new();
    let mut count = |stop: usize| {
        seen.clear();
        let mut look = |key: &RowKey, _: &[u8]| {
            seen.push(*key);
            // A store can be read in the middle of a scan.
            assert!(store.read(Table::Index, key).unwrap().is_some());
            if seen.len() == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        store.scan(Table::Index, &mut look).unwrap();
        assert!(seen.iter().copied().eq((0..seen.len()).map(key)));
        seen.len()
    };
    assert_eq!((count(usize::MAX), count(700), count(1)), (1000, 700, 1));
}

#[test]
fn a_value_above_the_limit_is_refused_and_harms_nothing() {
    let mut store = RedbStore::over(Medium::default()).unwrap();
    let mut batch = Batch::new();
    batch.put(Table::Misc, key(1), *b"a").put(Table::Misc, key(2), vec![0; VALUE_LIMIT + 1]);
    assert_eq!(store.commit(batch), Err(StoreError::TooLarge));
    assert_eq!(store.read(Table::Misc, &key(1)).unwrap(), None);
    store.commit(Batch::new()).unwrap();
    // At a limit a value is none above it, and what was written is read, however long.
    let mut batch = Batch::new();
    batch.put(Table::Misc, key(1), vec![7; 5 << 20]).remove(Table::Misc, key(2));
    assert!(!batch.has_beyond(5 << 20) && batch.has_beyond((5 << 20) - 1));
    store.commit(batch).unwrap();
    assert_eq!(store.read(Table::Misc, &key(1)).unwrap().map(|value| value.len()), Some(5 << 20));
}

#[test]
fn a_closed_vault_is_small() {
    let sizes = [0, 50].map(|count| small_vault(count).0.len());
    println!("empty {} bytes, 50 notes {} bytes", sizes[0], sizes[1]);
    assert!(sizes[0] < 80 << 10 && sizes[1] < 300 << 10, "{sizes:?}");
}

#[test]
fn each_kind_of_wrong_file_has_its_own_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.vault");
    let (good, rows) = small_vault(20);
    let zeroed = |from: usize| {
        let mut bad = good.clone();
        bad[from..from + 4096].fill(0);
        bad
    };
    let opened = |image: &[u8]| {
        std::fs::write(&path, image).unwrap();
        RedbStore::open(&path).and_then(|store| everything(&store))
    };
    assert!(opened(&good) == Ok(rows.clone()));
    assert_eq!(opened(b""), Err(StoreError::Empty));
    assert_eq!(opened(b"Sub"), Err(StoreError::Truncated));
    assert_eq!(opened(b"Dear diary"), Err(StoreError::NotAVault));
    assert_eq!(opened(&[0; 8192]), Err(StoreError::NotAVault));
    assert_eq!(opened(&zeroed(0)), Err(StoreError::NotAVault));
    for len in [30, 4096, 20_000, 20_480, 20_481, good.len() - 4112, good.len() - 1] {
        assert_eq!(opened(&good[..len]), Err(StoreError::Truncated), "cut to {len}");
    }
    let blocks = (20_480..good.len()).step_by(4112).map(|at| opened(&zeroed(at)));
    let (whole, damaged): (Vec<_>, Vec<_>) = blocks.partition(Result::is_ok);
    assert!(whole.iter().all(|found| *found == Ok(rows.clone())), "zeros passed for data");
    assert!(damaged.len() > 10 && damaged.iter().all(|found| *found == Err(StoreError::Damaged)));
}

#[test]
fn a_vault_held_by_another_process_is_refused_and_opens_once_that_one_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.vault");
    drop(RedbStore::create(&path).unwrap());
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "tests::hold_the_file_until_killed"])
        .env("SUBROSA_TEST_HOLDS", &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let mut byte = [0];
    while !said.ends_with(b"HELD") {
        assert_eq!(holder.stdout.as_mut().unwrap().read(&mut byte).unwrap(), 1, "the holder ended early");
        said.push(byte[0]);
    }
    assert_eq!(RedbStore::open(&path).err(), Some(StoreError::InUse));
    holder.kill().unwrap();
    holder.wait().unwrap();
    let store = RedbStore::open(&path).unwrap();
    assert_eq!(store.read(Table::Misc, &key(1)).unwrap().as_deref(), Some(&b"held"[..]));
}

#[test]
#[ignore = "a process that the test above starts and kills"]
fn hold_the_file_until_killed() {
    let Some(path) = std::env::var_os("SUBROSA_TEST_HOLDS") else { return };
    let mut store = RedbStore::open(Path::new(&path)).unwrap();
    let mut batch = Batch::new();
    batch.put(Table::Misc, key(1), *b"held");
    store.commit(batch).unwrap();
    print!("HELD");
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Changes some rows of a model and returns the same changes as a batch.
fn some_changes(rows: &mut Rows, revision: usize, dice: &mut Dice) -> Batch {
    let mut batch = Batch::new();
    for _ in 0..1 + dice.roll(40) {
        let number = dice.roll(200);
        let table = Table::ALL[dice.roll(Table::ALL.len())];
        if dice.roll(4) == 0 {
            batch.remove(table, key(number));
            rows.remove(&(table, key(number)));
        } else {
            batch.put(table, key(number), value(number, revision));
            rows.insert((table, key(number)), value(number, revision));
        }
    }
    batch
}

/// Commits until the medium fails. Returns what was acknowledged, what was not, and the store.
fn commit_until_it_fails(disk: &Disk, dice: &mut Dice, commits: usize) -> Option<(Rows, Rows, RedbStore)> {
    let mut store = RedbStore::over(disk.clone()).ok()?;
    let mut acknowledged = everything(&store).ok()?;
    for revision in 0..commits {
        let mut next = acknowledged.clone();
        if store.commit(some_changes(&mut next, revision, dice)).is_err() {
            return Some((acknowledged, next, store));
        }
        acknowledged = next;
    }
    Some((acknowledged.clone(), acknowledged, store))
}

#[test]
fn after_a_power_cut_at_any_moment_each_commit_is_there_whole_or_not_at_all() {
    let (image, _) = small_vault(30);
    for seed in 0..150 {
        let mut dice = Dice::new(seed);
        let disk = Disk::holding(image.clone());
        disk.fill_at(5 + dice.roll(60));
        let Some((acknowledged, next, store)) = commit_until_it_fails(&disk, &mut dice, 30) else { continue };
        let cut = disk.after_power_cut(&mut dice);
        drop(store);
        let found = RedbStore::over(Medium::holding(cut)).and_then(|store| everything(&store));
        let found = found.unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
        assert!(found == acknowledged || found == next, "seed {seed}: neither before nor after");
    }
}

#[test]
fn after_a_failed_write_nothing_more_is_written_and_all_that_was_acknowledged_is_read() {
    let (image, _) = small_vault(30);
    let whole = Disk::holding(image.clone());
    drop(commit_until_it_fails(&whole, &mut Dice::new(1), 3));
    let is_full_at_opening = |change| {
        let disk = Disk::holding(image.clone());
        disk.fill_at(change);
        RedbStore::over(disk).is_ok_and(|store| store.is_poisoned())
    };
    let mut poisoned = 0;
    for change in 0..whole.position() {
        let disk = Disk::holding(image.clone());
        disk.fill_at(change);
        let Some((acknowledged, next, mut store)) = commit_until_it_fails(&disk, &mut Dice::new(1), 3) else {
            continue;
        };
        if acknowledged != next {
            poisoned += 1;
            let left = disk.image();
            assert!(store.is_poisoned());
            // Where opening found no room nothing was begun.
            let why = if is_full_at_opening(change) { StoreError::Full } else { StoreError::Poisoned };
            assert_eq!(store.commit(Batch::new()), Err(why), "change {change}");
            assert!(everything(&store) == Ok(acknowledged.clone()), "change {change}: reading on");
            drop(store);
            assert!(disk.image() == left, "change {change}: written after a failure");
        }
        let found = RedbStore::over(Medium::holding(disk.image())).and_then(|store| everything(&store)).unwrap();
        assert!(found == acknowledged || found == next, "change {change}: after reopening");
    }
    assert!(poisoned > 10, "{poisoned}");
}

#[test]
fn a_disk_that_is_full_from_the_first_is_opened_and_read() {
    let (image, rows) = small_vault(30);
    let disk = Disk::holding(image.clone());
    disk.fill_at(0);
    let mut store = RedbStore::over(disk.clone()).unwrap();
    assert!(everything(&store) == Ok(rows.clone()));
    assert!(matches!(store.commit(batch_of(&rows)), Err(StoreError::Full | StoreError::Poisoned)));
    assert!(everything(&store) == Ok(rows));
    drop(store);
    assert!(disk.image() == image);
}

#[test]
fn a_file_that_is_read_only_is_read_and_every_commit_refused() {
    let (image, rows) = small_vault(30);
    let medium = Medium::holding(image.clone());
    let mut store = RedbStore::over_read_only(medium.clone()).unwrap();
    assert!(store.is_read_only() && everything(&store) == Ok(rows.clone()));
    for _ in 0..2 {
        assert_eq!(store.commit(batch_of(&rows)), Err(StoreError::ReadOnly));
        assert_eq!(store.reopen(), Err(StoreError::ReadOnly));
    }
    assert!(everything(&store) == Ok(rows));
    drop(store);
    assert!(medium.image() == image);
}

#[test]
fn one_damaged_block_costs_what_lies_in_it_and_nothing_else() {
    let (good, rows) = small_vault(60);
    let mut partly = 0;
    for block in 0..(good.len() - 20_480) / 4112 {
        let mut bad = good.clone();
        bad[20_480 + block * 4112 + 100] ^= 1;
        let Ok(store) = RedbStore::over(Medium::holding(bad)) else { continue };
        let read = rows.iter().map(|((table, key), value)| match store.read(*table, key) {
            Ok(found) => {
                assert!(found.as_ref() == Some(value), "block {block}: another value");
                1
            }
            Err(error) => {
                assert_eq!(error, StoreError::Damaged);
                0
            }
        });
        partly += usize::from((1..rows.len()).contains(&read.sum()));
    }
    assert!(partly > 5, "{partly}");
}

/// What becomes of a vault with this image: whether anything was refused. Panics if anything was changed.
fn is_refused(image: Vec<u8>, rows: &Rows) -> bool {
    match RedbStore::over(Medium::holding(image)).and_then(|store| everything(&store)) {
        Ok(found) => {
            assert!(found == *rows, "changed");
            false
        }
        Err(_) => true,
    }
}

fn flip_bytes(step: usize) {
    let (image, rows) = small_vault(24);
    let (mut refused, mut harmless, mut wrong) = (0, 0, 0);
    for at in (0..image.len()).step_by(step) {
        let mut bad = image.clone();
        bad[at] ^= 1 << (at % 8);
        match catch_unwind(AssertUnwindSafe(|| is_refused(bad, &rows))) {
            Ok(true) => refused += 1,
            Ok(false) => harmless += 1,
            Err(_) => wrong += 1,
        }
    }
    println!("{} bytes: refused {refused}, harmless {harmless}, panicked or changed {wrong}", image.len());
    assert_eq!(wrong, 0);
    assert!(refused > 0 && harmless > 0);
}

#[test]
fn a_flipped_byte_is_refused_or_harmless() {
    flip_bytes(29);
}

#[test]
#[ignore = "a minute: every byte, where the test above takes every 29th"]
fn every_flipped_byte_is_refused_or_harmless() {
    flip_bytes(1);
}

/// Keys spread as keyed hashes are.
fn spread(number: usize) -> RowKey {
    use sha2::Digest;
    sha2::Sha256::digest((number as u64).to_le_bytes()).into()
}

#[test]
fn what_can_be_read_past_damaged_blocks_is_copied_and_the_rest_is_counted() {
    let medium = Medium::default();
    let mut store = RedbStore::over(medium.clone()).unwrap();
    let mut rows = Rows::new();
    for number in 0..600 {
        rows.insert((Table::ALL[number % 3], spread(number)), value(number, 0));
    }
    store.commit(batch_of(&rows)).unwrap();
    drop(store);
    let (whole, mut dice) = (medium.image(), Dice::new(11));
    let (mut copies, mut lossy) = (0, 0);
    for round in 0..40 {
        let mut image = whole.clone();
        // One to four bytes anywhere in the blocks.
        for _ in 0..=round % 4 {
            let at = 20_480 + dice.roll(image.len() - 20_480);
            image[at] ^= 0x40;
        }
        // Damage in redb's own bookkeeping keeps it from opening at all: nothing to copy from.
        let Ok(damaged) = RedbStore::over(Medium::holding(image)) else { continue };
        let mut fresh = RedbStore::over(Medium::default()).unwrap();
        let copied = copy_readable(&damaged, &mut fresh).unwrap();
        let found = everything(&fresh).unwrap();
        assert!(found.iter().all(|(name, value)| rows.get(name) == Some(value)), "round {round}: nothing is made up");
        assert_eq!(copied.rows, found.len() as u64, "round {round}");
        // Row by row nothing more can be had.
        for ((table, key), value) in &rows {
            let read = damaged.read(*table, key).ok().flatten();
            assert_eq!(found.get(&(*table, *key)), read.as_ref(), "round {round}: every row that can be read is there");
            assert!(read.is_none_or(|read| read == *value));
        }
        assert_eq!(copied.lost > 0, found.len() < rows.len(), "round {round}: a loss is told");
        copies += 1;
        lossy += u64::from(copied.lost > 0);
    }
    assert!(copies > 25 && lossy > 15, "{copies} copies, {lossy} with something lost");
}

#[test]
fn a_whole_store_is_copied_without_a_loss() {
    let (image, rows) = small_vault(60);
    let mut fresh = RedbStore::over(Medium::default()).unwrap();
    let copied = copy_readable(&RedbStore::over(Medium::holding(image)).unwrap(), &mut fresh).unwrap();
    assert_eq!((copied.rows, copied.lost), (60, 0));
    assert!(everything(&fresh).unwrap() == rows);
}
