//! The network part of an open practice: answers other devices, pushes what is written, invites new ones.
//!
//! Lives from unlocking to locking. Nobody is told anything but devices of the practice; an endpoint nearby that is
//! none gets 512 sealed bytes that mean nothing to it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use subrosa_core::entropy::Os;
use subrosa_core::id::DeviceId;
use subrosa_core::kdf::{Policy, StrengthError};
use subrosa_core::log::week_of;
use subrosa_core::pairing::{Code, Invitation, LIFETIME_MS};
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{DeviceError, Millis, UnlockError};
use subrosa_sync::PeerAddress;
use subrosa_sync::dialling::Reachable;
use subrosa_sync::net::{Config, Event, Listen, NetError, Node, Relay, Report};
use subrosa_sync::pairing::Introduced;
use subrosa_sync::session::SessionError;
use zeroize::Zeroizing;

use super::address::CodeLine;
use super::greeting::VaultGreeting;
use super::heard::{Hearing, Overheard, met_through};
use super::inviting::PairingInviter;
use super::news::{AskingDevice, News};
use super::reach::{port, reachable, remember};
use super::relay::{relay, relay_state};
use super::shared::{Clock, Locked, Shared};
use super::shelf::VaultShelf;

/// After which it is looked whether the week is over, when nothing else happens.
const HOUR: Duration = Duration::from_secs(3_600);
/// Connections that [`Syncing::sync_with`] tries.
const ATTEMPTS: usize = 4;

/// How the network is used.
#[derive(Clone)]
pub struct Network {
    /// Where to listen; on every interface and at this device's own port if `None`.
    pub bind: Option<SocketAddr>,
    /// Whether devices find each other by multicast on the local network.
    pub local: bool,
    /// The time.
    pub clock: Clock,
    /// Real, or tests: what stretching a code costs.
    pub policy: Policy,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network")
    }
}

/// An invitation to show.
#[derive(Debug)]
pub struct Invited {
    /// The words, and the address.
    pub line: CodeLine,
    /// Until when it is valid.
    pub until: Millis,
}

