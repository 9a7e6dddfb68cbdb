//! Another recovery kit for a practice that is in use, by the program as it is run.

use std::fs;

use subrosa::features::kit::values::KitStatus;
use subrosa::practice::{self, Profile, kit_status};
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::DAY;

use crate::desk::{Desk, PASSPHRASE};

/// What the window knows of the paper a day after something was done here; the system's keystore is left alone.
fn tomorrow(desk: &Desk, file: &str) -> KitStatus {
    let passphrase = Passphrase::new(PASSPHRASE.into());
    let mut vault = practice::unlock(&desk.path(file), &passphrase, Profile::Floor).unwrap();
    kit_status::status(&mut vault, practice::now() + DAY).unwrap().unwrap()
}

#[test]
fn a_kit_that_nobody_could_be_asked_for_waits_for_the_window_and_whoever_opens_something_with_it_has_proven_it() {
    let desk = Desk::with_practice();
    let made = Desk::new().json(&["init"]);
    assert_eq!((&made["proven"], &made["recovery_kit_written"]), (&false.into(), &false.into()));
    assert!(made["recovery_kit"].as_str().unwrap().contains("AGE-SECRET-KEY-PQ-1"), "a script gets it as before");
    let waits = tomorrow(&desk, "practice.subrosa");
    assert_eq!((waits.due, waits.ask_today, waits.proven, waits.groups.len()), (Some(6), true, None, 2));

    desk.run(&["backup", "practice.age"]).succeeded();
    desk.run(&["recover", "--kit", "kit.txt"]).succeeded();
    desk.run(&["restore", "practice.age", "--kit", "kit.txt", "--into", "back.subrosa"]).succeeded();
    for file in ["practice.subrosa", "back.subrosa"] {
        let proven = tomorrow(&desk, file);
        assert_eq!((proven.due, proven.ask_today, proven.proven), (None, false, Some(practice::today())), "{file}");
    }
}

#[test]
fn a_new_kit_takes_the_place_of_the_old_one_and_a_backup_opens_with_the_kit_of_its_time() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Aino Mäkinen", "--code", "C1"]).succeeded();
    desk.run(&["backup", "before.age"]).succeeded();
    let old = fs::read_to_string(desk.path("kit.txt")).unwrap();
    let taken = desk.run(&["new-kit", "--save", "kit.txt"]);
    assert_eq!((taken.status, fs::read_to_string(desk.path("kit.txt")).unwrap()), (6, old.clone()), "{}", taken.err);
    assert_ne!(desk.run(&["new-kit", "--save", "no/folder/kit.txt"]).status, 0);

    let made = desk.json(&["new-kit", "--save", "new.txt"]);
    let new = fs::read_to_string(desk.path("new.txt")).unwrap();
    // Nobody can be asked here: the window asks for it on a later day.
    assert_eq!((&made["recovery_kit_written"], &made["proven"]), (&true.into(), &false.into()));
    assert!(made["recovery_kit"].is_null() && new.contains(made["kit_number"].as_str().unwrap()) && new != old);
    desk.run(&["backup", "after.age"]).succeeded();

    let refused = desk.run(&["recover", "--kit", "kit.txt"]);
    assert_eq!(refused.status, 3);
    assert!(
        refused.err.contains("may be an older kit") && refused.err.contains("nothing was changed"),
        "{}",
        refused.err
    );
    let into = |file: &str, kit: &str| desk.run(&["restore", file, "--kit", kit, "--into", "back.subrosa"]);
    for (file, kit) in [("after.age", "kit.txt"), ("before.age", "new.txt")] {
        let refused = into(file, kit);
        assert_eq!(refused.status, 3);
        assert!(refused.err.contains("in force when it was made"), "{}", refused.err);
    }
    into("before.age", "kit.txt").succeeded();
    fs::remove_file(desk.path("back.subrosa")).unwrap();
    into("after.age", "new.txt").succeeded();
    desk.run(&["recover", "--kit", "new.txt"]).succeeded();
    assert_eq!(desk.json(&["clients"]).as_array().unwrap().len(), 1);
}

#[test]
fn without_a_file_a_new_kit_is_shown_once_and_a_wrong_passphrase_makes_none() {
    let desk = Desk::with_practice();
    let wrong = desk.write("wrong", "not the passphrase\n");
    let refused = desk.bare(&["--passphrase-file", wrong.to_str().unwrap(), "new-kit", "--save", "new.txt"]);
    assert_eq!((refused.status, desk.path("new.txt").exists()), (3, false));
    let shown = desk.text(&["new-kit"]);
    assert!(shown.contains("AGE-SECRET-KEY-PQ-1") && shown.contains("is in force"), "{shown}");
    desk.write("new.txt", &shown);
    desk.run(&["recover", "--kit", "new.txt"]).succeeded();
}
