//! Opening a record that was sealed to this practice, as a stream.
//!
//! Refused, besides what age and the archive refuse: a signature that does not fit, a file that is not the listed one, a
//! sender who has a known colleague's name but not the keys, and a record that was meant for another reader and passed on
//! under the first sender's signature. The whole file is read before anything of it is given out, and nothing is merged. What
//! is kept of it are its texts; attached files are read from it again when somebody wants a copy.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::age_file::{self, AgeError, AgeFault, LONGEST_START};
use super::archive;
use super::manifest::{self, ListedFile, NoManifest, RecordManifest, Sender};
use super::stanza::Identity;
use super::{LONGEST_RECORD, LONGEST_TEXTS, MANIFEST, SIGNATURE, is_text};
use crate::archive::{ArchiveEntry, ArchiveReader};
use crate::card::ContactCard;
use crate::id::Hash;
use crate::secret::Key;
use crate::sign::Signature;
use crate::wrap::{Unwraps, WrapPublic};
use crate::{kdf, labels};

/// The most bytes of a signature that are looked at.
const LONGEST_SIGNATURE: u64 = 1_024;

/// A record that was opened and found whole: read-only, never merged.
pub struct OpenedRecord {
    /// The sender's signed account of it.
    pub manifest: RecordManifest,
    /// The record itself: of the files that the manifest lists, those that are texts.
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
        "This record bears the name of a colleague of yours, but not their signature. It stays closed. Call them: if they have a new contact card, add it."
    )]
    NotTheColleague,
    /// Signed by the sender for another reader, and sealed to this one by somebody else.
    #[error(
        "The sender made this record for somebody else, and a third person passed it on to you. It stays closed. Tell its sender."
    )]
    PassedOn,
    /// Beyond the cap.
    #[error("This file is larger than any sealed record (4 GB), or what it says is, and it was not opened.")]
    TooLarge,
    /// A format that this version does not know.
    #[error("This record was made by a newer version of Subrosa. Update this one, then open it again.")]
    NewerVersion,
    /// A format from before the first release.
    #[error(
        "This record was made by an early version of Subrosa that is not read any more, and it was not opened. Ask its sender to make it again with the present version."
    )]
    OlderVersion,
    /// The file itself.
    #[error("The file could not be read ({0}). Nothing was read from it.")]
    Unreadable(io::ErrorKind),
    /// Where a copy was to go.
    #[error("The copy could not be written ({0}) and is not complete. The sealed record is as it was.")]
    NotWritten(io::ErrorKind),
}

/// Opens a record with the seed that the own card's recipient comes from, and compares its sender with one's colleagues.
///
/// # Errors
/// See [`OpenError`].
pub fn open_record<'c, R: Unwraps>(
    file: &mut (impl Read + Seek),
    seed: &Key<R>,
    colleagues: impl IntoIterator<Item = &'c ContactCard>,
) -> Result<OpenedRecord, OpenError> {
    let mut opening = Opening {
        own: WrapPublic::of(seed).fingerprint(),
        colleagues: colleagues.into_iter().collect(),
        about: None,
        known: None,
        next: 0,
        files: Vec::new(),
        kept: 0,
    };
    walk(file, seed, &mut |archive, entry| opening.take(archive, entry))?;
    let (manifest, standing, id) = opening.known.ok_or(OpenError::NotASealedRecord)?;
    if opening.next != manifest.files.len() {
        return Err(OpenError::Edited);
    }
    Ok(OpenedRecord { manifest, files: opening.files, standing, id })
}

/// Where a copy of a file goes, if anywhere.
pub type FileSink<'a> = &'a mut dyn FnMut(&ListedFile) -> io::Result<Option<Box<dyn Write>>>;

/// Writes copies of a record's files out, in one reading: `place` says of each where it goes. What was written before an error
/// is no copy: the caller takes it away.
///
/// # Errors
/// See [`OpenError`]; [`OpenError::Edited`] also when this is not the file that was opened.
pub fn copy_files<R: Unwraps>(
    file: &mut (impl Read + Seek),
    seed: &Key<R>,
    record: &OpenedRecord,
    place: FileSink<'_>,
) -> Result<(), OpenError> {
    let mut listed = record.manifest.files.iter();
    walk(file, seed, &mut |archive, entry| {
        match entry.name.as_str() {
            MANIFEST if kdf::sha256(&archive.whole(manifest::LONGEST as u64)?) == record.id => return Ok(()),
            SIGNATURE => return Ok(()),
            _ => {}
        }
        let listed = listed.next().filter(|listed| is_listed(listed, entry)).ok_or(OpenError::Edited)?;
        let Some(mut to) = place(listed).map_err(not_written)? else { return Ok(()) };
        let mut written = Ok(());
        let hash = hashed(archive, &mut |bytes| {
            if written.is_ok() {
                written = to.write_all(bytes);
            }
        })?;
        written.and_then(|()| to.flush()).map_err(not_written)?;
        if hash == listed.sha256 { Ok(()) } else { Err(OpenError::Edited.into()) }
    })
}

impl OpenedRecord {
    /// The attached files that came along.
    pub fn attachments(&self) -> impl Iterator<Item = &ListedFile> {
        self.manifest.files.iter().filter(|file| !is_text(&file.name))
    }
}

/// What is known of a record while it is read.
struct Opening<'c> {
    own: Hash,
    colleagues: Vec<&'c ContactCard>,
    about: Option<Zeroizing<Vec<u8>>>,
    known: Option<(RecordManifest, Standing, Hash)>,
    /// How many of the listed files were read.
    next: usize,
    files: Vec<OpenedFile>,
    kept: u64,
}

