//! An import under way: each client, note and measure of a paper trail as a document, written batch by batch.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{MAX_FIELDS, MAX_TEXT, bytes_of, fields};
use crate::id::{ClientId, DocId, Hash, NoteId};
use crate::import::{Found, ImportedNote, ProblemKind, Verdict};
use crate::keyring::Compartment;
use crate::log::{Class, DocType, Kind};
use crate::plain_text::shown_name;
use crate::record::{Identity, Measure, NoteContent};
use crate::rows::{One, RowError};
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, key_for};
use crate::vault::core::{Core, Transaction};
use crate::vault::items::frozen::{FrozenMeasures, frozen_payload};
use crate::vault::items::home::{DocumentOrigin, NOBODY, Under};
use crate::vault::items::note::ADDENDUM_TO;
use crate::vault::items::signed::SIGNED_MAX;
use crate::vault::read::ReadError;
use crate::vault::registry::{ImportAt, ImportedAt, ImportsAt};
use crate::vault::subject::exchange::Imported;
use crate::{kdf, labels};

/// Bytes of payload after which an import writes what it has.
const BATCH: usize = 4 << 20;

/// Whether a note cannot be kept as one: it must have room as a draft, and with its signature and what is signed beside it.
fn too_large(content: &NoteContent) -> Result<Option<ProblemKind>, RowError> {
    let (fields, text) = fields::of_note(content);
    let signed = serde_json::to_vec(content).map_err(|_| RowError::Damaged)?.len().saturating_add(2_048);
    let number = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    let beyond = [(text.len(), MAX_TEXT), (bytes_of(&fields), MAX_FIELDS), (signed, SIGNED_MAX)];
    let first = beyond.into_iter().find(|(bytes, limit)| bytes > limit);
    Ok(first.map(|(bytes, limit)| ProblemKind::TooLarge { bytes: number(bytes), limit: number(limit) }))
}

/// An import under way.
pub(super) struct Importing<'v> {
    core: &'v mut Core,
    dry_run: bool,
    origin: DocId,
    tx: Transaction,
    out: Outbox,
    bytes: usize,
    clients: BTreeMap<String, ClientId>,
    measures: BTreeMap<ClientId, Vec<Measure>>,
    /// Documents that were taken, and are in no list yet.
    added: Vec<DocId>,
    /// Rows that list documents.
    parts: u64,
    /// The notes of the folder that have an id of another practice, and their ids here.
    named: BTreeMap<NoteId, NoteId>,
    /// Addenda whose notes have not been read yet.
    addenda: Vec<ImportedNote>,
    /// Documents that wait to be written.
    batch: BTreeSet<DocId>,
    done: Imported,
    now: Millis,
}

impl<'v> Importing<'v> {
    pub(super) fn begin(core: &'v mut Core, dry_run: bool, now: Millis) -> Self {
        let origin = DocId::random(&mut *core.entropy());
        Self {
            core,
            dry_run,
            origin,
            tx: Transaction::default(),
            out: Outbox::new(Class::Import),
            bytes: 0,
            clients: BTreeMap::new(),
            measures: BTreeMap::new(),
            added: Vec::new(),
            parts: 0,
            named: BTreeMap::new(),
            addenda: Vec::new(),
            batch: BTreeSet::new(),
            done: Imported::default(),
            now,
        }
    }

    pub(super) fn take(&mut self, found: Found) -> Result<Verdict, ReadError> {
        match found {
            Found::Client(code, identity) => self.client(code, &identity)?,
            Found::Measure(code, measure) => {
                if let Some(client) = self.clients.get(&code) {
                    self.measures.entry(*client).or_default().push(measure);
                }
            }
            Found::Note(note) if note.process && self.core.reauth.is_none() => {
                self.done.process_left_out += 1;
                return Ok(Verdict::LeftOut);
            }
            Found::Note(note) => {
                self.all_measures()?;
                if let Some(refused) = too_large(&note.content)? {
                    return Ok(Verdict::Refused(refused));
                }
                // What it adds to may come later, and its own id follows from that.
                match note.addendum_to {
                    Some(_) => self.addenda.push(note),
                    None => self.note(note, None)?,
                }
            }
        }
        Ok(Verdict::Taken)
    }

