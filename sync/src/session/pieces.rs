//! Pieces of attached files: what the peer may have, what is asked for, what came.
//!
//! After everything else: as long as a header or a body is wanted, no piece is asked for. A file is fetched piece by piece
//! under a window of its own, so that a connection that breaks costs a few pieces and notes never wait behind a file. A peer
//! that has not said that it has pieces is not asked: it may be of a version that knows of none.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::{Effects, SessionError, Tally, World};
use crate::id::{ConnId, PieceHash};
use crate::shelf::{Offered, Shelf, ShelfError};
use crate::wire::{Frame, limits};

/// Wrong pieces after which a peer is asked for no more.
const WRONG: usize = 8;

pub(super) struct Pieces {
    conn: ConnId,
    /// Pieces held when the peer was last told of them.
    told: u64,
    said_wanting: bool,
    peer_has: bool,
    news: u64,
    asked: BTreeSet<PieceHash>,
    /// Not there at the peer when it was asked; asked for again when it has more than before.
    absent: BTreeSet<PieceHash>,
    /// Refused when they came or when they were settled; not asked for again.
    refused: BTreeSet<PieceHash>,
    /// How many of them were not what they should be.
    wrong: usize,
    /// Pieces that the shelf took and that are not durable yet.
    unsettled: BTreeSet<PieceHash>,
    /// What is wanted may not be what it was when it was last looked up.
    stale: bool,
    /// Something wanted is on its way from another peer, and may be asked for here from this time on.
    elsewhere: Option<u64>,
}

impl Pieces {
    pub(super) fn new(conn: ConnId) -> Self {
        Self {
            conn,
            told: 0,
            said_wanting: false,
            peer_has: false,
            news: 0,
            asked: BTreeSet::new(),
            absent: BTreeSet::new(),
            refused: BTreeSet::new(),
            wrong: 0,
            unsettled: BTreeSet::new(),
            stale: true,
            elsewhere: None,
        }
    }

    /// Says, before the frontier, whether there are pieces here and whether some are wanted; nothing when neither.
    pub(super) fn begin(&mut self, shelf: &mut dyn Shelf, effects: &mut Effects) -> Result<(), SessionError> {
        self.told = shelf.pieces_held()?;
        self.said_wanting = !shelf.wanted_pieces(1, &|_| false)?.is_empty();
        self.say(self.said_wanting, effects)
    }

    /// Tells the peer that there are more pieces here than it was told.
    pub(super) fn announce(&mut self, shelf: &mut dyn Shelf, effects: &mut Effects) -> Result<(), SessionError> {
        self.stale = true;
        let held = shelf.pieces_held()?;
        let more = held > self.told;
        self.told = held;
        if more { self.say(false, effects) } else { Ok(()) }
    }

    fn say(&self, wants: bool, effects: &mut Effects) -> Result<(), SessionError> {
        let has = self.told > 0;
        if has || wants {
            effects.frames.push(Frame::Pieces { has, wants }.encode()?);
        }
        Ok(())
    }

    /// The peer says whether it has pieces.
    pub(super) fn hear(&mut self, has: bool) -> Result<(), SessionError> {
        self.count_news()?;
        self.peer_has |= has;
        self.absent.clear();
        self.stale = true;
        Ok(())
    }

    /// Counts what the peer says of the files that it has, and of those that it has not.
    pub(super) fn count_news(&mut self) -> Result<(), SessionError> {
        self.news += 1;
        if self.news > limits::PIECE_NEWS { Err(SessionError::WantsWithoutEnd) } else { Ok(()) }
    }

    /// Whether the peer waits to hear that this side is done: it has pieces, and was told that some are wanted.
    pub(super) fn owes_done(&self) -> bool {
        self.peer_has && self.said_wanting
    }

    /// Whether a peer that said that it wants pieces can get any here.
    pub(super) fn has_any(&self) -> bool {
        self.told > 0
    }

    /// What is wanted may have changed.
    pub(super) fn look_again(&mut self) {
        self.stale = true;
    }

