//! What jobs of every kind report: how far they are, that they came to nothing, and news that nobody asked for.

use crate::features::clients::messages::ClientsEffect;
use crate::features::damage::update as damage;
use crate::features::devices::state::Pairing;
use crate::features::notes::values::InMemory;
use crate::features::opening::values::Refusal;
use crate::messages::Effect;
use crate::model::{Done, LockedWindow, Model, Place, Trouble};
use crate::update::begin::{finish, with_practice};
use crate::update::leave::close_when_saved;
use crate::values::job::{Job, Progress};
use crate::values::navigation::{Field, FirstRun};

pub(crate) fn refused(model: &mut Model, job: Job, refusal: Refusal) -> Vec<Effect> {
    finish(model, job);
    match &mut model.place {
        Place::Locked(locked) if job == Job::Unlock || (job == Job::Recover && refusal == Refusal::Damaged) => {
            damage::refused(locked, refusal);
            if refusal == Refusal::Damaged {
                // What comes next asks for the passphrase of the file, and a new one may stand in its field.
                model.typed.forget_secrets();
            }
        }
        Place::Starting => {
            model.place = Place::Locked(LockedWindow { refusal: Some(refusal), ..LockedWindow::default() })
        }
        _ => model.trouble = Some(Trouble::new(job, crate::words::refusal(refusal))),
    }
    if refusal == Refusal::WrongPassphrase {
        // Nobody sees what stands there, so that it is easier typed anew than put right.
        model.typed.passphrase = Default::default();
    }
    model.focus = Some(Field::Passphrase);
    Vec::new()
}

/// What was typed into this field is not what it must be: it is said beside it, and all that was typed stays.
pub(crate) fn unfit(model: &mut Model, job: Job, field: Field, why: String) -> Vec<Effect> {
    let effects = failed(model, job, why);
    if let Some(trouble) = &mut model.trouble {
        trouble.field = Some(field);
    }
    model.focus = Some(field);
    effects
}

/// Progress counts only for a job that is still at work: a late report must not bring a finished one back.
pub(crate) fn progressed(model: &mut Model, job: Job, progress: Progress) -> Vec<Effect> {
    model.busy.iter_mut().filter(|(busy, _)| *busy == job).for_each(|(_, to)| *to = progress);
    Vec::new()
}

pub(crate) fn failed(model: &mut Model, job: Job, why: String) -> Vec<Effect> {
    finish(model, job);
    let now = model.now;
    if let (Job::Save, Some(editor)) = (job, model.practice_mut().and_then(|practice| practice.notes.editor.as_mut())) {
        editor.save_failed(now);
    }
    close_when_saved(model);
    match &mut model.place {
        Place::FirstRun(FirstRun::Join(step)) if job == Job::Join => *step = None,
        // What was typed of a request stays, with what is wrong with it.
        Place::Open(practice) if job == Job::Devices && !practice.devices.pairing.is_letter() => {
            practice.devices.pairing = Pairing::Idle;
        }
        _ => {}
    }
    // What could not be saved because a fault has closed the practice waits, and the window says so.
    let waits = job == Job::Save && matches!(&model.place, Place::Locked(locked) if locked.fault);
    if !waits {
        model.trouble = Some(Trouble::new(job, why));
    }
    Vec::new()
}

/// The page that is shown is asked for again.
pub(crate) fn arrived(model: &mut Model) -> Vec<Effect> {
    let client = model.practice().and_then(|practice| practice.clients.selected);
    // What was last said on the screen stays: nobody here has asked for anything.
    model.busy.extend(client.map(|_| (Job::Timeline, Progress::default())));
    client.map(|client| ClientsEffect::LoadPage(client).into()).into_iter().collect()
}

/// How much is in memory alone has changed.
pub(crate) fn in_memory(model: &mut Model, in_memory: InMemory) -> Vec<Effect> {
    model.in_memory = in_memory;
    close_when_saved(model);
    Vec::new()
}

/// A file or folder has been written: what was typed for it goes.
pub(crate) fn written(model: &mut Model, job: Job) -> Vec<Effect> {
    finish(model, job);
    if matches!(job, Job::Colleagues | Job::OpenSealed) {
        model.typed.path.clear();
    }
    if matches!(job, Job::Seal | Job::Export) {
        model.overlay = None;
        model.typed.forget_disclosure();
    }
    with_practice(model, |practice| practice.done = Some((job, Done::Written)))
}

/// Something to know, until it is put away.
pub(crate) fn notice(model: &mut Model, notice: String) -> Vec<Effect> {
    with_practice(model, |practice| practice.notices.push(notice))
}

pub(crate) fn dismiss(model: &mut Model, place: usize) -> Vec<Effect> {
    if let Some(practice) = model.practice_mut().filter(|practice| place < practice.notices.len()) {
        practice.notices.remove(place);
    }
    Vec::new()
}
