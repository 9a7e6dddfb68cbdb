//! Deletions by the clock of the device to which they come, whatever they say of their own time.

use super::backup::back_up;
use super::*;
use crate::id::{DocId, NoteId};
use crate::vault::core::Transaction;
use crate::vault::registry::DocumentAt;
use crate::vault::{AT_ONCE, BackupFile, DAY, MOST_AT_ONCE, MassDelete, Notice, Only, Selection};

/// Two devices that know of so many notes of one client.
fn two_devices(notes: usize) -> (Vault, Vault, ClientId, Vec<NoteId>) {
    let mut office = practice();
    let (client, ids) = with_notes(&mut office, notes);
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    (office, home, client, ids)
}

fn with_notes(vault: &mut Vault, notes: usize) -> (ClientId, Vec<NoteId>) {
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let add = |number| vault.notes_mut().add_note(&client, &note(&format!("Note {number}.")), false, NOW).unwrap();
    let ids = (0..notes).map(add).collect();
    (client, ids)
}

/// Deletes these at a time that the deleting device is free to name.
fn delete_at(vault: &mut Vault, ids: &[DocId], at: u64) {
    vault.trash_mut().delete(ids, MassDelete::Confirmed, at).unwrap();
}

fn left(vault: &Vault, client: &ClientId) -> usize {
    vault.notes().timeline(client).unwrap().len()
}

/// Everything that one has goes to the other, at a time of that one's clock.
fn carry_at(from: &Vault, to: &mut Vault, now: u64) {
    for end in from.log().log_ends().unwrap() {
        let run = from.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap();
        to.log_mut().offer_headers(&end.log, &run).unwrap();
        let names = from.log().branch_names(&end.log, 0, &end.head).unwrap();
        let bodies = names.iter().rev().map(|name| (*name, from.log().envelope_body(name).unwrap().unwrap()));
        to.log_mut().offer_bodies(&bodies.collect::<Vec<_>>(), now).unwrap();
    }
}

fn unlocked(vault: Vault, words: &str, now: u64) -> Vault {
    vault.lock().unwrap().unlock(&passphrase(words), now).unwrap()
}

#[test]
fn twenty_one_deletions_that_come_together_are_asked_about_whatever_they_say_of_their_time() {
    let times: [fn(u64) -> u64; 4] = [|_| 1, |_| u64::MAX, |at| at * 365 * DAY, |at| NOW + at * DAY];
    for (which, at) in times.into_iter().enumerate() {
        let (mut office, mut home, client, ids) = two_devices(MOST_AT_ONCE + 1);
        for (number, id) in (1..).zip(&ids) {
            delete_at(&mut home, &[*id], at(number));
        }
        carry(&home, &mut office);
        assert_eq!(left(&office, &client), ids.len(), "times {which}");
        assert_eq!(office.take_notices(), [Notice::DeletionsHeld]);
        assert_eq!(office.trash().mass_deletions()[0].notes, ids.len());
        assert!(office.trash().mass_deletions()[0].since.is_none_or(|since| since <= NOW + DAY));
        let office = unlocked(office, "office", NOW + 60 * DAY);
        assert_eq!(left(&office, &client), ids.len(), "as long as nobody answered");
    }
}

#[test]
fn twenty_one_deletions_that_come_one_by_one_are_made_and_are_asked_about_when_they_say_one_time() {
    for (at_once, held) in [(false, 0), (true, MOST_AT_ONCE + 1)] {
        let (mut office, mut home, client, ids) = two_devices(MOST_AT_ONCE + 1);
        for (number, id) in (1..).zip(&ids) {
            let now = NOW + number * (AT_ONCE + 1);
            delete_at(&mut home, &[*id], if at_once { NOW } else { now });
            carry_at(&home, &mut office, now);
        }
        assert_eq!(left(&office, &client), held);
    }
}

#[test]
fn a_client_whom_a_device_with_another_clock_deleted_lies_in_the_trash_for_thirty_days() {
    for at in [0, 1, NOW - 400 * DAY, NOW + 400 * DAY, u64::MAX] {
        let (mut office, mut home, client, _) = two_devices(1);
        delete_at(&mut home, &[client], at);
        carry(&home, &mut office);
        assert_eq!(office.clients().all().count(), 0);
        let row = &office.trash().shown(NOW + 29 * DAY)[0];
        assert_eq!((row.id, row.days_left), (client, 1), "at {at}");
        assert!(row.deleted_at <= NOW, "a time that can be");
        assert_eq!(office.trash().shown(NOW + 30 * DAY), []);
        let mut office = unlocked(office, "office", NOW + 29 * DAY);
        assert_eq!(office.trash().shown(NOW + 29 * DAY)[0].days_left, 1);
        office.trash_mut().undelete(&client).unwrap();
        assert_eq!(office.trash().shown(NOW), []);
        // Deleted once more, its days begin anew.
        carry_at(&office, &mut home, NOW);
        delete_at(&mut home, &[client], at);
        carry_at(&home, &mut office, NOW + 50 * DAY);
        assert_eq!(office.trash().shown(NOW + 79 * DAY)[0].days_left, 1);
    }
}

#[test]
fn what_was_deleted_here_under_a_clock_that_is_put_right_since_lies_in_the_trash_for_thirty_days() {
    for at in [0, 1, NOW - 400 * DAY, NOW + 400 * DAY, u64::MAX] {
        let (mut office, _, client, _) = two_devices(1);
        delete_at(&mut office, &[client], at);
        assert_eq!(office.trash().shown(NOW)[0].days_left, 30, "at {at}");
        let office = unlocked(office, "office", NOW + DAY);
        assert_eq!(office.trash().shown(NOW + 30 * DAY)[0].days_left, 1, "at {at}");
        assert_eq!(office.trash().shown(NOW + 31 * DAY), []);
    }
}

