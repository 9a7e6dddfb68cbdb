//! Old rows put back under their own keys, by somebody who can write to the file.

use std::ops::ControlFlow;

use super::{NOW, identity, note, passphrase, practice};
use crate::store::{Batch, RowKey, Table};
use crate::vault::{Damage, Notice, Vault};

/// Every row of a table, as it lies in the store.
pub(super) fn rows(vault: &mut Vault, table: Table) -> Vec<(RowKey, Vec<u8>)> {
    let mut rows = Vec::new();
    let each = &mut |key: &RowKey, value: &[u8]| {
        rows.push((*key, value.to_vec()));
        ControlFlow::Continue(())
    };
    vault.core.rows.store().scan(table, each).unwrap();
    rows
}

/// Every row of these tables as it was, in place of what is there now.
fn put_back(vault: &mut Vault, table: Table, old: &[(RowKey, Vec<u8>)]) -> bool {
    let now = rows(vault, table);
    let mut batch = Batch::new();
    for (key, value) in old.iter().filter(|row| !now.contains(row)) {
        batch.put(table, *key, value.clone());
    }
    let any = !batch.is_empty();
    vault.core.rows.store().commit(batch).unwrap();
    any
}

#[test]
fn one_old_row_put_back_is_noticed_when_the_practice_is_unlocked_and_when_it_is_checked() {
    for table in [Table::Misc, Table::Catalog, Table::Index, Table::Pending] {
        let mut vault = practice();
        let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
        let id = vault.notes_mut().add_note(&client, &note("Before."), false, NOW).unwrap();
        vault.keep_setting("choice", b"before").unwrap();
        let old = rows(&mut vault, table);
        vault.notes_mut().save_note(&id, &note("Before. And after."), NOW).unwrap();
        vault.notes_mut().flush().unwrap();
        vault.notes_mut().save_note(&id, &note("Before. And after. And more."), NOW).unwrap();
        vault.keep_setting("choice", b"after").unwrap();
        let mut vault = vault.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
        assert_eq!(vault.take_notices(), [], "nothing was put back");
        if !put_back(&mut vault, table, &old) {
            continue;
        }
        let mut vault = vault.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
        assert!(vault.take_notices().contains(&Notice::RowsChanged), "{table:?}");
        assert!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged.contains(&Damage::Rows), "{table:?}");
    }
}
