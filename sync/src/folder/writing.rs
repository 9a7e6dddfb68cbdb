//! What this device puts into the folder: batches of what others lack, and a statement of where it stands.

use std::collections::{BTreeMap, BTreeSet};

use super::batch::{Filling, Listing};
use super::name::{ObjectName, Word};
use super::planted::{FolderFaultPlanted as Planted, is_planted};
use super::statement::Statement;
use super::{FolderExchange, FolderObject, FolderWorld, Objects, padding};
use crate::id::{HeaderHash, LogId, ObjectHash, PeerId, PieceHash};
use crate::ranges::Ranges;
use crate::shelf::{LogPosition, ShelfError};
use crate::wire::limits;

/// Bytes of content that are sealed at a time, so that what waits to be uploaded fits into memory.
const ROUND: usize = 32 << 20;
/// Milliseconds for which what others wrote is left to them: they put it in as soon as they are on.
const LEFT_TO_OTHERS: u64 = 2 * 60 * 1_000;
/// Milliseconds between two times that batches are put in anew, however often somebody says that they cannot be read.
const RENEWED: u64 = 30 * 60 * 1_000;
/// Bodies of a batch that counts as small, and how many such may lie there before they are put in anew as few.
const SMALL: u64 = 2;
const MANY_SMALL: usize = 256;
/// Milliseconds between two times that this is done.
const MERGED: u64 = 6 * 60 * 60 * 1_000;
/// Pieces of files that are looked at for one device at a time.
const PIECES: usize = 16_384;

/// What others lack: of each branch the bodies, and pieces of files.
#[derive(Default)]
struct Needs {
    branches: BTreeMap<(LogId, HeaderHash), (u64, Ranges)>,
    pieces: BTreeSet<PieceHash>,
    /// Logs that have several branches here.
    forked: BTreeSet<LogId>,
}

impl Needs {
    fn of(world: &mut FolderWorld<'_>, awaited: &[PeerId]) -> Result<Self, ShelfError> {
        let mut needs = Self::default();
        let mut logs = BTreeSet::new();
        needs.forked.extend(world.shelf.vector()?.iter().map(|it| it.log).filter(|log| !logs.insert(*log)));
        for peer in awaited {
            for LogPosition { log, next_seq, head, bodies } in world.shelf.lacking_there(peer)? {
                let (_, all) = needs.branches.entry((log, head)).or_insert((next_seq, Ranges::new()));
                *all = all.union(&bodies);
            }
            needs.pieces.extend(world.shelf.pieces_lacking_there(peer, PIECES)?);
        }
        Ok(needs)
    }

    /// Of a log with branches only what was listed of the same branch counts.
    fn is_of(&self, (log, head): &(LogId, HeaderHash), position: &LogPosition) -> bool {
        position.log == *log && (!self.forked.contains(log) || position.head == *head)
    }

    /// What a batch that lies there gives already, of the logs that are asked for.
    fn take_out(&mut self, listing: &Listing, is_asked: impl Fn(&LogId) -> bool) {
        for position in listing.positions.iter().filter(|position| is_asked(&position.log)) {
            let branches: Vec<_> =
                self.branches.keys().filter(|branch| self.is_of(branch, position)).copied().collect();
            for branch in branches {
                if let Some((_, bodies)) = self.branches.get_mut(&branch) {
                    *bodies = bodies.without(&position.bodies);
                }
            }
        }
        self.branches.retain(|_, (_, bodies)| !bodies.is_empty());
        self.pieces.retain(|piece| !listing.pieces.contains(piece));
    }

    fn is_empty(&self) -> bool {
        self.branches.is_empty() && self.pieces.is_empty()
    }
}

/// What is to be uploaded, sealed: it needs no key any more.
pub struct Outgoing {
    /// Names and bytes, in this order: what a statement names comes before it.
    puts: Vec<(ObjectName, Vec<u8>)>,
    /// What is taken away after that.
    removes: Vec<ObjectName>,
    /// Whether there is more than was composed at once.
    pub has_more: bool,
}

impl Outgoing {
    /// Uploads it. Cut anywhere, what is there means what it says, and the next time goes on.
    ///
    /// # Errors
    /// Those of whoever keeps the folder.
    pub fn upload<O: Objects>(self, objects: &O) -> Result<Uploaded, O::Error> {
        let mut put = Vec::new();
        for (name, bytes) in self.puts {
            objects.put(&name.to_string(), bytes)?;
            put.push(name);
        }
        self.removes.iter().try_for_each(|name| objects.remove(&name.to_string()))?;
        Ok(Uploaded { put, removed: self.removes })
    }
}

/// What lies in the folder since, and what does not any more.
pub struct Uploaded {
    put: Vec<ObjectName>,
    removed: Vec<ObjectName>,
}

