//! Compartment keys (format §5): made for each client, kept in rows, published in this device's keyring parts.

use crate::rows::Stored;
use std::collections::BTreeSet;

use crate::id::{ClientId, DeviceId, DocId, KeyId};
use crate::keyring::{Compartment, CompartmentEntry, Part};
use crate::log::{Item, Kind};
use crate::rows::RowError;
use crate::rows::{Mark, One};
use crate::secret::Key;
use crate::store::Table;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{Core, Transaction};
use crate::vault::items::keys::{KeyRow, OwnPart};
use crate::vault::project::{keep_key, list_key};
use crate::vault::registry::{CompartmentKeyAt, KeysOfClientAt, OpenPartAt, OwedPrivateKeysAt, OwnPartAt, OwnPartsAt};

/// Keys in a part before the next one is begun.
const PART_KEYS: usize = 64;

/// The key with which this client's compartment is written; made now if there is none.
pub(crate) fn key_for(
    core: &Core,
    tx: &mut Transaction,
    out: &mut Outbox,
    client: ClientId,
    compartment: Compartment,
) -> Result<KeyId, RowError> {
    let known = core.at(tx).list(&KeysOfClientAt(compartment.code(), client))?;
    // Two devices may have made a key each for a client that both imported: every device writes with the same one.
    if let Some(first) = known.into_iter().min() {
        return Ok(first);
    }
    let id = KeyId::random(&mut *core.entropy());
    let key = Key::random(&mut *core.entropy());
    let entry = CompartmentEntry { id, client, compartment, key };
    match compartment {
        Compartment::Process => publish_private_key(core, tx, out, entry)?,
        _ => publish_key(core, tx, out, entry)?,
    }
    Ok(id)
}

fn publish_key(core: &Core, tx: &mut Transaction, out: &mut Outbox, entry: CompartmentEntry) -> Result<(), RowError> {
    let open = core.at(tx).get(&OpenPartAt())?.map(|part| part.0);
    let opened = open.map_or(Ok(None), |part| core.at(tx).get(&OwnPartAt(part)))?;
    let (id, mut part) = match open.zip(opened) {
        Some((id, part)) if part.keys.len() < PART_KEYS => (id, part),
        _ => (DocId::random(&mut *core.entropy()), OwnPart { version: 0, keys: Vec::new() }),
    };
    part.keys.push(entry.id);
    keep_key(core, tx, entry)?;
    // Many keys made in one transaction leave in one version of their part.
    out.parts.insert(id);
    write_part(core, tx, id, &part)?;
    tx.put(&OpenPartAt(), &One(id));
    Ok(())
}

/// Puts the parts that were changed into the outbox, each once, for all devices that live.
pub(super) fn publish_parts(core: &Core, tx: &mut Transaction, out: &mut Outbox) -> Result<(), RowError> {
    for id in std::mem::take(&mut out.parts) {
        let mut part = core.at(tx).get(&OwnPartAt(id))?.ok_or(RowError::Damaged)?;
        part.version += 1;
        let mut entries = Vec::with_capacity(part.keys.len());
        for key in &part.keys {
            match core.at(tx).key_row(key)? {
                Some(KeyRow::Clear { client, compartment, key: secret }) => {
                    entries.push(CompartmentEntry { id: *key, client, compartment, key: secret });
                }
                _ => return Err(RowError::Damaged),
            }
        }
        let cards = core.at(tx).roster().readers(&core.device);
        let readers: Vec<_> = cards.iter().map(|card| (card.id, card.dkk_generation, &card.dkk)).collect();
        let bytes = Part::publish(id, part.version, &entries, core.device, &readers, &mut *core.entropy())
            .map_err(|_| RowError::Damaged)?;
        write_part(core, tx, id, &part)?;
        out.keyring.push(Item::bare(Kind::Keyring, id, bytes));
    }
    Ok(())
}

/// Publishes every key that this device holds for every device that lives, those of other devices' parts included:
/// the device that first published a key may be away when a new one needs it.
pub(super) fn publish_everything(core: &Core, tx: &mut Transaction, out: &mut Outbox) -> Result<(), RowError> {
    let mut own = BTreeSet::new();
    for id in core.at(tx).list(&OwnPartsAt())? {
        own.extend(core.at(tx).get(&OwnPartAt(id))?.ok_or(RowError::Damaged)?.keys);
        out.parts.insert(id);
    }
    let adopted: Vec<KeyId> = core.at(tx).all_clear_keys()?.into_iter().filter(|id| !own.contains(id)).collect();
    for keys in adopted.chunks(PART_KEYS) {
        let id = DocId::random(&mut *core.entropy());
        write_part(core, tx, id, &OwnPart { version: 0, keys: keys.to_vec() })?;
        out.parts.insert(id);
    }
    Ok(())
}

