//! Small things that a device keeps for itself, sealed like every row: settings, and what was already asked.

use crate::rows::RowError;
use crate::vault::Vault;

impl Vault {
    /// What was kept under a name. Stays on this device.
    pub fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, RowError> {
        self.core.read().setting(name)
    }

    /// Keeps something under a name; durable when it returns.
    pub fn keep_setting(&mut self, name: &str, value: &[u8]) -> Result<(), RowError> {
        self.core.keep_setting(name, value)
    }
}
