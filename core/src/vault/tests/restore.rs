//! What comes back from a backup: everything, one client or one note, into a new vault or one that went on.

use crate::vault::core::Transaction;
use std::fs;
use std::path::{Path, PathBuf};

use super::backup::{back_up, files, with_kit, written};
use super::{NOW, admitted, identity, meet, new, note, passphrase, second, store};
use crate::backup::BackupError;
use crate::entropy::Os;
use crate::kdf::Policy;
use crate::secret::{Key, RecoveryRole};
use crate::store::Table;
use crate::vault::{BackupFile, Only, Restored, RowError, Selection, Vault};

/// Makes a backup in this folder, in which there is none.
pub(super) fn backup_of(vault: &mut Vault, folder: &Path) -> PathBuf {
    back_up(vault, folder, NOW).unwrap();
    files(folder).remove(0)
}

pub(super) fn open(file: &Path, kit: &Key<RecoveryRole>) -> Result<BackupFile, BackupError> {
    BackupFile::open(file, kit.duplicate(), &|| false)
}

pub(super) fn restored(file: &BackupFile, only: Only) -> Result<(Vault, Restored), BackupError> {
    let pass = passphrase("restored");
    let scratch = std::env::temp_dir();
    let selection = Selection { only, scratch: &scratch };
    file.restore(store(), &new(&pass, "New laptop"), selection, Box::new(Os), &mut |_| {}, &|| false)
}

pub(super) fn merge(file: &BackupFile, vault: &mut Vault, only: Only) -> Result<Restored, BackupError> {
    file.merge_into(vault, Selection { only, scratch: &std::env::temp_dir() }, &mut |_| {}, &|| false)
}

fn attached(vault: &mut Vault, client: crate::id::ClientId, name: &str, mut bytes: &[u8]) -> crate::id::DocId {
    let new = crate::vault::NewFile { client, note: None, name, length: None };
    vault.files_mut().attach(&new, &mut bytes, NOW, &mut |_| {}, &|| false).unwrap()
}

fn content_of(vault: &Vault, file: &crate::id::DocId) -> Vec<u8> {
    let mut out = Vec::new();
    vault.files().extract(file, &mut out, &mut |_| {}, &|| false).unwrap();
    out
}

#[test]
fn a_lost_computer_comes_back_whole_as_a_new_device_with_its_private_notes_under_a_passphrase_of_its_own() {
    let (mut vault, kit) = with_kit();
    let (client, draft) = written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    let file = open(&backup_of(&mut vault, folder.path()), &kit).unwrap();
    let old = vault.device();
    drop(vault);
    let (mut vault, done) = restored(&file, Only::Everything).unwrap();
    assert_eq!((done.clients, done.notes), (1, 2));
    assert!(vault.device() != old && vault.devices().all().unwrap().len() == 2);
    assert_eq!(vault.notes().note(&draft).unwrap().content.text, "A draft about the exam.");
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    vault.notes_mut().save_note(&draft, &note("A draft about the exam, gone on with."), NOW).unwrap();
    // Private notes ask for the new passphrase.
    assert_eq!(vault.notes().private_timeline(&client).err(), Some(RowError::NeedsReauth.into()));
    let mut vault = vault.lock().unwrap().unlock(&passphrase("restored"), NOW).unwrap();
    vault.reauthenticate(&passphrase("restored"), NOW).unwrap();
    let private = vault.notes().private_timeline(&client).unwrap();
    assert_eq!(vault.notes().note(&private[0].id).unwrap().content.text, "countertransference");
    // It holds the authority: a further device joins, and gets the private notes too.
    let mut tablet = admitted(&mut vault, "restored", "Tablet");
    meet(&mut vault, &mut tablet);
    tablet.reauthenticate(&passphrase("Tablet"), NOW).unwrap();
    assert_eq!(tablet.notes().private_timeline(&client).unwrap().len(), 1);
    // And the kit opens the restored practice as it opened the old one.
    let strength = crate::kdf::Strength::CHEAP_FOR_TESTS;
    vault.lock().unwrap().recover(&kit, &passphrase("x"), strength, NOW).unwrap();
}

