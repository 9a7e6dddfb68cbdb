//! A file of which much is free, written anew: every row goes, in the order of the keys, into a new file beside it, which takes
//! its place once all of it is on the disk.
//!
//! redb uses free pages again and hardly ever gives their room back, and where rows came in any order its leaves are two thirds
//! full. At every moment the file or its successor lies under the practice's name, whole; nothing is written to the file itself.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use super::remove_leftover;
use crate::blocks::Blocks;
use crate::trees::Trees;
use crate::twin::BLOCK;
use crate::{RedbStore, Result, RowKey, StorageBackend, Store, StoreError, Table, room};

/// Less free room than this is not worth it: a small file is never written anew.
const LEAST_FREE: u64 = 1 << 20;
/// Beyond so many bytes of pages in use nobody waits for it.
const MOST_USED: u64 = 512 << 20;
/// Bytes of values in one commit.
const PORTION: usize = 4 << 20;

/// Rows that follow each other in one table.
pub(crate) type RowRun = Vec<(RowKey, Vec<u8>)>;

/// Whether more than a quarter of a file is free, it is no longer than one waits for, and its disk has room for another.
pub(crate) fn is_worthwhile(blocks: &Blocks, file: &Path) -> bool {
    let block = u64::try_from(BLOCK).unwrap_or(u64::MAX);
    let free = Trees::new(blocks).ok().and_then(|trees| trees.free_pages()).unwrap_or_default();
    let (free, len) = (free.saturating_mul(block), blocks.len().unwrap_or_default());
    let used = len.saturating_sub(free);
    free >= LEAST_FREE && free > len / 4 && used <= MOST_USED && room::fits_beside(file, used)
}

/// Where the new file lies until it takes the other's place.
pub(crate) fn half_made_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".compacted");
    name.into()
}

/// Writes every row into a new file, durably. What lies there was left by a crash.
///
/// # Errors
/// [`StoreError`], damage in the old file among them: what cannot be read would be lost.
pub(crate) fn write_anew(from: &RedbStore, at: &Path) -> Result<RedbStore> {
    remove_leftover(at)?;
    let mut fresh = RedbStore::create(at)?;
    copy_all(from, &mut fresh)?;
    fresh.settle()?;
    Ok(fresh)
}

/// Rows are read on one processor, which compares their checksums, and written on another.
pub(crate) fn copy_all(from: &RedbStore, into: &mut RedbStore) -> Result<()> {
    thread::scope(|scope| {
        let (hand, runs) = mpsc::sync_channel(1);
        let reader = scope.spawn(move || Table::ALL.iter().try_for_each(|&table| read(from, table, &hand)));
        let written = runs.into_iter().try_for_each(|(table, run)| into.append(table, &run));
        let read = reader.join().unwrap_or(Err(StoreError::Damaged));
        written.and(read)
    })?;
    let as_many = |&table: &Table| Ok(from.len(table)? == into.len(table)?);
    let all: Result<Vec<bool>> = Table::ALL.iter().map(as_many).collect();
    if all?.into_iter().all(|same| same) { Ok(()) } else { Err(StoreError::Damaged) }
}

