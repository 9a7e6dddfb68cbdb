//! What the peer has told, what we want of it, and what came.
//!
//! Headers first and forward, then bodies in the shelf's order under a window. What was refused, when it was offered or
//! when it was settled, is not asked for again in this conversation, and stops nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::announce::Announcer;
use super::told::{Told, by_log};
use super::{Effects, SessionError, Tally, World};
use crate::id::{ConnId, HeaderHash, LogId, PeerId};
use crate::shelf::{BodyWant, HeaderWant, LogPosition, Offered, Refusal, Shelf, ShelfError};
use crate::wire::code::runs;
use crate::wire::{Frame, Run, limits};

/// Bodies, or bytes of bodies, after which what came is settled and acknowledged though more is on its way.
const SETTLE_BODIES: usize = limits::OPEN_BODY_WANTS;
const SETTLE_BYTES: usize = 4 << 20;

pub(super) struct Fetch {
    conn: ConnId,
    /// Who it is, once it has greeted.
    peer: Option<PeerId>,
    theirs: Told,
    /// Logs of which the peer named a head that is not here: what it holds of them the shelf hears again when it is.
    unplaced: BTreeSet<LogId>,
    partial: Option<Partial>,
    /// Vectors heard, and how many of them we last said to be done with.
    heard: u32,
    done: Option<u32>,
    /// Frontiers differed, so the peer owes us a vector before we can be done.
    owed: bool,
    /// The plan below is older than what it was made from.
    stale: bool,
    header_queue: VecDeque<HeaderWant>,
    asked_headers: BTreeSet<HeaderWant>,
    /// Runs that were asked for since the log was last announced: asking again would bring the same.
    tried: BTreeSet<HeaderWant>,
    /// Branches that did not continue ours, to be fetched from the beginning of the log.
    rewound: BTreeSet<(LogId, HeaderHash)>,
    body_queue: VecDeque<BodyWant>,
    asked_bodies: BTreeMap<HeaderHash, LogId>,
    given_up: BTreeSet<HeaderHash>,
    /// Something wanted is on its way from another peer, and may be asked for here from this time on.
    elsewhere: Option<u64>,
    touched: BTreeSet<LogId>,
    /// Bodies that the shelf took and that are not durable yet.
    unsettled: BTreeSet<HeaderHash>,
    unsettled_bytes: usize,
}

struct Partial {
    counts: bool,
    complete: bool,
    positions: Vec<LogPosition>,
    ranges: usize,
}

impl Fetch {
    pub(super) fn new(conn: ConnId) -> Self {
        Self {
            conn,
            peer: None,
            theirs: Told::default(),
            unplaced: BTreeSet::new(),
            partial: None,
            heard: 0,
            done: None,
            owed: true,
            stale: false,
            header_queue: VecDeque::new(),
            asked_headers: BTreeSet::new(),
            tried: BTreeSet::new(),
            rewound: BTreeSet::new(),
            body_queue: VecDeque::new(),
            asked_bodies: BTreeMap::new(),
            given_up: BTreeSet::new(),
            elsewhere: None,
            touched: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            unsettled_bytes: 0,
        }
    }

    /// Both hold the same: nothing to hear, nothing to say.
    pub(super) fn begin_in_step(&mut self, peer: PeerId, positions: Vec<LogPosition>) {
        self.peer = Some(peer);
        self.theirs = Told::of(positions);
        self.owed = false;
        self.done = Some(0);
    }

    /// Frontiers differ: the peer's vector is on its way.
    pub(super) fn begin_apart(&mut self, peer: PeerId) {
        self.peer = Some(peer);
        self.owed = true;
        self.done = None;
    }

    /// The shelf changed by another hand: what is wanted here may have changed too.
    pub(super) fn look_again(&mut self) {
        self.stale = true;
    }

