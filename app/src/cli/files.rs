//! Attached files: in, out, and which there are. A copy that is written out is plain, for its owner's eyes, and whole or not
//! there at all.

use std::path::Path;

use serde_json::{Value, json};
use subrosa_core::id::DocId;
use subrosa_core::vault::{FileRow, NewFile, Reached, Vault};

use super::console::{Answer, CliFailure, CliSession, find, interrupt, table};
use crate::operations::attachments::FileToAttach;
use crate::practice::{self, file_io};
use crate::words::size;

/// `attach`: to a note, or to a client's record as such.
pub(super) fn attach(session: &CliSession, vault: &mut Vault, to: &str, path: &Path) -> Result<Answer, CliFailure> {
    let meant = find::client_or_note(vault, to)?;
    let (client, note) = match vault.clients().client(&meant) {
        Ok(row) => (row.id, None),
        Err(_) => (session.reauthenticating(vault, |vault| vault.notes().note(&meant))?.client, Some(meant)),
    };
    let Some(mut from) = FileToAttach::open(path)? else {
        return Err(CliFailure::refused("This is a folder, or nothing with a length. Nothing was attached."));
    };
    let new = NewFile { client, note, name: &from.name, length: Some(from.length) };
    interrupt::watch();
    let progress = &mut |progress| session.terminal.progress_in_mebibytes("Attaching, MiB:", progress);
    let id = vault.files_mut().attach(&new, &mut from.file, practice::now(), progress, &interrupt::asked_to_stop)?;
    let row = vault.files().file(&id)?;
    if !row.agrees {
        session.terminal.say("Notice: what this file holds is of another type than its name says.");
    }
    Ok(Answer::new(file_json(&row), id.to_string()))
}

/// `extract`: a copy of a file, under a name that nothing has.
pub(super) fn extract(session: &CliSession, vault: &mut Vault, file: &str, out: &Path) -> Result<Answer, CliFailure> {
    let id = find::file(vault, file)?;
    // What cannot be opened makes no file.
    session.reauthenticating(vault, |vault| vault.files().open_file(&id).map(drop))?;
    interrupt::watch();
    let progress = &mut |progress| session.terminal.progress_in_mebibytes("Writing, MiB:", progress);
    let row = file_io::fill_new(out, |to| {
        vault.files().extract(&id, to, progress, &interrupt::asked_to_stop).map_err(CliFailure::from)
    })?;
    let words = "Written. This copy is not sealed: whoever has it can read it.";
    Ok(Answer::new(file_json(&row), words))
}

/// `files`: of one client, or of all; those beside private notes only when asked for, and then nothing else.
pub(super) fn list(
    session: &CliSession,
    vault: &mut Vault,
    of: Option<&str>,
    process: bool,
) -> Result<Answer, CliFailure> {
    let clients = find::clients(vault, of)?;
    session.reauthenticate_for(process, vault)?;
    let mut rows = Vec::new();
    for client in clients {
        rows.extend(if process { vault.files().private_files(&client)? } else { vault.files().of_client(&client)? });
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.added, row.id)));
    let json: Value = rows.iter().map(file_json).collect();
    let shown: Vec<_> = rows.iter().map(cells).collect();
    let head = ["id", "size", "type", "here", "name"];
    Ok(Answer::new(json, if rows.is_empty() { "There are no files yet.".into() } else { table(head, &shown) }))
}

/// The files of a note, for whoever shows it.
pub(super) fn of_note(vault: &Vault, note: &DocId) -> Result<(Value, String), CliFailure> {
    let rows = vault.files().note_files(note)?;
    let mut text = String::new();
    for row in &rows {
        let [id, size, media, here, name] = cells(row);
        text.push_str(&format!("\nFile: {name} · {media} · {size} · {here} · {id}\n"));
    }
    Ok((rows.iter().map(file_json).collect(), text))
}

fn cells(row: &FileRow) -> [String; 5] {
    let here = match row.reached {
        Reached::Here => "here".to_owned(),
        Reached::Partly(came, of) => format!("{} of {} here", size(came), size(of)),
        Reached::NotYet => "not here yet".to_owned(),
    };
    let media = if row.agrees { row.media.clone() } else { format!("{}, not what the name says", row.media) };
    [find::short(&row.id), size(row.length), media, here, row.name.clone()]
}

fn file_json(row: &FileRow) -> Value {
    let came = match row.reached {
        Reached::Here => row.length,
        Reached::Partly(came, _) => came,
        Reached::NotYet => 0,
    };
    json!({
        "id": row.id, "client": row.client, "note": row.note, "name": row.name, "type": row.media,
        "type_fits_name": row.agrees, "bytes": row.length, "bytes_here": came, "here": row.reached == Reached::Here,
        "added": row.added, "private": row.process,
    })
}
