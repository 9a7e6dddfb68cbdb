//! What comes from outside: days with times, names that hide, files that some disks take for one, days to come.

use std::fs;
use std::time::SystemTime;

use subrosa_core::entropy::Os;
use subrosa_core::kdf::Policy;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::RedbStore;
use subrosa_core::vault::{DAY, LockedVault};

use super::desk::{Desk, PASSPHRASE};

/// A practice with a client whose code is K1.
fn with_client(name: &str) -> Desk {
    let desk = Desk::with_practice();
    desk.run(&["add-client", name, "--code", "K1"]).succeeded();
    desk
}

#[test]
fn a_day_with_its_time_is_taken_as_it_is_written() {
    let desk = with_client("Aino");
    let written = |date: &str| {
        let added = desk.typing("Slept.", &["--json", "add-note", "K1", "--date", date]);
        let id = super::desk::parsed(&added)["id"].as_str().unwrap().to_owned();
        let note = desk.json(&["show", &id]);
        (note["date"].as_str().unwrap().to_owned(), note["start"].as_str().map(str::to_owned))
    };
    assert_eq!(written("2026-11-20T23:30:00Z"), ("2026-11-20".to_owned(), Some("23:30:00".to_owned())));
    assert_eq!(written("2026-11-20"), ("2026-11-20".to_owned(), None));
    assert_eq!(desk.typing("Slept.", &["add-note", "K1", "--date", "20.11."]).status, 2);
}

#[test]
fn a_note_of_a_day_to_come_is_signed_by_a_script_only_when_it_says_yes() {
    let desk = with_client("Aino");
    let note = desk.typing("Not yet.", &["add-note", "K1", "--date", "2099-01-01"]).succeeded().out.trim().to_owned();
    let asked = desk.run(&["sign", &note]);
    assert_eq!(asked.status, 6);
    assert!(asked.err.contains("a day to come") && asked.err.contains("--yes"), "{}", asked.err);
    assert_eq!(desk.json(&["show", &note])["state"], "unsigned");
    desk.run(&["sign", &note, "--yes"]).succeeded();
    let today = desk.typing("Today.", &["add-note", "K1"]).succeeded().out.trim().to_owned();
    desk.run(&["sign", &today]).succeeded();
}

#[test]
fn an_addendum_under_a_clock_in_doubt_is_signed_only_when_that_is_said_to_be_right() {
    let desk = with_client("Aino");
    let note = desk.typing("Today.", &["add-note", "K1"]).succeeded().out.trim().to_owned();
    desk.run(&["sign", &note]).succeeded();
    desk.typing("More.", &["addendum", &note]).succeeded();
    // As if the practice had been used in half a year.
    let store = RedbStore::open(&desk.vault()).unwrap();
    let locked = LockedVault::open(Box::new(store), None, Policy::Real, Box::new(Os)).unwrap();
    let now = u64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let mut vault = locked.unlock(&Passphrase::new(PASSPHRASE.to_owned()), now).unwrap();
    vault.notes_mut().believe_clock(now + 180 * DAY).unwrap();
    drop(vault.lock().unwrap());
    for more in [&["addendum", &note][..], &["addendum", &note, "--entered-in-error"]] {
        let asked = desk.typing("Once more.", more);
        assert_eq!(asked.status, 6);
        assert!(asked.err.contains("clock") && asked.err.contains("--yes"), "{}", asked.err);
        assert_eq!(desk.json(&["show", &note])["signed"].as_array().unwrap().len(), 2, "nothing was signed");
    }
    desk.typing("Once more.", &["addendum", &note, "--yes"]).succeeded();
    desk.typing("The clock was believed.", &["addendum", &note]).succeeded();
}

#[test]
fn a_name_that_hides_or_turns_text_is_shown_without_that_and_stays_as_it_was_written() {
    let desk = with_client("Ai\u{202E}no\nTest");
    let clients = desk.run(&["clients"]);
    assert!(clients.out.contains("Aino Test") && !clients.out.contains('\u{202E}'), "{}", clients.out);
    let folder = desk.path("paper");
    fs::create_dir_all(folder.join("notes")).unwrap();
    let long = "å".repeat(5_000);
    fs::write(folder.join("clients.csv"), format!("id,name\nC1,\u{202E}Bo\nC2,{long}\n")).unwrap();
    let done = desk.json(&["import", folder.to_str().unwrap()]);
    assert_eq!((done["clients"].as_u64(), done["problems"].as_array().unwrap().len()), (Some(2), 2), "{done}");
    let names: Vec<String> = desk
        .json(&["clients"])
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(names.contains(&"Bo".to_owned()) && names.iter().all(|name| name.chars().count() <= 120), "{names:?}");
}

#[test]
fn two_attached_files_whose_names_some_disks_take_for_one_are_told_apart() {
    let desk = with_client("Aino");
    for (number, name) in ["é.txt", "e\u{301}.txt", "É.txt"].into_iter().enumerate() {
        let folder = desk.path(&number.to_string());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(name), "same").unwrap();
        desk.run(&["attach", "K1", folder.join(name).to_str().unwrap()]).succeeded();
    }
    let out = desk.path("out");
    desk.run(&["export", out.to_str().unwrap()]).succeeded();
    let mut stems: Vec<String> = fs::read_dir(out.join("files/K1"))
        .unwrap()
        .map(|entry| subrosa_core::fold::fold(&entry.unwrap().file_name().to_string_lossy()))
        .collect();
    stems.sort();
    assert_eq!(stems, ["é (2).txt", "é (3).txt", "é.txt"]);
}

#[test]
fn the_longest_note_is_added_signed_exported_and_taken_elsewhere_and_one_byte_more_is_refused() {
    const MOST: usize = 4 << 20;
    let desk = with_client("Aino");
    let text: String = (0..)
        .map(|line| format!("{line}: she slept.\n"))
        .flat_map(|line| line.into_bytes())
        .take(MOST - 1)
        .map(char::from)
        .collect();
    let text = format!("{text}.");
    let refused = desk.typing(&format!("{text}."), &["add-note", "K1"]);
    assert_eq!(refused.status, 6);
    assert!(refused.err.contains("4 MiB") && refused.err.contains("Nothing was changed"), "{}", refused.err);
    assert_eq!(desk.json(&["notes", "--client", "K1"]).as_array().unwrap().len(), 0);
    let note = desk.typing(&text, &["add-note", "K1"]).succeeded().out.trim().to_owned();
    let shown = |id: &str| desk.json(&["show", id])["text"].as_str().unwrap().to_owned();
    assert!(shown(&note) == text);
    desk.run(&["sign", &note]).succeeded();
    assert!(shown(&note) == text);
    let folder = desk.path("exported");
    desk.run(&["export", folder.to_str().unwrap()]).succeeded();
    let other = Desk::with_practice();
    other.run(&["import", folder.to_str().unwrap()]).succeeded();
    let client = &other.json(&["clients"])[0]["id"].as_str().unwrap().to_owned();
    let taken = other.json(&["notes", "--client", client])[0]["id"].as_str().unwrap().to_owned();
    assert!(other.json(&["show", &taken])["text"].as_str() == Some(text.as_str()));
}
