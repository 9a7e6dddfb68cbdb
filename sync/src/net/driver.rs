//! The one thread that owns every machine, the shelf and the greeting. It may block on disk; the network does not wait.

mod pairing;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;

use super::met::Met;
use super::pipe::{Dialler, Out, Outlet, Purpose};
use super::{Event, NetError, PeerAddress, RelayState, Report};
use crate::address::Addresses;
use crate::dialling::{DialTable, Reachable};
use crate::greeting::Greeting;
use crate::hub::{self, Hub};
use crate::id::{ConnId, EndpointId, Endpoints, PeerId};
use crate::pairing::{Inviter, InviterCrypto, Joiner, JoinerCrypto};
use crate::session::{self, Effects, Role, Session, SessionError};
use crate::shelf::Shelf;
use crate::wire::limits;

/// Connections a joining device opens before it says that the connection broke.
const JOIN_ATTEMPTS: u8 = 3;

/// Something for the driver to deal with.
pub(super) enum Input {
    Opened {
        conn: ConnId,
        role: Role,
        endpoints: Endpoints,
        purpose: Purpose,
        out: Outlet,
        met: Met,
    },
    Bytes {
        conn: ConnId,
        bytes: Vec<u8>,
        place: OwnedSemaphorePermit,
    },
    Drained {
        conn: ConnId,
    },
    Lost {
        conn: ConnId,
    },
    NotReached {
        peer: PeerAddress,
        purpose: Purpose,
        why: NetError,
    },
    Nearby {
        address: PeerAddress,
        tag: Option<[u8; 16]>,
    },
    Devices(Vec<Reachable>),
    /// Whoever is not connected may be reached now.
    Wake,
    /// This device is reached elsewhere now.
    Moved(Addresses),
    Relay(RelayState),
    Connect(PeerAddress),
    Changed,
    SyncOnce {
        peer: PeerAddress,
        reply: Sender<Result<Report, NetError>>,
    },
    Invite(Box<dyn InviterCrypto>),
    Person(bool),
    StopInviting,
    Join {
        peer: PeerAddress,
        crypto: Box<dyn JoinerCrypto>,
        reply: Sender<Result<(), NetError>>,
    },
    StopJoining,
    Stop,
}

/// One connection as the driver sees it.
struct Line {
    purpose: Purpose,
    role: Role,
    remote: EndpointId,
    out: Outlet,
    wake_at: Option<u64>,
    was_quiet: bool,
    peer: Option<PeerId>,
    met: Met,
    /// Bytes sent and received that no ledger event has told yet.
    untold: (u64, u64),
}

struct Joining {
    machine: Joiner,
    peer: PeerAddress,
    conn: Option<ConnId>,
    attempts: u8,
    reply: Sender<Result<(), NetError>>,
}

struct Waiter {
    remote: EndpointId,
    reply: Sender<Result<Report, NetError>>,
}

pub(super) struct Driver {
    shelf: Arc<Mutex<dyn Shelf>>,
    greeting: Box<dyn Greeting>,
    events: Box<dyn Fn(Event) + Send>,
    dialler: Dialler,
    began: Instant,
    hub: Hub,
    table: DialTable,
    lines: BTreeMap<ConnId, Line>,
    /// Addresses that are being tried. An old one that leads nowhere must not keep a better one from being tried.
    dialling: BTreeMap<EndpointId, Vec<PeerAddress>>,
    waiters: Vec<Waiter>,
    inviter: Option<Inviter>,
    joining: Option<Joining>,
}

impl Driver {
    pub(super) fn new(
        shelf: Arc<Mutex<dyn Shelf>>,
        greeting: Box<dyn Greeting>,
        events: Box<dyn Fn(Event) + Send>,
        dialler: Dialler,
        (addresses, seed): (Addresses, u64),
    ) -> Self {
        Self {
            shelf,
            greeting,
            events,
            dialler,
            began: Instant::now(),
            hub: Hub::at(addresses),
            table: DialTable::new(seed),
            lines: BTreeMap::new(),
            dialling: BTreeMap::new(),
            waiters: Vec::new(),
            inviter: None,
            joining: None,
        }
    }

