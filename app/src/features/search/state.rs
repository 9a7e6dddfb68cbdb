//! The search and what it found.

use crate::features::search::values::Hit;
use crate::values::job::Progress;

/// The search and what it found.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Search {
    /// Number of the newest search.
    pub ticket: u64,
    /// Its whole answer has come.
    pub answered: bool,
    /// What it has found.
    pub hits: Vec<Hit>,
    /// How far it is.
    pub looked: Progress,
}
