//! Lies about who belongs to the practice, which kit is in force, and what a removal hands over.

use super::Lie;
use crate::id::{DeviceId, EpochId, Hash, LogId};
use crate::kem::WrapPublic;
use crate::log::Item;
use crate::roster::{Cut, DeviceCard, Entry, EntryKind, NewEpoch, SignedBy, removal_wraps};
use crate::secret::{AuthorityRole, DeviceSigningRole, Key, RecoveryRole};
use crate::sign::Signer;
use crate::vault::tests::member::forge::Said;
use crate::vault::tests::member::world::{HOME, World};
use crate::vault::tests::{NOW, new, passphrase, vectors};
use crate::vault::{JoiningDevice, Vault};

/// Says entries under the first epoch, which everybody has.
fn say_entries(world: &mut World, lie: Lie, entries: Vec<Vec<u8>>) -> Option<()> {
    let first = world.liar.vault.core.memory.roster.epochs().first().copied()?;
    let log = world.liar.forge.log();
    let said: Vec<_> = entries.into_iter().map(|entry| Said::Bare(Item::roster(entry))).collect();
    world.liar.forge.say_in(&world.liar.vault, lie, (log, first), &said);
    Some(())
}

fn own_card(world: &World) -> DeviceCard {
    world.liar.vault.core.memory.roster.card(&world.liar.vault.device()).unwrap().clone()
}

fn false_authority_key() -> Signer {
    Signer::new(&Key::<AuthorityRole>::take(&mut [9; 32]))
}

/// The authority's key, which the passphrase gives.
fn authority(world: &World) -> Option<Signer> {
    world.liar.vault.core.reauth.as_ref().map(|reauth| reauth.authority())
}

fn stranger() -> DeviceCard {
    let signing = Signer::new(&Key::<DeviceSigningRole>::take(&mut [0x57; 32])).public_key();
    let wrap = || ([2; 16], WrapPublic::of(&Key::<crate::secret::WrapRole>::take(&mut [0x58; 32])));
    DeviceCard::new(signing, wrap(), wrap(), "Stranger")
}

pub(super) fn orphans(world: &mut World, lie: Lie) -> Option<()> {
    let authority = false_authority_key();
    let by = SignedBy { device: &world.liar.vault.core.signer, authority: &authority };
    let entries =
        (0..100_u8).map(|number| Entry::admission(NOW, [Hash([number; 32])], own_card(world), vectors::handed(), &by));
    let entries: Vec<_> = entries.collect();
    for some in entries.chunks(50) {
        say_entries(world, lie, some.to_vec())?;
    }
    Some(())
}

pub(super) fn false_cuts(world: &mut World, lie: Lie) -> Option<()> {
    let roster = &world.liar.vault.core.memory.roster;
    let mut entries = vec![b"no entry".to_vec(), Vec::new()];
    for card in roster.live().into_iter().filter(|card| card.id != world.liar.vault.device()) {
        let cut = Cut { log: LogId::of(card.id, 0), seq: 0, head: Hash([1; 32]) };
        for kind in [EntryKind::Cut, EntryKind::Kept, EntryKind::Branches] {
            entries.push(Entry::cut(kind, NOW, roster.heads(), card.clone(), vec![cut], &world.liar.vault.core.signer));
        }
    }
    say_entries(world, lie, entries)
}

/// What a removal hands over, as the liar likes it.
struct Handed<'h> {
    gone: Vec<DeviceCard>,
    /// The secret that it commits to, and the one that those who stay are handed.
    secrets: (u8, u8),
    earlier: &'h [(EpochId, u8)],
    /// The authority that it names, and the one that it hands over.
    authorities: (u8, u8),
    at: u64,
}

fn removal(by: &Vault, authority: &Signer, signer: &Signer, handed: &Handed<'_>) -> Vec<u8> {
    let roster = &by.core.memory.roster;
    let stay: Vec<_> =
        roster.live().into_iter().filter(|other| !handed.gone.iter().any(|gone| gone.id == other.id)).collect();
    let given = Key::<AuthorityRole>::take(&mut [handed.authorities.1; 32]);
    let wraps = removal_wraps(&stay, &Key::take(&mut [handed.secrets.1; 32]), &given, &mut *by.core.entropy());
    let secrets: Vec<_> = handed.earlier.iter().map(|(epoch, byte)| (*epoch, Key::take(&mut [*byte; 32]))).collect();
    let listed = secrets.iter().map(|(epoch, secret)| (epoch, secret));
    let public = Signer::new(&Key::<AuthorityRole>::take(&mut [handed.authorities.0; 32])).public_key();
    let new = NewEpoch::new(&Key::take(&mut [handed.secrets.0; 32]), listed, public, &mut *by.core.entropy());
    let signed = SignedBy { device: signer, authority };
    Entry::removal(handed.at, roster.heads(), handed.gone.clone(), wraps, new, &signed)
}

