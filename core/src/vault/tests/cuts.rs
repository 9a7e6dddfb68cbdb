//! How far the logs of a removed device count, when removals did not know of each other, and which branches of a log: the same everywhere.

use std::collections::BTreeSet;

use super::history::exchange;
use super::restore::{backup_of, open, restored};
use super::*;
use crate::id::{ClientId, LogId, NoteId};
use crate::roster::{Cut, Entry, EntryKind, Offered, Refusal};
use crate::state::{MAX_CUT_BRANCHES, Tip};
use crate::vault::{NotTaken, Only, ReadError};

/// Office, Home, Laptop and Tablet of one practice, in step, with a client.
fn four() -> ([Vault; 4], ClientId) {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let [mut home, mut laptop, mut tablet] = ["Home", "Laptop", "Tablet"].map(|name| second(&mut office, name));
    for _ in 0..2 {
        [&mut home, &mut laptop, &mut tablet].into_iter().for_each(|other| meet(&mut office, other));
    }
    ([office, home, laptop, tablet], client)
}

fn remove(by: &mut Vault, words: &str, gone: &Vault) {
    by.devices_mut().remove_device(&gone.device(), &passphrase(words), NOW + 1).unwrap();
    by.end_reauth();
}

/// Carries one log and nothing else.
fn carry_log(from: &Vault, to: &mut Vault, log: &LogId) {
    let end = from.log().log_ends().unwrap().into_iter().find(|end| end.log == *log).unwrap();
    to.log_mut().offer_headers(log, &from.log().headers(log, 0, &end.head, usize::MAX).unwrap()).unwrap();
    for name in from.log().branch_names(log, 0, &end.head).unwrap() {
        to.log_mut().offer_bodies(&[(name, from.log().envelope_body(&name).unwrap().unwrap())], NOW).unwrap();
    }
}

fn agree(one: &Vault, other: &Vault) {
    assert_eq!(one.devices().quarantine().unwrap(), other.devices().quarantine().unwrap());
    assert_eq!((one.core.memory.roster.orphans(), other.core.memory.roster.orphans()), (0, 0));
}

#[test]
fn what_one_device_uses_by_a_cut_that_turns_out_void_is_used_by_all_who_stay() {
    let ([mut office, mut home, mut laptop, mut tablet], client) = four();
    let id = tablet.notes_mut().add_note(&client, &note("On the train."), false, NOW).unwrap();
    tablet.notes_mut().flush().unwrap();
    carry(&tablet, &mut laptop);
    remove(&mut office, "office", &tablet);
    carry(&tablet, &mut office);
    assert_eq!(office.notes().note(&id).err(), Some(ReadError::NoSuchNote), "it lies apart");
    carry(&office, &mut laptop);
    carry(&laptop, &mut office);
    assert_eq!(office.notes().note(&id).unwrap().content.text, "On the train.", "the laptop had it before");
    // Nobody has told Home of any of this, and it takes the laptop out: what that said does not count.
    remove(&mut home, "Home", &laptop);
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&id).unwrap().content.text, "On the train.");
    }
    agree(&office, &home);
}

#[test]
fn what_lies_apart_under_an_epoch_that_comes_later_is_heard_then() {
    let ([mut office, mut home, mut laptop, tablet], client) = four();
    let id = laptop.notes_mut().add_note(&client, &note("At home."), false, NOW).unwrap();
    laptop.notes_mut().flush().unwrap();
    remove(&mut home, "Home", &tablet);
    carry(&home, &mut laptop);
    carry(&laptop, &mut home);
    // What the laptop says of the tablet lies under an epoch of which the office has not heard.
    remove(&mut office, "office", &laptop);
    let log = laptop.core.memory.logs.main;
    carry_log(&laptop, &mut office, &log);
    assert_eq!(office.notes().note(&id).err(), Some(ReadError::NoSuchNote));
    // What Home says of the laptop builds on that.
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&id).unwrap().content.text, "At home.");
    }
    agree(&office, &home);
}

/// Everything that one has goes to the other as devices do it: headers first, then the bodies in one batch, in the order of
/// their names.
fn sync(from: &Vault, to: &mut Vault) {
    let mut bodies = Vec::new();
    for end in from.log().log_ends().unwrap() {
        to.log_mut().offer_headers(&end.log, &from.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap()).unwrap();
        for name in from.log().branch_names(&end.log, 0, &end.head).unwrap() {
            bodies.extend(from.log().envelope_body(&name).unwrap().map(|body| (name, body)));
        }
    }
    bodies.sort();
    to.log_mut().offer_bodies(&bodies, NOW).unwrap();
}

