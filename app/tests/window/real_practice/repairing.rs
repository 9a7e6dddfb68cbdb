//! A practice whose file is damaged: found by a check, repaired in the window, and whole after it.

use std::path::Path;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::operations::repair;
use subrosa::practice::{self, Profile};
use subrosa::words;
use subrosa_core::secret::Passphrase;

use super::{Desk, PASSPHRASE};

/// Turns a byte of the file over where the practice still opens and a part of it can no longer be read.
fn damage(file: &Path) -> bool {
    let whole = std::fs::read(file).expect("the file");
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    (20_480..whole.len()).step_by(4_112).any(|block| {
        let mut bad = whole.clone();
        bad.iter_mut().skip(block + 50).take(1).for_each(|byte| *byte ^= 1);
        std::fs::write(file, bad).expect("written");
        let opened = practice::unlock(file, &passphrase, Profile::Tests);
        opened.is_ok_and(|vault| !vault.integrity().is_readable().unwrap_or(true))
    })
}

#[test]
fn damage_in_the_file_is_found_by_a_check_and_repaired_and_what_was_written_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("practice.subrosa");
    let mut desk = Desk::sit_down(file.clone());
    desk.begin_practice(&folder.path().join("kit.txt"));
    for name in ["Aino Mäkinen", "Björn Åkerlund"] {
        desk.add_client(name);
        desk.click(words::NEW_NOTE);
        desk.until_that("the note", |desk| {
            let note = desk.window.query_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL);
            note.is_some()
        });
        desk.write("slept well");
    }
    drop(desk);
    assert!(damage(&file), "a block that only a check finds");

    let mut desk = Desk::sit_down(file.clone());
    desk.unlock();
    desk.until("Aino");
    desk.press(Modifiers::COMMAND, Key::Num6);
    desk.until(words::CHECK_NOW);
    desk.click(words::CHECK_NOW);
    desk.until(words::REPAIR);
    assert!(desk.window.query_by_label(words::CHECK_WHOLE).is_none());
    desk.click(words::REPAIR);
    desk.until(words::REPAIRED_FILE);
    desk.until(words::CHECK_WHOLE);
    assert!(repair::kept_beside(&file).to_string_lossy().ends_with(".damaged-2"), "the old file is kept beside it");
}
