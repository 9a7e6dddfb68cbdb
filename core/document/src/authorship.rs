//! Whether a device changed the words of another: what an honest signature may hide and a hostile one would.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{ActorId, Change};
use subrosa_base::id::DeviceId;

use super::{Actor, Document, Heads};

impl Document {
    /// Whether, outside a version that `own` has seen, a device other than that one deleted or replaced what another one
    /// wrote, or set a field beside it. What was imported is nobody's. What cannot be told is yes.
    pub fn was_rewritten_by_another(&self, own: DeviceId, seen: &Heads) -> bool {
        let beginning = self.automerge.get_changes(&[]).into_iter().filter(|change| self.is_computed(change));
        let nobody: HashSet<ActorId> = beginning.map(|change| change.actor_id().clone()).collect();
        let rewrites = |change: &Change| {
            let by = device_of(change.actor_id());
            by != Some(own) && replaced_by(change).iter().any(|of| !nobody.contains(of) && device_of(of) != by)
        };
        let changes = self.automerge.get_changes(&self.known_with_beginning(seen));
        let told = catch_unwind(AssertUnwindSafe(|| changes.iter().any(rewrites))).unwrap_or(true);
        told || (!changes.is_empty() && !self.rivals().is_empty())
    }
}

fn device_of(actor: &ActorId) -> Option<DeviceId> {
    Actor::from_automerge(actor).map(|actor| actor.device())
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
