//! Removing a device: the practice goes on under new keys that it never gets (format §4, *removal*).
//!
//! What follows from a removal follows on each device by itself, whenever and in whatever order it hears of it: it takes
//! the new epoch's secret, opens what waited for that, says how far it held the removed device's logs, and takes the new
//! authority over when its passphrase is given next.

use crate::id::DeviceId;
use crate::log::Item;
use crate::roster;
use crate::roster::{DeviceCard, Gone, Offered, SignedBy};
use crate::rows::RowError;
use crate::secret::{Key, Passphrase, ReauthRole};
use crate::store::Table;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, flush, publish_owed_private_keys};
use crate::vault::core::{Transaction, slot};
use crate::vault::items::boot::{entries_from_bytes, entries_to_bytes};
use crate::vault::project::take_roster_entry;
use crate::vault::subject::DeviceError;
use crate::vault::subject::{Devices, DevicesMut};

/// Bytes of a list of entries besides these, and besides each.
const LIST: usize = 4;
const LISTED: usize = 4;

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

impl Devices<'_> {
    /// The devices that were removed, the last first.
    pub fn removed_devices(&self) -> Vec<RemovedRow> {
        let mut rows: Vec<RemovedRow> = self
            .core
            .memory
            .roster
            .removed()
            .map(|removed| RemovedRow {
                id: removed.card.id,
                name: self.device_name(&removed.card.id).unwrap_or_default(),
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
            let entries = self.core.memory.roster.entries();
            entries.iter().position(|entry| {
                roster::Entry::parse(entry).is_ok_and(|entry| entry.devices.iter().any(|card| card.id == *id))
            })
        };
        admitted(device) < admitted(&self.core.device)
    }

    /// What a removed device is told: the entry that removed it, with all that it follows, in parts of at most so many bytes. Each
    /// is taken in by itself, in this order.
    pub fn farewell(&self, device: &DeviceId, most: usize) -> Vec<Vec<u8>> {
        let (mut parts, mut part, mut size) = (Vec::new(), Vec::new(), LIST);
        for entry in self.core.memory.roster.farewell(device).unwrap_or_default() {
            let needs = LISTED + entry.len();
            if size + needs > most && !part.is_empty() {
                parts.push(entries_to_bytes(std::mem::take(&mut part)));
                size = LIST;
            }
            size += needs;
            part.push(entry);
        }
        if !part.is_empty() {
            parts.push(entries_to_bytes(part));
        }
        parts
    }
}

