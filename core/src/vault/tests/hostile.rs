//! A device of the practice that writes what no honest one would, and two that cannot know of each other yet.

mod cards;
mod documents;
mod epochs;
pub(super) mod keys;
mod lists;
mod rows;
mod shown;

use crate::vault::commit::commit;
use std::ops::ControlFlow;

use super::{NOW, admitted, carry, home_of, identity, key_of, meet, note, origin, passphrase, practice, second};
use crate::catalog::NoteState;
use crate::document::Heads;
use crate::id::{ClientId, DocId, EpochId, Hash};
use crate::kdf::Policy;
use crate::keyring::Compartment;
use crate::log::{Class, DocType, Header, Item, Kind, SignedHeader};
use crate::roster::{Earlier, Entry, HandedOver, SignedBy};
use crate::rows::Row as _;
use crate::secret::{AuthorityRole, Key};
use crate::sign::Signer;
use crate::store::{Batch, RowKey, Table};
use crate::vault::commit::Outbox;
use crate::vault::core::Transaction;
use crate::vault::items::frozen::frozen_payload;
use crate::vault::items::home::{DocumentOrigin, NOBODY, Under};
use crate::vault::items::place::Place;
use crate::vault::project::take_roster_entry;
use crate::vault::registry::{MissingBodiesAt, WaitingForEntryAt};
use crate::vault::{Damage, LockedVault, Notice, ReadError, RowError, Taken, Vault};

/// Puts a payload under the client's clinical key into the vault's own log.
fn put(vault: &mut Vault, client: ClientId, kind: Kind, document: DocId, payload: Vec<u8>) {
    let mut out = Outbox::everyday();
    out.push(kind, document, Under::Client(client, Compartment::Clinical), payload);
    commit(&mut vault.core, Transaction::default(), out).unwrap();
}

/// A practice with a client, and a device of it that somebody else holds now.
fn with_a_lost_device() -> (Vault, Vault, ClientId) {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut lost = second(&mut office, "Lost");
    meet(&mut office, &mut lost);
    (office, lost, client)
}

#[test]
fn a_header_after_one_of_another_log_is_refused_and_after_its_own_it_is_taken() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let end = home.log().log_ends().unwrap().into_iter().find(|end| end.log == home.core.memory.logs.main).unwrap();
    let foreign = home.log().log_ends().unwrap().into_iter().find(|end| end.log != home.core.memory.logs.main).unwrap();
    let header = |seq, prev| Header {
        class: Class::Everyday,
        log: home.core.memory.logs.main,
        seq,
        prev,
        epoch: home.core.memory.roster.epoch(),
        body_len: 100,
        body_hash: crate::id::Hash([1; 32]),
    };
    for (seq, prev, taken) in
        [(end.next_seq, foreign.head, false), (end.next_seq + 1, end.head, false), (end.next_seq, end.head, true)]
    {
        let run = [SignedHeader::sign(header(seq, prev), &home.core.signer).to_bytes()];
        let outcome = office.log_mut().offer_headers(&home.core.memory.logs.main, &run).unwrap();
        assert_eq!(outcome == Taken::Stored, taken, "{outcome:?}");
    }
}

#[test]
fn epochs_that_one_device_invents_hide_no_removal_that_another_device_knows_of() {
    let mut office = practice();
    let (mut home, mut laptop) = (second(&mut office, "Home"), second(&mut office, "Laptop"));
    meet(&mut office, &mut home);
    meet(&mut office, &mut laptop);
    // Headers that go on in the device's own log, each under an epoch that nobody has opened.
    let mut say = |vault: &Vault, count: u64| {
        let end =
            vault.log().log_ends().unwrap().into_iter().find(|end| end.log == vault.core.memory.logs.main).unwrap();
        let mut prev = end.head;
        let run: Vec<_> = (0..count)
            .map(|number| {
                let mut epoch = EpochId([vault.device().0[0]; EpochId::LEN]);
                epoch.0[..4].copy_from_slice(&number.to_le_bytes()[..4]);
                let (log, seq) = (end.log, end.next_seq + number);
                let body_hash = crate::id::Hash([1; 32]);
                let header = Header { class: Class::Everyday, log, seq, prev, epoch, body_len: 100, body_hash };
                prev = header.hash();
                SignedHeader::sign(header, &vault.core.signer).to_bytes()
            })
            .collect();
        assert_eq!(office.log_mut().offer_headers(&end.log, &run), Ok(Taken::Stored));
        (end.log.device(), office.core.read().ledger().missed_removals().unwrap())
    };
    let (flooder, missed) = say(&home, 1_024);
    assert!(missed.iter().all(|(log, _)| log.device() == flooder) && missed.len() == 64);
    let (honest, missed) = say(&laptop, 1);
    assert_eq!(missed.iter().filter(|(log, _)| log.device() == honest).count(), 1);
}

