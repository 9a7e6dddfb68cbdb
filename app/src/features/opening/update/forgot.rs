//! The passphrase is forgotten, or remembered after all.

use crate::messages::Effect;
use crate::model::{Model, Place};
use crate::values::navigation::Field;

/// To the page that asks for the recovery kit, or back to the one that asks for the passphrase.
pub(crate) fn forgot(model: &mut Model, forgotten: bool) -> Vec<Effect> {
    if let Place::Locked(locked) = &mut model.place {
        locked.forgotten = forgotten && !locked.demo;
        locked.refusal = None;
        model.typed.forget_secrets();
        model.typed.path.clear();
        model.trouble = None;
        model.focus = Some(if forgotten { Field::Kit } else { Field::Passphrase });
    }
    Vec::new()
}
