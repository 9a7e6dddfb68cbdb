//! What a session needs from whoever keeps the envelopes, and nothing more.
//!
//! The shelf verifies (chain, signature, hash, size) and stores; this crate only moves. An envelope that the shelf refuses stops nothing but itself.

use crate::id::{BlobHash, HeaderHash, LogId, PeerId, PieceHash, Root};
use crate::ranges::Ranges;

/// The head of one branch of one log, and the bodies held on the chain that leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// The log.
    pub log: LogId,
    /// One more than the sequence number of the head.
    pub next_seq: u64,
    /// The hash of the newest header of this branch.
    pub head: HeaderHash,
    /// Sequence numbers whose bodies are durably held; all below `next_seq`.
    pub bodies: Ranges,
}

/// Headers to ask for: those of `log` from `from_seq` on, along the chain that ends at `head`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeaderWant {
    /// The log.
    pub log: LogId,
    /// The first sequence number wanted.
    pub from_seq: u64,
    /// The branch wanted, by the head that the peer announced.
    pub head: HeaderHash,
}

/// A body to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyWant {
    /// The log it belongs to.
    pub log: LogId,
    /// The header that names it.
    pub header: HeaderHash,
}

/// What a shelf lacks of what a peer announced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Branches whose head is not held.
    pub headers: Vec<HeaderWant>,
    /// Bodies whose header is held, in the order in which they shall come: what the therapist needs first, first.
    pub bodies: Vec<BodyWant>,
}

/// What became of something offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// New and verified; durable after the next [`Shelf::settle`].
    Stored,
    /// Nothing new in it.
    AlreadyHeld,
    /// Kept aside, capped, because its signer is not known (yet); counted and shown.
    Orphaned,
    /// Not kept.
    Refused(Refusal),
}

/// Why a shelf refuses something offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The first header does not continue anything held; asked for again from the beginning of the log.
    #[error("it does not continue what is held here")]
    Detached,
    /// A hash, a signature or the form is wrong.
    #[error("it is not what it claims to be")]
    Invalid,
    /// A cap is reached (held envelopes, branches, logs, sizes).
    #[error("there is no room for more of its kind")]
    NoRoom,
}

/// Why a shelf cannot answer at all. Ends the session; what was settled before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShelfError {
    /// The vault was locked meanwhile.
    #[error("the practice is locked, so nothing is exchanged until it is unlocked")]
    Locked,
    /// The disk or the store under the shelf failed.
    #[error("the practice could not be read or written; nothing was lost, and the next connection goes on from here")]
    Storage,
}

/// Where envelopes are kept. Called from one thread at a time; may block on disk.
pub trait Shelf: Send {
    /// A digest over exactly what [`Shelf::vector`] returns.
    fn root(&mut self) -> Result<Root, ShelfError>;

    /// The digest and the list over which it is, in one reading: what others write to the shelf comes before both or after both.
    fn state(&mut self) -> Result<(Root, Vec<LogPosition>), ShelfError>;

    /// Every branch of every log, with the bodies that are durably held.
    fn vector(&mut self) -> Result<Vec<LogPosition>, ShelfError>;

    /// What is lacking here of what a peer announced. Bodies come in the order wanted; the session keeps it.
    fn wants(&mut self, theirs: &[LogPosition]) -> Result<Wants, ShelfError>;

    /// Headers (each with its signature, if it has one) in ascending order, at most `max_bytes` in sum, ending at a
    /// header that carries a signature; empty when there is nothing of the kind.
    fn headers(&mut self, want: &HeaderWant, max_bytes: usize) -> Result<Vec<Vec<u8>>, ShelfError>;

    /// A body, or `None` when it is not (or no longer) held.
    fn body(&mut self, header: &HeaderHash) -> Result<Option<Vec<u8>>, ShelfError>;

    /// Whether a body is held; cheaper than reading it.
    fn holds_body(&mut self, header: &HeaderHash) -> Result<bool, ShelfError>;

    /// Takes a run of headers of one log. Whatever good beginning it has may be kept.
    fn offer_headers(&mut self, log: &LogId, headers: Vec<Vec<u8>>) -> Result<Offered, ShelfError>;

    /// Takes a body.
    fn offer_body(&mut self, header: &HeaderHash, body: Vec<u8>) -> Result<Offered, ShelfError>;

    /// Makes all that was offered durable, in one transaction, but for what is refused at that point: that is not held
    /// afterwards, and the conversation that brought it sees so. Called before each acknowledgement, so that no acknowledged
    /// body can be lost to a power cut.
    fn settle(&mut self) -> Result<(), ShelfError>;

    /// How many pieces of attached files are here.
    fn pieces_held(&mut self) -> Result<u64, ShelfError> {
        Ok(0)
    }

    /// Pieces that are lacking, in the order in which they shall come, `most` at the most, without those that `but` names.
    fn wanted_pieces(&mut self, _: usize, _: &dyn Fn(&PieceHash) -> bool) -> Result<Vec<PieceHash>, ShelfError> {
        Ok(Vec::new())
    }

    /// A sealed piece, or `None` when it is not held.
    fn piece(&mut self, _: &PieceHash) -> Result<Option<Vec<u8>>, ShelfError> {
        Ok(None)
    }

    /// Takes a piece; the shelf checks that it is the one of this hash, and wanted.
    fn offer_piece(&mut self, _: &PieceHash, _: Vec<u8>) -> Result<Offered, ShelfError> {
        Ok(Offered::Refused(Refusal::NoRoom))
    }

    /// The files of which not all pieces are here, `most` at the most, out of all that [`Shelf::vector`] names as held; `None` when
    /// there are more, or when that is not known.
    fn lacked_files(&mut self, _: usize) -> Result<Option<Vec<BlobHash>>, ShelfError> {
        Ok(Some(Vec::new()))
    }

    /// Records which files a peer says it holds not all pieces of; of all others that it holds the lists of, it has them all.
    fn lacked_there(&mut self, _: &PeerId, _: Option<&[BlobHash]>) -> Result<(), ShelfError> {
        Ok(())
    }

    /// Records what a peer says it durably holds: all of it when that is complete, what has changed otherwise. A head that is
    /// not held here may be ignored: what is said of its log is said again when it is.
    fn acknowledged(&mut self, peer: &PeerId, positions: &[LogPosition], complete: bool) -> Result<(), ShelfError>;
}
