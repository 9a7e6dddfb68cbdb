//! What a hostile device writes about notes and clients that others wrote.

use super::*;

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
fn a_note_that_lies_open_takes_what_another_device_wrote_on_a_beginning_that_came_later() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    for (is_private, compartment) in [(false, Compartment::Clinical), (true, Compartment::Process)] {
        let id = office.notes_mut().add_note(&client, &note("Here before."), is_private, NOW).unwrap();
        office.notes_mut().flush().unwrap();
        meet(&mut office, &mut home);
        let entry = home.core.read().entry(&id).unwrap().unwrap();
        let origin = home.core.read().documents().home(&id, &entry).unwrap().origin;
        let json = br#"{"date":"2026-11-21","text":"Beside. "}"#;
        let mut out = Outbox::everyday();
        out.push(Kind::Frozen, id, Under::Client(client, compartment), frozen_payload(&origin, &DocId([0; 16]), json));
        commit(&mut home.core, Transaction::default(), out).unwrap();
        assert!(home.notes_mut().save_note(&id, &note("Written at home."), NOW).unwrap());
        home.notes_mut().flush().unwrap();
        let is_open = |vault: &Vault| vault.core.caches.drafts.borrow().contains_key(&id);
        assert!(is_open(&office), "the office is still at it");
        meet(&mut office, &mut home);
        assert_eq!(office.notes().note(&id).unwrap().content.text, "Written at home.");
        assert!(office.notes_mut().save_note(&id, &note("Written at home, and here."), NOW).unwrap());
        office.notes_mut().flush().unwrap();
        meet(&mut office, &mut home);
        assert_eq!(home.notes().note(&id).unwrap().content.text, "Written at home, and here.");
    }
}
