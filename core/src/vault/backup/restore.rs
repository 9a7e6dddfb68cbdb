//! Restoring: a backup that was checked from end to end becomes a new device of its practice, or goes into a vault that went on.
//!
//! A new vault gets keys of its own: it is a device that the authority's key, from the kit, admits in the name of the device that
//! made the backup. So it never writes into a log that another copy may be writing in, meets the devices that went on as
//! one of them, and a lost computer can be removed without it. What goes into an existing vault is what that vault lacks,
//! by name; nothing is removed or overwritten.

use crate::vault::read::ReadError;
use crate::vault::subject::TrashError;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use crate::archive::{self, ArchiveReader};
use crate::backup::gzip::GzipReader;
use crate::backup::{ABOUT, BackupError, Counts, Origin, is_name, sealed};
use crate::entropy::{Entropy, Os};
use crate::id::{ClientId, Hash, LogId, NoteId};
use crate::import::Progress;
use crate::kdf::Policy;
use crate::kem::WrapPublic;
use crate::keyring::{CompartmentEntry, Part};
use crate::roster::Generation;
use crate::secret::{Key, RecoveryRole};
use crate::sign::Signer;
use crate::slots::{RecoverySecrets, RecoverySlot, SlotError};
use crate::store::{self, Store};
use crate::vault::backup::admission::admit_anew;
use crate::vault::backup::contents::{Contents, LargePart, read_large_parts, read_rest};
use crate::vault::backup::expected::count_listed;
use crate::vault::backup::intake::{Take, Trial, take_contents, take_large_part, take_private_keys, take_roster};
use crate::vault::backup::part::WantedPart;
use crate::vault::commit::{prune_bodies, say_lacking};
use crate::vault::core::Core;
use crate::vault::subject::TrashMut;
use crate::vault::{NewVault, Vault};

/// Which part of a backup is to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// All of it.
    Everything,
    /// One client: who it is, notes, measures, private notes.
    Client(ClientId),
    /// One note, and whose it is.
    Note(NoteId),
}

/// What is to come back, and the folder in which a sealed file without a name lies while one part of a backup is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// Which part.
    pub only: Only,
    /// The folder.
    pub scratch: &'a Path,
}

/// What a restore did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Envelopes that were not here before.
    pub envelopes: u64,
    /// Pieces of attached files that were not here before.
    pub pieces: u64,
    /// Clients in the list now.
    pub clients: u64,
    /// Notes in the lists now.
    pub notes: u64,
}

/// A backup that was read from end to end with the recovery kit and is whole.
pub struct BackupFile {
    path: PathBuf,
    pub(super) kit: Key<RecoveryRole>,
    pub(super) origin: Origin,
    counts: Counts,
    pub(super) secrets: RecoverySecrets,
    generation: Generation,
    /// The logs that are in it.
    pub(super) logs: BTreeSet<LogId>,
    /// Hash of the archive up to the readable part.
    practice: Hash,
}

impl BackupFile {
    /// Opens a backup with the kit and reads all of it: chunks, archive, hash and signature. Nothing is written.
    ///
    /// # Errors
    /// [`BackupError`]: not a backup, of a newer version, of another kit, cut short, changed.
    pub fn open(path: &Path, kit: Key<RecoveryRole>, cancel: &dyn Fn() -> bool) -> Result<Self, BackupError> {
        let mut archive = opened(path, &kit)?;
        let (contents, next) = Contents::read(&mut archive)?;
        let mut logs = BTreeSet::new();
        let ending = read_rest(&mut archive, &contents, next, &mut |_, part| {
            if let LargePart::Log(log) = part {
                logs.insert(log);
            }
            if cancel() { Err(BackupError::Stopped) } else { Ok(()) }
        })?;
        let mut secrets = RecoverySlot::open(&contents.recovery, &kit).map_err(|error| match error {
            SlotError::WrongKit => BackupError::WrongKit,
            SlotError::Newer => BackupError::Newer,
            _ => BackupError::Damaged,
        })?;
        let roster = &contents.roster;
        // A device was removed, and the one that made the backup had not been given its passphrase since.
        if let Some(newer) = roster.open_authority(&contents.origin.device, &secrets.process) {
            secrets.authority = newer;
        }
        let ours = roster.had_authority(&Signer::new(&secrets.authority).public_key())
            && roster.recovery_keys().contains(&WrapPublic::of(&kit));
        let generation = roster.card(&contents.origin.device).map(|card| card.pkk_generation);
        match generation {
            Some(generation) if ours => Ok(Self {
                path: path.to_owned(),
                kit,
                origin: contents.origin,
                counts: ending.counts,
                secrets,
                generation,
                logs,
                practice: ending.practice,
            }),
            _ => Err(BackupError::Damaged),
        }
    }

    /// Which practice, by which device, when.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// How much is in it.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The backup as a vault to look into: its lists and notes, but for private notes. It belongs to no device and is gone
    /// when it is dropped; until then it lies, sealed, in a file without a name in this folder.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn look(
        &self,
        folder: &Path,
        policy: Policy,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Vault, BackupError> {
        let scratch = store::scratch(folder)?;
        let mut take = Take::new(self.counts.envelopes, progress, cancel);
        let trial = Trial::of(
            sealed::open_with_kit(File::open(&self.path)?, &self.kit)?,
            Box::new(scratch),
            policy,
            Box::new(Os),
            &mut take,
        )?;
        Ok(Vault { core: trial.core })
    }

