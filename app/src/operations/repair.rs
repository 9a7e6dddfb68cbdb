//! Repairing a practice: what is damaged is made again from what is left, and a file that cannot be written on any more, or not
//! even opened, goes on in a new one. The damaged file always stays beside it.

use std::path::{Path, PathBuf};

use subrosa_core::secret::Passphrase;
use subrosa_core::store::{self, Copied, RedbStore, Salvaged, StoreError};
use subrosa_core::vault::{Repaired, RowError, Vault, VaultError};

use crate::practice::{Profile, beside, in_store, now, remove};

/// What a repair did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RepairOutcome {
    /// What was copied into a new file, when the old one had damaged blocks.
    pub copied: Option<Copied>,
    /// Whether some of that is from before the last change that was saved.
    pub is_older: bool,
    /// What was made again.
    pub repaired: Repaired,
}

/// Makes again what can be made of a damaged practice, and lists what another device or a backup must give. A file with
/// damaged blocks is not written on: its readable rows go into a new one, and the old one stays beside it under the name
/// that [`kept_beside`] gives.
///
/// # Errors
/// [`VaultError`]; the old file is then still in its place.
pub fn repair(vault: &mut Vault, file: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<RepairOutcome, VaultError> {
    let mut repaired = RepairOutcome::default();
    if !vault.integrity().is_readable()? {
        let fresh = fresh_beside(file);
        let store = RedbStore::create(&fresh)?;
        let put_in_place = || store::replace_keeping(&fresh, file, &kept_beside(file));
        repaired.copied = Some(vault.integrity_mut().renew(Box::new(store), &put_in_place)?);
    }
    repaired.repaired = vault.integrity_mut().repair(progress)?;
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
) -> Result<(Vault, RepairOutcome), VaultError> {
    let salvaged = Salvaged::open(file)?;
    let fresh = fresh_beside(file);
    let (mut vault, copied) = copied(&salvaged, file, &fresh, passphrase, profile).inspect_err(|_| remove(&fresh))?;
    let is_older = salvaged.is_older();
    drop(salvaged);
    store::replace_keeping(&fresh, file, &kept_beside(file)).inspect_err(|_| remove(&fresh))?;
    let repaired = vault.integrity_mut().repair(progress)?;
    Ok((vault, RepairOutcome { copied: Some(copied), is_older, repaired }))
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
    let locked = in_store(Box::new(store), file, profile).map_err(|error| match error.row() {
        // What is left of it does not even say what it is.
        Some(RowError::Store(StoreError::NotAVault)) => RowError::Damaged.into(),
        _ => error,
    })?;
    let vault = locked.unlock(passphrase, now()).map_err(|still| still.error)?;
    Ok((vault, copied))
}

/// Where the damaged file is kept after a repair; never the name of one that is there already.
pub fn kept_beside(file: &Path) -> PathBuf {
    let names = (1_u32..).map(|number| beside(file, &format!(".damaged-{number}")));
    names.into_iter().find(|name| !name.exists()).unwrap_or_else(|| beside(file, ".damaged"))
}

/// Where the new file lies until it takes the place of the damaged one.
pub(super) fn fresh_beside(file: &Path) -> PathBuf {
    let fresh = beside(file, ".repaired");
    // One that an earlier repair left half made is nothing but a copy.
    let _ = std::fs::remove_file(&fresh);
    fresh
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use subrosa_core::id::ClientId;
    use subrosa_core::record::Identity;

    use super::*;
    use crate::practice;

    /// Makes a practice with so many clients and locks it.
    fn with_clients(number: usize, file: &Path, passphrase: &Passphrase) -> Vec<ClientId> {
        let mut vault = practice::create(file, passphrase, "Here", Profile::Tests).unwrap().vault;
        let identity = Identity { name: "Aino".to_owned(), ..Default::default() };
        let clients = (0..number).map(|_| vault.clients_mut().add_client(&identity, now()).unwrap()).collect();
        drop(vault.lock().unwrap());
        clients
    }

    /// For each block of a file where it lies, and the file with a bit of that block turned over.
    fn damaged_block_by_block(whole: &[u8]) -> impl Iterator<Item = (Range<usize>, Vec<u8>)> {
        (0..(whole.len() - 20_480) / 4_112).map(|number| {
            let block = 20_480 + number * 4_112..20_480 + (number + 1) * 4_112;
            let mut bad = whole.to_vec();
            bad[block.start + 50] ^= 1;
            (block, bad)
        })
    }

    #[test]
    fn a_file_with_a_damaged_block_is_repaired_into_a_new_one_and_kept_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.subrosa");
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        let mut clients = with_clients(30, &file, &passphrase);
        let whole = std::fs::read(&file).unwrap();
        let mut repairs = 0;
        for (block, bad) in damaged_block_by_block(&whole) {
            std::fs::write(&file, &bad).unwrap();
            // Where redb's own bookkeeping is hit, or what every unlocking needs, nothing opens.
            let Ok(mut vault) = practice::unlock(&file, &passphrase, Profile::Tests) else { continue };
            if vault.integrity().is_readable().unwrap() {
                continue;
            }
            let kept = kept_beside(&file);
            let done = repair(&mut vault, &file, &mut |_, _| {}).unwrap();
            assert!(done.copied.is_some_and(|copied| copied.rows > 0));
            let found = vault.integrity().verify(&mut |_, _| {}).unwrap();
            assert_eq!(found.damaged, [], "block {block:?}: {done:?}");
            assert_eq!(found.bodies_missing, done.repaired.bodies_lacking);
            drop(vault.lock().unwrap());
            // Closing the old file writes beside what was there, never over the block that is damaged.
            let kept = std::fs::read(&kept).unwrap();
            assert!(kept[block.clone()] == bad[block.clone()], "the damaged block is kept as it was found");
            let vault = practice::unlock(&file, &passphrase, Profile::Tests).unwrap();
            if done.repaired.bodies_lacking == 0 {
                clients.sort_unstable();
                assert!(vault.clients().all().map(|row| row.id).eq(clients.iter().copied()), "block {block:?}");
            }
            repairs += 1;
        }
        assert!(repairs > 3, "{repairs}");
    }

    #[test]
    fn a_file_that_does_not_open_is_salvaged_with_its_passphrase_or_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.subrosa");
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        let client = with_clients(1, &file, &passphrase)[0];
        let whole = std::fs::read(&file).unwrap();
        let beside_it = || std::fs::read_dir(folder.path()).unwrap().count();
        let salvaged = |passphrase: &Passphrase| salvage(&file, passphrase, Profile::Tests, &mut |_, _| {});
        let (mut saved, mut lost) = (0, 0);
        for (block, bad) in damaged_block_by_block(&whole) {
            std::fs::write(&file, &bad).unwrap();
            if practice::unlock(&file, &passphrase, Profile::Tests).is_ok() {
                continue;
            }
            let (found, files) = (std::fs::read(&file).unwrap(), beside_it());
            let wrong = salvaged(&Passphrase::new("another".into()));
            assert!(
                wrong.is_err() && std::fs::read(&file).unwrap() == found && beside_it() == files,
                "block {block:?}"
            );
            let kept = kept_beside(&file);
            let Ok((vault, done)) = salvaged(&passphrase) else {
                assert!(
                    std::fs::read(&file).unwrap() == found && beside_it() == files,
                    "block {block:?}: left as it is"
                );
                lost += 1;
                continue;
            };
            assert!(done.copied.is_some_and(|copied| copied.rows > 0));
            assert!(std::fs::read(&kept).unwrap() == found, "block {block:?}: the damaged file is kept as it was");
            assert_eq!(vault.integrity().verify(&mut |_, _| {}).unwrap().damaged, [], "block {block:?}");
            drop(vault.lock().unwrap());
            let vault = practice::unlock(&file, &passphrase, Profile::Tests).unwrap();
            // The last change may be lost with its block, and then that is said.
            let clients: Vec<_> = vault.clients().all().map(|row| row.id).collect();
            assert!(clients == [client] || (done.is_older && clients.is_empty()), "block {block:?}");
            saved += usize::from(clients == [client]);
        }
        assert!(saved >= 3, "{saved} salvaged, {lost} lost");
    }
}
