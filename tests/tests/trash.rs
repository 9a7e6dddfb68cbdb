//! Deleting, taking back, and being asked: on one device, and on several that do not know of each other.

use std::collections::BTreeSet;

use subrosa_core::id::{ClientId, DocId, NoteId};
use subrosa_core::log::DocType;
use subrosa_core::vault::{AT_ONCE, KEPT_FOR, MOST_AT_ONCE, MassDelete, Notice, ReadError, RowError, TrashError};
use subrosa_tests::practice::{person, written};
use subrosa_tests::world::{Wire, World, passphrase};

const DAY: u64 = 24 * 3_600 * 1_000;

/// A practice of one client with so many notes.
fn practice(devices: usize, notes: usize, seed: u64) -> (World, ClientId, Vec<NoteId>) {
    let mut world = World::of(devices, seed);
    world.settle();
    let now = world.now;
    let vault = world.devices[0].vault();
    let client = vault.clients_mut().add_client(&person("Ida"), now).unwrap();
    let ids =
        (0..notes).map(|at| vault.notes_mut().add_note(&client, &written(&format!("Note {at}.")), false, now).unwrap());
    let ids = ids.collect();
    world.settle();
    (world, client, ids)
}

#[test]
fn a_deleted_note_lies_in_the_trash_for_thirty_days_and_comes_back_in_one_step() {
    let (mut world, client, ids) = practice(2, 2, 400);
    let now = world.tick();
    assert_eq!(world.devices[0].vault().trash_mut().delete(&ids[..1], MassDelete::Refuse, now), Ok(1));
    world.settle();
    // The clock of the deleting device counts from its next unlocking on: until then it could have been put right.
    world.devices[0].lock_and_unlock(now);
    for device in &world.devices {
        let vault = device.read();
        assert_eq!(vault.notes().note(&ids[0]).err(), Some(ReadError::NoSuchNote));
        assert_eq!(vault.notes().timeline(&client).unwrap().len(), 1);
        assert_eq!(vault.notes().search("Note", 10, &|| false).unwrap().len(), 1);
        let row = &vault.trash().shown(now)[0];
        assert_eq!((row.id, row.kind, row.client_name.as_str()), (ids[0], DocType::Note, "Ida"));
        assert_eq!((row.device_name.as_str(), row.deleted_at, row.days_left), ("Device 1", now, 30));
        assert_eq!(row.words, "Note 0.");
        assert_eq!(vault.trash().shown(now + 29 * DAY)[0].days_left, 1);
        assert_eq!(vault.trash().shown(now + KEPT_FOR), []);
        assert_eq!(vault.trash().all(now + KEPT_FOR).len(), 1, "what it says is still in the vault");
    }
    let later = world.tick();
    world.devices[1].lock_and_unlock(later);
    assert_eq!(world.devices[1].vault().trash_mut().undelete(&ids[0]), Ok(1));
    assert_eq!(world.devices[1].vault().trash_mut().undelete(&ids[0]), Err(TrashError::NotInTrash));
    world.settle();
    for device in &world.devices {
        assert_eq!(device.read().notes().note(&ids[0]).unwrap().content.text, "Note 0.");
        assert_eq!(device.read().trash().shown(now), []);
    }
    // What was taken back can be deleted again, and a second restoring is one of its own.
    world.devices[0].vault().trash_mut().delete(&ids[..1], MassDelete::Refuse, later + 1).unwrap();
    world.settle();
    assert_eq!(world.devices[1].read().trash().shown(later).len(), 1);
    world.devices[1].vault().trash_mut().undelete(&ids[0]).unwrap();
    world.settle();
    assert!(world.devices[0].read().notes().note(&ids[0]).is_ok());
}

