//! Pruning: what led to a signed note goes (format §3, *closed*).
//!
//! The device that signed keeps the draft until every device of the practice holds the signature and nothing is known
//! to be on its way. Then it says, once, that the draft is closed and which envelopes hold nothing but closed drafts.
//! Whoever hears that lets their bodies go, after looking for itself: a body with anything else in it, with words that
//! no signature covers, or with words of one device that another one changed, stays.
//!
//! What goes is kept aside for 30 days. A change that comes later and builds on it takes it back; after that time it is asked
//! for from those who still have it.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{DeviceId, DocId, Hash, LogId, NoteId};
use crate::log::{Item, Kind};
use crate::rows::RowError;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{Core, Transaction};
use crate::vault::items::deletion::KEPT_FOR;
use crate::vault::items::home::Under;
use crate::vault::items::place::{Entry, Place};
use crate::vault::items::pruning::{Numbers, changes_in, closed_payload, holds, joined};
use crate::vault::project::{list_bodies_aside, note_pruned, put_body_aside, put_prunable, take_draft_back};
use crate::vault::registry::{AsideBodiesAt, AsideBodyAt, LateDraftsAt, OpenDraftsAt, PrunableBodiesAt, PrunedDraftAt};
use crate::vault::{DAY, Millis};

/// Closes the drafts that can be closed, and lets go what may go. To be called when a note was signed, when the practice
/// was unlocked and when its private notes were opened; it does nothing when there is nothing to do. What cannot go now
/// goes the next time: what was to be done before it is done, and must not be said to have failed.
pub(crate) fn prune_drafts(core: &mut Core) {
    let _ = close_drafts(core);
    core.memory.changed = None;
    prune_bodies(core);
}

/// Takes back what is built upon, and lets go what may go, after something arrived. Only what has changed since the last time
/// is looked at: what somebody names over and over costs one look.
pub(crate) fn prune_bodies(core: &mut Core) {
    let _ = take_back_late(core);
    let changed = core.memory.changed.replace(BTreeSet::new());
    if drop_prunable(core, changed.as_ref()).is_err() {
        core.memory.changed = None;
    }
}

/// Forgets what was let go and kept aside for as long as deleted documents are.
pub(crate) fn forget_pruned(core: &mut Core, now: Millis) -> Result<(), RowError> {
    let aside = core.read().list(&AsideBodiesAt())?;
    let mut tx = Transaction::default();
    let mut kept = Vec::with_capacity(aside.len());
    for (envelope, (since, due)) in &aside {
        // What went since the last unlocking is counted from this one on, whatever clock there was.
        let since = if *since == 0 { now } else { *since };
        let is_due = since.saturating_add(KEPT_FOR) <= now;
        // One clock that is wrong once takes nothing away: it goes when a later day finds the same.
        let due = if *due == 0 || !is_due || *due > now { now * u64::from(is_due) } else { *due };
        match is_due && due.saturating_add(DAY) <= now {
            true => tx.remove(&AsideBodyAt(*envelope)),
            false => kept.push((*envelope, (since, due))),
        }
    }
    if kept == aside {
        return Ok(());
    }
    tx.put_list(&AsideBodiesAt(), &kept);
    core.write(tx)
}

/// Notes, beside a signature, that its draft is to be closed.
pub(crate) fn note_draft_to_prune(core: &Core, tx: &mut Transaction, id: &NoteId) -> Result<(), RowError> {
    let mut open = core.at(tx).list(&OpenDraftsAt())?;
    open.insert(*id);
    tx.put(&OpenDraftsAt(), &open);
    Ok(())
}

fn close_drafts(core: &mut Core) -> Result<(), RowError> {
    let mut open = core.read().list(&OpenDraftsAt())?;
    if open.is_empty() || core.read().ledger().count_missing()? > 0 {
        return Ok(());
    }
    let others: Vec<DeviceId> =
        core.memory.roster.live().iter().map(|card| card.id).filter(|id| *id != core.device).collect();
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    let mut closing = BTreeSet::new();
    for id in &open {
        let Some(entry) = core.at(&tx).entry(id)? else { continue };
        if core.at(&tx).is_in_work(id) || !have_signatures(core, &others, &entry)? {
            continue;
        }
        if stands(core, &tx, id, &entry)? != DraftStanding::Over {
            continue;
        }
        closing.insert(*id);
        out.push(Kind::Closed, *id, Under::Practice, closed_payload(&closed_with(core, &closing, &entry)?));
    }
    if closing.is_empty() {
        return Ok(());
    }
    open.retain(|id| !closing.contains(id));
    tx.put_list(&OpenDraftsAt(), &open);
    commit(core, tx, out)
}