#[test]
fn a_device_that_was_away_hears_of_a_removal_before_it_uses_what_the_removed_one_wrote_since() {
    let ([mut office, mut home, mut laptop, _], client) = four();
    let before = laptop.notes_mut().add_note(&client, &note("At home."), false, NOW).unwrap();
    laptop.notes_mut().flush().unwrap();
    carry(&laptop, &mut home);
    remove(&mut office, "office", &laptop);
    // Whoever has the laptop now goes on writing, in many goes, so that one or another of them would come first.
    let after: Vec<NoteId> = (0..20)
        .map(|number| {
            let id = laptop.notes_mut().add_note(&client, &note(&format!("Forged {number}.")), false, NOW).unwrap();
            laptop.notes_mut().flush().unwrap();
            id
        })
        .collect();
    carry(&laptop, &mut office);
    sync(&office, &mut home);
    assert!(home.devices().was_removed(&laptop.device()) && home.log().wanted_first().unwrap().is_empty());
    sync(&home, &mut office);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&before).unwrap().content.text, "At home.", "Home had it before");
        assert!(after.iter().all(|id| vault.notes().note(id).err() == Some(ReadError::NoSuchNote)));
    }
    agree(&office, &home);
}

#[test]
fn the_envelope_that_brings_a_removal_is_wanted_first_though_much_came_after_it() {
    let ([mut office, mut home, _, tablet], client) = four();
    remove(&mut office, "office", &tablet);
    let end = |vault: &Vault| {
        vault.log().log_ends().unwrap().into_iter().find(|end| end.log == vault.core.memory.logs.main).unwrap()
    };
    let removal = end(&office).next_seq - 1;
    for number in 0..5 {
        office.notes_mut().add_note(&client, &note(&format!("After {number}.")), false, NOW).unwrap();
        office.notes_mut().flush().unwrap();
    }
    let own = end(&office);
    home.log_mut().offer_headers(&own.log, &office.log().headers(&own.log, 0, &own.head, usize::MAX).unwrap()).unwrap();
    let names = office.log().branch_names(&own.log, 0, &own.head).unwrap();
    let first = home.log().wanted_first().unwrap();
    let wanted: Vec<usize> = (0..names.len()).filter(|at| first.contains(&names[*at])).collect();
    let opens = |at: usize| {
        let header = home.core.read().header(&names[at]).unwrap().header;
        home.core.memory.roster.opened(&header.epoch)
    };
    assert_eq!(wanted.len(), 1);
    assert!(wanted[0] as u64 <= removal && opens(wanted[0]) && !opens(wanted[0] + 1));
    let body = office.log().envelope_body(&names[wanted[0]]).unwrap().unwrap();
    home.log_mut().offer_bodies(&[(names[wanted[0]], body)], NOW).unwrap();
    assert!(home.devices().was_removed(&tablet.device()));
}

/// What a device adds to its log, as one more branch after where that stood.
fn branch(by: &mut Vault, log: &LogId, stood: &[Tip], name: &str) -> Branch {
    by.core.memory.state.logs.insert(*log, stood.to_vec());
    by.clients_mut().add_client(&identity(name), NOW).unwrap();
    let end = by.core.memory.state.logs[log][0];
    let from = stood[0].next_seq;
    let names = by.log().branch_names(log, from, &end.head).unwrap();
    let bodies = names.into_iter().map(|name| (name, by.log().envelope_body(&name).unwrap().unwrap())).collect();
    (by.log().headers(log, from, &end.head, usize::MAX).unwrap(), bodies)
}

type Branch = (Vec<Vec<u8>>, Vec<(Hash, Vec<u8>)>);

/// A practice of four, a log of its tablet with six branches, of which the office took the first four and Home the last.
fn with_too_many_branches() -> ([Vault; 4], LogId) {
    let ([mut office, mut home, laptop, mut tablet], _) = four();
    let log = tablet.core.memory.logs.main;
    let stood = tablet.core.memory.state.logs[&log].clone();
    let branches: Vec<Branch> =
        (0..6).map(|number| branch(&mut tablet, &log, &stood, &format!("Client {number}"))).collect();
    let take = |vault: &mut Vault, (run, bodies): &Branch| {
        let taken = vault.log_mut().offer_headers(&log, run).unwrap();
        if taken == Taken::Stored {
            vault.log_mut().offer_bodies(bodies, NOW).unwrap();
        }
        taken
    };
    let beyond = Taken::Refused(NotTaken::TooManyBranches);
    let taken: Vec<Taken> = branches.iter().map(|branch| take(&mut office, branch)).collect();
    assert_eq!(taken, [Taken::Stored, Taken::Stored, Taken::Stored, Taken::Stored, beyond, beyond]);
    let taken: Vec<Taken> = branches.iter().rev().map(|branch| take(&mut home, branch)).collect();
    assert_eq!(taken, [Taken::Stored, Taken::Stored, Taken::Stored, Taken::Stored, beyond, beyond]);
    assert_ne!(names(&office), names(&home));
    ([office, home, laptop, tablet], log)
}

