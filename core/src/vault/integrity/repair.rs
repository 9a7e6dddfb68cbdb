//! Repair: what damage took is made again from what is left, and what cannot be made is asked for.
//!
//! Everything but the envelopes is derived. Headers are made again from their bodies and the chain around them; the
//! index, the lists and the timelines from the envelopes; a body or a piece of a file that is lost is listed as lacking, so
//! that the next device that is met is asked for it, and a backup can give it ([`BackupFile::merge_into`]). Names are
//! hashes: whoever gives something back can give nothing else.
//!
//! [`BackupFile::merge_into`]: crate::vault::BackupFile::merge_into
//!
//! A file with damaged blocks is never written on: its readable rows go into a new one first ([`IntegrityMut::renew`]).

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{Hash, LogId};
use crate::log::{DocType, NO_KEY};
use crate::rows::RowError;
use crate::store::{Copied, Store, StoreError, Table, copy_readable};
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{Transaction, slots_for_copy};
use crate::vault::integrity::rebuild_vital::{rebuild_keys, rebuild_roster};
use crate::vault::integrity::repair_headers::{Branches, repair_headers};
use crate::vault::items::home::DocumentOrigin;
use crate::vault::project::{index_draft, put_in_quarantine, put_prunable, take_items};
use crate::vault::registry::{BodyAt, MissingBodiesAt, PendingChangesAt};
use crate::vault::subject::{DevicesMut, FilesMut, Integrity, IntegrityMut};

/// Bytes of bodies after which what was counted again is written.
const PORTION: usize = 4 << 20;

/// What a repair did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Headers that were made again.
    pub headers: u64,
    /// Headers that only another device or a backup can give back.
    pub headers_lacking: u64,
    /// Bodies that only another device or a backup can give back.
    pub bodies_lacking: u64,
    /// Pieces of attached files that only another device or a backup can give back.
    pub pieces_lacking: u64,
    /// Documents whose place in the index, the lists or the timelines was made again.
    pub documents: u64,
}

