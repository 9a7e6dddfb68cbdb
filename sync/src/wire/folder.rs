//! Frames that stand in a sync folder alone: what a device says there of itself, beside the frames of a session.
//!
//! Refused, as in a session: lengths and counts over the limits, and anything left over.

use super::code::{Reader, Writer};
use super::{Run, WireError, kind as session, limits};
use crate::id::{ObjectHash, PieceHash};

/// Kind bytes.
pub(crate) mod kind {
    /// [`super::FolderFrame::Standing`]
    pub(crate) const STANDING: u8 = 0x30;
    /// [`super::FolderFrame::Batch`]
    pub(crate) const BATCH: u8 = 0x31;
    /// [`super::FolderFrame::BatchPieces`]
    pub(crate) const BATCH_PIECES: u8 = 0x32;
    /// [`super::FolderFrame::Unreadable`]
    pub(crate) const UNREADABLE: u8 = 0x33;
}

/// A frame that only statements have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FolderFrame {
    /// Which statement this is: its number, one more than that of the one before, and when it was written, in milliseconds since 1970.
    Standing {
        /// Its number.
        number: u64,
        /// By the clock of whoever wrote it.
        at: u64,
    },
    /// A batch of the sender that lies in the folder, and the envelopes in it. Of several frames with one name each says more.
    Batch(ObjectHash, Run),
    /// Pieces of files in a batch of the sender.
    BatchPieces(ObjectHash, Vec<PieceHash>),
    /// Objects of others that could not be read for long.
    Unreadable(Vec<ObjectHash>),
}

impl FolderFrame {
    /// Reads a payload; `None` for a kind that is not known.
    pub(crate) fn parse(kind: u8, payload: &[u8]) -> Result<Option<Self>, WireError> {
        let mut reader = Reader::new(kind, payload);
        let frame = match kind {
            kind::STANDING => Self::Standing { number: reader.u64()?, at: reader.u64()? },
            kind::BATCH => Self::Batch(ObjectHash(reader.array()?), reader.run()?),
            kind::BATCH_PIECES => Self::BatchPieces(
                ObjectHash(reader.array()?),
                reader.hashes(limits::BATCH_PIECES)?.map(PieceHash).collect(),
            ),
            kind::UNREADABLE => Self::Unreadable(reader.hashes(limits::UNREADABLE)?.map(ObjectHash).collect()),
            _ => return Ok(None),
        };
        reader.finish()?;
        Ok(Some(frame))
    }

    /// Writes the frame whole, length and kind included. Refuses what [`FolderFrame::parse`] would refuse.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, WireError> {
        let mut writer = Writer::new(match self {
            Self::Standing { .. } => kind::STANDING,
            Self::Batch(..) => kind::BATCH,
            Self::BatchPieces(..) => kind::BATCH_PIECES,
            Self::Unreadable(_) => kind::UNREADABLE,
        });
        match self {
            Self::Standing { number, at } => writer.bytes(&number.to_le_bytes()).bytes(&at.to_le_bytes()),
            Self::Batch(name, run) => writer.bytes(&name.0).run(run)?,
            Self::BatchPieces(name, pieces) => {
                writer.bytes(&name.0).hashes(pieces.iter().map(|piece| &piece.0), limits::BATCH_PIECES)?
            }
            Self::Unreadable(names) => writer.hashes(names.iter().map(|name| &name.0), limits::UNREADABLE)?,
        };
        writer.finish()
    }
}

/// The most bytes of a payload in a statement; `None` for a kind that none has.
pub(crate) fn in_statement(kind: u8) -> Option<usize> {
    match kind {
        session::VECTOR | session::LACKS => Some(limits::payload(kind)),
        kind::STANDING => Some(16),
        kind::BATCH => Some(32 + limits::RUN_BYTES),
        kind::BATCH_PIECES => Some(32 + 2 + limits::BATCH_PIECES * 32),
        kind::UNREADABLE => Some(2 + limits::UNREADABLE * 32),
        _ => None,
    }
}

/// The most bytes of a payload in a batch; `None` for a kind that none has.
pub(crate) fn in_batch(kind: u8) -> Option<usize> {
    matches!(kind, session::HEADERS | session::BODY | session::PIECE).then(|| limits::payload(kind))
}

#[cfg(test)]
mod tests {
    use super::super::{Deframer, Raw};
    use super::*;
    use crate::id::HeaderHash;
    use crate::ranges::Ranges;
    use crate::shelf::LogPosition;
    use crate::testkit::log;

    fn examples() -> Vec<FolderFrame> {
        let bodies: Ranges = [1, 2, 5].into_iter().collect();
        let position = LogPosition { log: log(1), next_seq: 7, head: HeaderHash([2; 32]), bodies };
        let run = Run { more: false, complete: false, positions: vec![position] };
        vec![
            FolderFrame::Standing { number: 3, at: u64::MAX },
            FolderFrame::Batch(ObjectHash([3; 32]), run),
            FolderFrame::BatchPieces(ObjectHash([3; 32]), vec![PieceHash([4; 32]), PieceHash([5; 32])]),
            FolderFrame::Unreadable(vec![ObjectHash([6; 32])]),
        ]
    }

    fn deframe(bytes: &[u8]) -> Raw {
        Deframer::new(in_statement).next(&mut &*bytes).unwrap().unwrap()
    }

    #[test]
    fn every_frame_of_a_statement_comes_back_and_one_byte_more_or_less_is_refused() {
        for frame in examples() {
            let raw = deframe(&frame.encode().unwrap());
            assert_eq!(FolderFrame::parse(raw.kind, &raw.payload), Ok(Some(frame)));
            let longer = [raw.payload.as_slice(), &[0]].concat();
            for wrong in [&longer[..], &raw.payload[..raw.payload.len() - 1]] {
                assert!(FolderFrame::parse(raw.kind, wrong).is_err());
            }
        }
        assert_eq!(FolderFrame::parse(0x3f, b"of a later version"), Ok(None));
    }

    #[test]
    fn lists_come_back_at_their_limits_and_one_above_is_not_written() {
        let pieces = |many: usize| FolderFrame::BatchPieces(ObjectHash([1; 32]), vec![PieceHash([2; 32]); many]);
        let unreadable = |many: usize| FolderFrame::Unreadable(vec![ObjectHash([2; 32]); many]);
        for at in [pieces(limits::BATCH_PIECES), unreadable(limits::UNREADABLE)] {
            let raw = deframe(&at.encode().unwrap());
            assert_eq!(FolderFrame::parse(raw.kind, &raw.payload), Ok(Some(at)));
        }
        assert!(pieces(limits::BATCH_PIECES + 1).encode().is_err());
        assert!(unreadable(limits::UNREADABLE + 1).encode().is_err());
    }
}
