//! Compartment keys (format §5): made for each client, kept in rows, published in this device's keyring parts.

use crate::rows::Stored;
use std::collections::{BTreeMap, BTreeSet};

use crate::id::{ClientId, DeviceId, DocId, KeyId};
use crate::keyring::{Compartment, CompartmentEntry, Part};
use crate::log::{Item, Kind, PRACTICE_KEY};
use crate::planted::{Check, is_out};
use crate::rows::RowError;
use crate::rows::{Mark, One};
use crate::secret::Key;
use crate::store::Table;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{Core, Transaction};
use crate::vault::items::home::Under;
use crate::vault::items::keys::{KeyRow, Lacking, MOST_LACKING, OwnPart, PrivatePart, WritingKey};
use crate::vault::project::{keep_key, take_part};
use crate::vault::registry::{
    AnsweredAt, KeysOfClientAt, LackingAt, OpenPartAt, OwedPrivateKeysAt, OwnPartAt, OwnPartsAt, SaidLackingAt,
    WaitingForKeyAt, WaitingKeysAt, WritingKeyAt,
};

/// Keys in a part before the next one is begun.
const PART_KEYS: usize = 64;

/// The key with which this device writes this client's compartment: one that it made itself in this epoch, now if it has none.
/// A key that came from elsewhere opens and never seals: whoever made it may not be of the practice any more, or may have given
/// it to somebody who should not read.
pub(crate) fn key_for(
    core: &Core,
    tx: &mut Transaction,
    out: &mut Outbox,
    client: ClientId,
    compartment: Compartment,
) -> Result<KeyId, RowError> {
    let row = WritingKeyAt(compartment.code(), client);
    let epoch = core.at(tx).roster().epoch();
    if is_out(Check::OwnKey)
        && let Some(key) = core.at(tx).list(&KeysOfClientAt(compartment.code(), client))?.first().copied()
    {
        tx.put(&row, &WritingKey { epoch, key });
        return Ok(key);
    }
    if let Some(own) = core.at(tx).get(&row)?.filter(|own| own.epoch == epoch) {
        return Ok(own.key);
    }
    let entry = CompartmentEntry::new(client, compartment, Key::random(&mut *core.entropy()));
    let key = entry.id;
    match compartment {
        Compartment::Process => publish_private_keys(core, tx, out, &[entry])?,
        _ => publish_key(core, tx, out, entry)?,
    }
    tx.put(&row, &WritingKey { epoch, key });
    Ok(key)
}

/// Makes the keys that what leaves is put under, where this device has none of its own yet.
pub(super) fn make_keys(core: &Core, tx: &mut Transaction, out: &mut Outbox) -> Result<(), RowError> {
    let places: BTreeSet<Under> = out.items.iter().map(|item| item.under).collect();
    for under in places {
        if let Under::Client(client, compartment) = under {
            key_for(core, tx, out, client, compartment)?;
        }
    }
    Ok(())
}

/// The key that something is put under.
pub(super) fn own_key(core: &Core, tx: &Transaction, under: Under) -> Result<KeyId, RowError> {
    let Under::Client(client, compartment) = under else { return Ok(PRACTICE_KEY) };
    let own = core.at(tx).get(&WritingKeyAt(compartment.code(), client))?.ok_or(RowError::KeyNotHere)?;
    Ok(own.key)
}

fn publish_key(core: &Core, tx: &mut Transaction, out: &mut Outbox, entry: CompartmentEntry) -> Result<(), RowError> {
    let open = core.at(tx).get(&OpenPartAt())?.map(|part| part.0);
    let opened = open.map_or(Ok(None), |part| core.at(tx).get(&OwnPartAt(part)))?;
    let (id, mut part) = match open.zip(opened) {
        Some((id, part)) if part.keys.len() < PART_KEYS => (id, part),
        _ => (DocId::random(&mut *core.entropy()), OwnPart { version: 0, keys: Vec::new() }),
    };
    part.keys.push(entry.id);
    keep_key(core, tx, entry)?;
    // Many keys made in one transaction leave in one version of their part.
    out.parts.insert(id);
    write_part(core, tx, id, &part)?;
    tx.put(&OpenPartAt(), &One(id));
    Ok(())
}

