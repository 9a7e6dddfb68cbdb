//! Writing: clients, notes, signatures, addenda. Texts come from standard input, where no other program sees them.

use jiff::civil::{Date, Time};
use serde_json::json;
use subrosa_core::record::{Identity, NoteContent};
use subrosa_core::vault::{Vault, VaultError, empty_note};

use super::failure::Failure;
use super::files::note_text;
use super::find;
use super::session::Session;
use super::terminal::Answer;
use crate::practice;

/// What `add-note` is told beside the text.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct NoteOptions {
    /// SOAP, DAP, BIRP, Free or another word
    #[arg(long, default_value = "Free", value_name = "FORMAT")]
    format: String,
    /// Day of the session, as 2026-11-19; today if absent
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// When the session began, as 14:00
    #[arg(long, value_name = "TIME")]
    start: Option<Time>,
    /// Length of the session
    #[arg(long, value_name = "MINUTES")]
    minutes: Option<u32>,
    /// Number of the session
    #[arg(long, value_name = "NUMBER")]
    session: Option<u32>,
    /// A tag; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// A private note, kept apart from the record; asks for the passphrase again
    #[arg(long)]
    process: bool,
}

impl NoteOptions {
    fn content(&self, text: String) -> NoteContent {
        NoteContent {
            start: self.start,
            minutes: self.minutes,
            format: self.format.clone(),
            session: self.session,
            tags: self.tags.clone(),
            text,
            ..empty_note(self.date.unwrap_or_else(practice::today))
        }
    }
}

/// `add-client`
pub(super) fn add_client(vault: &mut Vault, name: &str, code: Option<&str>) -> Result<Answer, Failure> {
    let taken = |code: &str| vault.clients().any(|row| row.code.as_deref() == Some(code));
    if code.is_some_and(taken) {
        return Err(Failure::refused("Another client has this code already. Nothing was changed; choose another."));
    }
    let identity = Identity {
        name: name.trim().to_owned(),
        code: code.map(str::to_owned),
        status: "active".to_owned(),
        ..Identity::default()
    };
    let id = vault.add_client(&identity, practice::now())?;
    Ok(Answer::new(json!({ "id": id }), id.to_string()))
}

/// `add-note`
pub(super) fn add_note(
    session: &Session,
    vault: &mut Vault,
    client: &str,
    options: &NoteOptions,
    text: String,
) -> Result<Answer, Failure> {
    let client = find::client(vault, client)?;
    let content = options.content(text);
    let now = practice::now();
    let id = session.asking(vault, |vault| vault.add_note(&client, &content, options.process, now))?;
    vault.close_note(&id)?;
    let json = json!({ "id": id, "client": client, "date": content.date, "private": options.process });
    Ok(Answer::new(json, id.to_string()))
}

/// `edit`: the note says this from now on; what it said before stays in its history.
pub(super) fn edit(session: &Session, vault: &mut Vault, note: &str, text: String) -> Result<Answer, Failure> {
    let id = find::note(vault, note)?;
    let before = session.asking(vault, |vault| vault.note(&id))?;
    let content = NoteContent { text, ..before.content };
    let changed = vault.save_note(&id, &content, practice::now())?;
    vault.close_note(&id)?;
    let words = if changed { "Saved." } else { "The note says this already. Nothing was changed." };
    Ok(Answer::new(json!({ "id": id, "changed": changed }), words))
}

/// `sign`: freezes a note as it is. Of a signed note, it signs what another device wrote meanwhile.
pub(super) fn sign(session: &Session, vault: &mut Vault, note: &str) -> Result<Answer, Failure> {
    let id = find::note(vault, note)?;
    let view = session.asking(vault, |vault| vault.note(&id))?;
    let now = practice::now();
    let late = view.late.is_some();
    let hash = if late { vault.sign_late(&id, now)? } else { vault.sign(&id, now)? };
    let words = if late {
        "Signed as an addendum."
    } else {
        "Signed. It cannot be changed from now on; addenda can be written."
    };
    Ok(Answer::new(json!({ "id": id, "hash": hash, "addendum": late }), words))
}

/// `addendum`: a signed text that adds to a signed note.
pub(super) fn addendum(session: &Session, vault: &mut Vault, note: &str, text: String) -> Result<Answer, Failure> {
    let id = find::note(vault, note)?;
    let view = session.asking(vault, |vault| vault.note(&id))?;
    if view.signed.is_empty() {
        return Err(VaultError::NotSigned.into());
    }
    let content = NoteContent { text, format: view.content.format, ..empty_note(practice::today()) };
    let hash = vault.add_addendum(&id, content, practice::now())?;
    Ok(Answer::new(json!({ "id": id, "hash": hash }), "Added and signed."))
}

/// The text for a command that takes one, read before the practice is opened: what is no text asks for no passphrase.
pub(super) fn text(session: &Session) -> Result<String, Failure> {
    note_text(&session.terminal)
}
