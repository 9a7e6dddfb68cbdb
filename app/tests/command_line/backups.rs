//! Backups and what comes back from them, by the program as it is run.

use std::fs;

use crate::desk::Desk;

fn practice_with_a_note() -> Desk {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Aino Mäkinen", "--code", "C1"]).succeeded();
    desk.typing("She slept through four nights.", &["add-note", "C1", "--date", "2026-11-20"]).succeeded();
    desk
}

#[test]
fn a_backup_comes_back_as_a_new_practice_with_the_kit() {
    let desk = practice_with_a_note();
    let made = desk.json(&["backup", "practice.age"]);
    assert_eq!((&made["proven"], &made["clients"], &made["notes"]), (&true.into(), &1.into(), &1.into()));
    assert_eq!(made["same_disk"], true);
    // A name that is taken is refused.
    assert_eq!(desk.run(&["backup", "practice.age"]).status, 6);
    assert_eq!(desk.run(&["backup", "no/folder/here.age"]).status, 1);
    let back = desk.json(&["restore", "practice.age", "--kit", "kit.txt", "--into", "back/practice.subrosa"]);
    assert_eq!((&back["clients"], &back["notes"]), (&1.into(), &1.into()));
    let listed = desk.json_in("back/practice.subrosa", &["notes"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(desk.json_in("back/practice.subrosa", &["devices"]).as_array().unwrap().len(), 2);
    // Into the same practice again: nothing is there twice.
    let again = desk.json(&["restore", "practice.age", "--kit", "kit.txt", "--into", "back/practice.subrosa"]);
    assert_eq!((&again["envelopes"], &again["notes"]), (&0.into(), &1.into()));
    let names: Vec<_> = std::fs::read_dir(desk.path("back")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("making")), "{names:?}");
}

#[test]
fn one_client_is_found_in_the_backup_by_its_code() {
    let desk = practice_with_a_note();
    desk.run(&["add-client", "Somebody Else", "--code", "C2"]).succeeded();
    desk.run(&["backup", "practice.age"]).succeeded();
    let back = desk.json(&["restore", "practice.age", "--kit", "kit.txt", "--into", "one.subrosa", "--client", "C1"]);
    assert_eq!((&back["clients"], &back["notes"]), (&1.into(), &1.into()));
    let nobody = desk.run(&["restore", "practice.age", "--kit", "kit.txt", "--into", "two.subrosa", "--client", "C9"]);
    assert_eq!(nobody.status, 1, "{}", nobody.err);
    assert!(!desk.path("two.subrosa").exists());
}

#[test]
fn another_kit_a_cut_file_and_a_foreign_one_are_refused_and_nothing_is_made() {
    let desk = practice_with_a_note();
    desk.run(&["backup", "practice.age"]).succeeded();
    let other = Desk::with_practice();
    let other_kit = other.path("kit.txt");
    let restore = |file: &str, kit: &str| desk.run(&["restore", file, "--kit", kit, "--into", "back.subrosa"]).status;
    assert_eq!(restore("practice.age", other_kit.to_str().unwrap()), 3);
    let bytes = std::fs::read(desk.path("practice.age")).unwrap();
    std::fs::write(desk.path("cut.age"), &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(restore("cut.age", "kit.txt"), 4);
    desk.write("foreign.age", "something else");
    assert_eq!(restore("foreign.age", "kit.txt"), 1);
    assert!(!desk.path("back.subrosa").exists());
    // Into another practice: refused, and that practice is as it was.
    let into = other.vault();
    assert_eq!(desk.run(&["restore", "practice.age", "--kit", "kit.txt", "--into", into.to_str().unwrap()]).status, 6);
}

#[test]
fn a_kit_whose_name_ends_so_is_a_pdf_which_opens_the_practice_and_another_pdf_does_not() {
    let desk = Desk::new();
    desk.run(&["init", "--recovery-kit", "kit.PDF"]).succeeded();
    let pdf = std::fs::read(desk.path("kit.PDF")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    std::fs::write(desk.path("other.pdf"), &pdf[..pdf.len() / 2]).unwrap();
    let refused = desk.run(&["recover", "--kit", "other.pdf"]);
    assert_eq!((refused.status, refused.err.contains("This PDF is not a recovery kit")), (3, true), "{}", refused.err);
    desk.run(&["recover", "--kit", "kit.PDF"]).succeeded();
}

#[test]
fn a_slip_in_the_kits_file_is_told_by_its_group_and_not_by_its_letters() {
    let desk = Desk::with_practice();
    let page = fs::read_to_string(desk.path("kit.txt")).unwrap();
    let line = page.lines().find(|line| line.starts_with("AGE-SECRET-KEY-PQ-1")).unwrap();
    let groups = subrosa_core::kit::groups(line);
    let other = if groups[4].starts_with('Q') { "P" } else { "Q" };
    let slip = [groups[..4].concat().as_str(), other, &groups[4][1..], &groups[5..].concat()].concat();
    desk.write("slip.txt", &slip);
    let refused = desk.run(&["recover", "--kit", "slip.txt"]);
    assert_eq!(refused.status, 3);
    assert!(refused.err.contains("slip in group 4 of the recovery line"), "{}", refused.err);
    assert!(groups[1..].iter().all(|group| !refused.err.contains(group)), "{}", refused.err);
    desk.write("groups.txt", &groups[1..].join(" ").replace('0', "O"));
    desk.run(&["recover", "--kit", "groups.txt"]).succeeded();
}

#[test]
fn of_a_folder_the_newest_backup_is_taken_and_said_and_one_without_any_is_refused() {
    let desk = practice_with_a_note();
    fs::create_dir(desk.path("stick")).unwrap();
    fs::create_dir(desk.path("empty")).unwrap();
    desk.run(&["backup", "stick"]).succeeded();
    let made = fs::read_dir(desk.path("stick")).unwrap().next().unwrap().unwrap().file_name();
    desk.write("stick/subrosa-1a2b3c4d-20200101T000000Z.age", "an older one, which is not opened");
    let back = desk.run(&["restore", "stick", "--kit", "kit.txt", "--into", "back.subrosa"]);
    assert!(back.succeeded().err.contains(&*made.to_string_lossy()), "{}", back.err);
    assert_eq!(desk.json_in("back.subrosa", &["notes"]).as_array().unwrap().len(), 1);
    let none = desk.run(&["restore", "empty", "--kit", "kit.txt", "--into", "none.subrosa"]);
    assert_eq!((none.status, none.err.contains("no backup in this folder")), (6, true), "{}", none.err);
    assert!(!desk.path("none.subrosa").exists());
}

#[test]
fn what_a_damaged_file_lacks_after_a_repair_comes_back_from_a_backup() {
    let desk = Desk::with_practice();
    desk.run(&["add-client", "Åsa", "--code", "C1"]).succeeded();
    let content: Vec<u8> =
        (0..3_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 11).to_le_bytes()[0]).collect();
    let (scan, copy) = (desk.path("scan.bin"), desk.path("copy.bin"));
    fs::write(&scan, &content).unwrap();
    let attached = desk.json(&["attach", "C1", scan.to_str().unwrap()]);
    desk.json(&["backup", "practice.age"]);
    let mut bad = fs::read(desk.vault()).unwrap();
    // Most of the file is the three parts of that one.
    for part in [3, 5, 7] {
        let at = bad.len() * part / 10;
        bad[at] ^= 1;
    }
    fs::write(desk.vault(), &bad).unwrap();
    assert_eq!(desk.run(&["verify"]).status, 4);
    assert_eq!(desk.run(&["verify", "--from", "practice.age"]).status, 2, "only a repair takes from a backup");
    let repaired = desk.json(&["verify", "--repair", "--from", "practice.age", "--kit", "kit.txt"]);
    assert_eq!(repaired["whole"], true, "{repaired}");
    assert!(repaired["repaired"]["pieces_lacking"].as_u64() >= Some(1), "{repaired}");
    assert_eq!(repaired["given_back"]["pieces"], repaired["repaired"]["pieces_lacking"]);
    desk.run(&["extract", attached["id"].as_str().unwrap(), "--out", copy.to_str().unwrap()]).succeeded();
    assert!(fs::read(&copy).unwrap() == content);
}
