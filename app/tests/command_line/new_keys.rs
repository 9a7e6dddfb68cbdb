//! All keys of a practice made new, by the program as it is run.

use std::fs;

use crate::desk::{Desk, PASSPHRASE};

#[test]
fn the_practice_goes_on_under_new_keys_and_a_new_passphrase_says_that_there_is_this() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Aino Mäkinen", "--code", "C1"]).succeeded();
    desk.typing("She slept.", &["add-note", "C1", "--date", "2026-11-20"]).succeeded();
    let fresh = desk.write("fresh", "harbour pepper violin meadow");
    let changed = desk.run(&["passphrase", "--new-passphrase-file", fresh.to_str().unwrap()]);
    assert!(changed.out.contains("subrosa new-keys"), "{}", changed.out);
    let back = desk.write("back", PASSPHRASE);
    fs::copy(&fresh, desk.passphrase_file()).unwrap();

    let (before, here) = (fs::read(desk.vault()).unwrap(), desk.json(&["devices"])[0]["id"].clone());
    let made = desk.json(&["new-keys"]);
    assert!(made["former_id"] == here && made["id"] != here);
    assert!(fs::read(desk.vault()).unwrap() != before);
    let rows = desk.json(&["devices"]);
    let now: Vec<_> = rows.as_array().unwrap().iter().filter(|row| row["removed"].is_null()).collect();
    assert!(now.len() == 1 && now[0]["id"] == made["id"] && now[0]["here"] == true);
    assert_eq!(desk.json(&["notes"]).as_array().unwrap().len(), 1);
    assert_eq!(desk.json(&["verify"])["whole"], true);
    // The kit from before opens it still, until another one is made.
    desk.run(&["recover", "--kit", "kit.txt"]).succeeded();
    desk.run(&["new-kit", "--save", "new.txt"]).succeeded();
    assert_eq!(desk.run(&["recover", "--kit", "kit.txt"]).status, 3);
    fs::copy(back, desk.passphrase_file()).unwrap();
    assert_eq!(desk.run(&["new-keys"]).status, 3, "another passphrase");
}
