//! All keys made new from end to end: asked for beside the passphrase, with the keyboard alone, and the practice goes on.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::words;

use super::{Desk, NEW_PASSPHRASE, PASSPHRASE};

#[test]
fn after_a_new_passphrase_all_keys_are_made_new_and_writing_goes_on_in_the_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("practice.subrosa");
    let mut desk = Desk::sit_down(file.clone());
    desk.begin_practice(&folder.path().join("kit.txt"));
    desk.add_client("Aino Mäkinen");
    desk.press(Modifiers::COMMAND, Key::N);
    desk.until(words::NOTE_LABEL);
    desk.write("Slept");

    desk.press(Modifiers::COMMAND, Key::Comma);
    desk.until(words::OLD_COPIES);
    desk.secret(words::PASSPHRASE_CURRENT, PASSPHRASE);
    desk.secret(words::PASSPHRASE_NEW, NEW_PASSPHRASE);
    desk.secret(words::PASSPHRASE_REPEATED, NEW_PASSPHRASE);
    desk.press(Modifiers::NONE, Key::Enter);
    desk.until(words::PASSPHRASE_CHANGED);
    let old = std::fs::read(&file).unwrap();

    // From the palette, with the keyboard alone; the passphrase until now is not the one.
    desk.press(Modifiers::COMMAND, Key::K);
    desk.enter(Role::TextInput, words::PALETTE, "all keys new");
    desk.press(Modifiers::NONE, Key::Enter);
    desk.until(words::NEW_KEYS_DOES);
    desk.secret(words::PASSPHRASE, PASSPHRASE);
    desk.press(Modifiers::NONE, Key::Enter);
    desk.until("That is not the passphrase");
    desk.secret(words::PASSPHRASE, NEW_PASSPHRASE);
    desk.press(Modifiers::NONE, Key::Enter);
    desk.until(words::KEYS_ARE_NEW);
    assert!(desk.window.query_all_by_label(words::KEYS_ARE_NEW_NEXT).next().is_some());
    assert!(std::fs::read(&file).unwrap() != old && std::fs::read_dir(folder.path()).unwrap().count() == 3);

    // The note that was open is written in further, and a new kit is at hand.
    desk.press(Modifiers::COMMAND, Key::Num1);
    desk.until(words::NOTE_LABEL);
    desk.write("Slept well");
    desk.press(Modifiers::COMMAND, Key::Comma);
    desk.click(words::NEW_KEYS_ASK);
    desk.until(words::NEW_KEYS_AFTER);
    desk.press(Modifiers::NONE, Key::Escape);
    desk.press(Modifiers::COMMAND, Key::L);
    desk.until(words::UNLOCK_TITLE);
    desk.secret(words::PASSPHRASE, NEW_PASSPHRASE);
    desk.press(Modifiers::NONE, Key::Enter);
    // It opens where one was: at the note.
    desk.until(words::NOTE_LABEL);
    assert!(desk.note().contains("Slept well"));
}
