//! A new recovery kit for a practice that is in use: which paper opens what, on this device and on the others.

use super::backup::{back_up, files, with_kit, written};
use super::restore::{backup_of, merge, open, restored};
use crate::vault::{DeviceError, RowError, UnlockError};
use subrosa_testkit::disk::Disk;

use super::*;
use crate::backup::{BackupError, BackupSettings, Every, NextBackup, Target};
use crate::id::EpochId;
use crate::kdf::Strength;
use crate::kem::WrapPublic;
use crate::log::Item;
use crate::roster::{Entry, SignedBy};
use crate::secret::{Key, RecoveryRole};
use crate::slots::SlotError;
use crate::vault::commit::Outbox;
use crate::vault::commit::commit;
use crate::vault::core::Transaction;
use crate::vault::core::read_slot;
use crate::vault::{Created, LockedVault, Notice, Only};

const DAY: u64 = super::super::DAY;

/// A new kit, put in force with this passphrase.
fn new_kit(vault: &mut Vault, words: &str, now: u64) -> Key<RecoveryRole> {
    let kit = vault.devices_mut().draw_kit(&passphrase(words)).unwrap();
    vault.devices_mut().put_in_force(&kit, now).unwrap();
    kit.seed().duplicate()
}

fn recovered(vault: Vault, kit: &Key<RecoveryRole>) -> Result<Vault, UnlockError> {
    let locked = vault.lock().unwrap();
    locked.recover(kit, &passphrase("recovered"), Strength::CHEAP_FOR_TESTS, NOW).map_err(|still| still.error)
}

/// Whether this kit, of all, opens what lies in the recovery slot.
fn opens(vault: &mut Vault, kit: &Key<RecoveryRole>) -> bool {
    let slot = read_slot(vault.core.rows.store(), "recovery").unwrap();
    crate::slots::RecoverySlot::open(&slot, kit).is_ok()
}

fn relocked(vault: Vault, words: &str) -> Vault {
    vault.lock().unwrap().unlock(&passphrase(words), NOW).unwrap()
}

#[test]
fn a_new_kit_opens_the_practice_and_the_old_one_no_longer_does() {
    let (mut vault, old) = with_kit();
    let (client, _) = written(&mut vault);
    let first = vault.devices().kit_in_force().unwrap();
    let new = new_kit(&mut vault, "office", NOW + DAY);
    let kit = vault.devices().kit_in_force().unwrap();
    assert_eq!((kit.by, kit.at, kit.first, first.first), (vault.device(), NOW + DAY, false, true));
    assert_eq!(kit.number, WrapPublic::of(&new).fingerprint());
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    assert!(vault.take_notices().is_empty(), "whoever made it is told nothing");
    // The passphrase is as it was.
    let vault = relocked(vault, "office");
    let locked = vault.lock().unwrap();
    let still = locked.recover(&old, &passphrase("thief"), Strength::CHEAP_FOR_TESTS, NOW).unwrap_err();
    assert_eq!(still.error, UnlockError::Slot(SlotError::WrongKit));
    let vault = still.vault.unlock(&passphrase("office"), NOW).unwrap();
    let mut vault = recovered(vault, &new).unwrap();
    // All that it opens: notes, private notes, the authority.
    vault.clients().client(&client).unwrap();
    vault.reauthenticate(&passphrase("recovered"), NOW).unwrap();
    let private = vault.notes().private_timeline(&client).unwrap();
    assert_eq!(vault.notes().note(&private[0].id).unwrap().content.text, "countertransference");
    admitted(&mut vault, "recovered", "Tablet");
}

#[test]
fn another_passphrase_later_keeps_the_new_kit() {
    let (mut vault, old) = with_kit();
    let new = new_kit(&mut vault, "office", NOW);
    vault.change_passphrase(&passphrase("office"), &passphrase("newer"), Strength::CHEAP_FOR_TESTS).unwrap();
    assert!(opens(&mut vault, &new) && !opens(&mut vault, &old));
    let newer = new_kit(&mut vault, "newer", NOW);
    let mut vault = relocked(vault, "newer");
    assert!(opens(&mut vault, &newer) && !opens(&mut vault, &new));
    recovered(vault, &newer).unwrap();
}

