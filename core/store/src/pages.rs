//! redb's pages as bytes (docs/store.md), as far as they must be read without redb: to refuse what leads out of its page, or
//! out of the file, before redb believes it; and to find rows in a file that redb does not open any more.
//!
//! Nothing here is believed: whatever does not fit is `None`, and whoever asks treats it as damage.

use std::ops::Range;

use super::RowKey;
use super::twin::BLOCK;

const LEAF: u8 = 1;
const BRANCH: u8 = 2;
/// Flags in block 0, and what they say.
const FLAGS_AT: usize = 9;
const SECOND_IN_FORCE: u8 = 1;
const TWO_PHASES: u8 = 4;
/// Where the commit slots lie in block 0, and what is where in one.
const SLOTS_AT: [usize; 2] = [64, 192];
const HAS_TABLES: usize = 1;
const HAS_SYSTEM: usize = 2;
const TABLES: usize = 8;
const SYSTEM: usize = 40;
/// The most that a name of a table has; keys of rows are longer than what could pass for one.
const LONGEST_TABLE_NAME: usize = 64;
/// In a table's definition: how many rows it has, whether it has any, and its root.
const DEFINED_ROWS: usize = 1;
const DEFINED_ROOT: usize = 9;
/// redb's own tables that list pages which it will give free.
pub(super) const FREED: [&str; 2] = ["data_pages_unreachable", "system_pages_unreachable"];
/// Widths of the keys of all tables in a file: ours, those of the lists of pages to be given free, and those of the
/// allocator's state.
const KEY_WIDTHS: [usize; 3] = [ROW_KEY, FREED_KEY, ALLOCATOR_KEY];
const ROW_KEY: usize = size_of::<RowKey>();
const FREED_KEY: usize = 16;
const ALLOCATOR_KEY: usize = 5;
/// redb's own table of which pages are free, and what its keys begin with: the pages of a region, the free regions.
pub(super) const ALLOCATOR: &str = "allocator_state";
const REGION: u8 = 3;
const REGIONS: u8 = 4;
const LARGEST_ORDER: u32 = 20;
const INDEX_BITS: u32 = 20;
/// Levels of 64 times as many bits each; more than any file has.
const HIGHEST_BITS: usize = 8;

/// A page's number as it lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PageNumber(pub(super) u64);

/// Where pages lie, by what block 0 says.
#[derive(Clone, Copy)]
pub(super) struct Geometry {
    head_pages: u64,
    region_pages: u64,
}

impl Geometry {
    /// `None` when the numbers are ones that redb refuses.
    pub(super) fn of(header: &[u8; BLOCK]) -> Option<Self> {
        let (page_size, head_pages, data_pages) = (u32_at(header, 12)?, u32_at(header, 16)?, u32_at(header, 20)?);
        let most = 1 << INDEX_BITS;
        let sound = usize::try_from(page_size) == Ok(BLOCK) && head_pages <= most && (1..=most).contains(&data_pages);
        sound.then_some(Self {
            head_pages: head_pages.into(),
            region_pages: u64::from(head_pages) + u64::from(data_pages),
        })
    }

    /// The bytes of a page, when all of it lies in its region and within a file of this length.
    pub(super) fn range(&self, page: PageNumber, file_len: u64) -> Option<Range<u64>> {
        let order = u32::try_from(page.0 >> 59).ok().filter(|order| *order <= LARGEST_ORDER)?;
        let region = (page.0 >> INDEX_BITS) & ((1 << INDEX_BITS) - 1);
        let index = page.0 & (((1 << INDEX_BITS) - 1) >> order);
        let block = u64::try_from(BLOCK).ok()?;
        let first = 1 + region * self.region_pages + self.head_pages;
        let len = block << order;
        let start = first * block + index * len;
        let lies_in_region = (index + 1) << order <= self.region_pages - self.head_pages;
        (lies_in_region && start + len <= file_len).then_some(start..start + len)
    }
}