/// Puts the parts that were changed into the outbox, each once, for all devices that live.
pub(super) fn publish_parts(core: &Core, tx: &mut Transaction, out: &mut Outbox) -> Result<(), RowError> {
    for id in std::mem::take(&mut out.parts) {
        let mut part = core.at(tx).get(&OwnPartAt(id))?.ok_or(RowError::Damaged)?;
        part.version += 1;
        let mut entries = Vec::with_capacity(part.keys.len());
        for key in &part.keys {
            match core.at(tx).key_row(key)? {
                Some(KeyRow::Clear { client, compartment, key: secret }) => {
                    entries.push(CompartmentEntry::new(client, compartment, secret));
                }
                _ => return Err(RowError::Damaged),
            }
        }
        out.keyring.push(everyday_part(core, tx, id, part.version, &entries)?);
        write_part(core, tx, id, &part)?;
    }
    Ok(())
}

/// The part with these entries, sealed for all devices that live; every device opens it without the passphrase.
fn everyday_part(
    core: &Core,
    tx: &Transaction,
    id: DocId,
    version: u64,
    entries: &[CompartmentEntry],
) -> Result<Item, RowError> {
    let cards = core.at(tx).roster().readers(&core.device);
    let readers: Vec<_> = cards.iter().map(|card| (card.id, card.dkk_generation, &card.dkk)).collect();
    let bytes = Part::publish(id, version, entries, core.device, &readers, &mut *core.entropy())
        .map_err(|_| RowError::Damaged)?;
    Ok(Item::bare(Kind::Keyring, id, bytes))
}

/// Publishes every key that this device holds for every device that lives, those of other devices' parts included:
/// the device that first published a key may be away when a new one needs it.
pub(super) fn publish_everything(core: &Core, tx: &mut Transaction, out: &mut Outbox) -> Result<(), RowError> {
    let mut own = BTreeSet::new();
    for id in core.at(tx).list(&OwnPartsAt())? {
        own.extend(core.at(tx).get(&OwnPartAt(id))?.ok_or(RowError::Damaged)?.keys);
        out.parts.insert(id);
    }
    let adopted: Vec<KeyId> = core.at(tx).all_clear_keys()?.into_iter().filter(|id| !own.contains(id)).collect();
    for keys in adopted.chunks(PART_KEYS) {
        let id = DocId::random(&mut *core.entropy());
        write_part(core, tx, id, &OwnPart { version: 0, keys: keys.to_vec() })?;
        out.parts.insert(id);
    }
    Ok(())
}

fn write_part(core: &Core, tx: &mut Transaction, id: DocId, part: &OwnPart) -> Result<(), RowError> {
    tx.put(&OwnPartAt(id), part);
    let mut all = core.at(tx).list(&OwnPartsAt())?;
    if !all.contains(&id) {
        all.push(id);
        tx.put_list(&OwnPartsAt(), &all);
    }
    Ok(())
}

/// Takes over keys of private notes that came from elsewhere, opened: under this device's own key, and published for all.
pub(crate) fn adopt_private_keys(
    core: &Core,
    tx: &mut Transaction,
    out: &mut Outbox,
    keys: Vec<CompartmentEntry>,
) -> Result<(), RowError> {
    let mut fresh = Vec::new();
    for entry in keys {
        let opens_here = match core.at(tx).key_row(&entry.id)? {
            Some(KeyRow::Process(parts)) => parts.contains_key(&core.device),
            Some(KeyRow::Clear { .. }) | None => false,
        };
        if !opens_here {
            fresh.push(entry);
        }
    }
    fresh.sort_unstable_by_key(|entry| entry.id);
    fresh.dedup_by_key(|entry| entry.id);
    fresh.chunks(PART_KEYS).try_for_each(|entries| publish_private_keys(core, tx, out, entries))
}