#[test]
fn a_private_note_that_a_device_with_another_clock_deleted_lies_in_the_trash_for_thirty_days() {
    for at in [1, u64::MAX] {
        let (mut office, mut home, client, _) = two_devices(0);
        office.reauthenticate(&passphrase("office"), NOW).unwrap();
        let id = office.notes_mut().add_note(&client, &note("apart"), true, NOW).unwrap();
        meet(&mut office, &mut home);
        home.reauthenticate(&passphrase("Home"), NOW).unwrap();
        delete_at(&mut home, &[id], at);
        office.end_reauth();
        carry(&home, &mut office);
        for day in [29, 10] {
            office = unlocked(office, "office", NOW + day * DAY);
            office.reauthenticate(&passphrase("office"), NOW + day * DAY).unwrap();
            assert_eq!(office.trash().private_trash(NOW + day * DAY).unwrap()[0].days_left, 30 - day, "at {at}");
        }
        for day in [31, 33] {
            office = unlocked(office, "office", NOW + day * DAY);
            office.reauthenticate(&passphrase("office"), NOW + day * DAY).unwrap();
            assert_eq!(office.trash().private_trash(NOW + day * DAY).unwrap(), []);
        }
        office.trash_mut().undelete(&id).unwrap();
    }
}

#[test]
fn a_device_that_comes_takes_what_was_settled_and_asks_from_the_next_day_on() {
    let (mut office, mut home, client, ids) = two_devices(2 * (MOST_AT_ONCE + 1));
    let (before, after) = ids.split_at(MOST_AT_ONCE + 1);
    let from = home.device();
    delete_at(&mut home, before, 1);
    carry(&home, &mut office);
    office.trash_mut().confirm_mass_deletions(&from).unwrap();
    let mut tablet = second(&mut office, "Tablet");
    carry(&office, &mut tablet);
    assert_eq!((left(&tablet, &client), tablet.take_notices()), (after.len(), vec![]));
    assert_eq!(tablet.trash().shown(NOW + 29 * DAY).len(), before.len(), "thirty days from when it came here");
    delete_at(&mut home, after, 1);
    carry_at(&home, &mut tablet, NOW + DAY);
    assert_eq!((left(&tablet, &client), tablet.take_notices()), (after.len(), vec![Notice::DeletionsHeld]));
    // The device with which the practice began has never come to one, and is asked at once.
    carry(&home, &mut office);
    assert_eq!((left(&office, &client), office.take_notices()), (after.len(), vec![Notice::DeletionsHeld]));
}

#[test]
fn what_is_deleted_after_a_device_came_is_asked_about_on_its_first_day_too() {
    let (mut office, mut home, client, ids) = two_devices(MOST_AT_ONCE + 1);
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut home);
    carry(&office, &mut tablet);
    delete_at(&mut home, &ids, NOW + 1);
    carry(&home, &mut tablet);
    assert_eq!((left(&tablet, &client), tablet.take_notices()), (ids.len(), vec![Notice::DeletionsHeld]));
}

#[test]
fn a_backup_that_becomes_a_device_asks_about_nothing_and_one_that_is_brought_into_a_practice_does() {
    let crate::vault::Created { vault: mut office, kit } =
        Vault::create(store(), &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap();
    let (client, ids) = with_notes(&mut office, MOST_AT_ONCE + 1);
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut tablet);
    for (number, id) in (1..).zip(&ids) {
        delete_at(&mut home, &[*id], NOW + number * DAY);
        carry_at(&home, &mut office, NOW + number * DAY);
    }
    assert_eq!(left(&office, &client), 0);
    let folder = tempfile::tempdir().unwrap();
    back_up(&mut office, folder.path(), NOW).unwrap();
    let file = super::backup::files(folder.path()).pop().unwrap();
    let backup = BackupFile::open(&file, kit, &|| false).unwrap();
    let selection = Selection { only: Only::Everything, scratch: folder.path() };
    let pass = passphrase("restored");
    let new = new(&pass, "Restored");
    let (restored, _) = backup.restore(store(), &new, selection, Box::new(Os), &mut |_| {}, &|| false).unwrap();
    assert_eq!((left(&restored, &client), restored.trash().mass_deletions()), (0, vec![]));
    backup.merge_into(&mut tablet, selection, &mut |_| {}, &|| false).unwrap();
    assert_eq!(left(&tablet, &client), ids.len());
    assert_eq!(tablet.trash().mass_deletions()[0].notes, ids.len());
}

#[test]
fn a_repair_asks_about_no_deletion_that_was_made_long_ago() {
    let (mut office, mut home, client, ids) = two_devices(MOST_AT_ONCE + 1);
    for (number, id) in (1..).zip(&ids) {
        delete_at(&mut home, &[*id], NOW + number * DAY);
        carry_at(&home, &mut office, NOW + number * DAY);
    }
    let mut tx = Transaction::default();
    ids.iter().for_each(|id| tx.remove(&DocumentAt(*id)));
    office.core.write(tx).unwrap();
    office.integrity_mut().repair(&mut |_, _| {}).unwrap();
    assert_eq!((left(&office, &client), office.trash().mass_deletions()), (0, vec![]));
    assert_eq!(office.trash().all(NOW).len(), ids.len());
}
