//! Clients: the list, a page, merged records.

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::Identity;

use crate::features::clients::values::{Particulars, UnsavedParticulars};
use crate::values::job::Job;
use crate::values::navigation::Tab;
use crate::values::page::{ClientRow, Timeline};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClientsCommand {
    /// To a part of the client's page.
    Show(Tab),
    /// The filter above the clients was changed.
    Filtered,
    /// Give the keyboard to the filter.
    Find,
    /// To a client's page.
    Select(ClientId),
    /// To the client so many rows further down the list.
    Step(i32),
    /// Add the client that was typed.
    Add,
    /// Choose the client that a note is moved to, or that a record is merged with.
    Choose(ClientId),
    /// Merge the selected client with the one that was chosen.
    Merge,
    /// Take the merges of the selected client back.
    Unmerge,
    /// Save what was typed into the selected client's particulars.
    SaveParticulars,
    /// Put back what stands in them.
    ResetParticulars,
}

/// A job to do.
pub enum ClientsEffect {
    /// → [`ClientsEvent::Listed`]
    Load,
    /// → [`ClientsEvent::Added`]
    Add {
        /// Name.
        name: String,
        /// Code, if one was given.
        code: Option<String>,
    },
    /// → [`ClientsEvent::Page`]
    LoadPage(ClientId),
    /// → [`ClientsEvent::Particulars`]
    LoadParticulars(ClientId),
    /// Changes what differs between two states of a client's particulars. → [`ClientsEvent::Edited`]
    Edit {
        /// Whose they are.
        client: ClientId,
        /// What was shown.
        shown: Box<Identity>,
        /// What is wanted.
        wanted: Box<Identity>,
    },
    /// Particulars that are not known to be saved wait over the lock that follows. → `OpenedPractice` has them again
    Keep(Vec<UnsavedParticulars>),
    /// Takes the merges of this client's record back. → [`ClientsEvent::Unmerged`]
    Unmerge(ClientId),
    /// Two records of one person become one. → [`ClientsEvent::Moved`]
    Merge {
        /// This one goes into
        from: ClientId,
        /// this one.
        into: ClientId,
    },
}

impl ClientsEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Load | Self::Add { .. } => Job::Clients,
            Self::LoadPage(..) => Job::Timeline,
            Self::LoadParticulars(..) | Self::Edit { .. } => Job::Particulars,
            Self::Keep(..) => Job::Lock,
            Self::Unmerge(..) | Self::Merge { .. } => Job::Move,
        }
    }
}

/// What a job brought back.
pub enum ClientsEvent {
    /// The clients, in the order of the list.
    Listed(Vec<ClientRow>),
    /// A client was added.
    Added(ClientRow),
    /// A client's page.
    Page(Box<Timeline>),
    /// A client's particulars.
    Particulars(Box<Particulars>),
    /// They were changed, and the client's row with them.
    Edited {
        /// The row.
        row: Box<ClientRow>,
        /// As they are now, with what other devices wrote.
        particulars: Box<Particulars>,
        /// As they were typed.
        saved: Box<Identity>,
    },
    /// A note or a record now belongs to this client; the note, if it was one.
    Moved(ClientId, Option<NoteId>),
    /// A client's record is as many as were merged in it.
    Unmerged(ClientId),
}
