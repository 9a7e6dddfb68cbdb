//! A practice on this machine: where its file lies, how it is made, opened and unlocked, and what is said about it once.
//!
//! Window, command line and tour go through here, so that all three use the same strength, the same place and the same
//! sentences. Refused: a practice over a file that is already there. The cheap strength that tests use can be named by a
//! caller in Rust alone; no argument, file or environment variable leads to it.

pub(crate) mod file_io;
pub mod guard;
pub mod holder;
mod keystore;
pub mod kit_status;
mod making;
pub mod passphrase;
pub mod passphrase_strength;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use directories::ProjectDirs;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use subrosa_core::entropy::Os;
use subrosa_core::kdf::{self, Policy, Strength};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{Keystore, RedbStore, Store, StoreError};
use subrosa_core::vault::{Created, LockedVault, Millis, NewVault, RowError, UnlockError, Vault, VaultError};

pub use self::making::Making;
use crate::values::holder::{Holder, HolderKind};

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
    let making = Making::begin(file)?;
    let store = making.store()?;
    let new = new_vault(Some(file), passphrase, device_name, profile);
    let created = Vault::create(Box::new(store), &new, Box::new(Os))?;
    making.finish()?;
    Ok(created)
}

/// What a practice is made with, here and now.
pub(crate) fn new_vault<'a>(
    file: Option<&Path>,
    passphrase: &'a Passphrase,
    device_name: &'a str,
    profile: Profile,
) -> NewVault<'a> {
    NewVault {
        path: file.map(Path::to_owned),
        passphrase,
        strength: profile.strength(),
        policy: profile.policy(),
        device_name,
        now: now(),
    }
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
    let store = RedbStore::open(file)?;
    // Whoever was making it held the practice's own file.
    remove(&half_made_beside(file));
    in_store(Box::new(store), file, profile)
}

/// As [`open`], for a program that stays at it: it says who it is beside the practice.
///
/// # Errors
/// As [`open`]; where the practice is in use, with who has it.
pub(crate) fn hold(file: &Path, profile: Profile, kind: HolderKind) -> Result<LockedVault, NotHeld> {
    match open(file, profile) {
        Ok(locked) => {
            holder::note(file, kind);
            Ok(locked)
        }
        Err(error) => {
            let is_in_use = error.row() == Some(RowError::Store(StoreError::InUse));
            Err(NotHeld { error, by: if is_in_use { holder::of(file) } else { None } })
        }
    }
}

/// Why a practice could not be taken hold of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotHeld {
    pub(crate) error: VaultError,
    /// Who has it, where that is why.
    pub(crate) by: Option<Holder>,
}

impl std::fmt::Display for NotHeld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.by {
            Some(by) => write!(f, "The practice is open in {by}. Nothing was changed; close it there first."),
            None => self.error.fmt(f),
        }
    }
}

/// Where the practice lies under its new keys until that file takes its place.
pub(crate) fn half_made_beside(file: &Path) -> PathBuf {
    beside(file, ".new-keys")
}

/// Takes hold of a practice in a store that lies where the file says.
pub(crate) fn in_store(store: Box<dyn Store>, file: &Path, profile: Profile) -> Result<LockedVault, VaultError> {
    let locked = LockedVault::open(store, Some(file.to_owned()), profile.policy(), Box::new(Os))?;
    Ok(locked.with_keystore(profile.keystore()))
}

/// A practice that was just made and stays open has its anchor in the platform's keystore from now on, as one that is opened has.
///
/// # Errors
/// [`UnlockError`]; the practice is as it was.
pub(crate) fn keep_anchor(vault: &mut Vault, profile: Profile) -> Result<(), UnlockError> {
    profile.keystore().map_or(Ok(()), |keystore| vault.keep_anchor_in(keystore))
}

/// Opens a practice with its passphrase.
///
/// # Errors
/// [`VaultError`]; whether the passphrase was wrong, [`VaultError::is_wrong_passphrase`] tells.
pub fn unlock(file: &Path, passphrase: &Passphrase, profile: Profile) -> Result<Vault, VaultError> {
    Ok(open(file, profile)?.unlock(passphrase, now()).map_err(|still| still.error)?)
}

/// The file of this ending beside a practice's file.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
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
/// [`RowError`].
pub fn owner(vault: &Vault) -> Result<Option<String>, RowError> {
    Ok(vault.setting(OWNER)?.and_then(|name| String::from_utf8(name).ok()))
}

/// Remembers the name that the therapist goes by among colleagues, on this device.
///
/// # Errors
/// [`VaultError`].
pub fn keep_owner(vault: &mut Vault, name: &str) -> Result<(), VaultError> {
    Ok(vault.keep_setting(OWNER, name.as_bytes())?)
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
    use subrosa_core::store::StoreError;

    use super::*;

    #[test]
    fn a_practice_that_was_made_opens_again_and_a_second_one_is_not_put_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new folder").join(FILE);
        let passphrase = Passphrase::new("lantern gravel oboe thicket".into());
        drop(create(&file, &passphrase, "Here", Profile::Tests).unwrap());
        let before = std::fs::read(&file).unwrap();
        let again = create(&file, &passphrase, "Here", Profile::Tests);
        assert_eq!(again.err().and_then(|error| error.row()), Some(RowError::Store(StoreError::Exists)));
        assert!(std::fs::read(&file).unwrap() == before, "left as it was");
        assert_eq!(unlock(&file, &passphrase, Profile::Tests).unwrap().clients().all().count(), 0);
        let wrong = unlock(&file, &Passphrase::new("another".into()), Profile::Tests);
        assert!(wrong.err().is_some_and(|error| error.is_wrong_passphrase()));
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
