//! The backup that is looked into, put away.

use crate::model::Model;
use crate::update::begin::finish;
use crate::values::job::Job;

/// What was opened is looked at no longer.
pub(crate) fn close(model: &mut Model) {
    finish(model, Job::OpenBackup);
    model.typed.kit_path.clear();
    model.typed.inside.clear();
    if let Some(practice) = model.practice_mut() {
        practice.backup.opened = None;
    }
}

/// One step back; false when there was none to go inside a backup.
pub(crate) fn back(model: &mut Model) -> bool {
    let Some(inside) = model.practice_mut().and_then(|practice| practice.backup.opened.as_mut()) else { return false };
    inside.note.take().is_some() || inside.page.take().is_some()
}
