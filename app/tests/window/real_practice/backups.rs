//! Backups from end to end: made in one window, looked into and brought back there, and restored on another computer.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::features::backup::messages::BackupCommand;
use subrosa::words;

use super::{Desk, NEW_PASSPHRASE};

impl Desk {
    /// Makes a backup in this folder; the file that it became.
    pub(super) fn back_up(&mut self, folder: &Path) -> PathBuf {
        self.press(Modifiers::COMMAND, Key::Num6);
        self.until(words::BACKUPS);
        self.enter(Role::TextInput, words::BACKUP_FOLDER, &folder.display().to_string());
        self.click(words::BACK_UP_NOW);
        self.until(words::BACKED_UP);
        let mut made = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
        made.next().expect("one backup")
    }

    pub(super) fn name_a_backup(&mut self, backup: &Path, kit: &Path) {
        self.enter(Role::TextInput, words::RESTORE_FILE, &backup.display().to_string());
        self.enter(Role::TextInput, words::RECOVER_FILE, &kit.display().to_string());
    }
}

/// A practice in this folder with one client and a note of theirs, its kit, and its backup.
fn a_note_and_its_backup(folder: &Path, kit: &Path) -> (Desk, PathBuf) {
    let stick = folder.join("stick");
    std::fs::create_dir(&stick).expect("a new folder");
    let mut desk = Desk::sit_down(folder.join("practice.subrosa"));
    desk.begin_practice(kit);
    desk.add_client("Aino Mäkinen");
    desk.click(words::NEW_NOTE);
    desk.until(words::UNSIGNED);
    desk.write("slept well");
    let backup = desk.back_up(&stick);
    (desk, backup)
}

#[test]
fn a_practice_comes_back_on_another_computer_from_its_backup_and_kit() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let kit = at("kit.txt");
    let (mut desk, backup) = a_note_and_its_backup(folder.path(), &kit);
    desk.until("with the tested backup of");
    drop(desk);

    let mut new = Desk::sit_down(at("elsewhere/practice.subrosa"));
    new.until(words::START_RESTORE);
    new.click(words::START_RESTORE);
    // A file that is no backup makes nothing.
    new.name_a_backup(&kit, &kit);
    new.secret(words::PASSPHRASE_NEW, NEW_PASSPHRASE);
    new.secret(words::PASSPHRASE_REPEATED, NEW_PASSPHRASE);
    new.click(words::RESTORE);
    new.until("not a backup of a practice");
    assert!(!at("elsewhere/practice.subrosa").exists());
    new.press(Modifiers::NONE, Key::Escape);
    new.click(words::START_RESTORE);
    new.name_a_backup(&backup, &kit);
    new.secret(words::PASSPHRASE_NEW, NEW_PASSPHRASE);
    new.secret(words::PASSPHRASE_REPEATED, NEW_PASSPHRASE);
    new.click(words::RESTORE);
    new.until("Aino");
    new.window.get_by_label_contains("Aino").click();
    new.until("slept well");
    // Whoever restored with the kit has read it.
    new.click(words::SAFETY);
    new.until("by typing from the paper");
}

#[test]
fn a_folder_of_backups_offers_its_newest_and_one_without_any_says_so_and_opens_none() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let kit = at("kit.txt");
    let (desk, backup) = a_note_and_its_backup(folder.path(), &kit);
    drop(desk);
    std::fs::copy(&backup, at("stick/subrosa-1a2b3c4d-20200101T000000Z.age")).unwrap();
    std::fs::create_dir(at("empty")).unwrap();

    let mut new = Desk::sit_down(at("elsewhere/practice.subrosa"));
    new.until(words::START_RESTORE);
    new.click(words::START_RESTORE);
    new.name_a_backup(&at("empty"), &kit);
    new.secret(words::PASSPHRASE_NEW, NEW_PASSPHRASE);
    new.secret(words::PASSPHRASE_REPEATED, NEW_PASSPHRASE);
    new.click(words::RESTORE);
    new.until(words::NO_BACKUP_IN_FOLDER);
    assert!(new.window.get_by_role_and_label(Role::TextInput, words::RESTORE_FILE).is_focused());

    new.press(Modifiers::COMMAND, Key::A);
    let stick = at("stick").display().to_string();
    new.window.get_by_role_and_label(Role::TextInput, words::RESTORE_FILE).type_text(&stick);
    new.window.run_steps(2);
    new.click(words::RESTORE);
    new.until("The newest backup in that folder is chosen now");
    new.until(&backup.file_name().unwrap().to_string_lossy());
    assert_eq!(new.window.state().model().typed.path, backup.display().to_string());
    assert!(!at("elsewhere/practice.subrosa").exists(), "offered, and not opened");
    // Return goes on with it.
    new.press(Modifiers::NONE, Key::Enter);
    new.until("Aino");
}

