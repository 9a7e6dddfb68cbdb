//! A file that does not open any more: repaired at the locked window, with or without a backup, or replaced by one.

use std::path::{Path, PathBuf};

use subrosa_core::backup::BackupError;
use subrosa_core::import;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{BackupFile, Restored, Vault, Verified};

use crate::check::{GivenBack, Repaired};
use crate::effect::{Job, KitSource};
use crate::event::{Event, Progress, Refusal};
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::recovering;
use crate::jobs::restoring::{failure, open, shown};
use crate::jobs::worker::Worker;
use crate::operations::repair::{self, RepairOutcome};
use crate::words;

impl Worker {
    /// Opens what can still be read of the file as a new one, and brings back from a backup what is lacking then. The backup
    /// is read first: with the wrong kit nothing is begun.
    pub(super) fn salvage(&mut self, passphrase: &Passphrase, backup: Option<(PathBuf, KitSource)>) -> Outcome {
        // Whoever tried the passphrase holds the file.
        self.locked = None;
        self.begin_cancellable(Job::Salvage);
        let cancel = self.cancelled.stops(Job::Salvage);
        let backup = backup.map(|(file, kit)| self.named_backup(&file, &kit, &cancel)).transpose()?;
        let answers = self.answers.clone();
        let mut tell = |done, total| answers.send(Event::Progress(Job::Salvage, Progress { done, total }));
        let saved = repair::salvage(&self.setting.file, passphrase, self.setting.profile, &mut tell);
        let (mut vault, done) = saved.map_err(|error| too_little(error.into()))?;
        let given = backup.map(|backup| self.give_back(&mut vault, &backup, &cancel));
        self.vault.put(vault);
        let Some(found) = self.check_through(&mut tell)? else { return Ok(None) };
        let mut opened = self.opened(false)?;
        let (given_back, trouble) = match given {
            Some(Ok(restored)) => (Some(restored), None),
            Some(Err(error)) => (None, Some(failure(error, words::BRINGING_STOPPED))),
            None => (None, None),
        };
        if let Some(Failure::Sentence(why)) = trouble {
            // The repair stands, and is shown; that the backup gave nothing is said beside it.
            opened.warning = Some(opened.warning.into_iter().chain([why]).collect::<Vec<_>>().join(" "));
        }
        self.start_syncing();
        self.answers.send(Event::Unlocked(Box::new(opened)));
        self.answers.send(Event::Repaired(repaired(&done, given_back.map(|back| (back, &found)))));
        self.keep_check(&found)
    }

    fn named_backup(&self, file: &Path, kit: &KitSource, cancel: &dyn Fn() -> bool) -> Result<BackupFile, Failure> {
        open(file, recovering::read(kit)?, cancel).map_err(|error| failure(error, words::LOOKING_STOPPED))
    }

    fn give_back(
        &self,
        vault: &mut Vault,
        backup: &BackupFile,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Restored, BackupError> {
        let answers = self.answers.clone();
        let mut tell = |at: import::Progress| answers.send(Event::Progress(Job::Salvage, shown(at)));
        repair::give_back(vault, backup, &mut tell, cancel)
    }
}

/// What a repair did, as it is shown; after a backup gave something back, what a check found lacking then.
pub(super) fn repaired(done: &RepairOutcome, given_back: Option<(Restored, &Verified)>) -> Repaired {
    let (lacking, files_lacking) = match given_back {
        Some((_, found)) => (found.bodies_missing, found.pieces_missing),
        None => (done.mended.headers_lacking + done.mended.bodies_lacking, done.mended.pieces_lacking),
    };
    Repaired {
        new_file: done.copied.is_some(),
        unread: done.copied.map_or(0, |copied| copied.lost),
        older: done.is_older,
        made_again: done.mended.headers + done.mended.documents,
        lacking,
        files_lacking,
        given_back: given_back.map(|(back, _)| GivenBack { changes: back.envelopes, parts: back.pieces }),
    }
}

/// That it is damaged was known; now it is known that nothing can be made of it.
fn too_little(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(Refusal::Damaged) => Failure::Sentence(words::NOTHING_TO_SALVAGE.to_owned()),
        other => other,
    }
}
