//! Where the sync folder is, and how it stands with it.

use std::path::PathBuf;

use jiff::civil::DateTime;
use subrosa_core::secret::Passphrase;

use crate::values::folder::FolderTrouble;

/// What kind of place it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum FolderKind {
    /// A folder on this computer.
    #[default]
    Here,
    /// A WebDAV share.
    Share,
    /// A bucket of an S3 store.
    Bucket,
}

/// The folder that is used.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct UsedFolder {
    /// Where it is, without what opens it.
    pub at: String,
    /// Name of the device that named it for all; none when this one has chosen it for itself.
    pub by: Option<String>,
    /// A device that was removed knows what opens it.
    pub is_known_elsewhere: bool,
}

/// What came of looking into it.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct FolderLook {
    /// When.
    pub at: DateTime,
    /// How it stands, or why it could not be looked into.
    pub state: Result<Option<FolderTrouble>, String>,
}

/// A share, as it is typed.
pub struct Share {
    /// Its address.
    pub url: String,
    /// Who may use it.
    pub user: String,
    /// Their password.
    pub password: Passphrase,
    /// The file with its certificate.
    pub certificate: Option<PathBuf>,
}

/// A bucket, as it is typed.
pub struct Bucket {
    /// The store's address.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// The region; empty for the usual one.
    pub region: String,
    /// The id of the key.
    pub key_id: String,
    /// The key.
    pub secret: Passphrase,
    /// The file with the store's certificate.
    pub certificate: Option<PathBuf>,
}
