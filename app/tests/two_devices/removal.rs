//! A device is removed while all three run: who hears what over a real connection, and what the removed one still gets.

use std::time::Duration;

use subrosa::bridge::{NetError, News, SyncError, Syncing};
use subrosa_core::id::ClientId;
use subrosa_core::vault::{Notice, ReadError};
use subrosa_sync::session::SessionError;

use crate::device::{Device, PATIENCE, Time, meet, passphrase};

/// Three devices in step, with a client.
fn three() -> (Device, Device, Device, ClientId) {
    let mut office = Device::first("Office", &Time::new());
    let client = office.add_client("Aino");
    let mut laptop = Device::paired_by(&mut office, "Laptop");
    let mut tablet = Device::paired_by(&mut office, "Tablet");
    for _ in 0..2 {
        meet(&mut office, &mut laptop);
        meet(&mut office, &mut tablet);
    }
    meet(&mut laptop, &mut tablet);
    meet(&mut office, &mut laptop);
    (office, laptop, tablet, client)
}

fn remove(by: &Device, gone: &Device) {
    let id = gone.with(|vault| vault.device());
    let now = by.time.now();
    by.with(|vault| vault.devices_mut().remove_device(&id, &passphrase(&by.name), now)).unwrap();
    by.with(|vault| vault.end_reauth());
}

/// The removed device calls: it is told, and nobody gives it anything.
fn calls(removed: &mut Device, other: &mut Device) {
    removed.with(|vault| vault.notes_mut().flush()).unwrap();
    removed.go_online();
    other.go_online();
    let met = removed.syncing().sync_with(other.address(), PATIENCE);
    assert!(matches!(met, Err(NetError::Session(SessionError::RemovedHere))), "{met:?}");
    other.wait_for(|news| matches!(news, News::Ended { why: Some(SessionError::RemovedThere), .. }));
    removed.go_offline();
    other.go_offline();
}

#[test]
fn the_removed_device_is_told_reads_nothing_new_and_what_it_wrote_lies_apart_on_the_others() {
    let (mut office, mut laptop, mut tablet, client) = three();
    remove(&office, &tablet);
    let after = office.add_note(&client, "After.");
    // Laptop was away and knows the old epoch only: it is understood, and understands.
    meet(&mut laptop, &mut office);
    assert_eq!(laptop.text(&after), "After.");
    assert_eq!(laptop.with(|vault| vault.devices().all()).unwrap().len(), 2);
    let mine = laptop.add_note(&client, "From Laptop.");
    meet(&mut office, &mut laptop);
    assert_eq!(office.text(&mine), "From Laptop.");
    // The tablet has not heard, and goes on writing.
    let lost = tablet.add_note(&client, "On the train.");
    assert!(!tablet.with(|vault| vault.devices().is_removed()));
    tablet.with(|vault| vault.notes_mut().flush()).unwrap();
    let before = tablet.with(|vault| vault.log().log_ends()).unwrap();
    calls(&mut tablet, &mut office);
    assert!(tablet.with(|vault| vault.devices().is_removed()));
    assert!(tablet.with(|vault| vault.take_notices()).contains(&Notice::RemovedHere));
    assert_eq!(tablet.with(|vault| vault.log().log_ends()).unwrap(), before, "not one new envelope came");
    for id in [after, mine] {
        assert_eq!(tablet.with(|vault| vault.notes().note(&id)).unwrap_err(), ReadError::NoSuchNote);
    }
    assert_eq!(tablet.text(&lost), "On the train.", "what it has stays readable");
    // On the others it is held, and goes no further than that.
    assert_eq!(office.with(|vault| vault.notes().note(&lost)).unwrap_err(), ReadError::NoSuchNote);
    assert_eq!(office.with(|vault| vault.devices().quarantine()).unwrap()[0].notes, 1);
    meet(&mut office, &mut laptop);
    assert_eq!(laptop.with(|vault| vault.devices().quarantine()).unwrap()[0].notes, 1);
    let (id, now) = (tablet.with(|vault| vault.device()), laptop.time.now());
    laptop.with(|vault| vault.devices_mut().keep_quarantined(&id, now)).unwrap();
    meet(&mut office, &mut laptop);
    assert_eq!((office.text(&lost), laptop.text(&lost)), ("On the train.".to_owned(), "On the train.".to_owned()));
    // From now on the tablet's network part does not start, after it was opened anew either.
    tablet.lock();
    tablet.unlock_from_disk();
    assert!(tablet.with(|vault| vault.take_notices()).contains(&Notice::RemovedHere));
    let started = Syncing::start(&tablet.vault, &tablet.time.network(), |_| {});
    assert!(matches!(started, Err(SyncError::Removed)));
}

#[test]
fn a_device_that_is_connected_while_it_is_removed_gets_nothing_that_is_written_after() {
    let (mut office, _, mut tablet, client) = three();
    office.go_online();
    tablet.go_online();
    tablet.syncing().sync_with(office.address(), PATIENCE).unwrap();
    remove(&office, &tablet);
    let after = office.add_note(&client, "After.");
    office.with(|vault| vault.notes_mut().flush()).unwrap();
    office.syncing().notify_changed();
    // Over the connection that stands it hears at most what is sealed from it; the next one ends with a farewell.
    let _ = tablet.syncing().sync_with(office.address(), Duration::from_secs(5));
    assert_eq!(tablet.with(|vault| vault.notes().note(&after)).unwrap_err(), ReadError::NoSuchNote);
    tablet.go_offline();
    office.go_offline();
    if !tablet.with(|vault| vault.devices().is_removed()) {
        calls(&mut tablet, &mut office);
    }
    assert_eq!(tablet.with(|vault| vault.notes().note(&after)).unwrap_err(), ReadError::NoSuchNote);
}

#[test]
fn a_device_of_another_practice_still_hears_nothing_at_all() {
    let (mut office, _, tablet, _) = three();
    remove(&office, &tablet);
    let mut other = Device::first("Elsewhere", &Time::new());
    office.go_online();
    other.go_online();
    let met = other.syncing().sync_with(office.address(), PATIENCE);
    assert!(matches!(met, Err(NetError::Session(SessionError::Closed))), "{met:?}");
}