    fn client(&mut self, code: String, identity: &Identity) -> Result<(), ReadError> {
        let origin = self.origin_of(DocType::Client, NOBODY, b"client", &[code.as_bytes()]);
        let id = self.exported_client(&code, identity)?.unwrap_or_else(|| origin.id());
        self.clients.insert(code, id);
        if self.is_here(&id)? {
            self.done.known += 1;
            return Ok(());
        }
        self.done.clients += 1;
        if self.dry_run {
            return Ok(());
        }
        key_for(self.core, &mut self.tx, &mut self.out, id, Compartment::Clinical)?;
        let json = serde_json::to_vec(identity).map_err(|_| RowError::Damaged)?;
        self.freeze(origin, &json)
    }

    /// The client of this practice that an export of ours named so: by id, or by code where the name is the same too.
    fn exported_client(&self, code: &str, identity: &Identity) -> Result<Option<ClientId>, ReadError> {
        if let Some(id) = code.strip_prefix('~').and_then(|id| id.parse().ok()) {
            return Ok(self.is_here(&id)?.then_some(id));
        }
        let (code, name) = (shown_name(code), shown_name(&identity.name));
        let same = |row: &&crate::catalog::ClientRow| row.code.as_deref() == Some(&*code) && row.name == name;
        Ok(self.core.read().clients().find(same).map(|row| row.id))
    }

    /// Measures come before the notes, client by client mixed: one document a client.
    fn all_measures(&mut self) -> Result<(), ReadError> {
        for (client, measures) in std::mem::take(&mut self.measures) {
            let here = if self.core.memory.clients.contains_key(&client) {
                self.core.read().documents().measures(&client)?
            } else {
                Vec::new()
            };
            let count = u64::try_from(measures.len()).unwrap_or(u64::MAX);
            let fresh: Vec<Measure> = measures.into_iter().filter(|measure| !here.contains(measure)).collect();
            let added = u64::try_from(fresh.len()).unwrap_or(u64::MAX);
            self.done.known += count - added;
            self.done.measures += added;
            if fresh.is_empty() || self.dry_run {
                continue;
            }
            let frozen = FrozenMeasures { measures: fresh };
            let json = serde_json::to_vec(&frozen).map_err(|_| RowError::Damaged)?;
            let parts: [&[u8]; 2] = [&client.0, &kdf::sha256(&json).0];
            let origin = self.origin_of(DocType::Measures, client, b"measures", &parts);
            self.freeze(origin, &json)?;
        }
        Ok(())
    }

