//! The devices of the practice: who they are, how another joins, how one is removed, and the exchange between them.

mod folder;
mod letters;
mod pairing;
mod relay;
mod removal;
mod sync;

use serde_json::{Value, json};
use subrosa_core::vault::{DeviceRow, Gone, Millis, Vault};

use super::arguments::DevicesSubcommand;
use super::console::{Answer, CliFailure, CliSession, table};
use crate::{bridge, operations, practice, words};

pub(super) use self::folder::folder;
pub(super) use self::relay::relay;
pub(super) use self::sync::sync;

/// `devices`, and what can be done with one of them.
pub(super) fn devices(session: &CliSession, command: Option<DevicesSubcommand>) -> Result<Answer, CliFailure> {
    match command {
        None => session.with(list),
        Some(DevicesSubcommand::Invite) => pairing::invite(session),
        Some(DevicesSubcommand::Join { device_name }) => pairing::join_practice(session, device_name.as_deref()),
        Some(DevicesSubcommand::Request { file, words, device_name }) => {
            letters::request(session, &file, words.as_deref(), device_name.as_deref())
        }
        Some(DevicesSubcommand::Admit { request, answer, words, yes }) => {
            letters::admit(session, (&request, &answer), words.as_deref(), yes)
        }
        Some(DevicesSubcommand::Finish { answer, words }) => letters::finish(session, &answer, words.as_deref()),
        Some(DevicesSubcommand::Remove { device, retired, yes }) => {
            let gone = if retired { Gone::Retired } else { Gone::Lost };
            session.with(|vault| removal::remove(session, vault, (&device, gone), yes))
        }
        Some(DevicesSubcommand::Rename { name }) => session.with(|vault| {
            vault.devices_mut().rename(&name)?;
            list(vault)
        }),
        Some(DevicesSubcommand::Port { number }) => session.with(|vault| port(vault, number)),
        Some(DevicesSubcommand::Keep { device }) => session.with(|vault| removal::keep(vault, &device)),
        Some(DevicesSubcommand::Discard { device, yes }) => {
            session.with(|vault| removal::discard(session, vault, &device, yes))
        }
    }
}

/// `devices port`: at which port this device listens.
fn port(vault: &mut Vault, number: Option<u16>) -> Result<Answer, CliFailure> {
    if let Some(number) = number {
        bridge::keep_port(vault, number)?;
    }
    let port = bridge::port(vault);
    let shown = port.map_or_else(|| "This device listens at a free port.".to_owned(), |port| format!("Port {port}"));
    Ok(Answer::new(json!({ "port": port }), shown))
}

/// `devices`: who holds the practice, and how far each is.
fn list(vault: &mut Vault) -> Result<Answer, CliFailure> {
    let (now, today) = (practice::now(), practice::today());
    let rows = vault.devices().all()?;
    let mut json: Vec<Value> = rows.iter().map(|row| described(row, now)).collect();
    let shown: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let row = operations::devices::shown(vault, row, now);
            let seen = words::device_met(&row, today).unwrap_or_default();
            let state = row.unused.map(words::unused).map(|why| format!("{}. {why}", words::device_state(&row)));
            [row.id.to_string(), state.unwrap_or_else(|| words::device_state(&row)), seen, row.name]
        })
        .collect();
    let (removed, and_removed) = removal::listed(vault)?;
    json.extend(removed);
    let mut text = table(["id", "state", "seen", "name"], &shown);
    if !and_removed.is_empty() {
        text = format!("{}\n\n{}", text.trim_end(), and_removed.trim_end());
    }
    Ok(Answer::new(Value::from(json), text))
}

/// What is told of one device, for programs.
fn described(row: &DeviceRow, now: Millis) -> Value {
    let lacks = &row.lacks;
    json!({
        "id": row.id,
        "name": row.name,
        "here": row.here,
        "last_seen": row.last_seen,
        "through": row.through,
        "had_everything": row.had_all,
        "has_everything": row.has_all(),
        "lacks": {
            "notes": lacks.notes.len(),
            "clients": lacks.clients.len(),
            "files": lacks.file_count(),
            "changes": lacks.changes,
            "at_least": lacks.is_more,
        },
        "unused": row.unused(now),
    })
}
