//! The login keychain of macOS, which stays on its computer. While it is asked, it may ask nobody: a keychain that is
//! locked, or that knows another build of this program, then refuses.

use security_framework::base::Error;
use security_framework::os::macos::keychain::{SecKeychain, SecPreferencesDomain};
use subrosa_core::store::Silent;

use super::{SERVICE, Slow};

/// `errSecItemNotFound`.
const NOT_FOUND: i32 = -25300;

/// The login keychain of the person who is logged in.
pub(super) struct Keychain;

impl Slow for Keychain {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Silent> {
        let found =
            quietly(|keychain| keychain.find_generic_password(SERVICE, name).map(|(bytes, _)| bytes.to_owned()));
        match found {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.code() == NOT_FOUND => Ok(None),
            Err(_) => Err(Silent),
        }
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), Silent> {
        quietly(|keychain| keychain.set_generic_password(SERVICE, name, bytes)).map_err(|_| Silent)
    }
}

fn quietly<T>(work: impl FnOnce(&SecKeychain) -> Result<T, Error>) -> Result<T, Error> {
    let _nobody_is_asked = SecKeychain::disable_user_interaction()?;
    work(&SecKeychain::default_for_domain(SecPreferencesDomain::User)?)
}