#[test]
fn a_restored_device_meets_the_one_that_went_on_and_both_have_everything_once() {
    let (mut office, kit) = with_kit();
    let (client, draft) = written(&mut office);
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let folder = tempfile::tempdir().unwrap();
    let file = open(&backup_of(&mut office, folder.path()), &kit).unwrap();
    // All three go on: the old computer, the other device, and what was restored.
    office.notes_mut().save_note(&draft, &note("A draft about the exam. From the old computer."), NOW).unwrap();
    home.notes_mut().add_note(&client, &note("Written at home since."), false, NOW).unwrap();
    home.clients_mut().add_client(&identity("Newcomer"), NOW).unwrap();
    let (mut again, _) = restored(&file, Only::Everything).unwrap();
    again.notes_mut().save_note(&draft, &note("A draft about the exam. From the new one."), NOW).unwrap();
    let added = again.notes_mut().add_note(&client, &note("Written after the loss."), false, NOW).unwrap();

    // The others do not know it yet, and know by the authority's word that it belongs to them.
    let (here, there) = ([1; 32], [2; 32]);
    let hello = again.devices_mut().hello(&here, &there, NOW).unwrap();
    assert_eq!(home.devices().greeted(&hello, &here, &there, NOW).map(|met| met.device), Some(again.device()));
    meet(&mut again, &mut home);
    meet(&mut office, &mut home);
    meet(&mut again, &mut home);
    meet(&mut again, &mut office);
    for vault in [&mut office, &mut home, &mut again] {
        let text = vault.notes().note(&draft).unwrap().content.text;
        assert!(text.contains("From the old computer.") && text.contains("From the new one."), "{text}");
        assert_eq!(vault.notes().note(&added).unwrap().content.text, "Written after the loss.");
        assert_eq!(vault.clients().all().count(), 2);
        assert_eq!(vault.notes().timeline(&client).unwrap().len(), 4);
        assert_eq!(vault.devices().all().unwrap().len(), 3);
        assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
        assert!(vault.take_notices().is_empty());
    }
}

#[test]
fn nobody_comes_in_with_a_voucher_that_the_authority_did_not_give() {
    let (mut office, kit) = with_kit();
    let folder = tempfile::tempdir().unwrap();
    let file = open(&backup_of(&mut office, folder.path()), &kit).unwrap();
    let (mut again, _) = restored(&file, Only::Everything).unwrap();
    let (here, there) = ([1; 32], [2; 32]);
    assert!(
        office.devices().greeted(&again.devices_mut().hello(&here, &there, NOW).unwrap(), &here, &there, NOW).is_some()
    );
    let signing = again.core.memory.roster.device(&again.device()).unwrap().signing;
    let other = crate::sign::Signer::new(&Key::<crate::secret::AuthorityRole>::random(&mut Os));
    again.devices_mut().keep_voucher(&other, &signing).unwrap();
    assert_eq!(
        office.devices().greeted(&again.devices_mut().hello(&here, &there, NOW).unwrap(), &here, &there, NOW),
        None
    );
    // The voucher of one device is none for another.
    let authority = crate::sign::Signer::new(&file.authority_for_tests());
    again
        .devices_mut()
        .keep_voucher(&authority, &office.core.memory.roster.device(&office.device()).unwrap().signing.clone())
        .unwrap();
    assert_eq!(
        office.devices().greeted(&again.devices_mut().hello(&here, &there, NOW).unwrap(), &here, &there, NOW),
        None
    );
}

#[test]
fn an_older_backup_takes_nothing_away_and_copies_nothing() {
    let (mut vault, kit) = with_kit();
    let (client, draft) = written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    let file = open(&backup_of(&mut vault, folder.path()), &kit).unwrap();
    vault.notes_mut().save_note(&draft, &note("A draft about the exam, and much more since."), NOW).unwrap();
    vault.notes_mut().add_note(&client, &note("Since then."), false, NOW).unwrap();
    vault.notes_mut().flush().unwrap();
    let before = vault.log().frontier().unwrap();
    let done = merge(&file, &mut vault, Only::Everything).unwrap();
    assert_eq!((done.envelopes, done.notes), (0, 3));
    assert!(vault.log().frontier().unwrap() == before, "nothing was written");
    assert_eq!(vault.notes().note(&draft).unwrap().content.text, "A draft about the exam, and much more since.");
}

