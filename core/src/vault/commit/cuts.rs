//! Cuts (format §4): how far this device uses the logs of one that was removed, and which branches of logs that have too many.

use std::collections::BTreeSet;

use crate::id::{DeviceId, LogId};
use crate::log::Item;
use crate::roster;
use crate::roster::{CUTS_MAX, CUTS_OF_ONE, Cut, DeviceCard, EntryKind};
use crate::rows::RowError;
use crate::state::MAX_BRANCHES;
use crate::vault::Millis;
use crate::vault::commit::Outbox;
use crate::vault::commit::keys::speaks;
use crate::vault::core::{Core, Transaction};

/// Says how far this device uses the logs of a device that was removed: once, when it learns of that; and whenever
/// something is used here that no cut covers any more. So it is when a removal turns out void and comes again, or when a
/// cut was made on a device that is out itself: what is used on one device is used on all.
pub(super) fn owed_cuts(core: &Core, tx: &Transaction) -> Result<Outbox, RowError> {
    let mut out = Outbox::everyday();
    let ledger = core.at(tx).ledger();
    if !speaks(core, tx) {
        return Ok(out);
    }
    let owed: BTreeSet<DeviceId> = ledger.roster().owed_cuts(&core.device).iter().map(|one| one.card.id).collect();
    for removed in ledger.roster().removed() {
        let card = &removed.card;
        let (mut cuts, mut kept) = (Vec::new(), Vec::new());
        for log in ledger.logs_of(&card.id) {
            for tip in ledger.tips(&log) {
                let Some(cut) = ledger.used_without_cut(log, &tip)? else { continue };
                // What was only kept stays no more than that, though whoever kept it is out by now.
                let header = ledger.header(&cut.head)?.header;
                let stood = |kind| ledger.is_before(&header, ledger.roster().void_cuts(&log, kind));
                let only_kept = stood(EntryKind::Kept)? && !stood(EntryKind::Cut)?;
                if only_kept { kept.push(cut) } else { cuts.push(cut) }
            }
        }
        let mut parts: Vec<(EntryKind, &[Cut])> = cuts.chunks(CUTS_MAX).map(|part| (EntryKind::Cut, part)).collect();
        parts.extend(kept.chunks(CUTS_MAX).map(|part| (EntryKind::Kept, part)));
        if cuts.is_empty() && owed.contains(&card.id) {
            parts.push((EntryKind::Cut, &[]));
        }
        for (kind, part) in parts {
            out.keyring.push(cut_item(core, tx, kind, removed.at, card, part));
        }
    }
    Ok(out)
}

/// Says which branches this device uses of logs that have more than are taken, where nobody says so: what is used on one device
/// is used on all. How often one device says that of another has its limit, so that whoever forges branches makes nobody say more.
pub(crate) fn owed_branches(core: &Core, tx: &Transaction) -> Result<Outbox, RowError> {
    let mut out = Outbox::everyday();
    let ledger = core.at(tx).ledger();
    if !speaks(core, tx) {
        return Ok(out);
    }
    for card in ledger.roster().live().into_iter().filter(|card| card.id != core.device) {
        let is_crowded = |log: &LogId| ledger.tips(log).len() > MAX_BRANCHES || tx.todo.crowded.contains(log);
        let mut unsaid = Vec::new();
        for log in ledger.logs_of(&card.id).into_iter().filter(is_crowded) {
            unsaid.extend(ledger.branches_not_said(&log)?);
        }
        let left = CUTS_OF_ONE.saturating_sub(ledger.roster().said_branches(&core.device, &card.id));
        for part in unsaid.chunks(CUTS_MAX).take(left) {
            out.keyring.push(cut_item(core, tx, EntryKind::Branches, 0, card, part));
        }
    }
    Ok(out)
}

/// The entry that says how far a removed device's logs are used, or kept, or which branches are.
pub(crate) fn cut_item(
    core: &Core,
    tx: &Transaction,
    kind: EntryKind,
    at: Millis,
    of: &DeviceCard,
    cuts: &[Cut],
) -> Item {
    let heads = core.at(tx).roster().heads();
    Item::roster(roster::Entry::cut(kind, at, heads, of.clone(), cuts.to_vec(), &core.signer))
}
