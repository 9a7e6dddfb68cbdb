//! Compartment keys (format §5): made for each client, kept in rows, published in this device's keyring parts.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ClientId, DeviceId, DocId, KeyId};
use crate::keyring::{self, CompartmentEntry, Part};
use crate::log::{Item, Kind};
use crate::roster::Generation;
use crate::secret::{CompartmentRole, Key, WrapRole};
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::index::{self, Work};
use crate::vault::{Vault, VaultError};

/// Keys in a part before the next one is begun.
const PART_KEYS: usize = 64;

pub(crate) use crate::keyring::Compartment;

/// A key as its row holds it.
enum KeyRow {
    Clear {
        client: ClientId,
        compartment: Compartment,
        key: Key<CompartmentRole>,
    },
    /// The part that holds it, which only PKK opens.
    Process {
        author: DeviceId,
        part: Vec<u8>,
    },
}

impl KeyRow {
    fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        match self {
            Self::Clear { client, compartment, key } => {
                writer.u8(1).bytes(&client.0).u8(compartment.code()).bytes(key.expose());
            }
            Self::Process { author, part } => {
                writer.u8(2).bytes(&author.0).lp(part);
            }
        }
        writer.finish()
    }

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        match reader.u8()? {
            1 => {
                let client = DocId(reader.array()?);
                let compartment = Compartment::of(reader.u8()?);
                let key = Key::take(&mut reader.array()?);
                reader.finish()?;
                Ok(Self::Clear { client, compartment, key })
            }
            2 => {
                let author = DeviceId(reader.array()?);
                let part = reader.lp(1 << 20)?.to_vec();
                reader.finish()?;
                Ok(Self::Process { author, part })
            }
            _ => Err(Malformed),
        }
    }
}

/// One of this device's own parts of class 1.
#[derive(Clone)]
struct OwnPart {
    id: DocId,
    version: u64,
    keys: Vec<KeyId>,
}

impl Vault {
    /// The client that a key is for, and the key.
    pub(crate) fn compartment_key(
        &self,
        work: &Work,
        id: &KeyId,
    ) -> Result<(ClientId, Key<CompartmentRole>), VaultError> {
        match self.key_row(work, id)?.ok_or(VaultError::KeyNotHere)? {
            KeyRow::Clear { client, key, .. } => Ok((client, key)),
            KeyRow::Process { author, part } => {
                let again = self.again.as_ref().ok_or(VaultError::AskAgain)?;
                if let Some(opened) = again.opened(id) {
                    return Ok(opened);
                }
                let entries = self.open_process_part(&author, &part, again.keys())?;
                let entry = entries.into_iter().find(|entry| entry.id == *id).ok_or(VaultError::Damaged)?;
                again.keep_opened(*id, entry.client, &entry.key);
                Ok((entry.client, entry.key))
            }
        }
    }

    /// Whether a key is known to be one of process notes.
    pub(crate) fn is_process_key(&self, work: &Work, id: &KeyId) -> Result<bool, VaultError> {
        Ok(matches!(self.key_row(work, id)?, Some(KeyRow::Process { .. })))
    }

    /// The key with which this client's compartment is written; made now if there is none.
    pub(crate) fn key_for(
        &mut self,
        work: &mut Work,
        out: &mut Outgoing,
        client: ClientId,
        compartment: Compartment,
    ) -> Result<KeyId, VaultError> {
        let name = client_keys_name(&client, compartment);
        let row = self.rows.read_through(&work.changes, Table::Keys, &name)?;
        // Two devices may have made a key each for a client that both imported: every device writes with the same one.
        if let Some(first) = row.as_deref().map(|row| key_ids(row)).unwrap_or_default().into_iter().min() {
            return Ok(first);
        }
        let id = KeyId::random(&mut *self.rows.entropy);
        let key = Key::random(&mut *self.rows.entropy);
        let entry = CompartmentEntry { id, client, compartment, key };
        match compartment {
            Compartment::Process => self.publish_process_key(work, out, entry)?,
            _ => self.publish_key(work, out, entry)?,
        }
        Ok(id)
    }

