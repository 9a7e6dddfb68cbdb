//! A row that is damaged while something comes in: whatever could be taken, memory is what the disk has.

use subrosa_testkit::medium::Medium;

use super::*;
use crate::id::LogId;
use crate::store::{Batch, RowKey, Table};
use crate::vault::LockedVault;
use crate::vault::core::BootRows;

type Sent = (Vec<(LogId, Vec<Vec<u8>>)>, Vec<(Hash, Vec<u8>)>);

/// All that a device has, as it sends it.
fn sent(vault: &Vault) -> Sent {
    let (mut runs, mut bodies) = (Vec::new(), Vec::new());
    for end in vault.log().log_ends().unwrap() {
        runs.push((end.log, vault.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap()));
        for name in vault.log().branch_names(&end.log, 0, &end.head).unwrap().into_iter().rev() {
            bodies.extend(vault.log().envelope_body(&name).unwrap().map(|body| (name, body)));
        }
    }
    (runs, bodies)
}

/// The office, locked, which knows of no laptop and has its headers; and what the laptop has, which home let in.
fn before() -> (Vec<u8>, Sent) {
    let medium = Medium::default();
    let over = Box::new(RedbStore::over(medium.clone()).unwrap());
    let mut office = Vault::create(over, &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap().vault;
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    office.notes_mut().add_note(&client, &note("At the office."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let mut laptop = admitted(&mut home, "Home", "Laptop");
    meet(&mut home, &mut laptop);
    laptop.notes_mut().add_note(&client, &note("On the way."), false, NOW).unwrap();
    meet(&mut laptop, &mut home);
    let all = sent(&laptop);
    // Who it is nobody has said here yet.
    for (log, run) in all.0.iter().filter(|(log, _)| log.device() == laptop.device()) {
        assert_eq!(office.log_mut().offer_headers(log, run), Ok(Taken::Orphaned));
    }
    drop(office.lock().unwrap());
    (medium.image(), all)
}

fn opened(image: &[u8]) -> Vault {
    let store = Box::new(RedbStore::over(Medium::holding(image.to_vec())).unwrap());
    let locked = LockedVault::open(store, None, Policy::Tests, Box::new(Os)).unwrap();
    locked.unlock(&passphrase("office"), NOW).map_err(|still| still.error).unwrap()
}

/// Everything that is in memory and lies on the disk too.
fn is_what_the_disk_has(vault: &Vault) -> bool {
    let (memory, boot) = (&vault.core.memory, BootRows::read(&vault.core.rows).unwrap());
    memory.state == boot.state
        && memory.logs == boot.logs
        && memory.pending == boot.pending
        && memory.roster.entries() == boot.roster.entries()
        && memory.epochs.keys().eq(boot.epochs.keys())
}

fn take(vault: &mut Vault, (runs, bodies): &Sent) {
    for _ in 0..2 {
        for (log, run) in runs {
            // A log with a damaged row takes nothing, and says so.
            let _ = vault.log_mut().offer_headers(log, run);
        }
        for batch in bodies.chunks(5) {
            let _ = vault.log_mut().offer_bodies(batch, NOW);
            assert!(is_what_the_disk_has(vault));
        }
    }
}

#[test]
fn whichever_row_is_damaged_while_a_device_is_let_in_memory_is_what_the_disk_has() {
    let (image, all) = before();
    let mut whole = opened(&image);
    take(&mut whole, &all);
    assert_eq!(whole.devices().all().unwrap().len(), 3, "nothing is damaged");
    let rows: Vec<(Table, RowKey)> = [Table::Headers, Table::Index, Table::Catalog, Table::Pending, Table::Misc]
        .into_iter()
        .flat_map(|table| opened(&image).core.rows.plain(table).into_keys().map(move |key| (table, key)))
        .collect();
    let mut let_in = 0;
    for (table, key) in &rows {
        let mut vault = opened(&image);
        let mut batch = Batch::new();
        batch.put(*table, *key, b"damaged".to_vec());
        vault.core.rows.store().commit(batch).unwrap();
        take(&mut vault, &all);
        // What follows is built on it, and nothing of it is taken back.
        let entries = vault.core.memory.roster.entries();
        let client = vault.clients_mut().add_client(&identity("Bertil"), NOW);
        assert!(is_what_the_disk_has(&vault) && entries == vault.core.memory.roster.entries(), "{table:?} {client:?}");
        let_in += usize::from(vault.devices().all().unwrap().len() == 3);
    }
    println!("{let_in} of {} times the laptop was let in all the same", rows.len());
    assert!(let_in * 10 > rows.len() * 9, "{let_in} of {}", rows.len());
}
