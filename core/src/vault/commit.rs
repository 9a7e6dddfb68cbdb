//! Commit: how a transaction and what it sends out become true.
//!
//! What this device has to say goes into envelopes at the end of its log and is taken in like what comes from any other device.
//! Then everything that follows is done until nothing more follows: waiting items are opened, cuts are said, keys are published, rows
//! are made anew. Last, [`Core::write`] writes all of it in one piece.

mod cuts;
mod draft_pruning;
mod envelopes;
mod keys;
mod log_retirement;
mod outbox;
mod pending;

use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::project::{follow_roster, refresh, settle, tell_quarantine};

pub(crate) use cuts::{cut_item, owed_branches};
pub(crate) use draft_pruning::{forget_pruned, note_draft_to_prune, prune_bodies, prune_drafts};
pub(crate) use keys::{adopt_private_keys, key_for, private_keys, publish_owed_private_keys, say_lacking};
pub(crate) use log_retirement::retire_logs;
pub(crate) use outbox::Outbox;
pub(crate) use pending::{flush, flush_record, keep_pending, waiting_items};

/// Commits a transaction, with what it sends out. When that fails nothing has changed, on the disk or in memory.
pub(crate) fn commit(core: &mut Core, mut tx: Transaction, mut out: Outbox) -> Result<(), RowError> {
    keys::make_keys(core, &mut tx, &mut out)?;
    keys::publish_parts(core, &mut tx, &mut out)?;
    envelopes::write_envelopes(core, &mut tx, out)?;
    tx.todo.lacking |= tx.todo.roster || !tx.todo.keys.is_empty();
    if tx.todo.roster {
        let branches = owed_branches(core, &tx)?;
        envelopes::write_envelopes(core, &mut tx, branches)?;
    }
    while std::mem::take(&mut tx.todo.roster) {
        follow_roster(core, &mut tx)?;
        let cuts = cuts::owed_cuts(core, &tx)?;
        envelopes::write_envelopes(core, &mut tx, cuts)?;
    }
    tell_quarantine(core, &mut tx)?;
    settle(core, &mut tx)?;
    if std::mem::take(&mut tx.todo.admitted) {
        let mut out = Outbox::everyday();
        keys::publish_everything(core, &mut tx, &mut out)?;
        keys::publish_or_owe_private_keys(core, &mut tx, &mut out)?;
        keys::publish_parts(core, &mut tx, &mut out)?;
        envelopes::write_envelopes(core, &mut tx, out)?;
    }
    if std::mem::take(&mut tx.todo.lacking) {
        let answer = keys::answer_lacking(core, &mut tx)?;
        envelopes::write_envelopes(core, &mut tx, answer)?;
    }
    refresh(core, &mut tx)?;
    core.write(tx)
}
