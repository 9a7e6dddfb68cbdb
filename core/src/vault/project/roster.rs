//! The roster: who belongs to the practice, the epochs that removals open, and what follows from both.

use crate::rows::Row;
use std::collections::{BTreeMap, BTreeSet};

use crate::id::{DeviceId, EpochId, Hash, LogId};
use crate::log::{Item, Kind, NO_KEY, SignedHeader};
use crate::roster::{Epochs, Offered, Refusal, Roster};
use crate::rows::Listed;
use crate::rows::RowError;
use crate::vault::Notice;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::boot::secrets_to_bytes;
use crate::vault::items::ledger::MissedRemoval;
use crate::vault::items::place::Place;
use crate::vault::project::{intake, put_in_quarantine, quarantine};
use crate::vault::registry::{
    MissedRemovalsAt, OrphanEntriesAt, RosterAt, SecretsAt, WaitingForEntryAt, WaitingForEpochAt,
};

/// Bytes of roster entries out of the logs of one device that are held for a later version.
pub(crate) const ORPHAN_BYTES: usize = 1 << 20;
/// Bytes of entries that waited and are judged at a time.
const PORTION: usize = 1 << 20;
/// Removals that were missed and are noted of the logs of one device. What a device says beyond that takes nobody else's place.
pub(crate) const MOST_MISSED: usize = 64;

/// An entry of the roster as it was heard.
struct Heard {
    /// In whose log it stands, whoever wrote it.
    from: DeviceId,
    /// Where it stands; `None` where that is in no body that is stored here.
    place: Option<Place>,
    bytes: Vec<u8>,
}

/// Takes in an entry of the roster that stands in a log of this device, whoever wrote it.
pub(crate) fn take_roster_entry(
    core: &Core,
    tx: &mut Transaction,
    from: &DeviceId,
    place: Option<Place>,
    bytes: &[u8],
) -> Result<(), RowError> {
    take_heard(core, tx, vec![Heard { from: *from, place, bytes: bytes.to_vec() }])
}

/// The same of all entries in a body: what follows from them is looked at once.
pub(crate) fn take_roster_entries(
    core: &Core,
    tx: &mut Transaction,
    from: &DeviceId,
    envelope: &Hash,
    items: &[Item],
) -> Result<(), RowError> {
    take_heard(core, tx, heard_in(from, Some(envelope), items))
}

/// The entries of the roster among the items of a body.
fn heard_in(from: &DeviceId, envelope: Option<&Hash>, items: &[Item]) -> Vec<Heard> {
    let numbered = (0..).zip(items).filter(|(_, item)| item.kind == Kind::Roster && item.key == NO_KEY);
    let place = |index| envelope.map(|envelope| Place { envelope: *envelope, index });
    numbered.map(|(at, item)| Heard { from: *from, place: place(at), bytes: item.content.clone() }).collect()
}

fn take_heard(core: &Core, tx: &mut Transaction, heard: Vec<Heard>) -> Result<(), RowError> {
    if heard.is_empty() {
        return Ok(());
    }
    let reader = core.at(tx);
    let live: BTreeSet<DeviceId> = reader.roster().live().iter().map(|card| card.id).collect();
    let (removed, kit) = (reader.is_removed(), reader.recovery_key()?.fingerprint());
    let mut roster = reader.roster().clone();
    // Of many cuts one takes the place of another: then there are no more than before.
    if !judge_all(core, tx, &mut roster, heard)? {
        return Ok(());
    }
    tx.put(&RosterAt(), &Listed(roster.entries()));
    tx.todo.roster = true;
    tx.todo.admitted |= roster.live().iter().any(|card| !live.contains(&card.id));
    tx.next.roster = Some(roster);
    take_epochs(core, tx);
    let reader = core.at(tx);
    let (is_removed, owes_new_keys) = (reader.is_removed(), reader.owes_new_keys());
    let new_kit = reader.recovery_key()?.fingerprint();
    let follows_kit = new_kit == kit || reader.sealed_to()? == new_kit;
    if owes_new_keys && !is_removed {
        tx.tell(Notice::TwoRemoved);
    }
    if !follows_kit {
        tx.tell(Notice::NewKit);
    }
    if is_removed && !removed {
        tx.tell(Notice::RemovedHere);
    }
    Ok(())
}

