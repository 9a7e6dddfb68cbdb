//! Devices that no longer belong to the practice, as the window shows them: plain values.

use jiff::civil::DateTime;
use subrosa_core::id::DeviceId;

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
    pub apart: Option<Apart>,
}

/// What lies apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Apart {
    /// Notes in it, private ones included.
    pub notes: u64,
    /// Other entries, and what cannot be opened.
    pub others: u64,
}
