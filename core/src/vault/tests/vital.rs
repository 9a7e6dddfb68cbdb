//! What a practice is opened with, and who belongs to it: put back as it was by somebody who can write to the file.

use subrosa_testkit::disk::Disk;

use super::backup::{back_up, with_kit};
use super::rollback::rows;
use super::*;
use crate::backup::BackupError;
use crate::rows::Row;
use crate::secret::{Key, RecoveryRole};
use crate::store::{Batch, RowKey, Table};
use crate::vault::core::{Transaction, slot};
use crate::vault::registry::{KitSealedToAt, RosterAt, SecretsAt};
use crate::vault::{Damage, DeviceError, LockedVault, Notice};

/// Rows that are more than unlocking sums.
const MANY: u32 = 8_200;
const CHANGED: RowError = RowError::VitalChanged;

/// So many rows beside the practice's own.
fn grow(vault: &mut Vault) {
    let mut tx = Transaction::default();
    for number in 0..MANY {
        tx.changes.put(Table::Misc, &number.to_le_bytes(), vec![1]);
    }
    vault.core.write(tx).unwrap();
}

fn put(vault: &mut Vault, table: Table, key: RowKey, value: Option<Vec<u8>>) {
    let mut batch = Batch::new();
    match value {
        Some(value) => batch.put(table, key, value),
        None => batch.remove(table, key),
    };
    vault.core.rows.store().commit(batch).unwrap();
}

/// The rows of a table as they were, and none that came since.
fn put_back(vault: &mut Vault, table: Table, old: Vec<(RowKey, Vec<u8>)>) {
    for (key, _) in rows(vault, table) {
        put(vault, table, key, None);
    }
    old.into_iter().for_each(|(key, value)| put(vault, table, key, Some(value)));
}

fn slot_of(vault: &Vault, name: &str) -> Vec<u8> {
    vault.core.rows.look().read(Table::Slots, &slot(name)).unwrap().unwrap()
}

fn unlocked(vault: Vault) -> Vault {
    vault.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap()
}

fn new_kit(vault: &mut Vault) -> Key<RecoveryRole> {
    let kit = vault.devices_mut().draw_kit(&passphrase("office")).unwrap();
    vault.devices_mut().put_in_force(&kit, NOW).unwrap();
    kit.seed().duplicate()
}

fn repair(vault: &mut Vault) {
    vault.integrity_mut().repair(&mut |_, _| {}).unwrap();
    assert!(!vault.integrity().is_vital_changed());
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn an_old_recovery_slot_put_back_is_noticed_however_large_the_practice_and_a_repair_seals_it_to_the_kit_in_force() {
    let (mut vault, old_kit) = with_kit();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    grow(&mut vault);
    let old = slot_of(&vault, "recovery");
    let kit = new_kit(&mut vault);
    let mut vault = unlocked(vault);
    assert_eq!(vault.take_notices(), [], "nothing was put back");
    let folder = tempfile::tempdir().unwrap();
    back_up(&mut vault, folder.path(), NOW).unwrap();
    // While it lies open, a backup notices.
    let now = slot_of(&vault, "recovery");
    put(&mut vault, Table::Slots, slot("recovery"), Some(old.clone()));
    assert!(matches!(back_up(&mut vault, folder.path(), NOW), Err(BackupError::Row(CHANGED))));
    assert_eq!(vault.take_notices(), [Notice::VitalChanged]);
    put(&mut vault, Table::Slots, slot("recovery"), Some(now));
    let mut vault = unlocked(vault);
    assert_eq!(vault.take_notices(), [], "the slot that counts lies there again");
    put(&mut vault, Table::Slots, slot("recovery"), Some(old));
    let mut vault = unlocked(vault);
    assert_eq!(vault.take_notices(), [Notice::VitalChanged]);
    assert!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged.contains(&Damage::Vital));
    assert!(matches!(back_up(&mut vault, folder.path(), NOW), Err(BackupError::Row(CHANGED))));
    assert_eq!(vault.devices_mut().draw_kit(&passphrase("office")).unwrap_err(), DeviceError::Row(CHANGED));
    // What is written fits no sum that did not fit before.
    let id = vault.notes_mut().add_note(&client, &note("Meanwhile."), false, NOW).unwrap();
    let mut vault = unlocked(vault);
    assert_eq!(vault.take_notices(), [Notice::VitalChanged]);
    assert_eq!(vault.notes().note(&id).unwrap().content.text, "Meanwhile.");
    repair(&mut vault);
    assert!(matches!(back_up(&mut vault, folder.path(), NOW), Err(BackupError::NewKit)), "the passphrase is needed");
    let mut vault = unlocked(vault);
    assert_eq!(vault.take_notices(), []);
    back_up(&mut vault, folder.path(), NOW + crate::vault::DAY).unwrap();
    let still = vault.lock().unwrap().recover(&old_kit, &passphrase("n"), Strength::CHEAP_FOR_TESTS, NOW).unwrap_err();
    still.vault.recover(&kit, &passphrase("n"), Strength::CHEAP_FOR_TESTS, NOW).unwrap();
}

