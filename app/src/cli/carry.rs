//! A paper trail in, and plain files out.

use std::path::Path;

use serde_json::{Value, json};
use subrosa_core::export::{ProcessNotes, Written};
use subrosa_core::id::DocId;
use subrosa_core::vault::{Imported, Vault};

use super::failure::Failure;
use super::find;
use super::interrupt;
use super::session::Session;
use super::terminal::Answer;
use crate::practice;
use crate::words::count;

/// `import`: what a folder holds, once. A dry run says what it would do.
pub(super) fn import(
    session: &Session,
    vault: &mut Vault,
    folder: &Path,
    dry_run: bool,
    process: bool,
) -> Result<Answer, Failure> {
    session.again_for(process, vault)?;
    interrupt::watch();
    let progress = &mut |progress| session.terminal.progress("Importing", progress);
    let done = vault.import(folder, dry_run, practice::now(), progress, &interrupt::asked_to_stop)?;
    Ok(Answer::new(imported_json(&done, dry_run), imported_text(&done, dry_run)))
}

fn imported_json(done: &Imported, dry_run: bool) -> Value {
    let problems: Vec<_> = (0..)
        .zip(&done.report.problems)
        .map(|(id, problem): (u64, _)| {
            json!({
                "id": id, "file": problem.file, "line": problem.line, "taken": problem.kind.was_taken(),
                "words": problem.kind.to_string(),
            })
        })
        .collect();
    json!({
        "id": done.id, "dry_run": dry_run, "clients": done.clients, "notes": done.notes, "measures": done.measures,
        "known": done.known, "private_left_out": done.process_left_out, "too_large": done.too_large,
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
    for file in &done.too_large {
        text.push_str(&format!("{}: not taken: too large to be kept as one note\n", super::terminal::plain(file)));
    }
    if let Some(id) = done.id {
        text.push_str(&format!("To take all of it back: subrosa import --undo {id}\n"));
    }
    text
}

/// `import --undo`: takes back what nobody has touched since.
pub(super) fn undo(vault: &mut Vault, import: &DocId) -> Result<Answer, Failure> {
    let undone = vault.undo_import(import, practice::now())?;
    let json = json!({ "id": import, "removed": undone.removed, "kept": undone.kept });
    let text = format!("Taken back: {}. Kept, because they were written in since: {}.", undone.removed, undone.kept);
    Ok(Answer::new(json, text))
}

/// `export`: plain files into a fresh folder.
pub(super) fn export(
    session: &Session,
    vault: &mut Vault,
    folder: &Path,
    client: Option<&str>,
    process: bool,
) -> Result<Answer, Failure> {
    let only = client.map(|meant| find::client(vault, meant)).transpose()?;
    session.again_for(process, vault)?;
    let process = if process { ProcessNotes::Include } else { ProcessNotes::LeaveOut };
    let progress = &mut |progress| session.terminal.progress("Exporting", progress);
    let written = vault.export(folder, only.as_ref(), process, progress, &|| false)?;
    Ok(Answer::new(written_json(&written), written_text(&written)))
}

fn written_json(written: &Written) -> Value {
    json!({
        "clients": written.clients, "notes": written.notes, "private_left_out": written.left_out,
        "measures": written.measures, "signed": written.signed, "signed_differ": written.signed_differ,
        "files": written.files, "files_left_out": written.files_left_out,
    })
}

fn written_text(written: &Written) -> String {
    let (clients, notes) = (count(written.clients, "client"), count(written.notes, "note"));
    let left_out = match written.files_left_out {
        0 => String::new(),
        number => format!(" Left out, because damaged or not on this device yet: {}.", count(number, "attached file")),
    };
    format!(
        "Written: {clients}, {notes} ({} signed), {}, {}.{left_out} These files are not sealed: whoever has them can read them.",
        written.signed,
        count(written.measures, "measure"),
        count(written.files, "attached file"),
    )
}
