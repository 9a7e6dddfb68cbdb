//! Why the practice's devices or its recovery kit were not changed.

use crate::rows::RowError;
use crate::slots::SlotError;
use crate::store::StoreError;
use crate::vault::core::PassphraseError;

/// What can come of admitting and removing devices, and of replacing the recovery kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// Rows were not read or not written.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The passphrase, or the slot that it opens.
    #[error("{0}")]
    Slot(#[from] SlotError),
    /// The practice admits no more devices.
    #[error("A practice has 16 devices at most. Nothing was changed.")]
    TooManyDevices,
    /// The list of devices has grown beyond what a new device can be handed.
    #[error("The list of devices is too long to be handed to a new one. Nothing was changed.")]
    WelcomeTooLong,
    /// What another device sent while joining does not fit.
    #[error("What the other device sent does not fit this practice. Nothing was changed; start joining again.")]
    NotAdmitted,
    /// No device has this id, or it was removed already.
    #[error("No device of this practice is called so. Nothing was changed.")]
    NoSuchDevice,
    /// A device was to be called nothing.
    #[error("A device needs a name. Nothing was changed.")]
    NoName,
    /// A relay with an address, a token and a certificate of more bytes than a setting takes.
    #[error("What was typed for the relay is too long. Nothing was changed.")]
    SettingTooLong,
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
    /// Nothing of this device waits for an answer.
    #[error("Nothing from this device waits for an answer. Nothing was changed.")]
    NothingQuarantined,
}

impl From<StoreError> for DeviceError {
    fn from(error: StoreError) -> Self {
        Self::Row(error.into())
    }
}

impl From<PassphraseError> for DeviceError {
    fn from(error: PassphraseError) -> Self {
        match error {
            PassphraseError::Row(error) => Self::Row(error),
            PassphraseError::Slot(error) => Self::Slot(error),
        }
    }
}

impl DeviceError {
    /// Whether another passphrase may do.
    pub fn is_wrong_passphrase(&self) -> bool {
        *self == Self::Slot(SlotError::WrongPassphrase)
    }
}
