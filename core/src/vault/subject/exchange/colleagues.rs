//! Colleagues: this practice's card, and the cards of others.
//!
//! The keys on the card belong to the practice, so every device seals and opens with the same. They follow from the secret of an
//! epoch (format §10): a device that was lost has none of those that come after its removal. Old keys open, and never sign.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::card::ContactCard;
use crate::codec::Writer;
use crate::id::{ColleagueId, Hash};
use crate::kem::WrapPublic;
use crate::log::Kind;
use crate::rows::RowError;
use crate::secret::{CardSigningRole, CardWrapRole, EpochRole, Key};
use crate::share::{OpenError, sounds_like};
use crate::sign::Signer;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::home::Under;
use crate::vault::items::ledger::MOST_CARDS;
use crate::vault::subject::RecordError;
use crate::vault::subject::{Exchange, ExchangeMut};
use crate::{kdf, labels};

/// A colleague in the list.
pub struct ColleagueRow {
    /// The colleague's document.
    pub id: ColleagueId,
    /// The card that was added.
    pub card: ContactCard,
    /// Another colleague bears this name, or one of these keys: only the words, compared by telephone, tell who is who.
    pub alike: bool,
}

impl std::fmt::Debug for ColleagueRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ColleagueRow")
    }
}

impl Exchange<'_> {
    /// This practice's contact card.
    pub fn card(&self, name: &str, made: Date) -> Result<ContactCard, RecordError> {
        Ok(ContactCard::make(name, WrapPublic::of(&self.card_seed()?), &self.card_signer()?, made)?)
    }

    /// Whether the practice has had another contact card before: a device was lost since.
    pub fn has_new_card(&self) -> bool {
        let roster = &self.core.memory.roster;
        roster.epochs().first() != Some(&roster.contact_epoch())
    }

    /// The colleagues, by name.
    pub fn colleagues(&self) -> Result<Vec<ColleagueRow>, RecordError> {
        let cards = self.core.read().cards()?;
        let listed = cards.listed().into_iter();
        let mut rows: Vec<ColleagueRow> = listed
            .filter_map(|(id, card)| ContactCard::read(card).ok().map(|card| ColleagueRow { id, card, alike: false }))
            .collect();
        rows.sort_by(|a, b| (a.card.name(), a.id).cmp(&(b.card.name(), b.id)));
        let alike: Vec<bool> = rows
            .iter()
            .map(|row| rows.iter().any(|other| other.id != row.id && are_alike(&row.card, &other.card)))
            .collect();
        rows.iter_mut().zip(alike).for_each(|(row, alike)| row.alike = alike);
        Ok(rows)
    }

    fn card_seed(&self) -> Result<Key<CardWrapRole>, RowError> {
        Ok(kdf::derive(self.card_secret()?, labels::CARD_WRAP, b""))
    }

    /// Signs as the practice, with the key of the card in force and no other.
    pub(super) fn card_signer(&self) -> Result<Signer, RowError> {
        let seed: Key<CardSigningRole> = kdf::derive(self.card_secret()?, labels::CARD_SIGN, b"");
        Ok(Signer::new(&seed))
    }

    fn card_secret(&self) -> Result<&Key<EpochRole>, RowError> {
        let epoch = self.core.memory.roster.contact_epoch();
        self.core.memory.epochs.get(&epoch).ok_or(RowError::KeyNotHere)
    }

    /// What opens a record that was sealed to any card that this practice had, the one in force first.
    fn card_seeds(&self) -> Vec<Key<CardWrapRole>> {
        let roster = &self.core.memory.roster;
        let epochs = std::iter::once(roster.contact_epoch()).chain(roster.contact_epochs().into_iter().rev());
        let secrets = epochs.filter_map(|epoch| self.core.memory.epochs.get(&epoch));
        secrets.map(|secret| kdf::derive(secret, labels::CARD_WRAP, b"")).collect()
    }

    /// Opens something with the first of these that it was sealed to.
    pub(super) fn open_with_cards<T>(
        &self,
        mut open: impl FnMut(&Key<CardWrapRole>) -> Result<T, OpenError>,
    ) -> Result<T, OpenError> {
        let mut opened = Err(OpenError::ForSomebodyElse);
        for seed in self.card_seeds() {
            opened = open(&seed);
            if !matches!(opened, Err(OpenError::ForSomebodyElse)) {
                break;
            }
        }
        opened
    }
}

impl ExchangeMut<'_> {
    /// Adds a colleague by their card. The same card again changes nothing; a new card of the same keys replaces it, and one
    /// with another key is another colleague's, whatever name it bears. `now` is this device's clock: a card from a day to
    /// come would keep its place before all that are made until then.
    pub fn add_colleague(&mut self, card: &[u8], now: Millis) -> Result<ColleagueId, RecordError> {
        let card = ContactCard::read(card)?;
        if self.reads().card_seeds().iter().any(|seed| card.keys().recipient == WrapPublic::of(seed)) {
            return Err(RecordError::OwnCard);
        }
        if is_from_the_future(card.made(), now) {
            return Err(RecordError::FromTheFuture);
        }
        let id = self.core.read().colleague_of(card.keys());
        let cards = self.core.read().cards()?;
        if cards.listed().get(&id) == Some(&card.as_bytes()) {
            return Ok(id);
        }
        if !cards.has_room(&self.core.device, &id) {
            return Err(RecordError::TooManyColleagues);
        }
        let mut out = Outbox::everyday();
        // With its time, so that a card that was removed can be added again.
        out.push(Kind::Colleague, id, Under::Practice, [&now.to_le_bytes(), card.as_bytes()].concat());
        commit(self.core, Transaction::default(), out)?;
        Ok(id)
    }

    /// Takes a colleague off the list, on all devices. What was sealed for them or came from them stays where it is.
    pub fn remove_colleague(&mut self, id: &ColleagueId, now: Millis) -> Result<(), RecordError> {
        let cards = self.core.read().cards()?;
        if !cards.listed().contains_key(id) {
            return Err(RecordError::NoSuchColleague);
        }
        let heads: Vec<Hash> = cards.heads_of(id).into_iter().take(MOST_CARDS).collect();
        let mut out = Outbox::everyday();
        let mut payload = Writer::new();
        payload.u64(now).list(&heads, |writer, head| {
            writer.bytes(&head.0);
        });
        out.push(Kind::Delete, *id, Under::Practice, payload.finish());
        Ok(commit(self.core, Transaction::default(), out)?)
    }
}

/// Whether two cards of different colleagues bear one name, or share a key: then one of them may not be whose name it bears.
fn are_alike(one: &ContactCard, other: &ContactCard) -> bool {
    let (keys, others) = (one.keys(), other.keys());
    let shares = keys.recipient == others.recipient || keys.signing_key == others.signing_key;
    shares || sounds_like(one.name()) == sounds_like(other.name())
}

/// Whether a day is later than tomorrow: somewhere on earth it is tomorrow already.
fn is_from_the_future(day: Date, now: Millis) -> bool {
    let now = i64::try_from(now).ok().and_then(|now| Timestamp::from_millisecond(now).ok()).unwrap_or_default();
    let tomorrow = now.to_zoned(TimeZone::UTC).date().saturating_add(Span::new().days(1));
    day > tomorrow
}
