//! The shell over iroh: carries out what [`crate::hub`] and [`crate::pairing`] decide. Decides nothing about envelopes.
//!
//! No publishing of addresses to anybody, no name looked up and nobody asked for anything, but for the relay that was named, if one
//! was; multicast on the local network when asked for.
//! Two things run beside the caller: one runtime thread that moves bytes, one thread (the driver) that owns every machine
//! and may block on disk. Nothing of either outlives [`Node::shutdown`] or the node.

mod driver;
mod local;
mod met;
mod pipe;
mod relay;
mod watch;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use iroh::endpoint::{BindOpts, QuicTransportConfig, VarInt, presets};
use iroh::{Endpoint, SecretKey};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use zeroize::Zeroizing;

use self::driver::{Driver, Input};
use self::local::LocalNetwork;
pub use self::met::Through;
use self::pipe::{Dialler, STRANGERS_WINDOW, STREAM_WINDOW, UnderWay};
pub use self::relay::{NotACertificate, Relay, RelayState, certificate};
use crate::address::{Addresses, PeerAddress};
use crate::dialling::Reachable;
use crate::greeting::Greeting;
use crate::id::{EndpointId, PeerId};
use crate::pairing::{Introduced, InviterCrypto, JoinerCrypto, PairingError};
use crate::session::{SessionError, Tally};
use crate::shelf::Shelf;

/// The protocol of [`crate::session`].
pub const SYNC_PROTOCOL: &[u8] = b"subrosa/2";
/// The protocol of [`crate::pairing`].
pub const PAIR_PROTOCOL: &[u8] = b"subrosa/pair/2";

/// How long the sockets may take to close.
const CLOSING: Duration = Duration::from_millis(500);

/// How a node is to be set up. No Debug: it holds the transport key.
pub struct Config {
    /// The transport key of this device. Its public half is seen by whoever listens on the local network, so it is to be
    /// changed every week.
    pub transport_key: Zeroizing<[u8; 32]>,
    /// Where to listen.
    pub listen: Listen,
    /// Whether to be found, and to find others, by multicast on the local network.
    pub local_discovery: bool,
    /// The relay through which devices reach each other that cannot do so directly.
    pub relay: Option<Relay>,
}

/// Where a node listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// On every interface, at this port, or at a free one where it is taken.
    Everywhere(Option<u16>),
    /// At this address alone.
    At(SocketAddr),
}

/// What a conversation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Who it was.
    pub peer: PeerId,
    /// What went over the connection since it stands.
    pub tally: Tally,
}

/// Something the caller may want to show or to record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A device of the practice is connected.
    Connected {
        /// Which.
        peer: PeerId,
        /// Through what it was met.
        through: Through,
    },
    /// Neither side wants anything more for now.
    Quiet(Report),
    /// Envelopes arrived and are stored.
    Stored,
    /// A conversation ended; `None` when the other end closed it in order.
    Ended {
        /// Who it was, if it was recognised.
        peer: Option<PeerId>,
        /// What ended it.
        why: Option<SessionError>,
    },
    /// Bytes went over a connection since the last such event for it, strangers' included.
    Ledger {
        /// The other end.
        endpoint: EndpointId,
        /// Who it is, if it was recognised.
        peer: Option<PeerId>,
        /// Bytes sent.
        sent: u64,
        /// Bytes received.
        received: u64,
    },
    /// This device has the code: ask the person, then [`Node::answer_pairing`].
    PairingAsks(Introduced),
    /// The invitation is over.
    PairingEnded(Result<(), PairingError>),
    /// A device of the practice said where it can be reached.
    Addresses {
        /// Which device.
        peer: PeerId,
        /// Under which transport key it was met.
        endpoint: EndpointId,
        /// What it says, and first where it was met, when that was not through a relay.
        addresses: Addresses,
    },
    /// How it stands with the relay.
    Relay(RelayState),
    /// The shelf can no longer be used; the node does nothing more.
    Stopped,
}

/// Why the network part could not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// No runtime, no socket.
    #[error("the network could not be used on this machine; notes stay here and are safe")]
    NoNetwork,
    /// The port is taken, or there is no such interface.
    #[error("the address to listen on is not free; notes stay here and are safe")]
    NotFree,
    /// Nobody answered.
    #[error("the other device was not reached: it may be off, locked, or on another network; nothing changed")]
    NotReached,
    /// It answered, and speaks no protocol of this version.
    #[error(
        "the other device runs another version of this program, and the two do not understand each other; nothing changed, update both and try again"
    )]
    OtherVersion,
    /// It took longer than allowed.
    #[error(
        "not everything arrived in the time allowed; what came is kept, and the next connection goes on from there"
    )]
    TimedOut,
    /// The conversation ended early.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Pairing did not happen.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// The node has been shut down.
    #[error("the network part has been stopped; notes stay here and are safe")]
    Stopped,
}

