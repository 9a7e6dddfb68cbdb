//! A device that joins by two files: the request, the answer, and the words between them.

use std::path::PathBuf;

use subrosa_core::secret::Passphrase;

use crate::values::job::Job;
use crate::values::secret::Secret;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LettersCommand {
    /// Write a request to join, while no practice is open.
    Request,
    /// Join with the answer to it.
    Finish,
    /// Show what is to be typed about another device's request.
    AskAdmit,
    /// Open that request with its words.
    Read,
    /// Let the device in that wrote it, and write the answer.
    Admit,
    /// Do not.
    Leave,
}

/// A job to do.
pub enum LettersEffect {
    /// → [`LettersEvent::Requested`]
    Request {
        /// The request file.
        out: PathBuf,
        /// The passphrase that shall open the practice on this device.
        passphrase: Passphrase,
        /// What this device shall be called.
        name: String,
    },
    /// → `OpeningEvent::Unlocked`
    Finish {
        /// The answer file.
        answer: PathBuf,
        /// The words that were shown with the request.
        words: Passphrase,
        /// The passphrase that was chosen with it.
        passphrase: Passphrase,
    },
    /// → [`LettersEvent::Read`]
    Read {
        /// The request file.
        request: PathBuf,
        /// The words that the other device showed.
        words: Passphrase,
    },
    /// → [`LettersEvent::Answered`]; `Event::Refused` when the passphrase is wrong
    Admit {
        /// The request file.
        request: PathBuf,
        /// The words that the other device showed.
        words: Passphrase,
        /// Asked again.
        passphrase: Passphrase,
        /// The answer file.
        answer: PathBuf,
    },
}

impl LettersEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Request { .. } | Self::Finish { .. } => Job::Join,
            Self::Read { .. } | Self::Admit { .. } => Job::Devices,
        }
    }
}

/// What a job brought back.
pub enum LettersEvent {
    /// The request is written; these words are to be carried over.
    Requested(Secret),
    /// A device of this name wrote the request.
    Read(String),
    /// It was let in, and the answer is written.
    Answered(String),
}
