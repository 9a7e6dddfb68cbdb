//! Sessions: a vault is created, joined, unlocked, used for a while, and locked.
//!
//! [`LockedVault`] holds the file and its lock but no key; [`Vault`](crate::vault::Vault) is the unlocked practice.

mod begin;
mod create;
mod error;
mod joining;
mod lock;
pub(crate) mod migrate;
mod new_keys;
mod passphrase;
mod settings;
mod unlock;

pub use create::Created;
pub use error::UnlockError;
pub use joining::JoiningDevice;
pub use new_keys::{Fresh, NewKeysBy};
pub use unlock::{LockedVault, StillLocked};