/// Publishes what others said they lack and is here: keys, and secrets of epochs, once for each device. Keys of private notes
/// leave when the passphrase is given next.
pub(super) fn answer_lacking(core: &Core, tx: &mut Transaction) -> Result<Outbox, RowError> {
    let mut out = Outbox::everyday();
    // Whoever lacks a secret opens nothing that lies under it, nor under one that came after it.
    out.epoch = core.at(tx).first_epoch();
    if !speaks(core, tx) {
        return Ok(out);
    }
    let mut entries = BTreeMap::new();
    let others: Vec<DeviceId> = core.at(tx).roster().live().iter().map(|card| card.id).collect();
    for device in others.into_iter().filter(|device| *device != core.device) {
        let Some(lacking) = core.at(tx).get(&LackingAt(device))? else { continue };
        let mut answered = core.at(tx).list(&AnsweredAt(device))?;
        let before = answered.len();
        let (mut found, mut private) = (Vec::new(), false);
        for key in &lacking.keys {
            match core.at(tx).key_row(key)? {
                Some(KeyRow::Clear { client, compartment, key }) => {
                    found.push(CompartmentEntry::new(client, compartment, key));
                }
                Some(KeyRow::Process(_)) => private |= answered.insert(*key),
                None => {}
            }
        }
        if private {
            // Those of one device, all at once, when the passphrase is given next.
            tx.put(&OwedPrivateKeysAt(), &Mark);
        }
        let secrets = lacking.epochs.iter().filter_map(|epoch| Some((epoch, core.at(tx).epoch(epoch)?)));
        found.extend(secrets.map(|(epoch, secret)| CompartmentEntry::of_epoch(epoch, secret)));
        entries.extend(found.into_iter().filter(|entry| answered.insert(entry.id)).map(|entry| (entry.id, entry)));
        if answered.len() > before {
            tx.put(&AnsweredAt(device), &answered);
        }
        let left = lacking.without(&answered);
        if left != lacking {
            tx.put(&LackingAt(device), &left);
        }
    }
    let entries: Vec<CompartmentEntry> = entries.into_values().collect();
    for entries in entries.chunks(PART_KEYS) {
        let id = DocId::random(&mut *core.entropy());
        out.keyring.push(everyday_part(core, tx, id, 1, entries)?);
    }
    Ok(out)
}

/// Says what this device cannot open and nothing that is on its way will. Each key and epoch is said once, since whoever hears
/// of it remembers: what one device makes up keeps nothing else from being said.
pub(crate) fn say_lacking(core: &mut Core) {
    // Whatever arrived is here; what cannot be said now is said the next time.
    let _ = try_to_say_lacking(core);
}

fn try_to_say_lacking(core: &mut Core) -> Result<(), RowError> {
    let mut tx = Transaction::default();
    let waiting = core.read().list(&WaitingKeysAt())?;
    let mut said = core.read().list(&SaidLackingAt())?;
    // What came since may be lacking again, after damage.
    said.keys.retain(|key| waiting.contains(key));
    let mut lacking = Lacking::default();
    for key in waiting.difference(&said.keys) {
        if lacking.keys.len() < MOST_LACKING && !may_be_on_its_way(core, key)? {
            lacking.keys.insert(*key);
        }
    }
    let epochs = core.read().roster().lacking_epochs(&core.memory.epochs).into_iter();
    lacking.epochs.extend(epochs.filter(|epoch| !said.epochs.contains(epoch)).take(MOST_LACKING));
    if lacking.is_nothing() || !speaks(core, &tx) {
        return Ok(());
    }
    let mut out = Outbox::everyday();
    out.epoch = core.read().first_epoch();
    out.push(Kind::Lacking, DocId([0; DocId::LEN]), Under::Practice, lacking.to_row());
    said.keys.extend(lacking.keys);
    said.epochs.extend(lacking.epochs);
    tx.put(&SaidLackingAt(), &said);
    commit(core, tx, out)
}

