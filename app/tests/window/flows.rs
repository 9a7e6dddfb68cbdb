//! Flows over a script that answers at once.

mod backups;
mod damage;
mod devices;
mod focus;
mod new_kit;
mod passphrases;
mod reaching;
mod removal;
mod repairing;
mod restoring;
mod saving;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::features::devices::messages::DevicesEvent;
use subrosa::features::notes::messages::NotesEvent;
use subrosa::features::search::messages::SearchEvent;
use subrosa::features::signing::messages::SigningEvent;
use subrosa::features::trash::messages::TrashEffect;
use subrosa::jobs::Jobs;
use subrosa::values::job::Progress;
use subrosa::values::page::NoteState;
use subrosa::words;

use crate::hands;
use crate::hands::{click, press, type_into};
use crate::scripted::kit::KIT_GROUPS;
use crate::scripted::{PASSPHRASE, Scripted, paper};

type Window = hands::Window<Scripted>;

fn window(script: Scripted) -> Window {
    let mut window = hands::window(script);
    window.run_steps(3);
    window
}

fn unlocked(names: &[&str]) -> Window {
    unlock(Scripted::with_clients(names))
}

fn unlock(script: Scripted) -> Window {
    let mut window = window(script);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::UNLOCK);
    window
}

#[test]
fn the_first_run_ends_with_a_practice_and_a_proven_kit() {
    let mut window = window(Scripted::empty());
    click(&mut window, words::START_NEW);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE_REPEATED, PASSPHRASE);
    click(&mut window, words::CREATE);
    for group in ["ZX", "90PDLK2V", "MM5N7QAW"] {
        assert!(window.query_by_label(group).is_some());
    }
    assert!(window.query_by_label("3").is_some() && window.query_by_label("7").is_some());
    let question = words::type_back(&[3, 7]);
    type_into(&mut window, Role::PasswordInput, &question, "xxxx");
    click(&mut window, words::KIT_PROVE_BUTTON);
    assert!(window.query_by_label(words::KIT_MISTYPED).is_some());
    type_into(&mut window, Role::PasswordInput, &question, KIT_GROUPS);
    click(&mut window, words::KIT_PROVE_BUTTON);
    assert!(window.query_by_label(words::WHAT_IF_TITLE).is_some());
    click(&mut window, words::TO_CLIENTS);
    assert!(window.query_by_label(words::NO_CLIENTS).is_some());
    assert!(window.query_by_label(words::ONLY_HERE).is_some());
}

#[test]
fn a_wrong_passphrase_is_said_and_the_right_one_opens() {
    let mut window = window(Scripted::with_clients(&["Aino Mäkinen"]));
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, "not this one");
    click(&mut window, words::UNLOCK);
    assert!(window.query_by_label_contains("That is not the passphrase").is_some());
    assert!(window.query_by_label_contains("Aino").is_none());
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.query_by_label_contains("Aino Mäkinen").is_some());
}

