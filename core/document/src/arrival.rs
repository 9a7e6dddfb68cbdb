//! Taking in changes: on a copy, with a net under it, and kept only when the result saves and loads again.
//!
//! Many chunks are tried together first. Only when that fails are they halved, and halved again, until the chunk that
//! cannot be taken stands alone and is set aside; its neighbours are not affected.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{ActorId, Automerge, AutomergeError, Change, ChangeHash, LoadOptions, ObjId, ROOT, ReadDoc};
use subrosa_base::id::{DeviceId, DocId};

use super::chunk::{Chunk, MAX_CHUNK, MAX_OPS, Refused};
use super::{Actor, Document, ENCODING, Fields, Heads, NotWritten};

/// Bytes of a saved document, not deflated.
pub(super) const MAX_DOCUMENT: usize = 32 * 1024 * 1024;

/// Actors that may have written in a document: each of its devices' unlockings is one.
pub const MAX_ACTORS: u64 = 4_096;

/// How many operations a change weighs beside its own.
const ACTOR_WEIGHT: u64 = 16;

/// Chunks of one device that a document tries and cannot take: what that device sent beyond is not tried. Each costs a copy of the
/// document; no program of ours sends one, but where the document is full.
const MOST_TRIED: usize = 16;

/// Bytes that may wait, in a document that is open, for chunks that have not arrived.
pub(super) const MAX_WAITING: usize = 16 * MAX_CHUNK;

/// What became of the chunks that a document was loaded from. Chunks are named by their place among them.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The document; `None` while nothing of it has arrived that can be taken, so that nobody writes into an empty one.
    pub document: Option<Document>,
    /// Chunks that were refused, and why.
    pub set_aside: Vec<(usize, Refused)>,
    /// Chunks that wait for others. Not an error: bodies arrive newest first.
    pub waiting: Vec<usize>,
}

impl Document {
    /// Puts a document together from its chunks, each with the device that sent it, in any order and with any doubled, and
    /// goes on under a fresh `actor`. `frozen` is what the document began from, if it did.
    ///
    /// Of two changes with one actor and number the one that comes first among `chunks` counts: whoever gives them in an
    /// order that follows from what they are has the same document everywhere.
    pub fn load<'a>(
        frozen: impl IntoIterator<Item = (&'a Fields, &'a str)>,
        id: DocId,
        chunks: impl IntoIterator<Item = (DeviceId, &'a [u8])>,
        actor: Actor,
    ) -> Result<Loaded, NotWritten> {
        let mut set_aside = Vec::new();
        let mut read = Vec::new();
        for (index, (by, bytes)) in chunks.into_iter().enumerate() {
            match Chunk::parse(bytes, by, Some(index)) {
                Ok(chunk) => read.push(chunk),
                Err(refused) => set_aside.push((index, refused)),
            }
        }
        least_first(&mut read);
        let mut frozen = frozen.into_iter().peekable();
        let begins_frozen = frozen.peek().is_some();
        let mut document = Self::from_frozen(id, frozen, actor)?;
        document.settle(read, &mut set_aside);
        let mut waiting: Vec<usize> = document.waiting.iter().filter_map(|chunk| chunk.index).collect();
        waiting.sort_unstable();
        set_aside.sort_unstable_by_key(|(index, _)| *index);
        let begun = begins_frozen || document.heads() != document.beginning();
        Ok(Loaded { document: begun.then_some(document), set_aside, waiting })
    }

    /// Takes in a chunk that arrived from a device; `true` when the document changed. A chunk whose parents have not arrived waits
    /// and changes nothing yet. What waited and turns out unreadable is dropped here and set aside at the next
    /// [`Self::load`].
    pub fn apply(&mut self, by: DeviceId, chunk: &[u8]) -> Result<bool, Refused> {
        let chunk = Chunk::parse(chunk, by, None)?;
        if chunk.hashes().iter().all(|hash| self.knows(hash)) {
            return Ok(false);
        }
        if !chunk.parents().iter().all(|hash| self.knows(hash)) {
            return self.wait(chunk);
        }
        if let Some(reason) = Numbers::default().misfit(&self.automerge, &chunk) {
            if reason == Refused::Contradiction {
                self.contradicted.extend(chunk.hashes());
            }
            return Err(reason);
        }
        let grown = self.grown(std::slice::from_ref(&chunk))?;
        self.automerge = grown;
        let waited = std::mem::take(&mut self.waiting);
        self.settle(waited, &mut Vec::new());
        Ok(true)
    }

