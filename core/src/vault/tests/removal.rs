//! A device is removed: what it can no longer read or write, what it keeps, and what becomes of what it goes on to write.

use super::backup::{back_up, with_kit};
use super::restore::{backup_of, merge, open, restored};
use super::*;
use crate::id::{ClientId, DeviceId, NoteId};
use crate::vault::commit::Outbox;
use crate::vault::commit::commit;
use crate::vault::{DeviceError, ReadError, RowError};
use crate::vault::{Notice, Only, QUARANTINE_MAX, Taken};

/// Office, Laptop and Tablet of one practice, in step, with a client and a note.
fn three() -> (Vault, Vault, Vault, ClientId, NoteId) {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("Before."), false, NOW).unwrap();
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

pub(super) fn remove(by: &mut Vault, words: &str, device: &DeviceId) {
    by.devices_mut().remove_device(device, &passphrase(words), NOW + 1).unwrap();
    by.end_reauth();
}

pub(super) fn live(vault: &Vault) -> Vec<String> {
    let mut names: Vec<String> = vault.devices().all().unwrap().into_iter().map(|row| row.name).collect();
    names.sort();
    names
}

fn text(vault: &Vault, id: &NoteId) -> String {
    vault.notes().note(id).unwrap().content.text
}

fn is_whole(vault: &mut Vault) {
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn what_is_written_after_a_removal_reaches_those_who_stay_and_is_closed_to_the_device_that_went() {
    let (mut office, mut laptop, mut tablet, client, before) = three();
    remove(&mut office, "office", &tablet.device());
    assert_eq!(live(&office), ["Laptop", "Office"]);
    let after = office.notes_mut().add_note(&client, &note("After."), false, NOW + 2).unwrap();
    let newcomer = office.clients_mut().add_client(&identity("Birgit"), NOW + 2).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!((live(&laptop), text(&laptop, &after).as_str()), (vec!["Laptop".into(), "Office".into()], "After."));
    assert_eq!(laptop.clients().client(&newcomer).unwrap().name, "Birgit");
    let mine = laptop.notes_mut().add_note(&client, &note("From Laptop."), false, NOW + 3).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!(text(&office, &mine), "From Laptop.");
    // Even if somebody handed it every envelope, it would open none.
    let epochs = tablet.core.memory.epochs.len();
    carry(&office, &mut tablet);
    assert_eq!(tablet.core.memory.epochs.len(), epochs);
    for id in [after, mine] {
        assert_eq!(tablet.notes().note(&id).unwrap_err(), ReadError::NoSuchNote);
    }
    assert_eq!(tablet.clients().client(&newcomer).unwrap_err(), ReadError::NoSuchClient);
    // It knows now that it was removed; what it had it still reads, and it says so when it is opened again.
    assert!(tablet.devices().is_removed());
    assert!(tablet.take_notices().contains(&Notice::RemovedHere));
    assert_eq!(text(&tablet, &before), "Before.");
    let mut tablet = tablet.lock().unwrap().unlock(&passphrase("Tablet"), NOW).unwrap();
    assert!(tablet.take_notices().contains(&Notice::RemovedHere));
    let own = tablet.notes_mut().add_note(&client, &note("To myself."), false, NOW + 4).unwrap();
    assert_eq!(text(&tablet, &own), "To myself.");
    assert_eq!(tablet.devices_mut().hello(&[1; 32], &[2; 32], NOW), Err(DeviceError::RemovedHere));
    is_whole(&mut office);
    is_whole(&mut laptop);
}

#[test]
fn a_removal_needs_the_passphrase_and_never_takes_the_device_itself_or_a_stranger() {
    let (mut office, _, tablet, ..) = three();
    let wrong = office.devices_mut().remove_device(&tablet.device(), &passphrase("guess"), NOW).unwrap_err();
    assert!(wrong.is_wrong_passphrase());
    let own = office.device();
    assert_eq!(office.devices_mut().remove_device(&own, &passphrase("office"), NOW), Err(DeviceError::OwnDevice));
    let stranger = DeviceId([9; 16]);
    assert_eq!(
        office.devices_mut().remove_device(&stranger, &passphrase("office"), NOW),
        Err(DeviceError::NoSuchDevice)
    );
    assert_eq!(live(&office).len(), 3);
    remove(&mut office, "office", &tablet.device());
    assert_eq!(
        office.devices_mut().remove_device(&tablet.device(), &passphrase("office"), NOW),
        Err(DeviceError::NoSuchDevice),
        "it is gone already"
    );
    let rows = office.devices().removed_devices();
    assert_eq!((rows.len(), rows[0].name.as_str(), rows[0].at, rows[0].along), (1, "Tablet", NOW + 1, false));
}

#[test]
fn what_the_removed_device_wrote_meanwhile_lies_apart_until_it_is_kept_on_all_devices() {
    let (mut office, mut laptop, mut tablet, client, shared) = three();
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    let lost = tablet.notes_mut().add_note(&client, &note("On the train."), false, NOW + 5).unwrap();
    tablet.notes_mut().sign(&lost, NOW + 6).unwrap();
    tablet.notes_mut().save_note(&shared, &note("Before, and more."), NOW + 6).unwrap();
    tablet.notes_mut().flush().unwrap();
    office.take_notices();
    carry(&tablet, &mut office);
    assert_eq!(office.take_notices(), [Notice::Quarantined]);
    assert_eq!(office.notes().note(&lost).unwrap_err(), ReadError::NoSuchNote);
    assert_eq!(text(&office, &shared), "Before.");
    let waiting = office.devices().quarantine().unwrap();
    assert_eq!((waiting.len(), waiting[0].name.as_str(), waiting[0].notes, waiting[0].others), (1, "Tablet", 2, 0));
    is_whole(&mut office);
    let folder = tempfile::tempdir().unwrap();
    back_up(&mut office, folder.path(), NOW).unwrap();
    // It goes on to the other device and lies apart there too.
    meet(&mut office, &mut laptop);
    assert_eq!(laptop.devices().quarantine().unwrap().len(), 1);
    assert_eq!(laptop.notes().note(&lost).unwrap_err(), ReadError::NoSuchNote);
    let mut office = office.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!(office.devices().quarantine().unwrap().len(), 1);
    office.devices_mut().keep_quarantined(&tablet.device(), NOW + 7).unwrap();
    meet(&mut office, &mut laptop);
    for vault in [&mut office, &mut laptop] {
        assert_eq!(vault.devices().quarantine().unwrap(), []);
        assert_eq!(text(vault, &shared), "Before, and more.");
        let view = vault.notes().note(&lost).unwrap();
        assert_eq!((view.state, view.content.text.as_str()), (NoteState::Unsigned, "On the train."));
        assert_eq!((view.signed.len(), view.uncounted.len()), (0, 1), "signed after the removal: it does not count");
        is_whole(vault);
    }
    // On the tablet itself nothing changes.
    assert_eq!(tablet.notes().note(&lost).unwrap().state, NoteState::Signed);
    // What it writes later lies apart again.
    tablet.notes_mut().add_note(&client, &note("And later."), false, NOW + 8).unwrap();
    tablet.notes_mut().flush().unwrap();
    carry(&tablet, &mut office);
    assert_eq!(office.devices().quarantine().unwrap()[0].notes, 1);
}

#[test]
fn what_was_only_kept_stays_no_more_than_that_when_whoever_kept_it_goes() {
    let (mut office, mut laptop, mut tablet, client, _) = three();
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    let lost = tablet.notes_mut().add_note(&client, &note("On the train."), false, NOW + 5).unwrap();
    tablet.notes_mut().sign(&lost, NOW + 6).unwrap();
    carry(&tablet, &mut laptop);
    laptop.devices_mut().keep_quarantined(&tablet.device(), NOW + 7).unwrap();
    meet(&mut office, &mut laptop);
    let seen = |vault: &Vault| {
        let view = vault.notes().note(&lost).unwrap();
        (view.content.text, view.signed.len(), view.uncounted.len())
    };
    let kept = ("On the train.".to_owned(), 0, 1);
    assert_eq!((seen(&office), seen(&laptop)), (kept.clone(), kept.clone()));
    remove(&mut office, "office", &laptop.device());
    assert_eq!(seen(&office), kept, "a signature that came after the removal does not count for that");
    let mut desk = second(&mut office, "Desk");
    meet(&mut office, &mut desk);
    assert_eq!(seen(&desk), kept);
    is_whole(&mut desk);
}

#[test]
fn what_is_discarded_is_used_by_nobody_and_not_asked_about_again() {
    let (mut office, _, mut tablet, client, _) = three();
    remove(&mut office, "office", &tablet.device());
    let lost = tablet.notes_mut().add_note(&client, &note("Forged?"), false, NOW + 5).unwrap();
    tablet.notes_mut().flush().unwrap();
    carry(&tablet, &mut office);
    office.devices_mut().discard_quarantined(&tablet.device()).unwrap();
    assert_eq!(office.devices().quarantine().unwrap(), []);
    assert_eq!(office.notes().note(&lost).unwrap_err(), ReadError::NoSuchNote);
    assert_eq!(office.devices_mut().discard_quarantined(&tablet.device()), Err(DeviceError::NothingQuarantined));
    assert_eq!(office.devices_mut().keep_quarantined(&tablet.device(), NOW), Err(DeviceError::NothingQuarantined));
    carry(&tablet, &mut office);
    assert_eq!(office.devices().quarantine().unwrap(), []);
    is_whole(&mut office);
}

#[test]
fn what_another_device_held_when_it_learned_of_the_removal_counts_everywhere_with_its_signatures() {
    let (mut office, mut laptop, mut tablet, client, _) = three();
    let early = tablet.notes_mut().add_note(&client, &note("In time."), false, NOW + 1).unwrap();
    tablet.notes_mut().sign(&early, NOW + 1).unwrap();
    meet(&mut tablet, &mut laptop);
    remove(&mut office, "office", &tablet.device());
    // To Office, which did not have it, it comes from the tablet first: past the only cut that Office knows.
    carry(&tablet, &mut office);
    assert_eq!(office.devices().quarantine().unwrap().len(), 1);
    meet(&mut office, &mut laptop);
    for vault in [&mut office, &mut laptop] {
        assert_eq!(vault.devices().quarantine().unwrap(), []);
        let view = vault.notes().note(&early).unwrap();
        assert_eq!((view.state, view.signed.len(), view.uncounted.len()), (NoteState::Signed, 1, 0));
        is_whole(vault);
    }
    // A device that comes later sees the same.
    let mut phone = second(&mut office, "Phone");
    meet(&mut office, &mut phone);
    assert_eq!(phone.notes().note(&early).unwrap().state, NoteState::Signed);
    assert_eq!(phone.devices().quarantine().unwrap(), []);
    is_whole(&mut phone);
}

#[test]
fn a_body_that_comes_before_the_removal_that_opens_its_epoch_waits_for_it_even_overnight() {
    let (mut office, mut laptop, tablet, client, _) = three();
    remove(&mut office, "office", &tablet.device());
    let after = office.notes_mut().add_note(&client, &note("After."), false, NOW + 2).unwrap();
    office.notes_mut().flush().unwrap();
    let mut bodies = Vec::new();
    for end in office.log().log_ends().unwrap() {
        let run = office.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap();
        laptop.log_mut().offer_headers(&end.log, &run).unwrap();
        let lacking = laptop.log().lacking(&end.log, &end.head).unwrap().unwrap();
        bodies.extend(lacking.into_iter().map(|(_, name)| (name, office.log().envelope_body(&name).unwrap().unwrap())));
    }
    assert!(bodies.len() >= 2);
    let main = names_in(&office, OwnLog::Main);
    let removal = bodies.iter().position(|(name, _)| main.contains(name)).unwrap();
    let removal = bodies.remove(removal);
    assert_eq!(laptop.log_mut().offer_bodies(&bodies, NOW).unwrap().len(), bodies.len());
    assert_eq!(laptop.notes().note(&after).unwrap_err(), ReadError::NoSuchNote);
    assert_eq!((laptop.log().set_aside_count().unwrap(), live(&laptop).len()), (0, 3));
    is_whole(&mut laptop);
    let mut laptop = laptop.lock().unwrap().unlock(&passphrase("Laptop"), NOW).unwrap();
    assert_eq!(laptop.log_mut().offer_bodies(&[removal], NOW).unwrap(), [Taken::Stored]);
    assert_eq!((text(&laptop, &after).as_str(), live(&laptop).len()), ("After.", 2));
    is_whole(&mut laptop);
}

#[test]
fn those_who_stay_admit_and_remove_with_the_new_authority_once_their_passphrase_was_given() {
    let (mut office, mut laptop, mut tablet, client, _) = three();
    laptop.reauthenticate(&passphrase("Laptop"), NOW).unwrap();
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    let early = JoiningDevice::new(&new(&passphrase("Phone"), "Phone"), &mut Os);
    assert_eq!(
        laptop.devices_mut().admit(&early.introduction(), usize::MAX, NOW).err(),
        Some(RowError::NeedsReauth.into()),
        "the old one is void"
    );
    let mut phone = admitted(&mut laptop, "Laptop", "Phone");
    meet(&mut laptop, &mut phone);
    meet(&mut office, &mut laptop);
    assert_eq!(live(&office), ["Laptop", "Office", "Phone"]);
    assert_eq!(phone.clients().client(&client).unwrap().name, "Aino");
    // The removed device's word counts for nothing: neither a removal nor an admission.
    tablet.reauthenticate(&passphrase("Tablet"), NOW).unwrap();
    tablet.devices_mut().remove_device(&office.device(), &passphrase("Tablet"), NOW + 3).unwrap();
    assert_eq!(live(&tablet).len(), 2, "as long as it has not heard");
    let thief = passphrase("Thief");
    let forged = JoiningDevice::new(&new(&thief, "Thief"), &mut Os);
    tablet.devices_mut().admit(&forged.introduction(), usize::MAX, NOW).unwrap();
    carry(&tablet, &mut office);
    carry(&tablet, &mut laptop);
    assert_eq!(live(&office), ["Laptop", "Office", "Phone"]);
    assert_eq!(live(&laptop), ["Laptop", "Office", "Phone"]);
    // And when it hears, it gives way.
    let [farewell] = &office.devices().farewell(&tablet.device(), 1 << 20)[..] else { panic!("one part") };
    assert!(tablet.devices_mut().take_farewell(farewell).unwrap());
    assert!(tablet.devices().is_removed());
    // Phone, which never saw the first removal, can remove too.
    phone.devices_mut().remove_device(&laptop.device(), &passphrase("Phone"), NOW + 9).unwrap();
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
    assert!(!office.core.memory.roster.is_renewed());
    laptop.reauthenticate(&passphrase("Laptop"), NOW).unwrap();
    assert!(laptop.core.memory.roster.is_renewed());
    let after = laptop.notes_mut().add_note(&client, &note("After both."), false, NOW + 3).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!(text(&office, &after), "After both.");
    for gone in [&mut tablet, &mut phone] {
        carry(&office, gone);
        assert_eq!(gone.notes().note(&after).unwrap_err(), ReadError::NoSuchNote);
        assert!(gone.devices().is_removed());
    }
    let _desk = second(&mut office, "Desk");
    assert_eq!(live(&office), ["Desk", "Laptop", "Office"]);
    is_whole(&mut office);
    is_whole(&mut laptop);
}

#[test]
fn of_two_devices_that_remove_each_other_the_elder_stays_whoever_hears_what_first() {
    let (mut office, mut laptop, mut tablet, client, _) = three();
    tablet.devices_mut().remove_device(&office.device(), &passphrase("Tablet"), NOW + 1).unwrap();
    // Laptop hears the tablet first, believes it, and goes on under its key.
    meet(&mut tablet, &mut laptop);
    assert_eq!(live(&laptop), ["Laptop", "Tablet"]);
    let between = laptop.notes_mut().add_note(&client, &note("Between."), false, NOW + 2).unwrap();
    laptop.notes_mut().flush().unwrap();
    remove(&mut office, "office", &tablet.device());
    let after = office.notes_mut().add_note(&client, &note("After."), false, NOW + 3).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!((live(&office), live(&laptop)), (live(&laptop), vec!["Laptop".into(), "Office".into()]));
    // What Laptop wrote under the tablet's key Office could not open, and said so: Laptop has handed that on.
    assert_eq!(text(&office, &between), "Between.");
    is_whole(&mut office);
    laptop.reauthenticate(&passphrase("Laptop"), NOW).unwrap();
    meet(&mut office, &mut laptop);
    assert!(office.core.memory.roster.to_renew().is_empty() && laptop.core.memory.roster.to_renew().is_empty());
    for vault in [&mut office, &mut laptop] {
        assert_eq!((text(vault, &between).as_str(), text(vault, &after).as_str()), ("Between.", "After."));
        assert_eq!(vault.devices().quarantine().unwrap(), []);
        is_whole(vault);
    }
    carry(&laptop, &mut tablet);
    assert!(tablet.devices().is_removed());
}

#[test]
fn a_restored_practice_admits_and_removes_devices() {
    let folder = tempfile::tempdir().unwrap();
    let (mut office, kit) = with_kit();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let (mut laptop, tablet) = laptop_and_tablet(&mut office);
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    // On Laptop the passphrase was not given since the removal: its recovery slot still holds the old authority.
    let file = open(&backup_of(&mut laptop, folder.path()), &kit).unwrap();
    let (mut rescue, _) = restored(&file, Only::Everything).unwrap();
    assert_eq!(live(&rescue), ["Laptop", "New laptop", "Office"]);
    let mut phone = admitted(&mut rescue, "restored", "Phone");
    rescue.devices_mut().remove_device(&office.device(), &passphrase("restored"), NOW + 9).unwrap();
    let after = rescue.notes_mut().add_note(&client, &note("After the fire."), false, NOW + 9).unwrap();
    meet(&mut rescue, &mut phone);
    meet(&mut rescue, &mut laptop);
    for vault in [&mut phone, &mut laptop] {
        assert_eq!(live(vault), ["Laptop", "New laptop", "Phone"]);
        assert_eq!(text(vault, &after), "After the fire.");
    }
    for _ in 0..2 {
        carry(&rescue, &mut office);
    }
    assert!(office.devices().is_removed());
    assert_eq!(office.notes().note(&after).unwrap_err(), ReadError::NoSuchNote);
}

#[test]
fn a_backup_made_between_two_removals_and_the_next_passphrase_restores_too() {
    let folder = tempfile::tempdir().unwrap();
    let (mut office, kit) = with_kit();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
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
    assert!(!office.core.memory.roster.is_renewed());
    let file = open(&backup_of(&mut office, folder.path()), &kit).unwrap();
    let (mut rescue, _) = restored(&file, Only::Everything).unwrap();
    assert_eq!(live(&rescue), ["Laptop", "New laptop", "Office"]);
    let after = rescue.notes_mut().add_note(&client, &note("After."), false, NOW).unwrap();
    for _ in 0..2 {
        meet(&mut rescue, &mut laptop);
    }
    assert_eq!((live(&laptop), text(&laptop, &after).as_str()), (live(&rescue), "After."));
    for gone in [&mut tablet, &mut phone] {
        for _ in 0..2 {
            carry(&rescue, gone);
        }
        assert_eq!(gone.notes().note(&after).unwrap_err(), ReadError::NoSuchNote);
    }
}

#[test]
fn a_backup_of_a_removed_device_makes_no_new_device_and_brings_its_notes_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (mut office, kit) = with_kit();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut tablet);
    remove(&mut office, "office", &tablet.device());
    let lost = tablet.notes_mut().add_note(&client, &note("On the train."), false, NOW + 5).unwrap();
    carry(&office, &mut tablet);
    assert!(tablet.devices().is_removed());
    let file = open(&backup_of(&mut tablet, folder.path()), &kit).unwrap();
    let refused = restored(&file, Only::Everything).err();
    assert_eq!(refused, Some(crate::backup::BackupError::OfRemovedDevice));
    merge(&file, &mut office, Only::Everything).unwrap();
    assert_eq!(office.notes().note(&lost).unwrap_err(), ReadError::NoSuchNote);
    assert_eq!(office.devices().quarantine().unwrap()[0].notes, 1);
    office.devices_mut().keep_quarantined(&tablet.device(), NOW).unwrap();
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
    laptop.devices_mut().remove_device(&office.device(), &fresh, NOW + 2).unwrap();
    assert_eq!(live(&laptop), ["Laptop"]);
    assert!(laptop.devices_mut().take_farewell(&[1, 2, 3]).is_ok_and(|told| !told), "garbage tells nothing");
    let own = laptop.device();
    assert_eq!(laptop.devices_mut().remove_device(&own, &fresh, NOW), Err(DeviceError::OwnDevice), "the last stays");
}

