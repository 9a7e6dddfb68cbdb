//! Clients: who they are, and what was measured.

use crate::catalog::{ClientRow, NoteRow, Timeline};
use crate::document::{Actor, Document, Heads, Loaded, fields};
use crate::id::{ClientId, DocId, Hash};
use crate::log::{Class, DocType, Kind};
use crate::record::{self, Identity, Measure};
use crate::rows::Plain;
use crate::vault::append::{Outgoing, changes_payload};
use crate::vault::index::{Entry, Place, Work};
use crate::vault::keys::Compartment;
use crate::vault::trash::delete_payload;
use crate::vault::{Millis, Vault, VaultError};

/// Type and origin before the JSON of a frozen item.
const FROZEN_HEAD: usize = 17;

/// The JSON of a frozen set of measures.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct FrozenMeasures {
    pub(crate) client: ClientId,
    pub(crate) measures: Vec<Measure>,
}

/// A client as their document describes them.
pub(crate) struct Described {
    pub(crate) identity: Identity,
    /// Every part of the document was seen by a deletion.
    pub(crate) deleted: bool,
    /// Where changes lie that the document refused.
    pub(crate) refused: Vec<Place>,
}

/// The payloads of a document's items, by kind.
#[derive(Default)]
pub(crate) struct Material {
    /// What is never changed: what an import brought, and what says what an attached file is.
    pub(crate) frozen: Vec<Plain>,
    pub(crate) chunks: Vec<Plain>,
    pub(crate) signed: Vec<Plain>,
    /// The envelope of each signed item.
    pub(crate) signed_in: Vec<Hash>,
    /// Deletions that are applied, not those that are held.
    pub(crate) deletes: Vec<Plain>,
    pub(crate) restores: Vec<Plain>,
    pub(crate) moves: Vec<Plain>,
}

impl Material {
    /// What the document began from: of several frozen items (two devices imported the same folder), any, as all say
    /// the same but for their origin.
    pub(crate) fn frozen_json(&self) -> Option<&[u8]> {
        self.frozen.iter().filter_map(|payload| payload.get(FROZEN_HEAD..)).min()
    }

    /// What came as changes, in the order in which it was stored.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &[u8]> {
        self.chunks.iter().map(|payload| payload.get(FROZEN_HEAD..).unwrap_or_default())
    }

    /// Whether nobody has written, signed or deleted anything here since it was imported.
    pub(crate) fn is_as_imported(&self) -> bool {
        !self.frozen.is_empty() && self.chunks.is_empty() && self.signed.is_empty() && self.deletes.is_empty()
    }
}

impl Vault {
    /// All clients, in the order of their ids; two records that were made one are one.
    pub fn clients(&self) -> impl Iterator<Item = &ClientRow> {
        self.clients.values().filter_map(|row| self.shown_row(row))
    }

    /// One client of the list; of a record that was made one with another, the client who stands for both.
    pub fn client(&self, id: &ClientId) -> Result<&ClientRow, VaultError> {
        let row = self.clients.get(&self.home(id)).ok_or(VaultError::NoSuchClient)?;
        self.shown_row(row).ok_or(VaultError::NoSuchClient)
    }

    /// A client's notes, newest first; process notes left out.
    pub fn timeline(&self, client: &ClientId) -> Result<Vec<NoteRow>, VaultError> {
        self.client(client)?;
        Ok(self.whole_timeline(client)?.notes)
    }

    /// Notes that are not yet signed, oldest first.
    pub fn unsigned(&self) -> Result<Vec<(ClientId, NoteRow)>, VaultError> {
        let mut all = Vec::new();
        for row in self.clients.values().filter(|row| row.unsigned > 0) {
            let Timeline { notes, .. } = self.read_timeline(&row.id)?;
            let open = notes.into_iter().filter(|note| note.late || note.state == crate::catalog::NoteState::Unsigned);
            all.extend(open.map(|note| (self.home(&row.id), note)));
        }
        all.sort_by_key(|(_, note)| (note.date, note.start));
        Ok(all)
    }