    /// The letters that were written on changes which contradict others and do not stand, chunk by chunk: what builds on those
    /// will never be taken in.
    pub fn stranded_letters(&self) -> String {
        let mut stranded = self.contradicted.clone();
        let mut letters = String::new();
        let mut left: Vec<&Chunk> = self.waiting.iter().collect();
        left.sort_unstable_by_key(|chunk| (chunk.by, chunk.changes.first().map(|change| change.start_op())));
        loop {
            let before = left.len();
            left.retain(|chunk| {
                let builds = chunk.parents().iter().any(|parent| stranded.contains(parent));
                if builds {
                    stranded.extend(chunk.hashes());
                    letters.push_str(&chunk.letters());
                }
                !builds
            });
            if left.len() == before {
                return letters;
            }
        }
    }

    /// Chunks that wait for others.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Changes that the waiting chunks wait for.
    pub fn missing(&self) -> Heads {
        let here: HashSet<ChangeHash> = self.waiting.iter().flat_map(Chunk::hashes).collect();
        let parents = self.waiting.iter().flat_map(Chunk::parents);
        let missing: Vec<_> = parents.filter(|hash| !here.contains(hash) && !self.knows(hash)).collect();
        Heads::from_automerge(&missing)
    }

    fn wait(&mut self, chunk: Chunk) -> Result<bool, Refused> {
        let hashes = chunk.hashes();
        if self.waiting.iter().any(|other| other.hashes() == hashes) {
            return Ok(false);
        }
        let held: usize = self.waiting.iter().map(|chunk| chunk.len).sum();
        if held.saturating_add(chunk.len) > MAX_WAITING {
            return Err(Refused::TooManyWaiting);
        }
        self.waiting.push(chunk);
        Ok(false)
    }

    /// Takes in what can be taken; the rest waits. Ends, since each round takes or refuses a chunk.
    fn settle(&mut self, mut open: Vec<Chunk>, set_aside: &mut Vec<(usize, Refused)>) {
        let mut refused = Refusals::default();
        loop {
            let before = open.len();
            let (ready, waiting) = in_order(open, |hash| self.knows(hash));
            open = waiting;
            self.absorb(ready, &mut open, &mut refused);
            if open.is_empty() || open.len() == before {
                break;
            }
        }
        self.waiting = open;
        self.contradicted.extend(refused.contradicted);
        set_aside.append(&mut refused.found);
    }

    /// All at once, or else by halves. What is left without its parents because they were refused goes to `waiting`.
    fn absorb(&mut self, chunks: Vec<Chunk>, waiting: &mut Vec<Chunk>, refused: &mut Refusals) {
        let (ready, orphaned) = in_order(chunks, |hash| self.knows(hash));
        waiting.extend(orphaned);
        let mut numbers = Numbers::default();
        let mut fitting = Vec::with_capacity(ready.len());
        for chunk in ready {
            match refused.beyond(chunk.by).or_else(|| numbers.misfit(&self.automerge, &chunk)) {
                Some(reason) => refused.note(&chunk, reason),
                None => fitting.push(chunk),
            }
        }
        // What builds on one that does not fit.
        let (mut ready, orphaned) = in_order(fitting, |hash| self.knows(hash));
        waiting.extend(orphaned);
        match (self.grown(&ready), ready.as_slice()) {
            (_, []) => {}
            (Ok(grown), _) => self.automerge = grown,
            (Err(reason), [chunk]) => refused.tried(chunk, reason),
            (Err(_), _) => {
                let rest = ready.split_off(ready.len() / 2);
                self.absorb(ready, waiting, refused);
                self.absorb(rest, waiting, refused);
            }
        }
    }

