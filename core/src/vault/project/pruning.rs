//! Pruned drafts: what led to a signed note goes (format §3, *closed*).

use std::collections::BTreeSet;

use crate::id::{DeviceId, DocId, Hash, NoteId};
use crate::log::{Header, SignedHeader};
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::pruning::{PrunedDraft, closed_numbers, holds, joined};
use crate::vault::project::take_items;
use crate::vault::registry::{
    AsideBodiesAt, AsideBodyAt, BodyAt, LateChangesAt, LateDraftsAt, LayoutAt, LetGoAt, MissingBodiesAt,
    PrunableBodiesAt, PrunedBodyAt, PrunedDraftAt, PrunedRangesAt, RetiredLogAt,
};

/// Takes in that a device holds a draft to be over, and which bodies it lets go. That says something of that device alone: what
/// is offered here is taken all the same, and goes after a look of one's own.
pub(super) fn take_pruned(
    core: &Core,
    tx: &mut Transaction,
    from: DeviceId,
    id: DocId,
    payload: &[u8],
) -> Result<(), RowError> {
    let gone = closed_numbers(payload)?;
    if !core.at(tx).ledger().is_draft_pruned(&id)? {
        tx.put(&PrunedDraftAt(id), &PrunedDraft::default());
    }
    tx.todo.documents.insert(id);
    let mut due = core.at(tx).list(&PrunableBodiesAt())?;
    for (log, numbers) in gone {
        let row = LetGoAt(from, log);
        let before = core.at(tx).list(&row)?;
        // What was said before was looked at then.
        for seq in numbers.iter().flat_map(|(first, end)| *first..*end).filter(|seq| !holds(&before, *seq)) {
            for envelope in core.at(tx).envelopes_at(&log, seq)? {
                if core.at(tx).has(&BodyAt(envelope))? {
                    due.insert(envelope);
                }
            }
        }
        tx.put(&row, &joined([before, numbers].concat()));
    }
    put_prunable(tx, &due);
    Ok(())
}

/// Notes in the order of its log that this device let the body of an envelope go, and wants it no more. A lost header is made
/// again from its body; from now on the row stands in for that.
pub(crate) fn note_pruned(core: &Core, tx: &mut Transaction, signed: &SignedHeader) -> Result<(), RowError> {
    let (header, log, envelope) = (&signed.header, &signed.header.log, signed.header.hash());
    tx.put(&PrunedBodyAt(envelope), &signed.to_bytes());
    let ledger = core.at(tx).ledger();
    let mut ranges = ledger.pruned_ranges(log)?;
    forget_missing(core, tx, header)?;
    ranges.push((header.seq, header.seq.saturating_add(1)));
    tx.put_list(&PrunedRangesAt(*log), &joined(ranges));
    Ok(())
}

/// Takes a body from its place and keeps it aside, to be listed with all others that go.
pub(crate) fn put_body_aside(core: &Core, tx: &mut Transaction, envelope: &Hash) -> Result<(), RowError> {
    let body = core.at(tx).get(&BodyAt(*envelope))?.ok_or(RowError::Damaged)?;
    tx.put(&AsideBodyAt(*envelope), &body);
    tx.remove(&BodyAt(*envelope));
    tx.remove(&LayoutAt(*envelope));
    Ok(())
}

/// Lists bodies that are kept aside from now on.
pub(crate) fn list_bodies_aside(core: &Core, tx: &mut Transaction, envelopes: &[Hash]) -> Result<(), RowError> {
    let mut aside = core.at(tx).list(&AsideBodiesAt())?;
    aside.extend(envelopes.iter().map(|envelope| (*envelope, (0, 0))));
    aside.sort_unstable();
    tx.put_list(&AsideBodiesAt(), &aside);
    Ok(())
}

