//! Restoring: a backup that was checked from end to end becomes a new device of its practice, or goes into a vault that went on.
//!
//! A new vault gets keys of its own: it is a device that the authority's key, from the kit, admits in the name of the device that
//! made the backup. So it never writes into a log that another copy may be writing in, meets the devices that went on as
//! one of them, and a lost computer can be removed without it. What goes into an existing vault is what that vault lacks,
//! by name; nothing is removed or overwritten.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::archive::ArchiveReader;
use crate::backup::{BackupError, Counts, Origin, is_name, sealed};
use crate::entropy::{Entropy, Os};
use crate::id::{ClientId, DocId, EpochId, Hash, KeyId, NoteId};
use crate::import::Progress;
use crate::kdf::Policy;
use crate::keyring::{self, CompartmentEntry};
use crate::log::{self, Class, DocType, Item, Position, SignedHeader};
use crate::roster::{self, Entry, Generation, Offered, SignedBy};
use crate::secret::{Key, RecoveryRole};
use crate::sign::Signer;
use crate::slots::{RecoverySecrets, RecoverySlot, SlotError};
use crate::store::{self, Store, Table};
use crate::vault::append::Outgoing;
use crate::vault::boxes::{AgainBox, KeyBox};
use crate::vault::create::{self, DeviceKeys, Made};
use crate::vault::index::{self, Work};
use crate::vault::parts;
use crate::vault::restore::{Contents, Take, Trial, read_rest};
use crate::vault::{NewVault, Vault, VaultError};
use crate::wrap::WrapPublic;

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
    kit: Key<RecoveryRole>,
    origin: Origin,
    counts: Counts,
    secrets: RecoverySecrets,
    generation: Generation,
}

