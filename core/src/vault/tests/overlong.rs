//! Words that a note cannot hold, and a note whose document takes no more.

use super::{NOW, identity, meet, note, passphrase, practice, second};
use crate::backup::Target;
use crate::document::{MAX_TEXT, NotWritten};
use crate::id::{ClientId, NoteId};
use crate::record::NoteContent;
use crate::vault::{CONTINUES, MassDelete, NoteError, Overlong, ReadError, RowError, Vault};

/// Paragraphs of so many bytes.
fn chapter(bytes: usize) -> String {
    let paragraphs = (0..).flat_map(|at| format!("{at}: she spoke of the dog.\nShe slept.\n\n").into_bytes());
    paragraphs.take(bytes).map(char::from).collect()
}

/// A note, and what an editor shows of it that is longer than a note can be.
fn with_overlong(vault: &mut Vault, private: bool, bytes: usize) -> (ClientId, NoteId, Overlong) {
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = vault.notes_mut().add_note(&client, &note("Slept."), private, NOW).unwrap();
    let kept = Overlong { content: note(&chapter(bytes)), base: vault.notes().note(&id).unwrap().version };
    let saved = vault.notes_mut().save_note_from(&id, &kept.base, &kept.content, NOW);
    assert_eq!(saved, Err(NoteError::NotWritten(NotWritten::TooLong)));
    vault.notes_mut().keep_overlong(&id, &kept, NOW).unwrap();
    (client, id, kept)
}

fn again(vault: Vault) -> Vault {
    vault.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap()
}

#[test]
fn what_a_note_cannot_hold_is_on_the_disk_until_less_is_saved_and_is_not_signed_by_half() {
    let mut vault = practice();
    let (_, id, kept) = with_overlong(&mut vault, false, 5 * MAX_TEXT);
    let mut vault = again(vault);
    assert_eq!(vault.notes().overlong_notes().unwrap().into_iter().collect::<Vec<_>>(), [id]);
    assert_eq!(vault.notes().overlong(&id).unwrap().as_ref(), Some(&kept));
    assert_eq!(vault.notes().note(&id).unwrap().content.text, "Slept.", "the note is as it was");
    assert_eq!(vault.notes().sign_preview(&id), Err(NoteError::Overlong));
    assert_eq!(vault.notes_mut().sign(&id, NOW), Err(NoteError::Overlong));
    // Again, with one letter less: in place of what was kept.
    let mut less = kept.clone();
    less.content.text.pop();
    vault.notes_mut().keep_overlong(&id, &less, NOW).unwrap();
    assert_eq!(vault.notes().overlong(&id).unwrap(), Some(less));
    // Back to what the note says already: nothing to save, and nothing kept.
    vault.notes_mut().save_note_from(&id, &kept.base, &note("Slept."), NOW).unwrap();
    assert_eq!(vault.notes().overlong(&id).unwrap(), None);
    vault.notes_mut().keep_overlong(&id, &kept, NOW).unwrap();
    vault.notes_mut().save_note_from(&id, &kept.base, &note("Slept well."), NOW).unwrap();
    assert!(vault.notes().overlong(&id).unwrap().is_none() && vault.notes().overlong_notes().unwrap().is_empty());
    vault.notes_mut().sign(&id, NOW).unwrap();
    let verified = vault.integrity().verify(&mut |_, _| {}).unwrap();
    assert!(verified.damaged.is_empty() && verified.signatures == 1);
}

#[test]
fn what_a_private_note_cannot_hold_asks_for_the_passphrase_as_the_note_does() {
    let mut vault = practice();
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let (_, id, kept) = with_overlong(&mut vault, true, MAX_TEXT + 1);
    vault.end_reauth();
    assert_eq!(vault.notes().overlong(&id), Err(ReadError::Row(RowError::NeedsReauth)));
    assert_eq!(vault.notes_mut().keep_overlong(&id, &kept, NOW), Err(RowError::NeedsReauth.into()));
    let mut vault = again(vault);
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    assert_eq!(vault.notes().overlong(&id).unwrap(), Some(kept));
}

#[test]
fn what_was_kept_opens_after_all_keys_were_made_new() {
    for private in [false, true] {
        let mut vault = practice();
        vault.reauthenticate(&passphrase("office"), NOW).unwrap();
        let (_, id, kept) = with_overlong(&mut vault, private, MAX_TEXT + 1);
        let before = vault.device();
        super::new_keys::renew(&mut vault, "office").unwrap();
        assert_ne!(vault.device(), before);
        vault.reauthenticate(&passphrase("office"), NOW).unwrap();
        assert!(vault.notes().overlong(&id) == Ok(Some(kept)), "private: {private}");
    }
}