    /// Takes in a keyring part from a log of `author`.
    pub(crate) fn take_part(&mut self, work: &mut Work, author: DeviceId, bytes: &[u8]) -> Result<(), VaultError> {
        let part = Part::parse(bytes).map_err(|_| VaultError::Damaged)?;
        if part.is_process() {
            for id in part.key_ids() {
                let keeps = match self.key_row(work, id)? {
                    Some(KeyRow::Clear { .. }) => true,
                    // Logs arrive in any order: one that was published before this device came must not take the place
                    // of one that was published for it.
                    Some(KeyRow::Process { part: held, .. }) => {
                        !part.is_for(&self.device) && Part::parse(&held).is_ok_and(|held| held.is_for(&self.device))
                    }
                    None => false,
                };
                if !keeps {
                    let row = KeyRow::Process { author, part: bytes.to_vec() };
                    work.changes.put(Table::Keys, &key_name(id), row.to_bytes());
                    work.keys.push(*id);
                }
            }
            return Ok(());
        }
        let opened = match part.open(author, self.device, &self.boxes.generation, self.dkk()) {
            Ok(opened) => opened,
            // Published before its author knew this device: it will be published again.
            Err(keyring::PartError::NotAReader) => return Ok(()),
            Err(_) => return Err(VaultError::Damaged),
        };
        for entry in opened {
            self.keep_key(work, entry)?;
        }
        Ok(())
    }

    pub(crate) fn keep_key(&mut self, work: &mut Work, entry: CompartmentEntry) -> Result<(), VaultError> {
        let CompartmentEntry { id, client, compartment, key } = entry;
        if self.key_row(work, &id)?.is_some() {
            return Ok(());
        }
        work.changes.put(Table::Keys, &key_name(&id), KeyRow::Clear { client, compartment, key }.to_bytes());
        self.list_key(work, &client, compartment, id)?;
        work.keys.push(id);
        Ok(())
    }

    fn list_key(
        &mut self,
        work: &mut Work,
        client: &ClientId,
        compartment: Compartment,
        id: KeyId,
    ) -> Result<(), VaultError> {
        let name = client_keys_name(client, compartment);
        let mut ids =
            self.rows.read_through(&work.changes, Table::Keys, &name)?.map(|row| key_ids(&row)).unwrap_or_default();
        ids.push(id);
        work.changes.put(Table::Keys, &name, ids.iter().flat_map(|id| id.0).collect());
        Ok(())
    }

