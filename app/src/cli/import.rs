//! A paper trail in, and taken back.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use subrosa_core::id::DocId;
use subrosa_core::vault::{Imported, Vault};

use super::console::{Answer, CliFailure, CliSession, interrupt};
use crate::practice;
use crate::words::count;

/// `import`: from where and how, or which one to take back.
#[derive(Debug, Args)]
pub(super) struct ImportOptions {
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
}

/// `import`: what a folder holds, once, or an import taken back.
pub(super) fn import(session: &CliSession, vault: &mut Vault, options: &ImportOptions) -> Result<Answer, CliFailure> {
    match (&options.undo, &options.folder) {
        (Some(import), _) => undo(vault, import),
        (None, Some(folder)) => take_in(session, vault, folder, options),
        (None, None) => Err(CliFailure::usage("This command is not understood. `subrosa --help` lists them.")),
    }
}

/// A dry run says what it would do.
fn take_in(
    session: &CliSession,
    vault: &mut Vault,
    folder: &Path,
    options: &ImportOptions,
) -> Result<Answer, CliFailure> {
    session.reauthenticate_for(options.with_process_notes, vault)?;
    interrupt::watch();
    let progress = &mut |progress| session.terminal.progress("Importing", progress);
    let dry_run = options.dry_run;
    let done = vault.exchange_mut().import(folder, dry_run, practice::now(), progress, &interrupt::asked_to_stop)?;
    Ok(Answer::new(imported_json(&done, dry_run), imported_text(&done, dry_run)))
}

fn imported_json(done: &Imported, dry_run: bool) -> Value {
    let problems: Vec<_> = (0..)
        .zip(&done.report.problems)
        .map(|(id, problem): (u64, _)| {
            json!({
                "id": id, "file": problem.file, "line": problem.line, "taken": problem.was_taken(),
                "words": problem.words(),
            })
        })
        .collect();
    json!({
        "id": done.id, "dry_run": dry_run, "clients": done.clients, "notes": done.notes, "measures": done.measures,
        "known": done.known, "private_left_out": done.process_left_out,
        "files": done.report.files, "copies_skipped": done.report.copies, "problems": problems,
    })
}

fn imported_text(done: &Imported, dry_run: bool) -> String {
    let (clients, notes) = (count(done.clients, "client"), count(done.notes, "note"));
    let measures = count(done.measures, "measure");
    let verb = if dry_run { "Would be added" } else { "Added" };
    let mut text = format!("{verb}: {clients}, {notes}, {measures}. Here already: {}.\n", done.known);
    if done.process_left_out > 0 {
        let private = count(done.process_left_out, "private note");
        text.push_str(&format!("Left out: {private}. They come with --with-process-notes.\n"));
    }
    done.report.problems.iter().for_each(|problem| text.push_str(&format!("{problem}\n")));
    if let Some(id) = done.id {
        text.push_str(&format!("To take all of it back: subrosa import --undo {id}\n"));
    }
    text
}

/// Takes back what nobody has touched since.
fn undo(vault: &mut Vault, import: &DocId) -> Result<Answer, CliFailure> {
    let undone = vault.exchange_mut().undo_import(import, practice::now())?;
    let json = json!({ "id": import, "removed": undone.removed, "kept": undone.kept });
    let text = format!("Taken back: {}. Kept, because they were written in since: {}.", undone.removed, undone.kept);
    Ok(Answer::new(json, text))
}
