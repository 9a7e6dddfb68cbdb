//! Writing a backup of this practice, piece by piece, so that it goes on between two keystrokes.
//!
//! What is in it is what was there when it was begun: logs only grow, and how far each had come is remembered. Text that
//! people read is made last and may be newer by what was written meanwhile. Private notes are in it as they lie, under
//! their own keys, and never as text.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use age::stream::StreamWriter;
use zeroize::Zeroizing;

use crate::archive::ArchiveWriter;
use crate::backup::gzip::{GzipWriter, Packing};
use crate::backup::sealed::OneTime;
use crate::backup::{BackupError, BackupManifest, Counts, MANIFEST, Origin, SIGNATURE, Target, Temporary};
use crate::codec::Writer;
use crate::export::{self, ProcessNotes, Record};
use crate::id::{ClientId, Hash, LogId};
use crate::import::Progress;
use crate::kdf;
use crate::labels;
use crate::rows::RowError;
use crate::store::room;
use crate::vault::backup::ProofRun;
use crate::vault::backup::contents::{CLIENTS, FILES, LOGS};
use crate::vault::backup::expected::Expected;
use crate::vault::core::{Core, Reauth};
use crate::vault::read::ReadError;
use crate::vault::subject::Exchange;
use crate::vault::{LogEnd, Vault};

/// Bytes of bodies that one step writes.
const STEP: usize = 4 << 20;
/// Number and length before a piece.
const PIECE_HEAD: u64 = 8;

/// A backup's layers: tar, gzip, age, a file.
pub(super) type BackupArchive = ArchiveWriter<GzipWriter<StreamWriter<BufWriter<File>>>>;

/// A backup under way.
pub struct Writing {
    pub(super) target: Target,
    /// Where it lies, and what must stay free there.
    pub(super) folder: PathBuf,
    pub(super) spare: u64,
    pub(super) origin: Origin,
    pub(super) readable: bool,
    /// Closed before the file under it goes.
    pub(super) archive: BackupArchive,
    pub(super) temporary: Temporary,
    pub(super) one_time: OneTime,
    pub(super) ends: VecDeque<(usize, LogEnd)>,
    /// Envelopes of forked logs that are in already.
    pub(super) forked: HashSet<Hash>,
    pub(super) run: Option<BranchBodies>,
    pub(super) blobs: VecDeque<Hash>,
    /// Pieces of the file under way.
    pub(super) pieces: VecDeque<(u32, Hash)>,
    pub(super) clients: VecDeque<ClientId>,
    pub(super) names: HashSet<String>,
    pub(super) counts: Counts,
    pub(super) expected: Expected,
    /// The number of the recovery kit to which it is sealed.
    pub(super) kit: Hash,
    pub(super) progress: Progress,
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
pub(super) struct BranchBodies {
    left: VecDeque<(Hash, bool)>,
}

impl Writing {
    /// Writes a few megabytes, or a client's text.
    ///
    /// # Errors
    /// [`BackupError`]; the backup is then to be dropped, which takes it away.
    pub fn step(&mut self, vault: &Vault) -> Result<Step, BackupError> {
        self.go_on(&vault.core)
    }

    pub(super) fn go_on(&mut self, core: &Core) -> Result<Step, BackupError> {
        if !room::fits(&self.folder, self.spare) {
            return Err(BackupError::Full);
        }
        if self.run.is_some() {
            self.bodies(core)?;
        } else if let Some((branch, end)) = self.ends.pop_front() {
            self.begin_log(core, branch, &end)?;
        } else if !self.pieces.is_empty() {
            self.pieces(core)?;
        } else if let Some(blob) = self.blobs.pop_front() {
            self.begin_file(core, &blob)?;
        } else if let Some(client) = self.clients.pop_front() {
            self.client(core, &client)?;
        } else {
            self.end(core)?;
            return Ok(Step::Written);
        }
        Ok(Step::More(self.progress))
    }

