//! The sync folder, and what is typed about one.

use crate::features::sync_folder::values::{FolderKind, FolderLook, UsedFolder};
use crate::values::secret::Secret;

/// The sync folder.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct SyncFolderState {
    /// The one that is used.
    pub used: Option<UsedFolder>,
    /// What came of looking into it last.
    pub looked: Option<FolderLook>,
    /// One was used until just now.
    pub has_left: bool,
    /// What is to be typed.
    pub shown: FolderKind,
}

/// What is typed about a sync folder.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct SyncFolderFields {
    /// A folder on this computer.
    pub path: String,
    /// The address of a share or a store.
    pub url: String,
    /// Who may use a share.
    pub user: String,
    /// The password of a share, or the key of a bucket.
    pub secret: Secret,
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// The id of its key.
    pub key_id: String,
    /// The file with a certificate.
    pub certificate: String,
}
