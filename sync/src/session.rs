//! One conversation with one peer, as a machine without clock, socket or randomness: `handle(event, now) -> Effects`.
//!
//! Refuses to read anything before a valid hello, anything over a limit, anything that was not asked for, and a peer that
//! asks without end. Each refusal ends this conversation and leaves what was received before it in the shelf, settled.

mod announce;
mod due;
mod error;
mod farewell;
mod fetch;
mod pieces;
mod places;
mod serve;
mod tally;
mod told;

pub use due::{ANSWER_MS, GREETING_MS};
pub use error::SessionError;
pub use tally::Tally;

use self::announce::Announcer;
use self::due::Due;
use self::fetch::Fetch;
use self::pieces::Pieces;
use self::places::Places;
use self::serve::Serve;
use crate::address::Addresses;
use crate::claims::Claims;
use crate::greeting::{Greeting, HELLO_LEN};
use crate::id::{BlobHash, ConnId, Endpoints, PeerId, Root};
use crate::shelf::Shelf;
use crate::wire::{Deframer, Frame};

/// Who opened the connection: it speaks first, so that an endpoint that is merely probed stays silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// This end opened it.
    Dials,
    /// The other end opened it.
    Answers,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum SessionEvent<'a> {
    /// The connection stands.
    Opened,
    /// Bytes came, cut anywhere.
    Received(&'a [u8]),
    /// All frames handed out before have left.
    Drained,
    /// The shelf changed by another hand than this session's.
    Changed,
    /// This device is reached elsewhere now ([`World::addresses`]).
    Moved,
    /// The time asked for has come.
    Tick,
    /// The other end closed the stream.
    Ended,
}

/// Everything that a session may touch while it handles an event.
pub struct World<'a> {
    /// Where envelopes are kept.
    pub shelf: &'a mut dyn Shelf,
    /// Who makes and checks hellos.
    pub greeting: &'a mut dyn Greeting,
    /// What other sessions are fetching.
    pub claims: &'a mut Claims,
    /// Where this device can be reached.
    pub addresses: &'a Addresses,
}

/// Everything to be done after an event, in this order.
#[derive(Debug, Default)]
pub struct Effects {
    /// Bytes to send, one frame each (the first is the hello).
    pub frames: Vec<Vec<u8>>,
    /// The peer was recognised just now.
    pub greeted: Option<PeerId>,
    /// Where the peer says that it can be reached.
    pub addresses: Option<Addresses>,
    /// The shelf changed: other sessions want to know.
    pub stored: bool,
    /// Claims were given up: other sessions may take them.
    pub released: bool,
    /// The conversation is over; why, unless the peer ended it in order.
    pub end: Option<Result<(), SessionError>>,
    /// When to come back with [`SessionEvent::Tick`] at the latest.
    pub wake_at: Option<u64>,
}

/// A conversation with one peer.
pub struct Session {
    conn: ConnId,
    role: Role,
    endpoints: Endpoints,
    phase: Phase,
    deframer: Deframer,
    peer: Option<PeerId>,
    /// The peer was removed from the practice: it may hand over what it has, and gets a farewell.
    removed: bool,
    ours: Announcer,
    fetch: Fetch,
    pieces: Pieces,
    serve: Serve,
    tally: Tally,
    due: Due,
    /// The peer's digest when it last was done; compared with ours once we are done too.
    uncompared: Option<Root>,
    /// Whether the digests were the same when they were last compared.
    same_root: bool,
    /// The files that the peer does not hold whole, as it said last.
    lacked_there: Option<Vec<BlobHash>>,
    /// Parts of a farewell that came.
    farewells: usize,
    places: Places,
}

enum Phase {
    /// Waiting for the 512 bytes; what came of them so far.
    Greeting(Vec<u8>),
    /// Our frontier is sent, theirs is awaited.
    Comparing(Root),
    Live,
    Over,
}

impl Session {
    /// A session over a connection that is about to stand.
    pub fn new(conn: ConnId, role: Role, endpoints: Endpoints) -> Self {
        Self {
            conn,
            role,
            endpoints,
            phase: Phase::Greeting(Vec::new()),
            deframer: Deframer::default(),
            peer: None,
            removed: false,
            ours: Announcer::default(),
            fetch: Fetch::new(conn),
            pieces: Pieces::new(conn),
            serve: Serve::default(),
            tally: Tally::default(),
            due: Due::default(),
            uncompared: None,
            same_root: false,
            lacked_there: Some(Vec::new()),
            farewells: 0,
            places: Places::default(),
        }
    }

