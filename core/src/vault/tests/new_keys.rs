//! All keys made new: the device is another one, has everything, and nothing of its old file opens anything of the new one.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::backup::{back_up, files as files_in, with_kit, written};
use super::files::{attach, extract, scan};
use super::*;
use crate::backup::BackupError;
use crate::id::DeviceId;
use crate::keyring::Part;
use crate::log::{self, Kind};
use crate::roster::Epochs;
use crate::rows::Rows;
use crate::secret::{Key, RecoveryRole};
use crate::store::{Batch, Keystore, Silent, StoreError, Table, copy_rows};
use crate::vault::core::{KeyBox, ReauthBox};
use crate::vault::registry::{BodyAt, HeaderAt, TimelineAt};
use crate::vault::{
    BackupFile, DeviceError, Fresh, LockedVault, MassDelete, NewKeysBy, Notice, Only, Selection, UnlockError,
};

mod failing;

/// What whoever has an old copy, and the passphrase that it had, has of its keys.
struct OldKeys {
    device: DeviceId,
    boxes: KeyBox,
    reauth: ReauthBox,
    epochs: Epochs,
    compartments: BTreeSet<KeyId>,
}

impl OldKeys {
    fn of(vault: &Vault, words: &str) -> Self {
        let epochs = vault.core.memory.epochs.iter().map(|(epoch, secret)| (*epoch, secret.duplicate())).collect();
        let reauth = vault.core.open_reauth_box(&passphrase(words)).ok().unwrap().1;
        let mut compartments: BTreeSet<KeyId> = vault.core.read().all_clear_keys().unwrap().into_iter().collect();
        vault
            .core
            .rows
            .scan(Table::Keys, &mut |row| {
                let id = row.and_then(|(name, _)| name.strip_prefix(b"k")?.try_into().ok());
                compartments.extend(id.map(KeyId));
            })
            .unwrap();
        Self { device: vault.device(), boxes: vault.core.boxes.duplicate(), reauth, epochs, compartments }
    }

    /// Rows of this file that they open or find, by table.
    fn rows_opened(&self, image: Vec<u8>) -> Vec<(Table, u64)> {
        let file = Rows::new(Box::new(RedbStore::over(Medium::holding(image)).unwrap()), &self.boxes.rows);
        let opened = |table: &Table| {
            let mut opened = 0;
            file.scan(*table, &mut |row| opened += u64::from(row.is_some())).unwrap();
            (*table, opened)
        };
        let sealed = Table::ALL.iter().filter(|table| !matches!(table, Table::Slots | Table::Bodies | Table::Pieces));
        sealed.map(opened).filter(|(_, opened)| *opened > 0).collect()
    }

    /// The items in a practice's envelopes whose bodies they open, with their authors.
    fn items_opened(&self, vault: &Vault) -> Vec<(DeviceId, log::Item)> {
        let reader = vault.core.read();
        let mut opened = Vec::new();
        for end in vault.log().log_ends().unwrap() {
            for name in vault.log().branch_names(&end.log, 0, &end.head).unwrap() {
                let header = reader.get(&HeaderAt(name)).unwrap().unwrap().header;
                let Some(body) = reader.get(&BodyAt(name)).unwrap() else { continue };
                for (epoch, secret) in &self.epochs {
                    let items = log::open_body(&header, &log::outer_key(secret, *epoch), &body).unwrap_or_default();
                    opened.extend(items.into_iter().map(|item| (end.log.device(), item)));
                }
            }
        }
        opened
    }

    /// How many of these say something of a document.
    fn documents_opened(&self, vault: &Vault) -> usize {
        let of_practice = |kind| matches!(kind, Kind::Roster | Kind::Keyring);
        self.items_opened(vault).iter().filter(|(_, item)| !of_practice(item.kind)).count()
    }

