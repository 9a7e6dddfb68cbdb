//! Sealing a record: a client's record for one colleague, signed by its sender and sealed to its reader.
//!
//! ```text
//! age file to the colleague's key
//! └ tar, padded: manifest.json · manifest.sig (64 bytes, Ed25519) · record.md · record.json · attached files · padding
//! ```
//! Stock age and tar open it. Written as a stream: the manifest, which names each file's hash, stands first, so attached files
//! are read twice, and never held.

use std::fmt;
use std::io::{self, Write};

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::age_file;
use super::archive;
use super::manifest::{self, ListedFile, RecordManifest, Sender};
use super::{LONGEST_RECORD, LONGEST_TEXTS, MANIFEST, SIGNATURE};
use crate::archive::ArchiveWriter;
use crate::card::ContactCard;
use crate::entropy::Entropy;
use crate::file_name;
use crate::id::Hash;
use crate::sign::Signer;
use crate::wrap::WrapPublic;
use crate::{kdf, labels};

/// Gives a file's bytes out in order, each time anew.
pub type ReadAgain<'a> = dyn Fn(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> + 'a;

/// An attached file that goes along.
pub struct Attachment<'a> {
    /// Its name, without any folder; [`attachment_name`] makes one of any.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its content.
    pub read: Box<ReadAgain<'a>>,
}

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
    /// Attached files, after these.
    pub attachments: &'a [Attachment<'a>],
}

/// Why a record was not sealed. What was written until then is none, and must be thrown away.
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
    #[error(
        "The record was not sealed: it needs 1 to 253 files whose names differ and fit every system. Choose some of its notes, or leave attached files out."
    )]
    Files,
    /// More bytes than a colleague could open.
    #[error(
        "The record was not sealed: it would be larger than 4 GB, which no stick takes. Choose some of its notes, or leave attached files out."
    )]
    TooLarge,
    /// An attached file is not all here.
    #[error(
        "The record was not sealed: an attached file that belongs to it has not reached this device yet. Connect the device that has it, or leave attached files out."
    )]
    FileNotHere,
    /// It could not be written where it was to go.
    #[error("The sealed record could not be written ({0}), and is not complete. Nothing else was changed.")]
    NotWritten(io::ErrorKind),
    /// The library could not write it.
    #[error("The record could not be sealed. Nothing was written.")]
    Failed,
}

impl From<io::Error> for SealRecordError {
    fn from(error: io::Error) -> Self {
        Self::NotWritten(error.kind())
    }
}

/// Seals a record to a colleague, under the sender's signature, and says how many bytes it has.
///
/// # Errors
/// See [`SealRecordError`].
pub fn seal_record_to(
    record: &RecordToSeal<'_>,
    sender: &ContactCard,
    signer: &Signer,
    recipient: &WrapPublic,
    to: &mut dyn Write,
    entropy: &mut dyn Entropy,
) -> Result<u64, SealRecordError> {
    if sender.keys().signing_key != signer.public_key() {
        return Err(SealRecordError::NotYourCard);
    }
    check_files(record)?;
    let manifest = describe(record, sender, recipient)?;
    if !manifest.is_sound() {
        return Err(SealRecordError::Texts);
    }
    let about = Zeroizing::new(serde_json::to_vec_pretty(&manifest).map_err(|_| SealRecordError::Failed)?);
    let signature = signer.sign(labels::RECORD, &about);
    let mut sizes = vec![about.len() as u64, signature.0.len() as u64];
    sizes.extend(manifest.files.iter().map(|file| file.size));
    // One more check of what a reader will check: what is too large for a reader is not made.
    if age_file::sealed_len(archive::len(&sizes)) > LONGEST_RECORD {
        return Err(SealRecordError::TooLarge);
    }
    let mut counted = Counted { to, bytes: 0 };
    let sealing = age_file::begin(&[recipient], &mut counted, entropy).map_err(|_| SealRecordError::Failed)?;
    let mut packing = ArchiveWriter::new(sealing);
    packing.file(MANIFEST, &about)?;
    packing.file(SIGNATURE, &signature.0)?;
    for (name, bytes) in record.files {
        packing.file(name, bytes)?;
    }
    let listed = manifest.files.iter().skip(record.files.len());
    for (attachment, listed) in record.attachments.iter().zip(listed) {
        pack(&mut packing, attachment, listed)?;
    }
    archive::finish(packing, &sizes)?.finish()?.flush()?;
    Ok(counted.bytes)
}

