//! What is deleted, what comes back, and deletions that another device made in such number that they are asked about.

use serde_json::{Value, json};
use subrosa_core::id::DeviceId;
use subrosa_core::log::DocType;
use subrosa_core::vault::{MassDelete, TrashError, TrashRow, Vault};

use super::console::{Answer, CliFailure, CliSession, find, table, time_of};
use crate::practice;
use crate::words::count;

/// `delete`: to the trash, for 30 days.
pub(super) fn delete(
    session: &CliSession,
    vault: &mut Vault,
    what: &[String],
    yes: bool,
) -> Result<Answer, CliFailure> {
    let ids = what.iter().map(|meant| find::client_note_or_file(vault, meant)).collect::<Result<Vec<_>, _>>()?;
    let now = practice::now();
    let mut delete = |many| session.reauthenticating(vault, |vault| vault.trash_mut().delete(&ids, many, now));
    let many = if yes { MassDelete::Confirmed } else { MassDelete::Refuse };
    let question = format!("{} would be deleted at once. Delete them all?", count(number(ids.len()), "document"));
    let deleted = match delete(many) {
        Err(refused) if refused == TrashError::ManyDeletions.into() && session.terminal.agrees(&question) => {
            delete(MassDelete::Confirmed)?
        }
        other => other?,
    };
    let words = format!("{} went to the trash.", count(number(deleted), "document"));
    Ok(Answer::new(json!({ "ids": ids, "documents": deleted }), words))
}

/// `trash`: what is in it, last deleted first; private notes only when asked for.
pub(super) fn list(session: &CliSession, vault: &mut Vault, all: bool, process: bool) -> Result<Answer, CliFailure> {
    let now = practice::now();
    let rows = match (process, all) {
        (true, _) => {
            session.reauthenticate(vault)?;
            vault.trash().private_trash(now)?
        }
        (false, true) => vault.trash().all(now),
        (false, false) => vault.trash().shown(now),
    };
    let json: Value = rows.iter().map(row_json).collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let what = match row.along {
                0 => kind_word(row.kind).to_owned(),
                along => format!("{} and {}", kind_word(row.kind), count(number(along), "document")),
            };
            let date = row.date.map(|date| date.to_string()).unwrap_or_default();
            let words: String = row.words.chars().take(40).collect();
            let deleted = format!("{} on {}", time_of(row.deleted_at), row.device_name);
            [find::short(&row.id), what, row.client_name.clone(), date, words, deleted, row.days_left.to_string()]
        })
        .collect();
    let head = ["id", "what", "client", "date", "begins", "deleted", "days left"];
    Ok(Answer::new(json, if rows.is_empty() { "The trash is empty.".into() } else { table(head, &shown) }))
}

fn row_json(row: &TrashRow) -> Value {
    json!({
        "id": row.id, "kind": kind_word(row.kind), "client": row.client, "client_name": row.client_name, "date": row.date,
        "begins": row.words, "deleted_at": row.deleted_at, "device": row.device, "device_name": row.device_name,
        "days_left": row.days_left, "along": row.along,
    })
}

fn kind_word(kind: DocType) -> &'static str {
    match kind {
        DocType::Client => "client",
        DocType::Note => "note",
        DocType::ProcessNote => "private note",
        DocType::Measures => "measures",
        DocType::File => "file",
        _ => "other",
    }
}

/// `undelete`: a client comes back with everything that went along.
pub(super) fn undelete(session: &CliSession, vault: &mut Vault, what: &[String]) -> Result<Answer, CliFailure> {
    let mut back = 0;
    let now = practice::now();
    for meant in what {
        let id = find::deleted(vault, meant, now)?;
        back += session.reauthenticating(vault, |vault| vault.trash_mut().undelete(&id))?;
    }
    let words = format!("{} came back.", count(number(back), "document"));
    Ok(Answer::new(json!({ "documents": back }), words))
}

/// `mass-deletions`: deletions of another device that wait for an answer, and the answer.
pub(super) fn mass_deletions(
    session: &CliSession,
    vault: &mut Vault,
    apply: Option<DeviceId>,
    refuse: Option<DeviceId>,
) -> Result<Answer, CliFailure> {
    if let Some(device) = apply {
        let deleted = vault.trash_mut().confirm_mass_deletions(&device)?;
        let words = format!("{} went to the trash.", count(number(deleted), "document"));
        return Ok(Answer::new(json!({ "applied": deleted }), words));
    }
    if let Some(device) = refuse {
        let kept = session.reauthenticating(vault, |vault| vault.trash_mut().refuse_mass_deletions(&device))?;
        let words = format!("{} stayed, here and on every device.", count(number(kept), "document"));
        return Ok(Answer::new(json!({ "kept": kept }), words));
    }
    let rows = vault.trash().mass_deletions();
    let json: Value = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.device, "device_name": row.device_name, "since": row.since, "clients": row.clients,
                "notes": row.notes, "others": row.others, "documents": row.documents,
            })
        })
        .collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let counts = [row.clients, row.notes, row.others].map(|count| count.to_string());
            let since = row.since.map(time_of).unwrap_or_default();
            let [clients, notes, others] = counts;
            [row.device.to_string(), since, clients, notes, others, row.device_name.clone()]
        })
        .collect();
    let head = ["id", "since", "clients", "notes", "others", "device"];
    let none = "No deletions wait for an answer.".to_owned();
    Ok(Answer::new(json, if rows.is_empty() { none } else { table(head, &shown) }))
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
