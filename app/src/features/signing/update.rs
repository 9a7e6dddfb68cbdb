//! Signatures: made, taken back while there is time, and the note that was entered in error.

use crate::features::clients::messages::ClientsEffect;
use crate::features::clients::update::to_client;
use crate::features::notes::messages::NotesEffect;
use crate::features::notes::state::SaveState;
use crate::features::signing::messages::{SigningCommand, SigningEffect, SigningEvent};
use crate::features::signing::state::Waiting;
use crate::features::signing::values::Pending;
use crate::messages::Effect;
use crate::model::Model;
use crate::update::begin::{begin, finish, with_practice};
use crate::update::saving::save_now;
use crate::values::job::Job;
use crate::values::navigation::Overlay;
use crate::values::note_ref::NoteRef;

/// Commands about signatures, while a practice is open.
pub(crate) fn update(model: &mut Model, command: SigningCommand) -> Vec<Effect> {
    match command {
        SigningCommand::Sign => sign(model),
        SigningCommand::TakeBack(note) => begin(model, SigningEffect::TakeBack(note)),
        SigningCommand::InError => in_error(model),
    }
}

/// What jobs bring back of signatures.
pub(crate) fn apply(model: &mut Model, event: SigningEvent) -> Vec<Effect> {
    match event {
        SigningEvent::Preview(preview) => {
            finish(model, Job::Sign);
            with_practice(model, |practice| practice.signing.preview = Some(*preview))
        }
        SigningEvent::Waiting(pending) => signing(model, pending),
        SigningEvent::TakenBack(note) => taken_back(model, note),
        SigningEvent::Signed(note) => signed_for_good(model, note),
    }
}

/// Signs what is on the screen: what is not saved yet goes first.
fn sign(model: &mut Model) -> Vec<Effect> {
    if model.overlay != Some(Overlay::Sign) || model.progress(Job::Sign).is_some() {
        return Vec::new();
    }
    let mut effects = save_now(model);
    let Some(practice) = model.practice() else { return effects };
    let editor = practice.notes.editor.as_ref().filter(|editor| editor.state() != SaveState::Failed);
    // Only what was shown is signed.
    let shown = |note: &NoteRef| practice.signing.preview.as_ref().is_some_and(|preview| preview.note == *note);
    let Some(note) = editor.map(|editor| editor.id()).filter(shown) else { return effects };
    effects.extend(begin(model, SigningEffect::Sign(note)));
    effects
}

/// A signature has begun to wait: the note is shown as it will be.
pub(crate) fn signing(model: &mut Model, pending: Pending) -> Vec<Effect> {
    let since = model.now;
    let note = pending.note;
    with_practice(model, |practice| {
        practice.signing.preview = None;
        practice.signing.waiting.retain(|waiting| waiting.pending.note != note);
        practice.signing.waiting.push(Waiting { pending, since });
    });
    signed(model, note)
}

/// A signature can no longer be taken back.
pub(crate) fn signed_for_good(model: &mut Model, note: NoteRef) -> Vec<Effect> {
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.signing.waiting.retain(|waiting| waiting.pending.note != note);
    let read = practice.notes.reading.as_ref().is_some_and(|open| open.card.id == note && !open.card.private);
    let page = practice.clients.selected.filter(|_| practice.timeline.is_some());
    let mut effects: Vec<Effect> = Vec::new();
    if read {
        effects.extend(begin(model, NotesEffect::Open { note, private: None }));
    }
    effects.extend(page.into_iter().flat_map(|client| begin(model, ClientsEffect::LoadPage(client))));
    effects
}

/// A signature was taken back: the note is there to be written on.
pub(crate) fn taken_back(model: &mut Model, note: NoteRef) -> Vec<Effect> {
    finish(model, Job::Sign);
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    let place = practice.signing.waiting.iter().position(|waiting| waiting.pending.note == note);
    let client = place.map(|place| practice.signing.waiting.remove(place).pending.client);
    let mut effects = client.map_or_else(Vec::new, |client| to_client(model, client));
    effects.extend(begin(model, NotesEffect::Open { note, private: None }));
    effects
}

fn in_error(model: &mut Model) -> Vec<Effect> {
    let why = model.typed.why.trim().to_owned();
    let reading = model.practice().and_then(|practice| practice.notes.reading.as_ref()).map(|note| note.card.id.id());
    match reading {
        Some(note) if !why.is_empty() && model.progress(Job::Sign).is_none() => {
            begin(model, SigningEffect::InError { note, why })
        }
        _ => Vec::new(),
    }
}

/// The signed note is shown as it now is, and everything that counts it is asked for again.
pub(crate) fn signed(model: &mut Model, note: NoteRef) -> Vec<Effect> {
    finish(model, Job::Sign);
    model.overlay = None;
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.writing = false;
    let mut effects = Vec::new();
    if let Some(editor) = practice.notes.editor.take_if(|editor| editor.id() == note) {
        model.typed.note.text.clear();
        let open_again = !editor.note.card.private;
        effects.extend(
            open_again
                .then_some(note)
                .into_iter()
                .flat_map(|note| begin(model, NotesEffect::Open { note, private: None })),
        );
    }
    let selected = model.practice().and_then(|practice| practice.clients.selected);
    effects.extend(selected.into_iter().flat_map(|client| begin(model, ClientsEffect::LoadPage(client))));
    effects
}
