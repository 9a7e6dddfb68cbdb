//! Devices: who belongs to the practice, how they know each other, how one comes and goes; and the recovery kit.

mod admission;
mod description;
mod error;
mod folder;
mod greeting;
mod kit_rotation;
mod list;
mod quarantine;
mod removal;
mod settings;

use crate::id::DeviceId;
use crate::vault::read::Quarantined;
use crate::vault::subject::Devices;

pub use crate::roster::Gone;
pub use error::DeviceError;
pub use folder::ObjectKind;
pub use greeting::{HELLO_LEN, Met};
pub use kit_rotation::{KitInForce, NewKit};
pub use list::{DeviceRow, LackedNote, Unused};
pub use removal::RemovedRow;
pub use settings::{Credential, PracticeFolder, PracticeRelay};

impl Devices<'_> {
    /// What a device is called.
    pub fn device_name(&self, id: &DeviceId) -> Option<String> {
        self.core.read().device_name(id)
    }

    /// Whether a device belonged to the practice and was removed.
    pub fn was_removed(&self, device: &DeviceId) -> bool {
        self.core.read().was_removed(device)
    }

    /// Whether this device was removed, as far as it knows.
    pub fn is_removed(&self) -> bool {
        self.core.read().is_removed()
    }

    /// Whether two devices were removed at the same time, so that each of them holds a key of those in force, until the
    /// passphrase is given next: what is written meanwhile one of them could open, should it get hold of it.
    pub fn owes_new_keys(&self) -> bool {
        self.core.read().owes_new_keys()
    }

    /// What arrived from removed devices beyond their cuts and waits for an answer.
    pub fn quarantine(&self) -> Result<Vec<Quarantined>, DeviceError> {
        Ok(self.core.read().ledger().quarantine()?)
    }
}
