//! A practice on a disk that can be full, and whose store can have a fault, for tests.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

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
pub(crate) struct Disk(Arc<AtomicU8>);

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

    pub(crate) fn set(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }

    fn is(&self, state: u8) -> bool {
        self.0.load(Ordering::Relaxed) == state
    }
}

/// A new practice in this folder, on this disk.
pub(crate) fn practice(folder: &Path, disk: &Disk) -> Vault {
    let store = RedbStore::create(&folder.join("practice")).unwrap();
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    let new = NewVault {
        path: None,
        passphrase: &passphrase,
        strength: Strength::CHEAP_FOR_TESTS,
        policy: Policy::Tests,
        device_name: "Desk",
        now: crate::practice::now(),
    };
    let store = Box::new(FullDisk { store, disk: disk.clone(), poisoned: false });
    Vault::create(store, &new, Box::new(Os)).unwrap().vault
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
        if damaged {
            return Err(StoreError::Damaged);
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
