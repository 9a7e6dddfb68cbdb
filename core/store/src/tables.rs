//! The store over redb: one database, one file, one writer.
//!
//! Every commit is in two phases with redb's allocator state beside it, so that after a crash the last commit is simply
//! there: recovery never walks into pages that were still being written, where the layer below would refuse them.
//!
//! redb gives up on its whole file at the first error. Here one bad block costs only what lies in it: the next call
//! opens a fresh redb over the same locked file. After a failed *write* the file is frozen: everything acknowledged can
//! still be read, nothing more is written.

use std::ops::{Bound, ControlFlow, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{
    Builder, Database, ReadOnlyTable, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition,
    TableError,
};

use super::blocks::{BadBlock, Blocks};
use super::copy;
use super::copy::compact::{self, RowRun};
use super::file::{Disk, Identity, sync_folder};
use super::trees::Trees;
use super::trees::parts::Parts;
use super::{Batch, Change, Result, RowKey, StorageBackend, Store, StoreError, Table, VALUE_LIMIT, cut};

/// Memory that redb may use for pages, read and waiting to be written.
const CACHE: usize = 32 << 20;
/// A scan copies rows out in portions of about this many bytes, or this many rows.
const PORTION: usize = 1 << 20;
const PORTION_ROWS: usize = 256;

type Rows = ReadOnlyTable<&'static RowKey, &'static [u8]>;
type RowsLeft = redb::Range<'static, &'static RowKey, &'static [u8]>;

/// A store in one file, or on any other medium that reads, writes and syncs.
pub struct RedbStore {
    // Dropped first: redb tidies up while the file is still there.
    database: Mutex<Option<Arc<Open>>>,
    blocks: Blocks,
    parts: Parts,
    /// Which file of the disk it is, if any.
    identity: Option<Identity>,
    /// A name that may be lost in a power cut.
    unsynced: Option<PathBuf>,
    /// Why nothing is written, where that is so.
    refuses: Option<StoreError>,
}

impl RedbStore {
    /// Makes a new file and holds it.
    pub fn create(path: &Path) -> Result<Self> {
        let disk = Disk::create(path)?;
        let identity = disk.identity();
        let mut store = Self::begin(disk).inspect_err(|_| {
            // Nothing was ever in it. If it cannot be removed either, opening it says what it is.
            let _ = std::fs::remove_file(path);
        })?;
        store.identity = identity;
        Ok(store)
    }

    /// Opens a file and holds it. One that cannot be written on is read, and every commit refused.
    pub fn open(path: &Path) -> Result<Self> {
        let disk = Disk::open(path)?;
        if disk.is_read_only() {
            return Self::over_read_only(disk);
        }
        let identity = disk.identity();
        // Whoever was making it held this file.
        let _ = copy::remove_leftover(&compact::half_made_beside(path));
        let mut store = Self::go_on(disk)?;
        store.identity = identity;
        Ok(store)
    }

    /// The store on a medium that takes no writes.
    pub(super) fn over_read_only(medium: impl StorageBackend) -> Result<Self> {
        Self::connected(Blocks::open(medium)?, Some(StoreError::ReadOnly))
    }

    /// A new store on an empty medium, or the one that is on it.
    pub fn over(medium: impl StorageBackend) -> Result<Self> {
        if medium.len()? == 0 { Self::begin(medium) } else { Self::go_on(medium) }
    }

    fn begin(medium: impl StorageBackend) -> Result<Self> {
        let mut store = Self::connected(Blocks::create(medium)?, None)?;
        store.commit(Batch::new())?;
        store.settle()?;
        Ok(store)
    }

    /// Moves the first pages to the front, so that closing can trim the file: an empty vault of 64 KiB, not 1 MiB.
    ///
    /// Only while there is nothing to lose. redb's compaction commits in one phase: cut off in the middle, it must read
    /// torn pages to find that they are torn, and the layer below does not hand those out.
    pub(super) fn settle(&mut self) -> Result<()> {
        match self.held().as_mut().and_then(Arc::get_mut) {
            Some(Open(Some(database))) => guarded(|| Ok(database.compact().map(drop)?)),
            _ => Ok(()),
        }
    }

    fn go_on(medium: impl StorageBackend) -> Result<Self> {
        let blocks = Blocks::open(medium)?;
        let refuses = match blocks.thaw() {
            Err(StoreError::Full) => Some(StoreError::Full),
            thawed => thawed.map(|()| None)?,
        };
        Self::connected(blocks, refuses)
    }

    fn connected(blocks: Blocks, refuses: Option<StoreError>) -> Result<Self> {
        let mut store = Self {
            database: Mutex::new(None),
            blocks,
            parts: Parts::default(),
            identity: None,
            unsynced: None,
            refuses,
        };
        match store.database().map(drop) {
            // What opening would tidy up stays in memory.
            Err(StoreError::Full) if refuses.is_none() => {
                store.refuse(StoreError::Full);
                store.database().map(|_| store)
            }
            Ok(()) => Ok(store),
            Err(StoreError::Damaged) if store.blocks.is_shortened() => Err(StoreError::Truncated),
            Err(error) => Err(error),
        }
    }

    /// Writes nothing more; reading goes on.
    fn refuse(&mut self, why: StoreError) {
        self.refuses.get_or_insert(why);
        self.blocks.freeze();
        // Whatever the failed redb still wants to write goes to a handle that has been succeeded.
        drop(self.blocks.successor());
        self.give_up();
    }

    /// Writes rows behind all others of their table, in one transaction: pages are filled.
    pub(super) fn append(&mut self, table: Table, rows: &RowRun) -> Result<()> {
        let database = self.database()?;
        guarded(|| append(database.redb()?, table, rows)).inspect_err(|_| self.poison())
    }

    /// The database, opened anew if the last one had to be given up.
    fn database(&self) -> Result<Arc<Open>> {
        let mut held = self.held();
        if let Some(database) = &*held {
            return Ok(Arc::clone(database));
        }
        if !self.blocks.is_new() {
            self.blocks.expect(Trees::new(&self.blocks)?.to_be_freed()?);
        }
        let blocks = self.blocks.successor();
        let open = || Builder::new().set_cache_size(CACHE).create_with_backend(blocks).map_err(redb::Error::from);
        let database = Arc::new(Open(Some(guarded(open)?)));
        *held = Some(Arc::clone(&database));
        Ok(database)
    }

    /// Reads through redb; a redb that met an error is given up, so that the next call finds a fresh one.
    fn reading<T>(&self, read: impl FnOnce() -> std::result::Result<T, redb::Error>) -> Result<T> {
        guarded(read).inspect_err(|_| self.give_up())
    }

    /// The table as of now; nothing if this file was made before there was such a table.
    fn table(&self, table: Table) -> Result<Option<Rows>> {
        let database = self.database()?;
        self.reading(|| match database.redb()?.begin_read()?.open_table(definition(table)) {
            Ok(rows) => Ok(Some(rows)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        })
    }

    fn give_up(&self) {
        let given_up = self.held().take();
        drop(given_up);
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<Open>>> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for RedbStore {
    fn read(&self, table: Table, key: &RowKey) -> Result<Option<Vec<u8>>> {
        let Some(rows) = self.table(table)? else { return Ok(None) };
        self.reading(|| Ok(rows.get(key)?.map(|value| value.value().to_vec())))
    }

    fn read_parts(
        &self,
        table: Table,
        key: &RowKey,
        len: usize,
        parts: &[Range<usize>; 2],
    ) -> Result<Option<[Vec<u8>; 2]>> {
        // What is not found so is asked of redb, which says why.
        if let Some(read) = self.parts.read(&self.blocks, (table, key), len, parts) {
            return Ok(Some(read));
        }
        let Some(rows) = self.table(table)? else { return Ok(None) };
        let Some(value) = self.reading(|| Ok(rows.get(key)?))? else { return Ok(None) };
        cut(value.value(), len, parts).map(Some)
    }

    fn scan(&self, table: Table, row: &mut dyn FnMut(&RowKey, &[u8]) -> ControlFlow<()>) -> Result<()> {
        self.scan_from(table, &[0; 32], row)
    }

    fn scan_from(
        &self,
        table: Table,
        from: &RowKey,
        row: &mut dyn FnMut(&RowKey, &[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        let Some(rows) = self.table(table)? else { return Ok(()) };
        let mut left = self.reading(|| Ok(rows.range::<&RowKey>(from..)?))?;
        let mut last: Option<RowKey> = None;
        loop {
            let mut portion = Vec::new();
            let read = self.reading(|| next_portion(&mut left, &mut portion));
            // The caller's closure runs outside the guard: its panics are its own.
            for (key, value) in &portion {
                // Pages that are reached twice show their rows twice, and rows without end where they lead in a ring.
                if last.map_or(key < from, |last| *key <= last) {
                    self.give_up();
                    return Err(StoreError::Damaged);
                }
                last = Some(*key);
                if row(key, value).is_break() {
                    return Ok(());
                }
            }
            read?;
            if portion.is_empty() {
                return Ok(());
            }
        }
    }

    fn len(&self, table: Table) -> Result<u64> {
        let Some(rows) = self.table(table)? else { return Ok(0) };
        self.reading(|| Ok(rows.len()?))
    }

    fn commit(&mut self, batch: Batch) -> Result<()> {
        if let Some(why) = self.refuses {
            return Err(why);
        }
        if batch.has_beyond(VALUE_LIMIT) {
            return Err(StoreError::TooLarge);
        }
        let database = self.database()?;
        guarded(|| write(database.redb()?, &batch)).inspect_err(|_| self.poison())
    }

    fn is_poisoned(&self) -> bool {
        self.refuses.is_some()
    }

    fn is_read_only(&self) -> bool {
        self.refuses == Some(StoreError::ReadOnly)
    }

    fn poison(&mut self) {
        self.refuse(StoreError::Poisoned);
    }

    fn compact(&mut self, file: &Path) -> Result<()> {
        let is_at = self.identity.is_some() && self.identity == Identity::of(file);
        if self.refuses.is_some() || !is_at || !compact::is_worthwhile(&self.blocks, file) {
            return Ok(());
        }
        // Room to grow goes when redb closes, and need not be copied away.
        self.give_up();
        if !compact::is_worthwhile(&self.blocks, file) {
            return Ok(());
        }
        let beside = compact::half_made_beside(file);
        let written = compact::write_anew(self, &beside).and_then(|fresh| {
            std::fs::rename(&beside, file)?;
            Ok(fresh)
        });
        let Ok(fresh) = written else {
            // What cannot be taken away now goes when the practice is opened next.
            let _ = copy::remove_leftover(&beside);
            return Ok(());
        };
        *self = fresh;
        // Its name must last as long as what is written under it.
        sync_folder(file).inspect_err(|_| {
            self.unsynced = Some(file.to_owned());
            self.poison();
        })?;
        Ok(())
    }

    fn reopen(&mut self) -> Result<()> {
        if self.is_read_only() {
            return Err(StoreError::ReadOnly);
        }
        if let Some(name) = &self.unsynced {
            sync_folder(name)?;
            self.unsynced = None;
        }
        self.give_up();
        self.refuses = None;
        let reopened = self.blocks.thaw().and_then(|()| self.database().map(drop));
        reopened.inspect_err(|why| {
            self.refuse(if *why == StoreError::Full { StoreError::Full } else { StoreError::Poisoned })
        })
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        self.give_up();
    }
}

/// Prints nothing of what is in it.
impl std::fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedbStore")
    }
}

fn definition(table: Table) -> TableDefinition<'static, &'static RowKey, &'static [u8]> {
    TableDefinition::new(table.name())
}

/// One durable transaction. Every table is opened in it, so that after the first commit all are there.
fn write(database: &Database, batch: &Batch) -> std::result::Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    for &table in Table::ALL {
        let mut rows = transaction.open_table(definition(table))?;
        for change in batch.changes() {
            match change {
                Change::Put(to, key, value) if *to == table => {
                    leads_to_a_leaf(&rows, key)?;
                    rows.insert(key, value.as_slice())?;
                }
                Change::Remove(from, key) if *from == table => {
                    leads_to_a_leaf(&rows, key)?;
                    rows.remove(key)?;
                }
                _ => {}
            }
        }
    }
    Ok(transaction.commit()?)
}

/// One durable transaction of rows that come after all that are there.
fn append(database: &Database, table: Table, run: &RowRun) -> std::result::Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    {
        let mut rows = transaction.open_table(definition(table))?;
        let mut end = rows.upper_bound_mut(Bound::<&RowKey>::Unbounded)?;
        for (key, value) in run {
            end.insert_before(key, value.as_slice())?;
        }
        end.close()?;
    }
    Ok(transaction.commit()?)
}

/// redb counts how deep it goes where it reads, and not where it writes: there a ring of pages would end the process.
fn leads_to_a_leaf(
    rows: &impl ReadableTable<&'static RowKey, &'static [u8]>,
    key: &RowKey,
) -> std::result::Result<(), redb::Error> {
    Ok(rows.get(key).map(drop)?)
}

/// What was read before an error is in `portion`.
fn next_portion(left: &mut RowsLeft, portion: &mut Vec<(RowKey, Vec<u8>)>) -> std::result::Result<(), redb::Error> {
    let mut size = 0;
    while size < PORTION && portion.len() < PORTION_ROWS {
        let Some(row) = left.next() else { break };
        let (key, value) = row?;
        let value = value.value().to_vec();
        size += value.len();
        portion.push((*key.value(), value));
    }
    Ok(())
}

/// The last line: redb checks much of what it reads, and panics at some of the rest.
fn guarded<T>(work: impl FnOnce() -> std::result::Result<T, redb::Error>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(StoreError::from),
        Err(_) => Err(StoreError::Damaged),
    }
}

