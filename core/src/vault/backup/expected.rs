//! What a backup must turn out to hold.

use crate::backup::BackupError;
use crate::id::Hash;
use crate::kdf;
use crate::rows::RowError;
use crate::state::Sum;
use crate::store::Table;
use crate::vault::LogEnd;
use crate::vault::core::Core;
use crate::vault::registry::DocumentAt;

/// The practice at the moment when its backup was begun.
pub(crate) struct Expected {
    pub(crate) ends: Vec<LogEnd>,
    pub(crate) documents: Sum,
    pub(crate) clients: u64,
    pub(crate) notes: u64,
    pub(crate) recovery: Vec<u8>,
    /// Hash of the archive up to its end.
    pub(crate) archive: Hash,
}

impl Expected {
    pub(crate) fn of(core: &Core) -> Result<Self, BackupError> {
        let documents = indexed(core).map_err(|error| match error {
            RowError::Damaged => BackupError::PracticeDamaged,
            other => other.into(),
        })?;
        let (clients, notes) = count_listed(core);
        let (ends, archive) = (core.read().ledger().log_ends()?, Hash([0; 32]));
        Ok(Self { ends, documents, clients, notes, recovery: Vec::new(), archive })
    }

    pub(crate) fn agrees_with(&self, trial: &Core) -> Result<bool, BackupError> {
        let ends = trial.read().ledger().log_ends()?;
        let here: Vec<LogEnd> = ends.into_iter().filter(|end| !trial.memory.logs.contains(&end.log)).collect();
        let same_logs = here.len() == self.ends.len() && self.ends.iter().all(|end| here.contains(end));
        Ok(same_logs && indexed(trial)? == self.documents)
    }
}

/// How many clients and notes the lists show.
pub(super) fn count_listed(core: &Core) -> (u64, u64) {
    let notes = core.memory.clients.values().map(|row| u64::from(row.notes)).sum();
    (u64::try_from(core.memory.clients.len()).unwrap_or(u64::MAX), notes)
}

/// A digest of what the index says, over documents in any order.
fn indexed(core: &Core) -> Result<Sum, RowError> {
    let (mut sum, mut whole) = (Sum::default(), true);
    core.rows.scan(Table::Index, &mut |row| match row {
        None => whole = false,
        Some((name, row)) => {
            if DocumentAt::id_in(name).is_some() {
                sum.add(&kdf::sha256(row));
            }
        }
    })?;
    if whole { Ok(sum) } else { Err(RowError::Damaged) }
}
