//! Subjects: what can be done with a vault, room by room. A room has the core, and no handle on another room.

mod clients;
mod devices;
mod doors;
mod exchange;
mod files;
mod log;
mod notes;
mod trash;

pub use clients::ParticularsVersion;
pub use devices::{DeviceRow, HELLO_LEN, KitInForce, Met, NewKit, RemovedRow};
pub use doors::*;
pub use exchange::{ColleagueRow, ExchangeError, Handed, Imported, Sealed, Share, Undone};
pub use files::{Attaching, NewFile, SealedPieces};
pub use notes::{Hit, Made, NoteVersion, Settled, SignPreview};
pub use trash::{HeldDeletions, MassDelete, TrashRow};
