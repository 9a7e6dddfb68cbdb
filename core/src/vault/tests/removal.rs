//! A device is removed: what it can no longer read or write, what it keeps, and what becomes of what it goes on to write.

use super::backup::{back_up, with_kit};
use super::restore::{backup_of, merge, open, restored};
use super::*;
use crate::id::{ClientId, DeviceId, NoteId};
use crate::vault::{Notice, Only, Taken};

/// Office, Laptop and Tablet of one practice, in step, with a client and a note.
fn three() -> (Vault, Vault, Vault, ClientId, NoteId) {
    let mut office = practice();
    let client = office.add_client(&identity("Aino"), NOW).unwrap();
    let id = office.add_note(&client, &note("Before."), false, NOW).unwrap();
    let (mut laptop, mut tablet) = laptop_and_tablet(&mut office);
    meet(&mut laptop, &mut tablet);
    (office, laptop, tablet, client, id)
}

/// Two further devices of Office's practice, in step with it.
fn laptop_and_tablet(office: &mut Vault) -> (Vault, Vault) {
    let mut laptop = second(office, "Laptop");
    let mut tablet = second(office, "Tablet");
    meet(office, &mut laptop);
    meet(office, &mut tablet);
    meet(office, &mut laptop);
    (laptop, tablet)
}

fn remove(by: &mut Vault, words: &str, device: &DeviceId) {
    by.remove_device(device, &passphrase(words), NOW + 1).unwrap();
    by.forget_again();
}

fn live(vault: &Vault) -> Vec<String> {
    let mut names: Vec<String> = vault.devices().unwrap().into_iter().map(|row| row.name).collect();
    names.sort();
    names
}

fn text(vault: &Vault, id: &NoteId) -> String {
    vault.note(id).unwrap().content.text
}

