//! The versions of the note that is shown.

use crate::features::history::messages::{HistoryCommand, HistoryEffect, HistoryEvent};
use crate::features::history::state::History;
use crate::messages::Effect;
use crate::model::Model;
use crate::update::begin::{begin, finish, with_practice};
use crate::update::saving::save_now;
use crate::values::job::Job;
use crate::view_model::shown_note;

/// Commands about versions, while a practice is open.
pub(crate) fn update(model: &mut Model, command: HistoryCommand) -> Vec<Effect> {
    match command {
        HistoryCommand::Show(shown) => history(model, shown),
        HistoryCommand::Version(place) => with_practice(model, |practice| {
            practice.history.iter_mut().for_each(|history| history.chosen = place);
        }),
    }
}

/// What jobs bring back of versions.
pub(crate) fn apply(model: &mut Model, event: HistoryEvent) -> Vec<Effect> {
    let HistoryEvent::Versions(note, versions) = event;
    finish(model, Job::History);
    with_practice(model, |practice| {
        if let Some(history) = practice.history.as_mut().filter(|history| history.note == note) {
            history.versions = Some(versions);
        }
    })
}

fn history(model: &mut Model, shown: bool) -> Vec<Effect> {
    let mut effects = save_now(model);
    let note = shown_note(model).filter(|_| shown);
    with_practice(model, |practice| practice.history = note.map(|note| History { note, versions: None, chosen: 0 }));
    effects.extend(note.into_iter().flat_map(|note| begin(model, HistoryEffect::Load(note))));
    effects
}
