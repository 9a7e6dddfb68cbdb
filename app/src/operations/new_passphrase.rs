//! Another passphrase for this device.

use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{DeviceRow, Vault, VaultError};

use crate::practice::Profile;

/// Changes the passphrase, and says which devices still open with the ones that were chosen there.
///
/// # Errors
/// [`VaultError`]; the passphrase is as it was.
pub(crate) fn change(
    vault: &mut Vault,
    current: &Passphrase,
    new: &Passphrase,
    profile: Profile,
) -> Result<Vec<DeviceRow>, VaultError> {
    vault.change_passphrase(current, new, profile.strength())?;
    Ok(vault.devices()?.into_iter().filter(|device| !device.here).collect())
}
