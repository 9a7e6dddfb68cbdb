//! Taking in: every item, of this device or another, goes through here, one by one.
//!
//! An item whose key has not arrived waits for it; one that cannot be read is set aside alone and counted; an unknown
//! kind is kept where it is. None of them keeps its neighbours from being used.

use crate::blob::PieceList;
use crate::id::{DeviceId, DocId, Hash, KeyId};
use crate::keyring::{Compartment, compartment_of, is_process_key};
use crate::log;
use crate::log::{DocType, Header, Item, Kind, NO_KEY, PRACTICE_KEY};
use crate::planted::{Check, is_out};
use crate::rows::Plain;
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction, is_laid_out};
use crate::vault::items::frozen::origin_of;
use crate::vault::items::home::{DocumentOrigin, NOBODY};
use crate::vault::items::place::{Entry, Place};
use crate::vault::project::{
    Arrived, PROJECTIONS, devices, exchange, files, keyring, notes, pruning, roster, set_aside, trash,
};
use crate::vault::registry::{AwaitingClientAt, BodyAt, LayoutAt, WaitingForKeyAt, WaitingKeysAt};

/// Stored first, opened after: a body that does not open is kept as it is and counted, and nothing else is touched.
pub(crate) fn take_items(
    core: &Core,
    tx: &mut Transaction,
    envelope: &Hash,
    header: &Header,
    body: &[u8],
) -> Result<(), RowError> {
    let opened = core.at(tx).open_body(header, body);
    let items = match opened {
        Ok(items) => items,
        Err(RowError::KeyNotHere) => return roster::wait_for_epoch(core, tx, &header.epoch, envelope),
        Err(_) => {
            set_aside(tx, Place::whole(*envelope));
            return Ok(());
        }
    };
    tx.reoffered = true;
    lay_out(tx, envelope, header, &items);
    roster::take_roster_entries(core, tx, &header.log.device(), envelope, &items)?;
    let others = |(_, item): &(usize, &Item)| item.kind != Kind::Roster || item.key != NO_KEY;
    let by = header.log.device();
    let payloads = core.at(tx).open_ahead(&items.iter().map(|item| (item, by)).collect::<Vec<_>>());
    for ((at, item), payload) in items.iter().enumerate().zip(payloads).filter(|(numbered, _)| others(numbered)) {
        let index = u32::try_from(at).map_err(|_| RowError::Damaged)?;
        ingest(core, tx, Place { envelope: *envelope, index }, by, item, payload)?;
    }
    *core.caches.body.borrow_mut() = Some((*envelope, items));
    Ok(())
}

/// Takes the items of a body that is stored already.
pub(super) fn take_stored(core: &Core, tx: &mut Transaction, envelope: &Hash, header: &Header) -> Result<(), RowError> {
    match core.at(tx).get(&BodyAt(*envelope))? {
        Some(body) => take_items(core, tx, envelope, header, &body),
        // It was lost meanwhile: it is asked for again, and taken when it comes.
        None => Ok(()),
    }
}

/// Notes where the items of a large body lie in it, so that one can be opened without the others.
pub(crate) fn lay_out(tx: &mut Transaction, envelope: &Hash, header: &Header, items: &[Item]) {
    if !is_laid_out(header) {
        return;
    }
    let mut layout = 0_u32.to_le_bytes().to_vec();
    let mut end = 0;
    for item in items {
        end += log::packed_len(item);
        layout.extend(u32::try_from(end).unwrap_or(u32::MAX).to_le_bytes());
    }
    tx.put(&LayoutAt(*envelope), &layout);
}

/// Takes in one item; `payload` when this device wrote it just now, or opened it ahead.
pub(crate) fn ingest(
    core: &Core,
    tx: &mut Transaction,
    place: Place,
    by: DeviceId,
    item: &Item,
    payload: Option<Plain>,
) -> Result<(), RowError> {
    if matches!(item.kind, Kind::Roster | Kind::Keyring) && item.key != NO_KEY {
        set_aside(tx, place);
        return Ok(());
    }
    match item.kind {
        Kind::Roster => roster::take_roster_entry(core, tx, &by, Some(place), &item.content),
        Kind::Keyring => {
            let taken = keyring::take_part(core, tx, by, &item.content);
            or_set_aside(tx, place, taken)
        }
        Kind::File if item.key == NO_KEY => {
            let list = PieceList::parse(&item.content).map_err(|_| RowError::Damaged);
            let taken = list.and_then(|list| files::take_piece_list(core, tx, &place.envelope, item.document, &list));
            or_set_aside(tx, place, taken)
        }
        Kind::Frozen
        | Kind::Changes
        | Kind::Signed
        | Kind::Delete
        | Kind::Restore
        | Kind::Moved
        | Kind::Merged
        | Kind::Colleague
        | Kind::Disclosure
        | Kind::Closed
        | Kind::Lacking
        | Kind::Device
        | Kind::Setting
        | Kind::File => {
            let taken = take_content(core, tx, place, by, item, payload);
            or_set_aside(tx, place, taken)
        }
        Kind::Unknown(_) => Ok(()),
    }
}

