//! Projections: rows that follow from items. One a subject; each is given items and gives rows.
//!
//! A projection reads the vault and changes nothing but the transaction that it is given: it cannot commit, and it cannot touch
//! memory. What a document's rows say follows from the document's items as the transaction leaves them, whichever of them
//! brought it here.

mod clients;
mod devices;
mod exchange;
mod files;
mod intake;
mod keyring;
mod notes;
mod pruning;
mod quarantine;
mod roster;
mod trash;

use crate::id::{Hash, LogId};
use crate::vault::items::ledger::LostEnvelopes;
use crate::vault::registry::LostHeadersAt;
use jiff::civil::Date;

use crate::id::{ClientId, DeviceId, DocId};
use crate::log::{DocType, Item};
use crate::rows::Plain;
use crate::rows::RowError;
use crate::vault::Notice;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::place::{Entry, Place};
use crate::vault::registry::{DocumentAt, SetAsideAt};

pub(crate) use files::{journal, keep_blob, strike_journal, want_blob, want_no_more};
pub(crate) use intake::{ingest, lay_out, settle, take_items};
pub(crate) use keyring::{keep_key, take_part};
pub(crate) use notes::index_draft;
pub(crate) use pruning::{
    list_bodies_aside, note_prunable, note_pruned, put_body_aside, put_prunable, take_draft_back,
};
pub(crate) use quarantine::{put_in_quarantine, put_waiting, tell_quarantine};
#[cfg(test)]
pub(crate) use roster::{MOST_MISSED, ORPHAN_BYTES};
pub(crate) use roster::{
    follow_roster, hear_first, note_missed_removals, put_secrets, take_roster_entries, take_roster_entry,
};
pub(crate) use trash::{answer, deletions_seen};

/// An item whose payload is open, and what it says about itself.
pub(crate) struct Arrived<'i> {
    pub(crate) place: Place,
    pub(crate) by: DeviceId,
    pub(crate) item: &'i Item,
    /// The type of its document.
    pub(crate) kind: DocType,
    /// Whose document it is; zeros where only the passphrase tells.
    pub(crate) client: ClientId,
    /// `None` of an item under a key of private notes, which is not opened when it comes.
    pub(crate) payload: Option<&'i Plain>,
}

/// What one subject makes of items.
trait Projection: Sync {
    /// Takes in what an item says beyond its own document. [`RowError::Damaged`] sets the item aside.
    fn take(&self, _core: &Core, _tx: &mut Transaction, _arrived: &Arrived<'_>) -> Result<(), RowError> {
        Ok(())
    }

    /// Judges what came, once all of it is in.
    fn judge(&self, _core: &Core, _tx: &mut Transaction) -> Result<(), RowError> {
        Ok(())
    }

    /// Makes the rows of one document anew.
    fn refresh(&self, _core: &Core, _tx: &mut Transaction, _id: DocId, _entry: &Entry) -> Result<(), RowError> {
        Ok(())
    }

    /// Makes the lists anew to which the documents belong.
    fn list(&self, _core: &Core, _tx: &mut Transaction) -> Result<(), RowError> {
        Ok(())
    }
}

/// All of them, in the order in which they are asked.
const PROJECTIONS: [&dyn Projection; 5] = [
    &trash::TrashProjection,
    &clients::ClientProjection,
    &notes::NoteProjection,
    &files::FileProjection,
    &exchange::DisclosureProjection,
];

/// Makes the rows of all documents that changed, and puts everything that was read and changed back.
pub(crate) fn refresh(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    intake::settle_owners(core, tx)?;
    PROJECTIONS.iter().try_for_each(|projection| projection.judge(core, tx))?;
    for id in std::mem::take(&mut tx.todo.documents) {
        tx.next.changed.insert(id);
        let Some(entry) = core.at(tx).entry(&id)? else { continue };
        let refreshed = PROJECTIONS.iter().try_for_each(|projection| projection.refresh(core, tx, id, &entry));
        match (refreshed, entry.places.last()) {
            // One document that cannot be put together keeps its old row, and holds nothing else up.
            (Err(RowError::Damaged), Some((place, _))) => set_aside(tx, *place),
            (refreshed, _) => refreshed?,
        }
    }
    // The clients' list first: what it finds deleted goes into the trash's.
    PROJECTIONS.iter().rev().try_for_each(|projection| projection.list(core, tx))?;
    for (id, entry) in std::mem::take(&mut tx.entries) {
        tx.put(&DocumentAt(id), &entry);
    }
    list_aside(core, tx)
}

/// Sets an item aside, or all of an envelope: it could not be used. It stays where it is, and is told once.
fn set_aside(tx: &mut Transaction, place: Place) {
    tx.todo.aside.insert(place);
}

fn list_aside(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    let mut fresh = std::mem::take(&mut tx.todo.aside);
    if fresh.is_empty() {
        return Ok(());
    }
    let mut aside = core.at(tx).list(&SetAsideAt())?;
    let before = aside.len();
    aside.append(&mut fresh);
    if aside.len() > before {
        tx.put_list(&SetAsideAt(), &aside);
        tx.tell(Notice::SetAside);
    }
    Ok(())
}

/// Puts a document into the trash's list, or takes it out: with the day of the session, and words that say what it is.
fn list_trashed(
    core: &Core,
    tx: &mut Transaction,
    id: DocId,
    entry: &Entry,
    deleted: Option<(Option<Date>, String)>,
) -> Result<(), RowError> {
    let trashed = match deleted {
        Some((date, words)) => core.at(tx).documents().trashed(&id, entry, entry.client, date, words)?,
        None => None,
    };
    if core.memory.trash.get(&id) != trashed.as_ref() || tx.next.trash.contains_key(&id) {
        tx.next.trash.insert(id, trashed);
    }
    Ok(())
}

/// Writes which headers of a log were lost.
pub(crate) fn put_lost(tx: &mut Transaction, log: &LogId, lost: Vec<(u64, Hash)>) {
    match lost.is_empty() {
        true => tx.remove(&LostHeadersAt(*log)),
        false => tx.put(&LostHeadersAt(*log), &LostEnvelopes(lost)),
    }
}
