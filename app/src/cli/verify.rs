//! `verify`: what is damaged and what is whole, in plain words, and what can be done about it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use subrosa_core::import::Progress;
use subrosa_core::vault::{Affected, BackupFile, Only, Restored, Vault, Verified};

use super::console::{Answer, CliFailure, CliSession, ExitStatus, interrupt};
use super::setup;
use crate::operations::repair::{self, RepairOutcome};
use crate::operations::restore::{self, Watch};
use crate::practice::Profile;
use crate::words::count;

/// Sessions of one client that are named before the rest is counted.
const NAMED: usize = 6;
/// When not even a new file could be made.
const NOTHING_TO_SALVAGE: &str = "Too much of the practice file is damaged: not enough can be read to open it. The file is as it was; keep it, and restore a backup to another place, or join from another device.";

/// `verify`: whether, and from what, to repair.
#[derive(Debug, Args)]
pub(super) struct VerifyOptions {
    /// Make again what can be made, and ask the other devices for the rest at the next sync
    #[arg(long)]
    repair: bool,
    /// Take what is lacking then from this backup, or from the newest in this folder
    #[arg(long, value_name = "BACKUP", requires = "repair")]
    from: Option<PathBuf>,
    /// A file with the recovery line that opens the backup; asked for if absent
    #[arg(long, value_name = "FILE", requires = "from")]
    kit: Option<PathBuf>,
}

/// Reads and checks everything. Damage is an answer and a failure at once.
pub(super) fn verify(session: &CliSession, options: &VerifyOptions) -> Result<Answer, CliFailure> {
    interrupt::watch();
    let backup = match &options.from {
        Some(file) => {
            let named = super::restore::newest_of(session, file)?;
            Some(BackupFile::open(&named, setup::read_kit(options.kit.as_deref())?, &interrupt::asked_to_stop)?)
        }
        None => None,
    };
    let (mut vault, salvaged) = match session.unlock() {
        Err(failure) if options.repair && failure.status == ExitStatus::Damaged => {
            session.terminal.say(&failure.words);
            let (vault, done) = salvage(session)?;
            (vault, Some(done))
        }
        Err(failure) if failure.status == ExitStatus::Damaged => {
            let words = format!("{} `verify --repair` makes a new file of what can still be read.", failure.words);
            return Err(CliFailure::new(ExitStatus::Damaged, words));
        }
        unlocked => (unlocked?, None),
    };
    let answer = check(session, &mut vault, options.repair, salvaged, backup.as_ref())?;
    vault.lock()?;
    Ok(answer)
}

/// A file that does not open: what can still be found in it goes on in a new one.
fn salvage(session: &CliSession) -> Result<(Vault, RepairOutcome), CliFailure> {
    let progress = &mut |done, of| session.terminal.progress("Repairing", Progress { done, of });
    let saved = repair::salvage(&session.file()?, &session.passphrase()?, Profile::Calibrated, progress);
    let (mut vault, done) = saved.map_err(|error| match CliFailure::from(error) {
        CliFailure { status: ExitStatus::Damaged, .. } => CliFailure::new(ExitStatus::Damaged, NOTHING_TO_SALVAGE),
        other => other,
    })?;
    session.tell_notices(&mut vault);
    Ok((vault, done))
}

fn check(
    session: &CliSession,
    vault: &mut Vault,
    repair: bool,
    salvaged: Option<RepairOutcome>,
    backup: Option<&BackupFile>,
) -> Result<Answer, CliFailure> {
    let checking = &mut |done, of| session.terminal.progress("Checking", Progress { done, of });
    let bringing = &mut |progress| session.terminal.progress("Taking from the backup", progress);
    let (file, cancel) = (session.file()?, interrupt::asked_to_stop);
    let mut text = salvaged.as_ref().map(repaired_text).unwrap_or_default();
    let mut found = vault.integrity().verify(checking)?;
    let to_repair = repair && salvaged.is_none() && !found.damaged.is_empty();
    if to_repair {
        text.push_str(&verified_text(vault, &found, &vault.integrity().affected_by(&found.damaged)?));
    }
    let (done, restored) = match backup.map(|backup| (backup, Only::Everything)) {
        Some(backup) if to_repair => {
            let watch = Watch { repairing: checking, bringing, cancel: &cancel };
            let (done, restored) = restore::repair_from(vault, &file, backup, watch)?;
            (Some(done), Some(restored?))
        }
        Some((backup, only)) => (None, Some(restore::bring_back(vault, backup, only, bringing, &cancel)?)),
        None if to_repair => (Some(repair::repair(vault, &file, checking)?), None),
        None => (None, None),
    };
    text.extend(done.as_ref().map(repaired_text));
    text.extend(restored.as_ref().map(given_back_text));
    if done.is_some() || restored.is_some() {
        found = vault.integrity().verify(checking)?;
    }
    let repaired = salvaged.or(done);
    let touched = vault.integrity().affected_by(&found.damaged)?;
    text.push_str(&verified_text(vault, &found, &touched));
    let answer = Answer::new(verified_json(&found, &touched, repaired.as_ref(), restored.as_ref()), text);
    if found.damaged.is_empty() {
        return Ok(answer);
    }
    session.terminal.answer(&answer)?;
    let next = if repaired.is_some() {
        "Something in this practice is still damaged. What is listed as whole is as it was written; restore a backup beside it for the rest."
    } else {
        "Something in this practice is damaged. What is listed as whole is as it was written; `verify --repair` makes again what can be made."
    };
    Err(CliFailure::new(ExitStatus::Damaged, next))
}

