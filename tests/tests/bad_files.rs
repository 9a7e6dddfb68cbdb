//! Vault files that were cut short, damaged, exchanged, copied or opened twice: a sentence for each, and nothing lost.

use std::fs;
use std::path::{Path, PathBuf};

use subrosa_core::entropy::Os;
use subrosa_core::id::NoteId;
use subrosa_core::kdf::Policy;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{RedbStore, StoreError};
use subrosa_core::vault::{LockedVault, NewVault, Notice, RowError, UnlockError, Vault};
use subrosa_tests::dice::Dice;
use subrosa_tests::practice::{MORNING, person, written};
use subrosa_tests::world::{Device, World, cheap, passphrase};

const NOTES: usize = 12;

fn create(path: &Path) -> Vault {
    let passphrase = passphrase();
    let new = NewVault { path: Some(path.to_owned()), ..cheap("Office", &passphrase, MORNING) };
    Vault::create(Box::new(RedbStore::create(path).unwrap()), &new, Box::new(Os)).unwrap().vault
}

fn locked(path: &Path) -> Result<LockedVault, UnlockError> {
    LockedVault::open(Box::new(RedbStore::open(path)?), Some(path.to_owned()), Policy::Tests, Box::new(Os))
}

fn open(path: &Path) -> Result<Vault, UnlockError> {
    locked(path)?.unlock(&passphrase(), MORNING).map_err(|still| still.error)
}

/// A practice of some notes, as a closed file in a folder of its own.
fn practice() -> (tempfile::TempDir, PathBuf, Vec<NoteId>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.subrosa");
    let mut vault = create(&path);
    let client = vault.clients_mut().add_client(&person("Kim"), MORNING).unwrap();
    let text = |number| written(&format!("Note {number}"));
    let notes =
        (0..NOTES).map(|number| vault.notes_mut().add_note(&client, &text(number), false, MORNING).unwrap()).collect();
    drop(vault.lock().unwrap());
    (folder, path, notes)
}

fn write_note(vault: &mut Vault, text: &str) -> NoteId {
    let client = vault.clients().all().next().unwrap().id;
    let note = vault.notes_mut().add_note(&client, &written(text), false, MORNING).unwrap();
    vault.notes_mut().flush().unwrap();
    note
}

fn text_of(vault: &Vault, note: &NoteId) -> String {
    vault.notes().note(note).unwrap().content.text
}

#[test]
fn a_file_cut_short_is_refused_in_words_and_left_as_it_was() {
    let (_folder, path, _) = practice();
    let whole = fs::read(&path).unwrap();
    for length in [0, 1, 100, 4_095, 4_096, whole.len() / 3, whole.len() / 2, whole.len() - 4_096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = open(&path).err().unwrap_or_else(|| panic!("{length} bytes of {} were opened", whole.len()));
        let expected = if length == 0 { StoreError::Empty } else { StoreError::Truncated };
        assert!(
            error == expected.into() || error == StoreError::NotAVault.into() && length < 4_096,
            "{length}: {error:?}"
        );
        assert!(error.to_string().contains("left as it"), "{error}");
        assert_eq!(fs::read(&path).unwrap().len(), length);
    }
    fs::write(&path, &whole).unwrap();
    assert!(open(&path).is_ok(), "the whole one opens as before");
}

#[test]
fn a_page_of_zeros_anywhere_changes_no_text() {
    let (_folder, path, notes) = practice();
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for page in 0..whole.len().div_ceil(4_096) {
        let mut damaged = whole.clone();
        damaged.iter_mut().skip(page * 4_096).take(4_096).for_each(|byte| *byte = 0);
        fs::write(&path, damaged).unwrap();
        match open(&path) {
            Err(error) => {
                assert!(!error.is_wrong_passphrase(), "damage is not called a wrong passphrase");
                refused += 1;
            }
            Ok(vault) => {
                for (number, note) in notes.iter().enumerate() {
                    match vault.notes().note(note) {
                        Ok(view) => assert_eq!(view.content.text, format!("Note {number}")),
                        Err(_) => refused += 1,
                    }
                }
            }
        }
    }
    println!("{refused} refusals over {} pages", whole.len().div_ceil(4_096));
    assert!(refused > 0);
}