impl Opening<'_> {
    fn take<F: Read>(&mut self, archive: &mut ArchiveReader<F>, entry: &ArchiveEntry) -> Result<(), Fault> {
        match (&self.about, &self.known) {
            (None, None) if entry.name == MANIFEST => {
                self.about = Some(Zeroizing::new(archive.whole(manifest::LONGEST as u64)?));
                Ok(())
            }
            (Some(about), None) if entry.name == SIGNATURE => {
                let manifest = read_manifest(about, &archive.whole(LONGEST_SIGNATURE)?)?;
                if manifest.recipient != self.own {
                    return Err(OpenError::PassedOn.into());
                }
                let standing = standing(&manifest.sender, self.colleagues.iter().copied())?;
                self.known = Some((manifest, standing, kdf::sha256(about)));
                Ok(())
            }
            (Some(_), Some((manifest, ..))) => {
                let listed = manifest.files.get(self.next).filter(|listed| is_listed(listed, entry));
                let listed = listed.ok_or(OpenError::Edited)?;
                let kept = is_text(&listed.name);
                self.kept += if kept { listed.size } else { 0 };
                if self.kept > LONGEST_TEXTS {
                    return Err(OpenError::TooLarge.into());
                }
                let kept = if kept { Some(Zeroizing::new(archive.whole(LONGEST_TEXTS)?)) } else { None };
                let hash = match &kept {
                    Some(bytes) => kdf::sha256(bytes),
                    None => hashed(archive, &mut |_| {})?,
                };
                if hash != listed.sha256 {
                    return Err(OpenError::Edited.into());
                }
                if let Some(bytes) = kept {
                    self.files.push(OpenedFile { name: listed.name.clone(), bytes });
                }
                self.next += 1;
                Ok(())
            }
            _ => Err(OpenError::NotASealedRecord.into()),
        }
    }
}

fn is_listed(listed: &ListedFile, entry: &ArchiveEntry) -> bool {
    listed.name == entry.name && listed.size == entry.size
}

/// Reads the file under way to its end.
fn hashed<F: Read>(archive: &mut ArchiveReader<F>, see: &mut dyn FnMut(&[u8])) -> io::Result<Hash> {
    let mut hash = Sha256::new();
    archive.portions(archive::PORTION, &mut |portion| {
        hash.update(portion);
        see(portion);
    })?;
    Ok(Hash(hash.finalize().into()))
}

fn read_manifest(about: &[u8], signature: &[u8]) -> Result<RecordManifest, OpenError> {
    let manifest = RecordManifest::read(about).map_err(|error| match error {
        NoManifest::OtherKind => OpenError::NotASealedRecord,
        NoManifest::NewerVersion => OpenError::NewerVersion,
        NoManifest::OlderVersion => OpenError::OlderVersion,
        NoManifest::Malformed => OpenError::Edited,
    })?;
    let signature = Signature::from_slice(signature).ok_or(OpenError::SignatureDoesNotFit)?;
    let key = &manifest.sender.keys.signing_key;
    key.verify(labels::RECORD, about, &signature).map_err(|_| OpenError::SignatureDoesNotFit)?;
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
pub(crate) fn sounds_like(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

/// Why reading ended: a verdict, or something about the bytes that the layer below knows more of.
enum Fault {
    Refused(OpenError),
    /// What it is, the reader below remembers.
    Bytes,
}

impl From<OpenError> for Fault {
    fn from(error: OpenError) -> Self {
        Self::Refused(error)
    }
}

impl From<io::Error> for Fault {
    fn from(_: io::Error) -> Self {
        Self::Bytes
    }
}

fn not_written(error: io::Error) -> Fault {
    OpenError::NotWritten(error.kind()).into()
}

/// Reads a record from end to end, and shows each file of its archive.
fn walk<F: Read + Seek, R: Unwraps>(
    file: &mut F,
    seed: &Key<R>,
    each: archive::OnFile<'_, Fault>,
) -> Result<(), OpenError> {
    let unreadable = |error: io::Error| OpenError::Unreadable(error.kind());
    let len = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if len > LONGEST_RECORD {
        return Err(OpenError::TooLarge);
    }
    file.rewind().map_err(unreadable)?;
    let fault = match age_file::open(&mut *file, &Identity(seed)) {
        Err(fault) => fault,
        Ok(reader) => {
            let mut watched = Watched { reader, fault: None };
            let read = archive::read(&mut watched, each);
            match (watched.fault, read) {
                (Some(fault), Err(_)) => fault,
                (None, Err(Fault::Refused(error))) => return Err(error),
                (None, Err(Fault::Bytes)) => return Err(OpenError::NotASealedRecord),
                (_, Ok(())) => return Ok(()),
            }
        }
    };
    let error = match fault {
        AgeFault::Age(error) => error,
        AgeFault::Io(error) => return Err(unreadable(error)),
    };
    // A cut within a chunk looks like an edit to the cipher; but no record has such a length.
    let mut start = Vec::new();
    file.rewind().and_then(|()| file.take(LONGEST_START).read_to_end(&mut start)).map_err(unreadable)?;
    let can_be = age_file::plaintext_len(&start, len).is_some_and(archive::is_padded_len);
    Err(match error {
        AgeError::NotAge => OpenError::NotASealedRecord,
        AgeError::NewerVersion => OpenError::NewerVersion,
        AgeError::ForSomebodyElse => OpenError::ForSomebodyElse,
        AgeError::CutShort => OpenError::CutShort,
        AgeError::Edited if can_be => OpenError::Edited,
        AgeError::Edited => OpenError::CutShort,
    })
}

/// Remembers what the cipher or the disk said: the archive above only knows that it got no bytes.
struct Watched<F> {
    reader: F,
    fault: Option<AgeFault>,
}

impl<F: Read> Read for Watched<F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.reader.read(into).inspect_err(|error| self.fault = Some(AgeFault::of_payload(error)))
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