    /// Makes a new vault in an empty store: a new device of the practice, with everything of the backup or with one part.
    ///
    /// # Errors
    /// [`BackupError`]; the store is then to be thrown away.
    pub fn restore(
        &self,
        store: Box<dyn Store>,
        new: &NewVault<'_>,
        selection: Selection<'_>,
        entropy: Box<dyn Entropy>,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<(Vault, Restored), BackupError> {
        let part = self.part(selection, new.policy, cancel)?;
        let (archive, contents, next) = self.read()?;
        let mut core = admit_anew(self, &contents, store, new, entropy)?;
        let restored = self.take_into(&mut core, (archive, contents, next), part, progress, cancel)?;
        Ok((Vault { core }, restored))
    }

    /// Brings what this practice lacks, all of it or of one part: also what damage took, once
    /// [`IntegrityMut::repair`](crate::vault::IntegrityMut::repair) has listed it as lacking. What is here stays; an older
    /// backup takes nothing back.
    ///
    /// # Errors
    /// [`BackupError`]; what was brought until then stays.
    pub fn merge_into(
        &self,
        vault: &mut Vault,
        selection: Selection<'_>,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Restored, BackupError> {
        let core = &mut vault.core;
        core.require_vital()?;
        if core.memory.roster.practice() != self.origin.practice {
            return Err(BackupError::OtherPractice);
        }
        let part = self.part(selection, core.policy, cancel)?;
        let (archive, contents, next) = self.read()?;
        take_roster(core, &contents)?;
        let restored = self.take_into(core, (archive, contents, next), part, progress, cancel)?;
        match selection.only {
            Only::Everything => {}
            // Whoever asks for one by name wants it back from the trash too.
            Only::Client(id) | Only::Note(id) => match (TrashMut { core }).undelete(&id) {
                Ok(_) | Err(TrashError::NotInTrash) => {}
                Err(TrashError::Read(ReadError::Row(error))) => return Err(error.into()),
                Err(_) => return Err(BackupError::NotInIt),
            },
        }
        Ok(restored)
    }

    /// The archive, with its small files read.
    fn read(&self) -> Result<OpenedArchive, BackupError> {
        let mut archive = opened(&self.path, &self.kit)?;
        let (contents, next) = Contents::read(&mut archive)?;
        Ok((archive, contents, next))
    }

    fn take_into(
        &self,
        core: &mut Core,
        (mut archive, mut contents, next): OpenedArchive,
        part: Option<WantedPart>,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Restored, BackupError> {
        let mut take = Take::new(self.counts.envelopes, progress, cancel);
        take_private_keys(core, self.private_keys(&contents)?, part.as_ref().map(|part| &part.keys))?;
        if let Some(part) = part {
            contents.keys.retain(|entry| part.keys.contains(&entry.id));
            contents.late.retain(|(note, _)| part.documents.contains(note));
            take.only = Some(part.envelopes);
        }
        take_contents(core, &contents)?;
        let part = &mut |archive: &mut _, part| take_large_part(core, archive, part, &mut take);
        // What follows was read when the file was opened, and nothing of it is taken in.
        if read_large_parts(&mut archive, next, part)?.1 != self.practice {
            return Err(BackupError::Damaged);
        }
        let (envelopes, pieces) = (take.added, take.pieces);
        // All of it is here, so what follows from it can be told; a vault that is only looked into says and lets go nothing.
        if core.signer.public_key().device_id() == core.device {
            prune_bodies(core);
            say_lacking(core);
        }
        // Pieces come last, and quietly.
        core.write_anchor();
        let (clients, notes) = count_listed(core);
        Ok(Restored { envelopes, pieces, clients, notes })
    }

    /// What belongs to one client or note, found by restoring into a store without a name.
    fn part(
        &self,
        selection: Selection<'_>,
        policy: Policy,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Option<WantedPart>, BackupError> {
        if selection.only == Only::Everything {
            return Ok(None);
        }
        let trial = self.look(selection.scratch, policy, &mut |_| {}, cancel)?;
        let (_, contents, _) = self.read()?;
        let private = self.private_keys(&contents)?;
        WantedPart::of(&trial.core, selection.only, &private).map(Some)
    }

    /// The keys of private notes, opened with the kit.
    fn private_keys(&self, contents: &Contents) -> Result<Vec<CompartmentEntry>, BackupError> {
        let mut keys = Vec::new();
        for (author, bytes) in &contents.private {
            let part = Part::parse(bytes).map_err(|_| BackupError::Damaged)?;
            // A part that the device could not open itself, because it was published before it came, waits as it did there.
            let opened = part.open(*author, self.origin.device, &self.generation, &self.secrets.process);
            keys.extend(opened.unwrap_or_default());
        }
        Ok(keys)
    }
}

impl std::fmt::Debug for BackupFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackupFile")
    }
}

/// An archive whose small files were read.
type OpenedArchive = (ArchiveReader<GzipReader>, Contents, Option<archive::ArchiveEntry>);

fn opened(path: &Path, kit: &Key<RecoveryRole>) -> Result<ArchiveReader<GzipReader>, BackupError> {
    let mut within = BufReader::new(sealed::open_with_kit(File::open(path)?, kit)?);
    // In age lay an early version's archive as it was.
    if within.fill_buf()?.starts_with(ABOUT.as_bytes()) {
        return Err(BackupError::Older);
    }
    Ok(ArchiveReader::new(GzipReader::new(within)?, is_name))
}

#[cfg(test)]
impl BackupFile {
    pub(crate) fn authority_for_tests(&self) -> Key<crate::secret::AuthorityRole> {
        self.secrets.authority.duplicate()
    }
}
