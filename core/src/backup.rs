//! Backups: the whole practice as a `.tar.gz` in one age file that the recovery kit opens, with this program or without it.
//!
//! A backup is written under a temporary name, read back from the disk with a key that lives for that alone, restored as a
//! trial, compared with the practice, and only then given its name: `Proven`. What is interrupted counts for nothing and
//! is taken away at the next run. A target is never overwritten; rotation deletes only what this device wrote, and never
//! the last proven backup. `docs/backup.md` describes the bytes.
//!
//! Decisions (when the next one is due, which may go) are functions of their arguments. The practice's own part, which
//! writes and restores, is in [`crate::vault`].

mod about;
mod error;
pub(crate) mod gzip;
mod latest;
mod names;
mod place;
mod rotation;
mod schedule;
pub(crate) mod sealed;

pub(crate) use self::about::{ABOUT, About, BackupManifest, MANIFEST, SIGNATURE, format_of};
pub use self::about::{Counts, FORMAT, Origin};
pub use self::error::BackupError;
pub use self::latest::{NamedBackup, newest_in};
pub(crate) use self::names::is_name;
pub use self::place::Target;
pub(crate) use self::place::{Temporary, fingerprint};
pub use self::rotation::expendable;
pub(crate) use self::schedule::Kept;
pub use self::schedule::{BackupAttempt, BackupRecord, BackupSettings, Every, NextBackup, PrivateKeys, next_backup};
pub(crate) use crate::time::whole_seconds as timestamp;
