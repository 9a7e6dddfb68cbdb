//! A device of the practice that writes what no honest one would, and two that cannot know of each other yet.

mod cards;
mod epochs;
mod keys;
mod lists;

use crate::vault::commit::commit;
use std::ops::ControlFlow;

use super::{NOW, admitted, carry, home_of, identity, key_of, meet, note, origin, passphrase, practice, second};
use crate::catalog::NoteState;
use crate::document::Heads;
use crate::id::{ClientId, DocId, EpochId};
use crate::kdf::Policy;
use crate::keyring::Compartment;
use crate::log::{Class, DocType, Header, Kind, SignedHeader};
use crate::roster::{Entry, SignedBy};
use crate::rows::Row as _;
use crate::secret::{AuthorityRole, Key};
use crate::sign::Signer;
use crate::store::{Batch, RowKey, Table};
use crate::vault::commit::Outbox;
use crate::vault::core::Transaction;
use crate::vault::items::frozen::frozen_payload;
use crate::vault::items::home::{DocumentOrigin, NOBODY, Under};
use crate::vault::project::take_roster_entry;
use crate::vault::registry::MissingBodiesAt;
use crate::vault::{Damage, LockedVault, Notice, ReadError, RowError, Taken, Vault};

/// Puts a payload under the client's clinical key into the vault's own log.
fn put(vault: &mut Vault, client: ClientId, kind: Kind, document: DocId, payload: Vec<u8>) {
    let mut out = Outbox::everyday();
    out.push(kind, document, Under::Client(client, Compartment::Clinical), payload);
    commit(&mut vault.core, Transaction::default(), out).unwrap();
}

