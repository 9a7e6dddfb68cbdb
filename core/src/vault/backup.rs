//! Writing a backup of this practice, piece by piece, so that it goes on between two keystrokes.
//!
//! What is in it is what was there when it was begun: logs only grow, and how far each had come is remembered. Text that
//! people read is made last and may be newer by what was written meanwhile. Process notes are in it as they lie, under
//! their own keys, and never as text.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use age::stream::StreamWriter;
use zeroize::Zeroizing;

use crate::archive::ArchiveWriter;
use crate::backup::sealed::{self, OneTime};
use crate::backup::{
    ABOUT, About, BackupError, Counts, MANIFEST, Manifest, Origin, PADDING, SIGNATURE, Target, Temporary, timestamp,
};
use crate::codec::Writer;
use crate::export::{self, ProcessNotes, Record};
use crate::id::{ClientId, DocId, Hash, KeyId, LogId};
use crate::import::Progress;
use crate::kdf;
use crate::labels;
use crate::log;
use crate::state::Sum;
use crate::store::{Table, place, room};
use crate::vault::index::{Entry, Work};
use crate::vault::prove::{Expected, Proving};
use crate::vault::{LogEnd, Millis, Vault, VaultError, own_slots, parts};

/// Bytes of bodies that one step writes.
const STEP: usize = 4 << 20;
/// What fills the end of an archive: the padding's own header, and the two blocks that end it.
const AFTER_PADDING: u64 = 3 * 512;

/// Number and length before a piece.
const PIECE_HEAD: u64 = 8;

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

const READ_ME: &str = "\
This is a backup of a therapist's practice, made by Subrosa.

  clients/    one folder a client: record.md is text that any program shows, record.json the same for programs.
              Private notes are not in these; if the folder is missing, it was left out on purpose.
  practice/   the same and more, as Subrosa keeps it: `subrosa restore` makes a working practice of the whole backup.

What you have unpacked is no longer sealed. Whoever has these files can read them: delete them when you are done.
";

/// A backup under way.
pub struct Writing {
    target: Target,
    /// Where it lies, and what must stay free there.
    folder: PathBuf,
    spare: u64,
    origin: Origin,
    readable: bool,
    temporary: Temporary,
    archive: ArchiveWriter<StreamWriter<BufWriter<File>>>,
    one_time: OneTime,
    ends: VecDeque<(usize, LogEnd)>,
    /// Envelopes of forked logs that are in already.
    forked: HashSet<Hash>,
    run: Option<Run>,
    blobs: VecDeque<Hash>,
    /// Pieces of the file under way.
    pieces: VecDeque<(u32, Hash)>,
    clients: VecDeque<ClientId>,
    names: HashSet<String>,
    counts: Counts,
    expected: Expected,
    /// The number of the recovery kit to which it is sealed.
    kit: Hash,
    progress: Progress,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is more to write.
    More(Progress),
    /// Everything is written, and nothing proven.
    Written,
}

/// The bodies of one branch that are still to be written: name, and whether the body is here.
struct Run {
    bodies: VecDeque<(Hash, bool)>,
}

