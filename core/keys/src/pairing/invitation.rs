//! An invitation: the only door through which an old device answers a new one.
//!
//! It is good for one device, for five minutes and until a hundred proofs have failed. Asking counts for nothing: an answer tells
//! whoever has only a guess no more than whether it was right, at the price of one stretching of one out of 80 random bits,
//! and anybody on the network could void a code by asking.

use subrosa_base::entropy::Entropy;
use subrosa_base::time::{MINUTE, Millis};

use super::PairingError;
use super::exchange::{Endpoints, Inviter, InviterAsking};
use crate::secret::{Key, PairingRole};

/// How long a code is valid, in milliseconds.
pub const LIFETIME_MS: Millis = 5 * MINUTE;
/// How many proofs fail before the code is void: more than a few strangers send within its time, and of no use against 80 bits.
pub const TRIES: u8 = 100;

/// An invitation that somebody was shown the code of. Times are milliseconds of a clock that does not go back.
#[derive(Debug)]
pub struct Invitation {
    psk: Key<PairingRole>,
    made_at_ms: u64,
    failed: u8,
    used: bool,
}

impl Invitation {
    /// An invitation whose five minutes begin now.
    pub fn new(psk: Key<PairingRole>, now_ms: u64) -> Self {
        Self { psk, made_at_ms: now_ms, failed: 0, used: false }
    }

    /// Whether the invitation still stands, and otherwise why not.
    ///
    /// # Errors
    /// [`PairingError::Used`], [`PairingError::Expired`] or [`PairingError::Burnt`].
    pub fn check(&self, now_ms: u64) -> Result<(), PairingError> {
        self.fresh(now_ms)?;
        if self.failed >= TRIES { Err(PairingError::Burnt) } else { Ok(()) }
    }

    /// Answers a joining device.
    ///
    /// # Errors
    /// As [`Self::check`], and [`PairingError::NotAMessage`], [`PairingError::Older`] or [`PairingError::Newer`].
    pub fn answer(
        &self,
        endpoints: Endpoints,
        request: &[u8],
        now_ms: u64,
        entropy: &mut dyn Entropy,
    ) -> Result<(Inviter, Vec<u8>), PairingError> {
        self.check(now_ms)?;
        Inviter::answer(&self.psk, endpoints, request, entropy)
    }

    /// Checks the joining device's proof, and counts one that fails; with a good one the invitation is used, whatever the
    /// person then answers.
    ///
    /// # Errors
    /// [`PairingError::WrongCode`], [`PairingError::NotAMessage`], or [`PairingError::Burnt`] in their place when it
    /// was the last try; [`PairingError::Used`] and [`PairingError::Expired`].
    pub fn introduced(&mut self, inviter: Inviter, proof: &[u8], now_ms: u64) -> Result<InviterAsking, PairingError> {
        self.check(now_ms)?;
        match inviter.introduction(proof) {
            Ok(asking) => {
                self.used = true;
                Ok(asking)
            }
            Err(error) => {
                self.failed = self.failed.saturating_add(1);
                if self.failed >= TRIES { Err(PairingError::Burnt) } else { Err(error) }
            }
        }
    }

    fn fresh(&self, now_ms: u64) -> Result<(), PairingError> {
        if self.used {
            return Err(PairingError::Used);
        }
        // A clock that went back says nothing about how much time passed: the invitation ends.
        match now_ms.checked_sub(self.made_at_ms) {
            Some(age) if age < LIFETIME_MS => Ok(()),
            _ => Err(PairingError::Expired),
        }
    }
}
