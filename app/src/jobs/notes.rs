//! Notes as the window lists, begins, opens and saves them.

use std::time::Instant;

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::NoteContent;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Vault, VaultError};

use crate::event::{Event, OpenNote};
use crate::jobs::editing::Editing;
use crate::jobs::failure::Outcome;
use crate::jobs::resuming::Unsaved;
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

    pub(super) fn show_private(&self, client: &ClientId, passphrase: &Passphrase) -> Outcome {
        self.with(|vault| vault.ask_again(passphrase, practice::now()))?;
        self.timeline(client)
    }

    pub(super) fn new_note(
        &mut self,
        client: &ClientId,
        content: &NoteContent,
        private: Option<&Passphrase>,
    ) -> Outcome {
        let note = self.with(|vault| {
            if let Some(passphrase) = private {
                vault.ask_again(passphrase, practice::now())?;
            }
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
        let note = self.with(|vault| {
            if let Some(passphrase) = private {
                vault.ask_again(passphrase, practice::now())?;
            }
            show(vault, note)
        })?;
        self.opened_note(note)
    }

    /// From here on the worker knows which version of the note is on the screen.
    pub(super) fn opened_note(&mut self, note: OpenNote) -> Outcome {
        let id = note.card.id;
        let version = self.with(|vault| match vault.note(&id) {
            Ok(view) => Ok(Some(view.version)),
            Err(VaultError::NoSuchNote) => Ok(None),
            Err(error) => Err(error),
        })?;
        self.editing = version.map(|version| Editing::at(id, version));
        Ok(Some(Event::NoteOpened(Box::new(note))))
    }

    pub(super) fn save(&mut self, note: &NoteId, content: &NoteContent, revision: u64, seen: u64) -> Outcome {
        let mut editing =
            self.editing.take().filter(|editing| editing.is_of(note)).unwrap_or_else(|| Editing::new(*note));
        let saved = self.with(|vault| match editing.save(vault, content, seen) {
            Err(VaultError::NoSuchNote) => vault.save_late(&rows::late_id(note), &content.text).map(|()| None),
            saved => saved,
        });
        self.unsaved = saved.is_err().then(|| Unsaved { content: content.clone(), editing: editing.clone() });
        self.editing = Some(editing);
        let merged = saved?;
        self.typed = Some(Instant::now());
        self.answers.send(Event::Saved { note: *note, revision, at: jiff::Zoned::now().time() });
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
