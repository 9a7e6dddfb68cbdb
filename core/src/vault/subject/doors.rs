//! The two doors of each subject, of backups and of integrity: each has the core, and none leads to another.

use crate::vault::core::Core;

/// A subject's two doors: one to read, which is copied freely, and one for its commands.
macro_rules! subjects {
    ($($(#[$doc:meta])* $reads:ident, $commands:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $reads<'v> {
            pub(crate) core: &'v Core,
        }

        $(#[$doc])*
        pub struct $commands<'v> {
            pub(crate) core: &'v mut Core,
        }
    )*};
}

/// Subjects whose commands read what their own first door shows.
macro_rules! commands_read {
    ($($commands:ident: $reads:ident),*) => {$(
        impl $commands<'_> {
            pub(crate) fn reads(&self) -> $reads<'_> {
                $reads { core: &*self.core }
            }
        }
    )*};
}

subjects! {
    /// Notes: written, signed, moved, searched, with their history.
    Notes, NotesMut;
    /// Clients: who they are, and which records are one person's.
    Clients, ClientsMut;
    /// The trash, and deletions that wait for an answer.
    Trash, TrashMut;
    /// The devices of the practice, its recovery kit, and what came from devices that were removed.
    Devices, DevicesMut;
    /// Attached files and their pieces.
    Files, FilesMut;
    /// What goes to others and comes from them: imports, exports, colleagues, sealed records.
    Exchange, ExchangeMut;
    /// Logs of envelopes, as they are exchanged with other devices.
    Log, LogMut;
    /// Backups of the practice.
    Backups, BackupsMut;
    /// Checks of the practice, and repairs.
    Integrity, IntegrityMut;
}

commands_read! {
    NotesMut: Notes, ClientsMut: Clients, TrashMut: Trash, DevicesMut: Devices, ExchangeMut: Exchange,
    IntegrityMut: Integrity
}
