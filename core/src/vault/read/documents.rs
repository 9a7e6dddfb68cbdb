//! Documents as their items make them.

use jiff::civil::Date;

use crate::document::{Actor, Document, Loaded};
use crate::id::{ClientId, DocId, NoteId};
use crate::kdf;
use crate::log::{DocType, Kind};
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::items::deletion::{Deletion, TrashedDocument, delete_payload, deleted_at};
use crate::vault::items::frozen::frozen_fields;
use crate::vault::items::material::Material;
use crate::vault::items::place::Entry;
use crate::vault::items::pruning::{KnownDraft, signed_heads};
use crate::vault::read::Documents;
use crate::vault::read::signatures::signed_as_written;

impl<'a> Documents<'a> {
    /// All payloads of a document that can be opened now.
    pub(crate) fn material(&self, entry: &Entry) -> Result<Material, RowError> {
        let mut material = Material::default();
        for (place, kind) in &entry.places {
            let into = match kind {
                Kind::Frozen | Kind::Disclosure | Kind::File => &mut material.frozen,
                Kind::Changes => &mut material.chunks,
                Kind::Signed => &mut material.signed,
                Kind::Delete if self.is_deletion_held(place) => continue,
                Kind::Delete => &mut material.deletes,
                Kind::Restore => &mut material.restores,
                Kind::Moved => &mut material.moves,
                _ => continue,
            };
            into.push(self.payload(place)?);
            material.signed_in.extend((*kind == Kind::Signed).then_some(place.envelope));
        }
        Ok(material)
    }

    /// The document that the payloads make, with chunks that no envelope holds yet; `None` until its beginning is here,
    /// and always for what is never edited, such as measures.
    pub(crate) fn assemble_document(
        &self,
        material: &Material,
        id: &DocId,
        kind: DocType,
        pending: &[Vec<u8>],
        actor: Actor,
    ) -> Result<Option<Document>, RowError> {
        Ok(self.load_document(material, id, kind, pending, actor)?.document)
    }

    /// As [`Self::assemble_document`], with what was refused on the way.
    pub(crate) fn load_document(
        &self,
        material: &Material,
        id: &DocId,
        kind: DocType,
        pending: &[Vec<u8>],
        actor: Actor,
    ) -> Result<Loaded, RowError> {
        if !matches!(kind, DocType::Client | DocType::Note | DocType::ProcessNote) {
            return Ok(Loaded::default());
        }
        let closed = !material.signed.is_empty() && self.ledger().is_draft_pruned(id)?;
        if closed && material.chunks.is_empty() && pending.is_empty() {
            return Ok(Loaded::default());
        }
        let base = material.frozen_json().map(|json| frozen_fields(kind, json)).transpose()?;
        let base = base.as_ref().map(|(fields, text)| (fields, text.as_str()));
        let chunks = material.changes().chain(pending.iter().map(Vec::as_slice));
        let mut loaded = Document::load(base, *id, chunks, actor)?;
        if closed && !loaded.waiting.is_empty() {
            // What led to a signed note may have gone, here or elsewhere: what is left of it is not looked at.
            loaded.document = loaded.document.and_then(|document| self.beyond_pruning(id, material, document));
        }
        Ok(loaded)
    }

    /// What a closed note's document has beyond its signatures, with all that they name: nothing else of it counts.
    pub(crate) fn beyond_pruning(&self, id: &NoteId, material: &Material, document: Document) -> Option<Document> {
        let heads = signed_heads(&self.signed_versions(id, material));
        Some(document).filter(|document| document.covers(&heads) && !document.is_covered_by(&heads))
    }

    /// Whether deletions have seen everything that there is of a document.
    pub(crate) fn is_deleted(&self, id: &DocId, entry: &Entry) -> Result<bool, RowError> {
        if !entry.places.iter().any(|(_, kind)| *kind == Kind::Delete) {
            return Ok(false);
        }
        let material = self.material(entry)?;
        if material.deletes.is_empty() {
            return Ok(false);
        }
        let document = self.assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?;
        Ok(material.is_deleted(document.as_ref()))
    }

    /// What a deletion of a document says now, as far as the document has been seen here.
    pub(crate) fn delete_payload_of(&self, id: &DocId, entry: &Entry, now: Millis) -> Result<Vec<u8>, RowError> {
        let material = self.material(entry)?;
        let document = self.assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?;
        let heads = material.heads(document.as_ref());
        Ok(delete_payload(entry.kind, entry.client, &heads, now))
    }

    /// The deletions of a document that are applied.
    pub(crate) fn deletions_of(&self, entry: &Entry) -> Result<Vec<Deletion>, RowError> {
        let mut deletions = Vec::new();
        for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Delete) {
            let payload = self.payload(place)?;
            let device = self.header(&place.envelope)?.header.log.device();
            let at = deleted_at(&payload).unwrap_or_default();
            deletions.push(Deletion { hash: kdf::sha256(&payload), at, device });
        }
        Ok(deletions)
    }

    pub(crate) fn trashed(
        &self,
        entry: &Entry,
        client: ClientId,
        date: Option<Date>,
        words: String,
    ) -> Result<Option<TrashedDocument>, RowError> {
        let last = self.deletions_of(entry)?.into_iter().max_by_key(|deletion| (deletion.at, deletion.hash));
        Ok(last.map(|Deletion { at, device, .. }| TrashedDocument {
            kind: entry.kind.code(),
            client,
            date,
            words,
            at,
            device,
        }))
    }

    /// The documents of a client, its own left out; what is deleted already is not among them.
    pub(crate) fn documents_of(&self, client: &ClientId) -> Result<Vec<DocId>, RowError> {
        let timeline = self.read_timeline(client)?;
        let mut all: Vec<DocId> = timeline.documents().collect();
        all.retain(|id| matches!(self.entry(id), Ok(Some(_))));
        Ok(all)
    }

    /// What is known of a draft by the places of this entry; `None` where that cannot be told now, so that nothing of it goes.
    pub(crate) fn drafted(&self, id: &DocId, entry: Entry) -> Result<Option<KnownDraft>, RowError> {
        let opens = match entry.kind {
            DocType::Note => true,
            DocType::ProcessNote => self.core.reauth.is_some(),
            _ => false,
        };
        if !opens {
            return Ok(None);
        }
        let mut material = match self.material(&entry) {
            Ok(material) => material,
            // A key or a part has not arrived, or is damaged.
            Err(RowError::KeyNotHere | RowError::NeedsReauth | RowError::Damaged) => return Ok(None),
            Err(error) => return Err(error),
        };
        let signed = self.signed_versions(id, &material);
        // Without its signatures it is loaded as the draft that it was.
        material.signed.clear();
        let pending = self.pending_chunks(id)?;
        let has_changes = !(material.chunks.is_empty() && pending.is_empty());
        let loaded = self.load_document(&material, id, entry.kind, &pending, Actor([0; 16]))?;
        if !loaded.waiting.is_empty() || !loaded.set_aside.is_empty() {
            // Words that wait for what they build on, or that this version cannot read, are not among what it can judge.
            return Ok(None);
        }
        let says_so = loaded.document.as_ref().is_none_or(|document| signed_as_written(document, &signed));
        let signed = (!signed.is_empty()).then(|| signed_heads(&signed));
        Ok(Some(KnownDraft { signed, document: loaded.document, has_changes, says_so }))
    }
}
