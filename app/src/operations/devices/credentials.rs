//! What opens the relay and the sync folder, also once a device was removed that knows it too; and their certificates.

use std::io;
use std::path::Path;

use subrosa_core::vault::{Credential, RowError, Vault};

use crate::practice::file_io;

/// Under which name it is kept what removed devices know.
const KNOWN: &str = "credentials of removed";

/// A certificate is some kilobytes.
const CERTIFICATE_MAX: usize = 64 << 10;

/// The certificate of a relay or of a sync folder, as it lies in a file; `None` where the file is too long for one.
///
/// # Errors
/// [`io::Error`].
pub(crate) fn read_certificate(file: &Path) -> io::Result<Option<Vec<u8>>> {
    Ok(file_io::read_at_most(file, CERTIFICATE_MAX)?.map(|bytes| bytes.to_vec()))
}

/// Notes that a device which knows them was removed.
///
/// # Errors
/// As for anything that is written.
pub(crate) fn note_removal(vault: &mut Vault) -> Result<(), RowError> {
    let known = vault.devices().credentials()?;
    let known: Vec<u8> = known.into_iter().flat_map(|(_, hash)| hash.0).collect();
    if known.is_empty() { Ok(()) } else { vault.keep_setting(KNOWN, &known) }
}

/// Those in force that a removed device knows: they are to be changed where they were given, and named here anew.
///
/// # Errors
/// As for anything that is read.
pub(crate) fn to_renew(vault: &Vault) -> Result<Vec<Credential>, RowError> {
    let known = vault.setting(KNOWN)?.unwrap_or_default();
    let (known, _) = known.as_chunks::<32>();
    let in_force = vault.devices().credentials()?;
    Ok(in_force.into_iter().filter(|(_, hash)| known.contains(&hash.0)).map(|(credential, _)| credential).collect())
}

#[cfg(test)]
mod tests {
    use subrosa_core::vault::PracticeRelay;
    use zeroize::Zeroizing;

    use super::*;
    use crate::bridge::full_disk::{self, Disk};

    #[test]
    fn what_a_removed_device_knows_is_asked_for_until_another_is_named() {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let mut vault = full_disk::practice(folder.path(), &disk);
        let use_relay = |vault: &mut Vault, token: &str| {
            let url = "https://relay.example.org".to_owned();
            let relay = PracticeRelay { url, token: Zeroizing::new(token.to_owned()), certificate: Vec::new() };
            vault.devices_mut().use_relay(Some(&relay)).unwrap();
        };
        note_removal(&mut vault).unwrap();
        use_relay(&mut vault, "");
        note_removal(&mut vault).unwrap();
        assert_eq!(to_renew(&vault), Ok(Vec::new()), "one that is open to everybody has nothing to renew");
        use_relay(&mut vault, "first");
        assert_eq!(to_renew(&vault), Ok(Vec::new()));
        note_removal(&mut vault).unwrap();
        assert_eq!(to_renew(&vault), Ok(vec![Credential::Relay]));
        use_relay(&mut vault, "second");
        assert_eq!(to_renew(&vault), Ok(Vec::new()));
    }
}
