//! What others put into the folder: their statements, and out of their batches what is lacking here.

use std::collections::BTreeSet;

use super::batch::{self, Listing};
use super::memory::Memory;
use super::name::{ObjectName, Word};
use super::planted::{FolderFaultPlanted as Planted, is_planted};
use super::statement::Statement;
use super::{FolderExchange, FolderObject, FolderWorld, NOT_YET, Objects, Stated, Tried, padding};
use crate::id::{LogId, ObjectHash, PeerId, PieceHash};
use crate::shelf::ShelfError;
use crate::wire::limits;

/// Milliseconds after which what was not there yet is looked for again; later after as long as it has not been there by then, so that
/// half an object that nobody ends costs little.
const AGAIN: u64 = 10_000;
/// Milliseconds for which nothing of a device, or only older things, may lie there before that is said: who copies a folder may
/// take the old away before it brings the new.
const SET_BACK: u64 = 10 * 60 * 1_000;

/// How often a batch is read that brings nothing of what it is said to hold, before it rests for a while: who names what nobody has
/// costs no more.
const IN_VAIN: u32 = 3;
/// How often all batches are looked through in one visit.
const ROUNDS: usize = 64;
/// Milliseconds for which it rests.
const RESTS: u64 = 30 * 60 * 1_000;

/// What came of looking into the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderCame {
    /// Something is here that was not before, or another device said where it stands.
    pub news: bool,
    /// The folder, or what is here, is not as it was when it was looked into last: something may be due.
    pub changed: bool,
    /// What is not as it was left there.
    pub trouble: Option<FolderTrouble>,
}

/// What is wrong with a folder. Nothing is lost by any of them, and what is lacking there is put there again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderTrouble {
    /// What this device had put there is gone.
    Emptied,
    /// Something older lies there than lay there before.
    RolledBack(PeerId),
    /// What another device had put there is gone.
    Withheld(PeerId),
}

/// Why the folder could not be looked into.
#[derive(Debug, PartialEq, Eq)]
pub enum FolderFault<E> {
    /// Whoever keeps the folder.
    Objects(E),
    /// The practice.
    Shelf(ShelfError),
}

impl<E> From<ShelfError> for FolderFault<E> {
    fn from(error: ShelfError) -> Self {
        Self::Shelf(error)
    }
}

impl FolderExchange {
    /// Looks into the folder, and takes what is lacking here. With nothing new in it, it is one list.
    ///
    /// # Errors
    /// [`FolderFault`]; what came before it is kept.
    pub fn read<O: Objects>(
        &mut self,
        world: &mut FolderWorld<'_>,
        objects: &O,
        now: u64,
    ) -> Result<FolderCame, FolderFault<O::Error>> {
        let list = objects.list().map_err(FolderFault::Objects)?;
        let present: BTreeSet<ObjectName> = list.iter().filter_map(|name| ObjectName::parse(name)).collect();
        let root = world.shelf.root()?;
        let is_as_before = self.has_read.is_some_and(|(before, again)| before == root && now < again);
        if is_as_before && present == self.present {
            return Ok(FolderCame { news: false, changed: false, trouble: self.trouble(now) });
        }
        self.present = present;
        self.notice_copy(world, objects)?;
        let emptied = self.notice_own();
        let said = self.read_statements(world, objects, now)?;
        let came = self.read_batches(world, objects, now)?;
        self.place(world)?;
        let youngest = self.not_yet.values().max();
        let wait = youngest.map(|since| now.saturating_sub(*since).clamp(AGAIN, RESTS));
        self.has_read = Some((world.shelf.root()?, wait.map_or(u64::MAX, |wait| now.saturating_add(wait))));
        self.notice_set_back(world, now);
        let trouble = emptied.then_some(FolderTrouble::Emptied).or_else(|| self.trouble(now));
        Ok(FolderCame { news: said || came, changed: true, trouble })
    }

    /// A statement under this device's tag that is newer than its own was written by a copy of it, or before its practice was put back
    /// to an older state: it goes on under another tag, and reads what lies under that one as it reads anybody's.
    fn notice_copy<O: Objects>(
        &mut self,
        world: &mut FolderWorld<'_>,
        objects: &O,
    ) -> Result<(), FolderFault<O::Error>> {
        let Memory { tag, lies, written, number, .. } = self.memory;
        let own = self.present.iter().filter(|name| name.word == Word::Statement && name.tag == tag);
        let strange: Vec<_> = own.filter(|name| ![lies, written].contains(&Some(name.hash))).copied().collect();
        for name in strange {
            let Some(sealed) = fetch(world, objects, &name)? else { continue };
            let opened = world.seals.open(FolderObject::Statement, &tag, &sealed);
            let statement = opened.and_then(|(_, plain)| Statement::parse(padding::unpad(&plain)?));
            if statement.is_some_and(|statement| statement.number > number) && self.spare != tag {
                let heard = std::mem::take(&mut self.memory.heard);
                self.memory = Memory { number, heard, ..Memory::new(self.spare) };
                break;
            }
        }
        Ok(())
    }

