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
    /// Whether one device changed the words of another outside what this device signed: what went that way, nobody here saw.
    pub(crate) rewritten: bool,
}

impl KnownDraft {
    /// Whether it is signed, the signatures cover every word, what they say is what it says, and no word was taken from it
    /// that this device does not know of.
    pub(crate) fn is_over(&self) -> bool {
        let covered = |signed: &Heads| match &self.document {
            Some(document) => document.is_covered_by(signed),
            None => !self.has_changes,
        };
        self.says_so && !self.rewritten && self.signed.as_ref().is_some_and(covered)
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
