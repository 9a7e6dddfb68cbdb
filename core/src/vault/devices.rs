//! The practice's devices: who they are and how far each is, admitting one, joining, and the sealed hello.

use std::collections::BTreeMap;

use crate::codec::{Reader, Writer};
use crate::entropy::Entropy;
use crate::id::{DeviceId, EpochId};
use crate::kdf;
use crate::labels;
use crate::log::{Class, Item};
use crate::roster::{self, DeviceCard, Entry};
use crate::seal;
use crate::secret::{AuthorityRole, EpochRole, KEY_LEN, Key, MessageRole};
use crate::sign::{PublicKey, Signature, Signer};
use crate::store::{Store, Table};
use crate::vault::append::Outgoing;
use crate::vault::boxes::AgainBox;
use crate::vault::create::{DeviceKeys, Made, NewVault};
use crate::vault::index::Work;
use crate::vault::parts;
use crate::vault::{Millis, Vault, VaultError};
use zeroize::Zeroizing;

/// Bytes of the hello, always.
pub const HELLO_LEN: usize = 512;

/// How long the certificate in a hello holds.
const CERTIFICATE_FOR: Millis = 10 * 60 * 1_000;

/// One device of the practice.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its id.
    pub id: DeviceId,
    /// What it is called.
    pub name: String,
    /// Whether it is this one.
    pub here: bool,
    /// The device that admitted it; `None` for the first.
    pub added_by: Option<DeviceId>,
    /// When it was admitted, by that device's clock.
    pub added: Millis,
    /// When it last synced with this one.
    pub last_seen: Option<Millis>,
    /// Envelopes that are here and that it has not acknowledged.
    pub behind: u64,
}

impl std::fmt::Debug for DeviceRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceRow")
    }
}

impl Vault {
    /// All devices of the practice, this one first.
    pub fn devices(&self) -> Result<Vec<DeviceRow>, VaultError> {
        let mut rows = Vec::new();
        let entries: Vec<Entry> = self.roster.entries().iter().filter_map(|entry| Entry::parse(entry).ok()).collect();
        for card in self.roster.live() {
            // Parents come first: whatever else names the device does so after it was let in.
            let admission = entries.iter().find(|entry| entry.devices.iter().any(|device| device.id == card.id));
            let acknowledged = if card.id == self.device { None } else { self.acknowledgement(&card.id)? };
            let behind = match &acknowledged {
                _ if card.id == self.device => 0,
                Some((_, held)) => self.not_in(held),
                None => self.not_in(&Vec::new()),
            };
            rows.push(DeviceRow {
                id: card.id,
                name: card.name.clone(),
                here: card.id == self.device,
                added_by: admission.filter(|entry| entry.author != card.id).map(|entry| entry.author),
                added: admission.map(|entry| entry.time).unwrap_or_default(),
                last_seen: acknowledged.map(|(at, _)| at),
                behind,
            });
        }
        rows.sort_by_key(|row| (!row.here, row.name.clone(), row.id));
        Ok(rows)
    }

    /// What a device is called.
    pub fn device_name(&self, id: &DeviceId) -> Option<String> {
        self.roster.card(id).map(|card| card.name.clone())
    }

    fn not_in(&self, held: &super::receive::HeldBodies) -> u64 {
        let held: BTreeMap<_, _> = held.iter().map(|(log, ranges)| (log, ranges)).collect();
        let ends =
            self.state.logs.iter().map(|(log, tips)| (log, tips.iter().map(|tip| tip.next_seq).max().unwrap_or(0)));
        ends.map(|(log, end)| {
            // Nobody waits for what has gone.
            let gone = self.gone_ranges(&Work::default(), log).unwrap_or_default();
            let mut covered: Vec<(u64, u64)> =
                held.get(log).into_iter().flat_map(|ranges| ranges.iter()).copied().collect();
            covered.extend(gone);
            covered.sort_unstable();
            let (lacking, last) = covered.iter().fold((0, 0), |(lacking, last), (first, next)| {
                (lacking + first.min(&end).saturating_sub(last), last.max(*next))
            });
            lacking + end.saturating_sub(last)
        })
        .sum()
    }

    /// Puts the roster's entries into this device's log, for devices that come later.
    pub(crate) fn announce_roster(&mut self) -> Result<(), VaultError> {
        let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        for entry in self.roster.entries() {
            out.keyring.push(Item::roster(entry));
        }
        self.finish(work, out)
    }

