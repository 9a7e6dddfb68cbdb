//! The trash, and deletions by other devices that are held because there are too many at once.

use std::collections::BTreeSet;

use crate::catalog::Catalogued;
use crate::id::{DeviceId, DocId};
use crate::log::Kind;
use crate::rows::RowError;
use crate::vault::Notice;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::deletion::deleted_at;
use crate::vault::items::mass_deletion::{CountedDeletion, Deletions};
use crate::vault::items::place::Place;
use crate::vault::project::{Arrived, Projection};
use crate::vault::registry::{CountedDeletionsAt, TrashAt};

/// Lists what was deleted, and judges the deletions of other devices.
pub(super) struct TrashProjection;

impl Projection for TrashProjection {
    /// Counts a deletion that another device made; whether it is held is judged when all of its neighbours are here.
    fn take(&self, core: &Core, tx: &mut Transaction, arrived: &Arrived<'_>) -> Result<(), RowError> {
        let Arrived { place, spot, item, kind, client, payload } = *arrived;
        if item.kind != Kind::Delete || is_counted(core, tx, &item.document, &place) {
            return Ok(());
        }
        let device = spot.log.device();
        let at = payload.and_then(|payload| deleted_at(payload)).unwrap_or_default();
        if device != core.device && (at == 0 || at > core.at(tx).joined()) {
            let document = item.document;
            tx.todo.deletions.push(CountedDeletion { place, document, kind, client, device, at, answered: false });
        }
        Ok(())
    }

    /// Judges what was counted: what changed its fate is shown anew.
    fn judge(&self, core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
        if tx.todo.deletions.is_empty() {
            return Ok(());
        }
        let mut deletions = core.memory.deletions.clone();
        for one in std::mem::take(&mut tx.todo.deletions) {
            if !deletions.counted.iter().any(|known| known.place == one.place) {
                deletions.counted.push(one);
            }
        }
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
        tx.put(&TrashAt(), &Catalogued(trash.into_iter().collect()));
        Ok(())
    }
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
