//! The trash, and deletions by other devices that are held because there are too many at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalogued;
use crate::id::{DeviceId, DocId};
use crate::log::Kind;
use crate::rows::{One, RowError};
use crate::vault::core::{Core, Reader, Transaction};
use crate::vault::items::deletion::{deleted_at, is_credible};
use crate::vault::items::mass_deletion::{CountedDeletion, Deletions};
use crate::vault::items::place::Place;
use crate::vault::project::{Arrived, Projection};
use crate::vault::registry::{CountedDeletionsAt, DeletionsSeenAt, NewcomerAt, TrashAt};
use crate::vault::{DAY, Millis, Notice};

/// Lists what was deleted, and judges the deletions of other devices.
pub(super) struct TrashProjection;

impl Projection for TrashProjection {
    /// Counts a deletion that another device made; whether it is held is judged when all of its neighbours are here.
    fn take(&self, core: &Core, tx: &mut Transaction, arrived: &Arrived<'_>) -> Result<(), RowError> {
        let Arrived { place, by, item, kind, client, payload } = *arrived;
        if item.kind != Kind::Delete || tx.is_repeated || is_counted(core, tx, &item.document, &place) {
            return Ok(());
        }
        let (device, document) = (by, item.document);
        if device == core.device {
            tx.todo.seen.insert(document, 0);
            return Ok(());
        }
        let arrived = tx.arrived.unwrap_or_default();
        tx.todo.seen.insert(document, arrived);
        let said = payload.and_then(|payload| deleted_at(payload)).unwrap_or_default();
        if !is_settled(core, tx, said)? {
            let at = if tx.arrived.is_none_or(|now| is_credible(said, now)) { said } else { arrived };
            let counted = CountedDeletion { place, document, kind, client, device, at, arrived, answered: false };
            tx.todo.deletions.push(counted);
        }
        Ok(())
    }

    /// Judges what was counted: what changed its fate is shown anew.
    fn judge(&self, core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
        note_seen(core, tx)?;
        if tx.todo.deletions.is_empty() {
            return Ok(());
        }
        let mut deletions = tx.next.deletions.as_ref().unwrap_or(&core.memory.deletions).clone();
        for one in std::mem::take(&mut tx.todo.deletions) {
            if !deletions.counted.iter().any(|known| known.place == one.place) {
                deletions.counted.push(one);
            }
        }
        deletions.counted.sort_unstable_by_key(|one| one.place);
        deletions.judge();
        let before = &core.memory.deletions.held;
        for one in &deletions.counted {
            if deletions.held.contains(&one.place) != before.contains(&one.place) {
                tx.todo.documents.insert(one.document);
            }
        }
        deletions.prune();
        keep(core, tx, deletions);
        Ok(())
    }

    /// Writes the trash's list as this transaction leaves it.
    fn list(&self, core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
        if tx.next.trash.is_empty() {
            return Ok(());
        }
        let mut trash = core.memory.trash.clone();
        for (id, trashed) in &tx.next.trash {
            match trashed {
                Some(trashed) => trash.insert(*id, trashed.clone()),
                None => trash.remove(id),
            };
        }
        match trash.is_empty() {
            true => tx.remove(&TrashAt()),
            false => tx.put(&TrashAt(), &Catalogued(trash.into_iter().collect())),
        }
        Ok(())
    }
}

/// Whether a deletion that says this time is none of which this device asks: it has just come to the practice, and takes what the
/// others, who were asked, had settled. That is what was in the backup that it was made from, and what it hears within a day of
/// the first that it hears and was made before it was admitted.
fn is_settled(core: &Core, tx: &Transaction, at: Millis) -> Result<bool, RowError> {
    let Some(One(first)) = core.at(tx).get(&NewcomerAt())? else { return Ok(false) };
    Ok(match tx.arrived {
        Some(now) => (first == 0 || now.abs_diff(first) < DAY) && at <= core.at(tx).joined(),
        None => first == 0,
    })
}

/// When deletions were first seen here, and since when what they are of is found out of the trash. Where that is damaged, all are
/// seen anew.
pub(crate) fn deletions_seen(reader: &Reader<'_>) -> Result<BTreeMap<DocId, (Millis, Millis)>, RowError> {
    match reader.list(&DeletionsSeenAt()) {
        Ok(seen) => Ok(seen.into_iter().collect()),
        Err(RowError::Damaged) => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// Writes when deletions were first seen here.
fn note_seen(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    let seen = std::mem::take(&mut tx.todo.seen);
    if seen.is_empty() {
        return Ok(());
    }
    let mut all = deletions_seen(&core.at(tx))?;
    all.extend(seen.into_iter().map(|(id, first)| (id, (first, 0))));
    tx.put(&DeletionsSeenAt(), &all.into_iter().collect());
    Ok(())
}

/// Forgets what was counted of a document's deletions: they turned out to be none of its items.
pub(super) fn forget_deletions(core: &Core, tx: &mut Transaction, id: &DocId) -> Result<(), RowError> {
    tx.todo.seen.remove(id);
    tx.todo.deletions.retain(|one| one.document != *id);
    let mut seen = deletions_seen(&core.at(tx))?;
    if seen.remove(id).is_some() {
        tx.put_list(&DeletionsSeenAt(), &seen.into_iter().collect());
    }
    let known = tx.next.deletions.as_ref().unwrap_or(&core.memory.deletions);
    if known.counted.iter().any(|one| one.document == *id) {
        let mut deletions = known.clone();
        deletions.counted.retain(|one| one.document != *id);
        deletions.judge();
        keep(core, tx, deletions);
    }
    Ok(())
}

/// Whether an item that comes again, after damage, was counted into its document before.
fn is_counted(core: &Core, tx: &Transaction, id: &DocId, place: &Place) -> bool {
    let entry = core.at(tx).entry(id).ok().flatten();
    entry.is_some_and(|entry| entry.places.iter().any(|(other, _)| other == place))
}

/// Marks a device's held deletions as answered, and gives the documents that they were about.
pub(crate) fn answer(core: &Core, tx: &mut Transaction, device: &DeviceId) -> BTreeSet<DocId> {
    let mut deletions = core.memory.deletions.clone();
    let mut answered = BTreeSet::new();
    for one in &mut deletions.counted {
        if one.device == *device && deletions.held.contains(&one.place) {
            one.answered = true;
            answered.insert(one.document);
            // From now on it is in the trash.
            tx.todo.seen.insert(one.document, 0);
        }
    }
    deletions.judge();
    keep(core, tx, deletions);
    tx.todo.documents.extend(answered.iter().copied());
    answered
}

/// Keeps deletions as they were judged. That more is held than before is told.
fn keep(core: &Core, tx: &mut Transaction, deletions: Deletions) {
    if deletions.held.difference(&core.memory.deletions.held).next().is_some() {
        tx.tell(Notice::DeletionsHeld);
    }
    tx.put(&CountedDeletionsAt(), &deletions);
    tx.next.deletions = Some(deletions);
}
