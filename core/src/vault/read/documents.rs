//! Documents as their items make them.

use jiff::civil::Date;

use crate::document::{Actor, Document, Fields, Heads, Loaded, letters_of};
use crate::id::{ClientId, DocId, NoteId};
use crate::kdf;
use crate::keyring::Compartment;
use crate::log::{DocType, Kind};
use crate::rows::{Plain, RowError};
use crate::vault::Millis;
use crate::vault::items::deletion::{Deletion, TrashedDocument, delete_payload, deleted_at};
use crate::vault::items::frozen::{frozen_fields, origin_of};
use crate::vault::items::home::{DocumentOrigin, Home, said};
use crate::vault::items::material::{Material, SentChanges};
use crate::vault::items::place::{Entry, Place};
use crate::vault::items::pruning::{KnownDraft, signed_heads};
use crate::vault::items::signed::SignedNote;
use crate::vault::read::Documents;
use crate::vault::read::signatures::signed_as_written;
use crate::vault::registry::LateChangesAt;

impl<'a> Documents<'a> {
    /// All payloads of a document that can be opened now.
    pub(crate) fn material(&self, id: &DocId, entry: &Entry) -> Result<Material, RowError> {
        let mut material = Material::default();
        for (place, kind) in &entry.places {
            let into = match kind {
                Kind::Changes => {
                    let by = self.header(&place.envelope)?.header.log.device();
                    let Some(payload) = self.payload_of(id, entry, place)? else { continue };
                    material.chunks.push(SentChanges { by, envelope: place.envelope, payload });
                    material.opened.push(*place);
                    continue;
                }
                Kind::Frozen | Kind::Disclosure | Kind::File => &mut material.frozen,
                Kind::Signed => &mut material.signed,
                Kind::Delete if self.is_deletion_held(place) => continue,
                Kind::Delete => &mut material.deletes,
                Kind::Restore => &mut material.restores,
                Kind::Moved => &mut material.moves,
                _ => continue,
            };
            let Some(payload) = self.payload_of(id, entry, place)? else { continue };
            into.push(payload);
            material.opened.push(*place);
            material.signed_in.extend((*kind == Kind::Signed).then_some(place.envelope));
        }
        Ok(material)
    }

