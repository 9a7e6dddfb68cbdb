//! Secrets of epochs that a device of the practice hands to others with a removal.

use super::*;
use crate::log::Item;
use crate::roster::{NewEpoch, SignedBy, removal_wraps};

/// What a removal hands over: the secret that it commits to and the one that it hands out, earlier ones, and the seed of the
/// authority in the wraps of those who stay, which is 0x99 in force.
struct Lie<'a> {
    said: u8,
    handed: u8,
    earlier: &'a [(EpochId, u8)],
    authority: u8,
}

impl Default for Lie<'_> {
    fn default() -> Self {
        Self { said: 0x55, handed: 0x55, earlier: &[], authority: 0x99 }
    }
}

/// A removal of `gone` by this device that hands over what it likes.
fn removal(by: &Vault, gone: &Vault, lie: &Lie<'_>) -> Vec<u8> {
    let roster = &by.core.memory.roster;
    let card = roster.card(&gone.device()).unwrap().clone();
    let stay: Vec<_> = roster.live().into_iter().filter(|other| other.id != card.id).collect();
    let handed = Key::<AuthorityRole>::take(&mut [lie.authority; 32]);
    let wraps = removal_wraps(&stay, &Key::take(&mut [lie.handed; 32]), &handed, &mut *by.core.entropy());
    let secrets: Vec<_> = lie.earlier.iter().map(|(epoch, byte)| (*epoch, Key::take(&mut [*byte; 32]))).collect();
    let listed = secrets.iter().map(|(epoch, secret)| (epoch, secret));
    let public = Signer::new(&Key::<AuthorityRole>::take(&mut [0x99; 32])).public_key();
    let new = NewEpoch::new(&Key::take(&mut [lie.said; 32]), listed, public, &mut *by.core.entropy());
    let old = by.core.reauth.as_ref().unwrap().authority();
    let signed = SignedBy { device: &by.core.signer, authority: &old };
    Entry::removal(NOW, roster.heads(), vec![card], wraps, new, &signed)
}

fn say(by: &mut Vault, entry: Vec<u8>) {
    let mut out = Outbox { epoch: by.core.memory.roster.epochs().first().copied(), ..Outbox::everyday() };
    out.keyring.push(Item::roster(entry));
    commit(&mut by.core, Transaction::default(), out).unwrap();
}

/// Everybody of the practice, the last of them to be removed by the one before.
fn three() -> (Vault, Vault, Vault) {
    let mut office = practice();
    let mut home = second(&mut office, "Home");
    let mut sybil = second(&mut office, "Sybil");
    meet(&mut office, &mut home);
    meet(&mut office, &mut sybil);
    meet(&mut office, &mut home);
    home.reauthenticate(&passphrase("Home"), NOW).unwrap();
    (office, home, sybil)
}

#[test]
fn thousands_of_invented_secrets_are_passed_over_and_the_practice_opens_and_removes_who_sent_them() {
    let (mut office, mut home, sybil) = three();
    let invented = |number: u16| {
        let mut epoch = EpochId([0x77; EpochId::LEN]);
        epoch.0[..2].copy_from_slice(&number.to_le_bytes());
        (epoch, 0x66)
    };
    let first = office.core.memory.roster.epoch();
    let earlier: Vec<_> = (0..5_000).map(invented).chain([(first, 0x66)]).collect();
    let entry = removal(&home, &sybil, &Lie { earlier: &earlier, ..Lie::default() });
    say(&mut home, entry);
    carry(&home, &mut office);
    assert_eq!(office.core.memory.epochs.len(), 2, "the one before, and the one that was opened");
    let mut office = office.lock().unwrap().unlock(&passphrase("office"), NOW).map_err(|still| still.error).unwrap();
    assert_eq!(office.core.memory.epochs.len(), 2);
    office.devices_mut().remove_device(&home.device(), &passphrase("office"), NOW).unwrap();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut tablet = second(&mut office, "Tablet");
    carry(&office, &mut tablet);
    assert!(tablet.clients().client(&client).is_ok());
}

#[test]
fn whom_a_removal_hands_noise_goes_on_reading_writing_and_removing() {
    let (mut office, mut home, sybil) = three();
    let entry = removal(&home, &sybil, &Lie { handed: 0x44, ..Lie::default() });
    say(&mut home, entry);
    carry(&home, &mut office);
    assert!(!office.core.memory.epochs.contains_key(&office.core.memory.roster.epoch()), "it was handed another");
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut office = office.lock().unwrap().unlock(&passphrase("office"), NOW).map_err(|still| still.error).unwrap();
    assert!(office.clients().client(&client).is_ok());
    office.devices_mut().remove_device(&home.device(), &passphrase("office"), NOW).unwrap();
    assert!(office.core.memory.epochs.contains_key(&office.core.memory.roster.epoch()));
}

#[test]
fn whom_a_removal_hands_another_authority_removes_its_author_all_the_same_and_lets_devices_in() {
    let (mut office, mut home, sybil) = three();
    let entry = removal(&home, &sybil, &Lie { authority: 0x98, ..Lie::default() });
    say(&mut home, entry);
    carry(&home, &mut office);
    assert_eq!(office.devices_mut().remove_device(&home.device(), &passphrase("office"), NOW), Ok(()));
    let live = |vault: &Vault| vault.core.memory.roster.live().iter().map(|card| card.id).collect::<Vec<_>>();
    assert!(!live(&office).contains(&home.device()));
    // Whom the other removal put out is not let in again by this one's standing beside it.
    assert!(!live(&office).contains(&sybil.device()));
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let mut tablet = second(&mut office, "Tablet");
    carry(&office, &mut tablet);
    assert!(tablet.clients().client(&client).is_ok() && live(&tablet) == live(&office));
    assert!(office.integrity().verify(&mut |_, _| {}).unwrap().damaged.is_empty());
}
