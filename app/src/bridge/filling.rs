//! A practice on a disk that can be full, for tests.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use subrosa_core::entropy::Os;
use subrosa_core::kdf::{Policy, Strength};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{self, Batch, RedbStore, RowKey, Store, StoreError, Table};
use subrosa_core::vault::{NewVault, Vault};

/// The passphrase that opens it.
pub(crate) const PASSPHRASE: &str = "lantern gravel oboe thicket";

/// A new practice in this folder, whose disk is full for as long as that is said.
pub(crate) fn practice(folder: &Path, full: &Arc<AtomicBool>) -> Vault {
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
    let store = Box::new(Filling { store, full: Arc::clone(full), poisoned: false });
    Vault::create(store, &new, Box::new(Os)).unwrap().vault
}

/// A store on a disk that can be full.
struct Filling {
    store: RedbStore,
    full: Arc<AtomicBool>,
    poisoned: bool,
}

impl Store for Filling {
    fn read(&self, table: Table, key: &RowKey) -> store::Result<Option<Vec<u8>>> {
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
        if self.full.load(Ordering::Relaxed) {
            self.poisoned = true;
            return Err(StoreError::Full);
        }
        self.store.commit(batch)
    }

    fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    fn reopen(&mut self) -> store::Result<()> {
        self.poisoned = false;
        Ok(())
    }
}
