//! The only place where the window's state changes.
//!
//! [`update`] answers what the therapist asks for, [`apply`] what jobs bring back. Both are plain: time is an argument, and
//! everything slow or outside is an [`Effect`] for somebody else to carry out.

mod backups;
mod damage;
mod events;
mod filing;
mod keeping;
mod new_kit;
mod notes;
mod opening;
mod picking;
mod private;
mod removal;
mod restoring;
mod sharing;

use std::path::PathBuf;

use crate::command::Command;
use crate::effect::{Effect, Job, KitSource};
use crate::event::Progress;
use crate::model::{Closing, Field, FirstRun, Locked, Model, Moment, Overlay, Pairing, Place, Practice, Screen};
use crate::practice::passphrase_strength::PassphraseStrength;
use crate::resume::Leaving;
use crate::settings::Settings;
use crate::typed::Typed;

pub use events::apply;
pub use keeping::{others, shown_note};
pub use notes::excerpt;
pub use restoring::may_open_backup;
pub use sharing::seal_request;

/// The two clocks part by this much only while the machine sleeps, or when somebody sets one.
const ASLEEP_MS: u64 = 10_000;

/// What the window does first.
pub fn start(model: &mut Model) -> Vec<Effect> {
    begin(model, Effect::Look)
}

/// Carries a command out on the model and says what has to be done elsewhere.
pub fn update(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Tick(now) => tick(model, now),
        Command::Touched => touched(model),
        Command::Lock => lock(model),
        Command::Set(settings) => set(model, settings),
        Command::Discreet => toggle_discreet(model),
        // What lies over a job at work would hide its progress, and the way to stop it.
        Command::Open(_) if model.is_held() => Vec::new(),
        Command::Open(overlay) => open(model, overlay),
        Command::Cancel(job) => vec![Effect::Cancel(job)],
        Command::Close => close(model),
        Command::CloseAnyway => {
            model.closing = Some(Closing::Now);
            Vec::new()
        }
        Command::Stay => {
            model.closing = None;
            Vec::new()
        }
        Command::Back => back(model),
        Command::Pick(pick) => picking::ask(model, pick),
        Command::PaletteRow(row) => {
            model.overlay = Some(Overlay::Palette { row });
            Vec::new()
        }
        _ => match model.place {
            Place::Open(_) => inside(model, command),
            _ => outside(model, command),
        },
    }
}

/// Commands while no practice is open.
fn outside(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::FirstRun(step) => first_run(model, step),
        Command::LookAround => begin(model, Effect::OpenDemo),
        Command::Create if may_choose(&model.typed) => {
            let passphrase = model.typed.passphrase.take();
            model.typed.forget_secrets();
            begin(model, Effect::CreatePractice { passphrase })
        }
        Command::Join if may_join(&model.typed) => {
            let (code, passphrase) = (model.typed.code.take(), model.typed.passphrase.take());
            let name = std::mem::take(&mut model.typed.device);
            model.typed.forget_secrets();
            begin(model, Effect::JoinDevice { code, passphrase, name })
        }
        Command::Unlock if !model.typed.passphrase.is_empty() && model.progress(Job::Unlock).is_none() => {
            let passphrase = model.typed.passphrase.take();
            if let Place::Locked(locked) = &mut model.place {
                locked.refusal = None;
            }
            begin(model, Effect::Unlock { passphrase })
        }
        Command::Forgotten(forgotten) => forgot(model, forgotten),
        Command::Recover => recover(model),
        Command::Restore => restoring::restore(model),
        Command::Mend(_) | Command::Salvage | Command::TryAgain => damage::update(model, command),
        _ => Vec::new(),
    }
}

/// To the page that asks for the recovery kit, or back to the one that asks for the passphrase.
fn forgot(model: &mut Model, forgotten: bool) -> Vec<Effect> {
    if let Place::Locked(locked) = &mut model.place {
        locked.forgotten = forgotten && !locked.demo;
        locked.refusal = None;
        model.typed.forget_secrets();
        model.typed.path.clear();
        model.trouble = None;
        model.focus = Some(if forgotten { Field::Kit } else { Field::Passphrase });
    }
    Vec::new()
}