/// Notes that changes came to a draft of which something went: they may build on that.
pub(super) fn note_late_changes(
    core: &Core,
    tx: &mut Transaction,
    id: &NoteId,
    envelope: &Hash,
) -> Result<(), RowError> {
    let gone = core.at(tx).list(&PrunedDraftAt(*id))?.covered;
    // Once some were late, all that come after them are: what went may not be back yet.
    let is_late = !gone.is_empty() || core.at(tx).has(&LateChangesAt(*id))?;
    // What went, and comes back with another draft of the same envelope, is late for nobody.
    if !is_late || gone.contains(envelope) {
        return Ok(());
    }
    let mut changes = core.at(tx).list(&LateChangesAt(*id))?;
    changes.insert(*envelope);
    tx.put(&LateChangesAt(*id), &changes);
    let mut late = core.at(tx).list(&LateDraftsAt())?;
    if late.insert(*id) {
        tx.put_list(&LateDraftsAt(), &late);
    }
    Ok(())
}

/// Takes back all that went of a draft: what is kept aside now, and the rest when somebody offers it. It goes again when a
/// closing names it that knows of what came.
pub(crate) fn take_draft_back(core: &Core, tx: &mut Transaction, id: &NoteId) -> Result<(), RowError> {
    let PrunedDraft { covered, logs } = core.at(tx).list(&PrunedDraftAt(*id))?;
    tx.put(&PrunedDraftAt(*id), &PrunedDraft::default());
    tx.todo.documents.insert(*id);
    // A log of which nothing was left is one that this device does not know, until somebody has it.
    logs.iter().for_each(|log| tx.remove(&RetiredLogAt(*log)));
    let mut back = BTreeSet::new();
    for envelope in covered {
        // One whose header is lost comes back when that does: it keeps none of the others away.
        let header = match core.at(tx).header(&envelope) {
            Err(RowError::Damaged) => continue,
            header => header?.header,
        };
        if !core.at(tx).ledger().is_pruned(&envelope)? {
            continue;
        }
        want_again(core, tx, &header)?;
        let Some(body) = core.at(tx).get(&AsideBodyAt(envelope))? else { continue };
        forget_missing(core, tx, &header)?;
        tx.put(&BodyAt(envelope), &body);
        tx.remove(&AsideBodyAt(envelope));
        back.insert(envelope);
        note_prunable(core, tx, &header)?;
        take_items(core, tx, &envelope, &header, &body)?;
    }
    let mut aside = core.at(tx).list(&AsideBodiesAt())?;
    aside.retain(|(other, _)| !back.contains(other));
    tx.put_list(&AsideBodiesAt(), &aside);
    Ok(())
}

/// Of a body that somebody let go this device sees for itself whether it does as well.
pub(crate) fn note_prunable(core: &Core, tx: &mut Transaction, header: &Header) -> Result<(), RowError> {
    if core.at(tx).ledger().is_said_let_go(header)? {
        let mut due = core.at(tx).list(&PrunableBodiesAt())?;
        due.insert(header.hash());
        put_prunable(tx, &due);
    }
    Ok(())
}

/// A body that went is missing like one that never came.
fn want_again(core: &Core, tx: &mut Transaction, header: &Header) -> Result<(), RowError> {
    let (log, name) = (&header.log, header.hash());
    tx.remove(&PrunedBodyAt(name));
    let ranges = core.at(tx).ledger().pruned_ranges(log)?;
    let without = ranges.into_iter().flat_map(|(first, end)| match (first..end).contains(&header.seq) {
        true => vec![(first, header.seq), (header.seq.saturating_add(1), end)],
        false => vec![(first, end)],
    });
    tx.put_list(&PrunedRangesAt(*log), &joined(without.filter(|(first, end)| first < end).collect()));
    let mut missing = core.at(tx).ledger().missing(log)?;
    missing.insert((header.seq, name));
    tx.put_list(&MissingBodiesAt(*log), &missing);
    Ok(())
}

fn forget_missing(core: &Core, tx: &mut Transaction, header: &Header) -> Result<(), RowError> {
    let mut missing = core.at(tx).ledger().missing(&header.log)?;
    missing.remove(&(header.seq, header.hash()));
    tx.put_list(&MissingBodiesAt(header.log), &missing);
    Ok(())
}

/// Writes which bodies are here and are to be pruned.
pub(crate) fn put_prunable(tx: &mut Transaction, due: &BTreeSet<Hash>) {
    tx.put_list(&PrunableBodiesAt(), due);
}
