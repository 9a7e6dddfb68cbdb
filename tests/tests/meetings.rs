//! What two and three devices do to each other's work, one scenario at a time.

use subrosa_core::record::NoteContent;
use subrosa_core::vault::RowError;
use subrosa_tests::practice::{paper_trail, person, written};
use subrosa_tests::world::{Wire, World, passphrase};

#[test]
fn late_text_that_arrives_after_the_addendum_was_begun_is_signed_with_it() {
    let (mut world, _, note) = World::with_note(2, 77, "A");
    let now = world.now;
    world.settle();
    world.devices[0].vault().notes_mut().sign(&note, now).unwrap();
    world.devices[1].vault().notes_mut().save_note(&note, &written("A first"), now).unwrap();
    world.devices[1].vault().notes_mut().flush().unwrap();
    world.carry(1, 0, Wire::default());
    let late = world.devices[0].vault().notes().note(&note).unwrap().late.unwrap();
    world.devices[0].vault().notes_mut().save_late(&note, &format!("{late}, as I see it")).unwrap();
    world.devices[1].vault().notes_mut().save_note(&note, &written("A first, then second"), now).unwrap();
    world.devices[1].vault().notes_mut().flush().unwrap();
    world.carry(1, 0, Wire::default());
    world.devices[0].vault().notes_mut().sign_late(&note, now + 1).unwrap();
    world.settle();
    for device in &world.devices {
        let view = device.read().notes().note(&note).unwrap();
        let all: String =
            view.signed.iter().map(|version| version.content.text.as_str()).chain(view.late.as_deref()).collect();
        assert!(all.contains("first") && all.contains("as I see it") && all.contains("then second"), "nothing is lost");
    }
}

#[test]
fn a_note_for_a_client_whose_import_was_undone_elsewhere_brings_the_client_back() {
    let folder = tempfile::tempdir().unwrap();
    paper_trail(folder.path(), 1, 1);
    let mut world = World::of(2, 78);
    let now = world.now;
    let done =
        world.devices[0].vault().exchange_mut().import(folder.path(), false, now, &mut |_| {}, &|| false).unwrap();
    world.settle();
    let client = world.devices[1].read().clients().all().next().unwrap().id;
    let note = world.devices[1].vault().notes_mut().add_note(&client, &written("written at home"), false, now).unwrap();
    world.devices[0].vault().exchange_mut().undo_import(&done.id.unwrap(), now).unwrap();
    assert_eq!(world.devices[0].read().clients().all().count(), 0);
    world.settle();
    for device in &world.devices {
        assert_eq!(device.read().clients().client(&client).unwrap().notes, 1);
        assert!(device.read().clients().identity(&client).is_ok());
        assert_eq!(device.read().notes().timeline(&client).unwrap()[0].id, note);
    }
}

#[test]
fn signing_a_private_note_that_lies_open_freezes_what_another_device_added_to_it() {
    let mut world = World::of(2, 79);
    world.settle();
    let now = world.now;
    for device in &mut world.devices {
        device.vault().reauthenticate(&passphrase(), now).unwrap();
    }
    let client = world.devices[0].vault().clients_mut().add_client(&person("Jo"), now).unwrap();
    let note = world.devices[0].vault().notes_mut().add_note(&client, &written("mine"), true, now).unwrap();
    world.settle();
    world.devices[1].vault().notes_mut().save_note(&note, &written("mine and hers"), now).unwrap();
    world.settle();
    assert_eq!(world.devices[0].vault().notes().note(&note).unwrap().content.text, "mine and hers");
    world.devices[0].vault().notes_mut().sign(&note, now).unwrap();
    assert_eq!(world.devices[0].vault().notes().note(&note).unwrap().content.text, "mine and hers");
    world.devices[0].vault().end_reauth();
    assert_eq!(world.devices[0].vault().notes().note(&note).err(), Some(RowError::NeedsReauth.into()));
}

#[test]
fn a_window_open_on_an_imported_note_adds_to_what_another_device_wrote_there_first() {
    let (mut world, _folder) = World::imported(1, 1, 80);
    let now = world.now;
    let client = world.devices[0].read().clients().all().next().unwrap().id;
    let note = world.devices[0].read().notes().timeline(&client).unwrap()[0].id;
    let seen = world.devices[0].read().notes().note(&note).unwrap();
    let with = |text: &str| NoteContent { text: text.to_owned(), ..seen.content.clone() };
    let imported = seen.content.text.clone();
    world.devices[1].vault().notes_mut().save_note(&note, &with(&format!("Theirs. {imported}")), now).unwrap();
    world.settle();
    world.devices[0]
        .vault()
        .notes_mut()
        .save_note_from(&note, &seen.version, &with(&format!("{imported} Ours.")), now)
        .unwrap();
    world.settle();
    for device in &world.devices {
        assert_eq!(device.read().notes().note(&note).unwrap().content.text, format!("Theirs. {imported} Ours."));
    }
}

#[test]
fn a_third_device_reads_private_notes_of_both_others_in_whatever_order_they_come() {
    for seed in 100..110 {
        let mut world = World::of(2, seed);
        world.settle();
        let now = world.now;
        let client = world.devices[0].vault().clients_mut().add_client(&person("Kai"), now).unwrap();
        world.settle();
        let notes = [0, 1].map(|device| {
            let vault = world.devices[device].vault();
            vault.reauthenticate(&passphrase(), now).unwrap();
            vault.notes_mut().add_note(&client, &written("mine alone"), true, now).unwrap()
        });
        world.settle();
        world.admit(0);
        for _ in 0..4 {
            world.carry(1, 2, Wire { loses: 40, doubles: 0, mixes: true });
            world.carry(0, 2, Wire { loses: 40, doubles: 0, mixes: true });
        }
        world.settle();
        world.devices[2].vault().reauthenticate(&passphrase(), now).unwrap();
        for note in notes {
            assert_eq!(world.devices[2].read().notes().note(&note).unwrap().content.text, "mine alone", "seed {seed}");
        }
    }
}
