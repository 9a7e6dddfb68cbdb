//! What was typed on a page is saved before it is left.

use crate::features::clients::messages::ClientsEffect;
use crate::messages::Effect;
use crate::model::{Model, Place};
use crate::update::begin::begin;
use crate::update::saving::save_now;

/// Saves all that was typed on a client's page.
pub(crate) fn save_page(model: &mut Model) -> Vec<Effect> {
    let mut effects = save_now(model);
    effects.extend(save_particulars(model));
    effects
}

/// The same before the page goes: what of it is not known to be saved waits.
pub(crate) fn leave_page(model: &mut Model) -> Vec<Effect> {
    let effects = save_page(model);
    if let Model { place: Place::Open(practice), typed, .. } = model {
        practice.clients.keep(&typed.clients);
    }
    effects
}

/// Tries again to save particulars that could not be saved before the lock.
pub(crate) fn save_waiting(model: &mut Model) -> Vec<Effect> {
    let waiting = model.practice().map(|practice| practice.clients.waiting()).unwrap_or_default();
    let edit = |(client, shown, wanted)| {
        begin(model, ClientsEffect::Edit { client, shown: Box::new(shown), wanted: Box::new(wanted) })
    };
    waiting.into_iter().flat_map(edit).collect()
}

/// Saves what was changed in the particulars; what has no name, or a day of birth that is none, is not saved.
pub(crate) fn save_particulars(model: &mut Model) -> Vec<Effect> {
    let changed = model.practice().and_then(|practice| practice.clients.changed(&model.typed.clients));
    let Some((client, shown, wanted)) = changed else { return Vec::new() };
    begin(model, ClientsEffect::Edit { client, shown: Box::new(shown), wanted: Box::new(wanted) })
}
