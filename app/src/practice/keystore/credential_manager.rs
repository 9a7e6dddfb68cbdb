//! The Credential Manager of Windows. It asks nobody, and an entry of this computer alone travels to no other.

use std::collections::HashMap;

use keyring_core::api::CredentialStoreApi as _;
use keyring_core::{Entry, Error};
use subrosa_core::store::Silent;
use windows_native_keyring_store::Store;

use super::{SERVICE, Slow};

/// The Credential Manager of the person who is logged in.
pub(super) struct CredentialManager;

impl Slow for CredentialManager {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Silent> {
        match entry(name).and_then(|entry| entry.get_secret()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NoEntry) => Ok(None),
            Err(_) => Err(Silent),
        }
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), Silent> {
        entry(name).and_then(|entry| entry.set_secret(bytes)).map_err(|_| Silent)
    }
}

fn entry(name: &str) -> Result<Entry, Error> {
    let here_alone = HashMap::from([("persistence", "Local")]);
    Store::new()?.build(SERVICE, name, Some(&here_alone))
}
