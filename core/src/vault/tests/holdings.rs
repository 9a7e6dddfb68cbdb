//! What another device lacks: counted of notes, particulars and files, by what it durably holds and said so.

use super::files::{attach, carry_pieces, content, scan};
use super::{NOW, hears, holds_all, identity, meet, note, passphrase, practice, second};
use crate::id::{ClientId, NoteId};
use crate::record::Identity;
use crate::vault::{DAY, DeviceRow, Lacks, MetThrough, NewFile, SIGNING_GRACE, Unused, Vault};

/// Two devices that hold the same, one client, and one note.
fn two() -> (Vault, Vault, ClientId, NoteId) {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("Slept."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    hears(&mut office, &home, 9);
    hears(&mut home, &office, 9);
    (office, home, client, id)
}

fn other(vault: &Vault) -> DeviceRow {
    vault.devices().all().unwrap().into_iter().find(|row| !row.here).unwrap()
}

fn lacks(vault: &Vault) -> Lacks {
    other(vault).lacks
}

#[test]
fn a_note_counts_as_here_only_from_the_key_press_until_the_other_device_has_said_that_it_has_it() {
    let (mut office, mut home, _, id) = two();
    assert!(other(&office).has_all() && office.devices().holders_of(&id) == Ok(2));
    office.notes_mut().save_note(&id, &note("Slept well."), NOW).unwrap();
    for _ in 0..2 {
        assert_eq!((lacks(&office).notes, lacks(&office).changes), (vec![id], 0));
        assert_eq!(office.devices().holders_of(&id), Ok(1));
        office.notes_mut().flush().unwrap();
    }
    meet(&mut office, &mut home);
    assert_eq!(lacks(&office).notes, [id], "it has it, and has not said so");
    holds_all(&mut office, &home);
    assert!(other(&office).has_all() && office.devices().holders_of(&id) == Ok(2));
}

#[test]
fn many_envelopes_of_one_note_are_one_note_and_another_note_is_another() {
    let (mut office, _, client, id) = two();
    for number in 0..12 {
        office.notes_mut().save_note(&id, &note(&format!("Slept {number}.")), NOW).unwrap();
        office.notes_mut().flush().unwrap();
    }
    assert_eq!((lacks(&office).notes, lacks(&office).changes), (vec![id], 0));
    let further = office.notes_mut().add_note(&client, &note("Woke."), false, NOW).unwrap();
    assert_eq!(lacks(&office).notes, [further, id], "what was typed comes first");
}

#[test]
fn what_touches_no_note_is_never_counted_as_one_and_the_device_does_not_have_everything() {
    let (mut office, mut home, client, _) = two();
    office.devices_mut().rename("Desk").unwrap();
    let said = lacks(&office);
    assert!(said.notes.is_empty() && said.clients.is_empty() && said.changes == 1 && !other(&office).has_all());
    let aino = Identity { name: "Aino M".to_owned(), ..Identity::default() };
    office.clients_mut().edit_client(&client, &identity("Aino"), &aino, NOW).unwrap();
    let said = lacks(&office);
    assert!(said.notes.is_empty() && said.clients.iter().eq([&client]) && said.changes == 1);
    meet(&mut office, &mut home);
    holds_all(&mut office, &home);
    assert!(other(&office).has_all());
}

#[test]
fn a_lock_alone_makes_no_note_lacking() {
    let (office, ..) = two();
    let mut office = office.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
    assert!(lacks(&office).notes.is_empty());
    office.end_reauth();
    let office = office.lock().unwrap().unlock(&passphrase("office"), NOW + DAY).unwrap();
    assert!(lacks(&office).notes.is_empty());
}

#[test]
fn a_note_is_in_full_elsewhere_with_its_files_and_not_before() {
    let (mut office, mut home, client, id) = two();
    let beside = office.notes_mut().add_note(&client, &note("Beside."), false, NOW).unwrap();
    attach(&mut office, &NewFile { note: Some(id), ..scan(client) }, &content(9)).unwrap();
    meet(&mut office, &mut home);
    hears(&mut office, &home, 9);
    let said = lacks(&office);
    assert_eq!((said.notes.len(), said.changes, said.file_count()), (0, 0, 1));
    assert_eq!(office.devices().holders_of(&id), Ok(1), "its text is there, and its file is not");
    assert_eq!(office.devices().holders_of(&beside), Ok(2));
    carry_pieces(&office, &mut home);
    hears(&mut office, &home, 9);
    assert_eq!((office.devices().holders_of(&id), other(&office).has_all()), (Ok(2), true));
}

#[test]
fn a_private_note_counts_without_its_passphrase_and_is_named_to_nobody() {
    let (mut office, mut home, client, id) = two();
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let private = office.notes_mut().add_note(&client, &note("Apart."), true, NOW).unwrap();
    office.notes_mut().save_note(&id, &note("Slept on."), NOW).unwrap();
    for _ in 0..2 {
        let said = lacks(&office);
        assert!(said.notes.len() == 2 && said.notes.contains(&private));
        assert_eq!(office.devices().holders_of(&private), Ok(1));
        let named = office.devices().named_notes(&said.notes, 9).unwrap();
        assert_eq!(named.iter().map(|one| (one.client, one.note.id)).collect::<Vec<_>>(), [(client, id)]);
        office.notes_mut().flush().unwrap();
        office.end_reauth();
    }
    meet(&mut office, &mut home);
    holds_all(&mut office, &home);
    assert_eq!((lacks(&office).notes.len(), office.devices().holders_of(&private)), (0, Ok(2)));
}

#[test]
fn of_three_devices_each_is_counted_by_its_own_word_and_one_that_was_removed_is_counted_no_more() {
    let (mut office, mut home, client, _) = two();
    let mut tablet = second(&mut office, "Tablet");
    let id = office.notes_mut().add_note(&client, &note("New."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    meet(&mut office, &mut tablet);
    holds_all(&mut office, &home);
    assert_eq!(office.devices().holders_of(&id), Ok(2));
    let rows = office.devices().all().unwrap();
    let notes: Vec<usize> = rows.iter().map(|row| row.lacks.notes.len()).collect();
    assert_eq!(notes, [0, 0, 2], "the tablet has said nothing");
    office.devices_mut().remove_device(&tablet.device(), &passphrase("office"), NOW).unwrap();
    assert_eq!(office.devices().all().unwrap().len(), 2);
    assert_eq!(office.devices().holders_of(&id), Ok(2));
    holds_all(&mut office, &tablet);
    office.log_mut().met(&tablet.device(), MetThrough::Relay, NOW).unwrap();
    assert_eq!(office.devices().holders_of(&id), Ok(2));
}

#[test]
fn a_device_that_says_it_holds_what_was_never_written_holds_nothing_of_what_is_written_then() {
    let (mut office, home, client, id) = two();
    let logs = office.core.read().own_logs();
    let forged = [logs.main, logs.drafts].map(|log| (log, vec![(0, u64::MAX)])).to_vec();
    office.log_mut().acknowledged(&home.device(), &forged, NOW).unwrap();
    assert!(other(&office).has_all());
    office.notes_mut().save_note(&id, &note("Slept not at all."), NOW).unwrap();
    office.notes_mut().flush().unwrap();
    office.notes_mut().add_note(&client, &note("Woke."), false, NOW).unwrap();
    office.notes_mut().flush().unwrap();
    assert_eq!((lacks(&office).notes.len(), office.devices().holders_of(&id)), (2, Ok(1)));
}

#[test]
fn when_a_device_last_had_everything_stays_when_something_is_written_and_moves_when_it_has_that_too() {
    let (mut office, mut home, client, _) = two();
    assert_eq!(other(&office).had_all, Some(NOW));
    let id = office.notes_mut().add_note(&client, &note("Later."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    let held =
        |vault: &Vault| vault.log().log_ends().unwrap().into_iter().map(|end| (end.log, vec![(0, end.next_seq)]));
    let part = held(&home).filter(|(log, _)| log.device() != office.device()).collect();
    office.log_mut().acknowledged_all(&home.device(), &part, NOW + DAY).unwrap();
    let row = other(&office);
    assert_eq!((row.had_all, row.last_seen), (Some(NOW), Some(NOW + DAY)));
    let all = held(&home).collect();
    office.log_mut().acknowledged_all(&home.device(), &all, NOW + 2 * DAY).unwrap();
    assert_eq!((other(&office).had_all, office.devices().holders_of(&id)), (Some(NOW + 2 * DAY), Ok(2)));
    // With a file that is not there it does not have everything, whatever it acknowledges.
    attach(&mut office, &scan(client), &content(9)).unwrap();
    meet(&mut office, &mut home);
    let all = held(&home).collect();
    office.files_mut().lacked_there(&home.device(), home.files().lacked(9).unwrap().as_deref()).unwrap();
    office.log_mut().acknowledged_all(&home.device(), &all, NOW + 3 * DAY).unwrap();
    assert_eq!(other(&office).had_all, Some(NOW + 2 * DAY));
    carry_pieces(&office, &mut home);
    office.files_mut().lacked_there(&home.device(), home.files().lacked(9).unwrap().as_deref()).unwrap();
    office.log_mut().acknowledged(&home.device(), &Vec::new(), NOW + 4 * DAY).unwrap();
    assert_eq!(other(&office).had_all, Some(NOW + 4 * DAY));
}

#[test]
fn a_device_is_unused_when_it_never_finished_joining_or_was_not_seen_for_ninety_days_and_not_before() {
    let mut office = practice();
    let home = second(&mut office, "Home");
    let unused = |office: &Vault, now| other(office).unused(now);
    assert_eq!(unused(&office, NOW + DAY / 24 - 1), None, "it may be joining");
    assert_eq!(unused(&office, NOW + DAY / 24), Some(Unused::NeverJoined));
    holds_all(&mut office, &home);
    assert_eq!(unused(&office, NOW + 90 * DAY - 1), None);
    assert_eq!(unused(&office, NOW + 90 * DAY), Some(Unused::NotSeen));
    let here = office.devices().all().unwrap().into_iter().find(|row| row.here).unwrap();
    assert_eq!(here.unused(NOW + 1_000 * DAY), None);
}

#[test]
fn a_device_that_was_heard_of_through_another_one_alone_has_joined() {
    let (mut office, mut home, client, _) = two();
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut tablet);
    tablet.notes_mut().add_note(&client, &note("On the tablet."), false, NOW).unwrap();
    meet(&mut office, &mut tablet);
    meet(&mut office, &mut home);
    let unused = |now| {
        let row = home.devices().all().unwrap().into_iter().find(|row| row.id == tablet.device());
        row.and_then(|row| row.unused(now))
    };
    assert_eq!((unused(NOW + DAY), unused(NOW + 90 * DAY)), (None, Some(Unused::NotSeen)));
}

#[test]
fn through_what_a_device_was_met_is_told_until_it_is_met_otherwise() {
    let (mut office, home, ..) = two();
    assert_eq!(other(&office).through, None);
    for (through, at) in
        [(MetThrough::SameNetwork, 1), (MetThrough::Address, 2), (MetThrough::Relay, 3), (MetThrough::Folder, 4)]
    {
        office.log_mut().met(&home.device(), through, NOW + at).unwrap();
        assert_eq!((other(&office).through, other(&office).last_seen), (Some(through), Some(NOW + at)));
    }
}

#[test]
fn a_device_that_lacks_more_than_is_looked_into_is_said_to_lack_that_at_least() {
    let (mut office, home, client, id) = two();
    for number in 0..600 {
        office.devices_mut().rename(&format!("Desk {number}")).unwrap();
    }
    office.notes_mut().save_note(&id, &note("Typed."), NOW).unwrap();
    let said = lacks(&office);
    assert_eq!((said.notes.as_slice(), said.changes, said.is_more), (&[id][..], 512, true));
    let further = office.notes_mut().add_note(&client, &note("Woke."), false, NOW).unwrap();
    office.notes_mut().flush().unwrap();
    assert!(lacks(&office).notes.contains(&further), "what this device wrote last is among it");
    assert_eq!((office.devices().holders_of(&id), other(&office).has_all()), (Ok(1), false));
    holds_all(&mut office, &home);
    assert_eq!(office.devices().holders_of(&id), Ok(1));
}

#[test]
fn a_signature_that_is_made_here_is_not_there_until_it_is_said_to_be() {
    let (mut office, mut home, _, id) = two();
    office.notes_mut().sign(&id, NOW + SIGNING_GRACE).unwrap();
    assert_eq!((lacks(&office).notes, office.devices().holders_of(&id)), (vec![id], Ok(1)));
    meet(&mut office, &mut home);
    holds_all(&mut office, &home);
    assert_eq!(office.devices().holders_of(&id), Ok(2));
}