    /// Admits a device by the card it introduced itself with; what comes back goes to it under the pairing key. Asks for
    /// the passphrase again.
    pub fn admit(&mut self, introduction: &[u8], now: Millis) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let card = DeviceCard::parse(introduction).map_err(|_| VaultError::NotAdmitted)?;
        let again = self.again.as_ref().ok_or(VaultError::AskAgain)?;
        let authority = again.authority();
        if self.is_removed() {
            return Err(VaultError::RemovedHere);
        }
        // Another device was removed since the passphrase was given: it opens the new authority's key.
        if !self.holds_authority() || !self.roster.is_renewed() {
            return Err(VaultError::AskAgain);
        }
        let entry = match self.roster.device(&card.id) {
            // The answer was lost on its way and the device asks again: it is in already.
            Some(known) if *known == card => None,
            Some(_) => return Err(VaultError::NotAdmitted),
            None if self.roster.live().len() >= roster::MAX_DEVICES => return Err(VaultError::TooManyDevices),
            None => {
                let epochs: Vec<_> = self.epochs.iter().map(|(epoch, secret)| (*epoch, secret)).collect();
                let wrap = roster::admission_wrap(&card, &epochs, &self.practice, &mut *self.rows.entropy)
                    .map_err(|_| VaultError::NotAdmitted)?;
                Some(Entry::admission(now, self.roster.heads(), self.device, card, wrap, &authority))
            }
        };
        if let Some(entry) = entry {
            let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
            out.keyring.push(Item::roster(entry));
            self.finish(work, out)?;
            self.write_anchor();
        }
        let roster = self.roster_to_bytes();
        // One allocation of the right size: a buffer that grows leaves copies of the authority's key behind.
        let mut welcome = Zeroizing::new(Vec::with_capacity(KEY_LEN + roster.len()));
        welcome.extend_from_slice(self.again.as_ref().ok_or(VaultError::AskAgain)?.authority_key().expose());
        welcome.extend_from_slice(&roster);
        Ok(welcome)
    }

    /// The sealed hello from this device's transport key to another's: 512 bytes that tell a stranger nothing. It is sealed for
    /// the newest epoch of which every device has heard: who was away during a removal understands it too.
    pub fn hello(&mut self, from: &[u8; 32], to: &[u8; 32], now: Millis) -> Result<Vec<u8>, VaultError> {
        self.hello_in(self.roster.epoch_known_to_all(&self.device), from, to, now)
    }

    /// The same, sealed for the epoch in which the other device spoke.
    pub fn hello_in(
        &mut self,
        epoch: EpochId,
        from: &[u8; 32],
        to: &[u8; 32],
        now: Millis,
    ) -> Result<Vec<u8>, VaultError> {
        if self.is_removed() {
            return Err(VaultError::RemovedHere);
        }
        let secret = self.epochs.get(&epoch).ok_or(VaultError::KeyNotHere)?;
        let until = now.saturating_add(CERTIFICATE_FOR);
        let mut plain = Writer::new();
        plain.bytes(&self.device.0).u64(until);
        let signature = self.signer.sign(labels::HELLO, &statement(from, to, until));
        plain.bytes(&signature.0).bytes(&self.voucher()?.unwrap_or_default());
        let mut plain = plain.finish();
        plain.resize(HELLO_LEN - seal::sealed_len(0), 0);
        let key = hello_key(secret);
        Ok(seal::seal(&key, &hello_context(from, to), &plain, &mut *self.rows.entropy))
    }

    /// What a device that was restored from a backup says in its hello, because the others cannot know it yet: its public key,
    /// and that the authority vouches for it.
    pub(crate) fn keep_voucher(&mut self, authority: &Signer, signing: &PublicKey) -> Result<(), VaultError> {
        let signature = authority.sign(labels::VOUCHER, &self.vouched(signing));
        let mut changes = crate::rows::Changes::default();
        changes.put(Table::Misc, b"voucher", [signing.0.as_slice(), &signature.0].concat());
        self.rows.commit(&mut self.state, changes)
    }

    fn voucher(&self) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.rows.read(Table::Misc, b"voucher")?.map(|row| row.to_vec()))
    }

    fn vouched_for(&self, reader: &mut Reader<'_>) -> Option<PublicKey> {
        let signing = PublicKey(reader.array().ok()?);
        let signature = Signature(reader.array().ok()?);
        self.roster.authority().verify(labels::VOUCHER, &self.vouched(&signing), &signature).ok()?;
        Some(signing)
    }

    pub(crate) fn vouched(&self, signing: &PublicKey) -> Vec<u8> {
        [self.roster.practice().0, signing.0].concat()
    }

    /// Whose hello this is; `None` for a stranger, and for a device that was removed.
    pub fn check_hello(&self, hello: &[u8], from: &[u8; 32], to: &[u8; 32], now: Millis) -> Option<DeviceId> {
        self.greeted(hello, from, to, now).filter(|met| !met.removed).map(|met| met.device)
    }

    /// Who speaks in a hello, and how it was sealed; `None` for a stranger.
    pub fn greeted(&self, hello: &[u8], from: &[u8; 32], to: &[u8; 32], now: Millis) -> Option<Met> {
        if hello.len() != HELLO_LEN || self.is_removed() {
            return None;
        }
        let context = hello_context(from, to);
        let (epoch, plain) = self
            .epochs
            .iter()
            .find_map(|(epoch, secret)| Some((*epoch, seal::open(&hello_key(secret), &context, hello).ok()?)))?;
        let mut reader = Reader::new(&plain);
        let device = DeviceId(reader.array().ok()?);
        let until = reader.u64().ok()?;
        let signature = Signature(reader.array().ok()?);
        let signing = match self.roster.card(&device) {
            Some(card) => card.signing,
            None => self.vouched_for(&mut reader).filter(|signing| signing.device_id() == device)?,
        };
        signing.verify(labels::HELLO, &statement(from, to, until), &signature).ok()?;
        // Two clocks may differ by some hours; a certificate from another day is none.
        let slack = 12 * 3_600 * 1_000;
        let removed = self.roster.removal_of(&device).is_some();
        (device != self.device && until.abs_diff(now) < slack).then_some(Met { device, epoch, removed })
    }
}

