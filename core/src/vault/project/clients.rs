//! The list of clients: rows in the catalog, many to a bucket, so that a change writes one bucket and unlocking reads them all;
//! and which records are one person's.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalogued, ClientRow};
use crate::id::{ClientId, DocId};
use crate::log::{DocType, Kind};
use crate::rows::RowError;
use crate::vault::core::{ChangedClients, Core, Transaction};
use crate::vault::items::place::Entry;
use crate::vault::project::{Arrived, Projection, list_trashed};
use crate::vault::read::{listed, merged_rows};
use crate::vault::registry::{ClientBucketAt, MergesAt, TimelineAt};

/// Lists clients with what is counted of each, and makes records one.
pub(super) struct ClientProjection;

impl Projection for ClientProjection {
    /// Takes in a merge item; its document is the client that goes into the other.
    fn take(&self, core: &Core, tx: &mut Transaction, arrived: &Arrived<'_>) -> Result<(), RowError> {
        let (Kind::Merged, Some(payload)) = (arrived.item.kind, arrived.payload) else { return Ok(()) };
        let merges = tx.next.merges.get_or_insert_with(|| core.memory.merges.clone());
        merges.add(payload).map_err(|_| RowError::Damaged)
    }

    fn refresh(&self, core: &Core, tx: &mut Transaction, id: DocId, entry: &Entry) -> Result<(), RowError> {
        match entry.kind() {
            DocType::Client => refresh_identity(core, tx, id, entry),
            DocType::Measures => refresh_measures(core, tx, id, entry),
            _ => Ok(()),
        }
    }

    fn list(&self, core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
        let mut changed = Vec::new();
        for id in std::mem::take(&mut tx.todo.clients) {
            match client_row(core, tx, id) {
                // Who that is lies in a body that is not here: the row stays as it was until it comes, and holds nothing else up.
                Err(RowError::Damaged) => {}
                row => changed.push((id, row?)),
            }
        }
        for (client, timeline) in std::mem::take(&mut tx.timelines) {
            match timeline.is_empty() {
                true => tx.remove(&TimelineAt(client)),
                false => tx.put(&TimelineAt(client), &Catalogued(timeline)),
            }
        }
        write_buckets(core, tx, &changed);
        show_merged(core, tx, &changed);
        tx.next.clients = changed;
        Ok(())
    }
}

fn refresh_identity(core: &Core, tx: &mut Transaction, id: DocId, entry: &Entry) -> Result<(), RowError> {
    let described = core.at(tx).documents().identity_of(&id, entry)?;
    let refused = described.as_ref().map(|described| described.refused.clone()).unwrap_or_default();
    tx.todo.aside.extend(refused);
    tx.todo.identities.insert(id, described);
    tx.todo.clients.insert(id);
    Ok(())
}

fn refresh_measures(core: &Core, tx: &mut Transaction, id: DocId, entry: &Entry) -> Result<(), RowError> {
    let deleted = core.at(tx).documents().material(&id, entry)?.is_deleted(None);
    list_trashed(core, tx, id, entry, deleted.then(Default::default))?;
    let timeline = tx.timeline(core, entry.client)?;
    timeline.measures.retain(|other| *other != id);
    if !deleted {
        timeline.measures.push(id);
        timeline.measures.sort_unstable();
    }
    tx.todo.clients.insert(entry.client);
    Ok(())
}

/// A client's row in the list, with its counts; `None` for one who is not in it.
fn client_row(core: &Core, tx: &mut Transaction, id: ClientId) -> Result<Option<ClientRow>, RowError> {
    let empty = tx.timeline(core, id)?.is_empty();
    let row = match (tx.todo.identities.remove(&id), core.memory.clients.get(&id)) {
        (None, Some(row)) if !empty => Some(row.clone()),
        (described, _) => {
            let described = described.map_or_else(|| core.at(tx).documents().described(&id), Ok)?;
            // In the trash also while notes that were written or taken back since keep the client in the list.
            let gone = described.as_ref().filter(|described| described.deleted);
            let gone = gone.map(|described| (None, described.identity.name.clone()));
            let entry = core.at(tx).entry(&id)?.filter(|entry| entry.kind() == DocType::Client);
            if let Some(entry) = entry {
                list_trashed(core, tx, id, &entry, gone)?;
            }
            listed(id, described, empty)
        }
    };
    let timeline = tx.timeline(core, id)?;
    Ok(row.map(|mut row| {
        timeline.count_into(&mut row);
        row
    }))
}

fn write_buckets(core: &Core, tx: &mut Transaction, changed: &ChangedClients) {
    let buckets: BTreeSet<u8> = changed.iter().map(|(id, _)| bucket(id)).collect();
    for number in buckets {
        let mut rows: BTreeMap<ClientId, &ClientRow> = core
            .memory
            .clients
            .range(first_of(number)..)
            .take_while(|(id, _)| bucket(id) == number)
            .map(|(id, row)| (*id, row))
            .collect();
        for (id, row) in changed.iter().filter(|(id, _)| bucket(id) == number) {
            match row {
                Some(row) => rows.insert(*id, row),
                None => rows.remove(id),
            };
        }
        match rows.is_empty() {
            true => tx.remove(&ClientBucketAt(number)),
            false => tx.put(&ClientBucketAt(number), &Catalogued(rows.into_values().cloned().collect())),
        }
    }
}

/// Makes the rows of merged records anew, where a merge came or one of the records changed.
fn show_merged(core: &Core, tx: &mut Transaction, changed: &ChangedClients) {
    if let Some(merges) = &tx.next.merges {
        let payloads = merges.payloads();
        tx.put(&MergesAt(), &Catalogued(payloads));
    }
    let merges = tx.next.merges.as_ref().unwrap_or(&core.memory.merges);
    if tx.next.merges.is_none() && !changed.iter().any(|(id, _)| merges.is_merged(id)) {
        return;
    }
    let changed: BTreeMap<&ClientId, &Option<ClientRow>> = changed.iter().map(|(id, row)| (id, row)).collect();
    let row = |id: &ClientId| match changed.get(id) {
        Some(row) => row.as_ref(),
        None => core.memory.clients.get(id),
    };
    let shown = merged_rows(&core.at(tx), merges, &row);
    tx.next.shown = Some(shown);
}

fn bucket(id: &ClientId) -> u8 {
    id.0.first().copied().unwrap_or_default()
}

fn first_of(bucket: u8) -> ClientId {
    let mut id = [0; DocId::LEN];
    if let Some(byte) = id.first_mut() {
        *byte = bucket;
    }
    DocId(id)
}
