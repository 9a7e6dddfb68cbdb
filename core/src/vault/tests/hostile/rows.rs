//! Rows that cannot be read any more: each costs what it says, and nothing else.

use super::*;

/// A practice whose file was let go, then these rows in it were damaged.
fn spoilt(mut vault: Vault, rows: &[(Table, RowKey)]) -> LockedVault {
    let mut batch = Batch::new();
    rows.iter().for_each(|(table, key)| {
        batch.put(*table, *key, b"damaged");
    });
    vault.core.rows.store().commit(batch).unwrap();
    let (store, entropy, _) = vault.core.close();
    LockedVault::open(store, None, Policy::Tests, entropy).unwrap()
}

#[test]
fn no_damaged_list_keeps_anybody_out_while_words_wait_to_be_sealed() {
    let begun = || {
        let mut office = practice();
        let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
        let id = office.notes_mut().add_note(&client, &note("Still here."), false, NOW).unwrap();
        office.notes_mut().flush().unwrap();
        office.notes_mut().save_note(&id, &note("Still here, and more."), NOW).unwrap();
        let mut rows = Vec::new();
        let seen = &mut |key: &RowKey, _: &[u8]| {
            rows.push((Table::Catalog, *key));
            ControlFlow::Continue(())
        };
        office.core.rows.store().scan(Table::Catalog, seen).unwrap();
        (office, id, rows)
    };
    let lists = begun().2.len();
    assert!(lists > 1, "the clients, and a timeline");
    for list in 0..lists {
        let (office, id, rows) = begun();
        let mut office = spoilt(office, &rows[list..=list]).unlock(&passphrase("office"), NOW).unwrap();
        assert!(!office.take_notices().is_empty(), "that there was damage is told");
        assert_eq!(office.notes().note(&id).unwrap().content.text, "Still here, and more.");
    }
}

#[test]
fn a_damaged_list_and_second_box_keep_no_note_from_being_read() {
    let mut office = practice();
    let clients: Vec<ClientId> = (0..40)
        .map(|number| office.clients_mut().add_client(&identity(&format!("Client {number}")), NOW).unwrap())
        .collect();
    let id = office.notes_mut().add_note(&clients[7], &note("Still here."), false, NOW).unwrap();
    office.notes_mut().flush().unwrap();
    let mut rows: Vec<(Table, RowKey)> = Vec::new();
    for table in [Table::Catalog, Table::Slots] {
        let store = office.core.rows.store();
        store
            .scan(table, &mut |key, sealed| {
                // Of the slots only the second box, which its length tells from the others.
                if table == Table::Catalog || sealed.len() == crate::seal::sealed_len(80) {
                    rows.push((table, *key));
                }
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    let locked = spoilt(office, &rows);
    let still = locked.unlock(&passphrase("wrong"), NOW).unwrap_err();
    assert!(still.error.is_wrong_passphrase(), "damage elsewhere makes no passphrase right");
    let mut office = still.vault.unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!(office.take_notices(), [Notice::VitalChanged, Notice::Damaged]);
    for (number, client) in clients.iter().enumerate() {
        assert_eq!(office.clients().client(client).unwrap().name, format!("Client {number}"));
    }
    assert_eq!(office.notes().note(&id).unwrap().content.text, "Still here.");
    assert_eq!(office.reauthenticate(&passphrase("office"), NOW), Err(RowError::Damaged.into()));
}

#[test]
fn a_log_whose_rows_are_damaged_keeps_no_other_log_from_being_told_and_served() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let (mut home, mut laptop) = (second(&mut office, "Home"), second(&mut office, "Laptop"));
    meet(&mut office, &mut home);
    meet(&mut office, &mut laptop);
    let written = home.notes_mut().add_note(&client, &note("Written at home."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    let (damaged, whole) = (office.core.read().own_logs().main, office.log().frontier().unwrap());
    let mut tx = Transaction::quiet();
    tx.changes.put(Table::Index, &MissingBodiesAt(damaged).name(), b"damaged".to_vec());
    office.core.write(tx).unwrap();
    let ends = office.log().log_ends().unwrap();
    assert!(!ends.is_empty() && ends.iter().all(|end| end.log != damaged));
    assert_ne!(office.log().frontier().unwrap(), whole, "it is in step with nobody");
    // A backup that would lack the log is not made.
    assert_eq!(office.core.read().ledger().log_ends().err(), Some(RowError::Damaged));
    carry(&office, &mut laptop);
    assert_eq!(laptop.notes().note(&written).unwrap().content.text, "Written at home.");
}

#[test]
fn a_damaged_row_of_headers_that_wait_keeps_nothing_else_from_being_taken() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let waiting = crate::vault::registry::OrphanHeadersAt();
    let mut tx = Transaction::quiet();
    tx.changes.put(Table::Pending, &waiting.name(), b"damaged".to_vec());
    home.core.write(tx).unwrap();
    // Somebody is let in, so that what waited for its signer is looked at.
    let tablet = second(&mut office, "Tablet");
    carry(&office, &mut home);
    assert!(home.devices().all().unwrap().iter().any(|device| device.id == tablet.device()));
    assert!(!home.core.read().has(&waiting).unwrap(), "and the row is no more");
}
