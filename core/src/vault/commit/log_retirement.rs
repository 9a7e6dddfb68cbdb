//! Logs of which everything was let go: their headers go too (format §3, *closed*), so that a practice does not grow with each word
//! that was ever typed.

use std::collections::BTreeSet;

use crate::id::{Hash, LogId};
use crate::rows::{One, RowError};
use crate::state::Tip;
use crate::vault::core::{Core, Transaction};
use crate::vault::registry::{
    AsideBodiesAt, HeaderAt, HeldElsewhereAt, OrderAt, PrunedBodyAt, PrunedRangesAt, QuarantineAt, RetiredLogAt,
};

/// Takes the headers of each log away that does not grow any more, whose bodies this device let go, every one by its own look, and
/// keeps aside none of. Where it ended is remembered, so that nobody's offer of it is taken for news.
pub(crate) fn retire_logs(core: &mut Core) -> Result<(), RowError> {
    if core.require_vital().is_err() {
        return Ok(());
    }
    let logs: Vec<(LogId, Tip)> = core.memory.state.logs.iter().filter_map(only_branch).collect();
    let aside: BTreeSet<Hash> = core.read().list(&AsideBodiesAt())?.into_iter().map(|(name, _)| name).collect();
    for (log, end) in logs {
        if let Some(names) = all_let_go(core, &log, &end, &aside)? {
            retire(core, &log, &end, &names)?;
        }
    }
    Ok(())
}

fn only_branch((log, tips): (&LogId, &Vec<Tip>)) -> Option<(LogId, Tip)> {
    let [only] = tips.as_slice() else { return None };
    Some((*log, *only))
}

/// The names of a log's envelopes, when there is no more use for any of them.
fn all_let_go(core: &Core, log: &LogId, end: &Tip, aside: &BTreeSet<Hash>) -> Result<Option<Vec<Hash>>, RowError> {
    let ledger = core.read().ledger();
    let let_go = ledger.pruned_ranges(log)? == [(0, end.next_seq)];
    // This device goes on in its own logs, in a full one until the next word.
    let has_ended = !core.memory.logs.contains(log) && ledger.has_ended(log, end.next_seq);
    if !let_go || !has_ended || core.read().has(&QuarantineAt(*log))? || !ledger.lost(log)?.is_empty() {
        return Ok(None);
    }
    // The last goes last: while it is kept aside, which is for a month, the thousands before it are not looked at.
    if aside.contains(&end.head) {
        return Ok(None);
    }
    let names = ledger.branch_names(log, 0, &end.head)?;
    Ok((!names.iter().any(|name| aside.contains(name))).then_some(names))
}

fn retire(core: &mut Core, log: &LogId, end: &Tip, names: &[Hash]) -> Result<(), RowError> {
    let mut tx = Transaction::default();
    for (seq, name) in (0..).zip(names) {
        tx.remove(&HeaderAt(*name));
        tx.remove(&OrderAt(*log, seq));
        tx.remove(&PrunedBodyAt(*name));
    }
    tx.remove(&PrunedRangesAt(*log));
    for card in core.memory.roster.live() {
        tx.remove(&HeldElsewhereAt(card.id, *log));
    }
    tx.put(&RetiredLogAt(*log), &One((end.next_seq, end.head)));
    tx.next.tips.insert(*log, Vec::new());
    core.write(tx)
}