#[test]
fn a_client_is_found_by_any_part_of_the_name_and_escape_brings_all_of_them_back() {
    let mut window = unlocked(&["Aino Mäkinen", "Björn Åkerlund"]);
    let seen = |window: &Window, name| window.query_all_by_label_contains(name).next().is_some();
    press(&mut window, Modifiers::NONE, Key::Slash);
    type_into(&mut window, Role::TextInput, words::FIND_CLIENT, "akerlund bj");
    assert!(seen(&window, "Björn") && !seen(&window, "Aino"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(seen(&window, "Björn") && seen(&window, "Aino"));
    type_into(&mut window, Role::TextInput, words::FIND_CLIENT, "nobody");
    assert!(seen(&window, words::NO_MATCH) && !seen(&window, "Aino"));
}

#[test]
fn a_new_note_is_saved_while_it_is_written_and_then_signed() {
    let mut window = unlocked(&["Aino Mäkinen", "Björn Åkerlund"]);
    window.get_by_label_contains("Björn Åkerlund").click();
    window.run_steps(3);
    click(&mut window, words::NEW_NOTE);
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "slept well");
    window.run_steps(8);
    assert!(window.query_by_label("Saved 14:52").is_some());
    let saved = window.state_mut().jobs().saved.last().cloned().expect("something was saved");
    assert!(saved.contains("## Subjective\nslept well"), "{saved}");
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    assert!(window.query_by_label(words::SIGN_TITLE).is_some());
    click(&mut window, words::SIGN_NOW);
    window.run_steps(4);
    assert!(window.query_by_label_contains("signed 15:03").is_some());
    assert!(window.query_by_label(words::ADDENDUM).is_some());
}

#[test]
fn a_signature_can_be_taken_back_for_a_minute_and_not_for_longer() {
    for late in [false, true] {
        let mut window = unlocked(&["Aino Mäkinen"]);
        to_aino(&mut window);
        click(&mut window, "21 November, unsigned");
        press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
        click(&mut window, words::SIGN_NOW);
        assert!(window.query_by_label_contains(words::TAKE_BACK).is_some());
        let note = window.state().model().practice().map(|practice| practice.signing.waiting[0].pending.note).unwrap();
        if late {
            window.state_mut().jobs().say(SigningEvent::Signed(note));
            window.run_steps(4);
            assert!(window.query_by_label_contains(words::TAKE_BACK).is_none());
            assert!(window.query_by_label(words::ADDENDUM).is_some());
        } else {
            window.get_by_label_contains(words::TAKE_BACK).click();
            window.run_steps(4);
            assert!(window.query_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL).is_some());
            assert!(window.query_by_label_contains(words::TAKE_BACK).is_none());
        }
    }
}

#[test]
fn the_versions_of_a_note_say_when_where_and_what() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    to_aino(&mut window);
    click(&mut window, "21 November, unsigned");
    click(&mut window, words::HISTORY);
    assert!(window.query_by_label_contains("Written 15:00 · Laptop").is_some());
    assert!(window.query_by_label("slept badlywell").is_some());
    window.check_accessibility();
    window.get_by_label_contains("Written 14:00 · Laptop").click();
    window.run_steps(3);
    assert!(window.query_by_label("slept badly").is_some());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL).is_some());
}

#[test]
fn a_deleted_note_lies_in_the_trash_and_comes_back_in_one_step() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    to_aino(&mut window);
    click(&mut window, "21 November, unsigned");
    click(&mut window, words::DELETE_SHORT);
    click(&mut window, words::CANCEL);
    assert!(window.state_mut().jobs().trash.is_empty(), "asked first");
    click(&mut window, words::DELETE_SHORT);
    click(&mut window, words::DELETE);
    assert!(window.query_by_label(words::TRASHED).is_some());
    assert!(window.query_by_label("21 November, unsigned").is_none());
    click(&mut window, words::TRASH);
    window.check_accessibility();
    assert!(window.query_by_label_contains("30 days left").is_some());
    click(&mut window, words::UNDELETE);
    assert!(window.query_by_label(words::UNDELETED).is_some());
    assert!(window.query_by_label(words::TRASH_EMPTY).is_some());
}

#[test]
fn a_deletion_is_taken_back_where_it_was_made() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    to_aino(&mut window);
    click(&mut window, "21 November, unsigned");
    click(&mut window, words::DELETE_SHORT);
    click(&mut window, words::DELETE);
    assert!(window.query_by_label("21 November, unsigned").is_none());
    window.check_accessibility();
    click(&mut window, words::UNDELETE);
    assert!(window.query_by_label(words::UNDELETED).is_some());
    assert!(window.query_by_role_and_label(Role::Button, "21 November, unsigned").is_some());
    assert!(window.query_by_role_and_label(Role::Button, words::UNDELETE).is_none(), "once");
}

