//! Notes as the window begins, opens, saves and moves them.

use crate::features::clients::job::timeline;
use crate::values::note_ref::NoteRef;

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::NoteContent;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{ReadError, Vault, VaultError};

use crate::features::clients::messages::ClientsEvent;
use crate::features::notes::job::editing::{Editing, Saved};
use crate::features::notes::job::sending::{note_typed, send};
use crate::features::notes::job::unsaved::{reauthenticate, save_or_keep, save_unsaved};
use crate::features::notes::messages::{NotesEffect, NotesEvent};
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobOutcome;
use crate::jobs::rows;
use crate::messages::Event;
use crate::values::page::OpenNote;
use crate::{practice, words};

pub(crate) mod editing;
mod overlong;
pub(crate) mod private;
pub(crate) mod sending;
pub(crate) mod unsaved;
pub(crate) mod unsent;
pub(crate) mod waiting;

pub(crate) fn answer(bench: &mut Bench, effect: NotesEffect) -> JobOutcome {
    let before = bench.notes.editing.as_ref().map(Editing::note);
    let outcome = carry_out(bench, effect);
    if bench.notes.editing.as_ref().map(Editing::note) != before {
        bench.send_note_copies();
    }
    outcome
}

fn carry_out(bench: &mut Bench, effect: NotesEffect) -> JobOutcome {
    match effect {
        NotesEffect::ShowPrivate { client, passphrase } => show_private(bench, &client, &passphrase),
        NotesEffect::New { client, content, private } => new_note(bench, &client, &content, private.as_ref()),
        NotesEffect::NewAddendum { to, content } => new_addendum(bench, &to, content),
        NotesEffect::Open { note, private } => open_note(bench, &note, private.as_ref()),
        NotesEffect::Save { note, content, revision, seen } => save(bench, note, &content, revision, seen),
        NotesEffect::Split(note) => overlong::split(bench, note),
        NotesEffect::AttachWords(note) => overlong::attach(bench, note),
        NotesEffect::Move { note, to, why } => move_note(bench, &note, &to, &why),
        NotesEffect::ClosePrivate => {
            private::close_private(bench);
            Ok(None)
        }
    }
}

pub(crate) fn show_private(bench: &mut Bench, client: &ClientId, passphrase: &Passphrase) -> JobOutcome {
    reauthenticate(bench, passphrase)?;
    timeline(bench, client)
}

pub(crate) fn new_note(
    bench: &mut Bench,
    client: &ClientId,
    content: &NoteContent,
    private: Option<&Passphrase>,
) -> JobOutcome {
    private.map_or(Ok(()), |passphrase| reauthenticate(bench, passphrase))?;
    let note = bench.with(|vault| {
        let id = vault.notes_mut().add_note(client, content, private.is_some(), practice::now())?;
        read_note(vault, NoteRef::Note(id))
    })?;
    note_typed(bench);
    opened_note(bench, note)
}

pub(crate) fn new_addendum(bench: &mut Bench, to: &NoteId, mut content: NoteContent) -> JobOutcome {
    rows::as_addendum(&mut content, to);
    let note = bench.with(|vault| {
        let parent = vault.notes().note(to)?;
        let id = vault.notes_mut().add_note(&parent.client, &content, parent.process, practice::now())?;
        read_note(vault, NoteRef::Note(id))
    })?;
    note_typed(bench);
    opened_note(bench, note)
}

pub(crate) fn open_note(bench: &mut Bench, note: &NoteRef, private: Option<&Passphrase>) -> JobOutcome {
    private.map_or(Ok(()), |passphrase| reauthenticate(bench, passphrase))?;
    let note = bench.with(|vault| read_note(vault, *note))?;
    opened_note(bench, note)
}

/// From here on the worker knows which version of the note is on the screen. Words of it that could not be saved are
/// the newer ones.
pub(crate) fn opened_note(bench: &mut Bench, mut note: OpenNote) -> JobOutcome {
    let id = note.card.id;
    // The one before is left.
    if bench.notes.unsent.is_some() && bench.notes.editing.as_ref().is_some_and(|editing| !editing.is_of(&id)) {
        send(bench);
    }
    if let Some((content, editing)) = bench.notes.unsaved.of(&id).filter(|_| note.card.state.is_open()) {
        note.content = content.clone();
        bench.notes.editing = Some(editing.clone());
        return Ok(Some(Event::Notes(NotesEvent::Opened(Box::new(note)))));
    }
    if let Some(kept) = overlong::kept(bench, &id)? {
        if note.card.state.is_open() {
            note.content = kept.content;
        }
        bench.notes.editing = Some(Editing::at(id, kept.base));
        return Ok(Some(Event::Notes(NotesEvent::Opened(Box::new(note)))));
    }
    let version = match id {
        NoteRef::Note(id) => Some(bench.with(|vault| Ok(vault.notes().note(&id)?))?.version),
        NoteRef::LateAddendum(_) => None,
    };
    match (bench.notes.editing.as_mut().filter(|editing| editing.is_of(&id)), version) {
        // What is on the screen may be kept there, as an edit of what it was shown.
        (Some(editing), Some(version)) => note.seen = editing.offer_version(version),
        (_, version) => bench.notes.editing = version.map(|version| Editing::at(id, version)),
    }
    Ok(Some(Event::Notes(NotesEvent::Opened(Box::new(note)))))
}

pub(crate) fn save(bench: &mut Bench, note: NoteRef, content: &NoteContent, revision: u64, seen: u64) -> JobOutcome {
    // The window may not have heard yet that the note goes on in another one.
    let note = bench.notes.anew.get(&note).copied().unwrap_or(note);
    let shown = bench.notes.editing.as_ref().filter(|editing| editing.is_of(&note));
    let kept = bench.notes.unsaved.of(&note).map(|(_, editing)| editing);
    let editing = shown.or(kept).cloned().unwrap_or_else(|| Editing::new(note));
    let saved = save_or_keep(bench, note, content.clone(), editing, seen)?;
    let at = jiff::Zoned::now().time();
    let merged = match saved {
        Saved::Note(merged) => {
            bench.answers.send(NotesEvent::Saved { note, revision, at });
            merged
        }
        Saved::Overlong => Some(NotesEvent::KeptOverlong { note, revision, at }.into()),
        Saved::Anew(new) => {
            overlong::tell_anew(bench, note, new)?;
            Some(NotesEvent::Saved { note: NoteRef::Note(new), revision, at }.into())
        }
    };
    // There is room again.
    save_unsaved(bench);
    Ok(merged)
}

fn move_note(bench: &mut Bench, note: &NoteRef, to: &ClientId, why: &str) -> JobOutcome {
    let why = if why.is_empty() { words::WHY_HINT } else { why };
    let NoteRef::Note(note) = note else { return Err(ReadError::NoSuchNote.into()) };
    let there = bench.with(|vault| Ok(vault.notes_mut().move_note(note, to, why, practice::now())?))?;
    bench.tell_devices();
    Ok(Some(Event::Clients(ClientsEvent::Moved(*to, Some(there)))))
}

/// A note as the window opens it: under its own id, or as the unsigned addendum that another device's text became.
pub(crate) fn read_note(vault: &Vault, note: NoteRef) -> Result<OpenNote, VaultError> {
    rows::open_note(vault, vault.notes().note(&note.id())?, matches!(note, NoteRef::LateAddendum(_)))
}
