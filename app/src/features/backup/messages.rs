//! Backups: made, and what comes back from one.

use std::path::PathBuf;

use jiff::civil::DateTime;
use subrosa_core::backup::Every;
use subrosa_core::id::ClientId;
use subrosa_core::secret::Passphrase;

use crate::features::backup::values::{BackupScope, BackupStatus, OpenedBackup};
use crate::features::kit::values::KitSource;
use crate::values::job::Job;
use crate::values::note_ref::NoteRef;
use crate::values::page::{OpenNote, Timeline};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BackupCommand {
    /// Make a backup.
    Make,
    /// Keep the folder that was typed or chosen for backups.
    KeepFolder,
    /// How often one is made by itself.
    Every(Every),
    /// With text that other programs read, or without.
    Text(bool),
    /// Open the backup that was named, to look into it.
    Open,
    /// Forget it.
    Close,
    /// To a client's page in it, or back to all clients.
    LookInto(Option<ClientId>),
    /// Read a note in it.
    Read(NoteRef),
    /// Bring back what is missing here.
    BringBack(BackupScope),
}

/// A job to do.
pub enum BackupEffect {
    /// Keeps where backups go, and how often. → [`BackupEvent::Status`]
    Keep {
        /// The folder.
        folder: Option<PathBuf>,
        /// How often.
        every: Every,
        /// With text that other programs read.
        readable: bool,
    },
    /// Makes one now, between other work. → [`BackupEvent::Ended`]; `Event::Progress` on the way
    Make {
        /// Where to; kept for the next.
        folder: PathBuf,
    },
    /// Makes a practice out of a backup, where there is none. → `OpeningEvent::Unlocked`; `Event::Progress` on the way
    Restore {
        /// The backup.
        file: PathBuf,
        /// The recovery line, or the file that it stands in.
        kit: KitSource,
        /// From now on.
        passphrase: Passphrase,
        /// In the place of a file that does not open, which stays beside it.
        instead: bool,
    },
    /// Opens a backup to look into it. → [`BackupEvent::Opened`]; `Event::Progress` on the way
    Open {
        /// The backup.
        file: PathBuf,
        /// The recovery line, or the file that it stands in.
        kit: KitSource,
    },
    /// A client's page in the backup that is open. → [`BackupEvent::LookedInto`]
    LookInto(ClientId),
    /// A note in it. → [`BackupEvent::Note`]
    Read(NoteRef),
    /// Brings back what is missing here. → [`BackupEvent::BroughtBack`]; `Event::Progress` on the way
    BringBack(BackupScope),
    /// Forgets the backup that is open; no answer.
    Close,
}

impl BackupEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Keep { .. } => Job::Schedule,
            Self::Make { .. } => Job::Backup,
            Self::Restore { .. } => Job::Restore,
            Self::Open { .. } | Self::LookInto(..) | Self::Read(..) | Self::Close => Job::OpenBackup,
            Self::BringBack(..) => Job::BringBack,
        }
    }
}

/// What a job brought back.
pub enum BackupEvent {
    /// How it stands with backups.
    Status(Box<BackupStatus>),
    /// A backup was begun, by itself or because it was asked for.
    Begun,
    /// How it stands after one ended, and whether it was made.
    Ended(Box<BackupStatus>, bool),
    /// A folder was named where a backup is read: this is the newest in it, and nothing was opened yet.
    Offered {
        /// The job that was to read it.
        job: Job,
        /// Where it lies.
        file: PathBuf,
        /// When it was made, as its name says.
        made: DateTime,
    },
    /// What is in a backup.
    Opened(Box<OpenedBackup>),
    /// A client's page in it.
    LookedInto(Box<Timeline>),
    /// A note in it.
    Note(Box<OpenNote>),
    /// What was missing here has come back from it: so many changes.
    BroughtBack(u64),
}
