//! A note begun on the wrong client goes to the right one, and nothing that is written meanwhile is lost.

use subrosa_core::catalog::NoteState;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::vault::{MassDelete, RowError};
use subrosa_tests::practice::{person, written};
use subrosa_tests::world::{Wire, World, passphrase};

/// Two clients, and a note that was begun on the first.
fn begun(devices: usize, seed: u64) -> (World, ClientId, ClientId, NoteId) {
    let mut world = World::of(devices, seed);
    world.settle();
    let now = world.now;
    let vault = world.devices[0].vault();
    let wrong = vault.clients_mut().add_client(&person("Wrong"), now).unwrap();
    let right = vault.clients_mut().add_client(&person("Right"), now).unwrap();
    let note = vault.notes_mut().add_note(&wrong, &written("Slept."), false, now).unwrap();
    world.settle();
    (world, wrong, right, note)
}

fn stands_with(world: &World, note: &NoteId, at: &ClientId, not_at: &ClientId) {
    for device in &world.devices {
        let vault = device.read();
        assert_eq!(vault.notes().note(note).unwrap().client, *at);
        let listed = |client| vault.notes().timeline(client).unwrap().iter().any(|row| row.id == *note);
        assert!(listed(at) && !listed(not_at));
        assert_eq!(vault.clients().client(not_at).unwrap().notes, 0);
        assert_eq!(vault.log().set_aside_count(), Ok(0));
        assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
}

#[test]
fn a_draft_on_the_wrong_client_is_moved_and_stands_nowhere_else() {
    let (mut world, wrong, right, note) = begun(2, 600);
    let now = world.tick();
    assert_eq!(world.devices[0].vault().notes_mut().move_note(&note, &right, "", now), Ok(note));
    world.settle();
    stands_with(&world, &note, &right, &wrong);
    for device in &world.devices {
        assert!(device.read().notes().search("wrong", 10, &|| false).unwrap().is_empty());
        assert_eq!(device.read().notes().search("right slept", 10, &|| false).unwrap().len(), 1);
    }
    // It goes on there, and back again.
    world.devices[1].vault().notes_mut().save_note(&note, &written("Slept well."), now).unwrap();
    world.settle();
    assert_eq!(world.devices[0].read().notes().note(&note).unwrap().content.text, "Slept well.");
    let now = world.tick();
    world.devices[1].vault().notes_mut().move_note(&note, &wrong, "", now).unwrap();
    world.settle();
    stands_with(&world, &note, &wrong, &right);
    let later = world.tick();
    world.devices[0].crash(later);
    stands_with(&world, &note, &wrong, &right);
    assert_eq!(world.devices[1].read().notes().history(&note).unwrap().len(), 2, "who wrote what is as it was");
}

#[test]
fn what_another_device_writes_at_the_old_place_follows_the_note_in_whatever_order_it_comes() {
    for seed in 610..620 {
        let (mut world, wrong, right, note) = begun(3, seed);
        let now = world.tick();
        world.devices[0].vault().notes_mut().move_note(&note, &right, "", now).unwrap();
        world.devices[0].vault().notes_mut().save_note(&note, &written("Slept. Here."), now).unwrap();
        world.devices[1].vault().notes_mut().save_note(&note, &written("There. Slept."), now).unwrap();
        for device in &mut world.devices {
            device.vault().notes_mut().flush().unwrap();
        }
        let wire = Wire { loses: 50, doubles: 20, mixes: true };
        for _ in 0..4 {
            world.carry(0, 2, wire);
            world.carry(1, 2, wire);
        }
        world.settle();
        stands_with(&world, &note, &right, &wrong);
        for device in &world.devices {
            let text = device.read().notes().note(&note).unwrap().content.text;
            assert_eq!(text, "There. Slept. Here.", "seed {seed}");
        }
    }
}

#[test]
fn two_devices_that_move_it_to_two_clients_agree_on_the_later_one() {
    for seed in 620..626 {
        let (mut world, wrong, right, note) = begun(2, seed);
        let now = world.tick();
        let third = world.devices[0].vault().clients_mut().add_client(&person("Third"), now).unwrap();
        world.settle();
        world.devices[0].vault().notes_mut().move_note(&note, &right, "", now).unwrap();
        world.devices[1].vault().notes_mut().move_note(&note, &third, "", now + 1).unwrap();
        world.settle();
        stands_with(&world, &note, &third, &wrong);
        stands_with(&world, &note, &third, &right);
        // A clock that is behind does not undo what its owner decides knowing of the others.
        world.devices[0].vault().notes_mut().move_note(&note, &right, "", now - 60_000).unwrap();
        world.settle();
        stands_with(&world, &note, &right, &third);
    }
}

#[test]
fn an_imported_note_is_moved_with_what_was_written_in_it() {
    for edited in [false, true] {
        let (mut world, folder) = World::imported(2, 1, 630);
        let now = world.now;
        let clients: Vec<ClientId> = world.devices[0].read().clients().all().map(|row| row.id).collect();
        let note = world.devices[0].read().notes().timeline(&clients[0]).unwrap()[0].id;
        if edited {
            world.devices[0].vault().notes_mut().save_note(&note, &written("Edited."), now).unwrap();
        }
        world.devices[0].vault().notes_mut().move_note(&note, &clients[1], "", now).unwrap();
        world.devices[1].vault().exchange_mut().import(folder.path(), false, now, &mut |_| {}, &|| false).unwrap();
        world.settle();
        for device in &world.devices {
            let view = device.read().notes().note(&note).unwrap();
            assert_eq!(view.state, if edited { NoteState::Unsigned } else { NoteState::Imported });
            assert_eq!((view.client, view.content.text == "Edited."), (clients[1], edited));
            assert_eq!(device.read().notes().timeline(&clients[1]).unwrap().len(), 2);
            assert!(device.read().notes().timeline(&clients[0]).unwrap().is_empty());
        }
    }
}

#[test]
fn a_signed_note_stays_marked_as_entered_in_error_and_is_copied_as_a_draft() {
    let (mut world, wrong, right, note) = begun(2, 640);
    let now = world.tick();
    world.devices[0].vault().notes_mut().sign(&note, now).unwrap();
    let copy =
        world.devices[0].vault().notes_mut().move_note(&note, &right, "Begun on the wrong client.", now).unwrap();
    world.settle();
    for device in &world.devices {
        let vault = device.read();
        let old = vault.notes().note(&note).unwrap();
        assert_eq!((old.client, old.entered_in_error(), old.signed.len()), (wrong, true, 2));
        assert_eq!(old.signed[1].content.text, "Begun on the wrong client.");
        let new = vault.notes().note(&copy).unwrap();
        assert_eq!((new.client, new.state, new.content.text.as_str()), (right, NoteState::Unsigned, "Slept."));
    }
}

#[test]
fn a_note_signed_on_one_device_while_another_moved_it_stays_where_its_signature_says() {
    for seed in 650..654 {
        let (mut world, wrong, right, note) = begun(2, seed);
        let now = world.tick();
        world.devices[0].vault().notes_mut().move_note(&note, &right, "", now).unwrap();
        world.devices[1].vault().notes_mut().sign(&note, now).unwrap();
        world.settle();
        stands_with(&world, &note, &wrong, &right);
        assert_eq!(world.devices[0].read().notes().note(&note).unwrap().signed.len(), 1);
    }
}

#[test]
fn a_private_note_is_moved_once_the_passphrase_was_given_again() {
    let (mut world, wrong, right, _) = begun(2, 660);
    let now = world.tick();
    for device in &mut world.devices {
        device.vault().reauthenticate(&passphrase(), now).unwrap();
    }
    let note = world.devices[0].vault().notes_mut().add_note(&wrong, &written("apart"), true, now).unwrap();
    world.settle();
    world.devices[0].vault().end_reauth();
    assert_eq!(
        world.devices[0].vault().notes_mut().move_note(&note, &right, "", now),
        Err(RowError::NeedsReauth.into())
    );
    world.devices[0].vault().reauthenticate(&passphrase(), now).unwrap();
    world.devices[0].vault().notes_mut().move_note(&note, &right, "", now).unwrap();
    world.devices[1].vault().notes_mut().save_note(&note, &written("apart, and more"), now).unwrap();
    world.settle();
    for device in &mut world.devices {
        let vault = device.vault();
        assert_eq!(vault.notes().note(&note).unwrap().client, right);
        assert_eq!(vault.notes().note(&note).unwrap().content.text, "apart, and more");
        assert_eq!(vault.notes().private_timeline(&right).unwrap().len(), 1);
        assert!(vault.notes().private_timeline(&wrong).unwrap().is_empty());
        vault.notes_mut().save_note(&note, &written("apart, and more."), now).unwrap();
    }
    world.settle();
    world.devices[1].vault().trash_mut().delete(&[note], MassDelete::Refuse, now).unwrap();
    world.settle();
    assert!(world.devices[0].read().notes().private_timeline(&right).unwrap().is_empty());
}

#[test]
fn a_note_that_is_moved_while_it_is_deleted_elsewhere_stays() {
    let (mut world, wrong, right, note) = begun(2, 670);
    let now = world.tick();
    world.devices[0].vault().notes_mut().move_note(&note, &right, "", now).unwrap();
    world.devices[1].vault().trash_mut().delete(&[note], MassDelete::Refuse, now).unwrap();
    world.settle();
    stands_with(&world, &note, &right, &wrong);
    // Deleted where it is now, it goes, and comes back there.
    world.devices[1].vault().trash_mut().delete(&[note], MassDelete::Refuse, now + 1).unwrap();
    world.settle();
    assert!(world.devices[0].read().notes().note(&note).is_err());
    world.devices[0].vault().trash_mut().undelete(&note).unwrap();
    world.settle();
    stands_with(&world, &note, &right, &wrong);
}
