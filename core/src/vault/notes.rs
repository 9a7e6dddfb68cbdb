//! Notes: beginning one, writing in it, and keeping the timeline's row for it.

use jiff::civil::Date;

use crate::catalog::{self, NoteRow, NoteState};
use crate::document::{Actor, Document, Heads, fields};
use crate::id::{ClientId, DocId, NoteId};
use crate::log::{Class, DocType, Kind};
use crate::record::NoteContent;
use crate::vault::append::{Outgoing, changes_payload};
use crate::vault::clients::seconds;
use crate::vault::index::{Entry, Place, Work};
use crate::vault::keys::Compartment;
use crate::vault::note_view::{row, row_of};
use crate::vault::{Draft, Millis, Tried, Vault, VaultError};

/// Type and client before the change chunks of an item.
const CHANGES_HEAD: usize = 17;

/// The JSON of a frozen note.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct FrozenNote {
    pub(crate) client: ClientId,
    #[serde(flatten, deserialize_with = "crate::record::read_note")]
    pub(crate) content: NoteContent,
}

impl Draft {
    /// `taken`: how many of the note's items the document holds.
    fn new(document: Document, sent: Heads, taken: usize) -> Self {
        Self { document, sent, taken, row: None }
    }
}

impl Vault {
    /// Whether this version of a draft that lies open is the newest, told without reading the note: what an editor asks
    /// after each save.
    pub fn is_newest(&self, id: &NoteId, version: &Heads) -> bool {
        self.drafts.get(id).is_some_and(|draft| draft.document.heads() == *version)
    }

