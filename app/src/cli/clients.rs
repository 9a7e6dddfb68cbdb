//! Clients: the list, a new one, and two records of one person.

use serde_json::{Value, json};
use subrosa_core::record::Identity;
use subrosa_core::vault::Vault;

use super::console::{Answer, CliFailure, find, table};
use crate::practice;

/// `clients`
pub(super) fn list(vault: &mut Vault) -> Result<Answer, CliFailure> {
    let mut rows: Vec<_> = vault.clients().all().collect();
    rows.sort_by_key(|row| (row.name.to_lowercase(), row.id));
    let list = rows.iter().map(|row| {
        let others = vault.clients().other_identities(&row.id).unwrap_or_default();
        let others: Vec<_> = others.iter().map(|(id, who)| json!({ "id": id, "name": who.name })).collect();
        json!({
            "id": row.id, "name": row.name, "code": row.code, "status": row.status, "notes": row.notes,
            "unsigned": row.unsigned, "first": row.first, "last": row.last,
            "other_records": others,
        })
    });
    let json: Value = list.collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let last = row.last.map(|day| day.to_string()).unwrap_or_default();
            let code = row.code.clone().unwrap_or_default();
            let (notes, unsigned) = (row.notes.to_string(), row.unsigned.to_string());
            [find::short(&row.id), code, row.status.clone(), notes, unsigned, last, row.name.clone()]
        })
        .collect();
    let head = ["id", "code", "status", "notes", "unsigned", "last", "name"];
    Ok(Answer::new(json, if rows.is_empty() { "There are no clients yet.".into() } else { table(head, &shown) }))
}

/// `add-client`
pub(super) fn add_client(vault: &mut Vault, name: &str, code: Option<&str>) -> Result<Answer, CliFailure> {
    let taken = |code: &str| vault.clients().all().any(|row| row.code.as_deref() == Some(code));
    if code.is_some_and(taken) {
        return Err(CliFailure::refused("Another client has this code already. Nothing was changed; choose another."));
    }
    let identity = Identity {
        name: name.trim().to_owned(),
        code: code.map(str::to_owned),
        status: "active".to_owned(),
        ..Identity::default()
    };
    let id = vault.clients_mut().add_client(&identity, practice::now())?;
    Ok(Answer::new(json!({ "id": id }), id.to_string()))
}

/// `merge`: the second client stays in the list.
pub(super) fn merge(vault: &mut Vault, from: &str, into: &str) -> Result<Answer, CliFailure> {
    let (from, into) = (find::client(vault, from)?, find::client(vault, into)?);
    vault.clients_mut().merge_clients(&from, &into, practice::now())?;
    let others = vault.clients().other_identities(&into)?;
    let others: Vec<_> = others.iter().map(|(id, identity)| json!({ "id": id, "identity": identity })).collect();
    let words = "They are one record now. `unmerge` takes that back.";
    Ok(Answer::new(json!({ "id": into, "others": others }), words))
}

/// `unmerge`: each note goes where it was written.
pub(super) fn unmerge(vault: &mut Vault, client: &str) -> Result<Answer, CliFailure> {
    let id = find::client(vault, client)?;
    vault.clients_mut().unmerge_client(&id, practice::now())?;
    Ok(Answer::new(json!({ "id": id }), "They are records of their own again."))
}
