//! The one place where the practice and the network meet.
//!
//! `core` knows what a note is and no socket; `sync` moves envelopes and holds no key. Here the questions of the one are
//! answered by the other: `shelf` lends the vault's logs, `greeting` its hellos, `inviting` and `joining` the
//! cryptography of pairing; `syncing` runs it all while the practice is open. Nothing is decided about a note here.
//!
//! While the practice is locked nothing is exchanged: every answer goes through [`Shared`], which is then empty.

mod address;
mod folder;
#[cfg(test)]
pub(crate) mod full_disk;
mod greeting;
mod heard;
mod inviting;
mod joining;
mod news;
mod reach;
mod relay;
mod shared;
mod shelf;
mod syncing;

pub use address::{CodeLine, CodeLineError, NotAnAddress, address_from_text, address_to_text};
pub use folder::{
    FolderChoiceError, FolderLeft, FolderPlace, FolderSyncing, FolderTold, VisitError, Visited, check_practice_folder,
    directory, keep_directory, place, visit_once,
};
pub use joining::{JoinError, Joined, MakeStore, NewDevice, TellWords, join};
pub use news::{AskingDevice, News};
pub use reach::{keep_port, port};
pub use relay::{RelayTextError, relay_from_text};
pub use shared::{Clock, Locked, Shared, system_clock};
pub use syncing::{InviteError, Invited, Network, SyncError, Syncing, was_refused};

pub use subrosa_folder::FolderError;
pub use subrosa_sync::PeerAddress;
pub use subrosa_sync::net::{NetError, Report};
