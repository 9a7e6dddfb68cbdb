//! What was typed and could not be saved: it stays in memory until it can be, whatever is on the screen meanwhile, and
//! while the window is locked too. A full disk, or a private note whose time was over, must not cost a sentence.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use subrosa_core::id::NoteId;
use subrosa_core::record::NoteContent;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::VaultError;

use crate::event::{Event, InMemory};
use crate::jobs::editing::Editing;
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::rows;
use crate::jobs::worker::Worker;
use crate::{practice, words};

/// How often it is tried again.
const RETRY: Duration = Duration::from_secs(3);

/// The last words of each note that could not be saved, until they are.
#[derive(Default)]
pub(super) struct Unsaved {
    notes: BTreeMap<NoteId, Words>,
    /// When they were last tried.
    tried: Option<Instant>,
    /// What the window was last told.
    told: InMemory,
}

/// The last words of one note.
struct Words {
    content: NoteContent,
    editing: Editing,
    /// They wait for the passphrase, and not for the disk.
    asks: bool,
}

impl Unsaved {
    /// What a note says, where that is not on the disk, and what it is an edit of.
    pub(super) fn of(&self, note: &NoteId) -> Option<(&NoteContent, &Editing)> {
        self.notes.get(note).map(|words| (&words.content, &words.editing))
    }

    fn count(&self) -> InMemory {
        let private = self.notes.values().filter(|words| words.asks).count();
        InMemory { notes: self.notes.len(), private }
    }
}

impl Worker {
    /// Saves a note, or keeps what it says until that can be done.
    pub(super) fn save_or_keep(
        &mut self,
        note: NoteId,
        content: NoteContent,
        mut editing: Editing,
        seen: u64,
    ) -> Outcome {
        let mut asks = false;
        let saved = self.with(|vault| {
            let saved = match editing.save(vault, &content, seen) {
                Err(VaultError::NoSuchNote) => vault.save_late(&rows::late_id(&note), &content.text).map(|()| None),
                saved => saved,
            };
            asks = matches!(saved, Err(VaultError::AskAgain));
            saved
        });
        if self.editing.as_ref().is_none_or(|editing| editing.is_of(&note)) {
            self.editing = Some(editing.clone());
        }
        if saved.is_ok() {
            self.unsaved.notes.remove(&note);
            self.typed = Some(Instant::now());
        } else {
            self.unsaved.notes.insert(note, Words { content, editing, asks });
            self.unsaved.tried = Some(Instant::now());
        }
        self.tell_unsaved();
        if asks { Err(Failure::Sentence(words::SAVE_ASKS.to_owned())) } else { saved }
    }

    /// Opens the private notes, and saves what waited for that.
    pub(super) fn ask_again(&mut self, passphrase: &Passphrase) -> Result<(), Failure> {
        self.with(|vault| vault.ask_again(passphrase, practice::now()))?;
        self.save_unsaved();
        Ok(())
    }

    /// Tries again to save what could not be saved.
    pub(super) fn save_unsaved(&mut self) {
        let notes: Vec<NoteId> = self.unsaved.notes.keys().copied().collect();
        for note in notes {
            let Some(words) = self.unsaved.notes.get(&note) else { continue };
            let (content, editing) = (words.content.clone(), words.editing.clone());
            // Why it failed was said when it first did; that it waits is said as long as it does.
            if let Ok(Some(merged)) = self.save_or_keep(note, content, editing, 0) {
                self.answers.send(merged);
            }
        }
    }

    /// The same, every few seconds while the practice is open.
    pub(super) fn save_unsaved_in_time(&mut self) {
        let due = self.unsaved.tried.is_none_or(|tried| tried.elapsed() >= RETRY);
        if due && !self.unsaved.notes.is_empty() && !self.vault.is_locked() {
            self.save_unsaved();
        }
    }

    /// Tells the window how many notes wait, when that has changed.
    fn tell_unsaved(&mut self) {
        let count = self.unsaved.count();
        if self.unsaved.told != count {
            self.unsaved.told = count;
            self.answers.send(Event::InMemory(count));
        }
    }
}

#[cfg(test)]
mod tests;
