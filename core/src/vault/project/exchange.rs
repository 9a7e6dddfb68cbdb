//! Colleagues: the cards that came, and what was handed out to whom.

use jiff::civil::Date;

use crate::card::ContactCard;
use crate::id::{ColleagueId, DocId};
use crate::log::{DocType, Kind};
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::ledger::{Cards, MAX_CARD, MAX_COLLEAGUES};
use crate::vault::items::place::Entry;
use crate::vault::project::{Projection, list_trashed};
use crate::vault::registry::ColleaguesAt;

/// Keeps the timelines' entries of disclosures.
pub(super) struct DisclosureProjection;

impl Projection for DisclosureProjection {
    fn refresh(&self, core: &Core, tx: &mut Transaction, id: DocId, entry: &Entry) -> Result<(), RowError> {
        if entry.kind != DocType::Unknown(Kind::Disclosure.code()) {
            return Ok(());
        }
        let deleted = core.at(tx).documents().is_deleted(&id, entry)?;
        list_trashed(core, tx, id, entry, deleted.then(Default::default))?;
        let timeline = tx.timeline(core, entry.client)?;
        timeline.disclosures.retain(|other| *other != id);
        if !deleted {
            timeline.disclosures.push(id);
        }
        tx.todo.clients.insert(entry.client);
        Ok(())
    }
}

/// Takes in a colleague's card from a log.
pub(super) fn take_colleague(core: &Core, tx: &mut Transaction, id: ColleagueId, card: &[u8]) -> Result<(), RowError> {
    let mut cards = core.at(tx).cards()?;
    if cards.len() >= MAX_COLLEAGUES || card.len() > MAX_CARD {
        return Ok(());
    }
    // Of two cards of the same keys the later made stays, on every device the same one.
    if let Some((_, kept)) = cards.iter().find(|(other, _)| *other == id)
        && newest(kept) >= newest(card)
    {
        return Ok(());
    }
    cards.retain(|(other, _)| *other != id);
    cards.push((id, card.to_vec()));
    tx.put(&ColleaguesAt(), &Cards(cards));
    Ok(())
}

/// What orders two cards of the same keys.
fn newest(card: &[u8]) -> (Option<Date>, &[u8]) {
    (ContactCard::read(card).ok().map(|card| card.made()), card)
}