impl Vault {
    /// Begins a backup of everything that was saved until now. Writing it, [`Writing::step`], can be done between other
    /// work; proving it, [`Writing::into_proof`], needs no practice and goes well on a thread of its own.
    ///
    /// # Errors
    /// [`BackupError`]; nothing is left behind.
    pub fn begin_backup(&mut self, target: &Target, readable: bool, now: Millis) -> Result<Writing, BackupError> {
        self.flush()?;
        // The practice could not be opened with what is damaged here, nor could its backup.
        self.check_own_slots()?;
        let origin = Origin { practice: self.roster.practice(), device: self.device, made: timestamp(now) };
        let mut expected = Expected::of(self)?;
        // Where the passphrase was given a moment ago, the slot can follow now.
        self.follow_kit()?;
        if !self.follows_kit()? {
            return Err(BackupError::NewKit);
        }
        let recovery = self.recovery_key()?.clone();
        let folder = target.folder().to_owned();
        // A backup that fills the disk of the practice would keep notes from being saved.
        let beside = self.path.as_deref().is_some_and(|path| place::on_same_disk(&folder, path));
        let spare = if beside { room::SPARE } else { 0 };
        if !room::fits(&folder, self.least_of_files()?.saturating_add(spare)) {
            return Err(BackupError::Full);
        }
        let (temporary, file) = Temporary::create(target, &origin)?;
        let (sealed, one_time) =
            sealed::seal(&recovery, BufWriter::with_capacity(1 << 18, file), &mut *self.rows.entropy)?;
        expected.recovery = own_slots::read_slot(self.rows.store(), "recovery")?;
        let mut archive = ArchiveWriter::new(sealed);
        self.write_beginning(&mut archive, &origin, &expected)?;
        let ends = numbered(expected.ends.clone());
        let clients: VecDeque<ClientId> =
            if readable { self.clients.keys().copied().collect() } else { VecDeque::new() };
        let bodies: u64 = expected.ends.iter().map(|end| end.next_seq).sum();
        let of = bodies + u64::try_from(clients.len()).unwrap_or_default();
        let counts =
            Counts { logs: count(ends.len()), clients: expected.clients, notes: expected.notes, ..Counts::default() };
        Ok(Writing {
            target: target.clone(),
            folder,
            spare,
            origin,
            readable,
            temporary,
            archive,
            one_time,
            ends,
            forked: HashSet::new(),
            run: None,
            blobs: self.blobs()?.into(),
            pieces: VecDeque::new(),
            clients,
            names: HashSet::new(),
            counts,
            expected,
            kit: recovery.fingerprint(),
            progress: Progress { done: 0, of },
        })
    }

    /// The least that the pieces of attached files take: those of a long file are full ones.
    fn least_of_files(&self) -> Result<u64, VaultError> {
        let mut pieces = 0;
        for blob in self.blobs()? {
            pieces += Some(self.pieces_of(&blob)?.len()).filter(|pieces| *pieces > 1).unwrap_or_default();
        }
        Ok(count(pieces).saturating_mul(count(crate::blob::PIECE)))
    }

    fn write_beginning(
        &mut self,
        archive: &mut ArchiveWriter<StreamWriter<BufWriter<File>>>,
        origin: &Origin,
        expected: &Expected,
    ) -> Result<(), BackupError> {
        archive.file(ABOUT, &json(&About::new(*origin))?)?;
        archive.file("READ-ME.txt", READ_ME.as_bytes())?;
        archive.file(ROSTER, &self.roster_to_bytes())?;
        archive.file(SECRETS, &Zeroizing::new(parts::epochs_to_bytes(&self.epochs, &self.practice)))?;
        let (clear, process) = self.keys_for_backup(&expected.keys)?;
        archive.file(KEYS, &clear)?;
        archive.file(PRIVATE_KEYS, &process)?;
        archive.file(RECOVERY, &expected.recovery)?;
        archive.file(DEVICE, &own_slots::read_slot(self.rows.store(), "keys")?)?;
        archive.file(LATE, &self.late_rows()?)?;
        Ok(())
    }

    /// Unsigned addenda that were written in and wait for a signature: they are in no envelope yet.
    fn late_rows(&self) -> Result<Vec<u8>, VaultError> {
        let mut rows = Vec::new();
        for client in self.clients.keys() {
            for note in self.read_timeline(client)?.notes.iter().filter(|note| note.late) {
                let row = self.rows.read(Table::Pending, &super::signing::late_name(&note.id))?;
                rows.extend(row.map(|row| (note.id, row)));
            }
        }
        let mut writer = Writer::new();
        writer.list(&rows, |writer, (note, row)| {
            writer.bytes(&note.0).lp(row);
        });
        Ok(writer.finish())
    }
}

impl Writing {
    /// Writes a few megabytes, or a client's text.
    ///
    /// # Errors
    /// [`BackupError`]; the backup is then to be dropped, which takes it away.
    pub fn step(&mut self, vault: &mut Vault) -> Result<Step, BackupError> {
        if !room::fits(&self.folder, self.spare) {
            return Err(BackupError::Full);
        }
        if self.run.is_some() {
            self.bodies(vault)?;
        } else if let Some((branch, end)) = self.ends.pop_front() {
            self.begin_log(vault, branch, &end)?;
        } else if !self.pieces.is_empty() {
            self.pieces(vault)?;
        } else if let Some(blob) = self.blobs.pop_front() {
            self.begin_file(vault, &blob)?;
        } else if let Some(client) = self.clients.pop_front() {
            self.client(vault, &client)?;
        } else {
            self.end(vault)?;
            return Ok(Step::Written);
        }
        Ok(Step::More(self.progress))
    }

