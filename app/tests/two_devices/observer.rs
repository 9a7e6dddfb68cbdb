//! What an observer sees of two days that differ in their words alone: on the wire between two devices, and in the folder. And what
//! stays the same over two weeks.

use std::collections::BTreeSet;
use std::path::Path;

use subrosa_core::vault::DAY;

use crate::device::{Device, meet, office_and_laptop};
use crate::folder::{chosen_by, visit};

/// The lengths of what lies in a folder.
fn lengths(folder: &Path) -> Vec<u64> {
    let mut lengths: Vec<u64> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).collect();
    lengths.sort_unstable();
    lengths
}

fn names(folder: &Path) -> BTreeSet<String> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// One client, a note that is written in two goes, one that is signed, and one that is deleted again.
fn writes(device: &Device, [name, first, then, signed, deleted]: [&str; 5]) {
    let client = device.add_client(name);
    let note = device.add_note(&client, first);
    device.with(|vault| vault.notes_mut().flush()).unwrap();
    device.save(&note, then);
    let other = device.add_note(&client, signed);
    device.with(|vault| vault.notes_mut().sign(&other, device.time.now())).unwrap();
    let gone = device.add_note(&client, deleted);
    device.with(|vault| vault.notes_mut().flush()).unwrap();
    device
        .with(|vault| vault.trash_mut().delete(&[gone], subrosa_core::vault::MassDelete::Refuse, device.time.now()))
        .unwrap();
}

const ONE_DAY: [&str; 5] =
    ["Aino Mäkinen", "Sleeps better.", "Sleeps better, and eats.", "Nothing of note today.", "Not hers."];
const ANOTHER_DAY: [&str; 5] =
    ["Bo Ek", "Suicidal thoughts again!", "Suicidal thoughts again, plan!", "Called his sister.", "To be forgotten"];

/// Of a day: what lies in the folder after each visit, and how much goes over the wire.
fn seen_of(day: [&str; 5]) -> (Vec<Vec<u64>>, (u64, u64)) {
    let (office, laptop) = office_and_laptop();
    let folder = chosen_by(&[&office, &laptop]);
    for device in [&office, &laptop] {
        visit(device);
    }
    writes(&office, day);
    let mut in_folder = Vec::new();
    for device in [&office, &laptop, &office, &laptop] {
        visit(device);
        in_folder.push(lengths(folder.path()));
    }
    let (mut office, mut laptop) = office_and_laptop();
    writes(&office, day);
    let report = meet(&mut office, &mut laptop);
    (in_folder, (report.tally.bytes_sent, report.tally.bytes_received))
}

#[test]
fn two_days_of_other_words_of_the_same_classes_look_the_same_on_the_wire_and_in_the_folder() {
    let (one, another) = (seen_of(ONE_DAY), seen_of(ANOTHER_DAY));
    println!("{one:?}");
    assert_eq!(one, another);
    // The must-fail neighbour: a text of another class is seen to be one.
    let long = "Word. ".repeat(20_000);
    let [name, first, _, signed, deleted] = ONE_DAY;
    assert_ne!(seen_of([name, first, &long, signed, deleted]), one);
}

#[test]
fn after_two_weeks_nothing_on_the_wire_is_the_same_and_of_the_folder_only_who_writes_there() {
    let (mut office, laptop) = office_and_laptop();
    let folder = chosen_by(&[&office, &laptop]);
    for device in [&office, &laptop] {
        visit(device);
    }
    let look = |office: &mut Device| {
        writes(office, ONE_DAY);
        for device in [&*office, &laptop, &*office, &laptop] {
            visit(device);
        }
        office.go_online();
        let endpoint = office.address().endpoint;
        office.go_offline();
        (endpoint, names(folder.path()))
    };
    let (before, names_before) = look(&mut office);
    office.time.pass(15 * DAY);
    let (after, names_after) = look(&mut office);
    assert_ne!(before, after, "the key that a device shows");
    assert_eq!(names_before.intersection(&names_after).count(), 0, "what lies in the folder");
    let tags = |names: &BTreeSet<String>| -> BTreeSet<String> {
        names.iter().filter_map(|name| Some(name.split_once('-')?.0.to_owned())).collect()
    };
    assert_eq!(tags(&names_before), tags(&names_after), "who writes there, which the threat model names");
}