#[test]
fn a_wrong_passphrase_and_giving_up_midway_change_nothing() {
    let (mut vault, old) = with_kit();
    let (state, kit) = (vault.core.memory.state.counter, vault.devices().kit_in_force().unwrap());
    assert!(vault.devices_mut().draw_kit(&passphrase("guess")).unwrap_err().is_wrong_passphrase());
    drop(vault.devices_mut().draw_kit(&passphrase("office")).unwrap());
    assert_eq!((vault.core.memory.state.counter, vault.devices().kit_in_force().unwrap()), (state, kit));
    // The passphrase was changed while the paper was in the printer: it is asked for again.
    let drawn = vault.devices_mut().draw_kit(&passphrase("office")).unwrap();
    vault.change_passphrase(&passphrase("office"), &passphrase("newer"), Strength::CHEAP_FOR_TESTS).unwrap();
    assert_eq!(vault.devices_mut().put_in_force(&drawn, NOW), Err(RowError::NeedsReauth.into()));
    assert_eq!(vault.devices().kit_in_force().unwrap(), kit);
    assert_eq!(vault.reauth_until(), None);
    assert!(opens(&mut vault, &old));
}

#[test]
fn the_second_box_is_as_open_as_it_was() {
    let (mut vault, _) = with_kit();
    new_kit(&mut vault, "office", NOW);
    assert_eq!(vault.reauth_until(), None);
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    new_kit(&mut vault, "office", NOW);
    assert!(vault.reauth_until().is_some());
}

#[test]
fn a_backup_opens_with_the_kit_of_its_time_alone() {
    let (mut vault, old) = with_kit();
    let (client, draft) = written(&mut vault);
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let earlier = backup_of(&mut vault, before.path());
    let new = new_kit(&mut vault, "office", NOW + 1);
    let later = backup_of(&mut vault, after.path());
    for (file, fits, other) in [(&earlier, &old, &new), (&later, &new, &old)] {
        assert_eq!(open(file, other).err(), Some(BackupError::WrongKit));
        let (restored, done) = restored(&open(file, fits).unwrap(), Only::Everything).unwrap();
        assert_eq!((done.clients, done.notes), (1, 2));
        assert_eq!(restored.notes().note(&draft).unwrap().content.text, "A draft about the exam.");
        // And what was restored opens with that kit again.
        recovered(restored, fits).unwrap().clients().client(&client).unwrap();
    }
    // An older one still brings back what it has, and takes the new kit out of nothing.
    merge(&open(&earlier, &old).unwrap(), &mut vault, Only::Everything).unwrap();
    assert!(opens(&mut vault, &new) && vault.devices().follows_kit().unwrap());
}

#[test]
fn after_a_new_kit_a_backup_is_due_at_once() {
    let (mut vault, _) = with_kit();
    let folder = tempfile::tempdir().unwrap();
    let settings =
        BackupSettings { folder: Some(folder.path().to_owned()), every: Every::Week, ..BackupSettings::default() };
    vault.backups_mut().keep_backup_settings(&settings).unwrap();
    back_up(&mut vault, folder.path(), NOW).unwrap();
    assert!(matches!(vault.backups().next_backup(NOW + 1).unwrap(), NextBackup::At(_)));
    new_kit(&mut vault, "office", NOW + 2);
    assert_eq!(vault.backups().next_backup(NOW + 2).unwrap(), NextBackup::Due);
    assert!(!vault.backups().kit_opens(&vault.backups().last_backup().unwrap().unwrap()).unwrap());
    back_up(&mut vault, folder.path(), NOW + DAY).unwrap();
    assert!(matches!(vault.backups().next_backup(NOW + DAY + 1).unwrap(), NextBackup::At(_)));
    assert!(vault.backups().kit_opens(&vault.backups().last_backup().unwrap().unwrap()).unwrap());
}

#[test]
fn a_backup_that_was_begun_before_the_new_kit_counts_as_one_of_the_old() {
    let (mut vault, old) = with_kit();
    let folder = tempfile::tempdir().unwrap();
    let mut writing = vault.backups_mut().begin_backup(&Target::of(folder.path()), true, NOW).unwrap();
    new_kit(&mut vault, "office", NOW + 2);
    while writing.step(&vault).unwrap() != crate::vault::Step::Written {}
    let proven = writing.into_proof(&vault).unwrap().run(&mut |_| {}, &|| false).unwrap();
    let record = vault.backups_mut().keep_backup(proven).unwrap();
    assert!(!vault.backups().kit_opens(&record).unwrap());
    open(&files(folder.path())[0], &old).unwrap();
}