impl FolderExchange {
    /// Seals what others lack and where this device stands; `None` when that is what lies there already, and before the folder was
    /// looked into. `leaving`: it is the last time for now, so nothing is left to others.
    ///
    /// # Errors
    /// Those of the shelf and of the keys.
    pub fn compose(
        &mut self,
        world: &mut FolderWorld<'_>,
        now: u64,
        leaving: bool,
    ) -> Result<Option<Outgoing>, ShelfError> {
        if self.has_read.is_none() {
            return Ok(None);
        }
        let mut awaited = world.shelf.awaited()?;
        if is_planted(Planted::TakenAwayEarly) {
            awaited.truncate(1);
        }
        let mut needs = Needs::of(world, &awaited)?;
        let renew = self.unread(now);
        self.drop_what_went(world, (&needs, &awaited), &renew, now)?;
        let named_unreadable = self.named_unreadable();
        let lies = |name: &ObjectName| self.present.contains(name) && !named_unreadable.contains(&name.hash);
        // Who cannot read a statement does not know of the batches in it either; and what a removed one says is nobody's word.
        let counts: BTreeSet<ObjectName> =
            self.stated.values().filter(|stated| stated.counts).map(|stated| stated.name).collect();
        let found = |named: &ObjectName, by: &ObjectName| lies(named) && lies(by) && counts.contains(by);
        let others = self.lying().filter(|(name, by, _)| found(name, by) || is_planted(Planted::CountsAsLying));
        let others: Vec<Listing> = others.map(|(.., listing)| listing.clone()).collect();
        self.memory.batches.iter().for_each(|(_, listing)| needs.take_out(listing, |_| true));
        // What this device wrote it puts in itself, whatever others say lies in their batches.
        let own: BTreeSet<LogId> =
            needs.branches.keys().map(|(log, _)| *log).filter(|log| world.shelf.is_own(log)).collect();
        others.iter().for_each(|listing| needs.take_out(listing, |log| !own.contains(log)));
        self.leave_to_others(&own, &mut needs, now, leaving);
        let room = limits::BATCHES.saturating_sub(self.memory.batches.len());
        let (batches, has_more) = fill(world, needs, room)?;
        let mut puts = Vec::new();
        for Filling { content, listing } in batches {
            let (name, sealed) = self.seal(world, FolderObject::Batch, &content)?;
            self.memory.batches.push((name.hash, listing));
            puts.push((name, sealed));
        }
        puts.extend(self.statement(world, now, &renew)?);
        let removes: Vec<_> = self.strays(&puts).collect();
        Ok((!puts.is_empty() || !removes.is_empty()).then_some(Outgoing { puts, removes, has_more }))
    }

    /// Takes note of what was uploaded.
    pub fn note(&mut self, uploaded: Uploaded) {
        self.present.extend(uploaded.put);
        self.present.retain(|name| !uploaded.removed.contains(name));
        self.memory.lies = self.memory.written;
    }

    /// Batches of this device that are not there, that somebody cannot read, or that nobody needs any more, are none. What is in one
    /// is needed by what others say alone, whatever became of it here. Of very small ones many are put in anew as few.
    fn drop_what_went(
        &mut self,
        world: &mut FolderWorld<'_>,
        (needs, awaited): (&Needs, &[PeerId]),
        renew: &BTreeSet<ObjectHash>,
        now: u64,
    ) -> Result<(), ShelfError> {
        let small = self.memory.batches.iter().filter(|(_, listing)| is_small(listing)).count();
        let merges = small > MANY_SMALL && self.merged.is_none_or(|at| now.saturating_sub(at) >= MERGED);
        if merges {
            self.merged = Some(now);
        }
        let mut kept = Vec::new();
        for (hash, listing) in &self.memory.batches {
            let is_read = !renew.contains(hash) || is_planted(Planted::NotPutInAnew);
            let lies = self.present.contains(&self.own(Word::Batch, *hash)) && is_read;
            let stays = lies && !(merges && is_small(listing));
            if stays && is_needed(world, needs, awaited, listing)? {
                kept.push((*hash, listing.clone()));
            }
        }
        self.memory.batches = kept;
        Ok(())
    }

    /// What this device has put in and somebody says cannot be read, once in a while.
    fn unread(&mut self, now: u64) -> BTreeSet<ObjectHash> {
        if self.renewed.is_some_and(|at| now.saturating_sub(at) < RENEWED) {
            return BTreeSet::new();
        }
        let own: BTreeSet<ObjectHash> =
            self.memory.batches.iter().map(|(hash, _)| *hash).chain(self.memory.lies).collect();
        let renew: BTreeSet<ObjectHash> = self.named_unreadable().intersection(&own).copied().collect();
        if !renew.is_empty() {
            self.renewed = Some(now);
        }
        renew
    }

    /// Objects that some device says it could not read for long.
    fn named_unreadable(&self) -> BTreeSet<ObjectHash> {
        let counted = self.stated.values().filter(|stated| stated.counts);
        counted.flat_map(|stated| &stated.statement.unreadable).copied().collect()
    }

