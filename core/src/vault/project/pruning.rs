//! Pruned drafts: what led to a signed note goes (format §3, *closed*).

use crate::id::{DeviceId, DocId, Hash, LogId};
use crate::log::SignedHeader;
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::pruning::closed_envelopes;
use crate::vault::registry::{
    BodyAt, LetGoAt, MissingBodiesAt, PrunableBodiesAt, PrunedBodyAt, PrunedDraftAt, PrunedRangesAt,
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
    let gone = closed_envelopes(payload)?;
    if !core.at(tx).ledger().is_draft_pruned(&id)? {
        tx.put(&PrunedDraftAt(id), &Vec::new());
    }
    tx.todo.documents.insert(id);
    let mut due = core.at(tx).list(&PrunableBodiesAt())?;
    for envelope in gone {
        if core.at(tx).ledger().is_pruned(&envelope)? {
            continue;
        }
        let mut by = core.at(tx).list(&LetGoAt(envelope))?;
        by.insert(from);
        tx.put(&LetGoAt(envelope), &by);
        if core.at(tx).get(&BodyAt(envelope))?.is_some() && !due.contains(&envelope) {
            due.push(envelope);
        }
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
    let (mut missing, mut ranges) = (ledger.missing(log)?, ledger.pruned_ranges(log)?);
    missing.retain(|(_, name)| *name != envelope);
    tx.put(&MissingBodiesAt(*log), &missing);
    ranges.push((header.seq, header.seq.saturating_add(1)));
    put_ranges(tx, log, ranges);
    Ok(())
}

/// Writes which bodies are here and are to be pruned.
pub(crate) fn put_prunable(tx: &mut Transaction, due: &Vec<Hash>) {
    match due.is_empty() {
        true => tx.remove(&PrunableBodiesAt()),
        false => tx.put(&PrunableBodiesAt(), due),
    }
}

/// Joins ranges that touch.
fn put_ranges(tx: &mut Transaction, log: &LogId, mut ranges: Vec<(u64, u64)>) {
    ranges.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
    for (first, end) in ranges {
        match joined.last_mut().filter(|last| first <= last.1) {
            Some(last) => last.1 = last.1.max(end),
            None => joined.push((first, end)),
        }
    }
    tx.put(&PrunedRangesAt(*log), &joined);
}
