//! The power fails, the disk is full, or somebody stops it, while all keys are made new: there is the old file or the new one,
//! and each is whole.

use subrosa_testkit::crash::{Plan, Stretch};
use subrosa_testkit::dice::Dice;
use subrosa_testkit::disk::{Call, Disk, Failure, Fault};

use super::*;

/// Makes all keys new on this disk; with what had been done to it when the new file was put in place.
fn renew_on(vault: &mut Vault, disk: &Disk, cancel: &dyn Fn() -> bool) -> (Result<(), UnlockError>, Option<usize>) {
    let store = match RedbStore::over(disk.clone()) {
        Ok(store) => Box::new(store),
        Err(error) => return (Err(error.into()), None),
    };
    let placed = Cell::new(None);
    let put_in_place = || {
        placed.set(Some(disk.position()));
        Ok(())
    };
    let fresh = Fresh { store, entropy: Box::new(Os), put_in_place: &put_in_place };
    let done = vault.make_all_keys_new(&by(&passphrase("office")), fresh, &mut |_| {}, cancel);
    (done, placed.get())
}

/// A practice on a medium of its own, with all that it says.
fn on_medium() -> (Vault, Medium, Vec<String>) {
    let medium = Medium::default();
    let store = Box::new(RedbStore::over(medium.clone()).unwrap());
    let words = passphrase("office");
    let mut office = Vault::create(store, &new(&words, "Office"), Box::new(Os)).unwrap().vault;
    written(&mut office);
    let expected = described(&mut office);
    (office, medium, expected)
}

#[test]
fn when_the_new_file_is_put_in_place_every_byte_of_it_that_counts_is_on_the_platter() {
    let (mut office, medium, expected) = on_medium();
    let disk = Disk::default();
    let (done, placed) = renew_on(&mut office, &disk, &|| false);
    done.unwrap();
    office.keep_setting("choice", b"after that").unwrap();
    // Until then the old file is untouched but for what was typed, and it opens.
    let mut old = opened(medium.image()).unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!(described(&mut old), expected);
    assert_eq!(old.devices().removed_devices(), []);
    let placed = placed.unwrap();
    let mut dice = Dice::new(7);
    let plan = Plan { exhaustive: 4, step: 3, seeded: 3 };
    let mut images = 0;
    for stretch in Stretch::all(&disk.tape()).iter().filter(|stretch| stretch.end > placed) {
        for fates in stretch.fates(plan, &mut dice) {
            let mut new = opened(stretch.image(&fates)).unlock(&passphrase("office"), NOW).unwrap();
            assert_eq!(described(&mut new), expected);
            assert_eq!(new.device(), office.device());
            images += 1;
        }
    }
    assert!(images > 10, "{images}");
}

#[test]
fn whichever_call_fails_the_practice_is_as_it_was_and_goes_on() {
    let (mut office, medium, expected) = on_medium();
    let (mut device, probe) = (office.device(), Disk::default());
    let mut counted = opened(medium.image()).unlock(&passphrase("office"), NOW).unwrap();
    renew_on(&mut counted, &probe, &|| false).0.unwrap();
    let mut failed = 0;
    for (place, (call, calls)) in Call::ALL.into_iter().zip(probe.calls()).enumerate() {
        let step = (calls / 12).max(1);
        for number in (0..calls).step_by(step).chain(calls.saturating_sub(3)..calls + 3) {
            for failure in [Failure::Medium, Failure::Full] {
                let disk = Disk::default();
                disk.fail(Some(Fault { call, number, failure, lasting: true }));
                let (done, placed) = renew_on(&mut office, &disk, &|| false);
                // Keys are random, and with where they fall in the file the number of calls differs a little: the fault may
                // come after all of them, or hit the header's second copy, without which the last commit stands.
                let is_last_write = call == Call::Write && disk.calls()[place] == number + 1;
                if !disk.has_failed() || (is_last_write && placed.is_some()) {
                    disk.fail(None);
                    done.unwrap();
                    device = office.device();
                    continue;
                }
                let Err(error) = done else { panic!("{call:?} {number}") };
                assert_eq!(placed, None, "{call:?} {number}");
                if failure == Failure::Full && call != Call::Read && number > calls / 2 {
                    assert_eq!(error, UnlockError::NoRoomForNewKeys, "{call:?} {number}");
                }
                assert_eq!(office.device(), device);
                failed += 1;
            }
        }
    }
    assert!(failed > 40, "{failed}");
    assert_eq!(described(&mut office), expected);
    assert!(!office.is_poisoned());
    let (done, _) = renew_on(&mut office, &Disk::default(), &|| false);
    done.unwrap();
    assert_eq!(described(&mut office), expected);
}

#[test]
fn stopped_or_not_put_in_place_it_has_changed_nothing() {
    let (mut office, _, expected) = on_medium();
    let device = office.device();
    let (done, placed) = renew_on(&mut office, &Disk::default(), &|| true);
    assert_eq!((done, placed), (Err(UnlockError::Stopped), None));
    let refused = || Err(StoreError::Denied);
    let fresh = Fresh { store: store(), entropy: Box::new(Os), put_in_place: &refused };
    let done = office.make_all_keys_new(&by(&passphrase("office")), fresh, &mut |_| {}, &|| false);
    assert_eq!(done, Err(StoreError::Denied.into()));
    assert_eq!((described(&mut office), office.device()), (expected, device));
    assert_eq!(office.devices().removed_devices(), []);
}
