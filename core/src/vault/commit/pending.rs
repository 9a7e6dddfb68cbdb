//! What was typed since the last envelope: kept row by row, durable at once, until it leaves in one.

use std::collections::BTreeSet;

use crate::id::NoteId;
use crate::log::Kind;
use crate::rows::RowError;
use crate::rows::Strung;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{Core, Transaction};
use crate::vault::items::home::{DocumentOrigin, Home};
use crate::vault::registry::{PendingChangesAt, PendingNotesAt};

/// Puts what was typed since the last envelope into one. `true` when there was something.
pub(crate) fn flush(core: &mut Core) -> Result<bool, RowError> {
    let pending = core.memory.pending.clone();
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    let mut stuck = BTreeSet::new();
    for id in &pending {
        let reader = core.read();
        let (entry, waiting) = match (reader.entry(id), reader.list(&PendingChangesAt(*id))) {
            (Ok(Some(entry)), Ok(waiting)) => (entry, waiting.0),
            // One row that cannot be read stays where it is, and keeps no other draft from leaving.
            (Ok(None) | Err(RowError::Damaged), _) | (_, Err(RowError::Damaged)) => {
                stuck.insert(*id);
                continue;
            }
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        for payload in waiting {
            out.push(Kind::Changes, *id, Home::of_record(&entry).under(), payload);
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

/// Keeps the chunks of a draft until the next envelope, as the payloads that they will be; durable with the transaction.
pub(crate) fn keep_pending(core: &Core, tx: &mut Transaction, origin: &DocumentOrigin, chunks: &[Vec<u8>]) {
    let id = origin.id();
    tx.put(&PendingChangesAt(id), &Strung(chunks.iter().map(|chunk| origin.with(chunk)).collect()));
    let mut pending = core.at(tx).pending().clone();
    pending.insert(id);
    put_pending(tx, pending);
}

fn put_pending(tx: &mut Transaction, pending: BTreeSet<NoteId>) {
    tx.put_list(&PendingNotesAt(), &pending);
    tx.next.pending = Some(pending);
}
