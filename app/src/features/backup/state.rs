//! How it stands with backups.

use crate::features::backup::values::{BackupStatus, OpenedBackup};

/// Backups.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct BackupState {
    /// When the last one was made, where, and whether it was tested.
    pub status: BackupStatus,
    /// The backup that is looked into.
    pub opened: Option<OpenedBackup>,
}
