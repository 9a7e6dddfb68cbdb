//! All conversations of this device: live push from one to the others, and one connection to each peer.
//!
//! Still a machine: the caller brings events and time, and carries out effects.

use std::collections::BTreeMap;

use crate::address::Addresses;
use crate::claims::Claims;
use crate::greeting::Greeting;
use crate::id::{ConnId, EndpointId, Endpoints, PeerId};
use crate::session::{Effects, Role, Session, SessionError, SessionEvent, Tally, World};
use crate::shelf::Shelf;

/// Milliseconds within which two connections may have come from two devices that dialled each other.
const AT_ONCE: u64 = 5_000;

/// What the caller lends to the hub for one event.
pub struct HubContext<'a> {
    /// Where envelopes are kept.
    pub shelf: &'a mut dyn Shelf,
    /// Who makes and checks hellos.
    pub greeting: &'a mut dyn Greeting,
}

/// All conversations of this device.
#[derive(Default)]
pub struct Hub {
    sessions: BTreeMap<ConnId, Session>,
    /// When each peer was recognised, in milliseconds.
    greeted: BTreeMap<ConnId, u64>,
    claims: Claims,
    addresses: Addresses,
}

impl Hub {
    /// A hub without conversations.
    pub fn new() -> Self {
        Self::default()
    }

    /// One of a device that can be reached there.
    pub fn at(addresses: Addresses) -> Self {
        Self { addresses, ..Self::default() }
    }

    /// Begins a conversation over a connection that stands.
    pub fn open(
        &mut self,
        conn: ConnId,
        role: Role,
        endpoints: Endpoints,
        now: u64,
        context: &mut HubContext<'_>,
    ) -> Vec<(ConnId, Effects)> {
        self.sessions.insert(conn, Session::new(conn, role, endpoints));
        self.handle(conn, SessionEvent::Opened, now, context)
    }

    /// Takes an event of one connection; returns what follows for that one and, by live push, for the others.
    pub fn handle(
        &mut self,
        conn: ConnId,
        event: SessionEvent<'_>,
        now: u64,
        context: &mut HubContext<'_>,
    ) -> Vec<(ConnId, Effects)> {
        let mut all = Vec::new();
        let mut to_tell: Vec<_> = self.step(conn, event, now, context, &mut all).then_some(conn).into_iter().collect();
        // Ends, because each round needs something newly stored or newly given up.
        while let Some(origin) = to_tell.pop() {
            for other in self.conns().into_iter().filter(|other| *other != origin) {
                if self.step(other, SessionEvent::Changed, now, context, &mut all) {
                    to_tell.push(other);
                }
            }
        }
        self.close_ended(&all);
        all
    }

    /// The shelf changed by this device's own hand: every peer is told.
    pub fn changed(&mut self, now: u64, context: &mut HubContext<'_>) -> Vec<(ConnId, Effects)> {
        let mut all = Vec::new();
        for conn in self.conns() {
            self.step(conn, SessionEvent::Changed, now, context, &mut all);
        }
        self.close_ended(&all);
        all
    }

    /// This device can be reached elsewhere than before: every peer is told.
    pub fn moved(&mut self, addresses: Addresses, now: u64, context: &mut HubContext<'_>) -> Vec<(ConnId, Effects)> {
        self.addresses = addresses;
        self.conns().into_iter().flat_map(|conn| self.handle(conn, SessionEvent::Moved, now, context)).collect()
    }

    /// Tells every conversation that time has passed.
    pub fn tick(&mut self, now: u64, context: &mut HubContext<'_>) -> Vec<(ConnId, Effects)> {
        self.conns().into_iter().flat_map(|conn| self.handle(conn, SessionEvent::Tick, now, context)).collect()
    }

    /// This device goes away: every conversation ends, and what came is settled.
    pub fn stop(&mut self, now: u64, context: &mut HubContext<'_>) -> Vec<(ConnId, Effects)> {
        self.conns().into_iter().flat_map(|conn| self.handle(conn, SessionEvent::Ended, now, context)).collect()
    }

    /// A conversation, while it lasts.
    pub fn session(&self, conn: ConnId) -> Option<&Session> {
        self.sessions.get(&conn)
    }

    /// The conversation with the given endpoint, if there is one.
    pub fn with_endpoint(&self, remote: EndpointId) -> Option<(ConnId, &Session)> {
        self.sessions.iter().find(|(_, session)| session.endpoints().remote == remote).map(|(conn, it)| (*conn, it))
    }

    /// Every connection, and what went over it so far.
    pub fn tallies(&self) -> impl Iterator<Item = (ConnId, Tally)> + '_ {
        self.sessions.iter().map(|(conn, session)| (*conn, session.tally()))
    }

    fn conns(&self) -> Vec<ConnId> {
        self.sessions.keys().copied().collect()
    }

    /// One event for one session. True if others should look again.
    fn step(
        &mut self,
        conn: ConnId,
        event: SessionEvent<'_>,
        now: u64,
        context: &mut HubContext<'_>,
        all: &mut Vec<(ConnId, Effects)>,
    ) -> bool {
        let Some(session) = self.sessions.get_mut(&conn) else { return false };
        let mut world = World {
            shelf: &mut *context.shelf,
            greeting: &mut *context.greeting,
            claims: &mut self.claims,
            addresses: &self.addresses,
        };
        let effects = session.handle(event, now, &mut world);
        let poke = effects.stored || effects.released;
        let greeted = effects.greeted;
        all.push((conn, effects));
        if let Some(peer) = greeted {
            self.greeted.insert(conn, now);
            self.keep_one(peer, context, all);
        }
        poke
    }

    /// A peer that is recognised anew is there now, and an older connection to it may be dead: the newest is kept. But two devices
    /// may dial each other at once; of connections that came that close both ends keep the same one, which the smaller endpoint id
    /// dialled, and of several by the same dialler the newest.
    fn keep_one(&mut self, peer: PeerId, context: &mut HubContext<'_>, all: &mut Vec<(ConnId, Effects)>) {
        let since = |conn: &ConnId| self.greeted.get(conn).copied().unwrap_or(0);
        let mut same: Vec<_> = self.sessions.iter().filter(|(_, session)| session.peer() == Some(peer)).collect();
        let newest = same.iter().map(|(conn, _)| since(conn)).max().unwrap_or(0);
        same.sort_by_key(|(conn, session)| {
            let is_old = newest.saturating_sub(since(conn)) > AT_ONCE;
            (is_old, dialled_by(session), std::cmp::Reverse(**conn))
        });
        let superseded: Vec<_> = same.iter().skip(1).map(|(conn, _)| **conn).collect();
        for conn in superseded {
            let Some(session) = self.sessions.get_mut(&conn) else { continue };
            let mut world = World {
                shelf: &mut *context.shelf,
                greeting: &mut *context.greeting,
                claims: &mut self.claims,
                addresses: &self.addresses,
            };
            all.push((conn, session.close(SessionError::Superseded, &mut world)));
        }
    }

    fn close_ended(&mut self, all: &[(ConnId, Effects)]) {
        for (conn, _) in all.iter().filter(|(_, effects)| effects.end.is_some()) {
            self.sessions.remove(conn);
            self.greeted.remove(conn);
        }
    }
}

fn dialled_by(session: &Session) -> EndpointId {
    match session.role() {
        Role::Dials => session.endpoints().local,
        Role::Answers => session.endpoints().remote,
    }
}
