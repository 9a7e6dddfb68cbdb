//! Which session of this process has asked for which body, so that two peers are never asked for the same one at once.
//!
//! Two peers that hold the same news share the work instead. A claim ends with the answer or with its session.

use std::collections::BTreeMap;

use crate::id::{ConnId, HeaderHash};

/// The bodies that are on their way, and over which connection.
#[derive(Debug, Default)]
pub struct Claims {
    on_their_way: BTreeMap<HeaderHash, ConnId>,
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

    /// Gives up every claim of a connection that ended.
    pub(crate) fn release_all(&mut self, conn: ConnId) {
        self.on_their_way.retain(|_, owner| *owner != conn);
    }
}
