//! Contact cards with which somebody tries to pass for a colleague whose card is known, from outside and from inside.

use super::super::CARDS_READ;
use super::*;
use crate::card::ContactCard;
use crate::kem::WrapPublic;
use crate::secret::{CardSigningRole, CardWrapRole};
use crate::vault::RecordError;

fn signer(byte: u8) -> Signer {
    Signer::new(&Key::<CardSigningRole>::take(&mut [byte; 32]))
}

fn reader(byte: u8) -> WrapPublic {
    WrapPublic::of(&Key::<CardWrapRole>::take(&mut [byte; 32]))
}

/// A card of this name: which seeds its two keys are of, and when it says that it was made.
fn card(name: &str, (recipient, signing): (u8, u8), made: (i16, i8, i8)) -> ContactCard {
    let made = jiff::civil::date(made.0, made.1, made.2);
    ContactCard::make(name, reader(recipient), &signer(signing), made).unwrap()
}

const DAY: (i16, i8, i8) = (2026, 11, 20);

/// The names in the list, each with its keys' words and whether another is like it.
fn listed(vault: &Vault) -> Vec<(String, Vec<&'static str>, bool)> {
    let rows = vault.exchange().colleagues().unwrap();
    rows.into_iter().map(|row| (row.card.name().to_owned(), row.card.safety_words(), row.alike)).collect()
}

#[test]
fn a_card_with_one_key_or_the_name_of_a_known_colleague_is_another_ones_and_both_are_marked() {
    for forged in [card("Dr B", (1, 66), DAY), card("Dr B", (66, 2), DAY), card("dr b", (66, 67), (2026, 11, 21))] {
        let mut office = practice();
        let known = office.exchange_mut().add_colleague(card("Dr B", (1, 2), DAY).as_bytes(), CARDS_READ).unwrap();
        assert!(listed(&office).iter().all(|(.., alike)| !alike));
        let other = office.exchange_mut().add_colleague(forged.as_bytes(), CARDS_READ).unwrap();
        assert_ne!(other, known, "what was compared is said of the other keys");
        assert!(listed(&office).len() == 2 && listed(&office).iter().all(|(.., alike)| *alike));
        // Whoever is not theirs is taken off the list, on all devices, and can be added again.
        office.exchange_mut().remove_colleague(&other, CARDS_READ).unwrap();
        assert_eq!(listed(&office).len(), 1);
        assert_eq!(office.exchange_mut().remove_colleague(&other, CARDS_READ), Err(RecordError::NoSuchColleague));
        let mut home = second(&mut office, "Home");
        meet(&mut office, &mut home);
        assert_eq!(listed(&home), listed(&office));
        assert_eq!(home.exchange_mut().add_colleague(forged.as_bytes(), CARDS_READ + 1).unwrap(), other);
        meet(&mut office, &mut home);
        assert_eq!((listed(&office).len(), listed(&home)), (2, listed(&office)));
    }
}

#[test]
fn a_new_card_of_the_same_keys_replaces_the_one_before_and_one_of_a_day_to_come_is_refused() {
    let mut office = practice();
    let id = office.exchange_mut().add_colleague(card("Dr B", (1, 2), DAY).as_bytes(), CARDS_READ).unwrap();
    let renamed = card("Dr B-C", (1, 2), (2026, 11, 21));
    assert_eq!(office.exchange_mut().add_colleague(renamed.as_bytes(), CARDS_READ).unwrap(), id);
    assert_eq!(listed(&office)[0].0, "Dr B-C");
    let far = card("Dr B", (1, 2), (9999, 12, 31));
    assert_eq!(office.exchange_mut().add_colleague(far.as_bytes(), CARDS_READ), Err(RecordError::FromTheFuture));
}

#[test]
fn a_device_of_the_practice_puts_no_card_under_another_colleagues_id_and_fills_its_own_places_alone() {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let id = office.exchange_mut().add_colleague(card("Dr B", (1, 2), DAY).as_bytes(), CARDS_READ).unwrap();
    meet(&mut office, &mut home);
    let before = listed(&office);
    let mut out = Outbox::everyday();
    let said = |card: &ContactCard, at: u64| [&at.to_le_bytes(), card.as_bytes()].concat();
    for forged in [card("Dr B", (66, 67), (2026, 11, 21)), card("Dr B", (1, 67), (2026, 11, 21))] {
        out.push(Kind::Colleague, id, Under::Practice, said(&forged, NOW));
    }
    out.push(Kind::Colleague, id, Under::Practice, b"no card".to_vec());
    // One card, said over and over: it has one place, and taking it off the list takes one word.
    let own = card("Dr M", (70, 71), DAY);
    let theirs = home.core.read().colleague_of(own.keys());
    (0..1_100).for_each(|at| out.push(Kind::Colleague, theirs, Under::Practice, said(&own, at)));
    commit(&mut home.core, Transaction::default(), out).unwrap();
    meet(&mut office, &mut home);
    assert_eq!(office.log().set_aside_count().unwrap(), 3);
    assert_eq!(listed(&office), [before, vec![("Dr M".into(), own.safety_words(), false)]].concat());
    office.exchange_mut().add_colleague(card("Dr C", (3, 4), DAY).as_bytes(), CARDS_READ).unwrap();
    meet(&mut office, &mut home);
    assert_eq!((listed(&office).len(), listed(&home)), (3, listed(&office)));
    // What it says again is taken off again, and nothing that was taken off comes back for that.
    for round in 0..3 {
        office.exchange_mut().remove_colleague(&theirs, CARDS_READ + round).unwrap();
        assert_eq!(listed(&office).len(), 2);
        let mut out = Outbox::everyday();
        out.push(Kind::Colleague, theirs, Under::Practice, said(&own, u64::MAX - 10 + round));
        commit(&mut home.core, Transaction::default(), out).unwrap();
        meet(&mut office, &mut home);
        assert_eq!(listed(&office).len(), 3);
    }
    assert_eq!(office.core.read().cards().unwrap().removed.len(), 1);
}