/// This device on the network, usable from any thread that is not itself asynchronous.
pub struct Node {
    endpoint: Endpoint,
    inputs: mpsc::Sender<Input>,
    local: Option<LocalNetwork>,
    under_way: UnderWay,
    driver: Option<JoinHandle<()>>,
    runtime: Option<Runtime>,
}

impl Node {
    /// Opens the sockets and starts answering. `events` is called from the driver thread and must not wait for the node.
    pub fn spawn(
        config: Config,
        shelf: Arc<Mutex<dyn Shelf>>,
        greeting: Box<dyn Greeting>,
        events: impl Fn(Event) + Send + 'static,
    ) -> Result<Self, NetError> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("subrosa-net").enable_all().build();
        let runtime = runtime.map_err(|_| NetError::NoNetwork)?;
        let (inputs, inbox) = mpsc::channel();
        let (endpoint, local) = runtime.block_on(open(&config, &inputs))?;
        let addresses = watch::addresses_of(&endpoint);
        runtime.spawn(watch::addresses(endpoint.clone(), addresses.clone(), inputs.clone()));
        if let Some(relay) = config.relay {
            runtime.spawn(watch::relay(endpoint.clone(), relay.url, inputs.clone()));
        }
        let dialler = Dialler::new(runtime.handle().clone(), endpoint.clone(), inputs.clone());
        let under_way = dialler.under_way();
        dialler.accept();
        let seed = seed_of(&endpoint);
        let driver = Driver::new(shelf, greeting, Box::new(events), dialler, (addresses, seed));
        let driver = std::thread::Builder::new().name("subrosa-driver".into()).spawn(move || driver.run(&inbox));
        let driver = driver.map_err(|_| NetError::NoNetwork)?;
        Ok(Self { endpoint, inputs, local, under_way, driver: Some(driver), runtime: Some(runtime) })
    }

    /// This end's public transport key.
    pub fn local_endpoint_id(&self) -> EndpointId {
        EndpointId(*self.endpoint.id().as_bytes())
    }

    /// Where this device can be reached from another.
    pub fn addresses(&self) -> PeerAddress {
        let Addresses { direct, relay } = watch::addresses_of(&self.endpoint);
        PeerAddress { endpoint: self.local_endpoint_id(), direct, relay }
    }

    /// The devices of the practice but this one, in place of those told before: each is dialled until it is connected.
    pub fn reach(&self, devices: Vec<Reachable>) -> Result<(), NetError> {
        self.tell(Input::Devices(devices))
    }

    /// What this node shows on the local network beside its endpoint id ([`Greeting::is_of_practice`]).
    pub fn show_tag(&self, tag: Option<[u8; 16]>) {
        if let Some(local) = &self.local {
            local.show_tag(&self.endpoint, tag);
        }
    }

    /// Connects and stays connected while both run; what happens comes as events.
    pub fn connect(&self, peer: PeerAddress) -> Result<(), NetError> {
        self.tell(Input::Connect(peer))
    }

    /// The shelf has changed by this device's own hand: every connected peer is told.
    pub fn notify_changed(&self) {
        // A node that has stopped tells nobody, which is what is wanted of it.
        let _ = self.tell(Input::Changed);
    }

    /// Connects (or uses the connection there is) and waits until neither side wants anything more.
    pub fn sync_once(&self, peer: PeerAddress, patience: Duration) -> Result<Report, NetError> {
        let (reply, answer) = mpsc::channel();
        self.tell(Input::SyncOnce { peer, reply })?;
        wait(&answer, patience)
    }

    /// Opens an invitation, in place of an earlier one. `rendezvous` is told to the local network if that is on.
    pub fn invite(&self, crypto: Box<dyn InviterCrypto>, rendezvous: Option<&str>) -> Result<(), NetError> {
        self.advertise(rendezvous);
        self.tell(Input::Invite(crypto))
    }

    /// The person's answer to [`Event::PairingAsks`].
    pub fn answer_pairing(&self, yes: bool) -> Result<(), NetError> {
        self.tell(Input::Person(yes))
    }

    /// Closes the invitation, if one is open.
    pub fn stop_inviting(&self) -> Result<(), NetError> {
        self.advertise(None);
        self.tell(Input::StopInviting)
    }

    /// Joins the practice of the device at `peer`, going on where a broken connection stopped, until told yes or no.
    pub fn join(&self, peer: PeerAddress, crypto: Box<dyn JoinerCrypto>, patience: Duration) -> Result<(), NetError> {
        let (reply, answer) = mpsc::channel();
        self.tell(Input::Join { peer, crypto, reply })?;
        let outcome = wait(&answer, patience);
        if outcome == Err(NetError::TimedOut) {
            self.tell(Input::StopJoining)?;
        }
        outcome
    }

    /// Looks on the local network for the device that invites under this name.
    pub fn find(&self, rendezvous: &str, patience: Duration) -> Result<PeerAddress, NetError> {
        let local = self.local.as_ref().ok_or(NetError::NotReached)?;
        let runtime = self.runtime.as_ref().ok_or(NetError::Stopped)?;
        runtime.block_on(local.find(rendezvous, patience)).ok_or(NetError::NotReached)
    }

    /// Ends every conversation, tells the peers, closes the sockets and joins every thread.
    pub fn shutdown(mut self) {
        self.stop();
    }

    fn advertise(&self, rendezvous: Option<&str>) {
        if let Some(local) = &self.local {
            local.advertise(&self.endpoint, rendezvous);
        }
    }

    fn tell(&self, input: Input) -> Result<(), NetError> {
        self.inputs.send(input).map_err(|_| NetError::Stopped)
    }

    fn stop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        // Fails only if the driver has stopped already.
        let _ = self.tell(Input::Stop);
        if let Some(driver) = self.driver.take() {
            // A driver that panicked has been reported by the panic itself; there is nothing left to stop.
            let _ = driver.join();
        }
        self.under_way.stop_dialling();
        runtime.block_on(self.under_way.have_ended());
        // Peers are told at once. What it would wait for then is dials that nobody answers, for three seconds each.
        let _ = runtime.block_on(async { timeout(CLOSING, self.endpoint.close()).await });
        runtime.shutdown_timeout(Duration::from_secs(5));
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Pauses between tries are to differ between devices, and are no secret.
fn seed_of(endpoint: &Endpoint) -> u64 {
    endpoint.id().as_bytes().first_chunk().copied().map_or(1, u64::from_le_bytes)
}

