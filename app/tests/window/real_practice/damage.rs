//! A file that no passphrase opens, at the locked window: repaired, repaired from a backup, or replaced by one.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::operations::repair::{self, RepairOutcome};
use subrosa::practice::{self, Profile};
use subrosa::words;
use subrosa_core::secret::Passphrase;

use super::{Desk, NEW_PASSPHRASE, PASSPHRASE};

/// A practice with notes, its backup, its kit, and a folder to try things out in.
struct Made {
    folder: tempfile::TempDir,
    file: PathBuf,
    kit: PathBuf,
    backup: PathBuf,
}

fn made() -> Made {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (file, kit, stick) = (at("practice.subrosa"), at("kit.txt"), at("stick"));
    for name in ["stick", "trial"] {
        std::fs::create_dir(at(name)).expect("a folder");
    }
    let mut desk = Desk::sit_down(file.clone());
    desk.begin_practice(&kit);
    for name in ["Aino Mäkinen", "Björn Åkerlund"] {
        desk.add_client(name);
        desk.click(words::NEW_NOTE);
        desk.until_that("the note", |desk| {
            desk.window.query_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL).is_some()
        });
        desk.write("slept well");
    }
    let backup = desk.back_up(&stick);
    drop(desk);
    Made { folder, file, kit, backup }
}

impl Made {
    fn passphrase() -> Passphrase {
        Passphrase::new(PASSPHRASE.to_owned())
    }

    /// What a repair of this would come to, tried on a copy; none if it opens and should not, or the other way round.
    fn trial(&self, bytes: &[u8], opens: bool) -> Option<RepairOutcome> {
        let copy = self.folder.path().join("trial/practice.subrosa");
        std::fs::write(&copy, bytes).expect("written");
        if opens && !opens_in_a_window(bytes) {
            return None;
        }
        match practice::unlock(&copy, &Self::passphrase(), Profile::Tests) {
            Ok(mut vault) if opens => return repair::repair(&mut vault, &copy, &mut |_, _| {}).ok(),
            Ok(_) => return None,
            Err(_) if opens => return None,
            // Where the store can still be opened it tidies up when it is closed: nothing is lost by that, and the file is
            // not to the byte what it was.
            Err(_) if std::fs::read(&copy).expect("the copy") != bytes => return None,
            Err(_) => {}
        }
        let salvaged = repair::salvage(&copy, &Self::passphrase(), Profile::Tests, &mut |_, _| {});
        let (vault, done) = salvaged.ok()?;
        drop(vault.lock());
        Some(done)
    }

    /// Damages the file so that it opens or does not, and a repair of it comes to this.
    fn damage(&self, opens: bool, is_wanted: impl Fn(&RepairOutcome) -> bool) {
        let whole = std::fs::read(&self.file).expect("the file");
        let blocks: Vec<usize> = (20_480..whole.len()).step_by(4_112).map(|block| block + 50).collect();
        let flipped = |bytes: &[u8], at: usize| {
            let mut bad = bytes.to_owned();
            bad.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
            bad
        };
        for first in &blocks {
            let once = flipped(&whole, *first);
            let Some(done) = self.trial(&once, opens) else { continue };
            let twice = || blocks.iter().filter(|second| *second != first).map(|second| flipped(&once, *second));
            let found = if is_wanted(&done) { Some(once.clone()) } else { None };
            let found =
                found.or_else(|| twice().find(|bad| self.trial(bad, opens).is_some_and(|done| is_wanted(&done))));
            if let Some(bad) = found {
                return std::fs::write(&self.file, bad).expect("written");
            }
        }
        panic!("no such damage");
    }

    fn beside(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("practice.subrosa.damaged-1")).expect("it is kept")
    }
}

/// Whether a practice opens as far as its list: what comes right after the passphrase is read there too.
fn opens_in_a_window(bytes: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("practice.subrosa");
    std::fs::write(&file, bytes).expect("written");
    let mut desk = Desk::sit_down(file);
    desk.unlock();
    let shows = |desk: &Desk, label: &str| desk.window.query_all_by_label_contains(label).next().is_some();
    desk.until_that("an answer", |desk| shows(desk, "Aino Mäkinen") || shows(desk, words::DAMAGED_TITLE));
    shows(&desk, "Aino Mäkinen")
}

/// At the locked window over the file, which a try of its passphrase has shown to be damaged.
fn at_damaged(made: &Made) -> Desk {
    let mut desk = Desk::sit_down(made.file.clone());
    desk.unlock();
    desk.until(words::DAMAGED_TITLE);
    desk
}

#[test]
fn a_file_that_does_not_open_is_repaired_at_the_locked_window_and_a_wrong_passphrase_leaves_it_as_it_is() {
    let made = made();
    made.damage(false, |done| !done.is_older && done.repaired.bodies_lacking + done.repaired.headers_lacking == 0);
    let damaged = std::fs::read(&made.file).unwrap();
    let mut desk = at_damaged(&made);
    desk.secret(words::PASSPHRASE_OF_FILE, "not this one");
    desk.click(words::REPAIR);
    desk.until("That is not the passphrase");
    assert!(std::fs::read(&made.file).unwrap() == damaged, "it is as it was");
    desk.secret(words::PASSPHRASE_OF_FILE, PASSPHRASE);
    desk.click(words::REPAIR);
    desk.until(words::REPAIRED_FILE);
    desk.until(words::CHECK_WHOLE);
    assert!(made.beside() == damaged, "it is kept");
    desk.press(Modifiers::COMMAND, Key::Num1);
    for name in ["Aino Mäkinen", "Björn Åkerlund"] {
        desk.until(name);
    }
    drop(desk);
    let mut again = Desk::sit_down(made.file.clone());
    again.unlock();
    again.until("Aino Mäkinen");
}