impl Integrity<'_> {
    /// Whether what the practice is opened with, or who belongs to it, is not what was written last, so that nothing leaves
    /// this device until [`IntegrityMut::repair`].
    pub fn is_vital_changed(&self) -> bool {
        self.core.require_vital().is_err()
    }

    /// Whether every block of the file can be read, so that it can be repaired where it lies.
    pub fn is_readable(&self) -> Result<bool, RowError> {
        for &table in Table::ALL {
            if !self.core.rows.is_readable(table)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl IntegrityMut<'_> {
    /// Copies every row that can be read into an empty store, and goes on there: what a file with damaged blocks needs
    /// before anything can be repaired. `put_in_place` makes the new store the one that is opened next time; when that fails
    /// everything is as it was.
    ///
    /// # Errors
    /// [`RowError::Damaged`] when the passphrase slot itself is lost: this vault must then stay as it is.
    pub fn renew(
        &mut self,
        mut fresh: Box<dyn Store>,
        put_in_place: &dyn Fn() -> Result<(), StoreError>,
    ) -> Result<Copied, RowError> {
        let copied = copy_readable(self.core.rows.store(), &mut *fresh)?;
        let keys = self.core.boxes.seal(&self.core.local, &mut *self.core.entropy());
        let (before, _) = self.core.rows.vital_in(&*fresh)?;
        fresh.commit(slots_for_copy(&*fresh, keys)?)?;
        let (after, _) = self.core.rows.vital_in(&*fresh)?;
        put_in_place()?;
        drop(self.core.rows.replace_store(fresh));
        // What the copy lacks, or had otherwise before, is missed in the sum all the same.
        self.core.memory.state.vital.add(&Hash(after.0));
        self.core.memory.state.vital.subtract(&Hash(before.0));
        let mut tx = Transaction::default();
        self.core.put_boot_rows(&mut tx);
        self.core.accept_rows(tx)?;
        if !self.core.rows.is_vital_whole(&self.core.memory.state)? {
            self.core.note_vital_changed();
        }
        Ok(copied)
    }

    /// Makes again what can be made from what is here, and lists what is lacking. `progress` is told how many of how many
    /// envelopes are done.
    ///
    /// # Errors
    /// [`RowError::Damaged`] when the file has damaged blocks: [`Self::renew`] comes first. Nothing was changed.
    pub fn repair(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<Repaired, RowError> {
        if !self.reads().is_readable()? {
            return Err(RowError::Damaged);
        }
        self.forget_checking()?;
        self.core.rows.drop_unopened(Table::Index)?;
        self.drop_lists()?;
        let mut repaired = Repaired::default();
        let branches = repair_headers(self.core, &mut repaired)?;
        let is_vital_changed = self.core.require_vital().is_err();
        if is_vital_changed {
            // First of all: what of the logs is used, it says.
            rebuild_roster(self.core, &branches)?;
        }
        self.repair_bodies(&branches)?;
        self.repair_index(&branches, &mut repaired, progress)?;
        repaired.bodies_lacking = self.core.read().ledger().count_missing()?;
        repaired.documents += self.repair_drafts()?;
        repaired.documents += self.rebuild_missing_lists()?;
        repaired.pieces_lacking = FilesMut { core: &mut *self.core }.repair_pieces()?;
        if is_vital_changed {
            rebuild_keys(self.core, &branches)?;
            DevicesMut { core: &mut *self.core }.follow_kit()?;
        }
        Ok(repaired)
    }

    fn repair_bodies(&mut self, branches: &Branches) -> Result<(), RowError> {
        let mut tx = Transaction::default();
        let mut missing: BTreeMap<LogId, BTreeSet<(u64, Hash)>> = BTreeMap::new();
        // A salvage may have brought it back.
        let mut due = BTreeSet::new();
        for ((log, seq), names) in &branches.order {
            for name in names {
                let body = self.core.at(&tx).ledger().envelope_body(name)?;
                let named = |body: &Vec<u8>| branches.headers.get(name).is_none_or(|it| it.header.names(body));
                let gone = matches!(self.core.at(&tx).ledger().is_pruned(name), Ok(true));
                if body.is_some() && gone {
                    due.insert(*name);
                }
                if body.as_ref().is_some_and(named) || gone {
                    continue;
                }
                if body.is_some() {
                    tx.remove(&BodyAt(*name));
                }
                missing.entry(*log).or_default().insert((*seq, *name));
            }
        }
        for log in self.core.memory.state.logs.keys().copied().collect::<Vec<_>>() {
            tx.put_list(&MissingBodiesAt(log), &missing.remove(&log).unwrap_or_default());
        }
        put_prunable(&mut tx, &due);
        self.core.write(tx)?;
        *self.core.caches.body.get_mut() = None;
        Ok(())
    }

    /// Counts every item of every body again: what is counted already stays as it is, and is shown anew.
    fn repair_index(
        &mut self,
        branches: &Branches,
        repaired: &mut Repaired,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), RowError> {
        let of = u64::try_from(branches.headers.len()).unwrap_or(u64::MAX);
        let (mut tx, mut bytes) = (again(), 0);
        let names = branches.order.values().flatten();
        for (done, (name, signed)) in (0..).zip(names.filter_map(|name| branches.headers.get_key_value(name))) {
            progress(done, of);
            let Some(body) = self.core.at(&tx).ledger().envelope_body(name)? else { continue };
            let header = &signed.header;
            if !self.core.at(&tx).ledger().is_accepted(header)? {
                put_in_quarantine(self.core, &mut tx, name, header)?;
                continue;
            }
            match self.core.at(&tx).open_body(header, &body) {
                Ok(_) | Err(RowError::KeyNotHere) => take_items(self.core, &mut tx, name, header, &body)?,
                Err(_) => continue,
            }
            bytes += body.len();
            if bytes >= PORTION {
                bytes = 0;
                repaired.documents += self.write_counted(std::mem::replace(&mut tx, again()))?;
            }
        }
        repaired.documents += self.write_counted(tx)?;
        progress(of, of);
        Ok(())
    }

    fn write_counted(&mut self, tx: Transaction) -> Result<u64, RowError> {
        let counted = u64::try_from(tx.entries.len()).unwrap_or(u64::MAX);
        commit(self.core, tx, Outbox::everyday())?;
        Ok(counted)
    }

    /// A draft of which nothing has left in an envelope stands in the index alone: its place there is made again from what
    /// waits to leave, so that its words are reached.
    fn repair_drafts(&mut self) -> Result<u64, RowError> {
        let mut tx = Transaction::default();
        for id in &self.core.memory.pending {
            if self.core.at(&tx).entry(id)?.is_some() {
                continue;
            }
            // One whose row cannot be read is found by nothing.
            let waiting = self.core.read().list(&PendingChangesAt(*id)).unwrap_or_default();
            let Some(first) = waiting.into_items(*id).next() else { continue };
            let private = Ok(DocumentOrigin::unopened(DocType::ProcessNote));
            let origin = if first.key == NO_KEY { DocumentOrigin::of(&first.content) } else { private };
            if let Ok(origin) = origin {
                index_draft(self.core, &mut tx, *id, &origin)?;
                tx.todo.documents.insert(*id);
            }
        }
        let found = u64::try_from(tx.entries.len()).unwrap_or(u64::MAX);
        commit(self.core, tx, Outbox::everyday())?;
        Ok(found)
    }
}

/// A transaction that takes in once more what is here.
fn again() -> Transaction {
    Transaction { reoffered: true, is_repeated: true, ..Transaction::default() }
}
