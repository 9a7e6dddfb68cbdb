//! Keys handed over under a public key: an X-Wing encapsulation, then the payload sealed under the shared secret.
//!
//! ```text
//! ciphertext(1120) ‖ seal(key, label, payload)
//! key = derive(shared secret, label, fingerprint of the public key ‖ H(ciphertext) ‖ context)
//! ```
//!
//! Refused: another recipient, another context, any changed byte. A wrap names nobody; who made it is not proven by
//! it, so that a wrap that must come from somebody is signed, or sealed, by what carries it.

use subrosa_base::entropy::Entropy;
use subrosa_base::labels;
use zeroize::Zeroizing;

pub use crate::kem::{Unwraps, WrapPublic};
use crate::seal::{self, SealError};
use crate::secret::{Key, MessageRole};
use crate::{kdf, kem};

/// Why a wrap did not open. Nothing of it was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WrapError {
    /// For another key or another place. Damage in the encapsulation cannot be told from this.
    #[error("this is for another reader or for another place, and was not opened")]
    NotForThisKey,
    /// The key is right and the payload is not what was wrapped.
    #[error("this was changed or cut short after it was wrapped, and nothing of it was used")]
    Damaged,
    /// Too few bytes to be anything wrapped.
    #[error("this is too short to be anything wrapped")]
    TooShort,
}

/// Wraps the payload for the holder of the key, for the place that `context` names.
pub fn wrap(public: &WrapPublic, context: &[u8], payload: &[u8], entropy: &mut dyn Entropy) -> Vec<u8> {
    let (mut wrapped, shared) = kem::encapsulate(public, entropy);
    let key = sealing_key(&shared, public, &wrapped, context);
    wrapped.extend(seal::seal(&key, labels::WRAP, payload, entropy));
    wrapped
}

/// Opens what [`wrap`] made for this key and this context.
///
/// # Errors
/// See [`WrapError`].
pub fn unwrap<R: Unwraps>(seed: &Key<R>, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    let (ciphertext, sealed) = wrapped.split_at_checked(kem::CIPHERTEXT_LEN).ok_or(WrapError::TooShort)?;
    let shared = kem::decapsulate(seed, ciphertext).ok_or(WrapError::NotForThisKey)?;
    let key = sealing_key(&shared, &WrapPublic::of(seed), ciphertext, context);
    seal::open(&key, labels::WRAP, sealed).map_err(|error| match error {
        SealError::WrongKey => WrapError::NotForThisKey,
        SealError::Damaged => WrapError::Damaged,
        SealError::TooShort => WrapError::TooShort,
    })
}

/// How many bytes a payload of this length has when it is wrapped.
pub const fn wrapped_len(payload_len: usize) -> usize {
    kem::CIPHERTEXT_LEN + seal::sealed_len(payload_len)
}

fn sealing_key(shared: &Key<MessageRole>, public: &WrapPublic, ciphertext: &[u8], context: &[u8]) -> Key<MessageRole> {
    let bound = [&public.fingerprint().0[..], &kdf::sha256(ciphertext).0[..], context].concat();
    kdf::derive(shared, labels::WRAP, &bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{RecoveryRole, WrapRole};
    use crate::tests;
    use subrosa_base::entropy::Os;

    const CONTEXT: &[u8] = b"subrosa/v1/test";

    fn seed(byte: u8) -> Key<WrapRole> {
        Key::take(&mut [byte; 32])
    }

    #[test]
    fn a_wrap_opens_for_its_holder_alone_and_in_its_place_alone() {
        let wrapped = wrap(&WrapPublic::of(&seed(1)), CONTEXT, b"payload", &mut Os);
        assert_eq!(wrapped.len(), wrapped_len(7));
        assert_eq!(unwrap(&seed(1), CONTEXT, &wrapped).unwrap().as_slice(), b"payload");
        assert_eq!(unwrap(&seed(2), CONTEXT, &wrapped), Err(WrapError::NotForThisKey));
        assert_eq!(unwrap(&seed(1), b"subrosa/v1/tess", &wrapped), Err(WrapError::NotForThisKey));
    }

    #[test]
    fn a_wrap_that_a_second_implementation_made_opens() {
        let vector: serde_json::Value = serde_json::from_str(include_str!("../../vectors/wrap.json")).unwrap();
        let field = |name: &str| tests::bytes(&vector[name]);
        let seed = Key::<WrapRole>::from_slice(&field("seed")).unwrap();
        assert_eq!(WrapPublic::of(&seed).fingerprint().0.as_slice(), field("fingerprint"));
        assert_eq!(*unwrap(&seed, &field("context"), &field("wrapped")).unwrap(), field("payload"));
    }

    #[test]
    fn a_recovery_key_of_the_same_seed_is_the_same_key_to_x_wing() {
        let recovery = Key::<RecoveryRole>::take(&mut [1; 32]);
        let wrapped = wrap(&WrapPublic::of(&recovery), CONTEXT, b"payload", &mut Os);
        assert_eq!(unwrap(&recovery, CONTEXT, &wrapped).unwrap().as_slice(), b"payload");
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let wrapped = wrap(&WrapPublic::of(&seed(1)), CONTEXT, b"payload", &mut Os);
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 0x10;
            let refused = unwrap(&seed(1), CONTEXT, &changed).unwrap_err();
            let payload = at >= kem::CIPHERTEXT_LEN + 56;
            assert_eq!(refused, if payload { WrapError::Damaged } else { WrapError::NotForThisKey }, "byte {at}");
        }
    }

    #[test]
    fn a_wrap_cut_short_at_any_length_is_refused() {
        let wrapped = wrap(&WrapPublic::of(&seed(1)), CONTEXT, b"payload", &mut Os);
        for length in (0..kem::CIPHERTEXT_LEN).step_by(100).chain(kem::CIPHERTEXT_LEN..wrapped.len()) {
            let refused = unwrap(&seed(1), CONTEXT, &wrapped[..length]).unwrap_err();
            assert!(matches!(refused, WrapError::TooShort | WrapError::Damaged), "{length}");
        }
    }

    #[test]
    fn the_beginning_of_one_wrap_does_not_fit_the_end_of_another() {
        let public = WrapPublic::of(&seed(1));
        let (one, two) = (wrap(&public, CONTEXT, b"one", &mut Os), wrap(&public, CONTEXT, b"two", &mut Os));
        let mixed = [&one[..kem::CIPHERTEXT_LEN], &two[kem::CIPHERTEXT_LEN..]].concat();
        assert_eq!(unwrap(&seed(1), CONTEXT, &mixed), Err(WrapError::NotForThisKey));
    }
}