impl DevicesMut<'_> {
    /// Removes a device for good, as one that is lost: what is written from now on it can neither read nor write, and the practice
    /// has a new contact card, with which it cannot sign. Asks for the passphrase again.
    pub fn remove_device(
        &mut self,
        device: &DeviceId,
        passphrase: &Passphrase,
        now: Millis,
    ) -> Result<(), DeviceError> {
        self.remove_as(Gone::Lost, device, passphrase, now)
    }

    /// Removes a device in the same way, and says why it goes.
    pub fn remove_as(
        &mut self,
        gone: Gone,
        device: &DeviceId,
        passphrase: &Passphrase,
        now: Millis,
    ) -> Result<(), DeviceError> {
        self.core.require_vital()?;
        let (key, keys) = self.core.open_reauth_box(passphrase)?;
        self.core.begin_reauth(keys, now);
        if self.core.read().is_removed() {
            return Err(DeviceError::RemovedHere);
        }
        if *device == self.core.device {
            return Err(DeviceError::OwnDevice);
        }
        let card = self.core.memory.roster.device(device).cloned().ok_or(DeviceError::NoSuchDevice)?;
        self.follow_removals(&key, now)?;
        flush(self.core)?;
        self.remove(gone, card, &key, now)?;
        Ok(publish_owed_private_keys(self.core)?)
    }

    /// Removes the device that this one was before all keys were made new, and that let it in.
    pub(crate) fn remove_former_self(
        &mut self,
        former: &DeviceId,
        key: &Key<ReauthRole>,
        now: Millis,
    ) -> Result<(), DeviceError> {
        let card = self.core.memory.roster.device(former).cloned().ok_or(DeviceError::NoSuchDevice)?;
        self.remove(Gone::Lost, card, key, now)
    }

    fn remove(&mut self, gone: Gone, card: DeviceCard, key: &Key<ReauthRole>, now: Millis) -> Result<(), DeviceError> {
        self.replace_keys(gone, vec![card], now)?;
        // Should this fail, the passphrase that is given next does it.
        Ok(self.take_authority(key)?)
    }

    /// Takes a part of what another device says to one that was removed. `true` when this is one by now.
    pub fn take_farewell(&mut self, farewell: &[u8]) -> Result<bool, DeviceError> {
        self.core.require_vital()?;
        let Ok(entries) = entries_from_bytes(farewell) else { return Ok(false) };
        let mut tx = Transaction::default();
        entries.iter().try_for_each(|entry| take_roster_entry(self.core, &mut tx, &self.core.device, None, entry))?;
        commit(self.core, tx, Outbox::everyday())?;
        Ok(self.core.read().is_removed())
    }

    /// What a removal on another device left to be done until the passphrase was given: the authority's new key, and new
    /// keys once more where two devices were removed at the same time and each still holds the other's.
    pub(crate) fn follow_removals(&mut self, key: &Key<ReauthRole>, now: Millis) -> Result<(), DeviceError> {
        self.take_authority(key)?;
        let gone = self.core.memory.roster.to_renew().to_vec();
        let belongs = self.core.memory.roster.device(&self.core.device).is_some();
        if gone.is_empty() || !belongs || !self.core.holds_authority() {
            return Ok(());
        }
        self.replace_keys(Gone::Lost, gone, now)?;
        Ok(self.take_authority(key)?)
    }

    /// Puts the authority's new key, which only PKK opens, into the reauthentication box and into the recovery slot.
    fn take_authority(&mut self, key: &Key<ReauthRole>) -> Result<(), RowError> {
        if self.core.holds_authority() {
            return Ok(());
        }
        let recovery = self.core.read().recovery_key()?.clone();
        let Some(reauth) = &self.core.reauth else { return Ok(()) };
        let opened = self.core.memory.roster.open_authority(&self.core.device, reauth.keys().1);
        let Some(authority) = opened else { return Ok(()) };
        let mut tx = Transaction::default();
        let sealed = reauth.sealed_with(&authority, key, &mut *self.core.entropy());
        tx.batch.put(Table::Slots, slot("again"), sealed);
        self.core.seal_authority_to_kit(&mut tx, &recovery, &authority)?;
        self.core.write(tx)?;
        if let Some(reauth) = &mut self.core.reauth {
            reauth.take_authority(authority);
        }
        Ok(())
    }

    /// Writes a removal: a new epoch and a new authority for all who stay.
    fn replace_keys(&mut self, why: Gone, gone: Vec<DeviceCard>, now: Millis) -> Result<(), DeviceError> {
        let authority = self.core.reauth.as_ref().ok_or(RowError::NeedsReauth)?.authority();
        let by = SignedBy { device: &self.core.signer, authority: &authority };
        let memory = &self.core.memory;
        // Whoever was handed noise by a removal stands beside that one, by the authority that was in force until then.
        let beside =
            (!self.core.holds_authority()).then(|| memory.roster.before_it_was_replaced(&authority.public_key()));
        let roster = match &beside {
            Some(before) => before.as_ref().ok_or(RowError::NeedsReauth)?,
            None => &memory.roster,
        };
        // Nobody who is out by the whole roster is handed the new keys because that removal is left out of this one.
        let mut gone = gone;
        let also_out = memory.roster.removed().filter_map(|removed| roster.device(&removed.card.id)).cloned();
        let named: Vec<DeviceId> = gone.iter().map(|card| card.id).collect();
        gone.extend(also_out.filter(|card| !named.contains(&card.id)));
        let entry = roster.remove((why, gone), &memory.epochs, &by, now, &mut *self.core.entropy()).entry;
        // Whether it counts is known before anything of it is written.
        if memory.roster.clone().offer(&entry) != Offered::Added {
            return Err(DeviceError::NotRemoved);
        }
        let mut out = Outbox::everyday();
        let mut entries = vec![entry];
        if beside.is_some() || !memory.roster.is_renewed() {
            // Some who stay may lack the current epoch, and what this removal follows may lie under one that they lack: all
            // of it comes along, under the first epoch, which everybody has.
            entries.splice(..0, memory.roster.entries());
            out.epoch = memory.roster.epochs().first().copied();
        }
        out.keyring.extend(entries.into_iter().map(Item::roster));
        Ok(commit(self.core, Transaction::default(), out)?)
    }
}
