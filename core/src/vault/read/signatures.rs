//! Signatures of notes: which hold, which count, and what was written beyond them.

use crate::document::{Actor, Document, Heads, PassageKind, fields};
use crate::id::{Hash, NoteId};
use crate::rows::RowError;
use crate::vault::items::material::Material;
use crate::vault::items::signed::SignedNote;
use crate::vault::items::signing::LateAddendum;
use crate::vault::read::Documents;
use crate::vault::registry::LateTextAt;

impl<'a> Documents<'a> {
    /// The signed items whose signature holds and counts, in the order of time.
    pub(crate) fn signed_versions(&self, id: &NoteId, material: &Material) -> Vec<SignedNote> {
        self.judge_signed(id, material).0
    }

    /// The same, and those whose signature holds and does not count: their device was removed before they came.
    pub(crate) fn judge_signed(&self, id: &NoteId, material: &Material) -> (Vec<SignedNote>, Vec<SignedNote>) {
        let (mut signed, mut uncounted) = (Vec::new(), Vec::new());
        for (payload, envelope) in material.signed.iter().zip(&material.signed_in) {
            let Some(note) = SignedNote::read(id, payload) else { continue };
            match self.signature_counts(&note, envelope) {
                Some(true) => signed.push(note),
                Some(false) => uncounted.push(note),
                None => {}
            }
        }
        uncounted.retain(|note| !signed.iter().any(|counted: &SignedNote| counted.hash == note.hash));
        for notes in [&mut signed, &mut uncounted] {
            notes.sort_by_key(|note| (note.adds_to.is_some(), note.at, note.hash));
            notes.dedup_by(|a, b| a.hash == b.hash);
        }
        (signed, uncounted)
    }

    /// Of a device of the practice every signature counts; of a removed one those in its own log, up to its cut. `None` when
    /// the device never belonged to the practice.
    pub(crate) fn signature_counts(&self, note: &SignedNote, envelope: &Hash) -> Option<bool> {
        let card = self.roster().card(&note.device).filter(|card| card.signing == note.proof.key)?;
        if card.id == self.core.device || self.roster().device(&card.id).is_some() {
            return Some(true);
        }
        let header = self.header(envelope).ok()?.header;
        Some(header.log.device() == card.id && self.ledger().is_within_cut(&header).unwrap_or(false))
    }

    /// What the draft holds beyond everything that was signed: what the therapist made of it so far, then what has
    /// arrived since.
    pub(crate) fn late(
        &self,
        id: &NoteId,
        signed: &[SignedNote],
        document: &Document,
    ) -> Result<Option<String>, RowError> {
        // What a signature names and is not here, or says otherwise, covers no word: whoever signs what nobody wrote, and
        // withholds something, hides nothing.
        let mut seen = covered(document, signed);
        let Some(written) = written_beyond(document, &seen) else { return Ok(None) };
        let Some(LateAddendum { heads, text: begun }) = self.late_text(id)? else { return Ok(Some(written)) };
        seen.extend(heads);
        Ok(Some(match written_beyond(document, &seen) {
            Some(since) if !since.is_empty() => format!("{begun}\n\n{since}"),
            _ => begun,
        }))
    }

    /// What the therapist made of an unsigned addendum; what arrived after that is not in it.
    pub(crate) fn late_text(&self, id: &NoteId) -> Result<Option<LateAddendum>, RowError> {
        self.get(&LateTextAt(*id))
    }
}

/// The versions that signatures cover: those that are here, of notes that say what stands there, and of addenda.
fn covered(document: &Document, signed: &[SignedNote]) -> Vec<Hash> {
    let says_so = |note: &&SignedNote| {
        let content = document.content_at(&Heads::from(note.heads.clone()));
        let as_written = content.is_some_and(|(fields, text)| fields::to_note(&fields, &text) == note.content);
        note.adds_to.is_some() || as_written
    };
    let heads = signed.iter().filter(says_so).flat_map(|note| note.heads.iter().copied());
    heads.filter(|head| document.covers(&Heads::from(vec![*head]))).collect()
}

/// Whether each of these signatures says what the document says at the version that it froze: the first its whole content, each
/// later one what was written beyond those before it. Else words that nobody signed would go with a draft. What cannot be told
/// is no.
pub(crate) fn signed_as_written(document: &Document, signed: &[SignedNote]) -> bool {
    let mut before: Vec<Hash> = Vec::new();
    signed.iter().all(|note| {
        let heads = Heads::from(note.heads.clone());
        let Some((fields, text)) = document.content_at(&heads) else { return false };
        let as_written = if before.is_empty() {
            fields::to_note(&fields, &text) == note.content
        } else {
            document.fork_at(&heads, Actor::NOBODY).is_some_and(|then| {
                let known: Vec<Hash> =
                    before.iter().copied().filter(|head| then.covers(&Heads::from(vec![*head]))).collect();
                let seen = Heads::from(known.clone());
                let nothing = then.is_covered_by(&seen);
                !known.is_empty()
                    && (nothing || written_beyond(&then, &known).is_some_and(|beyond| beyond == note.content.text))
            })
        };
        before.extend(&note.heads);
        as_written
    })
}

/// What the document holds beyond these heads; `None` when that is nothing.
fn written_beyond(document: &Document, heads: &[Hash]) -> Option<String> {
    let heads = Heads::from(heads.to_vec());
    if document.is_covered_by(&heads) {
        return None;
    }
    let passages = document.written_outside(&heads)?;
    let written: Vec<&str> = passages
        .iter()
        .filter(|passage| passage.kind == PassageKind::Written)
        .map(|passage| passage.text.as_str())
        .collect();
    Some(written.join("\n\n"))
}
