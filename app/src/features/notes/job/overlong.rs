//! Words that a note cannot hold: shown as they were kept, split into notes, or attached as a file. And a note that goes on in
//! another one, because its document takes no more.

use std::io::Cursor;

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::vault::{NewFile, Overlong};

use crate::features::clients::job::timeline;
use crate::features::notes::job::sending::{note_typed, send};
use crate::features::notes::job::{open_note, read_note};
use crate::features::notes::messages::NotesEvent;
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::practice;
use crate::values::note_ref::NoteRef;
use crate::words;

/// What is kept of a note beyond what it holds.
pub(crate) fn kept(bench: &Bench, note: &NoteRef) -> Result<Option<Overlong>, JobFailure> {
    let NoteRef::Note(id) = note else { return Ok(None) };
    bench.with(|vault| Ok(vault.notes().overlong(id)?))
}

/// Makes further notes of what one cannot hold.
pub(crate) fn split(bench: &mut Bench, note: NoteRef) -> JobOutcome {
    let NoteRef::Note(id) = note else { return Ok(None) };
    bench.with(|vault| Ok(vault.notes_mut().split_overlong(&id, practice::now())?))?;
    note_typed(bench);
    show_again(bench, note)
}

/// Puts all that was written into a file beside the note, which stays as it was saved last.
pub(crate) fn attach(bench: &mut Bench, note: NoteRef) -> JobOutcome {
    let (NoteRef::Note(id), Some(Overlong { content, .. })) = (note, kept(bench, &note)?) else { return Ok(None) };
    let name = words::overlong_file(content.date);
    bench.vault.with(|vault| {
        let client = vault.notes().note(&id)?.client;
        let length = u64::try_from(content.text.len()).ok();
        let new = NewFile { client, note: Some(id), name: &name, length };
        let mut text = Cursor::new(content.text.as_bytes());
        vault.files_mut().attach(&new, &mut text, practice::now(), &mut |_| {}, &|| false)?;
        Ok::<_, JobFailure>(vault.notes_mut().drop_overlong(&id)?)
    })??;
    send(bench);
    bench.tell_devices();
    show_again(bench, note)
}

/// The client's page and the note on it, as they are now.
fn show_again(bench: &mut Bench, note: NoteRef) -> JobOutcome {
    bench.notes.editing = None;
    let client = bench.with(|vault| Ok(vault.notes().note(&note.id())?.client))?;
    tell_page(bench, &client)?;
    open_note(bench, &note, None)
}

/// Says that a note goes on in another one, which the window shows in its place.
pub(crate) fn tell_anew(bench: &mut Bench, from: NoteRef, new: NoteId) -> Result<(), JobFailure> {
    bench.notes.anew.insert(from, NoteRef::Note(new));
    let note = bench.with(|vault| read_note(vault, NoteRef::Note(new)))?;
    let client = note.client;
    bench.answers.send(NotesEvent::Anew { from, note: Box::new(note) });
    bench.send_clients()?;
    tell_page(bench, &client)
}

fn tell_page(bench: &mut Bench, client: &ClientId) -> Result<(), JobFailure> {
    if let Some(page) = timeline(bench, client)? {
        bench.answers.send(page);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
