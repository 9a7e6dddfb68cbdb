//! Frames: every message of a session after the hello, as bytes.
//!
//! `u32 length ‖ u8 kind ‖ payload`, length counting kind and payload, integers little-endian. Every length and every
//! count is checked against [`limits`] before anything is allocated for it; a payload with a byte too many or too few is
//! refused. Kinds that are not known are counted and skipped, so that later versions can add some.

pub(crate) mod code;
mod deframe;
pub(crate) mod folder;
pub mod limits;

pub use deframe::{Deframer, Raw};

use self::code::{Reader, Writer};
use crate::address::Addresses;
use crate::id::{BlobHash, HeaderHash, PieceHash, Root};
use crate::shelf::{HeaderWant, LogPosition};

/// Kind bytes.
pub mod kind {
    /// [`super::Frame::Frontier`]
    pub const FRONTIER: u8 = 0x01;
    /// [`super::Frame::Vector`]
    pub const VECTOR: u8 = 0x02;
    /// [`super::Frame::Want`]
    pub const WANT: u8 = 0x03;
    /// [`super::Frame::Headers`]
    pub const HEADERS: u8 = 0x04;
    /// [`super::Frame::Body`]
    pub const BODY: u8 = 0x05;
    /// [`super::Frame::Gone`]
    pub const GONE: u8 = 0x06;
    /// [`super::Frame::Ack`]
    pub const ACK: u8 = 0x07;
    /// [`super::Frame::Done`]
    pub const DONE: u8 = 0x08;
    /// [`super::Frame::Pieces`]
    pub const PIECES: u8 = 0x10;
    /// [`super::Frame::WantPieces`]
    pub const WANT_PIECES: u8 = 0x11;
    /// [`super::Frame::Piece`]
    pub const PIECE: u8 = 0x12;
    /// [`super::Frame::NoPiece`]
    pub const NO_PIECE: u8 = 0x13;
    /// [`super::Frame::Lacks`]
    pub const LACKS: u8 = 0x14;
    /// Kinds kept for pieces of attachments; those without a name here are skipped.
    pub const BLOBS: std::ops::RangeInclusive<u8> = 0x10..=0x1f;
    /// [`super::Frame::Removed`]
    pub const REMOVED: u8 = 0x20;
    /// [`super::Frame::Addresses`]
    pub const ADDRESSES: u8 = 0x21;
    /// Kinds kept for control; those without a name here are skipped.
    pub const CONTROL: std::ops::RangeInclusive<u8> = 0x20..=0x2f;
}

/// A message that breaks the protocol. The connection ends; nothing received before it is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The announced length is over the limit for its kind (or there is no kind byte at all).
    #[error(
        "a message of {length} bytes arrived where at most {limit} are allowed; the connection was closed, what came before it is kept"
    )]
    Length {
        /// The kind byte, if it was read.
        kind: u8,
        /// The length announced.
        length: u32,
        /// The most allowed.
        limit: u32,
    },
    /// A count inside the message is over its limit.
    #[error("a message listed more than the protocol allows; the connection was closed, what came before it is kept")]
    Count {
        /// The kind byte.
        kind: u8,
    },
    /// The payload is not of the form that its kind has.
    #[error("a message could not be understood; the connection was closed, what came before it is kept")]
    Malformed {
        /// The kind byte.
        kind: u8,
    },
}

/// Part of a list of positions: a list may take several frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Whether another frame of the same kind continues this list.
    pub more: bool,
    /// Whether this list is everything (and replaces what was said before) or only the logs that changed.
    pub complete: bool,
    /// The positions. All branches of one log are in one list.
    pub positions: Vec<LogPosition>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The digest of all that the sender holds. Once, right after the hello.
    Frontier(Root),
    /// What the sender holds: everything when frontiers differ, later the logs that changed.
    Vector(Run),
    /// What the sender lacks.
    Want {
        /// Headers wanted.
        headers: Vec<HeaderWant>,
        /// Bodies wanted, the first first.
        bodies: Vec<HeaderHash>,
    },
    /// The answer to one wanted run of headers; empty when there is nothing (more).
    Headers {
        /// The want that this answers.
        want: HeaderWant,
        /// The headers, ascending.
        headers: Vec<Vec<u8>>,
    },
    /// The answer to one wanted body.
    Body {
        /// The header that names it.
        header: HeaderHash,
        /// The sealed bytes.
        body: Vec<u8>,
    },
    /// The answer to one wanted body that is not held.
    Gone(HeaderHash),
    /// What the sender now durably holds of the logs that it just received from.
    Ack(Run),
    /// The sender wants nothing more of what it was told.
    Done {
        /// How many vectors (not frames) the sender has heard and dealt with.
        heard: u32,
        /// The sender's digest now.
        root: Root,
    },
    /// Whether the sender has pieces of files, and whether it wants some. Before the frontier, and when it has more.
    Pieces {
        /// It has some.
        has: bool,
        /// It wants some.
        wants: bool,
    },
    /// Pieces that the sender lacks, the first first.
    WantPieces(Vec<PieceHash>),
    /// The answer to one wanted piece.
    Piece {
        /// Its name.
        hash: PieceHash,
        /// The sealed bytes.
        bytes: Vec<u8>,
    },
    /// The answer to one wanted piece that is not here.
    NoPiece(PieceHash),
    /// The files of which the sender has not all pieces; `None` when it cannot say, or when they are too many. In place of what it
    /// said before. Before its frontier, and before a list or a done when that has changed; a device that lacks none says nothing.
    Lacks(Option<Vec<BlobHash>>),
    /// The receiver was removed from the practice; how it can know that is opaque here. The last frames of a conversation.
    Removed {
        /// Whether another part follows.
        more: bool,
        /// At least one byte.
        part: Vec<u8>,
    },
    /// Where the sender can be reached now, in place of what it said before. Before its frontier, and when it has moved.
    Addresses(Addresses),
    /// A kind that is not known here.
    Unknown(u8),
}

