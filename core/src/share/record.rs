//! Sealed records: a client's record for one colleague, signed by its sender and sealed to its reader.
//!
//! ```text
//! age file to the colleague's key
//! └ tar, padded: manifest.json · manifest.sig (64 bytes, Ed25519) · record.md · record.json · attachments · padding
//! ```
//! Stock age and tar open it. Subrosa also refuses: a signature that does not fit, a file that is not the listed one,
//! a sender who has a known colleague's name but not the keys, and a record that was meant for another reader and passed
//! on under the first sender's signature. Nothing is given out unless everything fits, and nothing is merged.

use std::fmt;
use std::io;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::age_file::{self, AgeError};
use super::archive::{self, Entry};
use super::manifest::{self, ListedFile, Manifest, NoManifest, Sender};
use super::{MANIFEST, SIGNATURE};
use crate::card::ContactCard;
use crate::entropy::Entropy;
use crate::id::Hash;
use crate::secret::Key;
use crate::sign::{Signature, Signer};
use crate::wrap::{Unwraps, WrapPublic};
use crate::{kdf, labels};

/// Bytes of the longest sealed record, sealed: it is opened in memory.
pub const LONGEST_RECORD: usize = 64 * 1024 * 1024;

/// What is to be sealed, and what it is for.
#[derive(Clone, Copy)]
pub struct RecordToSeal<'a> {
    /// Today.
    pub created: Date,
    /// The last day on which the colleague may use it.
    pub valid_until: Option<Date>,
    /// What it is for.
    pub purpose: &'a str,
    /// The law or agreement that allows it.
    pub legal_basis: &'a str,
    /// How the client agreed; empty when the basis needs no consent.
    pub consent: &'a str,
    /// Names without folders, and contents; `record.md` first, so that it is what a reader without Subrosa finds.
    pub files: &'a [(String, Vec<u8>)],
}

/// A record that was opened and found whole: read-only, never merged.
pub struct OpenedRecord {
    /// The sender's signed account of it.
    pub manifest: Manifest,
    /// The files that the manifest lists.
    pub files: Vec<OpenedFile>,
    /// What is known of the sender.
    pub standing: Standing,
    /// Names this record among all others: the hash of its manifest.
    pub id: Hash,
}

/// A file of an opened record.
pub struct OpenedFile {
    /// Its name, without any folder.
    pub name: String,
    /// Its bytes, wiped on drop.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// What is known of a record's sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Signed with the keys of a card that is among one's colleagues.
    Colleague,
    /// Signed, but with keys of nobody that is known: the name proves nothing yet.
    Stranger,
}

/// Why a record was not sealed. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealRecordError {
    /// The card belongs to other keys than those that would sign.
    #[error("This contact card is not the one of this practice, so the record was not sealed.")]
    NotYourCard,
    /// Purpose or basis is missing, or a text is too long or has characters that hide part of it.
    #[error("A sealed record needs a purpose and a legal basis, each of at most 4,096 bytes of visible text.")]
    Texts,
    /// No file, too many, a name twice, or a name that some system cannot hold.
    #[error("The record was not sealed: it needs 1 to 253 files whose names differ and fit every system.")]
    Files,
    /// More bytes than a colleague could open.
    #[error("The record was not sealed: it would be larger than 64 MiB. Leave out attachments, and seal those apart.")]
    TooLarge,
    /// The library could not write it.
    #[error("The record could not be sealed. Nothing was written.")]
    Failed,
}

