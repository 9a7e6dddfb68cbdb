//! Keys that a device of the practice publishes to read what others write, or to keep others from reading.

use super::*;
use crate::entropy::Entropy;
use crate::keyring::{CompartmentEntry, Part};
use crate::log::Item;
use crate::secret::CompartmentRole;
use crate::vault::items::keys::KeyRow;

/// A key that the hostile device knows.
fn theirs(client: ClientId, compartment: Compartment) -> CompartmentEntry {
    CompartmentEntry::new(client, compartment, Key::<CompartmentRole>::take(&mut [0x66; 32]))
}

/// Puts a part into this device's own log, with its keys of private notes for everybody.
fn publish(by: &mut Vault, bytes: Vec<u8>) {
    let mut out = Outbox::everyday();
    out.keyring.push(Item::bare(Kind::Keyring, DocId([5; 16]), bytes));
    commit(&mut by.core, Transaction::default(), out).unwrap();
}

fn part_for_all(by: &Vault, entries: &[CompartmentEntry]) -> Vec<u8> {
    part_of(by, entries, 5, &mut *by.core.entropy())
}

/// A part with these keys for all devices, under a document's id of this byte.
pub(in crate::vault::tests) fn part_of(
    by: &Vault,
    entries: &[CompartmentEntry],
    id: u8,
    entropy: &mut dyn Entropy,
) -> Vec<u8> {
    let cards = by.core.memory.roster.readers(&by.core.device);
    let readers: Vec<_> = cards
        .iter()
        .map(|card| match entries[0].compartment {
            Compartment::Process => (card.id, card.pkk_generation, &card.pkk),
            _ => (card.id, card.dkk_generation, &card.dkk),
        })
        .collect();
    Part::publish(DocId([id; 16]), 1, entries, by.core.device, &readers, entropy).unwrap()
}

#[test]
fn nobody_writes_under_a_key_that_another_device_made_without_the_passphrase_or_with_it() {
    let (mut office, mut lost, client) = with_a_lost_device();
    for compartment in [Compartment::Process, Compartment::Clinical] {
        let part = part_for_all(&lost, &[theirs(client, compartment)]);
        publish(&mut lost, part);
    }
    meet(&mut office, &mut lost);
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    for private in [true, false] {
        let written = office.notes_mut().add_note(&client, &note("Not for them."), private, NOW).unwrap();
        office.notes_mut().flush().unwrap();
        let opened = office.core.read().compartment_key(&key_of(&office, &written)).unwrap().1;
        assert!(opened != theirs(client, Compartment::Process).key, "private: {private}");
    }
}

