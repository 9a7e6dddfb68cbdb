//! What comes back from a backup: at the first run, and into a practice.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::features::backup::values::BackupScope;
use subrosa::messages::Event;
use subrosa::values::job::Job;
use subrosa::values::navigation::Field;
use subrosa::words;
use subrosa_core::kit::KitError;

use super::{Window, unlocked, window};
use crate::hands::{click, press, type_into};
use crate::scripted::kit::KIT_LINE;
use crate::scripted::{PASSPHRASE, Scripted};

fn name_a_backup(window: &mut Window, kit: &str) {
    type_into(window, Role::TextInput, words::RESTORE_FILE, "/stick/practice.age");
    type_into(window, Role::PasswordInput, words::RECOVER_LINE, kit);
}

#[test]
fn a_new_computer_restores_the_practice_with_the_kit_and_another_kit_restores_nothing() {
    let mut window = window(Scripted::empty());
    click(&mut window, words::START_RESTORE);
    window.check_accessibility();
    for (kit, opens) in [("AGE-SECRET-KEY-PQ-1QQQQ", false), (KIT_LINE, true)] {
        if !opens {
            name_a_backup(&mut window, kit);
        } else {
            type_into(&mut window, Role::PasswordInput, words::RECOVER_LINE, kit);
        }
        type_into(&mut window, Role::PasswordInput, words::PASSPHRASE_NEW, PASSPHRASE);
        type_into(&mut window, Role::PasswordInput, words::PASSPHRASE_REPEATED, PASSPHRASE);
        click(&mut window, words::RESTORE);
        assert_eq!(window.query_by_label_contains("does not open this backup").is_some(), !opens);
        assert_eq!(window.query_all_by_label_contains("Aino").next().is_some(), opens);
    }
}

/// What stands in the fields of a restore.
fn typed(window: &Window) -> [String; 4] {
    let typed = &window.state().model().typed;
    [typed.path.as_str(), typed.kit.expose(), typed.passphrase.expose(), typed.repeated.expose()].map(str::to_owned)
}

#[test]
fn an_error_keeps_all_that_was_typed_and_going_back_wipes_it() {
    let mut window = window(Scripted::empty());
    click(&mut window, words::START_RESTORE);
    let other = "AGE-SECRET-KEY-PQ-1QQQQ";
    name_a_backup(&mut window, other);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE_NEW, PASSPHRASE);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE_REPEATED, PASSPHRASE);
    click(&mut window, words::RESTORE);
    assert!(window.query_by_label_contains("does not open this backup").is_some());
    assert_eq!(typed(&window), ["/stick/practice.age", other, PASSPHRASE, PASSPHRASE]);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(typed(&window)[1..], ["", "", ""]);
    click(&mut window, words::START_RESTORE);
    assert_eq!(typed(&window), ["", "", "", ""]);
}

#[test]
fn what_is_wrong_with_the_line_stands_beside_it_and_the_keyboard_goes_there() {
    let mut window = window(Scripted::empty());
    click(&mut window, words::START_RESTORE);
    name_a_backup(&mut window, KIT_LINE);
    let told = words::kit_slip(KitError::SlipIn(7));
    window.state_mut().jobs().say(Event::Unfit(Job::Restore, Field::Kit, told.clone()));
    window.run_steps(3);
    let line = window.get_by_role_and_label(Role::PasswordInput, words::RECOVER_LINE);
    assert!(line.is_focused());
    let below = |label: &str| window.get_by_label(label).rect().top();
    assert!(line.rect().bottom() < below(&told) && below(&told) < below(words::RECOVER_FILE));
    window.check_accessibility();
    window.state_mut().jobs().say(Event::Failed(Job::Restore, "The disk is away".into()));
    window.run_steps(3);
    assert!(window.query_by_label(&told).is_none(), "one thing at a time");
    assert!(window.get_by_label("The disk is away").rect().top() < below_title(&window));
}

fn below_title(window: &Window) -> f32 {
    window.get_by_label(words::RESTORE_FILE).rect().top()
}

