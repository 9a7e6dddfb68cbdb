//! What is known of notes between one job and the next: words that wait to be saved, and how long private notes stay open.

use std::collections::BTreeMap;
use std::time::Instant;

use subrosa_core::record::NoteContent;
use subrosa_core::vault::Millis;

use crate::features::clients::values::UnsavedParticulars;
use crate::features::notes::job::editing::Editing;
use crate::features::notes::values::InMemory;
use crate::values::note_ref::NoteRef;

/// What was typed last and could not be saved.
#[derive(Default)]
pub(crate) struct Unsaved {
    /// The last words of each note, until they are saved.
    pub(crate) notes: BTreeMap<NoteRef, Words>,
    /// Particulars that were typed and not saved when the practice was locked, until it is unlocked.
    pub(crate) particulars: Vec<UnsavedParticulars>,
    /// When saving the notes was last tried.
    pub(crate) tried: Option<Instant>,
    /// What the window was last told.
    pub(crate) told: InMemory,
}

/// The last words of one note.
pub(crate) struct Words {
    pub(crate) content: NoteContent,
    pub(crate) editing: Editing,
    /// They wait for the passphrase, and not for the disk.
    pub(crate) asks: bool,
}

impl Unsaved {
    /// What a note says, where that is not on the disk, and what it is an edit of.
    pub(crate) fn of(&self, note: &NoteRef) -> Option<(&NoteContent, &Editing)> {
        self.notes.get(note).map(|words| (&words.content, &words.editing))
    }

    /// They are due at once.
    #[cfg(test)]
    pub(crate) fn try_soon(&mut self) {
        self.tried = None;
    }

    /// How much waits.
    pub(crate) fn count(&self) -> InMemory {
        let private = self.notes.values().filter(|words| words.asks).count();
        InMemory { notes: self.notes.len(), private, particulars: self.particulars.len() }
    }
}

/// What the window knows of the time for which private notes are open.
#[derive(Default)]
pub(crate) struct PrivateTime {
    /// They were open when this was last looked at.
    pub(crate) open: bool,
    /// The end that the window was told of.
    pub(crate) told: Option<Millis>,
}