/// Who spoke in a hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// The device.
    pub device: DeviceId,
    /// The epoch whose secret sealed it.
    pub epoch: EpochId,
    /// Whether it was removed from the practice: it is told so, and nothing else.
    pub removed: bool,
}

/// A device that is about to join a practice.
pub struct JoiningDevice {
    keys: DeviceKeys,
    card: DeviceCard,
}

impl std::fmt::Debug for JoiningDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JoiningDevice")
    }
}

impl JoiningDevice {
    /// Makes the new device's own keys.
    pub fn new(new: &NewVault<'_>, entropy: &mut dyn Entropy) -> Self {
        let keys = DeviceKeys::fresh(new, entropy);
        let card = keys.card(new.device_name);
        Self { keys, card }
    }

    /// What it introduces itself with, under the pairing key.
    pub fn introduction(&self) -> Vec<u8> {
        self.card.to_bytes()
    }

    /// Makes the new device's vault from the welcome.
    pub fn join(
        self,
        welcome: &[u8],
        store: Box<dyn Store>,
        new: &NewVault<'_>,
        entropy: Box<dyn Entropy>,
    ) -> Result<Vault, VaultError> {
        let (authority, entries) = welcome.split_at_checked(32).ok_or(VaultError::NotAdmitted)?;
        let authority = Key::<AuthorityRole>::from_slice(authority).ok_or(VaultError::NotAdmitted)?;
        let roster = parts::roster_from_bytes(entries).map_err(|_| VaultError::NotAdmitted)?;
        let fits = roster.device(&self.card.id) == Some(&self.card)
            && *roster.authority() == Signer::new(&authority).public_key();
        if !fits {
            return Err(VaultError::NotAdmitted);
        }
        let (epochs, practice) =
            roster.open_admission_wrap(&self.card.id, &self.keys.boxes.wrap).map_err(|_| VaultError::NotAdmitted)?;
        let recovery = roster.recovery_keys().first().cloned().ok_or(VaultError::NotAdmitted)?;
        let again = AgainBox { authority, generation: self.keys.process_generation, process: self.keys.process };
        let epochs: BTreeMap<_, Key<EpochRole>> = epochs.into_iter().collect();
        let made = Made { boxes: self.keys.boxes, again, roster, epochs, practice };
        Vault::found(store, new, made, &recovery, entropy)
    }
}

fn hello_key(secret: &Key<EpochRole>) -> Key<MessageRole> {
    kdf::derive(secret, labels::HELLO, b"")
}

fn hello_context(from: &[u8; 32], to: &[u8; 32]) -> Vec<u8> {
    [labels::HELLO, from, to].concat()
}

/// What the certificate says: this transport key is mine, for this conversation, until then.
fn statement(from: &[u8; 32], to: &[u8; 32], until: Millis) -> Vec<u8> {
    [from.as_slice(), to, &until.to_le_bytes()].concat()
}
