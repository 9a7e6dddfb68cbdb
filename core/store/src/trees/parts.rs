//! Parts of a long value, read without the rest of it.
//!
//! redb reads whole pages, and a long value is one page: for one note out of a body of 256 KiB it would read 64 blocks and
//! compare the checksum of each. Here a row is looked for in the trees of the commit in force (docs/store.md), and only the
//! blocks of the parts are read. Whatever does not fit is `None`: whoever asks then asks redb, which says what is wrong.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::{DEEPEST, Trees};
use crate::blocks::Blocks;
use crate::pages::{self, Geometry, PageNumber};
use crate::twin::BLOCK;
use crate::{RowKey, Table};

/// Branches that are kept between two reads: a megabyte.
const KEPT: usize = 256;

/// How to find rows in the file as it is now.
#[derive(Default)]
pub(crate) struct Parts(Mutex<Option<Found>>);

/// What was read of the trees, as long as nothing in the file changes.
struct Found {
    changes: u64,
    geometry: Geometry,
    len: u64,
    roots: BTreeMap<String, PageNumber>,
    branches: BTreeMap<PageNumber, Vec<u8>>,
}

/// The beginning of a leaf, and where all of it lies.
struct Leaf {
    range: Range<u64>,
    begins: Vec<u8>,
}

impl Parts {
    /// Two parts of a row's value, if it has this length.
    pub(crate) fn read(
        &self,
        blocks: &Blocks,
        (table, key): (Table, &RowKey),
        len: usize,
        parts: &[Range<usize>; 2],
    ) -> Option<[Vec<u8>; 2]> {
        // A panic while the lock is held leaves plain values behind, each whole.
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = blocks.changes();
        if found.as_ref().is_none_or(|found| found.changes != changes) {
            *found = Found::in_file(blocks, changes);
        }
        let leaf = found.as_mut()?.leaf(blocks, table, key)?;
        let page_len = usize::try_from(leaf.range.end - leaf.range.start).ok()?;
        let value = pages::value_in(&leaf.begins, page_len, key).filter(|value| value.len() == len)?;
        let [first, second] = parts.each_ref().map(|part| leaf.part(blocks, &value, part));
        Some([first?, second?])
    }
}

impl Found {
    fn in_file(blocks: &Blocks, changes: u64) -> Option<Self> {
        let trees = Trees::new(blocks).ok()?;
        let mut roots = BTreeMap::new();
        trees.each_leaf(trees.roots()[0].tables?, &mut |_, page| {
            let tables = pages::tables(page).into_iter().flatten();
            roots.extend(tables.filter_map(|table| Some((table.name.to_owned(), table.root?))));
            true
        });
        Some(Self { changes, geometry: trees.geometry, len: trees.len, roots, branches: BTreeMap::new() })
    }

    fn leaf(&mut self, blocks: &Blocks, table: Table, key: &RowKey) -> Option<Leaf> {
        let mut page = *self.roots.get(table.name())?;
        for _ in 0..DEEPEST {
            if let Some(branch) = self.branches.get(&page) {
                page = pages::child_to(branch, key)?;
                continue;
            }
            let range = self.geometry.range(page, self.len)?;
            let begins = blocks.bytes(&(range.start..range.start.checked_add(u64::try_from(BLOCK).ok()?)?))?;
            let Some(child) = pages::child_to(&begins, key) else { return Some(Leaf { range, begins }) };
            if self.branches.len() < KEPT {
                self.branches.insert(page, begins);
            }
            page = child;
        }
        None
    }
}

