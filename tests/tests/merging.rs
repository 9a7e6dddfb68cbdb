//! Two records of one person are one, on every device, and can be two again.

use subrosa_core::export::ProcessNotes;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::vault::{ClientError, MassDelete};
use subrosa_tests::practice::{person, written};
use subrosa_tests::world::{World, passphrase};

/// The same person, added on each of two devices that did not meet, with a note each.
fn twice(seed: u64) -> (World, [ClientId; 2], [NoteId; 2]) {
    let mut world = World::of(2, seed);
    world.settle();
    let now = world.now;
    let made =
        [("Aino", "at the office"), ("Aino M.", "at home")].into_iter().enumerate().map(|(device, (name, text))| {
            let vault = world.devices[device].vault();
            let client = vault.clients_mut().add_client(&person(name), now).unwrap();
            (client, vault.notes_mut().add_note(&client, &written(text), false, now).unwrap())
        });
    let made: Vec<_> = made.collect();
    world.settle();
    (world, [made[0].0, made[1].0], [made[0].1, made[1].1])
}

#[test]
fn one_stands_in_the_list_with_the_notes_of_both_and_its_own_name() {
    let (mut world, [a, b], notes) = twice(700);
    let now = world.tick();
    world.devices[0].vault().clients_mut().merge_clients(&b, &a, now).unwrap();
    assert_eq!(world.devices[0].vault().clients_mut().merge_clients(&b, &a, now), Err(ClientError::OneRecord));
    world.settle();
    let later = world.tick();
    world.devices[1].lock_and_unlock(later);
    for device in &world.devices {
        let vault = device.read();
        let rows: Vec<_> =
            vault.clients().all().map(|row| (row.id, row.name.as_str(), row.notes, row.unsigned)).collect();
        assert_eq!(rows, [(a, "Aino", 2, 2)]);
        for id in [&a, &b] {
            assert_eq!(vault.clients().client(id).unwrap().id, a);
            assert_eq!(
                (vault.notes().timeline(id).unwrap().len(), vault.clients().identity(id).unwrap().name),
                (2, "Aino".to_owned())
            );
        }
        assert_eq!(vault.clients().other_identities(&a).unwrap()[0].1.name, "Aino M.");
        let exported = vault.exchange().exported(&b, ProcessNotes::LeaveOut).unwrap();
        assert_eq!((exported.id, exported.identity.name.as_str(), exported.notes.len()), (a, "Aino", 2));
        assert_eq!(exported.identity.other["name in other record 1"], "Aino M.");
        assert!(notes.iter().all(|note| vault.notes().note(note).unwrap().client == a));
        assert_eq!(vault.notes().search("aino home", 10, &|| false).unwrap().len(), 1);
        assert!(vault.notes().unsigned().unwrap().iter().all(|(client, _)| *client == a));
        assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
}

#[test]
fn merged_in_opposite_directions_at_the_same_time_both_devices_show_the_same_one() {
    for seed in 710..716 {
        let (mut world, [a, b], _) = twice(seed);
        let now = world.tick();
        let first = world.dice.roll(2);
        world.devices[first].vault().clients_mut().merge_clients(&a, &b, now).unwrap();
        world.devices[1 - first].vault().clients_mut().merge_clients(&b, &a, now + 1).unwrap();
        world.settle();
        for device in &world.devices {
            assert_eq!(device.read().clients().all().map(|row| (row.id, row.notes)).collect::<Vec<_>>(), [(b, 2)]);
        }
        world.devices[0].vault().clients_mut().unmerge_client(&b, now + 2).unwrap();
        world.settle();
        for device in &world.devices {
            assert_eq!(device.read().clients().all().count(), 2);
        }
    }
}

#[test]
fn what_an_offline_device_writes_to_the_other_record_lands_in_the_one_that_is_shown() {
    let (mut world, [a, b], _) = twice(720);
    let now = world.tick();
    world.devices[1].vault().reauthenticate(&passphrase(), now).unwrap();
    world.devices[0].vault().clients_mut().merge_clients(&b, &a, now).unwrap();
    let late = world.devices[1].vault().notes_mut().add_note(&b, &written("Written offline."), false, now).unwrap();
    let apart = world.devices[1].vault().notes_mut().add_note(&b, &written("apart"), true, now).unwrap();
    world.devices[1].vault().notes_mut().sign(&late, now).unwrap();
    world.settle();
    for device in &mut world.devices {
        let vault = device.vault();
        vault.reauthenticate(&passphrase(), now).unwrap();
        assert_eq!(vault.clients().client(&a).unwrap().notes, 3);
        assert_eq!(vault.notes().note(&late).unwrap().client, a);
        assert_eq!(vault.notes().private_timeline(&b).unwrap()[0].id, apart);
        assert_eq!(vault.notes().private_timeline(&a).unwrap().len(), 1);
    }
    // A note of the other record is signed under the id that it was begun with, wherever it is shown.
    let note = world.devices[0].read().notes().timeline(&a).unwrap().iter().find(|row| row.id != late).unwrap().id;
    let shown = world.devices[0].vault().notes().sign_preview(&note).unwrap();
    world.devices[0].vault().notes_mut().sign_shown(&shown, now).unwrap();
    world.settle();
    assert_eq!(world.devices[1].read().log().set_aside_count(), Ok(0));
}

#[test]
fn a_merge_is_taken_back_and_made_again_and_each_note_is_where_it_was_written() {
    let (mut world, [a, b], notes) = twice(730);
    let now = world.tick();
    assert_eq!(world.devices[0].vault().clients_mut().unmerge_client(&a, now), Err(ClientError::NotMerged));
    world.devices[0].vault().clients_mut().merge_clients(&b, &a, now).unwrap();
    world.settle();
    world.devices[1].vault().clients_mut().unmerge_client(&a, now + 1).unwrap();
    world.settle();
    for device in &world.devices {
        let owner = |note| device.read().notes().note(note).unwrap().client;
        assert_eq!((owner(&notes[0]), owner(&notes[1])), (a, b));
        assert_eq!(device.read().clients().client(&b).unwrap().notes, 1);
    }
    world.devices[1].vault().clients_mut().merge_clients(&a, &b, now + 2).unwrap();
    world.settle();
    let later = world.tick();
    world.devices[0].crash(later);
    for device in &world.devices {
        assert_eq!(device.read().clients().all().map(|row| (row.id, row.notes)).collect::<Vec<_>>(), [(b, 2)]);
    }
}

#[test]
fn three_records_are_one_and_a_merged_client_is_deleted_and_restored_whole() {
    let (mut world, [a, b], notes) = twice(740);
    let now = world.tick();
    let c = world.devices[0].vault().clients_mut().add_client(&person("Aino once more"), now).unwrap();
    world.devices[0].vault().clients_mut().merge_clients(&b, &a, now).unwrap();
    world.devices[0].vault().clients_mut().merge_clients(&a, &c, now + 1).unwrap();
    world.settle();
    assert_eq!(world.devices[1].read().clients().all().map(|row| (row.id, row.notes)).collect::<Vec<_>>(), [(c, 2)]);
    world.devices[1].vault().trash_mut().delete(&[c], MassDelete::Refuse, now + 2).unwrap();
    world.settle();
    for device in &world.devices {
        assert_eq!(device.read().clients().all().count(), 0);
        let rows = device.read().trash().shown(now + 3);
        assert_eq!(rows.iter().map(|row| (row.id, row.along)).collect::<Vec<_>>(), [(c, 4)]);
    }
    world.devices[0].vault().trash_mut().undelete(&c).unwrap();
    world.settle();
    for device in &world.devices {
        assert_eq!(device.read().clients().all().map(|row| (row.id, row.notes)).collect::<Vec<_>>(), [(c, 2)]);
        assert!(notes.iter().all(|note| device.read().notes().note(note).is_ok()));
    }
}
