//! A practice out of a backup: where there is none, or in the place of a file that does not open any more.
//!
//! Whoever opened the backup with the recovery kit has its paper at hand: the kit counts as proven from then on.

use std::path::Path;

use subrosa_core::backup::BackupError;
use subrosa_core::entropy::Os;
use subrosa_core::import::Progress;
use subrosa_core::secret::{Key, Passphrase, RecoveryRole};
use subrosa_core::store::{self, StoreError};
use subrosa_core::vault::{BackupFile, Only, Restored, Selection, UnlockError, Vault, VaultError};

use super::repair::{self, RepairOutcome, fresh_beside, kept_beside};
use crate::practice::{self, Making, Profile, beside, folder_of, kit_status, new_vault, now, remove};

/// The device that a restored practice becomes: it is a new one.
#[derive(Clone, Copy, Debug)]
pub struct RestoredDevice<'a> {
    /// Its passphrase.
    pub passphrase: &'a Passphrase,
    /// What the other devices call it.
    pub name: &'a str,
    /// How hard the passphrase is made to guess.
    pub profile: Profile,
}

/// Why a practice was not made of a backup.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The practice that was made of it.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        Self::Backup(error.into())
    }
}

impl From<UnlockError> for RestoreError {
    fn from(error: UnlockError) -> Self {
        Self::Vault(error.into())
    }
}

/// Makes a practice out of a backup and opens it. The file gets its name when everything is in it; until then a file beside
/// it has the parts, and nothing is left when it fails.
///
/// # Errors
/// [`RestoreError`]; a file that is already there is never touched.
pub fn restore(
    file: &Path,
    (backup, kit): (&BackupFile, &Key<RecoveryRole>),
    only: Only,
    device: RestoredDevice<'_>,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<(Vault, Restored), RestoreError> {
    let restored = restore_to(file, backup, only, device, progress, cancel)?;
    Ok((opened(file, kit, device)?, restored))
}

/// Makes a practice out of a backup in the place of a file that does not open any more, and opens it. The damaged file stays
/// beside it, with the anchor that is its own.
///
/// # Errors
/// [`RestoreError`]; the damaged file is then still in its place, and nothing else is left.
pub fn restore_instead(
    file: &Path,
    (backup, kit): (&BackupFile, &Key<RecoveryRole>),
    device: RestoredDevice<'_>,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<(Vault, Restored), RestoreError> {
    let fresh = fresh_beside(file);
    let restored = restore_to(&fresh, backup, Only::Everything, device, progress, cancel)?;
    let kept = kept_beside(file);
    let replaced = store::replace_keeping(&fresh, file, &kept).inspect_err(|_| remove(&fresh));
    replaced.map_err(VaultError::from)?;
    // One that stays behind is only a warning about an older copy, and nothing is lost by it.
    let _ = std::fs::rename(beside(file, ".anchor"), beside(&kept, ".anchor"));
    Ok((opened(file, kit, device)?, restored))
}

/// Who is told how far a repair from a backup is, and who stops it.
pub(crate) struct Watch<'a> {
    /// Told how much of how much is made again.
    pub(crate) repairing: &'a mut dyn FnMut(u64, u64),
    /// Told how much of how much came from the backup.
    pub(crate) bringing: &'a mut dyn FnMut(Progress),
    /// Whether to bring back no more.
    pub(crate) cancel: &'a dyn Fn() -> bool,
}

/// Brings back from a backup what is lacking of a practice, or of a part of it.
///
/// # Errors
/// [`BackupError`]; what was brought until then stays.
pub(crate) fn bring_back(
    vault: &mut Vault,
    backup: &BackupFile,
    only: Only,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<Restored, BackupError> {
    let scratch = vault.path().map(folder_of).unwrap_or_else(std::env::temp_dir);
    backup.merge_into(vault, Selection { only, scratch: &scratch }, progress, cancel)
}

/// Brings back from a backup what is lacking of a practice that is damaged: what can be made again is, what cannot is listed as
/// lacking, and that comes from the backup. What the repair did stands, whatever the backup gave.
///
/// # Errors
/// [`VaultError`] of the repair; nothing is then taken from the backup.
pub(crate) fn repair_from(
    vault: &mut Vault,
    file: &Path,
    (backup, only): (&BackupFile, Only),
    watch: Watch<'_>,
) -> Result<(RepairOutcome, Result<Restored, BackupError>), VaultError> {
    let done = repair::repair(vault, file, watch.repairing)?;
    Ok((done, bring_back(vault, backup, only, watch.bringing, watch.cancel)))
}

fn restore_to(
    file: &Path,
    backup: &BackupFile,
    only: Only,
    device: RestoredDevice<'_>,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<Restored, RestoreError> {
    let making = Making::begin(file)?;
    let store = making.store()?;
    let new = new_vault(None, device.passphrase, device.name, device.profile);
    let scratch = folder_of(file);
    let selection = Selection { only, scratch: &scratch };
    let (vault, restored) = backup.restore(Box::new(store), &new, selection, Box::new(Os), progress, cancel)?;
    drop(vault.lock()?);
    making.finish()?;
    Ok(restored)
}

fn opened(file: &Path, kit: &Key<RecoveryRole>, device: RestoredDevice<'_>) -> Result<Vault, VaultError> {
    let mut vault = practice::unlock(file, device.passphrase, device.profile)?;
    kit_status::used(&mut vault, kit, now())?;
    Ok(vault)
}
