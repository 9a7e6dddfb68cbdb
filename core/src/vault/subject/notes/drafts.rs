//! Drafts: beginning a note and writing in it.

use std::collections::BTreeSet;

use crate::document::{Actor, Document, Heads, fields};
use crate::id::{ClientId, NoteId};
use crate::log::{DocType, Kind};
use crate::record::NoteContent;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, flush, keep_pending};
use crate::vault::core::{Draft, DraftAttempt, Transaction};
use crate::vault::items::home::{DocumentOrigin, Home};
use crate::vault::items::note::seconds;
use crate::vault::items::place::{Entry, Place};
use crate::vault::project::index_draft;
use crate::vault::read::ReadError;
use crate::vault::subject::NoteError;
use crate::vault::subject::{Notes, NotesMut};

impl Draft {
    /// `taken`: those of the note's items that the document holds.
    fn new(document: Document, sent: Heads, taken: BTreeSet<Place>) -> Self {
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
        out: Outbox,
        client: &ClientId,
        content: &NoteContent,
        process: bool,
        now: Millis,
    ) -> Result<NoteId, NoteError> {
        let client = self.core.read().documents().client(client)?.id;
        let kind = if process { DocType::ProcessNote } else { DocType::Note };
        let origin = DocumentOrigin::fresh(kind, client, &mut *self.core.entropy());
        let (id, actor) = (origin.id(), self.core.fresh_actor());
        let (fields, text) = fields::of_note(content);
        let mut document = Document::begin_at(id, &fields, "", actor, seconds(now))?;
        document.write_at(&fields, &text, seconds(now))?;
        let home = Home { origin, client, compartment: origin.compartment() };
        let draft = Draft::new(document, Heads::default(), BTreeSet::new());
        self.write_draft((Transaction::quiet(), out), id, home, draft)?;
        Ok(id)
    }

    /// Makes an unsigned note say this; durable when it returns. `false` when it said so already.
    pub fn save_note(&mut self, id: &NoteId, content: &NoteContent, now: Millis) -> Result<bool, NoteError> {
        let entry = self.core.read().documents().note_entry(id)?;
        if entry.is_private() && !self.core.extend_reauth(now) {
            return Err(RowError::NeedsReauth.into());
        }
        if entry.has(Kind::Signed) {
            return Err(NoteError::Signed);
        }
        self.refuse_while_signing(id)?;
        let home = self.core.read().documents().home(id, &entry)?;
        let mut draft = self.open_draft(id, &entry)?;
        let (fields, text) = fields::of_note(content);
        match draft.document.write_at(&fields, &text, seconds(now)) {
            Ok(true) => {
                self.write_draft((Transaction::quiet(), Outbox::everyday()), *id, home, draft)?;
                Ok(true)
            }
            other => {
                self.keep_open(*id, draft);
                let written = other?;
                self.drop_overlong(id)?;
                Ok(written)
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
        if entry.is_private() && !self.core.extend_reauth(now) {
            return Err(RowError::NeedsReauth.into());
        }
        self.refuse_while_signing(id)?;
        if entry.has(Kind::Signed) {
            return Err(NoteError::Signed);
        }
        let draft = self.open_draft(id, &entry)?;
        // The view of an imported note in which nobody had written has no version: what was imported is the base.
        let base = if base.hashes().is_empty() { &draft.document.beginning() } else { base };
        if draft.document.heads() == *base {
            self.keep_open(*id, draft);
            self.save_note(id, content, now)?;
            let open = self.core.caches.drafts.borrow().get(id).map(|draft| draft.document.heads());
            return match open {
                Some(version) => Ok(version),
                None => Ok(self.core.read().documents().note(id)?.version),
            };
        }
        let home = self.core.read().documents().home(id, &entry)?;
        let mut draft = draft;
        let actor = self.core.fresh_actor();
        let Some(mut seen) = draft.document.fork_at(base, actor) else {
            self.keep_open(*id, draft);
            return Err(RowError::KeyNotHere.into());
        };
        let (fields, text) = fields::of_note(content);
        if !seen.write_at(&fields, &text, seconds(now))? {
            self.keep_open(*id, draft);
            self.drop_overlong(id)?;
            return Ok(base.clone());
        }
        for chunk in seen.chunks_since(base) {
            draft.document.apply(self.core.device, &chunk).map_err(|_| RowError::Damaged)?;
        }
        let written = self.write_draft((Transaction::quiet(), Outbox::everyday()), *id, home, draft);
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
        let actor = self.core.fresh_actor();
        let documents = self.core.read().documents();
        let (kind, material) = (documents.home(id, entry)?.origin.kind, documents.material(id, entry)?);
        let pending = self.core.read().pending_chunks(id)?;
        let document = self.core.read().documents().assemble_document(&material, id, kind, &pending, actor)?;
        let document = document.ok_or(RowError::KeyNotHere)?;
        if material.is_deleted(Some(&document)) {
            return Err(ReadError::NoSuchNote.into());
        }
        // What envelopes hold: without pending chunks it is all of it.
        let sent = if pending.is_empty() {
            document.heads()
        } else {
            let sent = self.core.read().documents().assemble_document(&material, id, kind, &[], Actor::NOBODY)?;
            sent.map(|document| document.heads()).unwrap_or_default()
        };
        Ok(Draft::new(document, sent, material.opened.into_iter().collect()))
    }

    fn keep_open(&mut self, id: NoteId, draft: Draft) {
        self.core.caches.drafts.get_mut().insert(id, draft);
    }

    /// Writes a draft's new changes, which wait, sealed, for the next envelope.
    fn write_draft(
        &mut self,
        (mut tx, mut out): (Transaction, Outbox),
        id: NoteId,
        home: Home,
        mut draft: Draft,
    ) -> Result<(), NoteError> {
        let chunks = draft.document.own_chunks_since(&draft.sent);
        keep_pending(self.core, &mut tx, &mut out, &home, &chunks)?;
        if self.core.at(&tx).entry(&id)?.is_none() {
            index_draft(self.core, &mut tx, id, &home.origin)?;
        }
        self.strike_overlong(&mut tx, &id)?;
        tx.todo.documents.insert(id);
        let version = draft.document.heads();
        tx.next.drafts.insert(id, draft);
        Ok(commit(self.core, tx, out).inspect_err(|_| {
            self.core.caches.tried = Some(DraftAttempt { note: id, base: Heads::default(), version });
        })?)
    }
}
