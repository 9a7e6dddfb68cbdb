//! Opening many items at once, half of them on another thread: what is taken in or exported is read item after item.

use std::collections::BTreeMap;
use std::thread;

use crate::id::{DeviceId, KeyId};
use crate::keyring::is_process_key;
use crate::log::{Item, NO_KEY, PRACTICE_KEY};
use crate::rows::Plain;
use crate::secret::{CompartmentRole, Key};
use crate::vault::core::Reader;

/// Fewer are opened sooner than a thread begins.
const WORTH_A_THREAD: usize = 16;

impl Reader<'_> {
    /// The payloads of items of the record. `None` of one that does not open, or that no client's key seals which is known and lies
    /// open: whoever opens that by itself learns why.
    pub(crate) fn open_ahead(&self, items: &[(&Item, DeviceId)]) -> Vec<Option<Plain>> {
        let mut keys = BTreeMap::new();
        for (item, _) in items {
            if ![NO_KEY, PRACTICE_KEY].contains(&item.key) && !is_process_key(&item.key) {
                keys.entry(item.key).or_insert_with(|| self.compartment_key(&item.key).ok().map(|(_, key)| key));
            }
        }
        if items.len() < WORTH_A_THREAD {
            return open_each(items, &keys);
        }
        let (others, here) = items.split_at(items.len() / 2);
        thread::scope(|scope| {
            let thread = scope.spawn(|| open_each(others, &keys));
            let opened = open_each(here, &keys);
            // What a thread did not come to is opened by itself.
            let mut all = thread.join().unwrap_or_default();
            all.resize(others.len(), None);
            all.extend(opened);
            all
        })
    }
}

fn open_each(items: &[(&Item, DeviceId)], keys: &BTreeMap<KeyId, Option<Key<CompartmentRole>>>) -> Vec<Option<Plain>> {
    items.iter().map(|(item, by)| item.open(keys.get(&item.key)?.as_ref()?, *by).ok()).collect()
}