    /// A copy with these chunks in it, if the copy can be relied on.
    fn grown(&self, chunks: &[Chunk]) -> Result<Automerge, Refused> {
        let changes: Vec<Change> = chunks.iter().flat_map(|chunk| &chunk.changes).cloned().collect();
        let mut copy = self.automerge.clone();
        // The copy and the changes are dropped with the panic; nothing that was half changed is seen again.
        let tried = catch_unwind(AssertUnwindSafe(|| {
            add(&mut copy, changes)?;
            sound(&copy, &self.text)?;
            Ok(copy)
        }));
        tried.unwrap_or(Err(Refused::Unreadable))
    }
}

/// What was refused so far.
#[derive(Default)]
struct Refusals {
    found: Vec<(usize, Refused)>,
    contradicted: HashSet<ChangeHash>,
    /// How many chunks of each device were tried in vain.
    tried: HashMap<DeviceId, usize>,
}

impl Refusals {
    fn note(&mut self, chunk: &Chunk, reason: Refused) {
        if reason == Refused::Contradiction {
            self.contradicted.extend(chunk.hashes());
        }
        self.found.extend(chunk.index.map(|index| (index, reason)));
    }

    fn tried(&mut self, chunk: &Chunk, reason: Refused) {
        let tried = self.tried.entry(chunk.by).or_default();
        *tried = tried.saturating_add(1);
        self.note(chunk, reason);
    }

    /// Why nothing more of a device is tried.
    fn beyond(&self, device: DeviceId) -> Option<Refused> {
        self.tried.get(&device).filter(|tried| **tried >= MOST_TRIED).map(|_| Refused::TooManyRefused)
    }
}

/// The numbers of changes that are about to be taken in, told without a copy of the document: a change has the number after its
/// actor's last, and its operations count on from those that it builds on. Whoever leaves numbers out would leave none for others.
#[derive(Default)]
struct Numbers {
    /// How many changes of each actor there are; empty until one is looked at.
    changes: HashMap<ActorId, u64>,
    /// The last operation of those that are about to be taken in.
    operations: HashMap<ChangeHash, u64>,
}

impl Numbers {
    /// Why a chunk cannot be taken in after those before it.
    fn misfit(&mut self, automerge: &Automerge, chunk: &Chunk) -> Option<Refused> {
        if self.changes.is_empty() {
            for change in automerge.get_changes_meta(&[]) {
                let last = self.changes.entry(change.actor.into_owned()).or_default();
                *last = change.seq.max(*last);
            }
        }
        let (mut changes, mut operations) = (HashMap::new(), HashMap::new());
        for change in &chunk.changes {
            // What is here already changes nothing.
            if automerge.get_change_meta_by_hash(&change.hash()).is_some() {
                continue;
            }
            let max_op = |parent| {
                let known = operations.get(parent).or_else(|| self.operations.get(parent)).copied();
                known.or_else(|| automerge.get_change_meta_by_hash(parent).map(|parent| parent.max_op))
            };
            // What builds on one that does not fit is looked at no further: it waits.
            let before: Option<Vec<u64>> = change.deps().iter().map(max_op).collect();
            let before = before?.into_iter().max().unwrap_or_default();
            let actor = change.actor_id();
            let last = changes.get(actor).or_else(|| self.changes.get(actor)).copied().unwrap_or_default();
            let next = u64::saturating_add(last, 1);
            if change.seq() < next {
                return Some(Refused::Contradiction);
            }
            if change.seq() > next || change.start_op().get() != before.saturating_add(1) {
                return Some(Refused::Unreadable);
            }
            changes.insert(actor.clone(), next);
            operations.insert(change.hash(), change.max_op());
        }
        self.changes.extend(changes);
        self.operations.extend(operations);
        None
    }
}

