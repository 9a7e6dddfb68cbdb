//! The vault: one therapist's practice on one device, in one file.
//!
//! [`LockedVault`] holds the file and its lock but no key; [`Vault`] is the unlocked practice. They are two types, so
//! that nothing can be read from a locked one. Everything slow or random is an argument: the time `now` is milliseconds
//! since 1970, randomness is an [`Entropy`](crate::entropy::Entropy).
//!
//! What arrives, from this device or another, goes one way: stored as it is, then opened item by item (`ingest`), then
//! counted into the index and the catalog, all in one transaction. An item that fails is set aside alone.
//!
//! From below: values and every row by name (`items`, `registry`), the core that reads and writes (`core`), what can be read
//! (`read`), what follows from items (`project`), how it is sent out (`commit`), the subjects with their doors ([`subject`]),
//! [`Vault`] with a door to each, then long jobs over all of it (`backup`, `integrity`), and sessions on top (`session`).

pub(crate) mod commit;
pub(crate) mod core;
mod error;
pub(crate) mod founding;
pub(crate) mod items;
pub(crate) mod load;
mod notice;
pub(crate) mod project;
pub(crate) mod read;
pub(crate) mod registry;
pub mod subject;

mod backup;
mod integrity;
mod session;
mod unlocked;

pub use backup::{BackupFile, Only, ProofRun, Proven, Restored, Selection, Step, Writing};
pub use core::REAUTH_FOR;
pub use error::VaultError;
pub use founding::NewVault;
pub use integrity::{Affected, Checking, Damage, Repaired, Verified};
pub use items::boot::FORMAT;
pub use items::deletion::KEPT_FOR;
pub use items::ledger::{HeldBodies, MetThrough};
pub use items::mass_deletion::{AT_ONCE, MOST_AT_ONCE};
pub use items::note::{ADDENDUM_TO, CONTINUES, empty_note};
pub use items::signed::{Proof, SignedVersion};
pub use items::signing::SIGNING_GRACE;
pub use notice::Notice;
pub use read::*;
pub use session::{Created, Fresh, JoiningDevice, LockedVault, NewKeysBy, StillLocked, UnlockError};
pub use subject::*;
pub use unlocked::Vault;

pub use crate::rows::RowError;
pub use crate::time::{DAY, Millis};

#[cfg(test)]
mod tests;