fn write_part(core: &Core, tx: &mut Transaction, id: DocId, part: &OwnPart) -> Result<(), RowError> {
    tx.put(&OwnPartAt(id), part);
    let mut all = core.at(tx).list(&OwnPartsAt())?;
    if !all.contains(&id) {
        all.push(id);
        tx.put(&OwnPartsAt(), &all);
    }
    Ok(())
}

fn publish_private_key(
    core: &Core,
    tx: &mut Transaction,
    out: &mut Outbox,
    entry: CompartmentEntry,
) -> Result<(), RowError> {
    let (id, client) = (entry.id, entry.client);
    let (part, bytes) = private_part(core, tx, &[entry])?;
    tx.put(&CompartmentKeyAt(id), &KeyRow::Process { author: core.device, part: bytes.clone() });
    list_key(core, tx, &client, Compartment::Process, id)?;
    out.keyring.push(Item::bare(Kind::Keyring, part, bytes));
    Ok(())
}

/// Takes over keys of private notes that came from elsewhere, opened: under this device's own key, and published for all.
pub(crate) fn adopt_private_keys(
    core: &Core,
    tx: &mut Transaction,
    out: &mut Outbox,
    keys: Vec<CompartmentEntry>,
) -> Result<(), RowError> {
    let mut fresh = Vec::new();
    for entry in keys {
        let opens_here = match core.at(tx).key_row(&entry.id)? {
            Some(KeyRow::Process { part, .. }) => Part::parse(&part).is_ok_and(|part| part.is_for(&core.device)),
            Some(KeyRow::Clear { .. }) => true,
            None => false,
        };
        if !opens_here {
            fresh.push(entry);
        }
    }
    fresh.sort_unstable_by_key(|entry| entry.id);
    fresh.dedup_by_key(|entry| entry.id);
    for entries in fresh.chunks(PART_KEYS) {
        let (part, bytes) = private_part(core, tx, entries)?;
        for entry in entries {
            tx.put(&CompartmentKeyAt(entry.id), &KeyRow::Process { author: core.device, part: bytes.clone() });
            list_key(core, tx, &entry.client, Compartment::Process, entry.id)?;
            tx.todo.keys.push(entry.id);
        }
        out.keyring.push(Item::bare(Kind::Keyring, part, bytes));
    }
    Ok(())
}

/// After an admission: keys of private notes for the new device now, or when the passphrase is given next.
pub(super) fn publish_or_owe_private_keys(core: &Core, tx: &mut Transaction, out: &mut Outbox) -> Result<(), RowError> {
    if core.reauth.is_some() {
        return publish_private_keys(core, tx, out);
    }
    tx.put(&OwedPrivateKeysAt(), &Mark);
    Ok(())
}

/// Publishes the keys of private notes that are owed to a new device, if any are. Asks for the passphrase again.
pub(crate) fn publish_owed_private_keys(core: &mut Core) -> Result<(), RowError> {
    if core.read().get(&OwedPrivateKeysAt())?.is_none() {
        return Ok(());
    }
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    publish_private_keys(core, &mut tx, &mut out)?;
    tx.remove(&OwedPrivateKeysAt());
    commit(core, tx, out)
}

/// Publishes every key of private notes again; needs the passphrase to have been given.
fn publish_private_keys(core: &Core, tx: &mut Transaction, out: &mut Outbox) -> Result<(), RowError> {
    let mut parts: BTreeSet<(DeviceId, Vec<u8>)> = BTreeSet::new();
    core.rows.scan(Table::Keys, &mut |row| {
        if let Some(Ok(KeyRow::Process { author, part })) = row.as_deref().map(|row| KeyRow::of_row(row)) {
            parts.insert((author, part));
        }
    })?;
    let reauth = core.reauth.as_ref().ok_or(RowError::NeedsReauth)?;
    for (author, held) in parts {
        let opened = core.at(tx).open_process_part(&author, &held, reauth.keys());
        let Ok(entries) = opened else { continue };
        let (part, bytes) = private_part(core, tx, &entries)?;
        for entry in &entries {
            tx.put(&CompartmentKeyAt(entry.id), &KeyRow::Process { author: core.device, part: bytes.clone() });
        }
        out.keyring.push(Item::bare(Kind::Keyring, part, bytes));
    }
    Ok(())
}

fn private_part(core: &Core, tx: &Transaction, entries: &[CompartmentEntry]) -> Result<(DocId, Vec<u8>), RowError> {
    let cards = core.at(tx).roster().readers(&core.device);
    let readers: Vec<_> = cards.iter().map(|card| (card.id, card.pkk_generation, &card.pkk)).collect();
    let id = DocId::random(&mut *core.entropy());
    Part::publish(id, 1, entries, core.device, &readers, &mut *core.entropy())
        .map(|bytes| (id, bytes))
        .map_err(|_| RowError::Damaged)
}
