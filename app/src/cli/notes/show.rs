//! One note, whole: as it reads, with its signatures, addenda and files.

use serde_json::{Value, json};
use subrosa_core::vault::{NoteView, SignedVersion, Vault};

use super::list::state_word;
use crate::cli::console::{Answer, CliFailure, CliSession, find};
use crate::cli::files;
use crate::words::{self, count};

/// `show`: one note, whole.
pub(in crate::cli) fn show(session: &CliSession, vault: &mut Vault, note: &str) -> Result<Answer, CliFailure> {
    let id = find::note(vault, note)?;
    let view = session.reauthenticating(vault, |vault| vault.notes().note(&id))?;
    let name = vault.clients().client(&view.client)?.name.clone();
    let (files, files_text) = files::of_note(vault, &id)?;
    let overlong = vault.notes().overlong_notes()?.contains(&id);
    let kept = if overlong { words::OVERLONG_SHOWN } else { "" };
    let mut json = note_json(&view, &name);
    if let Some(fields) = json.as_object_mut() {
        fields.insert("files".to_owned(), files);
        fields.insert("overlong".to_owned(), json!(overlong));
    }
    Ok(Answer::new(json, note_text(vault, &view, &name) + kept + &files_text))
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
        let device = vault.devices().device_name(&version.device).unwrap_or_else(|| version.device.to_string());
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
        let device = vault.devices().device_name(&version.device).unwrap_or_else(|| version.device.to_string());
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