    /// Deals with notes until told to stop, or until the shelf can no longer be used.
    pub(super) fn run(mut self, inbox: &Receiver<Input>) {
        loop {
            self.dial_due();
            let next_tick = self.lines.values().filter_map(|line| line.wake_at).chain(self.table.next()).min();
            let wait =
                next_tick.map_or(Duration::from_secs(3_600), |at| Duration::from_millis(at.saturating_sub(self.now())));
            // Notes come before ticks: a peer's answer that waits behind our own slow disk is not silence.
            let goes_on = match inbox.recv_timeout(wait) {
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    self.with_hub(|hub, now, context| hub.stop(now, context));
                    return;
                }
                Ok(note) => self.take(note),
                Err(RecvTimeoutError::Timeout) => self.with_hub(|hub, now, context| hub.tick(now, context)),
            };
            if !goes_on {
                return (self.events)(Event::Stopped);
            }
        }
    }

    /// False when the shelf can no longer be used.
    fn take(&mut self, input: Input) -> bool {
        match input {
            Input::Opened { conn, role, endpoints, purpose, out, met } => {
                return self.opened(conn, (role, purpose), endpoints, out, met);
            }
            Input::Bytes { conn, bytes, place } => {
                let goes_on = self.bytes(conn, &bytes);
                drop(place);
                return goes_on;
            }
            Input::Drained { conn } if self.is_sync(conn) => return self.sync(conn, session::SessionEvent::Drained),
            Input::Drained { .. } => {}
            Input::Lost { conn } => return self.lost(conn),
            Input::NotReached { peer, purpose, why } => self.not_reached(&peer, purpose, why),
            Input::Nearby { address, tag } => {
                if tag.is_some_and(|tag| self.greeting.is_of_practice(&address.endpoint, &tag)) {
                    self.table.seen(&address, self.now());
                }
            }
            Input::Connect(peer) => self.table.seen(&peer, self.now()),
            Input::Devices(devices) => self.table.devices(devices, self.now()),
            Input::Wake => self.table.wake(self.now()),
            Input::Moved(addresses) => {
                self.table.wake(self.now());
                return self.with_hub(|hub, now, context| hub.moved(addresses, now, context));
            }
            Input::Relay(state) => {
                if state == RelayState::Connected {
                    self.table.wake(self.now());
                }
                (self.events)(Event::Relay(state));
            }
            Input::Changed => return self.with_hub(|hub, now, context| hub.changed(now, context)),
            Input::SyncOnce { peer, reply } => {
                self.waiters.push(Waiter { remote: peer.endpoint, reply });
                self.connect(peer);
                self.answer_waiters();
            }
            Input::Invite(crypto) => self.inviter = Some(Inviter::new(crypto)),
            Input::Person(yes) => {
                let effects = self.inviter.as_mut().map(|inviter| inviter.decided(yes));
                self.invited(effects.unwrap_or_default());
            }
            Input::StopInviting => self.inviter = None,
            Input::Join { peer, crypto, reply } => {
                self.dialler.dial(peer.clone(), Purpose::Pair);
                let machine = Joiner::new(crypto);
                self.joining = Some(Joining { machine, peer, conn: None, attempts: 1, reply });
            }
            Input::StopJoining => {
                let conn = self.joining.take().and_then(|joining| joining.conn);
                conn.into_iter().for_each(|conn| self.close(conn));
            }
            // Handled by the loop, which ends.
            Input::Stop => {}
        }
        true
    }

    fn opened(
        &mut self,
        conn: ConnId,
        (role, purpose): (Role, Purpose),
        ends: Endpoints,
        out: Outlet,
        met: Met,
    ) -> bool {
        let remote = ends.remote;
        self.dialling.remove(&remote);
        let line =
            Line { purpose, role, remote, out, wake_at: None, was_quiet: false, peer: None, met, untold: (0, 0) };
        self.lines.insert(conn, line);
        match (purpose, role) {
            (Purpose::Sync, _) => return self.with_hub(|hub, now, context| hub.open(conn, role, ends, now, context)),
            (Purpose::Pair, Role::Answers) => match &mut self.inviter {
                Some(inviter) => {
                    let effects = inviter.connected(conn, remote);
                    self.invited(effects);
                }
                // Without an invitation there is nothing to say to anybody.
                None => self.close(conn),
            },
            (Purpose::Pair, Role::Dials) => match &mut self.joining {
                Some(joining) => {
                    joining.conn = Some(conn);
                    let effects = joining.machine.connected();
                    self.joined(conn, effects);
                }
                None => self.close(conn),
            },
        }
        true
    }

    fn bytes(&mut self, conn: ConnId, bytes: &[u8]) -> bool {
        if let Some(line) = self.lines.get_mut(&conn) {
            line.untold.1 += bytes.len() as u64;
        }
        if self.is_sync(conn) {
            return self.sync(conn, session::SessionEvent::Received(bytes));
        }
        match self.lines.get(&conn).map(|line| line.role) {
            Some(Role::Answers) => {
                let effects = self.inviter.as_mut().map(|inviter| inviter.received(conn, bytes));
                self.invited(effects.unwrap_or_default());
            }
            Some(Role::Dials) => {
                if let Some(joining) = self.joining.as_mut().filter(|joining| joining.conn == Some(conn)) {
                    let effects = joining.machine.received(bytes);
                    self.joined(conn, effects);
                }
            }
            None => {}
        }
        true
    }

    fn lost(&mut self, conn: ConnId) -> bool {
        let goes_on = !self.is_sync(conn) || self.sync(conn, session::SessionEvent::Ended);
        if let Some(inviter) = &mut self.inviter {
            inviter.lost(conn);
        }
        self.close(conn);
        if let Some(joining) = self.joining.as_mut().filter(|joining| joining.conn == Some(conn)) {
            joining.conn = None;
            joining.machine.lost();
            self.join_again();
        }
        goes_on
    }

    fn not_reached(&mut self, peer: &PeerAddress, purpose: Purpose, why: NetError) {
        match purpose {
            Purpose::Pair if why == NetError::OtherVersion => self.joining_failed(why),
            Purpose::Pair => self.join_again(),
            Purpose::Sync => {
                if self.hub.with_endpoint(peer.endpoint).is_none() {
                    self.table.failed(peer.endpoint, self.now());
                }
                self.asked_in_vain(peer, why);
            }
        }
    }

    /// An address that somebody waits for was tried. That the table has tried another one of that device says nothing of it.
    fn asked_in_vain(&mut self, peer: &PeerAddress, why: NetError) {
        let Some(tried) = self.dialling.get_mut(&peer.endpoint) else { return };
        tried.retain(|other| other != peer);
        // It answered, at whichever of its addresses.
        let is_over = tried.is_empty() || why == NetError::OtherVersion;
        if is_over {
            self.dialling.remove(&peer.endpoint);
            if self.hub.with_endpoint(peer.endpoint).is_none() {
                self.fail_waiters(peer.endpoint, why);
            }
        }
    }

    fn connect(&mut self, peer: PeerAddress) {
        if self.hub.with_endpoint(peer.endpoint).is_some() {
            return;
        }
        let tried = self.dialling.entry(peer.endpoint).or_default();
        if !tried.contains(&peer) {
            tried.push(peer.clone());
            self.dialler.dial(peer, Purpose::Sync);
        }
    }

    fn is_sync(&self, conn: ConnId) -> bool {
        self.lines.get(&conn).is_some_and(|line| line.purpose == Purpose::Sync)
    }

    fn sync(&mut self, conn: ConnId, event: session::SessionEvent<'_>) -> bool {
        self.with_hub(|hub, now, context| hub.handle(conn, event, now, context))
    }

    /// Lets the hub work on the locked shelf, and carries out what follows.
    fn with_hub(
        &mut self,
        act: impl FnOnce(&mut Hub, u64, &mut hub::HubContext<'_>) -> Vec<(ConnId, Effects)>,
    ) -> bool {
        let now = self.now();
        let effects = {
            // A shelf that panicked in the middle of something is not asked again.
            let Ok(mut shelf) = self.shelf.lock() else { return false };
            act(&mut self.hub, now, &mut hub::HubContext { shelf: &mut *shelf, greeting: &mut *self.greeting })
        };
        for (conn, effects) in effects {
            self.carry_out(conn, effects);
        }
        self.notice_quiet();
        self.answer_waiters();
        true
    }

    fn carry_out(&mut self, conn: ConnId, effects: Effects) {
        effects.frames.into_iter().for_each(|frame| self.send(conn, frame));
        if let Some(line) = self.lines.get_mut(&conn) {
            line.wake_at = effects.wake_at;
            line.peer = effects.greeted.or(line.peer);
        }
        if let Some(peer) = effects.greeted {
            self.recognised(conn, peer);
        }
        if let Some(addresses) = effects.addresses {
            self.hear_addresses(conn, addresses);
        }
        if effects.stored {
            (self.events)(Event::Stored);
        }
        let Some(end) = effects.end else { return };
        let Some((peer, remote)) = self.lines.get(&conn).map(|line| (line.peer, line.remote)) else { return };
        self.close(conn);
        (self.events)(Event::Ended { peer, why: end.err() });
        if self.hub.with_endpoint(remote).is_none() {
            self.table.lost(remote, self.now());
            self.fail_waiters(remote, end.err().unwrap_or(SessionError::Closed).into());
        }
    }

    fn recognised(&mut self, conn: ConnId, peer: PeerId) {
        let Some(line) = self.lines.get(&conn) else { return };
        self.table.connected(line.remote, peer);
        // A connection that is gone tells so in a note of its own.
        let _ = line.out.send(Out::Recognised);
        (self.events)(Event::Connected { peer, through: line.met.through });
    }

    /// Where a device says that it is, and before that where it was met: behind a router it does not know that itself.
    fn hear_addresses(&mut self, conn: ConnId, told: Addresses) {
        let Some((line, peer)) = self.lines.get(&conn).and_then(|line| Some((line, line.peer?))) else { return };
        let mut direct: Vec<SocketAddr> = line.met.at.into_iter().collect();
        direct.extend(told.direct.iter().filter(|address| Some(**address) != line.met.at));
        direct.truncate(limits::ADDRESSES);
        let addresses = Addresses { direct, relay: told.relay };
        (self.events)(Event::Addresses { peer, endpoint: line.remote, addresses });
    }

    fn dial_due(&mut self) {
        for peer in self.table.due(self.now()) {
            self.dialler.dial(peer, Purpose::Sync);
        }
    }

    /// Says of each conversation, once, that it has fallen quiet, and what it cost.
    fn notice_quiet(&mut self) {
        for (conn, line) in &mut self.lines {
            let Some(session) = self.hub.session(*conn) else { continue };
            let quiet = session.is_quiet();
            if quiet && !line.was_quiet {
                if let Some(report) = report(session) {
                    (self.events)(Event::Quiet(report));
                }
                tell_ledger(&*self.events, line);
            }
            line.was_quiet = quiet;
        }
    }

    fn answer_waiters(&mut self) {
        let hub = &self.hub;
        self.waiters.retain(|waiter| {
            let quiet = hub.with_endpoint(waiter.remote).filter(|(_, session)| session.is_quiet());
            match quiet.and_then(|(_, session)| report(session)) {
                // Whoever asked may have stopped waiting; either way this waiter is done.
                Some(report) => {
                    let _ = waiter.reply.send(Ok(report));
                    false
                }
                None => true,
            }
        });
    }

    fn fail_waiters(&mut self, remote: EndpointId, why: NetError) {
        for waiter in self.waiters.extract_if(.., |waiter| waiter.remote == remote) {
            let _ = waiter.reply.send(Err(why));
        }
    }

    fn send(&mut self, conn: ConnId, frame: Vec<u8>) {
        if let Some(line) = self.lines.get_mut(&conn) {
            line.untold.0 += frame.len() as u64;
            // A connection that is gone tells so in a note of its own.
            let _ = line.out.send(Out::Frame(frame));
        }
    }

    fn close(&mut self, conn: ConnId) {
        if let Some(mut line) = self.lines.remove(&conn) {
            tell_ledger(&*self.events, &mut line);
            let _ = line.out.send(Out::Close);
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn report(session: &Session) -> Option<Report> {
    session.peer().map(|peer| Report { peer, tally: session.tally() })
}

fn tell_ledger(events: &dyn Fn(Event), line: &mut Line) {
    let (sent, received) = std::mem::take(&mut line.untold);
    if sent + received > 0 {
        events(Event::Ledger { endpoint: line.remote, peer: line.peer, sent, received });
    }
}