#[test]
fn the_slots_of_an_old_passphrase_put_back_are_noticed_when_it_opens_them() {
    let mut vault = practice();
    grow(&mut vault);
    let old = rows(&mut vault, Table::Slots);
    vault.change_passphrase(&passphrase("office"), &passphrase("newer"), Strength::CHEAP_FOR_TESTS).unwrap();
    let mut vault = vault.lock().unwrap().unlock(&passphrase("newer"), NOW).unwrap();
    assert_eq!(vault.take_notices(), [], "it was changed here");
    put_back(&mut vault, Table::Slots, old);
    let mut vault = unlocked(vault);
    assert_eq!(vault.take_notices(), [Notice::VitalChanged]);
    assert_eq!(vault.devices_mut().hello(&[1; 32], &[2; 32], NOW), Err(DeviceError::Row(CHANGED)));
    repair(&mut vault);
    vault.change_passphrase(&passphrase("office"), &passphrase("third"), Strength::CHEAP_FOR_TESTS).unwrap();
    let mut vault = vault.lock().unwrap().unlock(&passphrase("third"), NOW).unwrap();
    assert_eq!(vault.take_notices(), []);
    vault.devices_mut().hello(&[1; 32], &[2; 32], NOW).unwrap();
}

#[test]
fn an_old_roster_put_back_is_noticed_and_a_repair_finds_in_the_envelopes_who_was_removed() {
    for with_secrets in [false, true] {
        let mut office = practice();
        let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
        let mut home = second(&mut office, "Home");
        let mut lost = second(&mut office, "Lost");
        meet(&mut office, &mut home);
        meet(&mut office, &mut lost);
        grow(&mut office);
        let old = rows(&mut office, Table::Keys);
        office.devices_mut().remove_device(&lost.device(), &passphrase("office"), NOW).unwrap();
        let id = office.notes_mut().add_note(&client, &note("Since then."), false, NOW).unwrap();
        office.notes_mut().flush().unwrap();
        carry(&office, &mut home);
        // What the removed device writes now is of no use to anybody.
        lost.clients_mut().add_client(&identity("Planted"), NOW).unwrap();
        carry(&lost, &mut office);
        assert_eq!(office.clients().all().count(), 1);
        if with_secrets {
            put_back(&mut office, Table::Keys, old);
        } else {
            let name = RosterAt().name();
            let before = office.core.rows.read(Table::Keys, &name).unwrap();
            let key = old_key(&mut office, &old);
            put(&mut office, Table::Keys, key.0, Some(key.1));
            assert_ne!(office.core.rows.read(Table::Keys, &name).unwrap(), before);
        }
        let mut office = unlocked(office);
        assert!(office.take_notices().contains(&Notice::VitalChanged));
        assert!(office.devices().all().unwrap().iter().any(|row| row.id == lost.device()), "one of the practice again");
        let pass = passphrase("office");
        assert_eq!(office.devices_mut().hello(&[1; 32], &[2; 32], NOW), Err(DeviceError::Row(CHANGED)));
        let hello = home.devices_mut().hello(&[1; 32], &[2; 32], NOW).unwrap();
        assert_eq!(office.devices().greeted(&hello, &[1; 32], &[2; 32], NOW), None);
        assert_eq!(office.devices_mut().remove_device(&home.device(), &pass, NOW), Err(DeviceError::Row(CHANGED)));
        assert_eq!(office.devices_mut().admit(&[], usize::MAX, NOW).err(), Some(DeviceError::Row(CHANGED)));
        let end = lost.log().log_ends().unwrap()[0].log;
        assert_eq!(office.log_mut().offer_headers(&end, &[]), Err(CHANGED));
        assert_eq!(office.log_mut().offer_bodies(&[], NOW), Err(CHANGED));
        let log = office.core.memory.logs.main;
        repair(&mut office);
        assert_ne!(office.core.memory.logs.main, log, "a copy may have gone on in it");
        assert_eq!(office.devices().removed_devices().iter().map(|row| row.id).collect::<Vec<_>>(), [lost.device()]);
        assert_eq!(office.clients().all().count(), 1, "what the removed device wrote since is not used");
        assert_eq!(office.notes().note(&id).unwrap().content.text, "Since then.");
        let mut office = unlocked(office);
        assert_eq!(office.take_notices(), []);
        office.notes_mut().save_note(&id, &note("Since then, and more."), NOW).unwrap();
        meet(&mut office, &mut home);
        assert_eq!(home.notes().note(&id).unwrap().content.text, "Since then, and more.");
        assert_eq!(home.devices().removed_devices().len(), 1);
    }
}