/// Judges entries, and then whatever waited for those that count. `true` when one of them counts.
fn judge_all(core: &Core, tx: &mut Transaction, roster: &mut Roster, heard: Vec<Heard>) -> Result<bool, RowError> {
    let mut known = roster.to_follow();
    let grows = judge(core, tx, roster, heard)?;
    if grows {
        judge_held(core, tx, roster)?;
    }
    loop {
        let now = roster.to_follow();
        let fresh: Vec<Hash> = now.difference(&known).copied().collect();
        if fresh.is_empty() {
            return Ok(grows);
        }
        judge_waiting(core, tx, roster, &fresh)?;
        known = now;
    }
}

/// Judges entries. What follows others that have not come is listed under them; what a later version may understand is held.
fn judge(core: &Core, tx: &mut Transaction, roster: &mut Roster, heard: Vec<Heard>) -> Result<bool, RowError> {
    let (grows, left) = offered(roster, heard);
    let (orphans, others): (Vec<Heard>, Vec<Heard>) =
        left.into_iter().partition(|one| roster.awaited(&one.bytes).is_some());
    list_orphans(core, tx, roster, &orphans)?;
    // What these follow may have come after them: all of it is here now.
    let (grows_more, later) = offered(roster, others);
    hold_entries(core, tx, later)?;
    Ok(grows || grows_more)
}

/// Whether one of these entries counts, and those that neither count nor are refused.
fn offered(roster: &mut Roster, heard: Vec<Heard>) -> (bool, Vec<Heard>) {
    let judged = roster.offer_all(heard.iter().map(|one| one.bytes.as_slice()));
    let grows = judged.contains(&Offered::Added);
    (grows, heard.into_iter().zip(judged).filter(|(_, of)| waits(*of)).map(|(one, _)| one).collect())
}

/// Whether an entry is to be offered again. More may wait than the roster holds itself.
fn waits(offered: Offered) -> bool {
    matches!(offered, Offered::Orphaned | Offered::Refused(Refusal::TooManyOrphans))
}

/// Lists where entries stand that follow others which have not come. No limit: 36 bytes for an entry that is stored anyway; of one
/// that is not listed it would depend on the order in which they come whether it is ever heard.
fn list_orphans(core: &Core, tx: &mut Transaction, roster: &Roster, orphans: &[Heard]) -> Result<(), RowError> {
    let mut listed: BTreeMap<Hash, BTreeSet<Place>> = BTreeMap::new();
    for one in orphans {
        if let (Some(entry), Some(place)) = (roster.awaited(&one.bytes), one.place) {
            listed.entry(entry).or_default().insert(place);
        }
    }
    for (entry, mut places) in listed {
        places.append(&mut core.at(tx).list(&WaitingForEntryAt(entry))?);
        tx.put(&WaitingForEntryAt(entry), &places);
    }
    Ok(())
}

/// Judges what waited for entries that are here now.
fn judge_waiting(core: &Core, tx: &mut Transaction, roster: &mut Roster, fresh: &[Hash]) -> Result<(), RowError> {
    let mut waited: BTreeSet<Place> = BTreeSet::new();
    for entry in fresh {
        if let Some(mut places) = core.at(tx).get(&WaitingForEntryAt(*entry))? {
            tx.remove(&WaitingForEntryAt(*entry));
            waited.append(&mut places);
        }
    }
    let (mut some, mut bytes) = (Vec::new(), 0_usize);
    for place in waited {
        let (item, from) = match core.at(tx).item(&place) {
            Ok(found) => found,
            // It was lost meanwhile: it is asked for again, and heard when it comes.
            Err(RowError::Damaged | RowError::KeyNotHere) => continue,
            Err(error) => return Err(error),
        };
        bytes = bytes.saturating_add(item.content.len());
        some.push(Heard { from, place: Some(place), bytes: item.content });
        if bytes >= PORTION {
            bytes = 0;
            judge(core, tx, roster, std::mem::take(&mut some))?;
        }
    }
    judge(core, tx, roster, some)?;
    Ok(())
}

