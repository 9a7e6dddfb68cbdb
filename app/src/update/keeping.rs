//! Signatures that can be taken back, versions, the trash, notes on the wrong client, records of one person.

use subrosa_core::id::{ClientId, DocId, NoteId};

use super::{begin, finish, notes, with_practice};
use crate::command::Command;
use crate::effect::{Effect, Job};
use crate::kept::{Pending, Trash};
use crate::model::{Done, Doomed, History, Model, Overlay, Private, Screen, Tab, Waiting};
use crate::wanted::Wanted;

/// Clients that are offered at once where one is chosen.
const OFFERED: usize = 6;

/// Commands about what is kept of notes, while a practice is open.
pub(super) fn update(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::TakeBack(note) => begin(model, Effect::TakeBack(note)),
        Command::History(shown) => history(model, shown),
        Command::Version(place) => with_practice(model, |practice| {
            practice.history.iter_mut().for_each(|history| history.chosen = place);
        }),
        Command::Other(client) => with_practice(model, |practice| practice.other = Some(client)),
        Command::MoveNote => move_note(model),
        Command::Merge => merge(model),
        Command::Unmerge => unmerge(model),
        Command::Delete => delete(model),
        Command::Undelete(id) => begin(model, Effect::Undelete(id)),
        Command::Held(device, apply) => begin(model, Effect::AnswerHeld { device, apply }),
        Command::InError => in_error(model),
        _ => Vec::new(),
    }
}

/// What an overlay that has just come up needs.
pub(super) fn opened(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    let mut effects = match overlay {
        Overlay::Sign | Overlay::Move | Overlay::Delete(_) => notes::save_now(model),
        _ => Vec::new(),
    };
    if matches!(overlay, Overlay::Move | Overlay::Merge | Overlay::InError) {
        model.typed.other.clear();
        model.typed.why.clear();
        with_practice(model, |practice| practice.other = None);
    }
    if let Some(note) = shown_note(model).filter(|_| overlay == Overlay::Sign) {
        with_practice(model, |practice| practice.preview = None);
        effects.extend(begin(model, Effect::PreviewSignature(note)));
        finish(model, Job::Sign);
    }
    effects
}

/// The note that is written or read.
pub fn shown_note(model: &Model) -> Option<NoteId> {
    let practice = model.practice()?;
    let written = practice.editor.as_ref().map(|editor| editor.id());
    written.or_else(|| practice.reading.as_ref().map(|note| note.card.id))
}

/// Clients whose name is wanted, but for the one whose page is shown.
pub fn others(model: &Model, typed: &str) -> Vec<ClientId> {
    let Some(practice) = model.practice() else { return Vec::new() };
    let wanted = Wanted::new(typed);
    let rows = practice.clients.iter().filter(|row| Some(row.id) != practice.selected && wanted.is_in(&row.name));
    rows.take(OFFERED).map(|row| row.id).collect()
}

/// A signature has begun to wait: the note is shown as it will be.
pub(super) fn signing(model: &mut Model, pending: Pending) -> Vec<Effect> {
    let since = model.now;
    let note = pending.note;
    with_practice(model, |practice| {
        practice.preview = None;
        practice.signing.retain(|waiting| waiting.pending.note != note);
        practice.signing.push(Waiting { pending, since });
    });
    super::events::signed(model, note)
}

/// A signature can no longer be taken back.
pub(super) fn settled(model: &mut Model, note: NoteId) -> Vec<Effect> {
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.signing.retain(|waiting| waiting.pending.note != note);
    let read = practice.reading.as_ref().is_some_and(|open| open.card.id == note && !open.card.private);
    let page = practice.selected.filter(|_| practice.timeline.is_some());
    let mut effects: Vec<Effect> = Vec::new();
    if read {
        effects.extend(begin(model, Effect::OpenNote { note, private: None }));
    }
    effects.extend(page.into_iter().flat_map(|client| begin(model, Effect::LoadTimeline(client))));
    effects
}

/// A signature was taken back: the note is there to be written on.
pub(super) fn taken_back(model: &mut Model, note: NoteId) -> Vec<Effect> {
    finish(model, Job::Sign);
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    let place = practice.signing.iter().position(|waiting| waiting.pending.note == note);
    let client = place.map(|place| practice.signing.remove(place).pending.client);
    let mut effects = client.map_or_else(Vec::new, |client| notes::to_client(model, client));
    effects.extend(begin(model, Effect::OpenNote { note, private: None }));
    effects
}

fn history(model: &mut Model, shown: bool) -> Vec<Effect> {
    let mut effects = notes::save_now(model);
    let note = shown_note(model).filter(|_| shown);
    with_practice(model, |practice| practice.history = note.map(|note| History { note, versions: None, chosen: 0 }));
    effects.extend(note.into_iter().flat_map(|note| begin(model, Effect::LoadHistory(note))));
    effects
}

fn move_note(model: &mut Model) -> Vec<Effect> {
    let why = model.typed.why.trim().to_owned();
    let to = model.practice().and_then(|practice| practice.other);
    let (Some(note), Some(to)) = (shown_note(model), to) else { return Vec::new() };
    if model.overlay != Some(Overlay::Move) || model.progress(Job::Move).is_some() {
        return Vec::new();
    }
    let mut effects = notes::save_now(model);
    effects.extend(begin(model, Effect::MoveNote { note, to, why }));
    effects
}