    /// The payload of one of a document's items. What lies under a key of private notes is not opened when it comes: what turns
    /// out not to belong to the document, or not to open, is none of its items.
    pub(crate) fn payload_of(&self, id: &DocId, entry: &Entry, place: &Place) -> Result<Option<Plain>, RowError> {
        if !entry.is_private() {
            return self.payload(place).map(Some);
        }
        let (item, by) = self.item(place)?;
        match self.compartment_key(&item.key) {
            Ok(_) => {
                let opened = self.open_item(&item, by).ok();
                Ok(opened.filter(|payload| origin_of(item.kind, id, payload).is_ok()))
            }
            Err(RowError::KeyNotHere) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a document's id commits to, in whose record it lies, and what is written about it lies under. Of what the
    /// passphrase protects it asks for that again.
    pub(crate) fn home(&self, id: &DocId, entry: &Entry) -> Result<Home, RowError> {
        if !entry.is_private() {
            return Ok(Home::of_record(entry));
        }
        if self.core.reauth.is_none() {
            return Err(RowError::NeedsReauth);
        }
        let origin = DocumentOrigin::of(&self.first_payload(id, entry)?.ok_or(RowError::KeyNotHere)?)?;
        let client = self.ownership_of(id, entry)?.owner.unwrap_or(origin.client);
        Ok(Home { origin, client, compartment: Compartment::Process })
    }

    /// The first of a document's payloads that can be opened; of a draft that has not left yet, what waits.
    fn first_payload(&self, id: &DocId, entry: &Entry) -> Result<Option<Plain>, RowError> {
        for (place, _) in &entry.places {
            if let Some(payload) = self.payload_of(id, entry, place)? {
                return Ok(Some(payload));
            }
        }
        Ok(self.pending_payloads(id)?.into_iter().next())
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
        let frozen = material.frozen_jsons().into_iter().map(|json| frozen_fields(kind, json));
        let frozen: Vec<(Fields, String)> = frozen.collect::<Result<_, _>>()?;
        let frozen = frozen.iter().map(|(fields, text)| (fields, text.as_str()));
        let own = self.core.device;
        let chunks = material.changes().chain(pending.iter().map(|chunk| (own, chunk.as_slice())));
        let mut loaded = Document::load(frozen, *id, chunks, actor)?;
        if closed && !loaded.waiting.is_empty() && self.ledger().lacks_what_went(id)? {
            // What led to a signed note has gone, here or elsewhere: what is left of it is not looked at. That somebody says so of
            // what is here hides nothing.
            loaded.document = loaded.document.and_then(|document| self.beyond_pruning(id, material, document));
        }
        Ok(loaded)
    }

    /// What a closed note's document has beyond its signatures, with all that they name: nothing else of it counts.
    pub(crate) fn beyond_pruning(&self, id: &NoteId, material: &Material, document: Document) -> Option<Document> {
        let heads = signed_heads(&self.signed_versions(id, material));
        let is_beyond = |document: &Document| document.covers(&heads) && !document.is_covered_by(&heads);
        Some(document).filter(|document| is_beyond(document) || !document.stranded_letters().is_empty())
    }

    /// The letters of changes that came to a draft after something of it was let go, and that wait for it; none that were signed
    /// since.
    pub(crate) fn waiting_letters(
        &self,
        id: &NoteId,
        material: &Material,
        signed: &[SignedNote],
    ) -> Result<Option<String>, RowError> {
        let late = self.list(&LateChangesAt(*id))?;
        let sent = material.chunks.iter().filter(|sent| late.contains(&sent.envelope));
        let letters: String = sent.filter_map(|sent| letters_of(said(&sent.payload), sent.by).ok()).collect();
        let is_signed = signed.iter().any(|note| note.content.text.contains(&letters));
        Ok(Some(letters).filter(|letters| !letters.is_empty() && !is_signed))
    }

    /// Whether deletions have seen everything that there is of a document.
    pub(crate) fn is_deleted(&self, id: &DocId, entry: &Entry) -> Result<bool, RowError> {
        if !entry.has(Kind::Delete) {
            return Ok(false);
        }
        let material = self.material(id, entry)?;
        if material.deletes.is_empty() {
            return Ok(false);
        }
        let document = self.assemble_document(&material, id, entry.kind(), &[], Actor::NOBODY)?;
        Ok(material.is_deleted(document.as_ref()))
    }

    /// What a deletion of a document says now, as far as the document has been seen here.
    pub(crate) fn delete_payload_of(
        &self,
        id: &DocId,
        entry: &Entry,
        origin: &DocumentOrigin,
        now: Millis,
    ) -> Result<Vec<u8>, RowError> {
        let material = self.material(id, entry)?;
        let document = self.assemble_document(&material, id, entry.kind(), &[], Actor::NOBODY)?;
        let heads = material.heads(document.as_ref());
        Ok(delete_payload(origin, &heads, now))
    }

    /// The deletions of a document that are applied.
    pub(crate) fn deletions_of(&self, id: &DocId, entry: &Entry) -> Result<Vec<Deletion>, RowError> {
        let mut deletions = Vec::new();
        for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Delete) {
            let Some(payload) = self.payload_of(id, entry, place)? else { continue };
            let device = self.header(&place.envelope)?.header.log.device();
            let at = deleted_at(&payload).unwrap_or_default();
            deletions.push(Deletion { hash: kdf::sha256(&payload), at, device });
        }
        Ok(deletions)
    }

    pub(crate) fn trashed(
        &self,
        id: &DocId,
        entry: &Entry,
        client: ClientId,
        date: Option<Date>,
        words: String,
    ) -> Result<Option<TrashedDocument>, RowError> {
        let last = self.deletions_of(id, entry)?.into_iter().max_by_key(|deletion| (deletion.at, deletion.hash));
        Ok(last.map(|Deletion { at, device, .. }| TrashedDocument {
            kind: entry.kind().code(),
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
    pub(crate) fn drafted(&self, id: &DocId, entry: &Entry) -> Result<Option<KnownDraft>, RowError> {
        let Some(mut material) = self.material_if_opened(id, entry)? else { return Ok(None) };
        let signed = self.signed_versions(id, &material);
        // Without its signatures it is loaded as the draft that it was.
        material.signed.clear();
        let pending = self.pending_chunks(id)?;
        let has_changes = !(material.chunks.is_empty() && pending.is_empty());
        let loaded = self.load_document(&material, id, entry.kind(), &pending, Actor::NOBODY)?;
        if !loaded.waiting.is_empty() || !loaded.set_aside.is_empty() {
            // Words that wait for what they build on, or that this version cannot read, are not among what it can judge.
            return Ok(None);
        }
        let document = loaded.document;
        let says_so = document.as_ref().is_none_or(|document| signed_as_written(document, &signed));
        let own = self.core.device;
        let seen = signed.iter().filter(|note| note.device == own).flat_map(|note| note.heads.iter().copied());
        let seen = Heads::from(seen.collect::<Vec<_>>());
        let rewritten = document.as_ref().is_some_and(|document| document.was_rewritten_by_another(own, &seen));
        let signed = (!signed.is_empty()).then(|| signed_heads(&signed));
        Ok(Some(KnownDraft { signed, document, has_changes, says_so, rewritten }))
    }

    /// Whether changes of a draft wait for others; `None` where that cannot be told now.
    pub(crate) fn waits_for_more(&self, id: &DocId, entry: &Entry) -> Result<Option<bool>, RowError> {
        let Some(mut material) = self.material_if_opened(id, entry)? else { return Ok(None) };
        material.signed.clear();
        let loaded = self.load_document(&material, id, entry.kind(), &[], Actor::NOBODY)?;
        Ok(Some(!loaded.waiting.is_empty()))
    }

    /// The material of a note; `None` where it cannot be opened now: a key or a part has not arrived, or is damaged.
    fn material_if_opened(&self, id: &DocId, entry: &Entry) -> Result<Option<Material>, RowError> {
        if !entry.is_note() || (entry.is_private() && self.core.reauth.is_none()) {
            return Ok(None);
        }
        if entry.is_private() {
            for (place, _) in &entry.places {
                let (item, by) = self.item(place)?;
                if matches!(self.open_item(&item, by), Err(RowError::KeyNotHere)) {
                    return Ok(None);
                }
            }
        }
        match self.material(id, entry) {
            Ok(material) => Ok(Some(material)),
            Err(RowError::KeyNotHere | RowError::NeedsReauth | RowError::Damaged) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
