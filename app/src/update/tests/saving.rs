//! What could not be saved, and private notes whose time is over.

use super::*;
use crate::features::notes::values::InMemory;
use crate::messages::Effect;
use crate::model::Model;

fn state(model: &Model) -> crate::features::notes::state::SaveState {
    model.practice().unwrap().notes.editor.as_ref().unwrap().state()
}

fn saved_line(model: &Model) -> String {
    crate::view_model::status(model, model.practice().unwrap()).saved.0
}

fn waiting(model: &mut Model, notes: usize, private: usize) {
    apply(model, Event::InMemory(InMemory { notes, private }));
}

#[test]
fn a_note_that_could_not_be_saved_is_not_said_to_be_saved_once_it_has_left_the_screen() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    update(&mut model, ClientsCommand::Select(DocId([9; 16])));
    waiting(&mut model, 1, 0);
    apply(&mut model, Event::Failed(Job::Save, "The disk is full".into()));
    assert_eq!(saved_line(&model), crate::words::NOT_SAVED);
    update(&mut model, Command::Close);
    assert_eq!(model.closing, Some(Closing::NotSaved));
    update(&mut model, Command::Stay);
    update(&mut model, Command::Lock);
    update(&mut model, Command::Close);
    assert_eq!(model.closing, Some(Closing::NotSaved), "locked, they still wait");
    waiting(&mut model, 0, 0);
    assert_eq!(model.closing, Some(Closing::Now));
}

#[test]
fn opening_the_note_that_is_open_leaves_on_the_screen_what_is_not_saved_and_does_not_say_it_is() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    let effects = apply(&mut model, NotesEvent::Opened(Box::new(note(NoteState::Unsigned, false))));
    assert_eq!((saves(&effects), model.typed.note.text.as_str()), (vec!["slept well a"], "slept well a"));
    assert_eq!(state(&model), crate::features::notes::state::SaveState::Saving);
    apply(&mut model, NotesEvent::Saved { note: NOTE, revision: 1, at: time(14, 52, 0, 0) });
    assert_eq!(state(&model), crate::features::notes::state::SaveState::Saved(time(14, 52, 0, 0)));
    // What is typed next is due as ever.
    type_into_note(&mut model, " b", 2_000);
    assert_eq!(saves(&update(&mut model, Command::Tick(moment(2_300)))), ["slept well a b"]);
}

#[test]
fn a_save_that_was_refused_is_sent_again_when_the_note_is_opened_with_the_passphrase() {
    let mut model = writing_private();
    type_into_note(&mut model, " a", 1_000);
    update(&mut model, Command::Tick(moment(1_300)));
    waiting(&mut model, 1, 1);
    apply(&mut model, Event::Failed(Job::Save, crate::words::SAVE_ASKS.into()));
    assert_eq!(saved_line(&model), crate::words::PRIVATE_NOT_SAVED);
    waiting(&mut model, 0, 0);
    let read = OpenNote { seen: 3, ..note(NoteState::Unsigned, true) };
    let effects = apply(&mut model, NotesEvent::Opened(Box::new(read)));
    assert_eq!((saves(&effects), model.typed.note.text.as_str()), (vec!["slept well a"], "slept well a"));
    assert!(matches!(effects[0], Effect::Notes(NotesEffect::Save { seen: 0, .. })), "what was read has not been seen");
}

#[test]
fn a_note_that_is_saved_and_opened_again_shows_what_was_read_and_saves_what_is_typed_into_it() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    update(&mut model, Command::Tick(moment(1_300)));
    apply(&mut model, NotesEvent::Saved { note: NOTE, revision: 1, at: time(14, 52, 0, 0) });
    let mut read = OpenNote { seen: 3, ..note(NoteState::Unsigned, false) };
    read.content.text = "slept well a, from the laptop".into();
    apply(&mut model, NotesEvent::Opened(Box::new(read)));
    assert_eq!(model.typed.note.text, "slept well a, from the laptop");
    type_into_note(&mut model, " b", 2_000);
    let effects = update(&mut model, Command::Tick(moment(2_300)));
    assert!(matches!(effects[..], [Effect::Notes(NotesEffect::Save { revision: 2, seen: 3, .. })]));
}

/// A private note on the screen, and its card on the page.
fn writing_private() -> Model {
    let mut model = unlocked();
    update(&mut model, ClientsCommand::Select(CLIENT));
    apply(&mut model, ClientsEvent::Page(Box::new(page())));
    apply(&mut model, NotesEvent::Opened(Box::new(note(NoteState::Unsigned, true))));
    model
}

#[test]
fn whoever_writes_in_a_private_note_when_its_time_is_over_saves_it_and_goes_on() {
    let mut model = writing_private();
    type_into_note(&mut model, " a", 1_000);
    let effects = apply(&mut model, NotesEvent::PrivateClosing);
    assert_eq!((saves(&effects), effects.len()), (vec!["slept well a"], 1));
    assert_eq!(model.typed.note.text, "slept well a");
}

#[test]
fn nothing_of_a_private_note_stays_when_its_time_is_over() {
    for warned in [true, false] {
        let mut model = writing_private();
        type_into_note(&mut model, " a", 1_000);
        update(&mut model, Command::Tick(moment(1_300)));
        if warned {
            apply(&mut model, NotesEvent::Saved { note: NOTE, revision: 1, at: time(14, 52, 0, 0) });
            let effects = apply(&mut model, NotesEvent::PrivateClosing);
            assert!(matches!(effects[..], [Effect::Notes(NotesEffect::ClosePrivate)]));
        } else {
            type_into_note(&mut model, " b", 1_310);
            assert_eq!(saves(&apply(&mut model, NotesEvent::PrivateClosed)), ["slept well a b"]);
        }
        let practice = model.practice().unwrap();
        assert!(practice.notes.editor.is_none() && practice.timeline.as_ref().unwrap().notes.is_empty());
        assert_eq!(practice.done, Some((Job::Note, crate::model::Done::PrivateClosed)));
        assert!(!serde_json::to_string(&model).unwrap().contains("slept"));
    }
}

#[test]
fn a_note_of_the_record_stays_on_the_screen_when_private_notes_close() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    assert!(matches!(apply(&mut model, NotesEvent::PrivateClosing)[..], [Effect::Notes(NotesEffect::ClosePrivate)]));
    assert!(apply(&mut model, NotesEvent::PrivateClosed).is_empty());
    assert_eq!(model.typed.note.text, "slept well a");
    assert!(model.practice().unwrap().notes.editor.is_some());
}

#[test]
fn a_fault_that_closed_the_practice_locks_the_window_keeps_the_last_words_and_says_why() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    let effects = apply(&mut model, Event::LockedByFault);
    assert_eq!(saves(&effects), ["slept well a"]);
    waiting(&mut model, 1, 0);
    apply(&mut model, Event::Failed(Job::Save, "The practice is locked".into()));
    assert!(model.trouble.is_none(), "why it is locked is what is read");
    assert!(matches!(&model.place, Place::Locked(locked) if locked.fault));
    apply(&mut model, Event::Refused(Job::Unlock, Refusal::WrongPassphrase));
    assert!(matches!(&model.place, Place::Locked(locked) if locked.fault));
    apply(&mut model, OpeningEvent::Unlocked(Box::new(opened())));
    assert!(model.practice().is_some());
    // Any other lock says nothing of a fault.
    update(&mut model, Command::Lock);
    assert!(matches!(&model.place, Place::Locked(locked) if !locked.fault));
}
