//! Taking a backup in: the same for the trial that proves it, a new vault, and one that went on.
//!
//! Logs come in like another device's: chain, signatures and hashes are checked, what is here already is known by its name,
//! and nothing is ever taken away.

use std::collections::BTreeSet;
use std::io::Read;

use crate::archive::ArchiveReader;
use crate::backup::gzip::GzipReader;
use crate::backup::{BackupError, Counts, Origin, PrivateKeys, is_name};
use crate::blob;
use crate::entropy::Entropy;
use crate::id::{DeviceId, Hash, KeyId, LogId};
use crate::import::Progress;
use crate::kdf::{self, Policy};
use crate::keyring::{CompartmentEntry, Part};
use crate::log;
use crate::rows::{One, RowError, Rows};
use crate::secret::{Key, LocalRole};
use crate::state::State;
use crate::store::Store;
use crate::vault::backup::contents::{Contents, Ending, LargePart, read_rest, u32_of};
use crate::vault::commit::{Outbox, adopt_private_keys, commit};
use crate::vault::core::{BootRows, Core, KeyBox, OwnLogs, ReauthBox, Transaction};
use crate::vault::project::{keep_key, put_secrets, take_part, take_roster_entry};
use crate::vault::registry::{LateTextAt, NewcomerAt};
use crate::vault::subject::{FilesMut, LogMut};
use crate::vault::{PieceWant, Taken};

/// The most headers of one log.
const HEADERS: usize = 1 << 16;
/// Pieces of files that are taken in at once.
const PIECES_AT_ONCE: usize = 4;
/// Bytes of bodies that are taken in at once.
const BATCH: usize = 4 << 20;

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

/// A backup restored as a trial: a core that can be read, belongs to no device of the practice and is kept by nobody.
pub(crate) struct Trial {
    pub(crate) core: Core,
    pub(crate) origin: Origin,
    pub(crate) counts: Counts,
    pub(crate) readable: u64,
    pub(crate) archive: Hash,
    /// Keys of private notes that parts in it name.
    pub(crate) private: BTreeSet<KeyId>,
}

impl Trial {
    /// Reads all of an opened backup into an empty store.
    pub(crate) fn of<R: Read + Send + 'static>(
        opened: R,
        store: Box<dyn Store>,
        policy: Policy,
        entropy: Box<dyn Entropy>,
        take: &mut Take<'_>,
    ) -> Result<Self, BackupError> {
        let mut archive = ArchiveReader::new(GzipReader::new(opened)?, is_name);
        let (contents, next) = Contents::read(&mut archive)?;
        take.keeps_pieces = false;
        let mut core = trial_core(&contents, store, policy, entropy)?;
        take_contents(&mut core, &contents)?;
        let mut private = BTreeSet::new();
        for (author, part) in &contents.private {
            keep_private_part(&mut core, *author, part)?;
            private.extend(Part::parse(part).iter().flat_map(|part| part.key_ids().to_vec()));
        }
        let ending = read_rest(&mut archive, &contents, next, &mut |archive, part| {
            take_large_part(&mut core, archive, part, take)
        })?;
        let Ending { counts, readable, archive, .. } = ending;
        Ok(Self { core, origin: contents.origin, counts, readable, archive, private })
    }
}

impl Trial {
    /// Tries each key of private notes as it would be used here, out of the parts that are in the backup, with what the
    /// passphrase opens on the device that made it.
    pub(crate) fn try_private_keys(&mut self, keys: Option<ReauthBox>) -> Result<PrivateKeys, RowError> {
        if self.private.is_empty() {
            return Ok(PrivateKeys::Tried { lacking: 0 });
        }
        let Some(keys) = keys else { return Ok(PrivateKeys::NotTried) };
        self.core.begin_reauth(keys, 0);
        let mut lacking = 0;
        for key in &self.private {
            match self.core.read().compartment_key(key) {
                Ok(_) => {}
                Err(RowError::KeyNotHere) => lacking += 1,
                Err(error) => return Err(error),
            }
        }
        self.core.end_reauth();
        Ok(PrivateKeys::Tried { lacking })
    }
}

/// An empty vault that knows what the device knew which made the backup.
fn trial_core(
    contents: &Contents,
    store: Box<dyn Store>,
    policy: Policy,
    mut entropy: Box<dyn Entropy>,
) -> Result<Core, RowError> {
    let device = contents.origin.device;
    let boxes = KeyBox::fresh(&mut *entropy);
    let (local, logs) = (Key::<LocalRole>::random(&mut *entropy), OwnLogs::fresh(device, &mut *entropy));
    let rows = Rows::new(store, &boxes.rows);
    let secrets = &contents.secrets;
    let boot = BootRows {
        state: State::default(),
        roster: contents.roster.clone(),
        epochs: secrets.epochs.iter().map(|(epoch, secret)| (*epoch, secret.duplicate())).collect(),
        practice: secrets.practice.duplicate(),
        logs,
        pending: BTreeSet::new(),
        is_vital_changed: false,
    };
    let mut core = Core::assemble(rows, boot, boxes, local, (None, policy), entropy);
    // What the device deleted itself is not held, there as here, nor is what others deleted.
    core.device = device;
    let mut tx = Transaction::default();
    tx.put(&NewcomerAt(), &One(0));
    core.write(tx)?;
    Ok(core)
}

/// Takes in keys and unsigned addenda; what is here already stays as it is.
pub(super) fn take_contents(core: &mut Core, contents: &Contents) -> Result<(), BackupError> {
    let mut tx = Transaction::default();
    for entry in &contents.keys {
        keep_key(core, &mut tx, entry.duplicate())?;
    }
    for (note, late) in &contents.late {
        if !core.read().has(&LateTextAt(*note))? {
            tx.put(&LateTextAt(*note), late);
        }
    }
    Ok(commit(core, tx, Outbox::everyday())?)
}

