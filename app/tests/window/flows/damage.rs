//! The locked window over a file that no passphrase opens: repaired, repaired from a backup, or replaced by one.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::values::navigation::Screen;
use subrosa::values::pick::Picked;
use subrosa::words;

use super::{Window, unlock};
use crate::hands::{click, press, type_into};
use crate::scripted::kit::KIT_LINE;
use crate::scripted::{PASSPHRASE, Scripted};

fn said(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

fn damaged() -> Scripted {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.damaged = true;
    script
}

fn secret(window: &mut Window, label: &str, text: &str) {
    type_into(window, Role::PasswordInput, label, text);
}

#[test]
fn a_damaged_file_is_repaired_with_its_passphrase_and_what_was_lost_and_what_is_whole_is_said() {
    let mut window = unlock(damaged());
    assert!(said(&window, words::DAMAGED_TITLE) && said(&window, words::DAMAGED_MORE));
    window.check_accessibility();
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.state_mut().jobs().damaged, "not without the passphrase");
    secret(&mut window, words::PASSPHRASE_OF_FILE, "not this one");
    click(&mut window, words::REPAIR);
    assert!(said(&window, "That is not the passphrase") && said(&window, words::DAMAGED_TITLE));
    secret(&mut window, words::PASSPHRASE_OF_FILE, PASSPHRASE);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(window.state().model().screen(), Some(Screen::Safety));
    let lost = [words::REPAIRED_FILE, words::DAMAGE_TOUCHES, words::CHECK_DAMAGED_DO, words::REPAIR_MORE];
    for sentence in lost {
        assert!(said(&window, sentence), "{sentence}");
    }
    for sentence in [words::parts_unread(4), words::rebuilt(12), words::lacking(3)] {
        assert!(said(&window, &sentence), "{sentence}");
    }
    assert!(said(&window, "Aino Mäkinen: Today, 14 Nov · what is known about the person"));
    assert!(!said(&window, words::CHECK_WHOLE));
    window.run_steps(20);
    let result = window.get_by_label(words::REPAIRED_FILE).rect();
    assert!(window.ctx.content_rect().contains_rect(result), "brought into view: {result:?}");
    window.check_accessibility();
}

#[test]
fn discreet_mode_names_nobody_whom_damage_touches() {
    let mut window = unlock(damaged());
    secret(&mut window, words::PASSPHRASE_OF_FILE, PASSPHRASE);
    click(&mut window, words::REPAIR);
    press(&mut window, Modifiers::NONE, Key::F8);
    assert!(said(&window, words::DAMAGE_TOUCHES) && !said(&window, "Aino"));
}

#[test]
fn a_damaged_file_is_repaired_from_a_backup_and_another_kit_begins_nothing() {
    let mut window = unlock(damaged());
    click(&mut window, words::REPAIR_FROM_BACKUP);
    window.check_accessibility();
    window.state_mut().jobs().picks = Some(Picked::Path(PathBuf::from("/stick/practice.age")));
    click(&mut window, &words::choose(words::RESTORE_FILE));
    assert_eq!(window.state().model().typed.path, "/stick/practice.age");
    for (kit, opens) in [("AGE-SECRET-KEY-PQ-1QQQQ", false), (KIT_LINE, true)] {
        secret(&mut window, words::RECOVER_LINE, kit);
        secret(&mut window, words::PASSPHRASE_OF_FILE, PASSPHRASE);
        click(&mut window, words::REPAIR);
        assert_eq!(said(&window, "does not open this backup"), !opens);
        assert_eq!(window.state_mut().jobs().damaged, !opens);
    }
    assert!(said(&window, &words::given_back(3, 0)) && said(&window, words::CHECK_WHOLE));
    assert!(!said(&window, words::DAMAGE_TOUCHES) && !said(&window, &words::lacking(3)));
}

#[test]
fn a_file_of_which_too_little_can_be_read_is_replaced_by_a_backup_and_the_way_there_keeps_no_secret() {
    let mut script = damaged();
    script.too_little = true;
    let mut window = unlock(script);
    secret(&mut window, words::PASSPHRASE_OF_FILE, PASSPHRASE);
    click(&mut window, words::REPAIR);
    assert!(said(&window, words::NOTHING_TO_SALVAGE));
    click(&mut window, words::RESTORE_INSTEAD);
    window.check_accessibility();
    secret(&mut window, words::RECOVER_LINE, KIT_LINE);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(said(&window, words::DAMAGED_TITLE) && window.state().model().typed.kit.is_empty());
    click(&mut window, words::RESTORE_INSTEAD);
    type_into(&mut window, Role::TextInput, words::RESTORE_FILE, "/stick/practice.age");
    secret(&mut window, words::RECOVER_LINE, KIT_LINE);
    click(&mut window, words::RESTORE);
    assert!(said(&window, words::RESTORE_INSTEAD_TITLE), "not without a passphrase");
    for label in [words::PASSPHRASE_NEW, words::PASSPHRASE_REPEATED] {
        secret(&mut window, label, PASSPHRASE);
    }
    click(&mut window, words::RESTORE);
    assert!(said(&window, "Aino Mäkinen") && said(&window, words::RESTORED_INSTEAD));
}

#[test]
fn a_file_that_opens_after_all_is_asked_for_its_passphrase_and_offers_no_repair() {
    let mut window = unlock(damaged());
    window.state_mut().jobs().damaged = false;
    click(&mut window, words::TRY_AGAIN);
    assert!(window.query_by_label(words::REPAIR).is_none());
    secret(&mut window, words::PASSPHRASE, PASSPHRASE);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(said(&window, "Aino Mäkinen"));
}
