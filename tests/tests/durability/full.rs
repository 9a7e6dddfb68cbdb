//! A disk that is full: a file that arrives is refused, and notes go on being saved and kept in step.

use std::io::Cursor;

use subrosa_core::kdf::Policy;
use subrosa_core::store::{RedbStore, StorageBackend};
use subrosa_core::vault::{LockedVault, NewFile, NotTaken, Notice, PieceWant, Reached, Taken, Vault};
use subrosa_tests::dice::Dice;
use subrosa_tests::disk::{Call, Disk, Failure, Fault};
use subrosa_tests::practice::{MORNING, person, written};
use subrosa_tests::world::{Device, World, passphrase};

/// Two devices of which the second lies on a disk that can fail, and a client.
fn two_devices(seed: u64) -> (World, Disk, subrosa_core::id::ClientId) {
    let mut world = World::of(2, seed);
    let client = world.devices[0].vault().clients_mut().add_client(&person("Kim"), MORNING).unwrap();
    world.settle();
    let now = world.tick();
    world.devices[1].lock_and_unlock(now);
    let image = world.devices[1].medium().image();
    let disk = Disk::default();
    disk.set_len(u64::try_from(image.len()).unwrap()).unwrap();
    disk.write(0, &image).unwrap();
    disk.sync_data().unwrap();
    let store = Box::new(RedbStore::over(disk.clone()).unwrap());
    let locked = LockedVault::open(store, None, Policy::Tests, Box::new(Dice::new(seed))).unwrap();
    world.devices[1] = Device::of("Home", locked.unlock(&passphrase(), now).unwrap(), Dice::new(seed + 1));
    (world, disk, client)
}

/// What the second device wants of files, as the first has it.
fn wanted(world: &World) -> Vec<(PieceWant, Vec<u8>)> {
    let wants = world.devices[1].read().files().wanted_pieces(16, &|_| false).unwrap();
    wants.into_iter().map(|want| (want, world.devices[0].read().files().piece(&want.hash).unwrap().unwrap())).collect()
}

fn damaged(vault: &Vault) -> usize {
    vault.integrity().verify(&mut |_, _| {}).unwrap().damaged.len()
}

#[test]
fn a_file_that_fills_the_disk_is_refused_and_notes_go_on_being_saved_and_kept_in_step() {
    let (mut refused, mut took) = (0, 0);
    // Whichever of its writes and syncs it is that finds no room.
    for (call, number) in (0..12).map(|number| (Call::Write, number)).chain((0..2).map(|number| (Call::Sync, number))) {
        let (mut world, disk, client) = two_devices(50 + u64::try_from(number).unwrap());
        let content: Vec<u8> = (0..2_600_000_u32).map(|at| at.to_le_bytes()[1]).collect();
        let new = NewFile { client, note: None, name: "scan.pdf", length: None };
        let desk = world.devices[0].vault();
        let file = desk.files_mut().attach(&new, &mut Cursor::new(&content), MORNING, &mut |_| {}, &|| false).unwrap();
        world.settle();
        let pieces = wanted(&world);
        assert_eq!(pieces.len(), 3);
        disk.fail(Some(Fault { call, number, failure: Failure::Full, lasting: false }));
        let home = world.devices[1].vault();
        let taken = home.files_mut().offer_pieces(pieces.clone()).unwrap();
        if !disk.has_failed() {
            took += 1;
            continue;
        }
        assert!(taken.iter().all(|taken| *taken == Taken::Refused(NotTaken::NoRoom)), "{call:?} {number}");
        assert_eq!(home.files().wanted_pieces(16, &|_| false).unwrap(), [], "the same is not fetched again and again");
        assert!(home.take_notices().contains(&Notice::NoRoom));
        assert!(!home.is_poisoned());
        let note = home.notes_mut().add_note(&client, &written("Written on a full disk."), false, MORNING).unwrap();
        world.settle();
        assert_eq!(world.devices[0].read().notes().note(&note).unwrap().content.text, "Written on a full disk.");
        assert_eq!(damaged(world.devices[1].read()), 0);
        // With room, and after the next unlocking, the file comes.
        let now = world.tick();
        world.devices[1].lock_and_unlock(now);
        let again = wanted(&world);
        world.devices[1].vault().files_mut().offer_pieces(again).unwrap();
        let home = world.devices[1].read();
        assert_eq!(home.files().file(&file).unwrap().reached, Reached::Here, "{call:?} {number}");
        assert_eq!(home.files().file_bytes(&file, content.len()).unwrap().as_slice(), content);
        assert_eq!(damaged(home), 0);
        refused += 1;
    }
    println!("{refused} times refused, {took} times taken before it came to that call");
    assert!(refused >= 5, "{refused}");
}
