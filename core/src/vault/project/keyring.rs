//! The keyring: keys of compartments that come in other devices' parts.

use crate::id::{ClientId, DeviceId, KeyId};
use crate::keyring;
use crate::keyring::{Compartment, CompartmentEntry, Part};
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::keys::KeyRow;
use crate::vault::registry::{CompartmentKeyAt, KeysOfClientAt};

/// Takes in a keyring part from a log of `author`.
pub(crate) fn take_part(core: &Core, tx: &mut Transaction, author: DeviceId, bytes: &[u8]) -> Result<(), RowError> {
    let part = Part::parse(bytes)?;
    if part.is_process() {
        for id in part.key_ids() {
            let keeps = match core.at(tx).key_row(id)? {
                Some(KeyRow::Clear { .. }) => true,
                // Logs arrive in any order: one that was published before this device came must not take the place
                // of one that was published for it.
                Some(KeyRow::Process { part: held, .. }) => {
                    !part.is_for(&core.device) && Part::parse(&held).is_ok_and(|held| held.is_for(&core.device))
                }
                None => false,
            };
            if !keeps {
                tx.put(&CompartmentKeyAt(*id), &KeyRow::Process { author, part: bytes.to_vec() });
                tx.todo.keys.push(*id);
            }
        }
        return Ok(());
    }
    let opened = match part.open(author, core.device, &core.boxes.generation, &core.boxes.wrap) {
        Ok(opened) => opened,
        // Published before its author knew this device: it will be published again.
        Err(keyring::PartError::NotAReader) => return Ok(()),
        Err(_) => return Err(RowError::Damaged),
    };
    opened.into_iter().try_for_each(|entry| keep_key(core, tx, entry))
}

/// Keeps a key that is not known yet.
pub(crate) fn keep_key(core: &Core, tx: &mut Transaction, entry: CompartmentEntry) -> Result<(), RowError> {
    let CompartmentEntry { id, client, compartment, key } = entry;
    if core.at(tx).key_row(&id)?.is_some() {
        return Ok(());
    }
    tx.put(&CompartmentKeyAt(id), &KeyRow::Clear { client, compartment, key });
    list_key(core, tx, &client, compartment, id)?;
    tx.todo.keys.push(id);
    Ok(())
}

/// Lists a key among those of its client.
pub(crate) fn list_key(
    core: &Core,
    tx: &mut Transaction,
    client: &ClientId,
    compartment: Compartment,
    id: KeyId,
) -> Result<(), RowError> {
    let row = KeysOfClientAt(compartment.code(), *client);
    let mut ids = core.at(tx).list(&row)?;
    ids.push(id);
    tx.put(&row, &ids);
    Ok(())
}
