//! What is vital (format §6), made again from the envelopes: who belongs to the practice, and the keys.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{ClientId, Hash, KeyId};
use crate::keyring::CompartmentEntry;
use crate::rows::{One, RowError, Stored};
use crate::store::Table;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{Core, Transaction, start_new_logs};
use crate::vault::integrity::repair_headers::Branches;
use crate::vault::items::keys::KeyRow;
use crate::vault::project::{note_pruned, take_roster_entries};
use crate::vault::registry::{KeysOfClientAt, KitSealedToAt, OpenPartAt, OwnPartsAt};

/// Takes every entry of the roster once more that lies in an envelope here, in one transaction: an entry may open the epoch under
/// which the next one lies, and nothing may follow from half of them.
pub(super) fn rebuild_roster(core: &mut Core, branches: &Branches) -> Result<(), RowError> {
    let mut tx = Transaction::default();
    let mut unopened: Vec<_> = branches.headers.iter().collect();
    loop {
        let before = unopened.len();
        for (name, signed) in std::mem::take(&mut unopened) {
            let Some(body) = core.at(&tx).ledger().envelope_body(name)? else { continue };
            match core.at(&tx).open_body(&signed.header, &body) {
                Ok(items) => take_roster_entries(core, &mut tx, &signed.header.log.device(), name, &items)?,
                Err(RowError::KeyNotHere) => unopened.push((name, signed)),
                Err(_) => {}
            }
        }
        if unopened.len() == before {
            break;
        }
    }
    // The log that this device goes on in may be an older one, which a copy of the practice wrote on in.
    start_new_logs(core, &mut tx)?;
    tx.todo.roster = true;
    // Whoever belongs to the practice is handed the keys when these are whole.
    tx.todo.admitted = false;
    commit(core, tx, Outbox::everyday())
}

/// Lists the keys anew, publishes them in new parts, notes again what was let go, and has the vital rows count as they are then.
pub(super) fn rebuild_keys(core: &mut Core, branches: &Branches) -> Result<(), RowError> {
    let mut tx = Transaction::default();
    for ((compartment, client), ids) in clear_keys(core)? {
        tx.put(&KeysOfClientAt(compartment, client), &ids);
    }
    // A part that was put back as it was before, or taken away, is not written on.
    tx.put_list(&OwnPartsAt(), &Vec::new());
    tx.remove(&OpenPartAt());
    tx.todo.admitted = true;
    for (name, signed) in &branches.headers {
        if core.at(&tx).ledger().is_pruned(name)? {
            note_pruned(core, &mut tx, signed)?;
        }
    }
    // Nobody knows any more which kit opens the recovery slot: it is sealed anew when the passphrase is given.
    tx.put(&KitSealedToAt(), &One(Hash([0; Hash::LEN])));
    commit(core, tx, Outbox::everyday())?;
    core.accept_vital()
}

/// The keys that lie in the open here, by compartment and client. A key's name follows from what its row says.
fn clear_keys(core: &Core) -> Result<BTreeMap<(u8, ClientId), BTreeSet<KeyId>>, RowError> {
    let mut keys = BTreeMap::<_, BTreeSet<KeyId>>::new();
    core.rows.scan(Table::Keys, &mut |row| {
        if let Some(Ok(KeyRow::Clear { client, compartment, key })) = row.map(|(_, key)| KeyRow::of_row(key)) {
            let entry = CompartmentEntry::new(client, compartment, key);
            keys.entry((compartment.code(), client)).or_default().insert(entry.id);
        }
    })?;
    Ok(keys)
}
