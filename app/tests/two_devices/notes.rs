//! What two and three devices write, together and apart.

use subrosa::bridge::News;
use subrosa_core::catalog::NoteState;
use subrosa_core::vault::{DeviceRow, RowError};

use crate::device::{Device, Time, meet, note, office_and_laptop, passphrase};

#[test]
fn a_new_device_sees_all_clients_and_notes_that_were_there_before_it() {
    let mut office = Device::first("Office", &Time::new());
    let client = office.add_client("Aino Mäkinen");
    let draft = office.add_note(&client, "Sleeps better.");
    let signed = office.add_note(&client, "Signed.");
    office.with(|vault| vault.notes_mut().sign(&signed, office.time.now())).unwrap();
    let mut laptop = Device::paired_by(&mut office, "Laptop");
    assert_eq!(laptop.names(), Vec::<String>::new());
    let report = meet(&mut laptop, &mut office);
    assert!(report.tally.bodies_stored > 0);
    assert_eq!(laptop.names(), ["Aino Mäkinen"]);
    assert_eq!(laptop.text(&draft), "Sleeps better.");
    assert_eq!(laptop.note(&signed).state, NoteState::Signed);
    // And each knows how far the other is.
    for device in [&office, &laptop] {
        let rows = device.with(|vault| vault.devices().all()).unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(DeviceRow::has_all), "{}", device.name);
        assert_eq!(rows.iter().filter(|row| row.last_seen.is_some()).count(), 1);
    }
}

#[test]
fn two_devices_edit_the_same_paragraph_offline_and_both_texts_survive() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let id = office.add_note(&client, "The client slept.");
    meet(&mut office, &mut laptop);
    office.save(&id, "The client slept well for once.");
    laptop.save(&id, "The young client slept, Tue to Fri.");
    meet(&mut laptop, &mut office);
    let text = office.text(&id);
    assert_eq!(text, laptop.text(&id));
    for part in ["young ", " well for once", ", Tue to Fri"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn each_device_adds_a_client_offline_and_both_are_kept_and_open_on_both() {
    let (mut office, mut laptop) = office_and_laptop();
    let (aino, bertil) = (office.add_client("Aino"), laptop.add_client("Bertil"));
    let (one, two) = (office.add_note(&aino, "one"), laptop.add_note(&bertil, "two"));
    meet(&mut office, &mut laptop);
    for device in [&office, &laptop] {
        assert_eq!(device.names(), ["Aino", "Bertil"]);
        assert_eq!((device.text(&one).as_str(), device.text(&two).as_str()), ("one", "two"));
    }
}

#[test]
fn a_third_device_paired_by_the_second_gets_what_the_first_wrote() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let id = office.add_note(&client, "From the office.");
    meet(&mut office, &mut laptop);
    let mut tablet = Device::paired_by(&mut laptop, "Tablet");
    meet(&mut tablet, &mut laptop);
    assert_eq!(tablet.text(&id), "From the office.");
    tablet.save(&id, "From the office. From the tablet.");
    // The office has never heard of the tablet; the laptop brings both its admission and its words.
    meet(&mut tablet, &mut laptop);
    meet(&mut office, &mut laptop);
    assert_eq!(office.text(&id), "From the office. From the tablet.");
    let bertil = office.add_client("Bertil");
    let two = office.add_note(&bertil, "two");
    meet(&mut office, &mut laptop);
    meet(&mut laptop, &mut tablet);
    assert_eq!(tablet.text(&two), "two");
}

#[test]
fn a_private_note_opens_on_the_other_device_after_its_own_passphrase_and_not_before() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let now = office.time.now();
    office.with(|vault| vault.reauthenticate(&passphrase("Office"), now)).unwrap();
    let id = office.with(|vault| vault.notes_mut().add_note(&client, &note("apart"), true, now)).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!(laptop.with(|vault| vault.notes().note(&id)).unwrap_err(), RowError::NeedsReauth.into());
    assert!(laptop.with(|vault| vault.reauthenticate(&passphrase("Office"), now)).unwrap_err().is_wrong_passphrase());
    laptop.with(|vault| vault.reauthenticate(&passphrase("Laptop"), now)).unwrap();
    assert_eq!(laptop.text(&id), "apart");
}

#[test]
fn what_is_written_while_both_are_online_arrives_by_itself() {
    let (mut office, mut laptop) = office_and_laptop();
    office.go_online();
    laptop.go_online();
    laptop.syncing().connect(office.address()).unwrap();
    office.wait_for(|news| matches!(news, News::CaughtUp { .. }));
    let client = office.add_client("Aino");
    let id = office.add_note(&client, "live");
    office.with(|vault| vault.notes_mut().flush()).unwrap();
    office.syncing().notify_changed();
    while laptop.with(|vault| vault.notes().note(&id)).is_err() {
        // On a busy machine a connection can end of silence.
        if laptop.wait_for(|news| matches!(news, News::Arrived | News::Ended { .. })) != News::Arrived {
            laptop.syncing().connect(office.address()).unwrap();
        }
    }
    assert_eq!(laptop.text(&id), "live");
}