#[test]
fn what_a_repair_lacks_comes_back_from_the_backup_that_is_named_and_another_kit_begins_nothing() {
    let made = made();
    made.damage(false, |done| done.repaired.bodies_lacking + done.repaired.headers_lacking > 0);
    let damaged = std::fs::read(&made.file).unwrap();
    let other = made.folder.path().join("other-kit.txt");
    Desk::sit_down(made.folder.path().join("other.subrosa")).begin_practice(&other);
    let mut desk = at_damaged(&made);
    desk.click(words::REPAIR_FROM_BACKUP);
    desk.name_a_backup(&made.backup, &other);
    desk.secret(words::PASSPHRASE_OF_FILE, PASSPHRASE);
    desk.click(words::REPAIR);
    desk.until("does not open this backup");
    assert!(std::fs::read(&made.file).unwrap() == damaged, "it is as it was");
    desk.click(words::BACK);
    desk.click(words::REPAIR_FROM_BACKUP);
    desk.name_a_backup(&made.backup, &made.kit);
    desk.secret(words::PASSPHRASE_OF_FILE, PASSPHRASE);
    desk.click(words::REPAIR);
    desk.until("From the backup came back");
    desk.until(words::CHECK_WHOLE);
    assert!(made.beside() == damaged, "it is kept");
    desk.press(Modifiers::COMMAND, Key::Num1);
    for name in ["Aino Mäkinen", "Björn Åkerlund"] {
        desk.until(name);
        desk.window.get_by_role_and_label(Role::Button, &row(&desk, name)).click();
        desk.until("slept well");
    }
}

#[test]
fn damage_that_a_check_finds_in_an_open_practice_is_repaired_from_a_backup() {
    let made = made();
    made.damage(true, |done| done.repaired.bodies_lacking + done.repaired.headers_lacking > 0);
    let mut desk = Desk::sit_down(made.file.clone());
    desk.unlock();
    desk.until("Aino Mäkinen");
    desk.press(Modifiers::COMMAND, Key::Num6);
    desk.click(words::CHECK_NOW);
    desk.until(words::CHECK_DAMAGED_DO);
    desk.click(words::REPAIR_FROM_BACKUP);
    desk.name_a_backup(&made.backup, &made.kit);
    desk.click(words::RESTORE_OPEN);
    desk.click(words::RESTORE_ALL);
    desk.until("What was missing here is back");
    desk.click(words::SAFETY);
    desk.until(words::CHECK_WHOLE);
    assert!(desk.window.query_by_label(words::REPAIR).is_none());
}

#[test]
fn a_file_that_cannot_be_repaired_is_replaced_by_the_backup_and_stays_beside_it() {
    let made = made();
    std::fs::write(&made.file, vec![7_u8; 40_960]).unwrap();
    let mut desk = at_damaged(&made);
    desk.secret(words::PASSPHRASE_OF_FILE, PASSPHRASE);
    desk.click(words::REPAIR);
    desk.until(words::NOTHING_TO_SALVAGE);
    desk.click(words::RESTORE_INSTEAD);
    // A file that is no backup takes the place of nothing.
    for (backup, opens) in [(made.kit.as_path(), false), (made.backup.as_path(), true)] {
        desk.name_a_backup(backup, &made.kit);
        desk.secret(words::PASSPHRASE_NEW, NEW_PASSPHRASE);
        desk.secret(words::PASSPHRASE_REPEATED, NEW_PASSPHRASE);
        desk.click(words::RESTORE);
        if opens {
            desk.until("Aino Mäkinen");
        } else {
            desk.until("not a backup of a practice");
            assert_eq!(std::fs::read(&made.file).unwrap(), vec![7_u8; 40_960]);
            desk.click(words::BACK);
            desk.click(words::RESTORE_INSTEAD);
        }
    }
    desk.until(words::RESTORED_INSTEAD);
    assert!(desk.window.query_by_label_contains("An older copy").is_none(), "the old anchor went with the old file");
    assert_eq!(made.beside(), vec![7_u8; 40_960]);
    assert!(Path::new(&made.folder.path().join("practice.subrosa.damaged-1.anchor")).exists());
    drop(desk);
    assert!(
        practice::unlock(&made.file, &Passphrase::new(NEW_PASSPHRASE.to_owned()), Profile::Tests).is_ok(),
        "it opens with the new passphrase"
    );
}

/// The row of this client in the list, as a screen reader says it.
fn row(desk: &Desk, name: &str) -> String {
    let practice = desk.window.state().model().practice();
    let row =
        practice.and_then(|practice| practice.clients.rows.iter().find(|row| row.name == name)).expect("in the list");
    let line = subrosa::view_model::client_line(row, desk.window.state().model().now.today());
    let mark = if row.unsigned > 0 { words::UNSIGNED } else { "" };
    format!("{}, {line} {mark}", row.name).trim_end().to_owned()
}
