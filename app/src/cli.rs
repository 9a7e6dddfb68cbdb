//! The command line: the window's operations for scripts, backup jobs and checks. `docs/command-line.md` lists them.

mod attachments;
mod backups;
mod carry;
mod check;
mod colleagues;
mod devices;
pub mod failure;
mod find;
mod history;
mod input;
pub mod interrupt;
mod line;
mod look;
mod new_kit;
mod records;
mod removal;
pub mod session;
mod setup;
mod sync;
pub(crate) mod table;
pub mod terminal;
mod trash;
mod write;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;
use serde_json::{Value, json};
use subrosa_core::vault::Vault;

use self::failure::{Failure, Status};
use self::line::{ColleaguesCommand, Command, DevicesCommand, Line};
use self::session::Session;
use self::terminal::{Answer, Terminal};
use crate::practice::Profile;
use crate::tour;

/// What the window is to open on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// The practice whose file this is, or making one there.
    Practice(PathBuf),
    /// A throw-away practice of so many made-up people, in a temporary folder that goes with the window.
    Demo(u32),
}

/// That the window cannot open here, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The window cannot open here ({0}).")]
pub struct CannotOpen(pub String);

/// Opens the window and returns when it is closed.
pub type Window<'a> = &'a dyn Fn(Start) -> Result<(), CannotOpen>;

