//! What goes wrong with a record or a practice, and is put right: damage, merges, files that stay apart.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::features::notes::messages::NotesEvent;
use subrosa::words;

use super::{Window, to_aino, unlock, unlocked};
use crate::hands::{click, press, type_into};
use crate::scripted::files::letter;
use crate::scripted::mishaps::check;
use crate::scripted::{PASSPHRASE, Scripted};

fn said(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

#[test]
fn damage_that_a_check_found_is_repaired_and_a_whole_practice_offers_no_repair() {
    for damaged in [true, false] {
        let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
        script.check = Some(check());
        script.check.iter_mut().filter(|_| !damaged).for_each(|check| (check.private, check.damaged) = (0, Vec::new()));
        let mut window = unlock(script);
        click(&mut window, words::SAFETY);
        assert_eq!(window.query_by_label(words::REPAIR).is_some(), damaged);
        assert_eq!(said(&window, words::CHECK_PRIVATE), damaged, "said where some were left closed");
        if damaged {
            click(&mut window, words::REPAIR);
            assert!(said(&window, words::REPAIRED_FILE) && said(&window, &words::rebuilt(12)));
            window.check_accessibility();
        }
        assert!(said(&window, words::CHECK_WHOLE) && window.query_by_label(words::REPAIR).is_none());
    }
}

#[test]
fn a_merge_is_taken_back_where_it_is_shown_and_nothing_is_offered_where_there_was_none() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen", "Björn Åkerlund"]);
    script.merged = vec![(script.clients[0].id, "A. Makinen".to_owned())];
    let mut window = unlock(script);
    to_aino(&mut window);
    assert!(said(&window, "One record with A. Makinen"));
    click(&mut window, words::UNMERGE_SHORT);
    click(&mut window, words::CANCEL);
    assert!(said(&window, "One record with A. Makinen"), "asked first");
    click(&mut window, words::UNMERGE_SHORT);
    window.check_accessibility();
    click(&mut window, words::UNMERGE);
    assert!(said(&window, words::UNMERGED) && !said(&window, "One record with"));
    assert!(window.query_by_label(words::UNMERGE_SHORT).is_none());
}

#[test]
fn files_beside_private_notes_are_listed_only_while_those_are_open() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.files = vec![letter("referral.pdf", false), letter("drawing of a dream.pdf", true)];
    let mut window = unlock(script);
    to_aino(&mut window);
    window.get_by_role_and_label(Role::Tab, words::FILES).click();
    window.run_steps(3);
    assert!(said(&window, "referral.pdf") && !said(&window, "drawing of a dream"));
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::SHOW);
    assert!(said(&window, "drawing of a dream.pdf") && said(&window, words::FILE_PRIVATE));
    window.state_mut().jobs().say(NotesEvent::PrivateClosed);
    window.run_steps(3);
    assert!(said(&window, "referral.pdf") && !said(&window, "drawing of a dream"));
}

#[test]
fn a_merge_cannot_be_taken_back_by_the_palette_where_there_is_none() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    to_aino(&mut window);
    press(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_role_and_label(Role::TextInput, words::PALETTE).type_text("apart");
    window.run_steps(2);
    assert!(said(&window, words::NO_COMMAND));
}
