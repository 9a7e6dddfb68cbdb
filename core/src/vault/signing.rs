//! Signing: a note becomes frozen bytes with this device's signature (format §3, *signed*). Nothing changes them after.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalog::NoteState;
use crate::codec::{Reader, Writer};
use crate::document::{Actor, fields};
use crate::id::{ClientId, DeviceId, Hash, KeyId, NoteId};
use crate::kdf;
use crate::labels;
use crate::log::{Class, DocType, Kind};
use crate::record::NoteContent;
use crate::sign::{PublicKey, Signature};
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::clients::Material;
use crate::vault::index::{Entry, Work};
use crate::vault::note_view::SignedVersion;
use crate::vault::notes::addendum_to;
use crate::vault::take_back::{Signing, put_signing};
use crate::vault::{Millis, Vault, VaultError};

/// Bytes that a signed note may have.
const SIGNED_MAX: usize = 1 << 20;

/// What is signed, field by field; the bytes are its JSON.
#[derive(Serialize, Deserialize)]
struct Statement {
    format: u32,
    note: NoteId,
    client: ClientId,
    kind: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    process: bool,
    #[serde(deserialize_with = "crate::record::read_note")]
    content: NoteContent,
    heads: Vec<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adds_to: Option<Hash>,
    /// What it adds to should not be there: it says why, and takes nothing away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    entered_in_error: bool,
    signed_at: String,
    device: DeviceId,
}

/// Signed bytes with what proves them: SHA-256 of the bytes is the note's hash, the signature is Ed25519 under the label.
#[derive(Clone)]
pub struct Proof {
    /// The signed bytes: JSON.
    pub bytes: Vec<u8>,
    /// The device's public signing key.
    pub key: PublicKey,
    /// The signature.
    pub signature: Signature,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proof")
    }
}

/// A signed item whose signature holds.
pub(crate) struct SignedNote {
    pub(crate) hash: Hash,
    pub(crate) adds_to: Option<Hash>,
    pub(crate) client: ClientId,
    entered_in_error: bool,
    pub(crate) heads: Vec<Hash>,
    pub(crate) content: NoteContent,
    signed_at: String,
    at: Millis,
    device: DeviceId,
    proof: Proof,
}

impl SignedNote {
    /// `None` unless the signature holds, and is about this note: any device could put another note's beside it.
    pub(crate) fn read(note: &NoteId, payload: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(payload);
        let bytes = reader.lp(SIGNED_MAX).ok()?.to_vec();
        let key = PublicKey(reader.array().ok()?);
        let signature = Signature(reader.array().ok()?);
        reader.finish().ok()?;
        key.verify(labels::NOTE, &bytes, &signature).ok()?;
        let statement: Statement = serde_json::from_slice(&bytes).ok()?;
        let at = statement.signed_at.parse::<Timestamp>().ok()?.as_millisecond();
        (key.device_id() == statement.device && statement.note == *note).then(|| Self {
            hash: kdf::sha256(&bytes),
            adds_to: statement.adds_to,
            client: statement.client,
            entered_in_error: statement.entered_in_error,
            heads: statement.heads,
            content: statement.content,
            signed_at: statement.signed_at,
            at: Millis::try_from(at).unwrap_or_default(),
            device: statement.device,
            proof: Proof { bytes, key, signature },
        })
    }

    pub(crate) fn into_version(self) -> SignedVersion {
        SignedVersion {
            hash: self.hash,
            adds_to: self.adds_to,
            entered_in_error: self.entered_in_error,
            signed_at: self.signed_at,
            at: self.at,
            device: self.device,
            content: self.content,
            proof: self.proof,
        }
    }
}

/// A signed addendum that is to be written.
pub(crate) struct Addendum {
    pub(crate) content: NoteContent,
    /// What it adds to; the note itself when absent.
    pub(crate) adds_to: Option<Hash>,
    /// Whether it says that what it adds to was entered in error.
    pub(crate) entered_in_error: bool,
}

impl Vault {
    /// Signs a note as it is now, or what was written elsewhere while it was signed. What other devices wrote meanwhile
    /// becomes an unsigned addendum when it arrives. The window signs through [`Self::sign_later`].
    pub fn sign(&mut self, id: &NoteId, now: Millis) -> Result<Hash, VaultError> {
        let view = self.note(id)?;
        if view.state == NoteState::Signed {
            return Err(VaultError::Signed);
        }
        self.refuse_while_signing(id)?;
        self.sign_version(&Signing { note: *id, client: view.client, late: false, at: now, version: view.version })
    }