/// Opens with the recovery line that was typed, or the file that was named when none was.
fn recover(model: &mut Model) -> Vec<Effect> {
    let locked = matches!(&model.place, Place::Locked(locked) if locked.forgotten);
    if !locked || !may_recover(&model.typed) || model.progress(Job::Recover).is_some() {
        return Vec::new();
    }
    let kit = if model.typed.kit.expose().trim().is_empty() {
        KitSource::File(path(&model.typed.path))
    } else {
        KitSource::Typed(model.typed.kit.take())
    };
    let passphrase = model.typed.passphrase.take();
    model.typed.forget_secrets();
    begin(model, Effect::Recover { kit, passphrase })
}

/// Commands while a practice is open.
fn inside(model: &mut Model, command: Command) -> Vec<Effect> {
    let kit_first = model.practice().is_some_and(|practice| practice.kit_first);
    if kit_first && !matches!(command, Command::ProveKit | Command::KitLost) {
        return Vec::new();
    }
    if model.is_held() {
        return Vec::new();
    }
    match command {
        Command::Go(screen) => go(model, screen),
        Command::FindClient => find_client(model),
        Command::Filtered
        | Command::Client(_)
        | Command::Step(_)
        | Command::AddClient
        | Command::Show(_)
        | Command::NewNote
        | Command::Note(_)
        | Command::Hit(_)
        | Command::NoteTyped
        | Command::Format(_)
        | Command::Private
        | Command::Sign
        | Command::Addendum
        | Command::Writing
        | Command::Searched => notes::update(model, command),
        Command::TakeBack(_)
        | Command::History(_)
        | Command::Version(_)
        | Command::Other(_)
        | Command::MoveNote
        | Command::Merge
        | Command::Unmerge
        | Command::Delete
        | Command::Undelete(_)
        | Command::Held(..)
        | Command::InError => keeping::update(model, command),
        Command::RemoveDevice | Command::Keep(_) | Command::Discard => removal::update(model, command),
        Command::DrawKit => new_kit::draw(model),
        Command::Attach | Command::Picture(_) | Command::SaveCopy(_) | Command::CopyFile => {
            filing::update(model, command)
        }
        Command::BackUp | Command::KeepBackupFolder | Command::BackupEvery(_) | Command::BackupText(_) => {
            backups::update(model, command)
        }
        Command::OpenBackup
        | Command::CloseBackup
        | Command::LookInto(_)
        | Command::ReadInside(_)
        | Command::BringBack(_) => restoring::update(model, command),
        _ => sharing::update(model, command),
    }
}

/// Whether a passphrase has been chosen: typed twice alike, and strong enough.
pub fn may_choose(typed: &Typed) -> bool {
    // The strength last: it costs more than the rest, and is asked for in every frame.
    typed.passphrase.expose() == typed.repeated.expose()
        && PassphraseStrength::of(typed.passphrase.expose()).is_enough()
}

/// Whether everything that opening with the recovery kit needs has been typed.
pub fn may_recover(typed: &Typed) -> bool {
    may_choose(typed) && !(typed.kit.expose().trim().is_empty() && typed.path.trim().is_empty())
}

/// Whether everything that joining needs has been typed.
pub fn may_join(typed: &Typed) -> bool {
    may_choose(typed) && !typed.code.expose().trim().is_empty() && !typed.device.trim().is_empty()
}

