//! Attached files.

use std::path::PathBuf;

use subrosa_core::id::{ClientId, DocId};

use crate::features::files::values::{Attachment, Picture};
use crate::values::job::Job;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FilesCommand {
    /// Attach the file that was typed or chosen.
    Attach,
    /// Show a picture, or put it away.
    Picture(Option<DocId>),
    /// Save a copy of an attached file.
    SaveCopy(DocId),
    /// Write that copy into the folder that was typed or chosen.
    WriteCopy,
}

/// A job to do.
pub enum FilesEffect {
    /// → [`FilesEvent::Listed`]
    Load(ClientId),
    /// What is attached to a client has changed here: the other devices are told. → [`FilesEvent::Listed`]
    Changed(ClientId),
    /// → [`FilesEvent::Listed`]; `Event::Progress` on the way
    Attach {
        /// To whom.
        client: ClientId,
        /// The file.
        file: PathBuf,
    },
    /// → [`FilesEvent::Pictured`]
    ShowPicture(DocId),
    /// Writes a copy of an attached file into a folder. → `Event::Written`; `Event::Progress` on the way
    Copy {
        /// Which.
        file: DocId,
        /// Where to.
        dir: PathBuf,
    },
}

impl FilesEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Load(..) | Self::Changed(..) | Self::ShowPicture(..) | Self::Copy { .. } => Job::Files,
            Self::Attach { .. } => Job::Attach,
        }
    }
}

/// What a job brought back.
pub enum FilesEvent {
    /// The files of a client, newest first.
    Listed(ClientId, Vec<Attachment>),
    /// A file was attached to this client, or nothing was because it was stopped.
    Attached(ClientId, bool),
    /// A picture to look at.
    Pictured(Picture),
}
