//! Sealed rows: the vault's view of its [`Store`], where every name is a keyed hash and every value is sealed.
//!
//! Rows of [`Table::Headers`], [`Table::Bodies`] and [`Table::Pieces`] are written once. All others are replaceable and
//! counted in one of two keyed multiset hashes that ride, with the commit counter, in the state record of every transaction
//! (format §6): an old row put back, or one taken away, is noticed by [`Rows::is_vital_whole`] and [`Rows::check`]. Refused: a
//! row that does not open under its own name, which it holds beside its value.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

use zeroize::Zeroizing;

use crate::codec::{Reader, Writer};
use crate::entropy::Entropy;
use crate::id::Hash;
use crate::kdf;
use crate::labels;
use crate::parallel::in_order;
use crate::seal;
use crate::secret::{Key, RowRole};
use crate::state::{State, Sum};
use crate::store::{Batch, RowKey, Store, StoreError, Table, scan_past};

mod error;
mod resealed;
mod stored;

pub use error::RowError;
pub(crate) use stored::{Fixed, Listed, Mark, NamePart, One, Row, Stored};

/// A plain value as it comes out of a row: wiped when it is dropped.
pub(crate) type Plain = Zeroizing<Vec<u8>>;

/// The name of a row, and its value.
pub(crate) type NameAndValue<'r> = (&'r [u8], &'r [u8]);

/// The tables that say with what the practice is opened and who belongs to it, and the other replaceable ones.
const VITAL: &[Table] = &[Table::Slots, Table::Keys];
const OTHER: &[Table] = &[Table::Index, Table::Catalog, Table::Pending, Table::Misc];

/// Changes that become true together.
#[derive(Default)]
pub(crate) struct Changes {
    rows: BTreeMap<(Table, Vec<u8>), Option<Plain>>,
}

impl Changes {
    pub(crate) fn put(&mut self, table: Table, name: &[u8], value: Vec<u8>) {
        self.rows.insert((table, name.to_vec()), Some(Zeroizing::new(value)));
    }

    pub(crate) fn remove(&mut self, table: Table, name: &[u8]) {
        self.rows.insert((table, name.to_vec()), None);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether a row of this table changes.
    pub(crate) fn has_any(&self, table: Table) -> bool {
        self.rows.keys().any(|(of, _)| *of == table)
    }

    fn pending(&self, table: Table, name: &[u8]) -> Option<&Option<Plain>> {
        self.rows.get(&(table, name.to_vec()))
    }
}

/// A table in parts, each for a processor: the bytes with which the keys of the first and the last of its rows begin.
const PARTS: [[u8; 2]; 4] = [[0, 0x3f], [0x40, 0x7f], [0x80, 0xbf], [0xc0, 0xff]];

/// Bytes that say how long a row's name is.
const LEN_OF_NAME: usize = 4;

/// What a row holds, of its bytes.
fn value_of<R: Row>(plain: Option<Plain>) -> Result<Option<R::Value>, RowError> {
    plain.map(|plain| R::Value::of_row(&plain).map_err(|_| RowError::Damaged)).transpose()
}

/// The rows of an unlocked vault.
pub(crate) struct Rows {
    store: Box<dyn Store>,
    names: Key<RowRole>,
    sums: Key<RowRole>,
    seals: BTreeMap<Table, Key<RowRole>>,
}

impl Rows {
    pub(crate) fn new(store: Box<dyn Store>, master: &Key<RowRole>) -> Self {
        Self {
            store,
            names: kdf::derive(master, labels::ROW_NAME, b""),
            sums: kdf::derive(master, labels::ROW_SUM, b""),
            seals: Table::ALL
                .iter()
                .map(|&table| (table, kdf::derive(master, labels::ROW, &[number(table)])))
                .collect(),
        }
    }

    /// Gives the store back, and drops the keys.
    pub(crate) fn close(self) -> Box<dyn Store> {
        self.store
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.store.is_poisoned()
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.store.is_read_only()
    }

    pub(crate) fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    /// The store, to look at.
    pub(crate) fn look(&self) -> &dyn Store {
        &*self.store
    }

    pub(crate) fn read(&self, table: Table, name: &[u8]) -> Result<Option<Plain>, RowError> {
        let key = self.row_key(table, name);
        let Some(sealed) = self.store.read(table, &key)? else { return Ok(None) };
        if sealed_already(table) {
            return Ok(Some(Zeroizing::new(sealed)));
        }
        let opened = self.open(table, &key, &sealed)?;
        if opened.name() == name { Ok(Some(opened.into_value())) } else { Err(RowError::Damaged) }
    }

    /// A row of the vault's registry.
    pub(crate) fn get<R: Row>(&self, row: &R) -> Result<Option<R::Value>, RowError> {
        value_of::<R>(self.read(R::TABLE, &row.name())?)
    }

