//! Taking a paper trail in, and undoing that.
//!
//! Ids of imported documents come from what identifies them in the paper trail, so importing twice adds nothing, on two
//! devices as on one. An edit is never overwritten: what is here stays. Undoing takes back what nobody has touched.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use crate::codec::Writer;
use crate::export::ExportError;
use crate::id::{ClientId, DocId, Hash, KeyId, NoteId};
use crate::import::{self, Found, ImportError, ImportedNote, Progress, Report};
use crate::kdf;
use crate::labels;
use crate::log::{Class, DocType, Kind};
use crate::record::{Identity, Measure};
use crate::store::Table;
use crate::vault::append::{Outgoing, changes_payload};
use crate::vault::clients::FrozenMeasures;
use crate::vault::index::{self, Work};
use crate::vault::keys::Compartment;
use crate::vault::notes::{self, FrozenNote};
use crate::vault::{FileError, Millis, Vault, VaultError};

/// Bytes of payload after which an import writes what it has.
const BATCH: usize = 4 << 20;

/// What an import did, or would do.
#[derive(Debug, Default)]
pub struct Imported {
    /// Names the import, to undo it; `None` for a dry run and when nothing was added.
    pub id: Option<DocId>,
    /// Clients added.
    pub clients: u64,
    /// Notes added.
    pub notes: u64,
    /// Measures added.
    pub measures: u64,
    /// Clients, notes and measures that were here already.
    pub known: u64,
    /// Process notes left out, because the passphrase was not given again.
    pub process_left_out: u64,
    /// Notes too large to be kept as one.
    pub too_large: Vec<String>,
    /// What the reading has to say.
    pub report: Report,
}

/// What undoing an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Documents taken back.
    pub removed: u64,
    /// Documents kept, because somebody has written in them since.
    pub kept: u64,
}

/// Why an import or an export did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CarryError {
    /// The folder.
    #[error("{0}")]
    Import(#[from] ImportError),
    /// The folder to write to.
    #[error("{0}")]
    Export(#[from] ExportError),
    /// The vault.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// An attached file.
    #[error("{0}")]
    File(FileError),
}

impl From<FileError> for CarryError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Vault(error) => Self::Vault(error),
            FileError::Write(kind) => Self::Export(ExportError::Io(kind)),
            error => Self::File(error),
        }
    }
}

/// An import under way.
struct Importing<'v> {
    vault: &'v mut Vault,
    dry_run: bool,
    origin: DocId,
    work: Work,
    out: Outgoing,
    bytes: usize,
    clients: BTreeMap<String, ClientId>,
    measures: BTreeMap<ClientId, Vec<Measure>>,
    added: Vec<DocId>,
    /// The notes of the folder that have an id of another practice, and their ids here.
    named: BTreeMap<NoteId, NoteId>,
    /// Addenda whose notes have not been read yet.
    addenda: Vec<ImportedNote>,
    /// Documents that wait to be written.
    batch: BTreeSet<DocId>,
    done: Imported,
    now: Millis,
}

impl Vault {
    /// Takes in the folder of a paper trail. A dry run only counts.
    pub fn import(
        &mut self,
        folder: &Path,
        dry_run: bool,
        now: Millis,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Imported, CarryError> {
        let origin = DocId::random(&mut *self.rows.entropy);
        let mut importing = Importing {
            vault: self,
            dry_run,
            origin,
            work: Work::default(),
            out: Outgoing::new(Class::Import),
            bytes: 0,
            clients: BTreeMap::new(),
            measures: BTreeMap::new(),
            added: Vec::new(),
            named: BTreeMap::new(),
            addenda: Vec::new(),
            batch: BTreeSet::new(),
            done: Imported::default(),
            now,
        };
        let mut failed = None;
        let streamed = import::stream(
            folder,
            &mut |found| match importing.take(found) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            },
            progress,
            cancel,
        );
        if let Some(error) = failed {
            return Err(error.into());
        }
        // What was taken before a stop stays, as one import that can be undone.
        importing.end()?;
        let done = importing.done;
        Ok(Imported { report: streamed?, ..done })
    }