#[test]
fn a_frozen_note_that_says_nothing_is_set_aside_and_what_came_with_it_is_used() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let written = office.notes_mut().add_note(&client, &note("Here before."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    for of in [origin(DocType::Note, client, 7), home_of(&home, &written).origin] {
        put(&mut home, client, Kind::Frozen, of.id(), frozen_payload(&of, &DocId([0; 16]), b"{}"));
    }
    let neighbour = home.notes_mut().add_note(&client, &note("A neighbour."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.notes().note(&neighbour).unwrap().content.text, "A neighbour.");
    assert_eq!(office.notes().note(&written).unwrap().content.text, "Here before.");
    assert_eq!(office.notes().note(&origin(DocType::Note, client, 7).id()).unwrap_err(), ReadError::NoSuchNote);
    assert_eq!(office.log().set_aside_count().unwrap(), 2);
}

#[test]
fn changes_that_automerge_refuses_change_nothing_and_the_person_is_told_once() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let written = office.notes_mut().add_note(&client, &note("Here before."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let garbage = [&[0x85, 0x6f, 0x4a, 0x83][..], &[1; 60]].concat();
    let foreign = {
        let other = home.notes_mut().add_note(&client, &note("Of another note."), false, NOW).unwrap();
        home.core.caches.drafts.borrow().get(&other).unwrap().document.changes_since(&Heads::default())
    };
    for chunk in [garbage, foreign] {
        let payload = home_of(&home, &written).origin.with(&chunk);
        put(&mut home, client, Kind::Changes, written, payload);
    }
    let neighbour = home.notes_mut().add_note(&client, &note("A neighbour."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.notes().note(&written).unwrap().content.text, "Here before.");
    assert_eq!(office.notes().note(&neighbour).unwrap().content.text, "A neighbour.");
    assert_eq!(office.take_notices(), [Notice::SetAside]);
    assert!(office.notes_mut().save_note(&written, &note("Here before, and still open."), NOW).unwrap());
}

#[test]
fn a_signature_of_one_note_proves_nothing_beside_another() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let signed = office.notes_mut().add_note(&client, &note("Signed."), false, NOW).unwrap();
    let other = office.notes_mut().add_note(&client, &note("Not signed."), false, NOW).unwrap();
    office.notes_mut().sign(&signed, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let entry = home.core.read().entry(&signed).unwrap().unwrap();
    let payload = home.core.read().documents().material(&signed, &entry).unwrap().signed.first().unwrap().to_vec();
    put(&mut home, client, Kind::Signed, other, payload);
    meet(&mut office, &mut home);
    let view = office.notes().note(&other).unwrap();
    assert_eq!((view.state, view.signed.len()), (NoteState::Unsigned, 0));
    assert!(office.notes_mut().save_note(&other, &note("Still open."), NOW).unwrap());
    assert_eq!(office.notes().note(&signed).unwrap().state, NoteState::Signed);
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

/// A practice whose file was let go, then these rows in it were damaged.
fn spoilt(mut vault: Vault, rows: &[(Table, RowKey)]) -> LockedVault {
    let mut batch = Batch::new();
    rows.iter().for_each(|(table, key)| {
        batch.put(*table, *key, b"damaged");
    });
    vault.core.rows.store().commit(batch).unwrap();
    let (store, entropy, _) = vault.core.close();
    LockedVault::open(store, None, Policy::Tests, entropy).unwrap()
}

#[test]
fn no_damaged_list_keeps_anybody_out_while_words_wait_to_be_sealed() {
    let begun = || {
        let mut office = practice();
        let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
        let id = office.notes_mut().add_note(&client, &note("Still here."), false, NOW).unwrap();
        office.notes_mut().flush().unwrap();
        office.notes_mut().save_note(&id, &note("Still here, and more."), NOW).unwrap();
        let mut rows = Vec::new();
        let seen = &mut |key: &RowKey, _: &[u8]| {
            rows.push((Table::Catalog, *key));
            ControlFlow::Continue(())
        };
        office.core.rows.store().scan(Table::Catalog, seen).unwrap();
        (office, id, rows)
    };
    let lists = begun().2.len();
    assert!(lists > 1, "the clients, and a timeline");
    for list in 0..lists {
        let (office, id, rows) = begun();
        let mut office = spoilt(office, &rows[list..=list]).unlock(&passphrase("office"), NOW).unwrap();
        assert!(!office.take_notices().is_empty(), "that there was damage is told");
        assert_eq!(office.notes().note(&id).unwrap().content.text, "Still here, and more.");
    }
}

#[test]
fn a_damaged_list_and_second_box_keep_no_note_from_being_read() {
    let mut office = practice();
    let clients: Vec<ClientId> = (0..40)
        .map(|number| office.clients_mut().add_client(&identity(&format!("Client {number}")), NOW).unwrap())
        .collect();
    let id = office.notes_mut().add_note(&clients[7], &note("Still here."), false, NOW).unwrap();
    office.notes_mut().flush().unwrap();
    let mut rows: Vec<(Table, RowKey)> = Vec::new();
    for table in [Table::Catalog, Table::Slots] {
        let store = office.core.rows.store();
        store
            .scan(table, &mut |key, sealed| {
                // Of the slots only the second box, which its length tells from the others.
                if table == Table::Catalog || sealed.len() == crate::seal::sealed_len(80) {
                    rows.push((table, *key));
                }
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    let locked = spoilt(office, &rows);
    let still = locked.unlock(&passphrase("wrong"), NOW).unwrap_err();
    assert!(still.error.is_wrong_passphrase(), "damage elsewhere makes no passphrase right");
    let mut office = still.vault.unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!(office.take_notices(), [Notice::VitalChanged, Notice::Damaged]);
    for (number, client) in clients.iter().enumerate() {
        assert_eq!(office.clients().client(client).unwrap().name, format!("Client {number}"));
    }
    assert_eq!(office.notes().note(&id).unwrap().content.text, "Still here.");
    assert_eq!(office.reauthenticate(&passphrase("office"), NOW), Err(RowError::Damaged.into()));
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
fn a_log_whose_rows_are_damaged_keeps_no_other_log_from_being_told_and_served() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let (mut home, mut laptop) = (second(&mut office, "Home"), second(&mut office, "Laptop"));
    meet(&mut office, &mut home);
    meet(&mut office, &mut laptop);
    let written = home.notes_mut().add_note(&client, &note("Written at home."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    let (damaged, whole) = (office.core.read().own_logs().main, office.log().frontier().unwrap());
    let mut tx = Transaction::quiet();
    tx.changes.put(Table::Index, &MissingBodiesAt(damaged).name(), b"damaged".to_vec());
    office.core.write(tx).unwrap();
    let ends = office.log().log_ends().unwrap();
    assert!(!ends.is_empty() && ends.iter().all(|end| end.log != damaged));
    assert_ne!(office.log().frontier().unwrap(), whole, "it is in step with nobody");
    // A backup that would lack the log is not made.
    assert_eq!(office.core.read().ledger().log_ends().err(), Some(RowError::Damaged));
    carry(&office, &mut laptop);
    assert_eq!(laptop.notes().note(&written).unwrap().content.text, "Written at home.");
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
        let mut parent = crate::id::Hash([7; 32]);
        parent.0[..4].copy_from_slice(&number.to_le_bytes());
        let by = SignedBy { device: &home.core.signer, authority: &authority };
        let rubbish = Entry::admission(NOW, [parent], card.clone(), super::vectors::handed(), &by);
        take_roster_entry(&home.core, &mut tx, &home.device(), &rubbish).unwrap();
    }
    // The second before the first, as a batch may have them.
    for entry in new.iter().rev() {
        take_roster_entry(&home.core, &mut tx, &office.device(), entry).unwrap();
    }
    commit(&mut home.core, tx, Outbox::everyday()).unwrap();
    let live: Vec<_> = home.core.memory.roster.live().iter().map(|card| card.id).collect();
    assert!(live.contains(&laptop) && live.contains(&tablet));
}

#[test]
fn signed_bytes_that_name_something_twice_are_no_signature_and_named_once_they_are() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let written = office.notes_mut().add_note(&client, &note("Open."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let content = |twice: &str| format!(r#"{{{twice}"date":"2026-11-21","text":"Signed."}}"#);
    for (twice, signatures) in [(r#""text":"Another text.","#, 0), (r#""other":{"a":"1","a":"2"},"#, 0), ("", 1)] {
        let bytes = format!(
            r#"{{"format":2,"note":"{written}","client":"{client}","kind":"note","content":{},"heads":[],"signed_at":"2026-11-21T10:00:00Z","device":"{}"}}"#,
            content(twice),
            home.device()
        );
        let signature = home.core.signer.sign(crate::labels::NOTE, bytes.as_bytes());
        let mut payload = crate::codec::Writer::new();
        home_of(&home, &written).origin.write(&mut payload);
        payload.lp(bytes.as_bytes()).bytes(&home.core.signer.public_key().0).bytes(&signature.0);
        put(&mut home, client, Kind::Signed, written, payload.finish());
        meet(&mut office, &mut home);
        assert_eq!(office.notes().note(&written).unwrap().signed.len(), signatures, "{twice}");
    }
}

#[test]
fn an_item_that_says_another_client_or_another_type_than_its_document_is_of_is_set_aside() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let other = office.clients_mut().add_client(&identity("Bertil"), NOW).unwrap();
    let written = office.notes_mut().add_note(&client, &note("Here before."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut home);
    let true_one = home_of(&home, &written).origin;
    let said = br#"{"date":"2026-11-21","text":"Said."}"#;
    let frozen = |of: &DocumentOrigin| frozen_payload(of, &DocId([0; 16]), said);
    // Of another client, of another type, under a key of another compartment: the name is a hash of none of these.
    put(&mut home, other, Kind::Frozen, written, frozen(&DocumentOrigin { client: other, ..true_one }));
    put(&mut home, client, Kind::Frozen, written, frozen(&DocumentOrigin { kind: DocType::ProcessNote, ..true_one }));
    put(&mut home, client, Kind::Frozen, other, frozen(&origin(DocType::Client, NOBODY, 1)));
    let private = origin(DocType::ProcessNote, client, 2);
    put(&mut home, client, Kind::Frozen, private.id(), frozen(&private));
    let honest = origin(DocType::Note, client, 3);
    put(&mut home, client, Kind::Frozen, honest.id(), frozen(&honest));
    // The tablet hears of the forgeries before it hears of the note.
    carry(&home, &mut tablet);
    meet(&mut office, &mut home);
    for vault in [&office, &tablet] {
        assert_eq!(vault.log().set_aside_count().unwrap(), 4);
        assert_eq!(vault.clients().client(&other).unwrap().name, "Bertil");
        assert_eq!(vault.notes().note(&honest.id()).unwrap().content.text, "Said.");
        assert_eq!(vault.notes().note(&written).unwrap().content.text, "Here before.");
        assert_eq!(
            (vault.notes().timeline(&client).unwrap().len(), vault.notes().timeline(&other).unwrap()),
            (2, vec![])
        );
    }
}

#[test]
fn what_lies_under_a_key_of_private_notes_takes_the_place_of_nothing_in_the_record() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let written = office.notes_mut().add_note(&client, &note("Of the record."), false, NOW).unwrap();
    office.notes_mut().flush().unwrap();
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let private = office.notes_mut().add_note(&client, &note("Apart."), true, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let mut tablet = second(&mut office, "Tablet");
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    // Under a true key of private notes: words for a note of the record, and a file in the name of a private note.
    let process = Under::Client(client, Compartment::Process);
    let mut out = Outbox::everyday();
    out.push(Kind::Changes, written, process, home_of(&home, &written).origin.with(b"nothing"));
    out.push(Kind::File, private, process, home_of(&home, &private).origin.with(b"nothing"));
    commit(&mut home.core, Transaction::default(), out).unwrap();
    carry(&home, &mut tablet);
    meet(&mut office, &mut home);
    tablet.reauthenticate(&passphrase("Tablet"), NOW).unwrap();
    meet(&mut office, &mut tablet);
    tablet.reauthenticate(&passphrase("Tablet"), NOW).unwrap();
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    for vault in [&office, &tablet] {
        assert_eq!(vault.notes().note(&written).unwrap().content.text, "Of the record.");
        assert_eq!(vault.notes().note(&private).unwrap().content.text, "Apart.");
        assert_eq!(vault.notes().private_timeline(&client).unwrap().len(), 1);
        assert_eq!(vault.files().private_files(&client).unwrap(), []);
        assert_eq!(vault.trash().private_trash(NOW).unwrap().len(), 0);
    }
}

#[test]
fn nobody_writes_in_the_name_of_another_device_or_takes_the_number_of_its_next_change() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let written = office.notes_mut().add_note(&client, &note("Begun."), false, NOW).unwrap();
    let (mut home, mut tablet) = (second(&mut office, "Home"), second(&mut office, "Tablet"));
    meet(&mut office, &mut home);
    meet(&mut office, &mut tablet);
    // The hostile one writes what the office would write next, under the office's name in this note.
    let mut forged = office.core.caches.drafts.borrow().get(&written).unwrap().document.clone();
    let before = forged.heads();
    forged.write(&forged.fields(), "Begun, and never so.").unwrap();
    let payload = home_of(&home, &written).origin.with(&forged.changes_since(&before));
    put(&mut home, client, Kind::Changes, written, payload);
    carry(&home, &mut tablet);
    office.notes_mut().save_note(&written, &note("Begun, and gone on with."), NOW).unwrap();
    office.notes_mut().flush().unwrap();
    carry(&office, &mut tablet);
    meet(&mut office, &mut home);
    for vault in [&office, &home, &tablet] {
        assert_eq!(vault.notes().note(&written).unwrap().content.text, "Begun, and gone on with.");
    }
}

#[test]
fn a_damaged_row_of_headers_that_wait_keeps_nothing_else_from_being_taken() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let waiting = crate::vault::registry::OrphanHeadersAt();
    let mut tx = Transaction::quiet();
    tx.changes.put(Table::Pending, &waiting.name(), b"damaged".to_vec());
    home.core.write(tx).unwrap();
    // Somebody is let in, so that what waited for its signer is looked at.
    let tablet = second(&mut office, "Tablet");
    carry(&office, &mut home);
    assert!(home.devices().all().unwrap().iter().any(|device| device.id == tablet.device()));
    assert!(!home.core.read().has(&waiting).unwrap(), "and the row is no more");
}