    /// Takes an event and says what follows from it. `now` is in milliseconds and never goes back.
    pub fn handle(&mut self, event: SessionEvent<'_>, now: u64, world: &mut World<'_>) -> Effects {
        let mut effects = Effects::default();
        if matches!(self.phase, Phase::Over) {
            return effects;
        }
        match self.advance(event, now, world, &mut effects) {
            Ok(()) if matches!(event, SessionEvent::Ended) => self.finish(Ok(()), world, &mut effects),
            Ok(()) => effects.wake_at = self.wake_at(),
            Err(error) => self.finish(Err(error), world, &mut effects),
        }
        self.tally.frames_sent += effects.frames.len() as u64;
        self.tally.bytes_sent += effects.frames.iter().map(|frame| frame.len() as u64).sum::<u64>();
        effects
    }

    /// Ends it from this side. What came is settled first.
    pub fn close(&mut self, why: SessionError, world: &mut World<'_>) -> Effects {
        let mut effects = Effects::default();
        if !matches!(self.phase, Phase::Over) {
            self.finish(Err(why), world, &mut effects);
        }
        effects
    }

    /// Whether neither side wants anything more of what the other has said.
    pub fn is_quiet(&self) -> bool {
        let wants_nothing = self.fetch.is_done() && self.pieces.is_idle();
        matches!(self.phase, Phase::Live) && wants_nothing && self.ours.is_heard() && self.serve.is_idle()
    }

    /// The peer, once recognised.
    pub fn peer(&self) -> Option<PeerId> {
        self.peer
    }

    /// Who opened the connection.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Both ends.
    pub fn endpoints(&self) -> Endpoints {
        self.endpoints
    }