    /// Takes an import back, but for what somebody has written in since.
    pub fn undo_import(&mut self, import: &DocId, now: Millis) -> Result<Undone, VaultError> {
        let row = self.rows.read(Table::Misc, &import_name(import))?.ok_or(VaultError::NoSuchImport)?;
        let mut undone = Undone::default();
        let mut documents: Vec<DocId> = index::ids(row.get(8..).unwrap_or_default()).collect();
        // Notes and measures first: a client goes only when nothing of theirs is left.
        documents.reverse();
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Import));
        let mut going: BTreeMap<ClientId, usize> = BTreeMap::new();
        for id in documents {
            let Some(entry) = self.entry(&work, &id)? else { continue };
            let touched =
                entry.places.iter().any(|(_, kind)| matches!(kind, Kind::Changes | Kind::Signed | Kind::Moved));
            let left = match entry.kind {
                DocType::Client => {
                    let timeline = self.read_timeline(&id)?;
                    timeline.notes.len() + timeline.measures.len() > going.get(&id).copied().unwrap_or(0)
                }
                _ => false,
            };
            if touched || left || self.pending.contains(&id) {
                undone.kept += 1;
                continue;
            }
            self.delete_item(&work, &mut out, id, &entry, now)?;
            *going.entry(entry.client).or_default() += 1;
            undone.removed += 1;
        }
        work.changes.remove(Table::Misc, &import_name(import));
        self.finish(work, out)?;
        self.write_anchor();
        Ok(undone)
    }

    /// Imports that can be undone, newest last, with the time of each.
    pub fn imports(&self) -> Result<Vec<(DocId, Millis)>, VaultError> {
        let all = self.rows.read(Table::Misc, b"imports")?.unwrap_or_default();
        let mut imports = Vec::new();
        for id in index::ids(&all) {
            if let Some(row) = self.rows.read(Table::Misc, &import_name(&id))? {
                let at = row.get(..8).and_then(|at| at.try_into().ok()).map(Millis::from_le_bytes);
                imports.push((id, at.unwrap_or_default()));
            }
        }
        Ok(imports)
    }
}