/// The row of the roster among these.
fn old_key(vault: &mut Vault, old: &[(RowKey, Vec<u8>)]) -> (RowKey, Vec<u8>) {
    let now = rows(vault, Table::Keys);
    let mut tx = Transaction::default();
    vault.core.put_boot_rows(&mut tx);
    // Sealed anew, its row is another: the one that changes besides those of log and secrets, and is the longest.
    vault.core.write(tx).unwrap();
    let changed = rows(vault, Table::Keys).into_iter().filter(|row| !now.contains(row));
    let roster = changed.max_by_key(|(_, value)| value.len()).unwrap().0;
    old.iter().find(|(key, _)| *key == roster).unwrap().clone()
}

#[test]
fn vital_rows_that_are_taken_away_are_noticed_and_a_repair_makes_them_again() {
    let (mut office, _) = with_kit();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("Said."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let from_home = home.clients_mut().add_client(&identity("From home"), NOW).unwrap();
    meet(&mut office, &mut home);
    new_kit(&mut office);
    grow(&mut office);
    let mut noticed = 0;
    for (key, value) in rows(&mut office, Table::Keys) {
        put(&mut office, Table::Keys, key, None);
        office = match office.lock().unwrap().unlock(&passphrase("office"), NOW) {
            Ok(vault) => vault,
            // Without the roster, the secrets or the log nothing opens.
            Err(still) => {
                assert_eq!(still.error.row(), Some(RowError::Damaged));
                let mut store = still.vault.into_store_for_tests();
                let mut batch = Batch::new();
                batch.put(Table::Keys, key, value);
                store.commit(batch).unwrap();
                let locked = LockedVault::open(store, None, Policy::Tests, Box::new(Os)).unwrap();
                locked.unlock(&passphrase("office"), NOW).unwrap()
            }
        };
        if office.integrity().is_vital_changed() {
            noticed += 1;
            repair(&mut office);
            office = unlocked(office);
            assert_eq!(office.take_notices(), []);
            assert_eq!(office.notes().note(&id).unwrap().content.text, "Said.");
            assert_eq!(office.clients().client(&from_home).unwrap().name, "From home");
            let added = office.notes_mut().add_note(&from_home, &note("Added."), false, NOW).unwrap();
            meet(&mut office, &mut home);
            assert_eq!(home.notes().note(&added).unwrap().content.text, "Added.");
        }
    }
    assert!(noticed > 5, "{noticed}");
    assert!(office.core.rows.read(Table::Keys, &KitSealedToAt().name()).unwrap().is_some());
    assert!(office.core.rows.read(Table::Keys, &SecretsAt().name()).unwrap().is_some());
}

#[test]
fn lists_that_are_damaged_and_made_again_at_once_hide_no_roster_that_was_put_back() {
    let mut office = practice();
    office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let lost = second(&mut office, "Lost");
    let old = rows(&mut office, Table::Keys);
    office.devices_mut().remove_device(&lost.device(), &passphrase("office"), NOW).unwrap();
    put_back(&mut office, Table::Keys, old);
    for (key, _) in rows(&mut office, Table::Catalog) {
        put(&mut office, Table::Catalog, key, Some(b"damaged".to_vec()));
    }
    let mut office = unlocked(office);
    let notices = office.take_notices();
    assert!(notices.contains(&Notice::Damaged) && notices.contains(&Notice::VitalChanged), "{notices:?}");
    assert_eq!(unlocked(office).take_notices(), [Notice::VitalChanged]);
}

/// A practice on a disk that ends at one change of it after the other while something is done: whatever is there then opens,
/// with the one passphrase or the other, and says nothing of changed rows.
fn ends_anywhere(done: &dyn Fn(LockedVault) -> Result<Vault, ()>) {
    let disk = Disk::default();
    let store = Box::new(RedbStore::over(disk.clone()).unwrap());
    let vault = Vault::create(store, &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap().vault;
    drop(vault.lock().unwrap());
    let image = disk.image();
    let open = |disk: &Disk| {
        let store = Box::new(RedbStore::over(disk.clone()).unwrap());
        LockedVault::open(store, None, Policy::Tests, Box::new(Os)).unwrap()
    };
    let whole = Disk::holding(image.clone());
    drop(done(open(&whole)).unwrap());
    let (mut old, mut new) = (0, 0);
    for at in 0..whole.position() {
        let disk = Disk::holding(image.clone());
        disk.fill_at(at);
        if let Ok(store) = RedbStore::over(disk.clone()) {
            let locked = LockedVault::open(Box::new(store), None, Policy::Tests, Box::new(Os));
            drop(locked.map(done));
        }
        let disk = Disk::holding(disk.image());
        let mut vault = match open(&disk).unlock(&passphrase("office"), NOW) {
            Ok(vault) => {
                old += 1;
                vault
            }
            Err(still) => {
                new += 1;
                still.vault.unlock(&passphrase("newer"), NOW).unwrap()
            }
        };
        assert_eq!(vault.take_notices(), [], "at {at}");
    }
    assert!(old > 0, "{old} {new}");
}

#[test]
fn a_change_of_the_passphrase_or_the_weekly_key_that_ends_anywhere_is_no_change_from_outside() {
    ends_anywhere(&|locked| {
        let mut vault = locked.unlock(&passphrase("office"), NOW).map_err(drop)?;
        let done = vault.change_passphrase(&passphrase("office"), &passphrase("newer"), Strength::CHEAP_FOR_TESTS);
        done.map(|()| vault).map_err(drop)
    });
    ends_anywhere(&|locked| locked.unlock(&passphrase("office"), NOW + 8 * crate::vault::DAY).map_err(drop));
}

#[test]
fn a_recovery_with_the_kit_is_no_change_from_outside() {
    let (vault, kit) = with_kit();
    let recovered = vault.lock().unwrap().recover(&kit, &passphrase("office"), Strength::CHEAP_FOR_TESTS, NOW);
    let mut vault = recovered.unwrap();
    assert_eq!(vault.take_notices(), []);
    assert_eq!(unlocked(vault).take_notices(), []);
}
