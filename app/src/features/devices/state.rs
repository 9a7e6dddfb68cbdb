//! The devices of the practice, and adding one.

use crate::features::devices::values::{DeviceRow, Invitation, RemovedDevice};

/// The devices of the practice.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct DevicesState {
    /// Devices that hold the practice.
    pub rows: Vec<DeviceRow>,
    /// Devices that were removed, the last first.
    pub removed: Vec<RemovedDevice>,
    /// Adding a device.
    pub pairing: Pairing,
}

/// Adding a device, step by step.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Pairing {
    /// Not now.
    #[default]
    Idle,
    /// Asking for the passphrase again.
    Reauth,
    /// Showing words.
    Inviting(Box<Invitation>),
    /// A device of this name has used the words.
    Asked(String),
    /// The device was let in, and is not in the list yet.
    Adding,
}
