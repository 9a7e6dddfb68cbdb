//! What a sealed record says about itself: who gives what to whom, why, on what basis, until when.
//!
//! JSON, so that a colleague without Subrosa can read it. Refused: a field that is missing, unknown or there twice; texts
//! and lists beyond their caps; text that hides part of itself.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::archive::{self, is_file_name};
use crate::card::{ContactKeys, check_name};
use crate::id::Hash;
use crate::plain_text::is_plain_text;
use crate::strict_json;

pub(super) const FORMAT: u32 = 2;
const KIND: &str = "subrosa sealed record";
/// Room for every file with the longest name, and every text in full.
pub(super) const LONGEST: usize = 256 * 1024;
/// Bytes in one of the texts.
const LONGEST_TEXT: usize = 4 * 1024;
/// Files besides manifest, signature and padding.
pub const MOST_FILES: usize = archive::MOST_ENTRIES - 3;
/// Names that are not a file of the record.
const RESERVED: [&str; 2] = [super::MANIFEST, super::SIGNATURE];

/// The signed account of a sealed record: also the entry that says to whom it was disclosed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordManifest {
    pub(super) kind: String,
    pub(super) format: u32,
    /// The day on which the record was sealed.
    pub created: Date,
    /// The last day on which the colleague may use it, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// What it is for.
    pub purpose: String,
    /// The law or agreement that allows it.
    pub legal_basis: String,
    /// How the client agreed; empty when the basis needs no consent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub consent: String,
    /// Who sealed it.
    pub sender: Sender,
    /// Fingerprint of the key that it was sealed to, so that nobody can pass it on as meant for another.
    pub recipient: Hash,
    /// The files, in the order in which they stand.
    pub files: Vec<ListedFile>,
}

/// Who sealed a record, by their own account: the keys are proven by the signature, the name by the card.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The name on the sender's card.
    pub name: String,
    /// The keys on the sender's card.
    pub keys: ContactKeys,
}

/// A file in a sealed record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    /// Its name, without any folder.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: Hash,
}

/// What every format of the manifest has.
#[derive(Deserialize)]
struct Head {
    kind: String,
    format: u32,
}

/// Why bytes are no manifest of this version.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoManifest {
    OtherKind,
    NewerVersion,
    OlderVersion,
    Malformed,
}

impl RecordManifest {
    /// Whether the day until which the record may be used is past.
    pub fn is_expired(&self, today: Date) -> bool {
        self.valid_until.is_some_and(|last| last < today)
    }

    pub(super) fn kind() -> String {
        KIND.to_owned()
    }

    /// Reads a manifest as strictly as it is written.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, NoManifest> {
        if bytes.len() > LONGEST {
            return Err(NoManifest::Malformed);
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|_| NoManifest::OtherKind)?;
        match (head.kind.as_str(), head.format) {
            (KIND, FORMAT) => {}
            (KIND, format) if format > FORMAT => return Err(NoManifest::NewerVersion),
            (KIND, _) => return Err(NoManifest::OlderVersion),
            _ => return Err(NoManifest::OtherKind),
        }
        let manifest: Self = strict_json::read(bytes).ok_or(NoManifest::Malformed)?;
        if manifest.is_sound() { Ok(manifest) } else { Err(NoManifest::Malformed) }
    }

    /// Whether every text and name is within its caps and shows as what it is.
    pub(super) fn is_sound(&self) -> bool {
        let texts = [&self.purpose, &self.legal_basis, &self.consent];
        texts.iter().all(|text| text.len() <= LONGEST_TEXT && is_plain_text(text))
            && !self.purpose.trim().is_empty()
            && !self.legal_basis.trim().is_empty()
            && check_name(&self.sender.name).is_ok()
            && (1..=MOST_FILES).contains(&self.files.len())
            && self.files.iter().all(|file| is_record_file(&file.name))
    }
}

/// Whether a file of a record can have this name.
pub(super) fn is_record_file(name: &str) -> bool {
    is_file_name(name) && !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

macro_rules! prints_its_name_alone {
    ($($kind:ident)*) => {$(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($kind))
            }
        }
    )*};
}

prints_its_name_alone!(RecordManifest Sender ListedFile);