    /// Begins a log's file with all its headers: their sizes, and those of the bodies, are known from them alone.
    fn begin_log(&mut self, core: &Core, branch: usize, end: &LogEnd) -> Result<(), BackupError> {
        let names = core.read().ledger().branch_names(&end.log, 0, &end.head).map_err(damaged)?;
        let missing: BTreeSet<u64> = end.missing.iter().copied().collect();
        let (mut headers, mut bodies, mut size) = (Vec::new(), VecDeque::new(), 0);
        for name in names {
            if branch > 0 && !self.forked.insert(name) {
                continue;
            }
            self.forked.insert(name);
            let signed = core.read().header(&name).map_err(damaged)?;
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
        self.run = Some(BranchBodies { left: bodies });
        Ok(())
    }

    fn bodies(&mut self, core: &Core) -> Result<(), BackupError> {
        let Some(run) = &mut self.run else { return Ok(()) };
        let mut written = 0;
        while written < STEP {
            let Some((name, here)) = run.left.pop_front() else {
                self.run = None;
                return Ok(());
            };
            self.progress.done += 1;
            let body = if here { body(core, &name)? } else { Vec::new() };
            let len = u32::try_from(body.len()).map_err(|_| BackupError::PracticeDamaged)?;
            self.archive.write(&len.to_le_bytes())?;
            self.archive.write(&body)?;
            written += body.len() + 4;
        }
        Ok(())
    }

    /// Begins the pieces of an attached file, which are all of one size.
    fn begin_file(&mut self, core: &Core, blob: &Hash) -> Result<(), BackupError> {
        let pieces: VecDeque<(u32, Hash)> = core.read().blobs().pieces_of(blob).map_err(damaged)?.into();
        let each = match pieces.front() {
            Some((_, hash)) => {
                count(core.read().blobs().piece(hash).map_err(damaged)?.ok_or(BackupError::PracticeDamaged)?.len())
            }
            None => 0,
        };
        self.archive.begin(&format!("{FILES}{blob}"), (PIECE_HEAD + each) * count(pieces.len()))?;
        self.counts.pieces += count(pieces.len());
        self.pieces = pieces;
        Ok(())
    }

    fn pieces(&mut self, core: &Core) -> Result<(), BackupError> {
        let mut written = 0;
        while written < STEP {
            let Some((number, hash)) = self.pieces.pop_front() else { return Ok(()) };
            let piece = core.read().blobs().piece(&hash).map_err(damaged)?.filter(|piece| kdf::sha256(piece) == hash);
            let piece = piece.ok_or(BackupError::PracticeDamaged)?;
            let len = u32::try_from(piece.len()).map_err(|_| BackupError::PracticeDamaged)?;
            self.archive.write(&number.to_le_bytes())?;
            self.archive.write(&len.to_le_bytes())?;
            self.archive.write(&piece)?;
            written += piece.len();
        }
        Ok(())
    }

    fn client(&mut self, core: &Core, id: &ClientId) -> Result<(), BackupError> {
        self.progress.done += 1;
        let exchange = Exchange { core };
        let client = match exchange.exported_but(id, ProcessNotes::LeaveOut, Some(&mut self.counts.unreadable)) {
            Ok(client) => client,
            // Deleted while the backup was written.
            Err(ReadError::NoSuchClient) => return Ok(()),
            Err(ReadError::Row(error)) => return Err(damaged(error)),
            Err(_) => return Err(BackupError::PracticeDamaged),
        };
        let name = export::folder_name(client.identity.code.as_deref(), id, &mut self.names);
        let record = Record { identity: &client.identity, notes: &client.notes, measures: &client.measures };
        let page = Zeroizing::new(export::record_markdown(&record, ProcessNotes::LeaveOut));
        self.archive.under().pack_as(Packing::Compressed)?;
        self.archive.file(&format!("{CLIENTS}{name}/record.md"), page.as_bytes())?;
        self.counts.readable += 1;
        Ok(())
    }

    fn end(&mut self, core: &Core) -> Result<(), BackupError> {
        let manifest = json(&BackupManifest::new(self.origin, self.counts, self.archive.hash()))?;
        self.archive.file(MANIFEST, &manifest)?;
        Ok(self.archive.file(SIGNATURE, &core.signer.sign(labels::BACKUP, &manifest).0)?)
    }

    /// Makes what was written durable, and what proves it. To be called after [`Step::Written`].
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn into_proof(self, vault: &Vault) -> Result<ProofRun, BackupError> {
        self.finish(&vault.core)
    }

    pub(super) fn finish(self, core: &Core) -> Result<ProofRun, BackupError> {
        let Self { target, origin, temporary, archive, one_time, mut expected, counts, readable, kit, .. } = self;
        expected.archive = archive.hash();
        let file = archive
            .finish()?
            .finish()?
            .finish()?
            .into_inner()
            .map_err(|error| BackupError::from(error.into_error()))?;
        temporary.settle(&file)?;
        let bytes = file.metadata()?.len();
        drop(file);
        let beside = core.path.as_deref().and_then(|path| path.parent()).map(ToOwned::to_owned);
        Ok(ProofRun {
            target,
            origin,
            temporary,
            one_time,
            expected,
            counts,
            private: core.reauth.as_ref().map(Reauth::for_a_trial),
            readable,
            bytes,
            kit,
            beside,
            policy: core.policy,
        })
    }
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writing")
    }
}

/// The body that a header names, and no other.
fn body(core: &Core, name: &Hash) -> Result<Vec<u8>, BackupError> {
    let header = core.read().header(name).map_err(damaged)?.header;
    let body = core.read().ledger().envelope_body(name).map_err(damaged)?.filter(|body| header.names(body));
    body.ok_or(BackupError::PracticeDamaged)
}

/// Branches with the number that each has within its log.
pub(super) fn numbered(ends: Vec<LogEnd>) -> VecDeque<(usize, LogEnd)> {
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

pub(super) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, BackupError> {
    serde_json::to_vec(value).map_err(|_| BackupError::PracticeDamaged)
}

/// A row that cannot be read here is a backup that would not be whole.
fn damaged(error: RowError) -> BackupError {
    match error {
        RowError::Damaged | RowError::KeyNotHere => BackupError::PracticeDamaged,
        other => other.into(),
    }
}

pub(super) fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
impl Writing {
    /// A bug to be found.
    pub(crate) fn leave_a_log_out(&mut self) {
        self.ends.pop_back();
        self.counts.logs -= 1;
    }
}
