//! Damage that a hand or a disk did, and what is made again of it. Blocks that cannot be read are tests/tests/repair.rs's.

use crate::vault::core::Transaction;
use std::ops::ControlFlow;

use super::*;
use crate::rows::Changes;
use crate::rows::Row as _;
use crate::store::{Batch, RowKey, Table};
use crate::vault::registry::OrderAt;
use crate::vault::{Damage, NotTaken, Notice, Repaired, Taken};

fn repair(vault: &mut Vault) -> Repaired {
    vault.integrity_mut().repair(&mut |_, _| {}).unwrap()
}

fn damage(vault: &Vault) -> Vec<Damage> {
    vault.integrity().verify(&mut |_, _| {}).unwrap().damaged
}

/// Puts these bytes in the place of every row of a table.
fn overwrite(vault: &mut Vault, table: Table, bytes: &[u8]) {
    let mut keys: Vec<RowKey> = Vec::new();
    let each = &mut |key: &RowKey, _: &[u8]| {
        keys.push(*key);
        ControlFlow::Continue(())
    };
    vault.core.rows.store().scan(table, each).unwrap();
    let mut batch = Batch::new();
    keys.into_iter().for_each(|key| {
        batch.put(table, key, bytes);
    });
    vault.core.rows.store().commit(batch).unwrap();
}

fn take_away(vault: &mut Vault, table: Table, name: &Hash) {
    let mut changes = Changes::default();
    changes.remove(table, &name.0);
    vault.core.write(Transaction { changes, ..Transaction::default() }).unwrap();
    *vault.core.caches.body.borrow_mut() = None;
}

/// Two clients with some notes, drafts among them, on two devices.
fn two_devices() -> (Vault, Vault, Vec<crate::id::NoteId>) {
    let mut office = practice();
    let mut notes = Vec::new();
    for name in ["Aino", "Björn"] {
        let client = office.clients_mut().add_client(&identity(name), NOW).unwrap();
        for number in 0..5 {
            let id = office.notes_mut().add_note(&client, &note(&format!("{name} {number}")), false, NOW).unwrap();
            office.notes_mut().flush().unwrap();
            if number == 1 {
                office.notes_mut().sign(&id, NOW).unwrap();
            }
            notes.push(id);
        }
    }
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    (office, home, notes)
}

/// The first envelope from a number on whose body is here.
fn here_from(vault: &Vault, names: &[Hash], from: usize) -> usize {
    (from..names.len()).find(|seq| vault.log().has_body(&names[*seq]).unwrap()).unwrap()
}

fn texts(vault: &Vault, notes: &[crate::id::NoteId]) -> Vec<String> {
    notes.iter().map(|id| vault.notes().note(id).unwrap().content.text).collect()
}

#[test]
fn lists_and_timelines_that_do_not_open_are_made_again_and_say_the_same() {
    let (mut office, _, notes) = two_devices();
    let clients: Vec<_> = office.clients().all().cloned().collect();
    let timelines: Vec<_> = clients.iter().map(|row| office.notes().timeline(&row.id).unwrap()).collect();
    overwrite(&mut office, Table::Catalog, b"damaged");
    let found = damage(&office);
    assert!(found.contains(&Damage::Catalog) && found.contains(&Damage::Rows), "{found:?}");
    repair(&mut office);
    assert_eq!(damage(&office), []);
    assert!(office.clients().all().eq(clients.iter()));
    assert!(clients.iter().map(|row| office.notes().timeline(&row.id).unwrap()).eq(timelines));
    // And after unlocking.
    let mut office = office.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!(office.take_notices(), []);
    assert!(office.clients().all().eq(clients.iter()));
    assert_eq!(texts(&office, &notes).len(), 10);
}

#[test]
fn an_index_that_is_gone_is_made_again_from_the_envelopes() {
    let (mut office, mut home, notes) = two_devices();
    let before = texts(&office, &notes);
    overwrite(&mut office, Table::Index, b"damaged");
    assert!(!damage(&office).is_empty());
    let repaired = repair(&mut office);
    assert!(repaired.documents >= 12, "{repaired:?}");
    assert_eq!((repaired.headers_lacking, repaired.bodies_lacking), (0, 0));
    assert_eq!(damage(&office), []);
    assert_eq!(texts(&office, &notes), before);
    meet(&mut office, &mut home);
}

#[test]
fn a_lost_header_is_made_again_from_its_body_and_the_chain() {
    let (mut office, mut home, notes) = two_devices();
    let end = office.log().log_ends().unwrap().into_iter().find(|end| end.log == office.core.memory.logs.main).unwrap();
    let names = office.log().branch_names(&end.log, 0, &end.head).unwrap();
    for lost in [&names[..1], &names[3..4], &names[5..7], &names[names.len() - 1..]] {
        lost.iter().for_each(|name| take_away(&mut office, Table::Headers, name));
        assert!(damage(&office).iter().any(|damage| matches!(damage, Damage::Chain(..))));
        let repaired = repair(&mut office);
        assert_eq!((repaired.headers, repaired.headers_lacking), (lost.len() as u64, 0), "{repaired:?}");
        assert_eq!(damage(&office), []);
    }
    assert_eq!(texts(&office, &notes).len(), 10);
    meet(&mut office, &mut home);
}

