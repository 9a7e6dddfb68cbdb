//! Notes: begun, opened, written and moved.

use jiff::civil::Time;
use subrosa_core::record::NoteContent;

use crate::features::notes::messages::{NotesCommand, NotesEffect, NotesEvent};
use crate::features::notes::state::Editor;
use crate::features::trash::messages::TrashEffect;
use crate::messages::Effect;
use crate::model::{Done, Model, Place, Practice};
use crate::update::begin::{begin, finish, with_practice};
use crate::update::leave::close_when_saved;
use crate::update::navigate::open;
use crate::update::saving::save_now;
use crate::values::job::Job;
use crate::values::navigation::{Field, Overlay, Private};
use crate::values::note_format::{FORMATS, Format};
use crate::values::note_ref::NoteRef;
use crate::values::page::{NoteCard, NoteState, OpenNote};
use crate::view_model::shown_note;

mod private;

/// Commands about notes, while a practice is open.
pub(crate) fn update(model: &mut Model, command: NotesCommand) -> Vec<Effect> {
    match command {
        NotesCommand::New => new_note(model),
        NotesCommand::Open(note) => to_note(model, note),
        NotesCommand::Typed => note_typed(model),
        NotesCommand::Format(place) => set_format(model, place),
        NotesCommand::Private => private(model),
        NotesCommand::Move => move_note(model),
        NotesCommand::Addendum => addendum(model),
        NotesCommand::Split => overlong(model, NotesEffect::Split),
        NotesCommand::AttachWords => overlong(model, NotesEffect::AttachWords),
        NotesCommand::SelectExcess => {
            model.focus = Some(Field::Excess);
            Vec::new()
        }
        NotesCommand::Writing => {
            with_practice(model, |practice| practice.writing = !practice.writing && practice.notes.editor.is_some())
        }
    }
}

/// What jobs bring back of notes.
pub(crate) fn apply(model: &mut Model, event: NotesEvent) -> Vec<Effect> {
    match event {
        NotesEvent::Opened(note) => show_note(model, *note),
        NotesEvent::Saved { note, revision, at } => saved(model, note, revision, at, false),
        NotesEvent::KeptOverlong { note, revision, at } => saved(model, note, revision, at, true),
        NotesEvent::Anew { from, note } => go_on(model, from, *note),
        NotesEvent::Merged { note, content, seen } => merged(model, note, content, seen),
        NotesEvent::PrivateClosing => private::closing(model),
        NotesEvent::PrivateClosed => private::close(model),
    }
}

fn saved(model: &mut Model, note: NoteRef, revision: u64, at: Time, overlong: bool) -> Vec<Effect> {
    with_editor(model, note, |editor| editor.saved(revision, at, overlong));
    let notes = model.practice_mut().and_then(|practice| practice.timeline.as_mut()).map(|page| &mut page.notes);
    if let Some(card) = notes.and_then(|notes| notes.iter_mut().find(|card| card.id == note)) {
        card.overlong = overlong;
    }
    close_when_saved(model);
    Vec::new()
}

/// The note that is written goes on in a new one.
fn go_on(model: &mut Model, from: NoteRef, note: OpenNote) -> Vec<Effect> {
    with_editor(model, from, |editor| editor.go_on(note));
    with_practice(model, |practice| practice.done = Some((Job::Note, Done::BegunAnew)))
}

/// What is shown and holds less than was written of it.
fn overlong(model: &mut Model, effect: fn(NoteRef) -> NotesEffect) -> Vec<Effect> {
    let Some(note) = shown_note(model).filter(|_| model.progress(Job::Note).is_none()) else { return Vec::new() };
    let mut effects = save_now(model);
    effects.extend(begin(model, effect(note)));
    effects
}

/// An unsigned note for the client whose page is shown: today, and the template that was used last.
fn new_note(model: &mut Model) -> Vec<Effect> {
    let Some(client) = model.practice().and_then(|practice| practice.timeline.as_ref()).map(|page| page.client.id)
    else {
        return Vec::new();
    };
    let mut effects = save_now(model);
    let format = last_format(model);
    let content = fresh_content(model, format);
    set_caret(model, format.caret());
    effects.extend(begin(model, NotesEffect::New { client, content, private: None }));
    effects
}

fn last_format(model: &Model) -> Format {
    let notes = model.practice().and_then(|practice| practice.timeline.as_ref()).map(|page| page.notes.as_slice());
    let last = notes.unwrap_or_default().iter().find(|note| !note.private && note.addendum_to.is_none());
    let [first, ..] = FORMATS;
    last.and_then(|note| FORMATS.into_iter().find(|format| format.name == note.format)).unwrap_or(first)
}

fn fresh_content(model: &Model, format: Format) -> NoteContent {
    NoteContent {
        date: model.now.today(),
        start: None,
        minutes: None,
        format: format.name.to_owned(),
        session: None,
        tags: Vec::new(),
        other: Default::default(),
        text: format.template(),
    }
}

fn free_content(model: &Model) -> NoteContent {
    fresh_content(model, Format { name: "Free", headings: &[] })
}

fn to_note(model: &mut Model, note: NoteRef) -> Vec<Effect> {
    let private = card(model, note).is_some_and(|card| card.private);
    if private {
        return open(model, Overlay::Private(Private::Note(note)));
    }
    let mut effects = save_now(model);
    if let Some(practice) = model.practice_mut() {
        practice.notes.caret = None;
    }
    effects.extend(begin(model, NotesEffect::Open { note, private: None }));
    effects
}

fn note_typed(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Model { place: Place::Open(practice), typed, .. } = model else { return Vec::new() };
    if let Some(editor) = &mut practice.notes.editor {
        editor.typed(now);
        editor.content(&typed.note);
    }
    Vec::new()
}

