//! An older copy of the whole practice, put in place of what was there: noticed when it is unlocked, by the anchors.
//!
//! There are up to two, the file beside the practice and the platform's keystore; whichever of them has seen the practice further
//! than it is now, is right. Neither is needed: what cannot be asked says nothing.

use crate::id::DeviceId;
use crate::kdf;
use crate::labels;
use crate::rows::Changes;
use crate::store::anchor::Anchor;
use crate::store::{KeptAnchor, Keystore, StoreError, Table, is_credible};
use crate::vault::create::new_log;
use crate::vault::{Notice, Vault, VaultError};

/// Under which name a keystore keeps the anchor of a device's vault. It tells nobody which.
pub(super) fn name_in_keystore(device: &DeviceId) -> String {
    kdf::hash(labels::ANCHOR_NAME, &[&device.0]).to_string()
}

impl Vault {
    /// Keeps the anchor of a vault that was just made in the platform's keystore too. One that is opened gets its keystore before
    /// it is unlocked ([`LockedVault::with_keystore`](super::LockedVault::with_keystore)).
    ///
    /// # Errors
    /// [`VaultError`]; the practice is as it was.
    pub fn keep_anchor_in(&mut self, keystore: Box<dyn Keystore>) -> Result<(), VaultError> {
        self.set_keystore(Some(keystore));
        self.look_at_anchors()
    }

    pub(super) fn set_keystore(&mut self, keystore: Option<Box<dyn Keystore>>) {
        let name = name_in_keystore(&self.device);
        self.kept_anchor = keystore.map(|keystore| KeptAnchor::new(keystore, name));
    }

    pub(super) fn look_at_anchors(&mut self) -> Result<(), VaultError> {
        let now = self.anchor();
        let beside = self.anchor_beside(now.counter);
        let kept = self.kept_anchor.as_ref().and_then(|kept| kept.read(now.counter));
        let further = |anchor: &Anchor| anchor.counter >= now.counter && *anchor != now;
        let anchors = beside.iter().copied().flatten().chain(kept);
        if let Some(newest) = anchors.filter(further).max_by_key(|anchor| anchor.counter) {
            self.notices.push(Notice::RolledBack);
            // Counted on from the newest: no anchor is ever turned back, and the copy that this one took the place of is
            // an older one too when it comes back.
            self.state.counter = newest.counter;
            self.new_incarnation()?;
        } else if beside.is_err() {
            self.notices.push(Notice::AnchorUnreadable);
            self.new_incarnation()?;
        }
        self.keep_anchor();
        Ok(())
    }

    fn anchor_beside(&self, counter: u64) -> Result<Option<Anchor>, StoreError> {
        match self.path.as_deref().map_or(Ok(None), Anchor::read)? {
            Some(anchor) if !is_credible(&anchor, counter) => Err(StoreError::AnchorDamaged),
            other => Ok(other),
        }
    }

    /// Goes on in a log of its own, so that nothing written from here can collide with what another copy wrote.
    pub(crate) fn new_incarnation(&mut self) -> Result<(), VaultError> {
        let log = new_log(self.device, &mut *self.rows.entropy);
        let mut changes = Changes::default();
        changes.put(Table::Misc, b"log", log.0.to_vec());
        self.rows.commit(&mut self.state, changes)?;
        self.log = log;
        self.write_anchor();
        Ok(())
    }

    /// The anchor is a help, not a promise: that it could not be written must not cost a word of a note.
    pub(crate) fn write_anchor(&self) {
        let anchor = self.anchor();
        if let Some(path) = self.path.as_deref() {
            let _ = anchor.write(path);
        }
        if let Some(kept) = &self.kept_anchor {
            kept.keep(&anchor, false);
        }
    }

    /// What the keystore has not been told yet, it is told now.
    pub(super) fn keep_anchor(&self) {
        if let Some(kept) = &self.kept_anchor {
            kept.keep(&self.anchor(), true);
        }
    }

    pub(super) fn anchor(&self) -> Anchor {
        let digest = kdf::hash(labels::ANCHOR_DIGEST, &[&self.state.to_bytes()]).0;
        Anchor { counter: self.state.counter, digest }
    }
}
