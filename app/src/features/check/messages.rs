//! The check of the practice, and its repair.

use crate::features::check::values::{CheckResult, RepairResult};
use crate::values::job::Job;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CheckCommand {
    /// Check the whole practice.
    Run,
    /// Repair what a check found damaged.
    Repair,
}

/// A job to do.
pub enum CheckEffect {
    /// Reads and checks everything. → [`CheckEvent::Checked`]; `Event::Progress` on the way
    Run,
    /// Makes again what can be made, and checks once more. → [`CheckEvent::Repaired`], [`CheckEvent::Checked`];
    /// `Event::Progress` on the way
    Repair,
}

impl CheckEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Run => Job::Check,
            Self::Repair => Job::Repair,
        }
    }
}

/// What a job brought back.
pub enum CheckEvent {
    /// What a check found.
    Checked(Box<CheckResult>),
    /// What a repair did.
    Repaired(RepairResult),
}
