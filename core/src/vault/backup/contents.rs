//! Reading a backup's archive: the small files before the logs, and the end after them.
//!
//! Refused before anything is kept: a file in any other form than ours.

use std::collections::BTreeMap;
use std::io::Read;

use zeroize::Zeroizing;

use crate::archive::{ArchiveEntry, ArchiveReader};
use crate::backup::{
    ABOUT, About, BackupError, BackupManifest, Counts, FORMAT, MANIFEST, Origin, SIGNATURE, format_of,
};
use crate::codec::{Malformed, Reader};
use crate::id::{DeviceId, DocId, Hash, LogId, NoteId};
use crate::keyring::CompartmentEntry;
use crate::roster::Roster;
use crate::rows::Stored;
use crate::sign::Signature;
use crate::vault::items::boot::{Secrets, entries_from_bytes, roster_of};
use crate::vault::items::signing::LateAddendum;
use crate::{labels, strict_json};

/// Names in the archive.
pub(crate) const ROSTER: &str = "practice/roster";
pub(crate) const SECRETS: &str = "practice/secrets";
pub(crate) const KEYS: &str = "practice/keys";
pub(crate) const PRIVATE_KEYS: &str = "practice/private-keys";
pub(crate) const RECOVERY: &str = "practice/recovery";
pub(crate) const DEVICE: &str = "practice/device";
pub(crate) const LATE: &str = "practice/late";
pub(crate) const LOGS: &str = "practice/logs/";
pub(crate) const FILES: &str = "practice/files/";
pub(crate) const CLIENTS: &str = "clients/";

/// The most bytes of each small file. Far above any honest one, far below what a machine cannot hold.
const SMALL: u64 = 64 << 20;
/// The most keys, private parts and unsigned addenda.
const MOST: usize = 1 << 20;

/// The small files of a backup: all that is needed before its logs can be read.
pub(crate) struct Contents {
    pub(crate) origin: Origin,
    pub(crate) roster: Roster,
    pub(crate) secrets: Secrets,
    pub(crate) keys: Vec<CompartmentEntry>,
    /// Parts with keys of private notes, each with its author.
    pub(crate) private: Vec<(DeviceId, Vec<u8>)>,
    pub(crate) recovery: Vec<u8>,
    pub(crate) device: Vec<u8>,
    /// What the therapist made of unsigned addenda.
    pub(crate) late: Vec<(NoteId, LateAddendum)>,
}

impl Contents {
    /// Reads the beginning of an archive; what comes back with it is the first file after.
    pub(crate) fn read<R: Read>(archive: &mut ArchiveReader<R>) -> Result<(Self, Option<ArchiveEntry>), BackupError> {
        let about = named(archive, ABOUT, 64 << 10)?;
        match format_of(&about) {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => return Err(BackupError::Newer),
            Some(_) => return Err(BackupError::Older),
            None => return Err(BackupError::NotABackup),
        }
        let About { origin, .. } = strict_json::read(&about).ok_or(BackupError::Damaged)?;
        let mut small = BTreeMap::new();
        let mut next = archive.next()?;
        while let Some(entry) = next.take_if(|entry| !entry.name.starts_with(LOGS) && entry.name != MANIFEST) {
            // What a later version puts here, and this one does not know, is read past.
            if [ROSTER, SECRETS, KEYS, PRIVATE_KEYS, RECOVERY, DEVICE, LATE].contains(&entry.name.as_str()) {
                let once = small.insert(entry.name, Zeroizing::new(archive.whole(SMALL)?)).is_none();
                once.then_some(()).ok_or(BackupError::Damaged)?;
            }
            next = archive.next()?;
        }
        let file = |name: &str| small.get(name).ok_or(BackupError::Damaged);
        let roster = entries_from_bytes(file(ROSTER)?).and_then(|entries| roster_of(&entries));
        let roster = roster.map_err(|_| BackupError::Damaged)?;
        let mut secrets = Secrets::of_row(file(SECRETS)?).map_err(|_| BackupError::Damaged)?;
        secrets.epochs.retain(|epoch, secret| roster.commits(epoch, secret));
        if roster.practice() != origin.practice || roster.card(&origin.device).is_none() {
            return Err(BackupError::Damaged);
        }
        let contents = Self {
            origin,
            roster,
            secrets,
            keys: list(file(KEYS)?, CompartmentEntry::read)?,
            private: list(file(PRIVATE_KEYS)?, |reader| Ok((DeviceId(reader.array()?), reader.lp(1 << 20)?.to_vec())))?,
            recovery: file(RECOVERY)?.to_vec(),
            device: file(DEVICE)?.to_vec(),
            late: list(file(LATE)?, |reader| {
                Ok((DocId(reader.array()?), LateAddendum::of_row(reader.lp(16 << 20)?)?))
            })?,
        };
        Ok((contents, next))
    }
}

/// What stands at the end of an archive, after everything was read.
pub(crate) struct Ending {
    pub(crate) counts: Counts,
    /// Clients that were written as text.
    pub(crate) readable: u64,
    /// Hash of the archive up to the readable part.
    pub(crate) practice: Hash,
    /// Hash of the archive up to its end.
    pub(crate) archive: Hash,
}

/// A large part of a backup.
#[derive(Clone, Copy)]
pub(crate) enum LargePart {
    /// One branch of a log.
    Log(LogId),
    /// The pieces of an attached file.
    File(Hash),
}

