//! A practice on a disk that can be full, and whose store can have a fault, for tests.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use subrosa_core::entropy::Os;
use subrosa_core::kdf::{Policy, Strength};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{self, Batch, RedbStore, RowKey, Store, StoreError, Table};
use subrosa_core::vault::{NewVault, Vault};

/// The passphrase that opens it.
pub(crate) const PASSPHRASE: &str = "lantern gravel oboe thicket";

/// What a fault of the store says, which quotes what somebody wrote.
pub(crate) const QUOTED: &str = "what the client said";

/// How it stands with the disk, for the practice on it and for the test beside it.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    state: Arc<AtomicU8>,
    rows: Arc<Mutex<WatchedRows>>,
}

/// Rows that are read while somebody looks, and those that are damaged from then on.
#[derive(Default)]
struct WatchedRows {
    is_watching: bool,
    read: BTreeSet<(Table, RowKey)>,
    damaged: BTreeSet<(Table, RowKey)>,
}

impl Disk {
    pub(crate) const WORKS: u8 = 0;
    pub(crate) const FULL: u8 = 1;
    /// Whoever writes panics.
    pub(crate) const BREAKS: u8 = 2;
    /// The same, and the file is not opened anew either.
    pub(crate) const BREAKS_FOR_GOOD: u8 = 3;

    /// One more write, then it is full.
    pub(crate) const FULL_AFTER_ONE: u8 = 4;

    /// Rows beside notes, clients and keys are damaged.
    pub(crate) const DAMAGED_MISC: u8 = 5;
    /// Bodies of envelopes are.
    pub(crate) const DAMAGED_BODIES: u8 = 6;
    /// Pieces of files are not there.
    pub(crate) const LOST_PIECES: u8 = 7;

    pub(crate) fn set(&self, state: u8) {
        self.state.store(state, Ordering::Relaxed);
    }

    /// The rows of the index that this reads.
    pub(crate) fn read_by<T>(&self, work: impl FnOnce() -> T) -> (T, BTreeSet<(Table, RowKey)>) {
        self.rows.lock().unwrap().is_watching = true;
        let done = work();
        let mut rows = self.rows.lock().unwrap();
        rows.is_watching = false;
        let read = std::mem::take(&mut rows.read);
        (done, read.into_iter().filter(|(table, _)| *table == Table::Index).collect())
    }

    /// These rows alone cannot be read from now on.
    pub(crate) fn damage(&self, rows: BTreeSet<(Table, RowKey)>) {
        self.rows.lock().unwrap().damaged = rows;
    }

    fn is(&self, state: u8) -> bool {
        self.state.load(Ordering::Relaxed) == state
    }

    fn reads(&self, table: Table, key: &RowKey) -> bool {
        let mut rows = self.rows.lock().unwrap();
        if rows.is_watching {
            rows.read.insert((table, *key));
        }
        !rows.damaged.contains(&(table, *key))
    }
}

/// A new practice in this folder, on this disk.
pub(crate) fn practice(folder: &Path, disk: &Disk) -> Vault {
    let store = RedbStore::create(&folder.join("practice")).unwrap();
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    let new = new("Desk", &passphrase);
    let store = Box::new(FullDisk { store, disk: disk.clone(), poisoned: false });
    Vault::create(store, &new, Box::new(Os)).unwrap().vault
}

/// What a device of this name begins with.
pub(crate) fn new<'a>(device_name: &'a str, passphrase: &'a Passphrase) -> NewVault<'a> {
    let now = crate::practice::now();
    let strength = Strength::CHEAP_FOR_TESTS;
    NewVault { path: None, passphrase, strength, policy: Policy::Tests, device_name, now }
}

/// A store on a disk that can be full.
///
/// It stands apart from the disks of the test kit: those fail below the store's file, which knows what to say then, and this
/// one is also the store that panics while it writes, or does not open again, with which the threads above it must live.
struct FullDisk {
    store: RedbStore,
    disk: Disk,
    poisoned: bool,
}

impl Store for FullDisk {
    fn read(&self, table: Table, key: &RowKey) -> store::Result<Option<Vec<u8>>> {
        let damaged = (table == Table::Misc && self.disk.is(Disk::DAMAGED_MISC))
            || (table == Table::Bodies && self.disk.is(Disk::DAMAGED_BODIES));
        if damaged || !self.disk.reads(table, key) {
            return Err(StoreError::Damaged);
        }
        if table == Table::Pieces && self.disk.is(Disk::LOST_PIECES) {
            return Ok(None);
        }
        self.store.read(table, key)
    }

    fn scan(&self, table: Table, row: &mut dyn FnMut(&RowKey, &[u8]) -> ControlFlow<()>) -> store::Result<()> {
        self.store.scan(table, row)
    }

    fn len(&self, table: Table) -> store::Result<u64> {
        self.store.len(table)
    }

    fn commit(&mut self, batch: Batch) -> store::Result<()> {
        if self.poisoned {
            return Err(StoreError::Poisoned);
        }
        assert!(!self.disk.is(Disk::BREAKS) && !self.disk.is(Disk::BREAKS_FOR_GOOD), "{QUOTED}");
        if self.disk.is(Disk::FULL_AFTER_ONE) {
            self.disk.set(Disk::FULL);
        } else if self.disk.is(Disk::FULL) {
            self.poisoned = true;
            return Err(StoreError::Full);
        }
        self.store.commit(batch)
    }

    fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    fn reopen(&mut self) -> store::Result<()> {
        if self.disk.is(Disk::BREAKS_FOR_GOOD) {
            return Err(StoreError::Damaged);
        }
        self.poisoned = false;
        Ok(())
    }
}
