//! Lies in signatures.

use serde_json::{Value, json};

use super::{Lie, drafts};
use crate::codec::Writer;
use crate::document::Actor;
use crate::id::{Hash, NoteId};
use crate::labels;
use crate::log::{DocType, Kind};
use crate::vault::Vault;
use crate::vault::items::home::Home;
use crate::vault::items::pruning::{changes_in, closed_payload};
use crate::vault::tests::member::forge::Said;
use crate::vault::tests::member::world::World;

/// What a statement says.
fn statement(by: &Vault, (note, home): (NoteId, &Home), text: &str, heads: &[Hash]) -> Value {
    let heads: Vec<String> = heads.iter().map(Hash::to_string).collect();
    let mut said = json!({
        "format": 2, "note": note, "client": home.client, "kind": "note",
        "content": {"date": "2026-11-21", "format": "Free", "text": text},
        "heads": heads, "signed_at": "2026-11-21T10:00:00Z", "device": by.device(),
    });
    if home.origin.kind == DocType::ProcessNote {
        said["process"] = true.into();
    }
    said
}

/// Bytes with the liar's signature, as an item's payload.
fn signed(by: &Vault, home: &Home, bytes: &[u8]) -> Vec<u8> {
    let signature = by.core.signer.sign(labels::NOTE, bytes);
    let mut payload = Writer::new();
    home.origin.write(&mut payload);
    payload.lp(bytes).bytes(&by.core.signer.public_key().0).bytes(&signature.0).finish()
}

fn say_signed(world: &mut World, lie: Lie, of: (NoteId, Home), said: &Value) -> Option<()> {
    let payload = signed(&world.liar.vault, &of.1, &serde_json::to_vec(said).unwrap());
    let said = world.about(Kind::Signed, of.0, &of.1, payload)?;
    world.say(lie, &[said])
}

/// Says that the draft of a note is over, and every envelope of it.
fn say_closed(world: &mut World, lie: Lie, id: NoteId) -> Option<()> {
    let entry = world.liar.vault.core.read().entry(&id).ok()??;
    let names: Vec<Hash> = changes_in(&entry).into_iter().collect();
    world.closed.insert(id);
    let numbers = world.numbers_of(&names);
    world.say(lie, &[Said::Practice(Kind::Closed, id, closed_payload(&numbers))])
}

pub(super) fn deleted_then_signed(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let (change, heads, kept) = drafts::cut_short(world, of)?;
    let change = world.about(Kind::Changes, of.0, &of.1, of.1.origin.with(&change))?;
    world.say(lie, &[change])?;
    let said = statement(&world.liar.vault, (of.0, &of.1), &kept, &heads);
    say_signed(world, lie, of, &said)?;
    say_closed(world, lie, of.0)
}

pub(super) fn nothing_signed(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let heads = world.draft(&of.0, &of.1, Actor::NOBODY)?.heads();
    let said = statement(&world.liar.vault, (of.0, &of.1), "", heads.hashes());
    say_signed(world, lie, of, &said)?;
    say_closed(world, lie, of.0)
}

pub(super) fn heads_of_nobody(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let text = world.draft(&of.0, &of.1, Actor::NOBODY)?.text();
    let said = statement(&world.liar.vault, (of.0, &of.1), &text, &[Hash([7; 32])]);
    say_signed(world, lie, of, &said)?;
    say_closed(world, lie, of.0)
}

pub(super) fn other_words(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let heads = world.draft(&of.0, &of.1, Actor::NOBODY)?.heads();
    let mut said = statement(&world.liar.vault, (of.0, &of.1), "It was never said.", heads.hashes());
    said["signed_at"] = "1970-01-01T00:00:00Z".into();
    say_signed(world, lie, of, &said)
}

pub(super) fn signature_elsewhere(world: &mut World, lie: Lie) -> Option<()> {
    let (of, other) = (world.a_note()?, world.a_note()?);
    let said = statement(&world.liar.vault, (other.0, &other.1), "Of another note.", &[]);
    say_signed(world, lie, of, &said)
}

pub(super) fn anothers_signature(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let mut said = statement(&world.liar.vault, (of.0, &of.1), "Said by another.", &[]);
    said["device"] = world.history.devices[0].device().to_string().into();
    say_signed(world, lie, of, &said)
}

pub(super) fn named_twice(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let said = statement(&world.liar.vault, (of.0, &of.1), "Named twice.", &[]);
    let bytes = serde_json::to_string(&said).unwrap().replacen('{', r#"{"note":"0","#, 1);
    let payload = signed(&world.liar.vault, &of.1, bytes.as_bytes());
    let said = world.about(Kind::Signed, of.0, &of.1, payload)?;
    world.say(lie, &[said])
}

pub(super) fn odd_signature(world: &mut World, lie: Lie) -> Option<()> {
    let (of, other) = (world.a_note()?, world.a_client()?);
    let heads = world.draft(&of.0, &of.1, Actor::NOBODY)?.heads();
    let mut said = statement(&world.liar.vault, (of.0, &of.1), "Said.", heads.hashes());
    said["client"] = other.to_string().into();
    said["content"]["minutes"] = json!("045");
    said["content"]["later"] = json!({"an object": 1.50});
    let last = said.clone();
    said["content"]["minutes"] = json!(45);
    say_signed(world, lie, of, &said)?;
    say_signed(world, lie, of, &last)
}
