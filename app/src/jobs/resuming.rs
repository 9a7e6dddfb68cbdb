//! Coming back to where the window was left, and to what could not be saved when it locked.

use subrosa_core::record::NoteContent;
use subrosa_core::vault::{Vault, VaultError};

use crate::effect::Job;
use crate::event::Event;
use crate::jobs::editing::Editing;
use crate::jobs::failure::Failure;
use crate::jobs::worker::Worker;
use crate::resume::{Leaving, Resume};

/// Name of the setting that says where the therapist was.
const RESUME: &str = "resume";

/// What was typed and is not on the disk, because the disk refused. It is in memory until it can be saved, also while
/// the window is locked: a full disk must not cost a sentence.
pub(super) struct Unsaved {
    pub(super) content: NoteContent,
    pub(super) editing: Editing,
}

/// Where the therapist was when this practice was last locked here. What cannot be read is nowhere.
pub(super) fn left(vault: &Vault) -> Result<Option<Resume>, VaultError> {
    Ok(vault.setting(RESUME)?.and_then(|row| serde_json::from_slice(&row).ok()))
}

impl Worker {
    /// Seals where the therapist was. Without it unlocking shows the list of clients, and nothing is lost.
    pub(super) fn remember(&self, leaving: Option<Box<Leaving>>) {
        let row = leaving.and_then(|leaving| serde_json::to_vec(&Resume::from(*leaving)).ok()).unwrap_or_default();
        let _ = self.with(|vault| vault.keep_setting(RESUME, &row));
    }

    /// Tries again to save what could not be saved before the window locked.
    pub(super) fn save_unsaved(&mut self) {
        let Some(mut unsaved) = self.unsaved.take() else { return };
        match self.with(|vault| unsaved.editing.save(vault, &unsaved.content, 0)) {
            Ok(_) => {}
            Err(failure) => {
                if let Failure::Sentence(why) = failure {
                    self.answers.send(Event::Failed(Job::Save, why));
                }
                self.unsaved = Some(unsaved);
            }
        }
    }
}
