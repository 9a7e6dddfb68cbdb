//! Locking a vault, and opening its file anew while the vault stays open.

use crate::store::{Keystore, StoreError};
use crate::vault::Vault;
use crate::vault::commit::flush;
use crate::vault::session::LockedVault;
use crate::vault::session::UnlockError;

impl Vault {
    /// Seals the drafts, makes the signatures that nobody took back, forgets every key, and keeps the file. After a failure
    /// it is let go instead: only a file that is opened anew is written again.
    pub fn lock(mut self) -> Result<LockedVault, UnlockError> {
        let flushed = flush(&mut self.core).map_err(UnlockError::from);
        let flushed = flushed.and_then(|_| Ok(self.notes_mut().settle_all_signatures()?));
        self.core.write_anchor();
        self.core.keep_anchor();
        let (path, policy) = (self.core.path.take(), self.core.policy);
        let (mut store, entropy, keystore) = self.core.close();
        flushed?;
        if store.is_poisoned() && !store.is_read_only() {
            return Err(StoreError::Poisoned.into());
        }
        if let Some(path) = &path {
            store.compact(path)?;
        }
        Ok(LockedVault::current(store, (path, policy), entropy, keystore))
    }

    /// Whether a write failed, so that nothing more is written until [`Self::reopen`].
    pub fn is_poisoned(&self) -> bool {
        self.core.rows.is_poisoned()
    }

    /// Whether the practice's file can be read alone.
    pub fn is_read_only(&self) -> bool {
        self.core.rows.is_read_only()
    }

    /// Opens the file anew after a failed write, with the keys that are there: what could not be saved then may be saved now.
    /// When that fails, reading goes on as before.
    pub fn reopen(&mut self) -> Result<(), UnlockError> {
        let damage = self.core.reopen()?;
        self.rebuild_lists_if_damaged(damage);
        Ok(())
    }

    /// Keeps the anchor of a vault that was just made in the platform's keystore too. One that is opened gets its keystore before
    /// it is unlocked ([`LockedVault::with_keystore`]).
    ///
    /// # Errors
    /// [`UnlockError`]; the practice is as it was.
    pub fn keep_anchor_in(&mut self, keystore: Box<dyn Keystore>) -> Result<(), UnlockError> {
        self.core.set_keystore(Some(keystore));
        Ok(self.core.check_rollback_anchors()?)
    }
}