/// Envelopes of a draft that hold nothing but drafts which are closed now, or were before, by log and number. In a log with
/// branches a number does not say which envelope it is of: what is in one stays.
fn closed_with(core: &Core, closing: &BTreeSet<DocId>, entry: &Entry) -> Result<BTreeMap<LogId, Numbers>, RowError> {
    let closed = |id: &DocId| closing.contains(id) || matches!(core.read().ledger().is_draft_pruned(id), Ok(true));
    let mut gone = BTreeMap::<LogId, Numbers>::new();
    for envelope in changes_in(entry) {
        let Some(items) = core.read().ledger().items_of(&envelope)? else { continue };
        let spent = items.iter().all(|item| item.kind == Kind::Changes && closed(&item.document));
        let header = core.read().header(&envelope)?.header;
        if spent && core.read().tips(&header.log).len() == 1 {
            gone.entry(header.log).or_default().push((header.seq, header.seq.saturating_add(1)));
        }
    }
    Ok(gone.into_iter().map(|(log, numbers)| (log, joined(numbers))).collect())
}

/// Whether each of these has said that it holds the signatures of a note.
fn have_signatures(core: &Core, others: &[DeviceId], entry: &Entry) -> Result<bool, RowError> {
    for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Signed) {
        let header = core.read().header(&place.envelope)?.header;
        for device in others {
            let held = core.read().ledger().held_elsewhere(device, &header.log)?;
            if !holds(&held, header.seq) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Lets those bodies go that are said to be gone, hold nothing that a signature does not cover, and are here.
fn drop_prunable(core: &mut Core, changed: Option<&BTreeSet<NoteId>>) -> Result<(), RowError> {
    let all = core.read().list(&PrunableBodiesAt())?;
    let due = of_changed(core, &all, changed)?;
    if due.is_empty() {
        return Ok(());
    }
    // What may yet be kept of a removed device may build on what would go.
    let Some(undecided) = core.read().ledger().undecided()? else { return Ok(()) };
    let mut tx = Transaction::default();
    let (mut left, mut dropped) = (&all - &due, Vec::new());
    for envelope in &due {
        let Some(items) = core.at(&tx).ledger().items_of(envelope)? else {
            left.insert(*envelope);
            continue;
        };
        if items.iter().any(|item| item.kind != Kind::Changes) {
            // It never goes, whoever named it.
            continue;
        }
        let documents: BTreeSet<DocId> = items.iter().map(|item| item.document).collect();
        let mut draft = DraftStanding::Open;
        if documents.is_disjoint(&undecided) && are_counted(core, &tx, envelope, &items)? {
            let judged = documents.iter().map(|id| may_lose(core, &mut tx, id, envelope));
            draft = judged.collect::<Result<Vec<_>, _>>()?.into_iter().max().unwrap_or(DraftStanding::Over);
        }
        match draft {
            DraftStanding::Over => {
                drop_body(core, &mut tx, envelope, &documents)?;
                dropped.push(*envelope);
            }
            DraftStanding::Open => drop(left.insert(*envelope)),
            // It stays until this device signs, and says so.
            DraftStanding::Rewritten => {}
        }
    }
    if left.len() == all.len() {
        return Ok(());
    }
    list_bodies_aside(core, &mut tx, &dropped)?;
    put_prunable(&mut tx, &left);
    *core.caches.body.borrow_mut() = None;
    commit(core, tx, Outbox::everyday())
}

/// Those of these bodies that hold changes of documents which changed; all of them where that is not known.
fn of_changed(
    core: &Core,
    all: &BTreeSet<Hash>,
    changed: Option<&BTreeSet<NoteId>>,
) -> Result<BTreeSet<Hash>, RowError> {
    let Some(changed) = changed else { return Ok(all.clone()) };
    let mut due = BTreeSet::new();
    for id in changed.iter().filter(|_| !all.is_empty()) {
        let Some(entry) = core.read().entry(id)? else { continue };
        due.extend(changes_in(&entry).into_iter().filter(|envelope| all.contains(envelope)));
    }
    Ok(due)
}

/// Takes back what changes that came since build on, of drafts of which something went.
fn take_back_late(core: &mut Core) -> Result<(), RowError> {
    let late = core.read().list(&LateDraftsAt())?;
    if late.is_empty() {
        return Ok(());
    }
    let (mut tx, mut left) = (Transaction::default(), BTreeSet::new());
    for id in &late {
        let Some(entry) = core.at(&tx).entry(id)? else { continue };
        match core.at(&tx).documents().waits_for_more(id, &entry)? {
            Some(true) => take_draft_back(core, &mut tx, id)?,
            Some(false) => {}
            None => {
                left.insert(*id);
            }
        }
    }
    if left == late {
        return Ok(());
    }
    // Taking one back may have brought changes of another.
    left.extend(core.at(&tx).list(&LateDraftsAt())?.difference(&late));
    tx.put_list(&LateDraftsAt(), &left);
    commit(core, tx, Outbox::everyday())
}

/// Whether every item of an envelope is among those that its document is put together from: one that waits, or was set aside,
/// is none, and what the document says then says nothing of it.
fn are_counted(core: &Core, tx: &Transaction, envelope: &Hash, items: &[Item]) -> Result<bool, RowError> {
    for (index, item) in (0..).zip(items) {
        let place = Place { envelope: *envelope, index };
        let entry = core.at(tx).entry(&item.document)?;
        if !entry.is_some_and(|entry| entry.places.iter().any(|(counted, _)| *counted == place)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How a draft stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DraftStanding {
    /// Signatures hold every word of it.
    Over,
    /// Words are in it that no signature holds, or may be.
    Open,
    /// A device changed what another had written, and this one has signed nothing of that.
    Rewritten,
}

/// Whether a document can do without its changes in an envelope.
fn may_lose(core: &Core, tx: &mut Transaction, id: &DocId, envelope: &Hash) -> Result<DraftStanding, RowError> {
    let Some(entry) = core.at(tx).entry(id)? else { return Ok(DraftStanding::Open) };
    let Some(mut pruned) = core.at(tx).get(&PrunedDraftAt(*id))? else { return Ok(DraftStanding::Open) };
    if pruned.covered.contains(envelope) {
        return Ok(DraftStanding::Over);
    }
    let draft = if core.at(tx).is_in_work(id) { DraftStanding::Open } else { stands(core, tx, id, &entry)? };
    if draft != DraftStanding::Over {
        return Ok(draft);
    }
    // Once a part of it has gone, nobody can tell any more that the rest was covered.
    for envelope in changes_in(&entry) {
        pruned.logs.insert(core.at(tx).header(&envelope)?.header.log);
        pruned.covered.insert(envelope);
    }
    tx.put(&PrunedDraftAt(*id), &pruned);
    Ok(DraftStanding::Over)
}

/// How a draft stands, by what is here of it, or by what was when something of it went.
fn stands(core: &Core, tx: &Transaction, id: &DocId, entry: &Entry) -> Result<DraftStanding, RowError> {
    let covered = core.at(tx).list(&PrunedDraftAt(*id))?.covered;
    if !covered.is_empty() && changes_in(entry).is_subset(&covered) {
        return Ok(DraftStanding::Over);
    }
    Ok(match core.at(tx).documents().drafted(id, entry)? {
        Some(draft) if draft.is_over() => DraftStanding::Over,
        Some(draft) if draft.rewritten => DraftStanding::Rewritten,
        _ => DraftStanding::Open,
    })
}

fn drop_body(core: &Core, tx: &mut Transaction, envelope: &Hash, of: &BTreeSet<DocId>) -> Result<(), RowError> {
    let header = core.at(tx).header(envelope)?;
    put_body_aside(core, tx, envelope)?;
    note_pruned(core, tx, &header)?;
    for id in of {
        let Some(mut entry) = core.at(tx).entry(id)? else { continue };
        entry.places.retain(|(place, _)| place.envelope != *envelope);
        tx.entries.insert(*id, entry);
        tx.todo.documents.insert(*id);
        core.drop_draft(id);
    }
    Ok(())
}