    /// Each after the one that it adds to; what adds to nothing that is here is taken as a note of its own.
    fn all_addenda(&mut self) -> Result<(), ReadError> {
        let mut waiting = std::mem::take(&mut self.addenda);
        loop {
            let before = waiting.len();
            for note in std::mem::take(&mut waiting) {
                match self.parent(&note)? {
                    Some(parent) => self.note(note, Some(parent))?,
                    None => waiting.push(note),
                }
            }
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        waiting.into_iter().try_for_each(|note| self.note(note, None))
    }

    /// The note here that an addendum adds to.
    fn parent(&self, note: &ImportedNote) -> Result<Option<NoteId>, ReadError> {
        let Some(named) = note.addendum_to else { return Ok(None) };
        match self.named.get(&named) {
            Some(id) => Ok(Some(*id)),
            None => Ok(self.is_here(&named)?.then_some(named)),
        }
    }

    fn note(&mut self, note: ImportedNote, parent: Option<NoteId>) -> Result<(), ReadError> {
        let Some(client) = self.clients.get(&note.client).copied() else { return Ok(()) };
        // A note that this practice exported has its own id in its front matter.
        if let Some(id) = note.note_id
            && self.is_here(&id)?
        {
            self.named.insert(id, id);
            self.done.known += 1;
            return Ok(());
        }
        if let (Some(parent), Some(mark)) = (&parent, &note.signed)
            && self.has_signed(parent, &mark.hash)?
        {
            self.done.known += 1;
            return Ok(());
        }
        let mut content = note.content;
        content.other.extend(parent.map(|id| (ADDENDUM_TO.to_owned(), id.to_string())));
        let json = serde_json::to_vec(&content).map_err(|_| RowError::Damaged)?;
        let kind = if note.process { DocType::ProcessNote } else { DocType::Note };
        let parts: [&[u8]; 3] = [&client.0, note.source.as_bytes(), &kdf::sha256(&json).0];
        let origin = self.origin_of(kind, client, b"note", &parts);
        let id = origin.id();
        self.named.extend(note.note_id.map(|named| (named, id)));
        if self.is_here(&id)? {
            self.done.known += 1;
            return Ok(());
        }
        self.done.notes += 1;
        if self.dry_run {
            return Ok(());
        }
        self.freeze(origin, &json)
    }

    fn freeze(&mut self, origin: DocumentOrigin, json: &[u8]) -> Result<(), ReadError> {
        let (id, under) = (origin.id(), Under::Client(origin.home(), origin.compartment()));
        self.out.push(Kind::Frozen, id, under, frozen_payload(&origin, &self.origin, json));
        self.added.push(id);
        self.batch.insert(id);
        self.bytes += json.len();
        if self.bytes >= BATCH { self.write() } else { Ok(()) }
    }

    /// What the id of an imported document commits to: the same on every device of the practice.
    fn origin_of(&self, kind: DocType, client: ClientId, what: &[u8], parts: &[&[u8]]) -> DocumentOrigin {
        let all: Vec<&[u8]> = std::iter::once(what).chain(parts.iter().copied()).collect();
        let hash = kdf::mac(&self.core.practice, labels::IMPORT, &all);
        DocumentOrigin { kind, client, nonce: hash.0.first_chunk().copied().unwrap_or_default() }
    }

    /// Whether this practice signed that itself, beside the note.
    fn has_signed(&self, note: &NoteId, hash: &Hash) -> Result<bool, ReadError> {
        let documents = self.core.at(&self.tx).documents();
        let Some(entry) = documents.entry(note)?.filter(|_| !self.batch.contains(note)) else {
            return Ok(false);
        };
        let Ok(material) = documents.material(note, &entry) else { return Ok(false) };
        Ok(documents.signed_versions(note, &material).iter().any(|signed| signed.hash == *hash))
    }

    /// Whether a document is here and not deleted.
    fn is_here(&self, id: &DocId) -> Result<bool, ReadError> {
        if self.batch.contains(id) {
            return Ok(true);
        }
        let documents = self.core.at(&self.tx).documents();
        let Some(entry) = documents.entry(id)? else { return Ok(false) };
        Ok(!documents.is_deleted(id, &entry)?)
    }

    /// Writes what was taken so far, and with it the list by which it can be undone.
    fn write(&mut self) -> Result<(), ReadError> {
        self.bytes = 0;
        self.batch.clear();
        let mut tx = std::mem::take(&mut self.tx);
        let out = std::mem::replace(&mut self.out, Outbox::new(Class::Import));
        tx.put(&ImportedAt(self.origin, self.parts), &std::mem::take(&mut self.added));
        self.parts += 1;
        tx.put(&ImportAt(self.origin), &One((self.now, self.parts)));
        let mut all = self.core.read().list(&ImportsAt())?;
        if !all.contains(&self.origin) {
            all.push(self.origin);
        }
        tx.put(&ImportsAt(), &all);
        Ok(commit(self.core, tx, out)?)
    }

    /// Writes the rest. What was taken before a stop stays, as one import that can be undone.
    pub(super) fn end(mut self) -> Result<Imported, ReadError> {
        self.all_measures()?;
        self.all_addenda()?;
        if !self.added.is_empty() {
            self.write()?;
        }
        self.done.id = (self.parts > 0).then_some(self.origin);
        Ok(self.done)
    }
}
