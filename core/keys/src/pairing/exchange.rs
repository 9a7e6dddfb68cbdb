//! The four messages, as types that can only be used in their order: each step takes the one before it.

use std::fmt;

use subrosa_base::entropy::{self, Entropy};
use subrosa_base::id::Hash;
use subrosa_base::labels;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::PairingError;
use super::code::word;
use crate::kdf;
use crate::kem::{self, WrapPublic};
use crate::seal;
use crate::secret::{Key, MessageRole, PairingRole, WrapRole};

/// What a request begins with, so that strays from another program are not taken for a later version of this one.
pub(super) const MAGIC: &[u8] = b"subrosa pair";
const VERSION: u8 = 2;
/// The longest proof that is looked at: an introduction is a name and a few public keys.
const PROOF_LEN: usize = 64 * 1024;

/// Who talks to whom, as the transport sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Endpoints {
    /// The endpoint id of the device that joins.
    pub joiner: [u8; 32],
    /// The endpoint id of the device that invites.
    pub inviter: [u8; 32],
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoints")
    }
}

/// Bytes that the joiner draws for the words that both screens show.
const NONCE: usize = 32;

/// The joining device, which has sent its request.
pub struct Joiner {
    nonce: [u8; NONCE],
    psk: Key<PairingRole>,
    one_time: Key<WrapRole>,
    endpoints: Endpoints,
    request: Vec<u8>,
}

impl Joiner {
    /// Begins, and gives the request to send.
    pub fn start(psk: Key<PairingRole>, endpoints: Endpoints, entropy: &mut dyn Entropy) -> (Self, Vec<u8>) {
        let (one_time, nonce) = (Key::random(entropy), entropy::random(entropy));
        let request = [MAGIC, &[VERSION], WrapPublic::of(&one_time).as_bytes(), &commitment(&nonce).0].concat();
        (Self { nonce, psk, one_time, endpoints, request: request.clone() }, request)
    }

    /// Checks that the other device knows the code, and gives the proof to send, with the introduction sealed in it.
    ///
    /// # Errors
    /// [`PairingError::WrongCode`] or [`PairingError::NotAMessage`]; the introduction has then gone nowhere.
    pub fn prove(
        self,
        answer: &[u8],
        introduction: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<(JoinerWaiting, Vec<u8>), PairingError> {
        let (ciphertext, mac) = split_mac(answer)?;
        let shared = kem::decapsulate(&self.one_time, ciphertext).ok_or(PairingError::NotAMessage)?;
        let agreed = Agreed::new(&self.psk, &shared, self.endpoints, &self.request, ciphertext);
        agreed.check(labels::PAIRING_INVITER, &[], mac)?;
        let agreed = agreed.heard(answer);
        let compare = agreed.words(&self.nonce);
        let said = [&self.nonce, introduction].concat();
        let mut proof = agreed.seal(labels::PAIRING_INTRODUCTION, &said, entropy);
        proof.extend(agreed.mac(labels::PAIRING_JOINER, &proof).0);
        Ok((JoinerWaiting { agreed: agreed.heard(&proof), compare }, proof))
    }
}

#[cfg(test)]
impl Joiner {
    /// One that asked otherwise.
    pub(super) fn asking_otherwise(self, request: Vec<u8>) -> Self {
        Self { request, ..self }
    }
}

/// The joining device, which has proven itself and waits for the other's person.
pub struct JoinerWaiting {
    agreed: Agreed,
    compare: CompareWords,
}

impl JoinerWaiting {
    /// What this screen shows, for its person to compare with the other one.
    pub fn compare(&self) -> CompareWords {
        self.compare
    }

    /// What the other device hands over. May be opened again, when the transport delivers it twice.
    ///
    /// # Errors
    /// [`PairingError::Damaged`].
    pub fn welcome(&self, welcome: &[u8]) -> Result<Zeroizing<Vec<u8>>, PairingError> {
        self.agreed.open(labels::PAIRING_WELCOME, welcome)
    }
}

/// The inviting device, which has answered a request.
pub struct Inviter {
    agreed: Agreed,
    committed: [u8; Hash::LEN],
}

impl Inviter {
    /// Answers a request. Reached through [`super::Invitation::answer`], which counts.
    pub(super) fn answer(
        psk: &Key<PairingRole>,
        endpoints: Endpoints,
        request: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<(Self, Vec<u8>), PairingError> {
        let said = match request.strip_prefix(MAGIC).and_then(<[u8]>::split_first) {
            Some((&VERSION, said)) => said,
            Some((version, _)) if *version < VERSION => return Err(PairingError::Older),
            Some(_) => return Err(PairingError::Newer),
            None => return Err(PairingError::NotAMessage),
        };
        let (key, committed) = said.split_last_chunk().ok_or(PairingError::NotAMessage)?;
        let one_time = WrapPublic::from_slice(key).ok_or(PairingError::NotAMessage)?;
        let (mut answer, shared) = kem::encapsulate(&one_time, entropy);
        let agreed = Agreed::new(psk, &shared, endpoints, request, &answer);
        answer.extend(agreed.mac(labels::PAIRING_INVITER, &[]).0);
        Ok((Self { agreed: agreed.heard(&answer), committed: *committed }, answer))
    }

    /// Checks the proof and opens the introduction. Reached through [`super::Invitation::introduced`].
    pub(super) fn introduction(self, proof: &[u8]) -> Result<InviterAsking, PairingError> {
        if proof.len() > PROOF_LEN {
            return Err(PairingError::NotAMessage);
        }
        let (sealed, mac) = split_mac(proof)?;
        self.agreed.check(labels::PAIRING_JOINER, sealed, mac)?;
        let said = self.agreed.open(labels::PAIRING_INTRODUCTION, sealed)?;
        let (nonce, introduction) = said.split_first_chunk().ok_or(PairingError::NotAMessage)?;
        if !bool::from(commitment(nonce).0.ct_eq(&self.committed)) {
            return Err(PairingError::NotAMessage);
        }
        let (compare, introduction) = (self.agreed.words(nonce), Zeroizing::new(introduction.to_vec()));
        Ok(InviterAsking { agreed: self.agreed.heard(proof), introduction, compare })
    }
}

/// The inviting device, which shows who wants to join and asks its person.
pub struct InviterAsking {
    agreed: Agreed,
    introduction: Zeroizing<Vec<u8>>,
    compare: CompareWords,
}

impl InviterAsking {
    /// What this screen shows, for its person to compare with the other one.
    pub fn compare(&self) -> CompareWords {
        self.compare
    }

