//! Backups by hand and by script.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use subrosa_core::backup::{BackupRecord, Target};
use subrosa_core::vault::Vault;

use super::console::{Answer, CliFailure, CliSession, interrupt};
use crate::practice;
use crate::words::count;

/// `backup`: what to leave out.
#[derive(Debug, Args)]
pub(super) struct BackupOptions {
    /// A folder, where older backups made by this command or by the window go by rotation; or a new file
    target: PathBuf,
    /// Leave out the clients as text that anybody reads who holds the kit
    #[arg(long)]
    without_text: bool,
}

/// `backup`: written, read back, restored as a trial, and only then named.
pub(super) fn backup(session: &CliSession, vault: &mut Vault, options: &BackupOptions) -> Result<Answer, CliFailure> {
    interrupt::watch();
    let target = Target::of(&options.target);
    let progress = &mut |progress| session.terminal.progress("Backing up", progress);
    let record = vault.backups_mut().back_up(
        &target,
        !options.without_text,
        practice::now(),
        progress,
        &interrupt::asked_to_stop,
    )?;
    if record.same_disk {
        session.terminal.say(
            "Warning: this backup lies on the same disk as the practice. If the disk fails, both are lost: copy it to another.",
        );
    }
    Ok(Answer::new(record_json(&record), record_text(&record)))
}

fn record_json(record: &BackupRecord) -> Value {
    let counts = record.counts;
    json!({
        "made": record.made, "proven": true, "same_disk": record.same_disk, "bytes": record.bytes,
        "clients": counts.clients, "notes": counts.notes, "envelopes": counts.envelopes,
        "without_body": counts.without_body, "readable": counts.readable, "unreadable": counts.unreadable,
    })
}

fn record_text(record: &BackupRecord) -> String {
    let counts = record.counts;
    let (clients, notes) = (count(counts.clients, "client"), count(counts.notes, "note"));
    let mut text = format!(
        "The backup is made and tested: read back, opened, restored as a trial and compared. In it: {clients}, {notes}, and \
         the private notes.\n"
    );
    if counts.unreadable > 0 {
        text.push_str(&format!(
            "Not as text, because they are damaged: {}. Check the practice.\n",
            count(counts.unreadable, "note")
        ));
    }
    text
}
