//! Salvage: the rows of a file that redb does not open any more, because its list of tables or its own bookkeeping is damaged.
//!
//! Read without redb, from blocks that fit their checks alone. Each table is followed from the list of tables of the last
//! commit; what cannot be reached there, from that of the commit before, whose pages still lie in the file; and where both
//! lists are lost, from an older list that is found anywhere. So a row may be the one before the last, or one that was taken
//! away since; whose seal does not fit its place is found out above. The file is never written on.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use redb::StorageBackend;

use super::blocks::Blocks;
use super::file::Disk;
use super::pages::{self, PageNumber};
use super::trees::{Trees, read};
use super::{Batch, Result, RowKey, Store, StoreError, Table};

/// The most lists of tables that are tried; the file has room for many old ones.
const MOST_LISTS: usize = 64;

/// Where a row's value lies: its page, and where in it.
struct Place {
    page: Range<u64>,
    value: Range<usize>,
}

type RowPlaces = BTreeMap<RowKey, Place>;

/// Root of a table that has rows, and how many.
type List = BTreeMap<Table, (Option<PageNumber>, u64)>;

/// The rows of a damaged file, to be read and copied. It takes no writes.
pub struct Salvaged {
    blocks: Blocks,
    tables: BTreeMap<Table, RowPlaces>,
    counted: BTreeMap<Table, u64>,
    is_older: bool,
    /// The page that was read last: neighbours lie together.
    page: Mutex<(u64, Vec<u8>)>,
}

impl Salvaged {
    /// Takes hold of a damaged file and looks for its rows.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Damaged`] when not one list of tables can be read.
    pub fn open(path: &Path) -> Result<Self> {
        Self::over(Disk::open(path)?)
    }

    /// The same, on any medium.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn over(medium: impl StorageBackend) -> Result<Self> {
        let blocks = Blocks::open(medium)?;
        blocks.freeze();
        let finder = Finder(Trees::new(&blocks)?);
        let lists = finder.lists()?;
        let mut found = Self {
            tables: BTreeMap::new(),
            counted: BTreeMap::new(),
            is_older: false,
            page: Mutex::default(),
            blocks: blocks.successor(),
        };
        for &table in Table::ALL {
            found.find(table, &finder, &lists);
        }
        Ok(found)
    }

    /// Whether some of it is from before the last change that was saved.
    pub fn is_older(&self) -> bool {
        self.is_older
    }

    /// Follows a table from the newest list that has it; each further list only adds what could not be reached before. Where
    /// the newest is lost nobody knows which of the others is the next: what is never taken away is then looked for in all.
    fn find(&mut self, table: Table, finder: &Finder<'_>, lists: &[(bool, List)]) {
        let only_grows = matches!(table, Table::Headers | Table::Bodies | Table::Pieces);
        let rows = self.tables.entry(table).or_default();
        let listed = lists.iter().filter_map(|(is_older, list)| Some((*is_older, list.get(&table)?)));
        for (is_older, (root, count)) in listed {
            self.counted.entry(table).or_insert(*count);
            let before = rows.len();
            let whole = root.is_none_or(|root| finder.walk(root, rows));
            self.is_older |= is_older && rows.len() > before;
            if whole && !(is_older && only_grows) {
                return;
            }
        }
    }

    fn value(&self, place: &Place) -> Result<Vec<u8>> {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        if page.1.is_empty() || page.0 != place.page.start {
            *page = (place.page.start, read(&self.blocks, &place.page).ok_or(StoreError::Damaged)?);
        }
        page.1.get(place.value.clone()).map(<[u8]>::to_vec).ok_or(StoreError::Damaged)
    }

    fn rows(&self, table: Table) -> Option<&RowPlaces> {
        self.tables.get(&table)
    }
}

impl Store for Salvaged {
    fn read(&self, table: Table, key: &RowKey) -> Result<Option<Vec<u8>>> {
        self.rows(table).and_then(|rows| rows.get(key)).map(|place| self.value(place)).transpose()
    }

    fn scan(&self, table: Table, row: &mut dyn FnMut(&RowKey, &[u8]) -> ControlFlow<()>) -> Result<()> {
        for (key, place) in self.rows(table).into_iter().flatten() {
            if row(key, &self.value(place)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// As many as the newest list says there were: what cannot be read is the difference.
    fn len(&self, table: Table) -> Result<u64> {
        let found = self.rows(table).map_or(0, BTreeMap::len);
        Ok(self.counted.get(&table).copied().unwrap_or_default().max(u64::try_from(found).unwrap_or(u64::MAX)))
    }

    fn commit(&mut self, _: Batch) -> Result<()> {
        Err(StoreError::Poisoned)
    }

    fn is_poisoned(&self) -> bool {
        true
    }
}

/// Prints nothing of what is in it.
impl std::fmt::Debug for Salvaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salvaged")
    }
}

/// What looks for lists of tables, and for the rows of each.
struct Finder<'a>(Trees<'a>);

impl Finder<'_> {
    /// Lists of tables, the newest first, each with whether it is from before the last commit.
    fn lists(&self) -> Result<Vec<(bool, List)>> {
        let [last, before] = self.0.roots().map(|roots| roots.tables.map(|root| self.list(root)));
        let mut lists: Vec<(bool, List)> = [(false, last), (true, before)]
            .into_iter()
            .filter_map(|(is_older, list)| Some((is_older, list.filter(|list| !list.is_empty())?)))
            .collect();
        if lists.is_empty() {
            lists.extend(self.strays().into_iter().map(|list| (true, list)));
        }
        if lists.is_empty() { Err(StoreError::Damaged) } else { Ok(lists) }
    }

    /// The tables that a table tree lists, as far as it can be read.
    fn list(&self, root: PageNumber) -> List {
        let mut list = List::new();
        self.0.each_leaf(root, &mut |_, page| add_tables(&mut list, page).is_some());
        list
    }

    /// Lists of earlier commits whose pages nobody has written over, those through which the most rows are found first.
    fn strays(&self) -> Vec<List> {
        let lists = self.0.each_block().filter_map(|page| {
            let mut list = List::new();
            add_tables(&mut list, &page).filter(|()| list.contains_key(&Table::Slots))?;
            Some(list)
        });
        let mut counted: Vec<(usize, List)> = lists
            .take(MOST_LISTS)
            .map(|list| {
                let rows = list.values().filter_map(|(root, _)| *root).map(|root| {
                    let mut rows = RowPlaces::new();
                    self.walk(root, &mut rows);
                    rows.len()
                });
                (rows.sum(), list)
            })
            .collect();
        counted.sort_by_key(|(rows, _)| std::cmp::Reverse(*rows));
        counted.into_iter().map(|(_, list)| list).collect()
    }

    /// Adds the rows of a tree that are not known yet; whether all of it could be read.
    fn walk(&self, root: PageNumber, rows: &mut RowPlaces) -> bool {
        self.0.each_leaf(root, &mut |range, page| {
            let Some(found) = pages::rows(page) else { return false };
            for (key, value) in found {
                rows.entry(key).or_insert_with(|| Place { page: range.clone(), value });
            }
            true
        })
    }
}

/// Adds the tables of ours that a leaf lists; `None` when it is no list.
fn add_tables(list: &mut List, page: &[u8]) -> Option<()> {
    for defined in pages::tables(page)? {
        if let Some(table) = Table::ALL.iter().find(|table| table.name() == defined.name) {
            list.insert(*table, (defined.root, defined.rows));
        }
    }
    Some(())
}
