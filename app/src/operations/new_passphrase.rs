//! Another passphrase for this device.

use subrosa_core::kdf::Strength;
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{DeviceRow, Vault, VaultError};

/// Changes the passphrase, and says which devices still open with the ones that were chosen there.
///
/// # Errors
/// [`VaultError`]; the passphrase is as it was.
pub(crate) fn change(
    vault: &mut Vault,
    current: &Passphrase,
    new: &Passphrase,
    strength: Strength,
) -> Result<Vec<DeviceRow>, VaultError> {
    vault.change_passphrase(current, new, strength)?;
    Ok(vault.devices().all()?.into_iter().filter(|device| !device.here).collect())
}
