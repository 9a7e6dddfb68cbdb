//! Devices that are never on together, and a folder between them.

use std::path::Path;
use std::sync::mpsc;

use subrosa::bridge::{FolderError, FolderSyncing, FolderTold, VisitError, Visited, keep_directory, visit_once};
use subrosa_core::vault::{DAY, VaultError};

use crate::device::{Device, PATIENCE, Time, office_and_laptop, passphrase};
use crate::files::{attach, content, scan};

pub(crate) fn chosen_by(devices: &[&Device]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for device in devices {
        device.with(|vault| keep_directory(vault, Some(folder.path()))).unwrap();
    }
    folder
}

/// One looks into the folder while the other is off.
pub(crate) fn visit(device: &Device) -> Visited {
    device.with(|vault| vault.notes_mut().flush()).unwrap();
    visit_once(&device.vault, &device.time.network().clock).unwrap().unwrap()
}

fn names(folder: &Path, word: &str) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(word)).count()
}

/// Whether the other one lacks something, and how many files it lacks, as far as is known here.
fn behind(device: &Device) -> (u64, u64) {
    let rows = device.with(|vault| vault.devices().all()).unwrap();
    let other = rows.into_iter().find(|row| !row.here).unwrap();
    (u64::from(!other.lacks.is_nothing()), other.lacks.files.len() as u64)
}

#[test]
fn two_that_are_never_on_together_write_edit_sign_and_delete_through_a_folder_and_agree() {
    let (office, laptop) = office_and_laptop();
    let folder = chosen_by(&[&office, &laptop]);
    let client = office.add_client("Aino");
    let draft = office.add_note(&client, "Sleeps better.");
    let signed = office.add_note(&client, "Signed.");
    office.with(|vault| vault.notes_mut().sign(&signed, office.time.now())).unwrap();
    visit(&office);
    assert!(behind(&office).0 > 0, "nobody has said yet that it is there");
    assert!(visit(&laptop).news);
    assert_eq!((laptop.names(), laptop.text(&draft)), (vec!["Aino".to_owned()], "Sleeps better.".to_owned()));
    laptop.save(&draft, "Sleeps better, and eats.");
    visit(&laptop);
    office.save(&draft, "She sleeps better.");
    visit(&office);
    visit(&laptop);
    visit(&office);
    assert_eq!(office.text(&draft), laptop.text(&draft));
    for part in ["She ", ", and eats"] {
        assert!(office.text(&draft).contains(part), "{part}");
    }
    for _ in 0..2 {
        visit(&laptop);
        visit(&office);
    }
    assert_eq!((behind(&office), behind(&laptop)), ((0, 0), (0, 0)));
    assert_eq!(
        office.with(|vault| vault.log().frontier()).unwrap(),
        laptop.with(|vault| vault.log().frontier()).unwrap()
    );
    assert_eq!((names(folder.path(), "batch"), names(folder.path(), "state")), (0, 2));
}

#[test]
fn an_attached_file_comes_through_a_folder_whole_and_is_said_to_be_there_only_then() {
    let (office, laptop) = office_and_laptop();
    let _folder = chosen_by(&[&office, &laptop]);
    let client = office.add_client("Aino");
    let bytes = scan(5_000_000);
    let file = attach(&office, client, None, &bytes);
    visit(&office);
    assert_eq!(behind(&office).1, 1);
    visit(&laptop);
    assert!(content(&laptop, &file).unwrap() == bytes);
    visit(&office);
    assert_eq!(behind(&office), (0, 0));
}

#[test]
fn a_device_that_was_removed_while_it_was_away_learns_it_and_opens_nothing_that_comes_later() {
    let (office, laptop) = office_and_laptop();
    let folder = chosen_by(&[&office, &laptop]);
    let client = office.add_client("Aino");
    visit(&office);
    visit(&laptop);
    let id = laptop.with(|vault| vault.device());
    office.with(|vault| vault.devices_mut().remove_device(&id, &passphrase("Office"), office.time.now())).unwrap();
    let after = office.add_note(&client, "Nobody else's affair.");
    for _ in 0..2 {
        visit(&office);
        // Once it has learned of it, it looks into no folder any more.
        let _ = visit_once(&laptop.vault, &laptop.time.network().clock);
    }
    let read = laptop.with(|vault| vault.notes().note(&after).map_err(VaultError::from).map(drop));
    assert!(read.is_err());
    assert_eq!(names(folder.path(), "batch"), 0, "nobody is left for whom anything lies there");
}

