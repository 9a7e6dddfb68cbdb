//! Reading a backup into a vault: the same for the trial that proves it, a new vault, and one that went on.
//!
//! Logs come in like another device's: chain, signatures and hashes are checked, what is here already is known by its name,
//! and nothing is ever taken away. Refused before anything is kept: a file in any other form than ours.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use zeroize::Zeroizing;

use crate::archive::{ArchiveReader, Entry};
use crate::backup::{
    ABOUT, About, BackupError, Counts, FORMAT, MANIFEST, Manifest, Origin, PADDING, SIGNATURE, format_of, is_name,
};
use crate::blob;
use crate::codec::{Malformed, Reader};
use crate::entropy::Entropy;
use crate::id::{DeviceId, DocId, EpochId, Hash, LogId, NoteId};
use crate::import::Progress;
use crate::kdf::{self, Policy};
use crate::keyring::CompartmentEntry;
use crate::labels;
use crate::log::{self, Class};
use crate::roster::Roster;
use crate::rows::Rows;
use crate::secret::{EpochRole, Key, LocalRole, PracticeRole};
use crate::sign::Signature;
use crate::state::State;
use crate::store::{Store, Table};
use crate::vault::append::Outgoing;
use crate::vault::backup::{DEVICE, FILES, KEYS, LATE, LOGS, PRIVATE_KEYS, RECOVERY, ROSTER, SECRETS};
use crate::vault::boxes::KeyBox;
use crate::vault::create;
use crate::vault::index::Work;
use crate::vault::parts::{self, Parts};
use crate::vault::{PieceWant, Taken, Vault};

/// The most bytes of each small file. Far above any honest one, far below what a machine cannot hold.
const SMALL: u64 = 64 << 20;
/// The most headers of one log.
const HEADERS: usize = 1 << 16;
/// Pieces of files that are taken in at once.
const PIECES_AT_ONCE: usize = 4;
/// Bytes of bodies that are taken in at once.
const BATCH: usize = 4 << 20;
/// The most keys, private parts and unsigned addenda.
const MOST: usize = 1 << 20;

/// What one reading of a backup takes, and whom it tells.
pub(crate) struct Take<'a> {
    progress: Progress,
    tell: &'a mut dyn FnMut(Progress),
    cancel: &'a dyn Fn() -> bool,
    /// Of all envelopes, only these; `None` is all.
    pub(crate) only: Option<BTreeSet<Hash>>,
    /// Whether pieces of files are kept; a trial only holds each against the list that names it.
    pub(crate) keeps_pieces: bool,
    /// Envelopes that were new here.
    pub(crate) added: u64,
    /// Pieces of files that fit.
    pub(crate) pieces: u64,
}

impl<'a> Take<'a> {
    pub(crate) fn new(of: u64, tell: &'a mut dyn FnMut(Progress), cancel: &'a dyn Fn() -> bool) -> Self {
        Self { progress: Progress { done: 0, of }, tell, cancel, only: None, keeps_pieces: true, added: 0, pieces: 0 }
    }

    fn done(&mut self, envelopes: u64) -> Result<(), BackupError> {
        self.progress.done += envelopes;
        (self.tell)(self.progress);
        if (self.cancel)() { Err(BackupError::Stopped) } else { Ok(()) }
    }
}

/// The small files of a backup: all that is needed before its logs can be read.
pub(crate) struct Contents {
    pub(crate) origin: Origin,
    pub(crate) roster: Roster,
    pub(crate) epochs: BTreeMap<EpochId, Key<EpochRole>>,
    pub(crate) practice: Key<PracticeRole>,
    pub(crate) keys: Vec<CompartmentEntry>,
    /// Parts with keys of process notes, each with its author.
    pub(crate) private: Vec<(DeviceId, Vec<u8>)>,
    pub(crate) recovery: Vec<u8>,
    pub(crate) device: Vec<u8>,
    /// Unsigned addenda, as their rows lie.
    pub(crate) late: Vec<(NoteId, Vec<u8>)>,
}