/// An open redb. Closing it writes, and may meet the same damage as using it, wherever the last one lets go of it.
struct Open(Option<Database>);

impl Open {
    fn redb(&self) -> std::result::Result<&Database, redb::Error> {
        self.0.as_ref().ok_or(redb::Error::DatabaseClosed)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let database = self.0.take();
        // Everything acknowledged is on the disk already; what fails here is tidying, and opening does it again.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(database)));
    }
}

/// Whether this is how the operating system says that the medium failed: `EIO`, which the standard library has no name for.
#[cfg(unix)]
fn is_failing(code: i32) -> bool {
    code == 5
}

/// Bad sectors, faults in writing and reading, a device that failed or that is gone.
#[cfg(windows)]
fn is_failing(code: i32) -> bool {
    matches!(code, 21 | 23 | 27 | 29 | 30 | 31 | 433 | 483 | 1117)
}

#[cfg(not(any(unix, windows)))]
fn is_failing(_: i32) -> bool {
    false
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => error.into(),
            redb::Error::PreviousIo | redb::Error::DatabaseClosed => Self::Poisoned,
            redb::Error::ValueTooLarge(_) => Self::TooLarge,
            // What is left says in many ways that the file is not as redb wrote it.
            _ => Self::Damaged,
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        if error.get_ref().is_some_and(|inner| inner.is::<BadBlock>()) {
            return Self::Damaged;
        }
        match error.kind() {
            _ if error.raw_os_error().is_some_and(is_failing) => Self::Failing,
            ErrorKind::NotFound => Self::Missing,
            ErrorKind::AlreadyExists => Self::Exists,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Denied,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::Full,
            ErrorKind::UnexpectedEof => Self::Truncated,
            kind => Self::Io(kind),
        }
    }
}
