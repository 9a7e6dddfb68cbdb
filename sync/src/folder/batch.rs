//! Batches: headers, bodies and pieces of files, as frames one after the other, and the list of what is in one.

use std::collections::BTreeSet;

use super::FolderShelf;
use super::padding::{CONTENT_MAX, unpad};
use crate::id::PieceHash;
use crate::ranges::Ranges;
use crate::shelf::{HeaderWant, LogPosition, Offered, ShelfError};
use crate::wire::folder::in_batch;
use crate::wire::{Deframer, Frame, WireError, limits};

/// Content after which a batch is full. A body of the largest size still fits.
const FULL: usize = 8 << 20;
/// Bytes of what was read out of a batch before it is made durable.
const SETTLE: usize = 4 << 20;

/// What is in a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// Of each log the head up to which headers are in it, and the bodies.
    pub(super) positions: Vec<LogPosition>,
    pub(super) pieces: BTreeSet<PieceHash>,
}

/// A batch that is being filled.
#[derive(Default)]
pub(super) struct Filling {
    pub(super) content: Vec<u8>,
    pub(super) listing: Listing,
}

impl Filling {
    pub(super) fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// Puts in as much of a log as fits, headers first; what is left over goes into another batch.
    pub(super) fn take_log(&mut self, shelf: &mut dyn FolderShelf, wanted: &LogPosition) -> Result<Ranges, ShelfError> {
        let LogPosition { log, next_seq, head, bodies } = wanted;
        let Some(&(from, _)) = bodies.pairs().first() else { return Ok(Ranges::new()) };
        let want = HeaderWant { log: *log, from_seq: from, head: *head };
        let headers = shelf.headers(&want, limits::HEADERS_BYTES)?;
        let whole = u64::try_from(headers.len()).is_ok_and(|count| from.saturating_add(count) == *next_seq);
        let Some(frame) = Frame::Headers { want, headers }.encode().ok().filter(|_| whole) else {
            // Of a log that cannot be read whole nothing is given; a repair or another device mends it.
            return Ok(Ranges::new());
        };
        if !self.is_empty() && self.content.len() + frame.len() > FULL {
            return Ok(bodies.clone());
        }
        let names = shelf.names(log, from, head)?;
        let name_of = |seq: u64| usize::try_from(seq - from).ok().and_then(|at| names.get(at));
        let (mut taken, mut left) = (Ranges::new(), Ranges::new());
        let mut frames = frame;
        for seq in bodies.pairs().iter().flat_map(|&(first, end)| first..end) {
            let Some(name) = name_of(seq) else { continue };
            let is_full = !taken.is_empty() && self.content.len() + frames.len() >= FULL;
            if is_full || !left.is_empty() {
                left.insert(seq);
                continue;
            }
            let Some(body) = shelf.body(name)? else { continue };
            let Ok(frame) = (Frame::Body { header: *name, body }).encode() else { continue };
            match self.content.len() + frames.len() + frame.len() > CONTENT_MAX {
                true => left.insert(seq),
                false => {
                    frames.extend_from_slice(&frame);
                    taken.insert(seq);
                }
            }
        }
        if !taken.is_empty() {
            self.content.extend_from_slice(&frames);
            self.listing.positions.push(LogPosition { log: *log, next_seq: *next_seq, head: *head, bodies: taken });
        }
        Ok(left)
    }

    /// Puts in a piece of a file; `false` when it belongs into another batch.
    pub(super) fn take_piece(&mut self, shelf: &mut dyn FolderShelf, hash: &PieceHash) -> Result<bool, ShelfError> {
        let Some(bytes) = shelf.piece(hash)? else { return Ok(true) };
        if self.content.len() + bytes.len() > FULL && !self.is_empty() {
            return Ok(false);
        }
        if let Ok(frame) = (Frame::Piece { hash: *hash, bytes }).encode() {
            self.content.extend_from_slice(&frame);
            self.listing.pieces.insert(*hash);
        }
        Ok(true)
    }
}

/// Takes what is in a batch; what the shelf does not want it refuses by itself. Of one that is not whole, what came before the
/// fault counts.
pub(super) fn take(shelf: &mut dyn FolderShelf, padded: &[u8]) -> Result<(), ShelfError> {
    let mut rest = unpad(padded).unwrap_or_default();
    let (mut deframer, mut unsettled) = (Deframer::new(in_batch), 0);
    while let Ok(Some(frame)) = next(&mut deframer, &mut rest) {
        unsettled += match frame {
            Frame::Headers { want, headers } => {
                let len = headers.iter().map(Vec::len).sum();
                let refused = matches!(shelf.offer_headers(&want.log, headers)?, Offered::Refused(_));
                if refused { 0 } else { len }
            }
            Frame::Body { header, body } => {
                let len = body.len();
                shelf.offer_body(&header, body)?;
                len
            }
            Frame::Piece { hash, bytes } => {
                let len = bytes.len();
                shelf.offer_piece(&hash, bytes)?;
                len
            }
            _ => 0,
        };
        if unsettled >= SETTLE {
            shelf.settle()?;
            unsettled = 0;
        }
    }
    shelf.settle()
}

fn next(deframer: &mut Deframer, rest: &mut &[u8]) -> Result<Option<Frame>, WireError> {
    deframer.next(rest)?.map(|raw| raw.parse()).transpose()
}