fn is_whole(vault: &mut Vault) {
    assert_eq!(vault.verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn what_is_written_after_a_removal_reaches_those_who_stay_and_is_closed_to_the_device_that_went() {
    let (mut office, mut laptop, mut tablet, client, before) = three();
    remove(&mut office, "office", &tablet.device());
    assert_eq!(live(&office), ["Laptop", "Office"]);
    let after = office.add_note(&client, &note("After."), false, NOW + 2).unwrap();
    let newcomer = office.add_client(&identity("Birgit"), NOW + 2).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!((live(&laptop), text(&laptop, &after).as_str()), (vec!["Laptop".into(), "Office".into()], "After."));
    assert_eq!(laptop.client(&newcomer).unwrap().name, "Birgit");
    let mine = laptop.add_note(&client, &note("From Laptop."), false, NOW + 3).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!(text(&office, &mine), "From Laptop.");
    // Even if somebody handed it every envelope, it would open none.
    let epochs = tablet.epochs.len();
    carry(&office, &mut tablet);
    assert_eq!(tablet.epochs.len(), epochs);
    for id in [after, mine] {
        assert_eq!(tablet.note(&id).unwrap_err(), VaultError::NoSuchNote);
    }
    assert_eq!(tablet.client(&newcomer).unwrap_err(), VaultError::NoSuchClient);
    // It knows now that it was removed; what it had it still reads, and it says so when it is opened again.
    assert!(tablet.is_removed());
    assert!(tablet.take_notices().contains(&Notice::RemovedHere));
    assert_eq!(text(&tablet, &before), "Before.");
    let mut tablet = tablet.lock().unwrap().unlock(&passphrase("Tablet"), NOW).unwrap();
    assert!(tablet.take_notices().contains(&Notice::RemovedHere));
    let own = tablet.add_note(&client, &note("To myself."), false, NOW + 4).unwrap();
    assert_eq!(text(&tablet, &own), "To myself.");
    assert_eq!(tablet.hello(&[1; 32], &[2; 32], NOW), Err(VaultError::RemovedHere));
    is_whole(&mut office);
    is_whole(&mut laptop);
}

#[test]
fn a_removal_needs_the_passphrase_and_never_takes_the_device_itself_or_a_stranger() {
    let (mut office, _, tablet, ..) = three();
    let wrong = office.remove_device(&tablet.device(), &passphrase("guess"), NOW).unwrap_err();
    assert!(wrong.is_wrong_passphrase());
    let own = office.device();
    assert_eq!(office.remove_device(&own, &passphrase("office"), NOW), Err(VaultError::OwnDevice));
    let stranger = DeviceId([9; 16]);
    assert_eq!(office.remove_device(&stranger, &passphrase("office"), NOW), Err(VaultError::NoSuchDevice));
    assert_eq!(live(&office).len(), 3);
    remove(&mut office, "office", &tablet.device());
    assert_eq!(
        office.remove_device(&tablet.device(), &passphrase("office"), NOW),
        Err(VaultError::NoSuchDevice),
        "it is gone already"
    );
    let rows = office.removed_devices();
    assert_eq!((rows.len(), rows[0].name.as_str(), rows[0].at, rows[0].along), (1, "Tablet", NOW + 1, false));
}

#[test]
fn what_the_removed_device_wrote_meanwhile_lies_apart_until_it_is_kept_on_all_devices() {
    let (mut office, mut laptop, mut tablet, client, shared) = three();
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    let lost = tablet.add_note(&client, &note("On the train."), false, NOW + 5).unwrap();
    tablet.sign(&lost, NOW + 6).unwrap();
    tablet.save_note(&shared, &note("Before, and more."), NOW + 6).unwrap();
    tablet.flush().unwrap();
    office.take_notices();
    carry(&tablet, &mut office);
    assert_eq!(office.take_notices(), [Notice::Quarantined]);
    assert_eq!(office.note(&lost).unwrap_err(), VaultError::NoSuchNote);
    assert_eq!(text(&office, &shared), "Before.");
    let waiting = office.quarantine().unwrap();
    assert_eq!((waiting.len(), waiting[0].name.as_str(), waiting[0].notes, waiting[0].others), (1, "Tablet", 2, 0));
    is_whole(&mut office);
    let folder = tempfile::tempdir().unwrap();
    back_up(&mut office, folder.path(), NOW).unwrap();
    // It goes on to the other device and lies apart there too.
    meet(&mut office, &mut laptop);
    assert_eq!(laptop.quarantine().unwrap().len(), 1);
    assert_eq!(laptop.note(&lost).unwrap_err(), VaultError::NoSuchNote);
    let mut office = office.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!(office.quarantine().unwrap().len(), 1);
    office.keep_quarantined(&tablet.device(), NOW + 7).unwrap();
    meet(&mut office, &mut laptop);
    for vault in [&mut office, &mut laptop] {
        assert_eq!(vault.quarantine().unwrap(), []);
        assert_eq!(text(vault, &shared), "Before, and more.");
        let view = vault.note(&lost).unwrap();
        assert_eq!((view.state, view.content.text.as_str()), (NoteState::Unsigned, "On the train."));
        assert_eq!((view.signed.len(), view.uncounted.len()), (0, 1), "signed after the removal: it does not count");
        is_whole(vault);
    }
    // On the tablet itself nothing changes.
    assert_eq!(tablet.note(&lost).unwrap().state, NoteState::Signed);
    // What it writes later lies apart again.
    tablet.add_note(&client, &note("And later."), false, NOW + 8).unwrap();
    tablet.flush().unwrap();
    carry(&tablet, &mut office);
    assert_eq!(office.quarantine().unwrap()[0].notes, 1);
}

#[test]
fn what_is_discarded_is_used_by_nobody_and_not_asked_about_again() {
    let (mut office, _, mut tablet, client, _) = three();
    remove(&mut office, "office", &tablet.device());
    let lost = tablet.add_note(&client, &note("Forged?"), false, NOW + 5).unwrap();
    tablet.flush().unwrap();
    carry(&tablet, &mut office);
    office.discard_quarantined(&tablet.device()).unwrap();
    assert_eq!(office.quarantine().unwrap(), []);
    assert_eq!(office.note(&lost).unwrap_err(), VaultError::NoSuchNote);
    assert_eq!(office.discard_quarantined(&tablet.device()), Err(VaultError::NothingQuarantined));
    assert_eq!(office.keep_quarantined(&tablet.device(), NOW), Err(VaultError::NothingQuarantined));
    carry(&tablet, &mut office);
    assert_eq!(office.quarantine().unwrap(), []);
    is_whole(&mut office);
}

#[test]
fn what_another_device_held_when_it_learned_of_the_removal_counts_everywhere_with_its_signatures() {
    let (mut office, mut laptop, mut tablet, client, _) = three();
    let early = tablet.add_note(&client, &note("In time."), false, NOW + 1).unwrap();
    tablet.sign(&early, NOW + 1).unwrap();
    meet(&mut tablet, &mut laptop);
    remove(&mut office, "office", &tablet.device());
    // To Office, which did not have it, it comes from the tablet first: past the only cut that Office knows.
    carry(&tablet, &mut office);
    assert_eq!(office.quarantine().unwrap().len(), 1);
    meet(&mut office, &mut laptop);
    for vault in [&mut office, &mut laptop] {
        assert_eq!(vault.quarantine().unwrap(), []);
        let view = vault.note(&early).unwrap();
        assert_eq!((view.state, view.signed.len(), view.uncounted.len()), (NoteState::Signed, 1, 0));
        is_whole(vault);
    }
    // A device that comes later sees the same.
    let mut phone = second(&mut office, "Phone");
    meet(&mut office, &mut phone);
    assert_eq!(phone.note(&early).unwrap().state, NoteState::Signed);
    assert_eq!(phone.quarantine().unwrap(), []);
    is_whole(&mut phone);
}

#[test]
fn a_body_that_comes_before_the_removal_that_opens_its_epoch_waits_for_it_even_overnight() {
    let (mut office, mut laptop, tablet, client, _) = three();
    remove(&mut office, "office", &tablet.device());
    let after = office.add_note(&client, &note("After."), false, NOW + 2).unwrap();
    office.flush().unwrap();
    let mut bodies = Vec::new();
    for end in office.log_ends().unwrap() {
        let run = office.headers(&end.log, 0, &end.head, usize::MAX).unwrap();
        laptop.offer_headers(&end.log, &run).unwrap();
        let lacking = laptop.lacking(&end.log, &end.head).unwrap().unwrap();
        bodies.extend(lacking.into_iter().map(|(_, name)| (name, office.envelope_body(&name).unwrap().unwrap())));
    }
    assert!(bodies.len() >= 2);
    let removal = bodies.remove(0);
    assert_eq!(laptop.offer_bodies(&bodies).unwrap().len(), bodies.len());
    assert_eq!(laptop.note(&after).unwrap_err(), VaultError::NoSuchNote);
    assert_eq!((laptop.set_aside_count().unwrap(), live(&laptop).len()), (0, 3));
    is_whole(&mut laptop);
    let mut laptop = laptop.lock().unwrap().unlock(&passphrase("Laptop"), NOW).unwrap();
    assert_eq!(laptop.offer_bodies(&[removal]).unwrap(), [Taken::Stored]);
    assert_eq!((text(&laptop, &after).as_str(), live(&laptop).len()), ("After.", 2));
    is_whole(&mut laptop);
}

#[test]
fn those_who_stay_admit_and_remove_with_the_new_authority_once_their_passphrase_was_given() {
    let (mut office, mut laptop, mut tablet, client, _) = three();
    laptop.ask_again(&passphrase("Laptop"), NOW).unwrap();
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    let early = JoiningDevice::new(&new(&passphrase("Phone"), "Phone"), &mut Os);
    assert_eq!(laptop.admit(&early.introduction(), NOW).err(), Some(VaultError::AskAgain), "the old one is void");
    let mut phone = admitted(&mut laptop, "Laptop", "Phone");
    meet(&mut laptop, &mut phone);
    meet(&mut office, &mut laptop);
    assert_eq!(live(&office), ["Laptop", "Office", "Phone"]);
    assert_eq!(phone.client(&client).unwrap().name, "Aino");
    // The removed device's word counts for nothing: neither a removal nor an admission.
    tablet.ask_again(&passphrase("Tablet"), NOW).unwrap();
    tablet.remove_device(&office.device(), &passphrase("Tablet"), NOW + 3).unwrap();
    assert_eq!(live(&tablet).len(), 2, "as long as it has not heard");
    let thief = passphrase("Thief");
    let forged = JoiningDevice::new(&new(&thief, "Thief"), &mut Os);
    tablet.admit(&forged.introduction(), NOW).unwrap();
    carry(&tablet, &mut office);
    carry(&tablet, &mut laptop);
    assert_eq!(live(&office), ["Laptop", "Office", "Phone"]);
    assert_eq!(live(&laptop), ["Laptop", "Office", "Phone"]);
    // And when it hears, it gives way.
    assert!(tablet.take_farewell(&office.farewell(&tablet.device())).unwrap());
    assert!(tablet.is_removed());
    // Phone, which never saw the first removal, can remove too.
    phone.remove_device(&laptop.device(), &passphrase("Phone"), NOW + 9).unwrap();
    meet(&mut office, &mut phone);
    assert_eq!(live(&office), ["Office", "Phone"]);
    // Under a new passphrase by the kit's slot the authority is the same that the others know.
    is_whole(&mut office);
}

#[test]
fn two_devices_that_remove_one_each_at_the_same_time_agree_and_renew_the_keys_by_themselves() {
    let (mut office, mut laptop, mut tablet, client, _) = three();
    let mut phone = second(&mut office, "Phone");
    for _ in 0..2 {
        meet(&mut office, &mut phone);
        meet(&mut office, &mut laptop);
        meet(&mut office, &mut tablet);
    }
    remove(&mut office, "office", &tablet.device());
    remove(&mut laptop, "Laptop", &phone.device());
    meet(&mut office, &mut laptop);
    assert_eq!(
        (live(&office), live(&laptop)),
        (vec!["Laptop".into(), "Office".into()], vec!["Laptop".into(), "Office".into()])
    );
    assert!(!office.roster.is_renewed());
    laptop.ask_again(&passphrase("Laptop"), NOW).unwrap();
    assert!(laptop.roster.is_renewed());
    let after = laptop.add_note(&client, &note("After both."), false, NOW + 3).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!(text(&office, &after), "After both.");
    for gone in [&mut tablet, &mut phone] {
        carry(&office, gone);
        assert_eq!(gone.note(&after).unwrap_err(), VaultError::NoSuchNote);
        assert!(gone.is_removed());
    }
    let _desk = second(&mut office, "Desk");
    assert_eq!(live(&office), ["Desk", "Laptop", "Office"]);
    is_whole(&mut office);
    is_whole(&mut laptop);
}

#[test]
fn of_two_devices_that_remove_each_other_the_elder_stays_whoever_hears_what_first() {
    let (mut office, mut laptop, mut tablet, client, _) = three();
    tablet.remove_device(&office.device(), &passphrase("Tablet"), NOW + 1).unwrap();
    // Laptop hears the tablet first, believes it, and goes on under its key.
    meet(&mut tablet, &mut laptop);
    assert_eq!(live(&laptop), ["Laptop", "Tablet"]);
    let between = laptop.add_note(&client, &note("Between."), false, NOW + 2).unwrap();
    laptop.flush().unwrap();
    remove(&mut office, "office", &tablet.device());
    let after = office.add_note(&client, &note("After."), false, NOW + 3).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!((live(&office), live(&laptop)), (live(&laptop), vec!["Laptop".into(), "Office".into()]));
    // What Laptop wrote under the tablet's key Office reads once Laptop has handed that on.
    assert_eq!(office.note(&between).unwrap_err(), VaultError::NoSuchNote);
    is_whole(&mut office);
    laptop.ask_again(&passphrase("Laptop"), NOW).unwrap();
    meet(&mut office, &mut laptop);
    assert!(office.roster.to_renew(&office.device()).is_empty() && laptop.roster.to_renew(&laptop.device()).is_empty());
    for vault in [&mut office, &mut laptop] {
        assert_eq!((text(vault, &between).as_str(), text(vault, &after).as_str()), ("Between.", "After."));
        assert_eq!(vault.quarantine().unwrap(), []);
        is_whole(vault);
    }
    carry(&laptop, &mut tablet);
    assert!(tablet.is_removed());
}

#[test]
fn a_restored_practice_admits_and_removes_devices() {
    let folder = tempfile::tempdir().unwrap();
    let (mut office, kit) = with_kit();
    let client = office.add_client(&identity("Aino"), NOW).unwrap();
    let (mut laptop, tablet) = laptop_and_tablet(&mut office);
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    // On Laptop the passphrase was not given since the removal: its recovery slot still holds the old authority.
    let file = open(&backup_of(&mut laptop, folder.path()), &kit).unwrap();
    let (mut rescue, _) = restored(&file, Only::Everything).unwrap();
    assert_eq!(live(&rescue), ["Laptop", "New laptop", "Office"]);
    let mut phone = admitted(&mut rescue, "restored", "Phone");
    rescue.remove_device(&office.device(), &passphrase("restored"), NOW + 9).unwrap();
    let after = rescue.add_note(&client, &note("After the fire."), false, NOW + 9).unwrap();
    meet(&mut rescue, &mut phone);
    meet(&mut rescue, &mut laptop);
    for vault in [&mut phone, &mut laptop] {
        assert_eq!(live(vault), ["Laptop", "New laptop", "Phone"]);
        assert_eq!(text(vault, &after), "After the fire.");
    }
    for _ in 0..2 {
        carry(&rescue, &mut office);
    }
    assert!(office.is_removed());
    assert_eq!(office.note(&after).unwrap_err(), VaultError::NoSuchNote);
}

#[test]
fn a_backup_made_between_two_removals_and_the_next_passphrase_restores_too() {
    let folder = tempfile::tempdir().unwrap();
    let (mut office, kit) = with_kit();
    let client = office.add_client(&identity("Aino"), NOW).unwrap();
    let mut laptop = second(&mut office, "Laptop");
    let (mut tablet, mut phone) = (second(&mut office, "Tablet"), second(&mut office, "Phone"));
    for _ in 0..2 {
        meet(&mut office, &mut laptop);
        meet(&mut office, &mut tablet);
        meet(&mut office, &mut phone);
    }
    meet(&mut office, &mut laptop);
    remove(&mut office, "office", &tablet.device());
    remove(&mut laptop, "Laptop", &phone.device());
    meet(&mut office, &mut laptop);
    assert!(!office.roster.is_renewed());
    let file = open(&backup_of(&mut office, folder.path()), &kit).unwrap();
    let (mut rescue, _) = restored(&file, Only::Everything).unwrap();
    assert_eq!(live(&rescue), ["Laptop", "New laptop", "Office"]);
    let after = rescue.add_note(&client, &note("After."), false, NOW).unwrap();
    for _ in 0..2 {
        meet(&mut rescue, &mut laptop);
    }
    assert_eq!((live(&laptop), text(&laptop, &after).as_str()), (live(&rescue), "After."));
    for gone in [&mut tablet, &mut phone] {
        for _ in 0..2 {
            carry(&rescue, gone);
        }
        assert_eq!(gone.note(&after).unwrap_err(), VaultError::NoSuchNote);
    }
}

#[test]
fn a_backup_of_a_removed_device_makes_no_new_device_and_brings_its_notes_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (mut office, kit) = with_kit();
    let client = office.add_client(&identity("Aino"), NOW).unwrap();
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut tablet);
    remove(&mut office, "office", &tablet.device());
    let lost = tablet.add_note(&client, &note("On the train."), false, NOW + 5).unwrap();
    carry(&office, &mut tablet);
    assert!(tablet.is_removed());
    let file = open(&backup_of(&mut tablet, folder.path()), &kit).unwrap();
    let refused = restored(&file, Only::Everything).err();
    assert_eq!(refused, Some(crate::backup::BackupError::OfRemovedDevice));
    merge(&file, &mut office, Only::Everything).unwrap();
    assert_eq!(office.note(&lost).unwrap_err(), VaultError::NoSuchNote);
    assert_eq!(office.quarantine().unwrap()[0].notes, 1);
    office.keep_quarantined(&tablet.device(), NOW).unwrap();
    assert_eq!(text(&office, &lost), "On the train.");
}

