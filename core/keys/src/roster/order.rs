//! The one order in which a set of entries is read out.
//!
//! Parents come before children; of entries that do not depend on each other, the one of the smaller hash comes first.
//! So two devices that hold the same entries agree, whatever reached them first. Where two admissions that did not know
//! of each other cannot both count (one id with two sets of keys, a 17th device), the earlier in this order does.

use std::collections::BTreeMap;

use subrosa_base::id::Hash;

use super::entry::Entry;

/// Entries that are there, by hash.
pub(super) trait Entries {
    fn iter(&self) -> impl Iterator<Item = (Hash, &Entry)>;
}

impl Entries for BTreeMap<Hash, Entry> {
    fn iter(&self) -> impl Iterator<Item = (Hash, &Entry)> {
        self.iter().map(|(hash, entry)| (*hash, entry))
    }
}

impl Entries for BTreeMap<Hash, &Entry> {
    fn iter(&self) -> impl Iterator<Item = (Hash, &Entry)> {
        self.iter().map(|(hash, entry)| (*hash, *entry))
    }
}

/// These entries and all before them; nothing when one of them is unknown.
pub(super) fn ancestors<'a>(entries: &'a BTreeMap<Hash, Entry>, parents: &[Hash]) -> Option<BTreeMap<Hash, &'a Entry>> {
    let (mut found, mut next) = (BTreeMap::new(), parents.to_vec());
    while let Some(hash) = next.pop() {
        let entry = entries.get(&hash)?;
        if found.insert(hash, entry).is_none() {
            next.extend(&entry.parents);
        }
    }
    Some(found)
}

/// Every entry, parents before children. The set holds the parents of all it holds.
pub(super) fn canonical(entries: &impl Entries) -> Vec<(Hash, &Entry)> {
    let mut missing: BTreeMap<Hash, usize> = entries.iter().map(|(hash, entry)| (hash, entry.parents.len())).collect();
    let mut children: BTreeMap<Hash, Vec<(Hash, &Entry)>> = BTreeMap::new();
    for (hash, entry) in entries.iter() {
        entry.parents.iter().for_each(|parent| children.entry(*parent).or_default().push((hash, entry)));
    }
    let mut ready: BTreeMap<Hash, &Entry> = entries.iter().filter(|(_, entry)| entry.parents.is_empty()).collect();
    let mut ordered = Vec::with_capacity(missing.len());
    while let Some((hash, entry)) = ready.pop_first() {
        ordered.push((hash, entry));
        for (child, entry) in children.remove(&hash).unwrap_or_default() {
            let left = missing.entry(child).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.insert(child, entry);
            }
        }
    }
    ordered
}