fn verified_json(
    found: &Verified,
    touched: &[Affected],
    repaired: Option<&RepairOutcome>,
    given_back: Option<&Restored>,
) -> Value {
    let damaged: Vec<_> = found
        .damaged
        .iter()
        .enumerate()
        .map(|(id, damage)| {
            let of = touched.iter().filter(|touched| touched.damage == id);
            let documents: Vec<_> =
                of.map(|it| json!({ "id": it.document, "client": it.client, "date": it.date })).collect();
            json!({ "id": id, "words": damage.words(), "documents": documents })
        })
        .collect();
    let repaired = repaired.map(|done| {
        json!({
            "new_file": done.copied.is_some(), "rows_lost": done.copied.map(|copied| copied.lost), "older": done.is_older,
            "headers": done.repaired.headers, "headers_lacking": done.repaired.headers_lacking,
            "bodies_lacking": done.repaired.bodies_lacking, "pieces_lacking": done.repaired.pieces_lacking,
            "documents": done.repaired.documents,
        })
    });
    let given_back = given_back.map(|it| json!({ "envelopes": it.envelopes, "pieces": it.pieces }));
    json!({
        "whole": found.damaged.is_empty(), "logs": found.logs, "envelopes": found.envelopes, "items": found.items,
        "private_items": found.items_private, "items_waiting": found.items_waiting,
        "bodies_missing": found.bodies_missing, "files": found.files, "pieces": found.pieces,
        "pieces_missing": found.pieces_missing, "documents": found.documents, "signatures": found.signatures,
        "damaged": damaged, "repaired": repaired, "given_back": given_back,
    })
}

fn verified_text(vault: &Vault, found: &Verified, touched: &[Affected]) -> String {
    let (changes, documents) = (count(found.envelopes, "stored change"), count(found.documents, "document"));
    let signatures = count(found.signatures, "signature");
    let mut text = format!("Whole: {changes}, {documents}, {signatures}.\n");
    if found.items_private > 0 {
        text.push_str("Private notes were checked as stored, without opening them.\n");
    }
    if found.files > 0 {
        text.push_str(&format!("Attached files checked, part by part: {}.\n", found.files));
    }
    if found.bodies_missing + found.items_waiting + found.pieces_missing > 0 {
        text.push_str("Some of it has not arrived from another device yet.\n");
    }
    for (id, damage) in found.damaged.iter().enumerate() {
        text.push_str(&format!("Damaged: {}\n", damage.words()));
        text.push_str(&affected_text(vault, touched.iter().filter(|touched| touched.damage == id)));
    }
    text
}

/// Whose sessions of which days damage touches: to the person whose practice it is, in their own terminal.
fn affected_text<'t>(vault: &Vault, touched: impl Iterator<Item = &'t Affected>) -> String {
    let mut by_client: BTreeMap<_, Vec<&Affected>> = BTreeMap::new();
    touched.for_each(|it| by_client.entry(it.client).or_default().push(it));
    let mut text = String::new();
    for (client, touched) in by_client {
        let name = vault.clients().client(&client).map_or("A client", |row| row.name.as_str());
        let dates: Vec<String> = touched.iter().filter_map(|it| it.date).map(|date| date.to_string()).collect();
        let others = touched.len() - dates.len();
        let mut parts = dates.iter().take(NAMED).cloned().collect::<Vec<_>>();
        if dates.len() > NAMED {
            parts.push(format!("and {} more", count((dates.len() - NAMED).try_into().unwrap_or(u64::MAX), "session")));
        }
        if others > 0 {
            parts.push("what is known about the person".to_owned());
        }
        text.push_str(&format!("  {name}: {}\n", parts.join(", ")));
    }
    text
}

fn repaired_text(done: &RepairOutcome) -> String {
    let mut text = String::new();
    if let Some(copied) = done.copied {
        text.push_str(&format!(
            "Repaired: the file had damaged blocks. What can be read is in a new file in its place ({} lost); the old one lies beside it, its name ends in \".damaged-\" and a number.\n",
            count(copied.lost, "row")
        ));
    }
    if done.is_older {
        text.push_str(
            "Some of what was read there is from before the last change that was saved: look at what you wrote last.\n",
        );
    }
    let repaired = done.repaired;
    if repaired.headers + repaired.documents > 0 {
        text.push_str(&format!(
            "Repaired: {} and {} were made again.\n",
            count(repaired.headers, "header"),
            count(repaired.documents, "document")
        ));
    }
    let lacking = repaired.headers_lacking + repaired.bodies_lacking;
    if lacking > 0 {
        text.push_str(&format!(
            "Lacking: {}. The next device that syncs is asked for them; a backup can give them too.\n",
            count(lacking, "stored change")
        ));
    }
    if repaired.pieces_lacking > 0 {
        text.push_str(&format!(
            "Lacking: {} of attached files. The next device that syncs is asked for them; a backup can give them too.\n",
            count(repaired.pieces_lacking, "part")
        ));
    }
    text
}

fn given_back_text(restored: &Restored) -> String {
    let (changes, parts) = (count(restored.envelopes, "stored change"), count(restored.pieces, "part"));
    format!("From the backup: {changes} and {parts} of attached files came back. Nothing was removed or overwritten.\n")
}
