//! An older copy of a practice put in place, with and without the platform's keystore. The keystore is one in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::*;
use crate::id::{ClientId, LogId};
use crate::store::anchor::Anchor;
use crate::store::{Keystore, Silent};
use crate::vault::{LockedVault, Notice};

/// A keystore, and what is wrong with it.
#[derive(Default)]
struct Drawer {
    kept: BTreeMap<String, Vec<u8>>,
    /// It is locked, absent, or hangs.
    silent: bool,
    /// What it is given does not get there.
    loses: bool,
    written: usize,
}

#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Drawer>>);

impl Shelf {
    fn set<T>(&self, set: impl FnOnce(&mut Drawer) -> T) -> T {
        set(&mut self.0.lock().unwrap())
    }

    fn anchors(&self) -> Vec<Option<Anchor>> {
        self.set(|drawer| drawer.kept.values().map(|bytes| Anchor::parse(bytes)).collect())
    }
}

impl Keystore for Shelf {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Silent> {
        self.set(|drawer| if drawer.silent { Err(Silent) } else { Ok(drawer.kept.get(name).cloned()) })
    }

    fn keep(&self, name: &str, bytes: Vec<u8>) {
        self.set(|drawer| {
            drawer.written += 1;
            if !drawer.loses && !drawer.silent {
                drawer.kept.insert(name.to_owned(), bytes);
            }
        });
    }
}

/// A practice in a folder, and the keystore of the computer that it is on.
struct Computer {
    folder: tempfile::TempDir,
    shelf: Shelf,
}

/// The practice's file and the anchor beside it, as they were.
type Copy = (Vec<u8>, Vec<u8>);

impl Computer {
    fn new() -> (Self, Vault) {
        let computer = Self { folder: tempfile::tempdir().unwrap(), shelf: Shelf::default() };
        let pass = passphrase("office");
        let new = NewVault { path: Some(computer.path()), ..new(&pass, "Office") };
        let store = Box::new(RedbStore::create(&computer.path()).unwrap());
        let mut vault = Vault::create(store, &new, Box::new(Os)).unwrap().vault;
        vault.keep_anchor_in(Box::new(computer.shelf.clone())).unwrap();
        (computer, vault)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("practice")
    }

    fn beside(&self) -> PathBuf {
        self.folder.path().join("practice.anchor")
    }

    fn copy(&self) -> Copy {
        (fs::read(self.path()).unwrap(), fs::read(self.beside()).unwrap())
    }

    fn put_back(&self, (practice, anchor): &Copy) {
        fs::write(self.path(), practice).unwrap();
        fs::write(self.beside(), anchor).unwrap();
    }

    /// Unlocked, and what is told about it.
    fn open(&self) -> (Vault, Vec<Notice>) {
        self.open_with(Some(Box::new(self.shelf.clone())))
    }

    fn open_with(&self, keystore: Option<Box<dyn Keystore>>) -> (Vault, Vec<Notice>) {
        let store = Box::new(RedbStore::open(&self.path()).unwrap());
        let locked = LockedVault::open(store, Some(self.path()), Policy::Tests, Box::new(Os)).unwrap();
        let mut vault = locked.with_keystore(keystore).unlock(&passphrase("office"), NOW).unwrap();
        let notices = vault.take_notices();
        (vault, notices)
    }
}

fn write(vault: &mut Vault, client: &ClientId, text: &str) {
    vault.notes_mut().add_note(client, &note(text), false, NOW).unwrap();
}

fn notes(vault: &Vault, client: &ClientId) -> usize {
    vault.notes().timeline(client).unwrap().len()
}

/// A practice with one note, locked and copied; after that a second note.
fn copied_and_gone_on() -> (Computer, ClientId, Copy, LogId) {
    let (computer, mut vault) = Computer::new();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    write(&mut vault, &client, "Before the copy.");
    drop(vault.lock().unwrap());
    let old = computer.copy();
    let (mut vault, notices) = computer.open();
    assert_eq!(notices, []);
    write(&mut vault, &client, "After the copy.");
    let log = vault.core.memory.logs.main;
    drop(vault.lock().unwrap());
    (computer, client, old, log)
}

