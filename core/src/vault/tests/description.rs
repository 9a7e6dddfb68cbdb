//! What a device says of itself: its name, its transport keys, the tag that it shows nearby.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::removal::{live, remove};
use super::*;
use crate::log::{Description, Kind, Setting, SettingKind, WEEKS_MAX, week_of};
use crate::sign::Signer;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::home::Under;
use crate::vault::registry::DescriptionAt;
use crate::vault::{Credential, DAY, DeviceError, Millis, PracticeFolder, PracticeRelay};

const WEEK: Millis = 7 * DAY;

fn own_key(vault: &Vault, now: Millis) -> [u8; 32] {
    Signer::new(&vault.transport(now)).public_key().0
}

fn known(of: &Vault, to: &Vault, now: Millis) -> Vec<[u8; 32]> {
    to.devices().transport_keys_of(&of.device(), now).unwrap()
}

fn in_step() -> (Vault, Vault) {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    for vault in [&mut office, &mut home] {
        vault.devices_mut().say_transport_keys(NOW).unwrap();
    }
    meet(&mut office, &mut home);
    (office, home)
}

fn said(vault: &Vault) -> Description {
    vault.core.read().get(&DescriptionAt(vault.device())).unwrap().unwrap()
}

fn say(vault: &mut Vault, payload: Vec<u8>) {
    let mut out = Outbox::everyday();
    out.push(Kind::Device, DocId([0; 16]), Under::Practice, payload);
    commit(&mut vault.core, Transaction::default(), out).unwrap();
}

#[test]
fn two_that_were_both_off_for_months_know_under_which_keys_the_other_answers_today() {
    let (office, home) = in_step();
    for weeks in [0, 1, 13, 51] {
        let later = NOW + weeks * WEEK;
        assert_eq!(known(&home, &office, later)[0], own_key(&home, later), "after {weeks} weeks");
        assert_eq!(known(&office, &home, later)[0], own_key(&office, later), "after {weeks} weeks");
    }
    let beside = known(&home, &office, NOW + WEEK);
    assert_eq!(beside[1..], [own_key(&home, NOW), own_key(&home, NOW + 2 * WEEK)], "clocks differ");
    assert_eq!(known(&home, &office, NOW + 60 * WEEK), Vec::<[u8; 32]>::new());
}

#[test]
fn keys_are_said_twice_a_year_and_differ_each_week_and_from_everybody_elses() {
    let (mut office, home) = in_step();
    let end = |vault: &Vault| vault.log().log_ends().unwrap().iter().map(|end| end.next_seq).sum::<u64>();
    let before = end(&office);
    for week in 0..=26 {
        office.devices_mut().say_transport_keys(NOW + week * WEEK).unwrap();
    }
    assert_eq!(end(&office), before);
    office.devices_mut().say_transport_keys(NOW + 27 * WEEK).unwrap();
    assert_eq!((end(&office), said(&office).number), (before + 1, 2));
    assert_eq!(said(&office).first_week, week_of(NOW + 27 * WEEK));
    let keys: BTreeSet<_> =
        [&office, &home].iter().flat_map(|vault| (0..50).map(|week| own_key(vault, NOW + week * WEEK))).collect();
    assert_eq!(keys.len(), 100);
    // A clock that was wrong and is right again.
    office.devices_mut().say_transport_keys(NOW + 400 * WEEK).unwrap();
    office.devices_mut().say_transport_keys(NOW).unwrap();
    assert_eq!(said(&office).first_week, week_of(NOW));
}

#[test]
fn a_device_that_was_renamed_is_called_so_by_all_and_by_one_that_comes_later() {
    let (mut office, mut home) = in_step();
    home.devices_mut().rename("  Läppäri\u{202e}  ").unwrap();
    meet(&mut office, &mut home);
    assert_eq!(live(&office), ["Läppäri", "Office"]);
    assert_eq!(known(&home, &office, NOW)[0], own_key(&home, NOW), "its keys stay said");
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut tablet, &mut office);
    assert_eq!(live(&tablet), ["Läppäri", "Office", "Tablet"]);
    home.devices_mut().rename("Home").unwrap();
    meet(&mut office, &mut home);
    remove(&mut office, "office", &home.device());
    assert_eq!(office.devices().removed_devices()[0].name, "Home");
    meet(&mut office, &mut home);
    assert_eq!(home.devices_mut().rename("Another"), Err(DeviceError::RemovedHere));
}

#[test]
fn no_name_at_all_is_refused_and_a_long_one_is_cut() {
    let mut office = practice();
    for name in ["", " \t\n"] {
        assert_eq!(office.devices_mut().rename(name), Err(DeviceError::NoName), "{name:?}");
    }
    office.devices_mut().rename(&"ä".repeat(5_000)).unwrap();
    let name = live(&office).concat();
    assert!(name.len() <= 256 && name.starts_with("ää"), "{name}");
}

