//! A device is removed, something comes from it afterwards, and the window of a device that was removed.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::features::devices::messages::DevicesEvent;
use subrosa::features::devices::values::Quarantine;
use subrosa::values::navigation::Overlay;
use subrosa::words;
use subrosa_core::id::DeviceId;

use super::{Window, unlock};
use crate::hands::{click, press, type_into};
use crate::scripted::mishaps::removed;
use crate::scripted::{PASSPHRASE, Scripted, device};

const LONG: &str = "Työhuoneen kannettava tietokone, se harmaa, joka on aina laatikossa ikkunan alla";

fn said(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

fn with_laptop() -> Scripted {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.devices.push(device("Laptop", false, Some(3)));
    script
}

fn at_devices(script: Scripted) -> Window {
    let mut window = unlock(script);
    click(&mut window, words::DEVICES);
    window
}

/// Asks to remove it; the dialog finds its height in some frames.
fn ask(window: &mut Window, name: &str) {
    click(window, &words::remove_named(name));
    window.run_steps(8);
}

#[test]
fn a_device_is_removed_after_its_meaning_was_read_and_the_passphrase_given_and_not_before() {
    let mut window = at_devices(with_laptop());
    assert!(window.query_by_role_and_label(Role::Button, &words::remove_named("Office PC")).is_none(), "this device");
    ask(&mut window, "Laptop");
    window.check_accessibility();
    for sentence in [words::REMOVE_MEANS, words::REMOVE_SAFE, words::REMOVE_HAS, words::REMOVE_RENEWED] {
        assert!(said(&window, sentence), "{sentence}");
    }
    assert!(!said(&window, words::REMOVE_ELDER));
    click(&mut window, words::CANCEL);
    assert!(window.state().model().overlay.is_none() && window.state_mut().jobs().removed.is_empty(), "asked first");

    ask(&mut window, "Laptop");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.state_mut().jobs().removed.is_empty(), "not without the passphrase");
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, "not this one");
    click(&mut window, words::REMOVE_NOW);
    assert!(said(&window, "That is not the passphrase") && window.state_mut().jobs().removed.is_empty());
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(said(&window, &words::device_removed("Laptop")));
    assert!(window.state().model().overlay.is_none() && window.state().model().typed.passphrase.is_empty());
    assert!(window.query_by_role_and_label(Role::Button, &words::remove_named("Laptop")).is_none());
    assert!(said(&window, words::REMOVED_DEVICES) && said(&window, "removed 08:30 on Office PC"));
    window.check_accessibility();
}

#[test]
fn a_device_counts_as_lost_unless_somebody_says_that_it_is_retired() {
    for retired in [false, true] {
        let mut window = at_devices(with_laptop());
        ask(&mut window, "Laptop");
        assert!(said(&window, words::REMOVE_LOST_MORE) && !said(&window, words::REMOVE_RETIRED_MORE));
        if retired {
            window.get_by_role_and_label(Role::RadioButton, words::REMOVE_RETIRED).click();
            window.run_steps(8);
            assert!(said(&window, words::REMOVE_RETIRED_MORE) && !said(&window, words::REMOVE_LOST_MORE));
            window.check_accessibility();
        }
        type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
        press(&mut window, Modifiers::NONE, Key::Enter);
        assert_eq!(window.state_mut().jobs().retired, [retired]);
    }
}

#[test]
fn an_elder_device_is_removed_with_a_warning() {
    let mut script = with_laptop();
    script.devices.iter_mut().for_each(|row| row.elder = !row.this);
    let mut window = at_devices(script);
    ask(&mut window, "Laptop");
    assert!(said(&window, words::REMOVE_ELDER) && !said(&window, words::REMOVE_KIT));
}

