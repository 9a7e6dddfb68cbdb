//! Removing a device: the practice goes on under new keys that it never gets (format §4, *removal*).
//!
//! What follows from a removal follows on each device by itself, whenever and in whatever order it hears of it: it takes
//! the new epoch's secret, opens what waited for that, says how far it held the removed device's logs, and takes the new
//! authority over when its passphrase is given next.

use crate::id::{DeviceId, EpochId, Hash};
use crate::log::{Class, Header, Item};
use crate::roster::{DeviceCard, Entry, Offered, SignedBy, WelcomeError};
use crate::rows::Changes;
use crate::secret::{AgainRole, Key, Passphrase};
use crate::store::{Batch, Table};
use crate::vault::append::Outgoing;
use crate::vault::index::{self, Work};
use crate::vault::{Millis, Vault, VaultError, own_slots, parts};

/// A device that no longer belongs to the practice.
#[derive(Clone, PartialEq, Eq)]
pub struct RemovedRow {
    /// Its id.
    pub id: DeviceId,
    /// What it was called.
    pub name: String,
    /// The device on which it was removed.
    pub by: DeviceId,
    /// When, by that device's clock.
    pub at: Millis,
    /// It was not removed itself: it was let in at the same moment as another device was removed.
    pub along: bool,
}

impl std::fmt::Debug for RemovedRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RemovedRow")
    }
}

impl Vault {
    /// Removes a device for good: what is written from now on it can neither read nor write. Asks for the passphrase again.
    pub fn remove_device(&mut self, device: &DeviceId, passphrase: &Passphrase, now: Millis) -> Result<(), VaultError> {
        let (key, keys) = self.second_box(passphrase)?;
        self.keep_again(keys, now);
        if self.is_removed() {
            return Err(VaultError::RemovedHere);
        }
        if *device == self.device {
            return Err(VaultError::OwnDevice);
        }
        let card = self.roster.device(device).cloned().ok_or(VaultError::NoSuchDevice)?;
        self.follow_removals(&key, now)?;
        self.flush()?;
        self.replace_keys(vec![card], now)?;
        // Should this fail, the passphrase that is given next does it.
        self.take_authority(&key)?;
        self.publish_owed_process_parts()?;
        self.write_anchor();
        Ok(())
    }

    /// Whether a device belonged to the practice and was removed.
    pub fn was_removed(&self, device: &DeviceId) -> bool {
        self.roster.removal_of(device).is_some()
    }

    /// Whether this device was removed, as far as it knows.
    pub fn is_removed(&self) -> bool {
        self.roster.removal_of(&self.device).is_some()
    }

    /// Whether two devices were removed at the same time, so that each of them holds a key of those in force, until the
    /// passphrase is given next: what is written meanwhile one of them could open, should it get hold of it.
    pub fn owes_new_keys(&self) -> bool {
        !self.roster.is_renewed()
    }

