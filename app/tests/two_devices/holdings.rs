//! What each device says that the other has, at each step of an exchange: never more than it has, and all of it once it has said so.

use subrosa::bridge::{News, address_from_text, address_to_text};
use subrosa_core::id::{DocId, NoteId};
use subrosa_core::vault::{DeviceRow, MetThrough, NewFile, Unused, Vault};

use crate::device::{Device, Time, meet, office_and_laptop};

const DAY: u64 = 86_400_000;

fn other(device: &Device) -> DeviceRow {
    device.with(|vault| vault.devices().all()).unwrap().into_iter().find(|row| !row.here).unwrap()
}

/// On how many devices a note is, and how many notes and files the other one lacks, as the device says.
fn said(device: &Device, note: &NoteId) -> (usize, usize, usize) {
    let lacks = other(device).lacks;
    (device.with(|vault| vault.devices().holders_of(note)).unwrap(), lacks.notes.len(), lacks.file_count())
}

/// Waits for news until something is so; a connection that ended is taken up again.
fn until(office: &Device, laptop: &Device, is_so: impl Fn() -> bool) {
    let there = address_from_text(&address_to_text(&office.address())).unwrap();
    while !is_so() {
        let is_news = |news: &News| matches!(news, News::Acknowledged | News::Ended { .. } | News::CaughtUp { .. });
        if matches!(office.wait_for(is_news), News::Ended { .. }) {
            laptop.syncing().connect(there.clone()).unwrap();
        }
    }
}

#[test]
fn what_is_typed_is_here_only_until_the_other_device_acknowledges_it_with_its_file() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let id = office.add_note(&client, "Slept.");
    meet(&mut office, &mut laptop);
    assert_eq!((said(&office, &id), said(&laptop, &id)), ((2, 0, 0), (2, 0, 0)));
    office.go_online();
    laptop.go_online();
    laptop.syncing().connect(office.address()).unwrap();
    until(&office, &laptop, || other(&office).through == Some(MetThrough::SameNetwork));
    office.save(&id, "Slept well.");
    assert_eq!(said(&office, &id), (1, 1, 0), "connected, and not sent");
    office.with(|vault| vault.notes_mut().flush()).unwrap();
    office.syncing().notify_changed();
    until(&office, &laptop, || said(&office, &id) == (2, 0, 0));
    assert_eq!(laptop.text(&id), "Slept well.");

    let file = NewFile { client, note: Some(id), name: "scan.pdf", length: None };
    let bytes = vec![7; 3_000_000];
    office.with(|vault| vault.files_mut().attach(&file, &mut &bytes[..], 1, &mut |_| {}, &|| false)).unwrap();
    assert_eq!(said(&office, &id), (1, 0, 1));
    office.syncing().notify_changed();
    until(&office, &laptop, || said(&office, &id) == (2, 0, 0));
    assert!(laptop.with(|vault| vault.files().file_bytes(&file_of(vault, &id), 1 << 30)).is_ok());
    assert!(other(&office).has_all() && other(&office).had_all.is_some());

    // Alone again: what is written stays here only, however long it takes.
    laptop.go_offline();
    office.time.pass(DAY);
    office.save(&id, "Slept well, and woke.");
    office.with(|vault| vault.notes_mut().flush()).unwrap();
    office.syncing().notify_changed();
    assert_eq!(said(&office, &id), (1, 1, 0));
    let had_all = other(&office).had_all;
    assert!(had_all.is_some_and(|at| at < office.time.now()));
    meet(&mut laptop, &mut office);
    assert_eq!(said(&office, &id), (2, 0, 0));
    assert_eq!(other(&office).had_all, Some(office.time.now()));
}

/// The one file of a note.
fn file_of(vault: &Vault, note: &NoteId) -> DocId {
    vault.files().note_files(note).unwrap().remove(0).id
}

#[test]
fn of_two_that_were_apart_each_says_what_the_other_lacks_of_its_own() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    meet(&mut office, &mut laptop);
    let (one, two) = (office.add_note(&client, "one"), laptop.add_note(&client, "two"));
    let three = laptop.add_note(&client, "three");
    assert_eq!((said(&office, &one), said(&laptop, &two)), ((1, 1, 0), (1, 2, 0)));
    meet(&mut office, &mut laptop);
    for (device, note) in [(&office, &one), (&office, &two), (&laptop, &two), (&laptop, &three)] {
        assert_eq!(said(device, note), (2, 0, 0), "{}", device.name);
        assert!(other(device).has_all());
    }
}

#[test]
fn a_device_that_was_let_in_and_came_never_is_offered_for_removal_and_one_that_came_is_not_for_ninety_days() {
    let mut office = Device::first("Office", &Time::new());
    let mut laptop = Device::paired_by(&mut office, "Laptop");
    let unused = |office: &Device| other(office).unused(office.time.now());
    assert_eq!((unused(&office), other(&office).through), (None, None));
    office.time.pass(DAY / 24);
    assert_eq!(unused(&office), Some(Unused::NeverJoined));
    meet(&mut office, &mut laptop);
    assert_eq!(unused(&office), None);
    office.time.pass(90 * DAY);
    assert_eq!(unused(&office), Some(Unused::NotSeen));
    meet(&mut office, &mut laptop);
    assert_eq!(unused(&office), None);
}