fn honest_card(world: &World, at: usize) -> DeviceCard {
    let device = world.history.devices[at].device();
    world.liar.vault.core.memory.roster.card(&device).unwrap().clone()
}

fn gone(card: DeviceCard) -> Handed<'static> {
    Handed { gone: vec![card], secrets: (0x55, 0x55), earlier: &[], authorities: (0x99, 0x99), at: NOW }
}

pub(super) fn false_authority(world: &mut World, lie: Lie) -> Option<()> {
    let (authority, own) = (false_authority_key(), &world.liar.vault.core.signer);
    let by = SignedBy { device: own, authority: &authority };
    let heads = world.liar.vault.core.memory.roster.heads();
    let kit = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [5; 32]));
    let entries = vec![
        removal(&world.liar.vault, &authority, own, &gone(honest_card(world, HOME))),
        Entry::admission(NOW, heads.clone(), stranger(), vectors::handed(), &by),
        Entry::recovery(NOW, heads, vec![kit], &by),
    ];
    say_entries(world, lie, entries)
}

pub(super) fn unknown_entries(world: &mut World, lie: Lie) -> Option<()> {
    let authority = authority(world)?;
    let by = SignedBy { device: &world.liar.vault.core.signer, authority: &authority };
    let heads = world.liar.vault.core.memory.roster.heads();
    let kit = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [5; 32]));
    let entries = (50..60_u8).map(|kind| {
        // The kind stands behind the magic; what is signed is signed anew.
        let mut entry = Entry::recovery(NOW, heads.clone(), vec![kit.clone()], &by);
        entry[15] = kind;
        let message = entry.len() - 64;
        let signature = authority.sign(crate::labels::ROSTER, &entry[..message]);
        entry[message..].copy_from_slice(&signature.0);
        entry
    });
    let entries = entries.collect();
    say_entries(world, lie, entries)
}

/// Signed by the authority, which it has, and in the name of a device that never wrote it.
pub(super) fn anothers_name(world: &mut World, lie: Lie) -> Option<()> {
    let authority = authority(world)?;
    let heads = world.liar.vault.core.memory.roster.heads();
    let kit = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [5; 32]));
    let own = &world.liar.vault.core.signer;
    let by = SignedBy { device: own, authority: &authority };
    let (victim, at) = (world.history.devices[HOME].device(), own.public_key().device_id());
    let mut entries = vec![
        removal(&world.liar.vault, &authority, own, &gone(honest_card(world, 0))),
        Entry::admission(NOW, heads.clone(), stranger(), vectors::handed(), &by),
        Entry::recovery(NOW, heads, vec![kit], &by),
    ];
    for entry in &mut entries {
        let places: Vec<usize> =
            entry.windows(16).enumerate().filter(|(_, bytes)| *bytes == at.0).map(|(place, _)| place).collect();
        places.into_iter().for_each(|place| entry[place..place + 16].copy_from_slice(&victim.0));
        let message = entry.len() - 64;
        let signature = authority.sign(crate::labels::ROSTER, &entry[..message]);
        entry[message..].copy_from_slice(&signature.0);
    }
    say_entries(world, lie, entries)
}

pub(super) fn sybil(world: &mut World, lie: Lie) -> Option<()> {
    authority(world)?;
    let pass = passphrase("Sybil");
    let joining = JoiningDevice::new(&new(&pass, "Sybil"), &mut world.liar.forge.dice);
    let introduction = joining.introduction();
    let before: Vec<DeviceId> = world.liar.vault.core.memory.roster.live().iter().map(|card| card.id).collect();
    world.liar.vault.devices_mut().admit(&introduction, usize::MAX, NOW).ok()?;
    let after = world.liar.vault.core.memory.roster.live();
    world.sybils.extend(after.iter().map(|card| card.id).filter(|id| !before.contains(id)));
    world.answered(lie);
    Some(())
}