    /// Takes part of a vector (which counts towards our DONE) or of an acknowledgement.
    pub(super) fn hear(&mut self, run: Run, counts: bool, shelf: &mut dyn Shelf) -> Result<(), SessionError> {
        let complete = run.complete;
        let partial = self.partial.get_or_insert_with(|| Partial { counts, complete, positions: vec![], ranges: 0 });
        if partial.counts != counts || partial.complete != complete {
            return Err(SessionError::OutOfTurn);
        }
        partial.ranges += run.positions.iter().map(|position| position.bodies.pairs().len()).sum::<usize>();
        partial.positions.extend(run.positions);
        if partial.positions.len() > limits::POSITIONS || partial.ranges > limits::VECTOR_RANGES {
            return Err(SessionError::VectorTooLong);
        }
        if run.more {
            return Ok(());
        }
        let Some(whole) = self.partial.take() else { return Ok(()) };
        if let Some(peer) = &self.peer {
            shelf.acknowledged(peer, &whole.positions, whole.complete)?;
        }
        self.learn(whole)
    }

    fn learn(&mut self, whole: Partial) -> Result<(), SessionError> {
        if whole.complete {
            self.theirs = Told::default();
        }
        for (log, positions) in by_log(whole.positions) {
            self.tried.retain(|want| want.log != log);
            self.rewound.retain(|(rewound, _)| *rewound != log);
            self.theirs.tell(log, positions);
        }
        self.theirs.require_limits()?;
        if whole.counts {
            self.heard = self.heard.saturating_add(1);
            self.owed = false;
        }
        self.stale = true;
        Ok(())
    }

    /// Takes the answer to a wanted run of headers.
    pub(super) fn headers(
        &mut self,
        want: &HeaderWant,
        headers: Vec<Vec<u8>>,
        world: &mut World<'_>,
        tally: &mut Tally,
    ) -> Result<(), SessionError> {
        if !self.asked_headers.remove(want) {
            return Err(SessionError::Unasked);
        }
        self.tried.insert(*want);
        if !headers.is_empty() {
            match world.shelf.offer_headers(&want.log, headers)? {
                Offered::Stored => {
                    self.touched.insert(want.log);
                    tally.header_runs_stored += 1;
                }
                Offered::AlreadyHeld => {}
                Offered::Orphaned => tally.held += 1,
                Offered::Refused(Refusal::Detached) if want.from_seq > 0 => {
                    self.rewound.insert((want.log, want.head));
                }
                Offered::Refused(_) => tally.refused += 1,
            }
        }
        if self.asked_headers.is_empty() && self.header_queue.is_empty() {
            self.stale = true;
        }
        Ok(())
    }

    /// Takes the answer to a wanted body, `None` when the peer has it no more.
    pub(super) fn body(
        &mut self,
        header: &HeaderHash,
        body: Option<Vec<u8>>,
        world: &mut World<'_>,
        effects: &mut Effects,
        tally: &mut Tally,
    ) -> Result<(), SessionError> {
        let log = self.asked_bodies.remove(header).ok_or(SessionError::Unasked)?;
        world.claims.bodies.release(header, self.conn);
        let Some(body) = body else {
            tally.gone += 1;
            self.give_up(header, effects);
            return Ok(());
        };
        let size = body.len();
        match world.shelf.offer_body(header, body)? {
            Offered::Stored => {
                self.unsettled.insert(*header);
                self.unsettled_bytes += size;
                self.touched.insert(log);
            }
            Offered::AlreadyHeld => {}
            Offered::Orphaned => {
                tally.held += 1;
                self.give_up(header, effects);
            }
            Offered::Refused(_) => {
                tally.refused += 1;
                self.give_up(header, effects);
            }
        }
        Ok(())
    }

