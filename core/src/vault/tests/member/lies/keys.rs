//! Lies about keys and epochs.

use zeroize::Zeroizing;

use super::Lie;
use crate::codec::Writer;
use crate::id::{ClientId, DeviceId, DocId, EpochId, KeyId};
use crate::kdf::sha256;
use crate::keyring::{Compartment, CompartmentEntry, Part};
use crate::log::{Description, Item, Kind, SEEN_MAX, Setting, SettingKind, WEEKS_MAX};
use crate::roster::Generation;
use crate::rows::Stored as _;
use crate::secret::{CompartmentRole, Key};
use crate::vault::items::keys::{Lacking, MOST_LACKING};
use crate::vault::tests::hostile::keys::part_of;
use crate::vault::tests::member::forge::Said;
use crate::vault::tests::member::world::World;

fn own_key(client: ClientId, compartment: Compartment) -> CompartmentEntry {
    CompartmentEntry::new(client, compartment, Key::<CompartmentRole>::take(&mut [0x66; 32]))
}

/// Names of keys that the liar made, under which nobody else may ever write.
pub(in crate::vault::tests::member) fn is_the_liars(key: &KeyId, clients: &[ClientId]) -> bool {
    let compartments = [Compartment::Identity, Compartment::Clinical, Compartment::Process];
    clients.iter().any(|client| compartments.iter().any(|of| own_key(*client, *of).id == *key))
}

/// A part for all devices.
fn part(world: &mut World, entries: &[CompartmentEntry], id: u8) -> Vec<u8> {
    part_of(&world.liar.vault, entries, id, &mut world.liar.forge.dice)
}

fn publishes(bytes: Vec<u8>) -> Said {
    Said::Bare(Item::bare(Kind::Keyring, DocId([5; 16]), bytes))
}

pub(super) fn keys_for_all(world: &mut World, lie: Lie) -> Option<()> {
    let clients: Vec<ClientId> = world.history.clients.iter().copied().take(20).collect();
    let entries = |compartment| clients.iter().map(move |client| own_key(*client, compartment));
    let clear: Vec<_> = entries(Compartment::Clinical).chain(entries(Compartment::Identity)).collect();
    let private: Vec<_> = entries(Compartment::Process).collect();
    let said = [part(world, &clear, 1), part(world, &private, 2)].map(publishes);
    world.say(lie, &said)
}

/// A part of one class whose names are these, over noise, for these readers.
fn named_part(class: u8, id: u8, names: &[KeyId], readers: &[(DeviceId, Generation)]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.bytes(&[id; 16]).u64(1).u8(class);
    writer.list(names, |writer, name| {
        writer.bytes(&name.0);
    });
    writer.list(readers, |writer, (device, generation)| {
        writer.bytes(&device.0).bytes(generation).lp(&[7; 200]);
    });
    writer.lp(&[9; 120]).finish()
}

pub(super) fn noise_under_names(world: &mut World, lie: Lie) -> Option<()> {
    let vault = &world.liar.vault;
    let cards = vault.core.memory.roster.readers(&vault.device());
    let private: Vec<_> = cards.iter().map(|card| (card.id, card.pkk_generation)).collect();
    let open: Vec<_> = cards.iter().map(|card| (card.id, card.dkk_generation)).collect();
    let mut names: Vec<KeyId> = Vec::new();
    for id in &world.history.notes {
        let Some(entry) = vault.core.read().entry(id).ok().flatten().filter(|entry| entry.is_private()) else {
            continue;
        };
        let item = entry.places.first().and_then(|(place, _)| vault.core.read().item(place).ok());
        names.extend(item.map(|(item, _)| item.key).filter(crate::keyring::is_process_key));
    }
    names.sort_unstable();
    names.dedup();
    names.truncate(64);
    let clear: Vec<KeyId> = vault.core.read().all_clear_keys().ok()?.into_iter().take(64).collect();
    let mut said = vec![publishes(named_part(1, 6, &clear, &open))];
    if !names.is_empty() {
        said.push(publishes(named_part(2, 0, &names, &private)));
        said.push(publishes(named_part(2, 7, &names, &private)));
    }
    world.say(lie, &said)
}