    /// Begins a log's file with all its headers: their sizes, and those of the bodies, are known from them alone.
    fn begin_log(&mut self, vault: &Vault, branch: usize, end: &LogEnd) -> Result<(), BackupError> {
        let work = Work::default();
        let names = vault.branch_names(&end.log, 0, &end.head).map_err(damaged)?;
        let missing: BTreeSet<u64> = end.missing.iter().copied().collect();
        let (mut headers, mut bodies, mut size) = (Vec::new(), VecDeque::new(), 0);
        for name in names {
            if branch > 0 && !self.forked.insert(name) {
                continue;
            }
            self.forked.insert(name);
            let signed = vault.header(&work, &name).map_err(damaged)?;
            let here = !missing.contains(&signed.header.seq);
            size += 4 + if here { u64::from(signed.header.body_len) } else { 0 };
            headers.push(signed.to_bytes());
            bodies.push_back((name, here));
        }
        let mut beginning = Writer::new();
        beginning.list(&headers, |writer, header| {
            writer.lp(header);
        });
        let beginning = beginning.finish();
        self.archive.begin(&log_name(&end.log, branch), count(beginning.len()) + size)?;
        self.archive.write(&beginning)?;
        self.counts.envelopes += count(bodies.len());
        self.counts.without_body += count(bodies.iter().filter(|(_, here)| !here).count());
        self.run = Some(Run { bodies });
        Ok(())
    }

    fn bodies(&mut self, vault: &Vault) -> Result<(), BackupError> {
        let Some(run) = &mut self.run else { return Ok(()) };
        let mut written = 0;
        while written < STEP {
            let Some((name, here)) = run.bodies.pop_front() else {
                self.run = None;
                return Ok(());
            };
            self.progress.done += 1;
            let body = if here { body(vault, &name)? } else { Vec::new() };
            let len = u32::try_from(body.len()).map_err(|_| BackupError::PracticeDamaged)?;
            self.archive.write(&len.to_le_bytes())?;
            self.archive.write(&body)?;
            written += body.len() + 4;
        }
        Ok(())
    }

    /// Begins the pieces of an attached file, which are all of one size.
    fn begin_file(&mut self, vault: &Vault, blob: &Hash) -> Result<(), BackupError> {
        let pieces: VecDeque<(u32, Hash)> = vault.pieces_of(blob).map_err(damaged)?.into();
        let each = match pieces.front() {
            Some((_, hash)) => count(vault.piece(hash).map_err(damaged)?.ok_or(BackupError::PracticeDamaged)?.len()),
            None => 0,
        };
        self.archive.begin(&format!("{FILES}{blob}"), (PIECE_HEAD + each) * count(pieces.len()))?;
        self.counts.pieces += count(pieces.len());
        self.pieces = pieces;
        Ok(())
    }

    fn pieces(&mut self, vault: &Vault) -> Result<(), BackupError> {
        let mut written = 0;
        while written < STEP {
            let Some((number, hash)) = self.pieces.pop_front() else { return Ok(()) };
            let piece = vault.piece(&hash).map_err(damaged)?.filter(|piece| kdf::sha256(piece) == hash);
            let piece = piece.ok_or(BackupError::PracticeDamaged)?;
            let len = u32::try_from(piece.len()).map_err(|_| BackupError::PracticeDamaged)?;
            self.archive.write(&number.to_le_bytes())?;
            self.archive.write(&len.to_le_bytes())?;
            self.archive.write(&piece)?;
            written += piece.len();
        }
        Ok(())
    }

    fn client(&mut self, vault: &Vault, id: &ClientId) -> Result<(), BackupError> {
        self.progress.done += 1;
        let client = match vault.exported_but(id, ProcessNotes::LeaveOut, Some(&mut self.counts.unreadable)) {
            Ok(client) => client,
            // Deleted while the backup was written.
            Err(VaultError::NoSuchClient) => return Ok(()),
            Err(error) => return Err(damaged(error)),
        };
        let name = export::folder_name(client.identity.code.as_deref(), id, &mut self.names);
        let record = Record { identity: &client.identity, notes: &client.notes, measures: &client.measures };
        let json = export::record_json(&record, ProcessNotes::LeaveOut).map_err(|_| BackupError::PracticeDamaged)?;
        let page = Zeroizing::new(export::record_markdown(&record, ProcessNotes::LeaveOut));
        self.archive.file(&format!("clients/{name}/record.md"), page.as_bytes())?;
        self.archive.file(&format!("clients/{name}/record.json"), Zeroizing::new(json).as_bytes())?;
        self.counts.readable += 1;
        Ok(())
    }

