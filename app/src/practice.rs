//! A practice on this machine: where its file lies, how it is made, opened and unlocked, and what is said about it once.
//!
//! Window, command line and tour go through here, so that all three use the same strength, the same place and the same
//! sentences. Refused: a practice over a file that is already there. The cheap strength that tests use can be named by a
//! caller in Rust alone; no argument, file or environment variable leads to it.

pub(crate) mod file_io;
pub mod guard;
mod keystore;
pub mod kit_status;
mod making;
mod mending;
pub mod passphrase;
pub mod passphrase_strength;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use directories::ProjectDirs;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use subrosa_core::backup::BackupError;
use subrosa_core::entropy::Os;
use subrosa_core::import::Progress;
use subrosa_core::kdf::{self, Policy, Strength};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{Keystore, RedbStore, Store};
use subrosa_core::vault::{BackupFile, Created, LockedVault, Millis, NewVault, Only, Restored, Vault, VaultError};

pub use self::making::Making;
pub use self::mending::{Repaired, give_back, kept_beside, repair, restore_instead, salvage};

/// Name of the practice's file in the platform's data folder.
const FILE: &str = "practice.subrosa";
/// The setting that holds the therapist's own name.
const OWNER: &str = "owner";
/// Characters of a device's name that others are shown.
const LONGEST_NAME: usize = 60;

/// How hard a new passphrase is made to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// About a second for each guess on this machine.
    Calibrated,
    /// The least that is ever accepted: for practices that live for a minute.
    Floor,
    /// What makes tests fast. A practice made so opens only under this profile.
    Tests,
}

impl Profile {
    /// Which strengths are accepted when a practice is opened.
    pub fn policy(self) -> Policy {
        match self {
            Self::Calibrated | Self::Floor => Policy::Real,
            Self::Tests => Policy::Tests,
        }
    }

    /// The strength of a new passphrase; measured anew at each call when it is to fit this machine.
    pub fn strength(self) -> Strength {
        match self {
            Self::Calibrated => {
                let began = Instant::now();
                kdf::calibrate(&mut || -> Duration { began.elapsed() })
            }
            Self::Floor => Strength::FLOOR,
            Self::Tests => Strength::CHEAP_FOR_TESTS,
        }
    }

    /// Where a practice that stays keeps its anchor besides the file beside it.
    fn keystore(self) -> Option<Box<dyn Keystore>> {
        match self {
            Self::Calibrated => keystore::of_this_platform(),
            Self::Floor | Self::Tests => None,
        }
    }
}

/// Where the practice lies when nobody says otherwise; `None` on a system without a home folder.
pub fn default_file() -> Option<PathBuf> {
    ProjectDirs::from("", "", "Subrosa").map(|folders| folders.data_dir().join(FILE))
}

/// Makes a new practice and its recovery kit. Nothing is left behind when it fails, and no half practice when the program is
/// ended on the way.
///
/// # Errors
/// [`VaultError`]; a file that is already there is never touched.
pub fn create(
    file: &Path,
    passphrase: &Passphrase,
    device_name: &str,
    profile: Profile,
) -> Result<Created, VaultError> {
    let strength = profile.strength();
    let making = Making::begin(file)?;
    let store = making.store()?;
    let new = NewVault {
        path: Some(file.to_owned()),
        passphrase,
        strength,
        policy: profile.policy(),
        device_name,
        now: now(),
    };
    let created = Vault::create(Box::new(store), &new, Box::new(Os))?;
    making.finish()?;
    Ok(created)
}

