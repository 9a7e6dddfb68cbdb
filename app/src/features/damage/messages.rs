//! A file that no passphrase opens.

use std::path::PathBuf;

use subrosa_core::secret::Passphrase;

use crate::features::kit::values::KitSource;
use crate::values::job::Job;
use crate::values::navigation::Way;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DamageCommand {
    /// To a way of mending a damaged file, or back to the choice among them.
    Choose(Option<Way>),
    /// Repair a damaged file with what was typed.
    Salvage,
    /// Ask for the passphrase of a file that was damaged once more.
    TryAgain,
}

/// A job to do.
pub enum DamageEffect {
    /// Opens what can still be read of a damaged file as a new one. → `OpeningEvent::Unlocked`, `CheckEvent::Repaired`,
    /// `CheckEvent::Checked`; `Event::Progress` on the way
    Salvage {
        /// The practice's.
        passphrase: Passphrase,
        /// A backup that what is lacking comes from, and its kit.
        backup: Option<(PathBuf, KitSource)>,
    },
}

impl DamageEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Salvage { .. } => Job::Salvage,
        }
    }
}
