//! Joining by two files: what was typed is used, and what came of it is shown.

use crate::features::devices::messages::DevicesEffect;
use crate::features::devices::state::Pairing;
use crate::features::letters::messages::{LettersCommand, LettersEffect, LettersEvent};
use crate::features::letters::state::LetterFields;
use crate::messages::Effect;
use crate::model::typed::Typed;
use crate::model::{Done, Model, Place};
use crate::update::begin::{begin, finish, path, with_practice};
use crate::values::job::Job;
use crate::values::navigation::{Field, FirstRun};
use crate::view_model::may_choose;

/// Commands about requests and answers.
pub(crate) fn update(model: &mut Model, command: LettersCommand) -> Vec<Effect> {
    match command {
        LettersCommand::Request => request(model),
        LettersCommand::Finish => finish_joining(model),
        LettersCommand::AskAdmit => ask_admit(model),
        LettersCommand::Read => read(model),
        LettersCommand::Admit => admit(model),
        LettersCommand::Leave => leave(model),
    }
}

/// What jobs bring back of them.
pub(crate) fn apply(model: &mut Model, event: LettersEvent) -> Vec<Effect> {
    match event {
        LettersEvent::Requested(words) => {
            finish(model, Job::Join);
            if matches!(model.place, Place::FirstRun(FirstRun::Letters)) {
                model.typed.forget_secrets();
                model.typed.letters.shown = words;
            }
            Vec::new()
        }
        LettersEvent::Read(name) => {
            finish(model, Job::Devices);
            model.focus = Some(Field::Passphrase);
            with_practice(model, |practice| practice.devices.pairing = Pairing::LetterAsked(name))
        }
        LettersEvent::Answered(name) => {
            finish(model, Job::Devices);
            model.typed.letters = LetterFields::default();
            with_practice(model, |practice| {
                practice.devices.pairing = Pairing::Idle;
                practice.done = Some((Job::Devices, Done::LetterAnswered(name)));
            });
            vec![DevicesEffect::Load.into()]
        }
    }
}

/// Whether what was typed is enough to ask.
pub(crate) fn may_request(typed: &Typed) -> bool {
    may_choose(typed) && !typed.letters.request.trim().is_empty() && !typed.device.trim().is_empty()
}

/// Whether it is enough to join with the answer.
pub(crate) fn may_finish(typed: &Typed) -> bool {
    let letters = &typed.letters;
    !letters.answer.trim().is_empty() && !letters.words.expose().trim().is_empty() && !typed.current.is_empty()
}

/// Whether it is enough to open another device's request.
pub(crate) fn may_read(typed: &Typed) -> bool {
    !typed.letters.request.trim().is_empty() && !typed.letters.words.expose().trim().is_empty()
}

/// Whether it is enough to answer it.
pub(crate) fn may_admit(typed: &Typed) -> bool {
    may_read(typed) && !typed.letters.answer.trim().is_empty() && !typed.passphrase.is_empty()
}

fn request(model: &mut Model) -> Vec<Effect> {
    if !may_request(&model.typed) || model.progress(Job::Join).is_some() {
        return Vec::new();
    }
    let (passphrase, name) = (model.typed.passphrase.copy(), model.typed.device.trim().to_owned());
    begin(model, LettersEffect::Request { out: path(&model.typed.letters.request), passphrase, name })
}

fn finish_joining(model: &mut Model) -> Vec<Effect> {
    if !may_finish(&model.typed) || model.progress(Job::Join).is_some() {
        return Vec::new();
    }
    let (words, passphrase) = (model.typed.letters.words.copy(), model.typed.current.copy());
    begin(model, LettersEffect::Finish { answer: path(&model.typed.letters.answer), words, passphrase })
}

fn ask_admit(model: &mut Model) -> Vec<Effect> {
    model.typed.letters = LetterFields::default();
    model.focus = Some(Field::Path);
    with_practice(model, |practice| practice.devices.pairing = Pairing::Letter)
}

fn read(model: &mut Model) -> Vec<Effect> {
    if !may_read(&model.typed) || model.progress(Job::Devices).is_some() {
        return Vec::new();
    }
    let words = model.typed.letters.words.copy();
    begin(model, LettersEffect::Read { request: path(&model.typed.letters.request), words })
}

fn admit(model: &mut Model) -> Vec<Effect> {
    let is_asked = model.practice().is_some_and(|it| matches!(it.devices.pairing, Pairing::LetterAsked(_)));
    if !is_asked || !may_admit(&model.typed) || model.progress(Job::Devices).is_some() {
        return Vec::new();
    }
    let (request, answer) = (path(&model.typed.letters.request), path(&model.typed.letters.answer));
    let (words, passphrase) = (model.typed.letters.words.copy(), model.typed.passphrase.take());
    begin(model, LettersEffect::Admit { request, words, passphrase, answer })
}

fn leave(model: &mut Model) -> Vec<Effect> {
    model.typed.forget_secrets();
    model.typed.letters = LetterFields::default();
    with_practice(model, |practice| practice.devices.pairing = Pairing::Idle)
}
