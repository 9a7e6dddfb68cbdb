//! Two records of one person are one.
//!
//! Nothing is rewritten: a merge item says that one client is shown as part of another, and everything that reads a
//! client reads all of its records. So what an offline device writes about either lands in the one that is shown, and
//! taking the merge back puts each note where it was written. Of merges that two devices made in opposite directions the
//! earlier decides, on every device alike.

use std::collections::BTreeMap;

use crate::id::{ClientId, Hash};
use crate::keyring::Compartment;
use crate::log::{DocType, Kind};
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::home::{DocumentOrigin, Under};
use crate::vault::items::merge::{MOST_NAMED, MergeItem};
use crate::vault::read::ReadError;
use crate::vault::subject::ClientError;
use crate::vault::subject::{Clients, ClientsMut};

impl Clients<'_> {
    /// What the id of a client whose record is merged commits to.
    fn merged_origin(&self, from: &ClientId) -> Result<DocumentOrigin, ClientError> {
        let entry = self.core.read().entry(from)?.filter(|entry| entry.kind() == DocType::Client);
        Ok(entry.ok_or(ReadError::NoSuchClient)?.origin)
    }
}

fn push_merge(out: &mut Outbox, says: &MergeItem) {
    out.push(Kind::Merged, says.from(), Under::Client(says.from(), Compartment::Identity), says.to_bytes());
}

impl ClientsMut<'_> {
    /// Makes two records one: the second client stays in the list, with the notes of both.
    pub fn merge_clients(&mut self, from: &ClientId, into: &ClientId, now: Millis) -> Result<(), ClientError> {
        let (from, into) =
            (self.core.read().documents().client(from)?.id, self.core.read().documents().client(into)?.id);
        if from == into {
            return Err(ClientError::OneRecord);
        }
        let mut out = Outbox::everyday();
        let origin = self.reads().merged_origin(&from)?;
        push_merge(&mut out, &MergeItem { origin, into, merges: true, at: now, taken_back: Vec::new() });
        Ok(commit(self.core, Transaction::default(), out)?)
    }

    /// Takes merges back: of the client that is shown, all; of one that is shown as part of another, its own. Each note
    /// goes where it was written.
    pub fn unmerge_client(&mut self, id: &ClientId, now: Millis) -> Result<(), ClientError> {
        let root = self.core.memory.merges.root(id);
        let all = self.core.read().canonical_client(id) == *id || root == *id;
        let of_group = |says: &MergeItem| self.core.memory.merges.root(&says.from()) == root;
        let meant = |says: &MergeItem| if all { of_group(says) } else { says.from() == *id || says.into == *id };
        let mut by_document: BTreeMap<ClientId, Vec<Hash>> = BTreeMap::new();
        for (hash, says) in self.core.memory.merges.active().filter(|(_, says)| meant(says)) {
            by_document.entry(says.from()).or_default().push(*hash);
        }
        if by_document.is_empty() {
            return Err(ClientError::NotMerged);
        }
        let mut out = Outbox::everyday();
        for (from, taken_back) in by_document {
            let origin = self.reads().merged_origin(&from)?;
            // As many as one item may name, in each.
            for some in taken_back.chunks(MOST_NAMED) {
                let taken_back = some.to_vec();
                push_merge(&mut out, &MergeItem { origin, into: from, merges: false, at: now, taken_back });
            }
        }
        Ok(commit(self.core, Transaction::default(), out)?)
    }
}