/// The trees that a commit slot names.
#[derive(Clone, Copy, Default)]
pub(super) struct Roots {
    /// The table tree.
    pub(super) tables: Option<PageNumber>,
    /// redb's own table tree.
    pub(super) system: Option<PageNumber>,
}

/// The trees of the commit in force, and those of the one before it.
pub(super) fn roots(header: &[u8; BLOCK]) -> [Roots; 2] {
    let flags = header.get(FLAGS_AT).copied().unwrap_or_default();
    let mut roots = SLOTS_AT.map(|at| {
        let slot = header.get(at..).unwrap_or_default();
        let root = |flag: usize, at: usize| slot.get(flag).filter(|flag| **flag != 0).and_then(|_| page_at(slot, at));
        Roots { tables: root(HAS_TABLES, TABLES), system: root(HAS_SYSTEM, SYSTEM) }
    });
    if flags & SECOND_IN_FORCE != 0 {
        roots.reverse();
    }
    roots
}

/// The trees that redb will begin from. Only where the commit in force was not written in two phases does redb look at the
/// other one.
pub(super) fn begun(header: &[u8; BLOCK]) -> Vec<Roots> {
    let two_phases = header.get(FLAGS_AT).is_some_and(|flags| flags & TWO_PHASES != 0);
    let looked_at = if two_phases { 1 } else { 2 };
    roots(header).into_iter().take(looked_at).collect()
}

/// Whether redb can go through a page without leaving it or the file: its keys and values lie in it, the children of a branch
/// and the roots in a list of tables in the file. redb believes all of these, and where its panic meets a second one in a
/// destructor, the process ends.
pub(super) fn leads_within(page: &[u8], geometry: &Geometry, file_len: u64) -> bool {
    let within = |page: PageNumber| geometry.range(page, file_len).is_some();
    match page.first() {
        Some(&BRANCH) => {
            let children = children(page).filter(|_| has_its_keys(page));
            children.is_some_and(|children| children.into_iter().all(within))
        }
        Some(&LEAF) => match tables(page) {
            Some(tables) => tables.into_iter().filter_map(|table| table.root).all(within),
            None => KEY_WIDTHS.into_iter().any(|width| pairs_of(page, width).is_some()),
        },
        _ => true,
    }
}

/// Whether the keys between the children of a branch lie in it: of one width, or with their ends before them.
fn has_its_keys(page: &[u8]) -> bool {
    let Some(keys) = pairs(page, BRANCH) else { return false };
    let at = 8 + 24 * (keys + 1);
    let of_a_width = KEY_WIDTHS.into_iter().any(|width| at + width * keys <= page.len());
    let named = ends(page, at, keys).is_some_and(|ends| parts(page, at + 4 * keys, &ends).is_some());
    of_a_width || named
}

/// The children of a branch.
pub(super) fn children(page: &[u8]) -> Option<Vec<PageNumber>> {
    let keys = pairs(page, BRANCH)?;
    let first = 8 + 16 * (keys + 1);
    (0..=keys).map(|child| page_at(page, first + 8 * child)).collect()
}

/// What a table tree says of a table.
pub(super) struct Defined<'p> {
    pub(super) name: &'p str,
    pub(super) root: Option<PageNumber>,
    pub(super) rows: u64,
}

/// The tables in a leaf of a table tree; `None` when it is no such leaf.
pub(super) fn tables(page: &[u8]) -> Option<Vec<Defined<'_>>> {
    let count = pairs(page, LEAF)?;
    let (key_ends, value_ends) = (ends(page, 4, count)?, ends(page, 4 + 4 * count, count)?);
    let names = parts(page, 4 + 8 * count, &key_ends)?;
    let definitions = parts(page, *key_ends.last()?, &value_ends)?;
    names.into_iter().zip(definitions).map(|(name, definition)| defined(name, definition)).collect()
}