    /// Does whatever can be done now: plans, asks, acknowledges.
    pub(super) fn pump(
        &mut self,
        ours: &mut Announcer,
        now: u64,
        world: &mut World<'_>,
        effects: &mut Effects,
        tally: &mut Tally,
    ) -> Result<(), SessionError> {
        if self.owed {
            return Ok(());
        }
        // What is settled may make the shelf want more than before: it ends, for each round needs something new.
        loop {
            if self.stale && self.asked_headers.is_empty() {
                self.plan(world.shelf)?;
            }
            self.ask(now, world, effects)?;
            let much = self.unsettled.len() >= SETTLE_BODIES || self.unsettled_bytes >= SETTLE_BYTES;
            let idle = self.asked_headers.is_empty() && self.asked_bodies.is_empty();
            let more = (much || idle) && self.acknowledge(ours, world.shelf, effects, tally)?;
            if !more {
                break;
            }
        }
        Ok(())
    }

    /// Says once that nothing more is wanted of what was told.
    pub(super) fn say_done(
        &mut self,
        ours: &mut Announcer,
        shelf: &mut dyn Shelf,
        effects: &mut Effects,
    ) -> Result<(), SessionError> {
        if self.wants_nothing() && self.done != Some(self.heard) {
            self.done = Some(self.heard);
            let root = shelf.root()?;
            ours.say_lacked(shelf, effects)?;
            effects.frames.push(Frame::Done { heard: self.heard, root }.encode()?);
        }
        Ok(())
    }

    /// The peer waits to hear again that this side is done.
    pub(super) fn owe_done(&mut self) {
        self.done = None;
    }

    /// Whether no header and no body is wanted of this peer.
    pub(super) fn is_idle(&self) -> bool {
        self.wants_nothing()
    }

    /// Makes durable what came. True if there was anything.
    ///
    /// What became of each body the shelf is asked afterwards: another conversation may have settled what this one brought.
    pub(super) fn settle(
        &mut self,
        shelf: &mut dyn Shelf,
        effects: &mut Effects,
        tally: &mut Tally,
    ) -> Result<bool, ShelfError> {
        if self.touched.is_empty() {
            return Ok(false);
        }
        shelf.settle()?;
        self.unsettled_bytes = 0;
        for header in std::mem::take(&mut self.unsettled) {
            if shelf.holds_body(&header)? {
                tally.bodies_stored += 1;
            } else {
                tally.refused += 1;
                self.give_up(&header, effects);
            }
        }
        Ok(true)
    }

    pub(super) fn is_done(&self) -> bool {
        self.wants_nothing() && self.done == Some(self.heard)
    }

    /// Whether something is due from the peer, but for the rest of a list.
    pub(super) fn awaits_answers(&self) -> bool {
        self.owed || !self.asked_headers.is_empty() || !self.asked_bodies.is_empty()
    }

    /// Whether the peer has not said yet what it holds.
    pub(super) fn awaits_vector(&self) -> bool {
        self.owed
    }

    /// Whether a list has begun whose end has not come.
    pub(super) fn is_inside_a_list(&self) -> bool {
        self.partial.is_some()
    }

    /// When to ask here for something that another peer was asked for.
    pub(super) fn elsewhere(&self) -> Option<u64> {
        self.elsewhere
    }

    /// What another peer was asked for and did not bring in time is wanted here too.
    pub(super) fn time_passed(&mut self, now: u64) {
        if self.elsewhere.take_if(|at| *at <= now).is_some() {
            self.look_again();
        }
    }

    fn wants_nothing(&self) -> bool {
        let queued = !self.header_queue.is_empty() || !self.body_queue.is_empty();
        let awaits = self.awaits_answers() || self.is_inside_a_list() || self.elsewhere.is_some();
        !(awaits || queued || self.stale)
    }

    fn plan(&mut self, shelf: &mut dyn Shelf) -> Result<(), SessionError> {
        let wants = shelf.wants(&self.theirs.positions())?;
        self.place(wants.headers.iter().map(|want| want.log).collect(), shelf)?;
        let rewind = |mut want: HeaderWant| {
            if self.rewound.contains(&(want.log, want.head)) {
                want.from_seq = 0;
            }
            want
        };
        self.header_queue = wants.headers.into_iter().map(rewind).filter(|want| !self.tried.contains(want)).collect();
        self.body_queue = wants.bodies.into_iter().filter(|want| self.may_ask(&want.header)).collect();
        self.stale = false;
        self.elsewhere = None;
        Ok(())
    }

