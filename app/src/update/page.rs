//! What was typed on a page is saved before it is left.

use crate::features::clients::messages::ClientsEffect;
use crate::messages::Effect;
use crate::model::Model;
use crate::update::begin::begin;
use crate::update::saving::save_now;
use crate::values::job::Job;
use crate::view_model::changed_particulars;

/// Saves all that was typed on a client's page, before it is left.
pub(crate) fn save_page(model: &mut Model) -> Vec<Effect> {
    let mut effects = save_now(model);
    effects.extend(save_particulars(model));
    effects
}

/// Saves what was changed in the particulars; what has no name, or a day of birth that is none, is not saved.
pub(crate) fn save_particulars(model: &mut Model) -> Vec<Effect> {
    if model.progress(Job::Particulars).is_some() {
        return Vec::new();
    }
    let Some((client, shown, wanted)) = changed_particulars(model) else { return Vec::new() };
    begin(model, ClientsEffect::Edit { client, shown: Box::new(shown), wanted: Box::new(wanted) })
}
