//! The trash, and deletions that wait for an answer.

mod deletions;
mod error;
mod leaving;
mod mass_deletions;

pub use deletions::{MassDelete, TrashRow};
pub use error::TrashError;
pub use mass_deletions::MassDeletions;
