//! The roster: who belongs to the practice, the epochs that removals open, and what follows from both.

use crate::rows::Row;
use std::collections::BTreeSet;

use crate::id::{DeviceId, EpochId, Hash};
use crate::log::{Item, Kind, NO_KEY, SignedHeader};
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
/// No hash is less.
const LEAST: Hash = Hash([0; Hash::LEN]);

/// Takes in an entry of the roster that stands in a log of this device, whoever wrote it.
pub(crate) fn take_roster_entry(
    core: &Core,
    tx: &mut Transaction,
    from: &DeviceId,
    bytes: &[u8],
) -> Result<(), RowError> {
    take_roster_entries(core, tx, from, std::iter::once(bytes))
}

/// The same of several that come together: what follows from them is looked at once.
pub(super) fn take_roster_entries<'e>(
    core: &Core,
    tx: &mut Transaction,
    from: &DeviceId,
    entries: impl Iterator<Item = &'e [u8]>,
) -> Result<(), RowError> {
    let entries: Vec<&[u8]> = entries.collect();
    if entries.is_empty() {
        return Ok(());
    }
    let reader = core.at(tx);
    let live: BTreeSet<DeviceId> = reader.roster().live().iter().map(|card| card.id).collect();
    let (removed, kit) = (reader.is_removed(), reader.recovery_key()?.fingerprint());
    let mut roster = reader.roster().clone();
    // What some of them follow may come after the program was closed.
    let judged = roster.offer_all(entries.iter().copied());
    let grows = judged.contains(&Offered::Added);
    let waiting: Vec<&[u8]> =
        entries.into_iter().zip(judged).filter(|(_, of)| waits(*of)).map(|(entry, _)| entry).collect();
    hold_entries(core, tx, from, &waiting)?;
    // Of many cuts one takes the place of another: then there are no more than before.
    if !grows {
        return Ok(());
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

/// Whether an entry is to be offered again. More may wait than the roster holds itself.
fn waits(offered: Offered) -> bool {
    matches!(offered, Offered::Orphaned | Offered::Refused(Refusal::TooManyOrphans))
}

/// Keeps entries until those that they follow have come. What stands in the logs of one device takes nobody else's place, and
/// what it says beyond its limit are the greatest, in whichever order they come.
fn hold_entries(core: &Core, tx: &mut Transaction, from: &DeviceId, entries: &[&[u8]]) -> Result<(), RowError> {
    if entries.is_empty() {
        return Ok(());
    }
    let orphans = core.at(tx).list(&OrphanEntriesAt(*from))?.0;
    let mut len = 0_usize;
    let all: BTreeSet<Vec<u8>> = orphans.into_iter().chain(entries.iter().map(|entry| entry.to_vec())).collect();
    let fitting = all.into_iter().take_while(|entry| {
        len = len.saturating_add(entry.len());
        len <= ORPHAN_BYTES
    });
    tx.put(&OrphanEntriesAt(*from), &Listed(fitting.collect()));
    Ok(())
}

/// Offers entries that wait for others once more, after the roster grew.
fn offer_orphans(core: &Core, tx: &mut Transaction, roster: &mut Roster) -> Result<(), RowError> {
    let before = core.at(tx).ledger().orphan_entries()?;
    let mut waiting = before.clone();
    loop {
        // Of most a look at their parents tells that they go on waiting.
        let all = waiting.values().flatten().filter(|entry| roster.may_follow(entry));
        let follow: Vec<Vec<u8>> = all.cloned().collect();
        let judged = roster.offer_all(follow.iter().map(Vec::as_slice));
        let done: BTreeSet<&Vec<u8>> =
            follow.iter().zip(&judged).filter(|(_, of)| !waits(**of)).map(|(entry, _)| entry).collect();
        waiting.values_mut().for_each(|entries| entries.retain(|entry| !done.contains(entry)));
        if !judged.contains(&Offered::Added) {
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
    for header in run.iter().map(|signed| &signed.header) {
        let noted = missed.range((header.log, (header.epoch, LEAST))..).next();
        let noted = noted.is_some_and(|(log, (epoch, _))| (*log, *epoch) == (header.log, header.epoch));
        if !noted && !core.at(tx).roster().opened(&header.epoch) {
            missed.insert((header.log, (header.epoch, header.prev)));
        }
    }
    // Of one device the first stay, in whichever order they came.
    let of_device: Vec<MissedRemoval> = missed.iter().filter(|(log, _)| log.device() == device).copied().collect();
    let beyond = of_device.iter().skip(MOST_MISSED).map(|one| missed.remove(one)).count();
    if missed.len() > before || beyond > 0 {
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
        take_roster_entries(core, tx, &header.log.device(), entries_in(&items))?;
    }
    Ok(())
}

/// The entries of the roster among the items of a body.
pub(super) fn entries_in(items: &[Item]) -> impl Iterator<Item = &[u8]> {
    items.iter().filter(|item| item.kind == Kind::Roster && item.key == NO_KEY).map(|item| item.content.as_slice())
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
