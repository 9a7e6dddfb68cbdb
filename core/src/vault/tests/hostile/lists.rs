//! Lists and items in numbers: what is said of logs that nobody has, again and again, or of nothing at all.

use super::super::lacking;
use super::{NOW, meet, passphrase, practice, second};
use crate::id::{DocId, LogId};
use crate::log::{Item, Kind};
use crate::rows::Row as _;
use crate::store::Table;
use crate::vault::Vault;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::registry::{HeldElsewhereAt, LastSeenAt};

#[test]
fn acknowledgements_of_logs_that_nobody_has_are_not_kept_and_every_list_of_devices_reads() {
    let mut office = practice();
    let home = second(&mut office, "Home").device();
    let rows = |office: &Vault| office.core.rows.count(Table::Misc).unwrap();
    office.log_mut().acknowledged(&home, &Vec::new(), NOW).unwrap();
    let before = rows(&office);
    let invented: Vec<_> = (0..4_096_u64)
        .map(|number| {
            let mut log = LogId([7; 24]);
            log.0[..8].copy_from_slice(&number.to_le_bytes());
            (log, vec![(0, 1)])
        })
        .collect();
    office.log_mut().acknowledged(&home, &invented, NOW + 60_000).unwrap();
    assert_eq!(rows(&office), before);
    let listed = office.devices().all().unwrap();
    assert_eq!(listed.iter().map(|row| row.last_seen).collect::<Vec<_>>(), [None, Some(NOW + 60_000)]);
}

#[test]
fn a_body_of_thousands_of_items_that_say_nothing_costs_what_it_weighs() {
    const ITEMS: usize = 20_000;
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let mut out = Outbox::everyday();
    out.keyring.extend((0..ITEMS).map(|_| Item::bare(Kind::File, DocId([3; 16]), Vec::new())));
    let began = std::time::Instant::now();
    commit(&mut home.core, Transaction::default(), out).unwrap();
    meet(&mut home, &mut office);
    assert_eq!(office.log().set_aside_count().unwrap(), ITEMS);
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn lists_without_number_that_say_nothing_new_or_come_from_a_removed_device_write_nothing() {
    let mut office = practice();
    let home = second(&mut office, "Home").device();
    let log = office.core.read().own_logs().main;
    let writes = |office: &Vault| office.core.memory.state.counter;
    let (some, more) = (vec![(log, vec![(0, 1)])], vec![(log, vec![(0, 2)])]);
    office.log_mut().acknowledged_all(&home, &some, NOW).unwrap();
    let before = writes(&office);
    for at in 0..50 {
        office.log_mut().acknowledged_all(&home, &some, NOW + at).unwrap();
        office.log_mut().acknowledged(&home, &some, NOW + at).unwrap();
        office.log_mut().acknowledged(&home, &Vec::new(), NOW + at).unwrap();
    }
    assert_eq!(writes(&office), before);
    office.log_mut().acknowledged(&home, &more, NOW + 1).unwrap();
    assert_eq!(writes(&office), before + 1, "what is new is written at once");
    office.log_mut().acknowledged(&home, &more, NOW + 60_000).unwrap();
    assert_eq!(writes(&office), before + 2, "so is when it was here last");
    office.devices_mut().remove_device(&home, &passphrase("office"), NOW).unwrap();
    let before = writes(&office);
    office.log_mut().acknowledged_all(&home, &some, NOW + 120_000).unwrap();
    assert_eq!(writes(&office), before);
}

#[test]
fn what_a_device_said_and_cannot_be_read_any_more_was_not_said_until_it_says_so_again() {
    let mut office = practice();
    let home = second(&mut office, "Home");
    let (home, log) = (home.device(), office.core.read().own_logs().main);
    let behind = |office: &Vault| office.devices().all().unwrap().iter().map(|row| lacking(&row.lacks)).sum::<u64>();
    let lacking = behind(&office);
    assert!(lacking > 0);
    let end = office.core.memory.state.logs[&log][0].next_seq;
    office.log_mut().acknowledged(&home, &vec![(log, vec![(0, end)])], NOW).unwrap();
    let said = behind(&office);
    assert!(said < lacking);
    // What it does not name among all that it holds, it has lost.
    office.log_mut().acknowledged(&home, &Vec::new(), NOW).unwrap();
    assert_eq!(behind(&office), said);
    office.log_mut().acknowledged_all(&home, &Vec::new(), NOW).unwrap();
    assert_eq!(behind(&office), lacking);
    office.log_mut().acknowledged_all(&home, &vec![(log, vec![(0, end)])], NOW).unwrap();
    assert_eq!(behind(&office), said);
    let mut tx = Transaction::quiet();
    for name in [LastSeenAt(home).name(), HeldElsewhereAt(home, log).name()] {
        tx.changes.put(Table::Misc, &name, b"damaged".to_vec());
    }
    office.core.write(tx).unwrap();
    assert_eq!(behind(&office), lacking);
    office.log_mut().acknowledged(&home, &vec![(log, vec![(0, end)])], NOW).unwrap();
    assert_eq!(behind(&office), said);
}
