//! What comes from a device that was removed (format §4, *cuts*): up to its cut it counts like any other; beyond, it is
//! stored sealed and not used until the therapist says *keep*.
//!
//! Of what is quarantined only roster entries are looked at: they prove themselves, and one of them may say that the device
//! was not removed after all. However much there is, so much of it is asked about at a time.

use crate::id::DeviceId;
use crate::roster::{CUTS_MAX, EntryKind};
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, cut_item};
use crate::vault::core::Transaction;
use crate::vault::project::put_waiting;
use crate::vault::subject::DeviceError;
use crate::vault::subject::DevicesMut;

impl DevicesMut<'_> {
    /// *Keep*: what arrived of a removed device until now, as far as it was asked about, is used here and on every device. Its
    /// signatures do not count.
    pub fn keep_quarantined(&mut self, device: &DeviceId, now: Millis) -> Result<(), DeviceError> {
        self.core.require_vital()?;
        if self.core.read().is_removed() {
            return Err(DeviceError::RemovedHere);
        }
        let card = self.core.memory.roster.removal_of(device).ok_or(DeviceError::NothingQuarantined)?.card.clone();
        let ledger = self.core.read().ledger();
        let cuts = ledger.ends_of(device, &ledger.undecided_of(device)?.asked)?;
        if cuts.is_empty() {
            return Err(DeviceError::NothingQuarantined);
        }
        let (tx, mut out) = (Transaction::default(), Outbox::everyday());
        for part in cuts.chunks(CUTS_MAX) {
            out.keyring.push(cut_item(self.core, &tx, EntryKind::Kept, now, &card, part));
        }
        Ok(commit(self.core, tx, out)?)
    }

    /// *Discard*: it stays sealed as it is, is used by nobody, and is not asked about again here.
    pub fn discard_quarantined(&mut self, device: &DeviceId) -> Result<(), DeviceError> {
        let mut tx = Transaction::default();
        let mut any = false;
        for log in self.core.at(&tx).ledger().logs_of(device) {
            let mut waiting = self.core.at(&tx).ledger().waiting(&log)?;
            if waiting.iter().any(|one| !one.discarded) {
                waiting.iter_mut().for_each(|one| one.discarded = true);
                put_waiting(&mut tx, &log, &waiting);
                any = true;
            }
        }
        if !any {
            return Err(DeviceError::NothingQuarantined);
        }
        Ok(commit(self.core, tx, Outbox::everyday())?)
    }
}
