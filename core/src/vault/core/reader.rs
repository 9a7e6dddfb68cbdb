//! Reading: rows as a transaction leaves them, and what lies in them: documents of the index, envelopes, items, keys.

mod bodies;

use crate::rows::Stored;
use std::collections::{BTreeMap, BTreeSet};

use crate::card::ContactKeys;
use crate::catalog::{ClientRow, Timeline};
use crate::id::{ClientId, ColleagueId, DeviceId, DocId, EpochId, Hash, KeyId, LogId, NoteId};
use crate::kem::WrapPublic;
use crate::keyring::{Compartment, CompartmentEntry, Part};
use crate::log::SignedHeader;
use crate::plain_text::shown_name;
use crate::roster::{Generation, Roster};
use crate::rows::RowError;
use crate::rows::{Plain, Row};
use crate::secret::{CompartmentRole, EpochRole, Key, WrapRole};
use crate::state::Tip;
use crate::store::Table;
use crate::vault::Millis;
use crate::vault::core::{Core, OwnLogs, Transaction};
use crate::vault::items::home::said;
use crate::vault::items::keys::{KeyRow, PrivatePart};
use crate::vault::items::ledger::Cards;
use crate::vault::items::place::{Entry, Place};
use crate::vault::items::signing::SIGNING_GRACE;
use crate::vault::registry::{
    ColleaguesAt, CompartmentKeyAt, DescriptionAt, DocumentAt, HeaderAt, KeysOfClientAt, KitSealedToAt, OrderAt,
    PendingChangesAt, PrivateFilesAt, PrivateNotesAt, PrivatePartAt, SettingAt, TimelineAt,
};
use crate::{kdf, keyring, labels, roster};

pub(crate) use bodies::{LaidOut, is_laid_out};

/// A look at a vault as one transaction would leave it. Copied freely; it changes nothing.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) core: &'a Core,
    pub(crate) tx: &'a Transaction,
}

impl<'a> Reader<'a> {
    /// A row.
    pub(crate) fn get<R: Row>(&self, row: &R) -> Result<Option<R::Value>, RowError> {
        self.core.rows.get_through(&self.tx.changes, row)
    }

    /// A row, empty when there is none.
    pub(crate) fn list<R: Row<Value: Default>>(&self, row: &R) -> Result<R::Value, RowError> {
        Ok(self.get(row)?.unwrap_or_default())
    }

    /// Whether there is a row.
    pub(crate) fn has<R: Row>(&self, row: &R) -> Result<bool, RowError> {
        self.core.rows.has_through(&self.tx.changes, R::TABLE, &row.name())
    }

