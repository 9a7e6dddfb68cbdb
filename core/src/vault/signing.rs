//! Signing: a note becomes frozen bytes with this device's signature (format §3, *signed*). Nothing changes them after.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::codec::{Reader, Writer};
use crate::document::Actor;
use crate::id::{ClientId, DeviceId, Hash, NoteId};
use crate::kdf;
use crate::labels;
use crate::log::{Class, Kind};
use crate::record::NoteContent;
use crate::sign::{PublicKey, Signature};
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::clients::Material;
use crate::vault::index::Work;
use crate::vault::notes::{SignedVersion, addendum_to};
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
    content: NoteContent,
    heads: Vec<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adds_to: Option<Hash>,
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
            signed_at: self.signed_at,
            at: self.at,
            device: self.device,
            content: self.content,
            proof: self.proof,
        }
    }
}

impl Vault {
    /// Signs a note as it is. What other devices wrote meanwhile becomes an unsigned addendum when it arrives.
    pub fn sign(&mut self, id: &NoteId, now: Millis) -> Result<Hash, VaultError> {
        let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let entry = self.note_entry(&work, id)?;
        let view = self.note(id)?;
        if view.state == crate::catalog::NoteState::Signed {
            return Err(VaultError::Signed);
        }
        // The draft leaves first: a signature names heads that other devices can have.
        self.flush()?;
        let work_after = Work::default();
        let entry = self.entry(&work_after, id)?.unwrap_or(entry);
        let material = self.material(&work_after, &entry)?;
        let document = self.assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?;
        let heads = document.map(|document| document.heads().hashes().to_vec()).unwrap_or_default();
        let adds_to = match addendum_to(&view.content) {
            Some(parent) => Some(self.note(&parent)?.signed.first().ok_or(VaultError::NotSigned)?.hash),
            None => None,
        };
        let hash = self.state_and_push(&mut out, id, &view, view.content.clone(), heads, adds_to, entry.key, now)?;
        self.finish(work, out)?;
        self.drafts.remove(id);
        self.write_anchor();
        Ok(hash)
    }

    /// Adds a signed addendum to a signed note.
    pub fn add_addendum(&mut self, id: &NoteId, content: NoteContent, now: Millis) -> Result<Hash, VaultError> {
        let work = Work::default();
        let entry = self.note_entry(&work, id)?;
        let view = self.note(id)?;
        let first = view.signed.first().ok_or(VaultError::NotSigned)?.hash;
        let mut out = Outgoing::new(Class::Everyday);
        let hash = self.state_and_push(&mut out, id, &view, content, Vec::new(), Some(first), entry.key, now)?;
        self.finish(work, out)?;
        self.write_anchor();
        Ok(hash)
    }

    /// Signs what was written elsewhere while the note was signed, as an addendum that covers it.
    pub fn sign_late(&mut self, id: &NoteId, now: Millis) -> Result<Hash, VaultError> {
        let mut work = Work::default();
        let entry = self.note_entry(&work, id)?;
        let view = self.note(id)?;
        let first = view.signed.first().ok_or(VaultError::NotSigned)?.hash;
        let text = view.late.clone().ok_or(VaultError::Signed)?;
        work.changes.remove(Table::Pending, &late_name(id));
        let material = self.material(&work, &entry)?;
        let document = self.assemble_document(&material, id, entry.kind, &[], Actor([0; 16]))?;
        let heads = document.map(|document| document.heads().hashes().to_vec()).unwrap_or_default();
        let content = NoteContent { text, ..view.content.clone() };
        let mut out = Outgoing::new(Class::Everyday);
        let hash = self.state_and_push(&mut out, id, &view, content, heads, Some(first), entry.key, now)?;
        self.finish(work, out)?;
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
        let work = Work::default();
        let entry = self.note_entry(&work, id)?;
        let document = self.assemble_document(&self.material(&work, &entry)?, id, entry.kind, &[], Actor([0; 16]))?;
        let seen = document.map(|document| document.heads().hashes().to_vec()).unwrap_or_default();
        let mut row = Writer::new();
        row.list(&seen, |row, hash| {
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

    #[expect(clippy::too_many_arguments, reason = "each is a field of the statement that is signed")]
    fn state_and_push(
        &mut self,
        out: &mut Outgoing,
        id: &NoteId,
        view: &super::NoteView,
        content: NoteContent,
        heads: Vec<Hash>,
        adds_to: Option<Hash>,
        key: crate::id::KeyId,
        now: Millis,
    ) -> Result<Hash, VaultError> {
        let at = i64::try_from(now).ok().and_then(|now| Timestamp::from_millisecond(now).ok()).unwrap_or_default();
        let statement = Statement {
            format: 1,
            note: *id,
            client: view.client,
            kind: if adds_to.is_some() { "addendum" } else { "note" }.to_owned(),
            process: view.process,
            content,
            heads,
            adds_to,
            signed_at: at.to_string(),
            device: self.device,
        };
        let bytes = serde_json::to_vec(&statement).map_err(|_| VaultError::Damaged)?;
        if bytes.len() > SIGNED_MAX {
            return Err(VaultError::TooLarge);
        }
        let signature = self.signer.sign(labels::NOTE, &bytes);
        let mut payload = Writer::new();
        payload.lp(&bytes).bytes(&self.signer.public_key().0).bytes(&signature.0);
        out.push(Kind::Signed, *id, key, payload.finish());
        Ok(kdf::sha256(&bytes))
    }

    /// The signed items whose signature holds and whose device belongs to the practice, in the order of time.
    pub(crate) fn signed_versions(&self, id: &NoteId, material: &Material) -> Vec<SignedNote> {
        let read = material.signed.iter().filter_map(|payload| SignedNote::read(id, payload));
        let mut signed: Vec<SignedNote> = read
            .filter(|note| self.roster.device(&note.device).is_some_and(|card| card.signing == note.proof.key))
            .collect();
        signed.sort_by_key(|note| (note.adds_to.is_some(), note.at, note.hash));
        signed.dedup_by(|a, b| a.hash == b.hash);
        signed
    }
}

fn late_name(id: &NoteId) -> Vec<u8> {
    [b"late".as_slice(), &id.0].concat()
}
