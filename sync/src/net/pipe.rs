//! Bytes between a connection and the driver. Each connection carries one stream both ways.
//!
//! Reading stops while sixteen pieces wait at the driver; of connections that others open, at most 32 stand at a time, each from an
//! address that was seen to be its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use iroh::endpoint::{
    ConnectError, ConnectingError, Connection, ConnectionError, Incoming, IncomingAddr, RecvStream, SendStream,
    TransportErrorCode, VarInt,
};
use iroh::{Endpoint, EndpointAddr, PublicKey, TransportAddr};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::driver::Input;
use super::met::Met;
use super::watch::addresses_of;
use super::{NetError, PAIR_PROTOCOL, PeerAddress, SYNC_PROTOCOL};
use crate::id::{ConnId, EndpointId, Endpoints};
use crate::session::Role;

const PIECE: usize = 64 << 10;
const PIECES_WAITING: usize = 16;
const STANDING: usize = 32;
const DIAL: Duration = Duration::from_secs(15);
/// What somebody who connects has for the handshake, and for opening the stream.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Bytes that may be under way to this device on one stream.
pub(super) const STREAM_WINDOW: u32 = 2 << 20;
/// The same of a connection of somebody who has not been recognised.
pub(super) const STRANGERS_WINDOW: u32 = 256 << 10;
/// Time that the last frames have to be read by the other end before the connection is closed.
const FAREWELL: Duration = Duration::from_secs(2);
/// The alert of TLS for a protocol that the other end does not offer (RFC 7301 §3.2).
const NO_APPLICATION_PROTOCOL: u8 = 120;
/// More than the connections that can stand.
const WRITERS: u16 = 1 << 10;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Sync,
    Pair,
}

/// What the driver gives to a connection.
pub(super) enum Out {
    Frame(Vec<u8>),
    /// The other end is a device of the practice.
    Recognised,
    Close,
}

#[derive(Clone)]
pub(super) struct Dialler {
    runtime: Handle,
    endpoint: Endpoint,
    inputs: mpsc::Sender<Input>,
    next: Arc<AtomicU64>,
    under_way: UnderWay,
}

/// What is still under way when a node stops: connections that have something to say, and dials, which are given up.
#[derive(Clone)]
pub(super) struct UnderWay {
    writers: Arc<Semaphore>,
    dials: Arc<Semaphore>,
}

impl UnderWay {
    fn new() -> Self {
        Self { writers: Arc::new(Semaphore::new(WRITERS.into())), dials: Arc::new(Semaphore::new(0)) }
    }

    /// Gives up what is being dialled, now and later: an endpoint that closes would wait for it.
    pub(super) fn stop_dialling(&self) {
        self.dials.close();
    }

    /// Waits until the last frames of each connection have been read, for as long as a farewell may take.
    pub(super) async fn have_ended(&self) {
        let _ = timeout(FAREWELL, self.writers.acquire_many(WRITERS.into())).await;
    }
}

impl Dialler {
    pub(super) fn new(runtime: Handle, endpoint: Endpoint, inputs: mpsc::Sender<Input>) -> Self {
        Self { runtime, endpoint, inputs, next: Arc::default(), under_way: UnderWay::new() }
    }

    pub(super) fn under_way(&self) -> UnderWay {
        self.under_way.clone()
    }

    /// Answers whoever connects, until the endpoint closes.
    pub(super) fn accept(&self) {
        let dialler = self.clone();
        self.runtime.spawn(async move {
            let places = Arc::new(Semaphore::new(STANDING));
            while let Some(incoming) = dialler.endpoint.accept().await {
                if !incoming.remote_addr_validated() && matches!(incoming.remote_addr(), IncomingAddr::Ip(_)) {
                    // It comes again with the token, from where it says that it is.
                    let _ = incoming.retry();
                    continue;
                }
                let Ok(place) = places.clone().try_acquire_owned() else {
                    incoming.refuse();
                    continue;
                };
                let dialler = dialler.clone();
                tokio::spawn(async move {
                    dialler.answer(incoming).await;
                    drop(place);
                });
            }
        });
    }

    /// Connects; the driver hears of it either way.
    pub(super) fn dial(&self, peer: PeerAddress, purpose: Purpose) {
        let dialler = self.clone();
        self.runtime.spawn(async move {
            if let Err(why) = dialler.try_dial(&peer, purpose).await {
                dialler.tell(Input::NotReached { peer, purpose, why });
            }
        });
    }

