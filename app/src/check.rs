//! What the last check of the practice found and what a repair did, as they are kept and shown.

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

/// What a repair did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Repaired {
    /// The file had damaged blocks: what can be read is in a new one, and the old one lies beside it.
    pub new_file: bool,
    /// Parts that were made again.
    pub made_again: u64,
    /// Changes that only another device or a backup can give back.
    pub lacking: u64,
}

impl Check {
    /// Whether nothing is damaged.
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty()
    }
}
