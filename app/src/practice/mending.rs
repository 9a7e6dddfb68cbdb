//! Repairing a practice: what is damaged is made again from what is left, and a file that cannot be written on any more, or not
//! even opened, goes on in a new one. The damaged file always stays beside it.

use std::path::{Path, PathBuf};

use subrosa_core::backup::BackupError;
use subrosa_core::import::Progress;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{self, Copied, RedbStore, Salvaged, StoreError};
use subrosa_core::vault::{BackupFile, Mended, Only, Restored, Vault, VaultError};

use super::{Profile, beside, folder_of, held, now, remove, restore};

/// What a repair did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// What was copied into a new file, when the old one had damaged blocks.
    pub copied: Option<Copied>,
    /// Whether some of that is from before the last change that was saved.
    pub is_older: bool,
    /// What was made again.
    pub mended: Mended,
}

/// Makes again what can be made of a damaged practice, and lists what another device or a backup must give. A file with
/// damaged blocks is not written on: its readable rows go into a new one, and the old one stays beside it under the name
/// that [`kept_beside`] gives.
///
/// # Errors
/// [`VaultError`]; the old file is then still in its place.
pub fn repair(vault: &mut Vault, file: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Repaired, VaultError> {
    let mut repaired = Repaired::default();
    if !vault.is_readable()? {
        let fresh = fresh_beside(file);
        let store = RedbStore::create(&fresh)?;
        let put_in_place = || store::replace_keeping(&fresh, file, &kept_beside(file));
        repaired.copied = Some(vault.renew(Box::new(store), &put_in_place)?);
    }
    repaired.mended = vault.mend(progress)?;
    Ok(repaired)
}

/// Opens a practice whose file cannot be opened any more: the rows that can still be found in it go into a new file, which takes
/// its place when the passphrase opens it. The damaged file stays beside it, as it is.
///
/// # Errors
/// [`VaultError`]; the damaged file is then still in its place, and nothing else is left.
pub fn salvage(
    file: &Path,
    passphrase: &Passphrase,
    profile: Profile,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Vault, Repaired), VaultError> {
    let salvaged = Salvaged::open(file)?;
    let fresh = fresh_beside(file);
    let (mut vault, copied) = copied(&salvaged, file, &fresh, passphrase, profile).inspect_err(|_| remove(&fresh))?;
    let is_older = salvaged.is_older();
    drop(salvaged);
    store::replace_keeping(&fresh, file, &kept_beside(file)).inspect_err(|_| remove(&fresh))?;
    let mended = vault.mend(progress)?;
    Ok((vault, Repaired { copied: Some(copied), is_older, mended }))
}

fn copied(
    salvaged: &Salvaged,
    file: &Path,
    fresh: &Path,
    passphrase: &Passphrase,
    profile: Profile,
) -> Result<(Vault, Copied), VaultError> {
    let mut store = RedbStore::create(fresh)?;
    let copied = store::copy_readable(salvaged, &mut store)?;
    let locked = held(Box::new(store), file, profile).map_err(|error| match error {
        // What is left of it does not even say what it is.
        VaultError::Store(StoreError::NotAVault) => VaultError::Damaged,
        other => other,
    })?;
    let vault = locked.unlock(passphrase, now()).map_err(|still| still.error)?;
    Ok((vault, copied))
}

/// Makes a practice out of a backup in the place of a file that does not open any more. The damaged file stays beside it, with
/// the anchor that is its own.
///
/// # Errors
/// [`BackupError`]; the damaged file is then still in its place, and nothing else is left.
pub fn restore_instead(
    file: &Path,
    backup: &BackupFile,
    new: (&Passphrase, &str, Profile),
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<Restored, BackupError> {
    let fresh = fresh_beside(file);
    let restored = restore(&fresh, backup, Only::Everything, new, progress, cancel)?;
    let kept = kept_beside(file);
    let replaced = store::replace_keeping(&fresh, file, &kept).inspect_err(|_| remove(&fresh));
    replaced.map_err(VaultError::from)?;
    // One that stays behind is only a warning about an older copy, and nothing is lost by it.
    let _ = std::fs::rename(beside(file, ".anchor"), beside(&kept, ".anchor"));
    Ok(restored)
}

/// Brings back from a backup what is lacking after a repair.
///
/// # Errors
/// [`BackupError`]; what was brought until then stays.
pub fn give_back(
    vault: &mut Vault,
    backup: &BackupFile,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<Restored, BackupError> {
    let scratch = vault.path().map(folder_of).unwrap_or_else(std::env::temp_dir);
    backup.merge_into(vault, Only::Everything, &scratch, progress, cancel)
}

/// Where the damaged file is kept after a repair; never the name of one that is there already.
pub fn kept_beside(file: &Path) -> PathBuf {
    let names = (1_u32..).map(|number| beside(file, &format!(".damaged-{number}")));
    names.into_iter().find(|name| !name.exists()).unwrap_or_else(|| beside(file, ".damaged"))
}

/// Where the new file lies until it takes the place of the damaged one.
fn fresh_beside(file: &Path) -> PathBuf {
    let fresh = beside(file, ".repaired");
    // One that an earlier repair left half made is nothing but a copy.
    let _ = std::fs::remove_file(&fresh);
    fresh
}