#[test]
fn a_lost_body_is_lacking_after_mending_and_another_device_or_a_backup_gives_it_back() {
    let (mut office, mut home, notes) = two_devices();
    let before = texts(&office, &notes);
    let end = home.log().log_ends().unwrap().into_iter().find(|end| end.log == office.core.memory.logs.main).unwrap();
    let names = home.log().branch_names(&end.log, 0, &end.head).unwrap();
    let one = here_from(&home, &names, 4);
    let (one, other) = (names[one], names[here_from(&home, &names, one + 1)]);
    take_away(&mut home, Table::Bodies, &one);
    let mut changes = Changes::default();
    changes.put(Table::Bodies, &other.0, vec![7; 900]);
    home.core.write(Transaction { changes, ..Transaction::default() }).unwrap();
    let found = damage(&home);
    assert!(found.contains(&Damage::Body(one)) && found.contains(&Damage::Body(other)), "{found:?}");
    assert!(!home.integrity().affected_by(&found).unwrap().is_empty(), "it is said whose it is");
    assert_eq!(repair(&mut home).bodies_lacking, 2);
    assert_ne!(
        home.log().frontier().unwrap(),
        office.log().frontier().unwrap(),
        "what is lacking is not said to be held"
    );
    // Nothing but what is lacking is taken, and nothing but what its header names.
    let body = office.log().envelope_body(&one).unwrap().unwrap();
    let given = [(other, body.clone()), (names[0], body.clone()), (one, body.clone()), (one, body)];
    let taken = [Taken::Refused(NotTaken::NotNamed), Taken::Known, Taken::Stored, Taken::Known];
    assert_eq!(home.log_mut().offer_bodies(&given, NOW).unwrap(), taken);
    // From a device.
    meet(&mut office, &mut home);
    assert_eq!(damage(&home), []);
    assert_eq!(texts(&home, &notes), before);
}

#[test]
fn a_header_that_is_lost_with_its_body_is_given_back_by_another_device_alone() {
    let (mut office, mut home, notes) = two_devices();
    let before = texts(&office, &notes);
    let log = office.core.memory.logs.main;
    let end = home.log().log_ends().unwrap().into_iter().find(|end| end.log == log).unwrap();
    let names = home.log().branch_names(&log, 0, &end.head).unwrap();
    let lost = here_from(&home, &names, 4);
    take_away(&mut home, Table::Headers, &names[lost]);
    take_away(&mut home, Table::Bodies, &names[lost]);
    assert_eq!(repair(&mut home).headers_lacking, 1);
    assert_eq!(home.log().lost_headers(&log), Ok(vec![lost as u64]));
    assert_ne!(home.log().frontier().unwrap(), office.log().frontier().unwrap());
    let served = home.log().headers(&log, 0, &end.head, usize::MAX).unwrap();
    assert!(served.len() <= lost, "nothing is served beyond the gap");
    meet(&mut office, &mut home);
    assert_eq!(home.log().lost_headers(&log), Ok(vec![]));
    assert_eq!(damage(&home), []);
    assert_eq!(texts(&home, &notes), before);
}

#[test]
fn headers_that_are_lost_one_after_the_other_with_their_names_come_back_and_make_no_second_branch() {
    let (office, mut home, notes) = two_devices();
    let before = texts(&home, &notes);
    let log = office.core.memory.logs.main;
    let end = home.core.memory.state.logs[&log][0];
    let names = home.log().branch_names(&log, 0, &end.head).unwrap();
    for from in [names.len() - 4, names.len() - 3] {
        for (seq, name) in (0..).zip(&names).skip(from).take(3) {
            take_away(&mut home, Table::Headers, name);
            take_away(&mut home, Table::Bodies, name);
            let mut changes = Changes::default();
            changes.remove(OrderAt::TABLE, &OrderAt(log, seq).name());
            home.core.write(Transaction { changes, ..Transaction::default() }).unwrap();
        }
        assert_eq!(repair(&mut home).headers_lacking, 3);
        carry(&office, &mut home);
        assert_eq!(home.core.memory.state.logs[&log], [end], "from {from}");
        assert_eq!((damage(&home), texts(&home, &notes)), (vec![], before.clone()));
        assert_eq!(home.log().lost_headers(&log).unwrap(), [0_u64; 0]);
    }
}

#[test]
fn an_old_row_put_back_is_told_by_the_check_once() {
    let mut office = practice();
    office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut old: Vec<(RowKey, Vec<u8>)> = Vec::new();
    let each = &mut |key: &RowKey, value: &[u8]| {
        old.push((*key, value.to_vec()));
        ControlFlow::Continue(())
    };
    office.core.rows.store().scan(Table::Misc, each).unwrap();
    office.keep_setting("a", b"newer").unwrap();
    office.keep_setting("a", b"newest").unwrap();
    let mut batch = Batch::new();
    let mut now: Vec<RowKey> = Vec::new();
    let each = &mut |key: &RowKey, _: &[u8]| {
        now.push(*key);
        ControlFlow::Continue(())
    };
    office.core.rows.store().scan(Table::Misc, each).unwrap();
    now.retain(|key| old.iter().all(|(other, _)| other != key));
    now.into_iter().for_each(|key| {
        batch.remove(Table::Misc, key);
    });
    office.core.rows.store().commit(batch).unwrap();
    let found = office.integrity().verify(&mut |_, _| {}).unwrap();
    assert_eq!(found.damaged, [Damage::Rows]);
    office.integrity_mut().notice_check(&found);
    office.integrity_mut().notice_check(&found);
    assert_eq!(office.take_notices(), [Notice::RowsChanged]);
    repair(&mut office);
    assert_eq!(damage(&office), []);
}