fn wait<T>(answer: &mpsc::Receiver<Result<T, NetError>>, patience: Duration) -> Result<T, NetError> {
    answer.recv_timeout(patience).unwrap_or_else(|error| match error {
        mpsc::RecvTimeoutError::Timeout => Err(NetError::TimedOut),
        mpsc::RecvTimeoutError::Disconnected => Err(NetError::Stopped),
    })
}

async fn open(config: &Config, inputs: &mpsc::Sender<Input>) -> Result<(Endpoint, Option<LocalNetwork>), NetError> {
    let endpoint = match config.listen {
        Listen::At(address) => bind(config, Some(address)).await?,
        Listen::Everywhere(None) => bind(config, None).await?,
        Listen::Everywhere(Some(port)) => match bind(config, Some((Ipv4Addr::UNSPECIFIED, port).into())).await {
            Err(NetError::NotFree) => bind(config, None).await?,
            bound => bound?,
        },
    };
    let local = if config.local_discovery { Some(LocalNetwork::open(&endpoint, inputs.clone()).await?) } else { None };
    Ok((endpoint, local))
}

async fn bind(config: &Config, at: Option<SocketAddr>) -> Result<Endpoint, NetError> {
    let mut builder = Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&config.transport_key))
        .alpns(vec![SYNC_PROTOCOL.to_vec(), PAIR_PROTOCOL.to_vec()])
        .transport_config(transport());
    builder = relay::set_up(builder, config.relay.as_ref());
    if let Some(address) = at {
        builder = builder.clear_ip_transports().bind_addr(address).map_err(|_| NetError::NotFree)?;
        if address.ip() == Ipv4Addr::UNSPECIFIED {
            // A machine may have no IPv6 at all.
            let beside = (Ipv6Addr::UNSPECIFIED, address.port());
            let opts = BindOpts::default().set_is_required(false);
            builder = builder.bind_addr_with_opts(beside, opts).map_err(|_| NetError::NotFree)?;
        }
    }
    builder.bind().await.map_err(|_| NetError::NotFree)
}

/// What one connection may take of this machine: one stream, and of a stranger's no more than is held against the number of
/// strangers that may be connected at a time.
fn transport() -> QuicTransportConfig {
    QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(STRANGERS_WINDOW))
        .build()
}

#[cfg(test)]
mod tests;