#[test]
fn a_note_that_was_deleted_comes_back_from_a_backup_and_another_practice_takes_nothing_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let kit = at("kit.txt");
    let (mut desk, backup) = a_note_and_its_backup(folder.path(), &kit);
    desk.press(Modifiers::COMMAND, Key::Num1);
    desk.click(words::DELETE_SHORT);
    desk.click(words::DELETE);
    desk.until(words::TRASHED);

    desk.click(words::SAFETY);
    desk.click(words::RESTORE_ASK);
    desk.name_a_backup(&backup, &kit);
    desk.click(words::RESTORE_OPEN);
    desk.until("1 client, 1 note");
    desk.click("Aino Mäkinen");
    desk.until(words::RESTORE_CLIENT);
    desk.until_that("the note in the backup", |desk| {
        let page = desk.window.state().model().practice().and_then(|practice| practice.backup.opened.as_ref());
        page.and_then(|inside| inside.page.as_ref()).is_some_and(|page| !page.notes.is_empty())
    });
    let date = {
        let practice = desk.window.state().model().practice().unwrap();
        let date = practice.backup.opened.as_ref().unwrap().page.as_ref().unwrap().notes[0].date;
        words::date(date, desk.window.state().model().now.today())
    };
    desk.click(&date);
    desk.until("slept well");
    desk.click(words::RESTORE_NOTE);
    desk.until_that("it is back", |desk| {
        let done = desk.window.state().model().practice().and_then(|practice| practice.done.as_ref());
        matches!(done, Some((subrosa::values::job::Job::BringBack, _)))
    });
    assert!(desk.window.query_by_label(&words::brought_back(1)).is_some(), "it was in the trash");
    desk.press(Modifiers::COMMAND, Key::Num1);
    desk.until("slept well");

    // Another practice has nothing in common with it.
    let mut other = Desk::sit_down(at("other.subrosa"));
    other.begin_practice(&at("other-kit.txt"));
    other.add_client("Somebody Else");
    other.click(words::SAFETY);
    other.click(words::RESTORE_ASK);
    other.name_a_backup(&backup, &at("other-kit.txt"));
    other.click(words::RESTORE_OPEN);
    other.until("does not open this backup");
    other.name_a_backup(Path::new(""), &kit);
    let typed = &mut other.window;
    typed.get_by_role_and_label(Role::TextInput, words::RECOVER_FILE).focus();
    typed.run_steps(2);
    other.press(Modifiers::COMMAND, Key::A);
    other.window.get_by_role_and_label(Role::TextInput, words::RECOVER_FILE).type_text(&kit.display().to_string());
    other.window.run_steps(2);
    other.click(words::RESTORE_OPEN);
    other.click(words::RESTORE_ALL);
    other.until("This backup is of another practice");
}

#[test]
fn a_backup_that_locking_stops_is_said_after_unlocking_and_made_then() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let stick = at("stick");
    std::fs::create_dir(&stick).unwrap();
    let mut desk = Desk::sit_down(at("practice.subrosa"));
    desk.begin_practice(&at("kit.txt"));
    desk.press(Modifiers::COMMAND, Key::Num6);
    desk.enter(Role::TextInput, words::BACKUP_FOLDER, &stick.display().to_string());
    // Both stand in the queue before the first piece of it is written.
    desk.window.state_mut().ask(subrosa::messages::Command::Backup(BackupCommand::Make));
    desk.window.state_mut().ask(subrosa::messages::Command::Lock);
    desk.unlock();
    desk.until(words::BACKUP_STOPPED);
    desk.press(Modifiers::COMMAND, Key::Num6);
    desk.until("Last tested backup");
    assert_eq!(std::fs::read_dir(&stick).unwrap().count(), 1);
}
