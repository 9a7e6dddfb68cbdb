//! Attached files between devices: after the note, piece by piece, taken up again where a connection broke.

use subrosa::bridge::News;
use subrosa_core::id::{ClientId, DocId, NoteId};
use subrosa_core::vault::{FileError, NewFile, Reached};

use crate::device::{Device, PATIENCE, meet, office_and_laptop};

pub(crate) fn scan(len: usize) -> Vec<u8> {
    (0..len as u64).map(|at| (at.wrapping_mul(2_654_435_761) >> 9).to_le_bytes()[0]).collect()
}

pub(crate) fn attach(device: &Device, client: ClientId, note: Option<NoteId>, bytes: &[u8]) -> DocId {
    let file = NewFile { client, note, name: "scan.pdf", length: None };
    let now = device.time.now();
    device.with(|vault| vault.files_mut().attach(&file, &mut &bytes[..], now, &mut |_| {}, &|| false)).unwrap()
}

pub(crate) fn content(device: &Device, id: &DocId) -> Result<Vec<u8>, FileError> {
    device.with(|vault| vault.files().file_bytes(id, 1 << 30)).map(|bytes| bytes.to_vec())
}

fn reached(device: &Device, id: &DocId) -> Reached {
    device.with(|vault| vault.files().file(id)).unwrap().reached
}

/// Files that have not come to this device whole, and those that are here and not on the others.
fn files_behind(device: &Device) -> (usize, usize) {
    let rows = device.with(|vault| vault.devices().all()).unwrap();
    let of = |here: bool| rows.iter().filter(move |row| row.here == here).map(|row| row.lacks.file_count()).sum();
    (of(true), of(false))
}

#[test]
fn a_file_reaches_the_other_device_with_its_note_and_opens_there() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let note = office.add_note(&client, "With a letter.");
    let bytes = scan(3_000_000);
    let file = attach(&office, client, Some(note), &bytes);
    let report = meet(&mut laptop, &mut office);
    assert_eq!(report.tally.pieces_stored, 3);
    assert_eq!(laptop.with(|vault| vault.files().note_files(&note)).unwrap().len(), 1);
    assert!(content(&laptop, &file).unwrap() == bytes);
    let nothing = meet(&mut laptop, &mut office);
    assert_eq!((nothing.tally.pieces_stored, nothing.tally.pieces_sent), (0, 0));
    assert!(report.tally.in_step && nothing.tally.in_step);
    assert_eq!([&office, &laptop].map(files_behind), [(0, 0); 2]);
}

#[test]
fn a_file_that_has_not_come_is_counted_before_and_between_and_not_after() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    meet(&mut laptop, &mut office);
    attach(&office, client, None, &scan(1_000));
    assert_eq!([&office, &laptop].map(files_behind), [(0, 1), (0, 0)], "nobody there knows of it");
    meet(&mut laptop, &mut office);
    assert_eq!([&office, &laptop].map(files_behind), [(0, 0); 2]);
}

#[test]
fn a_file_that_is_attached_while_both_are_connected_comes_at_once() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    meet(&mut office, &mut laptop);
    office.go_online();
    laptop.go_online();
    laptop.syncing().sync_with(office.address(), PATIENCE).unwrap();
    let bytes = scan(1_500_000);
    let file = attach(&office, client, None, &bytes);
    office.syncing().notify_changed();
    while content(&laptop, &file).is_err() {
        laptop.wait_for(|news| *news == News::Arrived);
    }
    assert!(content(&laptop, &file).unwrap() == bytes);
}

#[test]
fn a_transfer_that_breaks_off_goes_on_where_it_stopped_and_says_meanwhile_how_far_it_is() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let note = office.add_note(&client, "The note is here before its file.");
    let bytes = scan(60_000_000);
    let file = attach(&office, client, Some(note), &bytes);
    office.with(|vault| vault.notes_mut().flush()).unwrap();
    office.go_online();
    laptop.go_online();
    laptop.syncing().connect(office.address()).unwrap();
    // The first piece that is there, and then the power goes.
    let partly = |device: &Device| match device.with(|vault| vault.files().file(&file)).map(|row| row.reached) {
        Ok(Reached::Partly(came, _)) => came > 0,
        _ => false,
    };
    while !partly(&laptop) {
        laptop.wait_for(|news| *news == News::Arrived);
    }
    office.go_offline();
    laptop.go_offline();
    assert_eq!((files_behind(&office).1, files_behind(&laptop).0), (1, 1), "not all of it is there");
    let Reached::Partly(arrived, of) = reached(&laptop, &file) else {
        panic!("the connection was not cut in the middle")
    };
    println!("{arrived} of {of} bytes had arrived");
    assert_eq!(laptop.text(&note), "The note is here before its file.");
    assert_eq!(content(&laptop, &file), Err(FileError::NotHere));
    assert!(FileError::NotHere.to_string().starts_with("This file has not reached this device yet."));
    drop(laptop.lock());
    laptop.unlock_from_disk();
    assert!(partly(&laptop), "what came is durable");
    let all = office.with(|vault| vault.files().pieces_held()).unwrap();
    let here = laptop.with(|vault| vault.files().pieces_held()).unwrap();
    let report = meet(&mut laptop, &mut office);
    assert_eq!(report.tally.pieces_stored, all - here, "what had arrived is not sent again");
    assert_eq!(reached(&laptop, &file), Reached::Here);
    assert!(content(&laptop, &file).unwrap() == bytes);
}

#[test]
fn a_third_device_gets_a_file_from_whoever_has_it() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let bytes = scan(2_200_000);
    let file = attach(&office, client, None, &bytes);
    meet(&mut laptop, &mut office);
    let mut tablet = Device::paired_by(&mut laptop, "Tablet");
    meet(&mut tablet, &mut laptop);
    assert!(content(&tablet, &file).unwrap() == bytes);
}