/// Hands all rows of a table on, run by run, until nobody takes them.
fn read(from: &RedbStore, table: Table, hand: &mpsc::SyncSender<(Table, RowRun)>) -> Result<()> {
    let (mut run, mut bytes) = (RowRun::new(), 0_usize);
    from.scan(table, &mut |key, value| {
        bytes = bytes.saturating_add(value.len());
        run.push((*key, value.to_vec()));
        if bytes < PORTION {
            return ControlFlow::Continue(());
        }
        bytes = 0;
        match hand.send((table, std::mem::take(&mut run))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    // Whoever takes no more says why.
    let _ = hand.send((table, run));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use subrosa_testkit::dice::Dice;
    use subrosa_testkit::disk::{Call, Disk, Failure, Fault, Mistake};
    use subrosa_testkit::medium::Medium;

    use super::*;
    use crate::Batch;
    use crate::file::Identity;

    type Rows = BTreeMap<(Table, RowKey), Vec<u8>>;

    fn row(number: u16) -> (RowKey, Vec<u8>) {
        let mut key = [7; 32];
        key[..2].copy_from_slice(&number.wrapping_mul(40_503).to_be_bytes());
        (key, vec![7; 300 + usize::from(number % 7) * 900])
    }

    /// A store of so many rows, of which but each fourth was taken away again.
    fn thin(mut store: RedbStore, rows: u16) -> RedbStore {
        let (mut put, mut remove) = (Batch::new(), Batch::new());
        for number in 0..rows {
            let (key, value) = row(number);
            let table = Table::ALL[usize::from(number) % Table::ALL.len()];
            put.put(table, key, value);
            if number % 4 > 0 {
                remove.remove(table, key);
            }
        }
        store.commit(put).unwrap();
        store.commit(remove).unwrap();
        store
    }

    fn everything(store: &RedbStore) -> Rows {
        let mut rows = Rows::new();
        for &table in Table::ALL {
            let take = &mut |key: &RowKey, value: &[u8]| {
                rows.insert((table, *key), value.to_vec());
                ControlFlow::Continue(())
            };
            store.scan(table, take).unwrap();
        }
        rows
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_file_of_which_much_is_free_becomes_a_small_one_with_the_same_rows_that_is_written_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.vault");
        let mut store = thin(RedbStore::create(&file).unwrap(), 4_000);
        let rows = everything(&store);
        let before = fs::metadata(&file).unwrap().len();
        store.compact(&file).unwrap();
        assert!(everything(&store) == rows);
        assert_eq!(RedbStore::open(&file).err(), Some(StoreError::InUse), "it is held on");
        store.commit(Batch::new()).unwrap();
        drop(store);
        let after = fs::metadata(&file).unwrap().len();
        let bytes: usize = rows.values().map(|value| value.len() + 40).sum();
        println!("{before} bytes became {after}, of rows of {bytes}");
        assert!(after < before / 4 && usize::try_from(after).unwrap() < bytes * 8 / 5);
        assert_eq!(names(folder.path()), ["practice.vault"]);
        assert!(everything(&RedbStore::open(&file).unwrap()) == rows);
    }

    #[test]
    fn a_file_that_is_full_small_damaged_or_elsewhere_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.vault");
        // A file that took its place would be another one.
        let left_alone = |store: &mut RedbStore, name: &Path| {
            let (before, held) = (Identity::of(&file).unwrap(), fs::File::open(&file).unwrap());
            store.compact(name).unwrap();
            drop(held);
            Identity::of(&file).unwrap() == before
        };
        let small = &mut thin(RedbStore::create(&file).unwrap(), 100);
        assert!(left_alone(small, &file));
        let mut store = thin(RedbStore::create(&folder.path().join("other.vault")).unwrap(), 4_000);
        assert!(left_alone(&mut store, &file), "its name leads to another file");
        assert!(left_alone(&mut thin(RedbStore::over(Medium::default()).unwrap(), 4_000), &file), "it is no file");
        fs::remove_file(&file).unwrap();
        let full = &mut thin(RedbStore::create(&file).unwrap(), 4_000);
        assert!(!left_alone(full, &file));
        assert!(left_alone(full, &file), "most of it is in use");
        fs::remove_file(&file).unwrap();
        let mut store = thin(RedbStore::create(&file).unwrap(), 4_000);
        fs::create_dir_all(half_made_beside(&file)).unwrap();
        assert!(left_alone(&mut store, &file), "there is no place for another");
        fs::remove_dir(half_made_beside(&file)).unwrap();
        drop(store);
        let mut bytes = fs::read(&file).unwrap();
        // Every block of values, old ones among them.
        for block in bytes[20_480..].chunks_exact_mut(4_112).filter(|block| block[1_000..1_200] == [7; 200]) {
            block[1_000] = 8;
        }
        fs::write(&file, bytes).unwrap();
        let mut store = RedbStore::open(&file).unwrap();
        assert!(left_alone(&mut store, &file), "some of it cannot be read");
        assert!(!half_made_beside(&file).exists());
    }

    #[test]
    fn whatever_a_crash_leaves_beside_the_file_goes_when_it_is_opened_next() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.vault");
        let store = thin(RedbStore::create(&file).unwrap(), 200);
        let (rows, disk) = (everything(&store), Disk::default());
        let mut fresh = RedbStore::over(disk.clone()).unwrap();
        copy_all(&store, &mut fresh).unwrap();
        fresh.settle().unwrap();
        drop(store);
        let writes = disk.tape().len();
        for cut in (0..writes).step_by(writes.div_ceil(40)) {
            let mut image = Vec::new();
            disk.tape().iter().take(cut).for_each(|op| subrosa_testkit::crash::apply(&mut image, op, 0));
            fs::write(half_made_beside(&file), image).unwrap();
            assert!(everything(&RedbStore::open(&file).unwrap()) == rows, "{cut} of {writes}");
            assert_eq!(names(folder.path()), ["practice.vault"]);
        }
    }

    #[test]
    fn when_the_new_file_takes_the_place_of_the_old_one_a_power_cut_takes_nothing_of_it() {
        let store = thin(RedbStore::over(Medium::default()).unwrap(), 400);
        let rows = everything(&store);
        let power_cut = |disk: &Disk, seed: u64| {
            let image = disk.after_power_cut(&mut Dice::new(seed));
            RedbStore::over(Medium::holding(image)).map(|store| everything(&store)) == Ok(rows.clone())
        };
        let disk = Disk::default();
        let mut fresh = RedbStore::over(disk.clone()).unwrap();
        copy_all(&store, &mut fresh).unwrap();
        fresh.settle().unwrap();
        assert!((0..60).all(|seed| power_cut(&disk, seed)));
        drop(fresh);
        assert!((0..60).all(|seed| power_cut(&disk, seed)));
        // Without its last sync it could lose all.
        let (whole, copied) = (Disk::default(), |disk: &Disk| {
            let mut fresh = RedbStore::over(disk.clone()).unwrap();
            copy_all(&store, &mut fresh).unwrap();
            fresh
        });
        let _held = copied(&whole);
        let [.., syncs] = whole.calls();
        let disk = Disk::mistaken(Mistake::NoSync(syncs - 1));
        let _held = copied(&disk);
        assert!(!(0..60).all(|seed| power_cut(&disk, seed)));
    }

    #[test]
    fn a_new_file_that_could_not_be_written_or_read_back_takes_no_place() {
        let store = thin(RedbStore::over(Medium::default()).unwrap(), 200);
        let rows = everything(&store);
        let whole = Disk::default();
        copy_all(&store, &mut RedbStore::over(whole.clone()).unwrap()).unwrap();
        for (call, calls) in Call::ALL.into_iter().zip(whole.calls()) {
            for number in (2..calls).step_by(calls.div_ceil(20).max(1)) {
                let disk = Disk::default();
                disk.fail(Some(Fault { call, number, failure: Failure::Full, lasting: true }));
                let Ok(mut fresh) = RedbStore::over(disk.clone()) else { continue };
                if copy_all(&store, &mut fresh).and_then(|()| fresh.settle()).is_ok() {
                    assert!(!disk.has_failed(), "{call:?} {number}");
                }
            }
        }
        assert!(everything(&store) == rows);
    }
}