#[test]
fn a_part_that_names_a_key_of_private_notes_and_does_not_hold_it_takes_no_place_of_the_one_that_does() {
    let (mut office, mut lost, client) = with_a_lost_device();
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let private = office.notes_mut().add_note(&client, &note("Apart."), true, NOW).unwrap();
    meet(&mut office, &mut lost);
    let key = key_of(&office, &private);
    // The same name over noise, before everybody's eyes: the name lies in the clear behind the list's count.
    let honest = part_for_all(&lost, &[theirs(client, Compartment::Process)]);
    let at = honest.windows(16).position(|bytes| bytes == theirs(client, Compartment::Process).id.0).unwrap();
    let mut forged = honest;
    forged[at..at + 16].copy_from_slice(&key.0);
    publish(&mut lost, forged);
    meet(&mut office, &mut lost);
    let row = office.core.read().key_row(&key).unwrap();
    assert!(matches!(row, Some(KeyRow::Process(parts)) if parts.len() == 2), "both are kept, each its author's");
    assert_eq!(office.notes().note(&private).unwrap().content.text, "Apart.");
    // Whoever comes later is handed the right one.
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut tablet);
    tablet.reauthenticate(&passphrase("Tablet"), NOW).unwrap();
    assert_eq!(tablet.notes().note(&private).unwrap().content.text, "Apart.");
    assert_eq!(tablet.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn a_key_that_comes_before_the_one_that_made_it_has_said_so_is_the_same_key() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let mut laptop = second(&mut office, "Laptop");
    [&mut home, &mut laptop].into_iter().for_each(|vault| meet(&mut office, vault));
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let written = office.notes_mut().add_note(&client, &note("Said."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    // The hostile one has the key's name, and puts another key under it before the laptop hears of the first.
    let named = key_of(&home, &written);
    let mut forged = part_for_all(&home, &[theirs(client, Compartment::Clinical)]);
    let at = forged.windows(16).position(|bytes| bytes == theirs(client, Compartment::Clinical).id.0).unwrap();
    forged[at..at + 16].copy_from_slice(&named.0);
    publish(&mut home, forged);
    carry(&home, &mut laptop);
    carry(&office, &mut laptop);
    assert_eq!(laptop.notes().note(&written).unwrap().content.text, "Said.");
}

#[test]
fn after_a_removal_the_same_client_is_written_under_a_new_key() {
    let (mut office, mut lost, client) = with_a_lost_device();
    let key = |vault: &mut Vault| {
        let written = vault.notes_mut().add_note(&client, &note("More."), false, NOW).unwrap();
        vault.notes_mut().flush().unwrap();
        key_of(vault, &written)
    };
    let before = key(&mut office);
    assert_eq!(key(&mut office), before, "one key for as long as nobody left");
    office.devices_mut().remove_device(&lost.device(), &passphrase("office"), NOW).unwrap();
    let after = key(&mut office);
    assert_ne!(after, before);
    carry(&office, &mut lost);
    assert!(lost.core.read().key_row(&after).unwrap().is_none());
}

#[test]
fn a_document_whose_first_item_or_move_another_device_wrote_is_written_on_under_a_key_of_ones_own() {
    let (mut office, mut lost, client) = with_a_lost_device();
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let private = office.notes_mut().add_note(&client, &note("Apart."), true, NOW).unwrap();
    meet(&mut office, &mut lost);
    // Without the passphrase it knows a key of its own, and that the note is there: it says that the note was moved.
    let own = theirs(client, Compartment::Process);
    let part = part_for_all(&lost, &[theirs(client, Compartment::Process)]);
    publish(&mut lost, part);
    let moved = crate::vault::items::home::Move {
        origin: home_of(&office, &private).origin,
        to: client,
        at: u64::MAX,
        seen: Vec::new(),
    };
    let key = (own.id, &own.key);
    let item =
        Item::seal(Kind::Moved, private, key, lost.device(), &moved.to_bytes(), &mut *lost.core.entropy()).unwrap();
    let mut out = Outbox::everyday();
    out.keyring.push(item);
    commit(&mut lost.core, Transaction::default(), out).unwrap();
    meet(&mut office, &mut lost);
    office.notes_mut().save_note(&private, &note("Apart, and more."), NOW).unwrap();
    office.notes_mut().sign(&private, NOW).unwrap();
    let opened = |item: &Item| item.key == own.id;
    let mut written = 0;
    for end in office.log().log_ends().unwrap().into_iter().filter(|end| end.log == office.core.memory.logs.main) {
        for name in office.log().branch_names(&end.log, 0, &end.head).unwrap() {
            let items = office.core.read().ledger().items_of(&name).unwrap().unwrap_or_default();
            assert!(!items.iter().any(opened), "nothing that the office wrote lies under a key that another made");
            written += items.iter().filter(|item| item.document == private).count();
        }
    }
    assert!(written >= 1);
}

#[test]
fn a_device_lacks_no_private_note_whose_author_did_not_know_it() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    // Home lets a tablet in; the office does not know, and writes.
    let mut tablet = admitted(&mut home, "Home", "Tablet");
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let private = office.notes_mut().add_note(&client, &note("Apart."), true, NOW).unwrap();
    let open = office.notes_mut().add_note(&client, &note("Open."), false, NOW).unwrap();
    office.notes_mut().flush().unwrap();
    carry(&office, &mut home);
    drop(office);
    // The office is never seen again.
    meet(&mut home, &mut tablet);
    assert_eq!(tablet.notes().note(&open).unwrap().content.text, "Open.");
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    meet(&mut home, &mut tablet);
    tablet.reauthenticate(&passphrase("Tablet"), NOW).unwrap();
    assert_eq!(tablet.notes().note(&private).unwrap().content.text, "Apart.");
}
