//! A new recovery kit for a practice that is in use: asked for, shown, given up, proven, and what follows.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::features::kit::messages::KitEvent;
use subrosa::features::kit::values::{Elsewhere, KitStatus};
use subrosa::values::navigation::Screen;
use subrosa::words;

use super::{Window, unlock};
use crate::hands::{click, press, type_into};
use crate::scripted::kit::KIT_GROUPS;
use crate::scripted::{NewKit, PASSPHRASE, Scripted, TODAY, device, paper};

/// A practice with a proven kit and a tested backup.
fn practice() -> Window {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.paper = Some(paper(None, false));
    script.backups.folder = Some(PathBuf::from("/stick"));
    let mut window = unlock(script);
    press(&mut window, Modifiers::COMMAND, Key::Num6);
    click(&mut window, words::BACK_UP_NOW);
    window
}

fn said(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

fn made(window: &mut Window) -> NewKit {
    window.state_mut().jobs().new_kit
}

/// To the page that shows the new kit; the dialog finds its height in some frames.
fn show(window: &mut Window) {
    click(window, words::NEW_KIT);
    window.run_steps(4);
    type_into(window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(window, words::NEW_KIT_SHOW);
}

#[test]
fn a_new_kit_is_shown_after_the_passphrase_and_counts_once_it_was_typed_back() {
    let mut window = practice();
    click(&mut window, words::NEW_KIT);
    window.run_steps(4);
    assert!(said(&window, words::NEW_KIT_MORE) && said(&window, words::NEW_KIT_OLD));
    window.check_accessibility();
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, "not this one");
    click(&mut window, words::NEW_KIT_SHOW);
    assert!(said(&window, "That is not the passphrase") && made(&mut window) == NewKit::None);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::NEW_KIT_SHOW);
    assert!(said(&window, words::NEW_KIT_PAGE) && said(&window, words::NEW_KIT_PROVE));
    assert!(said(&window, "90PDLK2V") && made(&mut window) == NewKit::Drawn);
    window.check_accessibility();
    // Nothing else is reached while it is shown.
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(said(&window, words::NEW_KIT_PAGE));

    type_into(&mut window, Role::TextInput, words::KIT_FILE, "/stick/new");
    click(&mut window, words::KIT_SAVE);
    assert_eq!(window.state_mut().jobs().kits, ["/stick/new.pdf"]);
    let question = words::type_back(&[3, 7]);
    type_into(&mut window, Role::PasswordInput, &question, "xxxx");
    click(&mut window, words::KIT_PROVE_BUTTON);
    assert!(said(&window, words::KIT_MISTYPED) && made(&mut window) == NewKit::Drawn);
    type_into(&mut window, Role::PasswordInput, &question, KIT_GROUPS);
    click(&mut window, words::KIT_PROVE_BUTTON);
    assert_eq!((made(&mut window), window.state().model().screen()), (NewKit::InForce, Some(Screen::Safety)));
    assert!(said(&window, words::NEW_KIT_DONE) && said(&window, &words::kit_proven(TODAY)));
    assert!(window.state().model().practice().is_some_and(|practice| practice.kit.page.is_none()));

    // The backup that is there opens with the old paper alone; the next one is a click away.
    assert!(said(&window, words::BACKUP_OLDER_KIT));
    click(&mut window, words::BACK_UP_NOW);
    assert!(said(&window, words::BACKED_UP) && !said(&window, words::BACKUP_OLDER_KIT));
    assert!(!said(&window, words::NEW_KIT_DONE));
}

#[test]
fn who_gives_up_midway_keeps_the_old_kit() {
    let mut window = practice();
    click(&mut window, words::NEW_KIT);
    window.run_steps(4);
    click(&mut window, words::CANCEL);
    assert!(window.state().model().overlay.is_none() && made(&mut window) == NewKit::None);
    show(&mut window);
    assert_eq!(made(&mut window), NewKit::Drawn);
    click(&mut window, words::NEW_KIT_KEEP);
    assert_eq!((made(&mut window), window.state().model().screen()), (NewKit::None, Some(Screen::Safety)));
    assert!(!said(&window, words::NEW_KIT_DONE) && !said(&window, words::BACKUP_OLDER_KIT));
    assert!(window.state().model().practice().is_some_and(|practice| practice.kit.page.is_none()));
}

#[test]
fn a_new_kit_that_comes_after_the_question_was_taken_away_is_forgotten() {
    let mut window = practice();
    window.state_mut().jobs().new_kit = NewKit::Drawn;
    let kit = subrosa::features::kit::values::Kit { text: subrosa::values::secret::Secret::new("RECOVERY KIT".into()) };
    window.state_mut().jobs().say(KitEvent::Drawn(Box::new(kit), vec![3, 7]));
    window.run_steps(3);
    assert_eq!((made(&mut window), window.state().model().screen()), (NewKit::None, Some(Screen::Safety)));
}

#[test]
fn a_new_kit_is_made_by_keyboard_alone() {
    let mut window = practice();
    press(&mut window, Modifiers::COMMAND, Key::K);
    type_into(&mut window, Role::TextInput, words::PALETTE, "new recovery");
    press(&mut window, Modifiers::NONE, Key::Enter);
    window.run_steps(4);
    window.get_by_role_and_label(Role::PasswordInput, words::PASSPHRASE).type_text(PASSPHRASE);
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(said(&window, words::NEW_KIT_PAGE));
    let question = words::type_back(&[3, 7]);
    for _ in 0..12 {
        if window.get_by_role_and_label(Role::PasswordInput, &question).is_focused() {
            break;
        }
        press(&mut window, Modifiers::NONE, Key::Tab);
    }
    window.get_by_role_and_label(Role::PasswordInput, &question).type_text(KIT_GROUPS);
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(made(&mut window), NewKit::InForce);
}

#[test]
fn a_lost_kit_leads_to_where_a_new_one_is_made() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.paper = Some(paper(Some(0), true));
    let mut window = unlock(script);
    click(&mut window, words::KIT_LOST);
    assert!(said(&window, words::KIT_LOST_MORE));
    show(&mut window);
    type_into(&mut window, Role::PasswordInput, &words::type_back(&[3, 7]), KIT_GROUPS);
    click(&mut window, words::KIT_PROVE_BUTTON);
    assert!(said(&window, words::NEW_KIT_DONE) && !said(&window, "Recovery kit not proven"));
}

#[test]
fn a_kit_that_was_replaced_elsewhere_is_not_asked_for_and_a_removed_device_makes_none() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.devices.push(device("Laptop", false, Some(0)));
    let elsewhere = Elsewhere { device: "Laptop".into(), on: TODAY, number: "1a2b3c4d".into() };
    script.paper = Some(KitStatus { elsewhere: Some(elsewhere), proven: None, ..paper(None, false) });
    let mut window = unlock(script);
    assert!(!said(&window, "Recovery kit not proven"));
    press(&mut window, Modifiers::COMMAND, Key::Num6);
    assert!(
        said(&window, &words::kit_elsewhere("1a2b3c4d", "Laptop", TODAY)) && !said(&window, words::SAFETY_KIT_NONE)
    );
    assert!(window.query_by_role_and_label(Role::Button, words::NEW_KIT).is_some());

    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.removed = vec![crate::scripted::mishaps::removed(subrosa_core::id::DeviceId([9; 16]), "Office PC", None)];
    script.removed.iter_mut().for_each(|row| row.this = true);
    let mut window = unlock(script);
    press(&mut window, Modifiers::COMMAND, Key::Num6);
    assert!(window.query_by_role_and_label(Role::Button, words::NEW_KIT).is_none());
}
