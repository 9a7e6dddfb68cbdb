//! What there is on this device, and what the first screen after unlocking needs.

use crate::features::backup::values::BackupStatus;
use crate::features::check::values::CheckResult;
use crate::features::clients::values::UnsavedParticulars;
use crate::features::devices::values::{DeviceRow, RemovedDevice};
use crate::features::kit::values::KitStatus;
use crate::features::signing::values::Pending;
use crate::values::holder::Holder;
use crate::values::page::ClientRow;
use crate::values::resume::Resume;
use crate::values::settings::Settings;

/// What there is on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No practice yet.
    Nothing,
    /// A practice, locked.
    Practice,
}

/// Why a practice or a private note did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
#[non_exhaustive]
pub enum Refusal {
    /// The passphrase is not the right one.
    WrongPassphrase,
    /// The file is damaged; no passphrase opens it as it is.
    Damaged,
    /// Another window or command has the practice open: this one, where it said so.
    InUse(Option<Holder>),
    /// The practice was written by a newer version.
    Newer,
    /// The practice was written by a version from before the first release.
    Older,
}

/// Everything that the first screen after unlocking needs.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct OpenedPractice {
    /// The clients, in the order of the list.
    pub clients: Vec<ClientRow>,
    /// The devices.
    pub devices: Vec<DeviceRow>,
    /// Devices that were removed.
    pub removed: Vec<RemovedDevice>,
    /// The settings that were kept.
    pub settings: Settings,
    /// A throw-away practice of made-up people; every screen says so.
    pub demo: bool,
    /// Something to know about where the practice lies, such as a folder that a cloud service copies.
    pub warning: Option<String>,
    /// How it stands with the recovery kit's paper; none on a device that has made no kit and used none.
    pub paper: Option<KitStatus>,
    /// Particulars that were typed before the last lock and could not be saved.
    pub unsaved: Vec<UnsavedParticulars>,
    /// How it stands with backups.
    pub backups: BackupStatus,
    /// What the last check found.
    pub check: Option<CheckResult>,
    /// Signatures that can still be taken back.
    pub pending: Vec<Pending>,
    /// Where the therapist was when it locked.
    pub resume: Option<Resume>,
}