#[test]
fn one_client_or_one_note_comes_back_into_the_practice_from_the_trash_or_alone_into_a_new_one() {
    let (mut vault, kit) = with_kit();
    let (client, draft) = written(&mut vault);
    let other = vault.clients_mut().add_client(&identity("Somebody else"), NOW).unwrap();
    let theirs = vault.notes_mut().add_note(&other, &note("Not asked for."), false, NOW).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = open(&backup_of(&mut vault, folder.path()), &kit).unwrap();
    vault.trash_mut().delete(&[draft], crate::vault::MassDelete::Confirmed, NOW).unwrap();
    assert_eq!(vault.notes().timeline(&client).unwrap().len(), 1);
    merge(&file, &mut vault, Only::Note(draft)).unwrap();
    assert_eq!(vault.notes().timeline(&client).unwrap().len(), 2);

    let (mut alone, done) = restored(&file, Only::Client(client)).unwrap();
    assert_eq!((done.clients, done.notes), (1, 2));
    assert!(alone.clients().client(&other).is_err() && alone.notes().note(&theirs).is_err());
    alone.reauthenticate(&passphrase("restored"), NOW).unwrap();
    assert_eq!(alone.notes().private_timeline(&client).unwrap().len(), 1);
    let (alone_note, done) = restored(&file, Only::Note(draft)).unwrap();
    assert_eq!((done.clients, done.notes), (1, 1));
    assert_eq!(alone_note.notes().note(&draft).unwrap().content.text, "A draft about the exam.");
    // The rest goes into the same vault later, and nothing is there twice.
    merge(&file, &mut alone, Only::Everything).unwrap();
    assert_eq!((alone.clients().all().count(), alone.notes().timeline(&client).unwrap().len()), (2, 2));
    assert_eq!(alone.notes().note(&theirs).unwrap().content.text, "Not asked for.");
    let nobody = crate::id::DocId([9; 16]);
    assert_eq!(restored(&file, Only::Client(nobody)).err(), Some(BackupError::NotInIt));
}