#[test]
fn a_practice_of_others_in_the_same_folder_is_left_alone() {
    let (office, laptop) = office_and_laptop();
    let other = Device::first("Other", &Time::new());
    let folder = chosen_by(&[&office, &laptop, &other]);
    other.add_client("Nobody known here");
    office.add_client("Aino");
    for _ in 0..2 {
        assert_eq!(visit(&other).trouble, None);
        assert_eq!(visit(&office).trouble, None);
        assert_eq!(visit(&laptop).trouble, None);
    }
    assert_eq!((laptop.names(), other.names()), (vec!["Aino".to_owned()], vec!["Nobody known here".to_owned()]));
    assert_eq!(names(folder.path(), "state"), 3);
}

#[test]
fn a_stick_that_is_not_there_is_said_and_when_it_is_back_all_goes_on() {
    let (office, laptop) = office_and_laptop();
    let stick = tempfile::tempdir().unwrap();
    let at = stick.path().join("stick").join("practice");
    std::fs::create_dir(stick.path().join("stick")).unwrap();
    for device in [&office, &laptop] {
        device.with(|vault| keep_directory(vault, Some(&at))).unwrap();
    }
    office.add_client("Aino");
    visit(&office);
    let away = stick.path().join("pulled");
    std::fs::rename(stick.path().join("stick"), &away).unwrap();
    let missing = visit_once(&laptop.vault, &laptop.time.network().clock);
    assert_eq!(missing, Err(VisitError::Folder(FolderError::NotThere)));
    std::fs::rename(&away, stick.path().join("stick")).unwrap();
    visit(&laptop);
    assert_eq!(laptop.names(), ["Aino"]);
}

#[test]
fn while_both_are_unlocked_what_one_writes_comes_by_itself_and_what_is_due_at_the_lock_is_uploaded_after_it() {
    let (office, laptop) = office_and_laptop();
    let _folder = chosen_by(&[&office, &laptop]);
    let start = |device: &Device| {
        let (tell, news) = mpsc::channel();
        let clock = device.time.network().clock;
        let told = move |told| {
            if let FolderTold::Visited(visited) = told {
                let _ = tell.send(visited);
            }
        };
        (FolderSyncing::start(&device.vault, &clock, told).unwrap().unwrap(), news)
    };
    let (of_office, _) = start(&office);
    let (of_laptop, news) = start(&laptop);
    let client = office.add_client("Aino");
    of_office.notify_changed();
    while laptop.names().is_empty() {
        news.recv_timeout(PATIENCE).unwrap().unwrap();
    }
    let id = office.add_note(&client, "The last words before the lock.");
    office.with(|vault| vault.notes_mut().flush()).unwrap();
    let left = of_office.leave();
    drop(office.vault.take().unwrap().lock().unwrap());
    left.upload().into_iter().for_each(|thread| thread.join().unwrap());
    while laptop.with(|vault| vault.notes().note(&id)).is_err() {
        news.recv_timeout(PATIENCE).unwrap().unwrap();
    }
    assert_eq!(laptop.text(&id), "The last words before the lock.");
    drop(of_laptop.leave());
}

#[test]
fn one_that_was_away_for_longer_than_ninety_days_gets_all_of_it_when_it_looks_into_the_folder_again() {
    let (office, laptop) = office_and_laptop();
    let folder = chosen_by(&[&office, &laptop]);
    office.add_client("Aino");
    visit(&office);
    assert_eq!(names(folder.path(), "batch"), 1);
    office.time.pass(91 * DAY);
    visit(&office);
    assert_eq!(names(folder.path(), "batch"), 0, "nobody who was not seen for so long holds it up");
    visit(&laptop);
    visit(&office);
    visit(&laptop);
    assert_eq!(laptop.names(), ["Aino"]);
}
