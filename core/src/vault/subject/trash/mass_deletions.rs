//! Many deletions at once by another device are held: stored, not applied, and asked about.
//!
//! *At once* means: more than [`MOST_AT_ONCE`](crate::vault::MOST_AT_ONCE) within [`AT_ONCE`](crate::vault::AT_ONCE), by this device's clock when they arrive, or by what they say of their
//! own time. What goes along with its client counts as one. A device that comes to the practice takes what the others had
//! settled (format §3). Each device asks for itself: *yes* applies them here, *no* takes them back everywhere.

use std::collections::BTreeMap;

use crate::id::{DeviceId, DocId};
use crate::log::DocType;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::project::answer;
use crate::vault::subject::{Trash, TrashMut};

/// Deletions of one device that wait for an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct MassDeletions {
    /// The device that deleted.
    pub device: DeviceId,
    /// What it is called.
    pub device_name: String,
    /// When the first of them was made, by its clock, where that is known.
    pub since: Option<Millis>,
    /// Clients to be deleted.
    pub clients: usize,
    /// Notes to be deleted, private ones included.
    pub notes: usize,
    /// Other documents to be deleted.
    pub others: usize,
    /// All of them.
    pub documents: Vec<DocId>,
}

impl std::fmt::Debug for MassDeletions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MassDeletions")
    }
}

impl Trash<'_> {
    /// Deletions that are held, by the device that made them.
    pub fn mass_deletions(&self) -> Vec<MassDeletions> {
        let mut rows: BTreeMap<DeviceId, MassDeletions> = BTreeMap::new();
        let deletions = &self.core.memory.deletions;
        for one in deletions.counted.iter().filter(|one| deletions.holds(&one.place)) {
            let row = rows.entry(one.device).or_insert_with(|| MassDeletions {
                device: one.device,
                device_name: self.core.read().device_name(&one.device).unwrap_or_default(),
                since: None,
                clients: 0,
                notes: 0,
                others: 0,
                documents: Vec::new(),
            });
            let at = Some(one.at).filter(|at| *at > 0);
            row.since = [row.since, at].into_iter().flatten().min();
            match one.kind {
                DocType::Client => row.clients += 1,
                DocType::Note | DocType::ProcessNote => row.notes += 1,
                _ => row.others += 1,
            }
            row.documents.push(one.document);
        }
        rows.into_values().collect()
    }
}

impl TrashMut<'_> {
    /// *Yes*: what that device deleted is deleted here too, and lies in the trash.
    pub fn confirm_mass_deletions(&mut self, device: &DeviceId) -> Result<usize, RowError> {
        let mut tx = Transaction::default();
        let answered = answer(self.core, &mut tx, device);
        commit(self.core, tx, Outbox::everyday())?;
        Ok(answered.len())
    }

    /// *No*: what that device deleted stays, here and on every device. Private notes among it need the passphrase again.
    pub fn refuse_mass_deletions(&mut self, device: &DeviceId) -> Result<usize, RowError> {
        let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
        let answered = answer(self.core, &mut tx, device);
        for document in &answered {
            match self.reads().restore_item(&mut out, document) {
                // What cannot be opened is no document that could be restored, and keeps none of the others in the trash.
                Ok(()) | Err(RowError::KeyNotHere | RowError::Damaged) => {}
                Err(error) => return Err(error),
            }
        }
        commit(self.core, tx, out)?;
        Ok(answered.len())
    }
}