    /// The same, seeing what the changes are about to write.
    pub(crate) fn get_through<R: Row>(&self, changes: &Changes, row: &R) -> Result<Option<R::Value>, RowError> {
        value_of::<R>(self.read_through(changes, R::TABLE, &row.name())?)
    }

    /// As [`Self::read`], seeing what the changes are about to write.
    pub(crate) fn read_through(&self, changes: &Changes, table: Table, name: &[u8]) -> Result<Option<Plain>, RowError> {
        match changes.pending(table, name) {
            Some(value) => Ok(value.clone()),
            None => self.read(table, name),
        }
    }

    /// One row of a store whose vault is not unlocked as a whole.
    pub(crate) fn read_once(
        store: &dyn Store,
        master: &Key<RowRole>,
        table: Table,
        name: &[u8],
    ) -> Result<Option<Plain>, RowError> {
        let key = row_key(&kdf::derive(master, labels::ROW_NAME, b""), table, name);
        let Some(sealed) = store.read(table, &key)? else { return Ok(None) };
        let with: Key<RowRole> = kdf::derive(master, labels::ROW, &[number(table)]);
        Ok(Some(NamedRow::open(&with, table, &key, &sealed)?.into_value()))
    }

    /// Two parts of a body of this length: it is sealed as it travels, so that there is nothing to open here.
    pub(crate) fn body_parts(
        &self,
        envelope: &Hash,
        len: u32,
        parts: &[Range<usize>; 2],
    ) -> Result<Option<[Vec<u8>; 2]>, RowError> {
        let len = usize::try_from(len).map_err(|_| RowError::Damaged)?;
        Ok(self.store.read_parts(Table::Bodies, &self.row_key(Table::Bodies, &envelope.0), len, parts)?)
    }

    /// Whether there is a row, without opening it.
    pub(crate) fn has(&self, table: Table, name: &[u8]) -> Result<bool, RowError> {
        Ok(self.store.read(table, &self.row_key(table, name))?.is_some())
    }

    /// As [`Self::has`], seeing what the changes are about to write.
    pub(crate) fn has_through(&self, changes: &Changes, table: Table, name: &[u8]) -> Result<bool, RowError> {
        match changes.pending(table, name) {
            Some(value) => Ok(value.is_some()),
            None => self.has(table, name),
        }
    }

    /// The piece of this hash, as it travels.
    pub(crate) fn piece(&self, hash: &Hash) -> Result<Option<Vec<u8>>, RowError> {
        Ok(self.store.read(Table::Pieces, &self.row_key(Table::Pieces, &hash.0))?)
    }

    /// Puts a piece into a batch, without a copy of it.
    pub(crate) fn put_piece(&self, batch: &mut Batch, hash: &Hash, bytes: Vec<u8>) {
        batch.put(Table::Pieces, self.row_key(Table::Pieces, &hash.0), bytes);
    }

