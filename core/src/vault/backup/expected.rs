//! What a backup must turn out to hold.

use std::collections::BTreeSet;

use crate::backup::BackupError;
use crate::id::{DocId, Hash, KeyId};
use crate::kdf;
use crate::rows::RowError;
use crate::rows::Stored;
use crate::state::Sum;
use crate::store::Table;
use crate::vault::LogEnd;
use crate::vault::core::Core;
use crate::vault::items::place::Entry;

/// The practice at the moment when its backup was begun.
pub(crate) struct Expected {
    pub(crate) ends: Vec<LogEnd>,
    pub(crate) documents: Sum,
    pub(crate) keys: BTreeSet<KeyId>,
    pub(crate) clients: u64,
    pub(crate) notes: u64,
    pub(crate) recovery: Vec<u8>,
    /// Hash of the archive up to its end.
    pub(crate) archive: Hash,
}

impl Expected {
    pub(crate) fn of(core: &Core) -> Result<Self, BackupError> {
        let (documents, keys) = indexed(core).map_err(|error| match error {
            RowError::Damaged => BackupError::PracticeDamaged,
            other => other.into(),
        })?;
        let (clients, notes) = count_listed(core);
        let (ends, archive) = (core.read().ledger().log_ends()?, Hash([0; 32]));
        Ok(Self { ends, documents, keys, clients, notes, recovery: Vec::new(), archive })
    }

    pub(crate) fn agrees_with(&self, trial: &Core) -> Result<bool, BackupError> {
        let ends = trial.read().ledger().log_ends()?;
        let here: Vec<LogEnd> = ends.into_iter().filter(|end| end.log != trial.memory.log).collect();
        let same_logs = here.len() == self.ends.len() && self.ends.iter().all(|end| here.contains(end));
        Ok(same_logs && indexed(trial)?.0 == self.documents)
    }
}

/// How many clients and notes the lists show.
pub(super) fn count_listed(core: &Core) -> (u64, u64) {
    let notes = core.memory.clients.values().map(|row| u64::from(row.notes)).sum();
    (u64::try_from(core.memory.clients.len()).unwrap_or(u64::MAX), notes)
}

/// A digest of what the index says, over documents in any order, and the keys that they name.
fn indexed(core: &Core) -> Result<(Sum, BTreeSet<KeyId>), RowError> {
    let (mut sum, mut keys, mut whole) = (Sum::default(), BTreeSet::new(), true);
    core.rows.scan(Table::Index, &mut |row| match row {
        None => whole = false,
        Some(row) => {
            let Ok(mut entry) = Entry::of_row(&row) else { return };
            // Other rows may have the form of a document without items.
            if entry.places.is_empty() {
                return;
            }
            entry.places.sort_unstable_by_key(|(place, _)| *place);
            keys.insert(entry.key);
            // Which of two devices' keys came first is an accident of arrival; whose a note is follows from its items.
            (entry.key, entry.client) = (KeyId([0; KeyId::LEN]), DocId([0; DocId::LEN]));
            sum.add(&kdf::sha256(&entry.to_row()));
        }
    })?;
    if whole { Ok((sum, keys)) } else { Err(RowError::Damaged) }
}
