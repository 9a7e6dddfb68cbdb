//! What was typed since the last envelope: kept row by row, durable at once, until it leaves in one.

use std::collections::BTreeSet;

use crate::id::NoteId;
use crate::log::Kind;
use crate::rows::RowError;
use crate::rows::Strung;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{Core, Transaction};
use crate::vault::items::note::changes_payload;
use crate::vault::registry::{PendingChangesAt, PendingNotesAt};

/// Puts what was typed since the last envelope into one. `true` when there was something.
pub(crate) fn flush(core: &mut Core) -> Result<bool, RowError> {
    let pending = core.memory.pending.clone();
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    let mut stuck = BTreeSet::new();
    for id in &pending {
        let reader = core.read();
        let (entry, waiting) = match (reader.entry(id), reader.pending_chunks(id)) {
            (Ok(Some(entry)), Ok(waiting)) => (entry, waiting),
            // One row that cannot be read stays where it is, and keeps no other draft from leaving.
            (Ok(None) | Err(RowError::Damaged), _) | (_, Err(RowError::Damaged)) => {
                stuck.insert(*id);
                continue;
            }
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        for chunk in waiting {
            out.push(Kind::Changes, *id, entry.key, changes_payload(entry.kind, entry.client, &chunk));
        }
        tx.remove(&PendingChangesAt(*id));
    }
    if stuck.len() == pending.len() {
        return Ok(false);
    }
    put_pending(&mut tx, stuck.clone());
    commit(core, tx, out)?;
    for id in pending.difference(&stuck) {
        if let Some(draft) = core.caches.drafts.get_mut().get_mut(id) {
            draft.sent = draft.document.heads();
        }
    }
    Ok(true)
}

/// Keeps the chunks of a draft until the next envelope; durable with the transaction.
pub(crate) fn keep_pending(core: &Core, tx: &mut Transaction, id: NoteId, chunks: Vec<Vec<u8>>) {
    tx.put(&PendingChangesAt(id), &Strung(chunks));
    let mut pending = core.at(tx).pending().clone();
    pending.insert(id);
    put_pending(tx, pending);
}

fn put_pending(tx: &mut Transaction, pending: BTreeSet<NoteId>) {
    tx.put(&PendingNotesAt(), &pending);
    tx.next.pending = Some(pending);
}
