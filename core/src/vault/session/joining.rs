//! Joining a practice: the new device's side, from its introduction to its vault.

use crate::entropy::Entropy;
use crate::roster::{DeviceCard, Epochs};
use crate::secret::{AuthorityRole, KEY_LEN, Key};
use crate::sign::Signer;
use crate::store::Store;
use crate::vault::Vault;
use crate::vault::core::ReauthBox;
use crate::vault::founding::{Beginning, DeviceKeys, NewVault, found};
use crate::vault::items::boot::{entries_from_bytes, roster_of};
use crate::vault::session::UnlockError;
use crate::vault::subject::DeviceError;

/// A device that is about to join a practice.
pub struct JoiningDevice {
    keys: DeviceKeys,
    card: DeviceCard,
}

impl std::fmt::Debug for JoiningDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JoiningDevice")
    }
}

impl JoiningDevice {
    /// Makes the new device's own keys.
    pub fn new(new: &NewVault<'_>, entropy: &mut dyn Entropy) -> Self {
        let keys = DeviceKeys::fresh(entropy);
        let card = keys.card(new.device_name);
        Self { keys, card }
    }

    /// What it introduces itself with, under the pairing key.
    pub fn introduction(&self) -> Vec<u8> {
        self.card.to_bytes()
    }

    /// Makes the new device's vault from the welcome.
    pub fn join(
        self,
        welcome: &[u8],
        store: Box<dyn Store>,
        new: &NewVault<'_>,
        entropy: Box<dyn Entropy>,
    ) -> Result<Vault, UnlockError> {
        let (authority, entries) = welcome.split_at_checked(KEY_LEN).ok_or(DeviceError::NotAdmitted)?;
        let authority = Key::<AuthorityRole>::from_slice(authority).ok_or(DeviceError::NotAdmitted)?;
        let roster = entries_from_bytes(entries).and_then(|entries| roster_of(&entries));
        let roster = roster.map_err(|_| DeviceError::NotAdmitted)?;
        let fits = roster.device(&self.card.id) == Some(&self.card)
            && *roster.authority() == Signer::new(&authority).public_key();
        if !fits {
            return Err(DeviceError::NotAdmitted.into());
        }
        let seed = &self.keys.boxes.wrap;
        let practice = roster.open_welcome(&self.card.id, seed).map_err(|_| DeviceError::NotAdmitted)?;
        let epochs = roster.open_epochs(&self.card.id, seed, &Epochs::new());
        let recovery = roster.recovery_keys().first().cloned().ok_or(DeviceError::NotAdmitted)?;
        let reauth = ReauthBox { authority, generation: self.keys.process_generation, process: self.keys.process };
        let beginning = Beginning { boxes: self.keys.boxes, reauth, roster, epochs, practice };
        Ok(Vault { core: found(store, new, beginning, &recovery, entropy)? })
    }
}
