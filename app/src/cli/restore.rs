//! What comes back from a backup: a new practice, or what one lacks.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use subrosa_core::backup::newest_in;
use subrosa_core::vault::{BackupFile, Only, Restored, Vault};

use super::console::{Answer, CliFailure, CliSession, find, interrupt};
use super::setup;
use crate::operations::{self, restore::RestoredDevice};
use crate::practice::{self, Profile, passphrase};
use crate::words::{self, count};

/// `restore`: from where, with what, into what.
#[derive(Debug, Args)]
pub(super) struct RestoreOptions {
    /// The backup, or a folder of backups: its newest
    file: PathBuf,
    /// A file with the recovery line; asked for if absent
    #[arg(long, value_name = "FILE")]
    kit: Option<PathBuf>,
    /// The practice to make, or to bring back into; the one that --vault names if absent
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// This client only: id, its beginning, or code
    #[arg(long, value_name = "CLIENT", conflicts_with = "note")]
    client: Option<String>,
    /// This note only: id, or its beginning
    #[arg(long, value_name = "NOTE")]
    note: Option<String>,
    /// What your other devices call this one, when a practice is made
    #[arg(long, value_name = "NAME")]
    device_name: Option<String>,
}

/// `restore`: a new practice from a backup, or what one lacks.
pub(super) fn restore(session: &CliSession, options: &RestoreOptions) -> Result<Answer, CliFailure> {
    interrupt::watch();
    let into = options.into.clone().map_or_else(|| session.file(), Ok)?;
    session.warn_of_place(&into);
    let named = newest_of(session, &options.file)?;
    let seed = setup::read_kit(options.kit.as_deref())?;
    let file = BackupFile::open(&named, seed.duplicate(), &interrupt::asked_to_stop)?;
    if into.exists() {
        let session = session.at(into);
        return session.with(|vault| merged(&session, vault, &file, options));
    }
    let scratch = practice::folder_of(&into);
    let only = meant(session, &file, options, &scratch)?;
    let passphrase = passphrase::fresh(session.passphrase_file(), "Choose a passphrase for the restored practice: ")?;
    let name = options.device_name.clone().unwrap_or_else(practice::device_name);
    let progress = &mut |progress| session.terminal.progress("Restoring", progress);
    let device = RestoredDevice { passphrase: &passphrase, name: &name, profile: Profile::Calibrated };
    let stop = &interrupt::asked_to_stop;
    let (vault, restored) = operations::restore::restore(&into, (&file, &seed), only, device, progress, stop)?;
    vault.lock()?;
    let text = "The practice is restored as a new device: it opens with the passphrase chosen now, and meets the devices that \
                went on when they sync.";
    Ok(answer(&file, &restored, text))
}

/// The backup that was named, or the newest in the folder that was, which is said.
pub(super) fn newest_of(session: &CliSession, named: &Path) -> Result<PathBuf, CliFailure> {
    if !named.is_dir() {
        return Ok(named.to_owned());
    }
    let newest = newest_in(named)?.ok_or_else(|| CliFailure::refused(format!("{}.", words::NO_BACKUP_IN_FOLDER)))?;
    let (name, made) = (newest.name(), newest.made);
    session.terminal.say(&format!("This is a folder. Its newest backup is taken: {name}, made {made}."));
    Ok(newest.file)
}

fn merged(
    session: &CliSession,
    vault: &mut Vault,
    file: &BackupFile,
    options: &RestoreOptions,
) -> Result<Answer, CliFailure> {
    let scratch = vault.path().map(practice::folder_of).unwrap_or_else(std::env::temp_dir);
    let only = meant(session, file, options, &scratch)?;
    let progress = &mut |progress| session.terminal.progress("Restoring", progress);
    let restored = operations::restore::bring_back(vault, file, only, progress, &interrupt::asked_to_stop)?;
    let text = match restored.envelopes {
        0 => "Everything that was asked for was here already. Nothing was changed.",
        _ => "What was missing here is back. Nothing was removed or overwritten.",
    };
    Ok(answer(file, &restored, text))
}

fn answer(file: &BackupFile, restored: &Restored, text: &str) -> Answer {
    let json = json!({
        "made": file.origin().made.to_string(), "envelopes": restored.envelopes, "clients": restored.clients,
        "notes": restored.notes,
    });
    let (clients, notes) = (count(restored.clients, "client"), count(restored.notes, "note"));
    Answer::new(json, format!("{text}\nIn the practice now: {clients}, {notes}."))
}

/// The part that is meant, looked up in the backup itself.
fn meant(
    session: &CliSession,
    file: &BackupFile,
    options: &RestoreOptions,
    scratch: &Path,
) -> Result<Only, CliFailure> {
    if options.client.is_none() && options.note.is_none() {
        return Ok(Only::Everything);
    }
    let progress = &mut |progress| session.terminal.progress("Reading the backup", progress);
    let policy = Profile::Calibrated.policy();
    let inside = file.look(scratch, policy, progress, &interrupt::asked_to_stop)?;
    match (&options.client, &options.note) {
        (Some(client), _) => Ok(Only::Client(find::client(&inside, client)?)),
        (_, Some(note)) => Ok(Only::Note(find::note(&inside, note)?)),
        _ => Ok(Only::Everything),
    }
}