#[test]
fn what_was_kept_is_split_into_notes_that_say_all_of_it_once() {
    for private in [false, true] {
        let mut vault = practice();
        vault.reauthenticate(&passphrase("office"), NOW).unwrap();
        let (client, id, kept) = with_overlong(&mut vault, private, 2 * MAX_TEXT + 1_000);
        assert_eq!(vault.notes_mut().split_overlong(&id, NOW), Ok(2));
        assert_eq!(vault.notes_mut().split_overlong(&id, NOW), Ok(0), "there is nothing left to split");
        let notes = vault.notes();
        let rows = if private { notes.private_timeline(&client) } else { notes.timeline(&client) };
        let text = |of: &NoteId| vault.notes().note(of).unwrap().content.text;
        let mut texts: Vec<String> = rows.unwrap().iter().map(|row| text(&row.id)).collect();
        let number = |text: &String| text.split(':').next().and_then(|number| number.parse::<u32>().ok());
        texts.sort_by_key(number);
        assert_eq!((texts.len(), &texts[0]), (3, &text(&id)), "private: {private}");
        assert!(texts.concat() == kept.content.text && texts[..2].iter().all(|text| text.ends_with("\n\n")));
    }
}

#[test]
fn what_was_kept_of_a_note_that_another_device_signed_becomes_notes_beside_it() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let (client, id, _) = with_overlong(&mut office, false, MAX_TEXT + 10);
    meet(&mut office, &mut home);
    home.notes_mut().sign(&id, NOW).unwrap();
    meet(&mut office, &mut home);
    assert!(office.notes().overlong(&id).unwrap().is_some());
    assert_eq!(office.notes_mut().split_overlong(&id, NOW), Ok(2));
    assert_eq!(office.notes().note(&id).unwrap().content.text, "Slept.");
    assert_eq!(office.notes().timeline(&client).unwrap().len(), 3);
    assert!(office.notes().overlong_notes().unwrap().is_empty());
}

#[test]
fn a_backup_says_of_how_many_notes_the_last_words_are_not_in_it() {
    let mut vault = practice();
    let (_, id, _) = with_overlong(&mut vault, false, MAX_TEXT + 1);
    let folder = tempfile::tempdir().unwrap();
    let unsent = |vault: &mut Vault, now| {
        let made = vault.backups_mut().back_up(&Target::of(folder.path()), true, now, &mut |_| {}, &|| false);
        made.unwrap().counts.unsent
    };
    assert_eq!(unsent(&mut vault, NOW), 1);
    vault.notes_mut().drop_overlong(&id).unwrap();
    assert_eq!(unsent(&mut vault, NOW + 1_000), 0);
}

#[test]
fn a_note_that_was_rewritten_until_its_document_was_full_goes_on_in_a_new_one() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let first = NoteContent { session: Some(7), ..note("Slept.") };
    let id = office.notes_mut().add_note(&client, &first, false, NOW).unwrap();
    let mut texts = ["a", "b"].map(|letter| letter.repeat(MAX_TEXT)).into_iter().cycle();
    let (refused, error) = texts
        .find_map(|text| {
            let content = NoteContent { text, ..first.clone() };
            office.notes_mut().save_note(&id, &content, NOW).err().map(|error| (content, error))
        })
        .unwrap();
    assert_eq!(error, NoteError::NotWritten(NotWritten::Full));
    meet(&mut office, &mut home);
    let new = office.notes_mut().begin_anew(&id, &refused, NOW).unwrap();
    let view = office.notes().note(&new).unwrap();
    assert!(view.content.text == refused.text && view.content.session == Some(7));
    assert_eq!(view.content.other[CONTINUES], id.to_string());
    assert_eq!(office.notes().timeline(&client).unwrap().len(), 1);
    let trash = |vault: &Vault| vault.trash().shown(NOW).into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(trash(&office), [id], "with its versions");
    office.notes_mut().save_note(&new, &note("And on."), NOW).unwrap();
    // What another device writes there meanwhile is not lost: the note is back.
    let shorter = note(&refused.text[..10]);
    home.notes_mut().save_note(&id, &shorter, NOW).unwrap();
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().timeline(&client).unwrap().len(), 2);
        assert_eq!(vault.notes().note(&id).unwrap().content.text, shorter.text);
        assert!(trash(vault).is_empty());
    }
    office.trash_mut().delete(&[id], MassDelete::Refuse, NOW).unwrap();
    office.notes_mut().sign(&new, NOW).unwrap();
    assert_eq!(office.notes_mut().begin_anew(&new, &refused, NOW), Err(NoteError::Signed));
}
