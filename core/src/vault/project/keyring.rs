//! The keyring: keys of compartments that come in other devices' parts.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{DeviceId, DocId, KeyId};
use crate::keyring::{Compartment, CompartmentEntry, Part, PartError};
use crate::planted::{Check, is_out};
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::keys::{KeyRow, Lacking, PrivatePart};
use crate::vault::project::{notes, put_secrets};
use crate::vault::registry::{AnsweredAt, CompartmentKeyAt, KeysOfClientAt, LackingAt, PrivatePartAt};

/// Takes in a keyring part from a log of `author`.
pub(crate) fn take_part(core: &Core, tx: &mut Transaction, author: DeviceId, bytes: &[u8]) -> Result<(), RowError> {
    let part = Part::parse(bytes)?;
    if part.is_process() {
        return take_private_part(core, tx, author, &part, bytes);
    }
    match part.open(author, core.device, &core.boxes.generation, &core.boxes.wrap) {
        Ok(opened) => opened.into_iter().try_for_each(|entry| keep_key(core, tx, entry)),
        // Published before its author knew this device, so that it will be published again; or of a later version.
        Err(PartError::NotAReader | PartError::LaterClass) => Ok(()),
        Err(_) => Err(RowError::Damaged),
    }
}

/// Keeps a part with keys of private notes. Whether it holds what it says is known when it is opened, so each device's stands
/// beside those of others: of one device's, one that is for this device, and of these the one of the smallest id.
fn take_private_part(
    core: &Core,
    tx: &mut Transaction,
    author: DeviceId,
    part: &Part,
    bytes: &[u8],
) -> Result<(), RowError> {
    let is_for_us = part.is_for(&core.device);
    if core.at(tx).get(&PrivatePartAt(author, part.id()))?.is_some_and(|held| held.part.as_slice() < bytes) {
        // Two parts of one device under one id: every device keeps the smaller one.
        return Ok(());
    }
    let (mut is_used, mut displaced) = (false, BTreeSet::new());
    for id in part.key_ids() {
        let mut parts = match core.at(tx).key_row(id)? {
            Some(KeyRow::Process(parts)) if !is_out(Check::PartOfAnother) => parts,
            _ => BTreeMap::new(),
        };
        let keeps = match parts.get(&author) {
            Some(held) => *held != part.id() && rank(core, tx, author, *held)? < (!is_for_us, part.id()),
            None => false,
        };
        if !keeps {
            displaced.extend(parts.insert(author, part.id()).filter(|held| *held != part.id()));
            tx.put(&CompartmentKeyAt(*id), &KeyRow::Process(parts));
            tx.todo.keys.push(*id);
            if is_for_us {
                tx.todo.waiting.insert(*id, false);
            }
            is_used = true;
        }
    }
    if is_used {
        tx.put(&PrivatePartAt(author, part.id()), &PrivatePart { author, part: bytes.to_vec() });
        notes::look_at_open_private_notes(core, tx)?;
    }
    displaced.into_iter().try_for_each(|held| drop_unused_part(core, tx, author, held))
}

/// Takes a part away that stands for no key any more.
fn drop_unused_part(core: &Core, tx: &mut Transaction, author: DeviceId, id: DocId) -> Result<(), RowError> {
    let Some(held) = core.at(tx).get(&PrivatePartAt(author, id))? else { return Ok(()) };
    for key in Part::parse(&held.part)?.key_ids() {
        if let Some(KeyRow::Process(parts)) = core.at(tx).key_row(key)?
            && parts.get(&author) == Some(&id)
        {
            return Ok(());
        }
    }
    tx.remove(&PrivatePartAt(author, id));
    Ok(())
}

/// Whether a part for this device says that it holds this key of private notes.
pub(super) fn has_private_part(core: &Core, tx: &Transaction, key: &KeyId) -> Result<bool, RowError> {
    let Some(KeyRow::Process(parts)) = core.at(tx).key_row(key)? else { return Ok(false) };
    for (author, part) in parts {
        let (is_for_others, _) = rank(core, tx, author, part)?;
        if !is_for_others {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What orders the parts of one device that hold one key: those for this device first.
fn rank(core: &Core, tx: &Transaction, author: DeviceId, part: DocId) -> Result<(bool, DocId), RowError> {
    let held = core.at(tx).get(&PrivatePartAt(author, part))?;
    let is_for_us = held.is_some_and(|held| Part::parse(&held.part).is_ok_and(|part| part.is_for(&core.device)));
    Ok((!is_for_us, part))
}

/// Hears what a device of the practice cannot open; the commit answers with what is here.
pub(super) fn take_lacking(core: &Core, tx: &mut Transaction, from: DeviceId, said: &[u8]) -> Result<(), RowError> {
    let said = Lacking::parse(said)?;
    let answered = core.at(tx).list(&AnsweredAt(from))?;
    let mut lacking = core.at(tx).list(&LackingAt(from))?;
    // What it says later does not take away what it said before, so that it is the same in whichever order it comes.
    lacking.keys.extend(said.keys.difference(&answered));
    lacking.epochs.extend(said.epochs);
    tx.put(&LackingAt(from), &if is_out(Check::Bounded) { lacking } else { lacking.bounded() });
    tx.todo.lacking = true;
    Ok(())
}

/// Keeps a key that is not known yet. One of private notes never lies in the open; an epoch's secret counts when its entry in
/// the roster says so.
pub(crate) fn keep_key(core: &Core, tx: &mut Transaction, entry: CompartmentEntry) -> Result<(), RowError> {
    let compartment = entry.compartment;
    match compartment {
        Compartment::Process => return Err(RowError::Damaged),
        Compartment::Epoch => return keep_epoch(core, tx, &entry),
        Compartment::Identity | Compartment::Clinical | Compartment::Unknown(_) => {}
    }
    let CompartmentEntry { id, client, compartment, key } = entry;
    if core.at(tx).key_row(&id)?.is_some() {
        return Ok(());
    }
    tx.put(&CompartmentKeyAt(id), &KeyRow::Clear { client, compartment, key });
    let of_client = KeysOfClientAt(compartment.code(), client);
    let mut ids = core.at(tx).list(&of_client)?;
    ids.insert(id);
    tx.put(&of_client, &ids);
    tx.todo.keys.push(id);
    Ok(())
}

/// Keeps the secret of an epoch that was handed on because this device lacked it.
fn keep_epoch(core: &Core, tx: &mut Transaction, entry: &CompartmentEntry) -> Result<(), RowError> {
    let Some((epoch, secret)) = entry.epoch() else { return Ok(()) };
    let reader = core.at(tx);
    let commits = reader.roster().commits(&epoch, &secret) || is_out(Check::Commitment);
    if commits && (reader.epoch(&epoch).is_none() || is_out(Check::Commitment)) {
        tx.next.epochs.insert(epoch, secret);
        put_secrets(core, tx);
        // What it opens is opened, and what waits for it taken in.
        tx.todo.roster = true;
    }
    Ok(())
}
