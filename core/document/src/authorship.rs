//! Whether a device changed the words of another: what an honest signature may hide and a hostile one would.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{ActorId, Change};
use subrosa_base::id::DeviceId;

use super::{Actor, Document};

impl Document {
    /// Whether a device other than `own` deleted or replaced what another one wrote. What was imported is nobody's. What
    /// cannot be told is yes.
    pub fn was_rewritten_by_another(&self, own: DeviceId) -> bool {
        let changes = self.automerge.get_changes(&self.computed);
        let mut writers: HashMap<ActorId, DeviceId> = HashMap::new();
        for change in &changes {
            let Some(actor) = Actor::from_automerge(change.actor_id()) else { return true };
            writers.insert(change.actor_id().clone(), actor.device());
        }
        let rewrites = |change: &Change| {
            let by = writers.get(change.actor_id()).filter(|by| **by != own);
            by.is_some_and(|by| replaced_by(change).iter().any(|of| writers.get(of).is_some_and(|of| of != by)))
        };
        catch_unwind(AssertUnwindSafe(|| changes.iter().any(rewrites))).unwrap_or(true)
    }
}

/// The actors whose operations a change replaces or deletes.
fn replaced_by(change: &Change) -> Vec<ActorId> {
    // Of a change that names no other actor every replaced operation is its own.
    if change.other_actor_ids().is_empty() {
        return Vec::new();
    }
    let operations = change.decode().operations;
    operations.iter().flat_map(|operation| operation.pred.iter().map(|replaced| replaced.actor().clone())).collect()
}
