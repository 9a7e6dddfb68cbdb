//! A note as it is shown: put together from what was imported, written and signed.

use crate::catalog;
use crate::catalog::{NoteRow, NoteState, Timeline};
use crate::document::{Actor, Document, Heads, Passage, fields};
use crate::id::{ClientId, Hash, NoteId};
use crate::log::DocType;
use crate::record::NoteContent;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::items::frozen::frozen_note;
use crate::vault::items::material::Material;
use crate::vault::items::note::addendum_to;
use crate::vault::items::place::Entry;
use crate::vault::items::signed::{SignedNote, SignedVersion};
use crate::vault::read::{Documents, ReadError};

/// A note as it can be shown.
#[derive(Clone)]
pub struct NoteView {
    /// Its document.
    pub id: NoteId,
    /// Whose it is.
    pub client: ClientId,
    /// Unsigned, signed or imported.
    pub state: NoteState,
    /// Kept apart from the record.
    pub process: bool,
    /// What it says: of a signed note, what was signed first.
    pub content: NoteContent,
    /// Everything that was signed about it, in the order of time: the note itself, concurrent signings, addenda.
    pub signed: Vec<SignedVersion>,
    /// What was signed on a device that had been removed: these signatures hold, and do not count.
    pub uncounted: Vec<SignedVersion>,
    /// What was written elsewhere while it was signed, or on changes that do not stand: an unsigned addendum.
    pub late: Option<String>,
    /// Until when a signature that was begun can be taken back; it is made then.
    pub signing_until: Option<Millis>,
    /// The version of the text that this is, for [`NotesMut::save_note_from`](crate::vault::NotesMut::save_note_from); empty where nobody has written yet.
    pub version: Heads,
    /// Passages that two devices wrote at the same time, as ranges of characters of the text.
    pub concurrent: Vec<std::ops::Range<usize>>,
}

impl NoteView {
    /// Whether a signed addendum says that the note itself was entered in error.
    pub fn entered_in_error(&self) -> bool {
        let itself =
            |hash: Option<Hash>| self.signed.iter().any(|note| note.adds_to.is_none() && Some(note.hash) == hash);
        self.signed.iter().any(|version| version.entered_in_error && itself(version.adds_to))
    }
}

impl std::fmt::Debug for NoteView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NoteView")
    }
}

impl<'a> Documents<'a> {
    /// A note, whole.
    pub(crate) fn note(&self, id: &NoteId) -> Result<NoteView, ReadError> {
        let entry = self.note_entry(id)?;
        let process = entry.is_private();
        if process && self.core.reauth.is_none() {
            return Err(RowError::NeedsReauth.into());
        }
        let home = self.home(id, &entry)?;
        if !matches!(home.origin.kind, DocType::Note | DocType::ProcessNote) {
            return Err(ReadError::NoSuchNote);
        }
        let client = self.canonical_client(&home.client);
        let material = self.material(id, &entry)?;
        let assembled;
        let drafts = self.core.caches.drafts.borrow();
        let document = match drafts.get(id) {
            Some(draft) => Some(&draft.document),
            // What was imported and never written in is shown from its frozen bytes: a document costs more than they do.
            None if material.is_as_imported() && !self.pending().contains(id) => None,
            None => {
                let pending = self.pending_chunks(id)?;
                assembled = self.assemble_document(&material, id, home.origin.kind, &pending, Actor::NOBODY)?;
                assembled.as_ref()
            }
        };
        if material.is_deleted(document) {
            return Err(ReadError::NoSuchNote);
        }
        Ok(self.view(*id, client, process, &material, document)?.ok_or(RowError::KeyNotHere)?)
    }