/// Starts a job: it counts as busy until it is answered, and what went wrong before is over.
fn begin(model: &mut Model, effect: Effect) -> Vec<Effect> {
    let job = effect.job();
    // What was typed goes first.
    let mut effects = if job.is_alone() { notes::save_now(model) } else { Vec::new() };
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
fn with_practice(model: &mut Model, change: impl FnOnce(&mut Practice)) -> Vec<Effect> {
    if let Some(practice) = model.practice_mut() {
        change(practice);
    }
    Vec::new()
}

/// A job has been answered.
fn finish(model: &mut Model, job: Job) {
    model.busy.retain(|(busy, _)| *busy != job);
}

fn path(typed: &str) -> PathBuf {
    PathBuf::from(typed.trim())
}

fn tick(model: &mut Model, now: Moment) -> Vec<Effect> {
    let first = model.now == Moment::START;
    let jumped = now.slept_since(model.now) >= ASLEEP_MS;
    model.now = now;
    if first {
        model.touched = now;
    }
    let idle_ms = u64::from(model.settings.auto_lock_minutes) * 60_000;
    let left_alone = now.since(model.touched) >= idle_ms || (jumped && !first);
    if left_alone && matches!(model.place, Place::Open(_)) {
        return lock(model);
    }
    notes::autosave(model)
}

/// A key or the pointer. Time away is judged before it counts as a touch: the key that wakes a sleeping laptop must not keep
/// it open.
fn touched(model: &mut Model) -> Vec<Effect> {
    model.touched = model.now;
    Vec::new()
}

/// Saves the draft, then drops everything that was opened. The new model holds ids and settings, and not one word.
fn lock(model: &mut Model) -> Vec<Effect> {
    if !matches!(model.place, Place::Open(_)) {
        return Vec::new();
    }
    let mut effects = notes::save_now(model);
    effects.push(Effect::Lock(leaving(model)));
    let demo = model.practice().is_some_and(|practice| practice.demo);
    let locked = Locked { demo, ..Locked::default() };
    let (now, discreet, closing, in_memory) = (model.now, model.discreet, model.closing, model.in_memory);
    let fresh = Model::new(model.settings, Place::Locked(locked));
    *model = Model { now, touched: now, discreet, closing, in_memory, focus: Some(Field::Passphrase), ..fresh };
    effects
}

/// Where to come back to. A private note is not opened again by itself: it asks for its passphrase.
fn leaving(model: &mut Model) -> Option<Box<Leaving>> {
    let Model { place: Place::Open(practice), typed, .. } = model else { return None };
    let client = practice.selected?;
    let note = practice.editor.as_ref().filter(|editor| !editor.note.card.private).map(|editor| editor.id());
    let text = if note.is_some() { std::mem::take(&mut typed.note) } else { String::new() };
    let (caret, scroll) = (typed.caret, typed.scroll);
    Some(Box::new(Leaving { client, note, caret, scroll, text, earlier: Vec::new() }))
}

/// The window was told to close: what was typed is saved first, and it stays if that fails and somebody wants it to.
fn close(model: &mut Model) -> Vec<Effect> {
    let mut effects = notes::save_now(model);
    use Job::{Attach, BringBack, Export, Import, OpenBackup, OpenSealed, Restore, Salvage, Seal};
    let long = [Import, Export, Seal, OpenSealed, Attach, Restore, OpenBackup, BringBack, Salvage];
    let at_work = long.into_iter().filter(|job| model.progress(*job).is_some());
    effects.extend(at_work.map(Effect::Cancel));
    model.closing = Some(Closing::Saving);
    closing(model);
    effects
}

/// Once what was typed is on the disk, or cannot be put there, the window that was to close knows what to do.
fn closing(model: &mut Model) {
    if model.closing.is_some_and(|closing| closing != Closing::Now) {
        model.closing = Some(match () {
            () if notes::is_durable(model) => Closing::Now,
            () if notes::is_saving(model) => Closing::Saving,
            () => Closing::NotSaved,
        });
    }
}

fn set(model: &mut Model, settings: Settings) -> Vec<Effect> {
    model.settings = settings;
    vec![Effect::SaveSettings(settings)]
}

fn toggle_discreet(model: &mut Model) -> Vec<Effect> {
    model.discreet = !model.discreet;
    Vec::new()
}

fn first_run(model: &mut Model, step: FirstRun) -> Vec<Effect> {
    if matches!(model.place, Place::FirstRun(_)) {
        model.typed.forget_secrets();
        model.typed.path.clear();
        model.typed.kit_path.clear();
        model.trouble = None;
        model.place = Place::FirstRun(step);
        model.focus = match step {
            FirstRun::New => Some(Field::Passphrase),
            FirstRun::Restore => Some(Field::Path),
            FirstRun::Welcome | FirstRun::Join(_) => None,
        };
    }
    Vec::new()
}

fn open(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.typed.palette.clear();
    model.typed.passphrase = Default::default();
    if model.overlay.is_none() && matches!(overlay, Overlay::Seal { .. } | Overlay::Export { .. }) {
        model.typed.forget_disclosure();
    }
    model.focus = match overlay {
        Overlay::Palette { .. } => Some(Field::Palette),
        Overlay::AddClient => Some(Field::Name),
        Overlay::Private(_) | Overlay::Export { private: true } | Overlay::RemoveDevice(_) | Overlay::NewKit => {
            Some(Field::Passphrase)
        }
        Overlay::Export { private: false } => Some(Field::Path),
        Overlay::Move | Overlay::Merge => Some(Field::Other),
        Overlay::InError => Some(Field::Why),
        _ => None,
    };
    model.overlay = Some(overlay);
    model.trouble = None;
    keeping::opened(model, overlay)
}

/// One step back: the overlay first, then what is open inside the screen.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.is_held() && matches!(model.overlay, None | Some(Overlay::Export { .. } | Overlay::Seal { .. })) {
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
    if let Place::FirstRun(FirstRun::New | FirstRun::Join(_) | FirstRun::Restore) = model.place {
        let under_way = [Job::Join, Job::Restore].into_iter().filter(|job| model.progress(*job).is_some());
        let effects = under_way.map(Effect::Cancel).collect();
        model.place = Place::FirstRun(FirstRun::Welcome);
        return effects;
    }
    if restoring::back(model) {
        return Vec::new();
    }
    if model.screen() == Some(Screen::Restore) {
        return go(model, Screen::Safety);
    }
    let mut effects = notes::save_now(model);
    if let Some(practice) = model.practice_mut() {
        if practice.picture.take().is_some() {
            // The list is behind the picture.
        } else if practice.history.take().is_some() {
            // The note is behind its versions.
        } else if practice.writing {
            practice.writing = false;
        } else if practice.screen == Screen::Colleagues {
            practice.sealed = None;
            effects.push(Effect::CloseSealed);
        } else {
            practice.editor = None;
            practice.reading = None;
        }
    }
    effects
}

