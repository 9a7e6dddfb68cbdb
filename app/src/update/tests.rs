//! Scenarios of the window without a window.

mod saving;

use jiff::civil::{Date, DateTime, time};
use subrosa_core::id::DocId;
use subrosa_core::record::NoteContent;

use super::*;
use crate::features::clients::messages::{ClientsCommand, ClientsEvent};
use crate::features::damage::messages::{DamageCommand, DamageEffect};
use crate::features::notes::messages::{NotesCommand, NotesEffect, NotesEvent};
use crate::features::opening::messages::{OpeningCommand, OpeningEvent};
use crate::features::opening::values::{Found, OpenedPractice, Refusal};
use crate::features::signing::messages::{SigningCommand, SigningEffect, SigningEvent};
use crate::features::signing::values::Preview;
use crate::messages::Event;
use crate::model::Closing;
use crate::model::{LockedWindow, Place};
use crate::values::job::Job;
use crate::values::moment::Moment;
use crate::values::navigation::{FirstRun, Overlay};
use crate::values::note_ref::NoteRef;
use crate::values::page::{ClientRow, NoteCard, NoteState, OpenNote, Timeline};
use crate::values::resume::{Earlier, Leaving, Resume};
use crate::values::secret::Secret;
use crate::values::settings::Settings;

const CLIENT: DocId = DocId([1; 16]);
const NOTE: NoteRef = NoteRef::Note(DocId([2; 16]));

fn moment(ms: u64) -> Moment {
    let wall = DateTime::constant(2026, 11, 21, 14, 0, 0, 0);
    let ms_signed = i64::try_from(ms).unwrap();
    Moment { steady: ms, wall: wall.checked_add(jiff::SignedDuration::from_millis(ms_signed)).unwrap() }
}

fn row() -> ClientRow {
    ClientRow {
        id: CLIENT,
        name: "Aino Mäkinen".into(),
        code: None,
        status: "active".into(),
        last: None,
        session: None,
        unsigned: 0,
    }
}

fn opened() -> OpenedPractice {
    OpenedPractice {
        clients: vec![row()],
        unsaved: Vec::new(),
        removed: Vec::new(),
        devices: Vec::new(),
        settings: Settings::default(),
        demo: false,
        warning: None,
        paper: None,
        resume: None,
        pending: Vec::new(),
        check: None,
        backups: Default::default(),
    }
}

fn note(state: NoteState, private: bool) -> OpenNote {
    let date = Date::constant(2026, 11, 21);
    let card = NoteCard {
        id: NOTE,
        date,
        start: None,
        minutes: Some(50),
        format: "SOAP".into(),
        state,
        private,
        excerpt: String::new(),
        addenda: 0,
        addendum_to: None,
        in_error: false,
        written_on: None,
        overlong: false,
    };
    let content = NoteContent {
        date,
        start: None,
        minutes: Some(50),
        format: "SOAP".into(),
        session: None,
        tags: Vec::new(),
        other: Default::default(),
        text: "slept well".into(),
    };
    OpenNote { card, client: CLIENT, content, addenda: Vec::new(), seen: 0 }
}

/// The page of a client of whom nothing is written yet.
fn page() -> Timeline {
    Timeline {
        client: row(),
        since: None,
        notes: Vec::new(),
        measures: Vec::new(),
        readers: Vec::new(),
        merged: Vec::new(),
    }
}

pub(super) fn unlocked() -> Model {
    let mut model = Model::default();
    update(&mut model, Command::Tick(moment(1)));
    apply(&mut model, OpeningEvent::Found(Found::Practice));
    apply(&mut model, OpeningEvent::Unlocked(Box::new(opened())));
    model
}

fn writing() -> Model {
    let mut model = unlocked();
    update(&mut model, ClientsCommand::Select(CLIENT));
    apply(&mut model, ClientsEvent::Page(Box::new(page())));
    apply(&mut model, NotesEvent::Opened(Box::new(note(NoteState::Unsigned, false))));
    model
}

fn type_into_note(model: &mut Model, text: &str, at: u64) -> Vec<Effect> {
    let mut effects = update(model, Command::Tick(moment(at)));
    update(model, Command::Touched);
    model.typed.note.text.push_str(text);
    effects.extend(update(model, NotesCommand::Typed));
    effects
}

fn saves(effects: &[Effect]) -> Vec<&str> {
    let drafts = effects.iter().filter_map(|effect| match effect {
        Effect::Notes(NotesEffect::Save { content, .. }) => Some(content.text.as_str()),
        _ => None,
    });
    drafts.collect()
}

#[test]
fn a_draft_is_saved_300_ms_after_the_last_key_and_not_before() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    assert!(saves(&update(&mut model, Command::Tick(moment(1_299)))).is_empty());
    assert_eq!(saves(&update(&mut model, Command::Tick(moment(1_300)))), ["slept well a"]);
}

