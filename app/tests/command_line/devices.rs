//! How far each device is, by the program as it is run: the same facts for people and for programs.

use serde_json::{Value, json};

use crate::desk::Desk;

const BACK: &str = "back.subrosa";

#[test]
fn a_device_that_was_not_met_lacks_what_is_here_by_kind_and_it_is_not_said_to_have_everything() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Aino Mäkinen", "--code", "C1"]).succeeded();
    desk.typing("Slept.", &["add-note", "C1", "--date", "2026-11-20"]).succeeded();
    let alone = desk.json(&["devices"]);
    assert_eq!((&alone[0]["here"], &alone[0]["has_everything"]), (&json!(true), &json!(true)));
    desk.run(&["backup", "practice.age"]).succeeded();
    desk.run(&["restore", "practice.age", "--kit", "kit.txt", "--into", BACK, "--device-name", "Rescue"]).succeeded();
    let rows = desk.json_in(BACK, &["devices"]);
    let other = rows.as_array().unwrap().iter().find(|row| row["here"] == false).unwrap();
    assert_eq!(other["has_everything"], false);
    assert_eq!(
        [&other["lacks"]["notes"], &other["lacks"]["clients"], &other["lacks"]["files"]],
        [&json!(1), &json!(1), &json!(0)]
    );
    assert_eq!([&other["lacks"]["at_least"], &other["last_seen"]], [&json!(false), &Value::Null]);
    assert_eq!([&other["through"], &other["had_everything"], &other["unused"]], [&Value::Null; 3]);
    let told = desk.run_in(BACK, &["devices"]);
    assert!(told.out.contains("not in touch yet") && !told.out.contains("has everything"), "{}", told.out);
}
