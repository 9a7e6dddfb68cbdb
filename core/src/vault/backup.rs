//! Backups of the practice: written, proven, remembered, looked into, restored.
//!
//! Which bytes a backup has and when the next one is due is in [`crate::backup`].

mod admission;
mod begin;
pub(in crate::vault) mod contents;
mod expected;
mod intake;
mod part;
mod proof;
mod restore;
mod schedule;
mod write;

pub use proof::{ProofRun, Proven};
pub use restore::{BackupFile, Only, Restored, Selection};
pub use write::{Step, Writing};