impl Frame {
    /// Reads a payload of the given kind.
    pub fn parse(kind: u8, payload: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(kind, payload);
        let frame = match kind {
            kind::FRONTIER => Self::Frontier(Root(reader.array()?)),
            kind::VECTOR => Self::Vector(reader.run()?),
            kind::WANT => Self::Want { headers: reader.header_wants()?, bodies: reader.body_wants()? },
            kind::HEADERS => Self::Headers { want: reader.header_want()?, headers: reader.headers()? },
            kind::BODY => Self::Body { header: HeaderHash(reader.array()?), body: reader.body()? },
            kind::GONE => Self::Gone(HeaderHash(reader.array()?)),
            kind::ACK => Self::Ack(reader.run()?),
            kind::DONE => Self::Done { heard: reader.u32()?, root: Root(reader.array()?) },
            kind::PIECES => reader.pieces()?,
            kind::WANT_PIECES => Self::WantPieces(reader.piece_wants()?),
            kind::PIECE => Self::Piece { hash: PieceHash(reader.array()?), bytes: reader.body()? },
            kind::NO_PIECE => Self::NoPiece(PieceHash(reader.array()?)),
            kind::LACKS => Self::Lacks(reader.lacked()?),
            kind::REMOVED => Self::Removed { more: reader.flag()?, part: reader.body()? },
            kind::ADDRESSES => Self::Addresses(reader.addresses()?),
            unknown => return Ok(Self::Unknown(unknown)),
        };
        reader.finish()?;
        Ok(frame)
    }

    /// Writes the frame whole, length and kind included. Refuses what [`Frame::parse`] would refuse.
    pub fn encode(&self) -> Result<Vec<u8>, WireError> {
        let mut writer = Writer::new(self.kind());
        match self {
            Self::Frontier(root) => writer.bytes(&root.0),
            Self::Vector(run) | Self::Ack(run) => writer.run(run)?,
            Self::Want { headers, bodies } => writer.wants(headers, bodies)?,
            Self::Headers { want, headers } => writer.headers(want, headers)?,
            Self::Body { header, body } => writer.bytes(&header.0).bytes(body),
            Self::Gone(header) => writer.bytes(&header.0),
            Self::Done { heard, root } => writer.bytes(&heard.to_le_bytes()).bytes(&root.0),
            Self::Pieces { has, wants } => writer.bytes(&[u8::from(*has) | u8::from(*wants) << 1]),
            Self::WantPieces(pieces) => writer.piece_wants(pieces)?,
            Self::Piece { hash, bytes } => writer.bytes(&hash.0).bytes(bytes),
            Self::NoPiece(hash) => writer.bytes(&hash.0),
            Self::Lacks(files) => writer.lacked(files.as_deref())?,
            Self::Removed { more, part } => writer.bytes(&[u8::from(*more)]).bytes(part),
            Self::Addresses(addresses) => writer.addresses(addresses)?,
            Self::Unknown(_) => &mut writer,
        };
        writer.finish()
    }

    /// The kind byte.
    pub fn kind(&self) -> u8 {
        match self {
            Self::Frontier(_) => kind::FRONTIER,
            Self::Vector(_) => kind::VECTOR,
            Self::Want { .. } => kind::WANT,
            Self::Headers { .. } => kind::HEADERS,
            Self::Body { .. } => kind::BODY,
            Self::Gone(_) => kind::GONE,
            Self::Ack(_) => kind::ACK,
            Self::Done { .. } => kind::DONE,
            Self::Pieces { .. } => kind::PIECES,
            Self::WantPieces(_) => kind::WANT_PIECES,
            Self::Piece { .. } => kind::PIECE,
            Self::NoPiece(_) => kind::NO_PIECE,
            Self::Lacks(_) => kind::LACKS,
            Self::Removed { .. } => kind::REMOVED,
            Self::Addresses(_) => kind::ADDRESSES,
            Self::Unknown(kind) => *kind,
        }
    }
}

#[cfg(test)]
mod tests;
