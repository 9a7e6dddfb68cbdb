//! Signed notes as items (format §3, *signed*): the statement, its signature, and what is read back from both.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::codec::Reader;
use crate::id::{ClientId, DeviceId, Hash, NoteId};
use crate::record::NoteContent;
use crate::sign::{PublicKey, Signature};
use crate::vault::items::home::said;
use crate::vault::{FORMAT, Millis};
use crate::{kdf, labels, strict_json};

/// Bytes that a signed note may have.
pub(crate) const SIGNED_MAX: usize = 12 << 20;

/// What is signed, field by field; the bytes are its JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct Statement {
    pub(crate) format: u32,
    pub(crate) note: NoteId,
    pub(crate) client: ClientId,
    pub(crate) kind: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) process: bool,
    #[serde(deserialize_with = "crate::record::read_note")]
    pub(crate) content: NoteContent,
    pub(crate) heads: Vec<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) adds_to: Option<Hash>,
    /// What it adds to should not be there: it says why, and takes nothing away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) entered_in_error: bool,
    pub(crate) signed_at: String,
    pub(crate) device: DeviceId,
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
    pub(crate) process: bool,
    pub(crate) entered_in_error: bool,
    pub(crate) heads: Vec<Hash>,
    pub(crate) content: NoteContent,
    pub(crate) signed_at: String,
    pub(crate) at: Millis,
    pub(crate) device: DeviceId,
    pub(crate) proof: Proof,
}

impl SignedNote {
    /// `None` unless the signature holds, and is about this note: any device could put another note's beside it.
    pub(crate) fn read(note: &NoteId, payload: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(said(payload));
        let bytes = reader.lp(SIGNED_MAX).ok()?.to_vec();
        let key = PublicKey(reader.array().ok()?);
        let signature = Signature(reader.array().ok()?);
        reader.finish().ok()?;
        key.verify(labels::NOTE, &bytes, &signature).ok()?;
        let statement: Statement = strict_json::read(&bytes)?;
        let at = statement.signed_at.parse::<Timestamp>().ok()?.as_millisecond();
        let is_one = statement.format == FORMAT && statement.kind == Self::kind(statement.adds_to);
        (is_one && key.device_id() == statement.device && statement.note == *note).then(|| Self {
            hash: kdf::sha256(&bytes),
            adds_to: statement.adds_to,
            client: statement.client,
            process: statement.process,
            entered_in_error: statement.entered_in_error,
            heads: statement.heads,
            content: statement.content,
            signed_at: statement.signed_at,
            at: Millis::try_from(at).unwrap_or_default(),
            device: statement.device,
            proof: Proof { bytes, key, signature },
        })
    }

    /// What a statement calls itself.
    pub(crate) fn kind(adds_to: Option<Hash>) -> &'static str {
        if adds_to.is_some() { "addendum" } else { "note" }
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
    pub proof: Proof,
}

impl std::fmt::Debug for SignedVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedVersion")
    }
}