impl Leaf {
    fn part(&self, blocks: &Blocks, value: &Range<usize>, part: &Range<usize>) -> Option<Vec<u8>> {
        let in_page = value.start.checked_add(part.start)?..value.start.checked_add(part.end)?;
        if in_page.start > in_page.end || in_page.end > value.end {
            return None;
        }
        if let Some(bytes) = self.begins.get(in_page.clone()) {
            return Some(bytes.to_vec());
        }
        let at = |offset: usize| self.range.start.checked_add(u64::try_from(offset).ok()?);
        blocks.bytes(&(at(in_page.start)?..at(in_page.end)?))
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use subrosa_testkit::medium::Medium;

    use crate::{Batch, RedbStore, Result, RowKey, Store, StoreError, Table};

    const LONG: usize = 250_000;

    fn key(number: u8) -> RowKey {
        [number; 32]
    }

    /// Every eight bytes of it stand once in a file.
    fn value(number: u8, round: u8, len: usize) -> Vec<u8> {
        let eight = |at: u64| (at << 16 | u64::from(round) << 8 | u64::from(number)).to_le_bytes();
        (1..).flat_map(eight).take(len).collect()
    }

    fn len(number: u8) -> usize {
        if number.is_multiple_of(4) { LONG } else { 100 * usize::from(number) }
    }

    fn put_all(store: &mut RedbStore, round: u8) {
        let mut batch = Batch::new();
        for number in 1..60 {
            batch.put(Table::Bodies, key(number), value(number, round, len(number)));
        }
        store.commit(batch).unwrap();
    }

    fn parts_of(store: &RedbStore, number: u8, parts: [Range<usize>; 2]) -> Result<Option<[Vec<u8>; 2]>> {
        store.read_parts(Table::Bodies, &key(number), len(number), &parts)
    }

    #[test]
    fn parts_of_a_value_are_what_stands_there_as_often_as_it_changes() {
        let mut store = RedbStore::over(Medium::default()).unwrap();
        for round in 0..4 {
            put_all(&mut store, round);
            for number in 1..60 {
                let (value, len) = (value(number, round, len(number)), len(number));
                for parts in [[0..0, len..len], [0..56, len / 2..len], [len / 3..len - 1, 0..len]] {
                    let expected = parts.each_ref().map(|part| value[part.clone()].to_vec());
                    assert_eq!(parts_of(&store, number, parts).unwrap().unwrap(), expected);
                }
            }
        }
        store.poison();
        assert!(parts_of(&store, 8, [0..1, 5..9]).unwrap().is_some(), "after a failed write too");
        assert_eq!(parts_of(&store, 99, [0..1, 0..1]), Ok(None));
        assert_eq!(store.read_parts(Table::Misc, &key(1), 100, &[0..1, 0..1]), Ok(None));
    }

    #[test]
    fn a_part_beyond_the_end_and_a_value_of_another_length_are_damage() {
        let mut store = RedbStore::over(Medium::default()).unwrap();
        put_all(&mut store, 0);
        for parts in [[0..1, LONG - 1..LONG + 1], [LONG + 1..LONG + 1, 0..1]] {
            assert_eq!(parts_of(&store, 4, parts), Err(StoreError::Damaged));
        }
        for len in [LONG - 1, LONG + 1] {
            let read = store.read_parts(Table::Bodies, &key(4), len, &[0..1, 0..1]);
            assert_eq!(read, Err(StoreError::Damaged));
        }
    }

    #[test]
    fn only_the_blocks_of_a_part_are_read_and_one_that_is_damaged_is_never_handed_out() {
        let medium = Medium::default();
        let mut store = RedbStore::over(medium.clone()).unwrap();
        put_all(&mut store, 0);
        drop(store);
        let image = medium.image();
        let marker = &value(8, 0, LONG)[120_000..120_008];
        let at = image.windows(8).position(|found| found == marker).unwrap();
        let medium = Medium::holding(image);
        let store = RedbStore::over(medium.clone()).unwrap();
        parts_of(&store, 8, [0..56, 60_000..76_000]).unwrap().unwrap();
        assert!(!medium.looked_at(at));
        medium.flip(at, 1);
        assert!(parts_of(&store, 8, [0..56, 60_000..76_000]).unwrap().is_some());
        assert_eq!(parts_of(&store, 8, [0..56, 118_000..134_000]), Err(StoreError::Damaged));
        assert_eq!(store.read(Table::Bodies, &key(8)), Err(StoreError::Damaged));
        assert!(parts_of(&store, 12, [0..56, 118_000..134_000]).unwrap().is_some(), "a neighbour");
    }
}
