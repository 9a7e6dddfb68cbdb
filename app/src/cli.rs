//! The command line: the window's operations for scripts, backup jobs and checks. `docs/command-line.md` lists them.
//!
//! Refused: a passphrase or pairing code as an argument or as a variable's value. There is no option for either.

mod attachments;
mod backups;
mod carry;
mod check;
mod colleagues;
mod devices;
pub mod failure;
pub(crate) mod files;
mod find;
mod history;
pub mod interrupt;
mod look;
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

use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};
use subrosa_core::id::{DeviceId, DocId};
use subrosa_core::vault::Vault;

use self::failure::{Failure, Status};
use self::session::Session;
use self::terminal::{Answer, Terminal};
use crate::practice::Profile;
use crate::tour;

/// End-to-end encrypted, local-first notes for therapists. Without a command: the window.
#[derive(Debug, Parser)]
#[command(name = "subrosa", version, disable_help_subcommand = true)]
struct Line {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Options {
    /// The practice's file; the platform's data folder if absent
    #[arg(long, global = true, value_name = "FILE")]
    vault: Option<PathBuf>,
    /// A file whose one line is the passphrase; else SUBROSA_PASSPHRASE_FILE names it, else it is asked for
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Do the main job for real in a temporary folder, check each step, leave nothing behind
    Tour,
    /// The window on a throw-away practice of made-up people
    Demo {
        /// How many
        #[arg(long, default_value_t = 40, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=40_000))]
        clients: u32,
    },
    /// Make a new practice
    Init {
        /// Where to write the recovery kit; shown once if absent
        #[arg(long, value_name = "FILE")]
        recovery_kit: Option<PathBuf>,
        /// What your other devices call this one
        #[arg(long, value_name = "NAME")]
        device_name: Option<String>,
    },
    /// Choose a new passphrase with the recovery kit
    Recover {
        /// A file with the recovery line; asked for if absent
        #[arg(long, value_name = "FILE")]
        kit: Option<PathBuf>,
    },
    /// Change this device's passphrase
    Passphrase {
        /// A file with the new one; asked for if absent
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Take in clients.csv, measures.csv and notes/ from a folder, once
    Import {
        /// The folder
        #[arg(required_unless_present = "undo", value_name = "DIR")]
        folder: Option<PathBuf>,
        /// Say what it would do, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Private notes too; asks for the passphrase again
        #[arg(long)]
        with_process_notes: bool,
        /// Take a whole import back
        #[arg(long, value_name = "IMPORT", conflicts_with_all = ["folder", "dry_run", "with_process_notes"])]
        undo: Option<DocId>,
    },
    /// List the clients
    Clients,
    /// List notes, newest first
    Notes {
        /// Of this client: id, its beginning, or code
        #[arg(long, value_name = "CLIENT")]
        client: Option<String>,
        /// The private notes instead; asks for the passphrase again
        #[arg(long)]
        process: bool,
    },
    /// Show a note
    Show {
        /// Id, or its beginning
        note: String,
    },
    /// Show the versions of a note: who wrote what, when
    History {
        /// Id, or its beginning
        note: String,
        /// Write what this version said into the note again, as a new version
        #[arg(long, value_name = "NUMBER")]
        restore: Option<usize>,
    },
    /// Add a client
    AddClient {
        /// Name
        name: String,
        /// A code to find the client by
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
    },
    /// Add a note; its text comes from standard input
    AddNote {
        /// Id, its beginning, or code
        client: String,
        #[command(flatten)]
        options: write::NoteOptions,
    },
    /// Change an unsigned note to the text from standard input
    Edit {
        /// Id, or its beginning
        note: String,
    },
    /// Sign a note: from then on it cannot be changed
    Sign {
        /// Id, or its beginning
        note: String,
        /// Do not ask first
        #[arg(long)]
        yes: bool,
    },
    /// Add a signed text from standard input to a signed note
    Addendum {
        /// Id, or its beginning
        note: String,
        /// Say that the note was entered in error, and why; it stays as it is
        #[arg(long)]
        entered_in_error: bool,
    },
    /// Attach a file to a note, or to a client's record
    Attach {
        /// Id, its beginning, or a client's code
        #[arg(value_name = "NOTE|CLIENT")]
        to: String,
        /// The file; it is copied into the practice, and stays where it is
        file: PathBuf,
    },
    /// Write a plain copy of an attached file
    Detach {
        /// Id, or its beginning
        #[arg(value_name = "ATTACHMENT")]
        file: String,
        /// Where to; never over something that is there
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// List attached files, newest first
    Files {
        /// Of this client: id, its beginning, or code
        #[arg(long, value_name = "CLIENT")]
        client: Option<String>,
        /// Those beside private notes instead; asks for the passphrase again
        #[arg(long)]
        process: bool,
    },
    /// Delete clients, with all that is theirs, notes or files: to the trash, for 30 days
    Delete {
        /// Ids, their beginnings, or a client's code
        #[arg(required = true, value_name = "CLIENT|NOTE|FILE")]
        what: Vec<String>,
        /// More than 20 at once are meant
        #[arg(long)]
        yes: bool,
    },
    /// List what is in the trash
    Trash {
        /// With what has left it and is still in the practice
        #[arg(long)]
        all: bool,
        /// The private notes instead; asks for the passphrase again
        #[arg(long, conflicts_with = "all")]
        process: bool,
    },
    /// Bring back what was deleted
    Undelete {
        /// Ids, or their beginnings
        #[arg(required = true, value_name = "ID")]
        what: Vec<String>,
    },
    /// List deletions of other devices that wait for an answer, or answer them
    Held {
        /// Yes: delete here too what this device deleted
        #[arg(long, value_name = "DEVICE")]
        apply: Option<DeviceId>,
        /// No: keep it, here and everywhere
        #[arg(long, value_name = "DEVICE", conflicts_with = "apply")]
        refuse: Option<DeviceId>,
    },
    /// Move a note that was begun on the wrong client; a signed one is marked as entered in error, and copied
    Move {
        /// Id, or its beginning
        note: String,
        /// The right client: id, its beginning, or code
        client: String,
        /// What is signed about a signed note that moves
        #[arg(long, value_name = "TEXT", default_value = "Written on the wrong client's record.")]
        why: String,
    },
    /// Make two records of one person one
    Merge {
        /// Whose notes go along: id, its beginning, or code
        client: String,
        /// Who stays in the list
        into: String,
    },
    /// Take a merge back
    Unmerge {
        /// Id, its beginning, or code
        client: String,
    },
    /// Find notes in which every word stands
    Search {
        /// The words
        #[arg(required = true)]
        query: Vec<String>,
    },
    /// Write plain files into a new folder
    Export {
        /// The folder
        folder: PathBuf,
        /// One client only
        #[arg(long, value_name = "CLIENT")]
        client: Option<String>,
        /// Private notes too; asks for the passphrase again
        #[arg(long)]
        with_process_notes: bool,
    },
    /// Write a backup that the recovery kit opens, and test it
    Backup(backups::BackupOptions),
    /// Bring everything, one client or one note back from a backup, with the recovery kit
    Restore(backups::RestoreOptions),
    /// Read and check everything; say what is damaged and what is whole
    Verify(check::VerifyOptions),
    /// List the practice's devices, invite one, remove one, or join the practice of another
    Devices {
        #[command(subcommand)]
        command: Option<DevicesCommand>,
    },
    /// Exchange notes with the other devices, until Ctrl+C
    Sync {
        /// Stop when everything that can be found is in step
        #[arg(long)]
        once: bool,
        /// Where the other device is, as it says itself; looked for on the local network if absent
        #[arg(long, value_name = "ADDRESS")]
        peer: Option<String>,
    },
    /// Show this practice's contact card
    Card {
        /// Your name, as colleagues know it; remembered
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Write it into a file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List the colleagues, or add one
    Colleagues {
        #[command(subcommand)]
        command: Option<ColleaguesCommand>,
    },
    /// Seal a client's record, or some notes of it, to a colleague
    Seal(colleagues::SealOptions),
    /// Open a record that a colleague sealed to this practice
    Open(colleagues::OpenOptions),
}

#[derive(Debug, Subcommand)]
enum DevicesCommand {
    /// Show a code with which one other device can join
    Invite,
    /// Join the practice whose code another device shows; the code is asked for
    Join {
        /// What your other devices call this one
        #[arg(long, value_name = "NAME")]
        device_name: Option<String>,
    },
    /// Remove a device for good: it can read nothing that is written from now on
    Remove {
        /// Its name or id
        device: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Use what arrived from a device after it was removed
    Keep {
        /// Its name or id
        device: String,
    },
    /// Leave what arrived from a device after it was removed aside for good
    Discard {
        /// Its name or id
        device: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
enum ColleaguesCommand {
    /// Add a colleague by their contact card
    Add {
        /// The card
        file: PathBuf,
    },
}

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