    /// A client's process notes, newest first. Asks for the passphrase again.
    pub fn process_timeline(&self, client: &ClientId) -> Result<Vec<NoteRow>, VaultError> {
        if self.again.is_none() {
            return Err(VaultError::AskAgain);
        }
        let mut timeline = catalog::Timeline::default();
        let client = self.home(client);
        for id in self.process_notes()? {
            match self.note(&id) {
                Ok(view) if view.client == client => timeline.set(row(&view)),
                Ok(_) | Err(VaultError::NoSuchNote | VaultError::KeyNotHere | VaultError::Damaged) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(timeline.notes)
    }

    /// Begins a note. A process note asks for the passphrase again.
    pub fn add_note(
        &mut self,
        client: &ClientId,
        content: &NoteContent,
        process: bool,
        now: Millis,
    ) -> Result<NoteId, VaultError> {
        if process && self.again.is_none() {
            return Err(VaultError::AskAgain);
        }
        self.begin_note(Outgoing::new(Class::Everyday), client, content, process, now)
    }

    /// Begins a note, in a piece of work that says something else too.
    pub(crate) fn begin_note(
        &mut self,
        mut out: Outgoing,
        client: &ClientId,
        content: &NoteContent,
        process: bool,
        now: Millis,
    ) -> Result<NoteId, VaultError> {
        let client = &self.client(client)?.id.clone();
        let id = DocId::random(&mut *self.rows.entropy);
        let mut work = Work::default();
        let compartment = if process { Compartment::Process } else { Compartment::Clinical };
        let kind = if process { DocType::ProcessNote } else { DocType::Note };
        let key = self.key_for(&mut work, &mut out, *client, compartment)?;
        let (fields, text) = fields::of_note(content);
        let actor = Actor::random(&mut *self.rows.entropy);
        let mut document = Document::begin_at(id, &fields, "", actor, seconds(now))?;
        document.write_at(&fields, &text, seconds(now))?;
        let entry = Entry { kind, client: if process { DocId([0; 16]) } else { *client }, key, places: Vec::new() };
        self.write_draft(work, out, id, entry, *client, Draft::new(document, Heads::default(), 0))?;
        Ok(id)
    }

    /// Makes an unsigned note say this; durable when it returns. `false` when it said so already.
    pub fn save_note(&mut self, id: &NoteId, content: &NoteContent, now: Millis) -> Result<bool, VaultError> {
        let work = Work::default();
        let entry = self.note_entry(&work, id)?;
        if entry.kind == DocType::ProcessNote && !self.renew_again(now) {
            return Err(VaultError::AskAgain);
        }
        if entry.places.iter().any(|(_, kind)| *kind == Kind::Signed) {
            return Err(VaultError::Signed);
        }
        self.refuse_while_signing(id)?;
        let client = self.client_of(&work, &entry)?;
        let mut draft = self.open_draft(&work, id, &entry)?;
        let (fields, text) = fields::of_note(content);
        match draft.document.write_at(&fields, &text, seconds(now)) {
            Ok(true) => {
                self.write_draft(work, Outgoing::new(Class::Everyday), *id, entry, client, draft)?;
                Ok(true)
            }
            other => {
                self.drafts.insert(*id, draft);
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
    ) -> Result<Heads, VaultError> {
        let base = self.landed(id, base)?;
        let saved = self.save_from(id, &base, content, now);
        if let (Err(_), Some(tried)) = (&saved, &mut self.tried) {
            tried.base = base;
        }
        saved
    }

    /// Of a save that failed, and may have reached the disk all the same, its version: what is typed next was typed after it,
    /// not beside it, and must not stand there twice.
    fn landed(&mut self, id: &NoteId, base: &Heads) -> Result<Heads, VaultError> {
        let Some(tried) = self.tried.take_if(|tried| tried.note == *id && tried.base == *base) else {
            return Ok(base.clone());
        };
        let work = Work::default();
        let entry = self.note_entry(&work, id)?;
        let draft = self.open_draft(&work, id, &entry)?;
        let landed = draft.document.covers(&tried.version);
        self.drafts.insert(*id, draft);
        Ok(if landed { tried.version } else { tried.base })
    }

    fn save_from(
        &mut self,
        id: &NoteId,
        base: &Heads,
        content: &NoteContent,
        now: Millis,
    ) -> Result<Heads, VaultError> {
        let work = Work::default();
        let entry = self.note_entry(&work, id)?;
        if entry.kind == DocType::ProcessNote && !self.renew_again(now) {
            return Err(VaultError::AskAgain);
        }
        self.refuse_while_signing(id)?;
        if entry.places.iter().any(|(_, kind)| *kind == Kind::Signed) {
            return Err(VaultError::Signed);
        }
        let draft = self.open_draft(&work, id, &entry)?;
        // The view of an imported note in which nobody had written has no version: what was imported is the base.
        let base = if base.hashes().is_empty() { &draft.document.beginning() } else { base };
        if draft.document.heads() == *base {
            self.drafts.insert(*id, draft);
            self.save_note(id, content, now)?;
            return Ok(self.drafts.get(id).map(|draft| draft.document.heads()).unwrap_or_default());
        }
        let client = self.client_of(&work, &entry)?;
        let mut draft = draft;
        let actor = Actor::random(&mut *self.rows.entropy);
        let Some(mut seen) = draft.document.fork_at(base, actor) else {
            self.drafts.insert(*id, draft);
            return Err(VaultError::KeyNotHere);
        };
        let (fields, text) = fields::of_note(content);
        if !seen.write_at(&fields, &text, seconds(now))? {
            self.drafts.insert(*id, draft);
            return Ok(base.clone());
        }
        for chunk in seen.chunks_since(base) {
            draft.document.apply(&chunk).map_err(|_| VaultError::Damaged)?;
        }
        let written = self.write_draft(work, Outgoing::new(Class::Everyday), *id, entry, client, draft);
        if let (Err(_), Some(tried)) = (&written, &mut self.tried) {
            tried.version = seen.heads();
        }
        written.map(|()| seen.heads())
    }

    /// Closes a draft: what it holds is sealed into an envelope, and it leaves memory.
    pub fn close_note(&mut self, id: &NoteId) -> Result<(), VaultError> {
        self.flush()?;
        self.drafts.remove(id);
        Ok(())
    }

    pub(crate) fn note_entry(&self, work: &Work, id: &NoteId) -> Result<Entry, VaultError> {
        let entry = self.entry(work, id)?;
        let entry = entry.filter(|entry| matches!(entry.kind, DocType::Note | DocType::ProcessNote));
        self.as_owned(work, id, entry.ok_or(VaultError::NoSuchNote)?)
    }

    /// With the key of the client to whom a process note was moved: the index does not tell whose that is.
    pub(crate) fn as_owned(&self, work: &Work, id: &DocId, mut entry: Entry) -> Result<Entry, VaultError> {
        if entry.kind == DocType::ProcessNote && self.again.is_some() {
            match self.owner_of(work, id, &entry) {
                Ok(Some((_, key))) => entry.key = key,
                Ok(None) | Err(VaultError::KeyNotHere) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(entry)
    }

    /// Whose note it is; of a process note, its key tells.
    pub(crate) fn client_of(&self, work: &Work, entry: &Entry) -> Result<ClientId, VaultError> {
        if entry.kind == DocType::ProcessNote {
            return Ok(self.compartment_key(work, &entry.key)?.0);
        }
        Ok(entry.client)
    }

    /// The draft, out of memory or put together from the envelopes under a fresh actor.
    pub(crate) fn open_draft(&mut self, work: &Work, id: &NoteId, entry: &Entry) -> Result<Draft, VaultError> {
        if let Some(draft) = self.drafts.remove(id) {
            return Ok(draft);
        }
        let actor = Actor::random(&mut *self.rows.entropy);
        let material = self.material(work, entry)?;
        let pending = self.pending_chunks(id)?;
        let document = self.assemble_document(&material, id, entry.kind, &pending, actor)?;
        let document = document.ok_or(VaultError::KeyNotHere)?;
        if material.is_deleted(Some(&document)) {
            return Err(VaultError::NoSuchNote);
        }
        // What envelopes hold: without pending chunks it is all of it; the base change of a frozen note travels with
        // the first edit, so that a version which would encode it differently still merges.
        let sent = match (pending.is_empty(), material.chunks.is_empty()) {
            (true, false) => document.heads(),
            (_, true) => Heads::default(),
            (false, false) => {
                let sent = self.assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?;
                sent.map(|document| document.heads()).unwrap_or_default()
            }
        };
        Ok(Draft::new(document, sent, entry.places.len()))
    }

    /// Writes a draft's new changes: those of a note wait, sealed, for the next envelope; those of a process note leave
    /// at once, as nothing but their envelope's item may hold them.
    fn write_draft(
        &mut self,
        mut work: Work,
        mut out: Outgoing,
        id: NoteId,
        entry: Entry,
        client: ClientId,
        mut draft: Draft,
    ) -> Result<(), VaultError> {
        let chunks = draft.document.chunks_since(&draft.sent);
        let before = self.pending.clone();
        if entry.kind == DocType::ProcessNote {
            for chunk in &chunks {
                out.push(Kind::Changes, id, entry.key, changes_payload(entry.kind, client, chunk));
            }
            draft.sent = draft.document.heads();
        } else {
            self.keep_pending(&mut work, id, &chunks);
            work.dirty.insert(id);
            if entry.places.is_empty() {
                work.entries.insert(id, entry);
            }
        }
        let version = draft.document.heads();
        self.drafts.insert(id, draft);
        self.finish(work, out).inspect_err(|_| {
            self.pending = before;
            self.tried = Some(Tried { note: id, base: Heads::default(), version });
        })
    }

    /// A process note that lies open takes in what arrived, so that a signature freezes what is read. One that cannot be
    /// brought up to date is closed: all of it is in its envelopes.
    pub(crate) fn refresh_process_note(
        &mut self,
        work: &mut Work,
        id: &NoteId,
        entry: &Entry,
    ) -> Result<(), VaultError> {
        if !self.drafts.contains_key(id) {
            return Ok(());
        }
        if let Some(mut draft) = self.drafts.remove(id)
            && let Ok(refused) = self.catch_up(work, entry, &mut draft)
        {
            self.drafts.insert(*id, draft);
            return refused.into_iter().try_for_each(|place| self.set_aside(work, place));
        }
        Ok(())
    }

    /// Takes in what was counted into the note since: what other devices wrote, and this one's own, which changes nothing.
    /// Gives the places of what does not fit.
    fn catch_up(&self, work: &Work, entry: &Entry, draft: &mut Draft) -> Result<Vec<Place>, VaultError> {
        let sent = draft.document.heads() == draft.sent;
        let mut refused = Vec::new();
        for (place, _) in entry.places.iter().skip(draft.taken).filter(|(_, kind)| *kind == Kind::Changes) {
            let payload = self.payload(work, place)?;
            if draft.document.apply(payload.get(CHANGES_HEAD..).unwrap_or_default()).is_err() {
                refused.push(*place);
            }
        }
        draft.taken = entry.places.len();
        if sent {
            draft.sent = draft.document.heads();
        }
        Ok(refused)
    }

    pub(crate) fn refresh_note(&mut self, work: &mut Work, id: NoteId, entry: &Entry) -> Result<(), VaultError> {
        if let Some(mut draft) = self.drafts.remove(&id) {
            let refreshed = self.refresh_draft(work, id, entry, &mut draft);
            self.drafts.insert(id, draft);
            let (row, refused) = refreshed?;
            refused.into_iter().try_for_each(|place| self.set_aside(work, place))?;
            if row {
                return Ok(());
            }
        }
        let material = self.material(work, entry)?;
        let arrived = material.chunks.len() + material.deletes.len() > 0;
        let document = match self.drafts.get(&id) {
            Some(draft) => Some(draft.document.clone()),
            None if arrived => {
                let loaded = self.load_document(&material, &id, entry.kind, &[], Actor([0; 16]))?;
                self.set_changes_aside(work, entry, &loaded.set_aside)?;
                loaded.document
            }
            None => None,
        };
        let deleted = material.is_deleted(document.as_ref());
        let mut view = self.view(id, entry.client, false, &material, document.as_ref())?;
        let gone = view.take_if(|_| deleted).map(|view| (Some(view.content.date), catalog::snippet(&view.content)));
        self.list_trashed(work, id, entry, gone)?;
        let timeline = self.timeline_in(work, entry.client)?;
        match view {
            Some(view) => timeline.set(row(&view)),
            None => timeline.remove(&id),
        }
        work.clients.insert(entry.client);
        Ok(())
    }

    /// A draft that lies open: nothing but what is new is opened, and the timeline is left alone when its row for the
    /// draft says what it said before, so that a save costs the same in a long note of a long record. `false` when the
    /// note may be signed, deleted or moved, which takes all of it to tell. Beside it the places of what does not fit.
    fn refresh_draft(
        &self,
        work: &mut Work,
        id: NoteId,
        entry: &Entry,
        draft: &mut Draft,
    ) -> Result<(bool, Vec<Place>), VaultError> {
        let refused = self.catch_up(work, entry, draft)?;
        let before = draft.row.take();
        let is = |wanted: Kind| entry.places.iter().any(|(_, kind)| *kind == wanted);
        let written = self.pending.contains(&id) || is(Kind::Changes);
        if !written || !entry.places.iter().all(|(_, kind)| matches!(kind, Kind::Frozen | Kind::Changes)) {
            return Ok((false, refused));
        }
        let content = fields::to_note(&draft.document.fields(), &draft.document.text());
        let row = row_of(id, &content, NoteState::Unsigned);
        if before.as_ref() != Some(&row) {
            self.timeline_in(work, entry.client)?.set(row.clone());
            work.clients.insert(entry.client);
        }
        draft.row = Some(row);
        Ok((true, refused))
    }
}

/// Name under which a note that is an addendum says to which note it adds.
pub const ADDENDUM_TO: &str = "addendum_to";

/// The note that this one adds to, when it is an addendum with a document of its own.
pub(crate) fn addendum_to(content: &NoteContent) -> Option<NoteId> {
    content.other.get(ADDENDUM_TO).and_then(|id| id.parse().ok())
}

/// An empty note of this day.
pub fn empty_note(date: Date) -> NoteContent {
    NoteContent {
        date,
        start: None,
        minutes: None,
        format: String::new(),
        session: None,
        tags: Vec::new(),
        other: std::collections::BTreeMap::new(),
        text: String::new(),
    }
}
