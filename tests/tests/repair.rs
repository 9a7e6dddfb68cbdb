//! Files with damaged blocks: what can be read goes on in a new file, and the rest comes back from another device.

use std::collections::BTreeMap;

use subrosa_core::id::NoteId;
use subrosa_core::store::{Salvaged, StoreError};
use subrosa_core::vault::{Damage, RowError, Vault};
use subrosa_tests::dice::Dice;
use subrosa_tests::medium::Medium;
use subrosa_tests::practice::{paper_trail, person, written};
use subrosa_tests::world::{World, locked, passphrase};

/// Two devices with some ninety notes: imported ones, which lie in one large body, and drafts in bodies of their own.
fn two_devices(seed: u64) -> World {
    let folder = tempfile::tempdir().unwrap();
    paper_trail(folder.path(), 4, 20);
    let mut world = World::of(2, seed);
    let now = world.now;
    let vault = world.devices[0].vault();
    vault.exchange_mut().import(folder.path(), false, now, &mut |_| {}, &|| false).unwrap();
    let client = vault.clients_mut().add_client(&person("Draft Tester"), now).unwrap();
    for number in 0..8 {
        vault
            .notes_mut()
            .add_note(&client, &written(&format!("Draft {number}. {}", "words ".repeat(300))), false, now)
            .unwrap();
        vault.notes_mut().flush().unwrap();
    }
    world.settle();
    world
}

fn texts(vault: &Vault) -> BTreeMap<NoteId, String> {
    let rows = vault.clients().all().flat_map(|row| vault.notes().timeline(&row.id).unwrap());
    rows.map(|row| (row.id, vault.notes().note(&row.id).unwrap().content.text)).collect()
}

fn damage(vault: &Vault) -> Vec<Damage> {
    vault.integrity().verify(&mut |_, _| {}).unwrap().damaged
}

#[test]
fn a_body_whose_block_was_flipped_comes_back_from_the_other_device() {
    let mut world = two_devices(3);
    let before = texts(world.devices[1].read());
    // The largest body: all imported notes lie in it.
    let vault = world.devices[1].read();
    let bodies = vault.log().log_ends().unwrap().into_iter().flat_map(|end| {
        let names = vault.log().branch_names(&end.log, 0, &end.head).unwrap();
        names.into_iter().map(|name| (name, vault.log().envelope_body(&name).unwrap().unwrap())).collect::<Vec<_>>()
    });
    let (name, body) = bodies.max_by_key(|(_, body)| body.len()).unwrap();
    let image = world.devices[1].medium().image();
    let at = image.windows(24).position(|window| window == &body[..24]).unwrap();
    world.devices[1].medium().flip(at + 30, 4);
    let now = world.tick();
    world.devices[1].crash(now);
    let damaged = damage(world.devices[1].read());
    assert!(damaged.contains(&Damage::Body(name)), "{damaged:?}");
    let touched = world.devices[1].read().integrity().affected_by(&damaged).unwrap();
    assert!(touched.iter().filter(|it| it.date.is_some()).count() >= 40, "whose sessions, of which days");
    // Nothing is written on a file with a damaged block.
    assert_eq!(world.devices[1].vault().integrity_mut().repair(&mut |_, _| {}), Err(RowError::Damaged));
    world.devices[1].renew();
    let mended = world.devices[1].vault().integrity_mut().repair(&mut |_, _| {}).unwrap();
    // A small one may lie in the same block.
    let bodies = damaged.iter().filter(|damage| matches!(damage, Damage::Body(_))).count();
    assert_eq!((usize::try_from(mended.bodies_lacking), mended.headers_lacking), (Ok(bodies), 0));
    world.settle();
    assert_eq!(damage(world.devices[1].read()), []);
    assert_eq!(texts(world.devices[1].read()), before);
    let now = world.tick();
    world.devices[1].crash(now);
    assert_eq!(texts(world.devices[1].read()), before, "and after starting again");
}

