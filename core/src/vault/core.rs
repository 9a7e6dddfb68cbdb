//! The core of an unlocked vault: what it reads with, what it knows in memory, and how both change.
//!
//! The core decides nothing. Rows and memory are read through a [`Reader`]; everything that is to change is collected in
//! a [`Transaction`], which [`Core::write`] writes in one piece and [`Memory`] takes over after that: memory never says
//! more than the disk, and there is nothing to put back when a write fails.

pub(crate) mod anchor;
mod boot;
mod key_boxes;
mod memory;
mod own_logs;
mod reader;
mod reauth;
mod slots;
mod transaction;
mod vital;

use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::document::Actor;
use crate::entropy::Entropy;
use crate::id::{DeviceId, DocId, Hash, NoteId};
use crate::kdf::Policy;
use crate::rows::RowError;
use crate::rows::Rows;
use crate::secret::{Key, LocalRole, PracticeRole};
use crate::sign::Signer;
use crate::state::State;
use crate::store::{KeptAnchor, Table};
use crate::vault::registry::SettingAt;

pub(crate) use boot::BootRows;
pub(crate) use key_boxes::{KeyBox, ReauthBox};
pub(crate) use memory::{Caches, Draft, DraftAttempt, Memory, Touched};
pub(crate) use own_logs::{OwnLog, OwnLogs, new_log, start_log, start_new_logs};
pub(crate) use reader::{LaidOut, Reader, is_laid_out};
pub use reauth::REAUTH_FOR;
pub(crate) use reauth::Reauth;
pub(crate) use slots::{MadeSlots, PassphraseError, Slots, read_slot, slot, slots_for_copy};
pub(crate) use transaction::{ChangedClients, NextMemory, Transaction};

/// An unlocked vault, without what can be done with one.
pub(crate) struct Core {
    pub(crate) rows: Rows,
    entropy: RefCell<Box<dyn Entropy>>,
    pub(crate) path: Option<PathBuf>,
    pub(crate) kept_anchor: Option<KeptAnchor>,
    pub(crate) policy: Policy,
    pub(crate) local: Key<LocalRole>,
    pub(crate) boxes: KeyBox,
    pub(crate) device: DeviceId,
    pub(crate) signer: Signer,
    pub(crate) practice: Key<PracticeRole>,
    pub(crate) reauth: Option<Reauth>,
    pub(crate) memory: Memory,
    pub(crate) caches: Caches,
    /// Files that are being attached, with the pieces that are kept so far.
    pub(crate) attaching: BTreeMap<DocId, Vec<Hash>>,
    /// A piece that arrived found no room: none is asked for until the next unlocking.
    pub(crate) no_room: bool,
    /// Changes nothing: what is read through it is as it lies on the disk.
    unchanged: Transaction,
}

impl Core {
    /// What lies on the disk.
    pub(crate) fn read(&self) -> Reader<'_> {
        self.at(&self.unchanged)
    }

    /// What lies on the disk as a transaction would leave it.
    pub(crate) fn at<'a>(&'a self, tx: &'a Transaction) -> Reader<'a> {
        Reader { core: self, tx }
    }

    /// The source of randomness, lent for one draw.
    pub(crate) fn entropy(&self) -> RefMut<'_, dyn Entropy> {
        RefMut::map(self.entropy.borrow_mut(), |entropy| &mut **entropy)
    }

    /// A name under which this device writes in a document from now on.
    pub(crate) fn fresh_actor(&self) -> Actor {
        Actor::fresh(self.device, &mut *self.entropy())
    }

    /// Draws from another source of randomness from here on.
    #[cfg(test)]
    pub(crate) fn draw_from(&mut self, entropy: Box<dyn Entropy>) {
        self.entropy = RefCell::new(entropy);
    }

    /// Writes a transaction in one piece, then has memory take it over. When the write fails nothing has changed.
    pub(crate) fn write(&mut self, tx: Transaction) -> Result<(), RowError> {
        self.write_after(self.memory.state.clone(), tx)
    }

    /// The same, with the rows that are not vital counting as they lie on the disk: for what has put damage right.
    pub(crate) fn accept_rows(&mut self, tx: Transaction) -> Result<(), RowError> {
        let state = State { other: self.rows.other()?.0, ..self.memory.state.clone() };
        self.write_after(state, tx)
    }

    fn write_after(&mut self, mut state: State, tx: Transaction) -> Result<(), RowError> {
        let Transaction { changes, batch, mut next, is_quiet, .. } = tx;
        let keys_came = changes.has_any(Table::Keys);
        state.logs.append(&mut next.tips);
        state.logs.retain(|_, tips| !tips.is_empty());
        self.rows.commit_with(&mut state, changes, batch, &mut **self.entropy.get_mut())?;
        self.caches.drafts.get_mut().append(&mut next.drafts);
        self.caches.forget_changed(&next, keys_came);
        // A body may have gone.
        self.caches.laid_out.get_mut().clear();
        self.memory.take_over(state, next);
        if !is_quiet {
            self.write_anchor();
        }
        Ok(())
    }

    /// Keeps something of this device under a name; durable when it returns.
    pub(crate) fn keep_setting(&mut self, name: &str, value: &[u8]) -> Result<(), RowError> {
        let mut tx = Transaction::quiet();
        tx.put(&SettingAt(name), &value.to_vec());
        self.write(tx)
    }

    /// Gives room back where much of the practice's file is free.
    pub(crate) fn compact(&mut self) -> Result<(), RowError> {
        let Some(path) = self.path.clone() else { return Ok(()) };
        Ok(self.rows.store().compact(&path)?)
    }

    /// A draft that lies open, to be changed: whoever takes it gives it to their transaction, and when that is dropped the draft
    /// is read again.
    pub(crate) fn take_draft(&self, tx: &mut Transaction, id: &NoteId) -> Option<Draft> {
        tx.next.drafts.remove(id).or_else(|| self.caches.drafts.borrow_mut().remove(id))
    }

    /// Lets a draft that lies open go: all of it is on the disk.
    pub(crate) fn drop_draft(&self, id: &NoteId) {
        self.caches.drafts.borrow_mut().remove(id);
    }
}
