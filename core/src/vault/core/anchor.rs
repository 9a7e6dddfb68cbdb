//! Anchors: how far the vault has come, kept where an older copy of it can be told by them.
//!
//! There are up to two, the file beside the practice and the platform's keystore; whichever of them has seen the practice further
//! than it is now, is right. Neither is needed: what cannot be asked says nothing.

use crate::id::DeviceId;
use crate::rows::RowError;
use crate::store::anchor::Anchor;
use crate::store::{KeptAnchor, Keystore, StoreError, is_credible};
use crate::vault::Notice;
use crate::vault::core::{Core, Transaction, start_new_logs};
use crate::{kdf, labels};

/// Under which name a keystore keeps the anchor of a device's vault. It tells nobody which.
pub(crate) fn name_in_keystore(device: &DeviceId) -> String {
    kdf::hash(labels::ANCHOR_NAME, &[&device.0]).to_string()
}

impl Core {
    pub(crate) fn set_keystore(&mut self, keystore: Option<Box<dyn Keystore>>) {
        let name = name_in_keystore(&self.device);
        self.kept_anchor = keystore.map(|keystore| KeptAnchor::new(keystore, name));
    }

    /// Compares the vault with its anchors: when one of them has seen it further, an older copy was put in its place.
    pub(crate) fn check_rollback_anchors(&mut self) -> Result<(), RowError> {
        let now = self.anchor();
        let beside = self.anchor_beside(now.counter);
        let kept = self.kept_anchor.as_ref().and_then(|kept| kept.read(now.counter));
        let further = |anchor: &Anchor| anchor.counter >= now.counter && *anchor != now;
        let anchors = beside.iter().copied().flatten().chain(kept);
        if let Some(newest) = anchors.filter(further).max_by_key(|anchor| anchor.counter) {
            self.memory.tell(Notice::RolledBack);
            if self.rows.is_read_only() {
                // Nothing is written from here, and the newer copy keeps its anchors.
                return Ok(());
            }
            // Counted on from the newest: no anchor is ever turned back, and the copy that this one took the place of is
            // an older one too when it comes back.
            self.memory.state.counter = newest.counter;
            self.go_on_in_new_logs()?;
        } else if beside.is_err() && !self.rows.is_read_only() {
            self.memory.tell(Notice::AnchorUnreadable);
            self.go_on_in_new_logs()?;
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

    /// Goes on in new logs, so that nothing written from here can collide with what another copy wrote.
    pub(crate) fn go_on_in_new_logs(&mut self) -> Result<(), RowError> {
        let mut tx = Transaction::default();
        start_new_logs(self, &mut tx)?;
        self.write(tx)
    }

    /// The anchor is a help, not a promise: that it could not be written must not cost a word of a note.
    pub(crate) fn write_anchor(&self) {
        if self.rows.is_read_only() {
            return;
        }
        let anchor = self.anchor();
        if let Some(path) = self.path.as_deref() {
            let _ = anchor.write(path);
        }
        if let Some(kept) = &self.kept_anchor {
            kept.keep(&anchor, false);
        }
    }

    /// What the keystore has not been told yet, it is told now.
    pub(crate) fn keep_anchor(&self) {
        if let Some(kept) = self.kept_anchor.as_ref().filter(|_| !self.rows.is_read_only()) {
            kept.keep(&self.anchor(), true);
        }
    }

    pub(crate) fn anchor(&self) -> Anchor {
        let digest = kdf::hash(labels::ANCHOR_DIGEST, &[&self.memory.state.to_bytes()]).0;
        Anchor { counter: self.memory.state.counter, digest }
    }
}
