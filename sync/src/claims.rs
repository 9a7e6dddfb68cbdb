//! Which session of this process has asked for which body or piece, so that two peers are not asked for the same one at once.
//!
//! Two peers that hold the same news share the work instead. A claim ends with the answer, with its session, or when it is
//! old: then another peer may be asked too, and the first answer counts. So nobody keeps back what others would give.

use std::collections::BTreeMap;

use crate::id::{ConnId, HeaderHash, PieceHash};

/// How long nobody else is asked for what one peer was asked for, in milliseconds.
pub(crate) const CLAIM_MS: u64 = 10_000;

/// The bodies and pieces that are on their way, and over which connection.
#[derive(Debug, Default)]
pub struct Claims {
    pub(crate) bodies: Claimed<HeaderHash>,
    pub(crate) pieces: Claimed<PieceHash>,
}

impl Claims {
    /// Gives up every claim of a connection that ended.
    pub(crate) fn release_all(&mut self, conn: ConnId) {
        self.bodies.0.retain(|_, claim| claim.conn != conn);
        self.pieces.0.retain(|_, claim| claim.conn != conn);
    }
}

/// Claims to things of one sort. A connection has as many as it may have wants outstanding.
#[derive(Debug)]
pub(crate) struct Claimed<K>(BTreeMap<K, Claim>);

#[derive(Debug)]
struct Claim {
    conn: ConnId,
    until: u64,
}

impl<K> Default for Claimed<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Copy> Claimed<K> {
    /// Claims something; or says until when another connection has it, in the milliseconds of `now`.
    pub(crate) fn claim(&mut self, key: K, conn: ConnId, now: u64) -> Result<(), u64> {
        match self.elsewhere(&key, conn, now) {
            Some(until) => Err(until),
            None => {
                self.0.insert(key, Claim { conn, until: now.saturating_add(CLAIM_MS) });
                Ok(())
            }
        }
    }

    /// Until when another connection has it, if one has.
    pub(crate) fn elsewhere(&self, key: &K, conn: ConnId, now: u64) -> Option<u64> {
        self.0.get(key).filter(|claim| claim.conn != conn && now < claim.until).map(|claim| claim.until)
    }

    /// Gives up one claim.
    pub(crate) fn release(&mut self, key: &K, conn: ConnId) {
        if self.0.get(key).is_some_and(|claim| claim.conn == conn) {
            self.0.remove(key);
        }
    }
}
