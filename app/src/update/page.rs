//! What was typed on a page is saved before it is left.

use crate::features::clients::messages::ClientsEffect;
use crate::features::clients::values::UnsavedParticulars;
use crate::messages::Effect;
use crate::model::{Model, Place};
use crate::update::begin::begin;
use crate::update::saving::save_now;
use crate::view_model::changed_particulars;

/// Saves all that was typed on a client's page, before it is left.
pub(crate) fn save_page(model: &mut Model) -> Vec<Effect> {
    let mut effects = save_now(model);
    effects.extend(save_particulars(model));
    keep_particulars(model);
    effects
}

/// Saves what was changed in the particulars; what has no name, or a day of birth that is none, is not saved.
pub(crate) fn save_particulars(model: &mut Model) -> Vec<Effect> {
    let Some((client, shown, wanted)) = changed_particulars(model) else { return Vec::new() };
    begin(model, ClientsEffect::Edit { client, shown: Box::new(shown), wanted: Box::new(wanted) })
}

/// What was typed into particulars waits until it is known to be saved: it is there again when the page is.
fn keep_particulars(model: &mut Model) {
    let Model { place: Place::Open(practice), typed, .. } = model else { return };
    let Some(page) = practice.clients.particulars.as_ref() else { return };
    practice.clients.unsaved.retain(|one| one.client != page.client);
    if typed.particulars.differ(&page.identity) {
        let (client, shown, typed) = (page.client, page.identity.clone(), typed.particulars.clone());
        practice.clients.unsaved.push(UnsavedParticulars { client, shown, typed });
    }
}