/// Why a record does not open. Nothing of it was kept or shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Sealed to another key.
    #[error(
        "This record was sealed for somebody else, or its first lines were changed on the way. It stays closed. Ask its sender to seal it with your present contact card."
    )]
    ForSomebodyElse,
    /// The end is missing.
    #[error(
        "This record is incomplete: part of the file is missing. Nothing was read from it. Ask its sender to send it again."
    )]
    CutShort,
    /// A byte is not what was sealed, or a file not what was listed.
    #[error(
        "This record was changed after it was sealed, or damaged on the way. Nothing was read from it. Ask its sender to send it again."
    )]
    Edited,
    /// Some other file.
    #[error("This file is not a sealed record.")]
    NotASealedRecord,
    /// Not signed by the key that it names.
    #[error(
        "The signature in this record does not fit, so nobody can say who wrote it. It stays closed. Tell the colleague it seems to come from."
    )]
    SignatureDoesNotFit,
    /// Signed with other keys than those of the colleague with this name.
    #[error(
        "This record bears the name of a colleague of yours, but not their signature. It stays closed. Call them: if they have new keys, add their new contact card."
    )]
    NotTheColleague,
    /// Signed by the sender for another reader, and sealed to this one by somebody else.
    #[error(
        "The sender made this record for somebody else, and a third person passed it on to you. It stays closed. Tell its sender."
    )]
    PassedOn,
    /// Beyond the cap.
    #[error("This file is larger than any sealed record (64 MiB) and was not opened.")]
    TooLarge,
    /// A format that this version does not know.
    #[error("This record was made by a newer version of Subrosa. Update this one, then open it again.")]
    NewerVersion,
}

/// Seals a record to a colleague, under the sender's signature.
///
/// # Errors
/// See [`SealRecordError`].
pub fn seal_record(
    record: &RecordToSeal<'_>,
    sender: &ContactCard,
    signer: &Signer,
    to: &WrapPublic,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, SealRecordError> {
    if sender.keys().signing_key != signer.public_key() {
        return Err(SealRecordError::NotYourCard);
    }
    check_files(record.files)?;
    let manifest = describe(record, sender, to);
    if !manifest.is_sound() {
        return Err(SealRecordError::Texts);
    }
    let manifest = Zeroizing::new(serde_json::to_vec_pretty(&manifest).map_err(|_| SealRecordError::Failed)?);
    let signature = signer.sign(labels::RECORD, &manifest);
    let mut entries = vec![Entry { name: MANIFEST, bytes: &manifest }, Entry { name: SIGNATURE, bytes: &signature.0 }];
    entries.extend(record.files.iter().map(|(name, bytes)| Entry { name, bytes }));
    let sealed = archive::write(&entries).and_then(|packed| age_file::encrypt(&[to], &packed, entropy));
    // One more check of what a reader will check: what is too large for a reader is not made.
    sealed
        .map_err(|_: io::Error| SealRecordError::Failed)
        .and_then(|sealed| if sealed.len() > LONGEST_RECORD { Err(SealRecordError::TooLarge) } else { Ok(sealed) })
}

/// Opens a record with the seed that the own card's recipient comes from, and compares its sender with one's colleagues.
///
/// # Errors
/// See [`OpenError`].
pub fn open_record<'c, R: Unwraps>(
    file: &[u8],
    seed: &Key<R>,
    colleagues: impl IntoIterator<Item = &'c ContactCard>,
) -> Result<OpenedRecord, OpenError> {
    if file.len() > LONGEST_RECORD {
        return Err(OpenError::TooLarge);
    }
    let packed = age_file::decrypt(seed, file).map_err(|error| of_file(error, file))?;
    let entries = archive::read(&packed).map_err(|_| OpenError::NotASealedRecord)?;
    let [about, signature, files @ ..] = entries.as_slice() else { return Err(OpenError::NotASealedRecord) };
    let manifest = read_manifest(about, signature)?;
    if manifest.recipient != WrapPublic::of(seed).fingerprint() {
        return Err(OpenError::PassedOn);
    }
    let standing = standing(&manifest.sender, colleagues)?;
    let files = read_files(&manifest.files, files)?;
    Ok(OpenedRecord { manifest, files, standing, id: kdf::sha256(about.bytes) })
}

