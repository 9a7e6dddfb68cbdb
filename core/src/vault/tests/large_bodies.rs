//! Items of bodies so large that one is read without the rest: also in the transaction that brings them.

use subrosa_testkit::dice::Dice;

use super::*;
use crate::id::DocId;
use crate::keyring::Compartment;
use crate::log::{Class, DocType, Kind};
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::frozen::frozen_payload;
use crate::vault::items::home::Under;

/// Words that no packing makes small.
fn prose(dice: &mut Dice, bytes: usize) -> String {
    (0..bytes / 17).map(|_| format!("{:016x} ", dice.bits())).collect()
}

/// Imports notes of a new client in one transaction, as many envelopes as they take; which notes.
fn import(vault: &mut Vault, client: ClientId, notes: usize, bytes: usize) -> Vec<DocId> {
    let mut dice = Dice::new(7);
    let mut out = Outbox::new(Class::Import);
    let mut ids = Vec::new();
    for number in 0..notes {
        let text = prose(&mut dice, bytes);
        let json = format!(r#"{{"date":"2026-11-21","text":"{text}"}}"#);
        let of = origin(DocType::Note, client, u8::try_from(number).unwrap());
        let under = Under::Client(client, Compartment::Clinical);
        out.push(Kind::Frozen, of.id(), under, frozen_payload(&of, &DocId([0; 16]), json.as_bytes()));
        ids.push(of.id());
    }
    commit(&mut vault.core, Transaction::default(), out).unwrap();
    ids
}

#[test]
fn an_import_of_many_envelopes_is_taken_in_at_once_in_whatever_order_it_comes() {
    let mut desk = practice();
    let mut lap = second(&mut desk, "Lap");
    meet(&mut desk, &mut lap);
    let client = desk.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    let ids = import(&mut desk, client, 120, 8 << 10);
    // The newest first: the key of all of them comes in the first.
    carry(&desk, &mut lap);
    assert_eq!(lap.log().set_aside_count().unwrap(), 0);
    for id in &ids {
        assert!(lap.notes().note(id).unwrap().content == desk.notes().note(id).unwrap().content);
    }
}

#[test]
fn a_large_imported_note_is_moved_to_another_client() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    let other = vault.clients_mut().add_client(&identity("Ola"), NOW).unwrap();
    let id = import(&mut vault, client, 1, 200 << 10)[0];
    let before = vault.notes().note(&id).unwrap().content;
    vault.notes_mut().move_note(&id, &other, "Another client\u{2019}s.", NOW).unwrap();
    let timeline = vault.notes().timeline(&other).unwrap();
    assert_eq!((timeline.len(), vault.log().set_aside_count().unwrap()), (1, 0));
    assert!(vault.notes().note(&timeline[0].id).unwrap().content.text == before.text);
}
