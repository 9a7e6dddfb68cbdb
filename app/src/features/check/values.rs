//! What the last check of the practice found and what a repair did, as they are kept and shown.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use subrosa_core::id::ClientId;

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
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
    /// Entries of private notes, which were not opened.
    #[serde(default)]
    pub private: u64,
    /// What is damaged, in words without names, and how often.
    pub damaged: Vec<(String, u64)>,
    /// Whose record that touches.
    #[serde(default, rename = "touched")]
    pub affected: Vec<Affected>,
}

/// What damage touches of one client's record. It holds no name: who reads it has the list of clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Whose.
    pub client: ClientId,
    /// Days of the sessions, the last first.
    pub days: Vec<Date>,
    /// What is known about the person too.
    pub person: bool,
}

/// What a repair did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct RepairResult {
    /// The file had damaged blocks: what can be read is in a new one, and the old one lies beside it.
    pub new_file: bool,
    /// Parts of the old file that could not be read.
    pub unread: u64,
    /// Some of what was read is from before the last change that was saved.
    pub older: bool,
    /// Parts that were made again.
    pub rebuilt: u64,
    /// Changes that only another device or a backup can give back.
    pub lacking: u64,
    /// The same of parts of attached files.
    pub files_lacking: u64,
    /// What a backup gave back at once.
    pub given_back: Option<GivenBack>,
}

/// What came back from a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct GivenBack {
    /// Changes.
    pub changes: u64,
    /// Parts of attached files.
    pub parts: u64,
}

impl CheckResult {
    /// Whether nothing is damaged.
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty()
    }
}
