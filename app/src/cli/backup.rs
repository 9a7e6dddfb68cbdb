//! Backups by hand and by script.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use subrosa_core::backup::{BackupRecord, PrivateKeys, Target};
use subrosa_core::vault::Vault;

use super::console::{Answer, CliFailure, CliSession, interrupt};
use crate::practice;
use crate::words::{self, count};

/// `backup`: what to leave out.
#[derive(Debug, Args)]
pub(super) struct BackupOptions {
    /// A folder, where older backups made by this command or by the window go by rotation; or a new file
    target: PathBuf,
    /// Leave out the clients as text that anybody reads who holds the kit
    #[arg(long)]
    without_text: bool,
    /// Ask for the passphrase again, so that the keys of private notes are tried too
    #[arg(long)]
    try_private_keys: bool,
}

/// `backup`: written, read back, restored as a trial, and only then named.
pub(super) fn backup(session: &CliSession, vault: &mut Vault, options: &BackupOptions) -> Result<Answer, CliFailure> {
    session.reauthenticate_for(options.try_private_keys, vault)?;
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
        "private_keys_tried": record.private != PrivateKeys::NotTried, "private_keys_lacking": lacking(record),
        "without_body": counts.without_body, "readable": counts.readable, "unreadable": counts.unreadable,
        "unsent": counts.unsent,
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
    if counts.unsent > 0 {
        text.push_str(&format!("{}.\n", words::unsent(counts.unsent)));
    }
    match record.private {
        PrivateKeys::NotTried => text.push_str(
            "Private notes are in it. Whether they open was not tried, because the passphrase was not given again. To have that \
             tried, back up with --try-private-keys.\n",
        ),
        PrivateKeys::Tried { lacking: 0 } => {}
        PrivateKeys::Tried { .. } => text.push_str(&format!("{}.\n", words::PRIVATE_LACKING)),
    }
    text
}

fn lacking(record: &BackupRecord) -> u64 {
    match record.private {
        PrivateKeys::NotTried => 0,
        PrivateKeys::Tried { lacking } => lacking,
    }
}

#[cfg(test)]
mod tests {
    use subrosa_core::backup::Counts;

    use super::*;

    #[test]
    fn what_was_not_tried_and_what_opens_with_nothing_is_said_and_what_opens_is_not() {
        let record = |private| BackupRecord {
            made: 0,
            in_folder: false,
            same_disk: false,
            bytes: 1,
            counts: Counts::default(),
            private,
            kit: None,
        };
        for (private, tried, lacking, words) in [
            (PrivateKeys::NotTried, false, 0, Some("--try-private-keys")),
            (PrivateKeys::Tried { lacking: 2 }, true, 2, Some("Some private notes open with nothing")),
            (PrivateKeys::Tried { lacking: 0 }, true, 0, None),
        ] {
            let (record, text) = (record_json(&record(private)), record_text(&record(private)));
            assert_eq!(
                (&record["private_keys_tried"], &record["private_keys_lacking"]),
                (&json!(tried), &json!(lacking))
            );
            assert_eq!(
                text.to_lowercase().contains("private notes open") || text.contains("--try-private-keys"),
                words.is_some(),
                "{text}"
            );
            assert!(words.is_none_or(|words| text.contains(words)), "{text}");
        }
    }
}