#[test]
fn whoever_never_stops_typing_is_saved_every_second() {
    let mut model = writing();
    let saved: usize = (0..11).map(|tenth| saves(&type_into_note(&mut model, "x", 1_000 + tenth * 100)).len()).sum();
    assert_eq!(saved, 1);
}

#[test]
fn saved_is_said_only_of_what_the_store_has_acknowledged() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    update(&mut model, Command::Tick(moment(1_300)));
    type_into_note(&mut model, " b", 1_350);
    apply(&mut model, NotesEvent::Saved { note: NOTE, revision: 1, at: time(14, 52, 0, 0) });
    let state = |model: &Model| model.practice().unwrap().notes.editor.as_ref().unwrap().state();
    assert_eq!(state(&model), crate::features::notes::state::SaveState::Saving);
    update(&mut model, Command::Tick(moment(1_700)));
    apply(&mut model, NotesEvent::Saved { note: NOTE, revision: 2, at: time(14, 53, 0, 0) });
    assert_eq!(state(&model), crate::features::notes::state::SaveState::Saved(time(14, 53, 0, 0)));
}

#[test]
fn a_save_that_failed_is_tried_again_and_loses_nothing() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    update(&mut model, Command::Tick(moment(1_300)));
    apply(&mut model, Event::Failed(Job::Save, "The disk is full".into()));
    assert!(saves(&update(&mut model, Command::Tick(moment(2_000)))).is_empty());
    assert_eq!(saves(&update(&mut model, Command::Tick(moment(7_000)))), ["slept well a"]);
}

#[test]
fn locking_saves_the_draft_first_and_then_forgets_it() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    let effects = update(&mut model, Command::Lock);
    assert_eq!(saves(&effects), ["slept well a"]);
    assert!(matches!(effects.last(), Some(Effect::Opening(OpeningEffect::Lock(_)))));
    assert!(matches!(model.place, Place::Locked(_)));
    assert!(model.typed.note.text.is_empty());
}

#[test]
fn whoever_goes_away_leaves_a_saved_and_locked_practice_before_the_computer_sleeps() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    let effects = apply(&mut model, Event::Away);
    assert_eq!(saves(&effects), ["slept well a"]);
    assert!(matches!(
        effects[1..],
        [Effect::Opening(OpeningEffect::Lock(_)), Effect::Opening(OpeningEffect::LetSleep)]
    ));
    // A locked practice keeps nobody awake.
    assert!(matches!(apply(&mut model, Event::Away)[..], [Effect::Opening(OpeningEffect::LetSleep)]));
}

#[test]
fn an_answer_that_comes_after_the_lock_is_dropped() {
    let mut model = writing();
    update(&mut model, Command::Lock);
    apply(&mut model, NotesEvent::Opened(Box::new(note(NoteState::Unsigned, false))));
    apply(&mut model, ClientsEvent::Listed(vec![row()]));
    assert!(model.practice().is_none());
    assert!(!serde_json::to_string(&model).unwrap().contains("Aino"));
}

#[test]
fn a_window_left_alone_locks_itself_and_a_used_one_does_not() {
    let mut left_alone = writing();
    update(&mut left_alone, Command::Tick(moment(5 * 60_000 + 1)));
    assert!(matches!(left_alone.place, Place::Locked(_)));

    let mut used = writing();
    update(&mut used, Command::Tick(moment(4 * 60_000)));
    update(&mut used, Command::Touched);
    update(&mut used, Command::Tick(moment(8 * 60_000)));
    assert!(matches!(used.place, Place::Open(_)));
}

#[test]
fn the_key_that_wakes_a_laptop_finds_it_locked() {
    let mut model = writing();
    let after_sleep = Moment { steady: 10, wall: moment(60 * 60_000).wall };
    update(&mut model, Command::Tick(after_sleep));
    update(&mut model, Command::Touched);
    assert!(matches!(model.place, Place::Locked(_)));
}

/// Where the therapist was, as the effects of a lock say it.
fn left(effects: Vec<Effect>) -> Leaving {
    let left = effects
        .into_iter()
        .find_map(|effect| if let Effect::Opening(OpeningEffect::Lock(left)) = effect { left } else { None });
    *left.expect("somewhere")
}

#[test]
fn unlocking_comes_back_to_the_note_the_caret_and_the_steps_of_undo() {
    let mut model = writing();
    (model.typed.note.caret, model.typed.note.scroll) = (5, 120.0);
    let mut leaving = left(update(&mut model, Command::Lock));
    leaving.earlier = vec![Earlier { text: "slept".into(), caret: (5, 5) }];
    let resume = Some(Resume::from(leaving));
    let effects = apply(&mut model, OpeningEvent::Unlocked(Box::new(OpenedPractice { resume, ..opened() })));
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Notes(NotesEffect::Open { note, private: None }) if *note == NOTE))
    );
    assert_eq!(model.practice().unwrap().notes.caret, Some(5));
    apply(&mut model, NotesEvent::Opened(Box::new(note(NoteState::Unsigned, false))));
    let back: Vec<_> = model.typed.note.earlier.take().unwrap().into_iter().map(|state| state.text).collect();
    assert_eq!((back, model.typed.note.scroll_to), (vec!["slept".to_owned()], Some(120.0)));
}