#[test]
fn a_second_device_hears_of_it_makes_no_backup_that_neither_kit_opens_and_follows_at_its_next_unlocking() {
    let (mut office, old) = with_kit();
    let (client, _) = written(&mut office);
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    home.take_notices();
    let folder = tempfile::tempdir().unwrap();
    let new = new_kit(&mut office, "office", NOW + DAY);
    // It has not heard of it: its backups open with the old kit.
    open(&backup_of(&mut home, folder.path()), &old).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(home.take_notices(), [Notice::NewKit]);
    assert_eq!(home.devices().kit_in_force().unwrap(), office.devices().kit_in_force().unwrap());
    assert!(!home.devices().follows_kit().unwrap() && opens(&mut home, &old) && !opens(&mut home, &new));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(back_up(&mut home, folder.path(), NOW).err(), Some(BackupError::NewKit));
    assert!(files(folder.path()).is_empty());
    let mut home = relocked(home, "Home");
    assert!(home.take_notices().is_empty());
    assert!(home.devices().follows_kit().unwrap() && opens(&mut home, &new) && !opens(&mut home, &old));
    assert!(home.core.rows.check(&home.core.memory.state).unwrap());
    let file = open(&backup_of(&mut home, folder.path()), &new).unwrap();
    let (mut restored, _) = restored(&file, Only::Everything).unwrap();
    restored.reauthenticate(&passphrase("restored"), NOW).unwrap();
    assert_eq!(restored.notes().private_timeline(&client).unwrap().len(), 1);
    recovered(home, &new).unwrap();
}

#[test]
fn a_device_whose_passphrase_was_just_given_follows_at_its_next_backup() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let new = new_kit(&mut office, "office", NOW + DAY);
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    meet(&mut office, &mut home);
    let folder = tempfile::tempdir().unwrap();
    let file = backup_of(&mut home, folder.path());
    restored(&open(&file, &new).unwrap(), Only::Everything).unwrap();
}

#[test]
fn a_device_that_is_recovered_with_the_old_kit_follows_the_new_one() {
    let (mut office, old) = with_kit();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let new = new_kit(&mut office, "office", NOW + DAY);
    meet(&mut office, &mut home);
    let mut home = recovered(home, &old).unwrap();
    assert!(home.devices().follows_kit().unwrap() && opens(&mut home, &new) && !opens(&mut home, &old));
}

#[test]
fn a_device_that_joins_later_begins_with_the_new_kit() {
    let (mut office, old) = with_kit();
    let new = new_kit(&mut office, "office", NOW + DAY);
    let mut tablet = second(&mut office, "Tablet");
    assert!(tablet.devices().follows_kit().unwrap() && opens(&mut tablet, &new) && !opens(&mut tablet, &old));
    meet(&mut office, &mut tablet);
    assert!(tablet.take_notices().is_empty());
    let mut tablet = relocked(tablet, "Tablet");
    let folder = tempfile::tempdir().unwrap();
    open(&backup_of(&mut tablet, folder.path()), &new).unwrap();
}

#[test]
fn a_device_restored_from_an_older_backup_follows_once_it_meets_the_others() {
    let (mut office, old) = with_kit();
    let folder = tempfile::tempdir().unwrap();
    let file = backup_of(&mut office, folder.path());
    let new = new_kit(&mut office, "office", NOW + DAY);
    let (mut back, _) = restored(&open(&file, &old).unwrap(), Only::Everything).unwrap();
    assert!(opens(&mut back, &old) && back.devices().follows_kit().unwrap(), "the kit of its time");
    meet(&mut office, &mut back);
    assert_eq!(back.take_notices(), [Notice::NewKit]);
    let mut back = relocked(back, "restored");
    assert!(opens(&mut back, &new) && back.devices().follows_kit().unwrap());
}

#[test]
fn of_two_kits_made_at_once_on_two_devices_one_is_in_force_on_both_and_the_other_one_is_told() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let earlier = new_kit(&mut office, "office", NOW + 1);
    let later = new_kit(&mut home, "Home", NOW + 2);
    meet(&mut office, &mut home);
    assert_eq!(office.devices().kit_in_force().unwrap(), home.devices().kit_in_force().unwrap());
    assert_eq!(office.devices().kit_in_force().unwrap().number, WrapPublic::of(&later).fingerprint());
    assert_eq!((office.take_notices(), home.take_notices()), (vec![Notice::NewKit], vec![]));
    assert!(
        opens(&mut office, &earlier)
            && !office.devices().follows_kit().unwrap()
            && home.devices().follows_kit().unwrap()
    );
    for (vault, words) in [(office, "office"), (home, "Home")] {
        let mut vault = relocked(vault, words);
        assert!(opens(&mut vault, &later));
        assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
        recovered(vault, &later).unwrap();
    }
}

