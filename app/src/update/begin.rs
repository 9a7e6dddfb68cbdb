//! How a job begins and ends in the model.

use std::path::PathBuf;

use crate::features::kit::values::KitSource;
use crate::messages::Effect;
use crate::model::typed::Typed;
use crate::model::{Model, Practice};
use crate::update::saving::save_now;
use crate::values::job::{Job, Progress};

/// Starts a job: it counts as busy until it is answered, and what went wrong before is over.
pub(crate) fn begin(model: &mut Model, effect: impl Into<Effect>) -> Vec<Effect> {
    let effect = effect.into();
    let job = effect.job();
    // What was typed goes first.
    let mut effects = if job.is_alone() { save_now(model) } else { Vec::new() };
    model.trouble = None;
    if let Some(practice) = model.practice_mut() {
        practice.done = None;
    }
    finish(model, job);
    model.busy.push((job, Progress::default()));
    effects.push(effect);
    effects
}

/// Changes the open practice, if it is open; nothing follows.
pub(crate) fn with_practice(model: &mut Model, change: impl FnOnce(&mut Practice)) -> Vec<Effect> {
    if let Some(practice) = model.practice_mut() {
        change(practice);
    }
    Vec::new()
}

/// A job has been answered.
pub(crate) fn finish(model: &mut Model, job: Job) {
    model.busy.retain(|(busy, _)| *busy != job);
}

pub(crate) fn path(typed: &str) -> PathBuf {
    PathBuf::from(typed.trim())
}

/// The line that was typed, or this file when none was. What was typed stays in its field until the job has used it.
pub(crate) fn kit_source(typed: &Typed, file: &str) -> KitSource {
    if typed.kit.expose().trim().is_empty() { KitSource::File(path(file)) } else { KitSource::Typed(typed.kit.copy()) }
}