#[test]
fn private_notes_in_the_trash_are_listed_only_after_the_passphrase() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.notes.values_mut().flatten().take(1).for_each(|note| note.card.private = true);
    let id = script.notes.values().flatten().map(|note| note.card.id).next().unwrap();
    script.start(TrashEffect::DeleteNote(id).into());
    script.poll();
    let mut window = unlock(script);
    click(&mut window, words::TRASH);
    assert!(window.query_by_label(words::TRASH_EMPTY).is_some(), "nothing tells that there is one");
    click(&mut window, words::PRIVATE_NOTES_ASK);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, "not the passphrase");
    click(&mut window, words::SHOW);
    assert!(window.query_by_label_contains("Private note ·").is_none());
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::SHOW);
    assert!(window.query_by_label_contains("Private note · Aino Mäkinen").is_some());
    assert!(window.query_by_role_and_label(Role::Button, words::PRIVATE_NOTES_ASK).is_none());
    window.check_accessibility();
    click(&mut window, words::UNDELETE);
    assert!(window.query_by_label(words::UNDELETED).is_some());
    assert!(window.query_by_label(words::TRASH_EMPTY).is_some());
}

#[test]
fn the_lock_key_locks_and_nothing_readable_stays() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    window.get_by_label_contains("Aino Mäkinen").click();
    window.run_steps(3);
    assert!(window.query_all_by_label_contains("Aino").next().is_some());
    press(&mut window, Modifiers::COMMAND, Key::L);
    assert!(window.query_by_label(words::UNLOCK_TITLE).is_some());
    assert!(window.query_all_by_label_contains("Aino").next().is_none());
}

#[test]
fn the_palette_finds_a_command_by_its_words_and_enter_runs_it() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    press(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_role_and_label(Role::TextInput, words::PALETTE).type_text("devi");
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.query_by_label(words::INVITE).is_some());
}

#[test]
fn a_long_search_shows_what_it_has_found_and_how_far_it_is_and_only_at_the_end_that_there_is_nothing() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    click(&mut window, words::SEARCH);
    type_into(&mut window, Role::TextInput, words::SEARCH_NOTES, "call");
    let ticket = window.state().model().practice().unwrap().search.ticket;
    let far = Some(Progress { done: 10, total: 40_000 });
    let mut hits = window.state().model().practice().unwrap().search.hits.clone();
    assert!(!hits.is_empty());
    for (found, looked, words) in [
        (std::mem::take(&mut hits), far, ["Aino Mäkinen", words::SEARCHING].as_slice()),
        (Vec::new(), far, &[words::SEARCHING]),
        (Vec::new(), None, &[words::SEARCH_NOTHING]),
    ] {
        window.state_mut().jobs().say(SearchEvent::Hits { ticket, hits: found, looked });
        window.run_steps(3);
        for shown in [words::SEARCHING, words::SEARCH_NOTHING, "Aino Mäkinen"] {
            assert_eq!(window.query_all_by_label(shown).next().is_some(), words.contains(&shown), "{shown}");
        }
    }
}

#[test]
fn an_invited_device_is_shown_by_name_and_has_to_be_confirmed() {
    let mut window = unlocked(&[]);
    click(&mut window, words::DEVICES);
    click(&mut window, words::INVITE);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::INVITE_SHOW);
    assert!(window.query_by_label_contains("apple brave cloud").is_some());
    window.state_mut().jobs().say(DevicesEvent::Asks { name: "Laptop".into(), compare: "apple zebra".into() });
    window.run_steps(3);
    assert!(window.query_by_label(&words::may_join("Laptop")).is_some());
    assert!(window.query_by_label("apple zebra").is_some(), "the words that the other screen shows too");
    click(&mut window, words::CONFIRM_YES);
    assert!(window.query_by_label(words::DEVICE_ADDED).is_some());
}

#[test]
fn a_record_is_sealed_for_a_colleague_with_its_reasons() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    click(&mut window, words::COLLEAGUES);
    click(&mut window, words::CLIENTS);
    window.get_by_label_contains("Aino Mäkinen").click();
    window.run_steps(3);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    for (label, text) in
        [(words::SEAL_PURPOSE, "Referral"), (words::SEAL_BASIS, "Consent"), (words::SEAL_FILE, "/stick/record.age")]
    {
        type_into(&mut window, Role::TextInput, label, text);
    }
    assert!(window.query_by_label(words::SEAL_UNCOMPARED).is_some());
    click(&mut window, words::SEAL);
    assert_eq!(window.state_mut().jobs().sealed, 1);
}