#[test]
fn the_kit_opens_a_device_that_was_not_opened_since_a_removal_and_it_can_remove() {
    let (mut office, kit) = with_kit();
    let (mut laptop, tablet) = laptop_and_tablet(&mut office);
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    let fresh = passphrase("fresh");
    let locked = laptop.lock().unwrap();
    let mut laptop = locked.recover(&kit, &fresh, Strength::CHEAP_FOR_TESTS, NOW).unwrap();
    laptop.remove_device(&office.device(), &fresh, NOW + 2).unwrap();
    assert_eq!(live(&laptop), ["Laptop"]);
    assert!(laptop.take_farewell(&[1, 2, 3]).is_ok_and(|told| !told), "garbage tells nothing");
    assert_eq!(laptop.remove_device(&laptop.device(), &fresh, NOW), Err(VaultError::OwnDevice), "the last stays");
}

#[test]
fn a_removed_device_fills_no_disk() {
    let (mut office, _, mut tablet, client, _) = three();
    remove(&mut office, "office", &tablet.device());
    let id = tablet.add_note(&client, &note("0"), false, NOW).unwrap();
    for number in 0..=crate::vault::QUARANTINE_MAX {
        tablet.save_note(&id, &note(&number.to_string()), NOW).unwrap();
        tablet.flush().unwrap();
    }
    let end = tablet.log_ends().unwrap().into_iter().find(|end| end.log == tablet.log).unwrap();
    let run = tablet.headers(&end.log, 0, &end.head, usize::MAX).unwrap();
    let refused = office.offer_headers(&end.log, &run).unwrap();
    assert!(matches!(refused, Taken::Refused(crate::vault::NotTaken::TooMuchRemoved)), "{refused:?}");
    let most = run.len() - 8;
    assert_eq!(office.offer_headers(&end.log, &run[..most]).unwrap(), Taken::Stored);
}

#[test]
fn a_replayed_removal_and_one_of_another_practice_change_nothing() {
    let (mut office, mut laptop, tablet, client, _) = three();
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    let (entries, epoch) = (office.roster.entries(), office.roster.epoch());
    let mut other = practice();
    let gone = second(&mut other, "Tablet");
    remove(&mut other, "office", &gone.device());
    for entry in entries.iter().chain(&other.roster.entries()) {
        let item = crate::log::Item::roster(entry.clone());
        let mut out = crate::vault::append::Outgoing::new(crate::log::Class::Everyday);
        out.keyring.push(item);
        laptop.finish(crate::vault::index::Work::default(), out).unwrap();
    }
    meet(&mut office, &mut laptop);
    assert_eq!((office.roster.entries(), office.roster.epoch()), (entries, epoch));
    let after = office.add_note(&client, &note("On."), false, NOW).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!(text(&laptop, &after), "On.");
}
