//! How far the logs of a removed device count, when removals did not know of each other: the same everywhere.

use super::*;
use crate::id::{ClientId, LogId};

/// Office, Home, Laptop and Tablet of one practice, in step, with a client.
fn four() -> ([Vault; 4], ClientId) {
    let mut office = practice();
    let client = office.add_client(&identity("Aino"), NOW).unwrap();
    let [mut home, mut laptop, mut tablet] = ["Home", "Laptop", "Tablet"].map(|name| second(&mut office, name));
    for _ in 0..2 {
        [&mut home, &mut laptop, &mut tablet].into_iter().for_each(|other| meet(&mut office, other));
    }
    ([office, home, laptop, tablet], client)
}

fn remove(by: &mut Vault, words: &str, gone: &Vault) {
    by.remove_device(&gone.device(), &passphrase(words), NOW + 1).unwrap();
    by.forget_again();
}

/// Carries one log and nothing else.
fn carry_log(from: &Vault, to: &mut Vault, log: &LogId) {
    let end = from.log_ends().unwrap().into_iter().find(|end| end.log == *log).unwrap();
    to.offer_headers(log, &from.headers(log, 0, &end.head, usize::MAX).unwrap()).unwrap();
    for name in from.branch_names(log, 0, &end.head).unwrap() {
        to.offer_bodies(&[(name, from.envelope_body(&name).unwrap().unwrap())]).unwrap();
    }
}

fn agree(one: &Vault, other: &Vault) {
    assert_eq!(one.quarantine().unwrap(), other.quarantine().unwrap());
    assert_eq!((one.roster.held(), other.roster.held()), (0, 0));
}

#[test]
fn what_one_device_uses_by_a_cut_that_turns_out_void_is_used_by_all_who_stay() {
    let ([mut office, mut home, mut laptop, mut tablet], client) = four();
    let id = tablet.add_note(&client, &note("On the train."), false, NOW).unwrap();
    tablet.flush().unwrap();
    carry(&tablet, &mut laptop);
    remove(&mut office, "office", &tablet);
    carry(&tablet, &mut office);
    assert_eq!(office.note(&id).err(), Some(VaultError::NoSuchNote), "it lies apart");
    carry(&office, &mut laptop);
    carry(&laptop, &mut office);
    assert_eq!(office.note(&id).unwrap().content.text, "On the train.", "the laptop had it before");
    // Nobody has told Home of any of this, and it takes the laptop out: what that said does not count.
    remove(&mut home, "Home", &laptop);
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.note(&id).unwrap().content.text, "On the train.");
    }
    agree(&office, &home);
}

#[test]
fn what_lies_apart_under_an_epoch_that_comes_later_is_heard_then() {
    let ([mut office, mut home, mut laptop, tablet], client) = four();
    let id = laptop.add_note(&client, &note("At home."), false, NOW).unwrap();
    laptop.flush().unwrap();
    remove(&mut home, "Home", &tablet);
    carry(&home, &mut laptop);
    carry(&laptop, &mut home);
    // What the laptop says of the tablet lies under an epoch of which the office has not heard.
    remove(&mut office, "office", &laptop);
    let log = laptop.log;
    carry_log(&laptop, &mut office, &log);
    assert_eq!(office.note(&id).err(), Some(VaultError::NoSuchNote));
    // What Home says of the laptop builds on that.
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.note(&id).unwrap().content.text, "At home.");
    }
    agree(&office, &home);
}