#[test]
fn the_line_is_hidden_until_it_is_asked_for_and_again_when_the_person_goes_away() {
    let mut window = window(Scripted::empty());
    click(&mut window, words::START_RESTORE);
    name_a_backup(&mut window, KIT_LINE);
    let group = subrosa_core::kit::groups(KIT_LINE)[3];
    assert!(window.query_by_label(group).is_none());
    let (_, show) = words::reveal(false, words::RECOVER_LINE);
    let (_, hide) = words::reveal(true, words::RECOVER_LINE);
    click(&mut window, &show);
    let line = window.get_by_role_and_label(Role::TextInput, words::RECOVER_LINE);
    assert!(line.is_focused() && line.value().is_some_and(|value| value == KIT_LINE));
    assert!(window.query_by_label(group).is_some(), "as on the paper");
    window.check_accessibility();
    // Neither the keys for it nor selecting copies it.
    press(&mut window, Modifiers::COMMAND, Key::A);
    window.event(egui::Event::Copy);
    window.run_steps(3);
    assert!(window.output().platform_output.commands.is_empty());
    click(&mut window, &hide);
    assert!(window.query_by_label(group).is_none());
    assert!(window.get_by_role_and_label(Role::PasswordInput, words::RECOVER_LINE).is_focused());
    click(&mut window, &show);
    window.state_mut().jobs().say(Event::Away);
    window.run_steps(3);
    assert!(window.query_by_label(group).is_none() && !window.state().model().typed.kit.is_empty());
}

#[test]
fn the_first_run_goes_back_from_restoring_and_keeps_no_secret() {
    let mut window = window(Scripted::empty());
    click(&mut window, words::START_RESTORE);
    name_a_backup(&mut window, KIT_LINE);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label(words::START_NEW).is_some());
    assert!(window.state().model().typed.kit.is_empty());
}

#[test]
fn a_backup_is_looked_into_and_all_one_client_or_one_note_comes_back() {
    let mut window = unlocked(&["Aino Mäkinen", "Björn Åkerlund"]);
    click(&mut window, words::SAFETY);
    click(&mut window, words::RESTORE_ASK);
    window.check_accessibility();
    name_a_backup(&mut window, "AGE-SECRET-KEY-PQ-1QQQQ");
    click(&mut window, words::RESTORE_OPEN);
    assert!(window.query_by_label_contains("does not open this backup").is_some());
    assert!(window.query_by_label(words::RESTORE_ALL).is_none());
    type_into(&mut window, Role::PasswordInput, words::RECOVER_LINE, KIT_LINE);
    click(&mut window, words::RESTORE_OPEN);
    assert!(window.query_by_label("Backup of 09:00 · 2 clients, 4 notes").is_some());
    assert!(window.state().model().typed.kit.is_empty());
    window.check_accessibility();
    click(&mut window, words::RESTORE_ALL);
    assert!(window.query_by_label(&words::brought_back(3)).is_some());

    type_into(&mut window, Role::TextInput, words::RESTORE_WHO, "makinen aino");
    assert!(window.query_by_role_and_label(Role::Button, "Björn Åkerlund").is_none());
    click(&mut window, "Aino Mäkinen");
    click(&mut window, words::RESTORE_CLIENT);
    click(&mut window, "14 November");
    window.check_accessibility();
    click(&mut window, words::RESTORE_NOTE);
    let client = window.state().model().practice().unwrap().clients.rows[0].id;
    let brought = window.state_mut().jobs().brought_back.clone();
    let [BackupScope::Everything, BackupScope::Client(of), BackupScope::Note(_)] = brought.as_slice() else {
        panic!("{brought:?}")
    };
    assert_eq!(*of, client);
}

#[test]
fn going_elsewhere_and_locking_forget_the_backup_that_was_open() {
    for lock in [false, true] {
        let mut window = unlocked(&["Aino Mäkinen"]);
        click(&mut window, words::SAFETY);
        click(&mut window, words::RESTORE_ASK);
        name_a_backup(&mut window, KIT_LINE);
        click(&mut window, words::RESTORE_OPEN);
        click(&mut window, "Aino Mäkinen");
        assert!(window.state().model().practice().unwrap().backup.opened.is_some());
        if lock {
            press(&mut window, Modifiers::COMMAND, Key::L);
            assert!(window.query_all_by_label_contains("Aino").next().is_none());
        } else {
            for _ in 0..2 {
                press(&mut window, Modifiers::NONE, Key::Escape);
            }
            assert!(window.query_by_label(words::BACK_UP_NOW).is_some());
            assert!(window.state().model().practice().unwrap().backup.opened.is_none());
        }
    }
}

#[test]
fn each_button_that_chooses_a_file_says_which() {
    let mut window = window(Scripted::empty());
    click(&mut window, words::START_RESTORE);
    for field in [words::RESTORE_FILE, words::RECOVER_FILE] {
        assert!(window.query_by_role_and_label(Role::Button, &words::choose(field)).is_some(), "{field}");
    }
    assert!(window.query_by_role_and_label(Role::Button, words::CHOOSE).is_none(), "one that does not");
}
