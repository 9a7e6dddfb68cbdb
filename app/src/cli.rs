//! The command line: the window's operations for scripts, backup jobs and checks. `docs/command-line.md` lists them.

mod arguments;
mod backup;
mod clients;
mod colleagues;
mod console;
mod devices;
mod export;
mod files;
mod import;
mod notes;
mod restore;
mod setup;
pub mod tour;
mod trash;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;
use serde_json::{Value, json};

use self::arguments::{CliCommand, ColleaguesSubcommand, Line};
use self::console::{Answer, CliFailure, CliSession, ExitStatus, Terminal, interrupt};
use crate::practice::Profile;

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
pub type OpenWindow<'a> = &'a dyn Fn(Start) -> Result<(), CannotOpen>;

/// Runs the program with its arguments, the first of which is its own name. Without a command it opens the window.
pub fn run(arguments: impl IntoIterator<Item = OsString>, window: OpenWindow<'_>) -> ExitCode {
    let Line { options, command } = match Line::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => {
            // Help and version come this way too, and are no failure.
            let _ = error.print();
            return if error.use_stderr() { ExitStatus::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let terminal = Terminal::new(options.json);
    let session = CliSession::new(options.vault, options.passphrase_file.as_deref(), terminal);
    let done = match command {
        None => windowed(&session, window),
        Some(command) => carry_out(&session, window, command),
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
fn windowed(session: &CliSession, window: OpenWindow<'_>) -> Result<Answer, CliFailure> {
    match window(Start::Practice(session.file()?)) {
        Ok(()) => Ok(Answer::silent()),
        Err(closed) => {
            session.terminal.say(&format!("{closed} The tour runs instead; `subrosa --help` lists the commands."));
            toured(session)
        }
    }
}

fn demonstrate(clients: u32, window: OpenWindow<'_>) -> Result<Answer, CliFailure> {
    window(Start::Demo(clients)).map_err(|closed| CliFailure::failed(closed.to_string()))?;
    Ok(Answer::silent())
}

fn toured(session: &CliSession) -> Result<Answer, CliFailure> {
    interrupt::watch();
    let mut steps = Vec::new();
    let outcome = tour::run(Profile::Floor, &interrupt::asked_to_stop, &mut |step| {
        let words = format!("{}: {}", step.step.words(), step.checked);
        if !session.terminal.is_json() {
            session.terminal.tell(&words);
        }
        steps.push(json!({ "id": step.step.id(), "checked": step.checked }));
    });
    outcome.map_err(|error| CliFailure::failed(error.to_string()))?;
    Ok(Answer::new(Value::from(steps), "Every step held, and nothing was left behind."))
}

fn carry_out(session: &CliSession, window: OpenWindow<'_>, command: CliCommand) -> Result<Answer, CliFailure> {
    match command {
        CliCommand::Tour => toured(session),
        CliCommand::Demo { clients } => demonstrate(clients, window),
        CliCommand::Init { recovery_kit, device_name } => {
            setup::init(session, recovery_kit.as_deref(), device_name.as_deref())
        }
        CliCommand::Recover { kit } => setup::recover(session, kit.as_deref()),
        CliCommand::NewKit { save } => session.with(|vault| setup::new_kit(session, vault, save.as_deref())),
        CliCommand::Passphrase { new_passphrase_file } => {
            setup::change_passphrase(session, new_passphrase_file.as_deref())
        }
        CliCommand::NewKeys => session.with(|vault| setup::new_keys(session, vault)),
        CliCommand::Import(options) => session.with(|vault| import::import(session, vault, &options)),
        CliCommand::Clients => session.with(clients::list),
        CliCommand::Notes { client, process } => {
            session.with(|vault| notes::list(session, vault, client.as_deref(), process))
        }
        CliCommand::Show { note } => session.with(|vault| notes::show(session, vault, &note)),
        CliCommand::History { note, restore } => session.with(|vault| notes::history(session, vault, &note, restore)),
        CliCommand::AddClient { name, code } => {
            session.with(|vault| clients::add_client(vault, &name, code.as_deref()))
        }
        CliCommand::Particulars { client } => session.with(|vault| clients::particulars(vault, &client)),
        CliCommand::EditClient { client, options } => {
            session.with(|vault| clients::edit_client(vault, &client, &options))
        }
        CliCommand::AddNote { client, options } => notes::add_note(session, &client, &options),
        CliCommand::Edit { note } => notes::edit(session, &note),
        CliCommand::Sign { note, yes } => session.with(|vault| notes::sign(session, vault, &note, yes)),
        CliCommand::Addendum { note, entered_in_error, yes } => notes::addendum(session, &note, entered_in_error, yes),
        CliCommand::Attach { to, file } => session.with(|vault| files::attach(session, vault, &to, &file)),
        CliCommand::Extract { file, out } => session.with(|vault| files::extract(session, vault, &file, &out)),
        CliCommand::Files { client, process } => {
            session.with(|vault| files::list(session, vault, client.as_deref(), process))
        }
        CliCommand::Delete { what, yes } => session.with(|vault| trash::delete(session, vault, &what, yes)),
        CliCommand::Trash { all, process } => session.with(|vault| trash::list(session, vault, all, process)),
        CliCommand::Undelete { what } => session.with(|vault| trash::undelete(session, vault, &what)),
        CliCommand::MassDeletions { apply, refuse } => {
            session.with(|vault| trash::mass_deletions(session, vault, apply, refuse))
        }
        CliCommand::Move { note, client, why } => {
            session.with(|vault| notes::move_note(session, vault, &note, &client, &why))
        }
        CliCommand::Merge { client, into } => session.with(|vault| clients::merge(vault, &client, &into)),
        CliCommand::Unmerge { client } => session.with(|vault| clients::unmerge(vault, &client)),
        CliCommand::Search { query } => session.with(|vault| notes::search(vault, &query.join(" "))),
        CliCommand::Export(options) => session.with(|vault| export::export(session, vault, &options)),
        CliCommand::Backup(options) => session.with(|vault| backup::backup(session, vault, &options)),
        CliCommand::Restore(options) => restore::restore(session, &options),
        CliCommand::Verify(options) => verify::verify(session, &options),
        CliCommand::Devices { command } => devices::devices(session, command),
        CliCommand::Sync { once, peer } => devices::sync(session, once, peer.as_deref()),
        CliCommand::Folder { command } => devices::folder(session, command),
        CliCommand::Relay { command } => session.with(|vault| devices::relay(vault, command)),
        CliCommand::Card { name, out } => {
            session.with(|vault| colleagues::card(vault, name.as_deref(), out.as_deref()))
        }
        CliCommand::Colleagues { command: None } => session.with(colleagues::list),
        CliCommand::Colleagues { command: Some(ColleaguesSubcommand::Add { file }) } => {
            session.with(|vault| colleagues::add(vault, &file))
        }
        CliCommand::Colleagues { command: Some(ColleaguesSubcommand::Remove { colleague }) } => {
            session.with(|vault| colleagues::remove(vault, &colleague))
        }
        CliCommand::Seal(options) => session.with(|vault| colleagues::seal(session, vault, &options)),
        CliCommand::Open(options) => session.with(|vault| colleagues::open(vault, &options)),
    }
}
