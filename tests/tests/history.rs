//! The versions of a note: which device wrote what, when, the same on every device.

use subrosa_core::difference::{Became, Difference};
use subrosa_core::vault::{Made, NoteVersion, PAUSE, RowError};
use subrosa_tests::practice::{person, written};
use subrosa_tests::world::{World, passphrase};

fn told(versions: &[NoteVersion]) -> Vec<(Option<&str>, &str)> {
    versions.iter().map(|version| (version.device_name.as_deref(), version.content.text.as_str())).collect()
}

#[test]
fn what_one_device_writes_without_a_long_pause_is_one_version_and_each_names_its_device_and_time() {
    let (mut world, _, note) = World::with_note(2, 500, "Slept.");
    let now = world.now;
    world.devices[0].vault().notes_mut().save_note(&note, &written("Slept well."), now + PAUSE).unwrap();
    world.settle();
    world.devices[0].lock_and_unlock(now + PAUSE);
    world.devices[0].vault().notes_mut().save_note(&note, &written("Slept well. Ate."), now + 2 * PAUSE).unwrap();
    world.devices[0].vault().notes_mut().save_note(&note, &written("Ate."), now + 4 * PAUSE).unwrap();
    world.settle();
    world.devices[1].vault().notes_mut().save_note(&note, &written("Ate. Laughed."), now + 4 * PAUSE + 1_000).unwrap();
    // Not sent yet: there all the same.
    assert_eq!(world.devices[1].read().notes().history(&note).unwrap().len(), 3);
    world.settle();
    for device in &world.devices {
        let versions = device.read().notes().history(&note).unwrap();
        let wanted =
            [(Some("Device 1"), "Slept well. Ate."), (Some("Device 1"), "Ate."), (Some("Device 2"), "Ate. Laughed.")];
        assert_eq!(told(&versions), wanted);
        assert_eq!((versions[0].from, versions[0].at), (Some(now), Some(now + 2 * PAUSE)));
        assert!(versions.iter().all(|version| version.made == Made::Written));
        let gone = Difference::between(&versions[0].content, &versions[1].content);
        assert_eq!(gone.text.iter().find(|piece| piece.became == Became::Removed).unwrap().text, "Slept well. ");
    }
}

#[test]
fn what_two_devices_write_apart_is_two_versions_and_both_devices_find_the_same() {
    for seed in 510..520 {
        let (mut world, _, note) = World::with_note(3, seed, "Base.");
        let now = world.now;
        world.settle();
        for step in 0..12_u64 {
            let device = world.dice.roll(3);
            let at = now + step * 40_000;
            let text = world.devices[device].read().notes().note(&note).unwrap().content.text;
            world.devices[device]
                .vault()
                .notes_mut()
                .save_note(&note, &written(&format!("{text} {step}")), at)
                .unwrap();
            if world.dice.happens(20) {
                world.settle();
            }
        }
        world.settle();
        let histories: Vec<_> =
            world.devices.iter().map(|device| device.read().notes().history(&note).unwrap()).collect();
        let last = world.devices[0].read().notes().note(&note).unwrap().content.text;
        for history in &histories {
            assert_eq!(told(history), told(&histories[0]), "seed {seed}");
            assert_eq!(history.last().unwrap().content.text, last);
        }
    }
}

#[test]
fn an_imported_note_begins_with_what_was_imported_and_a_signed_one_has_its_signed_versions_alone() {
    let (mut world, _folder) = World::imported(1, 1, 501);
    let now = world.now;
    let client = world.devices[0].read().clients().all().next().unwrap().id;
    let note = world.devices[0].read().notes().timeline(&client).unwrap()[0].id;
    world.devices[1].vault().notes_mut().save_note(&note, &written("Edited."), now).unwrap();
    world.settle();
    let versions = world.devices[0].read().notes().history(&note).unwrap();
    let made: Vec<_> = versions.iter().map(|version| (version.made, version.device_name.as_deref())).collect();
    assert_eq!(made, [(Made::Imported, None), (Made::Written, Some("Device 2"))]);
    let hash = world.devices[0].vault().notes_mut().sign(&note, now).unwrap();
    let added = world.devices[0].vault().notes_mut().add_addendum(&note, written("And."), now + 1).unwrap();
    world.settle();
    let versions = world.devices[1].read().notes().history(&note).unwrap();
    let made: Vec<_> = versions.iter().map(|version| version.made).collect();
    assert_eq!(made, [Made::Signed(hash), Made::Addendum(added, hash)]);
    assert_eq!(told(&versions)[1], (Some("Device 1"), "And."));
}

#[test]
fn a_private_notes_history_asks_for_the_passphrase_again() {
    let mut world = World::of(1, 502);
    let now = world.now;
    let vault = world.devices[0].vault();
    let client = vault.clients_mut().add_client(&person("Ida"), now).unwrap();
    vault.reauthenticate(&passphrase(), now).unwrap();
    let note = vault.notes_mut().add_note(&client, &written("apart"), true, now).unwrap();
    assert_eq!(told(&vault.notes().history(&note).unwrap()), [(Some("Device 1"), "apart")]);
    vault.end_reauth();
    assert_eq!(vault.notes().history(&note).err(), Some(RowError::NeedsReauth.into()));
}
