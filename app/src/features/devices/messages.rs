//! Devices: the list, inviting one, joining one, removing one.

use std::path::PathBuf;

use subrosa_core::id::DeviceId;
use subrosa_core::secret::Passphrase;

use crate::features::devices::values::{DeviceRow, Invitation, LackedNames, NoteCopies, Reach, RemovedDevice};
use crate::values::job::Job;
use crate::values::relay::RelayState;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DevicesCommand {
    /// Ask for the passphrase before a device is invited.
    AskInvite,
    /// Show words with which a device can join.
    Invite,
    /// Stop showing them.
    CancelInvitation,
    /// Whether the device that used them may join.
    Confirm(bool),
    /// Remove the device that the overlay names, with the passphrase that was typed.
    Remove,
    /// Show what a device lacks, or show it no longer.
    ShowLacked(DeviceId),
    /// Use what came from a device after it was removed.
    Keep(DeviceId),
    /// Put away what came from the removed device that the overlay names.
    Discard,
    /// Call this device by the name that was typed.
    Rename,
    /// Dial the device whose place was typed.
    Connect,
    /// Listen at the port that was typed.
    UsePort,
    /// Use the relay that was typed, on all devices.
    UseRelay,
    /// Use none.
    UseNoRelay,
}

/// A job to do.
pub enum DevicesEffect {
    /// → [`DevicesEvent::Listed`]
    Load,
    /// → [`DevicesEvent::Lacked`]
    LoadLacked(DeviceId),
    /// → [`DevicesEvent::Invited`], then [`DevicesEvent::Asks`] when one uses it; `Event::Refused` when the passphrase is wrong
    Invite {
        /// Asked again.
        passphrase: Passphrase,
    },
    /// Makes the invitation that is shown worthless; no answer.
    CancelInvitation,
    /// Answers [`DevicesEvent::Asks`]. → [`DevicesEvent::Listed`]
    Confirm(bool),
    /// Removes a device for good. → [`DevicesEvent::Listed`], [`DevicesEvent::Removed`], or `Event::Refused` when the passphrase
    /// is wrong
    Remove {
        /// Which.
        device: DeviceId,
        /// It is at hand and only not used any more.
        retired: bool,
        /// Asked again.
        passphrase: Passphrase,
    },
    /// Whether what arrived from a removed device is used. → [`DevicesEvent::Listed`], [`DevicesEvent::QuarantineAnswered`]
    AnswerQuarantine {
        /// The device.
        device: DeviceId,
        /// Yes.
        keep: bool,
    },
    /// Calls this device something else. → [`DevicesEvent::Listed`]
    Rename(String),
    /// Dials a device where it says that it is. → [`DevicesEvent::Dialling`]
    Connect(String),
    /// Names the relay that all devices use. → [`DevicesEvent::Reach`], [`DevicesEvent::Listed`]
    UseRelay {
        /// Its address.
        url: String,
        /// What it asks for; empty for nothing.
        token: Passphrase,
        /// The file with its certificate, where the world does not trust it.
        certificate: Option<PathBuf>,
    },
    /// Listens at this port from now on. → [`DevicesEvent::Reach`]
    UsePort(u16),
    /// No relay is used. → [`DevicesEvent::Reach`], [`DevicesEvent::Listed`]
    UseNoRelay,
    /// Joins a practice from here. → `OpeningEvent::Joining`, at last `OpeningEvent::Unlocked`
    Join {
        /// The words or the text of the other device.
        code: Passphrase,
        /// The passphrase that shall open the practice on this device.
        passphrase: Passphrase,
        /// What this device shall be called.
        name: String,
    },
}

impl DevicesEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::Load | Self::LoadLacked(_) | Self::Invite { .. } | Self::CancelInvitation | Self::Confirm(..) => {
                Job::Devices
            }
            Self::Rename(_) | Self::Connect(_) | Self::UsePort(_) | Self::UseRelay { .. } | Self::UseNoRelay => {
                Job::Reach
            }
            Self::Remove { .. } | Self::AnswerQuarantine { .. } => Job::Removal,
            Self::Join { .. } => Job::Join,
        }
    }
}

/// What a job brought back.
pub enum DevicesEvent {
    /// The devices, how far each is, and those that were removed.
    Listed(Vec<DeviceRow>, Vec<RemovedDevice>),
    /// On how many devices the note is that is shown.
    NoteIsOn(NoteCopies),
    /// What a device lacks, by name.
    Lacked(Box<LackedNames>),
    /// The device of this name was removed.
    Removed(String),
    /// What was held of a removed device is used, or put away.
    QuarantineAnswered {
        /// It is used.
        kept: bool,
    },
    /// A device can now join with this.
    Invited(Box<Invitation>),
    /// How devices reach each other.
    Reach(Reach),
    /// How it stands with the relay.
    Relay(RelayState),
    /// The device whose place was typed is dialled until it answers.
    Dialling,
    /// A device has used the invitation and calls itself so.
    Asks {
        /// Its name.
        name: String,
        /// What both screens show.
        compare: String,
    },
}
