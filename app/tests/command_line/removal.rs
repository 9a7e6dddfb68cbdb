//! Removing a device, and keeping or discarding what comes from it afterwards, by the program as it is run.

use serde_json::Value;

use crate::desk::Desk;

const BACK: &str = "back.subrosa";

/// A practice whose computer is thought lost, and the new device that its backup became.
fn lost_and_restored() -> (Desk, String) {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Aino Mäkinen", "--code", "C1"]).succeeded();
    desk.run(&["backup", "practice.age"]).succeeded();
    desk.run(&["restore", "practice.age", "--kit", "kit.txt", "--into", BACK, "--device-name", "Rescue"]).succeeded();
    let rows = desk.json_in(BACK, &["devices"]);
    let lost = rows.as_array().unwrap().iter().find(|row| row["here"] == false).unwrap();
    let id = lost["id"].as_str().unwrap().to_owned();
    (desk, id)
}

/// The lost computer turns up: somebody has written on it, and what it holds is merged in from a backup.
fn goes_on(desk: &Desk, file: &str) {
    desk.typing("On the train.", &["add-note", "C1", "--date", "2026-11-20"]).succeeded();
    desk.run(&["backup", file]).succeeded();
    desk.run(&["restore", file, "--kit", "kit.txt", "--into", BACK]).succeeded();
}

fn removed(desk: &Desk) -> Value {
    let rows = desk.json_in(BACK, &["devices"]);
    rows.as_array().unwrap().iter().find(|row| !row["removed"].is_null()).cloned().unwrap_or_default()
}

#[test]
fn a_device_is_removed_only_after_a_yes_and_what_comes_from_it_later_waits_for_an_answer() {
    let (desk, lost) = lost_and_restored();
    let refused = desk.run_in(BACK, &["devices", "remove", &lost]);
    assert_eq!((refused.status, removed(&desk)), (6, Value::Null), "nobody can be asked here: {}", refused.err);
    assert!(refused.out.contains("What it has stays on it"), "{}", refused.out);
    assert_eq!(desk.run_in(BACK, &["devices", "remove", "Nobody", "--yes"]).status, 1);
    assert_eq!(desk.run_in(BACK, &["devices", "remove", "Rescue", "--yes"]).status, 6, "not itself");
    desk.run_in(BACK, &["devices", "remove", &lost, "--yes"]).succeeded();
    assert_eq!(removed(&desk)["id"], lost.as_str());
    assert_eq!(removed(&desk)["waiting"], Value::Null);
    assert_eq!(desk.run_in(BACK, &["devices", "keep", &lost]).status, 1, "there is nothing yet");

    goes_on(&desk, "later.age");
    assert_eq!(desk.json_in(BACK, &["notes"]), Value::Array(vec![]));
    assert_eq!(removed(&desk)["waiting"]["notes"], 1);
    let listed = desk.run_in(BACK, &["devices"]);
    assert!(listed.out.contains("1 note from") && listed.out.contains("after you removed it"), "{}", listed.out);
    desk.run_in(BACK, &["devices", "keep", &lost]).succeeded();
    assert_eq!(desk.json_in(BACK, &["notes"]).as_array().unwrap().len(), 1);
    assert_eq!(removed(&desk)["waiting"], Value::Null);

    // What comes after that is asked about anew, and goes once that was confirmed.
    goes_on(&desk, "latest.age");
    assert_eq!(removed(&desk)["waiting"]["notes"], 1);
    assert_eq!(desk.run_in(BACK, &["devices", "discard", &lost]).status, 6, "nobody can be asked here");
    assert_eq!(removed(&desk)["waiting"]["notes"], 1);
    desk.run_in(BACK, &["devices", "discard", &lost, "--yes"]).succeeded();
    assert_eq!(desk.json_in(BACK, &["notes"]).as_array().unwrap().len(), 1, "what was kept stays");
    assert_eq!(removed(&desk)["waiting"], Value::Null, "it is not asked about again");
    assert_eq!(desk.json_in(BACK, &["verify"])["whole"], true);
}
