//! Joining: a device without a practice becomes a device of one.
//!
//! It has no vault yet, so it speaks from an endpoint that lives no longer than the pairing. Nothing is written until the
//! other device's person has said yes; if the practice cannot be made here, that is said, and what was begun is gone.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use subrosa_core::entropy::{Os, random};
use subrosa_core::kdf::{Policy, Strength, StrengthError};
use subrosa_core::pairing::{CompareWords, Endpoints, Joiner, JoinerWaiting};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{Store, StoreError};
use subrosa_core::vault::{JoiningDevice, Millis, NewVault, UnlockError, Vault};
use subrosa_sync::PeerAddress;
use subrosa_sync::net::{Config, Listen, NetError, Node, Relay};
use subrosa_sync::pairing::{JoinerCrypto, Refused};
use zeroize::Zeroizing;

use super::address::CodeLine;
use super::greeting::NoGreeting;
use super::inviting::refused;
use super::shelf::NoShelf;
use super::syncing::{Network, rendezvous_name};

/// How long the other device is looked for on the local network.
const LOOKING: Duration = Duration::from_secs(30);
/// As long as a code is valid, and time for a slow yes.
const WAITING: Duration = Duration::from_secs(6 * 60);

/// Makes the empty store of the practice that is joined; called once, after the yes.
pub type MakeStore = Box<dyn FnOnce() -> Result<Box<dyn Store>, StoreError> + Send>;

/// Shows the words that are to be compared.
pub type TellWords = Box<dyn FnMut(CompareWords) + Send>;

/// What a device brings that joins a practice.
pub struct NewDevice {
    /// Where its file will lie; `None` in memory.
    pub path: Option<PathBuf>,
    /// Makes that file.
    pub make_store: MakeStore,
    /// Its own passphrase.
    pub passphrase: Passphrase,
    /// What one guess at it shall cost.
    pub strength: Strength,
    /// What the other devices call it.
    pub name: String,
    /// Is told what this screen and the other one both show, once the other device has proven to know the code.
    pub compare: TellWords,
}

/// A practice joined.
#[derive(Debug)]
pub struct Joined {
    /// The open practice: it knows who belongs to it, and holds no note until the first sync.
    pub vault: Vault,
    /// The device that invited, to sync with first.
    pub inviter: PeerAddress,
}

/// Why joining came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The network, or the other device.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The code could not be stretched.
    #[error("{0}")]
    Strength(#[from] StrengthError),
    /// The practice could not be made here, though the other device has let this one in.
    #[error("{0}")]
    Unlock(#[from] UnlockError),
}

/// Joins the practice of the device that shows this code, and waits for its person's yes. Blocks.
pub fn join(line: &CodeLine, device: NewDevice, network: &Network) -> Result<Joined, JoinError> {
    let secrets = line.code.stretch(network.policy)?;
    let transport_key = Zeroizing::new(random(&mut Os));
    let config = Config {
        transport_key,
        listen: network.bind.map_or(Listen::Everywhere(None), Listen::At),
        local_discovery: network.local,
        relay: relay_of(line),
    };
    let node = Node::spawn(config, Arc::new(Mutex::new(NoShelf)), Box::new(NoGreeting), |_| {})?;
    let inviter = match &line.address {
        Some(address) => address.clone(),
        None => node.find(&rendezvous_name(&secrets.rendezvous), LOOKING)?,
    };
    let endpoints = Endpoints { joiner: node.local_endpoint_id().0, inviter: inviter.endpoint.0 };
    let (joiner, request) = Joiner::start(secrets.psk, endpoints, &mut Os);
    let made = Outcome::default();
    let now = (network.clock)();
    let crypto = PairingJoiner::new(joiner, request, device, network.policy, now, made.clone());
    let told = node.join(inviter.clone(), Box::new(crypto), WAITING);
    node.shutdown();
    match made.take() {
        // The practice stands even if the other device did not hear that it does.
        Some(Ok(vault)) => Ok(Joined { vault, inviter }),
        Some(Err(error)) => Err(error.into()),
        None => Err(told.err().unwrap_or(NetError::Stopped).into()),
    }
}

/// The relay on which the inviting device listens. Its token is the practice's, and not known here: one that asks for a token
/// helps nobody to join.
fn relay_of(line: &CodeLine) -> Option<Relay> {
    let url = line.address.as_ref()?.relay.clone()?;
    Some(Relay { url, token: None, certificate: None })
}

/// What accepting the welcome came to.
#[derive(Clone, Default)]
struct Outcome(Arc<Mutex<Option<Result<Vault, UnlockError>>>>);

impl Outcome {
    fn put(&self, made: Result<Vault, UnlockError>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
    }

    fn take(&self) -> Option<Result<Vault, UnlockError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct PairingJoiner {
    request: Vec<u8>,
    stage: JoinStage,
    device: Option<(JoiningDevice, NewDevice)>,
    policy: Policy,
    now: Millis,
    made: Outcome,
}

enum JoinStage {
    Requested(Joiner),
    Proven(JoinerWaiting),
    Over,
}

impl PairingJoiner {
    fn new(joiner: Joiner, request: Vec<u8>, device: NewDevice, policy: Policy, now: Millis, made: Outcome) -> Self {
        let joining = JoiningDevice::new(&new_vault(&device, policy, now), &mut Os);
        Self { request, stage: JoinStage::Requested(joiner), device: Some((joining, device)), policy, now, made }
    }
}

impl JoinerCrypto for PairingJoiner {
    fn request(&mut self) -> Vec<u8> {
        self.request.clone()
    }

    fn prove(&mut self, answer: &[u8]) -> Result<Vec<u8>, Refused> {
        let JoinStage::Requested(joiner) = std::mem::replace(&mut self.stage, JoinStage::Over) else {
            return Err(Refused::NotAMessage);
        };
        let (joining, device) = self.device.as_mut().ok_or(Refused::Unable)?;
        let (waiting, proof) = joiner.prove(answer, &joining.introduction(), &mut Os).map_err(refused)?;
        (device.compare)(waiting.compare());
        self.stage = JoinStage::Proven(waiting);
        Ok(proof)
    }

    fn accept(&mut self, welcome: &[u8]) -> Result<(), Refused> {
        let JoinStage::Proven(waiting) = &self.stage else { return Err(Refused::NotAMessage) };
        let welcome = waiting.welcome(welcome).map_err(refused)?;
        let Some((joining, device)) = self.device.take() else { return Ok(()) };
        let made = found(joining, &welcome, device, self.policy, self.now);
        let verdict = if made.is_ok() { Ok(()) } else { Err(Refused::Unable) };
        self.made.put(made);
        verdict
    }
}

fn found(
    joining: JoiningDevice,
    welcome: &[u8],
    mut device: NewDevice,
    policy: Policy,
    now: Millis,
) -> Result<Vault, UnlockError> {
    let make_store = std::mem::replace(&mut device.make_store, Box::new(|| Err(StoreError::Exists)));
    let store = make_store()?;
    let made = joining.join(welcome, store, &new_vault(&device, policy, now), Box::new(Os));
    if let (Err(_), Some(path)) = (&made, &device.path) {
        // A file that this very call has made and that holds nothing; left behind, it would stand in the way.
        let _ = std::fs::remove_file(path);
    }
    made
}

fn new_vault(device: &NewDevice, policy: Policy, now: Millis) -> NewVault<'_> {
    NewVault {
        path: device.path.clone(),
        passphrase: &device.passphrase,
        strength: device.strength,
        policy,
        device_name: &device.name,
        now,
    }
}
