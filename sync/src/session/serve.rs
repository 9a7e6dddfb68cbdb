//! What the peer has asked for and has not got yet.
//!
//! At most half a mebibyte is handed out before it has left, so a slow or silent reader costs no memory. A peer that asks
//! for more than the window, or again and again for what it was sent or for what is not there, asks without end.

use std::collections::{BTreeSet, VecDeque};

use super::{Effects, SessionError, Tally};
use crate::id::{HeaderHash, PieceHash};
use crate::shelf::{HeaderWant, Shelf};
use crate::wire::{Frame, limits};

const SEND_BUDGET: usize = 512 << 10;

#[derive(Default)]
pub(super) struct Serve {
    headers: VecDeque<HeaderWant>,
    bodies: VecDeque<HeaderHash>,
    pieces: VecDeque<PieceHash>,
    /// What was sent in this conversation. An honest peer asks for it again only when it has lost it since.
    sent: BTreeSet<HeaderHash>,
    sent_pieces: BTreeSet<PieceHash>,
    again: u64,
    header_wants: u64,
    gone: u64,
    gone_pieces: u64,
    unsent: usize,
}

impl Serve {
    pub(super) fn asked(
        &mut self,
        headers: Vec<HeaderWant>,
        bodies: Vec<HeaderHash>,
        positions_announced: u64,
    ) -> Result<(), SessionError> {
        self.header_wants = self.header_wants.saturating_add(headers.len() as u64);
        let headers_open = self.headers.len() + headers.len();
        let bodies_open = self.bodies.len() + bodies.len();
        if headers_open > limits::OPEN_HEADER_WANTS
            || bodies_open > limits::OPEN_BODY_WANTS
            || self.header_wants > limits::HEADER_WANTS_PER_POSITION.saturating_mul(positions_announced)
        {
            return Err(SessionError::WantsWithoutEnd);
        }
        self.headers.extend(headers);
        self.bodies.extend(bodies);
        Ok(())
    }

    pub(super) fn asked_pieces(&mut self, pieces: Vec<PieceHash>) -> Result<(), SessionError> {
        if self.pieces.len() + pieces.len() > limits::OPEN_PIECE_WANTS {
            return Err(SessionError::WantsWithoutEnd);
        }
        self.pieces.extend(pieces);
        Ok(())
    }

    pub(super) fn drained(&mut self) {
        self.unsent = 0;
    }

    pub(super) fn is_idle(&self) -> bool {
        self.headers.is_empty() && self.bodies.is_empty() && self.pieces.is_empty()
    }

    pub(super) fn pump(
        &mut self,
        shelf: &mut dyn Shelf,
        effects: &mut Effects,
        tally: &mut Tally,
    ) -> Result<(), SessionError> {
        while self.unsent < SEND_BUDGET {
            let frame = if let Some(want) = self.headers.pop_front() {
                headers(&want, shelf)?
            } else if let Some(header) = self.bodies.pop_front() {
                self.body(header, shelf, tally)?
            } else if let Some(hash) = self.pieces.pop_front() {
                self.piece(hash, shelf, tally)?
            } else {
                return Ok(());
            };
            self.unsent += frame.len();
            effects.frames.push(frame);
        }
        Ok(())
    }

    fn piece(&mut self, hash: PieceHash, shelf: &mut dyn Shelf, tally: &mut Tally) -> Result<Vec<u8>, SessionError> {
        if let Some(bytes) = shelf.piece(&hash)?.filter(|bytes| (1..=limits::PIECE).contains(&bytes.len())) {
            if !self.sent_pieces.insert(hash) {
                up_to(limits::AGAIN, &mut self.again)?;
            }
            tally.pieces_sent += 1;
            return Ok(Frame::Piece { hash, bytes }.encode()?);
        }
        up_to(limits::GONE_PIECES, &mut self.gone_pieces)?;
        Ok(Frame::NoPiece(hash).encode()?)
    }

    fn body(&mut self, header: HeaderHash, shelf: &mut dyn Shelf, tally: &mut Tally) -> Result<Vec<u8>, SessionError> {
        if let Some(body) = shelf.body(&header)?.filter(|body| (1..=limits::BODY).contains(&body.len())) {
            if !self.sent.insert(header) {
                up_to(limits::AGAIN, &mut self.again)?;
            }
            tally.bodies_sent += 1;
            return Ok(Frame::Body { header, body }.encode()?);
        }
        up_to(limits::GONE_BODIES, &mut self.gone)?;
        Ok(Frame::Gone(header).encode()?)
    }
}

/// Counts one more of what a peer may do so often in one conversation.
fn up_to(most: u64, count: &mut u64) -> Result<(), SessionError> {
    *count += 1;
    if *count > most { Err(SessionError::WantsWithoutEnd) } else { Ok(()) }
}

fn headers(want: &HeaderWant, shelf: &mut dyn Shelf) -> Result<Vec<u8>, SessionError> {
    let headers = shelf.headers(want, limits::LOG_ENTRIES * limits::HEADER)?;
    // More than a frame can carry, which a shelf that is damaged hands out, is no answer that could be given; all else goes on.
    let answer = Frame::Headers { want: *want, headers }.encode();
    Ok(answer.or_else(|_| Frame::Headers { want: *want, headers: Vec::new() }.encode())?)
}