fn defined<'p>(name: &'p [u8], definition: &[u8]) -> Option<Defined<'p>> {
    let name = std::str::from_utf8(name).ok()?;
    let is_name = (1..=LONGEST_TABLE_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
    let rows = u64::from_le_bytes(*definition.get(DEFINED_ROWS..)?.first_chunk()?);
    let has_rows = *definition.get(DEFINED_ROOT)? != 0;
    let root = page_at(definition, DEFINED_ROOT + 1)?;
    is_name.then_some(Defined { name, root: has_rows.then_some(root), rows })
}

/// The key of each row in a leaf of a table, and where in the page its value lies.
pub(super) fn rows(page: &[u8]) -> Option<Vec<(RowKey, Range<usize>)>> {
    let rows = pairs_of(page, ROW_KEY)?.into_iter().map(|(key, value)| Some((key.try_into().ok()?, value)));
    rows.collect()
}

/// Where in a leaf of a table, of which this is the beginning, the value of a row lies; `None` when it is not named there.
pub(super) fn value_in(begins: &[u8], page_len: usize, key: &RowKey) -> Option<Range<usize>> {
    let count = pairs(begins, LEAF)?;
    let ends = ends(begins, 4, count)?;
    let keys_at = 4 + 4 * count;
    let keys_end = keys_at + ROW_KEY * count;
    let at = begins.get(keys_at..keys_end)?.chunks_exact(ROW_KEY).position(|found| found == key)?;
    let start = at.checked_sub(1).map_or(Some(keys_end), |before| ends.get(before).copied())?;
    let value = start..*ends.get(at)?;
    (keys_end <= value.start && value.start <= value.end && value.end <= page_len).then_some(value)
}

/// The child of a branch of a table that leads to a row.
pub(super) fn child_to(page: &[u8], key: &RowKey) -> Option<PageNumber> {
    let count = pairs(page, BRANCH)?;
    let keys_at = 8 + 24 * (count + 1);
    let keys = page.get(keys_at..keys_at + ROW_KEY * count)?.chunks_exact(ROW_KEY);
    let before = keys.take_while(|found| *found < key.as_slice()).count();
    page_at(page, 8 + 16 * (count + 1) + 8 * before)
}

/// The pages that a leaf of a list of them names.
pub(super) fn freed(page: &[u8]) -> Option<Vec<PageNumber>> {
    let mut pages = Vec::new();
    for (_, list) in pairs_of(page, FREED_KEY)? {
        let list = page.get(list)?;
        let count = usize::from(u16::from_le_bytes(*list.first_chunk()?));
        let named: Option<Vec<PageNumber>> = (0..count).map(|at| page_at(list, 2 + 8 * at)).collect();
        pages.extend(named?);
    }
    Some(pages)
}

/// Whether the trees of bits in a leaf of the allocator's state can be walked from each bit to the root.
pub(super) fn allocates(page: &[u8]) -> bool {
    let fits = |(key, value): (&[u8], Range<usize>)| {
        let value = page.get(value)?;
        match *key.first()? {
            REGION => bits_in_region(value),
            REGIONS => bits_of_regions(value),
            _ => Some(()),
        }
    };
    pairs_of(page, ALLOCATOR_KEY).is_some_and(|rows| rows.into_iter().all(|row| fits(row).is_some()))
}

/// For each order of pages a tree of bits, their ends before them.
fn bits_in_region(value: &[u8]) -> Option<()> {
    let orders = usize::from(*value.first()?) + 1;
    let mut from = 8 + 4 * orders;
    for end in ends(value, 8, orders)? {
        tree_of_bits(value.get(std::mem::replace(&mut from, end)..end)?)?;
    }
    Some(())
}

/// How many pages are free by a leaf of the allocator's state.
pub(super) fn free_pages(page: &[u8]) -> Option<u64> {
    let mut free = 0;
    for (_, value) in pairs_of(page, ALLOCATOR_KEY)?.into_iter().filter(|(key, _)| key.first() == Some(&REGION)) {
        let value = page.get(value)?;
        let orders = usize::from(*value.first()?) + 1;
        let mut from = 8 + 4 * orders;
        for (order, end) in (0..).zip(ends(value, 8, orders)?) {
            free += bits_not_set(value.get(std::mem::replace(&mut from, end)..end)?)? << order;
        }
    }
    Some(free)
}

