//! Recovery kit, devices, colleagues, sealed records, import and export: what leaves or enters the practice.

use jiff::civil::Date;

use super::{begin, finish, go, may_choose, new_kit, path, picking};
use crate::command::Command;
use crate::effect::{Effect, Job, SealRequest};
use crate::kit_paper::KitForm;
use crate::model::{Done, Field, Model, Overlay, Pairing, Screen, Trouble};
use crate::pick::Pick;
use crate::typed::Typed;
use crate::words;

/// Commands about everything that leaves or enters, while a practice is open.
pub(super) fn update(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::WriteKit(form) => write_kit(model, form),
        Command::ProveKit => prove_kit(model),
        Command::KitLost => kit_lost(model),
        Command::KitLater => leave_kit(model),
        Command::AskInvite => ask_invite(model),
        Command::Invite => invite(model),
        Command::CancelInvitation => set_pairing(model, Effect::CancelInvitation),
        Command::Confirm(accept) => confirm(model, accept),
        Command::WordsAgree(colleague) => begin(model, Effect::WordsAgree(colleague)),
        Command::Check if !checking(model) => check(model, Effect::Check),
        Command::Repair if !checking(model) => check(model, Effect::Repair),
        Command::Seal => seal(model),
        Command::KeepOwner => keep_owner(model),
        Command::CloseSealed => close_sealed(model),
        Command::UndoImport => begin(model, Effect::UndoImport),
        Command::ChangePassphrase => change_passphrase(model),
        Command::ExportClient => export_client(model),
        Command::Dismiss(place) => dismiss(model, place),
        _ => with_path(model, command),
    }
}

/// Commands that read or write the file or folder that was typed.
fn with_path(model: &mut Model, command: Command) -> Vec<Effect> {
    if model.typed.path.trim().is_empty() {
        return pick_for(command).map_or_else(Vec::new, |pick| picking::ask(model, pick));
    }
    let place = path(&model.typed.path);
    let effect = match command {
        Command::MakeCard => Effect::MakeCard { file: place },
        Command::AddColleague => Effect::AddColleague { file: place },
        Command::OpenSealed => Effect::OpenSealed { file: place },
        Command::SaveSealed => Effect::SaveSealed { dir: place },
        Command::Import { dry_run } => Effect::Import { dir: place, dry_run },
        Command::Export => Effect::Export { dir: place, client: None, private: None },
        _ => return Vec::new(),
    };
    // The others are quick, and a list that is still being read must not swallow what was asked for since.
    let long = matches!(effect.job(), Job::Import | Job::Export);
    if long && model.progress(effect.job()).is_some() { Vec::new() } else { begin(model, effect) }
}

/// A command that needs a file or folder asks for one when none was typed.
fn pick_for(command: Command) -> Option<Pick> {
    Some(match command {
        Command::MakeCard => Pick::CardToSave,
        Command::AddColleague => Pick::CardToAdd,
        Command::OpenSealed => Pick::Sealed,
        Command::SaveSealed => Pick::SealedCopy,
        Command::Import { .. } => Pick::ImportFrom,
        Command::Export => Pick::ExportTo,
        _ => return None,
    })
}

/// On its screen, where its progress and its result are.
fn check(model: &mut Model, effect: Effect) -> Vec<Effect> {
    let mut effects = go(model, Screen::Safety);
    effects.extend(begin(model, effect));
    effects
}

fn checking(model: &Model) -> bool {
    model.progress(Job::Check).is_some() || model.progress(Job::Repair).is_some()
}

fn keep_owner(model: &mut Model) -> Vec<Effect> {
    let name = model.typed.owner.trim().to_owned();
    if name.is_empty() { Vec::new() } else { begin(model, Effect::KeepOwner(name)) }
}

fn write_kit(model: &mut Model, form: KitForm) -> Vec<Effect> {
    let mut file = path(&model.typed.path);
    let Some(page) = model.practice().and_then(|practice| practice.kit.as_ref()) else { return Vec::new() };
    if file.as_os_str().is_empty() {
        return picking::ask(model, Pick::KitToSave(form));
    }
    // A name says what its file is; one that a dialog or the therapist gave another ending keeps it.
    let other = [KitForm::Pdf, KitForm::Text].into_iter().filter(|other| *other != form).map(KitForm::ending);
    if file.extension().is_none_or(|ending| other.into_iter().any(|other| ending.eq_ignore_ascii_case(other))) {
        file.set_extension(form.ending());
    }
    let kit = subrosa_core::secret::Passphrase::new(page.kit.text.expose().to_owned());
    begin(model, Effect::WriteKit { kit, file, form })
}

/// What was typed back is compared where the question is kept, on the day of the kit and on a later one alike.
fn prove_kit(model: &mut Model) -> Vec<Effect> {
    let ready = !model.typed.kit.is_empty() && model.progress(Job::KitProof).is_none();
    let typed = ready.then(|| model.typed.kit.take());
    typed.map_or_else(Vec::new, |typed| begin(model, Effect::ProveKit { typed }))
}