    /// What the joining device says of itself.
    pub fn introduction(&self) -> &[u8] {
        &self.introduction
    }

    /// After a yes: the welcome to send, with the payload sealed in it. After a no, the value is dropped.
    pub fn welcome(&self, payload: &[u8], entropy: &mut dyn Entropy) -> Vec<u8> {
        self.agreed.seal(labels::PAIRING_WELCOME, payload, entropy)
    }
}

/// Two words that both screens show: a short authentication string (RFC 6189, 4.3). Somebody who has read the code and stands
/// between the two devices, or joins in place of the other, makes them differ but for one time in 4,194,304: the joiner has
/// committed itself to its half before it knows the other's, and shows it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompareWords(pub [&'static str; 2]);

impl fmt::Display for CompareWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// What a request says of the bytes that its proof will show.
fn commitment(nonce: &[u8; NONCE]) -> Hash {
    kdf::hash(labels::PAIRING_COMMITMENT, &[nonce])
}

macro_rules! prints_its_name_alone {
    ($($step:ident)*) => {$(
        impl fmt::Debug for $step {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($step))
            }
        }
    )*};
}

prints_its_name_alone!(Joiner JoinerWaiting Inviter InviterAsking);

/// The agreed key, and everything that was said up to now.
struct Agreed {
    key: Key<PairingRole>,
    transcript: Hash,
}

impl Agreed {
    fn new(
        psk: &Key<PairingRole>,
        shared: &Key<MessageRole>,
        endpoints: Endpoints,
        request: &[u8],
        ciphertext: &[u8],
    ) -> Self {
        let said: [&[u8]; 4] = [&endpoints.joiner, &endpoints.inviter, request, ciphertext];
        let transcript = kdf::hash(labels::PAIRING_TRANSCRIPT, &said);
        Self { key: kdf::derive_joint(psk, shared, labels::PAIRING_KEY, &transcript.0), transcript }
    }

    /// The same, one message later.
    fn heard(self, message: &[u8]) -> Self {
        let transcript = kdf::hash(labels::PAIRING_TRANSCRIPT, &[&self.transcript.0, message]);
        Self { transcript, ..self }
    }

    fn mac(&self, label: &[u8], message: &[u8]) -> Hash {
        let key: Key<MessageRole> = kdf::derive(&self.key, label, &[]);
        kdf::mac(&key, label, &[&self.transcript.0, message])
    }

    fn words(&self, nonce: &[u8; NONCE]) -> CompareWords {
        let [first, second, third, ..] = self.mac(labels::PAIRING_WORDS, nonce).0;
        let bits = usize::from(first) << 14 | usize::from(second) << 6 | usize::from(third) >> 2;
        CompareWords([bits >> 11, bits & 0x7FF].map(word))
    }

    fn check(&self, label: &[u8], message: &[u8], mac: &[u8; Hash::LEN]) -> Result<(), PairingError> {
        if bool::from(self.mac(label, message).0.ct_eq(mac)) { Ok(()) } else { Err(PairingError::WrongCode) }
    }

    fn seal(&self, label: &[u8], payload: &[u8], entropy: &mut dyn Entropy) -> Vec<u8> {
        let key: Key<MessageRole> = kdf::derive(&self.key, label, &[]);
        seal::seal(&key, &[label, &self.transcript.0].concat(), payload, entropy)
    }

    fn open(&self, label: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, PairingError> {
        let key: Key<MessageRole> = kdf::derive(&self.key, label, &[]);
        seal::open(&key, &[label, &self.transcript.0].concat(), sealed).map_err(|_| PairingError::Damaged)
    }
}

fn split_mac(message: &[u8]) -> Result<(&[u8], &[u8; Hash::LEN]), PairingError> {
    message.split_last_chunk().ok_or(PairingError::NotAMessage)
}
