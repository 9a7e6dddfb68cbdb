//! What cannot be saved at once, and private notes whose time is over: nothing is lost, and nothing is said to be saved that
//! is not.

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable};
use subrosa::features::notes::messages::NotesEvent;
use subrosa::features::notes::values::InMemory;
use subrosa::messages::Event;
use subrosa::values::job::Job;
use subrosa::values::page::NoteState;
use subrosa::words;

use super::{Window, to_aino, unlock, unlocked};
use crate::hands::{click, type_into};
use crate::scripted::{PASSPHRASE, Scripted};

fn said(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

fn note(window: &Window) -> String {
    window.get_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL).value().unwrap_or_default()
}

#[test]
fn what_could_not_be_saved_is_never_said_to_be_and_is_there_when_one_comes_back() {
    let mut window = unlocked(&["Aino Mäkinen", "Björn Åkerlund"]);
    window.get_by_label_contains("Björn Åkerlund").click();
    window.run_steps(3);
    click(&mut window, words::NEW_NOTE);
    window.state_mut().jobs().full = true;
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "slept well");
    window.run_steps(8);
    assert!(said(&window, words::NOT_SAVED));
    to_aino(&mut window);
    assert!(said(&window, words::NOT_SAVED) && !said(&window, words::ALL_SAVED));
    click(&mut window, "21 November, unsigned");
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "!");
    window.run_steps(8);
    assert!(said(&window, "2 notes not saved yet"));
    window.get_by_label_contains("Björn Åkerlund").click();
    window.run_steps(3);
    click(&mut window, "21 November, unsigned");
    assert!(note(&window).contains("slept well"), "{}", note(&window));
    assert!(said(&window, "2 notes not saved yet") && !said(&window, words::ALL_SAVED));
    window.check_accessibility();

    window.state_mut().jobs().make_room();
    window.run_steps(3);
    assert!(said(&window, words::ALL_SAVED));
    let saved = &window.state_mut().jobs().saved;
    assert!(saved.len() == 2 && saved.iter().any(|text| text.contains("slept well")));
}

/// A private note of Aino's that is being written.
fn writing_a_private_note() -> Window {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.notes.values_mut().flatten().skip(1).take(1).for_each(|note| {
        note.card.private = true;
        note.card.state = NoteState::Unsigned;
    });
    let mut window = unlock(script);
    to_aino(&mut window);
    click(&mut window, words::PRIVATE_NOTES_ASK);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::SHOW);
    window.get_by_label(words::PRIVATE_CLOSED).click();
    window.run_steps(3);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::OPEN);
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "zanzibar");
    window
}

#[test]
fn a_private_note_leaves_the_screen_saved_when_its_time_is_over_and_not_while_it_is_written_in() {
    let mut window = writing_a_private_note();
    window.state_mut().jobs().say(NotesEvent::PrivateClosing);
    window.run_steps(3);
    assert!(note(&window).contains("zanzibar"));
    assert!(window.state_mut().jobs().saved.iter().any(|text| text.contains("zanzibar")));
    window.run_steps(8);
    window.state_mut().jobs().say(NotesEvent::PrivateClosing);
    window.run_steps(3);
    assert!(window.query_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL).is_none());
    assert!(said(&window, words::PRIVATE_OVER) && !said(&window, words::PRIVATE_CLOSED));
    assert!(!said(&window, "zanzibar"));
    window.check_accessibility();
}

#[test]
fn words_of_a_private_note_that_wait_for_the_passphrase_say_so_where_it_can_be_given() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    to_aino(&mut window);
    assert!(!said(&window, words::SAVE_ASKS));
    window.state_mut().jobs().say(Event::InMemory(InMemory { notes: 1, private: 1, particulars: 0 }));
    window.run_steps(3);
    assert!(said(&window, words::SAVE_ASKS) && said(&window, words::PRIVATE_NOT_SAVED));
    click(&mut window, words::SAVE_ASKED);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    click(&mut window, words::SHOW);
    window.state_mut().jobs().say(Event::InMemory(InMemory::default()));
    window.run_steps(3);
    assert!(!said(&window, words::SAVE_ASKS) && said(&window, words::ALL_SAVED));
}

#[test]
fn a_fault_that_closed_the_practice_is_said_at_the_locked_window_and_any_other_lock_is_not() {
    for fault in [true, false] {
        let mut window = unlocked(&["Aino Mäkinen"]);
        if fault {
            window.state_mut().jobs().say(Event::LockedByFault);
            window.run_steps(4);
        } else {
            click(&mut window, words::LOCK);
        }
        assert!(said(&window, words::UNLOCK_TITLE) && !said(&window, "Aino"));
        assert_eq!(said(&window, words::LOCKED_BY_FAULT), fault);
        type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
        click(&mut window, words::UNLOCK);
        assert!(said(&window, "Aino") && !said(&window, words::LOCKED_BY_FAULT));
    }
}

#[test]
fn a_job_that_a_fault_stopped_says_so_and_the_rest_goes_on() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    to_aino(&mut window);
    window.state_mut().jobs().say(Event::Failed(Job::Note, words::FAULT.to_owned()));
    window.run_steps(3);
    assert!(said(&window, words::FAULT));
    click(&mut window, words::NEW_NOTE);
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "slept well");
    window.run_steps(30);
    assert!(window.state_mut().jobs().saved.iter().any(|text| text.contains("slept well")));
    assert!(!said(&window, words::FAULT));
    window.check_accessibility();
}

#[test]
fn words_that_a_note_cannot_hold_are_said_to_be_kept_and_are_split_where_they_stand() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    to_aino(&mut window);
    click(&mut window, words::NEW_NOTE);
    let template = note(&window).chars().count();
    window.state_mut().jobs().longest = template + 5;
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "slept");
    window.run_steps(8);
    assert!(!said(&window, words::OVERLONG_MORE) && !said(&window, words::OVERLONG_KEPT));
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, " well");
    window.run_steps(8);
    assert!(
        said(&window, words::OVERLONG_MORE) && said(&window, words::OVERLONG_KEPT) && said(&window, words::OVERLONG)
    );
    assert!(!said(&window, words::ALL_SAVED) && !said(&window, words::NOT_SAVED));
    let sign = window.get_by_role_and_label(Role::Button, words::SIGN).accesskit_node();
    assert!(sign.is_disabled(), "nobody signs half of it");
    window.check_accessibility();
    click(&mut window, words::SELECT_EXCESS);
    window.run_steps(3);
    click(&mut window, words::SPLIT);
    window.run_steps(3);
    assert_eq!(note(&window).chars().count(), template + 5);
    assert!(!said(&window, words::OVERLONG_MORE) && !said(&window, words::OVERLONG));
    window.check_accessibility();
}
