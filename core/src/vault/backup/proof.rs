//! Proving a backup: read back from the disk, restored as a trial into a store without a name, compared with the practice.
//!
//! Nothing here needs the practice itself, so that it goes on in peace while somebody writes.

use std::path::{Path, PathBuf};

use crate::backup::sealed::OneTime;
use crate::backup::{BackupError, Counts, Origin, PrivateKeys, Target, Temporary};
use crate::entropy::Os;
use crate::id::Hash;
use crate::import::Progress;
use crate::kdf::Policy;
use crate::store::{self, room};
use crate::vault::backup::expected::Expected;
use crate::vault::backup::intake::{Take, Trial};
use crate::vault::core::ReauthBox;

/// A backup that is written and not proven. Dropped, it is gone.
pub struct ProofRun {
    pub(crate) target: Target,
    pub(crate) origin: Origin,
    pub(crate) temporary: Temporary,
    pub(crate) one_time: OneTime,
    pub(crate) expected: Expected,
    pub(crate) counts: Counts,
    /// What tries the keys of private notes, when the passphrase was just given.
    pub(crate) private: Option<ReauthBox>,
    pub(crate) readable: bool,
    pub(crate) bytes: u64,
    pub(crate) kit: Hash,
    pub(crate) beside: Option<PathBuf>,
    pub(crate) policy: Policy,
}

impl ProofRun {
    /// Reads the backup back, opens it with its one-time key, makes sure that the recovery kit opens it too, restores it
    /// as a trial and compares. The one-time key is gone when this returns.
    ///
    /// # Errors
    /// [`BackupError`]; the backup is then gone.
    pub fn run(self, progress: &mut dyn FnMut(Progress), cancel: &dyn Fn() -> bool) -> Result<Proven, BackupError> {
        let (mut trial, pieces) = self.trial(progress, cancel)?;
        if trial.archive != self.expected.archive {
            return Err(BackupError::NotAsWritten);
        }
        let fits = trial.origin == self.origin && trial.counts == self.counts && pieces == self.counts.pieces;
        let readable = if self.readable { self.counts.readable } else { 0 };
        if !fits || trial.readable != readable || !self.expected.agrees_with(&trial.core)? {
            return Err(BackupError::NotThePractice);
        }
        let Self { target, origin, temporary, counts, private, bytes, kit, .. } = self;
        let private = trial.try_private_keys(private)?;
        Ok(Proven { target, origin, temporary, counts, private, bytes, kit })
    }

    /// The backup restored as a trial, and the pieces in it: beside the practice, where whatever is written is as private as the
    /// practice, or where its disk takes no more, beside the backup. Sealed under keys of its own in either place.
    fn trial(
        &self,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<(Trial, u64), BackupError> {
        let beside = self.beside.clone().unwrap_or_else(std::env::temp_dir);
        // In the trial all of it lies once more, with room to grow.
        if room::fits(&beside, self.bytes.saturating_mul(2).saturating_add(room::SPARE)) {
            match self.trial_in(&beside, progress, cancel) {
                Err(error) if error.is_for_want_of_room() => {}
                tried => return tried,
            }
        }
        self.trial_in(self.target.folder(), progress, cancel)
    }

    fn trial_in(
        &self,
        folder: &Path,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<(Trial, u64), BackupError> {
        let opened = self.one_time.open(self.temporary.reopen()?)?;
        let scratch = store::scratch(folder)?;
        let of = self.expected.ends.iter().map(|end| end.next_seq).sum();
        let mut take = Take::new(of, progress, cancel);
        let trial = Trial::of(opened, Box::new(scratch), self.policy, Box::new(Os), &mut take);
        let trial = trial.map_err(|error| match error {
            // It is the program's own backup, a moment old: whatever is wrong with it, it is not as it was written.
            BackupError::Stopped | BackupError::Full | BackupError::Io(_) | BackupError::Row(_) => error,
            _ => BackupError::NotAsWritten,
        })?;
        Ok((trial, take.pieces))
    }
}

impl std::fmt::Debug for ProofRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofRun")
    }
}

/// A backup that was restored as a trial and is the practice. It gets its name from [`BackupsMut::keep_backup`](crate::vault::BackupsMut::keep_backup).
pub struct Proven {
    pub(crate) target: Target,
    pub(crate) origin: Origin,
    pub(crate) temporary: Temporary,
    pub(crate) counts: Counts,
    pub(crate) private: PrivateKeys,
    pub(crate) bytes: u64,
    /// The number of the recovery kit that opens it.
    pub(crate) kit: Hash,
}

impl std::fmt::Debug for Proven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proven")
    }
}