#[test]
fn an_older_copy_put_in_place_is_noticed_goes_on_and_merges_with_the_other_device() {
    let (_folder, path, notes) = practice();
    let older = fs::read(&path).unwrap();
    let office = Device::of("Office", open(&path).unwrap(), Dice::new(1));
    let mut world = World::of(1, 90);
    world.devices = vec![office];
    world.admit(0);
    let lost_here = write_note(world.devices[0].vault(), "written after the copy was made");
    world.settle();
    let laptop = world.devices.pop().unwrap();
    world.devices.clear();
    fs::write(&path, &older).unwrap();
    let mut vault = open(&path).unwrap();
    assert_eq!(vault.take_notices(), [Notice::RolledBack]);
    let after = write_note(&mut vault, "written after the copy was put back");
    world.devices = vec![Device::of("Office", vault, Dice::new(2)), laptop];
    world.settle();
    for device in &world.devices {
        assert_eq!(text_of(device.read(), &lost_here), "written after the copy was made");
        assert_eq!(text_of(device.read(), &after), "written after the copy was put back");
        assert!(notes.iter().enumerate().all(|(number, id)| text_of(device.read(), id) == format!("Note {number}")));
        assert_eq!(device.read().integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
    world.devices.clear();
    assert_eq!(open(&path).unwrap().take_notices(), [], "it is said once");
}

#[test]
fn a_damaged_anchor_is_said_and_keeps_nobody_out() {
    let (_folder, path, notes) = practice();
    let anchor = path.with_extension("subrosa.anchor");
    let mut bytes = fs::read(&anchor).unwrap();
    bytes[20] ^= 1;
    fs::write(&anchor, bytes).unwrap();
    let mut vault = open(&path).unwrap();
    assert_eq!(vault.take_notices(), [Notice::AnchorUnreadable]);
    assert_eq!(text_of(&vault, &notes[0]), "Note 0");
    drop(vault);
    assert_eq!(open(&path).unwrap().take_notices(), []);
}

#[test]
fn the_second_to_open_a_file_is_told_who_has_it_and_changes_nothing() {
    let (_folder, path, _) = practice();
    let held = locked(&path).unwrap();
    let error = locked(&path).unwrap_err();
    assert_eq!(error, StoreError::InUse.into());
    assert!(error.to_string().contains("already open"));
    let vault = held.unlock(&passphrase(), MORNING).unwrap();
    assert_eq!(locked(&path).unwrap_err(), StoreError::InUse.into());
    drop(vault);
    assert!(locked(&path).is_ok(), "once closed it opens");
    assert_eq!(locked(&path.with_extension("gone")).unwrap_err(), StoreError::Missing.into());
    fs::write(&path, b"A letter, not a practice. It is longer than any header would be.".repeat(100)).unwrap();
    assert_eq!(locked(&path).unwrap_err(), StoreError::NotAVault.into());
}

#[test]
fn two_copies_that_both_go_on_are_both_kept_and_said_to_be_copies() {
    let (folder, path, _) = practice();
    let office = Device::of("Office", open(&path).unwrap(), Dice::new(1));
    let mut world = World::of(1, 91);
    world.devices = vec![office];
    world.admit(0);
    world.settle();
    let laptop = world.devices.pop().unwrap();
    world.devices.clear();
    let copy = folder.path().join("copy.subrosa");
    fs::copy(&path, &copy).unwrap();
    fs::copy(path.with_extension("subrosa.anchor"), copy.with_extension("subrosa.anchor")).unwrap();
    let (mut one, mut two) = (open(&path).unwrap(), open(&copy).unwrap());
    assert!(one.take_notices().is_empty() && two.take_notices().is_empty(), "nothing tells them apart yet");
    let written_there = [write_note(&mut one, "in the one"), write_note(&mut two, "in the other")];
    world.devices = vec![Device::of("One", one, Dice::new(3)), laptop, Device::of("Other", two, Dice::new(4))];
    world.settle();
    let copies = [0, 2].map(|device| world.devices[device].vault().take_notices());
    assert!(copies.iter().any(|notices| notices.contains(&Notice::Copied)), "{copies:?}");
    let more = [0, 2].map(|device| write_note(world.devices[device].vault(), "and on"));
    world.settle();
    for device in &world.devices {
        assert_eq!(text_of(device.read(), &written_there[0]), "in the one");
        assert_eq!(text_of(device.read(), &written_there[1]), "in the other");
        assert!(more.iter().all(|note| text_of(device.read(), note) == "and on"));
        assert_eq!(device.read().integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
}

#[test]
fn a_copy_put_back_where_no_anchor_is_still_merges() {
    let mut world = World::of(2, 92);
    world.settle();
    let client = world.devices[0].vault().clients_mut().add_client(&person("Lee"), MORNING).unwrap();
    world.settle();
    let older = world.devices[0].medium().image();
    let first = write_note(world.devices[0].vault(), "before");
    world.settle();
    let now = world.now;
    world.devices[0].start_on(older, now);
    let second = write_note(world.devices[0].vault(), "after");
    world.settle();
    for device in &world.devices {
        assert_eq!(
            (text_of(device.read(), &first), text_of(device.read(), &second)),
            ("before".into(), "after".into())
        );
        assert_eq!(device.read().clients().client(&client).unwrap().notes, 2);
    }
    assert!(world.devices[0].vault().take_notices().contains(&Notice::Copied));
}

#[test]
fn every_error_of_a_bad_file_is_a_sentence_that_says_what_is_safe() {
    let wrong = Passphrase::new("not it".to_owned());
    let (_folder, path, _) = practice();
    let error = locked(&path).unwrap().unlock(&wrong, MORNING).unwrap_err().error;
    let all = [
        error.to_string(),
        RowError::Damaged.to_string(),
        UnlockError::from(StoreError::Truncated).to_string(),
        UnlockError::from(StoreError::Damaged).to_string(),
        UnlockError::from(StoreError::InUse).to_string(),
        UnlockError::from(StoreError::Newer(9)).to_string(),
        Notice::RolledBack.words().to_owned(),
        Notice::Copied.words().to_owned(),
        Notice::RowsChanged.words().to_owned(),
    ];
    for words in all {
        let safe = ["othing", "whole", "as it ", "unharmed", "safe", "both are kept"];
        assert!(words.len() > 30 && safe.iter().any(|word| words.contains(word)), "{words}");
    }
}
