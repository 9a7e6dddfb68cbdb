//! The list of clients: rows in the catalog, many to a bucket, so that a change writes one bucket and unlocking reads them all.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{self, ClientRow};
use crate::id::{ClientId, DocId};
use crate::log::DocType;
use crate::record::Identity;
use crate::store::Table;
use crate::vault::clients::Described;
use crate::vault::index::{Entry, Work};
use crate::vault::{Vault, VaultError};

/// Client buckets in the catalog.
const BUCKETS: u8 = u8::MAX;

/// What a list row becomes: a row, or none.
pub(crate) type ChangedClients = Vec<(ClientId, Option<ClientRow>)>;

impl Vault {
    pub(super) fn refresh_clients(
        &mut self,
        work: &mut Work,
        mut identities: BTreeMap<ClientId, Option<Described>>,
    ) -> Result<ChangedClients, VaultError> {
        let mut changed = Vec::new();
        for id in std::mem::take(&mut work.clients) {
            let empty = self.timeline_in(work, id)?.is_empty();
            let row = match (identities.remove(&id), self.clients.get(&id)) {
                (None, Some(row)) if !empty => Some(row.clone()),
                (described, _) => {
                    let described = described.map_or_else(|| self.described(work, &id), Ok)?;
                    // In the trash also while notes that were written or taken back since keep the client in the list.
                    let gone = described.as_ref().filter(|described| described.deleted);
                    let gone = gone.map(|described| (None, described.identity.name.clone()));
                    if let Some(entry) = self.entry(work, &id)?.filter(|entry| entry.kind == DocType::Client) {
                        self.list_trashed(work, id, &entry, gone)?;
                    }
                    listed(id, described, empty)
                }
            };
            let timeline = self.timeline_in(work, id)?;
            let row = row.map(|mut row| {
                timeline.count_into(&mut row);
                row
            });
            changed.push((id, row));
        }
        Ok(changed)
    }

    /// Notes of a client whose identity has not arrived wait in their timeline.
    fn described(&self, work: &Work, id: &ClientId) -> Result<Option<Described>, VaultError> {
        match self.entry(work, id)?.filter(|entry| entry.kind == DocType::Client) {
            Some(entry) => self.identity_of(work, id, &entry),
            None => Ok(None),
        }
    }

    pub(super) fn write_buckets(&mut self, work: &mut Work, changed: &ChangedClients) -> Result<(), VaultError> {
        let mut buckets: BTreeSet<u8> = changed.iter().map(|(id, _)| bucket(id)).collect();
        while let Some(number) = buckets.pop_first() {
            let mut rows: BTreeMap<ClientId, &ClientRow> = self
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
            let rows: Vec<&ClientRow> = rows.into_values().collect();
            work.changes.put(Table::Catalog, &bucket_name(number), catalog::to_bytes(&rows)?);
        }
        Ok(())
    }

    /// Reads the list. What a damaged row held is made again from the clients' own documents; then it ends in
    /// [`VaultError::Damaged`], with all that could be read in place.
    pub(crate) fn load_clients(&mut self) -> Result<(), VaultError> {
        let mut damaged = BTreeSet::new();
        for number in 0..=BUCKETS {
            match self.bucket_rows(number) {
                Ok(rows) => self.clients.extend(rows.into_iter().map(|row| (row.id, row))),
                Err(VaultError::Damaged) => {
                    damaged.insert(number);
                }
                Err(error) => return Err(error),
            }
        }
        if damaged.is_empty() {
            return Ok(());
        }
        for id in self.indexed_clients(&damaged)? {
            if let Some(row) = self.list_row(id) {
                self.clients.insert(id, row);
            }
        }
        Err(VaultError::Damaged)
    }

    fn bucket_rows(&self, number: u8) -> Result<Vec<ClientRow>, VaultError> {
        match self.rows.read(Table::Catalog, &bucket_name(number))? {
            Some(row) => catalog::from_bytes(&row),
            None => Ok(Vec::new()),
        }
    }

    /// The clients of these buckets that the index names.
    fn indexed_clients(&self, buckets: &BTreeSet<u8>) -> Result<Vec<ClientId>, VaultError> {
        let mut clients = Vec::new();
        self.rows.scan(Table::Index, &mut |row| match row.as_deref().map(|row| Entry::parse(row)) {
            Some(Ok(entry)) if entry.kind == DocType::Client && buckets.contains(&bucket(&entry.client)) => {
                clients.push(entry.client);
            }
            _ => {}
        })?;
        Ok(clients)
    }

    /// Clients whom the rows of the list do not name any more.
    pub(crate) fn clients_not_listed(&self) -> Result<Vec<ClientId>, VaultError> {
        let mut listed = BTreeSet::new();
        for number in 0..=BUCKETS {
            listed.extend(self.bucket_rows(number)?.into_iter().map(|row| row.id));
        }
        Ok(self.clients.keys().filter(|id| !listed.contains(id)).copied().collect())
    }

    fn list_row(&self, id: ClientId) -> Option<ClientRow> {
        let work = Work::default();
        let entry = self.entry(&work, &id).ok()??;
        let timeline = self.read_timeline(&id).unwrap_or_default();
        let mut row = listed(id, self.identity_of(&work, &id, &entry).ok()?, timeline.is_empty())?;
        timeline.count_into(&mut row);
        Some(row)
    }
}

/// A client's row without its counts. One who was deleted on a device while another wrote about them stays.
fn listed(id: ClientId, described: Option<Described>, empty: bool) -> Option<ClientRow> {
    let Described { identity, deleted, .. } = described?;
    let Identity { name, code, status, .. } = identity;
    (!deleted || !empty).then_some(ClientRow {
        id,
        name,
        code,
        status,
        notes: 0,
        unsigned: 0,
        session: None,
        first: None,
        last: None,
    })
}

fn bucket(id: &ClientId) -> u8 {
    id.0.first().copied().unwrap_or_default()
}

fn first_of(bucket: u8) -> ClientId {
    let mut id = [0; 16];
    if let Some(byte) = id.first_mut() {
        *byte = bucket;
    }
    DocId(id)
}

fn bucket_name(number: u8) -> Vec<u8> {
    vec![b'c', number]
}
