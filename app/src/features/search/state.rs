//! The search and what it found.

use crate::features::search::values::Hit;
use crate::values::job::Progress;

/// The search and what it found.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Search {
    /// Number of the newest search.
    pub ticket: u64,
    /// Whether the whole answer to it has come.
    pub answered: bool,
    /// Notes that it has found so far.
    pub hits: Vec<Hit>,
    /// How many notes it has looked through.
    pub looked: Progress,
}
