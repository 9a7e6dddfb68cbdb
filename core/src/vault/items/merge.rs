//! Merges of two clients' records (format §3, *merged*), and who stands for whom by all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::ClientRow;
use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ClientId, DocId, Hash};
use crate::kdf;
use crate::vault::Millis;
use crate::vault::items::home::DocumentOrigin;

/// Merges that one item may take back.
pub(crate) const MOST_NAMED: usize = 1_024;

/// What a merge item says about the client whose document it is in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MergeItem {
    /// Of the client whose record it is.
    pub(crate) origin: DocumentOrigin,
    pub(crate) into: ClientId,
    /// Zero where merges are taken back.
    pub(crate) merges: bool,
    pub(crate) at: Millis,
    pub(crate) taken_back: Vec<Hash>,
}

impl MergeItem {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.origin.write(&mut writer);
        writer.bytes(&self.into.0).u8(u8::from(self.merges)).u64(self.at);
        writer.list(&self.taken_back, |writer, hash| {
            writer.bytes(&hash.0);
        });
        writer.finish()
    }

    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let says = Self {
            origin: DocumentOrigin::read(&mut reader)?,
            into: DocId(reader.array()?),
            merges: reader.u8()? == 1,
            at: reader.u64()?,
            taken_back: reader.list(MOST_NAMED, |reader| reader.array().map(Hash))?,
        };
        reader.finish()?;
        Ok(says)
    }

    /// The client who is shown as part of the other.
    pub(crate) fn from(&self) -> ClientId {
        self.origin.id()
    }
}

/// All merge items, and what follows from them.
#[derive(Clone, Default)]
pub(crate) struct Merges {
    pub(crate) items: BTreeMap<Hash, MergeItem>,
    /// Each client of a merged record, and the one that was chosen.
    pub(crate) chosen: BTreeMap<ClientId, ClientId>,
}

impl Merges {
    pub(crate) fn add(&mut self, payload: &[u8]) -> Result<(), Malformed> {
        self.items.insert(kdf::sha256(payload), MergeItem::parse(payload)?);
        self.judge();
        Ok(())
    }

    /// The items, as they are kept.
    pub(crate) fn payloads(&self) -> Vec<Vec<u8>> {
        self.items.values().map(MergeItem::to_bytes).collect()
    }

    /// Whether a client is part of a merged record.
    pub(crate) fn is_merged(&self, id: &ClientId) -> bool {
        self.chosen.contains_key(id)
    }

    pub(crate) fn active(&self) -> impl Iterator<Item = (&Hash, &MergeItem)> {
        let taken_back: BTreeSet<&Hash> = self.items.values().flat_map(|says| &says.taken_back).collect();
        self.items.iter().filter(move |(hash, says)| says.merges && !taken_back.contains(hash))
    }

    /// Follows from the set of items alone, so that their order of arrival does not matter.
    pub(crate) fn judge(&mut self) {
        let mut active: Vec<(&Hash, &MergeItem)> = self.active().collect();
        active.sort_by_key(|(hash, says)| (says.at, **hash));
        let mut chosen: BTreeMap<ClientId, ClientId> = BTreeMap::new();
        for (_, says) in active {
            let root = |id: &ClientId| chosen.get(id).copied().unwrap_or(*id);
            let (from, into) = (root(&says.from()), root(&says.into));
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

    pub(crate) fn groups(&self) -> BTreeSet<ClientId> {
        self.chosen.values().copied().collect()
    }
}

/// How merged records stand in the list.
#[derive(Default)]
pub(crate) struct MergedRows {
    /// The row of each merged record, under the client that stands for it.
    pub(crate) rows: BTreeMap<ClientId, ClientRow>,
    /// Who is shown as part of another.
    pub(crate) hidden: BTreeMap<ClientId, ClientId>,
}