#[test]
fn a_copy_put_back_together_with_its_anchor_is_noticed_through_the_keystore_and_becomes_a_new_incarnation() {
    let (computer, client, old, log) = copied_and_gone_on();
    computer.put_back(&old);
    let (mut vault, notices) = computer.open();
    assert_eq!(notices, [Notice::RolledBack]);
    assert!(vault.core.memory.logs.main != log, "it goes on in a log of its own");
    assert_eq!(notes(&vault, &client), 1);
    write(&mut vault, &client, "On the copy.");
    drop(vault.lock().unwrap());
    let (vault, notices) = computer.open();
    assert_eq!(notices, [], "it is told once");
    assert_eq!(notes(&vault, &client), 2);
    assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn without_a_keystore_the_file_alone_notices_an_older_practice_and_not_one_put_back_with_the_file() {
    let (computer, _, old, _) = copied_and_gone_on();
    fs::write(computer.path(), &old.0).unwrap();
    let (vault, notices) = computer.open_with(None);
    assert_eq!(notices, [Notice::RolledBack]);
    drop(vault.lock().unwrap());
    computer.put_back(&old);
    assert_eq!(computer.open_with(None).1, [], "nothing here can know");
}

#[test]
fn what_took_the_place_of_a_copy_is_noticed_when_it_comes_back_so_that_what_was_written_on_the_copy_is_missed() {
    let (computer, client, old, _) = copied_and_gone_on();
    let original = computer.copy();
    computer.put_back(&old);
    let (mut vault, _) = computer.open();
    write(&mut vault, &client, "On the copy.");
    drop(vault.lock().unwrap());
    computer.put_back(&original);
    assert_eq!(computer.open().1, [Notice::RolledBack]);
}

#[test]
fn of_two_anchors_the_newer_is_right() {
    let (computer, _, old, _) = copied_and_gone_on();
    let newer = computer.shelf.set(|drawer| drawer.kept.clone());
    // The keystore lies behind, the file does not.
    fs::write(computer.path(), &old.0).unwrap();
    computer.shelf.set(|drawer| drawer.kept.values_mut().for_each(|bytes| bytes.clone_from(&old.1)));
    assert_eq!(computer.open().1, [Notice::RolledBack]);
    // The file lies behind, or is lost; the keystore does not.
    computer.put_back(&old);
    computer.shelf.set(|drawer| drawer.kept.clone_from(&newer));
    fs::remove_file(computer.beside()).unwrap();
    assert_eq!(computer.open().1, [Notice::RolledBack]);
}

#[test]
fn two_states_with_one_number_are_told_apart() {
    let (computer, _, _, _) = copied_and_gone_on();
    let own = computer.shelf.anchors()[0].unwrap();
    let (vault, notices) = computer.open();
    assert_eq!((notices, vault.core.anchor()), (vec![], own));
    drop(vault);
    let other = Anchor { digest: [7; 32], ..own };
    computer.shelf.set(|drawer| drawer.kept.values_mut().for_each(|bytes| *bytes = other.to_bytes()));
    assert_eq!(computer.open().1, [Notice::RolledBack]);
}

#[test]
fn a_keystore_that_does_not_answer_changes_nothing_and_what_it_knows_is_not_written_over() {
    let (computer, client, old, _) = copied_and_gone_on();
    let known = computer.shelf.anchors();
    computer.put_back(&old);
    computer.shelf.set(|drawer| drawer.silent = true);
    let (mut vault, notices) = computer.open();
    assert_eq!(notices, []);
    // It answers again while the practice is open: too late to be asked, too early to be told.
    computer.shelf.set(|drawer| drawer.silent = false);
    write(&mut vault, &client, "While nothing answered.");
    drop(vault.lock().unwrap());
    assert_eq!(computer.shelf.anchors(), known);
    let (mut vault, notices) = computer.open();
    assert_eq!(notices, [Notice::RolledBack], "it is noticed as soon as it can be");
    write(&mut vault, &client, "And goes on.");
    assert_eq!(notes(&vault, &client), 3);
}

#[test]
fn a_keystore_that_loses_what_it_is_given_accuses_nobody_twice() {
    let (computer, client, old, _) = copied_and_gone_on();
    computer.put_back(&old);
    computer.shelf.set(|drawer| drawer.loses = true);
    let (mut vault, notices) = computer.open();
    assert_eq!(notices, [Notice::RolledBack]);
    write(&mut vault, &client, "On the copy.");
    drop(vault.lock().unwrap());
    let (vault, notices) = computer.open();
    assert_eq!(notices, []);
    assert_eq!(notes(&vault, &client), 2);
}

#[test]
fn rubbish_in_a_keystore_is_nothing_and_is_written_over() {
    let (computer, client, _, _) = copied_and_gone_on();
    let own = computer.shelf.anchors()[0].unwrap();
    let far = Anchor { counter: u64::MAX, ..own };
    let rubbish = [vec![], b"rubbish".to_vec(), vec![0xFF; 1 << 16], far.to_bytes(), own.to_bytes()[1..].to_vec()];
    for (after, rubbish) in rubbish.into_iter().enumerate() {
        computer.shelf.set(|drawer| drawer.kept.values_mut().for_each(|bytes| bytes.clone_from(&rubbish)));
        let (mut vault, notices) = computer.open();
        assert_eq!(notices, []);
        assert_eq!(notes(&vault, &client), 2 + after);
        write(&mut vault, &client, "As ever.");
        drop(vault.lock().unwrap());
        assert!(computer.shelf.anchors()[0].unwrap().counter > own.counter);
    }
}

#[test]
fn an_anchor_beyond_all_bounds_beside_the_practice_is_called_unreadable_and_leaves_it_able_to_go_on() {
    let (computer, client, _, _) = copied_and_gone_on();
    Anchor { counter: u64::MAX, digest: [0; 32] }.write(&computer.path()).unwrap();
    let (mut vault, notices) = computer.open();
    assert_eq!(notices, [Notice::AnchorUnreadable]);
    write(&mut vault, &client, "As ever.");
    drop(vault.lock().unwrap());
    assert_eq!(computer.open().1, []);
}

#[test]
fn a_practice_that_came_to_another_computer_is_accused_of_nothing_there_nor_when_it_comes_back() {
    let (computer, client, old, _) = copied_and_gone_on();
    let elsewhere = Computer { folder: tempfile::tempdir().unwrap(), shelf: Shelf::default() };
    elsewhere.put_back(&computer.copy());
    let (mut vault, notices) = elsewhere.open();
    assert_eq!(notices, []);
    write(&mut vault, &client, "On the other computer.");
    drop(vault.lock().unwrap());
    assert_eq!(elsewhere.open().1, []);
    computer.put_back(&elsewhere.copy());
    assert_eq!(computer.open().1, []);
    // Moved to another folder of one computer, it is the same practice: an older copy is noticed there too.
    let moved = Computer { folder: tempfile::tempdir().unwrap(), shelf: computer.shelf.clone() };
    moved.put_back(&computer.copy());
    assert_eq!(moved.open().1, []);
    moved.put_back(&old);
    assert_eq!(moved.open().1, [Notice::RolledBack]);
}

#[test]
fn two_practices_in_one_keystore_know_nothing_of_each_other() {
    let (one, mut vault) = Computer::new();
    let mut other = second(&mut vault, "Home");
    other.keep_anchor_in(Box::new(one.shelf.clone())).unwrap();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    (0..10).for_each(|_| write(&mut vault, &client, "Much is written here."));
    let name = vault.device().to_string();
    drop(vault.lock().unwrap());
    let other = other.lock().unwrap().unlock(&passphrase("Home"), NOW).unwrap();
    assert_eq!(other.core.memory.notices, []);
    assert_eq!(one.open().1, []);
    let names: Vec<String> = one.shelf.set(|drawer| drawer.kept.keys().cloned().collect());
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|kept| !kept.contains(&name) && kept.len() == 64), "a name tells nothing");
}

#[test]
fn a_practice_that_is_typed_in_keeps_a_keystore_no_busier_than_it_must() {
    let (computer, mut vault) = Computer::new();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = vault.notes_mut().add_note(&client, &note("A"), false, NOW).unwrap();
    let (began, before) = (vault.core.memory.state.counter, computer.shelf.set(|drawer| drawer.written));
    for length in 2..200 {
        vault.notes_mut().save_note(&id, &note(&"A".repeat(length)), NOW).unwrap();
        vault.notes_mut().flush().unwrap();
        let kept = computer.shelf.anchors()[0].unwrap().counter;
        assert!(vault.core.memory.state.counter - kept < 64, "it never lies far behind");
    }
    let (commits, written) =
        (vault.core.memory.state.counter - began, computer.shelf.set(|drawer| drawer.written) - before);
    assert!(commits > 200 && written <= usize::try_from(commits / 64).unwrap() + 1, "{written} of {commits}");
    let anchor = vault.core.anchor();
    drop(vault.lock().unwrap());
    assert!(computer.shelf.anchors()[0].unwrap().counter >= anchor.counter, "a lock leaves nothing out");
}