/// Holds entries that a later version may understand. All that they follow is here, so none of them leaves before that; what one
/// device says in its logs beyond its limit are the greatest, in whichever order they come.
fn hold_entries(core: &Core, tx: &mut Transaction, later: Vec<Heard>) -> Result<(), RowError> {
    let mut of: BTreeMap<DeviceId, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for one in later {
        of.entry(one.from).or_default().insert(one.bytes);
    }
    for (from, mut all) in of {
        all.extend(core.at(tx).list(&OrphanEntriesAt(from))?.0);
        let mut len = 0_usize;
        let fitting = all.into_iter().take_while(|entry| {
            len = len.saturating_add(entry.len());
            len <= ORPHAN_BYTES
        });
        tx.put(&OrphanEntriesAt(from), &Listed(fitting.collect()));
    }
    Ok(())
}

/// Judges once more what is held: the version that held it may have been an earlier one.
fn judge_held(core: &Core, tx: &mut Transaction, roster: &mut Roster) -> Result<(), RowError> {
    for (device, mut held) in core.at(tx).ledger().orphan_entries()? {
        let before = held.len();
        let mut judged = roster.offer_all(held.iter().map(Vec::as_slice)).into_iter();
        held.retain(|_| judged.next().is_some_and(waits));
        match held.is_empty() {
            true => tx.remove(&OrphanEntriesAt(device)),
            false if held.len() < before => tx.put(&OrphanEntriesAt(device), &Listed(held)),
            false => {}
        }
    }
    Ok(())
}

/// Takes the secrets that entries of the roster hand to this device, and those that these open.
fn take_epochs(core: &Core, tx: &mut Transaction) {
    let known: Epochs = core.at(tx).epochs().into_iter().map(|(epoch, secret)| (*epoch, secret.duplicate())).collect();
    let opened = core.at(tx).roster().open_epochs(&core.device, &core.boxes.wrap, &known);
    if !opened.is_empty() {
        tx.next.epochs.extend(opened);
        put_secrets(core, tx);
    }
}

/// Writes the secrets of all epochs that are known now.
pub(crate) fn put_secrets(core: &Core, tx: &mut Transaction) {
    let row = secrets_to_bytes(core.at(tx).epochs(), &core.practice);
    tx.changes.put(SecretsAt::TABLE, &SecretsAt().name(), row);
}

/// Does what follows from a roster that has grown. What is left to be said to the others is said by the commit.
pub(crate) fn follow_roster(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    take_epochs(core, tx);
    forget_heard(core, tx)?;
    open_waiting(core, tx)?;
    quarantine::release(core, tx)
}

/// Keeps an envelope whose epoch is not known yet: the removal that opened it may come later.
pub(super) fn wait_for_epoch(
    core: &Core,
    tx: &mut Transaction,
    epoch: &EpochId,
    envelope: &Hash,
) -> Result<(), RowError> {
    let mut waiting = core.at(tx).list(&WaitingForEpochAt(*epoch))?;
    if waiting.insert(*envelope) {
        tx.put(&WaitingForEpochAt(*epoch), &waiting);
    }
    Ok(())
}

/// Opens the envelopes that waited for an epoch which is known now.
fn open_waiting(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    let known: Vec<EpochId> = core.at(tx).epochs().into_keys().copied().collect();
    for epoch in known {
        let Some(waiting) = core.at(tx).get(&WaitingForEpochAt(epoch))? else { continue };
        tx.remove(&WaitingForEpochAt(epoch));
        for envelope in waiting {
            let header = core.at(tx).header(&envelope)?.header;
            match core.at(tx).ledger().is_accepted(&header)? {
                true => intake::take_stored(core, tx, &envelope, &header)?,
                false => put_in_quarantine(core, tx, &envelope, &header)?,
            }
        }
    }
    Ok(())
}