#[test]
fn an_attached_file_is_in_the_backup_in_its_pieces_and_comes_back_whole() {
    let (mut vault, kit) = with_kit();
    let (client, _) = written(&mut vault);
    let content: Vec<u8> = (0..3_000_000_u32).map(|at| at.to_le_bytes()[at as usize % 3]).collect();
    let file = attached(&mut vault, client, "letter.pdf", &content);
    attached(&mut vault, client, "small.txt", b"a few words");
    let folder = tempfile::tempdir().unwrap();
    let path = backup_of(&mut vault, folder.path());
    assert!(vault.backups().last_backup().unwrap().unwrap().counts.pieces >= 4);
    let backup = open(&path, &kit).unwrap();
    for only in [Only::Everything, Only::Client(client)] {
        let (restored, _) = restored(&backup, only).unwrap();
        assert_eq!(restored.files().of_client(&client).unwrap().len(), 2);
        assert_eq!(content_of(&restored, &file), content);
        assert_eq!(restored.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
    // One that lost a piece gets it back.
    vault.files_mut().forget_pieces(&file).unwrap();
    merge(&backup, &mut vault, Only::Everything).unwrap();
    assert_eq!(content_of(&vault, &file), content);
}

/// Takes rows away behind the vault's back.
fn lose(vault: &mut Vault, table: Table, names: &[crate::id::Hash]) {
    let mut changes = crate::rows::Changes::default();
    names.iter().for_each(|name| changes.remove(table, &name.0));
    vault.core.write(Transaction { changes, ..Transaction::default() }).unwrap();
    *vault.core.caches.body.borrow_mut() = None;
}

#[test]
fn what_damage_took_comes_back_from_a_backup_and_nothing_of_another_practice_does() {
    let (mut vault, kit) = with_kit();
    let (client, draft) = written(&mut vault);
    let content = vec![0x5A; 3 * crate::blob::PIECE];
    let file = attached(&mut vault, client, "scan.pdf", &content);
    let folder = tempfile::tempdir().unwrap();
    let backup = open(&backup_of(&mut vault, folder.path()), &kit).unwrap();
    let end = vault.log().log_ends().unwrap().into_iter().find(|end| end.log == vault.core.memory.logs.main).unwrap();
    let mut names = vault.log().branch_names(&end.log, 0, &end.head).unwrap();
    names.retain(|name| vault.log().has_body(name).unwrap());
    // A body, a header with its body, and two pieces.
    lose(&mut vault, Table::Bodies, &names[1..3]);
    lose(&mut vault, Table::Headers, &names[2..3]);
    let blob = *vault.core.read().blobs().blobs().unwrap().first().unwrap();
    let pieces: Vec<crate::id::Hash> =
        vault.core.read().blobs().pieces_of(&blob).unwrap().into_iter().map(|(_, hash)| hash).collect();
    lose(&mut vault, Table::Pieces, &pieces[..2]);
    assert!(!vault.integrity().verify(&mut |_, _| {}).unwrap().damaged.is_empty());
    let repaired = vault.integrity_mut().repair(&mut |_, _| {}).unwrap();
    assert_eq!((repaired.headers_lacking, repaired.bodies_lacking, repaired.pieces_lacking), (1, 2, 2), "{repaired:?}");
    assert_eq!(vault.files().wanted_pieces(10, &|_| false).unwrap().len(), 2, "another device is asked for them");
    let (mut other, other_kit) = with_kit();
    let foreign = open(&backup_of(&mut other, tempfile::tempdir().unwrap().path()), &other_kit);
    assert_eq!(merge(&foreign.unwrap(), &mut vault, Only::Everything).err(), Some(BackupError::OtherPractice));
    let back = merge(&backup, &mut vault, Only::Everything).unwrap();
    assert_eq!((back.envelopes, back.pieces), (2, 2));
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    assert_eq!(content_of(&vault, &file), content);
    assert_eq!(vault.notes().note(&draft).unwrap().content.text, "A draft about the exam.");
}

#[test]
fn the_index_is_made_again_with_drafts_and_files_and_what_is_here_is_not_asked_for() {
    let (mut vault, _) = with_kit();
    let (client, draft) = written(&mut vault);
    assert!(vault.notes().has_pending(), "words that no envelope holds yet");
    let content = vec![0x5A; 2 * crate::blob::PIECE];
    let file = attached(&mut vault, client, "scan.pdf", &content);
    let mut keys = Vec::new();
    let each = &mut |key: &crate::store::RowKey, _: &[u8]| {
        keys.push(*key);
        std::ops::ControlFlow::Continue(())
    };
    vault.core.rows.store().scan(Table::Index, each).unwrap();
    let mut batch = crate::store::Batch::new();
    for key in keys {
        batch.remove(Table::Index, key);
    }
    vault.core.rows.store().commit(batch).unwrap();
    assert_eq!(vault.integrity_mut().repair(&mut |_, _| {}).unwrap().pieces_lacking, 0);
    assert_eq!(vault.files().wanted_pieces(10, &|_| false).unwrap(), []);
    assert_eq!(content_of(&vault, &file), content);
    let found = vault.integrity().verify(&mut |_, _| {}).unwrap();
    assert_eq!((found.damaged, found.files, found.pieces), (vec![], 1, 2));
    assert_eq!(vault.notes().note(&draft).unwrap().content.text, "A draft about the exam.");
    vault.notes_mut().flush().unwrap();
    assert!(!vault.notes().has_pending());
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn a_cut_flipped_or_foreign_backup_is_refused_with_its_sentence_and_nothing_is_written() {
    let (mut vault, kit) = with_kit();
    written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    let file = backup_of(&mut vault, folder.path());
    let good = fs::read(&file).unwrap();
    let bad = folder.path().join("bad.age");
    for part in 0..40 {
        let at = good.len() * part / 40;
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        fs::write(&bad, &flipped).unwrap();
        let refused = open(&bad, &kit).err();
        assert!(refused.is_some(), "byte {at}");
        fs::write(&bad, &good[..at]).unwrap();
        assert!(open(&bad, &kit).is_err(), "cut at {at}");
    }
    fs::write(&bad, &good[..good.len() - 1]).unwrap();
    assert!(matches!(open(&bad, &kit).err(), Some(BackupError::CutShort | BackupError::Damaged)));
    fs::write(&bad, b"something else").unwrap();
    assert_eq!(open(&bad, &kit).err(), Some(BackupError::NotABackup));
    let (mut other, other_kit) = with_kit();
    assert_eq!(open(&file, &other_kit).err(), Some(BackupError::WrongKit));
    let before = other.log().frontier().unwrap();
    let whole = open(&file, &kit).unwrap();
    assert_eq!(merge(&whole, &mut other, Only::Everything).err(), Some(BackupError::OtherPractice));
    assert!(other.log().frontier().unwrap() == before);
    assert_eq!(whole.look(folder.path(), Policy::Tests, &mut |_| {}, &|| false).unwrap().clients().all().count(), 1);
}

#[test]
fn a_backup_in_whose_place_another_lies_since_it_was_read_is_not_taken_for_it() {
    let (mut vault, kit) = with_kit();
    written(&mut vault);
    let [first, second] = [(), ()].map(|()| tempfile::tempdir().unwrap());
    let path = backup_of(&mut vault, first.path());
    let read = open(&path, &kit).unwrap();
    assert!(restored(&read, Only::Everything).is_ok(), "as it was read");
    vault.clients_mut().add_client(&identity("Written later"), NOW).unwrap();
    fs::copy(backup_of(&mut vault, second.path()), &path).unwrap();
    assert!(matches!(restored(&read, Only::Everything), Err(BackupError::Damaged)));
    assert!(restored(&open(&path, &kit).unwrap(), Only::Everything).is_ok(), "what lies there now is whole");
}

#[test]
fn a_backup_of_a_newer_or_early_form_is_called_that() {
    use crate::archive::ArchiveWriter;
    use crate::backup::gzip::GzipWriter;

    let (vault, kit) = with_kit();
    let folder = tempfile::tempdir().unwrap();
    let public = vault.core.memory.roster.recovery_keys().first().unwrap().clone();
    for (about, refused) in [
        (r#"{"kind":"subrosa backup","format":3,"shape":"unknown"}"#, BackupError::Newer),
        (r#"{"kind":"subrosa backup","format":1,"shape":"another"}"#, BackupError::Older),
        (r#"{"kind":"something","format":1}"#, BackupError::NotABackup),
        (r#"{"kind":"subrosa backup","format":2}"#, BackupError::Damaged),
    ] {
        let path = folder.path().join("newer.age");
        let (sealed, _) = crate::backup::sealed::seal(&public, fs::File::create(&path).unwrap(), &mut Os).unwrap();
        let mut archive = ArchiveWriter::new(GzipWriter::new(sealed).unwrap());
        archive.file("about.json", about.as_bytes()).unwrap();
        archive.finish().unwrap().finish().unwrap().finish().unwrap();
        assert_eq!(open(&path, &kit).err(), Some(refused));
    }
}

#[test]
fn a_copy_put_back_together_with_its_anchor_is_noticed_by_the_other_device_and_nothing_is_lost() {
    let (mut office, _) = with_kit();
    let (client, draft) = written(&mut office);
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    // The copy: what another device holds of this one's log is ahead of what the copy holds itself.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice");
    let pass = passphrase("desk");
    let desk_new = crate::vault::NewVault { path: Some(path.clone()), ..new(&pass, "Desk") };
    let joining = crate::vault::JoiningDevice::new(&desk_new, &mut Os);
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let welcome = office.devices_mut().admit(&joining.introduction(), usize::MAX, NOW).unwrap();
    let on_disk = Box::new(crate::store::RedbStore::create(&path).unwrap());
    let mut desk = joining.join(&welcome, on_disk, &desk_new, Box::new(Os)).unwrap();
    meet(&mut office, &mut desk);
    meet(&mut office, &mut home);
    drop(desk.lock().unwrap());
    let anchor = folder.path().join("practice.anchor");
    let (old, old_anchor) = (fs::read(&path).unwrap(), fs::read(&anchor).unwrap());
    let open = || {
        let store = Box::new(crate::store::RedbStore::open(&path).unwrap());
        let locked = crate::vault::LockedVault::open(store, Some(path.clone()), Policy::Tests, Box::new(Os)).unwrap();
        locked.unlock(&pass, NOW).unwrap()
    };
    let mut desk = open();
    desk.notes_mut().add_note(&client, &note("Before the copy was put back."), false, NOW).unwrap();
    meet(&mut desk, &mut home);
    drop(desk.lock().unwrap());

    // Both put back: this device cannot know, goes on in its log, and the other notices.
    fs::write(&path, &old).unwrap();
    fs::write(&anchor, &old_anchor).unwrap();
    let mut desk = open();
    assert_eq!(desk.take_notices(), []);
    desk.notes_mut().add_note(&client, &note("After the copy was put back."), false, NOW).unwrap();
    desk.notes_mut().save_note(&draft, &note("A draft about the exam, from the desk."), NOW).unwrap();
    meet(&mut desk, &mut home);
    assert!(desk.take_notices().contains(&crate::vault::Notice::Copied));
    for vault in [&desk, &home] {
        let texts: Vec<String> =
            vault.notes().timeline(&client).unwrap().iter().map(|row| row.snippet.clone()).collect();
        assert!(
            texts.iter().any(|text| text.starts_with("Before")) && texts.iter().any(|text| text.starts_with("After"))
        );
        assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
    drop(desk.lock().unwrap());

    // The file alone put back: noticed at once, and it goes on in a log of its own.
    fs::write(&path, &old).unwrap();
    let mut desk = open();
    assert_eq!(desk.take_notices(), [crate::vault::Notice::RolledBack]);
    desk.notes_mut().add_note(&client, &note("On a log of its own."), false, NOW).unwrap();
    desk.notes_mut().save_note(&draft, &note("A draft about the exam, from the desk again."), NOW).unwrap();
    meet(&mut desk, &mut home);
    assert_eq!(desk.take_notices(), [], "nothing of its new log was there before");
    assert_eq!(desk.notes().timeline(&client).unwrap().len(), 5);
    assert_eq!(home.notes().timeline(&client).unwrap().len(), 5);
    assert_eq!(home.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn what_was_moved_comes_back_alone_with_what_was_written_before_and_after() {
    let (mut vault, kit) = with_kit();
    let (from, _) = written(&mut vault);
    let to = vault.clients_mut().add_client(&identity("Bertil"), NOW).unwrap();
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    let ids = [false, true].map(|private| {
        let id = vault.notes_mut().add_note(&from, &note("Begun there."), private, NOW).unwrap();
        vault.notes_mut().move_note(&id, &to, "", NOW).unwrap();
        vault.notes_mut().save_note(&id, &note("Begun there, and gone on with here."), NOW).unwrap();
        id
    });
    let folder = tempfile::tempdir().unwrap();
    let file = open(&backup_of(&mut vault, folder.path()), &kit).unwrap();
    for only in [Only::Client(to), Only::Note(ids[0]), Only::Note(ids[1])] {
        let (mut alone, _) = restored(&file, only).unwrap();
        alone.reauthenticate(&passphrase("restored"), NOW).unwrap();
        for id in ids.into_iter().filter(|id| only == Only::Client(to) || only == Only::Note(*id)) {
            let view = alone.notes().note(&id).unwrap();
            assert_eq!((view.client, view.content.text.as_str()), (to, "Begun there, and gone on with here."));
        }
    }
}