/// The same, into memory.
///
/// # Errors
/// See [`SealRecordError`].
pub fn seal_record(
    record: &RecordToSeal<'_>,
    sender: &ContactCard,
    signer: &Signer,
    recipient: &WrapPublic,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, SealRecordError> {
    let mut file = Vec::new();
    seal_record_to(record, sender, signer, recipient, &mut file, entropy)?;
    Ok(file)
}

/// The attachment, which must still be what was listed.
fn pack<W: Write>(
    packing: &mut ArchiveWriter<W>,
    attachment: &Attachment<'_>,
    listed: &ListedFile,
) -> Result<(), SealRecordError> {
    packing.begin(&listed.name, listed.size)?;
    let mut hash = Sha256::new();
    (attachment.read)(&mut |bytes| {
        hash.update(bytes);
        packing.write(bytes)
    })?;
    let same = Hash(hash.finalize().into()) == listed.sha256;
    if same { Ok(()) } else { Err(SealRecordError::Failed) }
}

fn check_files(record: &RecordToSeal<'_>) -> Result<(), SealRecordError> {
    let own = record.files.iter().map(|(name, _)| name.as_str());
    let all: Vec<&str> = own.chain(record.attachments.iter().map(|file| file.name.as_str())).collect();
    let mut names: Vec<String> = all.iter().map(|name| file_name::key(name)).collect();
    names.sort_unstable();
    names.dedup();
    let fits = names.len() == all.len() && (1..=manifest::MOST_FILES).contains(&all.len());
    // What is kept in memory when it is opened, and what is not, its name says.
    let kinds = record.attachments.iter().all(|file| !super::is_text(&file.name));
    if !fits || !kinds || !all.iter().all(|name| manifest::is_record_file(name)) {
        return Err(SealRecordError::Files);
    }
    let texts = record.files.iter().fold(0_u64, |sum, (_, bytes)| sum.saturating_add(bytes.len() as u64));
    let size = record.attachments.iter().fold(texts, |sum, file| sum.saturating_add(file.size));
    if texts > LONGEST_TEXTS || size > LONGEST_RECORD { Err(SealRecordError::TooLarge) } else { Ok(()) }
}

pub(super) fn describe(
    record: &RecordToSeal<'_>,
    sender: &ContactCard,
    to: &WrapPublic,
) -> Result<RecordManifest, SealRecordError> {
    let mut files: Vec<ListedFile> = record
        .files
        .iter()
        .map(|(name, bytes)| ListedFile { name: name.clone(), size: bytes.len() as u64, sha256: kdf::sha256(bytes) })
        .collect();
    for Attachment { name, size, read } in record.attachments {
        let (mut hash, mut found) = (Sha256::new(), 0);
        read(&mut |bytes| {
            found += bytes.len() as u64;
            hash.update(bytes);
            Ok(())
        })?;
        if found != *size {
            return Err(SealRecordError::Failed);
        }
        files.push(ListedFile { name: name.clone(), size: *size, sha256: Hash(hash.finalize().into()) });
    }
    Ok(RecordManifest {
        kind: RecordManifest::kind(),
        format: manifest::FORMAT,
        created: record.created,
        valid_until: record.valid_until,
        purpose: record.purpose.to_owned(),
        legal_basis: record.legal_basis.to_owned(),
        consent: record.consent.to_owned(),
        sender: Sender { name: sender.name().to_owned(), keys: sender.keys().clone() },
        recipient: to.fingerprint(),
        files,
    })
}

/// The name that an attached file gets in a record in which `is_free` says what is taken.
pub fn attachment_name(name: &str, is_free: impl FnMut(&str) -> bool) -> String {
    // Room for a mark before it and a number behind it.
    let name = file_name::written_within(name, crate::archive::LONGEST_NAME - 10);
    let fits = manifest::is_record_file(&name) && !super::is_text(&name);
    let name = if fits { name } else { format!("_{name}") };
    let name = if manifest::is_record_file(&name) { name } else { "file".to_owned() };
    file_name::free(&name, is_free)
}

/// Counts what is written.
struct Counted<'a> {
    to: &'a mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl fmt::Debug for RecordToSeal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordToSeal")
    }
}

impl fmt::Debug for Attachment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attachment")
    }
}
