//! The sync folder: chosen, looked into, left.

use std::path::PathBuf;

use crate::features::sync_folder::values::{Bucket, FolderKind, FolderLook, Share, UsedFolder};
use crate::values::job::Job;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SyncFolderCommand {
    /// Show what is to be typed about such a folder.
    Show(FolderKind),
    /// Use the one that was typed.
    Use,
    /// Look into it now.
    Look,
    /// Use none.
    Leave,
}

/// A job to do.
pub enum SyncFolderEffect {
    /// → [`SyncFolderEvent::Used`]
    Load,
    /// Uses a folder on this computer. → [`SyncFolderEvent::Used`], then [`SyncFolderEvent::Looked`]
    UseDirectory(PathBuf),
    /// Uses a share on all devices. → as above
    UseShare(Share),
    /// Uses a bucket on all devices. → as above
    UseBucket(Bucket),
    /// Looks into it. → [`SyncFolderEvent::Looked`]
    Look,
    /// Uses none. → [`SyncFolderEvent::Used`]
    Leave,
}

impl SyncFolderEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        Job::SyncFolder
    }
}

/// What a job brought back.
pub enum SyncFolderEvent {
    /// Where the folder is; `None` where none is used.
    Used(Option<UsedFolder>),
    /// What came of looking into it.
    Looked(FolderLook),
    /// None is used any more, and what lay there stays.
    Left,
}
