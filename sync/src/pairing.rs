//! The steps by which a new device joins: request → answer → proof → *the person says yes* → welcome → done.
//!
//! Steps only. The messages are opaque; whoever implements [`InviterCrypto`] and [`JoinerCrypto`] knows the code, counts
//! the tries and the minutes, and decides. Both machines outlive a connection: when it breaks, the same request gets the
//! same answer, the same proof the same welcome, so a lost message costs a reconnection and never a second truth. Once a
//! proof was accepted the code belongs to that request, and any other is told that the code is used.

mod inviter;
mod joiner;

pub use inviter::{Introduced, Inviter, InviterCrypto, InviterEffects};
pub use joiner::{Joiner, JoinerCrypto, JoinerEffects};

use crate::wire::{Deframer, WireError};

/// Kind bytes of pairing's own frames, which have the form of [`crate::wire`].
mod kind {
    pub(super) const REQUEST: u8 = 1;
    pub(super) const ANSWER: u8 = 2;
    pub(super) const PROOF: u8 = 3;
    pub(super) const WELCOME: u8 = 4;
    pub(super) const DONE: u8 = 5;
    pub(super) const REFUSED: u8 = 6;
}

/// Bytes in a message that comes before anything is proven.
pub const STEP_LIMIT: usize = 16 << 10;
/// Bytes in a welcome.
pub const WELCOME_LIMIT: usize = 4 << 20;

/// Why pairing did not happen. In each case nothing was handed over, unless the sentence says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The codes differ.
    #[error("the two devices do not have the same code; nothing was handed over, compare the words and try again")]
    WrongCode,
    /// The code's time is over.
    #[error("this code is no longer valid; show a new one on the other device")]
    Expired,
    /// The code has served another device, or another attempt that went through.
    #[error("this code has been used; show a new one for the next device")]
    UsedUp,
    /// Too many proofs failed.
    #[error("this code was tried too often without success and is void; show a new one")]
    Burnt,
    /// The person at the inviting device said no.
    #[error("the person at the other device refused; nothing was handed over")]
    ByPerson,
    /// A message was not what it should be.
    #[error("the other device sent something that is no part of pairing; nothing was handed over")]
    NotAMessage,
    /// This device could not do its part (locked, disk, no invitation open).
    #[error("the device that invites cannot pair just now; nothing was handed over")]
    Unable,
}

impl Refused {
    fn code(self) -> u8 {
        match self {
            Self::WrongCode => 1,
            Self::Expired => 2,
            Self::UsedUp => 3,
            Self::Burnt => 4,
            Self::ByPerson => 5,
            Self::NotAMessage => 6,
            Self::Unable => 7,
        }
    }

    fn from_code(code: u8) -> Self {
        let all = [Self::WrongCode, Self::Expired, Self::UsedUp, Self::Burnt, Self::ByPerson, Self::NotAMessage];
        all.into_iter().find(|refused| refused.code() == code).unwrap_or(Self::Unable)
    }

    /// Whether no later attempt can succeed with the same code.
    pub fn ends_the_invitation(self) -> bool {
        matches!(self, Self::Expired | Self::Burnt | Self::ByPerson)
    }
}

/// How pairing ended, when not well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PairingError {
    /// One of the two sides refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A frame broke a limit.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The connection broke. The same code goes on where it stopped, as long as it is valid.
    #[error("the connection broke while pairing; connect again with the same code, it goes on from there")]
    Lost,
}

fn deframer() -> Deframer {
    Deframer::new(|kind| match kind {
        kind::REQUEST..=kind::PROOF => Some(STEP_LIMIT),
        kind::WELCOME => Some(WELCOME_LIMIT),
        kind::DONE => Some(0),
        kind::REFUSED => Some(1),
        // Nothing else has a meaning before the two know each other.
        _ => Some(0),
    })
}

fn frame(kind: u8, payload: &[u8]) -> Result<Vec<u8>, Refused> {
    let limit = if kind == kind::WELCOME { WELCOME_LIMIT } else { STEP_LIMIT };
    let length = u32::try_from(payload.len() + 1).ok().filter(|_| payload.len() <= limit).ok_or(Refused::Unable)?;
    Ok([&length.to_le_bytes()[..], &[kind], payload].concat())
}

#[cfg(test)]
mod tests;
