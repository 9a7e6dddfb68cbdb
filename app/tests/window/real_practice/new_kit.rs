//! A new recovery kit from end to end: made in the window, and then the one paper that opens the practice.

use std::path::Path;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::words;
use subrosa_core::kit;

use super::{Desk, NEW_PASSPHRASE, PASSPHRASE};

impl Desk {
    /// To the page of a new kit, which is saved to this file.
    fn draw_kit(&mut self, file: &Path) {
        self.click(words::NEW_KIT);
        self.until(words::NEW_KIT_MORE);
        self.secret(words::PASSPHRASE, PASSPHRASE);
        self.press(Modifiers::NONE, Key::Enter);
        self.until(words::NEW_KIT_PAGE);
        self.enter(Role::TextInput, words::KIT_FILE, &file.display().to_string());
        self.click(words::KIT_SAVE_TEXT);
        self.until(words::KIT_SAME_DISK);
    }

    /// The field for the groups that are asked for, and what stands in them in this file.
    fn asked(&self, file: &Path) -> (String, String) {
        let practice = self.window.state().model().practice().expect("it is open");
        let groups = practice.kit.page.as_ref().and_then(|page| page.replaces.clone()).expect("a new kit is shown");
        let seed = kit::read_kit(&std::fs::read_to_string(file).expect("a page")).expect("a line");
        let line = kit::identity_text(&seed);
        let all = kit::groups(&line);
        let typed: Vec<&str> = groups.iter().filter_map(|group| all.get(usize::from(*group)).copied()).collect();
        (words::type_back(&groups), typed.join(" "))
    }

    fn open_with(&mut self, kit: &Path) {
        self.enter(Role::TextInput, words::RECOVER_FILE, &kit.display().to_string());
        self.secret(words::PASSPHRASE_NEW, NEW_PASSPHRASE);
        self.secret(words::PASSPHRASE_REPEATED, NEW_PASSPHRASE);
        self.click(words::RECOVER_OPEN);
    }
}

#[test]
fn a_new_kit_that_was_typed_back_opens_the_practice_and_the_old_one_no_longer_does() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut desk = Desk::sit_down(at("practice.subrosa"));
    desk.begin_practice(&at("old.txt"));
    desk.add_client("Aino Mäkinen");
    desk.press(Modifiers::COMMAND, Key::Num6);

    // One that was shown and given up changes nothing.
    desk.draw_kit(&at("given-up.txt"));
    desk.click(words::NEW_KIT_KEEP);
    desk.until(words::SAFETY_MORE);

    desk.draw_kit(&at("new.txt"));
    let (field, typed) = desk.asked(&at("new.txt"));
    desk.secret(&field, "QQQQQQQQ QQQQQQQQ");
    desk.click(words::KIT_PROVE_BUTTON);
    desk.until(words::KIT_MISTYPED);
    desk.secret(&field, &typed);
    desk.click(words::KIT_PROVE_BUTTON);
    desk.until(words::NEW_KIT_DONE);
    assert!(desk.window.query_all_by_label_contains("by typing from the paper").next().is_some());

    desk.press(Modifiers::COMMAND, Key::L);
    desk.until(words::UNLOCK_TITLE);
    desk.click(words::UNLOCK_FORGOTTEN);
    for old in ["old.txt", "given-up.txt"] {
        desk.open_with(&at(old));
        desk.until(words::KIT_WRONG);
        assert!(desk.window.query_all_by_label_contains("Aino").next().is_none());
        desk.press(Modifiers::NONE, Key::Escape);
        desk.click(words::UNLOCK_FORGOTTEN);
    }
    desk.open_with(&at("new.txt"));
    desk.until("Aino");
}