#[test]
fn nothing_of_a_private_note_is_kept_to_come_back_to() {
    let mut model = writing();
    apply(&mut model, NotesEvent::Opened(Box::new(note(NoteState::Unsigned, true))));
    let leaving = left(update(&mut model, Command::Lock));
    assert!(leaving.note.is_none() && leaving.text.is_empty());
    let resume = Some(Resume::from(leaving));
    let effects = apply(&mut model, OpeningEvent::Unlocked(Box::new(OpenedPractice { resume, ..opened() })));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Notes(NotesEffect::Open { .. }))));
}

#[test]
fn a_machine_that_slept_for_a_minute_wakes_up_locked() {
    let mut model = writing();
    update(&mut model, Command::Tick(moment(1_000)));
    update(&mut model, Command::Tick(Moment { steady: 1_500, wall: moment(61_000).wall }));
    assert!(matches!(model.place, Place::Locked(_)));
}

#[test]
fn a_clock_that_is_set_back_or_a_little_forward_locks_nothing() {
    let mut model = writing();
    update(&mut model, Command::Tick(moment(100_000)));
    update(&mut model, Command::Tick(Moment { steady: 100_500, wall: moment(20_000).wall }));
    update(&mut model, Command::Tick(Moment { steady: 101_000, wall: moment(24_000).wall }));
    assert!(matches!(model.place, Place::Open(_)));
}

#[test]
fn a_window_that_is_closed_in_the_middle_of_a_word_saves_it_first() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    assert_eq!(saves(&update(&mut model, Command::Close)), ["slept well a"]);
    assert_eq!(model.closing, Some(Closing::Saving));
    apply(&mut model, NotesEvent::Saved { note: NOTE, revision: 1, at: time(14, 52, 0, 0) });
    assert_eq!(model.closing, Some(Closing::Now));
}

#[test]
fn a_window_whose_last_word_cannot_be_saved_offers_to_stay() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    update(&mut model, Command::Close);
    apply(&mut model, Event::Failed(Job::Save, "The disk is full".into()));
    assert_eq!(model.closing, Some(Closing::NotSaved));
    update(&mut model, Command::Stay);
    assert_eq!(model.closing, None);
    assert_eq!(model.typed.note.text, "slept well a");
    update(&mut model, Command::Tick(moment(9_000)));
    apply(&mut model, NotesEvent::Saved { note: NOTE, revision: 1, at: time(14, 52, 0, 0) });
    assert_eq!(model.closing, None, "whoever stayed stays");
}

#[test]
fn a_window_with_nothing_unsaved_closes_at_once() {
    let mut model = writing();
    update(&mut model, Command::Close);
    assert_eq!(model.closing, Some(Closing::Now));
}

#[test]
fn a_wrong_passphrase_and_a_damaged_file_are_said_in_different_words() {
    let mut model = Model::default();
    apply(&mut model, OpeningEvent::Found(Found::Practice));
    for refusal in [Refusal::WrongPassphrase, Refusal::Damaged] {
        apply(&mut model, Event::Refused(Job::Unlock, refusal));
        let Place::Locked(locked) = &model.place else { panic!("still locked") };
        assert_eq!(locked.refusal, Some(refusal));
    }
    assert_ne!(crate::words::refusal(Refusal::WrongPassphrase), crate::words::refusal(Refusal::Damaged));
}

#[test]
fn a_date_that_is_none_keeps_the_last_one_and_forbids_signing() {
    let mut model = writing();
    model.typed.note.date = "yesterday".into();
    update(&mut model, NotesCommand::Typed);
    let editor = model.practice().unwrap().notes.editor.as_ref().unwrap();
    assert!(editor.unreadable);
    assert_eq!(editor.note.content.date, Date::constant(2026, 11, 21));
    assert!(
        !crate::view_model::command_table::matching(&model, "sign this")
            .any(|entry| entry.command == Command::Open(Overlay::Sign))
    );
}

