//! Devices are removed while wires lose, double and mix up what they carry: those who stay end with the same practice,
//! whatever reached whom first, and whoever was removed reads nothing that was written by one who knew.

use std::collections::BTreeSet;

use subrosa_core::id::{DeviceId, NoteId};
use subrosa_core::vault::{DeviceError, ReadError};
use subrosa_tests::practice::{person, written};
use subrosa_tests::world::{Wire, World, passphrase};

const WIRE: Wire = Wire { loses: 30, doubles: 20, mixes: true };

/// A note, who wrote it, and which removals its author knew of.
struct Written {
    note: NoteId,
    by: usize,
    knew: BTreeSet<DeviceId>,
}

fn remove(world: &mut World, by: usize, gone: usize) {
    let (id, now) = (world.devices[gone].read().device(), world.tick());
    match world.devices[by].vault().devices_mut().remove_device(&id, &passphrase(), now) {
        // The two removed each other's remover before they met.
        Ok(()) | Err(DeviceError::NoSuchDevice | DeviceError::RemovedHere) => {}
        Err(error) => panic!("{error}"),
    }
    world.devices[by].vault().end_reauth();
}

/// Four devices write and meet at random; at some moments some are removed.
fn played(seed: u64, removals: &[(usize, usize)]) -> (World, Vec<Written>) {
    println!("seed {seed}, removals {removals:?}");
    let mut world = World::of(4, seed);
    let now = world.tick();
    let client = world.devices[0].vault().clients_mut().add_client(&person("Ida"), now).unwrap();
    world.settle();
    let (mut notes, mut removals) = (Vec::new(), removals.iter());
    for step in 0..60 {
        let (one, other) = (world.dice.roll(4), 1 + world.dice.roll(3));
        if step == 15 || (step > 15 && world.dice.happens(10)) {
            if let Some((by, gone)) = removals.next() {
                remove(&mut world, *by, *gone);
            }
        } else if world.dice.happens(25) {
            let now = world.tick();
            let vault = world.devices[one].vault();
            let note = vault.notes_mut().add_note(&client, &written(&format!("{step} on {one}")), false, now).unwrap();
            vault.notes_mut().flush().unwrap();
            // Between two removals and the next passphrase one of the two holds a key of those in force.
            let knew = vault
                .devices()
                .removed_devices()
                .iter()
                .map(|row| row.id)
                .filter(|_| !vault.devices().owes_new_keys())
                .collect();
            notes.push(Written { note, by: one, knew });
        } else {
            world.carry(one, (one + other) % 4, WIRE);
        }
        if world.dice.happens(5) {
            let now = world.tick();
            world.devices[one].lock_and_unlock(now);
        }
    }
    for (by, gone) in removals {
        remove(&mut world, *by, *gone);
    }
    world.settle();
    (world, notes)
}

/// What every device that stays must agree on.
fn holds(world: &mut World, notes: &[Written], stay: &[usize]) {
    let ids: BTreeSet<DeviceId> = stay.iter().map(|at| world.devices[*at].read().device()).collect();
    let first = stay[0];
    for at in stay {
        let live: BTreeSet<DeviceId> =
            world.devices[*at].read().devices().all().unwrap().into_iter().map(|row| row.id).collect();
        assert_eq!(live, ids, "the same devices belong to it");
        assert_eq!(
            world.devices[*at].read().devices().quarantine().unwrap(),
            world.devices[first].read().devices().quarantine().unwrap()
        );
        assert_eq!(world.devices[*at].vault().integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
    for one in notes {
        let seen: Vec<bool> = stay.iter().map(|at| world.devices[*at].read().notes().note(&one.note).is_ok()).collect();
        assert!(seen.windows(2).all(|two| two[0] == two[1]), "a note is there for all or for none");
        assert!(seen[0] || !stay.contains(&one.by), "what a device of the practice wrote is there");
    }
    for gone in (0..4).filter(|at| !stay.contains(at)) {
        let vault = world.devices[gone].read();
        let closed = notes.iter().filter(|one| one.by != gone && one.knew.contains(&vault.device()));
        for one in closed {
            assert_eq!(vault.notes().note(&one.note).err(), Some(ReadError::NoSuchNote), "written by one who knew");
        }
    }
}

#[test]
fn whoever_hears_what_first_those_who_stay_agree_and_the_removed_device_reads_nothing_new() {
    for seed in 0..12 {
        let (mut world, notes) = played(9_000 + seed, &[(usize::from(seed % 2 == 0), 3)]);
        holds(&mut world, &notes, &[0, 1, 2]);
    }
}

/// 1 removes 3 while 3 removes 1, and 0 removes 2: the elder of two stays, unless 0 has heard the other first and has renewed
/// the keys without 1, which is a removal too. Whether it does.
fn three_removals_end_the_same_everywhere(seed: u64) -> bool {
    let (mut world, notes) = played(seed, &[(1, 3), (3, 1), (0, 2)]);
    for _ in 0..2 {
        for at in [0, 1, 3] {
            let now = world.tick();
            world.devices[at].lock_and_unlock(now);
        }
        world.settle();
    }
    let elder_is_out = {
        let one = world.devices[1].read().device();
        world.devices[0].read().devices().removed_devices().iter().any(|row| row.id == one)
    };
    let other = if elder_is_out { 3 } else { 1 };
    holds(&mut world, &notes, &[0, other]);
    // And they go on, without those that are out.
    let now = world.tick();
    let client = world.devices[0].read().clients().all().next().unwrap().id;
    let after = world.devices[other].vault().notes_mut().add_note(&client, &written("after"), false, now).unwrap();
    world.settle();
    assert_eq!(world.devices[0].read().notes().note(&after).unwrap().content.text, "after");
    for gone in [2, 4 - other] {
        assert_eq!(world.devices[gone].read().notes().note(&after).err(), Some(ReadError::NoSuchNote));
    }
    !elder_is_out
}

#[test]
fn two_removals_and_one_against_its_own_remover_end_the_same_everywhere() {
    let elders = (9_100..9_112).filter(|seed| three_removals_end_the_same_everywhere(*seed)).count();
    assert!(elders >= 9, "the elder stays where nobody has heard the other first: {elders} of 12");
    // Where a cut turned out void, or a word of it came before the key that opens it.
    for seed in [9_140, 9_243, 9_261, 9_280, 9_282] {
        three_removals_end_the_same_everywhere(seed);
    }
}

#[test]
#[ignore = "minutes: two thousand schedules of three removals, where the test above takes seventeen"]
fn thousands_of_schedules_of_three_removals_end_the_same_everywhere() {
    let elders = (20_000..22_000).filter(|seed| three_removals_end_the_same_everywhere(*seed)).count();
    println!("the elder stays in {elders} of 2,000");
}