    /// Who a client is.
    pub fn identity(&self, id: &ClientId) -> Result<Identity, VaultError> {
        let work = Work::default();
        let id = &self.client(id)?.id;
        let entry = self.entry(&work, id)?.filter(|entry| entry.kind == DocType::Client);
        let entry = entry.ok_or(VaultError::NoSuchClient)?;
        Ok(self.identity_of(&work, id, &entry)?.ok_or(VaultError::NoSuchClient)?.identity)
    }

    /// Adds a client.
    pub fn add_client(&mut self, identity: &Identity, now: Millis) -> Result<ClientId, VaultError> {
        if identity.name.trim().is_empty() {
            return Err(VaultError::NoName);
        }
        let id = DocId::random(&mut *self.rows.entropy);
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let key = self.key_for(&mut work, &mut out, id, Compartment::Identity)?;
        self.key_for(&mut work, &mut out, id, Compartment::Clinical)?;
        let actor = Actor::random(&mut *self.rows.entropy);
        let document = Document::begin_at(id, &fields::of_identity(identity), "", actor, seconds(now))?;
        for chunk in document.chunks_since(&Heads::default()) {
            out.push(Kind::Changes, id, key, changes_payload(DocType::Client, id, &chunk));
        }
        self.finish(work, out)?;
        self.write_anchor();
        Ok(id)
    }

    /// Changes who a client is. `false` when it says this already.
    pub fn edit_client(&mut self, id: &ClientId, identity: &Identity, now: Millis) -> Result<bool, VaultError> {
        if identity.name.trim().is_empty() {
            return Err(VaultError::NoName);
        }
        let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let id = &self.home(id);
        let entry = self.entry(&work, id)?.filter(|entry| entry.kind == DocType::Client);
        let entry = entry.ok_or(VaultError::NoSuchClient)?;
        let actor = Actor::random(&mut *self.rows.entropy);
        let material = self.material(&work, &entry)?;
        let mut document =
            self.assemble_document(&material, id, DocType::Client, &[], actor)?.ok_or(VaultError::NoSuchClient)?;
        let before = if material.chunks.is_empty() { Heads::default() } else { document.heads() };
        if !document.write_at(&fields::of_identity(identity), "", seconds(now))? {
            return Ok(false);
        }
        for chunk in document.chunks_since(&before) {
            out.push(Kind::Changes, *id, entry.key, changes_payload(DocType::Client, *id, &chunk));
        }
        self.finish(work, out)?;
        self.write_anchor();
        Ok(true)
    }

    /// All measures of a client, oldest first.
    pub fn measures(&self, client: &ClientId) -> Result<Vec<Measure>, VaultError> {
        self.client(client)?;
        let mut all = Vec::new();
        for id in self.whole_timeline(client)?.measures {
            all.extend(self.measures_of(&id)?);
        }
        all.sort_by(|a, b| (a.date, &a.instrument).cmp(&(b.date, &b.instrument)));
        Ok(all)
    }

    pub(crate) fn measures_of(&self, id: &DocId) -> Result<Vec<Measure>, VaultError> {
        let work = Work::default();
        let entry = self.entry(&work, id)?.ok_or(VaultError::Damaged)?;
        let material = self.material(&work, &entry)?;
        let json = material.frozen_json().ok_or(VaultError::Damaged)?;
        let frozen: FrozenMeasures = serde_json::from_slice(json).map_err(|_| VaultError::Damaged)?;
        Ok(frozen.measures)
    }

    /// Deletes a document as far as this device has seen it.
    pub(crate) fn delete_item(
        &self,
        work: &Work,
        out: &mut Outgoing,
        id: DocId,
        entry: &Entry,
        now: Millis,
    ) -> Result<(), VaultError> {
        let material = self.material(work, entry)?;
        let document = self.assemble_document(&material, &id, entry.kind, &[], Actor([0; 16]))?;
        let heads = material.heads(document.as_ref());
        out.push(Kind::Delete, id, entry.key, delete_payload(entry.kind, entry.client, &heads, now));
        Ok(())
    }

