//! The note that is being edited: which version of it is on the screen, so that nothing that arrived is undone.
//!
//! The window types into what it shows. What it saves is an edit of that version; when another device wrote meanwhile,
//! the text of both is offered to it, and counts as shown only when a later save says that it has been seen.

use std::collections::BTreeMap;

use subrosa_core::document::{Heads, NotWritten};
use subrosa_core::id::NoteId;
use subrosa_core::record::NoteContent;
use subrosa_core::vault::{NoteError, Overlong, Vault, VaultError};

use crate::features::notes::messages::NotesEvent;
use crate::messages::Event;
use crate::practice;
use crate::values::note_ref::NoteRef;

/// What became of a save: all of it is on the disk.
pub(crate) enum Saved {
    /// In the note. With it the text of both, when another device wrote too.
    Note(Option<Event>),
    /// Beside the note, which cannot hold it.
    Overlong,
    /// In a new note: the document of the one before takes no more.
    Anew(NoteId),
}

/// One note on the screen.
#[derive(Clone)]
pub(crate) struct Editing {
    note: NoteRef,
    /// The version on the screen; `None` when the note was begun here and nothing was saved yet.
    shown: Option<Heads>,
    /// How many versions were offered.
    offers: u64,
    /// Those of which it is not known whether they were taken, by their numbers.
    offered: BTreeMap<u64, Heads>,
}

impl Editing {
    /// A note whose version on the screen is not known: it is taken to be what is here.
    pub(crate) fn new(note: NoteRef) -> Self {
        Self { note, shown: None, offers: 0, offered: BTreeMap::new() }
    }

    pub(crate) fn at(note: NoteRef, version: Heads) -> Self {
        Self { shown: Some(version), ..Self::new(note) }
    }

    pub(crate) fn note(&self) -> NoteRef {
        self.note
    }

    pub(crate) fn is_of(&self, note: &NoteRef) -> bool {
        self.note == *note
    }

    /// Saves what is on the screen, as an edit of what it was shown.
    pub(crate) fn save(&mut self, vault: &mut Vault, content: &NoteContent, seen: u64) -> Result<Saved, VaultError> {
        match (self.note, self.write(vault, content, seen)) {
            (NoteRef::Note(id), Err(VaultError::Note(NoteError::NotWritten(NotWritten::TooLong)))) => {
                let base = match &self.shown {
                    Some(shown) => shown.clone(),
                    None => vault.notes().note(&id)?.version,
                };
                vault.notes_mut().keep_overlong(&id, &Overlong { content: content.clone(), base }, practice::now())?;
                Ok(Saved::Overlong)
            }
            (NoteRef::Note(id), Err(VaultError::Note(NoteError::NotWritten(NotWritten::Full)))) => {
                let new = vault.notes_mut().begin_anew(&id, content, practice::now())?;
                *self = Self::at(NoteRef::Note(new), vault.notes().note(&new)?.version);
                Ok(Saved::Anew(new))
            }
            (_, written) => Ok(Saved::Note(written?)),
        }
    }

    /// Writes it into the note; gives the text of both when another device wrote too.
    fn write(&mut self, vault: &mut Vault, content: &NoteContent, seen: u64) -> Result<Option<Event>, VaultError> {
        // Whoever has seen one has seen those before it.
        let later = self.offered.split_off(&seen.saturating_add(1));
        if let Some(taken) = std::mem::replace(&mut self.offered, later).remove(&seen) {
            self.shown = Some(taken);
        }
        let id = match self.note {
            NoteRef::Note(id) => id,
            NoteRef::LateAddendum(id) => {
                vault.notes_mut().save_late(&id, &content.text)?;
                return Ok(None);
            }
        };
        let saved = match self.shown.as_ref() {
            Some(shown) => vault.notes_mut().save_note_from(&id, shown, content, practice::now())?,
            None => {
                vault.notes_mut().save_note(&id, content, practice::now())?;
                vault.notes().note(&id)?.version
            }
        };
        self.shown = Some(saved);
        self.offer(vault)
    }

    /// The text of both, when it is not what is on the screen.
    pub(crate) fn offer(&mut self, vault: &mut Vault) -> Result<Option<Event>, VaultError> {
        // Another device writes in the note, and no more in its addendum.
        let NoteRef::Note(id) = self.note else { return Ok(None) };
        if self.shown.as_ref().is_some_and(|shown| vault.notes().is_newest(&id, shown)) {
            return Ok(None);
        }
        let view = vault.notes().note(&id)?;
        if !view.signed.is_empty() || Some(&view.version) == self.shown.as_ref() {
            return Ok(None);
        }
        let seen = self.offer_version(view.version);
        Ok(Some(Event::Notes(NotesEvent::Merged { note: self.note, content: view.content, seen })))
    }

    /// Offers a version; its number is named by the first save of what was typed into it.
    pub(crate) fn offer_version(&mut self, version: Heads) -> u64 {
        self.offers += 1;
        self.offered.insert(self.offers, version);
        self.offers
    }
}

#[cfg(test)]
mod tests {
    use crate::jobs::fixture::WorkerFixture;

    #[test]
    fn what_is_typed_into_the_text_of_both_stands_there_once_however_often_it_is_saved() {
        let mut fixture = WorkerFixture::new();
        let note = fixture.note("slept well", false);
        fixture.write_elsewhere(&note, "slept well. From the laptop");
        let (both, seen) = fixture.save_seen(&note, "slept well. From here", 1, 0).unwrap().expect("the text of both");
        assert!(both.contains("laptop") && both.contains("here"), "{both}");
        for (revision, more) in [(2, " a"), (3, " ab"), (4, " abc")] {
            assert_eq!(fixture.save_seen(&note, &format!("{both}{more}"), revision, seen).unwrap(), None);
        }
        assert_eq!(fixture.stored(&note), format!("{both} abc"));
    }

    #[test]
    fn a_note_that_is_opened_again_loses_neither_what_is_on_the_screen_nor_what_arrived() {
        for taken in [true, false] {
            let mut fixture = WorkerFixture::new();
            let note = fixture.note("slept well", false);
            fixture.write_elsewhere(&note, "slept well. From the laptop");
            let (read, seen) = fixture.opened(&note);
            if taken {
                assert_eq!(fixture.save_seen(&note, &format!("{read}, and here"), 1, seen).unwrap(), None);
                assert_eq!(fixture.stored(&note), "slept well. From the laptop, and here");
            } else {
                // The window has kept its own text, and has not seen that one.
                let both = fixture.save_seen(&note, "slept well. From here", 1, 0).unwrap().map(|both| both.0);
                assert!(both.is_some_and(|both| both.contains("laptop") && both.contains("here")));
            }
        }
    }
}