/// Notes where these headers, which follow each other in one log, come under an epoch that nothing here opened.
///
/// What is written after a removal lies under the epoch that the removal opens. So such a header says that a removal is on its
/// way, and that it stands, in its author's log, right before the first of them. It is asked for first, and heard before
/// anything that comes with it is taken in: else a device that was away would use what the removed one wrote since, and by its
/// cut so would all others.
pub(crate) fn note_missed_removals(core: &Core, tx: &mut Transaction, run: &[SignedHeader]) -> Result<(), RowError> {
    let mut missed = core.at(tx).ledger().missed_removals()?;
    let noted = missed.clone();
    let Some(first) = run.first().map(|signed| signed.header) else { return Ok(()) };
    let mut before = core.at(tx).header(&first.prev).ok().map(|signed| signed.header.epoch);
    for header in run.iter().map(|signed| &signed.header) {
        let begins = before.replace(header.epoch) != Some(header.epoch);
        if begins && !core.at(tx).roster().opened(&header.epoch) {
            missed.insert((header.log, (header.epoch, header.prev)));
        }
    }
    // Of one device the first stay, in whichever order they came.
    let of_device = missed.iter().filter(|(log, _)| log.device() == first.log.device()).copied();
    let beyond: Vec<MissedRemoval> = of_device.skip(MOST_MISSED).collect();
    for one in beyond {
        missed.remove(&one);
    }
    if missed != noted {
        put_missed_removals(tx, &missed);
    }
    Ok(())
}

/// Takes the roster entries out of bodies that came together, when there are removals to be heard of.
pub(crate) fn hear_first(core: &Core, tx: &mut Transaction, bodies: &[(Hash, Vec<u8>)]) -> Result<(), RowError> {
    if core.at(tx).ledger().missed_removals()?.is_empty() {
        return Ok(());
    }
    loop {
        let (size, mut heard) = (core.at(tx).roster().size(), Vec::new());
        for (envelope, body) in bodies {
            let Ok(header) = core.at(tx).ledger().named(envelope, body)? else { continue };
            let opened = core.at(tx).open_body(&header, body);
            let Ok(items) = opened else { continue };
            // The bodies are not stored yet: what goes on waiting is listed when they are taken in.
            heard.extend(heard_in(&header.log.device(), None, &items));
        }
        take_heard(core, tx, heard)?;
        // What one of them says may open another.
        if core.at(tx).roster().size() == size {
            return Ok(());
        }
    }
}

/// Forgets what was heard of since.
fn forget_heard(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    let missed = core.at(tx).ledger().missed_removals()?;
    let roster = core.at(tx).roster();
    let left: BTreeSet<_> = missed.iter().filter(|(_, (epoch, _))| !roster.opened(epoch)).copied().collect();
    if left.len() == missed.len() {
        return Ok(());
    }
    put_missed_removals(tx, &left);
    // Whoever had as many as are noted may have had more.
    let many = |log: &LogId| missed.iter().filter(|(other, _)| other.device() == log.device()).count() >= MOST_MISSED;
    for log in core.at(tx).ledger().all_logs().into_iter().filter(many) {
        for tip in core.at(tx).tips(&log) {
            let Ok(names) = core.at(tx).ledger().branch_names(&log, 0, &tip.head) else { continue };
            let run: Vec<_> = names.iter().filter_map(|name| core.at(tx).header(name).ok()).collect();
            note_missed_removals(core, tx, &run)?;
        }
    }
    Ok(())
}

fn put_missed_removals(tx: &mut Transaction, missed: &BTreeSet<MissedRemoval>) {
    tx.put_list(&MissedRemovalsAt(), missed);
}
