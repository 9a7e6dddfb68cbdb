//! Small things that a device keeps for itself, sealed like every row: settings, and what was already asked.

use crate::store::Table;
use crate::vault::{Vault, VaultError};

impl Vault {
    /// What was kept under a name. Stays on this device.
    pub fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.rows.read(Table::Misc, &row_name(name))?.map(|row| row.to_vec()))
    }

    /// Keeps something under a name; durable when it returns.
    pub fn keep_setting(&mut self, name: &str, value: &[u8]) -> Result<(), VaultError> {
        let mut changes = crate::rows::Changes::default();
        changes.put(Table::Misc, &row_name(name), value.to_vec());
        self.rows.commit(&mut self.state, changes)
    }
}

fn row_name(name: &str) -> Vec<u8> {
    [b"setting ".as_slice(), name.as_bytes()].concat()
}