    /// Tells the shelf again what the peer holds of logs whose heads were not here when it said so, and are now.
    fn place(&mut self, unplaced: BTreeSet<LogId>, shelf: &mut dyn Shelf) -> Result<(), SessionError> {
        let placed = self.unplaced.difference(&unplaced).filter_map(|log| self.theirs.get(log));
        let placed: Vec<_> = placed.flatten().cloned().collect();
        if let Some(peer) = self.peer.as_ref().filter(|_| !placed.is_empty()) {
            shelf.acknowledged(peer, &placed, false)?;
        }
        self.unplaced = unplaced;
        Ok(())
    }

    fn ask(&mut self, now: u64, world: &mut World<'_>, effects: &mut Effects) -> Result<(), SessionError> {
        let headers = self.headers_to_ask();
        let bodies = if self.asked_headers.is_empty() { self.bodies_to_ask(now, world)? } else { Vec::new() };
        if !headers.is_empty() || !bodies.is_empty() {
            // The peer now waits for us to say again that we are done.
            self.done = None;
            effects.frames.push(Frame::Want { headers, bodies }.encode()?);
        }
        Ok(())
    }

    fn headers_to_ask(&mut self) -> Vec<HeaderWant> {
        let room = limits::OPEN_HEADER_WANTS.saturating_sub(self.asked_headers.len()).min(self.header_queue.len());
        let headers: Vec<_> = self.header_queue.drain(..room).collect();
        self.asked_headers.extend(&headers);
        headers
    }

    /// Fills the window once it is half empty, leaving out what came meanwhile and what another peer is sending.
    fn bodies_to_ask(&mut self, now: u64, world: &mut World<'_>) -> Result<Vec<HeaderHash>, SessionError> {
        let mut bodies = Vec::new();
        if self.asked_bodies.len() > limits::OPEN_BODY_WANTS / 2 {
            return Ok(bodies);
        }
        while self.asked_bodies.len() < limits::OPEN_BODY_WANTS {
            let Some(BodyWant { log, header }) = self.body_queue.pop_front() else { break };
            if !self.may_ask(&header) || world.shelf.holds_body(&header)? {
                continue;
            }
            match world.claims.bodies.claim(header, self.conn, now) {
                Ok(()) => {
                    self.asked_bodies.insert(header, log);
                    bodies.push(header);
                }
                Err(until) => self.elsewhere = Some(self.elsewhere.map_or(until, |at| at.min(until))),
            }
        }
        Ok(bodies)
    }

    /// Settles, and acknowledges what came. True if other logs changed too: what came may have made the shelf accept
    /// what it had only held, or write something of its own.
    fn acknowledge(
        &mut self,
        ours: &mut Announcer,
        shelf: &mut dyn Shelf,
        effects: &mut Effects,
        tally: &mut Tally,
    ) -> Result<bool, SessionError> {
        if !self.settle(shelf, effects, tally)? {
            return Ok(false);
        }
        let touched = std::mem::take(&mut self.touched);
        let vector = shelf.vector()?.into_iter();
        ours.say_lacked(shelf, effects)?;
        let (came, others): (Vec<_>, Vec<_>) = vector.partition(|position| touched.contains(&position.log));
        let changed = ours.note_changes(came);
        if !changed.is_empty() {
            for run in runs(changed, false) {
                effects.frames.push(Frame::Ack(run).encode()?);
            }
            effects.stored = true;
        }
        let more = ours.announce_changes(others, effects)?;
        self.stale |= more;
        Ok(more)
    }

    /// Whether a body was neither asked for nor brought and turned down in this conversation.
    fn may_ask(&self, header: &HeaderHash) -> bool {
        let brought = self.unsettled.contains(header) || self.given_up.contains(header);
        !brought && !self.asked_bodies.contains_key(header)
    }

    fn give_up(&mut self, header: &HeaderHash, effects: &mut Effects) {
        self.given_up.insert(*header);
        effects.released = true;
    }
}
