//! Notes as the window lists, begins, opens and saves them.

use std::time::Instant;

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::NoteContent;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Vault, VaultError};

use crate::event::{Event, OpenNote};
use crate::jobs::editing::Editing;
use crate::jobs::failure::Outcome;
use crate::jobs::rows;
use crate::jobs::worker::Worker;
use crate::practice;

impl Worker {
    pub(super) fn timeline(&self, client: &ClientId) -> Outcome {
        let timeline = self.with(|vault| match rows::timeline(vault, client) {
            // It is made from the notes; a row that does not open is made again.
            Err(VaultError::Damaged) => vault.mend_lists().and_then(|_| rows::timeline(vault, client)),
            read => read,
        })?;
        Ok(Some(Event::Timeline(Box::new(timeline))))
    }

    pub(super) fn show_private(&mut self, client: &ClientId, passphrase: &Passphrase) -> Outcome {
        self.ask_again(passphrase)?;
        self.timeline(client)
    }

    pub(super) fn new_note(
        &mut self,
        client: &ClientId,
        content: &NoteContent,
        private: Option<&Passphrase>,
    ) -> Outcome {
        private.map_or(Ok(()), |passphrase| self.ask_again(passphrase))?;
        let note = self.with(|vault| {
            let id = vault.add_note(client, content, private.is_some(), practice::now())?;
            show(vault, &id)
        })?;
        self.typed = Some(Instant::now());
        self.opened_note(note)
    }

    pub(super) fn new_addendum(&mut self, to: &NoteId, mut content: NoteContent) -> Outcome {
        rows::as_addendum(&mut content, to);
        let note = self.with(|vault| {
            let parent = vault.note(to)?;
            let id = vault.add_note(&parent.client, &content, parent.process, practice::now())?;
            show(vault, &id)
        })?;
        self.typed = Some(Instant::now());
        self.opened_note(note)
    }

    pub(super) fn open_note(&mut self, note: &NoteId, private: Option<&Passphrase>) -> Outcome {
        private.map_or(Ok(()), |passphrase| self.ask_again(passphrase))?;
        let note = self.with(|vault| show(vault, note))?;
        self.opened_note(note)
    }

    /// From here on the worker knows which version of the note is on the screen. Words of it that could not be saved are
    /// the newer ones.
    pub(super) fn opened_note(&mut self, mut note: OpenNote) -> Outcome {
        let id = note.card.id;
        if let Some((content, editing)) = self.unsaved.of(&id).filter(|_| note.card.state.is_open()) {
            note.content = content.clone();
            self.editing = Some(editing.clone());
            return Ok(Some(Event::NoteOpened(Box::new(note))));
        }
        let version = self.with(|vault| match vault.note(&id) {
            Ok(view) => Ok(Some(view.version)),
            Err(VaultError::NoSuchNote) => Ok(None),
            Err(error) => Err(error),
        })?;
        match (self.editing.as_mut().filter(|editing| editing.is_of(&id)), version) {
            // What is on the screen may be kept there, as an edit of what it was shown.
            (Some(editing), Some(version)) => note.seen = editing.offer_version(version),
            (_, version) => self.editing = version.map(|version| Editing::at(id, version)),
        }
        Ok(Some(Event::NoteOpened(Box::new(note))))
    }

    pub(super) fn save(&mut self, note: &NoteId, content: &NoteContent, revision: u64, seen: u64) -> Outcome {
        let shown = self.editing.as_ref().filter(|editing| editing.is_of(note));
        let kept = self.unsaved.of(note).map(|(_, editing)| editing);
        let editing = shown.or(kept).cloned().unwrap_or_else(|| Editing::new(*note));
        let merged = self.save_or_keep(*note, content.clone(), editing, seen)?;
        self.answers.send(Event::Saved { note: *note, revision, at: jiff::Zoned::now().time() });
        // There is room again.
        self.save_unsaved();
        Ok(merged)
    }
}

/// A note as the window opens it: under its own id, or as the unsigned addendum that another device's text became.
pub(super) fn show(vault: &Vault, id: &NoteId) -> Result<OpenNote, VaultError> {
    match vault.note(id) {
        Err(VaultError::NoSuchNote) => {
            let view = vault.note(&rows::late_id(id))?;
            rows::open_note(vault, view, true)
        }
        view => rows::open_note(vault, view?, false),
    }
}
