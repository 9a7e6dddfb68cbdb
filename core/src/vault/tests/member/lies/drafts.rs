//! Lies in drafts: changes that are not its own, that contradict each other, or that take words of others out.

use super::Lie;
use crate::document::{Actor, Document, Heads};
use crate::id::{Hash, NoteId};
use crate::kdf;
use crate::log::Kind;
use crate::vault::items::home::Home;
use crate::vault::tests::history::tried;
use crate::vault::tests::member::world::{HOME, OFFICE, World};
use crate::vault::tests::note;

/// What the liar writes, which nobody else does.
const LIE: &str = "And this is a lie.";

/// Writes behind what a draft says, and gives the change.
fn written(draft: &mut Document, more: &str) -> Vec<u8> {
    let before = draft.heads();
    let text = format!("{} {more}", draft.text());
    draft.write(&draft.fields(), &text).unwrap();
    draft.changes_since(&before)
}

fn say_changes(world: &mut World, lie: Lie, (id, home): (NoteId, Home), chunks: &[Vec<u8>]) -> Option<()> {
    let said = chunks.iter().map(|chunk| world.about(Kind::Changes, id, &home, home.origin.with(chunk)));
    let said: Vec<_> = said.collect::<Option<_>>()?;
    world.say(lie, &said)
}

pub(super) fn anothers_change(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let victim = &world.history.devices[world.history.dice.roll(2)];
    let open = victim.core.caches.drafts.borrow().get(&of.0).map(|draft| draft.document.clone());
    let device = victim.device();
    let mut actor = world.fresh_actor();
    actor.0[..16].copy_from_slice(&device.0);
    let mut draft = open.or_else(|| world.draft(&of.0, &of.1, actor))?;
    let change = written(&mut draft, LIE);
    say_changes(world, lie, of, &[change])
}

pub(super) fn foreign_change(world: &mut World, lie: Lie) -> Option<()> {
    let (of, other) = (world.a_note()?, world.a_note()?);
    let (fresh, nowhere) = (world.fresh_actor(), world.liar.forge.dice.id());
    let begun = Document::begin(nowhere, &[].into(), LIE, fresh).unwrap().changes_since(&Heads::default());
    let foreign = world.draft(&other.0, &other.1, fresh).map(|mut draft| written(&mut draft, LIE));
    let chunks: Vec<_> = [begun].into_iter().chain(foreign.filter(|_| of.0 != other.0)).collect();
    say_changes(world, lie, of, &chunks)
}

pub(super) fn no_change(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let garbage = [&[0x85, 0x6f, 0x4a, 0x83][..], &[1; 60]].concat();
    say_changes(world, lie, of, &[garbage, Vec::new(), vec![7; 40]])
}

/// Each honest device is given one of the two and builds on it, before it hears of the other.
pub(super) fn number_twice(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let actor = world.fresh_actor();
    let draft = world.draft(&of.0, &of.1, actor)?;
    let first = world.liar.forge.made.len();
    for more in ["Once.", "Twice."] {
        let change = written(&mut draft.clone(), more);
        say_changes(world, lie, of, &[change])?;
    }
    if world.office_apart {
        return Some(());
    }
    for (at, number) in [(OFFICE, first), (HOME, first + 1)] {
        let log = world.liar.forge.log();
        let run = world.liar.forge.runs().into_iter().find(|(of, _)| *of == log)?.1;
        tried(world.history.devices[at].log_mut().offer_headers(&log, &run));
        world.tell_one(at, number);
        world.history.add_to(at, of.0);
    }
    Some(())
}

/// The change with another first operation, framed and summed as it should be.
fn renumbered(change: &[u8]) -> Option<Vec<u8>> {
    let (len, data) = leb128(&change[9..])?;
    let data = &data[..len];
    let (parents, rest) = leb128(data)?;
    let (actor_len, rest) = leb128(&rest[32 * parents..])?;
    let (_, after_number) = leb128(&rest[actor_len..])?;
    let (_, after_first) = leb128(after_number)?;
    let before = &data[..data.len() - after_number.len()];
    // A hundred thousand, in three bytes.
    let forged = [before, &[0xA0, 0x8D, 0x06], after_first].concat();
    let framed = [&[1][..], &to_leb128(forged.len()), &forged].concat();
    Some([&change[..4], &kdf::sha256(&framed).0[..4], &framed].concat())
}

fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let (number, rest) = bytes.split_at(end);
    Some((number.iter().rev().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f)), rest))
}

fn to_leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

pub(super) fn numbers_left_out(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let actor = world.fresh_actor();
    let change = written(&mut world.draft(&of.0, &of.1, actor)?, LIE);
    let forged = renumbered(&change)?;
    say_changes(world, lie, of, &[forged])
}

pub(super) fn change_on_nothing(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let actor = world.fresh_actor();
    let mut draft = world.draft(&of.0, &of.1, actor)?;
    written(&mut draft, "Nobody is given this.");
    let on_it = written(&mut draft, LIE);
    say_changes(world, lie, of, &[on_it])
}

pub(super) fn many_actors(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let draft = world.draft(&of.0, &of.1, Actor::NOBODY)?;
    let heads = draft.heads();
    let mut chunks = Vec::new();
    for _ in 0..200 {
        let actor = world.fresh_actor();
        chunks.push(written(&mut draft.fork_at(&heads, actor)?, "x"));
    }
    let together = chunks.concat();
    say_changes(world, lie, of, &[together])
}

pub(super) fn many_refused(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let actor = world.fresh_actor();
    let draft = world.draft(&of.0, &of.1, actor)?;
    let mut chunks: Vec<Vec<u8>> = (0..300).map(|number| written(&mut draft.clone(), &number.to_string())).collect();
    let refused = chunks.iter().filter_map(|change| renumbered(change)).collect::<Vec<_>>();
    chunks.extend(refused);
    say_changes(world, lie, of, &chunks)
}

pub(super) fn words_deleted(world: &mut World, lie: Lie) -> Option<()> {
    let of = world.a_note()?;
    let actor = world.fresh_actor();
    let mut draft = world.draft(&of.0, &of.1, actor)?;
    let before = draft.heads();
    let (fields, _) = crate::document::fields::of_note(&note(""));
    draft.write(&fields, LIE).unwrap();
    world.cut.insert(of.0);
    let change = draft.changes_since(&before);
    say_changes(world, lie, of, &[change])
}

/// What the liar deletes, and the version without it.
pub(super) fn cut_short(world: &mut World, of: (NoteId, Home)) -> Option<(Vec<u8>, Vec<Hash>, String)> {
    let actor = world.fresh_actor();
    let mut draft = world.draft(&of.0, &of.1, actor)?;
    let before = draft.heads();
    let text = draft.text();
    let kept: String = text.chars().take(text.chars().count() / 2).collect();
    draft.write(&draft.fields(), &kept).unwrap();
    world.cut.insert(of.0);
    Some((draft.changes_since(&before), draft.heads().hashes().to_vec(), kept))
}
