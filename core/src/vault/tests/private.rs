//! Process notes and the second box that closes by itself.

use super::{CARDS_READ, NOW, identity, note, passphrase, practice, referral};
use crate::catalog::Catalogued;
use crate::export::ProcessNotes;
use crate::id::{ClientId, NoteId};
use crate::rows::Stored;
use crate::store::Table;
use crate::vault::{MassDelete, REAUTH_FOR, RowError, TrashError, Vault};

#[test]
fn a_private_note_that_is_being_written_is_saved_however_long_that_takes_and_closes_after_a_pause() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let id = vault.notes_mut().add_note(&client, &note("apart"), true, NOW).unwrap();
    let mut now = NOW;
    for number in 0..4 {
        now += REAUTH_FOR - 1;
        vault.expire_reauth(now);
        assert!(vault.notes_mut().save_note(&id, &note(&format!("apart {number}")), now).unwrap());
    }
    assert_eq!(vault.notes().note(&id).unwrap().content.text, "apart 3");
    now += REAUTH_FOR;
    assert_eq!(vault.notes_mut().save_note(&id, &note("too late"), now), Err(RowError::NeedsReauth.into()));
    assert_eq!(vault.notes().note(&id).unwrap_err(), RowError::NeedsReauth.into());
    vault.reauthenticate(&passphrase("office"), now).unwrap();
    assert_eq!(vault.notes().note(&id).unwrap().content.text, "apart 3");
}

/// A sentence that stands in private notes and nowhere else.
const APART: &str = "quetzal marmalade";

/// Everything that a row holds, opened as the local key opens it.
fn rows_with(vault: &Vault, sentence: &str) -> Vec<Table> {
    let mut found = Vec::new();
    for table in [Table::Index, Table::Catalog, Table::Pending, Table::Keys, Table::Misc] {
        vault
            .core
            .rows
            .scan(table, &mut |row| {
                let (_, row) = row.unwrap();
                let inflated = Catalogued::<serde_json::Value>::of_row(row).map(|json| json.0.to_string());
                let all = [row, inflated.unwrap_or_default().as_bytes()].concat();
                if all.windows(sentence.len()).any(|part| part == sentence.as_bytes()) {
                    found.push(table);
                }
            })
            .unwrap();
    }
    found
}

/// A client with a note of the record and private notes in every state.
fn with_private_notes() -> (Vault, ClientId, Vec<NoteId>) {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let other = vault.clients_mut().add_client(&identity("Bertil"), NOW).unwrap();
    vault.notes_mut().add_note(&client, &note("Of the record."), false, NOW).unwrap();
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(vault.notes_mut().add_note(&client, &note(&format!("{APART} {number}")), true, NOW).unwrap());
    }
    vault.notes_mut().save_note(&ids[0], &note(&format!("{APART} changed")), NOW).unwrap();
    vault.notes_mut().sign(&ids[1], NOW).unwrap();
    vault.notes_mut().add_addendum(&ids[1], note(&format!("{APART} added")), NOW).unwrap();
    let shown = vault.notes().sign_preview(&ids[2]).unwrap();
    vault.notes_mut().sign_later(&shown, NOW).unwrap();
    vault.trash_mut().delete(&ids[3..4], MassDelete::Refuse, NOW).unwrap();
    vault.notes_mut().move_note(&ids[4], &other, "", NOW).unwrap();
    (vault, client, ids)
}

#[test]
fn no_row_that_the_local_key_opens_holds_a_word_of_a_private_note() {
    let (vault, ..) = with_private_notes();
    assert_eq!(rows_with(&vault, APART), []);
    assert!(rows_with(&vault, "Of the record.").contains(&Table::Catalog), "the search finds what is there");
}

