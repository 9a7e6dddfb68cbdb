//! The search over every note.

use crate::features::clients::update::to_client;
use crate::features::notes::messages::NotesEffect;
use crate::features::search::messages::{SearchCommand, SearchEffect, SearchEvent};
use crate::features::search::state::Search;
use crate::messages::Effect;
use crate::model::Model;
use crate::update::begin::{begin, finish, with_practice};
use crate::values::job::Job;
use crate::values::note_ref::NoteRef;

/// Commands about the search, while a practice is open.
pub(crate) fn update(model: &mut Model, command: SearchCommand) -> Vec<Effect> {
    match command {
        SearchCommand::Typed => search(model),
        SearchCommand::Open(place) => to_hit(model, place),
    }
}

/// What a search has found; the answer to an older one is dropped.
pub(crate) fn apply(model: &mut Model, event: SearchEvent) -> Vec<Effect> {
    let SearchEvent::Hits { ticket, hits, looked } = event;
    if looked.is_none() {
        finish(model, Job::Search);
    }
    with_practice(model, |practice| {
        if ticket == practice.search.ticket {
            practice.search = Search { ticket, answered: looked.is_none(), hits, looked: looked.unwrap_or_default() };
        }
    })
}

fn search(model: &mut Model) -> Vec<Effect> {
    let query = model.typed.query.trim().to_owned();
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.search.ticket += 1;
    practice.search.answered = false;
    let ticket = practice.search.ticket;
    if query.is_empty() {
        practice.search.hits.clear();
        return Vec::new();
    }
    begin(model, SearchEffect::Start { query, ticket })
}

fn to_hit(model: &mut Model, place: usize) -> Vec<Effect> {
    let hit = model.practice().and_then(|practice| practice.search.hits.get(place)).map(|hit| (hit.client, hit.note));
    let Some((client, note)) = hit else { return Vec::new() };
    let mut effects = to_client(model, client);
    effects.extend(
        note.into_iter().flat_map(|note| begin(model, NotesEffect::Open { note: NoteRef::Note(note), private: None })),
    );
    effects
}
