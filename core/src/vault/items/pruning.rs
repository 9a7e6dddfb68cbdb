//! What says that a draft's envelopes go (format §3, *closed*), and whether a draft may.

use std::collections::BTreeSet;

use crate::codec::{Malformed, Reader, Writer};
use crate::document::{Document, Heads};
use crate::id::Hash;
use crate::log::Kind;
use crate::vault::items::place::Entry;
use crate::vault::items::signed::SignedNote;

/// Envelopes that one closing may name; what is beyond stays until the note is signed again.
pub(crate) const MOST: usize = 1 << 16;

/// What is known of a draft.
pub(crate) struct KnownDraft {
    /// The heads that signatures which count freeze; `None` without any.
    pub(crate) signed: Option<Heads>,
    pub(crate) document: Option<Document>,
    pub(crate) has_changes: bool,
    /// Whether what was signed is what the draft says at the versions that were signed.
    pub(crate) says_so: bool,
}

impl KnownDraft {
    /// Whether it is signed, the signatures cover every word, and what they say is what it says.
    pub(crate) fn is_over(&self) -> bool {
        let covered = |signed: &Heads| match &self.document {
            Some(document) => document.is_covered_by(signed),
            None => !self.has_changes,
        };
        self.says_so && self.signed.as_ref().is_some_and(covered)
    }

    pub(crate) fn has_all_that_was_signed(&self) -> bool {
        let document = self.document.as_ref();
        self.signed.as_ref().is_some_and(|signed| document.is_some_and(|document| document.covers(signed)))
    }

    pub(crate) fn says_as_much_as(&self, other: &Self) -> bool {
        let heads = |drafted: &Self| drafted.document.as_ref().map(Document::heads);
        heads(self).is_some() && heads(self) == heads(other)
    }
}

pub(crate) fn signed_heads(signed: &[SignedNote]) -> Heads {
    Heads::from(signed.iter().flat_map(|note| note.heads.iter().copied()).collect::<Vec<_>>())
}

/// The envelopes that hold changes of a document.
pub(crate) fn changes_in(entry: &Entry) -> BTreeSet<Hash> {
    entry.places.iter().filter(|(_, kind)| *kind == Kind::Changes).map(|(place, _)| place.envelope).collect()
}

/// What kind 26 holds.
pub(crate) fn closed_payload(gone: &[Hash]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.list(gone, |writer, envelope| {
        writer.bytes(&envelope.0);
    });
    writer.finish()
}

/// The envelopes that a payload of kind 26 names.
pub(crate) fn closed_envelopes(payload: &[u8]) -> Result<Vec<Hash>, Malformed> {
    let mut reader = Reader::new(payload);
    let gone = reader.list(MOST, |reader| reader.array().map(Hash))?;
    reader.finish()?;
    Ok(gone)
}