/// Whether a key may come by itself: whoever wrote under it sent it before that, and not all that it wrote is here. What
/// somebody of the practice let go does not come any more. Where an item of private notes says nothing of its author's logs,
/// nothing at all may be on its way.
fn may_be_on_its_way(core: &Core, key: &KeyId) -> Result<bool, RowError> {
    let ledger = core.read().ledger();
    let places = core.read().list(&WaitingForKeyAt(*key))?;
    if places.is_empty() {
        return Ok(ledger.count_missing()? > 0);
    }
    for place in places {
        let author = core.read().header(&place.envelope)?.header.log.device();
        let mut complete = true;
        for log in ledger.logs_of(&author) {
            complete = complete && ledger.lacked(&log)?.is_empty();
        }
        if complete {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether this device says something of itself: one that was removed has nothing to say, and a vault that is only looked
/// into signs nothing.
pub(super) fn speaks(core: &Core, tx: &Transaction) -> bool {
    core.signer.public_key().device_id() == core.device && !core.at(tx).is_removed()
}

/// After an admission: keys of private notes for the new device now, or when the passphrase is given next.
pub(super) fn publish_or_owe_private_keys(core: &Core, tx: &mut Transaction, out: &mut Outbox) -> Result<(), RowError> {
    if core.reauth.is_some() {
        return publish_all_private_keys(core, tx, out);
    }
    tx.put(&OwedPrivateKeysAt(), &Mark);
    Ok(())
}

/// Publishes the keys of private notes that are owed to a new device, if any are. Asks for the passphrase again.
pub(crate) fn publish_owed_private_keys(core: &mut Core) -> Result<(), RowError> {
    if core.read().get(&OwedPrivateKeysAt())?.is_none() {
        return Ok(());
    }
    let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
    publish_all_private_keys(core, &mut tx, &mut out)?;
    tx.remove(&OwedPrivateKeysAt());
    commit(core, tx, out)
}

/// Publishes every key of private notes that this device can open; needs the passphrase to have been given.
fn publish_all_private_keys(core: &Core, tx: &mut Transaction, out: &mut Outbox) -> Result<(), RowError> {
    let entries = private_keys(core, tx)?;
    entries.chunks(PART_KEYS).try_for_each(|entries| publish_private_keys(core, tx, out, entries))
}

/// Every key of private notes that this device can open; needs the passphrase to have been given.
pub(crate) fn private_keys(core: &Core, tx: &Transaction) -> Result<Vec<CompartmentEntry>, RowError> {
    let mut parts: BTreeSet<PrivatePart> = BTreeSet::new();
    core.rows.scan(Table::Keys, &mut |row| {
        parts.extend(row.and_then(|(_, part)| PrivatePart::of_row(part).ok()));
    })?;
    let reauth = core.reauth.as_ref().ok_or(RowError::NeedsReauth)?;
    let mut entries = BTreeMap::new();
    for held in parts {
        let opened = core.at(tx).open_private_part(&held, reauth.keys());
        entries.extend(opened.into_iter().flatten().map(|entry| (entry.id, entry)));
    }
    Ok(entries.into_values().collect())
}

/// Publishes these keys of private notes in one part, for all devices of the practice, and keeps it.
fn publish_private_keys(
    core: &Core,
    tx: &mut Transaction,
    out: &mut Outbox,
    entries: &[CompartmentEntry],
) -> Result<(), RowError> {
    let cards = core.at(tx).roster().readers(&core.device);
    let readers: Vec<_> = cards.iter().map(|card| (card.id, card.pkk_generation, &card.pkk)).collect();
    let id = DocId::random(&mut *core.entropy());
    let bytes =
        Part::publish(id, 1, entries, core.device, &readers, &mut *core.entropy()).map_err(|_| RowError::Damaged)?;
    take_part(core, tx, core.device, &bytes)?;
    out.keyring.push(Item::bare(Kind::Keyring, id, bytes));
    Ok(())
}