    /// What others wrote they put in themselves, if they are on: only after a while this device does.
    fn leave_to_others(&mut self, own: &BTreeSet<LogId>, needs: &mut Needs, now: u64, leaving: bool) {
        let others: Vec<_> = needs.branches.keys().filter(|(log, _)| !own.contains(log)).copied().collect();
        if others.is_empty() {
            self.others_lacking = None;
            return;
        }
        let since = *self.others_lacking.get_or_insert(now);
        let is_early = !leaving && now.saturating_sub(since) < LEFT_TO_OTHERS;
        if is_early || is_planted(Planted::NotHandedOn) {
            others.iter().for_each(|branch| drop(needs.branches.remove(branch)));
        }
    }

    fn seal(
        &self,
        world: &mut FolderWorld<'_>,
        what: FolderObject,
        content: &[u8],
    ) -> Result<(ObjectName, Vec<u8>), ShelfError> {
        let sealed = world.seals.seal(what, &self.memory.tag, &padding::pad(content))?;
        let word = match what {
            FolderObject::Statement => Word::Statement,
            FolderObject::Batch => Word::Batch,
        };
        Ok((self.own(word, world.seals.name(&sealed)), sealed))
    }

    /// A new statement, unless the one that lies there says the same.
    fn statement(
        &mut self,
        world: &mut FolderWorld<'_>,
        now: u64,
        renew: &BTreeSet<ObjectHash>,
    ) -> Result<Option<(ObjectName, Vec<u8>)>, ShelfError> {
        let statement = Statement {
            number: 0,
            at: 0,
            positions: world.shelf.vector()?,
            lacks: world.shelf.lacked_files(limits::LACKED_FILES)?,
            batches: self.memory.batches.clone(),
            unreadable: self.unreadable(now),
        };
        let said = world.seals.name(&statement.encode().map_err(|_| ShelfError::Storage)?);
        let lies = self.memory.lies.filter(|name| !renew.contains(name)).is_some();
        let lies = (lies && self.memory.lies == self.memory.written) || is_planted(Planted::NotSaidAgain);
        if lies && said == self.memory.said {
            return Ok(None);
        }
        // Never below what was said before a practice was put back to an older state, as long as clocks go on.
        let number = self.memory.number.saturating_add(1).max(now);
        let statement = Statement { number, at: now, ..statement };
        let content = statement.encode().map_err(|_| ShelfError::Storage)?;
        let (name, sealed) = self.seal(world, FolderObject::Statement, &content)?;
        (self.memory.number, self.memory.written, self.memory.said) = (number, Some(name.hash), said);
        Ok(Some((name, sealed)))
    }

    /// Objects of this device that mean nothing any more, once those of `puts` are there.
    fn strays(&self, puts: &[(ObjectName, Vec<u8>)]) -> impl Iterator<Item = ObjectName> {
        let is_put = |hash: Option<ObjectHash>| {
            hash.map(|hash| self.own(Word::Statement, hash))
                .is_some_and(|name| self.present.contains(&name) || puts.iter().any(|(put, _)| *put == name))
        };
        // The statement before stays until the one after it lies there.
        let stands = if is_put(self.memory.written) { self.memory.written } else { self.memory.lies };
        let own = self.present.iter().filter(|name| name.tag == self.memory.tag);
        own.copied().filter(move |name| match name.word {
            Word::Statement => Some(name.hash) != stands,
            Word::Batch => !self.memory.batches.iter().any(|(hash, _)| *hash == name.hash),
        })
    }
}

fn is_small(listing: &Listing) -> bool {
    let bodies: u64 = listing.positions.iter().map(|position| position.bodies.len()).sum();
    bodies <= SMALL && listing.pieces.is_empty()
}

/// Whether some device that is waited for lacks something of a batch.
fn is_needed(
    world: &mut FolderWorld<'_>,
    needs: &Needs,
    awaited: &[PeerId],
    listing: &Listing,
) -> Result<bool, ShelfError> {
    if !listing.pieces.is_disjoint(&needs.pieces) {
        return Ok(true);
    }
    for peer in awaited {
        for position in &listing.positions {
            if world.shelf.lacks_there(peer, position)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Fills so many batches at the most with what others lack; whether more is left than is sealed at a time.
fn fill(world: &mut FolderWorld<'_>, needs: Needs, room: usize) -> Result<(Vec<Filling>, bool), ShelfError> {
    let (mut full, mut filling, mut bytes, mut count) = (Vec::new(), Filling::default(), 0, 0);
    if needs.is_empty() || room == 0 {
        return Ok((full, false));
    }
    let mut close = |filling: &mut Filling| {
        let done = std::mem::take(filling);
        bytes += done.content.len();
        if !done.is_empty() {
            full.push(done);
            count += 1;
        }
        bytes >= ROUND || count >= room
    };
    for ((log, head), (next_seq, bodies)) in needs.branches {
        let mut left = LogPosition { log, next_seq, head, bodies };
        loop {
            let remaining = filling.take_log(world.shelf, &left)?;
            if remaining.is_empty() {
                break;
            }
            left.bodies = remaining;
            if close(&mut filling) {
                return Ok((full, true));
            }
        }
    }
    for piece in &needs.pieces {
        while !filling.take_piece(world.shelf, piece)? {
            if close(&mut filling) {
                return Ok((full, true));
            }
        }
    }
    close(&mut filling);
    Ok((full, false))
}
