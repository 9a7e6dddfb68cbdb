//! The only place where the window's state changes.
//!
//! [`update`] answers what the therapist asks for, [`apply`] what jobs bring back. Both are plain: time is an argument, and
//! everything slow or outside is an [`Effect`] for somebody else to carry out. Here each message is handed to its feature;
//! what belongs to the window around all features stands in the modules beside this one.

pub(crate) mod begin;
pub(crate) mod leave;
pub(crate) mod navigate;
pub(crate) mod page;
pub(crate) mod picking;
mod report;
pub(crate) mod saving;

use crate::features::backup::messages::BackupEvent;
use crate::features::backup::update as backup;
use crate::features::check::update as check;
use crate::features::clients::update as clients;
use crate::features::colleagues::update as colleagues;
use crate::features::damage::update as damage;
use crate::features::devices::update as devices;
use crate::features::exchange::update as exchange;
use crate::features::files::update as files;
use crate::features::history::update as history;
use crate::features::kit::messages::KitCommand;
use crate::features::kit::update as kit;
use crate::features::letters::messages::{LettersCommand, LettersEvent};
use crate::features::letters::update as letters;
use crate::features::notes::update as notes;
use crate::features::opening::messages::OpeningEffect;
use crate::features::opening::update as opening;
use crate::features::search::update as search;
use crate::features::settings::messages::SettingsCommand;
use crate::features::settings::update as settings;
use crate::features::signing::update as signing;
use crate::features::sync_folder::update as sync_folder;
use crate::features::trash::update as trash;
use crate::messages::{Command, Effect, Event};
use crate::model::Model;
use crate::update::navigate::{back, go, open};

/// What the window does first.
pub fn start(model: &mut Model) -> Vec<Effect> {
    begin::begin(model, OpeningEffect::Look)
}

/// Carries a command out on the model and says what has to be done elsewhere.
pub fn update(model: &mut Model, command: impl Into<Command>) -> Vec<Effect> {
    let command = command.into();
    if !is_heard(model, command) {
        return Vec::new();
    }
    match command {
        Command::Tick(now) => leave::tick(model, now),
        Command::Touched => leave::touched(model),
        Command::Lock => leave::lock(model),
        Command::Close => leave::close(model),
        Command::CloseAnyway => leave::close_anyway(model),
        Command::Stay => leave::stay(model),
        Command::Go(screen) => go(model, screen),
        Command::Open(overlay) => open(model, overlay),
        Command::Back => back(model),
        Command::Pick(pick) => picking::ask(model, pick),
        Command::Cancel(job) => vec![Effect::Cancel(job)],
        Command::PaletteRow(row) => navigate::to_palette_row(model, row),
        Command::Discreet => navigate::toggle_discreet(model),
        Command::Dismiss(place) => report::dismiss(model, place),
        Command::Opening(command) => opening::update(model, command),
        Command::Damage(command) => damage::update(model, command),
        Command::Clients(command) => clients::update(model, command),
        Command::Notes(command) => notes::update(model, command),
        Command::Signing(command) => signing::update(model, command),
        Command::History(command) => history::update(model, command),
        Command::Trash(command) => trash::update(model, command),
        Command::Search(command) => search::update(model, command),
        Command::Devices(command) => devices::update(model, command),
        Command::Letters(command) => letters::update(model, command),
        Command::SyncFolder(command) => sync_folder::update(model, command),
        Command::Kit(command) => kit::update(model, command),
        Command::Backup(command) => backup::update(model, command),
        Command::Files(command) => files::update(model, command),
        Command::Colleagues(command) => colleagues::update(model, command),
        Command::Exchange(command) => exchange::update(model, command),
        Command::Settings(command) => settings::update(model, command),
        Command::Check(command) => check::update(model, command),
    }
}

/// When a command means something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// Whatever the window shows.
    Always,
    /// While no practice is open.
    WhileClosed,
    /// While a practice is open.
    WhileOpen,
}

/// Whether a command means something now. An exclusive job at work, and a recovery kit that comes before anything else, leave
/// only the commands that are about them; what would lie over such a job would hide its progress, and the way to stop it.
fn is_heard(model: &Model, command: Command) -> bool {
    let is_exclusive_job_running = model.is_exclusive_job_running();
    match when(command) {
        Heard::Always => !(is_exclusive_job_running && matches!(command, Command::Open(_))),
        Heard::WhileClosed => model.practice().is_none(),
        Heard::WhileOpen => model.practice().is_some_and(|practice| {
            let is_about_kit = matches!(command, Command::Kit(KitCommand::Prove | KitCommand::Lost));
            (!practice.kit.first || is_about_kit) && !is_exclusive_job_running
        }),
    }
}

