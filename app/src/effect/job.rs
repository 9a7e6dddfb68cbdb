//! The kinds of job, to say which one is at work or has failed.

use super::Effect;

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
        use Job::{BringBack, Export, Import, OpenSealed, Repair, Seal};
        matches!(self, Import | Export | Seal | OpenSealed | Repair | BringBack)
    }
}

impl Effect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Look => Job::Look,
            Self::CreatePractice { .. } => Job::Create,
            Self::WriteKit { .. } => Job::Kit,
            Self::ProveKit { .. } => Job::KitProof,
            Self::DrawKit { .. } | Self::ForgetKit => Job::NewKit,
            Self::OpenDemo | Self::Unlock { .. } => Job::Unlock,
            Self::Recover { .. } => Job::Recover,
            Self::Pick(_) => Job::Pick,
            Self::Lock(_) | Self::LetSleep | Self::ClosePrivate => Job::Lock,
            Self::LoadClients | Self::AddClient { .. } => Job::Clients,
            Self::LoadTimeline(_) => Job::Timeline,
            Self::ShowPrivate { .. }
            | Self::ShowPrivateTrash { .. }
            | Self::NewNote { .. }
            | Self::NewAddendum { .. }
            | Self::OpenNote { .. } => Job::Note,
            Self::SaveDraft { .. } => Job::Save,
            Self::PreviewSignature(_) | Self::Sign(_) | Self::TakeBack(_) | Self::InError { .. } => Job::Sign,
            Self::LoadHistory(_) => Job::History,
            Self::LoadTrash | Self::Delete(_) | Self::Undelete(_) | Self::AnswerHeld { .. } => Job::Trash,
            Self::MoveNote { .. } | Self::MergeClients { .. } | Self::UnmergeClient(_) => Job::Move,
            Self::Search { .. } => Job::Search,
            Self::LoadDevices | Self::InviteDevice { .. } | Self::CancelInvitation | Self::ConfirmDevice(_) => {
                Job::Devices
            }
            Self::RemoveDevice { .. } | Self::AnswerApart { .. } => Job::Removal,
            Self::JoinDevice { .. } => Job::Join,
            Self::LoadColleagues
            | Self::KeepOwner(_)
            | Self::MakeCard { .. }
            | Self::AddColleague { .. }
            | Self::WordsAgree(_) => Job::Colleagues,
            Self::SealRecord(_) => Job::Seal,
            Self::OpenSealed { .. } | Self::SaveSealed { .. } | Self::CloseSealed => Job::OpenSealed,
            Self::Import { .. } | Self::UndoImport => Job::Import,
            Self::Export { .. } => Job::Export,
            Self::ChangePassphrase { .. } => Job::Passphrase,
            Self::Attach { .. } => Job::Attach,
            Self::LoadFiles(_) | Self::FilesChanged(_) | Self::ShowPicture(_) | Self::CopyFile { .. } => Job::Files,
            Self::Check => Job::Check,
            Self::Repair => Job::Repair,
            Self::Salvage { .. } => Job::Salvage,
            Self::BackUp { .. } => Job::Backup,
            Self::Restore { .. } => Job::Restore,
            Self::OpenBackup { .. } | Self::LookInto(_) | Self::ReadInside(_) | Self::CloseBackup => Job::OpenBackup,
            Self::BringBack(_) => Job::BringBack,
            Self::KeepBackups { .. } => Job::Schedule,
            Self::SaveSettings(_) => Job::Settings,
            Self::Cancel(job) => *job,
        }
    }
}
