//! The practice's own contact card: a lost device cannot sign with it any more, a retired one takes nothing of it along.

use jiff::civil::date;

use super::*;
use crate::card::ContactCard;
use crate::share::OpenError;
use crate::vault::Gone;

fn card(vault: &Vault) -> ContactCard {
    vault.exchange().card("Dr. Salo", date(2026, 11, 21)).unwrap()
}

/// A colleague's practice that has this card, with a client.
fn colleague_of(card: &ContactCard) -> (Vault, ClientId, ColleagueId) {
    let mut vault = practice();
    let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = vault.notes_mut().add_note(&client, &note("She slept."), false, NOW).unwrap();
    vault.notes_mut().sign(&id, NOW).unwrap();
    let to = vault.exchange_mut().add_colleague(card.as_bytes(), CARDS_READ).unwrap();
    (vault, client, to)
}

fn sealed(vault: &mut Vault, client: ClientId, to: ColleagueId) -> Vec<u8> {
    vault.exchange_mut().seal_record(&referral(client, to), "Dr. Virta").unwrap().file
}

/// Three devices; the first removes the last.
fn removed_as(gone: Gone) -> (Vault, Vault, Vault, ContactCard) {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let mut laptop = second(&mut office, "Laptop");
    meet(&mut office, &mut home);
    meet(&mut office, &mut laptop);
    meet(&mut home, &mut laptop);
    let before = card(&office);
    for vault in [&home, &laptop] {
        assert_eq!(card(vault).keys(), before.keys(), "one card on all devices");
    }
    let device = laptop.device();
    office.devices_mut().remove_as(gone, &device, &passphrase("office"), NOW).unwrap();
    meet(&mut office, &mut home);
    (office, home, laptop, before)
}

#[test]
fn a_lost_device_cannot_sign_as_the_practice_which_has_a_new_card_on_all_devices() {
    let (mut office, mut home, laptop, before) = removed_as(Gone::Lost);
    let (now, stale) = (card(&office), card(&laptop));
    assert_eq!(card(&home).keys(), now.keys());
    assert!(now.keys().signing_key != before.keys().signing_key && now.keys().recipient != before.keys().recipient);
    assert!(office.exchange().has_new_card() && home.exchange().has_new_card());
    assert_eq!(stale.keys(), before.keys(), "all that the lost one has is the old card");
    // A colleague who has the new card tells the two apart: same name, other keys.
    let (mut colleague, ..) = colleague_of(&now);
    colleague.exchange_mut().add_colleague(stale.as_bytes(), CARDS_READ).unwrap();
    let rows = colleague.exchange().colleagues().unwrap();
    assert!(rows.len() == 2 && rows.iter().all(|row| row.alike));

    // What colleagues sealed to the old card still opens, and to the new one too; the lost device opens only the old one's.
    let (mut old, old_client, to_old) = colleague_of(&before);
    let (mut new, new_client, to_new) = colleague_of(&now);
    let (to_old, to_new) = (sealed(&mut old, old_client, to_old), sealed(&mut new, new_client, to_new));
    for vault in [&office, &home] {
        vault.exchange().open_record(&to_old).unwrap();
        vault.exchange().open_record(&to_new).unwrap();
    }
    laptop.exchange().open_record(&to_old).unwrap();
    assert_eq!(laptop.exchange().open_record(&to_new).unwrap_err(), OpenError::ForSomebodyElse.into());
    // None of one's own cards is a colleague's.
    for own in [before, now] {
        assert_eq!(office.exchange_mut().add_colleague(own.as_bytes(), CARDS_READ), Err(RecordError::OwnCard));
        assert_eq!(home.exchange_mut().add_colleague(own.as_bytes(), CARDS_READ), Err(RecordError::OwnCard));
    }
}

#[test]
fn what_is_sealed_after_a_loss_is_signed_with_the_new_card_and_a_colleague_with_the_old_one_is_told_no() {
    let (mut office, _, mut laptop, before) = removed_as(Gone::Lost);
    let now = card(&office);
    let (mut colleague, ..) = colleague_of(&before);
    let theirs = card(&colleague);
    let seal = |vault: &mut Vault| {
        let client = vault.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
        let to = vault.exchange_mut().add_colleague(theirs.as_bytes(), CARDS_READ).unwrap();
        vault.exchange_mut().seal_record(&referral(client, to), "Dr. Salo").unwrap().file
    };
    let (by_office, by_lost) = (seal(&mut office), seal(&mut laptop));
    assert_eq!(colleague.exchange().open_record(&by_office).unwrap_err(), OpenError::NotTheColleague.into());
    // Once they have the new card, and took the old one off the list, it is the other way round.
    let old = colleague.exchange().colleagues().unwrap()[0].id;
    colleague.exchange_mut().remove_colleague(&old, NOW).unwrap();
    colleague.exchange_mut().add_colleague(now.as_bytes(), CARDS_READ).unwrap();
    colleague.exchange().open_record(&by_office).unwrap();
    assert_eq!(colleague.exchange().open_record(&by_lost).unwrap_err(), OpenError::NotTheColleague.into());
}

#[test]
fn a_retired_device_is_out_and_the_practice_keeps_its_card() {
    let (office, home, laptop, before) = removed_as(Gone::Retired);
    assert!(office.devices().was_removed(&laptop.device()) && !office.exchange().has_new_card());
    for vault in [&office, &home] {
        assert_eq!(card(vault).keys(), before.keys());
    }
    assert_ne!(office.core.memory.roster.epoch(), laptop.core.memory.roster.epoch());
}

#[test]
fn a_device_that_comes_later_and_one_whose_keys_are_all_new_have_the_card_in_force() {
    let (mut office, ..) = removed_as(Gone::Lost);
    let newcomer = second(&mut office, "Newcomer");
    assert_eq!(card(&newcomer).keys(), card(&office).keys());
    let before = card(&office);
    new_keys::renew(&mut office, "office").unwrap();
    assert_ne!(card(&office).keys(), before.keys(), "making all keys new counts as a loss");
}