/// Runs the program with its arguments, the first of which is its own name. Without a command it opens the window.
pub fn run(arguments: impl IntoIterator<Item = OsString>, window: Window<'_>) -> ExitCode {
    let Line { options, command } = match Line::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => {
            // Help and version come this way too, and are no failure.
            let _ = error.print();
            return if error.use_stderr() { Status::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let terminal = Terminal::new(options.json);
    let session = Session::new(options.vault, options.passphrase_file.as_deref(), terminal);
    let done = match command {
        None => windowed(&session, window),
        Some(Command::Demo { clients }) => demonstrate(clients, window),
        Some(command) => carry_out(&session, command),
    };
    match done.and_then(|answer| Ok(terminal.answer(&answer)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal.say(&failure.words);
            failure.status.into()
        }
    }
}

/// The window; where it cannot open, the tour shows that everything behind it works.
fn windowed(session: &Session, window: Window<'_>) -> Result<Answer, Failure> {
    match window(Start::Practice(session.file()?)) {
        Ok(()) => Ok(Answer::silent()),
        Err(closed) => {
            session.terminal.say(&format!("{closed} The tour runs instead; `subrosa --help` lists the commands."));
            toured(session)
        }
    }
}

fn demonstrate(clients: u32, window: Window<'_>) -> Result<Answer, Failure> {
    window(Start::Demo(clients)).map_err(|closed| Failure::failed(closed.to_string()))?;
    Ok(Answer::silent())
}

fn toured(session: &Session) -> Result<Answer, Failure> {
    interrupt::watch();
    let mut steps = Vec::new();
    let outcome = tour::run(Profile::Floor, &interrupt::asked_to_stop, &mut |step| {
        let words = format!("{}: {}", step.step.words(), step.checked);
        if !session.terminal.is_json() {
            session.terminal.tell(&words);
        }
        steps.push(json!({ "id": step.step.id(), "checked": step.checked }));
    });
    outcome.map_err(|error| Failure::failed(error.to_string()))?;
    Ok(Answer::new(Value::from(steps), "Every step held, and nothing was left behind."))
}

/// Everything but the window.
fn carry_out(session: &Session, command: Command) -> Result<Answer, Failure> {
    match command {
        // The window's own are dealt with before.
        Command::Tour | Command::Demo { .. } => toured(session),
        Command::Init { recovery_kit, device_name } => {
            setup::init(session, recovery_kit.as_deref(), device_name.as_deref())
        }
        Command::Restore(options) => backups::restore(session, &options),
        Command::Verify(options) => check::verify(session, &options),
        Command::Recover { kit } => setup::recover(session, kit.as_deref()),
        Command::Passphrase { new_passphrase_file } => setup::change(session, new_passphrase_file),
        Command::AddNote { client, options } => {
            let text = write::text(session)?;
            session.with(|vault| write::add_note(session, vault, &client, &options, text))
        }
        Command::Edit { note } => {
            let text = write::text(session)?;
            session.with(|vault| write::edit(session, vault, &note, text))
        }
        Command::Addendum { note, entered_in_error } => {
            let text = write::text(session)?;
            session.with(|vault| write::addendum(session, vault, &note, entered_in_error, text))
        }
        Command::Devices { command: Some(DevicesCommand::Invite) } => devices::invite(session),
        Command::Devices { command: Some(DevicesCommand::Join { device_name }) } => {
            devices::join_practice(session, device_name.as_deref())
        }
        Command::Sync { once, peer } => sync::sync(session, once, peer.as_deref()),
        other => session.with(|vault| in_practice(session, vault, other)),
    }
}

/// What needs the practice open and nothing else.
fn in_practice(session: &Session, vault: &mut Vault, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Import { undo: Some(import), .. } => carry::undo(vault, &import),
        Command::Import { folder: Some(folder), dry_run, with_process_notes, .. } => {
            carry::import(session, vault, &folder, dry_run, with_process_notes)
        }
        Command::Clients => look::clients(vault),
        Command::Notes { client, process } => look::notes(session, vault, client.as_deref(), process),
        Command::Show { note } => look::show(session, vault, &note),
        Command::History { note, restore } => history::history(session, vault, &note, restore),
        Command::AddClient { name, code } => write::add_client(vault, &name, code.as_deref()),
        Command::Sign { note, yes } => write::sign(session, vault, &note, yes),
        Command::Attach { to, file } => attachments::attach(session, vault, &to, &file),
        Command::Detach { file, out } => attachments::detach(session, vault, &file, &out),
        Command::Files { client, process } => attachments::files(session, vault, client.as_deref(), process),
        Command::Delete { what, yes } => trash::delete(session, vault, &what, yes),
        Command::Trash { all, process } => trash::trash(session, vault, all, process),
        Command::Undelete { what } => trash::undelete(session, vault, &what),
        Command::Held { apply, refuse } => trash::held(session, vault, apply, refuse),
        Command::Move { note, client, why } => records::move_note(session, vault, &note, &client, &why),
        Command::Merge { client, into } => records::merge(vault, &client, &into),
        Command::Unmerge { client } => records::unmerge(vault, &client),
        Command::Search { query } => look::search(vault, &query.join(" ")),
        Command::Export { folder, client, with_process_notes } => {
            carry::export(session, vault, &folder, client.as_deref(), with_process_notes)
        }
        Command::Backup(options) => backups::backup(session, vault, &options),
        Command::NewKit { save } => new_kit::new_kit(session, vault, save.as_deref()),
        Command::Devices { command: None } => look::devices(vault),
        Command::Devices { command: Some(DevicesCommand::Remove { device, yes }) } => {
            removal::remove(session, vault, &device, yes)
        }
        Command::Devices { command: Some(DevicesCommand::Keep { device }) } => removal::keep(vault, &device),
        Command::Devices { command: Some(DevicesCommand::Discard { device, yes }) } => {
            removal::discard(session, vault, &device, yes)
        }
        Command::Card { name, out } => colleagues::card(vault, name.as_deref(), out.as_deref()),
        Command::Colleagues { command: None } => colleagues::colleagues(vault),
        Command::Colleagues { command: Some(ColleaguesCommand::Add { file }) } => colleagues::add(vault, &file),
        Command::Seal(options) => colleagues::seal(session, vault, &options),
        Command::Open(options) => colleagues::open(vault, &options),
        _ => Err(Failure::usage("This command is not understood. `subrosa --help` lists them.")),
    }
}
