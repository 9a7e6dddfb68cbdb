//! The vault: one therapist's practice on one device, in one file.
//!
//! [`LockedVault`] holds the file and its lock but no key; [`Vault`] is the unlocked practice. They are two types, so
//! that nothing can be read from a locked one. Everything slow or random is an argument: the time `now` is milliseconds
//! since 1970, randomness is an [`Entropy`](crate::entropy::Entropy).
//!
//! What arrives, from this device or another, goes one way: stored as it is, then opened item by item (`ingest`), then
//! counted into the index and the catalog, all in one transaction. An item that fails is set aside alone.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::card::CardError;
use crate::catalog::{ClientRow, NoteRow};
use crate::document::{Document, Heads, NotWritten};
use crate::id::{ClientId, DeviceId, DocId, EpochId, Hash, LogId, NoteId};
use crate::kdf::{Policy, StrengthError};
use crate::log::Item;
use crate::roster::Roster;
use crate::rows::Rows;
use crate::secret::{EpochRole, Key, LocalRole, PracticeRole, TransportRole, WrapRole};
use crate::share::{OpenError, SealRecordError};
use crate::sign::Signer;
use crate::slots::SlotError;
use crate::state::State;
use crate::store::{KeptAnchor, StoreError};

mod again;
mod append;
mod attach;
mod backup;
mod backups;
mod boxes;
mod carry;
mod client_list;
mod clients;
mod closing;
mod colleagues;
mod create;
mod detach;
mod devices;
mod exporting;
mod files;
mod held;
mod history;
mod index;
mod ingest;
mod keys;
mod mend;
mod merged;
mod migrate;
mod moved;
mod new_kit;
mod note_view;
mod notes;
mod open;
mod own_slots;
mod parts;
mod pieces;
mod prove;
mod quarantine;
mod receive;
mod removal;
mod restore;
mod restored;
mod rollback;
mod search;
mod settings;
mod signing;
mod take_back;
#[cfg(test)]
mod tests;
mod touched;
mod trash;
mod unheard;
mod verify;

pub use again::AGAIN_FOR;
pub use attach::{Attaching, NewFile, SealedPieces};
pub use backup::{Step, Writing};
pub use carry::{CarryError, Imported, Undone};
pub use colleagues::{ColleagueRow, Disclosure, Handed, Sealed, Share};
pub use create::{Created, NewVault};
pub use detach::OpenedFile;
pub use devices::{DeviceRow, HELLO_LEN, JoiningDevice, Met};
pub use files::{FileError, FileRow, Reached};
pub use held::{AT_ONCE, HeldDeletions, MOST_AT_ONCE};
pub use history::{Made, NoteVersion, PAUSE};
pub use mend::Mended;
pub use new_kit::{KitInForce, NewKit};
pub use note_view::{NoteView, SignedVersion};
pub use notes::{ADDENDUM_TO, empty_note};
pub use open::{FORMAT, LockedVault, StillLocked};
pub use pieces::PieceWant;
pub use prove::{Proven, Proving};
pub use quarantine::{QUARANTINE_BYTES, QUARANTINE_MAX, Quarantined};
pub use receive::{HeldBodies, LogEnd, NotTaken, Taken};
pub use removal::RemovedRow;
pub use restored::{BackupFile, Only, Restored};
pub use search::Hit;
pub use signing::Proof;
pub use take_back::{Settled, SignPreview, TAKE_BACK_FOR};
pub use touched::Touched;
pub use trash::{KEPT_FOR, Many, TrashRow};
pub use verify::{Checking, Damage, Verified};

pub use crate::time::{DAY, Millis};

