//! Timelines and lists, made again from the documents that the index names.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{ClientId, DocId};
use crate::rows::Row;
use crate::rows::RowError;
use crate::store::Table;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{Core, Transaction};
use crate::vault::items::place::Entry;
use crate::vault::registry::{ClientBucketAt, MergesAt, TimelineAt, TrashAt};
use crate::vault::subject::IntegrityMut;

impl IntegrityMut<'_> {
    /// Makes timelines and lists again whose rows do not open, or are gone. Gives how many documents that took.
    ///
    /// # Errors
    /// [`RowError::Damaged`] when more than these is damaged: that takes [`Self::repair`].
    pub fn rebuild_lists(&mut self) -> Result<u64, RowError> {
        let rows = &self.core.rows;
        if !rows.is_readable(Table::Index)? || !rows.is_readable(Table::Catalog)? {
            return Err(RowError::Damaged);
        }
        for name in [TrashAt().name(), MergesAt().name()] {
            rows.read(Table::Catalog, &name)?;
        }
        self.drop_lists()?;
        self.rebuild_missing_lists()
    }

    /// Takes the rows of lists away that do not open.
    pub(super) fn drop_lists(&mut self) -> Result<(), RowError> {
        // What an open draft says in its timeline must be said again, though it is what it said before.
        self.core.caches.drafts.get_mut().values_mut().for_each(|draft| draft.row = None);
        self.core.rows.drop_unopened(Table::Catalog)
    }

    /// Makes the rows of lists again that are not there. Gives how many documents that took.
    pub(super) fn rebuild_missing_lists(&mut self) -> Result<u64, RowError> {
        let mut of_client: BTreeMap<ClientId, Vec<DocId>> = BTreeMap::new();
        for (id, entry) in indexed_documents(self.core)? {
            if !entry.is_private() {
                of_client.entry(entry.client).or_default().push(id);
            }
        }
        let mut tx = Transaction::default();
        for (client, documents) in of_client {
            let whole = matches!(self.core.read().get(&TimelineAt(client)), Ok(Some(_)));
            if whole && self.core.memory.clients.contains_key(&client) {
                continue;
            }
            // One who was deleted has a timeline, and no row in the list.
            tx.todo.clients.insert(client);
            if !whole {
                tx.timelines.insert(client, Default::default());
                tx.todo.documents.extend(documents);
            }
        }
        let counted = u64::try_from(tx.todo.documents.len()).unwrap_or(u64::MAX);
        tx.todo.clients.extend(clients_not_listed(self.core)?);
        commit(self.core, tx, Outbox::everyday())?;
        self.core.accept_rows(Transaction::default())?;
        Ok(counted)
    }
}

/// Clients whom the rows of the list do not name any more.
fn clients_not_listed(core: &Core) -> Result<Vec<ClientId>, RowError> {
    let mut listed = BTreeSet::new();
    for number in 0..=u8::MAX {
        let bucket = core.read().get(&ClientBucketAt(number))?;
        listed.extend(bucket.into_iter().flat_map(|bucket| bucket.0).map(|row| row.id));
    }
    Ok(core.memory.clients.keys().filter(|id| !listed.contains(id)).copied().collect())
}

/// Every document of the index of which something can be read, in the order in which they lie, so that a body that holds
/// hundreds of them is opened once.
fn indexed_documents(core: &Core) -> Result<Vec<(DocId, Entry)>, RowError> {
    let (reader, mut entries) = (core.read(), Vec::new());
    reader.each_entry(&mut |id, entry| entries.push((id, entry)))?;
    entries.sort_by_key(|(_, entry)| entry.places.first().map(|(place, _)| *place));
    entries.retain(|(_, entry)| entry.places.iter().any(|(place, _)| reader.item(place).is_ok()));
    Ok(entries)
}
