//! From screen to screen, what comes to lie over one, and one step back.

use crate::features::backup::messages::BackupEffect;
use crate::features::backup::update::looked_into;
use crate::features::colleagues::messages::ColleaguesEffect;
use crate::features::damage::update as damage;
use crate::features::devices::messages::DevicesEffect;
use crate::features::devices::state::Pairing;
use crate::features::opening::update::forgot::forgot;
use crate::features::signing::messages::SigningEffect;
use crate::features::sync_folder::messages::SyncFolderEffect;
use crate::features::trash::messages::TrashEffect;
use crate::messages::Effect;
use crate::model::{Model, Place};
use crate::update::begin::{begin, finish, with_practice};
use crate::update::page::save_page;
use crate::update::saving::save_now;
use crate::values::job::Job;
use crate::values::navigation::{Field, FirstRun, Overlay, Screen};
use crate::view_model::shown_note;

pub(crate) fn go(model: &mut Model, screen: Screen) -> Vec<Effect> {
    let mut effects = save_page(model);
    model.typed.forget_secrets();
    model.typed.path.clear();
    model.picking = None;
    model.overlay = None;
    model.trouble = None;
    let Some(practice) = model.practice_mut() else { return effects };
    let screen = if practice.kit.first { Screen::KitAgain } else { screen };
    if let Pairing::Inviting(_) | Pairing::Asked { .. } = practice.devices.pairing {
        effects.push(Effect::Devices(DevicesEffect::CancelInvitation));
    }
    if practice.screen == Screen::Restore {
        effects.push(Effect::Backup(BackupEffect::Close));
    }
    practice.devices.pairing = Pairing::Idle;
    (practice.devices.opened, practice.devices.lacked) = (None, None);
    practice.screen = screen;
    practice.writing = false;
    practice.history = None;
    practice.files.picture = None;
    practice.done = None;
    looked_into::close(model);
    model.focus = match screen {
        Screen::Search => Some(Field::Query),
        Screen::KitAgain => Some(Field::Kit),
        Screen::Import | Screen::Colleagues | Screen::Restore => Some(Field::Path),
        Screen::Kit | Screen::WhatIf | Screen::Clients | Screen::Devices => None,
        Screen::Trash | Screen::Safety | Screen::Settings => None,
    };
    match screen {
        Screen::Devices => effects.extend([DevicesEffect::Load.into(), SyncFolderEffect::Load.into()]),
        Screen::Colleagues => effects.push(Effect::Colleagues(ColleaguesEffect::Load)),
        Screen::Trash => effects.push(Effect::Trash(TrashEffect::Load)),
        Screen::Safety => at_safety(model),
        Screen::Kit | Screen::KitAgain | Screen::WhatIf | Screen::Clients | Screen::Search => {}
        Screen::Import | Screen::Restore | Screen::Settings => {}
    }
    effects
}

/// The field begins with the folder that is kept.
fn at_safety(model: &mut Model) {
    let kept = model.practice().and_then(|practice| practice.backup.status.folder.as_ref());
    model.typed.path = kept.map(|folder| folder.display().to_string()).unwrap_or_default();
}

pub(crate) fn open(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.typed.palette.clear();
    model.typed.passphrase = Default::default();
    if model.overlay.is_none() && matches!(overlay, Overlay::Seal { .. } | Overlay::Export { .. }) {
        model.typed.forget_disclosure();
    }
    model.focus = match overlay {
        Overlay::Palette { .. } => Some(Field::Palette),
        Overlay::AddClient => Some(Field::Name),
        Overlay::Private(_)
        | Overlay::Export { private: true }
        | Overlay::RemoveDevice { .. }
        | Overlay::NewKit
        | Overlay::NewKeys => Some(Field::Passphrase),
        Overlay::Export { private: false } => Some(Field::Path),
        Overlay::Move | Overlay::Merge => Some(Field::Other),
        Overlay::InError => Some(Field::Why),
        Overlay::Help | Overlay::Sign | Overlay::Unmerge | Overlay::Delete(_) => None,
        Overlay::Discard(_) | Overlay::Seal { .. } => None,
    };
    model.overlay = Some(overlay);
    model.trouble = None;
    opened(model, overlay)
}

/// One step back: the overlay first, then what is open inside the screen.
pub(crate) fn back(model: &mut Model) -> Vec<Effect> {
    if model.is_exclusive_job_running()
        && matches!(model.overlay, None | Some(Overlay::Export { .. } | Overlay::Seal { .. } | Overlay::NewKeys))
    {
        // Behind the job at work there may be a note that could not be saved now.
        return Vec::new();
    }
    model.typed.forget_secrets();
    model.picking = None;
    if model.overlay.take().is_some() {
        return Vec::new();
    }
    if matches!(&model.place, Place::Locked(locked) if locked.forgotten) {
        return forgot(model, false);
    }
    if damage::back(model) {
        return Vec::new();
    }
    if let Place::FirstRun(FirstRun::New | FirstRun::Join(_) | FirstRun::Letters | FirstRun::Restore) = model.place {
        let under_way = [Job::Join, Job::Restore].into_iter().filter(|job| model.progress(*job).is_some());
        let effects = under_way.map(Effect::Cancel).collect();
        model.place = Place::FirstRun(FirstRun::Welcome);
        return effects;
    }
    if looked_into::back(model) {
        return Vec::new();
    }
    if model.screen() == Some(Screen::Restore) {
        return go(model, Screen::Safety);
    }
    let mut effects = save_now(model);
    if let Some(practice) = model.practice_mut() {
        if practice.files.picture.take().is_some() {
            // The list is behind the picture.
        } else if practice.history.take().is_some() {
            // The note is behind its versions.
        } else if practice.writing {
            practice.writing = false;
        } else if practice.screen == Screen::Colleagues {
            practice.colleagues.sealed = None;
            effects.push(Effect::Colleagues(ColleaguesEffect::CloseSealed));
        } else {
            practice.notes.editor = None;
            practice.notes.reading = None;
        }
    }
    effects
}

/// What an overlay that has just come up needs.
pub(crate) fn opened(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    let about_note = matches!(overlay, Overlay::Sign | Overlay::Move | Overlay::Delete(_));
    let mut effects = if about_note { save_now(model) } else { Vec::new() };
    if matches!(overlay, Overlay::Move | Overlay::Merge | Overlay::InError) {
        model.typed.other.clear();
        model.typed.why.clear();
        with_practice(model, |practice| practice.clients.other = None);
    }
    if let Some(note) = shown_note(model).filter(|_| overlay == Overlay::Sign) {
        with_practice(model, |practice| practice.signing.preview = None);
        effects.extend(begin(model, SigningEffect::Preview(note)));
        finish(model, Job::Sign);
    }
    effects
}

/// Another row of the palette.
pub(crate) fn to_palette_row(model: &mut Model, row: usize) -> Vec<Effect> {
    model.overlay = Some(Overlay::Palette { row });
    Vec::new()
}

pub(crate) fn toggle_discreet(model: &mut Model) -> Vec<Effect> {
    model.discreet = !model.discreet;
    Vec::new()
}
