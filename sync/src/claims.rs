//! Which session of this process has asked for which body or piece, so that two peers are never asked for the same one at once.
//!
//! Two peers that hold the same news share the work instead. A claim ends with the answer or with its session.

use std::collections::BTreeMap;

use crate::id::{ConnId, HeaderHash, PieceHash};

/// The bodies and pieces that are on their way, and over which connection.
#[derive(Debug, Default)]
pub struct Claims {
    on_their_way: BTreeMap<HeaderHash, ConnId>,
    pieces: BTreeMap<PieceHash, ConnId>,
}

impl Claims {
    /// Claims a body; false when another connection has it.
    pub(crate) fn claim(&mut self, header: HeaderHash, conn: ConnId) -> bool {
        *self.on_their_way.entry(header).or_insert(conn) == conn
    }

    /// Gives up one claim.
    pub(crate) fn release(&mut self, header: &HeaderHash, conn: ConnId) {
        if self.on_their_way.get(header) == Some(&conn) {
            self.on_their_way.remove(header);
        }
    }

    /// Claims a piece of a file.
    pub(crate) fn claim_piece(&mut self, hash: PieceHash, conn: ConnId) {
        self.pieces.entry(hash).or_insert(conn);
    }

    /// Whether another connection has asked for this piece.
    pub(crate) fn is_elsewhere(&self, hash: &PieceHash, conn: ConnId) -> bool {
        self.pieces.get(hash).is_some_and(|owner| *owner != conn)
    }

    /// Gives up the claim to a piece.
    pub(crate) fn release_piece(&mut self, hash: &PieceHash, conn: ConnId) {
        if self.pieces.get(hash) == Some(&conn) {
            self.pieces.remove(hash);
        }
    }

    /// Gives up every claim of a connection that ended.
    pub(crate) fn release_all(&mut self, conn: ConnId) {
        self.on_their_way.retain(|_, owner| *owner != conn);
        self.pieces.retain(|_, owner| *owner != conn);
    }
}
