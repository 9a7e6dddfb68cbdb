//! Taking in: every item, of this device or another, goes through here, one by one.
//!
//! An item whose key has not arrived waits for it; one that cannot be read is set aside alone and counted; an unknown
//! kind is kept where it is. None of them keeps its neighbours from being used.

use crate::blob::PieceList;
use crate::id::{ClientId, DocId, Hash, KeyId};
use crate::keyring::{Compartment, compartment_of, is_process_key};
use crate::log;
use crate::log::{DocType, Header, Item, Kind, NO_KEY, PRACTICE_KEY, Spot};
use crate::rows::Plain;
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction, is_laid_out};
use crate::vault::items::file::{is_private_pair, tells_no_type};
use crate::vault::items::frozen::heading;
use crate::vault::items::place::{Entry, Place};
use crate::vault::project::{Arrived, PROJECTIONS, exchange, files, keyring, notes, pruning, roster, set_aside};
use crate::vault::registry::{BodyAt, LayoutAt, SetAsideAt, WaitingForKeyAt, WaitingKeysAt};

/// Whose a private note is, or a file beside one: nobody's, in a row that the local key opens.
const NOBODY: ClientId = DocId([0; DocId::LEN]);

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
        Err(_) => return set_aside(core, tx, Place::whole(*envelope)),
    };
    tx.reoffered = true;
    lay_out(tx, envelope, header, &items);
    for (at, item) in items.iter().enumerate() {
        let index = u32::try_from(at).map_err(|_| RowError::Damaged)?;
        let spot = Spot { log: header.log, seq: header.seq, index };
        ingest(core, tx, Place { envelope: *envelope, index }, &spot, item, None)?;
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

/// Takes in one item; `payload` when this device wrote it just now.
pub(crate) fn ingest(
    core: &Core,
    tx: &mut Transaction,
    place: Place,
    spot: &Spot,
    item: &Item,
    payload: Option<Plain>,
) -> Result<(), RowError> {
    match item.kind {
        Kind::Roster => roster::take_roster_entry(core, tx, &spot.log.device(), &item.content),
        Kind::Keyring => {
            let taken = keyring::take_part(core, tx, spot.log.device(), &item.content);
            or_set_aside(core, tx, place, taken)
        }
        Kind::File if item.key == NO_KEY => match PieceList::parse(&item.content) {
            Ok(list) => files::take_piece_list(core, tx, item.document, &list),
            Err(_) => set_aside(core, tx, place),
        },
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
        | Kind::File => take_content(core, tx, place, spot, item, payload),
        Kind::Unknown(_) => Ok(()),
    }
}

/// Sets the item aside when it turned out to be damaged.
fn or_set_aside(core: &Core, tx: &mut Transaction, place: Place, taken: Result<(), RowError>) -> Result<(), RowError> {
    match taken {
        Err(RowError::Damaged) => set_aside(core, tx, place),
        other => other,
    }
}

fn take_content(
    core: &Core,
    tx: &mut Transaction,
    place: Place,
    spot: &Spot,
    item: &Item,
    payload: Option<Plain>,
) -> Result<(), RowError> {
    if payload.is_none() && item.key != PRACTICE_KEY && is_process_key(&item.key) {
        let kind = if item.kind == Kind::File { DocType::File } else { DocType::ProcessNote };
        if !keyring::has_private_part(core, tx, &item.key)? {
            tx.todo.waiting.insert(item.key, true);
        }
        let arrived = Arrived { place, spot, item, kind: DocType::ProcessNote, client: NOBODY, payload: None };
        PROJECTIONS.iter().try_for_each(|projection| projection.take(core, tx, &arrived))?;
        return count(core, tx, &Arrived { kind, ..arrived });
    }
    let opened = payload.map_or_else(|| core.at(tx).open_item_of(item, spot), |payload| Ok((None, payload)));
    let (owner, payload) = match opened {
        Ok(opened) => opened,
        Err(RowError::KeyNotHere) => return wait(core, tx, &item.key, place),
        Err(RowError::Damaged) => return set_aside(core, tx, place),
        Err(error) => return Err(error),
    };
    match (item.kind, item.key) {
        (Kind::Colleague, PRACTICE_KEY) => {
            let taken = exchange::take_colleague(core, tx, spot.log.device(), item.document, &payload);
            return or_set_aside(core, tx, place, taken);
        }
        (Kind::Delete, PRACTICE_KEY) => {
            let taken = exchange::take_removed_colleague(core, tx, spot.log.device(), item.document, &payload);
            return or_set_aside(core, tx, place, taken);
        }
        (Kind::Closed, PRACTICE_KEY) => {
            let taken = pruning::take_pruned(core, tx, spot.log.device(), item.document, &payload);
            return or_set_aside(core, tx, place, taken);
        }
        (Kind::Lacking, PRACTICE_KEY) => {
            let taken = keyring::take_lacking(core, tx, spot.log.device(), &payload);
            return or_set_aside(core, tx, place, taken);
        }
        (Kind::Colleague | Kind::Closed | Kind::Lacking, _) | (_, PRACTICE_KEY | NO_KEY) => {
            return set_aside(core, tx, place);
        }
        _ => {}
    }
    let Ok((kind, client)) = heading(item.kind, &item.document, &payload) else {
        return set_aside(core, tx, place);
    };
    let client = if kind == DocType::Client { item.document } else { client };
    // What an item says of itself is what its key is for.
    if owner.is_some_and(|owner| owner != client) || !lies_under(kind, compartment_of(&item.key)) {
        return set_aside(core, tx, place);
    }
    let arrived = Arrived { place, spot, item, kind, client, payload: Some(&payload) };
    let taken = PROJECTIONS.iter().try_for_each(|projection| projection.take(core, tx, &arrived));
    if taken == Err(RowError::Damaged) {
        return set_aside(core, tx, place);
    }
    taken?;
    // A private note, or a file beside one, never tells in a row that the local key opens whose it is.
    if kind == DocType::ProcessNote || (kind == DocType::File && is_process_key(&item.key)) {
        return count(core, tx, &Arrived { client: NOBODY, ..arrived });
    }
    tx.payloads.insert(place, payload.clone());
    count(core, tx, &arrived)
}

/// Whether what is said of a document of this type lies under a key of this compartment (format §3, *types*).
fn lies_under(kind: DocType, compartment: Compartment) -> bool {
    match kind {
        DocType::Client => compartment == Compartment::Identity,
        DocType::Note | DocType::Measures => compartment == Compartment::Clinical,
        DocType::ProcessNote => compartment == Compartment::Process,
        DocType::File => matches!(compartment, Compartment::Clinical | Compartment::Process),
        DocType::Unknown(_) => true,
    }
}

/// Counts an item into its document.
fn count(core: &Core, tx: &mut Transaction, arrived: &Arrived<'_>) -> Result<(), RowError> {
    let Arrived { place, item, kind, client, .. } = *arrived;
    let id = item.document;
    let known = core.at(tx).entry(&id)?;
    let mut entry = match known {
        // Unopened, a deletion, its taking back or a move does not tell whether it is of a private note or of a file beside one.
        Some(entry) if entry.client == client && is_private_pair(entry.kind, kind) => match item.kind {
            kind if tells_no_type(kind) => entry,
            _ if entry.places.iter().all(|(_, kind)| tells_no_type(*kind)) => Entry { kind, ..entry },
            _ => return set_aside(core, tx, place),
        },
        // A document does not change what it is about, whoever says so; only a move item says so of whose it is.
        Some(entry) if entry.kind != kind => return set_aside(core, tx, place),
        Some(entry) if entry.client == client || item.kind == Kind::Moved => entry,
        Some(entry)
            if matches!(kind, DocType::Note | DocType::File)
                && core.at(tx).documents().is_moved_from(&entry, &client) =>
        {
            entry
        }
        Some(_) => return set_aside(core, tx, place),
        None => Entry { kind, client, key: item.key, places: Vec::new() },
    };
    if entry.places.iter().any(|(other, _)| *other == place) {
        // It has come again, after damage: what is shown of the document may have been made without it.
        if tx.reoffered {
            tx.todo.documents.insert(id);
        }
        return Ok(());
    }
    entry.places.push((place, item.kind));
    if kind == DocType::ProcessNote && entry.places.len() == 1 {
        notes::list_private_note(core, tx, id)?;
    }
    if item.kind == Kind::File && client == NOBODY {
        files::list_private_file(core, tx, id)?;
    }
    let moved = entry.places.iter().any(|(_, kind)| *kind == Kind::Moved);
    tx.entries.insert(id, entry);
    tx.todo.documents.insert(id);
    if moved && matches!(item.kind, Kind::Moved | Kind::Signed) {
        settle_owner(core, tx, id)?;
    }
    if item.kind == Kind::Moved { retry_aside(core, tx, id) } else { Ok(()) }
}

/// Puts a note, or a file, where its moves and signatures say that it is, out of the list where it was.
fn settle_owner(core: &Core, tx: &mut Transaction, id: DocId) -> Result<(), RowError> {
    let settles =
        |entry: &Entry| entry.kind == DocType::Note || (entry.kind == DocType::File && entry.client != NOBODY);
    let Some(mut entry) = core.at(tx).entry(&id)?.filter(settles) else { return Ok(()) };
    let Some((client, key)) = core.at(tx).documents().owner_of(&id, &entry)? else { return Ok(()) };
    if entry.client != client {
        tx.timeline(core, entry.client)?.remove(&id);
        tx.todo.clients.insert(entry.client);
    }
    (entry.client, entry.key) = (client, key);
    tx.entries.insert(id, entry);
    Ok(())
}

/// Items that named another client and were set aside before the move came that explains them are taken now.
fn retry_aside(core: &Core, tx: &mut Transaction, id: DocId) -> Result<(), RowError> {
    let (mut kept, mut retried) = (Vec::new(), Vec::new());
    for place in core.at(tx).list(&SetAsideAt())? {
        match core.at(tx).item(&place) {
            Ok((item, spot)) if place.index != u32::MAX && item.document == id => retried.push((place, spot, item)),
            _ => kept.push(place),
        }
    }
    if retried.is_empty() {
        return Ok(());
    }
    tx.put(&SetAsideAt(), &kept);
    retried.into_iter().try_for_each(|(place, spot, item)| take_content(core, tx, place, &spot, &item, None))
}

fn wait(core: &Core, tx: &mut Transaction, key: &KeyId, place: Place) -> Result<(), RowError> {
    // No limit: 36 bytes for an item that is stored anyway, and one that is not listed here would never be opened.
    let mut waiting = core.at(tx).list(&WaitingForKeyAt(*key))?;
    waiting.push(place);
    tx.put(&WaitingForKeyAt(*key), &waiting);
    tx.todo.waiting.insert(*key, true);
    Ok(())
}

/// Opens what waited for the keys that this transaction brought.
pub(crate) fn settle(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    while let Some(key) = tx.todo.keys.pop() {
        let Some(places) = core.at(tx).get(&WaitingForKeyAt(key))? else { continue };
        tx.remove(&WaitingForKeyAt(key));
        tx.todo.waiting.insert(key, false);
        for place in places {
            let found = core.at(tx).item(&place);
            match found {
                Ok((item, spot)) => take_content(core, tx, place, &spot, &item, None)?,
                Err(RowError::Damaged) => set_aside(core, tx, place)?,
                Err(error) => return Err(error),
            }
        }
    }
    let changed = std::mem::take(&mut tx.todo.waiting);
    if !changed.is_empty() {
        let mut waiting = core.at(tx).list(&WaitingKeysAt())?;
        waiting.extend(changed.iter().filter(|(_, waits)| **waits).map(|(key, _)| *key));
        waiting.retain(|key| changed.get(key) != Some(&false));
        tx.put(&WaitingKeysAt(), &waiting);
    }
    Ok(())
}
