//! Whether a run of headers goes on with a log as far as it is known, and whether its device stands behind it.
//!
//! Refused, each with its own error: headers of another log, a run that begins too early or too late, a link that does
//! not hold, a fork, a run that no signature ends or that is longer than a log, and any signature that does not verify, in
//! the middle too: a stored header may later be the end of a run that is served to others.

use subrosa_base::id::{Hash, LogId};

use super::header::{Header, SignedHeader};
use crate::sign::PublicKey;

/// Envelopes in a log: a writer begins a new one after this many, and no reader follows a longer one.
pub const LOG_LEN: u64 = 4_096;

/// How far a log, or one branch of it, is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The number of the next envelope.
    pub next_seq: u64,
    /// Hash of the last header; zeros before the first.
    pub head: Hash,
}

impl Position {
    /// Before the first envelope.
    pub const START: Self = Self { next_seq: 0, head: Hash([0; Hash::LEN]) };

    /// After this envelope.
    pub fn after(header: &Header) -> Self {
        Self { next_seq: header.seq.saturating_add(1), head: header.hash() }
    }

    /// Whether the writer must begin a new log.
    pub fn is_full(&self) -> bool {
        self.next_seq >= LOG_LEN
    }
}

/// Why a run of headers was refused. None of it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// There is no header in the run.
    #[error("no changes were sent where some were announced")]
    Empty,
    /// A header belongs to another log.
    #[error("changes of two histories were mixed, and were not used; ask for them again")]
    OtherLog,
    /// The run begins after the known end, or leaves one out: ask again from this number.
    #[error("changes before these are missing; ask for them first")]
    Gap {
        /// The number that must come.
        expected: u64,
    },
    /// The run begins before the known end: look up the header that it goes on from, and try from there.
    #[error("these changes go on from an earlier one; look that one up first")]
    Behind {
        /// The number with which the run begins.
        begins: u64,
    },
    /// The run goes on from another header of this number than the one that is known: the log has two branches.
    #[error("this device's history has two branches, perhaps from a copied practice; both are kept")]
    Fork {
        /// The number of which there are two headers.
        seq: u64,
    },
    /// A header of the run does not name the one before it.
    #[error("the changes do not follow from each other, and were not used; ask for them again")]
    Broken {
        /// The number of the header that does not fit.
        seq: u64,
    },
    /// The last header of the run has no signature, so nothing stands behind it.
    #[error("the changes end before their device's signature, and were not used; ask for them again")]
    Unsigned,
    /// The run goes beyond [`LOG_LEN`].
    #[error("a device's history is longer than one may be, and what goes beyond was not used")]
    TooLong,
    /// A signature is not the device's.
    #[error("a signature is not the device's: the changes were altered or forged, and were not used")]
    BadSignature {
        /// The number of the header that carries it.
        seq: u64,
    },
}

/// A run that goes on with its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The hash of each header of the run, in order: the envelopes' names.
    pub hashes: Vec<Hash>,
    /// Where the log ends now.
    pub position: Position,
}

/// Follows a run of headers from where `log` is known to end, and verifies that `device` signed it.
///
/// # Errors
/// See [`ChainError`]; the run is accepted whole or not at all.
pub fn follow(log: LogId, known: Position, run: &[SignedHeader], device: &PublicKey) -> Result<Accepted, ChainError> {
    let (first, last) = (run.first().ok_or(ChainError::Empty)?, run.last().ok_or(ChainError::Empty)?);
    if run.iter().any(|signed| signed.header.log != log) {
        return Err(ChainError::OtherLog);
    }
    joins(known, &first.header)?;
    if last.header.seq >= LOG_LEN {
        return Err(ChainError::TooLong);
    }
    if last.signature.is_none() {
        return Err(ChainError::Unsigned);
    }
    let accepted = links(known, run)?;
    // The links first: they cost a hash each, a signature costs fifty.
    for signed in run.iter().filter(|signed| signed.signature.is_some()) {
        signed.verify(device).map_err(|_| ChainError::BadSignature { seq: signed.header.seq })?;
    }
    Ok(accepted)
}

/// Whether the run's first header goes on from the known end.
fn joins(known: Position, first: &Header) -> Result<(), ChainError> {
    if first.seq > known.next_seq {
        return Err(ChainError::Gap { expected: known.next_seq });
    }
    if first.seq < known.next_seq {
        return Err(ChainError::Behind { begins: first.seq });
    }
    match known.next_seq.checked_sub(1) {
        Some(seq) if first.prev != known.head => Err(ChainError::Fork { seq }),
        _ => Ok(()),
    }
}

/// Whether each header names the one before it.
fn links(known: Position, run: &[SignedHeader]) -> Result<Accepted, ChainError> {
    let mut accepted = Accepted { hashes: Vec::with_capacity(run.len()), position: known };
    for SignedHeader { header, .. } in run {
        let expected = accepted.position.next_seq;
        if header.seq > expected {
            return Err(ChainError::Gap { expected });
        }
        if header.seq < expected || header.prev != accepted.position.head {
            return Err(ChainError::Broken { seq: header.seq });
        }
        accepted.position = Position::after(header);
        accepted.hashes.push(accepted.position.head);
    }
    Ok(accepted)
}

#[cfg(test)]
mod tests;
