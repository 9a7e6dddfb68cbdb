//! The versions of a document: who wrote what, when.
//!
//! Changes of one device with pauses of at most [`PAUSE`] between them are one version. Which device wrote a change its
//! actor says, and a change counts only in a log of that device.
//! Where two devices wrote at the same time, each version is what the document says with everything up to it, so that
//! each difference shows what that device did.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Actor, Document, Fields, Heads, Version};
use crate::id::{DeviceId, DocId, Hash};
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::items::place::Entry;
use crate::vault::read::Documents;

/// The longest pause within one version, in milliseconds.
pub const PAUSE: Millis = 10 * 60 * 1_000;

/// One version of a document.
pub(crate) struct DocumentVersion {
    /// Whether it came so from the paper trail.
    pub(crate) imported: bool,
    pub(crate) device: Option<DeviceId>,
    pub(crate) from: Option<Millis>,
    pub(crate) at: Option<Millis>,
    pub(crate) fields: Fields,
    pub(crate) text: String,
}

/// Changes that are one version.
struct Group {
    device: Option<DeviceId>,
    from: Option<Millis>,
    at: Option<Millis>,
    heads: Heads,
}

impl Documents<'_> {
    /// All versions of a document, oldest first; none until its beginning is here.
    pub(crate) fn versions_of(&self, id: &DocId, entry: &Entry) -> Result<Vec<DocumentVersion>, RowError> {
        let material = self.material(id, entry)?;
        let pending = self.pending_chunks(id)?;
        let document = self.assemble_document(&material, id, entry.kind(), &pending, Actor::NOBODY)?;
        let Some(document) = document else { return Ok(Vec::new()) };
        let imported = material.frozen_json().is_some();
        let beginning = document.beginning();
        let mut versions = Vec::new();
        for Group { device, from, at, heads } in groups(&document, &beginning) {
            let Some((fields, text)) = document.content_at(&heads) else { continue };
            let imported = imported && device.is_none();
            versions.push(DocumentVersion { imported, device, from, at, fields, text });
        }
        Ok(versions)
    }
}

/// The versions of a document, in an order that every device with the same changes finds.
fn groups(document: &Document, beginning: &Heads) -> Vec<Group> {
    // What was imported nobody wrote.
    let writer = |change: &Version| (!beginning.hashes().contains(&change.hash)).then(|| change.actor.device());
    let mut groups: Vec<Group> = Vec::new();
    let mut heads: BTreeSet<Hash> = BTreeSet::new();
    let changes = document.history();
    let mut left: BTreeMap<Hash, &Version> = changes.iter().map(|change| (change.hash, change)).collect();
    let mut done: BTreeSet<Hash> = BTreeSet::new();
    let time = |change: &Version| change.seconds.and_then(|at| Millis::try_from(at).ok()).map(|at| at * 1_000);
    let joins = |group: &Group, change: &Version| {
        let near = match (group.at, time(change)) {
            (Some(last), Some(at)) => at.saturating_sub(last) <= PAUSE,
            // The first change of a note may not say when: it belongs to what follows.
            (None, _) | (_, None) => true,
        };
        group.device.is_some() && group.device == writer(change) && near
    };
    while !left.is_empty() {
        let ready = || left.values().filter(|change| change.parents.hashes().iter().all(|hash| done.contains(hash)));
        let goes_on = groups.last().and_then(|group| {
            ready().filter(|change| joins(group, change)).min_by_key(|change| (time(change), change.hash))
        });
        let earliest = || ready().min_by_key(|change| (time(change), change.hash));
        let Some(change) = goes_on.or_else(earliest).copied() else { break };
        left.remove(&change.hash);
        done.insert(change.hash);
        heads.retain(|hash| !change.parents.hashes().contains(hash));
        heads.insert(change.hash);
        let now = Heads::from(heads.iter().copied().collect::<Vec<_>>());
        match groups.last_mut().filter(|group| joins(group, change)) {
            Some(group) => {
                (group.from, group.at) = (group.from.or(time(change)), group.at.max(time(change)));
                group.heads = now;
            }
            None => groups.push(Group { device: writer(change), from: time(change), at: time(change), heads: now }),
        }
    }
    groups
}
