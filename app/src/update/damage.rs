//! The locked window over a file that no passphrase opens.

use super::restoring::{may_open_backup, named};
use super::{begin, path};
use crate::command::Command;
use crate::effect::{Effect, Job};
use crate::event::Refusal;
use crate::model::{Field, Locked, Model, Place, Way};

/// Commands about a damaged file.
pub(super) fn update(model: &mut Model, command: Command) -> Vec<Effect> {
    let at_work = is_at_work(model);
    let Place::Locked(locked) = &mut model.place else { return Vec::new() };
    if at_work || !locked.is_damaged() {
        return Vec::new();
    }
    match command {
        Command::Mend(way) => {
            (locked.way, locked.away) = (way, false);
            model.focus = Some(if way.is_some() { Field::Path } else { Field::Passphrase });
            forget(model);
        }
        Command::TryAgain => {
            *locked = Locked { demo: locked.demo, ..Locked::default() };
            model.focus = Some(Field::Passphrase);
            forget(model);
        }
        Command::Salvage => return salvage(model),
        _ => {}
    }
    Vec::new()
}

fn forget(model: &mut Model) {
    model.typed.forget_secrets();
    model.typed.path.clear();
    model.typed.kit_path.clear();
    model.picking = None;
    model.trouble = None;
}

fn salvage(model: &mut Model) -> Vec<Effect> {
    let Place::Locked(Locked { way, .. }) = model.place else { return Vec::new() };
    let ready = match way {
        None => true,
        Some(Way::FromBackup) => may_open_backup(&model.typed),
        Some(Way::Instead) => false,
    };
    if !ready || model.typed.passphrase.is_empty() {
        return Vec::new();
    }
    let backup = way.is_some().then(|| (path(&model.typed.path), named(&mut model.typed)));
    let passphrase = model.typed.passphrase.take();
    model.typed.forget_secrets();
    begin(model, Effect::Salvage { passphrase, backup })
}

fn is_at_work(model: &Model) -> bool {
    [Job::Salvage, Job::Restore].into_iter().any(|job| model.progress(job).is_some())
}

/// One step back, from a way to the choice among them; false when there was none to go.
pub(super) fn back(model: &mut Model) -> bool {
    let inside = matches!(&model.place, Place::Locked(locked) if locked.way.is_some());
    if inside && !is_at_work(model) {
        update(model, Command::Mend(None));
    }
    inside
}

/// The person goes away while a file is being repaired or replaced.
pub(super) fn away(model: &mut Model) {
    let at_work = is_at_work(model);
    if let Place::Locked(locked) = &mut model.place {
        locked.away |= at_work;
    }
}

/// What opening it came to, at the locked window.
pub(super) fn refused(locked: &mut Locked, refusal: Refusal) {
    locked.refusal = Some(refusal);
    locked.way = None;
    locked.forgotten &= refusal != Refusal::Damaged;
}
