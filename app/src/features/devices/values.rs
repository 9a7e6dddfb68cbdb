//! Devices that hold the practice, one that joins it, and those that no longer belong to it.

use jiff::civil::{Date, DateTime, Time};
use subrosa_core::id::DeviceId;

use crate::values::job::Progress;
use crate::values::note_ref::NoteRef;
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
    /// Through what it was met last.
    pub through: Option<MetThrough>,
    /// When it last had everything that was here, and had said so.
    pub had_all: Option<DateTime>,
    /// What it lacks of what is here; this device, the files that have not come whole.
    pub lacks: LackCount,
    /// Why it may be one that is not used any more.
    pub unused: Option<Unused>,
    /// It has been in the practice for longer than this one.
    pub elder: bool,
    /// The recovery kit in force was made on it.
    pub made_kit: bool,
}

/// Through what a device was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum MetThrough {
    /// The same network.
    SameNetwork,
    /// An address on another network.
    Address,
    /// A relay.
    Relay,
    /// A sync folder.
    Folder,
}

/// Why a device may be one that is not used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Unused {
    /// It was let in and never finished joining.
    NeverJoined,
    /// This device has not met it for 90 days.
    NotSeen,
}

/// How much a device lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct LackCount {
    /// Notes.
    pub notes: u64,
    /// Clients whose particulars or measures it lacks.
    pub clients: u64,
    /// Files.
    pub files: u64,
    /// What is none of these, such as keys and settings.
    pub changes: u64,
    /// Each number is the least that it can be.
    pub is_least: bool,
}

impl LackCount {
    /// Whether nothing is lacking.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether nothing is lacking that somebody wrote or attached.
    pub fn is_nothing_written(&self) -> bool {
        Self { changes: 0, ..*self }.is_nothing()
    }
}

impl DeviceRow {
    /// Whether it has everything that is here, as far as it has said.
    pub fn has_all(&self) -> bool {
        (self.this || self.last_seen.is_some()) && self.lacks.is_nothing()
    }

    /// Whether it has every note and every file.
    pub fn has_all_written(&self) -> bool {
        (self.this || self.last_seen.is_some()) && self.lacks.is_nothing_written()
    }
}

/// On how many devices the note is that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct NoteCopies {
    /// Which note.
    pub note: NoteRef,
    /// Devices that have it as it is here, with its files.
    pub on: usize,
    /// Devices of the practice.
    pub of: usize,
}

/// What a device lacks, by name: the first of it.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct LackedNames {
    /// Which device.
    pub device: DeviceId,
    /// Names of clients and days of their notes.
    pub notes: Vec<(String, Date)>,
    /// Names of clients whose particulars it lacks.
    pub clients: Vec<String>,
    /// Names of files.
    pub files: Vec<String>,
    /// What is not named: private notes among it, and what is beyond.
    pub more: u64,
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
    /// The other device was found.
    Found,
    /// It asks its owner, who compares these words on both screens.
    Asking([&'static str; 2]),
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