fn check_files(files: &[(String, Vec<u8>)]) -> Result<(), SealRecordError> {
    let mut names: Vec<String> = files.iter().map(|(name, _)| name.to_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    let fits = names.len() == files.len() && (1..=manifest::MOST_FILES).contains(&files.len());
    if !fits || !files.iter().all(|(name, _)| manifest::is_record_file(name)) {
        return Err(SealRecordError::Files);
    }
    let size = files.iter().fold(0usize, |sum, (_, bytes)| sum.saturating_add(bytes.len()));
    if size > LONGEST_RECORD { Err(SealRecordError::TooLarge) } else { Ok(()) }
}

fn describe(record: &RecordToSeal<'_>, sender: &ContactCard, to: &WrapPublic) -> Manifest {
    let listed = |(name, bytes): &(String, Vec<u8>)| ListedFile {
        name: name.clone(),
        size: bytes.len() as u64,
        sha256: kdf::sha256(bytes),
    };
    Manifest {
        kind: Manifest::kind(),
        format: manifest::FORMAT,
        created: record.created,
        valid_until: record.valid_until,
        purpose: record.purpose.to_owned(),
        legal_basis: record.legal_basis.to_owned(),
        consent: record.consent.to_owned(),
        sender: Sender { name: sender.name().to_owned(), keys: sender.keys().clone() },
        recipient: to.fingerprint(),
        files: record.files.iter().map(listed).collect(),
    }
}

fn read_manifest(about: &Entry<'_>, signature: &Entry<'_>) -> Result<Manifest, OpenError> {
    if about.name != MANIFEST || signature.name != SIGNATURE {
        return Err(OpenError::NotASealedRecord);
    }
    let manifest = Manifest::read(about.bytes).map_err(|error| match error {
        NoManifest::OtherKind => OpenError::NotASealedRecord,
        NoManifest::NewerVersion => OpenError::NewerVersion,
        NoManifest::Malformed => OpenError::Edited,
    })?;
    let signature = Signature::from_slice(signature.bytes).ok_or(OpenError::SignatureDoesNotFit)?;
    let key = &manifest.sender.keys.signing_key;
    key.verify(labels::RECORD, about.bytes, &signature).map_err(|_| OpenError::SignatureDoesNotFit)?;
    Ok(manifest)
}

/// A stranger may write, but not under the name of somebody whose keys are known, nor with half of their keys.
fn standing<'c>(sender: &Sender, colleagues: impl IntoIterator<Item = &'c ContactCard>) -> Result<Standing, OpenError> {
    let mut standing = Ok(Standing::Stranger);
    for card in colleagues {
        if *card.keys() == sender.keys {
            return Ok(Standing::Colleague);
        }
        let half = card.keys().signing_key == sender.keys.signing_key || card.keys().recipient == sender.keys.recipient;
        if half || sounds_like(card.name()) == sounds_like(&sender.name) {
            standing = Err(OpenError::NotTheColleague);
        }
    }
    standing
}

/// What an eye does not tell apart at a glance: case, spacing, and the ways to write an accent.
fn sounds_like(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

fn read_files(listed: &[ListedFile], found: &[Entry<'_>]) -> Result<Vec<OpenedFile>, OpenError> {
    if listed.len() != found.len() {
        return Err(OpenError::Edited);
    }
    let read = |(listed, found): (&ListedFile, &Entry<'_>)| {
        let fits = listed.name == found.name
            && listed.size == found.bytes.len() as u64
            && listed.sha256 == kdf::sha256(found.bytes);
        let file = || OpenedFile { name: listed.name.clone(), bytes: Zeroizing::new(found.bytes.to_vec()) };
        fits.then(file).ok_or(OpenError::Edited)
    };
    listed.iter().zip(found).map(read).collect()
}

fn of_file(error: AgeError, file: &[u8]) -> OpenError {
    match error {
        AgeError::NotAge => OpenError::NotASealedRecord,
        AgeError::NewerVersion => OpenError::NewerVersion,
        AgeError::ForSomebodyElse => OpenError::ForSomebodyElse,
        AgeError::CutShort => OpenError::CutShort,
        // A cut within a chunk looks like an edit to the cipher; but no record has such a length.
        AgeError::Edited if !age_file::plaintext_len(file).is_some_and(archive::is_padded_len) => OpenError::CutShort,
        AgeError::Edited => OpenError::Edited,
    }
}

impl fmt::Debug for OpenedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedRecord")
    }
}

impl fmt::Debug for OpenedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedFile")
    }
}

impl fmt::Debug for RecordToSeal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordToSeal")
    }
}

#[cfg(test)]
mod tests;