#[test]
fn private_notes_are_in_nothing_that_does_not_ask_for_them_by_name_however_recently_the_passphrase_was_given() {
    let (mut vault, client, ids) = with_private_notes();
    let mut theirs = practice();
    let to = vault
        .exchange_mut()
        .add_colleague(
            theirs.exchange().card("Dr Virta", jiff::civil::date(2026, 11, 22)).unwrap().as_bytes(),
            CARDS_READ,
        )
        .unwrap();
    for again in [true, false] {
        if !again {
            vault.end_reauth();
        }
        assert_eq!(
            (vault.clients().client(&client).unwrap().notes, vault.clients().client(&client).unwrap().unsigned),
            (1, 1)
        );
        assert_eq!(vault.clients().all().map(|row| row.notes).sum::<u32>(), 1);
        assert!(vault.notes().timeline(&client).unwrap().iter().all(|row| !ids.contains(&row.id)));
        assert_eq!(vault.notes().unsigned().unwrap().len(), 1);
        assert_eq!(vault.notes().search("marmalade", 10, &|| false).unwrap(), []);
        assert_eq!(vault.trash().all(NOW), []);
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let written = vault.exchange().export(&out, None, ProcessNotes::LeaveOut, &mut |_| {}, &|| false).unwrap();
        assert_eq!((written.notes, written.signed, out.join("process").exists()), (1, 0, false));
        let exported = vault.exchange().exported(&client, ProcessNotes::LeaveOut).unwrap();
        assert!(exported.notes.iter().all(|note| !note.process));
        let share = referral(client, to);
        let sealed = vault.exchange_mut().seal_record(&share, "Dr Rosa").unwrap();
        theirs
            .exchange_mut()
            .add_colleague(
                vault.exchange().card("Dr Rosa", jiff::civil::date(2026, 11, 22)).unwrap().as_bytes(),
                CARDS_READ,
            )
            .unwrap();
        let opened = theirs.exchange().open_record(&sealed.file).unwrap();
        assert!(!opened.files.iter().any(|file| file.bytes.windows(APART.len()).any(|part| part == APART.as_bytes())));
        let quiet = vault.integrity().verify_quietly(&mut |_, _| {}).unwrap();
        assert!(quiet.items_private > 0 && quiet.damaged.is_empty(), "their seals are checked, and no more");
    }
    // Asked for by name, and not again: refused.
    let by_name = ProcessNotes::Include;
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(vault.exchange().exported(&client, by_name).err(), Some(RowError::NeedsReauth.into()));
    assert!(vault.exchange().export(&folder.path().join("out"), None, by_name, &mut |_| {}, &|| false).is_err());
    assert_eq!(vault.notes().private_timeline(&client).err(), Some(RowError::NeedsReauth.into()));
    assert_eq!(vault.trash().private_trash(NOW).err(), Some(RowError::NeedsReauth.into()));
    for id in &ids {
        assert_eq!(vault.notes().note(id).err(), Some(RowError::NeedsReauth.into()));
        assert_eq!(vault.notes().history(id).err(), Some(RowError::NeedsReauth.into()));
        assert_eq!(vault.notes().sign_preview(id).err(), Some(RowError::NeedsReauth.into()));
        let refused = if *id == ids[2] { TrashError::BeingSigned } else { RowError::NeedsReauth.into() };
        assert_eq!(vault.trash_mut().delete(&[*id], MassDelete::Refuse, NOW).err(), Some(refused));
        assert_eq!(vault.notes_mut().add_addendum(id, note("x"), NOW).err(), Some(RowError::NeedsReauth.into()));
    }
    assert_eq!(vault.trash_mut().undelete(&ids[3]).err(), Some(RowError::NeedsReauth.into()));
    assert_eq!(vault.notes_mut().move_note(&ids[0], &client, "", NOW).err(), Some(RowError::NeedsReauth.into()));
    // And when the passphrase was given, all of it is there.
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().items_private, 0);
    assert!(vault.integrity().verify_quietly(&mut |_, _| {}).unwrap().items_private > 0);
    assert_eq!(
        vault.exchange().exported(&client, by_name).unwrap().notes.iter().filter(|note| note.process).count(),
        4
    );
    assert_eq!(vault.trash().private_trash(NOW).unwrap()[0].id, ids[3]);
    vault.expire_reauth(NOW + REAUTH_FOR);
    assert_eq!(vault.notes().private_timeline(&client).err(), Some(RowError::NeedsReauth.into()));
}

