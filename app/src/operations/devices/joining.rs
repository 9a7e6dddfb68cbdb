//! A device that joins by two files, a request and an answer, without ever being on together with another.

use std::path::{Path, PathBuf};

use subrosa_core::entropy::Os;
use subrosa_core::kdf::StrengthError;
use subrosa_core::pairing::{Code, JoinAsked, JoinRequest, LETTER_MAX, PairingError};
use subrosa_core::roster::DeviceCard;
use subrosa_core::secret::Passphrase;
use subrosa_core::slots::SlotError;
use subrosa_core::store::StoreError;
use subrosa_core::vault::{JoiningDevice, UnlockError, Vault, VaultError};

use crate::operations::for_this_alone;
use crate::practice::{self, Making, Profile, beside, file_io, new_vault};

/// Why joining by files came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JoinFileError {
    /// The words, or what the files are.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// Nothing was asked from here.
    #[error("no request to join was made here; nothing was changed: make one first, and have it answered")]
    NotAsked,
    /// What was kept does not open.
    #[error("{0}")]
    Slot(#[from] SlotError),
    /// The words could not be stretched.
    #[error("{0}")]
    Strength(#[from] StrengthError),
    /// The practice could not be made here.
    #[error("{0}")]
    Unlock(#[from] UnlockError),
    /// The practice that is asked.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// A file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Asks to join: `deliver` is given the words to carry over and what to put into the request file. What is needed for the answer is
/// kept beside the practice's place, and takes the place of what an earlier request left once it was delivered.
///
/// # Errors
/// [`JoinFileError`]; nothing was asked then.
pub(crate) fn request(
    file: &Path,
    (passphrase, name, profile): (&Passphrase, &str, Profile),
    deliver: impl FnOnce(&Code, &[u8]) -> std::io::Result<()>,
) -> Result<Code, JoinFileError> {
    if file.exists() {
        return Err(UnlockError::from(StoreError::Exists).into());
    }
    let new = new_vault(Some(file), passphrase, name, profile);
    let (code, device) = (Code::random(&mut Os), JoiningDevice::new(&new, &mut Os));
    let secrets = code.stretch(profile.policy())?;
    let request = JoinRequest::new(&secrets.psk, &device.introduction(), &mut Os);
    let kept = device.put_away(&request, &new, &mut Os)?;
    let (path, part) = (kept_at(file), beside(file, ".joining.part"));
    // What a crash left.
    let _ = std::fs::remove_file(&part);
    file_io::write_new(&part, &kept)?;
    if let Err(error) = deliver(&code, &request.bytes) {
        let _ = std::fs::remove_file(&part);
        return Err(error.into());
    }
    std::fs::rename(&part, &path)?;
    Ok(code)
}

/// A request that was opened with the words.
pub(crate) struct Asked {
    asked: JoinAsked,
    secrets: subrosa_core::pairing::Secrets,
    /// What the device calls itself.
    pub(crate) name: String,
}

/// Opens a request.
///
/// # Errors
/// [`JoinFileError`].
pub(crate) fn read_request(request: &Path, code: &Code, profile: Profile) -> Result<Asked, JoinFileError> {
    let bytes = file_io::read_at_most(request, LETTER_MAX)?.ok_or(PairingError::NotAMessage)?;
    let secrets = code.stretch(profile.policy())?;
    let asked = JoinAsked::read(&secrets.psk, &bytes)?;
    let card = DeviceCard::parse(asked.introduction()).map_err(|_| PairingError::NotAMessage)?;
    Ok(Asked { asked, secrets, name: card.name })
}

/// Lets the device in, and gives what to put into the answer file. The same request may be answered again.
///
/// # Errors
/// [`VaultError`]; nobody was let in then.
pub(crate) fn admit(vault: &mut Vault, asked: &Asked, passphrase: &Passphrase) -> Result<Vec<u8>, VaultError> {
    let payload = for_this_alone(vault, |vault| {
        let now = practice::now();
        vault.reauthenticate(passphrase, now)?;
        Ok::<_, VaultError>(vault.devices_mut().admit(asked.asked.introduction(), LETTER_MAX / 2, now)?)
    })?;
    Ok(asked.asked.answer(&asked.secrets.psk, &payload, &mut Os))
}

/// Joins with the answer: the open practice, which knows who belongs to it and holds no note yet.
///
/// # Errors
/// [`JoinFileError`]; no practice of the name is there then, and the answer may be tried again.
pub(crate) fn finish(
    file: &Path,
    (answer, code): (&Path, &Code),
    (passphrase, profile): (&Passphrase, Profile),
) -> Result<Vault, JoinFileError> {
    if !is_asked(file) {
        return Err(JoinFileError::NotAsked);
    }
    let kept = file_io::read_at_most(&kept_at(file), 2 * LETTER_MAX)?.ok_or(SlotError::Damaged)?;
    let answer = file_io::read_at_most(answer, LETTER_MAX)?.ok_or(PairingError::NotAMessage)?;
    let (device, request) = JoiningDevice::take_up(&kept, passphrase, profile.policy())?;
    let secrets = code.stretch(profile.policy())?;
    let welcome = request.welcome(&secrets.psk, &answer)?;
    let making = Making::begin(file).map_err(UnlockError::from)?;
    let store = Box::new(making.store().map_err(UnlockError::from)?);
    let new = new_vault(Some(file), passphrase, "", profile);
    let mut vault = device.join(&welcome, store, &new, Box::new(Os))?;
    practice::keep_anchor(&mut vault, profile)?;
    making.finish().map_err(UnlockError::from)?;
    // What is left of it opens nothing any more.
    let _ = std::fs::remove_file(kept_at(file));
    Ok(vault)
}

/// Whether a request was made here and waits for its answer.
pub(crate) fn is_asked(file: &Path) -> bool {
    !file.exists() && kept_at(file).exists()
}

fn kept_at(file: &Path) -> PathBuf {
    beside(file, ".joining")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::recovery_kit;

    const TESTS: Profile = Profile::Tests;

    fn passphrase(words: &str) -> Passphrase {
        Passphrase::new(words.to_owned())
    }

    struct Desks {
        folder: tempfile::TempDir,
        office: Vault,
        new: PathBuf,
        request: PathBuf,
        answer: PathBuf,
        code: Code,
    }

    /// A practice, and a device that has asked to join it.
    fn asked() -> Desks {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let made = recovery_kit::make_practice(&at("office"), &passphrase("office"), "Office", TESTS).unwrap();
        let new = at("laptop");
        let deliver = |_: &Code, bytes: &[u8]| std::fs::write(at("request"), bytes);
        let code = request(&new, (&passphrase("laptop"), "Laptop", TESTS), deliver).unwrap();
        let (request, answer) = (at("request"), at("answer"));
        Desks { office: made.vault, new, request, answer, code, folder }
    }

    fn answered() -> Desks {
        let mut desks = asked();
        let asked = read_request(&desks.request, &desks.code, TESTS).unwrap();
        assert_eq!(asked.name, "Laptop");
        let answer = admit(&mut desks.office, &asked, &passphrase("office")).unwrap();
        std::fs::write(&desks.answer, answer).unwrap();
        desks
    }

    #[test]
    fn a_device_joins_by_two_files_and_words_that_a_person_carries() {
        let desks = answered();
        let words = Code::parse(&desks.code.words()).unwrap();
        assert!(is_asked(&desks.new));
        let joined = finish(&desks.new, (&desks.answer, &words), (&passphrase("laptop"), TESTS)).unwrap();
        let names = |vault: &Vault| {
            let mut names: Vec<_> = vault.devices().all().unwrap().into_iter().map(|row| row.name).collect();
            names.sort();
            names
        };
        assert_eq!(names(&joined), ["Laptop", "Office"]);
        assert_eq!(names(&joined), names(&desks.office));
        assert!(!is_asked(&desks.new) && !kept_at(&desks.new).exists(), "nothing is left beside it");
        drop(joined.lock());
        practice::unlock(&desks.new, &passphrase("laptop"), TESTS).unwrap();
        assert!(desks.folder.path().exists());
    }

    #[test]
    fn other_words_another_passphrase_and_an_answer_to_nobody_let_nobody_in_and_lose_nothing() {
        let mut desks = answered();
        let other = Code::random(&mut Os);
        assert!(matches!(
            read_request(&desks.request, &other, TESTS),
            Err(JoinFileError::Pairing(PairingError::WrongCode))
        ));
        let with = |code: &Code, words: &str| finish(&desks.new, (&desks.answer, code), (&passphrase(words), TESTS));
        assert!(matches!(with(&other, "laptop"), Err(JoinFileError::Pairing(PairingError::WrongCode))));
        assert!(matches!(with(&desks.code, "wrong"), Err(JoinFileError::Slot(SlotError::WrongPassphrase))));
        let nobody = desks.folder.path().join("nobody");
        let not_asked = finish(&nobody, (&desks.answer, &desks.code), (&passphrase("laptop"), TESTS));
        assert!(matches!(not_asked, Err(JoinFileError::NotAsked)));
        assert!(!nobody.exists() && !desks.new.exists());
        let asked = read_request(&desks.request, &desks.code, TESTS).unwrap();
        assert!(admit(&mut desks.office, &asked, &passphrase("wrong")).is_err());
        finish(&desks.new, (&desks.answer, &desks.code), (&passphrase("laptop"), TESTS)).unwrap();
    }

    #[test]
    fn a_request_may_be_answered_twice_and_a_second_request_makes_the_first_one_worthless() {
        let mut desks = answered();
        let asked = read_request(&desks.request, &desks.code, TESTS).unwrap();
        let again = admit(&mut desks.office, &asked, &passphrase("office")).unwrap();
        assert_eq!(desks.office.devices().all().unwrap().len(), 2);
        let full = |_: &Code, _: &[u8]| Err(std::io::ErrorKind::StorageFull.into());
        let undelivered = request(&desks.new, (&passphrase("laptop"), "Laptop", TESTS), full);
        assert!(matches!(undelivered, Err(JoinFileError::Io(_))));
        let kept = std::fs::read(kept_at(&desks.new)).unwrap();
        let (_, first) = JoiningDevice::take_up(&kept, &passphrase("laptop"), TESTS.policy()).unwrap();
        assert_eq!(first.bytes, std::fs::read(&desks.request).unwrap(), "the first one stands");
        request(&desks.new, (&passphrase("laptop"), "Laptop", TESTS), |_, _| Ok(())).unwrap();
        std::fs::write(&desks.answer, again).unwrap();
        let old = finish(&desks.new, (&desks.answer, &desks.code), (&passphrase("laptop"), TESTS));
        assert!(matches!(old, Err(JoinFileError::Pairing(PairingError::WrongCode))));
    }
}