pub(super) fn own_kit(world: &mut World, lie: Lie) -> Option<()> {
    let authority = authority(world)?;
    let by = SignedBy { device: &world.liar.vault.core.signer, authority: &authority };
    let kit = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [0x4D; 32]));
    let entry = Entry::recovery(u64::MAX, world.liar.vault.core.memory.roster.heads(), vec![kit], &by);
    say_entries(world, lie, vec![entry])
}

/// None of them follows another, so that the roster ends in hundreds of entries.
pub(super) fn many_kits(world: &mut World, lie: Lie) -> Option<()> {
    let authority = authority(world)?;
    let by = SignedBy { device: &world.liar.vault.core.signer, authority: &authority };
    let kit = WrapPublic::of(&Key::<RecoveryRole>::take(&mut [0x4E; 32]));
    let heads = world.liar.vault.core.memory.roster.heads();
    let entries = (0..300).map(|number| Entry::recovery(NOW + number, heads.clone(), vec![kit.clone()], &by));
    let entries = entries.collect();
    say_entries(world, lie, entries)
}

/// A device of its own, let in and removed, and then a cut of it over and over: cuts are no one's parents.
pub(super) fn many_cuts(world: &mut World, lie: Lie) -> Option<()> {
    authority(world)?;
    sybil(world, lie)?;
    let id = world.sybils.pop()?;
    world.liar.vault.devices_mut().remove_device(&id, &passphrase("Lost"), NOW).ok()?;
    let roster = &world.liar.vault.core.memory.roster;
    let card = roster.removal_of(&id)?.card.clone();
    let cut = |number: u64| Cut { log: LogId::of(id, 0), seq: number, head: Hash([7; 32]) };
    let entries = (0..70).map(|number| {
        let cuts = vec![cut(number)];
        Entry::cut(EntryKind::Cut, NOW + number, roster.heads(), card.clone(), cuts, &world.liar.vault.core.signer)
    });
    let entries: Vec<_> = entries.collect();
    say_entries(world, lie, entries)
}

/// Somebody of its own goes, and those who stay are handed what this says.
fn hand(
    world: &mut World,
    lie: Lie,
    secrets: (u8, u8),
    authorities: (u8, u8),
    earlier: &[(EpochId, u8)],
) -> Option<()> {
    let old = authority(world)?;
    sybil(world, lie)?;
    let id = world.sybils.pop()?;
    let card = world.liar.vault.core.memory.roster.card(&id)?.clone();
    let handed = Handed { gone: vec![card], secrets, earlier, authorities, at: NOW };
    let entry = removal(&world.liar.vault, &old, &world.liar.vault.core.signer, &handed);
    say_entries(world, lie, vec![entry])
}

pub(super) fn noise_handed(world: &mut World, lie: Lie) -> Option<()> {
    hand(world, lie, (0x55, 0x44), (0x99, 0x99), &[])
}

pub(super) fn other_authority(world: &mut World, lie: Lie) -> Option<()> {
    hand(world, lie, (0x55, 0x55), (0x99, 0x98), &[])
}

pub(super) fn invented_secrets(world: &mut World, lie: Lie) -> Option<()> {
    let known = world.liar.vault.core.memory.roster.epochs().into_iter().map(|epoch| (epoch, 0x66));
    let invented = (0..3_000_u16).map(|number| {
        let mut epoch = EpochId([0x77; EpochId::LEN]);
        epoch.0[..2].copy_from_slice(&number.to_le_bytes());
        (epoch, 0x66)
    });
    let earlier: Vec<_> = known.chain(invented).collect();
    hand(world, lie, (0x55, 0x55), (0x99, 0x99), &earlier)
}

/// The office does not hear of it before it removes the liar: of two that remove each other the elder stays.
pub(super) fn eldest_removed(world: &mut World, lie: Lie) -> Option<()> {
    let old = authority(world)?;
    let handed = Handed { at: 1, ..gone(honest_card(world, 0)) };
    let entry = removal(&world.liar.vault, &old, &world.liar.vault.core.signer, &handed);
    world.office_apart = true;
    say_entries(world, lie, vec![entry])
}