    /// Shows name and value of each row of a table that can be read; a row that does not open is shown as `None`. Gives the
    /// number of places where damage in the file keeps rows from being read at all.
    pub(crate) fn scan(&self, table: Table, row: &mut dyn FnMut(Option<NameAndValue<'_>>)) -> Result<u64, RowError> {
        Ok(scan_past(&*self.store, table, &mut |key, sealed| {
            let opened = self.open(table, key, sealed).ok();
            row(opened.as_ref().map(|row| (row.name(), row.value())));
            ControlFlow::Continue(())
        })?)
    }

    /// Whether every block that a table's rows lie in can be read.
    pub(crate) fn is_readable(&self, table: Table) -> Result<bool, RowError> {
        match self.store.scan(table, &mut |_, _| ControlFlow::Continue(())) {
            Ok(()) => Ok(true),
            Err(StoreError::Damaged) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the rows of a table away that do not open: of a table that is derived, so that they are made again.
    pub(crate) fn drop_unopened(&mut self, table: Table) -> Result<(), RowError> {
        let mut batch = Batch::new();
        self.store.scan(table, &mut |key, sealed| {
            if self.open(table, key, sealed).is_err() {
                batch.remove(table, *key);
            }
            ControlFlow::Continue(())
        })?;
        if batch.is_empty() { Ok(()) } else { Ok(self.store.commit(batch)?) }
    }

    /// Goes on with another store, and gives back the one from before.
    pub(crate) fn replace_store(&mut self, store: Box<dyn Store>) -> Box<dyn Store> {
        std::mem::replace(&mut self.store, store)
    }

    pub(crate) fn count(&self, table: Table) -> Result<u64, RowError> {
        Ok(self.store.len(table)?)
    }

    /// Seals the changes, moves the state record on by one, and writes both in one transaction, together with rows that are
    /// no sealed rows: slots, which the record counts too, and pieces.
    pub(crate) fn commit_with(
        &mut self,
        state: &mut State,
        changes: Changes,
        mut batch: Batch,
        entropy: &mut dyn Entropy,
    ) -> Result<(), RowError> {
        let mut next = state.clone();
        for (key, slot) in batch.in_table(Table::Slots) {
            self.count_change(&mut next, Table::Slots, &key, slot)?;
        }
        for ((table, name), value) in changes.rows {
            let key = self.row_key(table, &name);
            match value {
                Some(value) if sealed_already(table) => drop(batch.put(table, key, value.as_slice())),
                value => {
                    let sealed = value.map(|value| self.seal(table, &key, (&name, &value), entropy));
                    self.count_change(&mut next, table, &key, sealed.as_deref())?;
                    match sealed {
                        Some(sealed) => batch.put(table, key, sealed),
                        None => batch.remove(table, key),
                    };
                }
            }
        }
        next.counter += 1;
        let key = self.row_key(Table::State, b"state");
        let record = self.seal(Table::State, &key, (b"state", &next.to_bytes()), entropy);
        batch.put(Table::State, key, record);
        self.store.commit(batch)?;
        *state = next;
        Ok(())
    }

    /// The state record as it was last written.
    pub(crate) fn state(&self) -> Result<State, RowError> {
        let record = self.read(Table::State, b"state")?.ok_or(RowError::Damaged)?;
        State::parse(&record).ok_or(RowError::Damaged)
    }

    /// Counts a row as it becomes, in place of the one that is there.
    fn count_change(
        &self,
        state: &mut State,
        table: Table,
        key: &RowKey,
        becomes: Option<&[u8]>,
    ) -> Result<(), RowError> {
        let sum = match table {
            table if VITAL.contains(&table) => &mut state.vital,
            table if OTHER.contains(&table) => &mut state.other,
            _ => return Ok(()),
        };
        if let Some(old) = self.store.read(table, key)? {
            sum.subtract(&self.summand(table, key, &old));
        }
        if let Some(becomes) = becomes {
            sum.add(&self.summand(table, key, becomes));
        }
        Ok(())
    }

    /// Whether the replaceable rows are the ones that the state record counts.
    pub(crate) fn check(&self, state: &State) -> Result<bool, RowError> {
        Ok(self.is_vital_whole(state)? && self.is_other_whole(state)?)
    }

    /// Whether slots and keys are the ones that the state record counts, and all of them can be read.
    pub(crate) fn is_vital_whole(&self, state: &State) -> Result<bool, RowError> {
        let (sum, unreadable) = self.vital_in(&*self.store)?;
        Ok(unreadable.is_empty() && sum == state.vital)
    }

    /// The same of all other replaceable rows.
    pub(crate) fn is_other_whole(&self, state: &State) -> Result<bool, RowError> {
        let (sum, unreadable) = self.other()?;
        Ok(unreadable.is_empty() && sum == state.other)
    }

    /// The sum over the slots and keys in a store with this vault's rows, which the state record counts too, and the tables of
    /// which some cannot be read.
    pub(crate) fn vital_in(&self, store: &dyn Store) -> Result<(Sum, Vec<Table>), RowError> {
        self.sum_over(store, VITAL)
    }

    /// The same over all other replaceable rows.
    pub(crate) fn other(&self) -> Result<(Sum, Vec<Table>), RowError> {
        self.sum_over(&*self.store, OTHER)
    }

    fn sum_over(&self, store: &dyn Store, tables: &[Table]) -> Result<(Sum, Vec<Table>), RowError> {
        if let Some(sum) = self.sum_of_whole(store, tables) {
            return Ok((sum, Vec::new()));
        }
        let (mut sum, mut unreadable) = (Sum::default(), Vec::new());
        for &table in tables {
            let gaps = scan_past(store, table, &mut |key, sealed| {
                sum.add(&self.summand(table, key, sealed));
                ControlFlow::Continue(())
            })?;
            unreadable.extend((gaps > 0).then_some(table));
        }
        Ok((sum, unreadable))
    }

    /// The same on all processors; `None` when some of it cannot be read: what one of them meets then, the others meet too.
    fn sum_of_whole(&self, store: &dyn Store, tables: &[Table]) -> Option<Sum> {
        let parts: Vec<_> = PARTS.into_iter().flat_map(|part| tables.iter().map(move |table| (*table, part))).collect();
        let sums = in_order(&parts, 1, |(table, [first, last])| {
            let (mut sum, mut from) = (Sum::default(), RowKey::default());
            from[0] = *first;
            let scanned = store.scan_from(*table, &from, &mut |key, sealed| {
                if key[0] > *last {
                    return ControlFlow::Break(());
                }
                sum.add(&self.summand(*table, key, sealed));
                ControlFlow::Continue(())
            });
            scanned.is_ok().then_some(sum)
        });
        sums.into_iter().try_fold(Sum::default(), |mut all, part| {
            all.add(&Hash(part?.0));
            Some(all)
        })
    }

    /// How many rows [`Self::is_other_whole`] would read.
    pub(crate) fn others(&self) -> Result<u64, RowError> {
        OTHER.iter().map(|&table| self.count(table)).sum()
    }

    /// Every row of a table, opened: what two vaults with one key can be compared by.
    #[cfg(test)]
    pub(crate) fn plain(&self, table: Table) -> BTreeMap<RowKey, Plain> {
        let mut rows = BTreeMap::new();
        let take = &mut |key: &RowKey, sealed: &[u8]| {
            let is_plain = sealed_already(table);
            let opened = || self.open(table, key, sealed).unwrap().into_value();
            rows.insert(*key, if is_plain { Zeroizing::new(sealed.to_vec()) } else { opened() });
            ControlFlow::Continue(())
        };
        self.store.scan(table, take).unwrap();
        rows
    }

    /// Under which key a row lies.
    #[cfg(test)]
    pub(crate) fn key_of<R: Row>(&self, row: &R) -> (Table, RowKey) {
        (R::TABLE, self.row_key(R::TABLE, &row.name()))
    }

    fn row_key(&self, table: Table, name: &[u8]) -> RowKey {
        row_key(&self.names, table, name)
    }

    fn summand(&self, table: Table, key: &RowKey, sealed: &[u8]) -> Hash {
        kdf::mac(&self.sums, labels::ROW_SUM, &[&[number(table)], key, sealed])
    }

    fn seal(&self, table: Table, key: &RowKey, row: NameAndValue<'_>, entropy: &mut dyn Entropy) -> Vec<u8> {
        match self.seals.get(&table) {
            Some(with) => NamedRow::new(row).seal(with, table, key, entropy),
            None => Vec::new(),
        }
    }

    fn open(&self, table: Table, key: &RowKey, sealed: &[u8]) -> Result<NamedRow, RowError> {
        NamedRow::open(self.seals.get(&table).ok_or(RowError::Damaged)?, table, key, sealed)
    }
}

/// What is sealed as a row: its name, which its key in the store does not tell, and its value.
struct NamedRow {
    plain: Plain,
    value: usize,
}

impl NamedRow {
    fn new((name, value): NameAndValue<'_>) -> Self {
        let mut writer = Writer::with_capacity(LEN_OF_NAME + name.len() + value.len());
        writer.lp(name).bytes(value);
        Self { plain: Zeroizing::new(writer.finish()), value: LEN_OF_NAME + name.len() }
    }

    fn seal(&self, with: &Key<RowRole>, table: Table, key: &RowKey, entropy: &mut dyn Entropy) -> Vec<u8> {
        seal::seal(with, &context(table, key), &self.plain, entropy)
    }

    fn open(with: &Key<RowRole>, table: Table, key: &RowKey, sealed: &[u8]) -> Result<Self, RowError> {
        let plain = seal::open(with, &context(table, key), sealed).map_err(|_| RowError::Damaged)?;
        let value = LEN_OF_NAME + Reader::new(&plain).lp(plain.len())?.len();
        Ok(Self { plain, value })
    }

    fn name(&self) -> &[u8] {
        self.plain.get(LEN_OF_NAME..self.value).unwrap_or_default()
    }

    fn value(&self) -> &[u8] {
        self.plain.get(self.value..).unwrap_or_default()
    }

    fn into_value(mut self) -> Plain {
        self.plain.drain(..self.value);
        self.plain
    }
}

/// The table's number in names and contexts; never given another meaning.
fn number(table: Table) -> u8 {
    match table {
        Table::Head => 1,
        Table::Slots => 2,
        Table::State => 3,
        Table::Headers => 4,
        Table::Bodies => 5,
        Table::Index => 6,
        Table::Catalog => 7,
        Table::Pending => 8,
        Table::Keys => 9,
        Table::Misc => 10,
        Table::Pieces => 11,
    }
}

fn row_key(names: &Key<RowRole>, table: Table, name: &[u8]) -> RowKey {
    kdf::mac(names, labels::ROW_NAME, &[&[number(table)], name]).0
}

/// A body is sealed under its epoch's secret, a piece under its file's key: both lie as they travel.
fn sealed_already(table: Table) -> bool {
    matches!(table, Table::Bodies | Table::Pieces)
}

fn context(table: Table, key: &RowKey) -> Vec<u8> {
    [labels::ROW, &[number(table)], key].concat()
}