fn go(model: &mut Model, screen: Screen) -> Vec<Effect> {
    let mut effects = notes::save_now(model);
    model.typed.forget_secrets();
    model.typed.path.clear();
    model.picking = None;
    model.overlay = None;
    model.trouble = None;
    let Some(practice) = model.practice_mut() else { return effects };
    let screen = if practice.kit_first { Screen::KitAgain } else { screen };
    if let Pairing::Inviting(_) | Pairing::Asked(_) = practice.pairing {
        effects.push(Effect::CancelInvitation);
    }
    if practice.screen == Screen::Restore {
        effects.push(Effect::CloseBackup);
    }
    practice.pairing = Pairing::Idle;
    practice.screen = screen;
    practice.writing = false;
    practice.history = None;
    practice.picture = None;
    practice.done = None;
    restoring::close(model);
    model.focus = match screen {
        Screen::Search => Some(Field::Query),
        Screen::KitAgain => Some(Field::Kit),
        Screen::Import | Screen::Colleagues | Screen::Restore => Some(Field::Path),
        _ => None,
    };
    match screen {
        Screen::Devices => effects.push(Effect::LoadDevices),
        Screen::Colleagues => effects.push(Effect::LoadColleagues),
        Screen::Trash => effects.push(Effect::LoadTrash),
        Screen::Safety => backups::at_safety(model),
        _ => {}
    }
    effects
}

fn find_client(model: &mut Model) -> Vec<Effect> {
    let effects = if model.screen() == Some(Screen::Clients) { Vec::new() } else { go(model, Screen::Clients) };
    if let Some(practice) = model.practice_mut() {
        practice.writing = false;
    }
    model.focus = Some(Field::Filter);
    effects
}

#[cfg(test)]
mod tests;