    /// Signs what was written elsewhere while the note was signed, as an addendum that covers it.
    pub fn sign_late(&mut self, id: &NoteId, now: Millis) -> Result<Hash, VaultError> {
        let view = self.note(id)?;
        if view.signed.is_empty() {
            return Err(VaultError::NotSigned);
        }
        if view.late.is_none() {
            return Err(VaultError::Signed);
        }
        self.refuse_while_signing(id)?;
        self.sign_version(&Signing { note: *id, client: view.client, late: true, at: now, version: view.version })
    }

    /// Adds a signed addendum to a signed note.
    pub fn add_addendum(&mut self, id: &NoteId, content: NoteContent, now: Millis) -> Result<Hash, VaultError> {
        self.sign_addendum(id, Addendum { content, adds_to: None, entered_in_error: false }, now)
    }

    /// Says, signed, that a signed note was entered in error, and why; or that one of its addenda, named by its hash,
    /// was. What was signed stays as it is.
    pub fn mark_entered_in_error(
        &mut self,
        id: &NoteId,
        addendum: Option<Hash>,
        why: NoteContent,
        now: Millis,
    ) -> Result<Hash, VaultError> {
        self.sign_addendum(id, Addendum { content: why, adds_to: addendum, entered_in_error: true }, now)
    }

    fn sign_addendum(&mut self, id: &NoteId, addendum: Addendum, now: Millis) -> Result<Hash, VaultError> {
        let mut out = Outgoing::new(Class::Everyday);
        let hash = self.push_addendum(&mut out, id, addendum, now)?;
        self.finish(Work::default(), out)?;
        self.write_anchor();
        Ok(hash)
    }

    /// Puts a signed addendum into a piece of work.
    pub(crate) fn push_addendum(
        &mut self,
        out: &mut Outgoing,
        id: &NoteId,
        addendum: Addendum,
        now: Millis,
    ) -> Result<Hash, VaultError> {
        let entry = self.note_entry(&Work::default(), id)?;
        let view = self.note(id)?;
        let first = view.signed.first().ok_or(VaultError::NotSigned)?.hash;
        let adds_to = addendum.adds_to.unwrap_or(first);
        if !view.signed.iter().any(|version| version.hash == adds_to) {
            return Err(VaultError::NotSigned);
        }
        let statement = Statement {
            adds_to: Some(adds_to),
            entered_in_error: addendum.entered_in_error,
            ..self.statement(id, &entry, addendum.content, now)?
        };
        self.push_signed(out, statement, entry.key)
    }

    /// Signs one version of a note, which may have been written on since. The draft leaves first: a signature names heads
    /// that other devices can have.
    pub(crate) fn sign_version(&mut self, signing: &Signing) -> Result<Hash, VaultError> {
        let id = &signing.note;
        self.flush()?;
        let work = Work::default();
        let entry = self.note_entry(&work, id)?;
        let material = self.material(&work, &entry)?;
        let document = match self.drafts.get(id) {
            Some(draft) => Some(draft.document.clone()),
            None => self.assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?,
        };
        let document = document.ok_or(VaultError::KeyNotHere)?;
        // An imported note in which nobody had written may have been shown without a version: it is what was imported.
        let version = match signing.version.hashes() {
            [] => document.beginning(),
            _ => signing.version.clone(),
        };
        let shown = match document.heads() == version {
            true => document,
            false => document.fork_at(&version, Actor([0; 16])).ok_or(VaultError::KeyNotHere)?,
        };
        let mut content = fields::to_note(&shown.fields(), &shown.text());
        let signed = self.signed_versions(id, &material);
        let mut adds_to = match addendum_to(&content) {
            Some(parent) => Some(self.note(&parent)?.signed.first().ok_or(VaultError::NotSigned)?.hash),
            None => None,
        };
        let mut work = Work::default();
        if signing.late {
            let first = signed.first().ok_or(VaultError::NotSigned)?;
            let text = self.late(id, &signed, &shown)?.ok_or(VaultError::Signed)?;
            content = NoteContent { text, ..first.content.clone() };
            adds_to = Some(first.hash);
            work.changes.remove(Table::Pending, &late_name(id));
        }
        let heads = version.hashes().to_vec();
        let statement = Statement { heads, adds_to, ..self.statement(id, &entry, content, signing.at)? };
        let mut out = Outgoing::new(Class::Everyday);
        let hash = self.push_signed(&mut out, statement, entry.key)?;
        // With the signature goes the wish for it: a crash between the two would sign twice.
        let waiting = self.signing_without(id);
        if waiting.len() < self.signing.len() {
            put_signing(&mut work.changes, &waiting);
        }
        self.keep_open(&mut work, id)?;
        self.finish(work, out)?;
        self.signing = waiting;
        self.drafts.remove(id);
        self.let_drafts_go();
        self.write_anchor();
        Ok(hash)
    }