    pub(crate) fn identity_of(
        &self,
        work: &Work,
        id: &ClientId,
        entry: &Entry,
    ) -> Result<Option<Described>, VaultError> {
        let material = self.material(work, entry)?;
        if material.chunks.is_empty() && material.deletes.is_empty() {
            let Some(json) = material.frozen_json() else { return Ok(None) };
            let identity = record::read_identity(json).ok();
            return Ok(identity.map(|identity| Described { identity, deleted: false, refused: Vec::new() }));
        }
        let loaded = self.load_document(&material, id, DocType::Client, &[], Actor([0; 16]))?;
        let deleted = material.is_deleted(loaded.document.as_ref());
        let refused = entry.changes_at(&loaded.set_aside);
        Ok(loaded.document.map(|document| Described {
            identity: fields::to_identity(&document.fields()),
            deleted,
            refused,
        }))
    }

    pub(crate) fn refresh_measures(&mut self, work: &mut Work, id: DocId, entry: &Entry) -> Result<(), VaultError> {
        let deleted = self.material(work, entry)?.is_deleted(None);
        self.list_trashed(work, id, entry, deleted.then(Default::default))?;
        let timeline = self.timeline_in(work, entry.client)?;
        timeline.measures.retain(|other| *other != id);
        if !deleted {
            timeline.measures.push(id);
        }
        work.clients.insert(entry.client);
        Ok(())
    }

    /// All payloads of a document that can be opened now.
    pub(crate) fn material(&self, work: &Work, entry: &Entry) -> Result<Material, VaultError> {
        let mut material = Material::default();
        for (place, kind) in &entry.places {
            let into = match kind {
                Kind::Frozen | Kind::Disclosure | Kind::File => &mut material.frozen,
                Kind::Changes => &mut material.chunks,
                Kind::Signed => &mut material.signed,
                Kind::Delete if self.is_held(work, place) => continue,
                Kind::Delete => &mut material.deletes,
                Kind::Restore => &mut material.restores,
                Kind::Moved => &mut material.moves,
                _ => continue,
            };
            into.push(self.payload(work, place)?);
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
    ) -> Result<Option<Document>, VaultError> {
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
    ) -> Result<Loaded, VaultError> {
        if !matches!(kind, DocType::Client | DocType::Note | DocType::ProcessNote) {
            return Ok(Loaded::default());
        }
        let closed = !material.signed.is_empty() && self.is_closed(&Work::default(), id)?;
        if closed && material.chunks.is_empty() && pending.is_empty() {
            return Ok(Loaded::default());
        }
        let base = material.frozen_json().map(|json| frozen_fields(kind, json)).transpose()?;
        let base = base.as_ref().map(|(fields, text)| (fields, text.as_str()));
        let chunks = material.changes().chain(pending.iter().map(Vec::as_slice));
        let mut loaded = Document::load(base, *id, chunks, actor)?;
        if closed {
            // What led to a signed note may have gone, here or elsewhere: it is not looked at either way.
            loaded.document = loaded.document.and_then(|document| self.beyond_closing(id, material, document));
        }
        Ok(loaded)
    }
}

fn frozen_fields(kind: DocType, json: &[u8]) -> Result<(crate::document::Fields, String), VaultError> {
    if kind == DocType::Client {
        let identity = record::read_identity(json).map_err(|_| VaultError::Damaged)?;
        return Ok((fields::of_identity(&identity), String::new()));
    }
    let note: super::notes::FrozenNote = serde_json::from_slice(json).map_err(|_| VaultError::Damaged)?;
    Ok(fields::of_note(&note.content))
}

/// Whole seconds, as Automerge counts them.
pub(crate) fn seconds(now: Millis) -> Option<i64> {
    i64::try_from(now / 1_000).ok()
}