impl BackupFile {
    /// Opens a backup with the kit and reads all of it: chunks, archive, hash and signature. Nothing is written.
    ///
    /// # Errors
    /// [`BackupError`]: not a backup, of a newer version, of another kit, cut short, changed.
    pub fn open(path: &Path, kit: Key<RecoveryRole>, cancel: &dyn Fn() -> bool) -> Result<Self, BackupError> {
        let mut archive = ArchiveReader::new(sealed::open_with_kit(File::open(path)?, &kit)?, is_name);
        let (contents, next) = Contents::read(&mut archive)?;
        let ending = read_rest(&mut archive, &contents, next, &mut |_, _| {
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

    /// The backup as a vault to look into: its lists and notes, but for process notes. It belongs to no device and is gone
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
        Ok(Trial::of(self.opened()?, Box::new(scratch), policy, Box::new(Os), &mut take)?.vault)
    }

    /// Makes a new vault in an empty store: a new device of the practice, with everything of the backup or with one part.
    /// `scratch` is a folder for a sealed file without a name, used when one part is wanted.
    ///
    /// # Errors
    /// [`BackupError`]; the store is then to be thrown away.
    #[expect(
        clippy::too_many_arguments,
        reason = "what a vault is made of, the part, and how far it has come: no two belong together"
    )]
    pub fn restore(
        &self,
        store: Box<dyn Store>,
        new: &NewVault<'_>,
        only: Only,
        scratch: &Path,
        entropy: Box<dyn Entropy>,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<(Vault, Restored), BackupError> {
        let part = self.part(only, scratch, new.policy, cancel)?;
        let mut archive = ArchiveReader::new(self.opened()?, is_name);
        let (contents, next) = Contents::read(&mut archive)?;
        let mut vault = self.admit_anew(&contents, store, new, entropy)?;
        let restored = self.take_into(&mut vault, (archive, contents, next), part, progress, cancel)?;
        Ok((vault, restored))
    }

    /// Brings what this practice lacks, all of it or of one part: also what damage took, once [`Vault::mend`] has listed it as
    /// lacking. What is here stays; an older backup takes nothing back.
    ///
    /// # Errors
    /// [`BackupError`]; what was brought until then stays.
    pub fn merge_into(
        &self,
        vault: &mut Vault,
        only: Only,
        scratch: &Path,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Restored, BackupError> {
        if vault.roster.practice() != self.origin.practice {
            return Err(BackupError::OtherPractice);
        }
        let part = self.part(only, scratch, vault.policy, cancel)?;
        let mut archive = ArchiveReader::new(self.opened()?, is_name);
        let (contents, next) = Contents::read(&mut archive)?;
        vault.take_roster_of(&contents)?;
        let restored = self.take_into(vault, (archive, contents, next), part, progress, cancel)?;
        match only {
            Only::Everything => {}
            // Whoever asks for one by name wants it back from the trash too.
            Only::Client(id) | Only::Note(id) => match vault.undelete(&id) {
                Ok(_) | Err(VaultError::NotInTrash) => {}
                Err(error) => return Err(error.into()),
            },
        }
        Ok(restored)
    }

    fn opened(&self) -> Result<sealed::Opened<File>, BackupError> {
        sealed::open_with_kit(File::open(&self.path)?, &self.kit)
    }

    fn take_into(
        &self,
        vault: &mut Vault,
        (mut archive, mut contents, next): Reading,
        part: Option<WantedPart>,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<Restored, BackupError> {
        let mut take = Take::new(self.counts.envelopes, progress, cancel);
        vault.take_private_keys(self.private_keys(&contents)?, part.as_ref().map(|part| &part.keys))?;
        if let Some(part) = part {
            contents.keys.retain(|entry| part.keys.contains(&entry.id));
            contents.late.retain(|(note, _)| part.documents.contains(note));
            take.only = Some(part.envelopes);
        }
        vault.take_contents(&contents)?;
        read_rest(&mut archive, &contents, next, &mut |archive, part| {
            vault.take_part_of_backup(archive, part, &mut take)
        })?;
        let (envelopes, pieces) = (take.added, take.pieces);
        vault.write_anchor();
        let (clients, notes) = vault.listed();
        Ok(Restored { envelopes, pieces, clients, notes })
    }

    /// What belongs to one client or note, found by restoring into a store without a name.
    fn part(
        &self,
        only: Only,
        scratch: &Path,
        policy: Policy,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Option<WantedPart>, BackupError> {
        if only == Only::Everything {
            return Ok(None);
        }
        let trial = self.look(scratch, policy, &mut |_| {}, cancel)?;
        let mut archive = ArchiveReader::new(self.opened()?, is_name);
        let (contents, _) = Contents::read(&mut archive)?;
        let private = self.private_keys(&contents)?;
        trial.part_of(only, &private).map(Some)
    }

    /// The keys of process notes, opened with the kit.
    fn private_keys(&self, contents: &Contents) -> Result<Vec<CompartmentEntry>, BackupError> {
        let mut keys = Vec::new();
        for (author, bytes) in &contents.private {
            let part = keyring::Part::parse(bytes).map_err(|_| BackupError::Damaged)?;
            // A part that the device could not open itself, because it was published before it came, waits as it did there.
            let opened = part.open(*author, self.origin.device, &self.generation, &self.secrets.process);
            keys.extend(opened.unwrap_or_default());
        }
        Ok(keys)
    }

    /// A new device of the practice, admitted with the kit's authority in the name of the device that made the backup.
    fn admit_anew(
        &self,
        contents: &Contents,
        store: Box<dyn Store>,
        new: &NewVault<'_>,
        mut entropy: Box<dyn Entropy>,
    ) -> Result<Vault, BackupError> {
        let old = KeyBox::open(&contents.device, &self.secrets.local).map_err(|_| BackupError::Damaged)?;
        let old = Signer::new(&old.signing);
        if old.public_key().device_id() != self.origin.device {
            return Err(BackupError::Damaged);
        }
        if contents.roster.removal_of(&self.origin.device).is_some() {
            return Err(BackupError::OfRemovedDevice);
        }
        let mut roster = contents.roster.clone();
        // What the others can open, whatever follows.
        let known = roster.epoch();
        let mut epochs: BTreeMap<_, _> =
            contents.epochs.iter().map(|(epoch, secret)| (*epoch, secret.duplicate())).collect();
        let mut authority = self.secrets.authority.duplicate();
        let mut entries = Vec::new();
        if !roster.is_renewed() {
            // Two devices had been removed at the same time: as the old device would have done when it was opened next.
            let by = SignedBy { device: &old, authority: &Signer::new(&authority) };
            let gone = roster.to_renew(&self.origin.device);
            let renewed =
                roster.remove(gone, &epochs, &by, new.now, &mut *entropy).map_err(|_| BackupError::Damaged)?;
            if roster.offer(&renewed.entry) != Offered::Added {
                return Err(BackupError::Damaged);
            }
            epochs.insert(roster.epoch(), renewed.epoch);
            authority = renewed.authority;
            entries.push(renewed.entry);
        }
        let keys = DeviceKeys::fresh(new, &mut *entropy);
        let card = keys.card(new.device_name);
        let signing = card.signing;
        let shared: Vec<_> = epochs.iter().map(|(epoch, secret)| (*epoch, secret)).collect();
        let wrap = roster::admission_wrap(&card, &shared, &contents.practice, &mut *entropy)
            .map_err(|_| BackupError::Damaged)?;
        let signer = Signer::new(&authority);
        let entry = Entry::admission(new.now, roster.heads(), self.origin.device, card, wrap, &signer);
        match roster.offer(&entry) {
            Offered::Added => entries.push(entry),
            Offered::Refused(roster::Refusal::TooManyDevices) => return Err(VaultError::TooManyDevices.into()),
            _ => return Err(BackupError::Damaged),
        }
        let again = AgainBox { authority, generation: keys.process_generation, process: keys.process };
        let made = Made { boxes: keys.boxes, again, roster, epochs, practice: contents.practice.duplicate() };
        let mut vault = Vault::found(store, new, made, &WrapPublic::of(&self.kit), entropy)?;
        // The authority that the others know, who have not heard of this device's own entries yet.
        vault.keep_voucher(&Signer::new(&self.secrets.authority), &signing)?;
        vault.announce_for(&old, known, entries)?;
        Ok(vault)
    }
}

impl std::fmt::Debug for BackupFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackupFile")
    }
}

/// An archive whose small files were read.
type Reading = (ArchiveReader<sealed::Opened<File>>, Contents, Option<crate::archive::Entry>);

/// What one client or note needs.
struct WantedPart {
    documents: BTreeSet<DocId>,
    envelopes: BTreeSet<Hash>,
    keys: BTreeSet<KeyId>,
}

impl WantedPart {
    fn add(&mut self, id: DocId, entry: &index::Entry) {
        self.documents.insert(id);
        self.envelopes.extend(entry.places.iter().map(|(place, _)| place.envelope));
    }
}

impl Vault {
    /// Documents, envelopes and keys of one client or note.
    fn part_of(&self, only: Only, private: &[CompartmentEntry]) -> Result<WantedPart, BackupError> {
        let work = Work::default();
        let mut part = WantedPart { documents: BTreeSet::new(), envelopes: BTreeSet::new(), keys: BTreeSet::new() };
        let client = match only {
            Only::Note(id) => {
                let entry = self.entry(&work, &id)?;
                let entry = entry.filter(|entry| matches!(entry.kind, DocType::Note | DocType::ProcessNote));
                let entry = entry.ok_or(BackupError::NotInIt)?;
                part.add(id, &entry);
                // Whose a process note is, only its key tells.
                let by_key = private.iter().find(|key| key.id == entry.key).map(|key| key.client);
                by_key.unwrap_or(entry.client)
            }
            Only::Client(id) => id,
            Only::Everything => return Err(BackupError::NotInIt),
        };
        let identity = self.entry(&work, &client)?.filter(|entry| entry.kind == DocType::Client);
        part.add(client, &identity.ok_or(BackupError::NotInIt)?);
        part.keys.extend(self.clear_keys_of(&client)?);
        part.keys.extend(private.iter().filter(|key| key.client == client).map(|key| key.id));
        if let Only::Client(_) = only {
            self.rows.scan(Table::Index, &mut |row| {
                let Some(Ok(entry)) = row.as_deref().map(|row| index::Entry::parse(row)) else { return };
                let theirs = match entry.kind {
                    DocType::ProcessNote => part.keys.contains(&entry.key),
                    _ => entry.client == client,
                };
                if theirs {
                    part.envelopes.extend(entry.places.iter().map(|(place, _)| place.envelope));
                }
            })?;
            part.documents.extend(self.read_timeline(&client)?.notes.iter().map(|note| note.id));
        }
        Ok(part)
    }

    /// Offers every entry of a backup's roster: devices that were admitted there belong to the practice here.
    fn take_roster_of(&mut self, contents: &Contents) -> Result<(), BackupError> {
        let mut work = Work::default();
        for entry in contents.roster.entries() {
            self.take_roster_entry(&mut work, &entry)?;
        }
        let known = self.epochs.len();
        work.roster = true;
        for (epoch, secret) in &contents.epochs {
            self.epochs.entry(*epoch).or_insert_with(|| secret.duplicate());
        }
        if self.epochs.len() > known {
            work.changes.put(Table::Misc, b"epochs", parts::epochs_to_bytes(&self.epochs, &self.practice));
        }
        Ok(self.finish(work, Outgoing::new(Class::Everyday))?)
    }

    /// Takes keys of process notes in under this device's own, and publishes them for the others.
    fn take_private_keys(
        &mut self,
        keys: Vec<CompartmentEntry>,
        only: Option<&BTreeSet<KeyId>>,
    ) -> Result<(), BackupError> {
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let wanted = keys.into_iter().filter(|key| only.is_none_or(|only| only.contains(&key.id)));
        self.adopt_process_keys(&mut work, &mut out, wanted.collect())?;
        Ok(self.finish(work, out)?)
    }

    /// Writes an admission, and what had to come before it, into a log of the device in whose name it was made: others take it
    /// from there, since they know that device, and this epoch.
    fn announce_for(&mut self, signer: &Signer, epoch: EpochId, entries: Vec<Vec<u8>>) -> Result<(), BackupError> {
        let secret = self.epochs.get(&epoch).ok_or(VaultError::KeyNotHere)?;
        let log = create::new_log(signer.public_key().device_id(), &mut *self.rows.entropy);
        let place = log::Place { class: Class::Everyday, log, after: Position::START, epoch };
        let items: Vec<Item> = entries.into_iter().map(Item::roster).collect();
        let outer = log::outer_key(secret, epoch);
        let (header, body) =
            log::seal_body(&outer, &place, &items, &mut *self.rows.entropy).map_err(|_| VaultError::TooLarge)?;
        self.offer_headers(&log, &[SignedHeader::sign(header, signer).to_bytes()])?;
        self.offer_bodies(&[(header.hash(), body)])?;
        Ok(())
    }
}

#[cfg(test)]
impl BackupFile {
    pub(crate) fn authority_for_tests(&self) -> Key<crate::secret::AuthorityRole> {
        self.secrets.authority.duplicate()
    }
}
