//! The search.

use crate::features::search::values::Hit;
use crate::values::job::{Job, Progress};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SearchCommand {
    /// To a note that a search found.
    Open(usize),
    /// The search was changed.
    Typed,
}

/// A job to do.
pub enum SearchEffect {
    /// → [`SearchEvent::Hits`]
    Start {
        /// As typed.
        query: String,
        /// Comes back with the answer; the answer to an older search is dropped.
        ticket: u64,
    },
}

impl SearchEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Start { .. } => Job::Search,
        }
    }
}

/// What a job brought back.
pub enum SearchEvent {
    /// What a search has found until now, or in the end.
    Hits {
        /// As given with the search.
        ticket: u64,
        /// Best first.
        hits: Vec<Hit>,
        /// How far the search is, while it goes on.
        looked: Option<Progress>,
    },
}