    fn end(&mut self, vault: &Vault) -> Result<(), BackupError> {
        let manifest = json(&Manifest::new(self.origin, self.counts, self.archive.hash()))?;
        self.archive.file(MANIFEST, &manifest)?;
        self.archive.file(SIGNATURE, &vault.signer.sign(labels::BACKUP, &manifest).0)?;
        let least = usize::try_from(self.archive.len() + AFTER_PADDING).map_err(|_| BackupError::Full)?;
        Ok(self.archive.zeros(PADDING, count(log::padded_len(least) - least))?)
    }

    /// Makes what was written durable, and what proves it. To be called after [`Step::Written`].
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn into_proof(self, vault: &Vault) -> Result<Proving, BackupError> {
        let Self { target, origin, temporary, archive, one_time, mut expected, counts, readable, kit, .. } = self;
        expected.archive = archive.hash();
        let file = archive.finish()?.finish()?.into_inner().map_err(|error| BackupError::from(error.into_error()))?;
        temporary.settle(&file)?;
        let bytes = file.metadata()?.len();
        drop(file);
        let beside = vault.path.as_deref().and_then(|path| path.parent()).map(ToOwned::to_owned);
        Ok(Proving {
            target,
            origin,
            temporary,
            one_time,
            expected,
            counts,
            readable,
            bytes,
            kit,
            beside,
            policy: vault.policy,
        })
    }
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writing")
    }
}

/// The body that a header names, and no other.
fn body(vault: &Vault, name: &Hash) -> Result<Vec<u8>, BackupError> {
    let header = vault.header(&Work::default(), name).map_err(damaged)?.header;
    let body = vault.envelope_body(name).map_err(damaged)?.filter(|body| header.names(body));
    body.ok_or(BackupError::PracticeDamaged)
}

/// Branches with the number that each has within its log.
fn numbered(ends: Vec<LogEnd>) -> VecDeque<(usize, LogEnd)> {
    let mut numbered: VecDeque<(usize, LogEnd)> = VecDeque::with_capacity(ends.len());
    for end in ends {
        let branch = numbered.iter().filter(|(_, other)| other.log == end.log).count();
        numbered.push_back((branch, end));
    }
    numbered
}

fn log_name(log: &LogId, branch: usize) -> String {
    format!("{LOGS}{log}-{branch}")
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, BackupError> {
    serde_json::to_vec(value).map_err(|_| BackupError::PracticeDamaged)
}

/// A row that cannot be read here is a backup that would not be whole.
fn damaged(error: VaultError) -> BackupError {
    match error {
        VaultError::Damaged | VaultError::KeyNotHere => BackupError::PracticeDamaged,
        other => other.into(),
    }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

impl Vault {
    /// A digest of what the index says, over documents in any order, and the keys that they name.
    pub(crate) fn indexed(&self) -> Result<(Sum, BTreeSet<KeyId>), VaultError> {
        let (mut sum, mut keys, mut whole) = (Sum::default(), BTreeSet::new(), true);
        self.rows.scan(Table::Index, &mut |row| match row {
            None => whole = false,
            Some(row) => {
                let Ok(mut entry) = Entry::parse(&row) else { return };
                // Other rows may have the form of a document without items.
                if entry.places.is_empty() {
                    return;
                }
                entry.places.sort_unstable_by_key(|(place, _)| *place);
                keys.insert(entry.key);
                // Which of two devices' keys came first is an accident of arrival; whose a note is follows from its items.
                (entry.key, entry.client) = (KeyId([0; KeyId::LEN]), DocId([0; DocId::LEN]));
                sum.add(&kdf::sha256(&entry.to_bytes()));
            }
        })?;
        if whole { Ok((sum, keys)) } else { Err(VaultError::Damaged) }
    }
}

#[cfg(test)]
impl Writing {
    /// A bug to be found.
    pub(crate) fn leave_a_log_out(&mut self) {
        self.ends.pop_back();
        self.counts.logs -= 1;
    }
}
