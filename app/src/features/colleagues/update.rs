//! Colleagues, their cards, and sealed records.

use crate::features::colleagues::messages::{ColleaguesCommand, ColleaguesEffect, ColleaguesEvent};
use crate::features::colleagues::values::{ColleagueRow, OwnCard};
use crate::messages::Effect;
use crate::model::typed::Typed;
use crate::model::{Model, Place, Practice};
use crate::update::begin::{begin, finish, with_practice};
use crate::update::picking::with_path;
use crate::values::job::Job;
use crate::values::pick::Pick;
use crate::view_model::seal_request;

/// Commands about colleagues, while a practice is open.
pub(crate) fn update(model: &mut Model, command: ColleaguesCommand) -> Vec<Effect> {
    match command {
        ColleaguesCommand::KeepOwner => keep_owner(model),
        ColleaguesCommand::MakeCard => with_path(model, Pick::CardToSave, |file| ColleaguesEffect::MakeCard { file }),
        ColleaguesCommand::Add => with_path(model, Pick::CardToAdd, |file| ColleaguesEffect::Add { file }),
        ColleaguesCommand::WordsAgree(colleague) => begin(model, ColleaguesEffect::WordsAgree(colleague)),
        ColleaguesCommand::Remove(colleague) => begin(model, ColleaguesEffect::Remove(colleague)),
        ColleaguesCommand::Seal => seal(model),
        ColleaguesCommand::OpenSealed => with_path(model, Pick::Sealed, |file| ColleaguesEffect::OpenSealed { file }),
        ColleaguesCommand::SaveSealed => with_path(model, Pick::SealedCopy, |dir| ColleaguesEffect::SaveSealed { dir }),
        ColleaguesCommand::CloseSealed => close_sealed(model),
    }
}

/// What jobs bring back of colleagues.
pub(crate) fn apply(model: &mut Model, event: ColleaguesEvent) -> Vec<Effect> {
    match event {
        ColleaguesEvent::Listed(card, colleagues) => listed(model, *card, colleagues),
        ColleaguesEvent::SealedOpened(record) => {
            finish(model, Job::OpenSealed);
            model.typed.path.clear();
            with_practice(model, |practice| practice.colleagues.sealed = Some(*record))
        }
    }
}

fn listed(model: &mut Model, card: OwnCard, colleagues: Vec<ColleagueRow>) -> Vec<Effect> {
    finish(model, Job::Colleagues);
    if let Model { place: Place::Open(practice), typed, .. } = model {
        list_colleagues(practice, typed, card, colleagues);
    }
    Vec::new()
}

fn list_colleagues(practice: &mut Practice, typed: &mut Typed, card: OwnCard, colleagues: Vec<ColleagueRow>) {
    if typed.colleagues.owner.is_empty() {
        typed.colleagues.owner = card.name.clone().unwrap_or_default();
    }
    if practice.colleagues.card.is_some() && colleagues.len() > practice.colleagues.rows.len() {
        // The card that was named is here; the next file is another one.
        typed.path.clear();
    }
    practice.colleagues.card = Some(card);
    practice.colleagues.rows = colleagues;
}

fn keep_owner(model: &mut Model) -> Vec<Effect> {
    let name = model.typed.colleagues.owner.trim().to_owned();
    if name.is_empty() { Vec::new() } else { begin(model, ColleaguesEffect::KeepOwner(name)) }
}

fn seal(model: &mut Model) -> Vec<Effect> {
    match seal_request(model, &model.typed) {
        Some(request) if model.progress(Job::Seal).is_none() => begin(model, ColleaguesEffect::Seal(Box::new(request))),
        _ => Vec::new(),
    }
}

fn close_sealed(model: &mut Model) -> Vec<Effect> {
    if let Some(practice) = model.practice_mut() {
        practice.colleagues.sealed = None;
    }
    model.typed.path.clear();
    vec![Effect::Colleagues(ColleaguesEffect::CloseSealed)]
}