    /// Keys, secrets and authorities that were handed to them since.
    fn handed_over(&self, vault: &Vault) -> usize {
        let roster = &vault.core.memory.roster;
        let secrets = roster.open_epochs(&self.device, &self.boxes.wrap, &self.epochs).len();
        let authority = usize::from(roster.open_authority(&self.device, &self.reauth.process).is_some());
        let mut keys = BTreeSet::new();
        for (author, item) in self.items_opened(vault) {
            let Some(part) = (item.kind == Kind::Keyring).then(|| Part::parse(&item.content).unwrap()) else {
                continue;
            };
            let everyday = part.open(author, self.device, &self.boxes.generation, &self.boxes.wrap);
            let private = part.open(author, self.device, &self.reauth.generation, &self.reauth.process);
            keys.extend(everyday.into_iter().chain(private).flatten().map(|entry| entry.id));
        }
        secrets + authority + keys.difference(&self.compartments).count()
    }
}

fn by<'a>(passphrase: &'a Passphrase) -> NewKeysBy<'a> {
    NewKeysBy { passphrase, strength: Strength::CHEAP_FOR_TESTS, now: NOW }
}

/// Makes all keys of a device new, on a medium that is given back.
pub(super) fn renew(vault: &mut Vault, words: &str) -> Result<Medium, UnlockError> {
    let (medium, put) = (Medium::default(), Cell::new(false));
    let store = Box::new(RedbStore::over(medium.clone()).unwrap());
    let put_in_place = || {
        put.set(true);
        Ok(())
    };
    let fresh = Fresh { store, entropy: Box::new(Os), put_in_place: &put_in_place };
    let done = vault.make_all_keys_new(&by(&passphrase(words)), fresh, &mut |_| {}, &|| false);
    assert_eq!(put.get(), done.is_ok());
    done.map(|()| medium)
}

fn opened(image: Vec<u8>) -> LockedVault {
    LockedVault::open(Box::new(RedbStore::over(Medium::holding(image)).unwrap()), None, Policy::Tests, Box::new(Os))
        .unwrap()
}

/// All that is told of a practice, private notes too.
fn described(vault: &mut Vault) -> Vec<String> {
    let now = vault.core.reauth_until().map_or(NOW, |until| until);
    vault.reauthenticate(&passphrase("office"), now).unwrap();
    let mut all = Vec::new();
    for row in vault.clients().all() {
        all.push(format!("{} {} {}", row.id, row.name, row.unsigned));
        let (open, private) =
            (vault.notes().timeline(&row.id).unwrap(), vault.notes().private_timeline(&row.id).unwrap());
        for note in open.iter().chain(&private) {
            let view = vault.notes().note(&note.id).unwrap();
            all.push(format!("{} {:?} {} {}", note.id, view.state, view.content.text, view.signed.len()));
        }
        for file in vault.files().of_client(&row.id).unwrap() {
            all.push(format!("{} {:?}", file.id, extract(vault, &file.id)));
        }
    }
    vault.end_reauth();
    all.sort();
    all
}

