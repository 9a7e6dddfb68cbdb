//! Pairing by two files, for devices that are never on together: a request and an answer, with eight words between them.
//!
//! ```text
//! joiner → inviter  request   "subrosa join request" ‖ version ‖ one-time X-Wing public key(1216) ‖ seal(introduction), under the code
//! inviter → joiner  answer    "subrosa join answer" ‖ version ‖ X-Wing ciphertext(1120) ‖ seal(payload), under code and shared secret
//! ```
//!
//! Who opens the request knows that its writer had the words, and so does who opens the answer, which is bound to that request.
//! Whoever holds the files can test guesses at the words, each of which costs a run of Argon2id against 80 random bits.

use std::fmt;

use subrosa_base::entropy::Entropy;
use subrosa_base::labels;
use zeroize::Zeroizing;

use super::PairingError;
use crate::kdf;
use crate::kem::{self, WrapPublic};
use crate::seal::{self, SealError};
use crate::secret::{Key, MessageRole, PairingRole, WrapRole};

const REQUEST: &[u8] = b"subrosa join request";
const ANSWER: &[u8] = b"subrosa join answer";
const VERSION: u8 = 2;
/// Bytes of a request and of an answer: an introduction is a name and a few public keys, a payload the practice's roster.
pub const LETTER_MAX: usize = 8 << 20;
const ONE_TIME: usize = 1_216;
const CIPHERTEXT: usize = 1_120;

/// A request to join, on the joining device: what opens the answer.
pub struct JoinRequest {
    /// Opens the answer; wiped when the request is dropped.
    pub one_time: Key<WrapRole>,
    /// What goes to the other device.
    pub bytes: Vec<u8>,
}

impl JoinRequest {
    /// Makes one.
    pub fn new(psk: &Key<PairingRole>, introduction: &[u8], entropy: &mut dyn Entropy) -> Self {
        let one_time = Key::random(entropy);
        let (head, key, context) = asking(psk, WrapPublic::of(&one_time).as_bytes());
        let sealed = seal::seal(&key, &context, introduction, entropy);
        Self { one_time, bytes: [head, sealed].concat() }
    }

    /// What the other device hands over.
    ///
    /// # Errors
    /// [`PairingError::WrongCode`] for other words, or an answer to another request; [`PairingError::NotAMessage`],
    /// [`PairingError::Older`], [`PairingError::Newer`], [`PairingError::Damaged`].
    pub fn welcome(&self, psk: &Key<PairingRole>, answer: &[u8]) -> Result<Zeroizing<Vec<u8>>, PairingError> {
        let rest = body(answer, ANSWER)?;
        let (ciphertext, sealed) = rest.split_at_checked(CIPHERTEXT).ok_or(PairingError::NotAMessage)?;
        let shared = kem::decapsulate(&self.one_time, ciphertext).ok_or(PairingError::NotAMessage)?;
        let (key, context) = agreed(psk, &shared, &self.bytes, ciphertext);
        seal::open(&key, &context, sealed).map_err(refused)
    }
}

/// A request to join, on the device that is asked.
pub struct JoinAsked {
    one_time: WrapPublic,
    introduction: Zeroizing<Vec<u8>>,
    request: Vec<u8>,
}

impl JoinAsked {
    /// Reads a request, which opens to nobody who does not have the words.
    ///
    /// # Errors
    /// As [`JoinRequest::welcome`].
    pub fn read(psk: &Key<PairingRole>, request: &[u8]) -> Result<Self, PairingError> {
        let (public, sealed) = body(request, REQUEST)?.split_at_checked(ONE_TIME).ok_or(PairingError::NotAMessage)?;
        let one_time = WrapPublic::from_slice(public).ok_or(PairingError::NotAMessage)?;
        let (_, key, context) = asking(psk, public);
        let introduction = seal::open(&key, &context, sealed).map_err(refused)?;
        Ok(Self { one_time, introduction, request: request.to_vec() })
    }

    /// What the joining device says of itself.
    pub fn introduction(&self) -> &[u8] {
        &self.introduction
    }

    /// After a yes: the answer, with the payload sealed in it.
    pub fn answer(&self, psk: &Key<PairingRole>, payload: &[u8], entropy: &mut dyn Entropy) -> Vec<u8> {
        let (ciphertext, shared) = kem::encapsulate(&self.one_time, entropy);
        let (key, context) = agreed(psk, &shared, &self.request, &ciphertext);
        let sealed = seal::seal(&key, &context, payload, entropy);
        [ANSWER, &[VERSION], &ciphertext, &sealed].concat()
    }
}

impl fmt::Debug for JoinRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinRequest")
    }
}

impl fmt::Debug for JoinAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinAsked")
    }
}

/// What stands before the sealed part of a request, its key, and what it is bound to.
fn asking(psk: &Key<PairingRole>, public: &[u8]) -> (Vec<u8>, Key<MessageRole>, Vec<u8>) {
    let head = [REQUEST, &[VERSION], public].concat();
    let context = context(labels::PAIRING_REQUEST, &head);
    (head, kdf::derive(psk, labels::PAIRING_REQUEST, &[]), context)
}

