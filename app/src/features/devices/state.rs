//! The devices of the practice, and adding one.

use subrosa_core::id::DeviceId;

use crate::features::devices::values::{DeviceRow, Invitation, LackedNames, NoteCopies, Reach, RemovedDevice};
use crate::features::sync_folder::state::SyncFolderState;
use crate::values::relay::RelayState;
use crate::values::secret::Secret;

/// The devices of the practice.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct DevicesState {
    /// Devices that hold the practice.
    pub rows: Vec<DeviceRow>,
    /// Devices that were removed, the last first.
    pub removed: Vec<RemovedDevice>,
    /// On how many devices the note is that was shown last.
    pub note: Option<NoteCopies>,
    /// The device of which it is shown what it lacks.
    pub opened: Option<DeviceId>,
    /// What that lacks.
    pub lacked: Option<LackedNames>,
    /// Adding a device.
    pub pairing: Pairing,
    /// How they reach each other.
    pub reach: Reach,
    /// How it stands with the relay, once that is known.
    pub relay: Option<RelayState>,
    /// The sync folder.
    pub folder: SyncFolderState,
    /// Another device is being dialled, since a person typed where it is.
    pub is_dialling: bool,
}

/// What is typed about reaching other devices.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ReachFields {
    /// Where another device is.
    pub address: String,
    /// The address of a relay.
    pub relay: String,
    /// What it asks for.
    pub token: Secret,
    /// The file with its certificate.
    pub certificate: String,
    /// The port at which this device is to listen.
    pub port: String,
}

impl ReachFields {
    /// The port that was typed, when it is one.
    pub fn typed_port(&self) -> Option<u16> {
        self.port.trim().parse().ok().filter(|port| *port > 0)
    }
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
    /// A device has used the words.
    Asked {
        /// What it calls itself.
        name: String,
        /// What both screens show.
        compare: String,
    },
    /// The device was let in, and is not in the list yet.
    Adding,
    /// Another device's request file, and its words, are to be typed.
    Letter,
    /// A device of this name wrote it.
    LetterAsked(String),
}

impl Pairing {
    /// Whether it is about a request that came by a file.
    pub fn is_letter(&self) -> bool {
        matches!(self, Self::Letter | Self::LetterAsked(_))
    }
}
