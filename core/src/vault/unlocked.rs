//! The unlocked practice, with a door to each subject.

use std::path::Path;

use crate::id::DeviceId;
use crate::log::week_of;
use crate::secret::{Key, TransportRole};
use crate::vault::core::Core;
use crate::vault::subject::{
    Backups, BackupsMut, Clients, ClientsMut, Devices, DevicesMut, Exchange, ExchangeMut, Files, FilesMut, Integrity,
    IntegrityMut, Log, LogMut, Notes, NotesMut, Trash, TrashMut,
};
use crate::vault::{Millis, Notice};

/// An unlocked practice. What can be done with it lies in its subjects: each is read through one door and changed through
/// another.
pub struct Vault {
    pub(crate) core: Core,
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

    /// The seed of the transport key of the week in which `now` is.
    pub fn transport(&self, now: Millis) -> Key<TransportRole> {
        self.core.boxes.transport_of(week_of(now))
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}
