//! The trash.

use subrosa_core::id::{DeviceId, DocId};
use subrosa_core::secret::Passphrase;

use crate::features::trash::values::Trash;
use crate::values::job::Job;
use crate::values::note_ref::NoteRef;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TrashCommand {
    /// Put what the overlay names into the trash.
    Delete,
    /// Take something out of the trash.
    Undelete(DocId),
    /// Whether what another device has deleted shall be deleted here too.
    Decide(DeviceId, bool),
}

/// A job to do.
pub enum TrashEffect {
    /// → [`TrashEvent::Listed`]
    Load,
    /// The trash with private notes. → [`TrashEvent::Listed`], or `Event::Refused` of `Job::Note`
    ShowPrivate {
        /// Asked again.
        passphrase: Passphrase,
    },
    /// To the trash: a client with everything, or a file. → [`TrashEvent::Deleted`]
    Delete(DocId),
    /// The same with a note. → [`TrashEvent::Deleted`]
    DeleteNote(NoteRef),
    /// Out of it again. → [`TrashEvent::Undeleted`] and [`TrashEvent::Listed`]
    Undelete(DocId),
    /// Whether what another device deleted is deleted here too. → [`TrashEvent::Listed`]
    Decide {
        /// The device.
        device: DeviceId,
        /// Yes.
        apply: bool,
    },
}

impl TrashEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Load | Self::Delete(..) | Self::DeleteNote(..) | Self::Undelete(..) | Self::Decide { .. } => {
                Job::Trash
            }
            Self::ShowPrivate { .. } => Job::Note,
        }
    }
}

/// What a job brought back.
pub enum TrashEvent {
    /// The trash as it now is.
    Listed(Trash),
    /// Something came back out of it, and whether that is a client.
    Undeleted(DocId, bool),
    /// Something went to the trash.
    Deleted(DocId),
}
