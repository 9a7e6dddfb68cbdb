//! What a later version wrote: an earlier one shows it, edits around it, hands it on, and loses none of it.

use super::*;
use crate::document::{Document, Heads, fields};
use crate::id::DocId;
use crate::keyring::Compartment;
use crate::log::{Class, DocType, Kind};
use crate::vault::commit::Outbox;
use crate::vault::commit::commit;
use crate::vault::core::Transaction;
use crate::vault::items::frozen::frozen_payload;
use crate::vault::items::home::{NOBODY, Under};

/// Freezes a document as another version did, with this JSON.
fn freeze(vault: &mut Vault, of: &DocumentOrigin, json: &str) {
    let mut out = Outbox::new(Class::Import);
    let under = Under::Client(of.home(), of.compartment());
    out.push(Kind::Frozen, of.id(), under, frozen_payload(of, &DocId([0; 16]), json.as_bytes()));
    commit(&mut vault.core, Transaction::default(), out).unwrap();
}

fn other(vault: &Vault, note: &DocId) -> Vec<(String, String)> {
    vault.notes().note(note).unwrap().content.other.into_iter().collect()
}

#[test]
fn members_that_a_later_version_froze_are_shown_and_survive_an_edit_on_two_devices() {
    let mut desk = practice();
    let mut lap = second(&mut desk, "Lap");
    let client = desk.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    let json = r#"{"date":"2026-11-21","text":"Was.","mood":"7","scale":{"b":[1,2],"a":null},"other":{"mood":"old"}}"#;
    let of = origin(DocType::Note, client, 1);
    let later = of.id();
    freeze(&mut desk, &of, json);
    carry(&desk, &mut lap);
    let kept = [("mood", "old"), ("mood'", "7"), ("scale", r#"{"a":null,"b":[1,2]}"#)];
    let kept: Vec<(String, String)> = kept.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    assert_eq!(other(&desk, &later), kept);
    // Both begin an edit of their own, on the same first change.
    for (vault, text) in [(&mut desk, "Was, at the desk."), (&mut lap, "Once was.")] {
        let content = NoteContent { text: text.to_owned(), ..vault.notes().note(&later).unwrap().content };
        vault.notes_mut().save_note(&later, &content, NOW).unwrap();
        vault.notes_mut().flush().unwrap();
    }
    carry(&desk, &mut lap);
    carry(&lap, &mut desk);
    for vault in [&desk, &lap] {
        let read = vault.notes().note(&later).unwrap().content;
        assert_eq!(read.text, "Once was, at the desk.");
        assert_eq!(other(vault, &later), kept);
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
    let of = origin(DocType::Client, NOBODY, 1);
    let later = of.id();
    freeze(&mut vault, &of, r#"{"name":"Kim","pronouns":"they","since":2024}"#);
    let read = vault.clients().identity(&later).unwrap();
    assert_eq!((read.other["pronouns"].as_str(), read.other["since"].as_str()), ("they", "2024"));
    let wanted = Identity { phone: "040".to_owned(), ..read.clone() };
    vault.clients_mut().edit_client(&later, &read, &wanted, NOW).unwrap();
    let edited = vault.clients().identity(&later).unwrap();
    assert_eq!((edited.phone.as_str(), edited.other), ("040", read.other));
}

#[test]
fn fields_that_a_later_version_put_into_a_document_survive_an_edit_and_locking() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    let (mut fields, text) = fields::of_note(&note("Was."));
    fields.insert("mood".to_owned(), "7".to_owned());
    fields.insert("v2.place".to_owned(), "room 3".to_owned());
    let of = origin(DocType::Note, client, 1);
    let later = of.id();
    let document = Document::begin(later, &fields, &text, vault.core.fresh_actor()).unwrap();
    let mut out = Outbox::everyday();
    for chunk in document.chunks_since(&Heads::default()) {
        out.push(Kind::Changes, later, Under::Client(client, Compartment::Clinical), of.with(&chunk));
    }
    commit(&mut vault.core, Transaction::default(), out).unwrap();
    let content = vault.notes().note(&later).unwrap().content;
    vault.notes_mut().save_note(&later, &NoteContent { text: "Is.".to_owned(), ..content }, NOW).unwrap();
    let mut vault = vault.lock().unwrap().unlock(&passphrase("office"), NOW).map_err(|still| still.error).unwrap();
    let entry = vault.core.read().entry(&later).unwrap().unwrap();
    let draft = vault.notes_mut().open_draft(&later, &entry).unwrap();
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
        r#"{{"format":2,"note":"{id}","client":"{client}","kind":"note","content":{{"date":"2026-11-21","text":"Said.","mood":"7"}},"heads":[],"witness":"Elm","signed_at":"2026-11-21T10:00:00Z","device":"{}"}}"#,
        vault.core.device
    );
    let signature = vault.core.signer.sign(crate::labels::NOTE, bytes.as_bytes());
    let mut payload = crate::codec::Writer::new();
    home_of(&vault, &id).origin.write(&mut payload);
    payload.lp(bytes.as_bytes()).bytes(&vault.core.signer.public_key().0).bytes(&signature.0);
    let (tx, mut out) = (Transaction::default(), Outbox::everyday());
    out.push(Kind::Signed, id, home_of(&vault, &id).under(), payload.finish());
    commit(&mut vault.core, tx, out).unwrap();
    let version = vault.notes().note(&id).unwrap().signed.remove(0);
    assert_eq!((version.content.text.as_str(), version.content.other["mood"].as_str()), ("Said.", "7"));
    assert_eq!(version.proof.bytes, bytes.as_bytes());
}

#[test]
fn a_member_that_has_another_form_than_this_version_knows_is_refused_alone() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Kim"), NOW).unwrap();
    let of = origin(DocType::Note, client, 1);
    freeze(&mut vault, &of, r#"{"date":5,"text":"Was."}"#);
    assert!(vault.notes().note(&of.id()).is_err());
    assert_eq!(vault.log().set_aside_count().unwrap(), 1);
}
