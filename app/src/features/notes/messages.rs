//! Notes: begun, opened, written, moved; private ones for as long as they are open.

use jiff::civil::Time;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::NoteContent;
use subrosa_core::secret::Passphrase;

use crate::values::job::Job;
use crate::values::note_ref::NoteRef;
use crate::values::page::OpenNote;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NotesCommand {
    /// A new note for this client.
    New,
    /// To a note.
    Open(NoteRef),
    /// Something in the note was changed.
    Typed,
    /// Another template, by its place in [`crate::values::note_format::FORMATS`].
    Format(usize),
    /// Open a private note, begin one, or list them, with the passphrase that was typed.
    Private,
    /// Move the note that is shown to the client that was chosen.
    Move,
    /// Begin an addendum to the signed note that is shown.
    Addendum,
    /// Only the note and nothing else, or everything again.
    Writing,
    /// Make further notes of what the one that is shown cannot hold.
    Split,
    /// Attach what the note that is shown cannot hold as a file.
    AttachWords,
    /// Select what is too much in the note that is shown.
    SelectExcess,
}

/// A job to do.
pub enum NotesEffect {
    /// A client's page with its private notes. → `ClientsEvent::Page`, or `Event::Refused` of `Job::Note`
    ShowPrivate {
        /// Whose.
        client: ClientId,
        /// Asked again.
        passphrase: Passphrase,
    },
    /// Begins an unsigned note. → [`NotesEvent::Opened`]
    New {
        /// Whose.
        client: ClientId,
        /// What it begins with.
        content: NoteContent,
        /// For a private note: the passphrase, asked again.
        private: Option<Passphrase>,
    },
    /// Begins an unsigned addendum to a signed note. → [`NotesEvent::Opened`]
    NewAddendum {
        /// The signed note.
        to: NoteId,
        /// What it begins with.
        content: NoteContent,
    },
    /// → [`NotesEvent::Opened`], or `Event::Refused` when the passphrase is wrong
    Open {
        /// Which.
        note: NoteRef,
        /// For a private note: the passphrase, asked again.
        private: Option<Passphrase>,
    },
    /// → [`NotesEvent::Saved`], only once it is durable
    Save {
        /// Which.
        note: NoteRef,
        /// All of it, as it now is.
        content: NoteContent,
        /// Comes back with the answer, and tells which state is saved.
        revision: u64,
        /// The last [`NotesEvent::Merged`] that this text already holds; 0 for none.
        seen: u64,
    },
    /// → `ClientsEvent::Moved`
    Move {
        /// Which.
        note: NoteRef,
        /// To whom.
        to: ClientId,
        /// Why; stands in the signed addendum when the note is signed.
        why: String,
    },
    /// Splits what was kept beyond what a note holds. → `ClientsEvent::Page`, [`NotesEvent::Opened`]
    Split(NoteRef),
    /// Attaches all of it as a file. → `ClientsEvent::Page`, [`NotesEvent::Opened`]
    AttachWords(NoteRef),
    /// Nothing of the private notes is on the screen any more: they close, unless they were opened or written in since.
    /// → [`NotesEvent::PrivateClosed`]
    ClosePrivate,
}

impl NotesEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::ShowPrivate { .. }
            | Self::New { .. }
            | Self::NewAddendum { .. }
            | Self::Open { .. }
            | Self::Split(_)
            | Self::AttachWords(_) => Job::Note,
            Self::Save { .. } => Job::Save,
            Self::Move { .. } => Job::Move,
            Self::ClosePrivate => Job::Lock,
        }
    }
}

/// What a job brought back.
pub enum NotesEvent {
    /// A note to read or write.
    Opened(Box<OpenNote>),
    /// A draft is durable.
    Saved {
        /// Which.
        note: NoteRef,
        /// As given in [`NotesEffect::Save`].
        revision: u64,
        /// When.
        at: Time,
    },
    /// More was written than the note holds: all of it is durable beside the note, and no part of it.
    KeptOverlong {
        /// Which.
        note: NoteRef,
        /// As given in [`NotesEffect::Save`].
        revision: u64,
        /// When.
        at: Time,
    },
    /// A note took no more, and goes on in a new one; what is on the screen is of that.
    Anew {
        /// Which.
        from: NoteRef,
        /// The new one.
        note: Box<OpenNote>,
    },
    /// Another device wrote in the note that is being edited: this is the text of both. Taken only when nothing is being
    /// typed; what was typed meanwhile is saved as an edit of what had been seen, and the text of both comes again.
    Merged {
        /// Which.
        note: NoteRef,
        /// What it says now.
        content: NoteContent,
        /// To be named by the next [`NotesEffect::Save`], once it is on the screen.
        seen: u64,
    },
    /// The time for which the passphrase opened the private notes is almost over.
    /// `NotesEffect::ClosePrivate` ends it, and saving a private note prolongs it.
    PrivateClosing,
    /// It is over.
    PrivateClosed,
}
