//! How a practice comes onto the screen: found, made, joined, restored, or unlocked where it was left.

use crate::features::backup::messages::BackupEffect;
use crate::features::clients::update::{filter, to_client};
use crate::features::colleagues::messages::ColleaguesEffect;
use crate::features::devices::messages::DevicesEffect;
use crate::features::kit::state::KitPage;
use crate::features::kit::values::Kit;
use crate::features::notes::messages::NotesEffect;
use crate::features::opening::messages::{OpeningCommand, OpeningEffect, OpeningEvent};
use crate::features::opening::update::forgot::forgot;
use crate::features::opening::values::{Found, OpenedPractice};
use crate::features::signing::state::Waiting;
use crate::messages::Effect;
use crate::model::{LockedWindow, Model, Place, Practice};
use crate::update::begin::{begin, finish, kit_source, path};
use crate::update::leave::lock;
use crate::update::navigate::go;
use crate::update::page::save_waiting;
use crate::values::job::Job;
use crate::values::navigation::{Field, FirstRun, Screen, Way};
use crate::values::resume::Resume;
use crate::view_model::{may_choose, may_join, may_open_backup, may_recover};

pub(crate) mod forgot;

/// Commands while no practice is open.
pub(crate) fn update(model: &mut Model, command: OpeningCommand) -> Vec<Effect> {
    match command {
        OpeningCommand::FirstRun(step) => first_run(model, step),
        OpeningCommand::LookAround => begin(model, OpeningEffect::OpenDemo),
        OpeningCommand::Create => create(model),
        OpeningCommand::Join => join(model),
        OpeningCommand::Unlock => unlock(model),
        OpeningCommand::Forgotten(forgotten) => forgot(model, forgotten),
        OpeningCommand::Recover => recover(model),
        OpeningCommand::Restore => restore(model),
    }
}

/// What jobs bring back of a practice that is to be opened.
pub(crate) fn apply(model: &mut Model, event: OpeningEvent) -> Vec<Effect> {
    match event {
        OpeningEvent::Found(found) => looked(model, found),
        OpeningEvent::Created(opened, kit) => created(model, *opened, *kit),
        OpeningEvent::Unlocked(opened) => unlocked(model, *opened),
        OpeningEvent::Joining(step) => joining(model, step),
    }
}

fn first_run(model: &mut Model, step: FirstRun) -> Vec<Effect> {
    if matches!(model.place, Place::FirstRun(_)) {
        model.typed.forget_secrets();
        model.typed.path.clear();
        model.typed.kit_path.clear();
        model.typed.letters = Default::default();
        model.trouble = None;
        model.place = Place::FirstRun(step);
        model.focus = match step {
            FirstRun::New => Some(Field::Passphrase),
            FirstRun::Restore => Some(Field::Path),
            FirstRun::Join(_) => Some(Field::Code),
            FirstRun::Letters | FirstRun::Welcome => None,
        };
    }
    Vec::new()
}

fn create(model: &mut Model) -> Vec<Effect> {
    if !may_choose(&model.typed) {
        return Vec::new();
    }
    let passphrase = model.typed.passphrase.take();
    model.typed.forget_secrets();
    begin(model, OpeningEffect::Create { passphrase })
}

fn join(model: &mut Model) -> Vec<Effect> {
    if !may_join(&model.typed) || model.progress(Job::Join).is_some() {
        return Vec::new();
    }
    let (code, passphrase) = (model.typed.code.copy(), model.typed.passphrase.copy());
    let name = model.typed.device.clone();
    begin(model, DevicesEffect::Join { code, passphrase, name })
}

fn unlock(model: &mut Model) -> Vec<Effect> {
    if model.typed.passphrase.is_empty() || model.progress(Job::Unlock).is_some() {
        return Vec::new();
    }
    let passphrase = model.typed.passphrase.take();
    if let Place::Locked(locked) = &mut model.place {
        locked.refusal = None;
    }
    begin(model, OpeningEffect::Unlock { passphrase })
}

/// Opens with the recovery line that was typed, or the file that was named when none was.
fn recover(model: &mut Model) -> Vec<Effect> {
    let locked = matches!(&model.place, Place::Locked(locked) if locked.forgotten);
    if !locked || !may_recover(&model.typed) || model.progress(Job::Recover).is_some() {
        return Vec::new();
    }
    let kit = kit_source(&model.typed, &model.typed.path);
    let passphrase = model.typed.passphrase.copy();
    begin(model, OpeningEffect::Recover { kit, passphrase })
}