#[test]
fn a_removal_elsewhere_hands_the_new_authority_to_the_new_kit() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut home);
    let new = new_kit(&mut office, "office", NOW + 1);
    office.devices_mut().remove_device(&tablet.device(), &passphrase("office"), NOW + 2).unwrap();
    meet(&mut office, &mut home);
    let mut home = relocked(home, "Home");
    assert!(opens(&mut home, &new) && home.devices().follows_kit().unwrap());
    // The kit made next is signed by the authority that is in force now.
    let newer = new_kit(&mut home, "Home", NOW + 3);
    meet(&mut office, &mut home);
    let mut home = recovered(home, &newer).unwrap();
    admitted(&mut home, "recovered", "Phone");
    assert_eq!(office.devices().kit_in_force().unwrap(), home.devices().kit_in_force().unwrap());
}

#[test]
fn a_kit_of_a_device_that_was_removed_by_one_that_had_not_heard_of_it_counts_no_more_and_slots_go_back() {
    let (mut office, first) = with_kit();
    let mut home = second(&mut office, "Home");
    let mut tablet = second(&mut office, "Tablet");
    for vault in [&mut home, &mut tablet] {
        meet(&mut office, vault);
    }
    meet(&mut office, &mut home);
    let theirs = new_kit(&mut tablet, "Tablet", NOW + 1);
    meet(&mut office, &mut tablet);
    let mut office = relocked(office, "office");
    assert!(opens(&mut office, &theirs));
    home.devices_mut().remove_device(&tablet.device(), &passphrase("Home"), NOW + 2).unwrap();
    meet(&mut office, &mut home);
    assert!(office.devices().kit_in_force().unwrap().first && !office.devices().follows_kit().unwrap());
    assert!(home.devices().kit_in_force().unwrap().first && home.devices().follows_kit().unwrap());
    let mut office = relocked(office, "office");
    assert!(opens(&mut office, &first) && !opens(&mut office, &theirs));
    recovered(office, &first).unwrap();
}

/// Puts a roster entry into the practice as a device would that writes what it likes.
fn says(vault: &mut Vault, entry: Vec<u8>, epoch: EpochId) {
    let mut out = Outbox::everyday();
    out.epoch = Some(epoch);
    out.keyring.push(Item::roster(entry));
    commit(&mut vault.core, Transaction::default(), out).unwrap();
}

#[test]
fn a_removed_device_puts_no_kit_of_its_own_in_force() {
    let (mut office, old) = with_kit();
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut tablet);
    let epoch = office.core.memory.roster.epoch();
    // It keeps the authority's key, and writes beside its removal. That it cannot write in another's name, the roster's tests show.
    let stolen = WrapPublic::of(&Key::<RecoveryRole>::random(&mut Os));
    tablet.reauthenticate(&passphrase("Tablet"), NOW).unwrap();
    let authority = tablet.core.reauth.as_ref().unwrap().authority();
    let by = SignedBy { device: &tablet.core.signer, authority: &authority };
    let own = Entry::recovery(NOW + 9, tablet.core.memory.roster.heads(), vec![stolen], &by);
    office.devices_mut().remove_device(&tablet.device(), &passphrase("office"), NOW + 1).unwrap();
    says(&mut tablet, own, epoch);
    office.take_notices();
    carry(&tablet, &mut office);
    assert!(office.devices().kit_in_force().unwrap().first && office.devices().follows_kit().unwrap());
    assert!(!office.take_notices().contains(&Notice::NewKit));
    let folder = tempfile::tempdir().unwrap();
    open(&backup_of(&mut office, folder.path()), &old).unwrap();
    // Nor does it make one where it knows that it was removed.
    carry(&office, &mut tablet);
    assert_eq!(tablet.devices_mut().draw_kit(&passphrase("Tablet")).unwrap_err(), DeviceError::RemovedHere);
}

