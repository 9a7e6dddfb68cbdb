//! Notes begun on the wrong client, and two records of one person.

use serde_json::json;
use subrosa_core::vault::Vault;

use super::failure::Failure;
use super::find;
use super::session::Session;
use super::terminal::Answer;
use crate::practice;

/// `move`: of a signed note, a copy.
pub(super) fn move_note(
    session: &Session,
    vault: &mut Vault,
    note: &str,
    client: &str,
    why: &str,
) -> Result<Answer, Failure> {
    let (id, to) = (find::note(vault, note)?, find::client(vault, client)?);
    let now = practice::now();
    let moved = session.asking(vault, |vault| vault.move_note(&id, &to, why, now))?;
    let words = if moved == id {
        "Moved.".to_owned()
    } else {
        format!("The signed note stays, marked as entered in error. Its copy is {moved}, not signed yet.")
    };
    Ok(Answer::new(json!({ "id": moved, "client": to, "copied_from": (moved != id).then_some(id) }), words))
}

/// `merge`: the second client stays in the list.
pub(super) fn merge(vault: &mut Vault, from: &str, into: &str) -> Result<Answer, Failure> {
    let (from, into) = (find::client(vault, from)?, find::client(vault, into)?);
    vault.merge_clients(&from, &into, practice::now())?;
    let others = vault.other_identities(&into)?;
    let others: Vec<_> = others.iter().map(|(id, identity)| json!({ "id": id, "identity": identity })).collect();
    let words = "They are one record now. `unmerge` takes that back.";
    Ok(Answer::new(json!({ "id": into, "others": others }), words))
}

/// `unmerge`: each note goes where it was written.
pub(super) fn unmerge(vault: &mut Vault, client: &str) -> Result<Answer, Failure> {
    let id = find::client(vault, client)?;
    vault.unmerge_client(&id, practice::now())?;
    Ok(Answer::new(json!({ "id": id }), "They are records of their own again."))
}