/// Of the lowest level of a tree of bits: a page that is free has a bit that is not set.
fn bits_not_set(tree: &[u8]) -> Option<u64> {
    let height = usize::try_from(u32_at(tree, 0)?).ok().filter(|height| *height <= HIGHEST_BITS)?;
    let ends = ends(tree, 4, height)?;
    let from = ends.iter().rev().nth(1).copied().unwrap_or(4 + 4 * height);
    let level = tree.get(from..*ends.last()?)?;
    let bits = u32_at(level, 0)?;
    let mut set = 0;
    for (first, word) in (0..bits).step_by(64).zip(level.get(4..)?.chunks_exact(8)) {
        let word = u64::from_le_bytes(*word.first_chunk()?);
        let counted = (bits - first).min(64);
        set += (word << (64 - counted)).count_ones();
    }
    Some(u64::from(bits - set))
}

/// For each order of pages a tree of bits, their lengths before them.
fn bits_of_regions(value: &[u8]) -> Option<()> {
    let orders = usize::try_from(u32_at(value, 0)?).ok()?;
    let mut from = orders.checked_mul(4)?.checked_add(4)?;
    for len in value.get(4..from)?.chunks_exact(4) {
        let end = from.checked_add(usize::try_from(u32_at(len, 0)?).ok()?)?;
        tree_of_bits(value.get(std::mem::replace(&mut from, end)..end)?)?;
    }
    Some(())
}

/// Levels of bits, the root first, each with a bit for every 64 of the next.
fn tree_of_bits(tree: &[u8]) -> Option<()> {
    let height = usize::try_from(u32_at(tree, 0)?).ok().filter(|height| *height <= HIGHEST_BITS)?;
    let mut from = 4 + 4 * height;
    let mut above = u32::MAX;
    for end in ends(tree, 4, height)? {
        let level = tree.get(std::mem::replace(&mut from, end)..end)?;
        let bits = u32_at(level, 0)?;
        (above >= bits.div_ceil(64)).then_some(())?;
        above = bits;
    }
    Some(())
}

/// Keys of this width in a leaf, and where the value of each lies.
fn pairs_of(page: &[u8], width: usize) -> Option<Vec<(&[u8], Range<usize>)>> {
    let count = pairs(page, LEAF)?;
    let value_ends = ends(page, 4, count)?;
    let keys_at = 4 + 4 * count;
    let mut from = keys_at + width * count;
    let keys = page.get(keys_at..from)?.chunks_exact(width);
    let pair = |(key, end): (_, &usize)| {
        let value = std::mem::replace(&mut from, *end)..*end;
        page.get(value.clone()).map(|_| (key, value))
    };
    keys.zip(&value_ends).map(pair).collect()
}

/// How many keys a page of this kind has; never none.
fn pairs(page: &[u8], kind: u8) -> Option<usize> {
    let [found, _, low, high] = *page.first_chunk()?;
    Some(usize::from(u16::from_le_bytes([low, high]))).filter(|count| found == kind && *count > 0)
}

/// So many positions, none before the one before it.
fn ends(page: &[u8], at: usize, count: usize) -> Option<Vec<usize>> {
    let listed = page.get(at..at + 4 * count)?.chunks_exact(4);
    let ends: Option<Vec<usize>> = listed.map(|end| usize::try_from(u32_at(end, 0)?).ok()).collect();
    ends.filter(|ends| ends.is_sorted())
}

fn parts<'p>(page: &'p [u8], mut from: usize, ends: &[usize]) -> Option<Vec<&'p [u8]>> {
    let part = |end: &usize| page.get(std::mem::replace(&mut from, *end)..*end);
    ends.iter().map(part).collect()
}

fn page_at(bytes: &[u8], at: usize) -> Option<PageNumber> {
    Some(PageNumber(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
