//! A second place for the anchor: the platform's keystore, which does not lie in the vault's folder.
//!
//! What it is worth: the vault and the file beside it are copied and put back together with their folder, the keystore is not.
//! It is asked only where it answers at once, so it is a help beside the file and never in its place.

use std::cell::Cell;

use super::anchor::Anchor;

/// A counter further ahead than this is no honest anchor's: nobody makes so many commits between two unlockings.
const LEAP: u64 = 1 << 32;
/// Commits that an anchor in a keystore may lie behind. A desktop writes its keystore anew each time, so not each save
/// goes there.
const BEHIND: u64 = 64;

/// Keeps a few bytes under a name, apart from the folder that the vault lies in.
pub trait Keystore: Send {
    /// What is kept under a name. It must answer soon and never wait for a person.
    ///
    /// # Errors
    /// [`Silent`]: it cannot be said now what is kept there.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Silent>;

    /// Keeps these bytes in place of what is there. They may come later, in the order of the calls, or get lost.
    fn keep(&self, name: &str, bytes: Vec<u8>);
}

/// A keystore that is absent, locked or slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silent;

/// One vault's anchor in a keystore.
pub struct KeptAnchor {
    keystore: Box<dyn Keystore>,
    name: String,
    /// The counter that is kept there; `None` until the keystore has said. What nobody has looked at is never written
    /// over: it may be what tells that this vault is an older copy.
    kept: Cell<Option<u64>>,
}

impl KeptAnchor {
    /// Kept in this keystore under this name; nobody has looked there yet.
    pub fn new(keystore: Box<dyn Keystore>, name: String) -> Self {
        Self { keystore, name, kept: Cell::new(None) }
    }

    /// Gives the keystore back.
    pub fn into_keystore(self) -> Box<dyn Keystore> {
        self.keystore
    }

    /// The anchor that is kept there, to a vault that has come so far. Rubbish is none, and is written over.
    pub fn read(&self, counter: u64) -> Option<Anchor> {
        let bytes = self.keystore.read(&self.name).ok()?;
        let anchor = bytes.and_then(|bytes| Anchor::parse(&bytes)).filter(|anchor| is_credible(anchor, counter));
        self.kept.set(Some(anchor.map_or(0, |anchor| anchor.counter)));
        anchor
    }

    /// Keeps an anchor, if it is newer: at once, or when it is due.
    pub fn keep(&self, anchor: &Anchor, at_once: bool) {
        let Some(kept) = self.kept.get() else { return };
        if anchor.counter.saturating_sub(kept) >= if at_once { 1 } else { BEHIND } {
            self.keystore.keep(&self.name, anchor.to_bytes());
            self.kept.set(Some(anchor.counter));
        }
    }
}

/// Whether a vault may have come from here to there.
pub fn is_credible(anchor: &Anchor, counter: u64) -> bool {
    anchor.counter.saturating_sub(counter) < LEAP
}
