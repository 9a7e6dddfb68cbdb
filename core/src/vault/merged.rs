//! Two records of one person are one.
//!
//! Nothing is rewritten: a merge item says that one client is shown as part of another, and everything that reads a
//! client reads all of its records. So what an offline device writes about either lands in the one that is shown, and
//! taking the merge back puts each note where it was written. Of merges that two devices made in opposite directions the
//! earlier decides, on every device alike.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{self, ClientRow, Timeline};
use crate::codec::{Malformed, Reader, Writer};
use crate::document::fields;
use crate::id::{ClientId, DocId, Hash};
use crate::kdf;
use crate::log::{Class, DocType, Kind};
use crate::record::Identity;
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::index::Work;
use crate::vault::{Millis, Vault, VaultError};

/// Merges that one item may take back.
const MOST_NAMED: usize = 1_024;

/// What a merge item says about the client whose document it is in.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Says {
    pub(super) from: ClientId,
    pub(super) into: ClientId,
    /// Zero where merges are taken back.
    pub(super) merges: bool,
    pub(super) at: Millis,
    pub(super) taken_back: Vec<Hash>,
}

impl Says {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u8(DocType::Client.code()).bytes(&self.from.0).bytes(&self.into.0);
        writer.u8(u8::from(self.merges)).u64(self.at);
        writer.list(&self.taken_back, |writer, hash| {
            writer.bytes(&hash.0);
        });
        writer.finish()
    }

    fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        reader.u8()?;
        let says = Self {
            from: DocId(reader.array()?),
            into: DocId(reader.array()?),
            merges: reader.u8()? == 1,
            at: reader.u64()?,
            taken_back: reader.list(MOST_NAMED, |reader| reader.array().map(Hash))?,
        };
        reader.finish()?;
        Ok(says)
    }
}

/// All merge items, and what follows from them.
#[derive(Clone, Default)]
pub(crate) struct Merges {
    items: BTreeMap<Hash, Says>,
    /// Each client of a merged record, and the one that was chosen.
    chosen: BTreeMap<ClientId, ClientId>,
}

impl Merges {
    fn add(&mut self, payload: &[u8]) -> Result<(), Malformed> {
        self.items.insert(kdf::sha256(payload), Says::parse(payload)?);
        self.judge();
        Ok(())
    }

    fn active(&self) -> impl Iterator<Item = (&Hash, &Says)> {
        let taken_back: BTreeSet<&Hash> = self.items.values().flat_map(|says| &says.taken_back).collect();
        self.items.iter().filter(move |(hash, says)| says.merges && !taken_back.contains(hash))
    }

    /// Follows from the set of items alone, so that their order of arrival does not matter.
    fn judge(&mut self) {
        let mut active: Vec<(&Hash, &Says)> = self.active().collect();
        active.sort_by_key(|(hash, says)| (says.at, **hash));
        let mut chosen: BTreeMap<ClientId, ClientId> = BTreeMap::new();
        for (_, says) in active {
            let root = |id: &ClientId| chosen.get(id).copied().unwrap_or(*id);
            let (from, into) = (root(&says.from), root(&says.into));
            if from == into {
                continue;
            }
            chosen.values_mut().filter(|root| **root == from).for_each(|root| *root = into);
            chosen.insert(from, into);
            chosen.insert(into, into);
        }
        self.chosen = chosen;
    }

    /// The client that was chosen to stand for this one.
    pub(crate) fn root(&self, id: &ClientId) -> ClientId {
        self.chosen.get(id).copied().unwrap_or(*id)
    }

    /// All records of the person, the chosen one first; of a client that is not merged, that one.
    pub(crate) fn records(&self, id: &ClientId) -> Vec<ClientId> {
        let root = self.root(id);
        let others = self.chosen.iter().filter(|(id, of)| **of == root && **id != root).map(|(id, _)| *id);
        std::iter::once(root).chain(others).collect()
    }

    fn groups(&self) -> BTreeSet<ClientId> {
        self.chosen.values().copied().collect()
    }
}

/// How merged records stand in the list.
#[derive(Default)]
pub(crate) struct Shown {
    /// The row of each merged record, under the client that stands for it.
    rows: BTreeMap<ClientId, ClientRow>,
    /// Who is shown as part of another.
    hidden: BTreeMap<ClientId, ClientId>,
}

impl Vault {
    /// Makes two records one: the second client stays in the list, with the notes of both.
    pub fn merge_clients(&mut self, from: &ClientId, into: &ClientId, now: Millis) -> Result<(), VaultError> {
        let (from, into) = (self.client(from)?.id, self.client(into)?.id);
        if from == into {
            return Err(VaultError::OneRecord);
        }
        let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let says = Says { from, into, merges: true, at: now, taken_back: Vec::new() };
        self.push_merge(&work, &mut out, &says)?;
        self.finish(work, out)?;
        self.write_anchor();
        Ok(())
    }

    /// Takes merges back: of the client that is shown, all; of one that is shown as part of another, its own. Each note
    /// goes where it was written.
    pub fn unmerge_client(&mut self, id: &ClientId, now: Millis) -> Result<(), VaultError> {
        let root = self.merges.root(id);
        let all = self.home(id) == *id || root == *id;
        let of_group = |says: &Says| self.merges.root(&says.from) == root;
        let meant = |says: &Says| if all { of_group(says) } else { says.from == *id || says.into == *id };
        let mut by_document: BTreeMap<ClientId, Vec<Hash>> = BTreeMap::new();
        for (hash, says) in self.merges.active().filter(|(_, says)| meant(says)) {
            by_document.entry(says.from).or_default().push(*hash);
        }
        if by_document.is_empty() {
            return Err(VaultError::NotMerged);
        }
        let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        for (from, taken_back) in by_document {
            let says = Says { from, into: from, merges: false, at: now, taken_back };
            self.push_merge(&work, &mut out, &says)?;
        }
        self.finish(work, out)?;
        self.write_anchor();
        Ok(())
    }