    /// Takes the answer to a wanted piece, `None` when the peer has it not.
    pub(super) fn take(
        &mut self,
        hash: &PieceHash,
        bytes: Option<Vec<u8>>,
        world: &mut World<'_>,
        effects: &mut Effects,
        tally: &mut Tally,
    ) -> Result<(), SessionError> {
        if !self.asked.remove(hash) {
            return Err(SessionError::Unasked);
        }
        world.claims.pieces.release(hash, self.conn);
        self.stale = true;
        let Some(bytes) = bytes else {
            self.absent.insert(*hash);
            effects.released = true;
            return Ok(());
        };
        match world.shelf.offer_piece(hash, bytes)? {
            Offered::Stored => {
                self.unsettled.insert(*hash);
            }
            Offered::AlreadyHeld => {}
            Offered::Orphaned | Offered::Refused(_) => {
                self.wrong += 1;
                self.refuse(*hash, effects, tally);
            }
        }
        Ok(())
    }

    /// Settles what came, and asks for more. True when something was asked for.
    pub(super) fn pump(
        &mut self,
        now: u64,
        world: &mut World<'_>,
        effects: &mut Effects,
        tally: &mut Tally,
    ) -> Result<bool, SessionError> {
        if self.unsettled.len() >= limits::OPEN_PIECE_WANTS || self.asked.is_empty() {
            effects.stored |= self.settle(world.shelf, effects, tally)?;
        }
        let may_ask = self.peer_has && self.stale && self.wrong < WRONG;
        if !may_ask || self.asked.len() > limits::OPEN_PIECE_WANTS / 2 {
            return Ok(false);
        }
        let room = limits::OPEN_PIECE_WANTS.saturating_sub(self.asked.len());
        let claims = &mut world.claims.pieces;
        let elsewhere = Cell::new(None);
        let but = |hash: &PieceHash| {
            let until = claims.elsewhere(hash, self.conn, now);
            elsewhere.set(elsewhere.get().into_iter().chain(until).min());
            until.is_some() || self.was_dealt_with(hash)
        };
        let wants = world.shelf.wanted_pieces(room, &but)?;
        self.elsewhere = elsewhere.get();
        self.stale = !wants.is_empty();
        if wants.is_empty() {
            return Ok(false);
        }
        for hash in &wants {
            // What another connection has was left out.
            let _ = claims.claim(*hash, self.conn, now);
            self.asked.insert(*hash);
        }
        effects.frames.push(Frame::WantPieces(wants).encode()?);
        Ok(true)
    }

    /// Whether a piece was asked for in this conversation, and is not to be asked for once more.
    fn was_dealt_with(&self, hash: &PieceHash) -> bool {
        [&self.asked, &self.absent, &self.refused, &self.unsettled].into_iter().any(|set| set.contains(hash))
    }

    /// When to ask here for something that another peer was asked for.
    pub(super) fn elsewhere(&self) -> Option<u64> {
        self.elsewhere
    }

    /// What another peer was asked for and did not bring in time is wanted here too.
    pub(super) fn time_passed(&mut self, now: u64) {
        if self.elsewhere.take_if(|at| *at <= now).is_some() {
            self.stale = true;
        }
    }

    /// Makes durable what came. True if there was anything.
    ///
    /// What became of each piece the shelf is asked afterwards: another conversation may have settled what this one brought.
    pub(super) fn settle(
        &mut self,
        shelf: &mut dyn Shelf,
        effects: &mut Effects,
        tally: &mut Tally,
    ) -> Result<bool, ShelfError> {
        if self.unsettled.is_empty() {
            return Ok(false);
        }
        shelf.settle()?;
        for hash in std::mem::take(&mut self.unsettled) {
            if shelf.piece(&hash)?.is_some() {
                tally.pieces_stored += 1;
            } else {
                self.refuse(hash, effects, tally);
            }
        }
        Ok(true)
    }

    fn refuse(&mut self, hash: PieceHash, effects: &mut Effects, tally: &mut Tally) {
        tally.refused += 1;
        self.refused.insert(hash);
        effects.released = true;
    }

    pub(super) fn is_idle(&self) -> bool {
        self.asked.is_empty() && self.unsettled.is_empty()
    }

    pub(super) fn awaits_answers(&self) -> bool {
        !self.asked.is_empty()
    }
}