#[test]
fn whatever_blocks_are_damaged_two_devices_together_have_everything_again() {
    let (mut renewed, mut salvaged, mut closed) = (0, 0, 0);
    for seed in 0..12 {
        let mut world = two_devices(100 + seed);
        let before = texts(world.devices[0].read());
        let mut dice = Dice::new(seed);
        let medium = world.devices[1].medium();
        let len = medium.image().len();
        for _ in 0..1 + dice.roll(6) {
            medium.flip(20_480 + dice.roll(len - 20_480), 1 << dice.roll(8));
        }
        let now = world.tick();
        let image = world.devices[1].medium().image();
        if world.devices[1].try_crash(now) {
            if world.devices[1].read().integrity().is_readable().unwrap() {
                continue;
            }
            world.devices[1].renew();
            renewed += 1;
        } else if world.devices[1].salvage(&Medium::holding(image), now) {
            // redb's own bookkeeping, or a row that every unlocking needs.
            salvaged += 1;
        } else {
            // Such a device joins anew.
            closed += 1;
            continue;
        }
        let mended = world.devices[1].vault().integrity_mut().repair(&mut |_, _| {});
        assert!(mended.is_ok(), "seed {seed}: {mended:?}");
        world.settle();
        assert_eq!(damage(world.devices[1].read()), [], "seed {seed}");
        assert_eq!(texts(world.devices[1].read()), before, "seed {seed}");
    }
    println!("{renewed} renewed and whole again, {salvaged} salvaged, {closed} that did not open");
    assert!(renewed >= 3, "{renewed}");
}

#[test]
fn a_file_without_one_of_the_blocks_that_it_cannot_be_opened_without_is_salvaged_with_all_but_the_last_change() {
    let mut world = two_devices(7);
    let before = texts(world.devices[1].read());
    let now = world.tick();
    world.devices[1].lock_and_unlock(now);
    let image = world.devices[1].medium().image();
    let (mut closing, mut lost) = (0, 0);
    for block in 0..(image.len() - 20_480) / 4_112 {
        let mut bad = image.clone();
        bad[20_480 + block * 4_112 + 50] ^= 1;
        let now = world.tick();
        if opens(&Medium::holding(bad.clone()), now) {
            continue;
        }
        closing += 1;
        let damaged = Medium::holding(bad.clone());
        if !world.devices[1].salvage(&damaged, now) {
            // A row that every unlocking needs, in a block that has stood since before the last commit but one.
            lost += 1;
            continue;
        }
        assert!(damaged.image() == bad, "block {block}: the damaged file is as it was");
        world.devices[1].vault().integrity_mut().repair(&mut |_, _| {}).unwrap();
        assert_eq!(damage(world.devices[1].read()), [], "block {block}");
        world.settle();
        assert_eq!(texts(world.devices[1].read()), before, "block {block}: and it goes on");
        let now = world.tick();
        world.devices[1].lock_and_unlock(now);
    }
    println!("{closing} blocks without which nothing opens, {lost} without which nothing can be had");
    assert!(closing > lost && closing - lost >= 3, "{closing} {lost}");
}

/// Whether a practice opens and unlocks from a disk.
fn opens(medium: &Medium, now: u64) -> bool {
    locked(medium, Dice::new(1)).is_ok_and(|locked| locked.unlock(&passphrase(), now).is_ok())
}

#[test]
fn a_file_of_which_no_list_of_tables_is_left_is_called_damaged_and_is_left_as_it_is() {
    let mut world = two_devices(8);
    let now = world.tick();
    world.devices[1].lock_and_unlock(now);
    let mut image = world.devices[1].medium().image();
    // Every block that names a table.
    for block in 0..(image.len() - 20_480) / 4_112 {
        let at = 20_480 + block * 4_112;
        if image[at..at + 4_096].windows(5).any(|window| window == b"slots") {
            image[at + 100] ^= 1;
        }
    }
    let medium = Medium::holding(image.clone());
    assert!(!opens(&medium, now));
    let medium = Medium::holding(image.clone());
    assert_eq!(Salvaged::over(medium.clone()).err(), Some(StoreError::Damaged));
    assert!(medium.image() == image);
}
