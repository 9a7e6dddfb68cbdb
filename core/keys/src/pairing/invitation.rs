//! An invitation: the only door through which an old device answers a new one.
//!
//! It is good for one device, for five minutes and for three tries. A try counts when it is answered, not when it
//! fails: whoever has only a guess never sends a proof, and would otherwise try for ever.

use subrosa_base::entropy::Entropy;
use subrosa_base::time::{MINUTE, Millis};

use super::PairingError;
use super::exchange::{Endpoints, Inviter, InviterAsking};
use crate::secret::{Key, PairingRole};

/// How long a code is valid, in milliseconds.
pub const LIFETIME_MS: Millis = 5 * MINUTE;
/// How many joining devices are answered.
pub const TRIES: u8 = 3;

/// An invitation that somebody was shown the code of. Times are milliseconds of a clock that does not go back.
#[derive(Debug)]
pub struct Invitation {
    psk: Key<PairingRole>,
    made_at_ms: u64,
    answered: u8,
    used: bool,
}

impl Invitation {
    /// An invitation whose five minutes begin now.
    pub fn new(psk: Key<PairingRole>, now_ms: u64) -> Self {
        Self { psk, made_at_ms: now_ms, answered: 0, used: false }
    }

    /// Whether the invitation still stands, and otherwise why not.
    ///
    /// # Errors
    /// [`PairingError::Used`], [`PairingError::Expired`] or [`PairingError::Burnt`].
    pub fn check(&self, now_ms: u64) -> Result<(), PairingError> {
        self.fresh(now_ms)?;
        if self.answered >= TRIES { Err(PairingError::Burnt) } else { Ok(()) }
    }

    /// Answers a joining device, and counts the try.
    ///
    /// # Errors
    /// As [`Self::check`], and [`PairingError::NotAMessage`] or [`PairingError::Newer`], which count no try.
    pub fn answer(
        &mut self,
        endpoints: Endpoints,
        request: &[u8],
        now_ms: u64,
        entropy: &mut dyn Entropy,
    ) -> Result<(Inviter, Vec<u8>), PairingError> {
        self.check(now_ms)?;
        let answered = Inviter::answer(&self.psk, endpoints, request, entropy)?;
        self.answered = self.answered.saturating_add(1);
        Ok(answered)
    }

    /// Checks the joining device's proof; with a good one the invitation is used, whatever the person then answers.
    ///
    /// # Errors
    /// [`PairingError::WrongCode`], [`PairingError::NotAMessage`], or [`PairingError::Burnt`] in their place when it
    /// was the last try; [`PairingError::Used`] and [`PairingError::Expired`].
    pub fn introduced(&mut self, inviter: Inviter, proof: &[u8], now_ms: u64) -> Result<InviterAsking, PairingError> {
        self.fresh(now_ms)?;
        match inviter.introduction(proof) {
            Ok(asking) => {
                self.used = true;
                Ok(asking)
            }
            Err(_) if self.answered >= TRIES => Err(PairingError::Burnt),
            Err(error) => Err(error),
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
