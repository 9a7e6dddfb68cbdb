//! The roster: who belongs to the practice, the epochs that removals open, and what follows from both.

use crate::rows::Row;
use std::collections::BTreeSet;

use crate::id::{DeviceId, EpochId, Hash};
use crate::log::{Kind, SignedHeader};
use crate::roster::{Epochs, Offered, Refusal, Roster};
use crate::rows::Listed;
use crate::rows::RowError;
use crate::vault::Notice;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::boot::secrets_to_bytes;
use crate::vault::items::ledger::MissedRemoval;
use crate::vault::project::{intake, put_in_quarantine, quarantine};
use crate::vault::registry::{MissedRemovalsAt, OrphanEntriesAt, RosterAt, SecretsAt, WaitingForEpochAt};

/// Bytes of roster entries out of the logs of one device that wait for those that they follow.
pub(crate) const ORPHAN_BYTES: usize = 1 << 20;
/// Removals that were missed and are noted of the logs of one device. What a device says beyond that takes nobody else's place.
pub(crate) const MOST_MISSED: usize = 64;

/// Takes in an entry of the roster that stands in a log of this device, whoever wrote it.
pub(crate) fn take_roster_entry(
    core: &Core,
    tx: &mut Transaction,
    from: &DeviceId,
    bytes: &[u8],
) -> Result<(), RowError> {
    let reader = core.at(tx);
    let live: BTreeSet<DeviceId> = reader.roster().live().iter().map(|card| card.id).collect();
    let (removed, kit) = (reader.is_removed(), reader.recovery_key()?.fingerprint());
    let mut roster = reader.roster().clone();
    match roster.offer(bytes) {
        Offered::Added => {}
        // What it follows may come after the program was closed.
        Offered::Orphaned | Offered::Refused(Refusal::TooManyOrphans) => return hold_entry(core, tx, from, bytes),
        Offered::Known | Offered::Refused(_) => return Ok(()),
    }
    offer_orphans(core, tx, &mut roster)?;
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

/// Keeps an entry until those that it follows have come. What stands in the logs of one device takes nobody else's place.
fn hold_entry(core: &Core, tx: &mut Transaction, from: &DeviceId, bytes: &[u8]) -> Result<(), RowError> {
    let mut orphans = core.at(tx).list(&OrphanEntriesAt(*from))?.0;
    let len: usize = orphans.iter().map(Vec::len).sum();
    if len + bytes.len() <= ORPHAN_BYTES && !orphans.iter().any(|entry| entry == bytes) {
        orphans.push(bytes.to_vec());
        tx.put(&OrphanEntriesAt(*from), &Listed(orphans));
    }
    Ok(())
}

/// Offers entries that wait for others once more, after the roster grew.
fn offer_orphans(core: &Core, tx: &mut Transaction, roster: &mut Roster) -> Result<(), RowError> {
    let before = core.at(tx).ledger().orphan_entries()?;
    let mut waiting = before.clone();
    // More may wait than the roster holds itself.
    let waits = |offered| matches!(offered, Offered::Orphaned | Offered::Refused(Refusal::TooManyOrphans));
    loop {
        let entries = roster.size();
        waiting.values_mut().for_each(|entries| entries.retain(|entry| waits(roster.offer(entry))));
        if roster.size() == entries {
            break;
        }
    }
    for (device, left) in waiting {
        match left.is_empty() {
            true => tx.remove(&OrphanEntriesAt(device)),
            false if before.get(&device) != Some(&left) => tx.put(&OrphanEntriesAt(device), &Listed(left)),
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
    let before = missed.len();
    let Some(device) = run.first().map(|signed| signed.header.log.device()) else { return Ok(()) };
    let mut left = MOST_MISSED.saturating_sub(missed.iter().filter(|(log, _)| log.device() == device).count());
    for header in run.iter().map(|signed| &signed.header) {
        let noted = missed.iter().any(|(log, (epoch, _))| (*log, *epoch) == (header.log, header.epoch));
        if left > 0 && !noted && !core.at(tx).roster().opened(&header.epoch) {
            missed.insert((header.log, (header.epoch, header.prev)));
            left -= 1;
        }
    }
    if missed.len() > before {
        put_missed_removals(tx, &missed);
    }
    Ok(())
}

/// Takes the roster entries out of bodies that came together, when there are removals to be heard of.
pub(crate) fn hear_first(core: &Core, tx: &mut Transaction, bodies: &[(Hash, Vec<u8>)]) -> Result<(), RowError> {
    if core.at(tx).ledger().missed_removals()?.is_empty() {
        return Ok(());
    }
    for (envelope, body) in bodies {
        let Ok(header) = core.at(tx).ledger().named(envelope, body)? else { continue };
        let opened = core.at(tx).open_body(&header, body);
        let Ok(items) = opened else { continue };
        for item in items.iter().filter(|item| item.kind == Kind::Roster) {
            take_roster_entry(core, tx, &header.log.device(), &item.content)?;
        }
    }
    Ok(())
}

/// Forgets what was heard of since.
fn forget_heard(core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
    let missed = core.at(tx).ledger().missed_removals()?;
    let roster = core.at(tx).roster();
    let left: BTreeSet<_> = missed.iter().filter(|(_, (epoch, _))| !roster.opened(epoch)).copied().collect();
    if left.len() < missed.len() {
        put_missed_removals(tx, &left);
    }
    Ok(())
}

fn put_missed_removals(tx: &mut Transaction, missed: &BTreeSet<MissedRemoval>) {
    tx.put_list(&MissedRemovalsAt(), missed);
}
