//! Notes: listed, found, shown, written, signed, with their versions, and moved to the client that they are about.

mod history;
mod list;
mod show;
mod write;

use serde_json::json;
use subrosa_core::vault::Vault;

use super::console::{Answer, CliFailure, CliSession, find};
use crate::practice;

pub(super) use self::history::{fields_json, history};
pub(super) use self::list::{list, search};
pub(super) use self::show::show;
pub(super) use self::write::{NoteOptions, add_note, addendum, edit, sign};

/// `move`: of a signed note, a copy.
pub(super) fn move_note(
    session: &CliSession,
    vault: &mut Vault,
    note: &str,
    client: &str,
    why: &str,
) -> Result<Answer, CliFailure> {
    let (id, to) = (find::note(vault, note)?, find::client(vault, client)?);
    let now = practice::now();
    let moved = session.reauthenticating(vault, |vault| vault.notes_mut().move_note(&id, &to, why, now))?;
    let words = if moved == id {
        "Moved.".to_owned()
    } else {
        format!("The signed note stays, marked as entered in error. Its copy is {moved}, not signed yet.")
    };
    Ok(Answer::new(json!({ "id": moved, "client": to, "copied_from": (moved != id).then_some(id) }), words))
}