impl Contents {
    /// Reads the beginning of an archive; what comes back with it is the first file after.
    pub(crate) fn read<R: Read>(archive: &mut ArchiveReader<R>) -> Result<(Self, Option<Entry>), BackupError> {
        let about = named(archive, ABOUT, 64 << 10)?;
        match format_of(&about) {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => return Err(BackupError::Newer),
            _ => return Err(BackupError::NotABackup),
        }
        let About { origin, .. } = serde_json::from_slice(&about).map_err(|_| BackupError::Damaged)?;
        let mut small = BTreeMap::new();
        let mut next = archive.next()?;
        while let Some(entry) = next.take_if(|entry| !entry.name.starts_with(LOGS) && entry.name != MANIFEST) {
            // What a later version puts here, and this one does not know, is read past.
            if [ROSTER, SECRETS, KEYS, PRIVATE_KEYS, RECOVERY, DEVICE, LATE].contains(&entry.name.as_str()) {
                small.insert(entry.name, Zeroizing::new(archive.whole(SMALL)?));
            }
            next = archive.next()?;
        }
        let file = |name: &str| small.get(name).ok_or(BackupError::Damaged);
        let roster = parts::roster_from_bytes(file(ROSTER)?).map_err(|_| BackupError::Damaged)?;
        let (epochs, practice) = parts::epochs_from_bytes(file(SECRETS)?).ok_or(BackupError::Damaged)?;
        if roster.practice() != origin.practice || roster.card(&origin.device).is_none() {
            return Err(BackupError::Damaged);
        }
        let contents = Self {
            origin,
            roster,
            epochs,
            practice,
            keys: list(file(KEYS)?, CompartmentEntry::read)?,
            private: list(file(PRIVATE_KEYS)?, |reader| Ok((DeviceId(reader.array()?), reader.lp(1 << 20)?.to_vec())))?,
            recovery: file(RECOVERY)?.to_vec(),
            device: file(DEVICE)?.to_vec(),
            late: list(file(LATE)?, |reader| Ok((DocId(reader.array()?), reader.lp(16 << 20)?.to_vec())))?,
        };
        Ok((contents, next))
    }
}

/// What stands at the end of an archive, after everything was read.
pub(crate) struct Ending {
    pub(crate) counts: Counts,
    /// Clients that were written as text.
    pub(crate) readable: u64,
    /// Hash of the archive up to its end.
    pub(crate) archive: Hash,
}

/// A large part of a backup.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// One branch of a log.
    Log(LogId),
    /// The pieces of an attached file.
    File(Hash),
}

/// Shown each large part of an archive.
pub(crate) type OnPart<'a, R> = &'a mut dyn FnMut(&mut ArchiveReader<R>, Part) -> Result<(), BackupError>;

/// Reads everything after the small files. `part` is shown each large one; what it leaves of one is read past.
pub(crate) fn read_rest<R: Read>(
    archive: &mut ArchiveReader<R>,
    contents: &Contents,
    mut next: Option<Entry>,
    part: OnPart<'_, R>,
) -> Result<Ending, BackupError> {
    let mut readable = 0;
    while let Some(entry) = next.take_if(|entry| entry.name != MANIFEST) {
        if let Some(id) = entry.name.strip_prefix(LOGS).and_then(|name| name.split('-').next()) {
            part(archive, Part::Log(id.parse().map_err(|_| BackupError::Damaged)?))?;
        } else if let Some(blob) = entry.name.strip_prefix(FILES) {
            part(archive, Part::File(blob.parse().map_err(|_| BackupError::Damaged)?))?;
        }
        readable += u64::from(entry.name.starts_with("clients/") && entry.name.ends_with("/record.md"));
        next = archive.next()?;
    }
    next.ok_or(BackupError::Damaged)?;
    let before = archive.before();
    let bytes = archive.whole(64 << 10)?;
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| BackupError::Damaged)?;
    let signature = named(archive, SIGNATURE, 64)?.try_into().map_err(|_| BackupError::Damaged)?;
    let signer = contents.roster.card(&contents.origin.device).ok_or(BackupError::Damaged)?.signing;
    let signed = signer.verify(labels::BACKUP, &bytes, &Signature(signature)).is_ok();
    if !signed || manifest.origin != contents.origin || manifest.before != before {
        return Err(BackupError::Damaged);
    }
    let padded = archive.next()?.is_some_and(|entry| entry.name == PADDING);
    if !padded || archive.next()?.is_some() {
        return Err(BackupError::Damaged);
    }
    Ok(Ending { counts: manifest.counts, readable, archive: archive.before() })
}

