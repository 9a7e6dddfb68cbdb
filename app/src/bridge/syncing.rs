//! The network part of an open practice: answers other devices, pushes what is written, invites new ones.
//!
//! Lives from unlocking to locking. Nobody is told anything but devices of the practice; an endpoint nearby that is
//! none gets 512 sealed bytes that mean nothing to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use subrosa_core::entropy::Os;
use subrosa_core::id::DeviceId;
use subrosa_core::kdf::{Policy, StrengthError};
use subrosa_core::pairing::{Code, Invitation, LIFETIME_MS};
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{DeviceError, Millis, UnlockError};
use subrosa_sync::id::EndpointId;
use subrosa_sync::net::{Config, Event, NetError, Node, PeerAddress, Report};
use subrosa_sync::session::SessionError;
use zeroize::Zeroizing;

use super::address::{CodeLine, address_from_text, address_to_text};
use super::greeting::VaultGreeting;
use super::inviting::PairingInviter;
use super::news::News;
use super::shared::{Clock, Locked, Shared};
use super::shelf::VaultShelf;

/// Connections that [`Syncing::sync_with`] tries.
const ATTEMPTS: usize = 4;

/// How the network is used.
#[derive(Clone)]
pub struct Network {
    /// Where to listen; on every interface and a free port if `None`.
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
    known: Known,
    listeners: Listeners,
}

/// Connections over which a device of the practice listens.
type Listeners = Arc<AtomicUsize>;

impl Syncing {
    /// Opens the sockets, and connects to the devices whose last address is remembered. `news` is called from a thread
    /// of its own, and may use the practice.
    pub fn start(vault: &Shared, network: &Network, news: impl Fn(News) + Send + 'static) -> Result<Self, SyncError> {
        if vault.with(|vault| vault.devices().is_removed())? {
            return Err(SyncError::Removed);
        }
        let transport_key = vault.with(|vault| Zeroizing::new(*vault.transport().expose()))?;
        let config = Config { transport_key, bind: network.bind, local_discovery: network.local };
        let shelf = VaultShelf::new(vault.clone(), network.clock.clone());
        let greeting = VaultGreeting::new(vault.clone(), network.clock.clone());
        let (tell, events) = mpsc::channel();
        let tell = move |event| drop(tell.send(event));
        let node = Arc::new(Node::spawn(config, Arc::new(Mutex::new(shelf)), Box::new(greeting), tell)?);
        let (known, listeners) = (Known::default(), Listeners::default());
        let (node_of, vault_of) = (Arc::downgrade(&node), vault.clone());
        let watcher = Watcher {
            node: node_of,
            vault: vault_of,
            known: known.clone(),
            listeners: listeners.clone(),
            news: Box::new(news),
        };
        let watcher = std::thread::Builder::new().name("subrosa-news".into()).spawn(move || watcher.run(&events));
        let watcher = Some(watcher.map_err(|_| NetError::NoNetwork)?);
        let syncing =
            Self { vault: vault.clone(), network: network.clone(), node: Some(node), watcher, known, listeners };
        for (_, address) in syncing.remembered() {
            syncing.connect(address)?;
        }
        Ok(syncing)
    }

    /// Where this device listens.
    pub fn address(&self) -> Result<PeerAddress, NetError> {
        Ok(self.node()?.addresses())
    }

    /// Whether a device of the practice listens.
    pub fn is_heard(&self) -> bool {
        self.listeners.load(Ordering::Relaxed) > 0
    }

    /// The devices whose last address is remembered.
    pub fn remembered(&self) -> Vec<(DeviceId, PeerAddress)> {
        let rows = self.vault.with(|vault| {
            let devices = vault.devices().all().unwrap_or_default();
            let address = |id: &DeviceId| vault.setting(&setting(id)).ok().flatten();
            devices.into_iter().filter_map(|row| Some((row.id, address(&row.id)?))).collect::<Vec<_>>()
        });
        let read = |text: Vec<u8>| address_from_text(std::str::from_utf8(&text).ok()?).ok();
        rows.unwrap_or_default().into_iter().filter_map(|(device, text)| Some((device, read(text)?))).collect()
    }

