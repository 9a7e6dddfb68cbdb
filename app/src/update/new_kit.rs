//! A new recovery kit for a practice that is in use: shown on the page of the first one, and given up or proven there.

use super::{begin, finish, go};
use crate::effect::{Effect, Job};
use crate::event::Kit;
use crate::kit_paper::KitPaper;
use crate::model::{Done, KitPage, Model, Overlay, Screen};

/// Asks for a new kit with the passphrase that was typed.
pub(super) fn draw(model: &mut Model) -> Vec<Effect> {
    let asked = model.overlay == Some(Overlay::NewKit) && !model.typed.passphrase.is_empty();
    if !asked || model.progress(Job::NewKit).is_some() {
        return Vec::new();
    }
    let passphrase = model.typed.passphrase.take();
    begin(model, Effect::DrawKit { passphrase })
}

/// It is shown; but when the question was taken away meanwhile, it is forgotten.
pub(super) fn drawn(model: &mut Model, kit: Kit, groups: Vec<u8>) -> Vec<Effect> {
    finish(model, Job::NewKit);
    if model.overlay != Some(Overlay::NewKit) {
        return vec![Effect::ForgetKit];
    }
    let effects = go(model, Screen::Kit);
    if let Some(practice) = model.practice_mut() {
        practice.kit = Some(KitPage { kit, written: None, replaces: Some(groups) });
    }
    effects
}

/// Whether the kit that is shown is to take the place of another.
pub(super) fn is_shown(model: &Model) -> bool {
    let page = model.practice().filter(|practice| practice.screen == Screen::Kit).and_then(|open| open.kit.as_ref());
    page.is_some_and(|page| page.replaces.is_some())
}

/// It was typed back, and counts.
pub(super) fn replaced(model: &mut Model) -> Vec<Effect> {
    let proven = Some(model.now.today());
    if let Some(practice) = model.practice_mut() {
        practice.kit = None;
        practice.paper = Some(KitPaper { due: None, groups: Vec::new(), proven, ask_today: false, elsewhere: None });
    }
    let effects = go(model, Screen::Safety);
    if let Some(practice) = model.practice_mut() {
        practice.done = Some((Job::NewKit, Done::KitReplaced));
    }
    effects
}

/// The old one goes on counting, and the new one leaves the window.
pub(super) fn given_up(model: &mut Model) -> Vec<Effect> {
    if let Some(practice) = model.practice_mut() {
        practice.kit = None;
    }
    let mut effects = vec![Effect::ForgetKit];
    effects.extend(go(model, Screen::Safety));
    effects
}