/// A backup restored as a trial: a vault that can be read, belongs to no device of the practice and is kept by nobody.
pub(crate) struct Trial {
    pub(crate) vault: Vault,
    pub(crate) origin: Origin,
    pub(crate) counts: Counts,
    pub(crate) readable: u64,
    pub(crate) archive: Hash,
}

impl Trial {
    /// Reads all of an opened backup into an empty store.
    pub(crate) fn of<R: Read>(
        opened: R,
        store: Box<dyn Store>,
        policy: Policy,
        mut entropy: Box<dyn Entropy>,
        take: &mut Take<'_>,
    ) -> Result<Self, BackupError> {
        let mut archive = ArchiveReader::new(opened, is_name);
        let (contents, next) = Contents::read(&mut archive)?;
        let boxes = KeyBox::fresh(0, &mut *entropy);
        let (local, log) =
            (Key::<LocalRole>::random(&mut *entropy), create::new_log(contents.origin.device, &mut *entropy));
        let rows = Rows::new(store, &boxes.rows, entropy);
        let parts = Parts {
            state: State::default(),
            roster: contents.roster.clone(),
            epochs: contents.epochs.iter().map(|(epoch, secret)| (*epoch, secret.duplicate())).collect(),
            practice: contents.practice.duplicate(),
            log,
            pending: BTreeSet::new(),
        };
        take.keeps_pieces = false;
        let mut vault = Vault::assemble(rows, parts, boxes, local, None, policy);
        // What the device deleted itself is not held, there as here.
        vault.device = contents.origin.device;
        vault.take_contents(&contents)?;
        for (author, part) in &contents.private {
            vault.keep_private_part(*author, part)?;
        }
        let ending = read_rest(&mut archive, &contents, next, &mut |archive, part| {
            vault.take_part_of_backup(archive, part, take)
        })?;
        let Ending { counts, readable, archive } = ending;
        Ok(Self { vault, origin: contents.origin, counts, readable, archive })
    }
}

impl Vault {
    /// Takes in keys and unsigned addenda; what is here already stays as it is.
    pub(crate) fn take_contents(&mut self, contents: &Contents) -> Result<(), BackupError> {
        let mut work = Work::default();
        for entry in &contents.keys {
            self.keep_key(&mut work, entry.duplicate())?;
        }
        for (note, row) in &contents.late {
            let name = super::signing::late_name(note);
            if !self.rows.has(Table::Pending, &name)? {
                work.changes.put(Table::Pending, &name, row.clone());
            }
        }
        Ok(self.finish(work, Outgoing::new(Class::Everyday))?)
    }

    /// Keeps a part that another device's key opens, so that what it is the key of is known for what it is.
    fn keep_private_part(&mut self, author: DeviceId, part: &[u8]) -> Result<(), BackupError> {
        let mut work = Work::default();
        self.take_part(&mut work, author, part)?;
        Ok(self.finish(work, Outgoing::new(Class::Everyday))?)
    }

    /// Takes in one branch of a log: headers first, then its bodies, as many at once as a few megabytes hold.
    pub(crate) fn take_log<R: Read>(
        &mut self,
        archive: &mut ArchiveReader<R>,
        id: &LogId,
        take: &mut Take<'_>,
    ) -> Result<(), BackupError> {
        let run = headers(archive)?;
        // A branch that another file of this log holds whole has nothing of its own.
        let taken = if run.is_empty() { Taken::Known } else { self.offer_headers(id, &run)? };
        let mut batch: Vec<(Hash, Vec<u8>)> = Vec::new();
        let (mut bytes, mut read) = (0, 0);
        for header in &run {
            let name = log::SignedHeader::parse(header).map_err(|_| BackupError::Damaged)?.header.hash();
            let body = piece(archive, log::BODY_MAX)?;
            read += 1;
            if !body.is_empty() && take.only.as_ref().is_none_or(|only| only.contains(&name)) {
                bytes += body.len();
                batch.push((name, body));
            }
            if bytes >= BATCH {
                take.added += self.take_restored(&std::mem::take(&mut batch), taken)?;
                bytes = 0;
                take.done(std::mem::take(&mut read))?;
            }
        }
        take.added += self.take_restored(&batch, taken)?;
        take.done(read)
    }