#[test]
fn a_body_that_is_no_body_is_kept_counted_and_named_by_the_check() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let end = home.log().log_ends().unwrap().into_iter().find(|end| end.log == home.core.memory.logs.main).unwrap();
    let garbage = vec![7; 200];
    let header = Header {
        class: Class::Everyday,
        log: home.core.memory.logs.main,
        seq: end.next_seq,
        prev: end.head,
        epoch: home.core.memory.roster.epoch(),
        body_len: 200,
        body_hash: crate::kdf::sha256(&garbage),
    };
    let name = header.hash();
    let run = [SignedHeader::sign(header, &home.core.signer).to_bytes()];
    assert_eq!(office.log_mut().offer_headers(&home.core.memory.logs.main, &run), Ok(Taken::Stored));
    assert_eq!(office.log_mut().offer_bodies(&[(name, vec![8; 200])], NOW).unwrap().len(), 1);
    assert_eq!(office.log().set_aside_count(), Ok(0), "another body is refused, not set aside");
    assert_eq!(office.take_notices(), []);
    assert_eq!(office.log_mut().offer_bodies(&[(name, garbage)], NOW), Ok(vec![Taken::Stored]));
    assert_eq!(office.log().set_aside_count(), Ok(1));
    assert_eq!(office.take_notices(), [Notice::SetAside], "and the person is told once");
    assert_eq!(office.integrity().verify(&mut |_, _| {}).unwrap().damaged, [Damage::Body(name)]);
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    assert_eq!(office.clients().client(&client).unwrap().name, "Aino");
}

#[test]
fn two_devices_that_admit_one_each_at_the_same_time_take_no_private_note_from_the_other_ones() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("apart"), true, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut tablet);
    // Home does not know the tablet when it publishes the same keys for the laptop.
    let mut laptop = admitted(&mut home, "Home", "Laptop");
    meet(&mut home, &mut laptop);
    meet(&mut home, &mut office);
    meet(&mut office, &mut tablet);
    tablet.reauthenticate(&passphrase("Tablet"), NOW).unwrap();
    assert_eq!(tablet.notes().note(&id).unwrap().content.text, "apart");
    laptop.reauthenticate(&passphrase("Laptop"), NOW).unwrap();
    assert_eq!(laptop.notes().note(&id).unwrap().content.text, "apart");
}

#[test]
fn entries_that_follow_nothing_take_no_place_of_those_that_only_come_in_another_order() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let known = home.core.memory.roster.entries();
    let (laptop, tablet) = (second(&mut office, "Laptop").device(), second(&mut office, "Tablet").device());
    let mut new = office.core.memory.roster.entries();
    new.retain(|entry| !known.contains(entry));
    assert_eq!(new.len(), 2);
    let card = home.core.memory.roster.card(&home.device()).unwrap().clone();
    let authority = Signer::new(&Key::<AuthorityRole>::take(&mut [9; 32]));
    let mut tx = Transaction::default();
    for number in 0..500_u32 {
        let mut parent = Hash([7; 32]);
        parent.0[..4].copy_from_slice(&number.to_le_bytes());
        let by = SignedBy { device: &home.core.signer, authority: &authority };
        let rubbish = Entry::admission(NOW, [parent], card.clone(), super::vectors::handed(), &by);
        let place = Place { envelope: Hash([8; 32]), index: number };
        take_roster_entry(&home.core, &mut tx, &home.device(), Some(place), &rubbish).unwrap();
    }
    commit(&mut home.core, tx, Outbox::everyday()).unwrap();
    // The second before the first, as a batch may have them.
    carry(&office, &mut home);
    let live: Vec<_> = home.core.memory.roster.live().iter().map(|card| card.id).collect();
    assert!(live.contains(&laptop) && live.contains(&tablet));
}

/// Says entries of the roster beside each other, half a MiB each: the device is let in once more, which changes nothing.
fn say_large_entries(vault: &mut Vault, many: u64) {
    let card = vault.core.memory.roster.card(&vault.device()).unwrap().clone();
    let authority = vault.core.reauth.as_ref().unwrap().authority();
    let by = SignedBy { device: &vault.core.signer, authority: &authority };
    let entries = (0..many).map(|number| {
        let handed = super::vectors::handed();
        let handed = HandedOver { earlier: Earlier { sealed: vec![7; 500_000], ..handed.earlier }, ..handed };
        Item::roster(Entry::admission(NOW + number, vault.core.memory.roster.heads(), card.clone(), handed, &by))
    });
    let out = Outbox { keyring: entries.collect(), ..Outbox::everyday() };
    commit(&mut vault.core, Transaction::default(), out).unwrap();
}

#[test]
fn however_much_waits_for_an_entry_of_the_roster_all_of_it_is_heard_when_that_comes() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    say_large_entries(&mut home, 1);
    let first = home.core.memory.roster.heads();
    say_large_entries(&mut home, 3);
    // The three come before the one that they follow.
    carry(&home, &mut office);
    assert!(office.core.memory.roster.entries() == home.core.memory.roster.entries());
    assert!(first.iter().all(|entry| !office.core.read().has(&WaitingForEntryAt(*entry)).unwrap()));
}
