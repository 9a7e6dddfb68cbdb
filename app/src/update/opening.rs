//! How a practice comes onto the screen: found, made, or unlocked where it was left.

use super::{begin, finish, go, lock, notes};
use crate::effect::{Effect, Job};
use crate::event::{Found, Kit, Opened};
use crate::model::{Field, FirstRun, KitPage, Locked, Model, Place, Practice, Screen, Waiting};
use crate::resume::Resume;

pub(super) fn looked(model: &mut Model, found: Found) -> Vec<Effect> {
    finish(model, Job::Look);
    if let Place::Starting = model.place {
        (model.place, model.focus) = match found {
            Found::Nothing => (Place::FirstRun(FirstRun::Welcome), None),
            Found::Practice => (Place::Locked(Locked::default()), Some(Field::Passphrase)),
        };
    }
    Vec::new()
}

pub(super) fn created(model: &mut Model, opened: Opened, kit: Kit) -> Vec<Effect> {
    finish(model, Job::Create);
    if !matches!(model.place, Place::FirstRun(_)) {
        return vec![Effect::Lock(None)];
    }
    let mut practice = Practice::new(opened);
    practice.screen = Screen::Kit;
    practice.kit = Some(KitPage { kit, written: None, replaces: None });
    enter(model, practice)
}

/// Opens the practice where it was left.
pub(super) fn unlocked(model: &mut Model, mut opened: Opened) -> Vec<Effect> {
    if model.practice().is_some() {
        return Vec::new();
    }
    let salvaged = model.progress(Job::Salvage).is_some();
    let away = matches!(&model.place, Place::Locked(locked) if locked.away);
    model.settings = opened.settings;
    let resume = opened.resume.take();
    let since = model.now;
    let pending = std::mem::take(&mut opened.pending).into_iter();
    let signing = pending.map(|pending| Waiting { pending, since }).collect();
    let mut effects = enter(model, Practice::new(opened));
    if let Some(practice) = model.practice_mut() {
        practice.signing = signing;
    }
    if let Some(there) = resume.filter(|_| !salvaged) {
        effects.extend(come_back(model, there));
    }
    if salvaged {
        // What was lost and what is whole comes before what one was at.
        effects.extend(go(model, Screen::Safety));
    }
    let asked = |practice: &Practice| {
        let today = practice.paper.as_ref().is_some_and(|paper| paper.ask_today);
        practice.kit_first || (today && !salvaged)
    };
    if model.practice().is_some_and(asked) {
        effects.extend(go(model, Screen::KitAgain));
    }
    if away {
        effects.extend(lock(model));
    }
    effects
}

/// To the client, the note, the caret and the steps of undo that were left; a client who is gone since is not looked for.
fn come_back(model: &mut Model, there: Resume) -> Vec<Effect> {
    if !model.practice().is_some_and(|practice| practice.clients.iter().any(|row| row.id == there.client)) {
        return Vec::new();
    }
    let mut effects = notes::to_client(model, there.client);
    let Model { place: Place::Open(practice), typed, .. } = model else { return effects };
    if let Some(note) = there.note {
        practice.caret = Some(there.caret);
        practice.steps = Some((note, there.steps));
        typed.scroll_to = Some(there.scroll);
        effects.extend(begin(model, Effect::OpenNote { note, private: None }));
    }
    effects
}

fn enter(model: &mut Model, practice: Practice) -> Vec<Effect> {
    model.typed = Default::default();
    model.busy.clear();
    model.trouble = None;
    model.touched = model.now;
    model.place = Place::Open(Box::new(practice));
    notes::filter(model);
    begin(model, Effect::LoadColleagues)
}