/// Why something could not be done. Nothing was lost: what was saved before is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The store refused. A damaged block is [`VaultError::Damaged`], like a row that does not open.
    #[error(transparent)]
    Store(StoreError),
    /// A slot did not open.
    #[error("{0}")]
    Slot(SlotError),
    /// Rows that cannot be read.
    #[error(
        "A part of the practice is damaged and was not used. Everything else is whole; check the practice, and restore a backup to another place."
    )]
    Damaged,
    /// A practice of an earlier version, of which no copy could be made and proven before it is changed.
    #[error(
        "This practice was written by an earlier version, and a copy of it must lie beside it before anything is changed. The copy could not be made, and nothing was changed. Make room on the disk, then open the practice again."
    )]
    NotCopied,
    /// Too long for one note.
    #[error("{0}")]
    NotWritten(#[from] NotWritten),
    /// More than one envelope can carry.
    #[error("This is too large to be kept as one note. Nothing was changed; split it.")]
    TooLarge,
    /// The passphrase protection cannot be used.
    #[error("{0}")]
    Strength(#[from] StrengthError),
    /// No client has this id.
    #[error("There is no client with this id. Nothing was changed.")]
    NoSuchClient,
    /// No note has this id.
    #[error("There is no note with this id. Nothing was changed.")]
    NoSuchNote,
    /// A signed note was to be changed.
    #[error("A signed note is never changed. It is as it was; write an addendum instead.")]
    Signed,
    /// An unsigned note where a signed one is needed.
    #[error("This note is not signed yet. Nothing was changed; sign it first, or go on writing in it.")]
    NotSigned,
    /// What is to be signed is no longer what was shown.
    #[error("This note has changed since it was shown. Nothing was signed; look at it and sign again.")]
    ChangedSinceShown,
    /// A note whose signature can still be taken back was to be changed.
    #[error("This note is being signed. Nothing was changed; take the signature back to go on writing.")]
    BeingSigned,
    /// No signature is waiting.
    #[error("There is no signature to take back: this note is signed already, or nobody has signed it.")]
    NothingToTakeBack,
    /// More deletions at once than are made without asking.
    #[error("More than 20 would be deleted at once. Nothing was deleted; say so if that is meant.")]
    ManyDeletions,
    /// Two clients that are one.
    #[error("This is one record already. Nothing was changed.")]
    OneRecord,
    /// A client that was not merged.
    #[error("This client was not made one with another. Nothing was changed.")]
    NotMerged,
    /// Not deleted, so it cannot be brought back.
    #[error("This is not in the trash. Nothing was changed.")]
    NotInTrash,
    /// A client without a name.
    #[error("A client needs a name. Nothing was changed.")]
    NoName,
    /// Something that must ask for the passphrase again.
    #[error("Private notes, devices and the recovery kit ask for the passphrase again. Nothing was changed.")]
    AskAgain,
    /// The key of a record has not arrived on this device.
    #[error(
        "What opens this record has not reached this device yet. Nothing is lost: it opens when the other device syncs."
    )]
    KeyNotHere,
    /// The practice admits no more devices.
    #[error("A practice has 16 devices at most. Nothing was changed.")]
    TooManyDevices,
    /// No device has this id, or it was removed already.
    #[error("No device of this practice is called so. Nothing was changed.")]
    NoSuchDevice,
    /// This device itself was to be removed.
    #[error("A device is removed on another one, and the last one cannot be. Nothing was changed.")]
    OwnDevice,
    /// The list of devices does not take the removal: it changed meanwhile.
    #[error("The device was not removed: the list of devices has changed since. Nothing was changed; try again.")]
    NotRemoved,
    /// The list of devices does not take the new recovery kit: it changed meanwhile.
    #[error(
        "The new recovery kit was not put in force: the list of devices has changed since. The kit until now still counts; destroy the new paper and try again."
    )]
    KitNotReplaced,
    /// This device does not belong to the practice any more.
    #[error(
        "This device was removed from the practice. What is on it can be read and exported; nothing else was done."
    )]
    RemovedHere,
    /// More epochs than a removal can hand over.
    #[error("This practice has removed devices too often for one more removal. Nothing was changed.")]
    TooManyEpochs,
    /// Nothing of this device waits for an answer.
    #[error("Nothing from this device waits for an answer. Nothing was changed.")]
    NothingQuarantined,
    /// What another device sent while joining does not fit.
    #[error("What the other device sent does not fit this practice. Nothing was changed; start joining again.")]
    NotAdmitted,
    /// An import to be undone is not known.
    #[error("There is no such import. Nothing was changed.")]
    NoSuchImport,
    /// No colleague has this id.
    #[error("There is no colleague with this id. Nothing was changed.")]
    NoSuchColleague,
    /// A contact card was refused.
    #[error("{0}")]
    Card(#[from] CardError),
    /// A record was not sealed.
    #[error("{0}")]
    NotSealed(#[from] SealRecordError),
    /// A sealed record was not opened.
    #[error("{0}")]
    NotOpened(#[from] OpenError),
    /// The card is this practice's own.
    #[error("This is your own contact card. Nothing was changed; give it to a colleague, and add theirs here.")]
    OwnCard,
}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        match error {
            // To whoever reads row by row a block that a disk changed and a row that a hand changed are one thing.
            StoreError::Damaged => Self::Damaged,
            other => Self::Store(other),
        }
    }
}

impl From<SlotError> for VaultError {
    fn from(error: SlotError) -> Self {
        Self::Slot(error)
    }
}

impl VaultError {
    /// Whether another passphrase may do.
    pub fn is_wrong_passphrase(&self) -> bool {
        matches!(self, Self::Slot(SlotError::WrongPassphrase))
    }
}

/// An unlocked practice.
pub struct Vault {
    rows: Rows,
    state: State,
    path: Option<PathBuf>,
    kept_anchor: Option<KeptAnchor>,
    policy: Policy,
    local: Key<LocalRole>,
    boxes: boxes::KeyBox,
    device: DeviceId,
    signer: Signer,
    roster: Roster,
    epochs: BTreeMap<EpochId, Key<EpochRole>>,
    practice: Key<PracticeRole>,
    log: LogId,
    clients: BTreeMap<ClientId, ClientRow>,
    drafts: BTreeMap<NoteId, Draft>,
    tried: Option<Tried>,
    signing: BTreeMap<NoteId, take_back::Signing>,
    trash: trash::Trash,
    merges: merged::Merges,
    shown: merged::Shown,
    deletions: held::Deletions,
    pending: BTreeSet<NoteId>,
    again: Option<again::Again>,
    /// The body that was opened last.
    body: RefCell<Option<(Hash, Vec<Item>)>>,
    /// The body of which items are being opened alone, and how many were after the first.
    alone: Cell<(Hash, u8)>,
    notices: Vec<Notice>,
    changed: u64,
    /// Files that are being attached, with the pieces that are kept so far.
    attaching: BTreeMap<DocId, Vec<Hash>>,
    /// A piece that arrived found no room: none is asked for until the next unlocking.
    no_room: bool,
}

