//! Coming back to where the window was left.

use subrosa_core::vault::{Vault, VaultError};

use crate::jobs::worker::Worker;
use crate::resume::{Leaving, Resume};

/// Name of the setting that says where the therapist was.
const RESUME: &str = "resume";

/// Where the therapist was when this practice was last locked here. What cannot be read is nowhere.
pub(super) fn left(vault: &Vault) -> Result<Option<Resume>, VaultError> {
    Ok(vault.setting(RESUME)?.and_then(|row| serde_json::from_slice(&row).ok()))
}

impl Worker {
    /// Seals where the therapist was. Without it unlocking shows the list of clients, and nothing is lost.
    pub(super) fn remember(&self, leaving: Option<Box<Leaving>>) {
        let row = leaving.and_then(|leaving| serde_json::to_vec(&Resume::from(*leaving)).ok()).unwrap_or_default();
        let _ = self.with(|vault| vault.keep_setting(RESUME, &row));
    }
}
