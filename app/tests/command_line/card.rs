//! The practice's own contact card after a device went, by the program as it is run.

use crate::desk::Desk;

const BACK: &str = "back.subrosa";

/// A practice of two devices; the words of its card before one goes, and after.
fn words_when_one_goes(how: &[&str]) -> (String, String, String) {
    let desk = Desk::with_practice();
    desk.run(&["backup", "practice.age"]).succeeded();
    desk.run(&["restore", "practice.age", "--kit", "kit.txt", "--into", BACK, "--device-name", "Rescue"]).succeeded();
    let card = || desk.json_in(BACK, &["card", "--name", "Dr. Salo"]);
    let words = || card().get("safety_words").unwrap().to_string();
    let before = words();
    let rows = desk.json_in(BACK, &["devices"]);
    let gone = rows.as_array().unwrap().iter().find(|row| row["here"] == false).unwrap()["id"].clone();
    let removed = desk.run_in(BACK, &[&["devices", "remove", gone.as_str().unwrap(), "--yes"], how].concat());
    removed.succeeded();
    (before, words(), removed.out.clone())
}

#[test]
fn a_lost_device_takes_the_card_along_and_a_retired_one_leaves_it() {
    let (before, after, said) = words_when_one_goes(&[]);
    assert!(before != after && said.contains("new contact card"), "{said}");
    let (before, after, said) = words_when_one_goes(&["--retired"]);
    assert!(before == after && !said.contains("new contact card"), "{said}");
}
