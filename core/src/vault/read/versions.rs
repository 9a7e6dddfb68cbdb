//! The versions of a document: who wrote what, when.
//!
//! Changes of one device with pauses of at most [`PAUSE`] between them are one version. Which device wrote a change is
//! known from the log that carried it: a change says nothing about that itself, and a claim of it would prove nothing.
//! Where two devices wrote at the same time, each version is what the document says with everything up to it, so that
//! each difference shows what that device did.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Actor, Document, Fields, Heads, Version, actors_of};
use crate::id::{DeviceId, DocId, Hash};
use crate::log::Kind;
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
        let material = self.material(entry)?;
        let pending = self.pending_chunks(id)?;
        let document = self.assemble_document(&material, id, entry.kind, &pending, Actor([0; 16]))?;
        let Some(document) = document else { return Ok(Vec::new()) };
        let mut writers = self.writers(id, entry)?;
        let imported = material.frozen_json().is_some();
        if imported {
            // What was imported is the first change of such a document, whoever sent it on with the first edit.
            document.history().iter().filter(|change| change.parents.hashes().is_empty()).for_each(|base| {
                writers.remove(&base.actor);
            });
        }
        let mut versions = Vec::new();
        for Group { device, from, at, heads } in groups(&document, &writers) {
            let Some((fields, text)) = document.content_at(&heads) else { continue };
            let imported = imported && versions.is_empty();
            versions.push(DocumentVersion { imported, device, from, at, fields, text });
        }
        Ok(versions)
    }

    /// The device of each actor: of several that carried its changes the one whose chunk had the fewest other actors,
    /// since one that moves a note sends on what others wrote.
    fn writers(&self, id: &DocId, entry: &Entry) -> Result<BTreeMap<Actor, DeviceId>, RowError> {
        let mut best: BTreeMap<Actor, (usize, DeviceId)> = BTreeMap::new();
        let mut take = |chunk: &[u8], device: DeviceId| {
            let actors = actors_of(chunk).unwrap_or_default();
            for actor in &actors {
                let here = (actors.len(), device);
                let kept = best.entry(*actor).or_insert(here);
                *kept = here.min(*kept);
            }
        };
        for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Changes) {
            let device = self.header(&place.envelope)?.header.log.device();
            self.payload(place)?.get(17..).into_iter().for_each(|chunk| take(chunk, device));
        }
        self.pending_chunks(id)?.iter().for_each(|chunk| take(chunk, self.core.device));
        Ok(best.into_iter().map(|(actor, (_, device))| (actor, device)).collect())
    }
}

/// The versions of a document, in an order that every device with the same changes finds.
fn groups(document: &Document, writers: &BTreeMap<Actor, DeviceId>) -> Vec<Group> {
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
        group.device.is_some() && group.device == writers.get(&change.actor).copied() && near
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
            None => groups.push(Group {
                device: writers.get(&change.actor).copied(),
                from: time(change),
                at: time(change),
                heads: now,
            }),
        }
    }
    groups
}