#[test]
fn the_device_is_another_one_of_the_same_name_and_has_everything() {
    let (mut office, kit) = with_kit();
    let (client, draft) = written(&mut office);
    let file = attach(&mut office, &scan(client), b"a scan of a letter").unwrap();
    let deleted = office.notes_mut().add_note(&client, &note("In the trash."), false, NOW).unwrap();
    office.trash_mut().delete(&[deleted], MassDelete::Refuse, NOW).unwrap();
    office.keep_setting("choice", b"kept").unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    office.notes_mut().save_note(&draft, &note("A draft about the exam, and more."), NOW).unwrap();
    let (before, device, transport) = (described(&mut office), office.device(), office.transport(NOW).duplicate());
    office.notes_mut().save_note(&draft, &note("A draft about the exam, and more of it."), NOW).unwrap();

    let medium = renew(&mut office, "office").unwrap();
    assert!(office.device() != device && office.transport(NOW) != transport);
    let after = described(&mut office);
    let changed: Vec<&String> = after.iter().filter(|one| !before.contains(one)).collect();
    assert!(changed.len() == 1 && changed[0].contains("and more of it"), "{changed:?}");
    assert_eq!(after.len(), before.len());
    assert_eq!(office.setting("choice").unwrap().unwrap(), b"kept");
    assert!(office.trash().all(NOW).iter().any(|row| row.id == deleted));
    assert_eq!(extract(&office, &file).unwrap(), b"a scan of a letter");
    let names: Vec<(String, bool)> =
        office.devices().all().unwrap().into_iter().map(|row| (row.name, row.here)).collect();
    assert_eq!(names, [("Office".to_owned(), true), ("Home".to_owned(), false)]);
    let removed = office.devices().removed_devices();
    assert!(removed.len() == 1 && removed[0].id == device && removed[0].by == office.device());
    assert_eq!(office.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    assert_eq!(office.take_notices(), []);

    // The file opens with the passphrase, and with the kit.
    let mut office = opened(medium.image()).unlock(&passphrase("office"), NOW).unwrap();
    assert_eq!((described(&mut office), office.take_notices()), (after.clone(), Vec::new()));
    drop(opened(medium.image()).recover(&kit, &passphrase("x"), Strength::CHEAP_FOR_TESTS, NOW).unwrap());

    // And the other device goes on with it.
    meet(&mut office, &mut home);
    assert!(home.devices().was_removed(&device) && home.devices().all().unwrap().len() == 2);
    assert_eq!(home.core.memory.roster.epoch(), office.core.memory.roster.epoch());
    home.notes_mut().save_note(&draft, &note("From home."), NOW).unwrap();
    office.notes_mut().add_note(&client, &note("From the office."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.notes().note(&draft).unwrap().content.text, "From home.");
    let texts = |vault: &Vault| {
        let rows = vault.notes().timeline(&client).unwrap();
        rows.iter().map(|row| vault.notes().note(&row.id).unwrap().content.text).collect::<Vec<_>>()
    };
    assert_eq!(texts(&office), texts(&home));
    assert_eq!(home.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn nothing_of_the_new_file_opens_with_anything_of_the_old_one() {
    let mut office = practice();
    let (client, draft) = written(&mut office);
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let old = OldKeys::of(&office, "office");
    office.change_passphrase(&passphrase("office"), &passphrase("later"), Strength::CHEAP_FOR_TESTS).unwrap();
    let medium = renew(&mut office, "later").unwrap();
    assert_eq!(old.rows_opened(medium.image()), []);
    let by_old = opened(medium.image()).unlock(&passphrase("office"), NOW).unwrap_err();
    assert!(by_old.error.is_wrong_passphrase());
    // Of what was written since, they open entries of the roster and parts of the keyring, and find nothing new there.
    let before = old.documents_opened(&office);
    office.notes_mut().save_note(&draft, &note("Written after."), NOW).unwrap();
    office.notes_mut().add_note(&client, &note("After that."), false, NOW).unwrap();
    office.reauthenticate(&passphrase("later"), NOW).unwrap();
    office.notes_mut().add_note(&client, &note("Apart, after that."), true, NOW).unwrap();
    meet(&mut office, &mut home);
    home.notes_mut().add_note(&client, &note("From home."), false, NOW).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(old.documents_opened(&office), before, "nothing that was written after opens");
    assert_eq!(old.handed_over(&office), 0);
    assert_eq!(old.rows_opened(medium.image()), []);
}

#[test]
fn after_a_mere_change_of_the_passphrase_the_old_keys_open_all_of_it() {
    let (medium, words) = (Medium::default(), passphrase("office"));
    let store = Box::new(RedbStore::over(medium.clone()).unwrap());
    let mut office = Vault::create(store, &new(&words, "Office"), Box::new(Os)).unwrap().vault;
    let (client, _) = written(&mut office);
    let old = OldKeys::of(&office, "office");
    let before = old.documents_opened(&office);
    office.change_passphrase(&words, &passphrase("later"), Strength::CHEAP_FOR_TESTS).unwrap();
    office.notes_mut().add_note(&client, &note("After that."), false, NOW).unwrap();
    office.notes_mut().flush().unwrap();
    assert!(old.rows_opened(medium.image()).len() >= 6);
    assert!(old.documents_opened(&office) > before);
}

#[test]
fn whoever_has_the_old_copy_is_out_and_what_it_writes_is_not_used() {
    let mut office = practice();
    let (client, _) = written(&mut office);
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let medium = Medium::default();
    copy_rows(office.core.rows.look(), &mut RedbStore::over(medium.clone()).unwrap()).unwrap();
    let mut thief = opened(medium.image()).unlock(&passphrase("office"), NOW).unwrap();
    renew(&mut office, "office").unwrap();
    meet(&mut office, &mut home);
    let hello = thief.devices_mut().hello(&[1; 32], &[2; 32], NOW).unwrap();
    assert!(home.devices().greeted(&hello, &[1; 32], &[2; 32], NOW).unwrap().removed);
    let note = thief.notes_mut().add_note(&client, &note("By the thief."), false, NOW).unwrap();
    thief.notes_mut().flush().unwrap();
    carry(&thief, &mut home);
    assert!(home.notes().note(&note).is_err() && !home.devices().quarantine().unwrap().is_empty());
    // Told by the farewell, the copy knows it too.
    let [farewell] = &home.devices().farewell(&thief.device(), usize::MAX)[..] else { panic!("one part") };
    assert!(thief.devices_mut().take_farewell(farewell).unwrap());
}

#[test]
fn a_device_that_has_not_heard_takes_the_new_one_by_its_voucher() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    renew(&mut office, "office").unwrap();
    let hello = office.devices_mut().hello(&[1; 32], &[2; 32], NOW).unwrap();
    let met = home.devices().greeted(&hello, &[1; 32], &[2; 32], NOW).unwrap();
    assert_eq!((met.device, met.removed), (office.device(), false));
}

#[test]
fn a_backup_made_afterwards_restores_with_the_kit_and_with_a_new_one() {
    let (mut office, kit) = with_kit();
    written(&mut office);
    renew(&mut office, "office").unwrap();
    let expected = described(&mut office);
    let new_kit = office.devices_mut().draw_kit(&passphrase("office")).unwrap();
    let restored = |vault: &mut Vault, kit: &Key<RecoveryRole>| {
        let folder = tempfile::tempdir().unwrap();
        back_up(vault, folder.path(), NOW).unwrap();
        let [file] = files_in(folder.path()).try_into().unwrap();
        let backup = BackupFile::open(&file, kit.duplicate(), &|| false)?;
        let selection = Selection { only: Only::Everything, scratch: folder.path() };
        let (words, mut no) = (passphrase("office"), |_| {});
        let made = backup.restore(store(), &new(&words, "Restored"), selection, Box::new(Os), &mut no, &|| false);
        made.map(|(mut vault, _)| described(&mut vault))
    };
    assert_eq!(restored(&mut office, &kit).unwrap(), expected);
    office.devices_mut().put_in_force(&new_kit, NOW).unwrap();
    assert_eq!(restored(&mut office, new_kit.seed()).unwrap(), expected);
    assert_eq!(restored(&mut office, &kit).unwrap_err(), BackupError::WrongKit);
}

#[test]
fn all_keys_can_be_made_new_again_and_again() {
    let mut office = practice();
    written(&mut office);
    let mut home = second(&mut office, "Home");
    let expected = described(&mut office);
    let mut devices = vec![office.device()];
    for _ in 0..3 {
        renew(&mut office, "office").unwrap();
        devices.push(office.device());
    }
    meet(&mut office, &mut home);
    renew(&mut office, "office").unwrap();
    meet(&mut office, &mut home);
    assert_eq!(described(&mut office), expected);
    assert!(devices.iter().all(|device: &DeviceId| home.devices().was_removed(device)));
    assert_eq!(home.devices().all().unwrap().len(), 2);
    assert_eq!(home.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

#[test]
fn what_the_device_signed_still_counts_everywhere() {
    let mut office = practice();
    let (client, _) = written(&mut office);
    let id = office.notes_mut().add_note(&client, &note("Signed here."), false, NOW).unwrap();
    office.notes_mut().sign(&id, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    renew(&mut office, "office").unwrap();
    meet(&mut office, &mut home);
    for vault in [&office, &home] {
        assert_eq!(vault.notes().note(&id).unwrap().state, NoteState::Signed);
    }
}

#[test]
fn a_wrong_passphrase_a_full_practice_a_removed_device_and_damage_change_nothing() {
    let mut office = practice();
    let (client, _) = written(&mut office);
    let (expected, device) = (described(&mut office), office.device());
    assert!(renew(&mut office, "another").unwrap_err().is_wrong_passphrase());
    let mut others: Vec<Vault> = (0..15).map(|number| second(&mut office, &format!("Device {number}"))).collect();
    assert_eq!(renew(&mut office, "office").unwrap_err(), UnlockError::NoPlaceForNewKeys);
    let last = others.pop().unwrap().device();
    office.devices_mut().remove_device(&last, &passphrase("office"), NOW).unwrap();
    assert_eq!((described(&mut office), office.device()), (expected.clone(), device));

    // A row that does not open would be left behind.
    let (table, key) = office.core.rows.key_of(&TimelineAt(client));
    let mut bad = Batch::new();
    bad.put(table, key, b"nothing".to_vec());
    let good = office.core.rows.look().read(table, &key).unwrap().unwrap();
    office.core.rows.store().commit(bad).unwrap();
    assert_eq!(renew(&mut office, "office").unwrap_err(), UnlockError::NotWhole);
    let mut back = Batch::new();
    back.put(table, key, good);
    office.core.rows.store().commit(back).unwrap();
    renew(&mut office, "office").unwrap();
    assert_eq!(described(&mut office), expected);

    let mut home = others.pop().unwrap();
    meet(&mut office, &mut home);
    let gone = home.device();
    office.devices_mut().remove_device(&gone, &passphrase("office"), NOW).unwrap();
    meet(&mut office, &mut others[0]);
    let [farewell] = &office.devices().farewell(&gone, usize::MAX)[..] else { panic!("one part") };
    home.devices_mut().take_farewell(farewell).unwrap();
    assert_eq!(renew(&mut home, "Device 13").unwrap_err(), DeviceError::RemovedHere.into());
}

#[test]
fn of_two_devices_that_do_it_before_they_hear_of_each_other_one_is_out_and_still_has_all_that_it_had() {
    let mut office = practice();
    let (client, _) = written(&mut office);
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    renew(&mut office, "office").unwrap();
    renew(&mut home, "Home").unwrap();
    let mine = office.notes_mut().add_note(&client, &note("In the office."), false, NOW).unwrap();
    let theirs = home.notes_mut().add_note(&client, &note("At home."), false, NOW).unwrap();
    for vault in [&mut office, &mut home] {
        vault.notes_mut().flush().unwrap();
    }
    for _ in 0..3 {
        carry(&office, &mut home);
        carry(&home, &mut office);
    }
    // Which of them stays, the hashes of their admissions say. The other has all that it had, and is let in anew.
    let is_office_out = office.devices().is_removed();
    assert!(is_office_out != home.devices().is_removed());
    let (mut stays, out, lost) = if is_office_out { (home, office, mine) } else { (office, home, theirs) };
    assert!(out.notes().note(&lost).is_ok() && stays.notes().note(&lost).is_err());
    assert!(stays.devices().quarantine().unwrap().iter().any(|one| one.device == out.device()));
    stays.notes_mut().add_note(&client, &note("It goes on."), false, NOW).unwrap();
    assert_eq!(stays.integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
}

/// A keystore that keeps what it is given.
#[derive(Clone, Default)]
struct Drawer(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Keystore for Drawer {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Silent> {
        Ok(self.0.lock().unwrap().get(name).cloned())
    }

    fn keep(&self, name: &str, bytes: Vec<u8>) {
        self.0.lock().unwrap().insert(name.to_owned(), bytes);
    }
}

#[test]
fn the_anchors_follow_and_the_old_file_put_back_is_an_older_copy() {
    let (before, drawer) = (Medium::default(), Drawer::default());
    let store = Box::new(RedbStore::over(before.clone()).unwrap());
    let words = passphrase("office");
    let mut office = Vault::create(store, &new(&words, "Office"), Box::new(Os)).unwrap().vault;
    office.keep_anchor_in(Box::new(drawer.clone())).unwrap();
    written(&mut office);
    let notices = |image: Vec<u8>| {
        let locked = opened(image).with_keystore(Some(Box::new(drawer.clone())));
        locked.unlock(&passphrase("office"), NOW).unwrap().take_notices()
    };
    assert_eq!(notices(before.image()), []);
    let medium = renew(&mut office, "office").unwrap();
    let old = before.image();
    assert_eq!(drawer.0.lock().unwrap().len(), 2);
    drop(office.lock().unwrap());
    assert_eq!(notices(medium.image()), []);
    assert_eq!(notices(old), [Notice::RolledBack]);
}
