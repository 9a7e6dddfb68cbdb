//! What was typed and has not left yet: kept in rows of its own, and sent as drafts.

use super::{NOW, admitted, identity, meet, names_in, note, passphrase, practice, second};
use crate::id::{ClientId, NoteId};
use crate::log::{self, Kind};
use crate::rows::Row;
use crate::vault::core::{OwnLog, Transaction};
use crate::vault::registry::PendingChangesAt;
use crate::vault::{RowError, Vault};

/// A private note that was typed word by word.
fn typed(vault: &mut Vault, client: &ClientId, words: usize) -> NoteId {
    typed_by(vault, "office", client, words)
}

fn typed_by(vault: &mut Vault, pass: &str, client: &ClientId, words: usize) -> NoteId {
    vault.reauthenticate(&passphrase(pass), NOW).unwrap();
    let id = vault.notes_mut().add_note(client, &note("Apart."), true, NOW).unwrap();
    for word in 1..words {
        vault.notes_mut().save_note(&id, &note(&format!("Apart.{}", " Word.".repeat(word))), NOW).unwrap();
    }
    id
}

fn row_len(vault: &Vault, id: &NoteId) -> usize {
    let row = PendingChangesAt(*id);
    vault.core.rows.read(PendingChangesAt::TABLE, &row.name()).unwrap().unwrap().len()
}

#[test]
fn a_private_note_waits_in_one_padded_row_and_leaves_in_one_envelope_while_nobody_may_open_it() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let id = typed(&mut office, &client, 40);
    assert_eq!(names_in(&office, OwnLog::Drafts).len(), 0);
    let len = row_len(&office, &id);
    assert_eq!(len, log::padded_len(len), "its length is one of few");
    assert!(len > log::padded_len(1), "a long note is longer");
    office.end_reauth();
    assert_eq!(office.core.read().pending_chunks(&id).unwrap_err(), RowError::NeedsReauth);
    assert_eq!(office.notes().note(&id).unwrap_err(), RowError::NeedsReauth.into());
    assert!(office.notes_mut().flush().unwrap());
    assert_eq!(names_in(&office, OwnLog::Drafts).len(), 1);
    assert!(!office.notes_mut().flush().unwrap());
    meet(&mut office, &mut home);
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    let text = home.notes().note(&id).unwrap().content.text;
    assert_eq!(text, format!("Apart.{}", " Word.".repeat(39)));
    assert_eq!(home.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn a_private_note_that_waits_is_read_and_written_on_after_a_crash() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = typed(&mut office, &client, 3);
    assert_eq!(office.notes().private_timeline(&client).unwrap().len(), 1);
    // As after a crash: nothing was sealed at a lock, nothing lies open.
    office.core.caches.drafts.get_mut().clear();
    assert_eq!(office.notes().note(&id).unwrap().content.text, "Apart. Word. Word.");
    office.notes_mut().save_note(&id, &note("Apart. Word. Word. On."), NOW).unwrap();
    office.notes_mut().sign(&id, NOW).unwrap();
    assert_eq!(office.notes().note(&id).unwrap().content.text, "Apart. Word. Word. On.");
    assert_eq!(office.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn the_place_of_a_private_note_that_waits_is_made_again_by_a_repair() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = typed(&mut office, &client, 3);
    let mut tx = Transaction::default();
    tx.remove(&crate::vault::registry::DocumentAt(id));
    tx.remove(&crate::vault::registry::PrivateNotesAt());
    office.core.write(tx).unwrap();
    office.core.caches.drafts.get_mut().clear();
    assert!(office.notes().note(&id).is_err());
    office.integrity_mut().repair(&mut |_, _| {}).unwrap();
    assert_eq!(office.notes().note(&id).unwrap().content.text, "Apart. Word. Word.");
    assert_eq!(office.notes().private_timeline(&client).unwrap().len(), 1);
}

#[test]
fn notes_of_the_record_leave_alone_while_a_private_note_waits() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let private = typed(&mut office, &client, 2);
    let open = office.notes_mut().add_note(&client, &note("Said."), false, NOW).unwrap();
    assert!(office.notes_mut().flush_record().unwrap());
    assert!(!office.notes_mut().flush_record().unwrap());
    let waits = |vault: &Vault, id| vault.core.read().pending().contains(id);
    assert!(waits(&office, &private) && !waits(&office, &open) && office.notes().has_pending());
    assert!(office.notes_mut().flush().unwrap() && !office.notes().has_pending());
}

#[test]
fn drafts_lie_in_a_log_of_their_own_and_nothing_else_does() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = typed(&mut office, &client, 2);
    let open = office.notes_mut().add_note(&client, &note("Said."), false, NOW).unwrap();
    office.notes_mut().flush().unwrap();
    office.notes_mut().sign(&id, NOW).unwrap();
    office.notes_mut().sign(&open, NOW).unwrap();
    let kinds = |one| -> Vec<Kind> {
        let names = names_in(&office, one).into_iter();
        let items = names.filter_map(|name| office.core.read().ledger().items_of(&name).unwrap());
        items.flatten().filter(|item| item.document == id || item.document == open).map(|item| item.kind).collect()
    };
    // The drafts themselves went with their signatures: there is no other device.
    assert_eq!(kinds(OwnLog::Drafts), []);
    assert_eq!(kinds(OwnLog::Main), [Kind::Signed, Kind::Closed, Kind::Signed, Kind::Closed]);
    assert_eq!(names_in(&office, OwnLog::Drafts).len(), 1);
}

#[test]
fn what_waited_when_a_device_was_removed_leaves_under_the_epoch_that_this_one_does_not_know() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let mut lost = admitted(&mut office, "office", "Lost");
    meet(&mut office, &mut lost);
    let id = typed_by(&mut home, "Home", &client, 2);
    home.end_reauth();
    office.devices_mut().remove_device(&lost.device(), &passphrase("office"), NOW + 1).unwrap();
    office.end_reauth();
    super::carry(&office, &mut home);
    assert!(home.notes_mut().flush().unwrap());
    let name = *names_in(&home, OwnLog::Drafts).last().unwrap();
    let header = home.core.read().header(&name).unwrap().header;
    assert!(home.core.read().epoch(&header.epoch).is_some() && lost.core.read().epoch(&header.epoch).is_none());
    meet(&mut office, &mut home);
    office.reauthenticate(&passphrase("office"), NOW + 1).unwrap();
    assert_eq!(office.notes().note(&id).unwrap().content.text, "Apart. Word.");
}