/// Makes a practice out of the backup that was named, while there is none.
pub(crate) fn restore(model: &mut Model) -> Vec<Effect> {
    let instead =
        matches!(&model.place, Place::Locked(locked) if locked.is_damaged() && locked.way == Some(Way::Instead));
    let asked = instead || matches!(model.place, Place::FirstRun(FirstRun::Restore));
    let ready = may_open_backup(&model.typed) && may_choose(&model.typed);
    if !asked || !ready || model.progress(Job::Restore).is_some() {
        return Vec::new();
    }
    let (file, kit) = (path(&model.typed.path), kit_source(&model.typed, &model.typed.kit_path));
    let passphrase = model.typed.passphrase.copy();
    begin(model, BackupEffect::Restore { file, kit, passphrase, instead })
}

fn joining(model: &mut Model, step: crate::features::devices::values::JoinStep) -> Vec<Effect> {
    if let Place::FirstRun(FirstRun::Join(now)) = &mut model.place {
        *now = Some(step);
    }
    Vec::new()
}

pub(crate) fn looked(model: &mut Model, found: Found) -> Vec<Effect> {
    finish(model, Job::Look);
    if let Place::Starting = model.place {
        (model.place, model.focus) = match found {
            Found::Nothing => (Place::FirstRun(FirstRun::Welcome), None),
            Found::Practice => (Place::Locked(LockedWindow::default()), Some(Field::Passphrase)),
        };
    }
    Vec::new()
}

pub(crate) fn created(model: &mut Model, opened: OpenedPractice, kit: Kit) -> Vec<Effect> {
    finish(model, Job::Create);
    if !matches!(model.place, Place::FirstRun(_)) {
        return vec![Effect::Opening(OpeningEffect::Lock(None))];
    }
    let mut practice = Practice::new(opened);
    practice.screen = Screen::Kit;
    practice.kit.page = Some(KitPage { kit, written: None, replaces: None });
    enter(model, practice)
}

/// Opens the practice where it was left.
pub(crate) fn unlocked(model: &mut Model, mut opened: OpenedPractice) -> Vec<Effect> {
    if model.practice().is_some() {
        return Vec::new();
    }
    let salvaged = model.progress(Job::Salvage).is_some();
    let away = matches!(&model.place, Place::Locked(locked) if locked.away);
    model.settings = opened.settings;
    model.in_memory.particulars = 0;
    let resume = opened.resume.take();
    let since = model.now;
    let pending = std::mem::take(&mut opened.pending).into_iter();
    let signing = pending.map(|pending| Waiting { pending, since }).collect();
    let mut effects = enter(model, Practice::new(opened));
    if let Some(practice) = model.practice_mut() {
        practice.signing.waiting = signing;
    }
    effects.extend(save_waiting(model));
    if let Some(there) = resume.filter(|_| !salvaged) {
        effects.extend(come_back(model, there));
    }
    if salvaged {
        // What was lost and what is whole comes before what one was at.
        effects.extend(go(model, Screen::Safety));
    }
    let asked = |practice: &Practice| {
        let today = practice.kit.status.as_ref().is_some_and(|paper| paper.ask_today);
        practice.kit.first || (today && !salvaged)
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
    if !model.practice().is_some_and(|practice| practice.clients.rows.iter().any(|row| row.id == there.client)) {
        return Vec::new();
    }
    let mut effects = to_client(model, there.client);
    let Model { place: Place::Open(practice), typed, .. } = model else { return effects };
    if let Some(note) = there.note() {
        practice.notes.caret = Some(there.caret);
        practice.notes.steps = Some((note, there.steps));
        typed.note.scroll_to = Some(there.scroll);
        effects.extend(begin(model, NotesEffect::Open { note, private: None }));
    }
    effects
}

fn enter(model: &mut Model, practice: Practice) -> Vec<Effect> {
    model.typed = Default::default();
    model.busy.clear();
    model.trouble = None;
    model.touched = model.now;
    model.place = Place::Open(Box::new(practice));
    filter(model);
    begin(model, ColleaguesEffect::Load)
}
