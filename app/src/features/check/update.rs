//! The check of the practice, and its repair.

use crate::features::check::messages::{CheckCommand, CheckEffect, CheckEvent};
use crate::features::check::values::CheckResult;
use crate::messages::Effect;
use crate::model::{Done, Model};
use crate::update::begin::{begin, finish, with_practice};
use crate::update::navigate::go;
use crate::values::job::Job;
use crate::values::navigation::{Field, Screen};
use crate::words;

/// Commands about the check, while a practice is open.
pub(crate) fn update(model: &mut Model, command: CheckCommand) -> Vec<Effect> {
    if checking(model) {
        return Vec::new();
    }
    match command {
        CheckCommand::Run => at_safety(model, CheckEffect::Run),
        CheckCommand::Repair => at_safety(model, CheckEffect::Repair),
    }
}

/// What jobs bring back of a check and a repair.
pub(crate) fn apply(model: &mut Model, event: CheckEvent) -> Vec<Effect> {
    match event {
        CheckEvent::Checked(check) => checked(model, *check),
        CheckEvent::Repaired(repaired) => {
            finish(model, Job::Repair);
            model.focus = Some(Field::Check);
            with_practice(model, |practice| practice.done = Some((Job::Repair, Done::Repaired(repaired))))
        }
    }
}

fn checked(model: &mut Model, check: CheckResult) -> Vec<Effect> {
    finish(model, Job::Check);
    with_practice(model, |practice| {
        if !check.is_whole() && practice.screen != Screen::Safety {
            practice.notices.push(words::CHECK_DAMAGED.to_owned());
        }
        practice.check = Some(check);
    })
}

/// On its screen, where its progress and its result are.
fn at_safety(model: &mut Model, effect: CheckEffect) -> Vec<Effect> {
    let mut effects = go(model, Screen::Safety);
    effects.extend(begin(model, effect));
    effects
}

fn checking(model: &Model) -> bool {
    model.progress(Job::Check).is_some() || model.progress(Job::Repair).is_some()
}
