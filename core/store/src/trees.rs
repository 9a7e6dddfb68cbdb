//! redb's trees, followed without redb through the blocks that can be read (docs/store.md).

pub(super) mod parts;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use redb::StorageBackend;

use super::blocks::Blocks;
use super::pages::{self, Geometry, PageNumber, Roots};
use super::twin::BLOCK;
use super::{Result, StoreError};

/// The most levels of a tree: far more than any real one has.
const DEEPEST: usize = 32;

/// A file of trees, as its last commit left it.
pub(super) struct Trees<'a> {
    blocks: &'a Blocks,
    header: Box<[u8; BLOCK]>,
    geometry: Geometry,
    len: u64,
}

impl<'a> Trees<'a> {
    /// Reads where the trees begin; it need not lie in the file.
    pub(super) fn new(blocks: &'a Blocks) -> Result<Self> {
        let mut header = Box::new([0; BLOCK]);
        blocks.read(0, &mut *header)?;
        let geometry = Geometry::of(&header).ok_or(StoreError::Damaged)?;
        Ok(Self { blocks, header, geometry, len: blocks.len()? })
    }

    /// The trees of the commit in force, and those of the one before it.
    pub(super) fn roots(&self) -> [Roots; 2] {
        pages::roots(&self.header)
    }

    /// Each block of the file that can be read.
    pub(super) fn each_block(&self) -> impl Iterator<Item = Vec<u8>> {
        let block = u64::try_from(BLOCK).unwrap_or(u64::MAX);
        (1..self.len / block).filter_map(move |number| read(self.blocks, &(number * block..(number + 1) * block)))
    }

    /// Shows each leaf of a tree that can be read; whether that is all of them, and each was taken.
    pub(super) fn each_leaf(&self, root: PageNumber, leaf: &mut dyn FnMut(&Range<u64>, &[u8]) -> bool) -> bool {
        let (mut left, mut seen, mut whole) = (vec![(root, 0)], BTreeSet::new(), true);
        while let Some((number, depth)) = left.pop() {
            let range = self.geometry.range(number, self.len).filter(|_| depth < DEEPEST && seen.insert(number));
            let Some((range, page)) = range.and_then(|range| Some((range.clone(), read(self.blocks, &range)?))) else {
                whole = false;
                continue;
            };
            match pages::children(&page) {
                Some(children) => left.extend(children.into_iter().map(|child| (child, depth + 1))),
                None => whole &= leaf(&range, &page),
            }
        }
        whole
    }

    /// Where the pages lie that redb will give free with its next commit, and how long they are.
    ///
    /// redb believes its lists of them. A page outside the file, or one of another length than what it read there, makes it
    /// panic while it holds what it needs for tidying up, and then panic again, which ends the process.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when redb would begin outside the file or a list leads there. What cannot be read is no error
    /// here: redb cannot read it either, and says so.
    pub(super) fn to_be_freed(&self) -> Result<BTreeMap<u64, u64>> {
        let within = |page: PageNumber| self.geometry.range(page, self.len).is_some();
        let begun = pages::begun(&self.header);
        if !begun.iter().flat_map(|roots| [roots.tables, roots.system]).flatten().all(within) {
            return Err(StoreError::Damaged);
        }
        let freed: Option<Vec<_>> =
            begun.iter().filter_map(|roots| roots.system).map(|root| self.freed(root)).collect();
        // The first is the one in force.
        Ok(freed.ok_or(StoreError::Damaged)?.into_iter().next().unwrap_or_default())
    }

    /// What the lists of one commit name; `None` when one leads out of the file, or names a page in two lengths, or when what
    /// is free cannot be told.
    fn freed(&self, system: PageNumber) -> Option<BTreeMap<u64, u64>> {
        let (mut freed, mut sound) = (BTreeMap::new(), true);
        let mut fits = |page: PageNumber| {
            let range = self.geometry.range(page, self.len)?;
            let len = range.end - range.start;
            (*freed.entry(range.start).or_insert(len) == len).then_some(())
        };
        for list in self.of_system(system, &pages::FREED) {
            self.each_leaf(list, &mut |_, leaf| {
                sound &= pages::freed(leaf).is_some_and(|pages| pages.into_iter().all(|page| fits(page).is_some()));
                true
            });
        }
        for state in self.of_system(system, &[pages::ALLOCATOR]) {
            self.each_leaf(state, &mut |_, leaf| {
                sound &= pages::allocates(leaf);
                true
            });
        }
        sound.then_some(freed)
    }

