//! Why something could not be done with a vault.

use crate::card::CardError;
use crate::codec::Malformed;
use crate::document::NotWritten;
use crate::kdf::StrengthError;
use crate::share::{OpenError, SealRecordError};
use crate::slots::SlotError;
use crate::store::StoreError;

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
    NeedsReauth,
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

impl From<Malformed> for VaultError {
    fn from(_: Malformed) -> Self {
        Self::Damaged
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