    async fn try_dial(&self, peer: &PeerAddress, purpose: Purpose) -> Result<(), NetError> {
        let not_reached = NetError::NotReached;
        let key = PublicKey::from_bytes(&peer.endpoint.0).map_err(|_| not_reached)?;
        let mut address = EndpointAddr::from_parts(key, peer.direct.iter().copied().map(TransportAddr::Ip));
        if let Some(relay) = peer.relay.as_ref().and_then(|relay| relay.as_str().parse().ok()) {
            address = address.with_relay_url(relay);
        }
        let protocol = match purpose {
            Purpose::Sync => SYNC_PROTOCOL,
            Purpose::Pair => PAIR_PROTOCOL,
        };
        let connection = tokio::select! {
            connection = timeout(DIAL, self.endpoint.connect(address, protocol)) => connection.map_err(|_| not_reached)?,
            _ = self.under_way.dials.acquire() => return Err(not_reached),
        };
        let connection =
            connection.map_err(|error| if speaks_another(&error) { NetError::OtherVersion } else { not_reached })?;
        let streams = connection.open_bi().await.map_err(|_| not_reached)?;
        let dialler = self.clone();
        tokio::spawn(async move { dialler.carry(connection, streams, Role::Dials, purpose).await });
        Ok(())
    }

    async fn answer(&self, incoming: Incoming) -> Option<()> {
        let connection = timeout(HANDSHAKE, incoming).await.ok()?.ok()?;
        let purpose = if connection.alpn() == PAIR_PROTOCOL { Purpose::Pair } else { Purpose::Sync };
        let streams = timeout(HANDSHAKE, connection.accept_bi()).await.ok()?.ok()?;
        self.carry(connection, streams, Role::Answers, purpose).await;
        Some(())
    }

    async fn carry(
        &self,
        connection: Connection,
        (send, recv): (SendStream, RecvStream),
        role: Role,
        purpose: Purpose,
    ) {
        let conn = ConnId(self.next.fetch_add(1, Ordering::Relaxed));
        let end = |key: PublicKey| EndpointId(*key.as_bytes());
        let endpoints = Endpoints { local: end(self.endpoint.id()), remote: end(connection.remote_id()) };
        let (out, frames) = unbounded_channel();
        let met = Met::of(&connection, &addresses_of(&self.endpoint).direct);
        self.tell(Input::Opened { conn, role, endpoints, purpose, out, met });
        let place = self.under_way.writers.clone().try_acquire_owned();
        let (inputs, ending) = (self.inputs.clone(), connection.clone());
        let writer = tokio::spawn(async move {
            write(send, frames, conn, inputs, &ending).await;
            farewell(ending, role).await;
            drop(place);
        });
        self.read(recv, conn).await;
        self.tell(Input::Lost { conn });
        // The driver answers by closing; the last frames may still be on their way out.
        let _ = writer.await;
    }

    async fn read(&self, mut recv: RecvStream, conn: ConnId) {
        let waiting = Arc::new(Semaphore::new(PIECES_WAITING));
        let mut piece = vec![0; PIECE];
        while let Ok(place) = waiting.clone().acquire_owned().await {
            let Ok(Some(len)) = recv.read(&mut piece).await else { return };
            let bytes = piece.get(..len).unwrap_or_default().to_vec();
            self.tell(Input::Bytes { conn, bytes, place });
        }
    }

    fn tell(&self, input: Input) {
        // A driver that has stopped needs to hear nothing.
        let _ = self.inputs.send(input);
    }
}

/// Whether the other end answered, and offers none of our protocols.
fn speaks_another(error: &ConnectError) -> bool {
    let source = match error {
        ConnectError::Connection { source, .. }
        | ConnectError::Connecting { source: ConnectingError::ConnectionError { source, .. }, .. } => source,
        _ => return false,
    };
    matches!(source, ConnectionError::ConnectionClosed(close) if close.error_code == TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL))
}

async fn write(
    mut send: SendStream,
    mut frames: UnboundedReceiver<Out>,
    conn: ConnId,
    inputs: mpsc::Sender<Input>,
    connection: &Connection,
) {
    loop {
        let frame = match frames.recv().await {
            Some(Out::Frame(frame)) => frame,
            Some(Out::Recognised) => {
                connection.set_receive_window(VarInt::from_u32(STREAM_WINDOW));
                continue;
            }
            Some(Out::Close) | None => break,
        };
        if send.write_all(&frame).await.is_err() {
            break;
        }
        if frames.is_empty() && inputs.send(Input::Drained { conn }).is_err() {
            break;
        }
    }
    if send.finish().is_ok() {
        let _ = timeout(FAREWELL, send.stopped()).await;
    }
}

/// Who answered hangs up; who dialled waits for that, since bytes that the other end has but did not read yet are lost with
/// the connection.
async fn farewell(connection: Connection, role: Role) {
    if role == Role::Dials {
        let _ = timeout(FAREWELL, connection.closed()).await;
    }
    connection.close(VarInt::from_u32(0), b"");
}

/// The driver's end of a connection.
pub(super) type Outlet = UnboundedSender<Out>;