    /// Keeps what the therapist made of the unsigned addendum of [`NoteView::late`](super::NoteView::late) until it is
    /// signed; durable when it returns. Stays on this device.
    pub fn save_late(&mut self, id: &NoteId, text: &str) -> Result<(), VaultError> {
        let view = self.note(id)?;
        if view.process {
            return Err(VaultError::AskAgain);
        }
        if view.late.is_none() {
            return Err(VaultError::Signed);
        }
        self.refuse_while_signing(id)?;
        let mut row = Writer::new();
        row.list(view.version.hashes(), |row, hash| {
            row.bytes(&hash.0);
        });
        row.bytes(text.as_bytes());
        let mut changes = crate::rows::Changes::default();
        changes.put(Table::Pending, &late_name(id), row.finish());
        self.rows.commit(&mut self.state, changes)
    }

    /// What the therapist made of an unsigned addendum, and the heads of what it was made of: what arrives later is not
    /// in it.
    pub(crate) fn late_text(&self, id: &NoteId) -> Result<Option<(Vec<Hash>, String)>, VaultError> {
        let Some(row) = self.rows.read(Table::Pending, &late_name(id))? else { return Ok(None) };
        let mut reader = Reader::new(&row);
        let heads = reader.list(row.len(), |reader| reader.array().map(Hash)).map_err(|_| VaultError::Damaged)?;
        let text = std::str::from_utf8(reader.rest()).map_err(|_| VaultError::Damaged)?;
        Ok(Some((heads, text.to_owned())))
    }

    /// What this device states about a note, but for what it freezes and adds to.
    fn statement(
        &self,
        id: &NoteId,
        entry: &Entry,
        content: NoteContent,
        now: Millis,
    ) -> Result<Statement, VaultError> {
        let at = i64::try_from(now).ok().and_then(|now| Timestamp::from_millisecond(now).ok()).unwrap_or_default();
        Ok(Statement {
            format: 1,
            note: *id,
            client: self.client_of(&Work::default(), entry)?,
            kind: String::new(),
            process: entry.kind == DocType::ProcessNote,
            content,
            heads: Vec::new(),
            adds_to: None,
            entered_in_error: false,
            signed_at: at.to_string(),
            device: self.device,
        })
    }

    fn push_signed(&self, out: &mut Outgoing, mut statement: Statement, key: KeyId) -> Result<Hash, VaultError> {
        statement.kind = if statement.adds_to.is_some() { "addendum" } else { "note" }.to_owned();
        let bytes = serde_json::to_vec(&statement).map_err(|_| VaultError::Damaged)?;
        if bytes.len() > SIGNED_MAX {
            return Err(VaultError::TooLarge);
        }
        let signature = self.signer.sign(labels::NOTE, &bytes);
        let mut payload = Writer::new();
        payload.lp(&bytes).bytes(&self.signer.public_key().0).bytes(&signature.0);
        out.push(Kind::Signed, statement.note, key, payload.finish());
        Ok(kdf::sha256(&bytes))
    }

    /// The signed items whose signature holds and counts, in the order of time.
    pub(crate) fn signed_versions(&self, id: &NoteId, material: &Material) -> Vec<SignedNote> {
        self.judge_signed(id, material).0
    }

    /// The same, and those whose signature holds and does not count: their device was removed before they came.
    pub(crate) fn judge_signed(&self, id: &NoteId, material: &Material) -> (Vec<SignedNote>, Vec<SignedNote>) {
        let (mut signed, mut uncounted) = (Vec::new(), Vec::new());
        for (payload, envelope) in material.signed.iter().zip(&material.signed_in) {
            let Some(note) = SignedNote::read(id, payload) else { continue };
            match self.signature_counts(&note, envelope) {
                Some(true) => signed.push(note),
                Some(false) => uncounted.push(note),
                None => {}
            }
        }
        uncounted.retain(|note| !signed.iter().any(|counted: &SignedNote| counted.hash == note.hash));
        for notes in [&mut signed, &mut uncounted] {
            notes.sort_by_key(|note| (note.adds_to.is_some(), note.at, note.hash));
            notes.dedup_by(|a, b| a.hash == b.hash);
        }
        (signed, uncounted)
    }

    /// Of a device of the practice every signature counts; of a removed one those in its own log, up to its cut. `None` when
    /// the device never belonged to the practice.
    fn signature_counts(&self, note: &SignedNote, envelope: &Hash) -> Option<bool> {
        let card = self.roster.card(&note.device).filter(|card| card.signing == note.proof.key)?;
        if card.id == self.device || self.roster.device(&card.id).is_some() {
            return Some(true);
        }
        let work = Work::default();
        let header = self.header(&work, envelope).ok()?.header;
        Some(header.log.device() == card.id && self.is_within_cut(&work, &header).unwrap_or(false))
    }
}

pub(crate) fn late_name(id: &NoteId) -> Vec<u8> {
    [b"late".as_slice(), &id.0].concat()
}
