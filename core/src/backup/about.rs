//! What a backup says of itself: `about.json` before anything else, `manifest.json` with its signature after everything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, Hash};

/// What every backup calls itself.
const KIND: &str = "subrosa backup";
/// The form of backups that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 2;

/// First file of a backup.
pub(crate) const ABOUT: &str = "about.json";
/// After all others: counts, and the hash of everything before it.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The signature of the device that made the backup, over the manifest.
pub(crate) const SIGNATURE: &str = "manifest.sig";

/// Which practice, by which device, when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The hash of the practice's first roster entry.
    pub practice: Hash,
    /// The device that made it.
    pub device: DeviceId,
    /// When.
    pub made: Timestamp,
}

/// How much is in a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Logs, each branch of one counted.
    pub logs: u64,
    /// Envelopes in them.
    pub envelopes: u64,
    /// Of these, the ones whose body had not reached the device.
    #[serde(default)]
    pub without_body: u64,
    /// Pieces of attached files. Those that had not reached the device are not in it.
    #[serde(default)]
    pub pieces: u64,
    /// Clients in the list.
    pub clients: u64,
    /// Notes in the list; private notes are not counted.
    pub notes: u64,
    /// Clients written as text that anybody reads who holds the kit.
    pub readable: u64,
    /// Notes that could not be written so, because they are damaged.
    #[serde(default)]
    pub unreadable: u64,
    /// Notes whose last words are not in it, since the practice's disk took nothing more when it was made.
    #[serde(default)]
    pub unsent: u64,
}

/// `about.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    kind: String,
    pub(crate) format: u32,
    #[serde(flatten)]
    pub(crate) origin: Origin,
}

impl About {
    pub(crate) fn new(origin: Origin) -> Self {
        Self { kind: KIND.to_owned(), format: FORMAT, origin }
    }
}

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BackupManifest {
    kind: String,
    format: u32,
    #[serde(flatten)]
    pub(crate) origin: Origin,
    #[serde(flatten)]
    pub(crate) counts: Counts,
    /// SHA-256 over every byte of the archive before this file's header.
    pub(crate) before: Hash,
}

impl BackupManifest {
    pub(crate) fn new(origin: Origin, counts: Counts, before: Hash) -> Self {
        Self { kind: KIND.to_owned(), format: FORMAT, origin, counts, before }
    }
}

/// The format of what calls itself a backup, before anything else in it is read: a newer one may say everything else in
/// another way.
pub(crate) fn format_of(json: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Bare {
        kind: String,
        format: u32,
    }
    serde_json::from_slice::<Bare>(json).ok().filter(|bare| bare.kind == KIND).map(|bare| bare.format)
}