/// The key of an answer, and what it is bound to.
fn agreed(
    psk: &Key<PairingRole>,
    shared: &Key<MessageRole>,
    request: &[u8],
    ciphertext: &[u8],
) -> (Key<MessageRole>, Vec<u8>) {
    let said = [kdf::sha256(request).0, kdf::sha256(ciphertext).0].concat();
    (kdf::derive_joint(psk, shared, labels::PAIRING_ANSWER, &said), context(labels::PAIRING_ANSWER, &said))
}

fn context(label: &[u8], said: &[u8]) -> Vec<u8> {
    [label, &kdf::sha256(said).0].concat()
}

/// What stands after the magic and the version.
fn body<'a>(bytes: &'a [u8], magic: &[u8]) -> Result<&'a [u8], PairingError> {
    match bytes.strip_prefix(magic).and_then(<[u8]>::split_first) {
        _ if bytes.len() > LETTER_MAX => Err(PairingError::NotAMessage),
        Some((&VERSION, rest)) => Ok(rest),
        Some((version, _)) if *version < VERSION => Err(PairingError::Older),
        Some(_) => Err(PairingError::Newer),
        None => Err(PairingError::NotAMessage),
    }
}

fn refused(error: SealError) -> PairingError {
    match error {
        SealError::WrongKey => PairingError::WrongCode,
        SealError::Damaged => PairingError::Damaged,
        SealError::TooShort => PairingError::NotAMessage,
    }
}

#[cfg(test)]
mod tests {
    use subrosa_base::entropy::Os;

    use super::*;

    fn psk(n: u8) -> Key<PairingRole> {
        Key::take(&mut [n; 32])
    }

    #[test]
    fn who_has_the_words_reads_the_request_and_the_answer_and_nobody_else_does() {
        let request = JoinRequest::new(&psk(1), b"a laptop", &mut Os);
        let asked = JoinAsked::read(&psk(1), &request.bytes).unwrap();
        assert_eq!(asked.introduction(), b"a laptop");
        let answer = asked.answer(&psk(1), b"the practice", &mut Os);
        assert_eq!(request.welcome(&psk(1), &answer).as_deref().map(Vec::as_slice), Ok(b"the practice".as_slice()));
        assert_eq!(JoinAsked::read(&psk(2), &request.bytes).err(), Some(PairingError::WrongCode));
        assert_eq!(request.welcome(&psk(2), &answer).err(), Some(PairingError::WrongCode));
    }

    #[test]
    fn an_answer_to_another_request_opens_to_nobody() {
        let (one, other) = (JoinRequest::new(&psk(1), b"one", &mut Os), JoinRequest::new(&psk(1), b"other", &mut Os));
        let answer = JoinAsked::read(&psk(1), &one.bytes).unwrap().answer(&psk(1), b"the practice", &mut Os);
        assert_eq!(other.welcome(&psk(1), &answer).err(), Some(PairingError::WrongCode));
    }

    #[test]
    fn a_request_and_an_answer_are_looked_at_up_to_so_many_bytes() {
        let request = JoinRequest::new(&psk(1), b"a laptop", &mut Os);
        let asked = JoinAsked::read(&psk(1), &request.bytes).unwrap();
        let head = ANSWER.len() + 1 + CIPHERTEXT;
        let fits = (0..LETTER_MAX).rev().find(|len| head + seal::sealed_len(*len) <= LETTER_MAX).unwrap();
        for (len, is_read) in [(fits, true), (fits + 1, false)] {
            let answer = asked.answer(&psk(1), &vec![7; len], &mut Os);
            assert_eq!(request.welcome(&psk(1), &answer).is_ok(), is_read, "{} bytes", answer.len());
        }
        let head = REQUEST.len() + 1 + ONE_TIME;
        let fits = (0..LETTER_MAX).rev().find(|len| head + seal::sealed_len(*len) <= LETTER_MAX).unwrap();
        for (len, is_read) in [(fits, true), (fits + 1, false)] {
            let request = JoinRequest::new(&psk(1), &vec![7; len], &mut Os);
            assert_eq!(JoinAsked::read(&psk(1), &request.bytes).is_ok(), is_read, "{} bytes", request.bytes.len());
        }
    }

    #[test]
    fn no_byte_of_either_file_can_be_changed_and_no_other_file_is_taken_for_one() {
        let request = JoinRequest::new(&psk(1), b"a laptop", &mut Os);
        let answer = JoinAsked::read(&psk(1), &request.bytes).unwrap().answer(&psk(1), b"the practice", &mut Os);
        for at in (0..request.bytes.len()).step_by(31) {
            let mut changed = request.bytes.clone();
            changed[at] ^= 1;
            assert!(JoinAsked::read(&psk(1), &changed).is_err(), "{at}");
        }
        for at in (0..answer.len()).step_by(31) {
            let mut changed = answer.clone();
            changed[at] ^= 1;
            assert!(request.welcome(&psk(1), &changed).is_err(), "{at}");
        }
        assert_eq!(JoinAsked::read(&psk(1), &answer).err(), Some(PairingError::NotAMessage));
        let version = |n: u8| [REQUEST, &[n], &request.bytes[REQUEST.len() + 1..]].concat();
        assert_eq!(JoinAsked::read(&psk(1), &version(1)).err(), Some(PairingError::Older));
        assert_eq!(JoinAsked::read(&psk(1), &version(3)).err(), Some(PairingError::Newer));
        assert_eq!(JoinAsked::read(&psk(1), &vec![0; LETTER_MAX + 1]).err(), Some(PairingError::NotAMessage));
    }
}