/// A document that is being edited, and how much of it has left in an envelope.
pub(crate) struct Draft {
    document: Document,
    sent: Heads,
    /// How many of its items, in the order of the index, the document holds.
    taken: usize,
    /// The timeline's row for it, as it was last written.
    row: Option<NoteRow>,
}

/// A save that failed: what it was an edit of, and the version that it would have made.
struct Tried {
    note: NoteId,
    base: Heads,
    version: Heads,
}

/// What the therapist should be told once after unlocking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// An anchor has seen the practice further than this file.
    RolledBack,
    /// The anchor beside it cannot be read.
    AnchorUnreadable,
    /// Some rows are not the ones that were written last.
    RowsChanged,
    /// Rows that are read at every unlocking are damaged; all that could be was made again from others.
    Damaged,
    /// The program ended before a signature was made that nobody took back; it has been made now.
    SignedSince,
    /// A signature that was to be made could not be.
    NotSigned,
    /// Another device deleted so much at once that it is asked about.
    DeletionsHeld,
    /// This device's own log went on elsewhere: the practice file was copied.
    Copied,
    /// Something that arrived could not be used, and was set aside alone.
    SetAside,
    /// A file that arrived found no room on the disk.
    NoRoom,
    /// This device was removed from the practice.
    RemovedHere,
    /// Two devices were removed at the same time, and the passphrase is needed.
    TwoRemoved,
    /// Another device put a new recovery kit in force, and the passphrase is needed.
    NewKit,
    /// A removed device's envelopes arrived that it wrote, or sent, after it was removed.
    Quarantined,
}

impl Notice {
    /// What happened, what is safe, and what to do.
    pub fn words(self) -> &'static str {
        match self {
            Self::RolledBack => {
                "This is not the copy of the practice that was open here last: an older copy was put in place, or the one from before that was put back. What it holds is whole; what was written in the other since is missing here until another device or a backup brings it back."
            }
            Self::AnchorUnreadable => {
                "The small file beside the practice that would show an older copy cannot be read. The practice itself is whole; a new one has been written."
            }
            Self::RowsChanged => {
                "Somebody or something changed the practice file from outside. Every note that opens is as it was written; check the practice."
            }
            Self::Damaged => {
                "A part of the practice file is damaged. What can be read is shown; copy the file, check the practice, and export it into a new folder."
            }
            Self::SignedSince => {
                "The program ended within the minute after you signed. What you signed is signed now, with the time at which you did it."
            }
            Self::NotSigned => {
                "The program ended within the minute after you signed, and a note could not be signed since. Nothing of it is lost: it is an unsigned note; look at it and sign again."
            }
            Self::DeletionsHeld => {
                "Another device deleted more than 20 clients, notes or files at once. Nothing of it is deleted here; look at it and say whether it is meant."
            }
            Self::Copied => {
                "This practice was copied, and both copies went on. Nothing is lost: both are kept and shown."
            }
            Self::NoRoom => {
                "The disk is nearly full, so parts of attached files that other devices have are not fetched. Notes are saved and kept in step as before; make room, then lock and unlock."
            }
            Self::RemovedHere => {
                "This device was removed from the practice. Everything that is on it can still be read here and exported; it exchanges nothing with the other devices any more."
            }
            Self::TwoRemoved => {
                "Two devices were removed at the same time. Lock this practice and unlock it once, so that neither of them could open what is written from then on."
            }
            Self::NewKit => {
                "A new recovery kit was made on another device, and the paper of the old one opens nothing that is kept from now on. Lock this practice and unlock it once: then the new kit opens it too, and backups go on."
            }
            Self::Quarantined => {
                "Something arrived from a device after you removed it. It lies apart and is not used; look at it in the list of devices, and say whether to keep or discard it."
            }
            Self::SetAside => {
                "Something that another device sent could not be used and was set aside. Everything else arrived, and no note was changed by it; check the practice on that device too."
            }
        }
    }
}

impl Vault {
    /// Where the file lies; `None` for a practice in memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// This device.
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// What should be told once.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// A number that grows with everything that was written here or arrived.
    pub fn changed(&self) -> u64 {
        self.changed
    }

    /// The seed of the transport key, new every week.
    pub fn transport(&self) -> &Key<TransportRole> {
        &self.boxes.transport
    }

    fn dkk(&self) -> &Key<WrapRole> {
        &self.boxes.wrap
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}