fn merge(model: &mut Model) -> Vec<Effect> {
    let Some(practice) = model.practice().filter(|_| model.overlay == Some(Overlay::Merge)) else { return Vec::new() };
    match (practice.other, practice.selected) {
        (Some(from), Some(into)) if model.progress(Job::Move).is_none() => {
            let mut effects = notes::save_now(model);
            effects.extend(begin(model, Effect::MergeClients { from, into }));
            effects
        }
        _ => Vec::new(),
    }
}

fn unmerge(model: &mut Model) -> Vec<Effect> {
    let client = model.practice().and_then(|practice| practice.selected);
    match client {
        Some(client) if model.overlay == Some(Overlay::Unmerge) && model.progress(Job::Move).is_none() => {
            let mut effects = notes::save_now(model);
            effects.extend(begin(model, Effect::UnmergeClient(client)));
            effects
        }
        _ => Vec::new(),
    }
}

/// The records are apart again: the list and the page are asked for as they now are.
pub(super) fn unmerged(model: &mut Model, client: ClientId) -> Vec<Effect> {
    let effects = moved(model, client, None);
    with_practice(model, |practice| practice.done = Some((Job::Move, Done::Unmerged)));
    effects
}

fn delete(model: &mut Model) -> Vec<Effect> {
    let id = match model.overlay {
        Some(Overlay::Delete(Doomed::Note)) => shown_note(model),
        Some(Overlay::Delete(Doomed::Client)) => model.practice().and_then(|practice| practice.selected),
        Some(Overlay::Delete(Doomed::File(id))) => Some(id),
        _ => None,
    };
    match id {
        Some(id) if model.progress(Job::Trash).is_none() => begin(model, Effect::Delete(id)),
        _ => Vec::new(),
    }
}

/// What was deleted leaves the page; the trash has it.
pub(super) fn deleted(model: &mut Model, id: DocId) -> Vec<Effect> {
    finish(model, Job::Trash);
    model.overlay = None;
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.history = None;
    practice.picture = None;
    practice.files.iter_mut().for_each(|files| files.retain(|file| file.id != id));
    practice.editor.take_if(|editor| editor.id() == id);
    practice.reading.take_if(|note| note.card.id == id);
    if practice.selected == Some(id) {
        (practice.selected, practice.timeline) = (None, None);
        practice.editor = None;
        practice.reading = None;
    }
    let page = practice.selected;
    let mut effects = begin(model, Effect::LoadClients);
    effects.extend(page.into_iter().flat_map(|client| begin(model, Effect::LoadTimeline(client))));
    with_practice(model, |practice| practice.done = Some((Job::Trash, Done::Deleted(id))));
    effects
}

/// What came back is shown where it was: a client, taken out where its page had been, has its page again.
pub(super) fn undeleted(model: &mut Model, id: DocId, client: bool) -> Vec<Effect> {
    finish(model, Job::Trash);
    let mut effects = begin(model, Effect::LoadClients);
    let Some(practice) = model.practice() else { return effects };
    let files = practice.files.is_some() || practice.tab == Tab::Files;
    match practice.selected {
        None if client && practice.screen == Screen::Clients => effects.extend(notes::to_client(model, id)),
        Some(page) => {
            effects.extend(begin(model, Effect::LoadTimeline(page)));
            effects.extend(files.then_some(Effect::LoadFiles(page)));
        }
        None => {}
    }
    with_practice(model, |practice| practice.done = Some((Job::Trash, Done::Undeleted)));
    effects
}

/// A note or a record is where it belongs: there the window goes too.
pub(super) fn moved(model: &mut Model, client: ClientId, note: Option<NoteId>) -> Vec<Effect> {
    finish(model, Job::Move);
    model.overlay = None;
    let mut effects = begin(model, Effect::LoadClients);
    effects.extend(notes::to_client(model, client));
    effects.extend(note.into_iter().flat_map(|note| begin(model, Effect::OpenNote { note, private: None })));
    with_practice(model, |practice| practice.done = Some((Job::Move, Done::Moved)));
    effects
}

fn in_error(model: &mut Model) -> Vec<Effect> {
    let why = model.typed.why.trim().to_owned();
    let reading = model.practice().and_then(|practice| practice.reading.as_ref()).map(|note| note.card.id);
    match reading {
        Some(note) if !why.is_empty() && model.progress(Job::Sign).is_none() => {
            begin(model, Effect::InError { note, why })
        }
        _ => Vec::new(),
    }
}

/// The trash as it now is. With private notes in it, the question for the passphrase is answered; after an answer to another
/// device's deletions the clients are asked for again.
pub(super) fn trash(model: &mut Model, trash: Trash) -> Vec<Effect> {
    finish(model, Job::Trash);
    if trash.private && model.overlay == Some(Overlay::Private(Private::Trash)) {
        finish(model, Job::Note);
        model.overlay = None;
    }
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    let answered = trash.held.len() < practice.trash.held.len();
    practice.trash = trash;
    if answered { begin(model, Effect::LoadClients) } else { Vec::new() }
}