    /// Connects, and stays connected while both run.
    pub fn connect(&self, address: PeerAddress) -> Result<(), NetError> {
        self.known.learn(&address);
        self.node()?.connect(address)
    }

    /// Connects, and waits until neither device wants anything more. A connection that breaks is taken up again while there
    /// is time: two devices that dial each other at once give one of their two connections up.
    pub fn sync_with(&self, address: PeerAddress, patience: Duration) -> Result<Report, NetError> {
        self.known.learn(&address);
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

/// Addresses by endpoint: of those that were dialled or seen nearby.
#[derive(Clone, Default)]
struct Known(Arc<Mutex<BTreeMap<EndpointId, PeerAddress>>>);

impl Known {
    /// Endpoints that are kept; more than one local network has.
    const MOST: usize = 256;

    fn learn(&self, address: &PeerAddress) {
        let mut known = self.hold();
        if !address.direct.is_empty() && (known.len() < Self::MOST || known.contains_key(&address.endpoint)) {
            known.insert(address.endpoint, address.clone());
        }
    }

    fn find(&self, endpoint: &EndpointId) -> Option<PeerAddress> {
        self.hold().get(endpoint).cloned()
    }

    fn hold(&self) -> MutexGuard<'_, BTreeMap<EndpointId, PeerAddress>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears what the node says, does what follows, and passes it on.
struct Watcher {
    node: Weak<Node>,
    vault: Shared,
    known: Known,
    listeners: Listeners,
    news: Box<dyn Fn(News) + Send>,
}

impl Watcher {
    fn run(self, events: &Receiver<Event>) {
        while let Ok(event) = events.recv() {
            self.act(&event);
            if let Some(news) = translate(event) {
                (self.news)(news);
            }
        }
    }

    fn act(&self, event: &Event) {
        match event {
            // It may be anybody's: the hello decides, and tells a stranger nothing.
            Event::Nearby(address) => {
                self.known.learn(address);
                if let Some(node) = self.node.upgrade() {
                    // A node that has stopped connects to nobody.
                    let _ = node.connect(address.clone());
                }
            }
            Event::Connected(_) => drop(self.listeners.fetch_add(1, Ordering::Relaxed)),
            Event::Ended { peer: Some(_), .. } => drop(self.listeners.fetch_sub(1, Ordering::Relaxed)),
            Event::Ledger { endpoint, peer: Some(peer), .. } => {
                if let Some(address) = self.known.find(endpoint) {
                    self.remember(&DeviceId(peer.0), &address);
                }
            }
            _ => {}
        }
    }

    /// A remembered address is a help: when it cannot be kept, the device is looked for next time.
    fn remember(&self, device: &DeviceId, address: &PeerAddress) {
        let (name, text) = (setting(device), address_to_text(address).into_bytes());
        let _ = self.vault.with(|vault| match vault.setting(&name) {
            Ok(Some(kept)) if kept == text => Ok(()),
            _ => vault.keep_setting(&name, &text),
        });
    }
}

/// Under which name a device's address is kept, sealed like everything else.
fn setting(device: &DeviceId) -> String {
    format!("address {device}")
}

fn translate(event: Event) -> Option<News> {
    Some(match event {
        Event::Connected(peer) => News::Connected(DeviceId(peer.0)),
        Event::Quiet(report) => News::CaughtUp { device: DeviceId(report.peer.0), tally: report.tally },
        Event::Stored => News::Arrived,
        Event::Ended { peer, why } => News::Ended { device: peer.map(|peer| DeviceId(peer.0)), why },
        Event::PairingAsks(name) => News::DeviceAsks(name),
        Event::PairingEnded(how) => News::InvitationEnded(how),
        Event::Ledger { peer, sent, received, .. } => {
            News::Moved { device: peer.map(|peer| DeviceId(peer.0)), sent, received }
        }
        Event::Stopped => News::Stopped,
        _ => return None,
    })
}

/// Whether it was the other device that did not want to, and not the network.
pub fn was_refused(error: &NetError) -> bool {
    matches!(error, NetError::Pairing(_))
}
