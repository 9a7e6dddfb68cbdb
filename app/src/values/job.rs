//! The kinds of job, to say which one is at work or has failed, and how far one is.

/// A kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Job {
    /// Looking whether there is a practice.
    Look,
    /// Creating a practice.
    Create,
    /// Writing the recovery kit.
    Kit,
    /// Proving it.
    KitProof,
    /// Drawing a new one.
    NewKit,
    /// Opening the practice.
    Unlock,
    /// Opening it with the recovery kit.
    Recover,
    /// Choosing a file or folder.
    Pick,
    /// Locking it.
    Lock,
    /// The list of clients.
    Clients,
    /// One client's timeline.
    Timeline,
    /// One client's particulars.
    Particulars,
    /// Opening or beginning a note.
    Note,
    /// Saving a draft.
    Save,
    /// Signing.
    Sign,
    /// The versions of a note.
    History,
    /// The trash, and putting things there.
    Trash,
    /// Moving a note, merging records.
    Move,
    /// Searching.
    Search,
    /// The list of devices, inviting and confirming one.
    Devices,
    /// Removing one, and what came from it since.
    Removal,
    /// How devices reach each other.
    Reach,
    /// The sync folder.
    SyncFolder,
    /// Joining from this device.
    Join,
    /// Colleagues and cards.
    Colleagues,
    /// Sealing a record.
    Seal,
    /// Opening a sealed record.
    OpenSealed,
    /// Importing.
    Import,
    /// Exporting.
    Export,
    /// Changing the passphrase.
    Passphrase,
    /// Making all keys new.
    NewKeys,
    /// Attaching a file.
    Attach,
    /// Attached files: the list, a picture, a copy.
    Files,
    /// Checking the practice.
    Check,
    /// Repairing it.
    Repair,
    /// Repairing a file that does not open.
    Salvage,
    /// Making a backup.
    Backup,
    /// Where backups go, and how often.
    Schedule,
    /// A practice out of a backup.
    Restore,
    /// Looking into a backup.
    OpenBackup,
    /// Bringing something back from one.
    BringBack,
    /// Keeping the settings.
    Settings,
}

impl Job {
    /// Whether this kind has the practice to itself until it ends: nothing that is typed meanwhile could be saved.
    pub fn is_alone(self) -> bool {
        use Job::{BringBack, Export, Import, NewKeys, OpenSealed, Repair, Seal};
        matches!(self, Import | Export | Seal | OpenSealed | Repair | BringBack | NewKeys)
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Progress {
    /// Done so far.
    pub done: u64,
    /// Of so many; 0 when that is not known.
    pub total: u64,
}

impl Progress {
    /// Between 0 and 1, when it can be known.
    pub fn fraction(self) -> Option<f32> {
        #[expect(clippy::cast_possible_truncation, reason = "a progress bar is narrower than the precision of f32")]
        (self.total > 0).then(|| (self.done as f64 / self.total as f64).clamp(0.0, 1.0) as f32)
    }
}
