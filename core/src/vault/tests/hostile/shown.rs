//! Notes that a device of the practice says to be elsewhere, or over: they go on being shown.

use super::*;

/// Two devices, a client, and a note of theirs that both have.
fn with_a_note(text: &str) -> (Vault, Vault, ClientId, DocId) {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let written = office.notes_mut().add_note(&client, &note(text), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    (office, home, client, written)
}

#[test]
fn a_note_that_is_moved_to_nobody_stays_where_it_is_until_there_is_somebody() {
    let (mut office, mut home, client, written) = with_a_note("Stays.");
    let origin = home_of(&home, &written).origin;
    let nobody = DocumentOrigin { kind: DocType::Client, client: NOBODY, nonce: [9; 16] };
    let moved = |to| crate::vault::items::home::Move { origin, to, at: u64::MAX, seen: Vec::new() };
    put(&mut home, client, Kind::Moved, written, moved(nobody.id()).to_bytes());
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().timeline(&client).unwrap().len(), 1);
        assert_eq!(vault.notes().note(&written).unwrap().client, client);
    }
    // When somebody of that name comes, the note is theirs.
    let mut out = Outbox::everyday();
    let says = frozen_payload(&nobody, &DocId([0; 16]), br#"{"name":"Bertil"}"#);
    out.push(Kind::Frozen, nobody.id(), Under::Client(nobody.id(), Compartment::Identity), says);
    commit(&mut home.core, Transaction::default(), out).unwrap();
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().timeline(&nobody.id()).unwrap().len(), 1);
        assert_eq!(vault.notes().timeline(&client).unwrap().len(), 0);
    }
}

#[test]
fn many_moves_of_a_note_in_one_envelope_are_judged_once() {
    let (mut office, mut home, client, written) = with_a_note("Stays.");
    let origin = home_of(&home, &written).origin;
    let mut said = |moves: u64| {
        let mut out = Outbox::everyday();
        for at in 0..moves {
            let says = crate::vault::items::home::Move { origin, to: client, at, seen: Vec::new() };
            out.push(Kind::Moved, written, Under::Client(client, Compartment::Clinical), says.to_bytes());
        }
        commit(&mut home.core, Transaction::default(), out).unwrap();
        let counted = allocation_counter::measure(|| meet(&mut home, &mut office));
        counted.bytes_total
    };
    said(40);
    let (one, twenty) = (said(1), said(20));
    assert!(twenty < 3 * one, "{twenty} bytes are asked for twenty moves, {one} for one");
}

#[test]
fn a_signature_of_nothing_and_a_change_that_waits_for_ever_hide_no_word() {
    let (mut office, mut home, client, written) = with_a_note("She slept.");
    let origin = home_of(&home, &written).origin;
    let documents = home.core.read().documents();
    let material = documents.material(&written, &home.core.read().entry(&written).unwrap().unwrap()).unwrap();
    let actor = home.core.fresh_actor();
    let mut draft = documents.assemble_document(&material, &written, DocType::Note, &[], actor).unwrap().unwrap();
    let mut changes = ["Never sent.", "And this waits."].map(|text| {
        let before = draft.heads();
        draft.write(&draft.fields(), text).unwrap();
        draft.changes_since(&before)
    });
    put(&mut home, client, Kind::Changes, written, origin.with(&std::mem::take(&mut changes[1])));
    let bytes = format!(
        r#"{{"format":2,"note":"{written}","client":"{client}","kind":"note","content":{{"date":"2026-11-21","text":""}},"heads":["{}"],"signed_at":"2026-11-21T10:00:00Z","device":"{}"}}"#,
        crate::id::Hash([7; 32]),
        home.device()
    );
    let signature = home.core.signer.sign(crate::labels::NOTE, bytes.as_bytes());
    let mut payload = crate::codec::Writer::new();
    origin.write(&mut payload);
    payload.lp(bytes.as_bytes()).bytes(&home.core.signer.public_key().0).bytes(&signature.0);
    put(&mut home, client, Kind::Signed, written, payload.finish());
    meet(&mut office, &mut home);
    let view = office.notes().note(&written).unwrap();
    assert_eq!((view.content.text.as_str(), view.late.as_deref()), ("", Some("She slept.")));
}
