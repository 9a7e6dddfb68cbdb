//! A device joins with the words of another: what is typed wrong is told by its place, and nothing has to be typed again.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::words;
use subrosa_core::pairing::CodeError;

use super::{Desk, PASSPHRASE};

const WORDS: &str = "abandon abandon zanzibar abandon abandon abandon abandon ability";

fn begin_joining(desk: &mut Desk) {
    desk.until(words::START_JOIN);
    desk.click(words::START_JOIN);
}

#[test]
fn a_word_that_is_in_no_list_is_told_by_its_place_and_everything_typed_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::sit_down(folder.path().join("practice.subrosa"));
    begin_joining(&mut desk);
    let code = desk.window.get_by_role_and_label(Role::PasswordInput, words::JOIN_CODE);
    assert!(code.is_focused(), "one types at once");
    code.type_text(WORDS);
    desk.window.run_steps(3);
    desk.enter(Role::TextInput, words::JOIN_NAME, "Office PC");
    desk.secret(words::PASSPHRASE, PASSPHRASE);
    desk.secret(words::PASSPHRASE_REPEATED, PASSPHRASE);
    desk.click(words::JOIN);
    desk.until(&words::code_slip(CodeError::Word(3)));
    assert!(desk.shown().iter().all(|shown| !shown.contains("zanzibar")));
    let typed = &desk.window.state().model().typed;
    assert_eq!((typed.code.expose(), typed.device.as_str()), (WORDS, "Office PC"));
    assert_eq!([typed.passphrase.expose(), typed.repeated.expose()], [PASSPHRASE; 2]);

    // The words are looked at and put right in their field.
    let (_, show) = words::reveal(false, words::JOIN_CODE);
    desk.click(&show);
    let code = desk.window.get_by_role_and_label(Role::TextInput, words::JOIN_CODE);
    assert!(code.is_focused() && code.value().is_some_and(|value| value == WORDS));
    assert!(desk.window.query_by_label("zanzibar").is_some(), "under its number");
    desk.press(Modifiers::COMMAND, Key::A);
    desk.window.get_by_role_and_label(Role::TextInput, words::JOIN_CODE).type_text("abandon ability");
    desk.window.run_steps(3);
    desk.click(words::JOIN);
    desk.until(&words::code_slip(CodeError::Count(2)));

    // Going back wipes what was typed, and hides what comes next.
    desk.press(Modifiers::NONE, Key::Escape);
    begin_joining(&mut desk);
    let typed = &desk.window.state().model().typed;
    assert!(typed.code.is_empty() && typed.passphrase.is_empty() && typed.repeated.is_empty());
    assert!(desk.window.query_by_role_and_label(Role::PasswordInput, words::JOIN_CODE).is_some());
}
