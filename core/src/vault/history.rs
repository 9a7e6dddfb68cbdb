//! The versions of a note: who wrote what, when.
//!
//! Changes of one device with pauses of at most [`PAUSE`] between them are one version. Which device wrote a change is
//! known from the log that carried it: a change says nothing about that itself, and a claim of it would prove nothing.
//! Where two devices wrote at the same time, each version is what the note says with everything up to it, so that
//! each difference shows what that device did.
//!
//! A signed note has the versions that were signed and no others: what led to them goes at the signing.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::NoteState;
use crate::document::{Actor, Document, Heads, Version, actors_of, fields};
use crate::id::{DeviceId, Hash, NoteId};
use crate::log::Kind;
use crate::record::NoteContent;
use crate::vault::index::{Entry, Work};
use crate::vault::{Millis, NoteView, Vault, VaultError};

/// The longest pause within one version, in milliseconds.
pub const PAUSE: Millis = 10 * 60 * 1_000;

/// What made a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Made {
    /// It came so from the paper trail.
    Imported,
    /// Somebody wrote it.
    Written,
    /// It was signed; the hash of what was signed.
    Signed(Hash),
    /// A signed addendum to what has the second hash.
    Addendum(Hash, Hash),
    /// A signed addendum that says that what has the second hash was entered in error.
    EnteredInError(Hash, Hash),
    /// Written elsewhere while the note was signed, and not signed yet.
    Late,
}

/// One version of a note.
#[derive(Clone)]
pub struct NoteVersion {
    /// What made it.
    pub made: Made,
    /// The device that did; `None` where that is not known, as of an import.
    pub device: Option<DeviceId>,
    /// What that device is called.
    pub device_name: Option<String>,
    /// When it was begun, where that was recorded.
    pub from: Option<Millis>,
    /// When it was finished, where that was recorded.
    pub at: Option<Millis>,
    /// What the note, or the addendum, said.
    pub content: NoteContent,
}

impl std::fmt::Debug for NoteVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NoteVersion({:?})", self.made)
    }
}

/// Changes that are one version.
struct Group {
    device: Option<DeviceId>,
    from: Option<Millis>,
    at: Option<Millis>,
    heads: Heads,
}

impl Vault {
    /// All versions of a note, oldest first. Those of a private note ask for the passphrase again.
    pub fn history(&self, id: &NoteId) -> Result<Vec<NoteVersion>, VaultError> {
        let view = self.note(id)?;
        if view.state == NoteState::Signed {
            return Ok(self.signed_history(&view));
        }
        let work = Work::default();
        let entry = self.note_entry(&work, id)?;
        let material = self.material(&work, &entry)?;
        let pending = self.pending_chunks(id)?;
        let document = self.assemble_document(&material, id, entry.kind, &pending, Actor([0; 16]))?;
        let Some(document) = document else { return Ok(Vec::new()) };
        let mut writers = self.writers(&work, id, &entry)?;
        let imported = material.frozen_json().is_some();
        if imported {
            // What was imported is the first change of such a note, whoever sent it on with the first edit.
            document.history().iter().filter(|change| change.parents.hashes().is_empty()).for_each(|base| {
                writers.remove(&base.actor);
            });
        }
        let mut versions = Vec::new();
        for group in groups(&document, &writers) {
            let Some((named, text)) = document.content_at(&group.heads) else { continue };
            let first = versions.is_empty() && imported;
            let made = if first { Made::Imported } else { Made::Written };
            let content = fields::to_note(&named, &text);
            versions.push(self.version(made, group.device, (group.from, group.at), content));
        }
        Ok(versions)
    }

    fn signed_history(&self, view: &NoteView) -> Vec<NoteVersion> {
        let mut versions: Vec<NoteVersion> = Vec::new();
        for signed in &view.signed {
            let made = match (signed.adds_to, signed.entered_in_error) {
                (None, _) => Made::Signed(signed.hash),
                (Some(to), false) => Made::Addendum(signed.hash, to),
                (Some(to), true) => Made::EnteredInError(signed.hash, to),
            };
            let at = Some(signed.at);
            versions.push(self.version(made, Some(signed.device), (at, at), signed.content.clone()));
        }
        if let Some(late) = &view.late {
            let content = NoteContent { text: late.clone(), ..view.content.clone() };
            versions.push(self.version(Made::Late, None, (None, None), content));
        }
        versions
    }

    fn version(
        &self,
        made: Made,
        device: Option<DeviceId>,
        (from, at): (Option<Millis>, Option<Millis>),
        content: NoteContent,
    ) -> NoteVersion {
        let device_name = device.and_then(|device| self.device_name(&device));
        NoteVersion { made, device, device_name, from, at, content }
    }

    /// The device of each actor: of several that carried its changes the one whose chunk had the fewest other actors,
    /// since one that moves a note sends on what others wrote.
    fn writers(&self, work: &Work, id: &NoteId, entry: &Entry) -> Result<BTreeMap<Actor, DeviceId>, VaultError> {
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
            let device = self.header(work, &place.envelope)?.header.log.device();
            self.payload(work, place)?.get(17..).into_iter().for_each(|chunk| take(chunk, device));
        }
        self.pending_chunks(id)?.iter().for_each(|chunk| take(chunk, self.device));
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
