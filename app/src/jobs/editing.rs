//! The note that is being edited: which version of it is on the screen, so that nothing that arrived is undone.
//!
//! The window types into what it shows. What it saves is an edit of that version; when another device wrote meanwhile,
//! the text of both is offered to it, and counts as shown only when a later save says that it has been seen.

use subrosa_core::document::Heads;
use subrosa_core::id::NoteId;
use subrosa_core::record::NoteContent;
use subrosa_core::vault::{Vault, VaultError};

use crate::event::Event;
use crate::practice;

/// One note on the screen.
#[derive(Clone)]
pub(super) struct Editing {
    note: NoteId,
    /// The version on the screen; `None` when the note was begun here and nothing was saved yet.
    shown: Option<Heads>,
    /// What was offered last: its number, its version.
    offered: (u64, Option<Heads>),
}

impl Editing {
    /// A note whose version on the screen is not known: it is taken to be what is here.
    pub(super) fn new(note: NoteId) -> Self {
        Self { note, shown: None, offered: (0, None) }
    }

    pub(super) fn at(note: NoteId, version: Heads) -> Self {
        Self { note, shown: Some(version), offered: (0, None) }
    }

    pub(super) fn is_of(&self, note: &NoteId) -> bool {
        self.note == *note
    }

    /// Saves what is on the screen, as an edit of what it was shown; gives the text of both when another device wrote too.
    pub(super) fn save(
        &mut self,
        vault: &mut Vault,
        content: &NoteContent,
        seen: u64,
    ) -> Result<Option<Event>, VaultError> {
        if seen == self.offered.0 && seen > 0 {
            self.shown = self.offered.1.clone().or(self.shown.take());
        }
        let saved = match self.shown.as_ref() {
            Some(shown) => vault.save_note_from(&self.note, shown, content, practice::now())?,
            None => {
                vault.save_note(&self.note, content, practice::now())?;
                vault.note(&self.note)?.version
            }
        };
        self.shown = Some(saved);
        self.offer(vault)
    }

    /// The text of both, when it is not what is on the screen.
    pub(super) fn offer(&mut self, vault: &mut Vault) -> Result<Option<Event>, VaultError> {
        if self.shown.as_ref().is_some_and(|shown| vault.is_newest(&self.note, shown)) {
            return Ok(None);
        }
        let view = vault.note(&self.note)?;
        if !view.signed.is_empty() || Some(&view.version) == self.shown.as_ref() {
            return Ok(None);
        }
        self.offered = (self.offered.0 + 1, Some(view.version));
        Ok(Some(Event::Merged { note: self.note, content: view.content, seen: self.offered.0 }))
    }
}
