//! Devices joined by cables that carry frames when told to, in any interleaving, cut anywhere.

use std::collections::{BTreeMap, VecDeque};

use super::{Dice, MemoryShelf, PlainGreeting};
use crate::hub::{Hub, HubContext};
use crate::id::{ConnId, EndpointId, Endpoints};
use crate::session::{Effects, Role, SessionError, SessionEvent, Tally};

const ENDPOINT_BASE: u8 = 0xE0;

pub(crate) struct Device {
    pub(crate) shelf: MemoryShelf,
    pub(crate) greeting: PlainGreeting,
    pub(crate) hub: Hub,
    pub(crate) ends: Vec<Result<(), SessionError>>,
}

impl Device {
    fn act<T>(&mut self, act: impl FnOnce(&mut Hub, &mut HubContext<'_>) -> T) -> T {
        act(&mut self.hub, &mut HubContext { shelf: &mut self.shelf, greeting: &mut self.greeting })
    }
}

struct Way {
    to: usize,
    frames: VecDeque<Vec<u8>>,
    closed: bool,
}

/// Everything there is in a test.
pub(crate) struct Cables {
    pub(crate) devices: Vec<Device>,
    ways: BTreeMap<(usize, ConnId), Way>,
    next: u64,
    pub(crate) now: u64,
    /// Ways on which nothing arrives for now: who sends, and over which connection.
    pub(crate) held_up: Vec<(usize, ConnId)>,
    /// Kinds of the frames sent, by sender; 0 is the hello.
    pub(crate) sent: Vec<(usize, u8)>,
}

impl Cables {
    pub(crate) fn new(devices: u8) -> Self {
        let device = |n| Device {
            shelf: MemoryShelf::default(),
            greeting: PlainGreeting::new(1, n),
            hub: Hub::new(),
            ends: Vec::new(),
        };
        Self {
            devices: (0..devices).map(device).collect(),
            ways: BTreeMap::new(),
            next: 0,
            now: 0,
            held_up: Vec::new(),
            sent: Vec::new(),
        }
    }

    pub(crate) fn connect(&mut self, from: usize, to: usize) -> ConnId {
        let conn = ConnId(self.next);
        self.next += 1;
        for (here, there, role) in [(from, to, Role::Dials), (to, from, Role::Answers)] {
            self.ways.insert((here, conn), Way { to: there, frames: VecDeque::new(), closed: false });
            let end = |n: usize| EndpointId([ENDPOINT_BASE + n as u8; 32]);
            let endpoints = Endpoints { local: end(here), remote: end(there) };
            let now = self.now;
            let effects = self.devices[here].act(|hub, context| hub.open(conn, role, endpoints, now, context));
            self.carry_out(here, effects);
        }
        conn
    }

    /// Delivers the next frame (or the end) that `from` has sent over `conn`, cut in two if told so.
    pub(crate) fn deliver(&mut self, from: usize, conn: ConnId, cut: Option<usize>) -> bool {
        let Some(way) = self.ways.get_mut(&(from, conn)) else { return false };
        let to = way.to;
        if let Some(frame) = way.frames.pop_front() {
            let drained = way.frames.is_empty();
            let (head, tail) = frame.split_at(cut.unwrap_or(0).min(frame.len()));
            for part in [head, tail].into_iter().filter(|part| !part.is_empty()) {
                self.event(to, conn, SessionEvent::Received(part));
            }
            if drained {
                self.event(from, conn, SessionEvent::Drained);
            }
            return true;
        }
        if way.closed {
            self.ways.remove(&(from, conn));
            self.event(to, conn, SessionEvent::Ended);
            return true;
        }
        false
    }

    pub(crate) fn event(&mut self, device: usize, conn: ConnId, event: SessionEvent<'_>) {
        let now = self.now;
        let effects = self.devices[device].act(|hub, context| hub.handle(conn, event, now, context));
        self.carry_out(device, effects);
    }

    pub(crate) fn changed(&mut self, device: usize) {
        let now = self.now;
        let effects = self.devices[device].act(|hub, context| hub.changed(now, context));
        self.carry_out(device, effects);
    }

    pub(crate) fn stop(&mut self, device: usize) {
        let now = self.now;
        let effects = self.devices[device].act(|hub, context| hub.stop(now, context));
        self.carry_out(device, effects);
    }

    pub(crate) fn pass(&mut self, ms: u64) {
        self.now += ms;
        for device in 0..self.devices.len() {
            let now = self.now;
            let effects = self.devices[device].act(|hub, context| hub.tick(now, context));
            self.carry_out(device, effects);
        }
    }

    /// Both ends of a connection see it end; what was under way is lost.
    pub(crate) fn cut(&mut self, conn: ConnId) {
        let ends: Vec<_> = self.ways.keys().filter(|(_, it)| *it == conn).map(|(device, _)| *device).collect();
        self.ways.retain(|(_, it), _| *it != conn);
        ends.into_iter().for_each(|device| self.event(device, conn, SessionEvent::Ended));
    }

    /// Carries everything there is, choosing whose turn it is and where frames are cut by dice.
    pub(crate) fn run(&mut self, dice: &mut Dice) {
        for _ in 0..2_000_000 {
            if !self.step(dice) {
                return;
            }
        }
        panic!("the devices never fall quiet");
    }

    pub(crate) fn step(&mut self, dice: &mut Dice) -> bool {
        let busy = self.ways.iter().filter(|(_, way)| way.closed || !way.frames.is_empty());
        let busy: Vec<_> = busy.map(|(key, _)| *key).filter(|key| !self.held_up.contains(key)).collect();
        let Some((from, conn)) = busy.get(dice.below(busy.len())).copied() else { return false };
        let cut = (dice.below(3) == 0).then(|| dice.below(700));
        self.deliver(from, conn, cut)
    }

    /// Puts bytes on the wire as if `from` had sent them.
    pub(crate) fn forge(&mut self, from: usize, conn: ConnId, bytes: Vec<u8>) {
        self.ways.get_mut(&(from, conn)).unwrap().frames.push_back(bytes);
    }

    pub(crate) fn is_quiet(&self, device: usize, conn: ConnId) -> bool {
        self.devices[device].hub.session(conn).is_some_and(|session| session.is_quiet())
    }

    pub(crate) fn tally(&self, device: usize, conn: ConnId) -> Tally {
        self.devices[device].hub.session(conn).unwrap().tally()
    }

    fn carry_out(&mut self, device: usize, all: Vec<(ConnId, Effects)>) {
        for (conn, effects) in all {
            if let Some(end) = effects.end {
                self.devices[device].ends.push(end);
            }
            let Some(way) = self.ways.get_mut(&(device, conn)) else { continue };
            for frame in effects.frames {
                self.sent.push((device, if frame.len() == 512 { 0 } else { frame[4] }));
                way.frames.push_back(frame);
            }
            way.closed |= effects.end.is_some();
        }
    }
}
