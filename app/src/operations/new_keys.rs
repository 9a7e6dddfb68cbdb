//! All keys of this device made new: the practice is copied into a new file beside it, sealed anew, which then takes its place.

use std::path::Path;

use subrosa_core::entropy::Os;
use subrosa_core::import::Progress;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{self, RedbStore, StoreError, room};
use subrosa_core::vault::{Fresh, NewKeysBy, UnlockError, Vault, VaultError};

use crate::operations::for_this_alone;
use crate::practice::{self, Profile, half_made_beside};

/// Makes all keys of a practice new. Until the new file is whole the old one is in its place; after that nothing of the old one
/// is left under any name.
///
/// # Errors
/// [`VaultError`]; the practice is as it was, and nothing lies beside it.
pub(crate) fn make(
    vault: &mut Vault,
    passphrase: &Passphrase,
    profile: Profile,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<(), VaultError> {
    let file = vault.path().ok_or(StoreError::Missing)?.to_owned();
    let length = std::fs::metadata(&file).map_err(StoreError::from)?.len();
    if !room::fits_beside(&file, length) {
        return Err(UnlockError::NoRoomForNewKeys.into());
    }
    let fresh = half_made_beside(&file);
    let by = NewKeysBy { passphrase, strength: profile.strength(), now: practice::now() };
    let made = for_this_alone(vault, |vault| renew(vault, &by, (&fresh, &file), progress, cancel));
    if made.is_err() {
        practice::remove(&fresh);
    }
    Ok(made?)
}

fn renew(
    vault: &mut Vault,
    by: &NewKeysBy<'_>,
    (fresh, file): (&Path, &Path),
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<(), UnlockError> {
    store::remove_leftover(fresh)?;
    let put_in_place = || store::rename(fresh, file);
    let store = match RedbStore::create(fresh) {
        Err(StoreError::Full) => return Err(UnlockError::NoRoomForNewKeys),
        created => Box::new(created?),
    };
    let fresh = Fresh { store, entropy: Box::new(Os), put_in_place: &put_in_place };
    vault.make_all_keys_new(by, fresh, progress, cancel)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use subrosa_core::record::Identity;

    use super::*;

    const PASSPHRASE: &str = "lantern gravel oboe thicket";

    fn made(file: &Path) -> Vault {
        let mut vault =
            practice::create(file, &Passphrase::new(PASSPHRASE.into()), "Desk", Profile::Tests).unwrap().vault;
        let identity = Identity { name: "Aino".to_owned(), ..Default::default() };
        vault.clients_mut().add_client(&identity, practice::now()).unwrap();
        vault
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_new_file_is_in_the_place_of_the_old_one_and_nothing_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.subrosa");
        let passphrase = Passphrase::new(PASSPHRASE.into());
        let mut vault = made(&file);
        let (device, before) = (vault.device(), names(folder.path()));
        let wrong = make(&mut vault, &Passphrase::new("another".into()), Profile::Tests, &mut |_| {}, &|| false);
        assert!(wrong.unwrap_err().is_wrong_passphrase());
        make(&mut vault, &passphrase, Profile::Tests, &mut |_| {}, &|| true).unwrap_err();
        assert_eq!((vault.device(), names(folder.path())), (device, before.clone()));

        make(&mut vault, &passphrase, Profile::Tests, &mut |_| {}, &|| false).unwrap();
        assert!(vault.device() != device && vault.reauth_until().is_none());
        assert_eq!(names(folder.path()), before);
        // What is written from then on is in the file of that name, which nobody else opens meanwhile.
        vault.keep_setting("choice", b"later").unwrap();
        assert!(practice::open(&file, Profile::Tests).is_err());
        drop(vault.lock().unwrap());
        let vault = practice::unlock(&file, &passphrase, Profile::Tests).unwrap();
        assert_eq!(vault.setting("choice").unwrap().unwrap(), b"later");
        assert_eq!(vault.clients().all().count(), 1);
    }

    #[test]
    fn a_half_made_file_goes_at_the_next_opening_and_the_practice_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("practice.subrosa");
        let mut vault = made(&file);
        let device = vault.device();
        // As after a kill before the new file was put in place: nobody tidies up.
        let half = half_made_beside(&file);
        let stopped = || Err(StoreError::Denied);
        let (passphrase, store) = (Passphrase::new(PASSPHRASE.into()), Box::new(RedbStore::create(&half).unwrap()));
        let by = NewKeysBy { passphrase: &passphrase, strength: Profile::Tests.strength(), now: practice::now() };
        let fresh = Fresh { store, entropy: Box::new(Os), put_in_place: &stopped };
        vault.make_all_keys_new(&by, fresh, &mut |_| {}, &|| false).unwrap_err();
        drop(vault);
        assert!(half.exists());
        let vault = practice::unlock(&file, &passphrase, Profile::Tests).unwrap();
        assert!(!half.exists() && vault.device() == device && vault.clients().all().count() == 1);
    }
}
