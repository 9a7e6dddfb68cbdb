//! Subjects: what can be done with a vault, room by room. A room has the core, and no handle on another room.

mod clients;
mod devices;
mod doors;
mod exchange;
mod files;
pub(crate) mod log;
mod notes;
mod trash;

pub use clients::{ClientError, ParticularsVersion};
pub use devices::{
    Credential, DeviceError, DeviceRow, Gone, HELLO_LEN, KitInForce, LackedNote, Met, NewKit, ObjectKind,
    PracticeFolder, PracticeRelay, RemovedRow, Unused,
};
pub use doors::*;
pub use exchange::{ColleagueRow, ExchangeError, Handed, Imported, RecordError, Sealed, Share, UndoError, Undone};
pub use files::{Attaching, LendFiles, NewFile, SealedPieces, attach_lent};
pub(crate) use notes::note_clock;
pub use notes::{Hit, Made, NoteError, NoteVersion, Overlong, Settled, SignDoubts, SignPreview};
pub use trash::{MassDelete, MassDeletions, TrashError, TrashRow};
