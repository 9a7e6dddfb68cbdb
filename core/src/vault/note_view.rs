//! A note as it is shown: put together from what was imported, written and signed, and its row in the timeline.

use crate::catalog::{self, NoteRow, NoteState};
use crate::document::{Actor, Document, Heads, Passage, PassageKind, fields};
use crate::id::{ClientId, DeviceId, Hash, NoteId};
use crate::log::DocType;
use crate::record::NoteContent;
use crate::vault::clients::Material;
use crate::vault::index::Work;
use crate::vault::notes::{FrozenNote, addendum_to};
use crate::vault::signing::{self, SignedNote};
use crate::vault::{Millis, Vault, VaultError};

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
    /// What was written elsewhere while it was signed: an unsigned addendum.
    pub late: Option<String>,
    /// Until when a signature that was begun can be taken back; it is made then.
    pub signing_until: Option<Millis>,
    /// The version of the text that this is, for [`Vault::save_note_from`]; empty where nobody has written yet.
    pub version: Heads,
    /// Passages that two devices wrote at the same time, as ranges of characters of the text.
    pub concurrent: Vec<std::ops::Range<usize>>,
}

/// One signed item of a note.
#[derive(Clone)]
pub struct SignedVersion {
    /// SHA-256 of the signed bytes.
    pub hash: Hash,
    /// The signed note that it adds to; `None` for a note itself.
    pub adds_to: Option<Hash>,
    /// Whether it says that what it adds to was entered in error.
    pub entered_in_error: bool,
    /// When it was signed, RFC 3339.
    pub signed_at: String,
    /// When it was signed, in milliseconds since 1970.
    pub at: Millis,
    /// The device that signed it.
    pub device: DeviceId,
    /// What was signed.
    pub content: NoteContent,
    /// The signed bytes themselves, the signing key and the signature: what an export carries.
    pub proof: signing::Proof,
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

impl std::fmt::Debug for SignedVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedVersion")
    }
}

impl Vault {
    /// A note, whole.
    pub fn note(&self, id: &NoteId) -> Result<NoteView, VaultError> {
        let work = Work::default();
        let entry = self.note_entry(&work, id)?;
        let process = entry.kind == DocType::ProcessNote;
        if process && self.again.is_none() {
            return Err(VaultError::AskAgain);
        }
        let client = self.home(&self.client_of(&work, &entry)?);
        let material = self.material(&work, &entry)?;
        let assembled;
        let document = match self.drafts.get(id) {
            Some(draft) => Some(&draft.document),
            // What was imported and never written in is shown from its frozen bytes: a document costs more than they do.
            None if material.is_as_imported() && !self.pending.contains(id) => None,
            None => {
                let pending = self.pending_chunks(id)?;
                assembled = self.assemble_document(&material, id, entry.kind, &pending, Actor([0; 16]))?;
                assembled.as_ref()
            }
        };
        if material.is_deleted(document) {
            return Err(VaultError::NoSuchNote);
        }
        self.view(*id, client, process, &material, document)?.ok_or(VaultError::KeyNotHere)
    }

    /// What the draft holds beyond everything that was signed: what the therapist made of it so far, then what has
    /// arrived since.
    pub(crate) fn late(
        &self,
        id: &NoteId,
        signed: &[SignedNote],
        document: &Document,
    ) -> Result<Option<String>, VaultError> {
        let mut seen: Vec<Hash> = signed.iter().flat_map(|note| note.heads.iter().copied()).collect();
        let Some(written) = written_beyond(document, &seen) else { return Ok(None) };
        let Some((heads, begun)) = self.late_text(id)? else { return Ok(Some(written)) };
        seen.extend(heads);
        Ok(Some(match written_beyond(document, &seen) {
            Some(since) if !since.is_empty() => format!("{begun}\n\n{since}"),
            _ => begun,
        }))
    }

    /// `None` while the beginning of the note has not arrived.
    pub(super) fn view(
        &self,
        id: NoteId,
        client: ClientId,
        process: bool,
        material: &Material,
        document: Option<&Document>,
    ) -> Result<Option<NoteView>, VaultError> {
        let (signed, uncounted) = self.judge_signed(&id, material);
        // Of a note that is itself an addendum, every signed item adds to another note.
        let first = signed.first().map(|note| note.content.clone());
        let written = document.map(|document| fields::to_note(&document.fields(), &document.text()));
        let frozen = match (&written, material.frozen_json()) {
            (None, Some(json)) => {
                let note: FrozenNote = serde_json::from_slice(json).map_err(|_| VaultError::Damaged)?;
                Some(note.content)
            }
            _ => None,
        };
        let as_imported = material.frozen_json().is_some() && material.chunks.is_empty();
        let state = match first {
            Some(_) => NoteState::Signed,
            None if as_imported && !self.pending.contains(&id) => NoteState::Imported,
            None => NoteState::Unsigned,
        };
        let after = uncounted.first().map(|note| note.content.clone());
        let Some(content) = first.or(written).or(frozen).or(after) else { return Ok(None) };
        let late = match (state, document) {
            (NoteState::Signed, Some(document)) => self.late(&id, &signed, document)?,
            _ => None,
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
pub(super) fn row_of(id: NoteId, content: &NoteContent, state: NoteState) -> NoteRow {
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