#[test]
fn a_signed_private_note_whose_draft_was_let_go_lies_in_the_trash_and_comes_back_like_any_other() {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let id = vault.notes_mut().add_note(&client, &note("What nobody reads."), true, NOW).unwrap();
    vault.notes_mut().sign(&id, NOW).unwrap();
    assert_eq!(super::pruning::drafts_of(&vault, &id), 0);
    vault.trash_mut().delete(&[id], MassDelete::Refuse, NOW).unwrap();
    assert!(vault.notes().private_timeline(&client).unwrap().is_empty());
    let rows = vault.trash().private_trash(NOW).unwrap();
    assert_eq!(rows.iter().map(|row| (row.id, row.client)).collect::<Vec<_>>(), [(id, client)]);
    vault.trash_mut().undelete(&id).unwrap();
    assert_eq!(vault.notes().note(&id).unwrap().content.text, "What nobody reads.");
    assert!(vault.trash().private_trash(NOW).unwrap().is_empty());
}

/// What is listed of a client's private notes, from what is remembered and as it is read anew.
fn listed(vault: &Vault, client: &ClientId) -> Vec<(NoteId, String, Option<u64>)> {
    let list = || -> Vec<_> {
        let rows = vault.notes().private_timeline(client).unwrap().into_iter();
        rows.map(|row| (row.id, row.snippet, row.signed_at)).collect()
    };
    let remembered = list();
    vault.core.caches.private.borrow_mut().clear();
    assert_eq!(remembered, list());
    remembered
}

#[test]
fn what_is_remembered_of_private_notes_follows_whatever_happens_to_them() {
    let mut office = practice();
    let clients = ["Aino", "Björn"].map(|name| office.clients_mut().add_client(&identity(name), NOW).unwrap());
    let mut home = super::second(&mut office, "Home");
    super::meet(&mut office, &mut home);
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    let both = |office: &Vault| clients.map(|client| listed(office, &client).len());
    assert_eq!(both(&office), [0, 0]);
    let ids = [0, 0, 1].map(|of| office.notes_mut().add_note(&clients[of], &note("Apart."), true, NOW).unwrap());
    assert_eq!(both(&office), [2, 1]);
    office.notes_mut().save_note(&ids[0], &note("Rewritten."), NOW).unwrap();
    assert!(listed(&office, &clients[0]).iter().any(|(_, snippet, _)| snippet == "Rewritten."));
    office.notes_mut().sign(&ids[1], NOW).unwrap();
    assert!(listed(&office, &clients[0]).iter().any(|(_, _, signed)| signed.is_some()));
    office.notes_mut().move_note(&ids[0], &clients[1], "", NOW).unwrap();
    assert_eq!(both(&office), [1, 2]);
    office.trash_mut().delete(&[ids[2]], MassDelete::Refuse, NOW).unwrap();
    assert_eq!(both(&office), [1, 1]);
    office.trash_mut().undelete(&ids[2]).unwrap();
    assert_eq!(both(&office), [1, 2]);
    // What another device writes, and what it writes in.
    super::meet(&mut office, &mut home);
    home.notes_mut().add_note(&clients[0], &note("From home."), true, NOW).unwrap();
    home.notes_mut().save_note(&ids[2], &note("Apart, from home."), NOW).unwrap();
    home.notes_mut().flush().unwrap();
    super::meet(&mut office, &mut home);
    assert_eq!(both(&office), [2, 2]);
    assert!(listed(&office, &clients[1]).iter().any(|(_, snippet, _)| snippet == "Apart, from home."));
    // Two records that are made one, and two again.
    office.clients_mut().merge_clients(&clients[1], &clients[0], NOW).unwrap();
    assert_eq!(listed(&office, &clients[0]).len(), 4);
    office.clients_mut().unmerge_client(&clients[1], NOW).unwrap();
    assert_eq!(both(&office), [2, 2]);
    let mut lost = super::admitted(&mut office, "office", "Lost");
    super::meet(&mut office, &mut lost);
    office.devices_mut().remove_device(&lost.device(), &passphrase("office"), NOW + 1).unwrap();
    assert_eq!(both(&office), [2, 2]);
    // Nothing is remembered once they are closed.
    office.end_reauth();
    assert!(office.core.caches.private.borrow().is_empty());
}
