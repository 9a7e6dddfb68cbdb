//! What could not be saved, and private notes whose time is over.

use subrosa_core::record::Identity;

use super::*;
use crate::features::clients::messages::ClientsEffect;
use crate::features::clients::values::Particulars;
use crate::features::notes::values::InMemory;
use crate::messages::Effect;
use crate::model::Model;
use crate::values::navigation::{Screen, Tab};

fn state(model: &Model) -> crate::features::notes::state::SaveState {
    model.practice().unwrap().notes.editor.as_ref().unwrap().state()
}

fn saved_line(model: &Model) -> String {
    crate::view_model::status(model, &model.typed, model.practice().unwrap()).saved.0
}

fn waiting(model: &mut Model, notes: usize, private: usize) {
    apply(model, Event::InMemory(InMemory { notes, private, particulars: 0 }));
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

/// A client's particulars on the screen, with this telephone typed.
fn with_telephone(typed: &str) -> (Model, Identity) {
    let mut model = unlocked();
    update(&mut model, ClientsCommand::Select(CLIENT));
    update(&mut model, ClientsCommand::Show(Tab::Particulars));
    let shown = Identity { name: "Aino Mäkinen".to_owned(), ..Identity::default() };
    let particulars = Particulars { client: CLIENT, identity: shown.clone(), versions: Vec::new() };
    apply(&mut model, ClientsEvent::Particulars(Box::new(particulars)));
    assert!(model.typed.clients.particulars.set("phone", typed));
    (model, shown)
}

#[test]
fn particulars_that_are_corrected_after_a_look_elsewhere_are_saved_once_and_for_all() {
    let (mut model, shown) = with_telephone("040 1");
    update(&mut model, Command::Go(Screen::Safety));
    apply(&mut model, Event::Failed(Job::Particulars, "The disk is full".into()));
    update(&mut model, Command::Go(Screen::Clients));
    assert!(model.typed.clients.particulars.set("phone", "040 2"));
    update(&mut model, ClientsCommand::SaveParticulars);
    let identity = Identity { phone: "040 2".to_owned(), ..shown };
    let (saved, row) = (Box::new(identity.clone()), Box::new(row()));
    let particulars = Box::new(Particulars { client: CLIENT, identity, versions: Vec::new() });
    apply(&mut model, ClientsEvent::Edited { row, particulars, saved });
    assert_eq!(saved_line(&model), crate::words::ALL_SAVED);
}

#[test]
fn particulars_that_are_not_known_to_be_saved_are_given_away_at_the_lock_and_tried_again_after_it() {
    let (mut model, _) = with_telephone("040 1");
    assert_eq!(saved_line(&model), crate::words::PARTICULARS_NOT_SAVED);
    let effects = update(&mut model, Command::Lock);
    let [
        Effect::Clients(ClientsEffect::Edit { .. }),
        Effect::Clients(ClientsEffect::Keep(kept)),
        Effect::Opening(OpeningEffect::Lock(_)),
    ] = effects.as_slice()
    else {
        panic!("saved, kept, locked")
    };
    let unsaved = kept.clone();
    // Told to close at once, and told of the failure before anything else: nothing is lost by that.
    update(&mut model, Command::Close);
    apply(&mut model, Event::Failed(Job::Particulars, "The disk is full".into()));
    assert_eq!(model.closing, Some(Closing::NotSaved));
    update(&mut model, Command::Stay);
    let again = apply(&mut model, OpeningEvent::Unlocked(Box::new(OpenedPractice { unsaved, ..opened() })));
    let edits = again.iter().filter(|effect| matches!(effect, Effect::Clients(ClientsEffect::Edit { .. })));
    assert_eq!((edits.count(), saved_line(&model)), (1, crate::words::SAVING.to_owned()));
    apply(&mut model, Event::Failed(Job::Particulars, "The disk is full".into()));
    assert_eq!(saved_line(&model), crate::words::particulars_not_saved("Aino Mäkinen"));
}

#[test]
fn a_practice_in_which_nothing_is_unsaved_gives_nothing_away_at_the_lock() {
    let mut model = unlocked();
    assert!(matches!(update(&mut model, Command::Lock).as_slice(), [Effect::Opening(OpeningEffect::Lock(_))]));
    apply(&mut model, Event::InMemory(InMemory { particulars: 1, ..InMemory::default() }));
    update(&mut model, Command::Close);
    assert_eq!(model.closing, Some(Closing::NotSaved), "locked, they still wait");
}
