//! The locked window over a file that no passphrase opens.

use crate::features::damage::messages::{DamageCommand, DamageEffect};
use crate::features::opening::values::Refusal;
use crate::messages::Effect;
use crate::model::{LockedWindow, Model, Place};
use crate::update::begin::{begin, kit_source, path};
use crate::values::job::Job;
use crate::values::navigation::{Field, Way};
use crate::view_model::may_open_backup;

/// Commands about a damaged file.
pub(crate) fn update(model: &mut Model, command: DamageCommand) -> Vec<Effect> {
    let at_work = is_at_work(model);
    let Place::Locked(locked) = &mut model.place else { return Vec::new() };
    if at_work || !locked.is_damaged() {
        return Vec::new();
    }
    match command {
        DamageCommand::Choose(way) => {
            (locked.way, locked.away) = (way, false);
            model.focus = Some(if way.is_some() { Field::Path } else { Field::Passphrase });
            forget(model);
            Vec::new()
        }
        DamageCommand::TryAgain => {
            *locked = LockedWindow { demo: locked.demo, ..LockedWindow::default() };
            model.focus = Some(Field::Passphrase);
            forget(model);
            Vec::new()
        }
        DamageCommand::Salvage => salvage(model),
    }
}

fn forget(model: &mut Model) {
    model.typed.forget_secrets();
    model.typed.path.clear();
    model.typed.kit_path.clear();
    model.picking = None;
    model.trouble = None;
}

fn salvage(model: &mut Model) -> Vec<Effect> {
    let Place::Locked(LockedWindow { way, .. }) = model.place else { return Vec::new() };
    let ready = match way {
        None => true,
        Some(Way::FromBackup) => may_open_backup(&model.typed),
        Some(Way::Instead) => false,
    };
    if !ready || model.typed.passphrase.is_empty() {
        return Vec::new();
    }
    let backup = way.is_some().then(|| (path(&model.typed.path), kit_source(&model.typed, &model.typed.kit_path)));
    let passphrase = model.typed.passphrase.copy();
    begin(model, DamageEffect::Salvage { passphrase, backup })
}

fn is_at_work(model: &Model) -> bool {
    [Job::Salvage, Job::Restore].into_iter().any(|job| model.progress(job).is_some())
}

/// One step back, from a way to the choice among them; false when there was none to go.
pub(crate) fn back(model: &mut Model) -> bool {
    let inside = matches!(&model.place, Place::Locked(locked) if locked.way.is_some());
    if inside && !is_at_work(model) {
        update(model, DamageCommand::Choose(None));
    }
    inside
}

/// The person goes away while a file is being repaired or replaced.
pub(crate) fn away(model: &mut Model) {
    let at_work = is_at_work(model);
    if let Place::Locked(locked) = &mut model.place {
        locked.away |= at_work;
    }
}

/// What opening it came to, at the locked window.
pub(crate) fn refused(locked: &mut LockedWindow, refusal: Refusal) {
    locked.refusal = Some(refusal);
    locked.way = None;
    locked.forgotten &= refusal != Refusal::Damaged;
}
