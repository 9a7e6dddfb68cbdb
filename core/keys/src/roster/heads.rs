//! What the next entry of a roster names as its parents.

use std::collections::{BTreeMap, BTreeSet};

use subrosa_base::id::Hash;

use super::entry::{Entry, PARENTS_MAX};
use super::{Roster, order};

impl Roster {
    /// The entries that no other names as its parent: what the next entry names. What a device says of its own logs is
    /// nobody's parent: it puts nobody in or out, and takes no place there.
    pub fn heads(&self) -> BTreeSet<Hash> {
        let others: Vec<(&Hash, &Entry)> = self.entries.iter().filter(|(_, entry)| !entry.is_cut()).collect();
        let parents: BTreeSet<&Hash> = others.iter().flat_map(|(_, entry)| &entry.parents).collect();
        let heads = others.iter().map(|(hash, _)| **hash).filter(|hash| !parents.contains(hash));
        let mut heads: Vec<Hash> = heads.collect();
        if heads.len() > PARENTS_MAX {
            // There may be any number of void ones; those come first that lead to what is so.
            let leading = self.heads_over_what_counts();
            heads.sort_by_key(|head| (!leading.contains(head), *head));
            heads.truncate(PARENTS_MAX);
        }
        heads.into_iter().collect()
    }

    /// Heads that follow all that counts, one for each at the most: the removal in force, the kit in force, the admissions by which
    /// its devices belong to the practice.
    fn heads_over_what_counts(&self) -> BTreeSet<Hash> {
        let mut children: BTreeMap<&Hash, Vec<&Hash>> = BTreeMap::new();
        for (hash, entry) in self.entries.iter().filter(|(_, entry)| !entry.is_cut()) {
            entry.parents.iter().for_each(|parent| children.entry(parent).or_default().push(hash));
        }
        let here = self.standing.devices.keys().filter_map(|id| self.standing.admitted.get(id));
        let (mut leading, mut led_to) = (BTreeSet::new(), BTreeSet::new());
        for counts in [&self.standing.opened, &self.standing.kit].into_iter().chain(here) {
            if led_to.contains(counts) {
                continue;
            }
            let mut head = counts;
            while let Some(child) = children.get(head).and_then(|children| children.first()) {
                head = child;
            }
            leading.insert(*head);
            led_to.extend(order::ancestors(&self.entries, &[*head]).unwrap_or_default().into_keys());
        }
        leading
    }
}