#[test]
fn a_client_goes_with_all_that_is_theirs_and_comes_back_with_it() {
    let (mut world, _folder) = World::imported(2, 30, 401);
    let now = world.now;
    let vault = world.devices[0].vault();
    let client = vault.clients().all().next().unwrap().id;
    let ids: Vec<NoteId> = vault.notes().timeline(&client).unwrap().iter().map(|row| row.id).collect();
    vault.notes_mut().sign(&ids[0], now).unwrap();
    vault.trash_mut().delete(&ids[1..2], MassDelete::Refuse, now).unwrap();
    let now = world.tick();
    // One client is one deletion, however much goes along.
    assert_eq!(world.devices[0].vault().trash_mut().delete(&[client], MassDelete::Refuse, now), Ok(31));
    world.settle();
    for device in &world.devices {
        let vault = device.read();
        assert_eq!((vault.clients().all().count(), vault.trash().mass_deletions()), (1, vec![]));
        let rows = vault.trash().shown(now);
        assert_eq!(rows.iter().map(|row| (row.id, row.along)).collect::<Vec<_>>(), [(client, 30), (ids[1], 0)]);
        assert_eq!(rows[0].client_name, rows[1].client_name);
    }
    world.devices[1].vault().trash_mut().undelete(&client).unwrap();
    world.settle();
    for device in &world.devices {
        let vault = device.read();
        assert_eq!(vault.notes().timeline(&client).unwrap().len(), 29, "what was deleted before stays deleted");
        assert_eq!(vault.clients().measures(&client).unwrap().len(), 1);
        assert_eq!(vault.notes().note(&ids[0]).unwrap().signed.len(), 1);
        assert_eq!(vault.trash().shown(now).len(), 1);
        assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
}

#[test]
fn an_edit_that_a_deletion_had_not_seen_brings_the_note_back_and_so_does_a_restoring() {
    let (mut world, client, ids) = practice(3, 2, 402);
    let now = world.tick();
    world.devices[0].vault().trash_mut().delete(&ids, MassDelete::Refuse, now).unwrap();
    world.devices[1].vault().notes_mut().save_note(&ids[0], &written("Note 0, longer."), now).unwrap();
    world.settle();
    for device in &world.devices {
        assert_eq!(device.read().notes().note(&ids[0]).unwrap().content.text, "Note 0, longer.");
        assert!(device.read().notes().note(&ids[1]).is_err());
        assert_eq!(device.read().notes().timeline(&client).unwrap().len(), 1);
    }
    // Restored here, deleted once more there, neither knowing of the other: it stays.
    world.devices[2].vault().trash_mut().undelete(&ids[1]).unwrap();
    world.settle();
    let now = world.tick();
    world.devices[0].vault().trash_mut().delete(&ids[1..], MassDelete::Refuse, now).unwrap();
    world.devices[1].vault().trash_mut().delete(&ids[1..], MassDelete::Refuse, now + 1).unwrap();
    world.carry(0, 2, Wire::default());
    world.devices[2].vault().trash_mut().undelete(&ids[1]).unwrap();
    world.settle();
    for device in &world.devices {
        assert!(device.read().notes().note(&ids[1]).is_ok());
    }
}

#[test]
fn more_than_twenty_deletions_are_refused_here_until_confirmed_and_held_there_until_answered() {
    let (mut world, client, ids) = practice(3, MOST_AT_ONCE + 1, 403);
    let now = world.tick();
    assert_eq!(
        world.devices[0].vault().trash_mut().delete(&ids, MassDelete::Refuse, now),
        Err(TrashError::ManyDeletions)
    );
    assert_eq!(world.devices[0].read().notes().timeline(&client).unwrap().len(), ids.len());
    assert_eq!(world.devices[0].vault().trash_mut().delete(&ids, MassDelete::Confirmed, now), Ok(ids.len()));
    world.settle();
    assert_eq!(world.devices[0].read().notes().timeline(&client).unwrap().len(), 0);
    for device in &mut world.devices[1..] {
        assert_eq!(device.read().notes().timeline(&client).unwrap().len(), ids.len(), "held, not applied");
        assert_eq!(device.read().trash().shown(now), []);
        assert_eq!(device.vault().take_notices(), [Notice::DeletionsHeld]);
        device.lock_and_unlock(now);
        assert_eq!(device.vault().take_notices(), [Notice::DeletionsHeld], "as long as nobody answered");
        let held = device.read().trash().mass_deletions();
        assert_eq!((held.len(), held[0].notes, held[0].device_name.as_str()), (1, ids.len(), "Device 1"));
    }
    // Yes on one device is an answer for that device; no on another takes them back everywhere.
    let from = world.devices[0].read().device();
    assert_eq!(world.devices[1].vault().trash_mut().confirm_mass_deletions(&from), Ok(ids.len()));
    world.settle();
    assert_eq!(world.devices[1].read().notes().timeline(&client).unwrap().len(), 0);
    assert_eq!(world.devices[2].read().trash().mass_deletions().len(), 1);
    assert_eq!(world.devices[2].vault().trash_mut().refuse_mass_deletions(&from), Ok(ids.len()));
    world.settle();
    for device in &world.devices {
        assert_eq!(device.read().trash().mass_deletions(), []);
        assert_eq!(device.read().notes().timeline(&client).unwrap().len(), ids.len());
        assert_eq!(device.read().integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
}

#[test]
fn twenty_are_applied_and_one_more_in_the_same_minutes_holds_them_all_in_whatever_order_they_come() {
    for seed in 410..416 {
        let (mut world, client, ids) = practice(2, MOST_AT_ONCE + 1, seed);
        for id in &ids {
            let now = world.tick();
            world.devices[0].vault().trash_mut().delete(&[*id], MassDelete::Refuse, now).unwrap();
            if *id == ids[MOST_AT_ONCE - 1] {
                world.settle();
                assert_eq!(world.devices[1].read().notes().timeline(&client).unwrap().len(), 1);
            }
        }
        while world.carry(0, 1, Wire { loses: 40, doubles: 20, mixes: true }) {}
        world.settle();
        assert_eq!(world.devices[1].read().notes().timeline(&client).unwrap().len(), ids.len(), "seed {seed}");
        assert_eq!(world.devices[1].read().trash().mass_deletions()[0].notes, ids.len());
    }
    // The neighbours: as many, but not at once, and those that come at once after all.
    let (mut world, client, ids) = practice(2, MOST_AT_ONCE + 1, 416);
    for id in &ids {
        world.now += AT_ONCE;
        let now = world.tick();
        world.devices[0].vault().trash_mut().delete(&[*id], MassDelete::Refuse, now).unwrap();
        world.settle();
    }
    assert_eq!(world.devices[1].read().notes().timeline(&client).unwrap().len(), 0);
    let (mut world, client, ids) = practice(2, MOST_AT_ONCE + 1, 417);
    for id in &ids {
        world.now += AT_ONCE;
        let now = world.tick();
        world.devices[0].vault().trash_mut().delete(&[*id], MassDelete::Refuse, now).unwrap();
    }
    world.settle();
    assert_eq!(world.devices[1].read().notes().timeline(&client).unwrap().len(), ids.len());
}

#[test]
fn a_device_that_joins_later_is_not_asked_about_what_was_deleted_before() {
    let (mut world, client, ids) = practice(1, MOST_AT_ONCE + 5, 404);
    let now = world.tick();
    world.devices[0].vault().trash_mut().delete(&ids, MassDelete::Confirmed, now).unwrap();
    world.tick();
    world.admit(0);
    world.settle();
    assert_eq!(world.devices[1].read().trash().mass_deletions(), []);
    assert_eq!(world.devices[1].read().notes().timeline(&client).unwrap().len(), 0);
    // And what lies in the trash comes back there too.
    let now = world.now;
    assert_eq!(world.devices[1].read().trash().shown(now).len(), ids.len());
    world.devices[1].vault().trash_mut().undelete(&ids[3]).unwrap();
    assert_eq!(world.devices[1].read().notes().note(&ids[3]).unwrap().content.text, "Note 3.");
}

#[test]
fn a_client_who_lies_in_the_trash_comes_back_on_a_device_that_joined_meanwhile() {
    let (mut world, client, ids) = practice(1, 2, 405);
    let now = world.tick();
    world.devices[0].vault().trash_mut().delete(&[client], MassDelete::Refuse, now).unwrap();
    world.admit(0);
    world.settle();
    assert_eq!(world.devices[1].read().trash().shown(now)[0].client_name, "Ida");
    world.devices[1].vault().trash_mut().undelete(&client).unwrap();
    world.settle();
    for device in &world.devices {
        assert_eq!(device.read().notes().note(&ids[0]).unwrap().content.text, "Note 0.");
    }
}

#[test]
fn a_private_note_is_deleted_restored_and_listed_only_while_the_passphrase_was_just_given() {
    let (mut world, client, _) = practice(2, 0, 406);
    let now = world.now;
    let vault = world.devices[0].vault();
    vault.reauthenticate(&passphrase(), now).unwrap();
    let note = vault.notes_mut().add_note(&client, &written("apart"), true, now).unwrap();
    vault.end_reauth();
    assert_eq!(vault.trash_mut().delete(&[note], MassDelete::Refuse, now), Err(RowError::NeedsReauth.into()));
    vault.reauthenticate(&passphrase(), now).unwrap();
    vault.trash_mut().delete(&[note], MassDelete::Refuse, now).unwrap();
    world.settle();
    for device in &mut world.devices {
        let vault = device.vault();
        vault.end_reauth();
        assert_eq!(
            (vault.trash().shown(now), vault.trash().private_trash(now).err()),
            (vec![], Some(RowError::NeedsReauth.into()))
        );
        vault.reauthenticate(&passphrase(), now).unwrap();
        assert_eq!(vault.notes().private_timeline(&client).unwrap(), []);
        assert_eq!(vault.trash().private_trash(now).unwrap()[0].words, "apart");
    }
    world.devices[1].vault().trash_mut().undelete(&note).unwrap();
    world.settle();
    assert_eq!(world.devices[0].read().notes().note(&note).unwrap().content.text, "apart");
}

#[test]
fn what_has_not_arrived_is_not_deleted_and_deletes_nothing() {
    let (mut world, client, ids) = practice(2, 3, 407);
    let now = world.tick();
    world.devices[0].vault().notes_mut().save_note(&ids[0], &written("Longer."), now).unwrap();
    world.devices[0].vault().trash_mut().delete(&ids[1..2], MassDelete::Refuse, now).unwrap();
    // A wire that brings headers and hardly a body: nothing goes that was not named.
    for _ in 0..5 {
        world.carry(0, 1, Wire { loses: 90, doubles: 0, mixes: true });
        let left: BTreeSet<DocId> =
            world.devices[1].read().notes().timeline(&client).unwrap().iter().map(|row| row.id).collect();
        assert!(left.contains(&ids[0]) && left.contains(&ids[2]));
    }
    world.settle();
    assert_eq!(world.devices[1].read().notes().timeline(&client).unwrap().len(), 2);
}
