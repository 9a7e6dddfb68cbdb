//! The vault: one therapist's practice on one device, in one file.
//!
//! [`LockedVault`] holds the file and its lock but no key; [`Vault`] is the unlocked practice. They are two types, so
//! that nothing can be read from a locked one. Everything slow or random is an argument: the time `now` is milliseconds
//! since 1970, randomness is an [`Entropy`](crate::entropy::Entropy).
//!
//! What arrives, from this device or another, goes one way: stored as it is, then opened item by item (`ingest`), then
//! counted into the index and the catalog, all in one transaction. An item that fails is set aside alone.

use std::path::Path;

use crate::id::DeviceId;
use crate::secret::{Key, TransportRole};

pub(crate) mod commit;
pub(crate) mod core;
mod error;
pub(crate) mod founding;
pub(crate) mod items;
pub(crate) mod load;
mod notice;
pub(crate) mod project;
pub(crate) mod read;
pub(crate) mod registry;
pub mod subject;

mod backup;
mod clients;
mod devices;
mod exchange;
mod files;
mod integrity;
mod log;
mod notes;
mod session;
mod trash;

/// The format number that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

pub use backup::{BackupFile, Only, Proven, Proving, Restored, Selection, Step, Writing};
pub use clients::ParticularsVersion;
pub use core::REAUTH_FOR;
pub use devices::{DeviceRow, HELLO_LEN, KitInForce, Met, NewKit, RemovedRow};
pub use error::VaultError;
pub use exchange::{CarryError, ColleagueRow, Handed, Imported, Sealed, Share, Undone};
pub use files::{Attaching, NewFile, SealedPieces};
pub use founding::NewVault;
pub use integrity::{Affected, Checking, Damage, Repaired, Verified};
pub use items::deletion::KEPT_FOR;
pub use items::ledger::HeldBodies;
pub use items::mass_deletion::{AT_ONCE, MOST_AT_ONCE};
pub use items::note::{ADDENDUM_TO, empty_note};
pub use items::signed::{Proof, SignedVersion};
pub use items::signing::TAKE_BACK_FOR;
pub use notes::{Hit, Made, NoteVersion, Settled, SignPreview};
pub use notice::Notice;
pub use read::*;
pub use session::{Created, JoiningDevice, LockedVault, StillLocked};
pub use subject::*;
pub use trash::{HeldDeletions, MassDelete, TrashRow};

pub use crate::time::{DAY, Millis};

/// An unlocked practice. What can be done with it lies in its subjects: each is read through one door and changed through
/// another.
pub struct Vault {
    pub(crate) core: core::Core,
}

macro_rules! doors {
    ($($(#[$doc:meta])* $read:ident: $reads:ident, $write:ident: $commands:ident;)*) => {
        impl Vault {
            $(
                $(#[$doc])*
                pub fn $read(&self) -> $reads<'_> {
                    $reads { core: &self.core }
                }

                $(#[$doc])*
                pub fn $write(&mut self) -> $commands<'_> {
                    $commands { core: &mut self.core }
                }
            )*
        }
    };
}

doors! {
    /// Notes: written, signed, moved, searched, with their history.
    notes: Notes, notes_mut: NotesMut;
    /// Clients: who they are, and which records are one person's.
    clients: Clients, clients_mut: ClientsMut;
    /// The trash, and deletions that wait for an answer.
    trash: Trash, trash_mut: TrashMut;
    /// The devices of the practice, its recovery kit, and what came from devices that were removed.
    devices: Devices, devices_mut: DevicesMut;
    /// Attached files and their pieces.
    files: Files, files_mut: FilesMut;
    /// What goes to others and comes from them: imports, exports, colleagues, sealed records.
    exchange: Exchange, exchange_mut: ExchangeMut;
    /// Logs of envelopes, as they are exchanged with other devices.
    log: Log, log_mut: LogMut;
    /// Backups of the practice.
    backups: Backups, backups_mut: BackupsMut;
    /// Checks of the practice, and repairs.
    integrity: Integrity, integrity_mut: IntegrityMut;
}

impl Vault {
    /// Where the file lies; `None` for a practice in memory.
    pub fn path(&self) -> Option<&Path> {
        self.core.path.as_deref()
    }

    /// This device.
    pub fn device(&self) -> DeviceId {
        self.core.device
    }

    /// What should be told once.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.core.memory.notices)
    }

    /// The seed of the transport key, new every week.
    pub fn transport(&self) -> &Key<TransportRole> {
        &self.core.boxes.transport
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

#[cfg(test)]
mod tests;