/// Another template. The text is replaced only while nothing was written into it.
fn set_format(model: &mut Model, place: usize) -> Vec<Effect> {
    let Some(format) = FORMATS.get(place).copied() else { return Vec::new() };
    if Format::is_untouched(&model.typed.note.text) {
        model.typed.note.text = format.template();
        set_caret(model, format.caret());
        model.focus = Some(Field::Note);
    }
    if let Some(editor) = model.practice_mut().and_then(|practice| practice.notes.editor.as_mut()) {
        format.name.clone_into(&mut editor.format);
    }
    note_typed(model)
}

/// Opens a private note, begins one, or lists them; each asks for the passphrase again.
fn private(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Private(asked)) = model.overlay else { return Vec::new() };
    if model.typed.passphrase.is_empty() || model.progress(Job::Note).is_some() {
        return Vec::new();
    }
    let mut effects = save_now(model);
    let passphrase = model.typed.passphrase.take();
    let page = model.practice().and_then(|practice| practice.timeline.as_ref());
    let effect = match (asked, page.map(|page| page.client.id)) {
        (Private::Note(note), _) => Effect::Notes(NotesEffect::Open { note, private: Some(passphrase) }),
        (Private::New, Some(client)) => {
            Effect::Notes(NotesEffect::New { client, content: free_content(model), private: Some(passphrase) })
        }
        (Private::List, Some(client)) => Effect::Notes(NotesEffect::ShowPrivate { client, passphrase }),
        (Private::Trash, _) => Effect::Trash(TrashEffect::ShowPrivate { passphrase }),
        (Private::New | Private::List, None) => return effects,
    };
    effects.extend(begin(model, effect));
    effects
}

fn addendum(model: &mut Model) -> Vec<Effect> {
    let reading = model.practice().and_then(|practice| practice.notes.reading.as_ref());
    let Some(to) = reading.map(|note| note.card.id.id()) else { return Vec::new() };
    let content = free_content(model);
    set_caret(model, 0);
    begin(model, NotesEffect::NewAddendum { to, content })
}

fn set_caret(model: &mut Model, caret: usize) {
    if let Some(practice) = model.practice_mut() {
        practice.notes.caret = Some(caret);
    }
}

fn card(model: &Model, note: NoteRef) -> Option<&NoteCard> {
    model.practice()?.timeline.as_ref()?.notes.iter().find(|card| card.id == note)
}

fn move_note(model: &mut Model) -> Vec<Effect> {
    let why = model.typed.why.trim().to_owned();
    let to = model.practice().and_then(|practice| practice.clients.other);
    let (Some(note), Some(to)) = (shown_note(model), to) else { return Vec::new() };
    if model.overlay != Some(Overlay::Move) || model.progress(Job::Move).is_some() {
        return Vec::new();
    }
    let mut effects = save_now(model);
    effects.extend(begin(model, NotesEffect::Move { note, to, why }));
    effects
}

/// A note that belongs to another client than the one whose page is shown came too late and is dropped.
fn show_note(model: &mut Model, note: OpenNote) -> Vec<Effect> {
    finish(model, Job::Note);
    let effects = save_now(model);
    if let Some(Overlay::Private(_) | Overlay::InError) = model.overlay {
        finish(model, Job::Sign);
        model.overlay = None;
    }
    let Model { place: Place::Open(practice), typed, focus, .. } = model else { return effects };
    if practice.clients.selected != Some(note.client) {
        return effects;
    }
    add_card(practice, &note);
    if note.card.state.is_open() {
        // A finished note is there to be read: a stray key must not change it.
        *focus = (note.card.state != NoteState::Imported).then_some(Field::Note);
        let steps = practice.notes.steps.take().filter(|(of, _)| *of == note.card.id);
        match practice.notes.editor.as_mut().filter(|editor| editor.id() == note.card.id) {
            Some(editor) => editor.reopen(note, &mut typed.note),
            None => practice.notes.editor = Some(Editor::open(note, &mut typed.note)),
        }
        typed.note.earlier = steps.map(|(_, steps)| steps.over(&typed.note.text));
        practice.notes.reading = None;
    } else {
        practice.notes.editor = None;
        practice.notes.reading = Some(note);
    }
    effects
}

/// What another device wrote comes onto the screen, unless something typed here is still to be saved.
fn merged(model: &mut Model, note: NoteRef, content: NoteContent, seen: u64) -> Vec<Effect> {
    let Model { place: Place::Open(practice), typed, focus, .. } = model else { return Vec::new() };
    if let Some(editor) = practice.notes.editor.as_mut().filter(|editor| editor.id() == note) {
        editor.merge(content, seen, &mut typed.note);
        practice.notes.caret = Some(typed.note.caret);
        focus.get_or_insert(Field::Merged);
    }
    Vec::new()
}

/// A note that was just begun stands in the timeline at once, and counts in the list.
fn add_card(practice: &mut Practice, note: &OpenNote) {
    let Some(timeline) = &mut practice.timeline else { return };
    if timeline.notes.iter().any(|card| card.id == note.card.id) {
        return;
    }
    let place = timeline.notes.partition_point(|card| card.date > note.card.date);
    timeline.notes.insert(place, note.card.clone());
    let row = practice.clients.rows.iter_mut().find(|row| row.id == note.client);
    if let Some(row) = row.filter(|_| note.card.state == NoteState::Unsigned && !note.card.private) {
        row.unsigned += 1;
        row.last = row.last.max(Some(note.card.date));
    }
}

fn with_editor(model: &mut Model, note: NoteRef, change: impl FnOnce(&mut Editor)) {
    let editor = model.practice_mut().and_then(|practice| practice.notes.editor.as_mut());
    if let Some(editor) = editor.filter(|editor| editor.id() == note) {
        change(editor);
    }
}
