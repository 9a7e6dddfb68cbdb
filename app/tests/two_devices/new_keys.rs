//! All keys of a device are made new while the others are away: who they meet then over a real connection, and who is told no.

use subrosa::bridge::{NetError, News};
use subrosa_core::entropy::Os;
use subrosa_core::kdf::Strength;
use subrosa_core::store::{self, RedbStore};
use subrosa_core::vault::{Fresh, NewKeysBy, Notice};
use subrosa_sync::session::SessionError;

use crate::device::{Device, PATIENCE, Time, meet, passphrase};

/// What the window's operation does, with the passphrase that a device has for its name.
fn renew(device: &Device) {
    let (file, words) = (device.path(), passphrase(&device.name));
    let fresh = file.with_extension("new-keys");
    let put_in_place = || store::rename(&fresh, &file);
    let by = NewKeysBy { passphrase: &words, strength: Strength::CHEAP_FOR_TESTS, now: device.time.now() };
    let store = Box::new(RedbStore::create(&fresh).unwrap());
    let fresh = Fresh { store, entropy: Box::new(Os), put_in_place: &put_in_place };
    device.with(|vault| vault.make_all_keys_new(&by, fresh, &mut |_| {}, &|| false)).unwrap();
    device.with(|vault| vault.end_reauth());
}

#[test]
fn the_others_take_the_device_for_one_of_the_practice_and_whoever_has_the_old_copy_is_told_no() {
    let mut office = Device::first("Office", &Time::new());
    let client = office.add_client("Aino");
    let mut laptop = Device::paired_by(&mut office, "Laptop");
    let mut tablet = Device::paired_by(&mut office, "Tablet");
    meet(&mut office, &mut laptop);
    meet(&mut office, &mut tablet);
    let typed = office.add_note(&client, "Typed before.");
    let mut thief = office.copied();
    renew(&office);
    let after = office.add_note(&client, "After.");
    // Laptop has not heard, and knows the device by its voucher alone.
    meet(&mut laptop, &mut office);
    assert_eq!((laptop.text(&typed), laptop.text(&after)), ("Typed before.".to_owned(), "After.".to_owned()));
    let mine = laptop.add_note(&client, "From Laptop.");
    meet(&mut office, &mut laptop);
    assert_eq!(office.text(&mine), "From Laptop.");
    // Tablet hears of it from Laptop, and then the device itself.
    meet(&mut tablet, &mut laptop);
    meet(&mut tablet, &mut office);
    assert_eq!((tablet.text(&after), tablet.text(&mine)), ("After.".to_owned(), "From Laptop.".to_owned()));
    for device in [&office, &laptop, &tablet] {
        assert_eq!(device.with(|vault| vault.devices().all()).unwrap().len(), 3);
    }

    // Whoever has the old copy calls: it is told, and nobody gives it anything.
    thief.go_online();
    laptop.go_online();
    let met = thief.syncing().sync_with(laptop.address(), PATIENCE);
    assert!(matches!(met, Err(NetError::Session(SessionError::RemovedHere))), "{met:?}");
    laptop.wait_for(|news| matches!(news, News::Ended { why: Some(SessionError::RemovedThere), .. }));
    assert!(thief.with(|vault| vault.take_notices()).contains(&Notice::RemovedHere));
    assert!(thief.with(|vault| vault.notes().note(&after)).is_err());
}
