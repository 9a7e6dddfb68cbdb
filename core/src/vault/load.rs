//! Loading: the lists that memory holds, read when a vault is unlocked, and again when its file is opened anew.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::ClientRow;
use crate::id::ClientId;
use crate::log::DocType;
use crate::parallel::in_order;
use crate::rows::RowError;
use crate::vault::Notice;
use crate::vault::core::{BootRows, Caches, Core, Memory, Reader};
use crate::vault::items::deletion::Trash;
use crate::vault::items::mass_deletion::Deletions;
use crate::vault::items::merge::{MergedRows, Merges};
use crate::vault::items::signing::SigningWishes;
use crate::vault::read::merged_rows;
use crate::vault::registry::{ClientBucketAt, CountedDeletionsAt, MergesAt, SigningAt, TrashAt};

/// The lists as their rows say them. Of a damaged one there is what could be read.
struct Lists {
    clients: BTreeMap<ClientId, ClientRow>,
    trash: Trash,
    deletions: Deletions,
    merges: Merges,
    shown: MergedRows,
    signing: SigningWishes,
    damage: ListDamage,
}

/// Which lists are damaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub(crate) struct ListDamage {
    /// Some of the list of clients, of which memory holds what the clients' own documents say.
    pub(crate) clients: bool,
    /// Any of the lists.
    pub(crate) any: bool,
}

impl Core {
    /// Reads the lists into memory. Damage in one keeps no other from being read; that there is damage is told.
    pub(crate) fn load(&mut self) -> Result<ListDamage, RowError> {
        let lists = Lists::read(&self.read())?;
        Ok(lists.put_into(&mut self.memory))
    }

    /// Opens the file anew after a failed write, and reads all of it again with the keys that are there. When that fails, reading
    /// goes on as before, and nothing is written.
    pub(crate) fn reopen(&mut self) -> Result<ListDamage, RowError> {
        self.rows.store().reopen()?;
        let read = BootRows::read(&self.rows).and_then(|boot| Ok((boot, Lists::read(&self.read())?)));
        let (boot, lists) = read.inspect_err(|_| self.rows.store().poison())?;
        let BootRows { state, roster, epochs, practice, logs, pending, is_vital_changed } = boot;
        let mut memory = Memory::new(state, roster, epochs, logs, pending);
        memory.notices = std::mem::take(&mut self.memory.notices);
        let damage = lists.put_into(&mut memory);
        self.memory = memory;
        if is_vital_changed {
            self.note_vital_changed();
        }
        self.practice = practice;
        self.caches = Caches { tried: self.caches.tried.take(), ..Caches::default() };
        Ok(damage)
    }
}

impl Lists {
    fn read(reader: &Reader<'_>) -> Result<Self, RowError> {
        let mut damage = ListDamage::default();
        let (clients, lost) = clients(reader)?;
        damage.clients = !lost.is_empty();
        damage.any = damage.clients;
        let trash = reader.get(&TrashAt()).map(|row| row.map(|trash| trash.0.into_iter().collect()));
        let deletions = reader.list(&CountedDeletionsAt());
        let trash = damage.unless_damaged(trash)?.flatten().unwrap_or_default();
        let deletions = damage.unless_damaged(deletions)?.unwrap_or_default();
        let merged = merges(reader).map(|merges| (merged_rows(reader, &merges, &|id| clients.get(id)), merges));
        let (shown, merges) = damage.unless_damaged(merged)?.unwrap_or_default();
        let signing = damage.unless_damaged(reader.list(&SigningAt()))?.unwrap_or_default();
        Ok(Self { clients, trash, deletions, merges, shown, signing, damage })
    }

    fn put_into(self, memory: &mut Memory) -> ListDamage {
        if !self.deletions.held.is_empty() {
            memory.tell(Notice::DeletionsHeld);
        }
        if self.damage.any {
            memory.tell(Notice::Damaged);
        }
        memory.clients = self.clients;
        memory.trash = self.trash;
        memory.deletions = self.deletions;
        memory.merges = self.merges;
        memory.shown = self.shown;
        memory.signing = self.signing;
        self.damage
    }
}

impl ListDamage {
    /// What was read; `None` of something damaged, which keeps what is whole from nobody.
    fn unless_damaged<T>(&mut self, read: Result<T, RowError>) -> Result<Option<T>, RowError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(RowError::Damaged) => {
                self.any = true;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// The list of clients, and its rows that are damaged. What those held is made again from the clients' own documents.
fn clients(reader: &Reader<'_>) -> Result<(BTreeMap<ClientId, ClientRow>, BTreeSet<u8>), RowError> {
    let (mut clients, mut lost) = (BTreeMap::new(), BTreeSet::new());
    let numbers: Vec<u8> = (0..=u8::MAX).collect();
    let rows = &reader.core.rows;
    let buckets = in_order(&numbers, 1, |number| rows.get(&ClientBucketAt(*number)).ok());
    for (number, bucket) in numbers.into_iter().zip(buckets) {
        // What could not be read beside others, whose damage may be the cause, is read by itself.
        match bucket.map_or_else(|| reader.get(&ClientBucketAt(number)), Ok) {
            Ok(bucket) => clients.extend(bucket.into_iter().flat_map(|bucket| bucket.0).map(|row| (row.id, row))),
            Err(RowError::Damaged) => {
                lost.insert(number);
            }
            Err(error) => return Err(error),
        }
    }
    if !lost.is_empty() {
        let rows = indexed_clients(reader, &lost)?.into_iter().filter_map(|id| reader.documents().list_row(id));
        clients.extend(rows.map(|row| (row.id, row)));
    }
    Ok((clients, lost))
}

/// The clients of these rows that the index names.
fn indexed_clients(reader: &Reader<'_>, buckets: &BTreeSet<u8>) -> Result<Vec<ClientId>, RowError> {
    let mut clients = Vec::new();
    reader.each_entry(&mut |_, entry| {
        let bucket = entry.client.0.first().copied().unwrap_or_default();
        if entry.kind() == DocType::Client && buckets.contains(&bucket) {
            clients.push(entry.client);
        }
    })?;
    Ok(clients)
}

fn merges(reader: &Reader<'_>) -> Result<Merges, RowError> {
    let mut merges = Merges::default();
    for payload in reader.get(&MergesAt())?.into_iter().flat_map(|payloads| payloads.0) {
        merges.add(&payload)?;
    }
    Ok(merges)
}