    /// What went over the connection so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn advance(
        &mut self,
        event: SessionEvent<'_>,
        now: u64,
        world: &mut World<'_>,
        effects: &mut Effects,
    ) -> Result<(), SessionError> {
        match event {
            SessionEvent::Opened => self.open(now, world, effects)?,
            SessionEvent::Received(bytes) => self.receive(bytes, world, effects)?,
            SessionEvent::Drained => self.serve.drained(),
            // What changed may be that this very peer was removed.
            SessionEvent::Changed
                if !self.removed && self.peer.is_some_and(|peer| world.greeting.is_removed(&peer)) =>
            {
                return self.part(world, effects);
            }
            SessionEvent::Changed => self.announce_changes(world, effects)?,
            SessionEvent::Moved if self.peer.is_none() || self.removed => {}
            SessionEvent::Moved => self.places.tell(world.addresses, effects)?,
            SessionEvent::Tick if self.due.at().is_some_and(|due| due <= now) => return Err(SessionError::Silent),
            SessionEvent::Tick => {
                self.fetch.time_passed(now);
                self.pieces.time_passed(now);
            }
            SessionEvent::Ended => return self.may_end_here(),
        }
        if matches!(self.phase, Phase::Live) {
            self.fetch.pump(&mut self.ours, now, world, effects, &mut self.tally)?;
            self.pump_pieces(now, world, effects)?;
            self.serve.pump(world.shelf, effects, &mut self.tally)?;
            if self.is_quiet() {
                if let Some(theirs) = self.uncompared.take() {
                    self.same_root = theirs == world.shelf.root()?;
                }
                self.tally.in_step = self.same_root && self.has_every_file();
            }
            if self.removed && self.fetch.is_idle() {
                return self.part(world, effects);
            }
            self.due.awaits(self.awaits_answers(), self.fetch.is_inside_a_list(), now);
        }
        Ok(())
    }

    /// Files come after notes: a piece is asked for when no header and no body is wanted.
    fn pump_pieces(&mut self, now: u64, world: &mut World<'_>, effects: &mut Effects) -> Result<(), SessionError> {
        // A peer that was removed hears a farewell instead of a DONE.
        if self.removed || !self.fetch.is_idle() {
            return Ok(());
        }
        if self.pieces.pump(now, world, effects, &mut self.tally)? {
            self.fetch.owe_done();
        }
        if self.pieces.is_idle() { self.fetch.say_done(&mut self.ours, world.shelf, effects) } else { Ok(()) }
    }

    /// Whether neither end lacks a file, as each said last.
    fn has_every_file(&self) -> bool {
        self.ours.lacks_no_file() && self.lacked_there.as_ref().is_some_and(Vec::is_empty)
    }

    fn awaits_answers(&self) -> bool {
        self.fetch.awaits_answers() || self.pieces.awaits_answers()
    }

    /// Whether a frame is one that the peer owes. That it was asked for is seen when it is taken.
    fn is_due(&self, frame: &Frame) -> bool {
        match frame {
            Frame::Vector(_) => self.fetch.awaits_vector(),
            Frame::Headers { .. } | Frame::Body { .. } | Frame::Gone(_) | Frame::Piece { .. } | Frame::NoPiece(_) => {
                true
            }
            _ => false,
        }
    }

    fn wake_at(&self) -> Option<u64> {
        [self.due.at(), self.fetch.elsewhere(), self.pieces.elsewhere()].into_iter().flatten().min()
    }

    fn open(&mut self, now: u64, world: &mut World<'_>, effects: &mut Effects) -> Result<(), SessionError> {
        self.due.opened(now);
        if self.role == Role::Dials {
            effects.frames.push(world.greeting.hello(&self.endpoints)?.to_vec());
        }
        Ok(())
    }

    fn receive(&mut self, mut bytes: &[u8], world: &mut World<'_>, effects: &mut Effects) -> Result<(), SessionError> {
        self.tally.bytes_received += bytes.len() as u64;
        if let Phase::Greeting(partial) = &mut self.phase {
            let (taken, rest) = bytes.split_at(bytes.len().min(HELLO_LEN - partial.len()));
            partial.extend_from_slice(taken);
            bytes = rest;
            let Some(hello) = partial.first_chunk().copied() else { return Ok(()) };
            self.greet(&hello, world, effects)?;
        }
        while let Some(raw) = self.deframer.next(&mut bytes)? {
            self.tally.frames_received += 1;
            let frame = raw.parse()?;
            self.due.came();
            let (is_due, is_list) = (self.is_due(&frame), matches!(frame, Frame::Vector(_) | Frame::Ack(_)));
            self.take(frame, world, effects)?;
            if is_due {
                self.due.answered();
            }
            if is_list {
                self.due.listed();
            }
        }
        if let Some((kind, came)) = self.deframer.under_way() {
            self.due.comes(kind, came, self.fetch.awaits_vector());
        }
        Ok(())
    }

    fn greet(
        &mut self,
        hello: &[u8; HELLO_LEN],
        world: &mut World<'_>,
        effects: &mut Effects,
    ) -> Result<(), SessionError> {
        self.tally.frames_received += 1;
        let peer = world.greeting.check(hello, &self.endpoints)?;
        if self.role == Role::Answers {
            effects.frames.push(world.greeting.hello(&self.endpoints)?.to_vec());
        }
        self.peer = Some(peer);
        self.removed = world.greeting.is_removed(&peer);
        if self.removed {
            // Neither what is held here nor a digest of it is for this peer.
            let nothing = Root([0; 32]);
            self.ours.begin(world.shelf.vector()?);
            effects.frames.push(Frame::Frontier(nothing).encode()?);
            self.phase = Phase::Comparing(nothing);
            return Ok(());
        }
        effects.greeted = Some(peer);
        // A peer with the same digest is believed to hold what is told here: two readings could differ.
        self.places.tell(world.addresses, effects)?;
        let (root, vector) = world.shelf.state()?;
        self.ours.begin(vector);
        self.pieces.begin(world.shelf, effects)?;
        self.ours.begin_files(world.shelf, effects)?;
        effects.frames.push(Frame::Frontier(root).encode()?);
        self.phase = Phase::Comparing(root);
        Ok(())
    }

    fn take(&mut self, frame: Frame, world: &mut World<'_>, effects: &mut Effects) -> Result<(), SessionError> {
        let Some(peer) = self.peer else { return Err(SessionError::OutOfTurn) };
        match (&self.phase, frame) {
            (_, Frame::Unknown(_)) => self.tally.unknown += 1,
            (_, Frame::Removed { more, part }) => return self.hear_farewell(more, &part, world),
            // Nothing is served to a peer that was removed, and no file is taken from it.
            (_, Frame::Pieces { .. } | Frame::Lacks(_) | Frame::Addresses(_)) if self.removed => {}
            (_, Frame::Want { .. } | Frame::WantPieces(_)) if self.removed => return Err(SessionError::OutOfTurn),
            (Phase::Comparing(_) | Phase::Live, Frame::Addresses(addresses)) => {
                self.places.hear(addresses, effects)?;
            }
            (Phase::Comparing(ours), Frame::Frontier(theirs)) => self.compare(*ours == theirs, peer, world, effects)?,
            (Phase::Comparing(_) | Phase::Live, Frame::Pieces { has, wants }) => {
                self.pieces.hear(has)?;
                if has && self.pieces.owes_done() {
                    self.fetch.owe_done();
                }
                if wants && self.pieces.has_any() {
                    self.ours.peer_is_busy();
                }
            }
            (Phase::Comparing(_), Frame::Lacks(files)) => {
                self.pieces.count_news()?;
                self.lacked_there = files;
            }
            (Phase::Live, Frame::Lacks(files)) => {
                self.pieces.count_news()?;
                world.shelf.lacked_there(&peer, files.as_deref())?;
                self.lacked_there = files;
            }
            (Phase::Live, Frame::WantPieces(pieces)) => {
                self.ours.peer_is_busy();
                self.serve.asked_pieces(pieces)?;
            }
            (Phase::Live, Frame::Piece { hash, bytes }) => {
                self.pieces.take(&hash, Some(bytes), world, effects, &mut self.tally)?;
            }
            (Phase::Live, Frame::NoPiece(hash)) => {
                self.pieces.take(&hash, None, world, effects, &mut self.tally)?;
            }
            (Phase::Live, Frame::Vector(run)) => self.fetch.hear(run, true, world.shelf)?,
            (Phase::Live, Frame::Ack(run)) => self.fetch.hear(run, false, world.shelf)?,
            (Phase::Live, Frame::Want { headers, bodies }) => {
                self.ours.peer_is_busy();
                self.serve.asked(headers, bodies, self.ours.positions_announced())?;
            }
            (Phase::Live, Frame::Headers { want, headers }) => {
                self.fetch.headers(&want, headers, world, &mut self.tally)?;
            }
            (Phase::Live, Frame::Body { header, body }) => {
                self.pieces.look_again();
                self.fetch.body(&header, Some(body), world, effects, &mut self.tally)?;
            }
            (Phase::Live, Frame::Gone(header)) => self.fetch.body(&header, None, world, effects, &mut self.tally)?,
            (Phase::Live, Frame::Done { heard, root }) => {
                self.ours.heard(heard)?;
                self.uncompared = Some(root);
            }
            _ => return Err(SessionError::OutOfTurn),
        }
        Ok(())
    }

    fn compare(
        &mut self,
        equal: bool,
        peer: PeerId,
        world: &mut World<'_>,
        effects: &mut Effects,
    ) -> Result<(), SessionError> {
        self.phase = Phase::Live;
        self.due.greeted();
        let equal = equal && !self.removed;
        self.same_root = equal;
        if !self.removed {
            world.shelf.lacked_there(&peer, self.lacked_there.as_deref())?;
        }
        if equal {
            // Equal digests mean that the peer durably holds all that we hold.
            let positions = self.ours.positions();
            world.shelf.acknowledged(&peer, &positions, true)?;
            self.fetch.begin_in_step(peer, positions);
        } else {
            self.fetch.begin_apart(peer);
            if self.removed { self.ours.announce_nothing(effects)? } else { self.ours.announce_all(effects)? }
        }
        if self.pieces.owes_done() {
            self.fetch.owe_done();
        }
        // The shelf may have changed since our frontier left.
        self.announce_changes(world, effects)
    }

    fn announce_changes(&mut self, world: &mut World<'_>, effects: &mut Effects) -> Result<(), SessionError> {
        if matches!(self.phase, Phase::Live) && !self.removed {
            self.fetch.look_again();
            self.pieces.announce(world.shelf, effects)?;
            let vector = world.shelf.vector()?;
            self.ours.say_lacked(world.shelf, effects)?;
            self.ours.announce_changes(vector, effects)?;
        }
        Ok(())
    }

    fn may_end_here(&self) -> Result<(), SessionError> {
        let cut = match &self.phase {
            Phase::Greeting(_) => return Err(SessionError::Closed),
            _ => self.deframer.inside_a_frame() || self.fetch.is_inside_a_list() || self.awaits_answers(),
        };
        if cut { Err(SessionError::Truncated) } else { Ok(()) }
    }

    /// Whatever ended it: what was received is made durable, and what was claimed is free for others.
    fn finish(&mut self, how: Result<(), SessionError>, world: &mut World<'_>, effects: &mut Effects) {
        let mut how = how;
        match self.fetch.settle(world.shelf, effects, &mut self.tally) {
            Ok(stored) => effects.stored |= stored,
            Err(error) if how.is_ok() => how = Err(error.into()),
            Err(_) => {}
        }
        match self.pieces.settle(world.shelf, effects, &mut self.tally) {
            Ok(stored) => effects.stored |= stored,
            Err(error) if how.is_ok() => how = Err(error.into()),
            Err(_) => {}
        }
        world.claims.release_all(self.conn);
        effects.released = true;
        self.phase = Phase::Over;
        effects.wake_at = None;
        effects.end = Some(how);
    }
}

#[cfg(test)]
mod tests;
