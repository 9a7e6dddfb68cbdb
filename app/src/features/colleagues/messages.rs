//! Colleagues and sealed records.

use std::path::PathBuf;

use subrosa_core::id::ColleagueId;

use crate::features::colleagues::values::{ColleagueRow, OwnCard, SealRequest, SealedRecord};
use crate::values::job::Job;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ColleaguesCommand {
    /// Keep the name that colleagues read on one's own card.
    KeepOwner,
    /// Write one's own card.
    MakeCard,
    /// Read a colleague's card.
    Add,
    /// A colleague's safety words agree.
    WordsAgree(ColleagueId),
    /// Take a colleague off the list.
    Remove(ColleagueId),
    /// Seal the record as described.
    Seal,
    /// Open a sealed record.
    OpenSealed,
    /// Write the files of the sealed record that is open into a folder.
    SaveSealed,
    /// Put it away.
    CloseSealed,
}

/// A job to do.
pub enum ColleaguesEffect {
    /// → [`ColleaguesEvent::Listed`]
    Load,
    /// Keeps the name on one's own card. → [`ColleaguesEvent::Listed`]
    KeepOwner(String),
    /// Writes one's own card. → `Event::Written`
    MakeCard {
        /// Where to.
        file: PathBuf,
    },
    /// → [`ColleaguesEvent::Listed`]
    Add {
        /// The colleague's card.
        file: PathBuf,
    },
    /// The safety words were compared and agree. → [`ColleaguesEvent::Listed`]
    WordsAgree(ColleagueId),
    /// Takes a colleague off the list. → [`ColleaguesEvent::Listed`]
    Remove(ColleagueId),
    /// → `Event::Written`
    Seal(Box<SealRequest>),
    /// → [`ColleaguesEvent::SealedOpened`]
    OpenSealed {
        /// The sealed record.
        file: PathBuf,
    },
    /// Writes the files of the sealed record that was opened last into a folder. → `Event::Written`
    SaveSealed {
        /// Where to.
        dir: PathBuf,
    },
    /// Forgets the sealed record that was opened; no answer.
    CloseSealed,
}

impl ColleaguesEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Load
            | Self::KeepOwner(..)
            | Self::MakeCard { .. }
            | Self::Add { .. }
            | Self::WordsAgree(..)
            | Self::Remove(..) => Job::Colleagues,
            Self::Seal(..) => Job::Seal,
            Self::OpenSealed { .. } | Self::SaveSealed { .. } | Self::CloseSealed => Job::OpenSealed,
        }
    }
}

/// What a job brought back.
pub enum ColleaguesEvent {
    /// One's own card and the colleagues.
    Listed(Box<OwnCard>, Vec<ColleagueRow>),
    /// A sealed record from a colleague.
    SealedOpened(Box<SealedRecord>),
}
