//! How long what was deleted is in the trash (format §3, *trash*): by this device's clock, and not by one unlocking of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::DocId;
use crate::rows::RowError;
use crate::vault::core::Transaction;
use crate::vault::items::deletion::{KEPT_FOR, TrashedDocument, is_credible, kept_from};
use crate::vault::project::deletions_seen;
use crate::vault::registry::DeletionsSeenAt;
use crate::vault::subject::{Trash, TrashMut};
use crate::vault::{DAY, Millis};

/// When deletions were first seen here, and since when what they are of is found out of the trash; zeros as in their row.
pub(super) type Seen = BTreeMap<DocId, (Millis, Millis)>;

impl Trash<'_> {
    /// When deletions were first seen here. Where that cannot be read, it is now.
    pub(super) fn seen(&self) -> Seen {
        deletions_seen(&self.core.read()).unwrap_or_default()
    }

    /// When a document was deleted as far as that can be, and from when its days in the trash count.
    pub(super) fn times(&self, id: &DocId, trashed: &TrashedDocument, seen: &Seen, now: Millis) -> (Millis, Millis) {
        let first = match seen.get(id) {
            Some((first, _)) if *first > 0 => *first,
            // Since the last unlocking, whatever the clock said then.
            Some(_) => now,
            None if self.core.memory.trash.contains_key(id) => now,
            // Of a private note that was seen long ago nothing more is kept.
            None => 0,
        };
        let at = if is_credible(trashed.at, now) { trashed.at } else { first };
        (at, kept_from(trashed.at, first, now))
    }
}

impl TrashMut<'_> {
    /// Notes what is seen in the trash for the first time, and gives what has left it: what an unlocking of another day, a day
    /// ago or more, found out of it already. So one look with a clock that is ahead ends nothing.
    pub(crate) fn note_first_seen(&mut self, now: Millis) -> Result<BTreeSet<DocId>, RowError> {
        let before: Seen = deletions_seen(&self.core.read())?;
        let mut seen = before.clone();
        let trash = &self.core.memory.trash;
        for id in trash.keys() {
            seen.entry(*id).or_default();
        }
        let mut left = BTreeSet::new();
        for (id, (first, since)) in &mut seen {
            if *first == 0 {
                *first = now.max(1);
            }
            let at = trash.get(id).map_or(0, |trashed| trashed.at);
            if kept_from(at, *first, now).saturating_add(KEPT_FOR) > now {
                *since = 0;
                continue;
            }
            if *since == 0 || *since > now {
                *since = now;
            }
            if since.saturating_add(DAY) <= now {
                left.insert(*id);
            }
        }
        seen.retain(|id, (_, since)| *since == 0 || trash.contains_key(id));
        if seen != before {
            let mut tx = Transaction::default();
            tx.put(&DeletionsSeenAt(), &seen.into_iter().collect());
            self.core.write(tx)?;
        }
        Ok(left)
    }
}