    pub(crate) fn roster(&self) -> &'a Roster {
        self.tx.next.roster.as_ref().unwrap_or(&self.core.memory.roster)
    }

    /// The secret of an epoch, when it is known here.
    pub(crate) fn epoch(&self, epoch: &EpochId) -> Option<&'a Key<EpochRole>> {
        self.core.memory.epochs.get(epoch).or_else(|| self.tx.next.epochs.get(epoch))
    }

    /// The secrets of all epochs that are known here.
    pub(crate) fn epochs(&self) -> BTreeMap<&'a EpochId, &'a Key<EpochRole>> {
        self.core.memory.epochs.iter().chain(&self.tx.next.epochs).collect()
    }

    /// The logs in which this device writes.
    pub(crate) fn own_logs(&self) -> OwnLogs {
        self.tx.next.logs.unwrap_or(self.core.memory.logs)
    }

    /// Notes of which something was typed that no envelope holds yet.
    pub(crate) fn pending(&self) -> &'a BTreeSet<NoteId> {
        self.tx.next.pending.as_ref().unwrap_or(&self.core.memory.pending)
    }

    /// What the index knows of a document.
    pub(crate) fn entry(&self, id: &DocId) -> Result<Option<Entry>, RowError> {
        match self.tx.entries.get(id) {
            Some(entry) => Ok(Some(entry.clone())),
            None => self.get(&DocumentAt(*id)),
        }
    }

    /// Every document of the index.
    pub(crate) fn each_entry(&self, entry: &mut dyn FnMut(DocId, Entry)) -> Result<u64, RowError> {
        self.core.rows.scan(Table::Index, &mut |row| {
            let Some((id, row)) = row.and_then(|(name, row)| Some((DocumentAt::id_in(name)?, row))) else { return };
            if let Ok(one) = Entry::of_row(row) {
                entry(id, one);
            }
        })
    }

    pub(crate) fn read_timeline(&self, client: &ClientId) -> Result<Timeline, RowError> {
        Ok(self.get(&TimelineAt(*client))?.map(|timeline| timeline.0).unwrap_or_default())
    }

    /// The header of an envelope, with its signature if it has one.
    pub(crate) fn header(&self, envelope: &Hash) -> Result<SignedHeader, RowError> {
        self.get(&HeaderAt(*envelope))?.ok_or(RowError::Damaged)
    }

    /// The payload of an item, opened with whatever key it names.
    pub(crate) fn payload(&self, place: &Place) -> Result<Plain, RowError> {
        if let Some(payload) = self.tx.payloads.get(place) {
            return Ok(payload.clone());
        }
        let (item, by) = self.item(place)?;
        self.open_item(&item, by)
    }

    /// The envelopes at one place of a log: more than one when the log has branches.
    pub(crate) fn envelopes_at(&self, log: &LogId, seq: u64) -> Result<Vec<Hash>, RowError> {
        self.list(&OrderAt(*log, seq))
    }

    /// The client that a key is for, and the key.
    pub(crate) fn compartment_key(&self, id: &KeyId) -> Result<(ClientId, Key<CompartmentRole>), RowError> {
        match self.key_row(id)?.ok_or(RowError::KeyNotHere)? {
            KeyRow::Clear { client, key, .. } => Ok((client, key)),
            KeyRow::Process(parts) => {
                let reauth = self.core.reauth.as_ref().ok_or(RowError::NeedsReauth)?;
                if let Some(opened) = reauth.opened(id) {
                    return Ok(opened);
                }
                let entry = self.private_key(id, &parts)?.ok_or(RowError::KeyNotHere)?;
                reauth.keep_opened(*id, entry.client, &entry.key);
                Ok((entry.client, entry.key))
            }
        }
    }

    /// A key of private notes out of the first part that holds it, this device's own first. A part that does not open, or
    /// holds no key of that name, takes nothing from the others.
    fn private_key(&self, id: &KeyId, parts: &BTreeMap<DeviceId, DocId>) -> Result<Option<CompartmentEntry>, RowError> {
        let reauth = self.core.reauth.as_ref().ok_or(RowError::NeedsReauth)?;
        let own = parts.get_key_value(&self.core.device);
        for (author, part) in own.into_iter().chain(parts.iter().filter(|(author, _)| **author != self.core.device)) {
            let Some(held) = self.get(&PrivatePartAt(*author, *part))? else { continue };
            let Ok(opened) = self.open_private_part(&held, reauth.keys()) else { continue };
            if let Some(entry) = opened.into_iter().find(|entry| entry.id == *id) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    pub(crate) fn key_row(&self, id: &KeyId) -> Result<Option<KeyRow>, RowError> {
        self.get(&CompartmentKeyAt(*id))
    }

    pub(crate) fn open_private_part(
        &self,
        held: &PrivatePart,
        (generation, seed): (Generation, &Key<WrapRole>),
    ) -> Result<Vec<CompartmentEntry>, RowError> {
        let part = Part::parse(&held.part)?;
        part.open(held.author, self.core.device, &generation, seed).map_err(|error| match error {
            keyring::PartError::NotAReader => RowError::KeyNotHere,
            _ => RowError::Damaged,
        })
    }

    /// The keys of a client's identity and record.
    pub(crate) fn clear_keys_of(&self, client: &ClientId) -> Result<Vec<KeyId>, RowError> {
        let mut ids = Vec::new();
        for compartment in [Compartment::Identity, Compartment::Clinical] {
            ids.extend(self.list(&KeysOfClientAt(compartment.code(), *client))?);
        }
        Ok(ids)
    }

    pub(crate) fn all_clear_keys(&self) -> Result<Vec<KeyId>, RowError> {
        let mut clients: BTreeSet<ClientId> = self.core.memory.clients.keys().copied().collect();
        // What lies in the trash can be taken back, on a device that comes later too.
        clients.extend(self.trashed_clients());
        let mut ids = Vec::new();
        for client in clients {
            ids.extend(self.clear_keys_of(&client)?);
        }
        Ok(ids)
    }

    /// Ends of the branches of a log, as this work leaves them.
    pub(crate) fn tips(&self, log: &LogId) -> Vec<Tip> {
        self.tx.next.tips.get(log).or_else(|| self.core.memory.state.logs.get(log)).cloned().unwrap_or_default()
    }

    /// Chunks of a draft that no envelope holds yet.
    pub(crate) fn pending_chunks(&self, id: &NoteId) -> Result<Vec<Vec<u8>>, RowError> {
        if !self.pending().contains(id) {
            return Ok(Vec::new());
        }
        Ok(self.pending_payloads(id)?.iter().map(|payload| said(payload).to_vec()).collect())
    }

    /// The payloads of the items that will hold what was typed of a draft. Those of a private note ask for the passphrase again.
    pub(crate) fn pending_payloads(&self, id: &NoteId) -> Result<Vec<Plain>, RowError> {
        let waiting = self.list(&PendingChangesAt(*id))?.into_items(*id);
        waiting.map(|item| self.open_item(&item, self.core.device)).collect()
    }

    /// All clients, in the order of their ids; two records that were made one are one.
    pub(crate) fn clients(&self) -> impl Iterator<Item = &'a ClientRow> + use<'a> {
        let reader = *self;
        self.core.memory.clients.values().filter_map(move |row| reader.shown_row(row))
    }

    /// The client in the list who stands for this one.
    pub(crate) fn canonical_client(&self, id: &ClientId) -> ClientId {
        self.core.memory.shown.hidden.get(id).copied().unwrap_or(*id)
    }

    /// All records of the person, the chosen one first.
    pub(crate) fn records_of(&self, id: &ClientId) -> Vec<ClientId> {
        self.core.memory.merges.records(id)
    }

    /// The row of a client who is shown by themselves.
    pub(crate) fn shown_row(&self, row: &'a ClientRow) -> Option<&'a ClientRow> {
        match self.core.memory.shown.hidden.contains_key(&row.id) {
            true => None,
            false => Some(self.core.memory.shown.rows.get(&row.id).unwrap_or(row)),
        }
    }

    /// Everything that is in the records of a person.
    pub(crate) fn whole_timeline(&self, id: &ClientId) -> Result<Timeline, RowError> {
        self.timelines_of(&self.records_of(id))
    }

    /// Everything that is in these records together.
    pub(crate) fn timelines_of(&self, records: &[ClientId]) -> Result<Timeline, RowError> {
        if let [only] = records {
            return self.read_timeline(only);
        }
        let mut whole = Timeline::default();
        for id in records {
            whole.take(self.read_timeline(id)?);
        }
        Ok(whole)
    }

    /// Whether a deletion is stored and not applied.
    pub(crate) fn is_deletion_held(&self, place: &Place) -> bool {
        self.tx.next.deletions.as_ref().unwrap_or(&self.core.memory.deletions).holds(place)
    }

    /// The key of the kit in force.
    pub(crate) fn recovery_key(&self) -> Result<&'a WrapPublic, RowError> {
        self.roster().recovery_keys().first().ok_or(RowError::Damaged)
    }

    pub(crate) fn first_kit(&self) -> Result<Hash, RowError> {
        Ok(self.roster().first_recovery_keys().first().ok_or(RowError::Damaged)?.fingerprint())
    }

    /// To which kit the recovery slot is sealed.
    pub(crate) fn sealed_to(&self) -> Result<Hash, RowError> {
        self.get(&KitSealedToAt())?.map_or_else(|| self.first_kit(), |kit| Ok(kit.0))
    }

    /// Whether this device was removed, as far as it knows.
    pub(crate) fn is_removed(&self) -> bool {
        self.roster().removal_of(&self.core.device).is_some()
    }

    /// Whether two devices were removed at the same time, so that each of them holds a key of those in force, until the
    /// passphrase is given next: what is written meanwhile one of them could open, should it get hold of it.
    pub(crate) fn owes_new_keys(&self) -> bool {
        !self.roster().is_renewed()
    }

    /// Whether a device belonged to the practice and was removed.
    pub(crate) fn was_removed(&self, device: &DeviceId) -> bool {
        self.roster().removal_of(device).is_some()
    }

    /// The epoch under which this device writes: the current one, or the last of which it has the secret.
    pub(crate) fn writing_epoch(&self) -> Result<EpochId, RowError> {
        let known = self.roster().epochs().into_iter().rev().find(|epoch| self.epoch(epoch).is_some());
        known.ok_or(RowError::KeyNotHere)
    }

    /// The oldest epoch of which the secret is here: whoever lacks a later one may have this.
    pub(crate) fn first_epoch(&self) -> Option<EpochId> {
        self.roster().epochs().into_iter().find(|epoch| self.epoch(epoch).is_some())
    }

    /// What a device is called: by itself, or else as when it was let in.
    pub(crate) fn device_name(&self, id: &DeviceId) -> Option<String> {
        let admitted = &self.roster().card(id)?.name;
        // What cannot be read is as if it had not been said; the check says so.
        let said = self.get(&DescriptionAt(*id)).ok().flatten().map(|said| said.name);
        let name = said.filter(|name| !name.is_empty());
        Some(shown_name(name.as_deref().unwrap_or(admitted)).into_owned())
    }

    /// When this device came to the practice.
    pub(crate) fn joined(&self) -> Millis {
        let entries = self.roster().entries();
        let mut entries = entries.iter().filter_map(|entry| roster::Entry::parse(entry).ok());
        let own = entries.find(|entry| entry.devices.iter().any(|card| card.id == self.core.device));
        own.map(|entry| entry.time).unwrap_or_default()
    }

    /// Process notes of all clients: whose they are, only their keys tell.
    pub(crate) fn private_notes(&self) -> Result<BTreeSet<NoteId>, RowError> {
        self.list(&PrivateNotesAt())
    }

    /// Files beside process notes, of all clients: whose they are, only their keys tell.
    pub(crate) fn private_files(&self) -> Result<BTreeSet<DocId>, RowError> {
        self.list(&PrivateFilesAt())
    }

    /// Until when the signature of a note can be taken back.
    pub(crate) fn signing_until(&self, id: &NoteId) -> Option<Millis> {
        self.core.memory.signing.get(id).map(|signing| signing.at.saturating_add(SIGNING_GRACE))
    }

    /// Whether somebody writes in a note or signs it just now.
    pub(crate) fn is_in_work(&self, id: &NoteId) -> bool {
        self.pending().contains(id) || self.core.memory.signing.contains_key(id)
    }

    /// What was kept under a name. Stays on this device.
    pub(crate) fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, RowError> {
        self.get(&SettingAt(name))
    }

    /// The clients who are deleted, or of whom something is.
    pub(crate) fn trashed_clients(&self) -> impl Iterator<Item = ClientId> + use<'a> {
        self.core.memory.trash.values().map(|trashed| trashed.client)
    }

    /// Whether the signature of a note can still be taken back.
    pub(crate) fn is_being_signed(&self, id: &NoteId) -> bool {
        self.core.memory.signing.contains_key(id)
    }

    /// The contact cards of colleagues, as they were read.
    pub(crate) fn cards(&self) -> Result<Cards, RowError> {
        self.list(&ColleaguesAt())
    }

    /// The id of the colleague whose keys these are.
    pub(crate) fn colleague_of(&self, keys: &ContactKeys) -> ColleagueId {
        let parts = [keys.recipient.as_bytes().as_slice(), &keys.signing_key.0];
        let hash = kdf::mac(&self.core.practice, labels::COLLEAGUE, &parts);
        let mut id = [0; DocId::LEN];
        id.iter_mut().zip(hash.0).for_each(|(to, from)| *to = from);
        DocId(id)
    }

    /// Whether something was typed that no envelope holds yet.
    pub(crate) fn has_pending(&self) -> bool {
        !self.pending().is_empty()
    }
}