/// Makes a practice out of a backup. It gets its name when everything is in it; until then a file beside it has the parts,
/// and nothing is left when it fails.
///
/// # Errors
/// [`BackupError`]; a file that is already there is never touched.
pub fn restore(
    file: &Path,
    backup: &BackupFile,
    only: Only,
    (passphrase, device_name, profile): (&Passphrase, &str, Profile),
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<Restored, BackupError> {
    let making = Making::begin(file)?;
    let store = making.store()?;
    let new = NewVault {
        path: None,
        passphrase,
        strength: profile.strength(),
        policy: profile.policy(),
        device_name,
        now: now(),
    };
    let scratch = folder_of(file);
    let (vault, restored) = backup.restore(Box::new(store), &new, only, &scratch, Box::new(Os), progress, cancel)?;
    drop(vault.lock()?);
    making.finish()?;
    Ok(restored)
}

/// The folder that a file lies in.
pub fn folder_of(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

/// Takes hold of a practice's file. It stays locked.
///
/// # Errors
/// [`VaultError`]: missing, in use elsewhere, damaged, of a newer version.
pub fn open(file: &Path, profile: Profile) -> Result<LockedVault, VaultError> {
    held(Box::new(RedbStore::open(file)?), file, profile)
}

fn held(store: Box<dyn Store>, file: &Path, profile: Profile) -> Result<LockedVault, VaultError> {
    let locked = LockedVault::open(store, Some(file.to_owned()), profile.policy(), Box::new(Os))?;
    Ok(locked.with_keystore(profile.keystore()))
}

/// A practice that was just made and stays open has its anchor in the platform's keystore from now on, as one that is opened has.
///
/// # Errors
/// [`VaultError`]; the practice is as it was.
pub(crate) fn keep_anchor(vault: &mut Vault, profile: Profile) -> Result<(), VaultError> {
    profile.keystore().map_or(Ok(()), |keystore| vault.keep_anchor_in(keystore))
}

/// Opens a practice with its passphrase.
///
/// # Errors
/// [`VaultError`]; whether the passphrase was wrong, [`VaultError::is_wrong_passphrase`] tells.
pub fn unlock(file: &Path, passphrase: &Passphrase, profile: Profile) -> Result<Vault, VaultError> {
    open(file, profile)?.unlock(passphrase, now()).map_err(|still| still.error)
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Removes a practice that was just made and must not stay: its file and the anchor beside it.
pub(crate) fn remove(file: &Path) {
    let mut anchor = file.as_os_str().to_owned();
    anchor.push(".anchor");
    // What cannot be removed holds nothing yet, and is told for what it is when it is opened.
    let _ = std::fs::remove_file(file);
    let _ = std::fs::remove_file(anchor);
}

/// What other devices call this one until somebody names it.
pub fn device_name() -> String {
    let name = host_name().unwrap_or_default();
    let shown: String = name.trim().chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
    if shown.is_empty() { "This computer".to_owned() } else { shown }
}

#[cfg(target_os = "linux")]
fn host_name() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/hostname").ok()
}

#[cfg(not(target_os = "linux"))]
fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// The name that the therapist goes by among colleagues, once it was given.
///
/// # Errors
/// [`VaultError`].
pub fn owner(vault: &Vault) -> Result<Option<String>, VaultError> {
    Ok(vault.setting(OWNER)?.and_then(|name| String::from_utf8(name).ok()))
}

/// Remembers the name that the therapist goes by among colleagues, on this device.
///
/// # Errors
/// [`VaultError`].
pub fn keep_owner(vault: &mut Vault, name: &str) -> Result<(), VaultError> {
    vault.keep_setting(OWNER, name.as_bytes())
}

/// Milliseconds since 1970.
pub fn now() -> Millis {
    Millis::try_from(Timestamp::now().as_millisecond()).unwrap_or_default()
}

/// The day of a moment, where the therapist is.
pub fn day_of(at: Millis) -> Date {
    let at = i64::try_from(at).ok().and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or_default();
    at.to_zoned(TimeZone::system()).date()
}

/// Today, where the therapist is.
pub fn today() -> Date {
    Zoned::now().date()
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use subrosa_core::id::ClientId;
    use subrosa_core::record::Identity;
    use subrosa_core::store::StoreError;

    use super::*;

    /// Makes a practice with so many clients and locks it.
    fn with_clients(number: usize, file: &Path, passphrase: &Passphrase) -> Vec<ClientId> {
        let mut vault = create(file, passphrase, "Here", Profile::Tests).unwrap().vault;
        let identity = Identity { name: "Aino".to_owned(), ..Default::default() };
        let clients = (0..number).map(|_| vault.add_client(&identity, now()).unwrap()).collect();
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
    fn a_practice_that_was_made_opens_again_and_a_second_one_is_not_put_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new folder").join(FILE);
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        drop(create(&file, &passphrase, "Here", Profile::Tests).unwrap());
        let before = std::fs::read(&file).unwrap();
        let again = create(&file, &passphrase, "Here", Profile::Tests);
        assert_eq!(again.err(), Some(VaultError::Store(StoreError::Exists)));
        assert!(std::fs::read(&file).unwrap() == before, "left as it was");
        assert_eq!(unlock(&file, &passphrase, Profile::Tests).unwrap().clients().count(), 0);
        let wrong = unlock(&file, &Passphrase::new("another".into()), Profile::Tests);
        assert!(wrong.err().is_some_and(|error| error.is_wrong_passphrase()));
    }

    #[test]
    fn a_file_with_a_damaged_block_is_repaired_into_a_new_one_and_kept_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        let mut clients = with_clients(30, &file, &passphrase);
        let whole = std::fs::read(&file).unwrap();
        let mut repairs = 0;
        for (block, bad) in damaged_block_by_block(&whole) {
            std::fs::write(&file, &bad).unwrap();
            // Where redb's own bookkeeping is hit, or what every unlocking needs, nothing opens.
            let Ok(mut vault) = unlock(&file, &passphrase, Profile::Tests) else { continue };
            if vault.is_readable().unwrap() {
                continue;
            }
            let kept = kept_beside(&file);
            let done = repair(&mut vault, &file, &mut |_, _| {}).unwrap();
            assert!(done.copied.is_some_and(|copied| copied.rows > 0));
            let found = vault.verify(&mut |_, _| {}).unwrap();
            assert_eq!(found.damaged, [], "block {block:?}: {done:?}");
            assert_eq!(found.bodies_missing, done.mended.bodies_lacking);
            drop(vault.lock().unwrap());
            // Closing the old file writes beside what was there, never over the block that is damaged.
            let kept = std::fs::read(&kept).unwrap();
            assert!(kept[block.clone()] == bad[block.clone()], "the damaged block is kept as it was found");
            let vault = unlock(&file, &passphrase, Profile::Tests).unwrap();
            if done.mended.bodies_lacking == 0 {
                clients.sort_unstable();
                assert!(vault.clients().map(|row| row.id).eq(clients.iter().copied()), "block {block:?}");
            }
            repairs += 1;
        }
        assert!(repairs > 3, "{repairs}");
    }

    #[test]
    fn a_file_that_does_not_open_is_salvaged_with_its_passphrase_or_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        let client = with_clients(1, &file, &passphrase)[0];
        let whole = std::fs::read(&file).unwrap();
        let beside_it = || std::fs::read_dir(folder.path()).unwrap().count();
        let salvaged = |passphrase: &Passphrase| salvage(&file, passphrase, Profile::Tests, &mut |_, _| {});
        let (mut saved, mut lost) = (0, 0);
        for (block, bad) in damaged_block_by_block(&whole) {
            std::fs::write(&file, &bad).unwrap();
            if unlock(&file, &passphrase, Profile::Tests).is_ok() {
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
            assert_eq!(vault.verify(&mut |_, _| {}).unwrap().damaged, [], "block {block:?}");
            drop(vault.lock().unwrap());
            let vault = unlock(&file, &passphrase, Profile::Tests).unwrap();
            // The last change may be lost with its block, and then that is said.
            let clients: Vec<_> = vault.clients().map(|row| row.id).collect();
            assert!(clients == [client] || (done.is_older && clients.is_empty()), "block {block:?}");
            saved += usize::from(clients == [client]);
        }
        assert!(saved >= 3, "{saved} salvaged, {lost} lost");
    }

    #[test]
    fn a_practice_made_for_tests_does_not_open_for_people() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        drop(create(&file, &passphrase, "Here", Profile::Tests).unwrap());
        assert!(unlock(&file, &passphrase, Profile::Floor).is_err());
    }
}
