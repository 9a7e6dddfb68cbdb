//! Plain files out.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use subrosa_core::export::{ProcessNotes, Written};
use subrosa_core::vault::Vault;

use super::console::{Answer, CliFailure, CliSession, find, interrupt};
use crate::words::count;

/// `export`: what, and where to.
#[derive(Debug, Args)]
pub(super) struct ExportOptions {
    /// The folder
    folder: PathBuf,
    /// One client only
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// Private notes too; asks for the passphrase again
    #[arg(long)]
    with_process_notes: bool,
}

/// `export`: plain files into a fresh folder.
pub(super) fn export(session: &CliSession, vault: &mut Vault, options: &ExportOptions) -> Result<Answer, CliFailure> {
    let only = options.client.as_deref().map(|meant| find::client(vault, meant)).transpose()?;
    let process = options.with_process_notes;
    session.reauthenticate_for(process, vault)?;
    let process = if process { ProcessNotes::Include } else { ProcessNotes::LeaveOut };
    let progress = &mut |progress| session.terminal.progress("Exporting", progress);
    interrupt::watch();
    let stops = &interrupt::asked_to_stop;
    let written = vault.exchange().export(&options.folder, only.as_ref(), process, progress, stops)?;
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