    /// `None` while the beginning of the note has not arrived.
    pub(crate) fn view(
        &self,
        id: NoteId,
        client: ClientId,
        process: bool,
        material: &Material,
        document: Option<&Document>,
    ) -> Result<Option<NoteView>, RowError> {
        let (signed, uncounted) = self.judge_signed(&id, material);
        // Of a note that is itself an addendum, every signed item adds to another note.
        let first = signed.first().map(|note| note.content.clone());
        let written = document.map(|document| fields::to_note(&document.fields(), &document.text()));
        let frozen = match (&written, material.frozen_json()) {
            (None, Some(json)) => Some(frozen_note(json)?),
            _ => None,
        };
        let as_imported = material.frozen_json().is_some() && material.chunks.is_empty();
        let state = match first {
            Some(_) => NoteState::Signed,
            None if as_imported && !self.pending().contains(&id) => NoteState::Imported,
            None => NoteState::Unsigned,
        };
        let after = uncounted.first().map(|note| note.content.clone());
        let Some(content) = first.or(written).or(frozen).or(after) else { return Ok(None) };
        let late = match (state, document) {
            (NoteState::Signed, Some(document)) => self.late(&id, &signed, document)?,
            (NoteState::Signed, None) => match self.late_text(&id)? {
                Some(begun) => Some(begun.text),
                None => self.waiting_letters(&id, material, &signed)?,
            },
            _ => None,
        };
        // What was written on changes that do not stand is shown beside the rest.
        let stranded = document
            .map(Document::stranded_letters)
            .filter(|letters| !letters.is_empty() && !signed.iter().any(|note| note.content.text.contains(letters)));
        let late = match (late, stranded) {
            (Some(late), Some(stranded)) => Some(format!("{late}\n\n{stranded}")),
            (late, stranded) => late.or(stranded),
        };
        let concurrent = match (state, document) {
            (NoteState::Unsigned, Some(document)) => {
                document.concurrent_passages(&Heads::default()).iter().map(range).collect()
            }
            _ => Vec::new(),
        };
        let [signed, uncounted] =
            [signed, uncounted].map(|notes| notes.into_iter().map(SignedNote::into_version).collect());
        let version = document.map(Document::heads).unwrap_or_default();
        let signing_until = self.signing_until(&id);
        Ok(Some(NoteView {
            id,
            client,
            state,
            process,
            content,
            signed,
            uncounted,
            late,
            signing_until,
            version,
            concurrent,
        }))
    }

    pub(crate) fn note_entry(&self, id: &NoteId) -> Result<Entry, ReadError> {
        let entry = self.entry(id)?;
        entry.filter(|entry| entry.is_note() || entry.is_private()).ok_or(ReadError::NoSuchNote)
    }

    /// A client's process notes, newest first. Asks for the passphrase again.
    pub(crate) fn private_timeline(&self, client: &ClientId) -> Result<Vec<NoteRow>, ReadError> {
        if self.core.reauth.is_none() {
            return Err(RowError::NeedsReauth.into());
        }
        let mut timeline = catalog::Timeline::default();
        let client = self.canonical_client(client);
        for id in self.private_notes()? {
            match self.private_row(&id, &client) {
                Ok(row) => row.into_iter().for_each(|row| timeline.set(row)),
                Err(ReadError::NoSuchNote | ReadError::Row(RowError::KeyNotHere | RowError::Damaged)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(timeline.notes)
    }

    /// The row of a private note of this client, and nothing of another's. Whose one is takes opening one of its items to tell,
    /// and is remembered for as long as private notes are open.
    fn private_row(&self, id: &NoteId, of: &ClientId) -> Result<Option<NoteRow>, ReadError> {
        let known = self.core.caches.private.borrow().get(id).cloned();
        let (client, row) = match known {
            Some(known) => known,
            None => (self.canonical_client(&self.home(id, &self.note_entry(id)?)?.client), None),
        };
        let row = match row {
            None if client == *of => Some(self::row(&self.note(id)?)),
            known => known,
        };
        self.core.caches.private.borrow_mut().insert(*id, (client, row.clone()));
        Ok(row.filter(|_| client == *of))
    }

    /// Notes that are not yet signed, oldest first.
    pub(crate) fn unsigned(&self) -> Result<Vec<(ClientId, NoteRow)>, RowError> {
        let mut all = Vec::new();
        for row in self.core.memory.clients.values().filter(|row| row.unsigned > 0) {
            let Timeline { notes, .. } = self.read_timeline(&row.id)?;
            let open = notes.into_iter().filter(|note| note.late || note.state == crate::catalog::NoteState::Unsigned);
            all.extend(open.map(|note| (self.canonical_client(&row.id), note)));
        }
        all.sort_by_key(|(_, note)| (note.date, note.start));
        Ok(all)
    }
}

fn range(passage: &Passage) -> std::ops::Range<usize> {
    passage.at..passage.at + passage.text.chars().count()
}

/// The timeline's row for a note.
pub(crate) fn row(view: &NoteView) -> NoteRow {
    let addenda = view.signed.iter().skip(1).filter(|version| version.adds_to.is_some()).count();
    NoteRow {
        signed_at: view.signed.first().map(|version| version.at),
        addenda: u32::try_from(addenda).unwrap_or(u32::MAX),
        late: view.late.is_some(),
        entered_in_error: view.entered_in_error(),
        ..row_of(view.id, &view.content, view.state)
    }
}

/// The row of a note about which nothing was signed.
pub(crate) fn row_of(id: NoteId, content: &NoteContent, state: NoteState) -> NoteRow {
    NoteRow {
        id,
        date: content.date,
        start: content.start,
        minutes: content.minutes,
        format: content.format.clone(),
        session: content.session,
        state,
        signed_at: None,
        addenda: 0,
        addendum_to: addendum_to(content),
        late: false,
        entered_in_error: false,
        snippet: catalog::snippet(content),
    }
}
