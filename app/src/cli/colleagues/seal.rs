//! Sealing a client's record, or some notes of it, to a colleague.

use std::path::PathBuf;

use jiff::civil::Date;
use serde_json::json;
use subrosa_core::export::ProcessNotes;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::vault::{Handed, Share, Vault};

use crate::cli::console::{Answer, CliFailure, CliSession, find, interrupt};
use crate::operations::sealed_record;
use crate::practice;
use crate::words::count;

/// What `seal` is told.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct SealOptions {
    /// A client, or notes of one client
    #[arg(required = true, value_name = "CLIENT|NOTE")]
    what: Vec<String>,
    /// The colleague: id, or the name on the card
    #[arg(long, value_name = "COLLEAGUE")]
    to: String,
    /// What the colleague gets it for
    #[arg(long, value_name = "TEXT")]
    purpose: String,
    /// The law or agreement that allows it
    #[arg(long, value_name = "TEXT")]
    basis: String,
    /// How the client agreed
    #[arg(long, default_value = "", value_name = "TEXT")]
    consent: String,
    /// The last day on which the colleague may use it
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Private notes too, and the files beside them; asks for the passphrase again
    #[arg(long)]
    with_process_notes: bool,
    /// Leave attached files out
    #[arg(long)]
    without_files: bool,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// `seal`: the disclosure is entered in the record before the file is written.
pub(in crate::cli) fn seal(
    session: &CliSession,
    vault: &mut Vault,
    options: &SealOptions,
) -> Result<Answer, CliFailure> {
    if options.out.exists() {
        return Err(CliFailure::refused(
            "There is already a file where the sealed record was to go. Nothing was sealed.",
        ));
    }
    let sender = sealed_record::sender(vault)?;
    let (client, notes) = meant(session, vault, &options.what)?;
    let process = if options.with_process_notes { ProcessNotes::Include } else { ProcessNotes::LeaveOut };
    let share = Share {
        client,
        notes,
        to: find::colleague(vault, &options.to)?,
        purpose: options.purpose.clone(),
        basis: options.basis.clone(),
        consent: options.consent.clone(),
        until: options.until,
        process,
        files: !options.without_files,
        today: practice::today(),
    };
    session.reauthenticate_for(options.with_process_notes, vault)?;
    interrupt::watch();
    let progress = &mut |progress| session.terminal.progress_in_mebibytes("Sealing, MiB:", progress);
    let sealed = sealed_record::seal(vault, (&share, &sender), &options.out, progress, &interrupt::asked_to_stop)?;
    let left_out = if share.notes.is_empty() { vault.clients().client(&client)?.unsigned } else { 0 };
    let json = json!({
        "client": client, "to": share.to, "notes": sealed.notes, "files": sealed.files,
        "unsigned_left_out": left_out, "bytes": sealed.bytes,
    });
    Ok(Answer::new(json, sealed_text(&sealed, left_out)))
}

fn sealed_text(sealed: &Handed, left_out: u32) -> String {
    let number = |number: usize, what| count(u64::try_from(number).unwrap_or(u64::MAX), what);
    let mut what = number(sealed.notes, "note");
    if sealed.files > 0 {
        what.push_str(&format!(" and {}", number(sealed.files, "attached file")));
    }
    let mut text = format!(
        "Sealed: {what}. Only this colleague opens the file; what was handed out is entered in the client's record."
    );
    if left_out > 0 {
        let verb = if left_out == 1 { "was" } else { "were" };
        let unsigned = count(u64::from(left_out), "unsigned note");
        text.push_str(&format!("\n{unsigned} {verb} left out: sign first what the colleague shall have."));
    }
    text
}

/// One client, or notes that all belong to one client.
fn meant(session: &CliSession, vault: &mut Vault, what: &[String]) -> Result<(ClientId, Vec<NoteId>), CliFailure> {
    if let [one] = what
        && let Ok(client) = find::client(vault, one)
    {
        return Ok((client, Vec::new()));
    }
    let mut notes = Vec::with_capacity(what.len());
    let mut clients = Vec::new();
    for meant in what {
        let id = find::note(vault, meant)?;
        clients.push(session.reauthenticating(vault, |vault| vault.notes().note(&id))?.client);
        notes.push(id);
    }
    clients.dedup();
    match clients.as_slice() {
        [client] => Ok((*client, notes)),
        _ => Err(CliFailure::usage(
            "Name one client, or notes of one client: a sealed record holds one client's record.",
        )),
    }
}
