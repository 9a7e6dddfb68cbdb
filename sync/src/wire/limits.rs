//! Every limit of the protocol, in one place. `docs/sync.md` repeats them as a table.

use super::kind;

/// Bytes in an envelope's header with its signature.
pub const HEADER: usize = 256;
/// Bytes in an envelope's body.
pub const BODY: usize = 8 << 20;
/// Entries in one log, so also headers in one frame.
pub const LOG_ENTRIES: usize = 4_096;
/// Bytes that the headers in one frame may have, their length prefixes included: room for a whole log.
pub const HEADERS_BYTES: usize = LOG_ENTRIES * (HEADER + 2);
/// Ranges of bodies in one position: as many as a log can have.
pub const RANGES: usize = LOG_ENTRIES / 2;
/// Positions in one list, over all its frames. Who has more tells them in further lists.
pub const POSITIONS: usize = 4_096;
/// Positions in all that a device may have told of in one conversation: four times what 16 devices have, each with 256 logs of four
/// branches, since logs of removed ones are told of, too.
pub const ALL_POSITIONS: usize = 1 << 16;
/// Ranges in one list, over all its frames and positions. Who has more tells them in further lists.
pub const VECTOR_RANGES: usize = 65_536;
/// Ranges in all that a device may have told of in one conversation, over all its lists.
pub const ALL_RANGES: usize = 1 << 20;
/// Payload of a vector or acknowledgement frame.
pub const RUN_BYTES: usize = 64 << 10;
/// Header runs that may be asked for and not yet answered.
pub const OPEN_HEADER_WANTS: usize = 64;
/// Bodies that may be asked for and not yet answered: the credit window.
pub const OPEN_BODY_WANTS: usize = 128;
/// Header runs that may be asked for, for each position announced, before the peer counts as wanting without end.
pub const HEADER_WANTS_PER_POSITION: u64 = 64;
/// Wants for bodies and pieces that were sent already, before the peer counts as wanting without end.
pub const AGAIN: u64 = 1_024;
/// Wants for bodies that are not there before the peer counts as wanting without end.
pub const GONE_BODIES: u64 = 1_024;
/// Bytes in a sealed piece of a file.
pub const PIECE: usize = 1 << 20;
/// Pieces that may be asked for and not yet answered: the window of files.
pub const OPEN_PIECE_WANTS: usize = 8;
/// Wants for pieces that are not there before the peer counts as wanting without end.
pub const GONE_PIECES: u64 = 65_536;
/// Times that a peer may say in one conversation which pieces it has, and which files it lacks.
pub const PIECE_NEWS: u64 = 65_536;
/// Files that a device may name as not whole there. Who lacks more says that alone.
pub const LACKED_FILES: usize = 16_384;
/// Bytes of one part of a farewell.
pub const FAREWELL: usize = 1 << 20;
/// Parts of a farewell.
pub const FAREWELL_PARTS: usize = 64;
/// Addresses at which a device says that it can be reached.
pub const ADDRESSES: usize = 32;
/// Bytes of a relay's address.
pub const RELAY: usize = crate::address::RELAY_MAX;
/// Times that a peer may say in one conversation where it can be reached.
pub const ADDRESS_NEWS: u64 = 1_024;
/// Pieces that one frame of a statement names as being in a batch.
pub const BATCH_PIECES: usize = 16_384;
/// Objects of others that a statement names as not to be read.
pub const UNREADABLE: usize = 1_024;
/// Batches that a statement names.
pub const BATCHES: usize = 4_096;
/// Bytes of an object in a sync folder: twice a body, and what seals it.
pub const OBJECT: usize = (16 << 20) + (64 << 10);
/// Bytes of a message that count as an answer that is on its way.
pub const PROGRESS: usize = 4_096;
/// Bytes of an unknown frame.
pub const UNKNOWN: usize = (1 << 20) + (64 << 10);

/// The most bytes that a payload of this kind may have.
pub const fn payload(kind: u8) -> usize {
    match kind {
        kind::FRONTIER | kind::GONE => 32,
        kind::VECTOR | kind::ACK => RUN_BYTES,
        kind::WANT => 4 + OPEN_HEADER_WANTS * 64 + OPEN_BODY_WANTS * 32,
        kind::HEADERS => 64 + 2 + HEADERS_BYTES,
        kind::BODY => 32 + BODY,
        kind::DONE => 36,
        kind::PIECES => 1,
        kind::WANT_PIECES => 2 + OPEN_PIECE_WANTS * 32,
        kind::PIECE => 32 + PIECE,
        kind::NO_PIECE => 32,
        kind::LACKS => 1 + 2 + LACKED_FILES * 32,
        kind::REMOVED => 1 + FAREWELL,
        kind::ADDRESSES => 2 + ADDRESSES * 19 + 2 + RELAY,
        _ => UNKNOWN,
    }
}
