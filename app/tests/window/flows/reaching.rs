//! Devices that are never on together: the sync folder, and joining by two files.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use subrosa::words;

use super::{Window, unlocked, window};
use crate::hands::{click, into_view, type_into};
use crate::scripted::reaching::LETTER_WORDS;
use crate::scripted::{PASSPHRASE, Scripted};

fn said(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

fn fill(window: &mut Window, role: Role, label: &str, text: &str) {
    into_view(window, role, label);
    type_into(window, role, label, text);
}

fn choose(window: &mut Window, label: &str) {
    into_view(window, Role::RadioButton, label);
    window.get_by_role_and_label(Role::RadioButton, label).click();
    window.run_steps(3);
}

fn at_devices() -> Window {
    let mut window = unlocked(&["Aino Mäkinen"]);
    click(&mut window, words::DEVICES);
    window
}

#[test]
fn a_folder_is_chosen_says_how_it_stands_and_is_left() {
    let mut window = at_devices();
    assert!(said(&window, words::NO_SYNC_FOLDER));
    fill(&mut window, Role::TextInput, words::SYNC_FOLDER_PATH, "/home/aino/Cloud/practice");
    click(&mut window, words::SYNC_FOLDER_USE_HERE);
    assert!(said(&window, "/home/aino/Cloud/practice") && said(&window, words::SYNC_FOLDER_FINE));
    assert!(window.state().model().typed.sync_folder.path.is_empty(), "what was typed is done with");
    window.check_accessibility();
    click(&mut window, words::SYNC_FOLDER_LOOK);
    click(&mut window, words::SYNC_FOLDER_OFF);
    assert!(said(&window, words::NO_SYNC_FOLDER) && said(&window, words::SYNC_FOLDER_REMAINS));
}

#[test]
fn a_folder_that_is_not_as_it_was_left_is_named_with_the_device_that_it_is_about() {
    let mut window = at_devices();
    fill(&mut window, Role::TextInput, words::SYNC_FOLDER_PATH, "/turned back");
    click(&mut window, words::SYNC_FOLDER_USE_HERE);
    assert!(said(&window, "Something older lies in the sync folder") && said(&window, "“Laptop”"));
}

#[test]
fn a_share_and_a_bucket_are_named_for_all_and_one_that_refuses_says_so() {
    let mut window = at_devices();
    choose(&mut window, words::SYNC_FOLDER_SHARE);
    window.check_accessibility();
    fill(&mut window, Role::TextInput, words::SYNC_FOLDER_URL, "https://dav.example.org/practice");
    fill(&mut window, Role::TextInput, words::SYNC_FOLDER_USER, "refused");
    fill(&mut window, Role::PasswordInput, words::SYNC_FOLDER_PASSWORD, "a word");
    click(&mut window, words::SYNC_FOLDER_USE);
    assert!(said(&window, "All devices use the sync folder https://dav.example.org/practice"));
    assert!(said(&window, "It does not let this device in"));
    choose(&mut window, words::SYNC_FOLDER_BUCKET);
    window.check_accessibility();
    fill(&mut window, Role::TextInput, words::SYNC_FOLDER_ENDPOINT, "https://s3.example.org");
    fill(&mut window, Role::TextInput, words::SYNC_FOLDER_BUCKET_NAME, "practice");
    fill(&mut window, Role::TextInput, words::SYNC_FOLDER_KEY_ID, "GK1");
    fill(&mut window, Role::PasswordInput, words::SYNC_FOLDER_SECRET, "another word");
    click(&mut window, words::SYNC_FOLDER_USE);
    assert!(said(&window, "https://s3.example.org/practice") && said(&window, words::SYNC_FOLDER_FINE));
    assert!(window.state().model().typed.sync_folder.secret.is_empty());
}

#[test]
fn a_device_asks_by_a_file_shows_the_words_once_and_joins_with_the_answer() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.exists = false;
    let mut window = window(script);
    click(&mut window, words::START_JOIN);
    click(&mut window, words::LETTERS);
    window.check_accessibility();
    fill(&mut window, Role::TextInput, words::JOIN_NAME, "Laptop");
    fill(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    fill(&mut window, Role::PasswordInput, words::PASSPHRASE_REPEATED, PASSPHRASE);
    fill(&mut window, Role::TextInput, words::LETTERS_REQUEST, "/stick/request");
    click(&mut window, words::LETTERS_WRITE);
    assert!(said(&window, words::LETTERS_WRITTEN) && said(&window, "honey"));
    window.check_accessibility();
    fill(&mut window, Role::TextInput, words::LETTERS_ANSWER, "/stick/answer");
    fill(&mut window, Role::PasswordInput, words::LETTERS_WORDS, "other words");
    fill(&mut window, Role::PasswordInput, words::LETTERS_FINISH_PASSPHRASE, PASSPHRASE);
    click(&mut window, words::LETTERS_JOIN);
    assert!(said(&window, "These are not the words") && !said(&window, "Aino Mäkinen"));
    assert_eq!(window.state().model().typed.letters.answer, "/stick/answer", "what was typed stays");
    fill(&mut window, Role::PasswordInput, words::LETTERS_WORDS, LETTER_WORDS);
    click(&mut window, words::LETTERS_JOIN);
    assert!(said(&window, "Aino Mäkinen"));
    assert!(window.state().model().typed.letters.shown.is_empty());
}

#[test]
fn a_request_is_opened_with_its_words_says_who_asks_and_is_answered_with_the_passphrase() {
    let mut window = at_devices();
    click(&mut window, words::LETTERS_ADMIT);
    window.check_accessibility();
    fill(&mut window, Role::TextInput, words::LETTERS_REQUEST_READ, "/stick/request");
    fill(&mut window, Role::PasswordInput, words::LETTERS_WORDS, "other words");
    click(&mut window, words::LETTERS_READ);
    assert!(said(&window, "These are not the words") && !said(&window, &words::may_join("Laptop")));
    fill(&mut window, Role::PasswordInput, words::LETTERS_WORDS, LETTER_WORDS);
    click(&mut window, words::LETTERS_READ);
    assert!(said(&window, &words::may_join("Laptop")));
    window.check_accessibility();
    fill(&mut window, Role::TextInput, words::LETTERS_ANSWER_WRITE, "/stick/answer");
    fill(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::CONFIRM_YES);
    assert!(said(&window, words::LETTERS_ANSWERED_MORE) && said(&window, "Laptop"));
    assert!(window.state().model().typed.letters.words.is_empty());
}
