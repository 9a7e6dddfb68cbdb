//! Broken connections, old copies, and the cost of nothing.

use subrosa::bridge::News;
use subrosa_core::vault::Notice;

use crate::device::{Device, PATIENCE, meet, office_and_laptop};

#[test]
fn nothing_to_do_costs_one_round_trip() {
    let (mut office, mut laptop) = office_and_laptop();
    let report = meet(&mut office, &mut laptop);
    // A hello, where it can be reached, and a frontier each way.
    assert_eq!((report.tally.frames_sent, report.tally.frames_received), (3, 3));
    assert!(report.tally.in_step && report.tally.bytes_sent < 1_024);
}

#[test]
fn a_sync_that_breaks_off_goes_on_where_it_stopped() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let mut notes = Vec::new();
    for n in 0..300 {
        notes.push(office.add_note(&client, &format!("Note number {n}.")));
        // Each in an envelope of its own, so that there is a middle.
        office.with(|vault| vault.notes_mut().flush()).unwrap();
    }
    let lacking = bodies(&office) - bodies(&laptop);
    office.go_online();
    laptop.go_online();
    laptop.syncing().connect(office.address()).unwrap();
    while laptop.with(|vault| notes.iter().all(|id| vault.notes().note(id).is_err())) {
        // On a busy machine a greeting can be too late.
        if laptop.wait_for(|news| matches!(news, News::Arrived | News::Ended { .. })) != News::Arrived {
            laptop.syncing().connect(office.address()).unwrap();
        }
    }
    // Cut in the middle, from the side that gives.
    office.go_offline();
    laptop.go_offline();
    let left = bodies(&office) - bodies(&laptop);
    println!("{left} of {lacking} envelopes had not arrived");
    assert!(left < lacking);
    let report = meet(&mut laptop, &mut office);
    assert_eq!(report.tally.bodies_stored, left, "what had arrived is not sent again");
    assert!(notes.iter().all(|id| laptop.with(|vault| vault.notes().note(id)).is_ok()));
}

/// Envelopes whose bodies are here.
fn bodies(device: &Device) -> u64 {
    let ends = device.with(|vault| vault.log().log_ends()).unwrap();
    ends.iter().map(|end| end.next_seq - end.missing.len() as u64).sum()
}

#[test]
fn an_envelope_that_a_disk_lost_comes_back_with_the_next_sync() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let notes: Vec<_> = (0..5).map(|n| office.add_note(&client, &format!("{n}. {}", "words ".repeat(900)))).collect();
    meet(&mut office, &mut laptop);
    let body = laptop.with(|vault| {
        let bodies = vault.log().log_ends().unwrap().into_iter().flat_map(|end| {
            let names = vault.log().branch_names(&end.log, 0, &end.head).unwrap();
            names.into_iter().map(|name| vault.log().envelope_body(&name).unwrap().unwrap()).collect::<Vec<_>>()
        });
        bodies.max_by_key(Vec::len).unwrap()
    });
    drop(laptop.lock());
    let mut file = std::fs::read(laptop.path()).unwrap();
    let at = file.windows(24).position(|window| window == &body[..24]).unwrap();
    file[at + 40] ^= 1;
    std::fs::write(laptop.path(), file).unwrap();
    laptop.unlock_from_disk();
    let path = laptop.path();
    let repaired = laptop.with(|vault| subrosa::operations::repair::repair(vault, &path, &mut |_, _| {})).unwrap();
    assert!(repaired.copied.is_some() && repaired.repaired.bodies_lacking > 0, "{repaired:?}");
    meet(&mut laptop, &mut office);
    assert_eq!(laptop.with(|vault| vault.integrity().verify(&mut |_, _| {})).unwrap().damaged, []);
    drop(laptop.lock());
    laptop.unlock_from_disk();
    for id in notes {
        assert_eq!(laptop.text(&id), office.text(&id));
    }
}

#[test]
fn an_older_copy_put_back_goes_on_and_still_merges() {
    let (mut office, mut laptop) = office_and_laptop();
    let client = office.add_client("Aino");
    let id = office.add_note(&client, "Monday.");
    meet(&mut office, &mut laptop);
    drop(office.lock());
    let old = std::fs::read(office.path()).unwrap();
    office.unlock_from_disk();
    office.save(&id, "Monday. Tuesday.");
    meet(&mut office, &mut laptop);
    drop(office.lock());
    std::fs::write(office.path(), old).unwrap();
    office.unlock_from_disk();
    assert!(office.with(|vault| vault.take_notices()).contains(&Notice::RolledBack));
    assert_eq!(office.text(&id), "Monday.");
    office.save(&id, "Monday. Written after the older copy was put back.");
    meet(&mut office, &mut laptop);
    let text = office.text(&id);
    assert_eq!(text, laptop.text(&id));
    assert!(text.contains("Tuesday.") && text.contains("put back"), "{text}");
}

#[test]
fn an_address_that_leads_nowhere_any_more_is_no_hindrance() {
    let (mut office, mut laptop) = office_and_laptop();
    office.go_online();
    let old = office.address();
    office.go_offline();
    office.go_online();
    laptop.go_online();
    let stale = subrosa::bridge::PeerAddress { direct: vec!["127.0.0.1:9".parse().unwrap()], ..old };
    laptop.syncing().connect(stale).unwrap();
    laptop.syncing().sync_with(office.address(), PATIENCE).unwrap();
}
