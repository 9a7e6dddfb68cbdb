//! Drafts: beginning a note and writing in it.

use crate::document::{Actor, Document, Heads, fields};
use crate::id::{ClientId, DocId, NoteId};
use crate::keyring::Compartment;
use crate::log::{DocType, Kind};
use crate::record::NoteContent;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, flush, keep_pending, key_for};
use crate::vault::core::{Draft, DraftAttempt, Transaction};
use crate::vault::items::note::{changes_payload, seconds};
use crate::vault::items::place::Entry;
use crate::vault::read::ReadError;
use crate::vault::subject::NoteError;
use crate::vault::subject::{Notes, NotesMut};

impl Draft {
    /// `taken`: how many of the note's items the document holds.
    fn new(document: Document, sent: Heads, taken: usize) -> Self {
        Self { document, sent, taken, row: None }
    }
}

impl Notes<'_> {
    /// Whether this version of a draft that lies open is the newest, told without reading the note: what an editor asks
    /// after each save.
    pub fn is_newest(&self, id: &NoteId, version: &Heads) -> bool {
        self.core.caches.drafts.borrow().get(id).is_some_and(|draft| draft.document.heads() == *version)
    }
}

impl NotesMut<'_> {
    /// Begins a note. A private note asks for the passphrase again.
    pub fn add_note(
        &mut self,
        client: &ClientId,
        content: &NoteContent,
        process: bool,
        now: Millis,
    ) -> Result<NoteId, NoteError> {
        if process && self.core.reauth.is_none() {
            return Err(RowError::NeedsReauth.into());
        }
        self.begin_note(Outbox::everyday(), client, content, process, now)
    }

    /// Begins a note, in a transaction that says something else too.
    pub(crate) fn begin_note(
        &mut self,
        mut out: Outbox,
        client: &ClientId,
        content: &NoteContent,
        process: bool,
        now: Millis,
    ) -> Result<NoteId, NoteError> {
        let client = self.core.read().documents().client(client)?.id;
        let id = DocId::random(&mut *self.core.entropy());
        let mut tx = Transaction::quiet();
        let compartment = if process { Compartment::Process } else { Compartment::Clinical };
        let kind = if process { DocType::ProcessNote } else { DocType::Note };
        let key = key_for(self.core, &mut tx, &mut out, client, compartment)?;
        let (fields, text) = fields::of_note(content);
        let actor = Actor::random(&mut *self.core.entropy());
        let mut document = Document::begin_at(id, &fields, "", actor, seconds(now))?;
        document.write_at(&fields, &text, seconds(now))?;
        let entry = Entry { kind, client: if process { DocId([0; 16]) } else { client }, key, places: Vec::new() };
        self.write_draft((tx, out), id, entry, client, Draft::new(document, Heads::default(), 0))?;
        Ok(id)
    }

    /// Makes an unsigned note say this; durable when it returns. `false` when it said so already.
    pub fn save_note(&mut self, id: &NoteId, content: &NoteContent, now: Millis) -> Result<bool, NoteError> {
        let entry = self.core.read().documents().note_entry(id)?;
        if entry.kind == DocType::ProcessNote && !self.core.extend_reauth(now) {
            return Err(RowError::NeedsReauth.into());
        }
        if entry.places.iter().any(|(_, kind)| *kind == Kind::Signed) {
            return Err(NoteError::Signed);
        }
        self.refuse_while_signing(id)?;
        let client = self.core.read().documents().client_of(&entry)?;
        let mut draft = self.open_draft(id, &entry)?;
        let (fields, text) = fields::of_note(content);
        match draft.document.write_at(&fields, &text, seconds(now)) {
            Ok(true) => {
                self.write_draft((Transaction::quiet(), Outbox::everyday()), *id, entry, client, draft)?;
                Ok(true)
            }
            other => {
                self.keep_open(*id, draft);
                Ok(other?)
            }
        }
    }

    /// As [`Self::save_note`], for an editor that has not seen what arrived since version `base`: the text is taken as an
    /// edit of that version, so that nothing of what arrived is undone. Gives the version that says exactly this.
    pub fn save_note_from(
        &mut self,
        id: &NoteId,
        base: &Heads,
        content: &NoteContent,
        now: Millis,
    ) -> Result<Heads, NoteError> {
        let base = self.landed(id, base)?;
        let saved = self.save_from(id, &base, content, now);
        if let (Err(_), Some(tried)) = (&saved, &mut self.core.caches.tried) {
            tried.base = base;
        }
        saved
    }

    /// Of a save that failed, and may have reached the disk all the same, its version: what is typed next was typed after it,
    /// not beside it, and must not stand there twice.
    fn landed(&mut self, id: &NoteId, base: &Heads) -> Result<Heads, NoteError> {
        let Some(tried) = self.core.caches.tried.take_if(|tried| tried.note == *id && tried.base == *base) else {
            return Ok(base.clone());
        };
        let entry = self.core.read().documents().note_entry(id)?;
        let draft = self.open_draft(id, &entry)?;
        let landed = draft.document.covers(&tried.version);
        self.keep_open(*id, draft);
        Ok(if landed { tried.version } else { tried.base })
    }

    fn save_from(&mut self, id: &NoteId, base: &Heads, content: &NoteContent, now: Millis) -> Result<Heads, NoteError> {
        let entry = self.core.read().documents().note_entry(id)?;
        if entry.kind == DocType::ProcessNote && !self.core.extend_reauth(now) {
            return Err(RowError::NeedsReauth.into());
        }
        self.refuse_while_signing(id)?;
        if entry.places.iter().any(|(_, kind)| *kind == Kind::Signed) {
            return Err(NoteError::Signed);
        }
        let draft = self.open_draft(id, &entry)?;
        // The view of an imported note in which nobody had written has no version: what was imported is the base.
        let base = if base.hashes().is_empty() { &draft.document.beginning() } else { base };
        if draft.document.heads() == *base {
            self.keep_open(*id, draft);
            self.save_note(id, content, now)?;
            let drafts = self.core.caches.drafts.borrow();
            return Ok(drafts.get(id).map(|draft| draft.document.heads()).unwrap_or_default());
        }
        let client = self.core.read().documents().client_of(&entry)?;
        let mut draft = draft;
        let actor = Actor::random(&mut *self.core.entropy());
        let Some(mut seen) = draft.document.fork_at(base, actor) else {
            self.keep_open(*id, draft);
            return Err(RowError::KeyNotHere.into());
        };
        let (fields, text) = fields::of_note(content);
        if !seen.write_at(&fields, &text, seconds(now))? {
            self.keep_open(*id, draft);
            return Ok(base.clone());
        }
        for chunk in seen.chunks_since(base) {
            draft.document.apply(&chunk).map_err(|_| RowError::Damaged)?;
        }
        let written = self.write_draft((Transaction::quiet(), Outbox::everyday()), *id, entry, client, draft);
        if let (Err(_), Some(tried)) = (&written, &mut self.core.caches.tried) {
            tried.version = seen.heads();
        }
        written.map(|()| seen.heads())
    }

    /// Closes a draft: what it holds is sealed into an envelope, and it leaves memory.
    pub fn close_note(&mut self, id: &NoteId) -> Result<(), NoteError> {
        flush(self.core)?;
        self.core.drop_draft(id);
        Ok(())
    }

    /// The draft, out of memory or put together from the envelopes under a fresh actor.
    pub(crate) fn open_draft(&mut self, id: &NoteId, entry: &Entry) -> Result<Draft, NoteError> {
        if let Some(draft) = self.core.caches.drafts.get_mut().remove(id) {
            return Ok(draft);
        }
        let actor = Actor::random(&mut *self.core.entropy());
        let material = self.core.read().documents().material(entry)?;
        let pending = self.core.read().pending_chunks(id)?;
        let document = self.core.read().documents().assemble_document(&material, id, entry.kind, &pending, actor)?;
        let document = document.ok_or(RowError::KeyNotHere)?;
        if material.is_deleted(Some(&document)) {
            return Err(ReadError::NoSuchNote.into());
        }
        // What envelopes hold: without pending chunks it is all of it; the base change of a frozen note travels with
        // the first edit, so that a version which would encode it differently still merges.
        let sent = match (pending.is_empty(), material.chunks.is_empty()) {
            (true, false) => document.heads(),
            (_, true) => Heads::default(),
            (false, false) => {
                let sent =
                    self.core.read().documents().assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?;
                sent.map(|document| document.heads()).unwrap_or_default()
            }
        };
        Ok(Draft::new(document, sent, entry.places.len()))
    }

    fn keep_open(&mut self, id: NoteId, draft: Draft) {
        self.core.caches.drafts.get_mut().insert(id, draft);
    }

    /// Writes a draft's new changes: those of a note wait, sealed, for the next envelope; those of a private note leave
    /// at once, as nothing but their envelope's item may hold them.
    fn write_draft(
        &mut self,
        (mut tx, mut out): (Transaction, Outbox),
        id: NoteId,
        entry: Entry,
        client: ClientId,
        mut draft: Draft,
    ) -> Result<(), NoteError> {
        let chunks = draft.document.chunks_since(&draft.sent);
        if entry.kind == DocType::ProcessNote {
            for chunk in &chunks {
                out.push(Kind::Changes, id, entry.key, changes_payload(entry.kind, client, chunk));
            }
            draft.sent = draft.document.heads();
        } else {
            keep_pending(self.core, &mut tx, id, chunks);
            tx.todo.documents.insert(id);
            if entry.places.is_empty() {
                tx.entries.insert(id, entry);
            }
        }
        let version = draft.document.heads();
        tx.next.drafts.insert(id, draft);
        Ok(commit(self.core, tx, out).inspect_err(|_| {
            self.core.caches.tried = Some(DraftAttempt { note: id, base: Heads::default(), version });
        })?)
    }
}
