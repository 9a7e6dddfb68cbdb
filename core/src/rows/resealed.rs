//! All rows of a vault in another store, under another row key: none of them has a name or a value there that the old key finds
//! or opens. Bodies and pieces are sealed as they travel and keep their bytes; their names are new.

use std::ops::ControlFlow;

use crate::entropy::Entropy;
use crate::id::Hash;
use crate::kdf;
use crate::rows::{OTHER, RowError, Rows, VITAL};
use crate::secret::{Key, RowRole};
use crate::state::{State, Sum};
use crate::store::{Batch, RowKey, Store, Table};

/// Bytes of rows that go into one commit.
const PORTION: usize = 4 << 20;

/// What is done with a row as it lies.
type WithRow<'r, E> = dyn FnMut(&RowKey, &[u8]) -> Result<(), E> + 'r;

/// A copy that is under way.
struct Copying<'a, E> {
    rows: Rows,
    batch: Batch,
    bytes: usize,
    done: u64,
    tell: &'a mut dyn FnMut(u64) -> Result<(), E>,
}

impl Rows {
    /// Copies every row but the slots and the state record into an empty store, under another row key. Gives the rows there with
    /// the state that counts them; it is written by the first commit. `tell` hears how many rows are done, and can end it.
    ///
    /// # Errors
    /// [`RowError::Damaged`] when a row is not what was written last, or cannot be read: it would be left behind. These rows
    /// stay as they are.
    pub(crate) fn reseal_into<E: From<RowError>>(
        &self,
        store: Box<dyn Store>,
        master: &Key<RowRole>,
        state: &State,
        entropy: &mut dyn Entropy,
        tell: &mut dyn FnMut(u64) -> Result<(), E>,
    ) -> Result<(Self, State), E> {
        if !self.check(state)? {
            return Err(RowError::Damaged.into());
        }
        let rows = Self::new(store, master);
        let mut copying = Copying { rows, batch: Batch::new(), bytes: 0, done: 0, tell };
        let mut resealed = State { vital: Sum::default(), other: Sum::default(), ..state.clone() };
        for &table in Table::ALL {
            match table {
                Table::Slots | Table::State => {}
                Table::Bodies => self.copy_bodies(&mut copying)?,
                Table::Pieces => self.copy_pieces(&mut copying)?,
                _ => self.copy_sealed(table, &mut copying, &mut resealed, entropy)?,
            }
        }
        Ok((copying.finish()?, resealed))
    }

    /// How many rows [`Self::reseal_into`] copies.
    pub(crate) fn to_reseal(&self) -> Result<u64, RowError> {
        let copied = Table::ALL.iter().filter(|table| !matches!(table, Table::Slots | Table::State));
        copied.map(|&table| self.count(table)).sum()
    }

    fn copy_sealed<E: From<RowError>>(
        &self,
        table: Table,
        copying: &mut Copying<'_, E>,
        state: &mut State,
        entropy: &mut dyn Entropy,
    ) -> Result<(), E> {
        self.each(table, &mut |key, sealed| {
            let row = self.open(table, key, sealed)?;
            let key = copying.rows.row_key(table, row.name());
            let resealed = copying.rows.seal(table, &key, (row.name(), row.value()), entropy);
            let summand = || copying.rows.summand(table, &key, &resealed);
            if VITAL.contains(&table) {
                state.vital.add(&summand());
            } else if OTHER.contains(&table) {
                state.other.add(&summand());
            }
            copying.put(table, key, resealed)
        })
    }

    /// A body lies under the hash of its header, so the headers say which there are.
    fn copy_bodies<E: From<RowError>>(&self, copying: &mut Copying<'_, E>) -> Result<(), E> {
        let mut copied = 0;
        self.each(Table::Headers, &mut |key, sealed| {
            let header = self.open(Table::Headers, key, sealed)?;
            let Some(body) = self.read(Table::Bodies, header.name())? else { return Ok(()) };
            copied += 1;
            copying.put(Table::Bodies, copying.rows.row_key(Table::Bodies, header.name()), body.to_vec())
        })?;
        // One whose header was lost is found by a repair.
        if copied == self.count(Table::Bodies)? { Ok(()) } else { Err(RowError::Damaged.into()) }
    }

    /// A piece lies under its hash.
    fn copy_pieces<E: From<RowError>>(&self, copying: &mut Copying<'_, E>) -> Result<(), E> {
        self.each(Table::Pieces, &mut |key, piece| {
            let Hash(name) = kdf::sha256(piece);
            match *key == self.row_key(Table::Pieces, &name) {
                true => copying.put(Table::Pieces, copying.rows.row_key(Table::Pieces, &name), piece.to_vec()),
                false => Err(RowError::Damaged.into()),
            }
        })
    }

    /// Shows each row of a table as it lies. What it ends in ends the scan.
    fn each<E: From<RowError>>(&self, table: Table, row: &mut WithRow<'_, E>) -> Result<(), E> {
        let mut done = Ok(());
        let scanned = self.store.scan(table, &mut |key, value| {
            done = row(key, value);
            if done.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        scanned.map_err(RowError::from)?;
        done
    }
}

impl<E: From<RowError>> Copying<'_, E> {
    fn put(&mut self, table: Table, key: RowKey, value: Vec<u8>) -> Result<(), E> {
        self.bytes = self.bytes.saturating_add(value.len());
        self.batch.put(table, key, value);
        self.done += 1;
        if self.bytes >= PORTION { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), E> {
        self.rows.store.commit(std::mem::take(&mut self.batch)).map_err(RowError::from)?;
        self.bytes = 0;
        (self.tell)(self.done)
    }

    fn finish(mut self) -> Result<Rows, E> {
        self.write()?;
        Ok(self.rows)
    }
}
