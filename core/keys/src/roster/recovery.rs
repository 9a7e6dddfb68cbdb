//! What a change of the recovery kit consists of, and which kit is in force.
//!
//! It is signed by the authority and by the device that it was made on, as an admission and a removal are: every device holds the authority's
//! key, one that is being removed too. With that key alone it could name a device that stays as the author, beside its own
//! removal, and all later backups would be sealed to a kit of its own.

use std::collections::BTreeSet;

use subrosa_base::id::Hash;

use super::entry::{Entry, EntryKind, EntryWrap};
use super::removal::{SignedBy, parents};
use crate::kem::WrapPublic;

impl Entry {
    /// Puts other recovery keys in force, one to four.
    pub fn recovery(
        time: u64,
        heads: impl IntoIterator<Item = Hash>,
        keys: Vec<WrapPublic>,
        by: &SignedBy<'_>,
    ) -> Vec<u8> {
        let unsigned = Self {
            parents: parents(heads),
            author: by.device.public_key().device_id(),
            recovery: keys,
            ..Self::blank(EntryKind::Recovery, time)
        };
        unsigned.signed_by_author(by.device).signed(by.authority).to_bytes()
    }

    pub(super) fn is_recovery_in_form(&self) -> bool {
        let signed = match self.wraps.as_slice() {
            [own] => own.device == self.author && own.purpose == EntryWrap::AUTHOR,
            _ => false,
        };
        let alone = self.devices.is_empty() && self.cuts.is_empty() && self.authority.is_none() && self.opens_nothing();
        signed && alone && !self.recovery.is_empty() && !self.parents.is_empty()
    }
}

/// Entries that put a recovery kit in force, each with all that it follows. The first is genesis.
#[derive(Default)]
pub(super) struct Kits<'a>(Vec<(Hash, &'a Entry, BTreeSet<Hash>)>);

impl<'a> Kits<'a> {
    pub(super) fn add(&mut self, hash: Hash, entry: &'a Entry, before: BTreeSet<Hash>) {
        self.0.push((hash, entry, before));
    }

    /// The one that no other follows. Of several, made on two devices at the same time, the one made last by their clocks:
    /// it is the paper that somebody took out of the printer last.
    pub(super) fn in_force(&self) -> Option<Hash> {
        let followed = |hash: &Hash| self.0.iter().any(|(_, _, before)| before.contains(hash));
        let last = self.0.iter().filter(|(hash, ..)| !followed(hash));
        last.max_by_key(|(hash, entry, _)| (entry.time, *hash)).map(|(hash, ..)| *hash)
    }
}