#[test]
fn forty_thousand_clients_draw_only_the_rows_that_are_seen() {
    let names: Vec<String> = (0..40_000).map(|number| format!("Client {number}")).collect();
    let mut window = unlocked(&names.iter().map(String::as_str).collect::<Vec<_>>());
    window.run_steps(2);
    let rows = window.query_all_by_label_contains("session").count();
    assert!((5..40).contains(&rows), "{rows} rows");
}

#[test]
fn every_control_has_a_name() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    window.get_by_label_contains("Aino Mäkinen").click();
    window.run_steps(3);
    for screen in [
        words::CLIENTS,
        words::SEARCH,
        words::DEVICES,
        words::COLLEAGUES,
        words::IMPORT_EXPORT,
        words::TRASH,
        words::SAFETY,
        words::SETTINGS,
    ] {
        click(&mut window, screen);
        window.check_accessibility();
    }
}

#[test]
fn discreet_mode_gives_no_name_away_to_eye_or_ear() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    press(&mut window, Modifiers::NONE, Key::F8);
    assert!(window.query_all_by_label_contains("Aino").next().is_none());
    press(&mut window, Modifiers::NONE, Key::F8);
    assert!(window.query_all_by_label_contains("Aino").next().is_some());
}

fn to_aino(window: &mut Window) {
    window.get_by_label_contains("Aino Mäkinen").click();
    window.run_steps(3);
}

#[test]
fn an_imported_note_opens_as_imported_and_the_first_key_makes_it_unsigned() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.notes.values_mut().flatten().for_each(|note| note.card.state = NoteState::Imported);
    let mut window = unlock(script);
    to_aino(&mut window);
    assert!(window.query_by_label("14 November, imported").is_some());
    click(&mut window, "14 November, imported");
    assert!(window.query_all_by_label("imported").count() > 0);
    assert!(window.query_by_label(words::UNSIGNED).is_none());
    assert!(window.state_mut().jobs().saved.is_empty());
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "!");
    window.run_steps(8);
    assert!(window.query_by_label(words::UNSIGNED).is_some());
    assert_eq!(window.state_mut().jobs().saved.len(), 1);
}

#[test]
fn private_notes_are_listed_only_after_the_passphrase() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.notes.values_mut().flatten().skip(1).take(1).for_each(|note| note.card.private = true);
    let mut window = unlock(script);
    to_aino(&mut window);
    assert!(window.query_by_label(words::PRIVATE_CLOSED).is_none());
    click(&mut window, words::PRIVATE_NOTES_ASK);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, "not this one");
    click(&mut window, words::SHOW);
    assert!(window.query_by_label_contains("That is not the passphrase").is_some());
    assert!(window.query_by_label(words::PRIVATE_CLOSED).is_none());
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::SHOW);
    assert!(window.query_by_label(words::PRIVATE_CLOSED).is_some());
    assert!(window.query_by_label(words::SHOW).is_none());
}

#[test]
fn a_kit_that_is_overdue_comes_before_anything_else_and_a_lost_one_shuts_nobody_out() {
    for lost in [false, true] {
        let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
        script.paper = Some(paper(Some(0), true));
        let mut window = unlock(script);
        press(&mut window, Modifiers::COMMAND, Key::Num1);
        assert!(window.query_all_by_label_contains("Aino").next().is_none());
        if lost {
            click(&mut window, words::KIT_LOST);
            assert!(window.query_by_label(words::KIT_LOST_MORE).is_some());
            click(&mut window, words::DISMISS);
            assert!(window.query_by_label(words::KIT_LOST_MORE).is_none());
        } else {
            type_into(&mut window, Role::PasswordInput, &words::type_back(&[3, 7]), "xxxx");
            click(&mut window, words::KIT_PROVE_BUTTON);
            assert!(window.query_by_label(words::KIT_MISTYPED).is_some());
            type_into(&mut window, Role::PasswordInput, &words::type_back(&[3, 7]), KIT_GROUPS);
            click(&mut window, words::KIT_PROVE_BUTTON);
            assert!(window.query_by_label(words::KIT_AGAIN_DONE).is_some());
        }
        press(&mut window, Modifiers::COMMAND, Key::Num1);
        assert!(window.query_all_by_label_contains("Aino").next().is_some());
    }
}

