//! What is in the practice: clients, notes, one note, what a search finds, devices.

use serde_json::{Value, json};
use subrosa_core::catalog::{NoteRow, NoteState};
use subrosa_core::id::ClientId;
use subrosa_core::vault::{NoteView, SignedVersion, Vault};

use super::attachments;
use super::failure::Failure;
use super::find;
use super::interrupt;
use super::removal;
use super::session::Session;
use super::table::table;
use super::terminal::Answer;
use crate::words::count;

/// Notes that a search shows at the most.
const MOST_HITS: usize = 500;

/// `clients`
pub(super) fn clients(vault: &mut Vault) -> Result<Answer, Failure> {
    let mut rows: Vec<_> = vault.clients().collect();
    rows.sort_by_key(|row| (row.name.to_lowercase(), row.id));
    let list = rows.iter().map(|row| {
        let others = vault.other_identities(&row.id).unwrap_or_default();
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

/// `notes`: of one client, or of all; private ones only when asked for, and then nothing else.
pub(super) fn notes(session: &Session, vault: &mut Vault, of: Option<&str>, process: bool) -> Result<Answer, Failure> {
    let clients = find::clients(vault, of)?;
    session.again_for(process, vault)?;
    let mut rows: Vec<(ClientId, NoteRow)> = Vec::new();
    for client in clients {
        let timeline = if process { vault.process_timeline(&client)? } else { vault.timeline(&client)? };
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

fn state_word(state: NoteState, late: bool) -> &'static str {
    match (state, late) {
        (NoteState::Signed, true) => "signed, unsigned addendum",
        (NoteState::Signed, false) => "signed",
        (NoteState::Imported, _) => "imported",
        (NoteState::Unsigned, _) => "unsigned",
    }
}

/// `show`: one note, whole.
pub(super) fn show(session: &Session, vault: &mut Vault, note: &str) -> Result<Answer, Failure> {
    let id = find::note(vault, note)?;
    let view = session.asking(vault, |vault| vault.note(&id))?;
    let name = vault.client(&view.client)?.name.clone();
    let (files, files_text) = attachments::of_note(vault, &id)?;
    let mut json = note_json(&view, &name);
    if let Some(fields) = json.as_object_mut() {
        fields.insert("files".to_owned(), files);
    }
    Ok(Answer::new(json, note_text(vault, &view, &name) + &files_text))
}

fn note_json(view: &NoteView, name: &str) -> Value {
    let content = &view.content;
    let version = |version: &SignedVersion| {
        json!({
            "id": version.hash, "adds_to": version.adds_to, "entered_in_error": version.entered_in_error,
            "signed_at": version.signed_at, "device": version.device, "text": version.content.text,
        })
    };
    let signed: Vec<_> = view.signed.iter().map(version).collect();
    let uncounted: Vec<_> = view.uncounted.iter().map(version).collect();
    let concurrent: Vec<_> =
        view.concurrent.iter().map(|range| json!({ "from": range.start, "to": range.end })).collect();
    json!({
        "id": view.id, "client": view.client, "client_name": name, "state": view.state, "private": view.process,
        "date": content.date, "start": content.start, "minutes": content.minutes, "format": content.format,
        "session": content.session, "tags": content.tags, "other": content.other, "text": content.text,
        "signed": signed, "signed_after_removal": uncounted, "entered_in_error": view.entered_in_error(), "late": view.late, "concurrent": concurrent,
    })
}

fn note_text(vault: &Vault, view: &NoteView, name: &str) -> String {
    let content = &view.content;
    let mut head = vec![name.to_owned(), content.date.to_string()];
    head.extend(content.start.map(|start| start.to_string()));
    head.extend(content.session.map(|number| format!("session {number}")));
    head.extend(content.minutes.map(|minutes| format!("{minutes} min")));
    head.extend(Some(content.format.clone()).filter(|format| !format.is_empty()));
    head.extend(view.process.then(|| "private".to_owned()));
    head.push(state_word(view.state, view.late.is_some()).to_owned());
    head.extend(view.entered_in_error().then(|| "entered in error".to_owned()));
    let mut text = format!("{}\n{}\n\n{}\n", head.join(" · "), view.id, content.text.trim_end());
    if !content.tags.is_empty() {
        text.push_str(&format!("\nTags: {}\n", content.tags.join(", ")));
    }
    for (at, version) in view.signed.iter().enumerate() {
        let what = match (version.entered_in_error, version.adds_to.is_some(), at) {
            (true, ..) => "Entered in error, signed",
            (_, true, _) => "Addendum, signed",
            (_, _, 0) => "Signed",
            _ => "Signed at the same time on another device",
        };
        let device = vault.device_name(&version.device).unwrap_or_else(|| version.device.to_string());
        text.push_str(&format!("\n{what} {} on {device}\nSHA-256 {}\n", version.signed_at, version.hash));
        if let Some(adds_to) =
            version.adds_to.filter(|hash| view.signed.first().is_some_and(|first| first.hash != *hash))
        {
            text.push_str(&format!("Adds to {adds_to}\n"));
        }
        if at > 0 {
            text.push_str(&format!("{}\n", version.content.text.trim_end()));
        }
    }
    for version in &view.uncounted {
        let device = vault.device_name(&version.device).unwrap_or_else(|| version.device.to_string());
        let (at, hash) = (&version.signed_at, version.hash);
        text.push_str(&format!(
            "\nSigned {at} on {device}, which had been removed: this signature does not count\nSHA-256 {hash}\n{}\n",
            version.content.text.trim_end()
        ));
    }
    if let Some(late) = &view.late {
        text.push_str(&format!("\nWritten on another device while this was signed, not signed yet:\n{late}\n"));
    }
    if !view.concurrent.is_empty() {
        let passages = count(view.concurrent.len().try_into().unwrap_or(u64::MAX), "passage");
        text.push_str(&format!("\n{passages} written on two devices at the same time.\n"));
    }
    text
}

/// `search`: notes in which every word stands.
pub(super) fn search(vault: &mut Vault, query: &str) -> Result<Answer, Failure> {
    interrupt::watch();
    let hits = vault.search(query, MOST_HITS, &interrupt::asked_to_stop)?;
    let name = |client: &ClientId| vault.client(client).map(|row| row.name.clone()).unwrap_or_default();
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

/// `devices`: who holds the practice, and how far each is.
pub(super) fn devices(vault: &mut Vault) -> Result<Answer, Failure> {
    let rows = vault.devices()?;
    let mut json: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({ "id": row.id, "name": row.name, "here": row.here, "last_seen": row.last_seen, "behind": row.behind })
        })
        .collect();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let seen = match (row.here, row.last_seen) {
                (true, _) => "this device".to_owned(),
                (false, Some(at)) => format!("last seen {}", time_of(at)),
                (false, None) => "not seen yet".to_owned(),
            };
            let state = match (row.here, row.last_seen, row.behind) {
                (true, ..) => String::new(),
                (false, Some(_), 0) => "has everything".to_owned(),
                (false, _, behind) => format!("{} behind", count(behind, "change")),
            };
            [row.id.to_string(), seen, state, row.name.clone()]
        })
        .collect();
    let (removed, and_removed) = removal::listed(vault)?;
    json.extend(removed);
    let mut text = table(["id", "seen", "state", "name"], &shown);
    if !and_removed.is_empty() {
        text = format!("{}\n\n{}", text.trim_end(), and_removed.trim_end());
    }
    Ok(Answer::new(Value::from(json), text))
}

pub(super) fn time_of(at: subrosa_core::vault::Millis) -> String {
    let time = i64::try_from(at).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let local = time.map(|time| time.to_zoned(jiff::tz::TimeZone::system()));
    local.map(|local| local.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}
