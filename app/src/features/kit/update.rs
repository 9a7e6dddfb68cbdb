//! The recovery kit: written, proven by typing from the paper, replaced by a new one.

use crate::features::kit::messages::{KitCommand, KitEffect, KitEvent};
use crate::features::kit::state::KitPage;
use crate::features::kit::values::{Kit, KitForm, KitStatus};
use crate::messages::Effect;
use crate::model::{Done, Model, Trouble};
use crate::update::begin::{begin, finish, path, with_practice};
use crate::update::navigate::go;
use crate::update::picking;
use crate::values::job::Job;
use crate::values::navigation::{Field, Overlay, Screen};
use crate::values::pick::Pick;
use crate::words;

/// Commands about the recovery kit, while a practice is open.
pub(crate) fn update(model: &mut Model, command: KitCommand) -> Vec<Effect> {
    match command {
        KitCommand::Write(form) => write_kit(model, form),
        KitCommand::Prove => prove_kit(model),
        KitCommand::Lost => kit_lost(model),
        KitCommand::Later => leave_kit(model),
        KitCommand::Draw => draw(model),
    }
}

/// What jobs bring back of the recovery kit.
pub(crate) fn apply(model: &mut Model, event: KitEvent) -> Vec<Effect> {
    match event {
        KitEvent::Drawn(kit, groups) => drawn(model, *kit, groups),
        KitEvent::Written { same_disk } => written(model, same_disk),
        KitEvent::Proven(proven) => kit_proven(model, proven),
    }
}

fn written(model: &mut Model, same_disk: bool) -> Vec<Effect> {
    finish(model, Job::Kit);
    model.typed.path.clear();
    with_practice(model, |practice| practice.kit.page.iter_mut().for_each(|page| page.written = Some(same_disk)))
}

fn write_kit(model: &mut Model, form: KitForm) -> Vec<Effect> {
    let mut file = path(&model.typed.path);
    let Some(page) = model.practice().and_then(|practice| practice.kit.page.as_ref()) else { return Vec::new() };
    if file.as_os_str().is_empty() {
        return picking::ask(model, Pick::KitToSave(form));
    }
    // A name says what its file is; one that a dialog or the therapist gave another ending keeps it.
    let other = [KitForm::Pdf, KitForm::Text].into_iter().filter(|other| *other != form).map(KitForm::ending);
    if file.extension().is_none_or(|ending| other.into_iter().any(|other| ending.eq_ignore_ascii_case(other))) {
        file.set_extension(form.ending());
    }
    let kit = subrosa_core::secret::Passphrase::new(page.kit.text.expose().to_owned());
    begin(model, KitEffect::Write { kit, file, form })
}

/// What was typed back is compared where the question is kept, on the day of the kit and on a later one alike.
fn prove_kit(model: &mut Model) -> Vec<Effect> {
    let ready = !model.typed.kit.is_empty() && model.progress(Job::KitProof).is_none();
    let typed = ready.then(|| model.typed.kit.take());
    typed.map_or_else(Vec::new, |typed| begin(model, KitEffect::Prove { typed }))
}

/// Part of the kit was typed back, at once or on a later day.
pub(crate) fn kit_proven(model: &mut Model, proven: bool) -> Vec<Effect> {
    finish(model, Job::KitProof);
    if !proven {
        model.trouble = Some(Trouble::new(Job::KitProof, words::KIT_MISTYPED.to_owned()));
        model.focus = Some(Field::Kit);
        return Vec::new();
    }
    let today = model.now.today();
    if let Some(practice) = model.practice_mut() {
        practice.kit.status.iter_mut().for_each(|paper| (paper.due, paper.proven) = (None, Some(today)));
        practice.kit.first = false;
    }
    if is_shown(model) {
        return replaced(model);
    }
    if model.screen() == Some(Screen::Kit) {
        return leave_kit(model);
    }
    let effects = go(model, Screen::Clients);
    if let Some(practice) = model.practice_mut() {
        practice.done = Some((Job::KitProof, Done::KitProven));
    }
    effects
}

/// A lost kit must not shut the therapist out of the notes: a new one takes its place, and until then it is asked about at each
/// unlock.
fn kit_lost(model: &mut Model) -> Vec<Effect> {
    if let Some(practice) = model.practice_mut().filter(|practice| practice.kit.first) {
        practice.kit.first = false;
        practice.notices.push(words::KIT_LOST_MORE.to_owned());
    }
    go(model, Screen::Safety)
}

/// Whatever was decided, the kit leaves the window, and the page of what-ifs comes.
pub(crate) fn leave_kit(model: &mut Model) -> Vec<Effect> {
    if is_shown(model) {
        return given_up(model);
    }
    if let Some(practice) = model.practice_mut() {
        practice.kit.page = None;
    }
    go(model, Screen::WhatIf)
}

/// Asks for a new kit with the passphrase that was typed.
pub(crate) fn draw(model: &mut Model) -> Vec<Effect> {
    let asked = model.overlay == Some(Overlay::NewKit) && !model.typed.passphrase.is_empty();
    if !asked || model.progress(Job::NewKit).is_some() {
        return Vec::new();
    }
    let passphrase = model.typed.passphrase.take();
    begin(model, KitEffect::Draw { passphrase })
}

/// It is shown; but when the question was taken away meanwhile, it is forgotten.
pub(crate) fn drawn(model: &mut Model, kit: Kit, groups: Vec<u8>) -> Vec<Effect> {
    finish(model, Job::NewKit);
    if model.overlay != Some(Overlay::NewKit) {
        return vec![Effect::Kit(KitEffect::Forget)];
    }
    let effects = go(model, Screen::Kit);
    if let Some(practice) = model.practice_mut() {
        practice.kit.page = Some(KitPage { kit, written: None, replaces: Some(groups) });
    }
    effects
}

/// Whether the kit that is shown is to take the place of another.
pub(crate) fn is_shown(model: &Model) -> bool {
    let page =
        model.practice().filter(|practice| practice.screen == Screen::Kit).and_then(|open| open.kit.page.as_ref());
    page.is_some_and(|page| page.replaces.is_some())
}

/// It was typed back, and counts.
pub(crate) fn replaced(model: &mut Model) -> Vec<Effect> {
    let proven = Some(model.now.today());
    if let Some(practice) = model.practice_mut() {
        practice.kit.page = None;
        practice.kit.status =
            Some(KitStatus { due: None, groups: Vec::new(), proven, ask_today: false, elsewhere: None });
    }
    let effects = go(model, Screen::Safety);
    if let Some(practice) = model.practice_mut() {
        practice.done = Some((Job::NewKit, Done::KitReplaced));
    }
    effects
}

/// The old one goes on counting, and the new one leaves the window.
pub(crate) fn given_up(model: &mut Model) -> Vec<Effect> {
    if let Some(practice) = model.practice_mut() {
        practice.kit.page = None;
    }
    let mut effects = vec![Effect::Kit(KitEffect::Forget)];
    effects.extend(go(model, Screen::Safety));
    effects
}
