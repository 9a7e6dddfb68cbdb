//! Notes in a list: of a client or of all, and those that a search finds.

use serde_json::{Value, json};
use subrosa_core::catalog::{NoteRow, NoteState};
use subrosa_core::id::ClientId;
use subrosa_core::vault::Vault;

use crate::cli::console::{Answer, CliFailure, CliSession, find, interrupt, table};

/// Notes that a search shows at the most.
const MOST_HITS: usize = 500;

/// `notes`: of one client, or of all; private ones only when asked for, and then nothing else.
pub(in crate::cli) fn list(
    session: &CliSession,
    vault: &mut Vault,
    of: Option<&str>,
    process: bool,
) -> Result<Answer, CliFailure> {
    let clients = find::clients(vault, of)?;
    session.reauthenticate_for(process, vault)?;
    let mut rows: Vec<(ClientId, NoteRow)> = Vec::new();
    for client in clients {
        let timeline =
            if process { vault.notes().private_timeline(&client)? } else { vault.notes().timeline(&client)? };
        rows.extend(timeline.into_iter().map(|row| (client, row)));
    }
    rows.sort_by_key(|(_, row)| std::cmp::Reverse((row.date, row.start, row.id)));
    let json: Value = rows.iter().map(|(client, row)| note_row(*client, row, process)).collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|(_, row)| {
            let minutes = row.minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
            let snippet: String = row.snippet.chars().take(60).collect();
            let state = if row.entered_in_error { "in error" } else { state_word(row.state, row.late) }.to_owned();
            [find::short(&row.id), row.date.to_string(), minutes, row.format.clone(), state, snippet]
        })
        .collect();
    let head = ["id", "date", "min", "format", "state", "begins"];
    Ok(Answer::new(json, if rows.is_empty() { "There are no notes yet.".into() } else { table(head, &shown) }))
}

fn note_row(client: ClientId, row: &NoteRow, process: bool) -> Value {
    json!({
        "id": row.id, "client": client, "date": row.date, "start": row.start, "minutes": row.minutes,
        "format": row.format, "session": row.session, "state": row.state, "signed_at": row.signed_at,
        "addenda": row.addenda, "late": row.late, "entered_in_error": row.entered_in_error, "private": process,
        "snippet": row.snippet,
    })
}

/// `search`: notes in which every word stands.
pub(in crate::cli) fn search(vault: &mut Vault, query: &str) -> Result<Answer, CliFailure> {
    interrupt::watch();
    let hits = vault.notes().search(query, MOST_HITS, &interrupt::asked_to_stop)?;
    let name = |client: &ClientId| vault.clients().client(client).map(|row| row.name.clone()).unwrap_or_default();
    let json: Value = hits
        .iter()
        .map(|hit| {
            json!({
                "id": hit.note, "client": hit.client, "client_name": name(&hit.client), "date": hit.date,
                "context": hit.context,
            })
        })
        .collect();
    let shown: Vec<_> = hits
        .iter()
        .map(|hit| [find::short(&hit.note), hit.date.to_string(), name(&hit.client), hit.context.clone()])
        .collect();
    let empty = "No note has all these words.".to_owned();
    Ok(Answer::new(json, if hits.is_empty() { empty } else { table(["id", "date", "client", "context"], &shown) }))
}

/// What state a note is in.
pub(super) fn state_word(state: NoteState, late: bool) -> &'static str {
    match (state, late) {
        (NoteState::Signed, true) => "signed, unsigned addendum",
        (NoteState::Signed, false) => "signed",
        (NoteState::Imported, _) => "imported",
        (NoteState::Unsigned, _) => "unsigned",
    }
}
