//! Past damage: every row that can still be read, in a store where some blocks cannot.
//!
//! A damaged block takes the rows of its page with it, and whoever scans stops there. Keys are keyed hashes, spread
//! evenly, so the first row after the page is found by asking further and further ahead and then closing in. A store
//! with a damaged page must not be written on: redb cannot change a page that it cannot read, not even to remove it. So
//! what can be read is copied into a new store.

use std::ops::ControlFlow;

use super::{Batch, Result, RowKey, Store, StoreError, Table};

/// Bytes of values that one commit of a copy holds.
const PORTION: usize = 8 << 20;
/// How close the search comes to the first row after a damaged page, and where it begins: in units of the first eight
/// bytes of a key. Between two rows of a million lie 2⁴⁴.
const CLOSE: u32 = 34;

/// What a copy took along, and what it had to leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows in the new store.
    pub rows: u64,
    /// Rows that could not be read, as far as the old store still counts them.
    pub lost: u64,
}

/// Copies every row that can be read into an empty store.
///
/// # Errors
/// [`StoreError`] of either store, but for damage in the old one.
pub fn copy_readable(from: &dyn Store, into: &mut dyn Store) -> Result<Copied> {
    let mut copied = Copied::default();
    for &table in Table::ALL {
        let (mut rows, mut size) = (0, 0);
        let (mut batch, mut failed) = (Batch::new(), None);
        scan_past(from, table, &mut |key, value| {
            rows += 1;
            size += value.len();
            batch.put(table, *key, value);
            if size >= PORTION {
                size = 0;
                failed = into.commit(std::mem::take(&mut batch)).err();
            }
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        failed.map_or(Ok(()), Err)?;
        into.commit(batch)?;
        copied.rows += rows;
        // Where the table itself cannot be found, nobody knows how many there were.
        copied.lost += from.len(table).unwrap_or(rows + 1).saturating_sub(rows);
    }
    Ok(copied)
}

/// As [`Store::scan`], going on after each damaged page; gives the number of those.
///
/// # Errors
/// [`StoreError`], but for damage.
pub fn scan_past(
    store: &dyn Store,
    table: Table,
    row: &mut dyn FnMut(&RowKey, &[u8]) -> ControlFlow<()>,
) -> Result<u64> {
    let (mut from, mut gaps) = ([0; 32], 0);
    loop {
        let (mut last, mut stopped) = (None, false);
        let scanned = store.scan_from(table, &from, &mut |key, value| {
            last = Some(*key);
            let next = row(key, value);
            stopped = next.is_break();
            next
        });
        match scanned {
            Ok(()) => return Ok(gaps),
            Err(StoreError::Damaged) if !stopped => {
                gaps += 1;
                match after_damage(store, table, prefix(&last.unwrap_or(from)))? {
                    Some(next) => from = next,
                    None => return Ok(gaps),
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// The beginning of what can be read after the damage that follows a key.
fn after_damage(store: &dyn Store, table: Table, last: u64) -> Result<Option<RowKey>> {
    let (mut bad, mut good) = (last, None);
    for step in CLOSE..u64::BITS {
        let Some(ahead) = last.checked_add(1 << step) else { break };
        if is_readable(store, table, ahead)? {
            good = Some(ahead);
            break;
        }
        bad = ahead;
    }
    // The last page of all may be the damaged one, and the one before it may end close to the end.
    let mut good = match good {
        Some(good) => good,
        None if is_readable(store, table, u64::MAX)? => u64::MAX,
        None => return Ok(None),
    };
    while good - bad > 1 << CLOSE {
        let middle = bad + (good - bad) / 2;
        match is_readable(store, table, middle)? {
            true => good = middle,
            false => bad = middle,
        }
    }
    Ok(Some(key(good)))
}

/// Whether the first row from here on can be read; yes when there is none.
fn is_readable(store: &dyn Store, table: Table, from: u64) -> Result<bool> {
    match store.scan_from(table, &key(from), &mut |_, _| ControlFlow::Break(())) {
        Ok(()) => Ok(true),
        Err(StoreError::Damaged) => Ok(false),
        Err(error) => Err(error),
    }
}

fn prefix(key: &RowKey) -> u64 {
    key.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

fn key(prefix: u64) -> RowKey {
    let mut key = [0; 32];
    key.iter_mut().zip(prefix.to_be_bytes()).for_each(|(to, from)| *to = from);
    key
}
