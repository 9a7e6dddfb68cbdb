//! What a later version wrote: an earlier one shows it, edits around it, hands it on, and loses none of it.

use super::*;
use crate::document::{Actor, Document, Heads, fields};
use crate::id::{ClientId, DocId};
use crate::keyring::Compartment;
use crate::log::{Class, DocType, Kind};
use crate::vault::commit::Outbox;
use crate::vault::commit::commit;
use crate::vault::commit::key_for;
use crate::vault::core::Transaction;
use crate::vault::items::note::changes_payload;

const LATER: DocId = DocId([0x1A; 16]);

/// Freezes a document as another version did, with this JSON.
fn freeze(vault: &mut Vault, kind: DocType, id: DocId, client: ClientId, json: &str) {
    let compartment = if kind == DocType::Client { Compartment::Identity } else { Compartment::Clinical };
    let (mut tx, mut out) = (Transaction::default(), Outbox::new(Class::Import));
    let key = key_for(&vault.core, &mut tx, &mut out, client, compartment).unwrap();
    out.push(Kind::Frozen, id, key, [&[kind.code()], [0; 16].as_slice(), json.as_bytes()].concat());
    commit(&mut vault.core, tx, out).unwrap();
}

fn other(vault: &Vault, note: &DocId) -> Vec<(String, String)> {
    vault.notes().note(note).unwrap().content.other.into_iter().collect()
}

#[test]
fn members_that_a_later_version_froze_are_shown_and_survive_an_edit_on_two_devices() {
    let mut desk = practice();
    let mut lap = second(&mut desk, "Lap");
    let client = desk.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    let json = format!(
        r#"{{"client":"{client}","date":"2026-11-21","text":"Was.","mood":"7","scale":{{"b":[1,2],"a":null}},"other":{{"mood":"old"}}}}"#
    );
    freeze(&mut desk, DocType::Note, LATER, client, &json);
    carry(&desk, &mut lap);
    let kept = [("mood", "old"), ("mood'", "7"), ("scale", r#"{"a":null,"b":[1,2]}"#)];
    let kept: Vec<(String, String)> = kept.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    assert_eq!(other(&desk, &LATER), kept);
    // Both begin an edit of their own, on the same first change.
    for (vault, text) in [(&mut desk, "Was, at the desk."), (&mut lap, "Once was.")] {
        let content = NoteContent { text: text.to_owned(), ..vault.notes().note(&LATER).unwrap().content };
        vault.notes_mut().save_note(&LATER, &content, NOW).unwrap();
        vault.notes_mut().flush().unwrap();
    }
    carry(&desk, &mut lap);
    carry(&lap, &mut desk);
    for vault in [&desk, &lap] {
        let read = vault.notes().note(&LATER).unwrap().content;
        assert_eq!(read.text, "Once was, at the desk.");
        assert_eq!(other(vault, &LATER), kept);
        // Under their own names in the document, where the version that wrote them looks for them.
        let (fields, _) = fields::of_note(&read);
        assert_eq!((fields["mood"].as_str(), fields["scale"].as_str()), ("old", r#"{"a":null,"b":[1,2]}"#));
        let exported = vault.exchange().exported(&client, ProcessNotes::LeaveOut).unwrap();
        assert!(exported.notes[0].content.other.contains_key("scale"), "and they leave with an export");
    }
}

#[test]
fn a_client_whom_a_later_version_froze_keeps_what_this_one_does_not_know() {
    let mut vault = practice();
    freeze(&mut vault, DocType::Client, LATER, LATER, r#"{"name":"Kim","pronouns":"they","since":2024}"#);
    let read = vault.clients().identity(&LATER).unwrap();
    assert_eq!((read.other["pronouns"].as_str(), read.other["since"].as_str()), ("they", "2024"));
    let wanted = Identity { phone: "040".to_owned(), ..read.clone() };
    vault.clients_mut().edit_client(&LATER, &read, &wanted, NOW).unwrap();
    let edited = vault.clients().identity(&LATER).unwrap();
    assert_eq!((edited.phone.as_str(), edited.other), ("040", read.other));
}

#[test]
fn fields_that_a_later_version_put_into_a_document_survive_an_edit_and_locking() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    let (mut fields, text) = fields::of_note(&note("Was."));
    fields.insert("mood".to_owned(), "7".to_owned());
    fields.insert("v2.place".to_owned(), "room 3".to_owned());
    let document = Document::begin(LATER, &fields, &text, Actor([1; 16])).unwrap();
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    let key = key_for(&vault.core, &mut tx, &mut out, client, Compartment::Clinical).unwrap();
    for chunk in document.chunks_since(&Heads::default()) {
        out.push(Kind::Changes, LATER, key, changes_payload(DocType::Note, client, &chunk));
    }
    commit(&mut vault.core, tx, out).unwrap();
    let content = vault.notes().note(&LATER).unwrap().content;
    vault.notes_mut().save_note(&LATER, &NoteContent { text: "Is.".to_owned(), ..content }, NOW).unwrap();
    let mut vault = vault.lock().unwrap().unlock(&passphrase("office"), NOW).map_err(|still| still.error).unwrap();
    let entry = vault.core.read().entry(&LATER).unwrap().unwrap();
    let draft = vault.notes_mut().open_draft(&LATER, &entry).unwrap();
    assert_eq!((draft.document.text().as_str(), draft.document.fields()["v2.place"].as_str()), ("Is.", "room 3"));
    assert_eq!(draft.document.fields()["mood"], "7");
}

#[test]
fn what_a_later_version_signed_is_shown_with_what_it_added_and_its_bytes_stay() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    let id = vault.notes_mut().add_note(&client, &note("Said."), false, NOW).unwrap();
    vault.notes_mut().flush().unwrap();
    let bytes = format!(
        r#"{{"format":1,"note":"{id}","client":"{client}","kind":"note","content":{{"date":"2026-11-21","text":"Said.","mood":"7"}},"heads":[],"witness":"Elm","signed_at":"2026-11-21T10:00:00Z","device":"{}"}}"#,
        vault.core.device
    );
    let signature = vault.core.signer.sign(crate::labels::NOTE, bytes.as_bytes());
    let mut payload = crate::codec::Writer::new();
    payload.lp(bytes.as_bytes()).bytes(&vault.core.signer.public_key().0).bytes(&signature.0);
    let (tx, mut out) = (Transaction::default(), Outbox::everyday());
    let entry = vault.core.read().documents().note_entry(&id).unwrap();
    out.push(Kind::Signed, id, entry.key, payload.finish());
    commit(&mut vault.core, tx, out).unwrap();
    let version = vault.notes().note(&id).unwrap().signed.remove(0);
    assert_eq!((version.content.text.as_str(), version.content.other["mood"].as_str()), ("Said.", "7"));
    assert_eq!(version.proof.bytes, bytes.as_bytes());
}

#[test]
fn a_member_that_has_another_form_than_this_version_knows_is_refused_alone() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    freeze(&mut vault, DocType::Note, LATER, client, &format!(r#"{{"client":"{client}","date":5,"text":"Was."}}"#));
    assert!(vault.notes().note(&LATER).is_err());
    assert_eq!(vault.log().set_aside_count().unwrap(), 1);
}