#[test]
fn what_one_device_says_of_itself_says_nothing_of_another_and_the_last_counts_in_any_order() {
    let (mut office, mut home) = in_step();
    let wild =
        Description { number: u64::MAX, name: "Office".into(), first_week: 0, transport: vec![[7; 32]; WEEKS_MAX] };
    say(&mut home, wild.to_bytes());
    say(&mut home, Description { number: 3, ..wild.clone() }.to_bytes());
    meet(&mut office, &mut home);
    assert_eq!(known(&office, &home, NOW)[0], own_key(&office, NOW));
    assert_eq!(office.core.read().get(&DescriptionAt(home.device())).unwrap(), Some(wild));
    assert_eq!(office.log().set_aside_count().unwrap(), 0);
    let longer = [said(&home).to_bytes(), vec![1]].concat();
    say(&mut home, longer);
    meet(&mut office, &mut home);
    assert_eq!(office.log().set_aside_count().unwrap(), 1);
}

#[test]
fn the_relay_that_somebody_named_last_is_the_one_of_all_whatever_a_device_said_before() {
    let (mut office, mut home) = in_step();
    let relay =
        |url: &str| PracticeRelay { url: url.into(), token: "word".to_owned().into(), ..PracticeRelay::default() };
    let named = |vault: &Vault| vault.devices().relay().unwrap().map(|(relay, _)| relay.url);
    assert_eq!(named(&office), None);
    home.devices_mut().use_relay(Some(&relay("https://one.example"))).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.devices().relay().unwrap(), Some((relay("https://one.example"), home.device())));
    let wild = Setting { kind: SettingKind::Relay, number: u64::MAX, seen: BTreeSet::new(), value: vec![7].into() };
    let mut out = Outbox::everyday();
    out.push(Kind::Setting, DocId([0; 16]), Under::Practice, wild.to_bytes().to_vec());
    commit(&mut home.core, Transaction::default(), out).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(named(&office), None, "what is not understood is no relay");
    office.devices_mut().use_relay(Some(&relay("https://two.example"))).unwrap();
    meet(&mut office, &mut home);
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut tablet, &mut office);
    for vault in [&office, &home, &tablet] {
        assert_eq!(named(vault).as_deref(), Some("https://two.example"));
    }
    remove(&mut tablet, "Tablet", &office.device());
    assert_eq!(named(&tablet).as_deref(), Some("https://two.example"), "it outlives the device that named it");
    tablet.devices_mut().use_relay(None).unwrap();
    assert_eq!(named(&tablet), None);
    let long = relay(&"a".repeat(20_000));
    assert_eq!(tablet.devices_mut().use_relay(Some(&long)), Err(DeviceError::SettingTooLong));
}

#[test]
fn a_tag_is_known_to_the_practice_alone_and_belongs_to_one_key() {
    let (mut office, mut home) = in_step();
    let key = own_key(&office, NOW);
    let tag = office.devices().nearby_tag(&key).unwrap();
    assert!(home.devices().is_of_practice(&key, &tag));
    assert!(!home.devices().is_of_practice(&own_key(&office, NOW + WEEK), &tag));
    assert!(!practice().devices().is_of_practice(&key, &tag));
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut tablet);
    remove(&mut office, "office", &tablet.device());
    // Home has not heard of the removal: both are known to each other, whichever of them has.
    let (of_office, of_home) = (office.devices().nearby_tag(&key).unwrap(), home.devices().nearby_tag(&key).unwrap());
    assert!(home.devices().is_of_practice(&key, &of_office) || office.devices().is_of_practice(&key, &of_home));
    meet(&mut office, &mut home);
    assert!(home.devices().is_of_practice(&key, &office.devices().nearby_tag(&key).unwrap()));
}

#[test]
fn what_a_removed_device_knows_is_asked_for_on_every_device_until_another_is_named() {
    let mut office = practice();
    let [mut home, laptop] = ["Home", "Laptop"].map(|name| second(&mut office, name));
    let relay = |token: &str| PracticeRelay {
        url: "https://relay.example.org".into(),
        token: Zeroizing::new(token.into()),
        ..PracticeRelay::default()
    };
    let folder = PracticeFolder::WebDav {
        url: "https://cloud.example.org/notes".into(),
        user: "practice".into(),
        password: Zeroizing::new("secret".into()),
        certificate: String::new(),
    };
    office.devices_mut().use_relay(Some(&relay(""))).unwrap();
    meet(&mut office, &mut home);
    let known = |vault: &Vault| vault.devices().credentials_to_renew().unwrap();
    assert_eq!(known(&home), [], "nobody is out");
    home.devices_mut().use_folder(Some(&folder)).unwrap();
    meet(&mut office, &mut home);
    office.devices_mut().remove_device(&laptop.device(), &passphrase("office"), NOW + 1).unwrap();
    office.end_reauth();
    assert_eq!(known(&office), [Credential::Folder], "a relay that is open to everybody has nothing to renew");
    meet(&mut office, &mut home);
    assert_eq!(known(&home), [Credential::Folder]);
    home.devices_mut().use_folder(None).unwrap();
    office.devices_mut().use_relay(Some(&relay("token"))).unwrap();
    meet(&mut office, &mut home);
    assert_eq!((known(&office), known(&home)), (vec![], vec![]));
}