#[test]
fn a_device_on_which_the_recovery_kit_was_made_is_removed_with_a_warning() {
    let mut script = with_laptop();
    script.devices.iter_mut().for_each(|row| row.made_kit = !row.this);
    let mut window = at_devices(script);
    ask(&mut window, "Laptop");
    assert!(said(&window, words::REMOVE_KIT) && !said(&window, words::REMOVE_ELDER));
}

#[test]
fn what_came_from_a_removed_device_is_kept_or_discarded_and_only_discarding_asks() {
    for keep in [true, false] {
        let mut script = with_laptop();
        script.removed = vec![
            removed(DeviceId([8; 16]), "Tablet", Some(Quarantine { notes: 2, others: 1, behind: 36 })),
            removed(DeviceId([9; 16]), "Old laptop", None),
        ];
        let mut window = at_devices(script);
        assert!(said(&window, "2 notes and 1 other part arrived after it was removed"));
        assert!(said(&window, "36 changes lie behind; you are asked about them once these are kept"));
        assert!(window.query_by_role_and_label(Role::Button, &words::keep_named("Old laptop")).is_none());
        window.check_accessibility();
        if keep {
            click(&mut window, &words::keep_named("Tablet"));
            assert!(said(&window, words::QUARANTINE_KEPT));
        } else {
            click(&mut window, &words::discard_named("Tablet"));
            click(&mut window, words::CANCEL);
            assert!(said(&window, "arrived after it was removed"), "asked first");
            click(&mut window, &words::discard_named("Tablet"));
            assert!(said(&window, "Discard 2 notes and 1 other part, and all that lies behind, from “Tablet”?"));
            window.check_accessibility();
            click(&mut window, words::DISCARD_NOW);
            assert!(said(&window, words::QUARANTINE_DISCARDED));
        }
        assert!(!said(&window, "arrived after it was removed"));
    }
}

#[test]
fn a_question_about_a_device_that_went_meanwhile_is_taken_away() {
    let mut window = at_devices(with_laptop());
    ask(&mut window, "Laptop");
    assert!(matches!(window.state().model().overlay, Some(Overlay::RemoveDevice { .. })));
    let here = vec![device("Office PC", true, None)];
    window.state_mut().jobs().say(subrosa::messages::Event::Devices(DevicesEvent::Listed(here, Vec::new())));
    window.run_steps(3);
    assert!(window.state().model().overlay.is_none());
}

#[test]
fn a_removed_devices_own_window_says_what_happened_and_invites_nobody() {
    for here in [true, false] {
        let mut script = with_laptop();
        script.removed = vec![removed(DeviceId([9; 16]), "Office PC", None)];
        script.removed.iter_mut().for_each(|row| row.this = here);
        let mut window = at_devices(script);
        assert_eq!(said(&window, words::REMOVED_HERE), here);
        assert_eq!(said(&window, words::REMOVED_HERE_STATUS), here);
        assert_eq!(window.query_by_role_and_label(Role::Button, words::INVITE).is_some(), !here);
        assert_eq!(said(&window, "lacks 3 notes"), !here, "nobody is waited for");
        if here {
            window.check_accessibility();
            let card = |window: &mut Window, label: &str| {
                window.query_all_by_role_and_label(Role::Button, label).last().expect("it is there").click();
                window.run_steps(3);
            };
            card(&mut window, words::IMPORT_EXPORT);
            assert!(said(&window, words::EXPORT_MORE));
        }
    }
}

#[test]
fn a_long_name_and_one_in_another_script_leave_the_button_in_its_place() {
    for name in [LONG, "Ноутбук в кабинете на Лесной улице"] {
        let mut script = with_laptop();
        script.devices.push(device(name, false, None));
        let mut window = at_devices(script);
        let button = window.get_by_role_and_label(Role::Button, &words::remove_named(name)).rect();
        assert!(button.right() <= 1280.0 - 48.0 && button.width() < 120.0, "{button:?}");
        ask(&mut window, name);
        assert!(said(&window, &words::may_remove(name)));
    }
}
