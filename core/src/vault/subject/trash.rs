//! The trash, and deletions that wait for an answer.

mod deletions;
mod mass_deletions;

pub use deletions::{MassDelete, TrashRow};
pub use mass_deletions::HeldDeletions;
