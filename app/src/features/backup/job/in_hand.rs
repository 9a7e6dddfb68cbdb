//! The backup that is looked into.

use subrosa_core::vault::{BackupFile, Vault};

/// A backup that was opened, and the practice in it to look at.
pub(crate) struct BackupInHand {
    /// Which of the askings it answers: one that was given up meanwhile is dropped.
    pub(crate) ticket: u64,
    pub(crate) file: BackupFile,
    pub(crate) inside: Vault,
}

/// The backup that is looked at.
#[derive(Default)]
pub(crate) struct Looking {
    pub(crate) ticket: u64,
    pub(crate) opened: Option<Box<BackupInHand>>,
}