#[test]
fn a_kit_that_was_put_off_is_counted_down_in_the_status_bar() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.paper = Some(paper(Some(5), false));
    let mut window = unlock(script);
    assert!(window.query_by_label("Recovery kit not proven yet · 5 days left").is_some());
    click(&mut window, words::KIT_AGAIN_NOW);
    type_into(&mut window, Role::PasswordInput, &words::type_back(&[3, 7]), KIT_GROUPS);
    click(&mut window, words::KIT_PROVE_BUTTON);
    assert!(window.query_by_label_contains("Recovery kit not proven").is_none());
}

#[test]
fn a_kit_that_was_put_off_is_asked_for_once_a_day_and_can_be_put_off_again() {
    for ask_today in [true, false] {
        let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
        script.paper = Some(paper(Some(5), ask_today));
        let mut window = unlock(script);
        assert_eq!(window.query_by_label(words::KIT_AGAIN_MORE).is_some(), ask_today);
        if ask_today {
            click(&mut window, words::LATER);
        }
        assert!(window.query_all_by_label_contains("Aino").next().is_some());
    }
}

#[test]
fn the_kit_is_saved_to_be_printed_or_as_text_and_a_place_on_this_disk_is_warned_of() {
    let mut window = window(Scripted::empty());
    click(&mut window, words::START_NEW);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE_REPEATED, PASSPHRASE);
    click(&mut window, words::CREATE);
    for (button, typed) in [(words::KIT_SAVE, "/stick/kit"), (words::KIT_SAVE_TEXT, "/home/kit.pdf")] {
        type_into(&mut window, Role::TextInput, words::KIT_FILE, typed);
        click(&mut window, button);
    }
    assert_eq!(window.state_mut().jobs().kits, ["/stick/kit.pdf", "/home/kit.txt"]);
    assert!(window.query_by_label(words::KIT_SAME_DISK).is_some() && window.query_by_label(words::KIT_SAVED).is_none());
    window.check_accessibility();
}

#[test]
fn one_record_is_exported_and_private_notes_only_when_asked_for() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    to_aino(&mut window);
    for private in [false, true] {
        click(&mut window, words::EXPORT_SHORT);
        type_into(&mut window, Role::TextInput, words::EXPORT_FOLDER, "/stick/record");
        if private {
            window.get_by_role_and_label(Role::RadioButton, words::EXPORT_PRIVATE).click();
            window.run_steps(3);
            click(&mut window, words::EXPORT_CLIENT);
            assert_eq!(window.state_mut().jobs().exported.len(), 1);
            type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
        }
        click(&mut window, words::EXPORT_CLIENT);
        assert!(window.query_by_label(words::EXPORT_DONE).is_some());
    }
    assert_eq!(window.state_mut().jobs().exported, [false, true]);
}

#[test]
fn what_is_to_be_known_about_the_place_is_said_until_it_is_put_away() {
    let warning = "A cloud service copies this folder";
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.warning = Some(warning.into());
    let mut window = unlock(script);
    assert!(window.query_by_label(warning).is_some());
    click(&mut window, words::DISMISS);
    assert!(window.query_by_label(warning).is_none());
}

#[test]
fn what_another_device_writes_comes_in_and_undo_does_not_take_it_away() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    to_aino(&mut window);
    click(&mut window, words::NEW_NOTE);
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "slept well");
    window.run_steps(12);
    let jobs = window.state_mut().jobs();
    let note = jobs.notes.values().flatten().find(|note| note.content.text.contains("slept")).expect("it is saved");
    let (id, mut content) = (note.card.id, note.content.clone());
    content.text.push_str("written on the laptop");
    jobs.say(NotesEvent::Merged { note: id, content, seen: 1 });
    window.run_steps(3);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    window.run_steps(12);
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "!");
    window.run_steps(12);
    let saved = window.state_mut().jobs().saved.last().cloned().unwrap_or_default();
    assert!(saved.contains("slept well!") && saved.contains("written on the laptop"), "{saved}");
}
