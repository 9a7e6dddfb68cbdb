//! What lies in a practice's file, table by table.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use subrosa_core::store::{RedbStore, Store as _, Table};

use crate::disk::store_in;

/// Bytes of a page as they lie in the file, each with its check.
const BLOCK: u64 = 4_112;
/// Bytes of a page as the store's trees see it.
const PAGE: u64 = 4_096;
/// A row's key, and what a page says of it.
const BESIDE_A_VALUE: u64 = 48;

/// A table.
pub(crate) struct Measured {
    pub(crate) table: Table,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) largest: u64,
    /// Bytes in the file where each row has pages of its own, a power of two of them.
    pub(crate) pages: u64,
}

/// A file.
pub(crate) struct FileMeasured {
    /// Bytes of it.
    pub(crate) file: u64,
    /// Of those, bytes of the pages of pieces of attached files.
    pub(crate) pieces: u64,
    /// Bytes of a fresh file with the same rows but those pieces: what the rows take when no page is free.
    pub(crate) packed: u64,
    pub(crate) tables: Vec<Measured>,
}

impl FileMeasured {
    /// Bytes of the file without pieces of attached files. Free pages are counted, those that pieces left too.
    pub(crate) fn bare(&self) -> u64 {
        self.file.saturating_sub(self.pieces)
    }

    /// Looks at a closed file; a copy of its rows is made beside it and taken away.
    pub(crate) fn of(path: &Path) -> Self {
        let file = fs::metadata(path).expect("the file is there").len();
        let store = store_in(path);
        let tables: Vec<Measured> = Table::ALL.iter().map(|table| measured(&store, *table)).collect();
        let pieces = tables.iter().filter(|one| one.table == Table::Pieces).map(|one| one.pages).sum();
        Self { file, pieces, packed: packed(&store, &path.with_extension("packed")), tables }
    }
}

fn measured(store: &RedbStore, table: Table) -> Measured {
    let mut all = Measured { table, rows: 0, bytes: 0, largest: 0, pages: 0 };
    let mut see = |_: &[u8; 32], value: &[u8]| {
        let bytes = u64::try_from(value.len()).expect("a row fits");
        all.rows += 1;
        all.bytes += 32 + bytes;
        all.largest = all.largest.max(bytes);
        all.pages += (bytes + BESIDE_A_VALUE).div_ceil(PAGE).next_power_of_two() * BLOCK;
        ControlFlow::Continue(())
    };
    store.scan(table, &mut see).expect("the table is whole");
    all
}

/// Bytes of a file with these rows, but for pieces of attached files.
fn packed(store: &RedbStore, beside: &Path) -> u64 {
    let mut fresh = store_in(beside);
    for table in Table::ALL.iter().copied().filter(|table| *table != Table::Pieces) {
        let mut batch = subrosa_core::store::Batch::new();
        let mut see = |key: &[u8; 32], value: &[u8]| {
            batch.put(table, *key, value);
            ControlFlow::Continue(())
        };
        store.scan(table, &mut see).expect("the table is whole");
        subrosa_core::store::Store::commit(&mut fresh, batch).expect("it is written");
    }
    drop(fresh);
    let bytes = fs::metadata(beside).expect("it is there").len();
    fs::remove_file(beside).expect("it goes");
    bytes
}
