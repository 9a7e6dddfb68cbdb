//! Notes: their rows in the timelines, kept up with what is typed and what arrives.

use crate::catalog;
use crate::catalog::{NoteRow, NoteState};
use crate::document::{Actor, fields};
use crate::id::{DocId, NoteId};
use crate::log::{DocType, Kind};
use crate::rows::RowError;
use crate::vault::core::{Core, Draft, Transaction};
use crate::vault::items::home::{DocumentOrigin, said};
use crate::vault::items::place::{Entry, Place};
use crate::vault::project::{Projection, list_trashed};
use crate::vault::read::{row, row_of};
use crate::vault::registry::PrivateNotesAt;

/// Keeps the timelines' rows of notes.
pub(super) struct NoteProjection;

impl Projection for NoteProjection {
    fn refresh(&self, core: &Core, tx: &mut Transaction, id: DocId, entry: &Entry) -> Result<(), RowError> {
        match entry.kind() {
            DocType::Note => refresh_note(core, tx, id, entry),
            DocType::ProcessNote => refresh_private_note(core, tx, &id, entry),
            _ => Ok(()),
        }
    }
}

/// Gives a draft of which no envelope holds anything yet its place in the index.
pub(crate) fn index_draft(
    core: &Core,
    tx: &mut Transaction,
    id: NoteId,
    origin: &DocumentOrigin,
) -> Result<(), RowError> {
    let is_private = origin.kind == DocType::ProcessNote;
    if is_private {
        list_private_note(core, tx, id, true)?;
    }
    let seen = if is_private { DocumentOrigin::unopened(origin.kind) } else { *origin };
    tx.entries.insert(id, Entry::new(seen));
    Ok(())
}

/// Lists a private note, or takes it off the list: whose it is, only its key tells.
pub(super) fn list_private_note(core: &Core, tx: &mut Transaction, id: NoteId, is_one: bool) -> Result<(), RowError> {
    let mut notes = core.at(tx).private_notes()?;
    if if is_one { notes.insert(id) } else { notes.remove(&id) } {
        tx.put_list(&PrivateNotesAt(), &notes);
    }
    Ok(())
}

/// Has private notes that lie open brought up to date: a key of theirs may have come.
pub(super) fn look_at_open_private_notes(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    let open: Vec<NoteId> = core.caches.drafts.borrow().keys().copied().collect();
    for id in open {
        if core.at(tx).entry(&id)?.is_some_and(|entry| entry.is_private()) {
            tx.todo.documents.insert(id);
        }
    }
    Ok(())
}

/// A private note that lies open takes in what arrived, so that a signature freezes what is read. One that cannot be
/// brought up to date is closed: all of it is in its envelopes, and in what waits for the next.
fn refresh_private_note(core: &Core, tx: &mut Transaction, id: &NoteId, entry: &Entry) -> Result<(), RowError> {
    if let Some(mut draft) = take_draft(core, tx, id, entry)?
        && let Ok(refused) = catch_up(core, tx, entry, &mut draft)
    {
        if refused.is_empty() {
            tx.next.drafts.insert(*id, draft);
        }
        tx.todo.aside.extend(refused);
    }
    Ok(())
}

/// A draft that lies open, unless the note begins from more than it did: a frozen item that came since is below what was written,
/// and what others wrote may build on it.
fn take_draft(core: &Core, tx: &mut Transaction, id: &NoteId, entry: &Entry) -> Result<Option<Draft>, RowError> {
    let Some(draft) = core.take_draft(tx, id) else { return Ok(None) };
    for (place, _) in entry.places.iter().filter(|(place, kind)| *kind == Kind::Frozen && !draft.taken.contains(place))
    {
        if core.at(tx).documents().payload_of(id, entry, place)?.is_some() {
            return Ok(None);
        }
    }
    Ok(Some(draft))
}

