//! Which client, note or colleague is meant: by id, by the beginning of one, and a client by its code.

use subrosa_core::id::{ClientId, ColleagueId, DocId, NoteId};
use subrosa_core::vault::{Millis, Vault};

use super::{CliFailure, ExitStatus};

/// Characters of an id that a table shows: enough to tell any two apart in the largest practice.
const SHORT: usize = 12;
/// The shortest beginning of an id that is taken for one.
const SHORTEST: usize = 6;

/// The beginning of an id.
pub(in crate::cli) fn short(id: &DocId) -> String {
    id.to_string().chars().take(SHORT).collect()
}

/// The client meant.
pub(in crate::cli) fn client(vault: &Vault, meant: &str) -> Result<ClientId, CliFailure> {
    if let Some(row) = vault.clients().all().find(|row| row.code.as_deref() == Some(meant)) {
        return Ok(row.id);
    }
    one(meant, vault.clients().all().map(|row| row.id), "client")
}

/// The client meant, or all of them when none is.
pub(in crate::cli) fn clients(vault: &Vault, meant: Option<&str>) -> Result<Vec<ClientId>, CliFailure> {
    match meant {
        Some(meant) => Ok(vec![client(vault, meant)?]),
        None => Ok(vault.clients().all().map(|row| row.id).collect()),
    }
}

/// The note meant. A private note is in no list: it needs its whole id.
pub(in crate::cli) fn note(vault: &Vault, meant: &str) -> Result<NoteId, CliFailure> {
    if let Ok(id) = meant.parse() {
        return Ok(id);
    }
    let mut notes = Vec::new();
    for client in vault.clients().all() {
        notes.extend(vault.notes().timeline(&client.id)?.into_iter().map(|row| row.id));
    }
    one(meant, notes, "note")
}

/// The attached file meant. One beside a private note is in no list: it needs its whole id.
pub(in crate::cli) fn file(vault: &Vault, meant: &str) -> Result<DocId, CliFailure> {
    if let Ok(id) = meant.parse() {
        return Ok(id);
    }
    let mut files = Vec::new();
    for client in vault.clients().all() {
        files.extend(vault.files().of_client(&client.id)?.into_iter().map(|row| row.id));
    }
    one(meant, files, "file")
}

/// The client, note or file meant.
pub(in crate::cli) fn client_note_or_file(vault: &Vault, meant: &str) -> Result<DocId, CliFailure> {
    match client_or_note(vault, meant) {
        Err(none) if none.status == ExitStatus::Failed => file(vault, meant),
        found => found,
    }
}

/// The client or note meant.
pub(in crate::cli) fn client_or_note(vault: &Vault, meant: &str) -> Result<DocId, CliFailure> {
    if let Ok(id) = meant.parse() {
        return Ok(id);
    }
    if let Some(row) = vault.clients().all().find(|row| row.code.as_deref() == Some(meant)) {
        return Ok(row.id);
    }
    let mut all: Vec<DocId> = vault.clients().all().map(|row| row.id).collect();
    for client in vault.clients().all() {
        all.extend(vault.notes().timeline(&client.id)?.into_iter().map(|row| row.id));
    }
    one(meant, all, "client or note")
}

/// The deleted document meant.
pub(in crate::cli) fn deleted(vault: &Vault, meant: &str, now: Millis) -> Result<DocId, CliFailure> {
    match meant.parse() {
        Ok(id) => Ok(id),
        Err(_) => one(meant, vault.trash().all(now).into_iter().map(|row| row.id), "deleted document"),
    }
}

/// The colleague meant: by id, or by the whole name on the card.
pub(in crate::cli) fn colleague(vault: &Vault, meant: &str) -> Result<ColleagueId, CliFailure> {
    let all = vault.exchange().colleagues()?;
    let named: Vec<_> = all.iter().filter(|row| row.card.name() == meant).map(|row| row.id).collect();
    match named.as_slice() {
        [id] => Ok(*id),
        [] => one(meant, all.iter().map(|row| row.id), "colleague"),
        _ => Err(CliFailure::usage("More than one colleague has this name. Give the id, which `colleagues` lists.")),
    }
}

fn one(meant: &str, all: impl IntoIterator<Item = DocId>, what: &str) -> Result<DocId, CliFailure> {
    let meant = meant.to_ascii_lowercase();
    let looks_like_one = meant.len() >= SHORTEST && meant.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut found = all.into_iter().filter(|id| looks_like_one && id.to_string().starts_with(&meant));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => {
            Err(CliFailure::usage(format!("More than one {what} has an id that begins so. Give more of it.")))
        }
        (None, _) => Err(CliFailure::failed(format!("There is no {what} with this id. Nothing was changed."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_names_one_or_none_and_never_one_of_two() {
        let ids = [DocId([0xAB; 16]), DocId([0xCD; 16])];
        assert_eq!(one("ABABABab", ids, "note"), Ok(ids[0]));
        assert!(one("abab", ids, "note").is_err(), "too short");
        assert!(one("zzzzzz", ids, "note").is_err());
        let twins = [DocId([0xAB; 16]), DocId([0xAB; 16])];
        assert_eq!(one("ababab", twins, "note").unwrap_err().status as u8, 2);
    }
}