    /// Whether what this device had put there is gone; what is left of it is noted.
    fn notice_own(&mut self) -> bool {
        let lies = |hash: &Option<ObjectHash>| {
            hash.is_some_and(|hash| self.present.contains(&self.own(Word::Statement, hash)))
        };
        match (lies(&self.memory.written), lies(&self.memory.lies)) {
            (true, _) => self.memory.lies = self.memory.written,
            (false, true) => {}
            (false, false) => return self.memory.lies.take().is_some(),
        }
        false
    }

    fn statements_to_read(&self) -> impl Iterator<Item = ObjectName> {
        let others = self.present.iter().filter(|name| name.word == Word::Statement && name.tag != self.memory.tag);
        others.filter(|name| !self.looked_at.contains_key(name)).copied()
    }

    fn read_statements<O: Objects>(
        &mut self,
        world: &mut FolderWorld<'_>,
        objects: &O,
        now: u64,
    ) -> Result<bool, FolderFault<O::Error>> {
        let root = world.shelf.root()?;
        let present = &self.present;
        // One that did not open may do so when the practice knows more.
        self.looked_at.retain(|name, closed| present.contains(name) && closed.is_none_or(|at| at == root));
        let names: Vec<ObjectName> = self.statements_to_read().collect();
        let mut news = false;
        for name in names {
            let Some(sealed) = fetch(world, objects, &name)? else {
                self.not_yet.entry(name.hash).or_insert(now);
                continue;
            };
            let Some((peer, plain)) = world.seals.open(FolderObject::Statement, &name.tag, &sealed) else {
                self.looked_at.insert(name, Some(root));
                continue;
            };
            self.looked_at.insert(name, None);
            let statement = padding::unpad(&plain).and_then(Statement::parse);
            if let Some(statement) = statement {
                let stated = Stated { name, statement, unplaced: BTreeSet::new(), counts: false };
                news |= self.take_statement(world, peer, stated)?;
            }
        }
        Ok(news)
    }

    /// Takes a statement that is newer than the one before, whether it lies there for the first time or not.
    fn take_statement(
        &mut self,
        world: &mut FolderWorld<'_>,
        peer: PeerId,
        mut stated: Stated,
    ) -> Result<bool, ShelfError> {
        let (number, statement) = (stated.statement.number, &stated.statement);
        let before = self.stated.get(&peer).map(|stated| stated.statement.number);
        let is_older = before.is_some_and(|before| number <= before);
        if is_older && !is_planted(Planted::OlderBelieved) {
            return Ok(false);
        }
        let heard = self.memory.heard.get(&peer).copied().unwrap_or(0);
        let heard = if is_planted(Planted::OlderBelieved) { 0 } else { heard };
        // What it says is not believed where it said something later; its batches are as good as any.
        stated.counts = number >= heard && !world.seals.is_removed(&peer) && peer != world.seals.me();
        if stated.counts {
            // What was heard before a start is known; since then it may have said something else over a network.
            if number > heard {
                world.shelf.stated(&peer, &statement.positions, statement.at)?;
                world.shelf.lacked_there(&peer, statement.lacks.as_deref())?;
            }
            stated.unplaced = unplaced(world, statement)?;
            self.memory.heard.insert(peer, number);
        }
        self.stated.insert(peer, stated);
        Ok(number > heard)
    }

    fn read_batches<O: Objects>(
        &mut self,
        world: &mut FolderWorld<'_>,
        objects: &O,
        now: u64,
    ) -> Result<bool, FolderFault<O::Error>> {
        // What this device put in itself may be lacking here since, by damage.
        let own = self.memory.batches.iter().map(|(hash, listing)| (self.own(Word::Batch, *hash), listing));
        let others = self.lying().map(|(name, _, listing)| (name, listing));
        let lying: Vec<(ObjectName, Listing)> =
            others.chain(own).map(|(name, listing)| (name, listing.clone())).collect();
        self.tried.retain(|hash, _| lying.iter().any(|(name, _)| name.hash == *hash));
        let torn: BTreeSet<ObjectHash> = self.statements_to_read().map(|name| name.hash).collect();
        self.not_yet.retain(|hash, _| torn.contains(hash) || lying.iter().any(|(name, _)| name.hash == *hash));
        let (began, pieces) = (world.shelf.root()?, world.shelf.pieces_held()?);
        let mut root = began;
        // What one batch brings may make another one useful: it ends, for each round needs something new.
        for _ in 0..ROUNDS {
            for (name, listing) in &lying {
                let tried = self.tried.get(&name.hash).copied();
                let rests = |tried: Tried| tried.in_vain >= IN_VAIN && now.saturating_sub(tried.at) < RESTS;
                if tried.is_some_and(|tried| tried.root == root || rests(tried)) || !is_wanted(world, listing)? {
                    continue;
                }
                let sealed = if self.present.contains(name) { fetch(world, objects, name)? } else { None };
                let Some(sealed) = sealed else {
                    self.not_yet.entry(name.hash).or_insert(now);
                    continue;
                };
                let before = (world.shelf.root()?, world.shelf.pieces_held()?);
                match world.seals.open(FolderObject::Batch, &name.tag, &sealed) {
                    Some((_, plain)) => {
                        batch::take(world.shelf, &plain)?;
                        // The list of a file's pieces may have come with it.
                        if !listing.pieces.is_empty() && is_wanted(world, listing)? {
                            batch::take(world.shelf, &plain)?;
                        }
                        self.not_yet.remove(&name.hash);
                    }
                    None => drop(self.not_yet.entry(name.hash).or_insert(now)),
                }
                let brought = (world.shelf.root()?, world.shelf.pieces_held()?) != before;
                let in_vain = if brought { 0 } else { tried.map_or(0, |tried| tried.in_vain) + 1 };
                self.tried.insert(name.hash, Tried { root, in_vain, at: now });
            }
            let now_held = world.shelf.root()?;
            if now_held == root {
                break;
            }
            root = now_held;
        }
        Ok(root != began || world.shelf.pieces_held()? != pieces)
    }