/// Takes in what was counted into the note since: what other devices wrote, and this one's own, which changes nothing.
/// Gives the places of what does not fit.
fn catch_up(core: &Core, tx: &Transaction, entry: &Entry, draft: &mut Draft) -> Result<Vec<Place>, RowError> {
    let sent = draft.document.heads() == draft.sent;
    let mut refused = Vec::new();
    for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Changes) {
        if draft.taken.contains(place) {
            continue;
        }
        let by = core.at(tx).header(&place.envelope)?.header.log.device();
        // One whose key has not come is taken when it does.
        let Some(payload) = core.at(tx).documents().payload_of(&draft.document.id(), entry, place)? else { continue };
        draft.taken.insert(*place);
        if draft.document.apply(by, said(&payload)).is_err() {
            refused.push(*place);
        }
    }
    if sent {
        draft.sent = draft.document.heads();
    }
    Ok(refused)
}

fn refresh_note(core: &Core, tx: &mut Transaction, id: NoteId, entry: &Entry) -> Result<(), RowError> {
    if let Some(mut draft) = take_draft(core, tx, &id, entry)? {
        let refreshed = refresh_draft(core, tx, id, entry, &mut draft);
        // One that refused something may have taken another change in its place than whoever reads all of them in order: it is
        // read anew.
        if refreshed.as_ref().is_ok_and(|(_, refused)| refused.is_empty()) {
            tx.next.drafts.insert(id, draft);
        }
        let (row, refused) = refreshed?;
        let is_whole = refused.is_empty();
        tx.todo.aside.extend(refused);
        if row && is_whole {
            return Ok(());
        }
    }
    let material = core.at(tx).documents().material(&id, entry)?;
    let arrived = material.chunks.len() + material.deletes.len() > 0;
    let document = match tx.next.drafts.get(&id) {
        Some(draft) => Some(draft.document.clone()),
        None if arrived => {
            let pending = core.at(tx).pending_chunks(&id)?;
            let loaded =
                core.at(tx).documents().load_document(&material, &id, entry.kind(), &pending, Actor::NOBODY)?;
            tx.todo.aside.extend(entry.changes_at(&loaded.set_aside));
            loaded.document
        }
        None => None,
    };
    let deleted = material.is_deleted(document.as_ref());
    let mut view = core.at(tx).documents().view(id, entry.client, false, &material, document.as_ref())?;
    let gone = view.take_if(|_| deleted).map(|view| (Some(view.content.date), catalog::snippet(&view.content)));
    list_trashed(core, tx, id, entry, gone)?;
    let timeline = tx.timeline(core, entry.client)?;
    match view {
        Some(view) => timeline.set(row(&view)),
        None => timeline.remove(&id),
    }
    tx.todo.clients.insert(entry.client);
    Ok(())
}

/// A draft that lies open: nothing but what is new is opened, and the timeline is left alone when its row for the
/// draft says what it said before, or while it is typed how the note begins, so that a save costs the same in a long note of a long record. `false` when the
/// note may be signed, deleted or moved, which takes all of it to tell. Beside it the places of what does not fit.
fn refresh_draft(
    core: &Core,
    tx: &mut Transaction,
    id: NoteId,
    entry: &Entry,
    draft: &mut Draft,
) -> Result<(bool, Vec<Place>), RowError> {
    let refused = catch_up(core, tx, entry, draft)?;
    let before = draft.row.take();
    let is = |wanted: Kind| entry.places.iter().any(|(_, kind)| *kind == wanted);
    let waits = core.at(tx).pending().contains(&id);
    let written = waits || is(Kind::Changes);
    if !written || !entry.places.iter().all(|(_, kind)| matches!(kind, Kind::Frozen | Kind::Changes)) {
        return Ok((false, refused));
    }
    let content = fields::to_note(&draft.document.fields(), &draft.document.text());
    let row = row_of(id, &content, NoteState::Unsigned);
    if let Some(before) = before.filter(|before| *before == row || (waits && begins_alike(before, &row))) {
        draft.row = Some(before);
        return Ok((true, refused));
    }
    tx.timeline(core, entry.client)?.set(row.clone());
    tx.todo.clients.insert(entry.client);
    draft.row = Some(row);
    Ok((true, refused))
}

/// Whether a row shows enough of how its note begins while that is being typed; what leaves in an envelope brings all of it.
fn begins_alike(before: &NoteRow, row: &NoteRow) -> bool {
    let shown = before.snippet.len();
    let is_longer = row.snippet.starts_with(&before.snippet) && row.snippet.len() < 2 * shown;
    is_longer && *before == NoteRow { snippet: before.snippet.clone(), ..row.clone() }
}
