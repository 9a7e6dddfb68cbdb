//! What each device may write next.

use std::collections::BTreeSet;

use super::book::{Book, FIRST, Heard, Id, Saying, Words};
use super::world::{Honest, Practice, World};
use super::{Faulty, HONEST_SEQ, HOSTILE_OWN, HOSTILE_SEQ, HOSTILE_TIMES, NEW};

/// What an honest device may write, each with the authority whose key it has then. It follows the vault's own steps: the
/// passphrase gives the authority's new key where a removal handed that over; after two removals at the same time the keys
/// are renewed first; who was handed noise stands beside that removal.
pub(super) fn honest(practice: &Practice, book: &mut Book, world: &World, device: &Honest) -> Vec<(Id, Id)> {
    let view = book.view(device.roster).clone();
    if !view.stays(device.number) {
        return Vec::new();
    }
    let given = book.opens_authority(device.number, view.authority).then_some(view.authority);
    let authority = given.unwrap_or(device.authority);
    let holds = authority == view.authority;
    let mut sayings: Vec<(Vec<Id>, Saying, Id)> = Vec::new();
    if let Some((parents, also)) = stands_on(book, device.roster, authority, holds) {
        let whom: Vec<Vec<u8>> = match view.renew.as_slice() {
            renew if holds && !renew.is_empty() => vec![renew.to_vec()],
            _ => view.live.iter().filter(|one| **one != device.number).map(|one| vec![*one]).collect(),
        };
        for gone in whom {
            let gone: BTreeSet<u8> = gone.into_iter().chain(also.iter().copied()).collect();
            let saying = Saying::Removal { gone: gone.into_iter().collect(), noise: false };
            sayings.push((parents.clone(), saying, authority));
        }
    }
    let was_there = view.stays(NEW) || view.removed.iter().any(|(one, ..)| *one == NEW);
    let hands_on = device.known.iter().any(|epoch| view.epochs.contains(epoch));
    if holds && hands_on && view.renew.is_empty() && !was_there {
        sayings.push((view.heads.clone(), Saying::Admission { device: NEW }, authority));
    }
    if holds {
        sayings.push((view.heads.clone(), Saying::Kit { time: 0 }, authority));
    }
    for removed in book.owed_cuts(device.roster, device.number) {
        // Of this the passphrase is not asked.
        sayings.push((view.heads.clone(), Saying::Cut { of: removed, seq: HONEST_SEQ }, device.authority));
    }
    sayings.retain(|(_, saying, _)| practice.may_write(book, &world.written, false, saying));
    let mut written = Vec::new();
    for (parents, saying, authority) in sayings {
        let (by, known) = (device.number, device.known.clone());
        let entry = book.write(Words { by, author: by, parents, known, saying });
        let after = book.after(device.roster, entry);
        // Whether it is taken is known before anything of it is written.
        if book.view(after).taken.contains(&entry) {
            written.push((entry, authority));
        }
    }
    written
}

/// What a removal follows, and whom it names besides because that does not know that they are out.
fn stands_on(book: &Book, heard: Heard, authority: Id, holds: bool) -> Option<(Vec<Id>, Vec<u8>)> {
    let roster = book.roster(heard);
    let before = if holds { None } else { Some(roster.before_it_was_replaced(&book.authority_by(authority))?) };
    let base = before.as_ref().unwrap_or(roster);
    let out = book.view(heard).removed.iter().map(|(device, ..)| *device);
    let also = out.filter(|device| base.device(&book.card(*device).id).is_some()).collect();
    Some((ascending(base.heads().iter().map(|hash| book.id_of(hash)).collect()), also))
}

/// All that the hostile device, or the one that it let in, can sign after any of the entries, each in its own name: it knows every
/// one that was written, and the authority's keys that it was handed or made itself.
pub(super) fn hostile(practice: &Practice, book: &mut Book, world: &World) -> Vec<Id> {
    let mut said = Vec::new();
    for parents in strands(book, &world.written) {
        let roster = book.at(&parents);
        let lives = |book: &Book, device: &u8| roster.device(&book.card(*device).id).is_some();
        let own: Vec<u8> = [practice.hostile, HOSTILE_OWN].into_iter().filter(|device| lives(book, device)).collect();
        let others: Vec<u8> = (1..=NEW).filter(|device| *device != practice.hostile && lives(book, device)).collect();
        let authority = book.authority_of(roster.authority());
        let signs = [practice.hostile, HOSTILE_OWN].iter().any(|device| book.opens_authority(*device, authority));
        for by in &own {
            let removed: Vec<u8> = roster.removed().map(|one| book.number(&one.card.id)).collect();
            let cuts = removed.into_iter().map(|of| Saying::Cut { of, seq: HOSTILE_SEQ });
            said.extend(cuts.map(|saying| (*by, *by, parents.clone(), saying)));
            if signs {
                let all = removals(&others).into_iter();
                let all = all.chain(HOSTILE_TIMES.map(|time| Saying::Kit { time }));
                said.extend(all.map(|saying| (*by, *by, parents.clone(), saying)));
            }
        }
        // An admission is signed by its author's own key too: it stands in the name of one of the hostile side, or, where the judge
        // asks for no such signature, in that of the eldest whom the authority knows.
        let whoever = others.first().filter(|_| book.faulty == Some(Faulty::TakesAnyAuthor));
        let in_whose_name = whoever.or(own.first()).copied();
        let lets_in = in_whose_name.filter(|_| signs && roster.is_renewed());
        for device in [practice.hostile, HOSTILE_OWN] {
            let was_removed = roster.removal_of(&book.card(device).id).is_some();
            let author = lets_in.filter(|_| !was_removed);
            let saying = Saying::Admission { device };
            said.extend(author.map(|author| (practice.hostile, author, parents.clone(), saying)));
        }
    }
    said.retain(|(.., saying)| practice.may_write(book, &world.written, true, saying));
    let (_, known) = book.whole(&world.written);
    let words = said.into_iter().filter_map(|(by, author, parents, saying)| {
        let words = Words { by, author, parents, known: known.clone(), saying };
        book.can_write(&words).then(|| book.write(words))
    });
    ascending(words.collect())
}

/// Removals of every part of these devices; where one of them stays, with what is handed to it and with noise.
fn removals(others: &[u8]) -> Vec<Saying> {
    let mut removals = Vec::new();
    for part in 1..1_u32 << others.len() {
        let gone: Vec<u8> =
            others.iter().enumerate().filter(|(at, _)| part >> at & 1 == 1).map(|(_, device)| *device).collect();
        if gone.len() < others.len() {
            removals.push(Saying::Removal { gone: gone.clone(), noise: true });
        }
        removals.push(Saying::Removal { gone, noise: false });
    }
    removals
}

/// Every set of entries of which none follows another: what an entry can name as its parents. Cuts are nobody's parents.
fn strands(book: &Book, written: &[Id]) -> Vec<Vec<Id>> {
    let mut strands: Vec<Vec<Id>> = vec![Vec::new()];
    let all = FIRST.iter().chain(written).filter(|id| !matches!(book.page(**id).words.saying, Saying::Cut { .. }));
    for id in all {
        // Numbers ascend from parents to children.
        let apart = |strand: &&Vec<Id>| !strand.iter().any(|one| book.page(*id).before.contains(one));
        let longer: Vec<Vec<Id>> =
            strands.iter().filter(apart).map(|strand| [strand.as_slice(), &[*id]].concat()).collect();
        strands.extend(longer);
    }
    strands.retain(|strand| !strand.is_empty());
    strands
}

fn ascending(mut ids: Vec<Id>) -> Vec<Id> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