/// Sets the item aside when it turned out to be damaged.
fn or_set_aside(tx: &mut Transaction, place: Place, taken: Result<(), RowError>) -> Result<(), RowError> {
    match taken {
        Err(RowError::Damaged) if !is_out(Check::Alone) => {
            set_aside(tx, place);
            Ok(())
        }
        other => other,
    }
}

/// Takes in an item of content; [`RowError::Damaged`] of one that cannot be used.
fn take_content(
    core: &Core,
    tx: &mut Transaction,
    place: Place,
    by: DeviceId,
    item: &Item,
    payload: Option<Plain>,
) -> Result<(), RowError> {
    let private = item.key != PRACTICE_KEY && is_process_key(&item.key);
    if payload.is_none() && private {
        if !keyring::has_private_part(core, tx, &item.key)? {
            tx.todo.waiting.insert(item.key, true);
        }
        return count_private(core, tx, place, by, item);
    }
    let opened = payload.map_or_else(|| core.at(tx).open_item(item, by), Ok);
    let payload = match opened {
        Ok(payload) => payload,
        Err(RowError::KeyNotHere) => {
            wait(tx, &item.key, place);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    match (item.kind, item.key) {
        (Kind::Colleague, PRACTICE_KEY) => {
            return exchange::take_colleague(core, tx, by, item.document, &payload);
        }
        (Kind::Delete, PRACTICE_KEY) => {
            return exchange::take_removed_colleague(core, tx, by, item.document, &payload);
        }
        (Kind::Closed, PRACTICE_KEY) => {
            return pruning::take_pruned(core, tx, by, item.document, &payload);
        }
        (Kind::Lacking, PRACTICE_KEY) => {
            return keyring::take_lacking(core, tx, by, &payload);
        }
        (Kind::Device, PRACTICE_KEY) => {
            return devices::take_description(core, tx, by, &payload);
        }
        (Kind::Setting, PRACTICE_KEY) => {
            return devices::take_setting(core, tx, by, &place.envelope, &payload);
        }
        (Kind::Colleague | Kind::Closed | Kind::Lacking | Kind::Device | Kind::Setting, _)
        | (_, PRACTICE_KEY | NO_KEY) => {
            return Err(RowError::Damaged);
        }
        _ => {}
    }
    // What an item says of itself is what its document's id commits to, and what its key is for.
    let origin = origin_of(item.kind, &item.document, &payload)?;
    if !lies_under(origin.kind, compartment_of(&item.key)) && !is_out(Check::Origin) {
        return Err(RowError::Damaged);
    }
    if private {
        return count_private(core, tx, place, by, item);
    }
    give_way(core, tx, item.document, origin)?;
    let arrived = Arrived { place, by, item, kind: origin.kind, client: origin.home(), payload: Some(&payload) };
    PROJECTIONS.iter().try_for_each(|projection| projection.take(core, tx, &arrived))?;
    tx.payloads.insert(place, payload.clone());
    count(core, tx, place, item, origin)
}

/// Whether what is said of a document of this type lies under a key of this compartment (format §3, *types*).
fn lies_under(kind: DocType, compartment: Compartment) -> bool {
    match kind {
        DocType::Client => compartment == Compartment::Identity,
        DocType::Note | DocType::Measures => compartment == Compartment::Clinical,
        DocType::ProcessNote => compartment == Compartment::Process,
        DocType::File => matches!(compartment, Compartment::Clinical | Compartment::Process),
        DocType::Unknown(code) if code == Kind::Disclosure.code() => compartment == Compartment::Clinical,
        DocType::Unknown(_) => true,
    }
}

/// What names the id of a document of the record under a key of private notes was never one of its items: it gives way.
fn give_way(core: &Core, tx: &mut Transaction, id: DocId, origin: DocumentOrigin) -> Result<(), RowError> {
    let Some(entry) = core.at(tx).entry(&id)?.filter(Entry::is_private) else { return Ok(()) };
    notes::list_private_note(core, tx, id, false)?;
    files::list_private_file(core, tx, id, false)?;
    trash::forget_deletions(core, tx, &id)?;
    tx.todo.aside.extend(entry.places.iter().map(|(place, _)| *place));
    tx.entries.insert(id, Entry::new(origin));
    Ok(())
}

/// Counts an item into its document.
fn count(core: &Core, tx: &mut Transaction, place: Place, item: &Item, origin: DocumentOrigin) -> Result<(), RowError> {
    let id = item.document;
    let mut entry = core.at(tx).entry(&id)?.unwrap_or_else(|| Entry::new(origin));
    if !entry.insert(place, item.kind) {
        // It has come again, after damage: what is shown of the document may have been made without it.
        if tx.reoffered {
            tx.todo.documents.insert(id);
        }
        return Ok(());
    }
    if item.kind == Kind::Changes {
        pruning::note_late_changes(core, tx, &id, &place.envelope)?;
    }
    let moved = entry.has(Kind::Moved) && matches!(item.kind, Kind::Moved | Kind::Signed);
    tx.entries.insert(id, entry);
    tx.todo.documents.insert(id);
    if origin.kind == DocType::Client {
        let awaiting = core.at(tx).list(&AwaitingClientAt(id))?;
        if !awaiting.is_empty() {
            tx.remove(&AwaitingClientAt(id));
        }
        tx.todo.moved.extend(awaiting);
    }
    tx.todo.moved.extend(moved.then_some(id));
    Ok(())
}

/// Counts an item under a key of private notes into its document: what it is about, only the passphrase tells.
fn count_private(core: &Core, tx: &mut Transaction, place: Place, by: DeviceId, item: &Item) -> Result<(), RowError> {
    let id = item.document;
    let mut entry = match core.at(tx).entry(&id)? {
        Some(entry) if !entry.is_private() => return Err(RowError::Damaged),
        Some(entry) => entry,
        None => Entry::new(DocumentOrigin::unopened(DocType::ProcessNote)),
    };
    let arrived = Arrived { place, by, item, kind: DocType::ProcessNote, client: NOBODY, payload: None };
    PROJECTIONS.iter().try_for_each(|projection| projection.take(core, tx, &arrived))?;
    if !entry.insert(place, item.kind) {
        return Ok(());
    }
    if item.kind == Kind::Changes {
        pruning::note_late_changes(core, tx, &id, &place.envelope)?;
    }
    // A deletion, its taking back and a move do not tell of which of the two they are.
    let is_note = [Kind::Frozen, Kind::Changes, Kind::Signed].into_iter().any(|kind| entry.has(kind));
    let is_file = entry.has(Kind::File);
    entry.origin = DocumentOrigin::unopened(if is_file && !is_note { DocType::File } else { DocType::ProcessNote });
    notes::list_private_note(core, tx, id, is_note || !is_file)?;
    files::list_private_file(core, tx, id, is_file)?;
    tx.entries.insert(id, entry);
    tx.todo.documents.insert(id);
    Ok(())
}

/// Puts notes and files where their moves and signatures say that they are: each once, however many items spoke of it.
pub(super) fn settle_owners(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    for id in std::mem::take(&mut tx.todo.moved) {
        let settles = |entry: &Entry| matches!(entry.kind(), DocType::Note | DocType::File);
        let Some(entry) = core.at(tx).entry(&id)?.filter(settles) else { continue };
        let last = entry.places.last().map(|(place, _)| *place);
        match (settle_owner(core, tx, id, entry), last) {
            // Where it cannot be told it stays where it is, and holds nothing else up.
            (Err(RowError::Damaged), Some(place)) => set_aside(tx, place),
            (settled, _) => settled?,
        }
    }
    Ok(())
}

/// Takes a document out of the list where it was, when it is elsewhere.
fn settle_owner(core: &Core, tx: &mut Transaction, id: DocId, mut entry: Entry) -> Result<(), RowError> {
    let ownership = core.at(tx).documents().ownership_of(&id, &entry)?;
    for client in ownership.awaited {
        let mut waiting = core.at(tx).list(&AwaitingClientAt(client))?;
        waiting.insert(id);
        tx.put(&AwaitingClientAt(client), &waiting);
    }
    let client = ownership.owner.unwrap_or(entry.origin.client);
    if entry.client != client {
        tx.timeline(core, entry.client)?.remove(&id);
        tx.todo.clients.insert(entry.client);
    }
    entry.client = client;
    tx.entries.insert(id, entry);
    tx.todo.documents.insert(id);
    Ok(())
}

/// No limit: 36 bytes for an item that is stored anyway, and one that is not listed would never be opened.
fn wait(tx: &mut Transaction, key: &KeyId, place: Place) {
    tx.todo.places.entry(*key).or_default().insert(place);
    tx.todo.waiting.insert(*key, true);
}

/// Lists what waits for keys from now on.
fn list_waiting(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    for (key, mut places) in std::mem::take(&mut tx.todo.places) {
        places.append(&mut core.at(tx).list(&WaitingForKeyAt(key))?);
        tx.put(&WaitingForKeyAt(key), &places);
    }
    Ok(())
}

/// Opens what waited for the keys that this transaction brought.
pub(crate) fn settle(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    list_waiting(core, tx)?;
    while let Some(key) = tx.todo.keys.pop() {
        let Some(places) = core.at(tx).get(&WaitingForKeyAt(key))? else { continue };
        tx.remove(&WaitingForKeyAt(key));
        tx.todo.waiting.insert(key, false);
        for place in places {
            let found = core.at(tx).item(&place);
            let taken = found.and_then(|(item, by)| take_content(core, tx, place, by, &item, None));
            or_set_aside(tx, place, taken)?;
        }
    }
    list_waiting(core, tx)?;
    let changed = std::mem::take(&mut tx.todo.waiting);
    if !changed.is_empty() {
        let mut waiting = core.at(tx).list(&WaitingKeysAt())?;
        waiting.extend(changed.iter().filter(|(_, waits)| **waits).map(|(key, _)| *key));
        waiting.retain(|key| changed.get(key) != Some(&false));
        tx.put_list(&WaitingKeysAt(), &waiting);
    }
    Ok(())
}
