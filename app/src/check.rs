//! What the last check of the practice found, as it is kept and shown.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// When it ended.
    pub at: DateTime,
    /// Stored changes that were read.
    pub changes: u64,
    /// Notes and records that were put together.
    pub documents: u64,
    /// Signatures that hold.
    pub signatures: u64,
    /// Changes that have not arrived on this device.
    pub missing: u64,
    /// What is damaged, in words without names, and how often.
    pub damaged: Vec<(String, u64)>,
}

impl Check {
    /// Whether nothing is damaged.
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty()
    }
}
