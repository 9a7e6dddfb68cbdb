//! What lies in a sync folder: who can open it, and whose word it is.

use super::removal::remove;
use super::*;
use crate::vault::{DAY, ObjectKind, PracticeFolder};

const TAG: [u8; 8] = [7; 8];

fn seal(vault: &mut Vault, content: &[u8]) -> Vec<u8> {
    vault.devices_mut().seal_object(ObjectKind::Statement, &TAG, content).unwrap()
}

fn open(vault: &Vault, sealed: &[u8]) -> Option<(crate::id::DeviceId, Vec<u8>)> {
    let opened = vault.devices().open_object(ObjectKind::Statement, &TAG, sealed);
    opened.map(|(device, content)| (device, content.to_vec()))
}

#[test]
fn what_one_device_seals_every_device_opens_and_knows_whose_it_is_and_a_stranger_does_not() {
    let mut office = practice();
    let home = second(&mut office, "Home");
    let sealed = seal(&mut office, b"where I stand");
    assert_eq!(open(&home, &sealed), Some((office.device(), b"where I stand".to_vec())));
    assert_eq!(open(&practice(), &sealed), None);
    for at in [0, 30, 70, sealed.len() - 1] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(open(&home, &changed), None);
    }
}

#[test]
fn an_object_of_another_kind_or_under_another_tag_is_none() {
    let mut office = practice();
    let sealed = seal(&mut office, b"where I stand");
    assert!(office.devices().open_object(ObjectKind::Batch, &TAG, &sealed).is_none());
    assert!(office.devices().open_object(ObjectKind::Statement, &[8; 8], &sealed).is_none());
}

#[test]
fn after_a_removal_the_removed_device_opens_nothing_new_and_what_it_wrote_is_still_known_as_its_own() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let mut laptop = second(&mut office, "Laptop");
    meet(&mut office, &mut home);
    meet(&mut office, &mut laptop);
    let before = seal(&mut laptop, b"before");
    remove(&mut office, "office", &laptop.device());
    let away = seal(&mut office, b"while one has not heard of it");
    assert!(open(&home, &away).is_some(), "one that was away understands it");
    meet(&mut office, &mut home);
    let after = seal(&mut office, b"after");
    assert!(open(&home, &after).is_some());
    assert_eq!(open(&laptop, &after), None);
    assert_eq!(open(&office, &before), Some((laptop.device(), b"before".to_vec())));
    meet(&mut office, &mut laptop);
}

#[test]
fn a_device_that_was_not_seen_for_ninety_days_is_not_waited_for_until_it_comes_again() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let awaited = |vault: &Vault, days| vault.devices().awaited(NOW + days * DAY).unwrap();
    assert_eq!(awaited(&office, 89), [home.device()]);
    assert_eq!(awaited(&office, 91), []);
    office.log_mut().acknowledged(&home.device(), &Vec::new(), NOW + 92 * DAY).unwrap();
    assert_eq!(awaited(&office, 93), [home.device()]);
    office.log_mut().acknowledged(&home.device(), &Vec::new(), NOW + DAY).unwrap();
    assert_eq!(awaited(&office, 93), [home.device()], "what was written before and is read later says nothing of when");
}

#[test]
fn a_folder_that_one_device_names_all_devices_use_and_none_once_one_says_so() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let text = |text: &str| text.to_owned();
    let share = PracticeFolder::WebDav {
        url: text("https://dav.example.org/praxis/"),
        user: text("aino"),
        password: zeroize::Zeroizing::new(text("a secret")),
        certificate: String::new(),
    };
    let bucket = PracticeFolder::S3 {
        endpoint: text("https://s3.example.org"),
        region: text("garage"),
        bucket: text("praxis"),
        prefix: String::new(),
        key_id: text("GK1"),
        secret: zeroize::Zeroizing::new(text("another secret")),
        certificate: text("-----BEGIN CERTIFICATE-----"),
    };
    for folder in [&share, &bucket] {
        office.devices_mut().use_folder(Some(folder)).unwrap();
        meet(&mut office, &mut home);
        assert_eq!(home.devices().folder().unwrap(), Some((folder.clone(), office.device())));
    }
    assert_eq!(home.devices().relay().unwrap(), None, "a relay is another setting");
    home.devices_mut().use_folder(None).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.devices().folder().unwrap(), None);
}