    /// How many pages are free, by what redb wrote of it with its last commit; `None` when that cannot be told.
    pub(super) fn free_pages(&self) -> Option<u64> {
        let mut free = Some(0);
        for state in self.of_system(self.roots()[0].system?, &[pages::ALLOCATOR]) {
            let whole = self.each_leaf(state, &mut |_, leaf| {
                free = free.zip(pages::free_pages(leaf)).map(|(free, more)| free + more);
                true
            });
            free = free.filter(|_| whole);
        }
        free
    }

    /// Roots of redb's own tables of these names.
    fn of_system(&self, system: PageNumber, names: &[&str]) -> Vec<PageNumber> {
        let mut roots = Vec::new();
        self.each_leaf(system, &mut |_, page| {
            let tables = pages::tables(page).into_iter().flatten();
            roots.extend(tables.filter(|table| names.contains(&table.name)).filter_map(|table| table.root));
            true
        });
        roots
    }
}

/// The bytes there, when every block of them fits its check.
pub(super) fn read(blocks: &Blocks, range: &Range<u64>) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(range.end.checked_sub(range.start)?).ok()?];
    blocks.read(range.start, &mut bytes).ok().map(|()| bytes)
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::{Batch, RedbStore, Store, Table, scan_past};
    use super::*;
    use subrosa_testkit::medium::Medium;

    const ORDER_AT: u32 = 59;

    /// A store that somebody works with, as a power cut leaves it: its last commits have given pages up.
    fn in_use() -> Medium {
        let medium = Medium::default();
        let mut store = RedbStore::over(medium.clone()).unwrap();
        for round in 0..20 {
            store.commit(batch(round)).unwrap();
        }
        Medium::holding(medium.image())
    }

    fn batch(round: u8) -> Batch {
        let mut batch = Batch::new();
        batch.put(Table::Bodies, [round; 32], vec![round; 100]).put(Table::Misc, [0; 32], vec![round; 5000]);
        batch
    }

    /// Changes a page number in the lists to another, checks and all.
    fn with_a_page_changed(change: impl Fn(u64) -> u64) -> Medium {
        let medium = in_use();
        let blocks = Blocks::open(medium.clone()).unwrap();
        blocks.thaw().unwrap();
        let trees = Trees::new(&blocks).unwrap();
        let mut changed = None;
        for list in trees.of_system(trees.roots()[0].system.unwrap(), &pages::FREED) {
            trees.each_leaf(list, &mut |range, leaf| {
                let page = pages::freed(leaf).unwrap()[0].0.to_le_bytes();
                let at = leaf.windows(8).position(|found| found == page).unwrap();
                let mut leaf = leaf.to_vec();
                leaf[at..at + 8].copy_from_slice(&change(u64::from_le_bytes(page)).to_le_bytes());
                changed = Some((range.start, leaf));
                true
            });
        }
        let (at, leaf) = changed.unwrap();
        blocks.write(at, &leaf).unwrap();
        medium
    }

    #[test]
    fn a_list_of_pages_to_be_given_free_that_leads_out_of_its_region_or_the_file_is_damage() {
        let is_damaged = |change: fn(u64) -> u64| {
            let opened = RedbStore::over(with_a_page_changed(change));
            matches!(opened, Err(StoreError::Damaged))
        };
        assert!(!is_damaged(|page| page));
        assert!(is_damaged(|page| page | 0xf_ffff), "no such page in the region");
        assert!(is_damaged(|page| page | 1 << 20), "no such region");
        assert!(is_damaged(|page| page | 20 << ORDER_AT), "longer than the file");
        assert!(is_damaged(|page| page | 31 << ORDER_AT), "no such length");
    }

    #[test]
    fn a_tree_of_bits_without_a_bit_for_each_group_below_is_damage() {
        let medium = in_use();
        let blocks = Blocks::open(medium.clone()).unwrap();
        blocks.thaw().unwrap();
        let trees = Trees::new(&blocks).unwrap();
        let mut changed = None;
        for state in trees.of_system(trees.roots()[0].system.unwrap(), &[pages::ALLOCATOR]) {
            trees.each_leaf(state, &mut |range, leaf| {
                assert!(pages::allocates(leaf));
                let without = |at: usize| [&leaf[..at], &[0; 4], &leaf[at + 4..]].concat();
                let leaf = (0..leaf.len() - 4).map(without).find(|leaf| !pages::allocates(leaf)).unwrap();
                changed = Some((range.start, leaf));
                true
            });
        }
        let (at, leaf) = changed.unwrap();
        blocks.write(at, &leaf).unwrap();
        assert!(matches!(RedbStore::over(medium), Err(StoreError::Damaged)));
    }

    #[test]
    fn what_will_be_given_free_is_not_read_in_another_length_until_it_is_written_anew() {
        let blocks = Blocks::open(in_use()).unwrap();
        let freed = Trees::new(&blocks).unwrap().to_be_freed().unwrap();
        let (&at, &len) = freed.iter().find(|(_, len)| **len > 4096).unwrap();
        let read = |len: u64| read(&blocks, &(at..at + len)).is_some();
        blocks.write(at, &vec![0; usize::try_from(len).unwrap()]).unwrap();
        assert!(read(len) && read(4096));
        blocks.expect(freed);
        assert!(read(len) && !read(4096));
        blocks.write(at, &[0; 4096]).unwrap();
        assert!(read(4096));
    }

    /// A store in which every child of one table's root is this one, checks and all.
    fn with_children(child: impl Fn(PageNumber, &[PageNumber]) -> PageNumber) -> Medium {
        let medium = Medium::default();
        let mut store = RedbStore::over(medium.clone()).unwrap();
        let mut rows = Batch::new();
        for row in 0..200 {
            rows.put(Table::Bodies, [row; 32], vec![row; 900]);
        }
        store.commit(rows).unwrap();
        drop(store);
        let medium = Medium::holding(medium.image());
        let blocks = Blocks::open(medium.clone()).unwrap();
        blocks.thaw().unwrap();
        let trees = Trees::new(&blocks).unwrap();
        let mut root = None;
        trees.each_leaf(trees.roots()[0].tables.unwrap(), &mut |_, page| {
            let mut tables = pages::tables(page).unwrap().into_iter();
            root = tables.find(|table| table.name == Table::Bodies.name()).and_then(|table| table.root);
            true
        });
        let root = root.unwrap();
        let range = trees.geometry.range(root, trees.len).unwrap();
        let mut page = read(&blocks, &range).unwrap();
        let children = pages::children(&page).unwrap();
        assert!(children.len() > 4);
        let (child, first) = (child(root, &children).0.to_le_bytes(), 8 + 16 * children.len());
        page[first..first + 8 * children.len()].chunks_mut(8).for_each(|to| to.copy_from_slice(&child));
        blocks.write(range.start, &page).unwrap();
        medium
    }

    #[test]
    fn a_page_that_is_reached_twice_or_leads_to_itself_is_damage_and_not_read_without_end() {
        let twice = with_children(|_, children| children[0]);
        let ring = with_children(|root, _| root);
        for (medium, most) in [(twice, 20), (ring, 0)] {
            let mut store = RedbStore::over(medium).unwrap();
            let mut seen = 0;
            let scanned = store.scan(Table::Bodies, &mut |_, _| {
                seen += 1;
                ControlFlow::Continue(())
            });
            assert_eq!(scanned, Err(StoreError::Damaged));
            assert!(seen <= most, "{seen} rows");
            let mut rows = 0;
            let gaps = scan_past(&store, Table::Bodies, &mut |_, _| {
                rows += 1;
                ControlFlow::Continue(())
            });
            assert!(gaps.unwrap() > 0 && rows <= most, "{rows} rows");
            assert_eq!(
                store.read(Table::Bodies, &[199; 32]).is_ok(),
                most > 0,
                "there is no such row, or none is found"
            );
            assert_eq!(store.commit(batch(0)), if most > 0 { Ok(()) } else { Err(StoreError::Damaged) });
        }
    }

    #[test]
    fn an_honest_store_goes_on_where_it_was_cut_off() {
        let mut store = RedbStore::over(in_use()).unwrap();
        for round in 20..40 {
            store.commit(batch(round)).unwrap();
        }
        assert_eq!(store.len(Table::Bodies).unwrap(), 40);
    }
}