/// Why no device can be invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InviteError {
    /// The practice is locked.
    #[error(transparent)]
    Locked(#[from] Locked),
    /// The passphrase, or the practice.
    #[error("{0}")]
    Unlock(#[from] UnlockError),
    /// The code could not be stretched.
    #[error("{0}")]
    Strength(#[from] StrengthError),
    /// The network.
    #[error(transparent)]
    Net(#[from] NetError),
}

/// The network part of an open practice, usable from any thread.
pub struct Syncing {
    vault: Shared,
    network: Network,
    node: Option<Arc<Node>>,
    watcher: Option<JoinHandle<()>>,
    listeners: Listeners,
}

/// Connections over which a device of the practice listens.
type Listeners = Arc<AtomicUsize>;

impl Syncing {
    /// Opens the sockets, and dials the devices of the practice until each is connected. `news` is called from a thread
    /// of its own, and may use the practice.
    pub fn start(vault: &Shared, network: &Network, news: impl Fn(News) + Send + 'static) -> Result<Self, SyncError> {
        if vault.with(|vault| vault.devices().is_removed())? {
            return Err(SyncError::Removed);
        }
        let now = (network.clock)();
        let (transport_key, port, relay) = vault.with(|vault| {
            // What cannot be said now is said the next time.
            let _ = vault.devices_mut().say_transport_keys(now);
            (Zeroizing::new(*vault.transport(now).expose()), port(vault), relay(vault))
        })?;
        let listen = network.bind.map_or(Listen::Everywhere(port), Listen::At);
        let config = Config { transport_key, listen, local_discovery: network.local, relay: relay.clone() };
        let greeting = VaultGreeting::new(vault.clone(), network.clock.clone());
        let (tell, events) = mpsc::channel();
        let told = tell.clone();
        // Who has stopped listening needs to hear nothing.
        let told = move || drop(told.send(Overheard::Holding));
        let shelf = VaultShelf::new(vault.clone(), network.clock.clone(), told);
        let tell = move |event| drop(tell.send(Overheard::Net(event)));
        let node = Arc::new(Node::spawn(config, Arc::new(Mutex::new(shelf)), Box::new(greeting), tell)?);
        let listeners = Listeners::default();
        let mut watcher = Watcher {
            node: Arc::downgrade(&node),
            vault: vault.clone(),
            clock: network.clock.clone(),
            week: week_of(now),
            reached: Vec::new(),
            relay,
            listeners: listeners.clone(),
            news: Box::new(news),
        };
        watcher.look_around();
        let watcher = std::thread::Builder::new().name("subrosa-news".into()).spawn(move || watcher.run(&events));
        let watcher = Some(watcher.map_err(|_| NetError::NoNetwork)?);
        Ok(Self { vault: vault.clone(), network: network.clone(), node: Some(node), watcher, listeners })
    }

    /// Where this device listens.
    pub fn address(&self) -> Result<PeerAddress, NetError> {
        Ok(self.node()?.addresses())
    }

    /// Whether a device of the practice listens.
    pub fn is_heard(&self) -> bool {
        self.listeners.load(Ordering::Relaxed) > 0
    }

    /// Connects, and stays connected while both run.
    pub fn connect(&self, address: PeerAddress) -> Result<(), NetError> {
        self.node()?.connect(address)
    }

    /// Connects, and waits until neither device wants anything more. A connection that breaks is taken up again while there
    /// is time: two devices that dial each other at once give one of their two connections up.
    pub fn sync_with(&self, address: PeerAddress, patience: Duration) -> Result<Report, NetError> {
        let until = Instant::now() + patience;
        for _ in 1..ATTEMPTS {
            let left = until.saturating_duration_since(Instant::now());
            match self.node()?.sync_once(address.clone(), left) {
                Err(NetError::Session(SessionError::Truncated | SessionError::Closed)) => {}
                met => return met,
            }
        }
        self.node()?.sync_once(address, until.saturating_duration_since(Instant::now()))
    }

    /// Something was written here: every connected device is told. To be called after each flush.
    pub fn notify_changed(&self) {
        if let Some(node) = &self.node {
            node.notify_changed();
        }
    }

    /// Invites a device, in place of an earlier invitation. Asks for the passphrase again; takes about a second.
    pub fn invite(&self, passphrase: &Passphrase) -> Result<Invited, InviteError> {
        let node = self.node()?;
        let code = Code::random(&mut Os);
        let secrets = code.stretch(self.network.policy)?;
        let now = (self.network.clock)();
        self.vault.with(|vault| vault.reauthenticate(passphrase, now))??;
        let invitation = Invitation::new(secrets.psk, now);
        let own = node.local_endpoint_id();
        let inviter = PairingInviter::new(self.vault.clone(), self.network.clock.clone(), own, invitation);
        node.invite(Box::new(inviter), Some(&rendezvous_name(&secrets.rendezvous)))?;
        let line = CodeLine { code, address: Some(node.addresses()) };
        Ok(Invited { line, until: now.saturating_add(LIFETIME_MS) })
    }

    /// The person's answer to [`News::DeviceAsks`].
    pub fn confirm(&self, yes: bool) -> Result<(), NetError> {
        self.node()?.answer_pairing(yes)
    }

    /// Makes the invitation worthless.
    pub fn stop_inviting(&self) -> Result<(), NetError> {
        self.node()?.stop_inviting()
    }

    /// Ends every conversation and closes the sockets; every thread has ended when this returns. To be called before
    /// the practice is locked.
    pub fn stop(mut self) {
        self.end();
    }

    fn node(&self) -> Result<&Node, NetError> {
        self.node.as_deref().ok_or(NetError::Stopped)
    }

    fn end(&mut self) {
        // The watcher only borrows the node for a call: the last to let go shuts it down, and the watcher ends with it.
        drop(self.node.take());
        if let Some(watcher) = self.watcher.take() {
            // A watcher that panicked has said so itself.
            let _ = watcher.join();
        }
    }
}

impl Drop for Syncing {
    fn drop(&mut self) {
        self.end();
    }
}

impl std::fmt::Debug for Syncing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Syncing")
    }
}

/// Why the network part did not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The practice is locked.
    #[error(transparent)]
    Locked(#[from] Locked),
    /// The network.
    #[error(transparent)]
    Net(#[from] NetError),
    /// This device was removed.
    #[error("{}", DeviceError::RemovedHere)]
    Removed,
}

/// What is told to the local network while a code is on the screen.
pub(super) fn rendezvous_name(rendezvous: &[u8; 16]) -> String {
    subrosa_core::id::DocId(*rendezvous).to_string()
}

/// Hears what the node says, does what follows, and passes it on.
struct Watcher {
    node: Weak<Node>,
    vault: Shared,
    clock: Clock,
    /// The week of this device's transport key.
    week: u32,
    /// Whom the node was told to reach.
    reached: Vec<Reachable>,
    /// The relay that is used.
    relay: Option<Relay>,
    listeners: Listeners,
    news: Box<dyn Fn(News) + Send>,
}

impl Watcher {
    fn run(mut self, events: &Receiver<Overheard>) {
        let mut hearing = Hearing::new(events);
        loop {
            match hearing.next(HOUR) {
                Ok(Overheard::Holding) => (self.news)(News::Acknowledged),
                Ok(Overheard::Net(event)) => {
                    self.act(&event);
                    if let Some(news) = translate(event) {
                        (self.news)(news);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.notice_what_is_outdated(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// With the week, this device's transport key is another one, and so is everybody else's; and somebody may have named
    /// another relay.
    fn notice_what_is_outdated(&mut self) {
        let (week, named) = (week_of((self.clock)()), self.vault.with(|vault| relay(vault)));
        let Ok(named) = named else { return };
        if (week, &named) != (self.week, &self.relay) {
            (self.week, self.relay) = (week, named);
            (self.news)(News::Outdated);
        }
    }

    /// Tells the node whom to reach, when that has changed, and by what the others know it nearby.
    fn look_around(&mut self) {
        let Some(node) = self.node.upgrade() else { return };
        let (now, own) = ((self.clock)(), node.local_endpoint_id());
        let seen = self.vault.with(|vault| (reachable(vault, now), vault.devices().nearby_tag(&own.0)));
        let Ok((devices, tag)) = seen else { return };
        if devices != self.reached {
            self.reached.clone_from(&devices);
            // A node that has stopped reaches nobody.
            let _ = node.reach(devices);
            node.show_tag(tag);
        }
    }

    fn act(&mut self, event: &Event) {
        match event {
            // Whom to reach, and by which keys, may stand in what came.
            Event::Stored => {
                self.look_around();
                self.notice_what_is_outdated();
            }
            Event::Addresses { peer, endpoint, addresses } => {
                let _ = self.vault.with(|vault| remember(vault, *peer, *endpoint, addresses));
                self.look_around();
            }
            Event::Connected { peer, through } => {
                self.listeners.fetch_add(1, Ordering::Relaxed);
                let (device, through, now) = (DeviceId(peer.0), met_through(*through), (self.clock)());
                // What cannot be written now is written when it is met again.
                let _ = self.vault.with(|vault| vault.log_mut().met(&device, through, now));
            }
            Event::Ended { peer: Some(_), why } => {
                self.listeners.fetch_sub(1, Ordering::Relaxed);
                // Whoever was removed dials nobody any more.
                if *why == Some(SessionError::RemovedHere) {
                    self.look_around();
                }
            }
            _ => {}
        }
    }
}

fn translate(event: Event) -> Option<News> {
    Some(match event {
        Event::Connected { peer, .. } => News::Connected(DeviceId(peer.0)),
        Event::Quiet(report) => News::CaughtUp { device: DeviceId(report.peer.0), tally: report.tally },
        Event::Stored => News::Arrived,
        Event::Ended { peer, why } => News::Ended { device: peer.map(|peer| DeviceId(peer.0)), why },
        Event::PairingAsks(Introduced { name, compare }) => News::DeviceAsks(AskingDevice { name, compare }),
        Event::PairingEnded(how) => News::InvitationEnded(how),
        Event::Ledger { peer, sent, received, .. } => {
            News::Moved { device: peer.map(|peer| DeviceId(peer.0)), sent, received }
        }
        Event::Relay(state) => News::Relay(relay_state(state)),
        Event::Stopped => News::Stopped,
        _ => return None,
    })
}

/// Whether it was the other device that did not want to, and not the network.
pub fn was_refused(error: &NetError) -> bool {
    matches!(error, NetError::Pairing(_))
}
