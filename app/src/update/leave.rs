//! Leaving: by itself after a while, by locking, by closing the window.

use crate::features::clients::messages::ClientsEffect;
use crate::features::damage::update as damage;
use crate::features::opening::messages::OpeningEffect;
use crate::messages::Effect;
use crate::model::{Closing, LockedWindow, Model, Place};
use crate::update::page::{leave_page, save_page};
use crate::update::saving::{autosave, is_durable, is_saving};
use crate::values::job::Job;
use crate::values::moment::Moment;
use crate::values::navigation::Field;
use crate::values::resume::Leaving;

/// The two clocks part by this much only while the machine sleeps, or when somebody sets one.
const ASLEEP_MS: u64 = 10_000;

pub(crate) fn tick(model: &mut Model, now: Moment) -> Vec<Effect> {
    let first = model.now == Moment::START;
    let jumped = now.slept_since(model.now) >= ASLEEP_MS;
    model.now = now;
    if first {
        model.touched = now;
    }
    let idle_ms = u64::from(model.settings.auto_lock_minutes) * 60_000;
    let left_alone = now.since(model.touched) >= idle_ms || (jumped && !first);
    if left_alone && matches!(model.place, Place::Open(_)) {
        return lock(model);
    }
    if left_alone {
        model.typed.hide_secrets();
    }
    autosave(model)
}

/// A key or the pointer. Time away is judged before it counts as a touch: the key that wakes a sleeping laptop must not keep
/// it open.
pub(crate) fn touched(model: &mut Model) -> Vec<Effect> {
    model.touched = model.now;
    Vec::new()
}

/// Saves what is typed, then drops everything that was opened. The new model holds ids and settings, and not one word.
pub(crate) fn lock(model: &mut Model) -> Vec<Effect> {
    if !matches!(model.place, Place::Open(_)) {
        return Vec::new();
    }
    let mut effects = leave_page(model);
    let unsaved =
        model.practice_mut().map(|practice| std::mem::take(&mut practice.clients.unsaved)).unwrap_or_default();
    // Until the job says how much of it was saved before, all of it counts as waiting.
    model.in_memory.particulars = unsaved.len();
    effects.extend((!unsaved.is_empty()).then_some(ClientsEffect::Keep(unsaved).into()));
    effects.push(Effect::Opening(OpeningEffect::Lock(leaving(model))));
    let demo = model.practice().is_some_and(|practice| practice.demo);
    let locked = LockedWindow { demo, ..LockedWindow::default() };
    let (now, discreet, closing, in_memory) = (model.now, model.discreet, model.closing, model.in_memory);
    let fresh = Model::new(model.settings, Place::Locked(locked));
    *model = Model { now, touched: now, discreet, closing, in_memory, focus: Some(Field::Passphrase), ..fresh };
    effects
}

/// The practice is closed already: what is not saved is given away to wait, and the window says why it is locked.
pub(crate) fn locked_by_fault(model: &mut Model) -> Vec<Effect> {
    let effects = lock(model);
    if let Place::Locked(locked) = &mut model.place {
        locked.fault = true;
    }
    effects
}

/// Where to come back to. A private note is not opened again by itself: it asks for its passphrase.
fn leaving(model: &mut Model) -> Option<Box<Leaving>> {
    let Model { place: Place::Open(practice), typed, .. } = model else { return None };
    let client = practice.clients.selected?;
    let note = practice.notes.editor.as_ref().filter(|editor| !editor.note.card.private).map(|editor| editor.id());
    let text = if note.is_some() { std::mem::take(&mut typed.note.text) } else { String::new() };
    let (caret, scroll) = (typed.note.caret, typed.note.scroll);
    Some(Box::new(Leaving { client, note, caret, scroll, text, earlier: Vec::new() }))
}

/// The person goes away: the practice is locked, and the computer may fall asleep when it is sealed.
pub(crate) fn away(model: &mut Model) -> Vec<Effect> {
    damage::away(model);
    model.typed.hide_secrets();
    let mut effects = lock(model);
    effects.push(OpeningEffect::LetSleep.into());
    effects
}

/// The window was told to close: what was typed is saved first, and it stays if that fails and somebody wants it to.
pub(crate) fn close(model: &mut Model) -> Vec<Effect> {
    let mut effects = save_page(model);
    use Job::{Attach, BringBack, Export, Import, NewKeys, OpenBackup, OpenSealed, Restore, Salvage, Seal};
    let long = [Import, Export, Seal, OpenSealed, Attach, Restore, OpenBackup, BringBack, Salvage, NewKeys];
    let at_work = long.into_iter().filter(|job| model.progress(*job).is_some());
    effects.extend(at_work.map(Effect::Cancel));
    model.closing = Some(Closing::Saving);
    close_when_saved(model);
    effects
}

/// Once what was typed is on the disk, or cannot be put there, the window that was to close knows what to do.
pub(crate) fn close_when_saved(model: &mut Model) {
    if model.closing.is_some_and(|closing| closing != Closing::Now) {
        model.closing = Some(match () {
            () if is_durable(model) => Closing::Now,
            () if is_saving(model) => Closing::Saving,
            () => Closing::NotSaved,
        });
    }
}

/// Although something could not be saved.
pub(crate) fn close_anyway(model: &mut Model) -> Vec<Effect> {
    model.closing = Some(Closing::Now);
    Vec::new()
}

/// The window that was told to close stays.
pub(crate) fn stay(model: &mut Model) -> Vec<Effect> {
    model.closing = None;
    Vec::new()
}