fn when(command: Command) -> Heard {
    match command {
        Command::Tick(_)
        | Command::Touched
        | Command::Lock
        | Command::Close
        | Command::CloseAnyway
        | Command::Stay
        | Command::Open(_)
        | Command::Back
        | Command::Pick(_)
        | Command::Cancel(_)
        | Command::PaletteRow(_)
        | Command::Discreet
        | Command::Settings(SettingsCommand::Set(_)) => Heard::Always,
        Command::Opening(_)
        | Command::Damage(_)
        | Command::Letters(LettersCommand::Request | LettersCommand::Finish) => Heard::WhileClosed,
        Command::Go(_)
        | Command::Dismiss(_)
        | Command::Clients(_)
        | Command::Notes(_)
        | Command::Signing(_)
        | Command::History(_)
        | Command::Trash(_)
        | Command::Search(_)
        | Command::Devices(_)
        | Command::Letters(
            LettersCommand::AskAdmit | LettersCommand::Read | LettersCommand::Admit | LettersCommand::Leave,
        )
        | Command::SyncFolder(_)
        | Command::Kit(_)
        | Command::Backup(_)
        | Command::Files(_)
        | Command::Colleagues(_)
        | Command::Exchange(_)
        | Command::Settings(SettingsCommand::ChangePassphrase | SettingsCommand::MakeKeysNew)
        | Command::Check(_) => Heard::WhileOpen,
    }
}

/// Takes what a job brought into the model.
///
/// An answer that arrives after the window was locked is dropped unread: the model of a locked window has no place to put it.
pub fn apply(model: &mut Model, event: impl Into<Event>) -> Vec<Effect> {
    let event = event.into();
    if needs_practice(&event) && model.practice().is_none() {
        return Vec::new();
    }
    match event {
        Event::Refused(job, refusal) => report::refused(model, job, refusal),
        Event::Picked(pick, picked) => {
            picking::picked(model, pick, picked).map_or_else(Vec::new, |command| update(model, command))
        }
        Event::Progress(job, progress) => report::progressed(model, job, progress),
        Event::Failed(job, why) => report::failed(model, job, why),
        Event::Unfit(job, field, why) => report::unfit(model, job, field, why),
        Event::Arrived => report::arrived(model),
        Event::InMemory(in_memory) => report::in_memory(model, in_memory),
        Event::Written(job) => report::written(model, job),
        Event::Notice(notice) => report::notice(model, notice),
        Event::LockedByFault => leave::locked_by_fault(model),
        Event::Away => leave::away(model),
        Event::Opening(event) => opening::apply(model, event),
        Event::Clients(event) => clients::apply(model, event),
        Event::Notes(event) => notes::apply(model, event),
        Event::Signing(event) => signing::apply(model, event),
        Event::History(event) => history::apply(model, event),
        Event::Trash(event) => trash::apply(model, event),
        Event::Search(event) => search::apply(model, event),
        Event::Devices(event) => devices::apply(model, event),
        Event::Letters(event) => letters::apply(model, event),
        Event::SyncFolder(event) => sync_folder::apply(model, event),
        Event::Kit(event) => kit::apply(model, event),
        Event::Backup(event) => backup::apply(model, event),
        Event::Files(event) => files::apply(model, event),
        Event::Colleagues(event) => colleagues::apply(model, event),
        Event::Exchange(event) => exchange::apply(model, event),
        Event::Settings(event) => settings::apply(model, event),
        Event::Check(event) => check::apply(model, event),
    }
}

/// Whether an event says something of an open practice alone.
fn needs_practice(event: &Event) -> bool {
    match event {
        Event::Refused(..)
        | Event::Picked(..)
        | Event::Progress(..)
        | Event::Failed(..)
        | Event::Unfit(..)
        | Event::InMemory(_)
        | Event::Away
        | Event::Backup(BackupEvent::Offered { .. })
        | Event::Letters(LettersEvent::Requested(_))
        | Event::Opening(_) => false,
        Event::Arrived
        | Event::LockedByFault
        | Event::Written(_)
        | Event::Notice(_)
        | Event::Clients(_)
        | Event::Notes(_)
        | Event::Signing(_)
        | Event::History(_)
        | Event::Trash(_)
        | Event::Search(_)
        | Event::Devices(_)
        | Event::Letters(LettersEvent::Read(_) | LettersEvent::Answered(_))
        | Event::SyncFolder(_)
        | Event::Kit(_)
        | Event::Backup(
            BackupEvent::Status(_)
            | BackupEvent::Begun
            | BackupEvent::Ended(..)
            | BackupEvent::Opened(_)
            | BackupEvent::LookedInto(_)
            | BackupEvent::Note(_)
            | BackupEvent::BroughtBack(_),
        )
        | Event::Files(_)
        | Event::Colleagues(_)
        | Event::Exchange(_)
        | Event::Settings(_)
        | Event::Check(_) => true,
    }
}

#[cfg(test)]
mod tests;