fn names(vault: &Vault) -> BTreeSet<String> {
    vault.clients().all().map(|row| row.name.clone()).collect()
}

fn in_step(one: &mut Vault, other: &mut Vault) {
    for _ in 0..4 {
        exchange(one, other);
        exchange(other, one);
    }
    assert_eq!((names(one), names(one).len()), (names(other), 7));
    assert_eq!(one.log().frontier().unwrap(), other.log().frontier().unwrap());
    agree(one, other);
}

#[test]
fn of_a_log_with_more_branches_than_are_taken_all_use_what_any_device_uses() {
    let ([mut office, mut home, mut laptop, tablet], log) = with_too_many_branches();
    in_step(&mut office, &mut home);
    assert_eq!(office.core.memory.roster.branches(&log).count(), 8, "each says the four that it took");
    in_step(&mut home, &mut laptop);
    // What one says that is put out is said again, so that whoever comes later takes the same.
    remove(&mut office, "office", &home);
    let mut late = admitted(&mut office, "office", "Late");
    in_step(&mut office, &mut late);
    // The same once the device itself is out.
    remove(&mut office, "office", &tablet);
    in_step(&mut office, &mut late);
    let mut later = admitted(&mut office, "office", "Later");
    in_step(&mut office, &mut later);
}

#[test]
fn who_says_which_branches_it_uses_of_a_log_of_its_own_is_not_heard() {
    let ([office, mut home, ..], _) = four();
    let log = home.core.memory.logs.main;
    let end = home.core.memory.state.logs[&log][0];
    let card = home.core.memory.roster.card(&home.device()).unwrap().clone();
    let cut = Cut { log, seq: end.next_seq - 1, head: end.head };
    let entry =
        Entry::cut(EntryKind::Branches, 0, office.core.memory.roster.heads(), card, vec![cut], &home.core.signer);
    assert_eq!(home.core.memory.roster.offer(&entry), Offered::Refused(Refusal::Malformed));
}

#[test]
fn of_a_log_with_more_branches_than_are_taken_all_use_the_same_once_its_device_is_removed() {
    let ([mut office, mut home, _, tablet], _) = with_too_many_branches();
    remove(&mut office, "office", &tablet);
    in_step(&mut office, &mut home);
    // A backup with so many branches is proven and restored like any other.
    let folder = tempfile::tempdir().unwrap();
    let kit = office.devices_mut().draw_kit(&passphrase("office")).unwrap();
    office.devices_mut().put_in_force(&kit, NOW + 2).unwrap();
    let file = open(&backup_of(&mut office, folder.path()), kit.seed()).unwrap();
    let (restored, _) = restored(&file, Only::Everything).unwrap();
    assert_eq!(names(&restored), names(&office));
}

#[test]
fn a_log_has_so_many_branches_with_those_that_others_say_they_use() {
    for (there, taken) in
        [(MAX_CUT_BRANCHES - 1, Taken::Stored), (MAX_CUT_BRANCHES, Taken::Refused(NotTaken::TooManyBranches))]
    {
        let ([mut office, .., mut tablet], _) = four();
        let log = tablet.core.memory.logs.main;
        let stood = tablet.core.memory.state.logs[&log].clone();
        let (run, _) = branch(&mut tablet, &log, &stood, "Client");
        let filled: Vec<Tip> =
            (1..=u8::MAX).take(there - 1).map(|number| Tip { next_seq: 1, head: Hash([number; 32]) }).collect();
        office.core.memory.state.logs.insert(log, stood.into_iter().chain(filled).collect());
        // It stands beside what is known, as another branch.
        office.core.memory.state.logs.get_mut(&log).unwrap()[0].head = Hash([0xFF; 32]);
        assert_eq!(office.log_mut().restore_headers(&log, &run).unwrap(), taken);
    }
}