#[test]
fn whose_removal_leaves_a_kit_in_force_that_it_made_is_known() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let (here, there) = (office.device(), home.device());
    assert!(
        office.devices().made_kit(&here) && !office.devices().made_kit(&there),
        "the first, where the practice began"
    );
    let kit = home.devices_mut().draw_kit(&passphrase("Home")).unwrap();
    home.devices_mut().put_in_force(&kit, NOW).unwrap();
    meet(&mut office, &mut home);
    assert!(office.devices().made_kit(&there) && !office.devices().made_kit(&here));
    office.devices_mut().remove_device(&there, &passphrase("office"), NOW).unwrap();
    assert!(office.devices().made_kit(&there), "it stays in force");
}

/// A practice on a disk that can fail.
fn on_disk() -> (Disk, Vault, Key<RecoveryRole>) {
    let disk = Disk::default();
    let store = Box::new(RedbStore::over(disk.clone()).unwrap());
    let Created { mut vault, kit } = Vault::create(store, &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap();
    vault.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    (disk, vault, kit)
}

fn locked(disk: &Disk) -> LockedVault {
    let store = Box::new(RedbStore::over(disk.clone()).unwrap());
    LockedVault::open(store, None, Policy::Tests, Box::new(Os)).unwrap()
}

/// After the machine was started again: what the disk took is there.
fn opened(image: Vec<u8>) -> Vault {
    locked(&Disk::holding(image)).unlock(&passphrase("office"), NOW).unwrap()
}

#[test]
fn wherever_the_disk_fails_the_old_kit_or_the_new_one_opens_the_practice_and_all_of_it_agrees() {
    let (disk, vault, old) = on_disk();
    drop(vault.lock().unwrap());
    let image = disk.image();
    let (mut failed, mut came_through) = (0, 0);
    for at in 0.. {
        let disk = Disk::holding(image.clone());
        let mut vault = locked(&disk).unlock(&passphrase("office"), NOW).unwrap();
        let kit = vault.devices_mut().draw_kit(&passphrase("office")).unwrap();
        disk.fill_at(disk.position() + at);
        let done = vault.devices_mut().put_in_force(&kit, NOW + 1);
        drop(vault);
        let mut vault = opened(disk.image());
        // The entry and the slot are one: whichever kit the list of devices names opens the practice, and the other does not.
        let in_force = vault.devices().kit_in_force().unwrap().number == WrapPublic::of(kit.seed()).fingerprint();
        assert_eq!((opens(&mut vault, &old), opens(&mut vault, kit.seed())), (!in_force, in_force), "{at}");
        assert!(
            vault.devices().follows_kit().unwrap() && vault.core.rows.check(&vault.core.memory.state).unwrap(),
            "{at}"
        );
        assert!(in_force || done.is_err(), "{at}: said to be done");
        // And it can be done again.
        let again = new_kit(&mut vault, "office", NOW + 2);
        assert!(opens(&mut vault, &again), "{at}");
        *(if done.is_ok() { &mut came_through } else { &mut failed }) += 1;
        if came_through == 2 {
            break;
        }
    }
    assert!(failed > 3, "{failed} failed");
}

#[test]
fn a_disk_that_is_full_keeps_no_other_device_from_being_read_and_the_next_unlocking_follows() {
    let (_, mut office, old) = on_disk();
    let pass = passphrase("office");
    let device = new(&pass, "Home");
    let joining = JoiningDevice::new(&device, &mut Os);
    office.reauthenticate(&pass, NOW).unwrap();
    let welcome = office.devices_mut().admit(&joining.introduction(), usize::MAX, NOW).unwrap();
    let disk = Disk::default();
    let store = Box::new(RedbStore::over(disk.clone()).unwrap());
    let mut home = joining.join(&welcome, store, &device, Box::new(Os)).unwrap();
    meet(&mut office, &mut home);
    let fresh = new_kit(&mut office, "office", NOW + 1);
    meet(&mut office, &mut home);
    drop(home.lock().unwrap());
    let image = disk.image();
    let (mut late, mut at_once) = (0, 0);
    for at in 0..40 {
        let disk = Disk::holding(image.clone());
        let locked = locked(&disk);
        disk.fill_at(disk.position() + at);
        let vault = locked.unlock(&pass, NOW).unwrap();
        assert_eq!(vault.clients().all().count(), 1);
        match vault.devices().follows_kit().unwrap() {
            true => at_once += 1,
            false => late += 1,
        }
        drop(vault);
        let mut vault = opened(disk.image());
        assert!(
            vault.devices().follows_kit().unwrap() && opens(&mut vault, &fresh) && !opens(&mut vault, &old),
            "{at}"
        );
    }
    assert!(late > 0 && at_once > 0, "{late} followed later, {at_once} at once");
}
