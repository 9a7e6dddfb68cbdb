//! The trash: what goes there, what comes back, and the deletions of other devices that wait for an answer.

use subrosa_core::id::DocId;

use crate::features::clients::messages::ClientsEffect;
use crate::features::clients::update::to_client;
use crate::features::files::messages::FilesEffect;
use crate::features::trash::messages::{TrashCommand, TrashEffect, TrashEvent};
use crate::features::trash::values::Trash;
use crate::messages::Effect;
use crate::model::{Done, Model, Place};
use crate::update::begin::{begin, finish, with_practice};
use crate::values::job::Job;
use crate::values::navigation::{Doomed, Overlay, Private, Screen, Tab};
use crate::values::note_ref::NoteRef;
use crate::view_model::shown_note;

/// Commands about the trash, while a practice is open.
pub(crate) fn update(model: &mut Model, command: TrashCommand) -> Vec<Effect> {
    match command {
        TrashCommand::Delete => delete(model),
        TrashCommand::Undelete(id) => begin(model, TrashEffect::Undelete(id)),
        TrashCommand::Decide(device, apply) => begin(model, TrashEffect::Decide { device, apply }),
    }
}

/// What jobs bring back of the trash.
pub(crate) fn apply(model: &mut Model, event: TrashEvent) -> Vec<Effect> {
    match event {
        TrashEvent::Listed(listed) => trash(model, listed),
        TrashEvent::Undeleted(id, client) => undeleted(model, id, client),
        TrashEvent::Deleted(id) => deleted(model, id),
    }
}

fn delete(model: &mut Model) -> Vec<Effect> {
    let effect = match model.overlay {
        Some(Overlay::Delete(Doomed::Note)) => shown_note(model).map(TrashEffect::DeleteNote),
        Some(Overlay::Delete(Doomed::Client)) => {
            model.practice().and_then(|practice| practice.clients.selected).map(TrashEffect::Delete)
        }
        Some(Overlay::Delete(Doomed::File(id))) => Some(TrashEffect::Delete(id)),
        _ => None,
    };
    match effect {
        Some(effect) if model.progress(Job::Trash).is_none() => begin(model, effect),
        _ => Vec::new(),
    }
}

/// What was deleted leaves the page; the trash has it.
pub(crate) fn deleted(model: &mut Model, id: DocId) -> Vec<Effect> {
    finish(model, Job::Trash);
    model.overlay = None;
    let Model { place: Place::Open(practice), typed, .. } = model else { return Vec::new() };
    practice.history = None;
    practice.files.picture = None;
    practice.files.list.iter_mut().for_each(|files| files.retain(|file| file.id != id));
    practice.notes.editor.take_if(|editor| editor.id() == NoteRef::Note(id));
    practice.notes.reading.take_if(|note| note.card.id == NoteRef::Note(id));
    if practice.clients.selected == Some(id) {
        practice.timeline = None;
        practice.notes.editor = None;
        practice.notes.reading = None;
    }
    practice.clients.forget(id, &mut typed.clients);
    let page = practice.clients.selected;
    let mut effects = begin(model, ClientsEffect::Load);
    effects.extend(page.into_iter().flat_map(|client| begin(model, ClientsEffect::LoadPage(client))));
    with_practice(model, |practice| practice.done = Some((Job::Trash, Done::Deleted(id))));
    effects
}

/// What came back is shown where it was: a client, taken out where its page had been, has its page again.
pub(crate) fn undeleted(model: &mut Model, id: DocId, client: bool) -> Vec<Effect> {
    finish(model, Job::Trash);
    let mut effects = begin(model, ClientsEffect::Load);
    let Some(practice) = model.practice() else { return effects };
    let files = practice.files.list.is_some() || practice.tab == Tab::Files;
    match practice.clients.selected {
        None if client && practice.screen == Screen::Clients => effects.extend(to_client(model, id)),
        Some(page) => {
            effects.extend(begin(model, ClientsEffect::LoadPage(page)));
            effects.extend(files.then_some(Effect::Files(FilesEffect::Load(page))));
        }
        None => {}
    }
    with_practice(model, |practice| practice.done = Some((Job::Trash, Done::Undeleted)));
    effects
}

/// The trash as it now is. With private notes in it, the question for the passphrase is answered; after an answer to another
/// device's deletions the clients are asked for again.
pub(crate) fn trash(model: &mut Model, trash: Trash) -> Vec<Effect> {
    finish(model, Job::Trash);
    if trash.private && model.overlay == Some(Overlay::Private(Private::Trash)) {
        finish(model, Job::Note);
        model.overlay = None;
    }
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    let answered = trash.mass_deletions.len() < practice.trash.mass_deletions.len();
    practice.trash = trash;
    if answered { begin(model, ClientsEffect::Load) } else { Vec::new() }
}
