//! The payloads of a document's items, by kind, and whether deletions have seen all of them.

use std::collections::BTreeSet;

use crate::document::{Document, Heads};
use crate::id::{DeviceId, Hash};
use crate::kdf;
use crate::record::Identity;
use crate::rows::Plain;
use crate::vault::items::deletion::named_hashes;
use crate::vault::items::frozen::frozen_json;
use crate::vault::items::home::said;
use crate::vault::items::place::Place;

/// A client as their document describes them.
pub(crate) struct Described {
    pub(crate) identity: Identity,
    /// Every part of the document was seen by a deletion.
    pub(crate) deleted: bool,
    /// Where changes lie that the document refused.
    pub(crate) refused: Vec<Place>,
}

/// Changes, with the envelope that they came in and the device that sent it.
pub(crate) struct SentChanges {
    pub(crate) by: DeviceId,
    pub(crate) envelope: Hash,
    pub(crate) payload: Plain,
}

/// The payloads of a document's items, by kind.
#[derive(Default)]
pub(crate) struct Material {
    /// What is never changed: what an import brought, and what says what an attached file is.
    pub(crate) frozen: Vec<Plain>,
    pub(crate) chunks: Vec<SentChanges>,
    pub(crate) signed: Vec<Plain>,
    /// The envelope of each signed item.
    pub(crate) signed_in: Vec<Hash>,
    /// Deletions that are applied, not those that are held.
    pub(crate) deletes: Vec<Plain>,
    pub(crate) restores: Vec<Plain>,
    pub(crate) moves: Vec<Plain>,
    /// Where all of these lie.
    pub(crate) opened: Vec<Place>,
}

impl Material {
    /// What an import brought, each once: the JSON of the frozen items, in order.
    pub(crate) fn frozen_jsons(&self) -> BTreeSet<&[u8]> {
        self.frozen.iter().filter_map(|payload| frozen_json(payload)).collect()
    }

    /// What the document began from, when it is never edited: of several contents every device takes the same.
    pub(crate) fn frozen_json(&self) -> Option<&[u8]> {
        self.frozen_jsons().pop_first()
    }

    /// What came as changes, in the order of their places.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (DeviceId, &[u8])> {
        self.chunks.iter().map(|sent| (sent.by, said(&sent.payload)))
    }

    /// Whether nobody has written, signed or deleted anything here since it was imported.
    pub(crate) fn is_as_imported(&self) -> bool {
        self.frozen_jsons().len() == 1 && self.chunks.is_empty() && self.signed.is_empty() && self.deletes.is_empty()
    }

    /// Whether deletions have seen everything that there is.
    pub(crate) fn is_deleted(&self, document: Option<&Document>) -> bool {
        let seen: BTreeSet<Hash> = self.deletes.iter().flat_map(|payload| named_hashes(payload)).collect();
        if seen.is_empty() {
            return false;
        }
        let heads = Heads::from(seen.iter().copied().collect::<Vec<_>>());
        self.hashes().all(|hash| seen.contains(&hash)) && document.is_none_or(|document| document.is_covered_by(&heads))
    }

    /// The heads that a deletion made now would have seen.
    pub(crate) fn heads(&self, document: Option<&Document>) -> Vec<Hash> {
        let mut heads: Vec<Hash> = self.hashes().collect();
        heads.extend(document.map(|document| document.heads().hashes().to_vec()).unwrap_or_default());
        heads.sort_unstable();
        heads.dedup();
        heads
    }

    /// What is a head by itself: everything but changes, and the deletions.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = Hash> {
        let all = self.frozen.iter().chain(&self.signed).chain(&self.restores).chain(&self.moves);
        all.map(|payload| kdf::sha256(payload))
    }
}