    fn key_row(&self, work: &Work, id: &KeyId) -> Result<Option<KeyRow>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Keys, &key_name(id))?;
        row.map(|row| KeyRow::parse(&row).map_err(|_| VaultError::Damaged)).transpose()
    }

    fn publish_key(&mut self, work: &mut Work, out: &mut Outgoing, entry: CompartmentEntry) -> Result<(), VaultError> {
        let mut part = match self.open_part(work)? {
            Some(part) if part.keys.len() < PART_KEYS => part,
            _ => OwnPart { id: DocId::random(&mut *self.rows.entropy), version: 0, keys: Vec::new() },
        };
        part.keys.push(entry.id);
        self.keep_key(work, entry)?;
        // Many keys made in one piece of work leave in one version of their part.
        out.parts.insert(part.id);
        self.write_part(work, &part)?;
        work.changes.put(Table::Keys, b"open part", part.id.0.to_vec());
        Ok(())
    }

    /// Puts the parts that were changed into the work's envelope, each once, for all devices that live.
    pub(crate) fn publish_parts(&mut self, work: &mut Work, out: &mut Outgoing) -> Result<(), VaultError> {
        for id in std::mem::take(&mut out.parts) {
            let mut part = self.own_part(work, &id)?.ok_or(VaultError::Damaged)?;
            part.version += 1;
            let mut entries = Vec::with_capacity(part.keys.len());
            for key in &part.keys {
                match self.key_row(work, key)? {
                    Some(KeyRow::Clear { client, compartment, key: secret }) => {
                        entries.push(CompartmentEntry { id: *key, client, compartment, key: secret });
                    }
                    _ => return Err(VaultError::Damaged),
                }
            }
            let cards = self.roster.readers(&self.device);
            let readers: Vec<_> = cards.iter().map(|card| (card.id, card.dkk_generation, &card.dkk)).collect();
            let bytes = Part::publish(part.id, part.version, &entries, self.device, &readers, &mut *self.rows.entropy)
                .map_err(|_| VaultError::Damaged)?;
            self.write_part(work, &part)?;
            out.keyring.push(Item::bare(Kind::Keyring, part.id, bytes));
        }
        Ok(())
    }

    /// Publishes every key that this device holds for every device that lives, those of other devices' parts included:
    /// the device that first published a key may be away when a new one needs it.
    pub(crate) fn publish_everything(&mut self, work: &mut Work, out: &mut Outgoing) -> Result<(), VaultError> {
        let mut own = BTreeSet::new();
        for id in self.own_parts(work)? {
            own.extend(self.own_part(work, &id)?.ok_or(VaultError::Damaged)?.keys);
            out.parts.insert(id);
        }
        let adopted: Vec<KeyId> = self.all_clear_keys()?.into_iter().filter(|id| !own.contains(id)).collect();
        for keys in adopted.chunks(PART_KEYS) {
            let part = OwnPart { id: DocId::random(&mut *self.rows.entropy), version: 0, keys: keys.to_vec() };
            self.write_part(work, &part)?;
            out.parts.insert(part.id);
        }
        Ok(())
    }

    fn publish_process_key(
        &mut self,
        work: &mut Work,
        out: &mut Outgoing,
        entry: CompartmentEntry,
    ) -> Result<(), VaultError> {
        let (id, client) = (entry.id, entry.client);
        let (part, bytes) = self.process_part(&[entry])?;
        work.changes.put(
            Table::Keys,
            &key_name(&id),
            KeyRow::Process { author: self.device, part: bytes.clone() }.to_bytes(),
        );
        self.list_key(work, &client, Compartment::Process, id)?;
        out.keyring.push(Item::bare(Kind::Keyring, part, bytes));
        Ok(())
    }

    /// Takes over keys of process notes that came from elsewhere, opened: under this device's own key, and published for all.
    pub(crate) fn adopt_process_keys(
        &mut self,
        work: &mut Work,
        out: &mut Outgoing,
        keys: Vec<CompartmentEntry>,
    ) -> Result<(), VaultError> {
        let mut fresh = Vec::new();
        for entry in keys {
            let opens_here = match self.key_row(work, &entry.id)? {
                Some(KeyRow::Process { part, .. }) => Part::parse(&part).is_ok_and(|part| part.is_for(&self.device)),
                Some(KeyRow::Clear { .. }) => true,
                None => false,
            };
            if !opens_here {
                fresh.push(entry);
            }
        }
        fresh.sort_unstable_by_key(|entry| entry.id);
        fresh.dedup_by_key(|entry| entry.id);
        for entries in fresh.chunks(PART_KEYS) {
            let (part, bytes) = self.process_part(entries)?;
            for entry in entries {
                let row = KeyRow::Process { author: self.device, part: bytes.clone() };
                work.changes.put(Table::Keys, &key_name(&entry.id), row.to_bytes());
                self.list_key(work, &entry.client, Compartment::Process, entry.id)?;
                work.keys.push(entry.id);
            }
            out.keyring.push(Item::bare(Kind::Keyring, part, bytes));
        }
        Ok(())
    }

    /// The keys of a client's identity and record.
    pub(crate) fn clear_keys_of(&self, client: &ClientId) -> Result<Vec<KeyId>, VaultError> {
        let mut ids = Vec::new();
        for compartment in [Compartment::Identity, Compartment::Clinical] {
            let row = self.rows.read(Table::Keys, &client_keys_name(client, compartment))?;
            ids.extend(row.map(|row| key_ids(&row)).unwrap_or_default());
        }
        Ok(ids)
    }

    /// Publishes every process key again; needs the passphrase to have been given.
    pub(crate) fn publish_process_keys(&mut self, work: &mut Work, out: &mut Outgoing) -> Result<(), VaultError> {
        let mut parts: BTreeSet<(DeviceId, Vec<u8>)> = BTreeSet::new();
        self.rows.scan(Table::Keys, &mut |row| {
            if let Some(Ok(KeyRow::Process { author, part })) = row.as_deref().map(|row| KeyRow::parse(row)) {
                parts.insert((author, part));
            }
        })?;
        for (author, held) in parts {
            let again = self.again.as_ref().ok_or(VaultError::AskAgain)?;
            let entries = match self.open_process_part(&author, &held, again.keys()) {
                Ok(entries) => entries,
                Err(_) => continue,
            };
            let (part, bytes) = self.process_part(&entries)?;
            for entry in &entries {
                let row = KeyRow::Process { author: self.device, part: bytes.clone() };
                work.changes.put(Table::Keys, &key_name(&entry.id), row.to_bytes());
            }
            out.keyring.push(Item::bare(Kind::Keyring, part, bytes));
        }
        Ok(())
    }

    fn process_part(&mut self, entries: &[CompartmentEntry]) -> Result<(DocId, Vec<u8>), VaultError> {
        let cards = self.roster.readers(&self.device);
        let readers: Vec<_> = cards.iter().map(|card| (card.id, card.pkk_generation, &card.pkk)).collect();
        let id = DocId::random(&mut *self.rows.entropy);
        Part::publish(id, 1, entries, self.device, &readers, &mut *self.rows.entropy)
            .map(|bytes| (id, bytes))
            .map_err(|_| VaultError::Damaged)
    }

    fn open_process_part(
        &self,
        author: &DeviceId,
        part: &[u8],
        (generation, seed): (Generation, &Key<WrapRole>),
    ) -> Result<Vec<CompartmentEntry>, VaultError> {
        let part = Part::parse(part).map_err(|_| VaultError::Damaged)?;
        part.open(*author, self.device, &generation, seed).map_err(|error| match error {
            keyring::PartError::NotAReader => VaultError::KeyNotHere,
            _ => VaultError::Damaged,
        })
    }

    /// Every key that this device holds, for a backup: those that the practice opens with, and the parts with keys of
    /// process notes, each with its author, as they lie. `named` are the keys that the documents name.
    pub(crate) fn keys_for_backup(&self, named: &BTreeSet<KeyId>) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), VaultError> {
        let work = Work::default();
        let mut ids = named.clone();
        ids.extend(self.all_clear_keys()?);
        for client in self.clients.keys() {
            let row = self.rows.read(Table::Keys, &client_keys_name(client, Compartment::Process))?;
            ids.extend(row.map(|row| key_ids(&row)).unwrap_or_default());
        }
        let (mut clear, mut private) = (Vec::new(), BTreeSet::new());
        for id in ids {
            match self.key_row(&work, &id)? {
                Some(KeyRow::Clear { client, compartment, key }) => {
                    clear.push(CompartmentEntry { id, client, compartment, key });
                }
                Some(KeyRow::Process { author, part }) => drop(private.insert((author, part))),
                None => {}
            }
        }
        // All of it reserved at once, so that no copy is left behind when it grows.
        let mut keys = Writer::with_capacity(4 + clear.len() * CompartmentEntry::LEN);
        keys.list(&clear, |writer, entry| entry.write(writer));
        let mut parts = Writer::new();
        parts.list(&private.into_iter().collect::<Vec<_>>(), |writer, (author, part)| {
            writer.bytes(&author.0).lp(part);
        });
        Ok((Zeroizing::new(keys.finish()), parts.finish()))
    }

    fn all_clear_keys(&self) -> Result<Vec<KeyId>, VaultError> {
        let mut clients: BTreeSet<ClientId> = self.clients.keys().copied().collect();
        // What lies in the trash can be taken back, on a device that comes later too.
        clients.extend(self.trashed_clients());
        let mut ids = Vec::new();
        for client in clients {
            ids.extend(self.clear_keys_of(&client)?);
        }
        Ok(ids)
    }

    fn open_part(&self, work: &Work) -> Result<Option<OwnPart>, VaultError> {
        let id = self.rows.read_through(&work.changes, Table::Keys, b"open part")?;
        match id.as_deref().and_then(|id| DocId::from_slice(id)) {
            Some(id) => self.own_part(work, &id),
            None => Ok(None),
        }
    }

    fn own_part(&self, work: &Work, id: &DocId) -> Result<Option<OwnPart>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Keys, &part_name(id))?;
        let Some(row) = row else { return Ok(None) };
        let (version, keys) = row.split_at_checked(8).ok_or(VaultError::Damaged)?;
        let version = u64::from_le_bytes(version.try_into().map_err(|_| VaultError::Damaged)?);
        Ok(Some(OwnPart { id: *id, version, keys: key_ids(keys) }))
    }

    fn own_parts(&self, work: &Work) -> Result<Vec<DocId>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Keys, b"own parts")?;
        Ok(row.map(|row| index::ids(&row).collect()).unwrap_or_default())
    }

    fn write_part(&self, work: &mut Work, part: &OwnPart) -> Result<(), VaultError> {
        let mut row = part.version.to_le_bytes().to_vec();
        row.extend(part.keys.iter().flat_map(|id| id.0));
        work.changes.put(Table::Keys, &part_name(&part.id), row);
        let mut all = self.own_parts(work)?;
        if !all.contains(&part.id) {
            all.push(part.id);
            work.changes.put(Table::Keys, b"own parts", all.iter().flat_map(|id| id.0).collect());
        }
        Ok(())
    }
}

fn key_ids(bytes: &[u8]) -> Vec<KeyId> {
    bytes.chunks_exact(KeyId::LEN).filter_map(KeyId::from_slice).collect()
}

fn key_name(id: &KeyId) -> Vec<u8> {
    [b"k".as_slice(), &id.0].concat()
}

fn part_name(id: &DocId) -> Vec<u8> {
    [b"p".as_slice(), &id.0].concat()
}

fn client_keys_name(client: &ClientId, compartment: Compartment) -> Vec<u8> {
    [b"c".as_slice(), &[compartment.code()], &client.0].concat()
}
