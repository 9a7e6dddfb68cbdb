//! The recovery kit.

use std::path::PathBuf;

use subrosa_core::secret::Passphrase;

use crate::features::kit::values::{Kit, KitForm};
use crate::values::job::Job;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KitCommand {
    /// Write the recovery kit to the file that was typed.
    Write(KitForm),
    /// Compare what was typed back with the recovery kit.
    Prove,
    /// The recovery kit is lost.
    Lost,
    /// Keep the recovery kit for later, or, of a new one, keep the old.
    Later,
    /// Show a new recovery kit, with the passphrase that was typed.
    Draw,
}

/// A job to do.
pub enum KitEffect {
    /// Draws a new recovery kit, which counts when it was typed back. → [`KitEvent::Drawn`], or `Event::Refused` when the
    /// passphrase is wrong
    Draw {
        /// Asked again.
        passphrase: Passphrase,
    },
    /// Forgets the new kit that was drawn: the old one goes on counting; no answer.
    Forget,
    /// Writes the recovery kit that `OpeningEvent::Created` or [`KitEvent::Drawn`] brought. → [`KitEvent::Written`]
    Write {
        /// The kit, as text.
        kit: Passphrase,
        /// Where to.
        file: PathBuf,
        /// As what.
        form: KitForm,
    },
    /// Compares what was typed back with the groups of the recovery kit that are asked for. One that was drawn counts from
    /// then on. → [`KitEvent::Proven`]
    Prove {
        /// As typed.
        typed: Passphrase,
    },
}

impl KitEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Draw { .. } | Self::Forget => Job::NewKit,
            Self::Write { .. } => Job::Kit,
            Self::Prove { .. } => Job::KitProof,
        }
    }
}

/// What a job brought back.
pub enum KitEvent {
    /// A new recovery kit, and the groups of it that are to be typed back before it counts.
    Drawn(Box<Kit>, Vec<u8>),
    /// The recovery kit is written.
    Written {
        /// The file lies on the disk that also holds the practice.
        same_disk: bool,
    },
    /// Whether what was typed back agrees with the recovery kit.
    Proven(bool),
}