    /// What the other records of a merged client say about who it is.
    pub fn other_identities(&self, id: &ClientId) -> Result<Vec<(ClientId, Identity)>, VaultError> {
        let home = self.client(id)?.id;
        let work = Work::default();
        let mut others = Vec::new();
        for id in self.records_of(&home).into_iter().filter(|id| *id != home) {
            if let Some(entry) = self.entry(&work, &id)?.filter(|entry| entry.kind == DocType::Client)
                && let Some(described) = self.identity_of(&work, &id, &entry)?.filter(|described| !described.deleted)
            {
                others.push((id, described.identity));
            }
        }
        Ok(others)
    }

    /// Who a client is, with what the other records of a merged client say differently among the other fields: nothing
    /// of them is left behind by an export.
    pub(crate) fn whole_identity(&self, id: &ClientId) -> Result<Identity, VaultError> {
        let mut whole = self.identity(id)?;
        let chosen = fields::of_identity(&whole);
        for (number, (_, other)) in (1..).zip(self.other_identities(id)?) {
            let differs = |name: &String, value: &String| chosen.get(name) != Some(value);
            let theirs = fields::of_identity(&other).into_iter().filter(|(name, value)| differs(name, value));
            whole.other.extend(theirs.map(|(name, value)| (format!("{name} in other record {number}"), value)));
        }
        Ok(whole)
    }

    fn push_merge(&self, work: &Work, out: &mut Outgoing, says: &Says) -> Result<(), VaultError> {
        let entry = self.entry(work, &says.from)?.filter(|entry| entry.kind == DocType::Client);
        out.push(Kind::Merged, says.from, entry.ok_or(VaultError::NoSuchClient)?.key, says.to_bytes());
        Ok(())
    }

    /// The client in the list who stands for this one.
    pub(crate) fn home(&self, id: &ClientId) -> ClientId {
        self.shown.hidden.get(id).copied().unwrap_or(*id)
    }

    /// All records of the person, the chosen one first.
    pub(crate) fn records_of(&self, id: &ClientId) -> Vec<ClientId> {
        self.merges.records(id)
    }

    /// The row of a client who is shown by themselves.
    pub(crate) fn shown_row<'v>(&'v self, row: &'v ClientRow) -> Option<&'v ClientRow> {
        match self.shown.hidden.contains_key(&row.id) {
            true => None,
            false => Some(self.shown.rows.get(&row.id).unwrap_or(row)),
        }
    }

    /// Everything that is in the records of a person.
    pub(crate) fn whole_timeline(&self, id: &ClientId) -> Result<Timeline, VaultError> {
        let records = self.records_of(id);
        if let [only] = records.as_slice() {
            return self.read_timeline(only);
        }
        let mut whole = Timeline::default();
        for id in records {
            whole.take(self.read_timeline(&id)?);
        }
        Ok(whole)
    }

    /// Takes in a merge item; its document is the client that goes into the other.
    pub(crate) fn take_merge(&self, work: &mut Work, document: &DocId, payload: &[u8]) -> Result<(), Malformed> {
        if Says::parse(payload)?.from != *document {
            return Err(Malformed);
        }
        work.merges.get_or_insert_with(|| self.merges.clone()).add(payload)
    }

    /// Writes the merges as this work leaves them.
    pub(crate) fn write_merges(&self, work: &mut Work) -> Result<(), VaultError> {
        if let Some(merges) = &work.merges {
            let payloads: Vec<Vec<u8>> = merges.items.values().map(Says::to_bytes).collect();
            work.changes.put(Table::Catalog, b"merges", catalog::to_bytes(&payloads)?);
        }
        Ok(())
    }

    pub(crate) fn load_merges(&mut self) -> Result<(), VaultError> {
        if let Some(row) = self.rows.read(Table::Catalog, b"merges")? {
            for payload in catalog::from_bytes::<Vec<Vec<u8>>>(&row)? {
                self.merges.add(&payload).map_err(|_| VaultError::Damaged)?;
            }
        }
        self.show_merged();
        Ok(())
    }

    /// Makes the rows of merged records anew. Who was chosen stands for all; until that record has arrived, another does.
    pub(crate) fn show_merged(&mut self) {
        let mut shown = Shown::default();
        for root in self.merges.groups() {
            let records = self.merges.records(&root);
            let listed = records.iter().find(|id| self.clients.contains_key(id)).copied();
            let stands = listed.unwrap_or(root);
            shown.hidden.extend(records.iter().filter(|id| **id != stands).map(|id| (*id, stands)));
            if let Some(mut row) = self.clients.get(&stands).cloned() {
                // A list that cannot be read leaves the counts of the one record.
                if let Ok(whole) = self.whole_timeline(&stands) {
                    whole.count_into(&mut row);
                }
                shown.rows.insert(stands, row);
            }
        }
        self.shown = shown;
    }

    /// Whether the rows of merged records must be made anew after these clients changed.
    pub(crate) fn touches_merged<'a>(&self, mut changed: impl Iterator<Item = &'a ClientId>) -> bool {
        changed.any(|id| self.merges.chosen.contains_key(id))
    }
}
