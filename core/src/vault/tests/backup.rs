//! Backups: written, proven, named; and what is found wrong with one is found before it counts.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

mod private;

use super::{NOW, identity, meet, new, note, passphrase, second, store};
use crate::archive::{ArchiveReader, ArchiveWriter};
use crate::backup::{
    BackupError, BackupManifest, BackupSettings, Every, MANIFEST, NextBackup, SIGNATURE, Target, sealed,
};
use crate::entropy::Os;
use crate::id::{ClientId, NoteId};
use crate::secret::{Key, RecoveryRole};
use crate::vault::backup::contents::{Contents, LOGS, read_rest};
use crate::vault::{Created, Only, Step, Vault, Writing};
use crate::{labels, strict_json};

const DAY: u64 = 24 * 3_600 * 1_000;

pub(super) fn with_kit() -> (Vault, Key<RecoveryRole>) {
    let Created { vault, kit } = Vault::create(store(), &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap();
    (vault, kit)
}

/// A client with a signed note, a draft that has not left yet, and a process note.
pub(super) fn written(vault: &mut Vault) -> (ClientId, NoteId) {
    let client = vault.clients_mut().add_client(&identity("Aino Mäkinen"), NOW).unwrap();
    let signed = vault.notes_mut().add_note(&client, &note("She slept through four nights."), false, NOW).unwrap();
    vault.notes_mut().sign(&signed, NOW).unwrap();
    let draft = vault.notes_mut().add_note(&client, &note(""), false, NOW).unwrap();
    vault.notes_mut().save_note(&draft, &note("A draft about the exam."), NOW).unwrap();
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    vault.notes_mut().add_note(&client, &note("countertransference"), true, NOW).unwrap();
    vault.end_reauth();
    (client, draft)
}

pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

pub(super) fn back_up(vault: &mut Vault, folder: &Path, now: u64) -> Result<(), BackupError> {
    vault.backups_mut().back_up(&Target::of(folder), true, now, &mut |_| {}, &|| false).map(drop)
}

fn finish(vault: &mut Vault, mut writing: Writing) -> Writing {
    while writing.step(vault).unwrap() != Step::Written {}
    writing
}

/// Everything in a backup, as stock age and tar show it.
fn unpacked(file: &Path, kit: &Key<RecoveryRole>) -> Vec<(String, Vec<u8>)> {
    let opened = sealed::open_with_kit(fs::File::open(file).unwrap(), kit).unwrap();
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(opened));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

#[test]
fn a_backup_is_proven_named_and_remembered_and_the_kit_alone_reads_it() {
    let (mut vault, kit) = with_kit();
    written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(vault.backups().last_backup().unwrap(), None);
    let record = vault.backups_mut().back_up(&Target::of(folder.path()), true, NOW, &mut |_| {}, &|| false).unwrap();
    assert_eq!(vault.backups().last_backup().unwrap(), Some(record.clone()));
    assert_eq!((record.counts.clients, record.counts.notes, record.counts.readable), (1, 2, 1));
    let [file] = files(folder.path()).try_into().unwrap();
    assert_eq!(fs::metadata(&file).unwrap().len(), record.bytes);
    let all = unpacked(&file, &kit);
    let page = all.iter().find(|(name, _)| name.starts_with("clients/") && name.ends_with("record.md")).unwrap();
    let page = String::from_utf8(page.1.clone()).unwrap();
    assert!(page.contains("Aino Mäkinen") && page.contains("four nights") && page.contains("about the exam"));
    let private = all.iter().filter(|(_, bytes)| bytes.windows(19).any(|window| window == b"countertransference"));
    assert_eq!(private.count(), 0);
}

#[test]
fn a_log_behind_the_readable_part_is_refused_since_no_restore_would_come_to_it() {
    let (mut vault, kit) = with_kit();
    written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    back_up(&mut vault, folder.path(), NOW).unwrap();
    let all = unpacked(&files(folder.path()).remove(0), &kit);
    let manifest = |(name, bytes): &(String, Vec<u8>)| (name == MANIFEST).then(|| strict_json::read(bytes).unwrap());
    let BackupManifest { origin, counts, .. } = all.iter().find_map(manifest).unwrap();
    let last_log = all.iter().map(|(name, _)| name).rfind(|name| name.starts_with(LOGS)).unwrap();
    let read = |is_behind: bool| {
        let mut archive = ArchiveWriter::new(Vec::new());
        let ends = |name: &str| [MANIFEST, SIGNATURE].contains(&name);
        let [before, after] = [false, true].map(|last| {
            let in_turn = all.iter().filter(|(name, _)| !ends(name) && (is_behind && name == last_log) == last);
            in_turn.collect::<Vec<_>>()
        });
        before.into_iter().chain(after).for_each(|(name, bytes)| archive.file(name, bytes).unwrap());
        let manifest = serde_json::to_vec(&BackupManifest::new(origin, counts, archive.hash())).unwrap();
        archive.file(MANIFEST, &manifest).unwrap();
        archive.file(SIGNATURE, &vault.core.signer.sign(labels::BACKUP, &manifest).0).unwrap();
        let bytes = archive.finish().unwrap();
        let mut archive = ArchiveReader::new(bytes.as_slice(), |_| true);
        let (contents, next) = Contents::read(&mut archive).unwrap();
        read_rest(&mut archive, &contents, next, &mut |_, _| Ok(())).map(|ending| ending.readable)
    };
    assert!(matches!(read(false), Ok(1)));
    assert!(matches!(read(true), Err(BackupError::Damaged)));
}

#[test]
fn without_the_readable_part_no_word_stands_in_it() {
    let (mut vault, kit) = with_kit();
    written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    vault.backups_mut().back_up(&Target::of(folder.path()), false, NOW, &mut |_| {}, &|| false).unwrap();
    let all = unpacked(&files(folder.path())[0], &kit);
    assert!(
        all.iter().all(|(name, bytes)| {
            !name.starts_with("clients/") && !bytes.windows(5).any(|window| window == b"exam.")
        })
    );
}

#[test]
fn what_is_written_while_a_backup_is_made_is_in_the_next_one_and_the_backup_holds() {
    let (mut vault, _) = with_kit();
    let (client, draft) = written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    let mut writing = vault.backups_mut().begin_backup(&Target::of(folder.path()), true, NOW).unwrap();
    let mut number = 0;
    while writing.step(&vault).unwrap() != Step::Written {
        number += 1;
        vault.notes_mut().save_note(&draft, &note(&format!("Typed meanwhile {number}.")), NOW).unwrap();
        vault.notes_mut().add_note(&client, &note("Another."), false, NOW).unwrap();
        vault.clients_mut().add_client(&identity("Newcomer"), NOW).unwrap();
        vault.notes_mut().flush().unwrap();
    }
    let proving = writing.into_proof(&vault).unwrap();
    // On another thread, while the vault goes on.
    let proof = std::thread::spawn(move || proving.run(&mut |_| {}, &|| false));
    vault.notes_mut().add_note(&client, &note("And another."), false, NOW).unwrap();
    let record = vault.backups_mut().keep_backup(proof.join().unwrap().unwrap()).unwrap();
    assert_eq!(record.counts.notes, 2);
}

#[test]
fn a_practice_of_two_devices_with_a_forked_log_and_missing_bodies_is_backed_up_as_it_is() {
    let (mut office, _) = with_kit();
    let (client, _) = written(&mut office);
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    home.notes_mut().add_note(&client, &note("From home."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    // A third gets headers only.
    let mut third = second(&mut office, "Third");
    for end in office.log().log_ends().unwrap() {
        let run = office.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap();
        third.log_mut().offer_headers(&end.log, &run).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    // Each in a second of its own, since it gives the file its name.
    for (second, vault) in (0..).zip([&mut office, &mut home, &mut third]) {
        back_up(vault, folder.path(), NOW + second * 1_000).unwrap();
    }
    assert!(third.backups().last_backup().unwrap().unwrap().counts.without_body > 0);
}

#[test]
fn a_byte_that_the_disk_changed_or_lost_is_found_and_the_backup_thrown_away() {
    let (mut vault, _) = with_kit();
    written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    let target = Target::of(folder.path());
    let length = {
        back_up(&mut vault, folder.path(), NOW).unwrap();
        fs::metadata(&files(folder.path())[0]).unwrap().len()
    };
    for (number, at) in (0..24).map(|part| length * part / 24).chain([10, 2_000, 4_500, length - 1]).enumerate() {
        let writing = vault.backups_mut().begin_backup(&target, true, NOW + DAY).unwrap();
        let proving = finish(&mut vault, writing).into_proof(&vault).unwrap();
        let part = files(folder.path()).remove(0);
        let mut bytes = fs::read(&part).unwrap();
        let at = usize::try_from(at).unwrap().min(bytes.len() - 1);
        if number % 2 == 0 {
            bytes[at] ^= 0x40
        } else {
            bytes.truncate(at)
        }
        fs::write(&part, bytes).unwrap();
        let refused = proving.run(&mut |_| {}, &|| false).err().unwrap();
        assert!(
            matches!(refused, BackupError::NotAsWritten | BackupError::KitWouldNotOpen) || at < 6_000,
            "{at}: {refused:?}"
        );
        assert_eq!(files(folder.path()).len(), 1, "only the first is left");
    }
    assert_eq!(vault.backups().last_backup().unwrap().unwrap().made, NOW);
}

#[test]
fn a_backup_that_is_whole_and_not_the_practice_is_not_taken_for_it() {
    let (mut vault, _) = with_kit();
    written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    let mut missing = vault.backups_mut().begin_backup(&Target::of(folder.path()), true, NOW).unwrap();
    missing.leave_a_log_out();
    let proving = finish(&mut vault, missing).into_proof(&vault).unwrap();
    assert_eq!(proving.run(&mut |_| {}, &|| false).err(), Some(BackupError::NotThePractice));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_stopped_backup_and_a_dropped_one_leave_nothing_and_count_for_nothing() {
    let (mut vault, _) = with_kit();
    written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    let target = Target::of(folder.path());
    let stopped = vault.backups_mut().back_up(&target, true, NOW, &mut |_| {}, &|| true);
    assert_eq!(stopped.err(), Some(BackupError::Stopped));
    drop(vault.backups_mut().begin_backup(&target, true, NOW).unwrap());
    assert!(files(folder.path()).is_empty());
    assert_eq!(vault.backups().last_backup().unwrap(), None);
    let file = folder.path().join("mine.age");
    fs::write(&file, b"mine").unwrap();
    let refused = vault.backups_mut().back_up(&Target::of(&file), true, NOW, &mut |_| {}, &|| false);
    assert_eq!(refused.err(), Some(BackupError::Exists));
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn rotation_keeps_what_it_should_and_touches_no_file_of_anybody_else() {
    let (mut vault, _) = with_kit();
    written(&mut vault);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("subrosa-00000000-20200101T000000Z.age"), b"of somebody else").unwrap();
    for day in 0..12 {
        back_up(&mut vault, folder.path(), NOW + day * DAY).unwrap();
    }
    let names = files(folder.path());
    assert!(names.len() < 12 && names.len() >= 8, "{}", names.len());
    // One was exchanged by hand for something else of its name.
    let oldest = names
        .iter()
        .find(|file| file.to_str().unwrap().contains("subrosa-") && !file.to_str().unwrap().contains("-00000000-"));
    fs::write(oldest.unwrap(), b"by hand").unwrap();
    for day in 12..80 {
        if day % 8 == 0 {
            back_up(&mut vault, folder.path(), NOW + day * DAY).unwrap();
        }
    }
    assert!(fs::read(oldest.unwrap()).unwrap() == b"by hand");
    assert!(files(folder.path()).iter().any(|file| fs::read(file).unwrap() == b"of somebody else"));
    // Into a file by name: never rotated.
    vault
        .backups_mut()
        .back_up(&Target::of(&folder.path().join("own.age")), true, NOW, &mut |_| {}, &|| false)
        .unwrap();
    back_up(&mut vault, folder.path(), NOW + 90 * DAY).unwrap();
    assert!(folder.path().join("own.age").exists());
}

#[test]
fn a_stick_that_is_away_is_said_tried_again_and_forgotten_once_it_is_back() {
    let (mut vault, _) = with_kit();
    let folder = tempfile::tempdir().unwrap();
    let stick = folder.path().join("stick");
    assert_eq!(vault.backups().next_backup(NOW).unwrap(), NextBackup::Off);
    let settings = BackupSettings { folder: Some(stick.clone()), every: Every::Day, readable: true };
    vault.backups_mut().keep_backup_settings(&settings).unwrap();
    assert_eq!(vault.backups().backup_settings().unwrap(), settings);
    assert_eq!(vault.backups().next_backup(NOW).unwrap(), NextBackup::Due);
    let away =
        vault.backups_mut().back_up(&Target::Folder(stick.clone()), true, NOW, &mut |_| {}, &|| false).unwrap_err();
    assert_eq!(away, BackupError::Away);
    vault.backups_mut().backup_failed(&away, NOW).unwrap();
    assert!(vault.backups().last_backup_failure().unwrap().unwrap().words.contains("not there"));
    assert!(matches!(vault.backups().next_backup(NOW).unwrap(), NextBackup::At(_)));
    fs::create_dir(&stick).unwrap();
    back_up(&mut vault, &stick, NOW + 1_000_000).unwrap();
    assert_eq!(vault.backups().last_backup_failure().unwrap(), None);
    assert!(matches!(vault.backups().next_backup(NOW + 1_000_000).unwrap(), NextBackup::At(_)));
    assert_eq!(vault.backups().next_backup(NOW + DAY).unwrap(), NextBackup::Due);
}

#[test]
fn an_unsigned_addendum_that_was_written_in_is_in_the_backup() {
    let (mut office, kit) = with_kit();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("She slept."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    home.notes_mut().save_note(&id, &note("She slept, she says."), NOW).unwrap();
    office.notes_mut().sign(&id, NOW).unwrap();
    meet(&mut office, &mut home);
    assert!(office.notes().note(&id).unwrap().late.is_some_and(|late| late.contains("she says")));
    office.notes_mut().save_late(&id, "She says so herself.").unwrap();
    let folder = tempfile::tempdir().unwrap();
    back_up(&mut office, folder.path(), NOW).unwrap();
    let backup = super::restore::open(&files(folder.path())[0], &kit).unwrap();
    let (restored, _) = super::restore::restored(&backup, Only::Everything).unwrap();
    assert_eq!(restored.notes().note(&id).unwrap().late.as_deref(), Some("She says so herself."));
}