#[test]
fn signing_saves_what_is_on_the_screen_first() {
    let mut model = writing();
    type_into_note(&mut model, " a", 1_000);
    let effects = update(&mut model, Command::Open(Overlay::Sign));
    assert!(matches!(
        effects.as_slice(),
        [Effect::Notes(NotesEffect::Save { .. }), Effect::Signing(SigningEffect::Preview(NOTE))]
    ));
    assert!(update(&mut model, SigningCommand::Sign).is_empty(), "nothing is signed that was not shown");
    let date = Date::constant(2026, 11, 21);
    let preview =
        Preview { note: NOTE, client: "Aino Mäkinen".into(), date, minutes: None, words: 3, doubts: Vec::new() };
    apply(&mut model, SigningEvent::Preview(Box::new(preview)));
    assert!(matches!(
        update(&mut model, SigningCommand::Sign).as_slice(),
        [Effect::Signing(SigningEffect::Sign(NOTE))]
    ));
}

#[test]
fn a_template_is_exchanged_only_while_nothing_is_written_into_it() {
    let mut model = writing();
    update(&mut model, NotesCommand::Format(1));
    assert_eq!(model.typed.note.text, "slept well");
    model.typed.note.text = crate::values::note_format::FORMATS[0].template();
    update(&mut model, NotesCommand::Format(1));
    assert!(model.typed.note.text.starts_with("## Data"));
}

#[test]
fn a_page_that_comes_too_late_does_not_replace_the_one_asked_for_since() {
    let mut model = unlocked();
    update(&mut model, ClientsCommand::Select(DocId([9; 16])));
    apply(&mut model, ClientsEvent::Page(Box::new(page())));
    assert!(model.practice().unwrap().timeline.is_none());
}

#[test]
fn a_new_practice_needs_the_passphrase_twice_alike() {
    let mut model = Model::default();
    apply(&mut model, OpeningEvent::Found(Found::Nothing));
    update(&mut model, OpeningCommand::FirstRun(FirstRun::New));
    model.typed.passphrase.buffer().push_str("four words that fit");
    assert!(update(&mut model, OpeningCommand::Create).is_empty());
    model.typed.repeated.buffer().push_str("four words that fit");
    for weak in ["password12", "password password"] {
        let mut model = Model::default();
        apply(&mut model, OpeningEvent::Found(Found::Nothing));
        model.typed.passphrase.buffer().push_str(weak);
        model.typed.repeated.buffer().push_str(weak);
        assert!(update(&mut model, OpeningCommand::Create).is_empty(), "{weak}");
    }
    assert!(matches!(
        update(&mut model, OpeningCommand::Create).as_slice(),
        [Effect::Opening(OpeningEffect::Create { .. })]
    ));
    assert!(model.typed.passphrase.is_empty() && model.typed.repeated.is_empty());
}

#[test]
fn forty_thousand_clients_are_filtered_by_name_and_code() {
    let mut many = opened();
    many.clients = (0..40_000u32)
        .map(|number| ClientRow { name: format!("Client {number}"), code: Some(format!("c{number:05}")), ..row() })
        .collect();
    let mut model = Model::new(Settings::default(), Place::Locked(LockedWindow::default()));
    apply(&mut model, OpeningEvent::Unlocked(Box::new(many)));
    model.typed.clients.filter = "C39999".into();
    update(&mut model, ClientsCommand::Filtered);
    assert_eq!(model.practice().unwrap().clients.shown, [39_999]);
}

#[test]
fn a_window_that_is_asked_for_the_made_up_practice_opens_it_at_once_and_says_its_passphrase_when_locked() {
    let mut model = Model::default();
    update(&mut model, Command::Tick(moment(1)));
    apply(&mut model, OpeningEvent::Unlocked(Box::new(OpenedPractice { demo: true, ..opened() })));
    assert!(model.practice().unwrap().demo);
    update(&mut model, Command::Lock);
    assert!(matches!(&model.place, Place::Locked(locked) if locked.demo));
}

/// At the locked window over a damaged file, with its repair under way.
fn repairing() -> Model {
    let mut model = Model::default();
    update(&mut model, Command::Tick(moment(1)));
    apply(&mut model, OpeningEvent::Found(Found::Practice));
    model.typed.passphrase = Secret::new("lantern".into());
    update(&mut model, OpeningCommand::Unlock);
    apply(&mut model, Event::Refused(Job::Unlock, Refusal::Damaged));
    model.typed.passphrase = Secret::new("lantern".into());
    let effects = update(&mut model, DamageCommand::Salvage);
    assert!(matches!(effects.as_slice(), [Effect::Damage(DamageEffect::Salvage { backup: None, .. })]));
    model
}

#[test]
fn a_repair_that_ends_while_nobody_is_there_is_locked_at_once() {
    for away in [true, false] {
        let mut model = repairing();
        if away {
            apply(&mut model, Event::Away);
        }
        let effects = apply(&mut model, OpeningEvent::Unlocked(Box::new(opened())));
        assert_eq!(matches!(model.place, Place::Locked(_)), away);
        assert_eq!(effects.iter().any(|effect| matches!(effect, Effect::Opening(OpeningEffect::Lock(_)))), away);
    }
}

mod alone;