/// Puts the chunks of whoever wrote least first, so that one device which fills a document to its limits keeps out nothing but
/// its own: what is refused follows from who wrote how much.
fn least_first(chunks: &mut [Chunk]) {
    let mut written: HashMap<DeviceId, u64> = HashMap::new();
    for chunk in chunks.iter() {
        // An actor costs room too.
        let weight = chunk.changes.iter().map(|change| (change.len() as u64).saturating_add(ACTOR_WEIGHT));
        let sum = written.entry(chunk.by).or_default();
        *sum = weight.fold(*sum, u64::saturating_add);
    }
    chunks.sort_by_key(|chunk| (written.get(&chunk.by).copied(), chunk.by));
}

fn add(automerge: &mut Automerge, changes: Vec<Change>) -> Result<(), Refused> {
    automerge.apply_changes(changes).map_err(|error| match error {
        AutomergeError::DuplicateSeqNumber(..) => Refused::Contradiction,
        _ => Refused::Unreadable,
    })
}

/// Whether a document is within its limits, and comes back from being saved as it went in.
fn sound(automerge: &Automerge, text: &ObjId) -> Result<(), Refused> {
    let stats = automerge.stats();
    if stats.num_ops > MAX_OPS || stats.num_actors > MAX_ACTORS {
        return Err(Refused::TooLarge);
    }
    if !automerge.get_missing_deps(&[]).is_empty() {
        return Err(Refused::Unreadable);
    }
    let saved = automerge.save_nocompress();
    if saved.len() > MAX_DOCUMENT {
        return Err(Refused::TooLarge);
    }
    let again = Automerge::load_with_options(&saved, LoadOptions::new().text_encoding(ENCODING))
        .map_err(|_| Refused::Unreadable)?;
    let same = again.get_heads() == automerge.get_heads()
        && again.text(text).ok() == automerge.text(text).ok()
        && again.map_range(ROOT, ..).eq(automerge.map_range(ROOT, ..));
    if same { Ok(()) } else { Err(Refused::Unreadable) }
}

/// Chunks with each after those that it depends on, then those whose parents are neither known nor among them. Keeps
/// the given order where it can.
fn in_order(chunks: Vec<Chunk>, knows: impl Fn(&ChangeHash) -> bool) -> (Vec<Chunk>, Vec<Chunk>) {
    let mut unmet: Vec<HashSet<ChangeHash>> =
        chunks.iter().map(|chunk| chunk.parents().into_iter().filter(|hash| !knows(hash)).collect()).collect();
    let mut wanted_by: HashMap<ChangeHash, Vec<usize>> = HashMap::new();
    for (place, parents) in unmet.iter().enumerate() {
        for parent in parents {
            wanted_by.entry(*parent).or_default().push(place);
        }
    }
    let mut ready: Vec<usize> =
        (0..chunks.len()).rev().filter(|place| unmet.get(*place).is_some_and(HashSet::is_empty)).collect();
    let mut slots: Vec<Option<Chunk>> = chunks.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(slots.len());
    while let Some(place) = ready.pop() {
        let Some(chunk) = slots.get_mut(place).and_then(Option::take) else { continue };
        for hash in chunk.hashes() {
            for child in wanted_by.remove(&hash).unwrap_or_default() {
                if let Some(parents) = unmet.get_mut(child) {
                    parents.remove(&hash);
                    if parents.is_empty() {
                        ready.push(child);
                    }
                }
            }
        }
        ordered.push(chunk);
    }
    (ordered, slots.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_changes_of_a_device_are_tried_in_vain_and_none_after_that() {
        let (one, other) = (DeviceId([1; 16]), DeviceId([2; 16]));
        let mut refused = Refusals::default();
        refused.tried.insert(one, MOST_TRIED - 1);
        assert_eq!(refused.beyond(one), None);
        refused.tried.insert(one, MOST_TRIED);
        assert_eq!((refused.beyond(one), refused.beyond(other)), (Some(Refused::TooManyRefused), None));
    }
}
