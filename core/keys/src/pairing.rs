//! The cryptography of pairing: how a new device and an old one, with eight words between them, agree on a key.
//!
//! Messages go in and come out as bytes; whatever moves them may read and change them at will. Both devices stretch
//! the words with Argon2id into a pre-shared key. The new device sends a one-time X-Wing key, the old one encapsulates
//! to it, and the agreed key comes from the pre-shared key *and* the shared secret *and* everything said so far,
//! with both endpoint ids. Each then proves that it has the key before the other shows anything.
//!
//! ```text
//! joiner → inviter  request   "subrosa pair" ‖ version 2 ‖ one-time X-Wing public key(1216) ‖ H(nonce)
//! inviter → joiner  answer    X-Wing ciphertext(1120) ‖ MAC(32)
//! joiner → inviter  proof     seal(nonce ‖ introduction) ‖ MAC(32)
//! inviter → joiner  welcome   seal(payload), once its person has said yes
//!
//! T1 = H(joiner's endpoint, inviter's endpoint, request, ciphertext)    T2 = H(T1, answer)    T3 = H(T2, proof)
//! K  = HKDF(PSK ‖ X-Wing shared secret, T1); the two MACs and the two seals each have a key of their own from K
//! words = MAC(T2, nonce): the first 22 bits, as two words that both screens show
//! ```
//!
//! Refused: another code, other endpoints, a replayed or changed message, a code past its time, used, or void since a
//! hundred proofs failed. Somebody who joins with a guess gets one MAC to test guesses against at leisure; 80 random bits, each guess
//! a run of Argon2id, are what that is worth, and recording the exchange for a quantum computer gives no more.

mod code;
mod exchange;
mod invitation;
mod letter;

pub use self::code::{Code, CodeError, Secrets};
pub use self::exchange::{CompareWords, Endpoints, Inviter, InviterAsking, Joiner, JoinerWaiting};
pub use self::invitation::{Invitation, LIFETIME_MS, TRIES};
pub use self::letter::{JoinAsked, JoinRequest, LETTER_MAX};

/// Why a pairing stopped. Neither practice was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PairingError {
    /// A proof does not fit: another code, or somebody between the two devices.
    #[error(
        "the two devices do not have the same code, or somebody is between them; nothing was handed over, compare the \
         words and try again"
    )]
    WrongCode,
    /// Bytes that are no message of this protocol.
    #[error("the other device sent something that is no part of pairing; nothing was handed over")]
    NotAMessage,
    /// A later version of the protocol.
    #[error("the other device runs a newer version of this program; update this one and try again")]
    Newer,
    /// A version of the protocol from before the first release.
    #[error(
        "the other device runs an early version of this program that is not understood any more; nothing was handed over, update it and try again"
    )]
    Older,
    /// The welcome was changed on its way.
    #[error(
        "what the other device handed over was changed on its way, and was not used; make a new code and try again"
    )]
    Damaged,
    /// The code's five minutes are over.
    #[error("this code was valid for five minutes and is no longer; make a new one")]
    Expired,
    /// A device has joined with this code already.
    #[error("a device has joined with this code already; make a new one for the next device")]
    Used,
    /// [`TRIES`] proofs failed. A device whose person mistyped the code sends none.
    #[error(
        "somebody on this network tried this code a hundred times without success, and it is void; make a new one, and see who \
         else is there"
    )]
    Burnt,
}

#[cfg(test)]
mod tests;
