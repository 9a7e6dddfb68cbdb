//! Whether an entry is one, by what its ancestors say: who signed it, and whom it lets in or puts out.

use super::Refusal;
use super::card::DeviceCard;
use super::entry::{Entry, EntryKind, MAX_DEVICES};
use super::standing::Standing;
use crate::sign::BadSignature;

/// Whether those signed it who must have: the authority, for an admission, a removal and a recovery kit its device too, for a
/// cut its device alone.
pub(super) fn verify(entry: &Entry, before: &Standing) -> Result<(), BadSignature> {
    let author = before.devices.get(&entry.author).map(|card| card.signing);
    match (entry.kind, author) {
        (_, Some(author)) if entry.is_cut() => entry.verify_device(&author),
        // Whose it is cannot be told, and it is refused for that.
        (_, None) if entry.is_cut() => Ok(()),
        (EntryKind::Admission | EntryKind::Removal | EntryKind::Recovery, Some(author)) => {
            entry.verify(&before.authority)?;
            entry.verify_author(&author)
        }
        _ => entry.verify(&before.authority),
    }
}

pub(super) fn accept(entry: &Entry, before: &Standing) -> Result<(), Refusal> {
    let known = before.devices.contains_key(&entry.author);
    match entry.kind {
        EntryKind::Genesis | EntryKind::Unknown(_) => Ok(()),
        _ if !known => Err(Refusal::UnknownAuthor),
        EntryKind::Admission => {
            entry.devices.first().map_or(Err(Refusal::Malformed), |card| accept_device(card, before))
        }
        EntryKind::Recovery => Ok(()),
        EntryKind::Removal => accept_removal(entry, before),
        EntryKind::Cut | EntryKind::Kept => {
            let removed = |card: &DeviceCard| before.removed.get(&card.id).is_some_and(|removed| removed.card == *card);
            if entry.devices.iter().all(removed) { Ok(()) } else { Err(Refusal::OtherDevices) }
        }
        EntryKind::Branches => {
            let there = |card: &DeviceCard| before.card(&card.id) == Some(card);
            if entry.devices.iter().all(there) { Ok(()) } else { Err(Refusal::OtherDevices) }
        }
    }
}

fn accept_device(admitted: &DeviceCard, before: &Standing) -> Result<(), Refusal> {
    if before.removed.contains_key(&admitted.id) {
        return Err(Refusal::WasRemoved);
    }
    match before.devices.get(&admitted.id) {
        Some(there) if there != admitted => Err(Refusal::OtherKeys),
        None if before.devices.len() >= MAX_DEVICES => Err(Refusal::TooManyDevices),
        _ if !before.to_renew.is_empty() => Err(Refusal::NotRenewed),
        _ => Ok(()),
    }
}

fn accept_removal(entry: &Entry, before: &Standing) -> Result<(), Refusal> {
    let named = entry.devices.iter().all(|card| before.card(&card.id) == Some(card));
    let stay = before.devices.keys().filter(|id| !entry.removes(id));
    let renews = entry.authority.is_some_and(|authority| authority != before.authority);
    if named && renews && stay.eq(entry.stay().iter()) { Ok(()) } else { Err(Refusal::OtherDevices) }
}