pub(super) fn other_class(world: &mut World, lie: Lie) -> Option<()> {
    let client = world.a_client()?;
    let mut bytes = part(world, &[own_key(client, Compartment::Process)], 3);
    let mut said = Vec::new();
    for class in [1, 3, 9] {
        // The class stands behind the id and the version.
        bytes[24] = class;
        said.push(publishes(bytes.clone()));
    }
    world.say(lie, &said)
}

/// The liar's own key for a client, for the office alone; everybody else is said to be a reader and is handed noise.
pub(super) fn good_for_one(world: &mut World, lie: Lie) -> Option<()> {
    let client = world.a_client()?;
    let vault = &world.liar.vault;
    let cards = vault.core.memory.roster.readers(&vault.device());
    let good = cards.first().map(|card| (card.id, card.dkk_generation, &card.dkk))?;
    let others = cards
        .iter()
        .skip(1)
        .map(|card| (card.id, card.dkk_generation, &vault.core.memory.roster.device(&good.0).unwrap().dkk));
    let readers: Vec<_> = [good].into_iter().chain(others).collect();
    let entries = [own_key(client, Compartment::Clinical)];
    let bytes =
        Part::publish(DocId([8; 16]), 1, &entries, vault.device(), &readers, &mut world.liar.forge.dice).unwrap();
    let key = || Key::<CompartmentRole>::take(&mut [0x66; 32]);
    let origin =
        crate::vault::items::home::DocumentOrigin { kind: crate::log::DocType::Note, client, nonce: [lie as u8; 16] };
    let json = br#"{"date":"2026-11-21","text":"For one alone."}"#;
    let payload = crate::vault::items::frozen::frozen_payload(&origin, &DocId([0; 16]), json);
    let said = Said::Under(Kind::Frozen, origin.id(), (entries[0].id, key()), payload);
    world.say(lie, &[publishes(bytes), said])
}

pub(super) fn false_epoch(world: &mut World, lie: Lie) -> Option<()> {
    let known: Vec<EpochId> = world.liar.vault.core.memory.roster.epochs();
    let invented = (0..40).map(|number| EpochId([number; EpochId::LEN]));
    let entries = known.into_iter().chain(invented).map(|epoch| own_key(DocId(epoch.0), Compartment::Epoch));
    let bytes = part(world, &entries.collect::<Vec<_>>(), 4);
    world.say(lie, &[publishes(bytes)])
}

pub(super) fn lacking_invented(world: &mut World, lie: Lie) -> Option<()> {
    let mut said = Vec::new();
    for round in 0..2 {
        let mut lacking = Lacking::default();
        for number in 0..MOST_LACKING {
            let mut bytes = [round; 16];
            bytes[1..3].copy_from_slice(&u16::try_from(number).unwrap().to_le_bytes());
            lacking.keys.insert(KeyId(bytes));
            lacking.epochs.insert(EpochId(bytes));
        }
        said.push(Said::Practice(Kind::Lacking, DocId([0; 16]), lacking.to_row()));
    }
    world.say(lie, &said)
}

pub(super) fn described_twice(world: &mut World, lie: Lie) -> Option<()> {
    let described = |name: &str| {
        let said =
            Description { number: u64::MAX, name: name.into(), first_week: 0, transport: vec![[9; 32]; WEEKS_MAX] };
        Said::Practice(Kind::Device, DocId([0; 16]), said.to_bytes())
    };
    world.say(lie, &[described("Office"), described("\u{202e}eciffO")])
}

pub(super) fn relay_for_all(world: &mut World, lie: Lie) -> Option<()> {
    let relay = |url: &str, seen: usize| {
        let seen = (0..seen as u64).map(|number| sha256(&number.to_le_bytes())).collect();
        let value = Zeroizing::new(url.as_bytes().to_vec());
        let said = Setting { kind: SettingKind::Relay, number: u64::MAX, seen, value };
        Said::Practice(Kind::Setting, DocId([0; 16]), said.to_bytes().to_vec())
    };
    world.say(lie, &[relay("https://the-liars.example", SEEN_MAX), relay("https://another.example", 0)])
}