/// Part of the kit was typed back, at once or on a later day.
pub(super) fn kit_proven(model: &mut Model, proven: bool) -> Vec<Effect> {
    finish(model, Job::KitProof);
    if !proven {
        model.trouble = Some(Trouble { job: Job::KitProof, why: words::KIT_MISTYPED.to_owned() });
        model.focus = Some(Field::Kit);
        return Vec::new();
    }
    let today = model.now.today();
    if let Some(practice) = model.practice_mut() {
        practice.paper.iter_mut().for_each(|paper| (paper.due, paper.proven) = (None, Some(today)));
        practice.kit_first = false;
    }
    if new_kit::is_shown(model) {
        return new_kit::replaced(model);
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
    if let Some(practice) = model.practice_mut().filter(|practice| practice.kit_first) {
        practice.kit_first = false;
        practice.notices.push(words::KIT_LOST_MORE.to_owned());
    }
    go(model, Screen::Safety)
}

/// Whatever was decided, the kit leaves the window, and the page of what-ifs comes.
pub(super) fn leave_kit(model: &mut Model) -> Vec<Effect> {
    if new_kit::is_shown(model) {
        return new_kit::given_up(model);
    }
    if let Some(practice) = model.practice_mut() {
        practice.kit = None;
    }
    go(model, Screen::WhatIf)
}

/// One client's record as plain files; private notes only when they were asked for, and with the passphrase.
fn export_client(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Export { private }) = model.overlay else { return Vec::new() };
    let client = model.practice().and_then(|practice| practice.timeline.as_ref()).map(|page| page.client.id);
    let missing = model.typed.path.trim().is_empty() || (private && model.typed.passphrase.is_empty());
    if missing || client.is_none() || model.progress(Job::Export).is_some() {
        return Vec::new();
    }
    let passphrase = private.then(|| model.typed.passphrase.take());
    let dir = path(&model.typed.path);
    begin(model, Effect::Export { dir, client, private: passphrase })
}

fn dismiss(model: &mut Model, place: usize) -> Vec<Effect> {
    if let Some(practice) = model.practice_mut().filter(|practice| place < practice.notices.len()) {
        practice.notices.remove(place);
    }
    Vec::new()
}

fn ask_invite(model: &mut Model) -> Vec<Effect> {
    let effects = go(model, Screen::Devices);
    if let Some(practice) = model.practice_mut().filter(|practice| practice.removed_here().is_none()) {
        practice.pairing = Pairing::Again;
        model.focus = Some(Field::Passphrase);
    }
    effects
}

fn invite(model: &mut Model) -> Vec<Effect> {
    if model.typed.passphrase.is_empty() || model.progress(Job::Devices).is_some() {
        return Vec::new();
    }
    let passphrase = model.typed.passphrase.take();
    begin(model, Effect::InviteDevice { passphrase })
}

fn set_pairing(model: &mut Model, effect: Effect) -> Vec<Effect> {
    model.typed.forget_secrets();
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    let shown = matches!(practice.pairing, Pairing::Inviting(_) | Pairing::Asked(_));
    practice.pairing = Pairing::Idle;
    if shown { vec![effect] } else { Vec::new() }
}

fn confirm(model: &mut Model, accept: bool) -> Vec<Effect> {
    let asked = model.practice().is_some_and(|practice| matches!(practice.pairing, Pairing::Asked(_)));
    if !asked {
        return Vec::new();
    }
    if let Some(practice) = model.practice_mut() {
        practice.pairing = if accept { Pairing::Adding } else { Pairing::Idle };
    }
    begin(model, Effect::ConfirmDevice(accept))
}

/// What the seal dialog describes, or none while something is missing or unreadable.
pub fn seal_request(model: &Model, typed: &Typed) -> Option<SealRequest> {
    let Some(Overlay::Seal { colleague }) = model.overlay else { return None };
    let practice = model.practice()?;
    let until = typed.until.trim();
    let until = if until.is_empty() { None } else { Some(until.parse::<Date>().ok()?) };
    let complete = [&typed.purpose, &typed.basis, &typed.path].iter().all(|field| !field.trim().is_empty());
    if !complete {
        return None;
    }
    Some(SealRequest {
        client: practice.timeline.as_ref()?.client.id,
        notes: Vec::new(),
        to: practice.colleagues.get(colleague)?.id,
        purpose: typed.purpose.trim().to_owned(),
        basis: typed.basis.trim().to_owned(),
        until,
        file: path(&typed.path),
    })
}

fn seal(model: &mut Model) -> Vec<Effect> {
    match seal_request(model, &model.typed) {
        Some(request) if model.progress(Job::Seal).is_none() => begin(model, Effect::SealRecord(Box::new(request))),
        _ => Vec::new(),
    }
}

fn close_sealed(model: &mut Model) -> Vec<Effect> {
    if let Some(practice) = model.practice_mut() {
        practice.sealed = None;
    }
    model.typed.path.clear();
    vec![Effect::CloseSealed]
}

fn change_passphrase(model: &mut Model) -> Vec<Effect> {
    if model.typed.current.is_empty() || !may_choose(&model.typed) {
        return Vec::new();
    }
    let (current, new) = (model.typed.current.take(), model.typed.passphrase.take());
    model.typed.forget_secrets();
    begin(model, Effect::ChangePassphrase { current, new })
}
