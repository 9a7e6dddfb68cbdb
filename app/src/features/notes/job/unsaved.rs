//! What was typed and could not be saved: it stays in memory until it can be, whatever is on the screen meanwhile, and
//! while the window is locked too. A full disk, or a private note whose time was over, must not cost a sentence.

use std::time::{Duration, Instant};

use subrosa_core::record::NoteContent;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::RowError;

use crate::features::notes::job::editing::{Editing, Saved};
use crate::features::notes::job::sending::note_typed;
use crate::features::notes::job::waiting::Words;
use crate::jobs::bench::Bench;
use crate::jobs::failure::JobFailure;
use crate::values::note_ref::NoteRef;
use crate::{practice, words};

/// How often it is tried again.
const RETRY: Duration = Duration::from_secs(3);

/// Saves a note, or keeps what it says in memory until that can be done.
pub(crate) fn save_or_keep(
    bench: &mut Bench,
    note: NoteRef,
    content: NoteContent,
    mut editing: Editing,
    seen: u64,
) -> Result<Saved, JobFailure> {
    let mut asks = false;
    // Kept first: whatever happens while they are saved, the words are there.
    let words = Words { content: content.clone(), editing: editing.clone(), asks };
    bench.notes.unsaved.notes.insert(note, words);
    let saved = bench.with(|vault| {
        let saved = editing.save(vault, &content, seen);
        asks = saved.as_ref().is_err_and(|error| error.row() == Some(RowError::NeedsReauth));
        saved
    });
    if bench.notes.editing.as_ref().is_none_or(|editing| editing.is_of(&note)) {
        bench.notes.editing = Some(editing.clone());
    }
    if saved.is_ok() {
        bench.notes.unsaved.notes.remove(&note);
        note_typed(bench);
    } else {
        bench.notes.unsaved.notes.insert(note, Words { content, editing, asks });
        bench.notes.unsaved.tried = Some(Instant::now());
    }
    bench.tell_unsaved();
    if asks { Err(JobFailure::Sentence(words::SAVE_ASKS.to_owned())) } else { saved }
}

/// Opens the private notes, and saves what waited for that.
pub(crate) fn reauthenticate(bench: &mut Bench, passphrase: &Passphrase) -> Result<(), JobFailure> {
    bench.with(|vault| Ok(vault.reauthenticate(passphrase, practice::now())?))?;
    save_unsaved(bench);
    Ok(())
}

/// Tries again to save what could not be saved.
pub(crate) fn save_unsaved(bench: &mut Bench) {
    let notes: Vec<NoteRef> = bench.notes.unsaved.notes.keys().copied().collect();
    for note in notes {
        let Some(words) = bench.notes.unsaved.notes.get(&note) else { continue };
        let (content, editing) = (words.content.clone(), words.editing.clone());
        // Why it failed was said when it first did; that it waits is said as long as it does.
        if let Ok(Saved::Note(Some(merged))) = save_or_keep(bench, note, content, editing, 0) {
            bench.answers.send(merged);
        }
    }
}

/// The same, every few seconds while the practice is open.
pub(crate) fn save_unsaved_in_time(bench: &mut Bench) {
    let due = bench.notes.unsaved.tried.is_none_or(|tried| tried.elapsed() >= RETRY);
    if due && !bench.notes.unsaved.notes.is_empty() && !bench.vault.is_locked() {
        save_unsaved(bench);
    }
}

#[cfg(test)]
mod tests;
