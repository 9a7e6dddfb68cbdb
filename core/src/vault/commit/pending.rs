//! What was typed since the last envelope: kept row by row, durable at once, until it leaves in one.
//!
//! The row of a private note holds the very items that will leave, sealed under the key of private notes: they leave while nobody
//! may open them too, and the local key shows no more of them than that they wait.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::id::NoteId;
use crate::keyring::Compartment;
use crate::log::{Item, Kind};
use crate::rows::RowError;
use crate::vault::commit::keys::key_for;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{Core, Transaction};
use crate::vault::items::home::Home;
use crate::vault::items::note::PendingChanges;
use crate::vault::registry::{PendingChangesAt, PendingNotesAt};

/// Puts what was typed since the last envelope into one. `true` when there was something.
pub(crate) fn flush(core: &mut Core) -> Result<bool, RowError> {
    send(core, core.memory.pending.clone())
}

/// The same of the notes of the record alone: each envelope of a private note tells that one is being written.
pub(crate) fn flush_record(core: &mut Core) -> Result<bool, RowError> {
    let mut of_record = BTreeSet::new();
    for id in &core.memory.pending {
        if core.read().entry(id)?.is_some_and(|entry| !entry.is_private()) {
            of_record.insert(*id);
        }
    }
    send(core, of_record)
}

fn send(core: &mut Core, notes: BTreeSet<NoteId>) -> Result<bool, RowError> {
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    let mut sent = BTreeSet::new();
    for id in notes {
        match put_out(core, &mut out, &id) {
            Ok(()) => drop(sent.insert(id)),
            // One row that cannot be read stays where it is, and keeps no other draft from leaving.
            Err(RowError::Damaged) => continue,
            Err(error) => return Err(error),
        }
        tx.remove(&PendingChangesAt(id));
    }
    if sent.is_empty() {
        return Ok(false);
    }
    put_pending(&mut tx, core.memory.pending.difference(&sent).copied().collect());
    commit(core, tx, out)?;
    for id in &sent {
        if let Some(draft) = core.caches.drafts.get_mut().get_mut(id) {
            draft.sent = draft.document.heads();
        }
    }
    Ok(true)
}

/// What waits of one note. What was sealed goes as it was sealed, under the key of its time: its body lies under the epoch in force.
fn put_out(core: &Core, out: &mut Outbox, id: &NoteId) -> Result<(), RowError> {
    let entry = core.read().entry(id)?.ok_or(RowError::Damaged)?;
    let waiting = core.read().list(&PendingChangesAt(*id))?;
    if entry.is_private() {
        out.sealed.extend(waiting.into_items(*id));
        return Ok(());
    }
    let under = Home::of_record(&entry).under();
    waiting.into_items(*id).for_each(|item| out.push(Kind::Changes, *id, under, item.content));
    Ok(())
}

/// Keeps the chunks of a draft until the next envelope, as the items that they will be; durable with the transaction. Those of a
/// private note ask for the passphrase again.
pub(crate) fn keep_pending(
    core: &Core,
    tx: &mut Transaction,
    out: &mut Outbox,
    home: &Home,
    chunks: &[Vec<u8>],
) -> Result<(), RowError> {
    let id = home.origin.id();
    let payloads = chunks.iter().map(|chunk| Zeroizing::new(home.origin.with(chunk)));
    let waiting = waiting_items(core, tx, out, home, payloads)?;
    tx.put(&PendingChangesAt(id), &waiting);
    let mut pending = core.at(tx).pending().clone();
    pending.insert(id);
    put_pending(tx, pending);
    Ok(())
}

/// Payloads of a draft as the items that a row of it holds. Those of a private note ask for the passphrase again.
pub(crate) fn waiting_items(
    core: &Core,
    tx: &mut Transaction,
    out: &mut Outbox,
    home: &Home,
    payloads: impl Iterator<Item = Zeroizing<Vec<u8>>>,
) -> Result<PendingChanges, RowError> {
    let id = home.origin.id();
    let waiting = if home.compartment == Compartment::Process {
        let key = key_for(core, tx, out, home.client, home.compartment)?;
        let (_, secret) = core.at(tx).compartment_key(&key)?;
        let seal = |payload: Zeroizing<Vec<u8>>| {
            Item::seal(Kind::Changes, id, (key, &secret), core.device, &payload, &mut *core.entropy())
        };
        payloads.map(seal).collect::<Result<Vec<_>, _>>().map_err(|_| RowError::TooLarge)?
    } else {
        payloads.map(|mut payload| Item::bare(Kind::Changes, id, std::mem::take(&mut *payload))).collect()
    };
    Ok(PendingChanges::of(waiting))
}

fn put_pending(tx: &mut Transaction, pending: BTreeSet<NoteId>) {
    tx.put_list(&PendingNotesAt(), &pending);
    tx.next.pending = Some(pending);
}