    /// The devices that were removed, the last first.
    pub fn removed_devices(&self) -> Vec<RemovedRow> {
        let mut rows: Vec<RemovedRow> = self
            .roster
            .removed()
            .map(|removed| RemovedRow {
                id: removed.card.id,
                name: removed.card.name.clone(),
                by: removed.by,
                at: removed.at,
                along: !removed.named,
            })
            .collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.at), row.id));
        rows
    }

    /// Whether a device was admitted before this one: each of the two could remove the other, and then that one would stay.
    pub fn is_elder(&self, device: &DeviceId) -> bool {
        let admitted = |id: &DeviceId| {
            let entries = self.roster.entries();
            entries.iter().position(|entry| {
                Entry::parse(entry).is_ok_and(|entry| entry.devices.iter().any(|card| card.id == *id))
            })
        };
        admitted(device) < admitted(&self.device)
    }

    /// What a removed device is told: the entry that removed it, with all that it follows.
    pub fn farewell(&self, device: &DeviceId) -> Vec<u8> {
        parts::entries_to_bytes(&self.roster.farewell(device).unwrap_or_default())
    }

    /// Takes what another device says to one that was removed. `true` when that is this one, and it is true.
    pub fn take_farewell(&mut self, farewell: &[u8]) -> Result<bool, VaultError> {
        let Ok(entries) = parts::entries_from_bytes(farewell) else { return Ok(false) };
        self.whole_or_not_at_all(|vault| {
            let mut work = Work::default();
            entries.iter().try_for_each(|entry| vault.take_roster_entry(&mut work, entry))?;
            vault.finish(work, Outgoing::new(Class::Everyday))
        })?;
        Ok(self.is_removed())
    }

    /// What a removal on another device left to be done until the passphrase was given: the authority's new key, and new
    /// keys once more where two devices were removed at the same time and each still holds the other's.
    pub(crate) fn follow_removals(&mut self, key: &Key<AgainRole>, now: Millis) -> Result<(), VaultError> {
        self.take_authority(key)?;
        let gone = self.roster.to_renew(&self.device);
        if gone.is_empty() || self.roster.device(&self.device).is_none() || !self.holds_authority() {
            return Ok(());
        }
        self.replace_keys(gone, now)?;
        self.take_authority(key)
    }

    /// Whether the second box is open and holds the authority in force.
    pub(crate) fn holds_authority(&self) -> bool {
        let public = self.again.as_ref().map(|again| again.authority().public_key());
        public.as_ref() == Some(self.roster.authority())
    }

    /// Puts the authority's new key, which only PKK opens, into the second box and into the recovery slot.
    fn take_authority(&mut self, key: &Key<AgainRole>) -> Result<(), VaultError> {
        if self.holds_authority() {
            return Ok(());
        }
        let recovery = self.recovery_key()?.clone();
        let Some(again) = self.again.as_mut() else { return Ok(()) };
        let Some(authority) = self.roster.open_authority(&self.device, again.keys().1) else { return Ok(()) };
        let (mut changes, mut batch) = (Changes::default(), Batch::new());
        let sealed = again.sealed_with(authority, key, &mut *self.rows.entropy);
        batch.put(Table::Slots, own_slots::slot("again"), sealed);
        self.seal_to(&recovery, &mut changes, &mut batch)?;
        self.rows.commit_with(&mut self.state, changes, batch)
    }

    /// Writes a removal: a new epoch and a new authority for all who stay.
    fn replace_keys(&mut self, gone: Vec<DeviceCard>, now: Millis) -> Result<(), VaultError> {
        let authority = self.again.as_ref().ok_or(VaultError::AskAgain)?.authority();
        let by = SignedBy { device: &self.signer, authority: &authority };
        let made = self.roster.remove(gone, &self.epochs, &by, now, &mut *self.rows.entropy);
        let entry = made.map(|made| made.entry).map_err(|error| match error {
            WelcomeError::TooManyEpochs => VaultError::TooManyEpochs,
            _ => VaultError::Damaged,
        })?;
        // Whether it counts is known before anything of it is written.
        if self.roster.clone().offer(&entry) != Offered::Added {
            return Err(VaultError::NotRemoved);
        }
        let (work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        let mut entries = vec![entry];
        if !self.roster.is_renewed() || self.roster.hands_on(&self.device) {
            // Some who stay may lack the current epoch, and what this removal follows may lie under one that they lack: all
            // of it comes along, under the first epoch, which everybody has.
            entries.splice(..0, self.roster.entries());
            out.epoch = self.roster.epochs().first().copied();
        }
        out.keyring.extend(entries.into_iter().map(Item::roster));
        self.finish(work, out)
    }

    /// The epoch under which this device writes: the current one, or the last of which it has the secret.
    pub(crate) fn writing_epoch(&self) -> Result<EpochId, VaultError> {
        let known = self.roster.epochs().into_iter().rev().find(|epoch| self.epochs.contains_key(epoch));
        known.ok_or(VaultError::KeyNotHere)
    }

    /// Takes the secrets that removals handed to this device.
    pub(crate) fn take_epochs(&mut self, work: &mut Work) {
        let opened = self.roster.open_epochs(&self.device, self.dkk(), &|epoch| self.epochs.contains_key(epoch));
        for (epoch, secret) in opened {
            self.epochs.entry(epoch).or_insert(secret);
        }
        work.changes.put(Table::Misc, b"epochs", parts::epochs_to_bytes(&self.epochs, &self.practice));
    }

    /// Does what follows from a roster that has grown, until nothing more follows.
    pub(crate) fn follow_roster(&mut self, work: &mut Work) -> Result<(), VaultError> {
        while std::mem::take(&mut work.roster) {
            self.forget_heard(work)?;
            self.open_waiting(work)?;
            self.release(work)?;
            self.publish_cuts(work)?;
        }
        Ok(())
    }

    /// Keeps an envelope whose epoch is not known yet: the removal that opened it may come later.
    pub(crate) fn wait_for_epoch(&self, work: &mut Work, epoch: &EpochId, envelope: &Hash) -> Result<(), VaultError> {
        let name = epoch_name(epoch);
        let mut row = self.rows.read_through(&work.changes, Table::Pending, &name)?.unwrap_or_default();
        if !index::hashes(&row).contains(envelope) {
            row.extend_from_slice(&envelope.0);
            work.changes.put(Table::Pending, &name, row.to_vec());
        }
        Ok(())
    }

    /// Opens the envelopes that waited for an epoch which is known now.
    fn open_waiting(&mut self, work: &mut Work) -> Result<(), VaultError> {
        for epoch in self.epochs.keys().copied().collect::<Vec<_>>() {
            let name = epoch_name(&epoch);
            let Some(row) = self.rows.read_through(&work.changes, Table::Pending, &name)? else { continue };
            work.changes.remove(Table::Pending, &name);
            for envelope in index::hashes(&row) {
                let header = self.header(work, &envelope)?.header;
                match self.is_accepted(work, &header)? {
                    true => self.take_stored(work, &envelope, &header)?,
                    false => self.set_apart(work, &envelope, &header)?,
                }
            }
        }
        Ok(())
    }

    /// Takes the items of a body that is stored already.
    pub(crate) fn take_stored(&mut self, work: &mut Work, envelope: &Hash, header: &Header) -> Result<(), VaultError> {
        match self.rows.read_through(&work.changes, Table::Bodies, &envelope.0)? {
            Some(body) => self.take_items(work, envelope, header, &body),
            // It was lost meanwhile: it is asked for again, and taken when it comes.
            None => Ok(()),
        }
    }
}

fn epoch_name(epoch: &EpochId) -> Vec<u8> {
    [b"e".as_slice(), &epoch.0].concat()
}
