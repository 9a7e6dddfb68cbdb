//! Why a conversation ended before its time. Every one of these leaves the shelf whole.

use crate::greeting::Stranger;
use crate::shelf::ShelfError;
use crate::wire::WireError;

/// Why a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The hello did not convince. Nothing is sent to the other end, not even this.
    #[error(transparent)]
    Stranger(#[from] Stranger),
    /// A frame broke a limit or could not be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The shelf could not answer.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// The other end went away before it said who it is: it may not know this device, or be locked.
    #[error(
        "the other device closed the connection at once: it may be locked, or may not know this device; nothing changed"
    )]
    Closed,
    /// The stream stopped in the middle of something.
    #[error(
        "the connection broke while notes were on their way; what arrived is kept, and the next connection goes on from there"
    )]
    Truncated,
    /// Nothing came in the time allowed.
    #[error("the other device stopped answering; what arrived is kept, and the next connection goes on from there")]
    Silent,
    /// A frame came at a moment when it has no meaning.
    #[error(
        "the other device broke the order of the conversation; the connection was closed, what came before is kept"
    )]
    OutOfTurn,
    /// Something came that was not asked for.
    #[error("the other device sent something that was not asked for; it was thrown away, and nothing else changed")]
    Unasked,
    /// The list of what the peer holds has no end.
    #[error("the other device lists more than a practice can hold; the connection was closed and nothing changed")]
    VectorTooLong,
    /// The peer asks for more than the credit window, or again and again.
    #[error("the other device asks without end; the connection was closed, and nothing here changed")]
    WantsWithoutEnd,
    /// The other end was removed from the practice.
    #[error("a device that was removed from the practice came; it was told so, and got nothing else")]
    RemovedThere,
    /// This end was removed from the practice.
    #[error(
        "this device was removed from the practice; what is on it stays here and can be read, and nothing is exchanged any more"
    )]
    RemovedHere,
    /// A newer connection to the same device took over.
    #[error("another connection to the same device took over")]
    Superseded,
}