impl Importing<'_> {
    fn take(&mut self, found: Found) -> Result<(), VaultError> {
        match found {
            Found::Client(code, identity) => self.client(code, &identity),
            Found::Measure(code, measure) => {
                if let Some(client) = self.clients.get(&code) {
                    self.measures.entry(*client).or_default().push(measure);
                }
                Ok(())
            }
            Found::Note(note) => {
                self.all_measures()?;
                // What it adds to may come later, and its own id follows from that.
                match note.addendum_to {
                    Some(_) => self.addenda.push(note),
                    None => self.note(note, None)?,
                }
                Ok(())
            }
        }
    }

    fn client(&mut self, code: String, identity: &Identity) -> Result<(), VaultError> {
        let id = match self.exported_client(&code, identity)? {
            Some(id) => id,
            None => self.vault.import_id(b"client", &[code.as_bytes()]),
        };
        self.clients.insert(code, id);
        if self.is_here(&id)? {
            self.done.known += 1;
            return Ok(());
        }
        self.done.clients += 1;
        if self.dry_run {
            return Ok(());
        }
        let key = self.vault.key_for(&mut self.work, &mut self.out, id, Compartment::Identity)?;
        self.vault.key_for(&mut self.work, &mut self.out, id, Compartment::Clinical)?;
        let json = serde_json::to_vec(identity).map_err(|_| VaultError::Damaged)?;
        self.freeze(DocType::Client, id, key, &json)
    }

    /// The client of this practice that an export of ours named so: by id, or by code where the name is the same too.
    fn exported_client(&self, code: &str, identity: &Identity) -> Result<Option<ClientId>, VaultError> {
        if let Some(id) = code.strip_prefix('~').and_then(|id| id.parse().ok()) {
            return Ok(self.is_here(&id)?.then_some(id));
        }
        let same = |row: &&crate::catalog::ClientRow| row.code.as_deref() == Some(code) && row.name == identity.name;
        Ok(self.vault.clients().find(same).map(|row| row.id))
    }

    /// Measures come before the notes, client by client mixed: one document a client.
    fn all_measures(&mut self) -> Result<(), VaultError> {
        for (client, measures) in std::mem::take(&mut self.measures) {
            let here =
                if self.vault.clients.contains_key(&client) { self.vault.measures(&client)? } else { Vec::new() };
            let count = u64::try_from(measures.len()).unwrap_or(u64::MAX);
            let fresh: Vec<Measure> = measures.into_iter().filter(|measure| !here.contains(measure)).collect();
            let added = u64::try_from(fresh.len()).unwrap_or(u64::MAX);
            self.done.known += count - added;
            self.done.measures += added;
            if fresh.is_empty() || self.dry_run {
                continue;
            }
            let frozen = FrozenMeasures { client, measures: fresh };
            let json = serde_json::to_vec(&frozen).map_err(|_| VaultError::Damaged)?;
            let id = self.vault.import_id(b"measures", &[&client.0, &kdf::sha256(&json).0]);
            let key = self.vault.key_for(&mut self.work, &mut self.out, client, Compartment::Clinical)?;
            self.freeze(DocType::Measures, id, key, &json)?;
        }
        Ok(())
    }

    /// Each after the one that it adds to; what adds to nothing that is here is taken as a note of its own.
    fn all_addenda(&mut self) -> Result<(), VaultError> {
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
    fn parent(&self, note: &ImportedNote) -> Result<Option<NoteId>, VaultError> {
        let Some(named) = note.addendum_to else { return Ok(None) };
        match self.named.get(&named) {
            Some(id) => Ok(Some(*id)),
            None => Ok(self.is_here(&named)?.then_some(named)),
        }
    }

    fn note(&mut self, note: ImportedNote, parent: Option<NoteId>) -> Result<(), VaultError> {
        let Some(client) = self.clients.get(&note.client).copied() else { return Ok(()) };
        if note.process && self.vault.again.is_none() {
            self.done.process_left_out += 1;
            return Ok(());
        }
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
        content.other.extend(parent.map(|id| (notes::ADDENDUM_TO.to_owned(), id.to_string())));
        let frozen = FrozenNote { client, content };
        let json = serde_json::to_vec(&frozen).map_err(|_| VaultError::Damaged)?;
        let id = self.vault.import_id(b"note", &[&client.0, note.source.as_bytes(), &kdf::sha256(&json).0]);
        self.named.extend(note.note_id.map(|named| (named, id)));
        if self.is_here(&id)? {
            self.done.known += 1;
            return Ok(());
        }
        // One envelope must be able to carry it, even when nothing can be compressed.
        if json.len() > crate::log::capacity(crate::log::BODY_MAX) - 1_024 {
            self.done.too_large.push(note.source);
            return Ok(());
        }
        self.done.notes += 1;
        if self.dry_run {
            return Ok(());
        }
        if note.process {
            return self.process_note(id, client, &frozen);
        }
        let key = self.vault.key_for(&mut self.work, &mut self.out, client, Compartment::Clinical)?;
        self.freeze(DocType::Note, id, key, &json)
    }

    fn process_note(&mut self, id: NoteId, client: ClientId, note: &FrozenNote) -> Result<(), VaultError> {
        use crate::document::{Actor, Document, Heads, fields};
        let key = self.vault.key_for(&mut self.work, &mut self.out, client, Compartment::Process)?;
        let (fields, text) = fields::of_note(&note.content);
        let actor = Actor::random(&mut *self.vault.rows.entropy);
        let document = Document::begin(id, &fields, &text, actor)?;
        for chunk in document.chunks_since(&Heads::default()) {
            self.out.push(Kind::Changes, id, key, changes_payload(DocType::ProcessNote, client, &chunk));
        }
        self.added.push(id);
        self.batch.insert(id);
        Ok(())
    }

    fn freeze(&mut self, kind: DocType, id: DocId, key: KeyId, json: &[u8]) -> Result<(), VaultError> {
        let mut payload = Writer::with_capacity(17 + json.len());
        payload.u8(kind.code()).bytes(&self.origin.0).bytes(json);
        self.out.push(Kind::Frozen, id, key, payload.finish());
        self.added.push(id);
        self.batch.insert(id);
        self.bytes += json.len();
        if self.bytes >= BATCH { self.write() } else { Ok(()) }
    }

    /// Whether this practice signed that itself, beside the note.
    fn has_signed(&self, note: &NoteId, hash: &Hash) -> Result<bool, VaultError> {
        let Some(entry) = self.vault.entry(&self.work, note)?.filter(|_| !self.batch.contains(note)) else {
            return Ok(false);
        };
        let Ok(material) = self.vault.material(&self.work, &entry) else { return Ok(false) };
        Ok(self.vault.signed_versions(note, &material).iter().any(|signed| signed.hash == *hash))
    }

    /// Whether a document is here and not deleted.
    fn is_here(&self, id: &DocId) -> Result<bool, VaultError> {
        if self.batch.contains(id) {
            return Ok(true);
        }
        let Some(entry) = self.vault.entry(&self.work, id)? else { return Ok(false) };
        if !entry.places.iter().any(|(_, kind)| *kind == Kind::Delete) {
            return Ok(true);
        }
        let material = self.vault.material(&self.work, &entry)?;
        let document = self.vault.assemble_document(&material, id, entry.kind, &[], crate::document::Actor([0; 16]))?;
        Ok(!material.is_deleted(document.as_ref()))
    }

    /// Writes what was taken so far, and with it the list by which it can be undone.
    fn write(&mut self) -> Result<(), VaultError> {
        self.bytes = 0;
        self.batch.clear();
        let mut work = std::mem::take(&mut self.work);
        let out = std::mem::replace(&mut self.out, Outgoing::new(Class::Import));
        let mut row = self.now.to_le_bytes().to_vec();
        row.extend(self.added.iter().flat_map(|id| id.0));
        work.changes.put(Table::Misc, &import_name(&self.origin), row);
        let mut all = self.vault.rows.read(Table::Misc, b"imports")?.unwrap_or_default().to_vec();
        if !all.chunks_exact(16).any(|id| id == self.origin.0) {
            all.extend(self.origin.0);
        }
        work.changes.put(Table::Misc, b"imports", all);
        self.vault.finish(work, out)
    }

    fn end(&mut self) -> Result<(), VaultError> {
        self.all_measures()?;
        self.all_addenda()?;
        if !self.added.is_empty() {
            self.write()?;
            self.done.id = Some(self.origin);
            self.vault.write_anchor();
        }
        Ok(())
    }
}

impl Vault {
    /// The id that an imported document has on every device of the practice.
    fn import_id(&self, what: &[u8], parts: &[&[u8]]) -> DocId {
        let all: Vec<&[u8]> = std::iter::once(what).chain(parts.iter().copied()).collect();
        let hash = kdf::mac(&self.practice, labels::IMPORT, &all);
        DocId::from_slice(hash.0.get(..16).unwrap_or_default()).unwrap_or(DocId([0; 16]))
    }
}

fn import_name(id: &DocId) -> Vec<u8> {
    [b"import".as_slice(), &id.0].concat()
}
