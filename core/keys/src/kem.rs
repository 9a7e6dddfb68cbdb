//! Key encapsulation by X-Wing (ML-KEM-768 and X25519): whoever breaks one of the two has not broken it.
//!
//! Public keys that are not canonical are refused when they are read, and ciphertexts whose X25519 part contributes
//! nothing are refused when they are opened.

use std::convert::Infallible;
use std::fmt;

use subrosa_base::entropy::Entropy;
use subrosa_base::id::Hash;
use subrosa_base::labels;
use x_wing::kem::common::rand_core::{TryCryptoRng, TryRng};
use x_wing::{
    DecapsulationKeyRejectNonContrib, Decapsulator as _, Encapsulate as _, EncapsulationKey, KeyExport as _,
    TryDecapsulate as _,
};

use crate::kdf;
use crate::secret::{CardWrapRole, Key, MessageRole, OneTimeRole, RecoveryRole, Role, WrapRole};

/// Bytes in an encapsulation.
pub const CIPHERTEXT_LEN: usize = x_wing::CIPHERTEXT_SIZE;

/// A role whose key is the seed of an X-Wing key.
pub trait Unwraps: Role {}
impl Unwraps for WrapRole {}
impl Unwraps for RecoveryRole {}
impl Unwraps for CardWrapRole {}
impl Unwraps for OneTimeRole {}

/// The public half of an X-Wing key, known to be well-formed.
#[derive(Clone, PartialEq, Eq)]
pub struct WrapPublic(Box<[u8; Self::LEN]>);

impl WrapPublic {
    /// Bytes in a public key.
    pub const LEN: usize = x_wing::ENCAPSULATION_KEY_SIZE;

    /// The public half of the key with this seed.
    pub fn of<R: Unwraps>(seed: &Key<R>) -> Self {
        let public = DecapsulationKeyRejectNonContrib::from(*seed.expose()).encapsulation_key().to_bytes();
        Self(Box::new(public.0))
    }

    /// Reads a public key; none that is malformed.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        EncapsulationKey::try_from(bytes).ok()?;
        Some(Self(Box::new(bytes.try_into().ok()?)))
    }

    /// The key's bytes.
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// A short name for the key, which binds all of it.
    pub fn fingerprint(&self) -> Hash {
        kdf::hash(labels::WRAP_FINGERPRINT, &[self.0.as_slice()])
    }
}

impl fmt::Debug for WrapPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrapPublic")
    }
}

/// A fresh shared secret and the ciphertext from which the holder of the key learns it.
#[expect(clippy::expect_used, reason = "a WrapPublic is checked when it is made")]
pub fn encapsulate(public: &WrapPublic, entropy: &mut dyn Entropy) -> (Vec<u8>, Key<MessageRole>) {
    let key = EncapsulationKey::try_from(public.0.as_slice()).expect("the key is well-formed");
    let (ciphertext, mut shared) = key.encapsulate_with_rng(&mut Generator(entropy));
    (ciphertext.to_vec(), Key::take(&mut shared.0))
}

/// The shared secret of an encapsulation. A ciphertext for another key gives another secret, not an error; `None` is
/// for what cannot be one at all.
pub fn decapsulate<R: Unwraps>(seed: &Key<R>, ciphertext: &[u8]) -> Option<Key<MessageRole>> {
    let key = DecapsulationKeyRejectNonContrib::from(*seed.expose());
    let mut shared = key.try_decapsulate(&ciphertext.try_into().ok()?).ok()?;
    Some(Key::take(&mut shared.0))
}

/// Our source of randomness under the trait that the library asks for.
struct Generator<'a>(&'a mut dyn Entropy);

impl TryRng for Generator<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(subrosa_base::entropy::random(self.0)))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(subrosa_base::entropy::random(self.0)))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Generator<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use subrosa_base::entropy::Os;

    fn seed(byte: u8) -> Key<WrapRole> {
        Key::take(&mut [byte; 32])
    }

    #[test]
    fn both_sides_of_an_encapsulation_learn_the_same_secret_and_nobody_else_does() {
        let (ciphertext, shared) = encapsulate(&WrapPublic::of(&seed(1)), &mut Os);
        assert_eq!(ciphertext.len(), CIPHERTEXT_LEN);
        assert!(decapsulate(&seed(1), &ciphertext).unwrap() == shared);
        assert!(decapsulate(&seed(2), &ciphertext).unwrap() != shared);
    }

    #[test]
    fn a_changed_ciphertext_gives_another_secret_and_one_of_another_length_gives_none() {
        let (ciphertext, shared) = encapsulate(&WrapPublic::of(&seed(1)), &mut Os);
        for at in [0, 500, 1087, 1088, CIPHERTEXT_LEN - 2] {
            let mut changed = ciphertext.clone();
            changed[at] ^= 1;
            assert!(decapsulate(&seed(1), &changed).is_none_or(|other| other != shared), "byte {at}");
        }
        assert!(decapsulate(&seed(1), &ciphertext[1..]).is_none());
        assert!(decapsulate(&seed(1), &[ciphertext, vec![0]].concat()).is_none());
    }

    #[test]
    fn an_elliptic_part_that_contributes_nothing_is_refused() {
        let (mut ciphertext, _) = encapsulate(&WrapPublic::of(&seed(1)), &mut Os);
        ciphertext[1088..].fill(0);
        assert!(decapsulate(&seed(1), &ciphertext).is_none());
    }

    #[test]
    fn a_public_key_is_checked_when_it_is_read() {
        let public = WrapPublic::of(&seed(1));
        assert_eq!(WrapPublic::from_slice(public.as_bytes()), Some(public.clone()));
        assert_ne!(public.fingerprint(), WrapPublic::of(&seed(2)).fingerprint());
        // Twelve bits all set are no coefficient modulo 3329.
        let mut malformed = *public.as_bytes();
        malformed[..3].fill(0xFF);
        assert_eq!(WrapPublic::from_slice(&malformed), None);
        assert_eq!(WrapPublic::from_slice(&public.as_bytes()[1..]), None);
    }
}
