//! Colleagues: the cards that came, and what was handed out to whom.

use crate::card::ContactCard;
use crate::codec::Reader;
use crate::id::{ColleagueId, DeviceId, DocId, Hash};
use crate::kdf;
use crate::log::{DocType, Kind};
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::ledger::{Cards, MOST_CARDS, RemovedCards, SaidCard};
use crate::vault::items::place::Entry;
use crate::vault::project::{Projection, list_trashed};
use crate::vault::registry::ColleaguesAt;

/// Keeps the timelines' entries of disclosures, and the colleagues' cards.
pub(super) struct DisclosureProjection;

impl Projection for DisclosureProjection {
    fn list(&self, _core: &Core, tx: &mut Transaction) -> Result<(), RowError> {
        if let Some(cards) = tx.cards.take() {
            tx.put(&ColleaguesAt(), &cards);
        }
        Ok(())
    }

    fn refresh(&self, core: &Core, tx: &mut Transaction, id: DocId, entry: &Entry) -> Result<(), RowError> {
        if entry.kind() != DocType::Unknown(Kind::Disclosure.code()) {
            return Ok(());
        }
        let deleted = core.at(tx).documents().is_deleted(&id, entry)?;
        list_trashed(core, tx, id, entry, deleted.then(Default::default))?;
        let timeline = tx.timeline(core, entry.client)?;
        timeline.disclosures.retain(|other| *other != id);
        if !deleted {
            timeline.disclosures.push(id);
            timeline.disclosures.sort_unstable();
        }
        tx.todo.clients.insert(entry.client);
        Ok(())
    }
}

/// Takes in a colleague's card from a log of this device: under the id that its keys make, or not at all.
pub(super) fn take_colleague(
    core: &Core,
    tx: &mut Transaction,
    by: DeviceId,
    id: ColleagueId,
    payload: &[u8],
) -> Result<(), RowError> {
    let mut reader = Reader::new(payload);
    let (at, card) = (reader.u64()?, reader.rest());
    let read = ContactCard::read(card).map_err(|_| RowError::Damaged)?;
    if core.at(tx).colleague_of(read.keys()) != id || read.as_bytes() != card {
        return Err(RowError::Damaged);
    }
    let said = SaidCard { at, head: kdf::sha256(payload), card: card.to_vec() };
    cards(core, tx)?.say(by, id, said);
    Ok(())
}

/// Takes in that this device took a colleague off the list.
pub(super) fn take_removed_colleague(
    core: &Core,
    tx: &mut Transaction,
    by: DeviceId,
    id: ColleagueId,
    payload: &[u8],
) -> Result<(), RowError> {
    let mut reader = Reader::new(payload);
    let at = reader.u64()?;
    let heads = reader.list(MOST_CARDS, |reader| reader.array().map(Hash))?.into_iter().collect();
    reader.finish()?;
    cards(core, tx)?.remove(by, id, RemovedCards { at, head: kdf::sha256(payload), heads });
    Ok(())
}

/// The cards that this transaction changes: read once, and written with the lists.
fn cards<'t>(core: &Core, tx: &'t mut Transaction) -> Result<&'t mut Cards, RowError> {
    let cards = match tx.cards.take() {
        Some(cards) => cards,
        None => core.at(tx).cards()?,
    };
    Ok(tx.cards.insert(cards))
}
