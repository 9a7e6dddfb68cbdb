//! Who gets in with a code, and who does not.

use subrosa::bridge::{CodeLine, InviteError, JoinError, NetError, NewDevice, News, Syncing};
use subrosa_core::entropy::Os;
use subrosa_core::pairing::{Code, CompareWords, LIFETIME_MS};
use subrosa_sync::pairing::{PairingError, Refused};

use crate::device::{Device, PATIENCE, Time, join_with, newcomer, passphrase};

fn refused(why: Refused) -> JoinError {
    JoinError::Net(NetError::Pairing(PairingError::Refused(why)))
}

fn online() -> Device {
    let mut office = Device::first("Office", &Time::new());
    office.go_online();
    office
}

/// The line that the device shows, and the same line with other words.
fn right_and_wrong(office: &Device) -> (String, String) {
    let right = office.syncing().invite(&passphrase("Office")).unwrap().line;
    let wrong = CodeLine { code: Code::random(&mut Os), address: right.address.clone() };
    (right.to_text().to_string(), wrong.to_text().to_string())
}

fn attempt(line: &str, time: &Time) -> JoinError {
    let folder = tempfile::tempdir().unwrap();
    let refused = join_with(line, newcomer("Stranger", &folder), time).unwrap_err();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    refused
}

/// A laptop that is let in with this line. Both screens show the same words before.
fn join(office: &Device, line: &str) {
    let (folder, time) = (tempfile::tempdir().unwrap(), office.time.clone());
    let (shown, compare) = std::sync::mpsc::channel();
    let compared = Box::new(move |words: CompareWords| shown.send(words.to_string()).unwrap());
    std::thread::scope(|scope| {
        let device = NewDevice { compare: compared, ..newcomer("Laptop", &folder) };
        let joining = scope.spawn(|| join_with(line, device, &time));
        let asked = office.wait_for(|news| matches!(news, News::DeviceAsks(_)));
        let words = compare.recv().unwrap();
        assert!(matches!(asked, News::DeviceAsks(asked) if asked.compare == words));
        office.syncing().confirm(true).unwrap();
        joining.join().unwrap().unwrap();
    });
}

#[test]
fn inviting_asks_for_the_passphrase_and_a_wrong_one_invites_nobody() {
    let office = online();
    let error = office.syncing().invite(&passphrase("guess")).unwrap_err();
    assert!(matches!(error, InviteError::Unlock(error) if error.is_wrong_passphrase()));
}

#[test]
fn wrong_codes_however_many_void_nothing_and_the_right_one_still_lets_a_device_in() {
    let office = online();
    let (right, wrong) = right_and_wrong(&office);
    for _ in 0..5 {
        assert_eq!(attempt(&wrong, &office.time), refused(Refused::WrongCode));
    }
    assert_eq!(office.with(|vault| vault.devices().all()).unwrap().len(), 1);
    join(&office, &right);
    assert_eq!(office.with(|vault| vault.devices().all()).unwrap().len(), 2);
}

#[test]
fn a_code_that_has_served_one_device_serves_no_other() {
    let office = online();
    let (line, _) = right_and_wrong(&office);
    join(&office, &line);
    assert_eq!(attempt(&line, &office.time), refused(Refused::UsedUp));
    assert_eq!(office.with(|vault| vault.devices().all()).unwrap().len(), 2);
}

#[test]
fn a_code_is_worthless_after_five_minutes() {
    let office = online();
    let (line, _) = right_and_wrong(&office);
    office.time.pass(LIFETIME_MS);
    assert_eq!(attempt(&line, &office.time), refused(Refused::Expired));
    assert_eq!(office.with(|vault| vault.devices().all()).unwrap().len(), 1);
}

#[test]
fn a_yes_may_come_after_the_codes_five_minutes_when_the_device_asked_within_them() {
    let office = online();
    let (line, _) = right_and_wrong(&office);
    office.time.pass(LIFETIME_MS - 1_000);
    let (folder, time) = (tempfile::tempdir().unwrap(), office.time.clone());
    std::thread::scope(|scope| {
        let joining = scope.spawn(|| join_with(&line, newcomer("Laptop", &folder), &time));
        office.wait_for(|news| matches!(news, News::DeviceAsks(_)));
        office.time.pass(60_000);
        office.syncing().confirm(true).unwrap();
        joining.join().unwrap().unwrap();
    });
    assert_eq!(office.with(|vault| vault.devices().all()).unwrap().len(), 2);
}

#[test]
fn a_no_at_the_old_device_hands_over_nothing() {
    let office = online();
    let (line, _) = right_and_wrong(&office);
    let time = office.time.clone();
    std::thread::scope(|scope| {
        let joining = scope.spawn(|| attempt(&line, &time));
        office.wait_for(|news| matches!(news, News::DeviceAsks(_)));
        office.syncing().confirm(false).unwrap();
        assert_eq!(joining.join().unwrap(), refused(Refused::ByPerson));
    });
    assert_eq!(office.with(|vault| vault.devices().all()).unwrap().len(), 1);
}

#[test]
fn a_device_of_another_practice_is_refused_and_nothing_changes() {
    let (office, mut other) = (online(), Device::first("Elsewhere", &Time::new()));
    other.add_client("Somebody else's");
    other.go_online();
    let before = office.with(|vault| vault.log().frontier()).unwrap();
    let outcome = other.syncing().sync_with(office.address(), PATIENCE);
    assert!(matches!(outcome, Err(NetError::Session(_))), "{outcome:?}");
    let ended = office.wait_for(|news| matches!(news, News::Ended { .. }));
    assert!(matches!(ended, News::Ended { device: None, why: Some(_) }));
    assert_eq!(office.with(|vault| vault.log().frontier()).unwrap(), before);
}

#[test]
fn while_locked_nothing_is_exchanged_and_the_network_part_does_not_start() {
    let mut office = Device::first("Office", &Time::new());
    let mut laptop = Device::paired_by(&mut office, "Laptop");
    office.go_online();
    laptop.go_online();
    let locked = office.vault.take().unwrap();
    let outcome = laptop.syncing().sync_with(office.address(), PATIENCE);
    assert!(matches!(outcome, Err(NetError::Session(_))), "{outcome:?}");
    assert!(Syncing::start(&office.vault, &office.time.network(), |_| {}).is_err());
    office.vault.put(locked);
    laptop.syncing().sync_with(office.address(), PATIENCE).unwrap();
}