#[test]
fn what_a_removed_device_wrote_for_weeks_is_asked_about_part_by_part_and_kept_in_the_same_parts_in_whatever_order_it_came()
 {
    let (mut office, _, mut tablet, client, _) = three();
    remove(&mut office, "office", &tablet.device());
    let id = tablet.notes_mut().add_note(&client, &note("0"), false, NOW).unwrap();
    let written = QUARANTINE_MAX + 20;
    for number in 1..=written {
        tablet.notes_mut().save_note(&id, &note(&number.to_string()), NOW).unwrap();
        tablet.notes_mut().flush().unwrap();
    }
    let body = |name: Hash| (name, tablet.log().envelope_body(&name).unwrap().unwrap());
    let mut bodies = Vec::new();
    for end in tablet.log().log_ends().unwrap().into_iter().filter(|end| end.log.device() == tablet.device()) {
        let run = tablet.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap();
        office.log_mut().offer_headers(&end.log, &run).unwrap();
        let lacking = office.log().lacking(&end.log, &end.head).unwrap().unwrap();
        bodies.extend(lacking.into_iter().map(|(_, name)| body(name)));
    }
    let shown = |office: &Vault| office.devices().quarantine().unwrap();
    let (early, late) = bodies.split_at(8);
    for part in late.chunks(64).chain([early]) {
        let taken = office.log_mut().offer_bodies(part, NOW).unwrap();
        assert!(taken.iter().all(|taken| *taken == Taken::Stored), "all of it is stored");
    }
    let first = shown(&office);
    assert!(bodies.len() > QUARANTINE_MAX + 10);
    assert_eq!((first[0].notes, first[0].behind), (1, bodies.len() - QUARANTINE_MAX));
    // The first of them are asked about although they came last; once they are kept, the rest has its turn.
    office.devices_mut().keep_quarantined(&tablet.device(), NOW).unwrap();
    let rest = shown(&office);
    assert_eq!((rest[0].notes, rest[0].behind), (1, 0));
    // Whether its beginning is among the first follows from which of its logs has the smaller number.
    let text = office.notes().note(&id).map(|view| view.content.text);
    assert!(text.is_err() || text.is_ok_and(|text| text.parse::<usize>().is_ok_and(|number| number < written)));
    office.devices_mut().keep_quarantined(&tablet.device(), NOW).unwrap();
    assert!(shown(&office).is_empty());
    assert_eq!(office.notes().note(&id).unwrap().content.text, written.to_string());
}

#[test]
fn a_replayed_removal_and_one_of_another_practice_change_nothing() {
    let (mut office, mut laptop, tablet, client, _) = three();
    remove(&mut office, "office", &tablet.device());
    meet(&mut office, &mut laptop);
    let (entries, epoch) = (office.core.memory.roster.entries(), office.core.memory.roster.epoch());
    let mut other = practice();
    let gone = second(&mut other, "Tablet");
    remove(&mut other, "office", &gone.device());
    for entry in entries.iter().chain(&other.core.memory.roster.entries()) {
        let item = crate::log::Item::roster(entry.clone());
        let mut out = Outbox::everyday();
        out.keyring.push(item);
        commit(&mut laptop.core, crate::vault::core::Transaction::default(), out).unwrap();
    }
    meet(&mut office, &mut laptop);
    assert_eq!((office.core.memory.roster.entries(), office.core.memory.roster.epoch()), (entries, epoch));
    let after = office.notes_mut().add_note(&client, &note("On."), false, NOW).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!(text(&laptop, &after), "On.");
}
