//! Writing: notes, signatures, addenda. Texts come from standard input, where no other program sees them.

use std::io::IsTerminal as _;

use jiff::civil::{Date, Time};
use serde_json::json;
use subrosa_core::record::NoteContent;
use subrosa_core::time;
use subrosa_core::vault::{NoteError, SignPreview, Vault, empty_note};

use crate::cli::console::{Answer, CliFailure, CliSession, find, input};
use crate::operations::{drafts, signing};
use crate::practice;
use crate::words::{self, count, sign_doubts};

/// What `add-note` is told beside the text.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct NoteOptions {
    /// SOAP, DAP, BIRP, Free or another word
    #[arg(long, default_value = "Free", value_name = "FORMAT")]
    format: String,
    /// Day of the session, as 2026-11-19, or with its time as 2026-11-19T14:00; today if absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    date: Option<Day>,
    /// When the session began, as 14:00; counts more than a time beside the day
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

/// A day, and the time of day that stands behind it.
type Day = (Date, Option<Time>);

fn day(written: &str) -> Result<Day, &'static str> {
    time::day_and_time(written).ok_or("a day is written year first, as 2026-11-19, and a time behind it as T14:00")
}

impl NoteOptions {
    fn content(&self, text: String) -> NoteContent {
        let (date, time) = self.date.unwrap_or_else(|| (practice::today(), None));
        NoteContent {
            start: self.start.or(time),
            minutes: self.minutes,
            format: self.format.clone(),
            session: self.session,
            tags: self.tags.clone(),
            text,
            ..empty_note(date)
        }
    }
}

/// A text that is written by one command, read before the practice is opened: what is no text asks for no passphrase.
fn with_text(
    session: &CliSession,
    write: impl FnOnce(&mut Vault, String) -> Result<Answer, CliFailure>,
) -> Result<Answer, CliFailure> {
    let text = input::note_text(&session.terminal)?;
    session.with(|vault| write(vault, text))
}

/// `add-note`
pub(in crate::cli) fn add_note(
    session: &CliSession,
    client: &str,
    options: &NoteOptions,
) -> Result<Answer, CliFailure> {
    with_text(session, |vault, text| add(session, vault, client, &options.content(text), options.process))
}

fn add(
    session: &CliSession,
    vault: &mut Vault,
    client: &str,
    content: &NoteContent,
    process: bool,
) -> Result<Answer, CliFailure> {
    let client = find::client(vault, client)?;
    let now = practice::now();
    let id = session.reauthenticating(vault, |vault| vault.notes_mut().add_note(&client, content, process, now))?;
    vault.notes_mut().close_note(&id)?;
    let json = json!({ "id": id, "client": client, "date": content.date, "private": process });
    Ok(Answer::new(json, id.to_string()))
}

/// `edit`: the note says this from now on; what it said before stays in its history.
pub(in crate::cli) fn edit(session: &CliSession, note: &str) -> Result<Answer, CliFailure> {
    with_text(session, |vault, text| rewrite(session, vault, note, text))
}

fn rewrite(session: &CliSession, vault: &mut Vault, note: &str, text: String) -> Result<Answer, CliFailure> {
    let id = find::note(vault, note)?;
    let before = session.reauthenticating(vault, |vault| vault.notes().note(&id))?;
    let content = NoteContent { text, ..before.content };
    let (now, changed) = drafts::write(vault, &id, &content)?;
    let words = if now != id {
        words::BEGUN_ANEW
    } else if changed {
        "Saved."
    } else {
        "The note says this already. Nothing was changed."
    };
    Ok(Answer::new(json!({ "id": now, "changed": changed }), words))
}

/// `sign`: shows client, date and length, and freezes what it showed; in a terminal it asks first. Of a signed note, it
/// signs what another device wrote meanwhile.
pub(in crate::cli) fn sign(
    session: &CliSession,
    vault: &mut Vault,
    note: &str,
    yes: bool,
) -> Result<Answer, CliFailure> {
    let id = find::note(vault, note)?;
    let shown = session.reauthenticating(vault, |vault| vault.notes().sign_preview(&id))?;
    session.terminal.say(&preview_words(&shown));
    let (today, now) = (practice::today(), practice::now());
    let doubts = vault.notes().sign_doubts(shown.date, today, now)?;
    let said = sign_doubts(doubts.is_day_to_come, doubts.believed.map(practice::day_of), today);
    agree_to_sign(session, &said, yes)?;
    let hash = vault.notes_mut().sign_shown(&shown, now)?;
    if doubts.believed.is_some() {
        vault.notes_mut().believe_clock(now)?;
    }
    let words = if shown.late {
        "Signed as an addendum."
    } else {
        "Signed. It cannot be changed from now on; addenda can be written."
    };
    let json = json!({
        "id": id, "hash": hash, "addendum": shown.late, "client": shown.client, "date": shown.date, "words": shown.words,
    });
    Ok(Answer::new(json, words))
}

/// Asks where somebody can answer; a script is asked only where something speaks against it, and answers with `--yes`.
fn agree_to_sign(session: &CliSession, doubts: &[String], yes: bool) -> Result<(), CliFailure> {
    doubts.iter().for_each(|doubt| session.terminal.say(doubt));
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        let unasked = "Nothing was signed, since something speaks against it. With --yes it is signed all the same.";
        return if doubts.is_empty() { Ok(()) } else { Err(CliFailure::refused(unasked)) };
    }
    let agreed = session.terminal.agrees("Sign this? It cannot be changed afterwards.");
    if agreed { Ok(()) } else { Err(CliFailure::refused("Nothing was signed.")) }
}

fn preview_words(shown: &SignPreview) -> String {
    let mut words = vec![shown.client_name.clone(), shown.date.to_string()];
    words.extend(shown.minutes.map(|minutes| format!("{minutes} min")));
    words.push(count(u64::try_from(shown.words).unwrap_or(u64::MAX), "word"));
    words.join(" · ")
}

/// `addendum`: a signed text that adds to a signed note, or says why that was entered in error.
pub(in crate::cli) fn addendum(
    session: &CliSession,
    note: &str,
    entered_in_error: bool,
    yes: bool,
) -> Result<Answer, CliFailure> {
    with_text(session, |vault, text| {
        let (today, now) = (practice::today(), practice::now());
        let believed = vault.notes().sign_doubts(today, today, now)?.believed;
        let said = sign_doubts(false, believed.map(practice::day_of), today);
        // Without a doubt it is signed as it comes: its text is on standard input, and was meant for this.
        if !said.is_empty() {
            agree_to_sign(session, &said, yes)?;
        }
        let answer = add_to_signed(session, vault, note, entered_in_error, text)?;
        if believed.is_some() {
            vault.notes_mut().believe_clock(now)?;
        }
        Ok(answer)
    })
}

fn add_to_signed(
    session: &CliSession,
    vault: &mut Vault,
    note: &str,
    entered_in_error: bool,
    text: String,
) -> Result<Answer, CliFailure> {
    let id = find::note(vault, note)?;
    let view = session.reauthenticating(vault, |vault| vault.notes().note(&id))?;
    if view.signed.is_empty() {
        return Err(NoteError::NotSigned.into());
    }
    let (hash, words) = if entered_in_error {
        (signing::entered_in_error(vault, &id, text)?, "Marked as entered in error, and signed.")
    } else {
        let content = NoteContent { text, format: view.content.format, ..empty_note(practice::today()) };
        (vault.notes_mut().add_addendum(&id, content, practice::now())?, "Added and signed.")
    };
    Ok(Answer::new(json!({ "id": id, "hash": hash, "entered_in_error": entered_in_error }), words))
}