/// Keeps a part that another device's key opens, so that what it is the key of is known for what it is.
fn keep_private_part(core: &mut Core, author: DeviceId, part: &[u8]) -> Result<(), BackupError> {
    let mut tx = Transaction::default();
    take_part(core, &mut tx, author, part)?;
    Ok(commit(core, tx, Outbox::everyday())?)
}

/// Takes keys of private notes in under this device's own, and publishes them for the others.
pub(super) fn take_private_keys(
    core: &mut Core,
    keys: Vec<CompartmentEntry>,
    only: Option<&BTreeSet<KeyId>>,
) -> Result<(), BackupError> {
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    let wanted = keys.into_iter().filter(|key| only.is_none_or(|only| only.contains(&key.id)));
    adopt_private_keys(core, &mut tx, &mut out, wanted.collect())?;
    Ok(commit(core, tx, out)?)
}

/// Offers every entry of a backup's roster: devices that were admitted there belong to the practice here.
pub(super) fn take_roster(core: &mut Core, contents: &Contents) -> Result<(), BackupError> {
    let mut tx = Transaction::default();
    for entry in contents.roster.entries() {
        take_roster_entry(core, &mut tx, &core.device, None, &entry)?;
    }
    tx.todo.roster = true;
    let mut learned = false;
    for (epoch, secret) in &contents.secrets.epochs {
        if core.at(&tx).epoch(epoch).is_none() && core.at(&tx).roster().commits(epoch, secret) {
            tx.next.epochs.insert(*epoch, secret.duplicate());
            learned = true;
        }
    }
    if learned {
        put_secrets(core, &mut tx);
    }
    Ok(commit(core, tx, Outbox::everyday())?)
}

/// Takes in one branch of a log: headers first, then its bodies, as many at once as a few megabytes hold.
fn take_log<R: Read>(
    core: &mut Core,
    archive: &mut ArchiveReader<R>,
    id: &LogId,
    take: &mut Take<'_>,
) -> Result<(), BackupError> {
    let run = headers(archive)?;
    // A branch that another file of this log holds whole has nothing of its own.
    let taken = if run.is_empty() { Taken::Known } else { LogMut { core: &mut *core }.restore_headers(id, &run)? };
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
            take.added += take_restored(core, &std::mem::take(&mut batch), taken)?;
            bytes = 0;
            take.done(std::mem::take(&mut read))?;
        }
    }
    take.added += take_restored(core, &batch, taken)?;
    take.done(read)
}

pub(super) fn take_large_part<R: Read>(
    core: &mut Core,
    archive: &mut ArchiveReader<R>,
    part: LargePart,
    take: &mut Take<'_>,
) -> Result<(), BackupError> {
    match part {
        LargePart::Log(id) => take_log(core, archive, &id, take),
        LargePart::File(blob) => take_file(core, archive, blob, take),
    }
}

/// Takes in the pieces of an attached file, a few at once. One that no list names here belongs to what was not asked for.
fn take_file<R: Read>(
    core: &mut Core,
    archive: &mut ArchiveReader<R>,
    blob: Hash,
    take: &mut Take<'_>,
) -> Result<(), BackupError> {
    let mut batch = Vec::new();
    while archive.left() > 0 {
        let number = u32_of(archive)?;
        let bytes = piece(archive, blob::SEALED_MAX)?;
        let want = PieceWant { blob, number, hash: kdf::sha256(&bytes) };
        if core.read().blobs().judge_piece(&want, &bytes)? == Taken::Stored {
            take.pieces += 1;
            batch.push((want, bytes));
        }
        if batch.len() == PIECES_AT_ONCE {
            keep_restored_pieces(core, &mut batch, take)?;
        }
    }
    keep_restored_pieces(core, &mut batch, take)
}

fn keep_restored_pieces(
    core: &mut Core,
    batch: &mut Vec<(PieceWant, Vec<u8>)>,
    take: &mut Take<'_>,
) -> Result<(), BackupError> {
    let batch = std::mem::take(batch);
    if take.keeps_pieces && !batch.is_empty() {
        FilesMut { core }.offer_pieces(batch)?;
    }
    take.done(0)
}

fn take_restored(core: &mut Core, batch: &[(Hash, Vec<u8>)], headers: Taken) -> Result<u64, BackupError> {
    // Headers of a device that is not known here: their bodies have no place yet.
    if batch.is_empty() || headers == Taken::Orphaned {
        return Ok(0);
    }
    let taken = LogMut { core }.take_bodies(batch, None)?;
    if taken.iter().any(|taken| matches!(taken, Taken::Refused(_))) {
        return Err(BackupError::Damaged);
    }
    Ok(taken.iter().map(|taken| u64::from(*taken == Taken::Stored)).sum())
}

/// The signed headers that a log begins with.
fn headers<R: Read>(archive: &mut ArchiveReader<R>) -> Result<Vec<Vec<u8>>, BackupError> {
    let count = usize::try_from(u32_of(archive)?).ok().filter(|count| *count <= HEADERS).ok_or(BackupError::Damaged)?;
    (0..count).map(|_| piece(archive, log::SignedHeader::LONGEST)).collect()
}

/// A length, and as many bytes.
fn piece<R: Read>(archive: &mut ArchiveReader<R>, max: usize) -> Result<Vec<u8>, BackupError> {
    let len = usize::try_from(u32_of(archive)?).ok().filter(|len| *len <= max).ok_or(BackupError::Damaged)?;
    Ok(archive.bytes(len)?)
}
