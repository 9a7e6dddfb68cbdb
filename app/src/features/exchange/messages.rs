//! Plain files in and out.

use std::path::PathBuf;

use subrosa_core::id::ClientId;
use subrosa_core::secret::Passphrase;

use crate::features::exchange::values::ImportReport;
use crate::values::job::Job;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ExchangeCommand {
    /// Import, or say what an import would do.
    Import {
        /// Change nothing.
        dry_run: bool,
    },
    /// Take the last import back.
    UndoImport,
    /// Write everything as plain files.
    Export,
    /// Write the selected client's record as plain files.
    ExportClient,
}

/// A job to do.
pub enum ExchangeEffect {
    /// → [`ExchangeEvent::Imported`]; `Event::Progress` on the way
    Import {
        /// The folder.
        dir: PathBuf,
        /// Say what would happen, and change nothing.
        dry_run: bool,
    },
    /// Takes the last import back as a whole. → [`ExchangeEvent::Undone`]
    UndoImport,
    /// Writes everything as plain files. → `Event::Written`; `Event::Progress` on the way
    Export {
        /// An empty folder.
        dir: PathBuf,
        /// One client, or all.
        client: Option<ClientId>,
        /// The passphrase, when private notes shall be among them.
        private: Option<Passphrase>,
    },
}

impl ExchangeEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Import { .. } | Self::UndoImport => Job::Import,
            Self::Export { .. } => Job::Export,
        }
    }
}

/// What a job brought back.
pub enum ExchangeEvent {
    /// What an import did, or would do.
    Imported(Box<ImportReport>),
    /// The last import is taken back.
    Undone,
}
