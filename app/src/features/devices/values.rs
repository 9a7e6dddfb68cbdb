//! Devices that hold the practice, one that joins it, and those that no longer belong to it.

use jiff::civil::{Date, DateTime, Time};
use subrosa_core::id::DeviceId;

use crate::values::job::Progress;
use crate::values::secret::Secret;

/// One device that holds the practice.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct DeviceRow {
    /// Which.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
    /// The one that this window runs on.
    pub this: bool,
    /// Name of the device that added it; none for the first.
    pub added_by: Option<String>,
    /// When it was added.
    pub added: Option<Date>,
    /// When it was last in touch.
    pub last_seen: Option<DateTime>,
    /// How many changes it has not acknowledged; none when it has never been in touch.
    pub behind: Option<u32>,
    /// How many files are here and, as far as is known, not there; on this device, how many have not come whole.
    pub files_behind: u32,
    /// It has been in the practice for longer than this one.
    pub elder: bool,
    /// The recovery kit in force was made on it.
    pub made_kit: bool,
}

/// With which another device can join, once and for a few minutes.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Invitation {
    /// Eight words, to be read aloud.
    pub words: Secret,
    /// The same with the address, to be copied.
    pub text: Secret,
    /// Until when.
    pub until: Time,
}

/// How far joining is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum JoinStep {
    /// Looking for the other device.
    Looking,
    /// The other device asks its owner.
    Asking,
    /// Receiving, newest first.
    Receiving(Progress),
}

/// A device that was removed.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct RemovedDevice {
    /// Which.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
    /// The one that this window runs on.
    pub this: bool,
    /// Name of the device on which it was removed.
    pub by: String,
    /// When, by that device's clock.
    pub at: DateTime,
    /// It was not removed itself: it was let in at the same moment as another was removed.
    pub along: bool,
    /// What arrived from it after that and waits for an answer.
    pub quarantine: Option<Quarantine>,
}

/// What came from a removed device and is held for the therapist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Quarantine {
    /// Notes in it, private ones included.
    pub notes: u64,
    /// Other entries, and what cannot be opened.
    pub others: u64,
    /// Changes behind these, about which is asked once these are kept.
    pub behind: u64,
}

/// How the devices of the practice reach each other.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Reach {
    /// Where this device is, to be typed on another one; empty without a network.
    pub here: String,
    /// The relay that all devices use.
    pub relay: Option<NamedRelay>,
}

/// A relay that somebody named.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct NamedRelay {
    /// Its address.
    pub url: String,
    /// Name of the device on which it was named.
    pub by: String,
    /// A device that was removed knows its token.
    pub is_known_elsewhere: bool,
}