    pub(crate) fn take_part_of_backup<R: Read>(
        &mut self,
        archive: &mut ArchiveReader<R>,
        part: Part,
        take: &mut Take<'_>,
    ) -> Result<(), BackupError> {
        match part {
            Part::Log(id) => self.take_log(archive, &id, take),
            Part::File(blob) => self.take_file(archive, blob, take),
        }
    }

    /// Takes in the pieces of an attached file, a few at once. One that no list names here belongs to what was not asked for.
    fn take_file<R: Read>(
        &mut self,
        archive: &mut ArchiveReader<R>,
        blob: Hash,
        take: &mut Take<'_>,
    ) -> Result<(), BackupError> {
        let mut batch = Vec::new();
        while archive.left() > 0 {
            let number = u32_of(archive)?;
            let bytes = piece(archive, blob::SEALED_MAX)?;
            let want = PieceWant { blob, number, hash: kdf::sha256(&bytes) };
            if self.judge_piece(&want, &bytes)? == Taken::Stored {
                take.pieces += 1;
                batch.push((want, bytes));
            }
            if batch.len() == PIECES_AT_ONCE {
                self.keep_restored_pieces(&mut batch, take)?;
            }
        }
        self.keep_restored_pieces(&mut batch, take)
    }

    fn keep_restored_pieces(
        &mut self,
        batch: &mut Vec<(PieceWant, Vec<u8>)>,
        take: &mut Take<'_>,
    ) -> Result<(), BackupError> {
        let batch = std::mem::take(batch);
        if take.keeps_pieces && !batch.is_empty() {
            self.offer_pieces(batch)?;
        }
        take.done(0)
    }

    fn take_restored(&mut self, batch: &[(Hash, Vec<u8>)], headers: Taken) -> Result<u64, BackupError> {
        // Headers of a device that is not known here: their bodies have no place yet.
        if batch.is_empty() || headers == Taken::Held {
            return Ok(0);
        }
        let taken = self.offer_bodies(batch)?;
        if taken.iter().any(|taken| matches!(taken, Taken::Refused(_))) {
            return Err(BackupError::Damaged);
        }
        Ok(taken.iter().map(|taken| u64::from(*taken == Taken::Stored)).sum())
    }

    /// How many clients and notes the lists show.
    pub(crate) fn listed(&self) -> (u64, u64) {
        let notes = self.clients.values().map(|row| u64::from(row.notes)).sum();
        (u64::try_from(self.clients.len()).unwrap_or(u64::MAX), notes)
    }
}

/// The signed headers that a log begins with.
fn headers<R: Read>(archive: &mut ArchiveReader<R>) -> Result<Vec<Vec<u8>>, BackupError> {
    let count = usize::try_from(u32_of(archive)?).ok().filter(|count| *count <= HEADERS).ok_or(BackupError::Damaged)?;
    (0..count).map(|_| piece(archive, log::SignedHeader::LONGEST)).collect()
}

/// The next file, which must be this one, whole.
fn named<R: Read>(archive: &mut ArchiveReader<R>, name: &str, max: u64) -> Result<Vec<u8>, BackupError> {
    match archive.next()? {
        Some(entry) if entry.name == name => Ok(archive.whole(max)?),
        _ if name == ABOUT => Err(BackupError::NotABackup),
        _ => Err(BackupError::Damaged),
    }
}

fn u32_of<R: Read>(archive: &mut ArchiveReader<R>) -> Result<u32, BackupError> {
    let mut bytes = [0; 4];
    archive.read(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// A length, and as many bytes.
fn piece<R: Read>(archive: &mut ArchiveReader<R>, max: usize) -> Result<Vec<u8>, BackupError> {
    let len = usize::try_from(u32_of(archive)?).ok().filter(|len| *len <= max).ok_or(BackupError::Damaged)?;
    let mut bytes = vec![0; len];
    if len > 0 {
        archive.read(&mut bytes)?;
    }
    Ok(bytes)
}

fn list<T>(bytes: &[u8], entry: impl FnMut(&mut Reader<'_>) -> Result<T, Malformed>) -> Result<Vec<T>, BackupError> {
    let mut reader = Reader::new(bytes);
    let read = reader.list(MOST, entry).map_err(|_| BackupError::Damaged)?;
    reader.finish().map_err(|_| BackupError::Damaged)?;
    Ok(read)
}