/// Shown each large part of an archive.
pub(crate) type OnPart<'a, R> = &'a mut dyn FnMut(&mut ArchiveReader<R>, LargePart) -> Result<(), BackupError>;

impl LargePart {
    /// Which part a file is, if it is one.
    fn of(name: &str) -> Result<Option<Self>, BackupError> {
        let part = match (name.strip_prefix(LOGS), name.strip_prefix(FILES)) {
            (Some(log), _) => log.split('-').next().unwrap_or_default().parse().map(Self::Log).ok(),
            (_, Some(blob)) => blob.parse().map(Self::File).ok(),
            _ => return Ok(None),
        };
        part.map(Some).ok_or(BackupError::Damaged)
    }
}

/// Reads the large parts. `part` is shown each of them; what it leaves of one is read past. The first file after them comes back,
/// with the hash of the archive before that.
pub(crate) fn read_large_parts<R: Read>(
    archive: &mut ArchiveReader<R>,
    mut next: Option<ArchiveEntry>,
    part: OnPart<'_, R>,
) -> Result<(Option<ArchiveEntry>, Hash), BackupError> {
    while let Some(entry) = next.take_if(|entry| !entry.name.starts_with(CLIENTS) && entry.name != MANIFEST) {
        if let Some(large) = LargePart::of(&entry.name)? {
            part(archive, large)?;
        }
        next = archive.next()?;
    }
    Ok((next, archive.before()))
}

/// Reads everything after the small files; `part` as in [`read_large_parts`].
pub(crate) fn read_rest<R: Read>(
    archive: &mut ArchiveReader<R>,
    contents: &Contents,
    next: Option<ArchiveEntry>,
    part: OnPart<'_, R>,
) -> Result<Ending, BackupError> {
    let (mut next, practice) = read_large_parts(archive, next, part)?;
    let mut readable = 0;
    while let Some(entry) = next.take_if(|entry| entry.name != MANIFEST) {
        // A restore would not come to it.
        if LargePart::of(&entry.name)?.is_some() {
            return Err(BackupError::Damaged);
        }
        readable += u64::from(entry.name.starts_with(CLIENTS) && entry.name.ends_with("/record.md"));
        next = archive.next()?;
    }
    next.ok_or(BackupError::Damaged)?;
    let before = archive.before();
    let bytes = archive.whole(64 << 10)?;
    let manifest: BackupManifest = strict_json::read(&bytes).ok_or(BackupError::Damaged)?;
    let signature = named(archive, SIGNATURE, 64)?.try_into().map_err(|_| BackupError::Damaged)?;
    let signer = contents.roster.card(&contents.origin.device).ok_or(BackupError::Damaged)?.signing;
    let signed = signer.verify(labels::BACKUP, &bytes, &Signature(signature)).is_ok();
    if !signed || manifest != BackupManifest::new(contents.origin, manifest.counts, before) {
        return Err(BackupError::Damaged);
    }
    if archive.next()?.is_some() {
        return Err(BackupError::Damaged);
    }
    Ok(Ending { counts: manifest.counts, readable, practice, archive: archive.before() })
}

/// The next file, which must be this one, whole.
fn named<R: Read>(archive: &mut ArchiveReader<R>, name: &str, max: u64) -> Result<Vec<u8>, BackupError> {
    match archive.next()? {
        Some(entry) if entry.name == name => Ok(archive.whole(max)?),
        _ if name == ABOUT => Err(BackupError::NotABackup),
        _ => Err(BackupError::Damaged),
    }
}

pub(super) fn u32_of<R: Read>(archive: &mut ArchiveReader<R>) -> Result<u32, BackupError> {
    let mut bytes = [0; 4];
    archive.read(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn list<T>(bytes: &[u8], entry: impl FnMut(&mut Reader<'_>) -> Result<T, Malformed>) -> Result<Vec<T>, BackupError> {
    let mut reader = Reader::new(bytes);
    let read = reader.list(MOST, entry).map_err(|_| BackupError::Damaged)?;
    reader.finish().map_err(|_| BackupError::Damaged)?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::ArchiveWriter;
    use crate::backup::timestamp;

    #[test]
    fn a_small_file_that_stands_twice_is_damage_and_nothing_behind_it_is_read() {
        let origin = Origin { practice: Hash([1; 32]), device: DeviceId([2; 16]), made: timestamp(1_790_000_000_000) };
        let read = |names: &[&str]| {
            let mut archive = ArchiveWriter::new(Vec::new());
            archive.file(ABOUT, &serde_json::to_vec(&About::new(origin)).unwrap()).unwrap();
            names.iter().for_each(|name| archive.file(name, b"").unwrap());
            let bytes = archive.finish().unwrap();
            let mut archive = ArchiveReader::new(bytes.as_slice(), |_| true);
            let refused = Contents::read(&mut archive).map(drop).unwrap_err();
            (refused, archive.next().ok().flatten().map(|entry| entry.name))
        };
        let (refused, left) = read(&[ROSTER, ROSTER, SECRETS]);
        assert!(matches!(refused, BackupError::Damaged) && left.as_deref() == Some(SECRETS));
        // Once each they are read to the end; only then is what they hold looked at.
        let (refused, left) = read(&[ROSTER, SECRETS]);
        assert!(matches!(refused, BackupError::Damaged) && left.is_none());
    }
}