    /// Says again what others hold of logs whose heads were not here when they said so, and are now.
    fn place(&mut self, world: &mut FolderWorld<'_>) -> Result<(), ShelfError> {
        for (peer, stated) in self.stated.iter_mut().filter(|(_, stated)| !stated.unplaced.is_empty()) {
            let unplaced = unplaced(world, &stated.statement)?;
            let is_placed = |log| stated.unplaced.contains(log) && !unplaced.contains(log);
            let positions = stated.statement.positions.iter().filter(|position| is_placed(&position.log));
            let placed: Vec<_> = positions.cloned().collect();
            if !placed.is_empty() {
                world.shelf.acknowledged(peer, &placed, false)?;
            }
            stated.unplaced = unplaced;
        }
        Ok(())
    }

    fn notice_set_back(&mut self, world: &mut FolderWorld<'_>, now: u64) {
        let lies = |peer: &PeerId, number: u64| {
            let stated = self.stated.get(peer);
            stated.is_some_and(|stated| stated.statement.number >= number && self.present.contains(&stated.name))
        };
        let heard = self.memory.heard.iter().filter(|(peer, number)| !lies(peer, **number));
        let back: BTreeSet<PeerId> =
            heard.map(|(peer, _)| *peer).filter(|peer| !world.seals.is_removed(peer)).collect();
        self.set_back.retain(|peer, _| back.contains(peer));
        for peer in back {
            self.set_back.entry(peer).or_insert(now);
        }
    }

    fn trouble(&self, now: u64) -> Option<FolderTrouble> {
        let mut back = self.set_back.iter().filter(|(_, since)| now.saturating_sub(**since) >= SET_BACK);
        let (peer, _) = back.next()?;
        let is_of = |name: &ObjectName, stated: &Stated| name.word == Word::Statement && name.tag == stated.name.tag;
        let older = self.stated.get(peer).is_some_and(|stated| self.present.iter().any(|name| is_of(name, stated)));
        Some(if older { FolderTrouble::RolledBack(*peer) } else { FolderTrouble::Withheld(*peer) })
    }

    /// Objects of others that could not be read for long.
    pub(super) fn unreadable(&self, now: u64) -> BTreeSet<ObjectHash> {
        let long = self.not_yet.iter().filter(|(_, since)| now.saturating_sub(**since) >= NOT_YET);
        let most = if is_planted(Planted::NotNamed) { 0 } else { limits::UNREADABLE };
        long.map(|(hash, _)| *hash).take(most).collect()
    }
}

/// An object that is whole; `None` while it is not.
fn fetch<O: Objects>(
    world: &mut FolderWorld<'_>,
    objects: &O,
    name: &ObjectName,
) -> Result<Option<Vec<u8>>, FolderFault<O::Error>> {
    let sealed = objects.get(&name.to_string(), limits::OBJECT).map_err(FolderFault::Objects)?;
    Ok(sealed.filter(|sealed| world.seals.name(sealed) == name.hash || is_planted(Planted::TornRead)))
}

/// Whether something of what is in a batch is lacking here.
fn is_wanted(world: &mut FolderWorld<'_>, listing: &Listing) -> Result<bool, ShelfError> {
    let is_other = |hash: &PieceHash| !listing.pieces.contains(hash);
    let pieces = match listing.pieces.len() {
        0 => Vec::new(),
        // Asked in any case: the shelf takes pieces that it was asked for.
        listed => world.shelf.wanted_pieces(listed, &is_other)?,
    };
    let wants = world.shelf.wants(&listing.positions)?;
    Ok(!pieces.is_empty() || !wants.headers.is_empty() || !wants.bodies.is_empty())
}

fn unplaced(world: &mut FolderWorld<'_>, statement: &Statement) -> Result<BTreeSet<LogId>, ShelfError> {
    Ok(world.shelf.wants(&statement.positions)?.headers.into_iter().map(|want| want.log).collect())
}
