//! Removals of which this device has not heard, when it can tell that there are some.
//!
//! What is written after a removal lies under the epoch that the removal opens. So a header under an epoch which nothing
//! here opened says that a removal is on its way, and that it stands, in its author's log, right before the first of them.
//! It is asked for first, and heard before anything that comes with it is taken in: else a device that was away would use
//! what the removed one wrote since, and by its cut so would all others.

use std::collections::BTreeSet;

use crate::id::{EpochId, Hash};
use crate::log::{Kind, SignedHeader};
use crate::store::Table;
use crate::vault::index::Work;
use crate::vault::{Vault, VaultError};

const UNHEARD: &[u8] = b"unheard";
/// How many are noted; there are as many as a practice has logs, for each removal.
const MOST: usize = 1_024;

impl Vault {
    /// Envelopes whose bodies are to be asked for before all others.
    pub fn wanted_first(&self) -> Result<BTreeSet<Hash>, VaultError> {
        Ok(self.unheard(&Work::default())?.into_iter().map(|(_, envelope)| envelope).collect())
    }

    /// Notes where these headers, which follow each other in one log, come under an epoch that nothing here opened.
    pub(crate) fn note_unheard(&self, work: &mut Work, run: &[SignedHeader]) -> Result<(), VaultError> {
        let unheard = self.unheard(work)?;
        let mut noted: BTreeSet<(EpochId, Hash)> = unheard.iter().copied().collect();
        let mut last = None;
        for header in run.iter().map(|signed| &signed.header) {
            if last.replace(header.epoch) != Some(header.epoch) && !self.roster.opened(&header.epoch) {
                noted.insert((header.epoch, header.prev));
            }
        }
        if noted.len() > unheard.len() && noted.len() <= MOST {
            put_unheard(work, &noted);
        }
        Ok(())
    }

    /// Takes the roster entries out of bodies that came together, when there are some to be heard of.
    pub(crate) fn hear_first(&mut self, work: &mut Work, bodies: &[(Hash, Vec<u8>)]) -> Result<(), VaultError> {
        if self.unheard(work)?.is_empty() {
            return Ok(());
        }
        for (envelope, body) in bodies {
            let Ok(header) = self.named(envelope, body)? else { continue };
            let Ok(items) = self.open_body(&header, body) else { continue };
            for item in items.iter().filter(|item| item.kind == Kind::Roster) {
                self.take_roster_entry(work, &item.content)?;
            }
        }
        Ok(())
    }

    /// Forgets what was heard of since.
    pub(crate) fn forget_heard(&self, work: &mut Work) -> Result<(), VaultError> {
        let unheard = self.unheard(work)?;
        let left: BTreeSet<_> = unheard.iter().filter(|(epoch, _)| !self.roster.opened(epoch)).copied().collect();
        if left.len() < unheard.len() {
            put_unheard(work, &left);
        }
        Ok(())
    }

    fn unheard(&self, work: &Work) -> Result<Vec<(EpochId, Hash)>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Pending, UNHEARD)?.unwrap_or_default();
        let noted = row.chunks_exact(EpochId::LEN + Hash::LEN).map(|noted| {
            let (epoch, envelope) = noted.split_first_chunk()?;
            Some((EpochId(*epoch), Hash(*envelope.first_chunk()?)))
        });
        noted.collect::<Option<_>>().ok_or(VaultError::Damaged)
    }
}

fn put_unheard(work: &mut Work, noted: &BTreeSet<(EpochId, Hash)>) {
    match noted.is_empty() {
        true => work.changes.remove(Table::Pending, UNHEARD),
        false => {
            let row = noted.iter().flat_map(|(epoch, envelope)| epoch.0.into_iter().chain(envelope.0));
            work.changes.put(Table::Pending, UNHEARD, row.collect());
        }
    }
}
