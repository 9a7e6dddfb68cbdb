//! Lies about whose and what documents are, and about what became of them.

use super::Lie;
use crate::codec::Writer;
use crate::document::Actor;
use crate::id::{DocId, Hash, KeyId, NoteId};
use crate::keyring::Compartment;
use crate::log::{DocType, Item, Kind};
use crate::vault::items::deletion::{delete_payload, naming};
use crate::vault::items::frozen::frozen_payload;
use crate::vault::items::home::{DocumentOrigin, Home, Move};
use crate::vault::items::merge::MergeItem;
use crate::vault::tests::home_of;
use crate::vault::tests::member::forge::Said;
use crate::vault::tests::member::world::World;

const SAID: &[u8] = br#"{"date":"2026-11-21","text":"Said by nobody."}"#;

fn frozen(of: &DocumentOrigin, json: &[u8]) -> Vec<u8> {
    frozen_payload(of, &DocId([0; 16]), json)
}

pub(super) fn other_origin(world: &mut World, lie: Lie) -> Option<()> {
    let ((id, home), client) = (world.a_note()?, world.a_client()?);
    let (of, key) = (home.origin, || world.key(&client, Compartment::Clinical));
    let fresh = DocumentOrigin { kind: DocType::ProcessNote, client, nonce: [lie as u8; 16] };
    let said = [
        Said::Under(Kind::Frozen, id, key()?, frozen(&DocumentOrigin { client, nonce: [9; 16], ..of }, SAID)),
        Said::Under(Kind::Frozen, id, key()?, frozen(&DocumentOrigin { kind: DocType::Measures, ..of }, SAID)),
        Said::Under(Kind::Changes, client, key()?, of.with(b"nothing")),
        Said::Under(Kind::Frozen, fresh.id(), key()?, frozen(&fresh, SAID)),
        Said::Under(Kind::Frozen, id, world.key(&client, Compartment::Identity)?, frozen(&of, SAID)),
    ];
    world.say(lie, &said)
}

pub(super) fn frozen_beside(world: &mut World, lie: Lie) -> Option<()> {
    let (id, home) = world.a_note()?;
    let said = world.about(Kind::Frozen, id, &home, frozen(&home.origin, SAID))?;
    world.say(lie, &[said])
}

