//! Colleagues: this practice's card, and the cards of others.
//!
//! The keys on the card belong to the practice, so every device seals and opens with the same.

use jiff::civil::Date;

use crate::card::ContactCard;
use crate::id::{ColleagueId, DocId};
use crate::kem::WrapPublic;
use crate::log::{Kind, PRACTICE_KEY};
use crate::rows::RowError;
use crate::secret::{CardSigningRole, CardWrapRole, Key};
use crate::sign::Signer;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::subject::RecordError;
use crate::vault::subject::{Exchange, ExchangeMut};
use crate::{kdf, labels};

/// A colleague in the list.
pub struct ColleagueRow {
    /// The colleague's document.
    pub id: ColleagueId,
    /// The card that was added.
    pub card: ContactCard,
}

impl std::fmt::Debug for ColleagueRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ColleagueRow")
    }
}

impl Exchange<'_> {
    /// This practice's contact card.
    pub fn card(&self, name: &str, made: Date) -> Result<ContactCard, RecordError> {
        Ok(ContactCard::make(name, WrapPublic::of(&self.card_seed()), &self.card_signer(), made)?)
    }

    /// The colleagues, by name.
    pub fn colleagues(&self) -> Result<Vec<ColleagueRow>, RecordError> {
        let cards = self.core.read().cards()?;
        let mut rows: Vec<ColleagueRow> = cards
            .into_iter()
            .filter_map(|(id, card)| ContactCard::read(&card).ok().map(|card| ColleagueRow { id, card }))
            .collect();
        rows.sort_by(|a, b| (a.card.name(), a.id).cmp(&(b.card.name(), b.id)));
        Ok(rows)
    }

    pub(super) fn card_seed(&self) -> Key<CardWrapRole> {
        kdf::derive(&self.core.practice, labels::CARD_WRAP, b"")
    }

    pub(super) fn card_signer(&self) -> Signer {
        let seed: Key<CardSigningRole> = kdf::derive(&self.core.practice, labels::CARD_SIGN, b"");
        Signer::new(&seed)
    }
}

impl ExchangeMut<'_> {
    /// Adds a colleague by their card. The same card again changes nothing; a new card of the same keys replaces it.
    pub fn add_colleague(&mut self, card: &[u8]) -> Result<ColleagueId, RecordError> {
        let card = ContactCard::read(card)?;
        if card.keys().recipient.as_bytes() == WrapPublic::of(&self.reads().card_seed()).as_bytes() {
            return Err(RecordError::OwnCard);
        }
        let hash = kdf::mac(&self.core.practice, labels::COLLEAGUE, &[card.keys().recipient.as_bytes()]);
        let id = DocId::from_slice(hash.0.get(..16).unwrap_or_default()).ok_or(RowError::Damaged)?;
        if self.core.read().cards()?.iter().any(|(other, bytes)| *other == id && bytes == card.as_bytes()) {
            return Ok(id);
        }
        let mut out = Outbox::everyday();
        out.push(Kind::Colleague, id, PRACTICE_KEY, card.as_bytes().to_vec());
        commit(self.core, Transaction::default(), out)?;
        Ok(id)
    }
}