pub(super) fn frozen_nothing(world: &mut World, lie: Lie) -> Option<()> {
    let (id, home) = world.a_note()?;
    let jsons: [&[u8]; 4] = [b"{}", b"null", br#"{"date":"2026-11-21","date":"2026-11-22","text":"Twice."}"#, b"\xff"];
    let said = jsons.map(|json| world.about(Kind::Frozen, id, &home, frozen(&home.origin, json)));
    let said: Vec<_> = said.into_iter().collect::<Option<_>>()?;
    world.say(lie, &said)
}

pub(super) fn private_noise(world: &mut World, lie: Lie) -> Option<()> {
    let notes = world.history.notes.clone();
    let mut key = KeyId([7; 16]);
    key.0[0] = Compartment::Process.code();
    let kinds = [Kind::Changes, Kind::File, Kind::Delete, Kind::Moved, Kind::Signed];
    let noise = |document, kind| Said::Bare(Item { kind, document, key, content: vec![5; 120] });
    let said: Vec<_> = notes.iter().take(8).flat_map(|id| kinds.map(|kind| noise(*id, kind))).collect();
    world.say(lie, &said)
}

pub(super) fn noise_of_every_kind(world: &mut World, lie: Lie) -> Option<()> {
    let (id, home) = world.a_note()?;
    let key = || world.key(&home.client, Compartment::Clinical);
    let mut said = Vec::new();
    for code in (1..=40).filter_map(std::num::NonZeroU8::new) {
        let (kind, short, long) = (Kind::of(code), vec![1; 3], home.origin.with(&[9; 60]));
        said.push(Said::Under(kind, id, key()?, short));
        said.push(Said::Under(kind, id, key()?, long.clone()));
        said.push(Said::Practice(kind, id, long.clone()));
        said.push(Said::Bare(Item::bare(kind, home.client, long)));
    }
    world.say(lie, &said)
}

pub(super) fn many_unusable(world: &mut World, lie: Lie) -> Option<()> {
    let (id, home) = world.a_note()?;
    let (key, _) = world.key(&home.client, Compartment::Clinical)?;
    let said: Vec<_> = (0..6_000)
        .map(|_| Said::Bare(Item { kind: Kind::Changes, document: id, key, content: vec![1; 100] }))
        .collect();
    world.say(lie, &said)
}

pub(super) fn many_waiting(world: &mut World, lie: Lie) -> Option<()> {
    let (id, _) = world.a_note()?;
    let key = |number: u16| {
        let mut key = KeyId([Compartment::Clinical.code(); 16]);
        key.0[1..3].copy_from_slice(&number.to_le_bytes());
        key
    };
    let waits = |key| Said::Bare(Item { kind: Kind::Changes, document: id, key, content: vec![1; 100] });
    let said: Vec<_> = (0..1_500).map(|number| waits(key(number))).chain((0..2_000).map(|_| waits(key(9)))).collect();
    world.say(lie, &said)
}

pub(super) fn moved_to_nobody(world: &mut World, lie: Lie) -> Option<()> {
    let (id, home) = world.a_note()?;
    let nobody = DocId([lie as u8; 16]);
    let says = Move { origin: home.origin, to: nobody, at: u64::MAX, seen: Vec::new() };
    let said = world.about(Kind::Moved, id, &home, says.to_bytes())?;
    world.say(lie, &[said])
}

pub(super) fn many_moves(world: &mut World, lie: Lie) -> Option<()> {
    let ((id, home), to) = (world.a_note()?, world.a_client()?);
    let moves = (0..40).map(|number| {
        let seen = (0..20).map(|other| Hash([other; 32])).collect();
        let says = Move { origin: home.origin, to, at: 5 + number, seen };
        world.about(Kind::Moved, id, &home, says.to_bytes())
    });
    let said: Vec<_> = moves.collect::<Option<_>>()?;
    world.say(lie, &said)
}

fn merge(world: &World, client: &DocId, into: DocId, at: u64) -> Option<Said> {
    let entry = world.liar.vault.core.read().entry(client).ok()??;
    let says = MergeItem { origin: entry.origin, into, merges: true, at, taken_back: vec![Hash([3; 32])] };
    Some(Said::Under(Kind::Merged, *client, world.key(client, Compartment::Identity)?, says.to_bytes()))
}

pub(super) fn merged_into_nobody(world: &mut World, lie: Lie) -> Option<()> {
    let client = world.a_client()?;
    let said = merge(world, &client, DocId([lie as u8; 16]), 0)?;
    world.say(lie, &[said])
}

pub(super) fn many_merges(world: &mut World, lie: Lie) -> Option<()> {
    let client = world.a_client()?;
    let others = world.history.clients.clone();
    let merges = (0..800_u64).map(|at| {
        let into = others[usize::try_from(at).unwrap() % others.len()];
        let into = if at % 3 == 0 { DocId([at.to_le_bytes()[0]; 16]) } else { into };
        merge(world, &client, into, at)
    });
    let said: Vec<_> = merges.collect::<Option<_>>()?;
    world.say(lie, &said)
}

/// Deletes a note at a time of its own choice.
fn deletion(world: &World, (id, home): &(NoteId, Home), at: u64) -> Option<Said> {
    let heads = world.draft(id, home, Actor::NOBODY)?.heads();
    let documents = world.liar.vault.core.read().documents();
    let entry = world.liar.vault.core.read().entry(id).ok()??;
    let material = documents.material(id, &entry).ok()?;
    let all: Vec<Hash> = material.hashes().chain(heads.hashes().iter().copied()).collect();
    world.about(Kind::Delete, *id, home, delete_payload(&home.origin, &all, at))
}

pub(super) fn deleted_long_ago(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let said = deletion(world, &of, 1)?;
    world.say(lie, &[said])
}

pub(super) fn deleted_in_the_future(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let said = deletion(world, &of, u64::MAX)?;
    world.say(lie, &[said])
}

pub(super) fn all_deleted(world: &mut World, lie: Lie) -> Option<()> {
    let notes = world.history.notes.clone();
    let mut said = Vec::new();
    for (number, id) in (0..).zip(&notes) {
        let vault = &world.liar.vault;
        let known = vault.core.read().entry(id).ok().flatten().filter(|entry| !entry.is_private());
        let Some(home) = known.map(|_| home_of(vault, id)) else { continue };
        said.extend(deletion(world, &(*id, home), world.now() + number));
        // Beside it a restoring of nothing, and a deletion that saw what there is none of.
        said.extend(world.about(Kind::Restore, *id, &home, naming(&home.origin, &[Hash([1; 32])])));
        said.extend(world.about(Kind::Delete, *id, &home, naming(&home.origin, &[Hash([2; 32]); 40])));
    }
    for client in world.history.clients.clone() {
        let Some(entry) = world.liar.vault.core.read().entry(&client).ok().flatten() else { continue };
        let key = world.key(&client, Compartment::Identity);
        let payload = delete_payload(&entry.origin, &[], 1);
        said.extend(key.map(|key| Said::Under(Kind::Delete, client, key, payload)));
    }
    (!said.is_empty()).then(|| world.say(lie, &said))?
}

pub(super) fn never_disclosed(world: &mut World, lie: Lie) -> Option<()> {
    let (client, other) = (world.a_client()?, world.a_client()?);
    let origin = DocumentOrigin { kind: DocType::of(Kind::Disclosure.code()), client, nonce: [lie as u8; 16] };
    let payload = |said: &str| {
        let mut payload = Writer::new();
        origin.write(&mut payload);
        payload.bytes(said.as_bytes()).finish()
    };
    let (of_another, nothing) = (format!(r#"{{"client":"{other}x"}}"#), "{}".to_owned());
    let key = || world.key(&client, Compartment::Clinical);
    let said = [
        Said::Under(Kind::Disclosure, origin.id(), key()?, payload(&of_another)),
        Said::Under(Kind::Disclosure, origin.id(), key()?, payload(&nothing)),
        Said::Under(Kind::Disclosure, origin.id(), key()?, payload(&format!(r#"{{"client":"{client}"}}"#))),
    ];
    world.say(lie, &said)
}
