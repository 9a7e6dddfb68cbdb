//! Who wrote which words: what was added or taken away outside a signed version, and what two wrote at the same time.
//!
//! Both questions are answered element by element, letter or run, from the operation that wrote each; neither changes anything. A letter
//! that was written and deleted again between the two versions is in neither, and is not reported.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use automerge::{ChangeMetadata, ObjId, ReadDoc, ScalarValueRef, ValueRef};
use subrosa_base::id::Hash;

use super::{Actor, Document, Heads};

/// What happened to a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassageKind {
    /// It is in the text now.
    Written,
    /// It is no longer in the text.
    Deleted,
}

/// Letters that stand together and share their fate and their writer. `Debug` prints no text.
#[derive(Clone, PartialEq, Eq)]
pub struct Passage {
    /// Written or deleted.
    pub kind: PassageKind,
    /// Where in the text as it is now, in characters; for what was deleted, where it stood.
    pub at: usize,
    /// The letters.
    pub text: String,
    /// Who wrote or deleted it; of a deletion known only when one actor alone wrote outside the version.
    pub actor: Option<Actor>,
}

impl fmt::Debug for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passage({:?} at {}, {} characters)", self.kind, self.at, self.text.chars().count())
    }
}

/// One element of the text, and the operation that wrote it.
struct Letter {
    text: String,
    operation: ObjId,
}

impl Document {
    /// What changes outside a frozen version wrote and deleted, in the order of the text: the draft of the addendum
    /// "written on Laptop while you signed". `None` when that version has not fully arrived.
    pub fn written_outside(&self, frozen: &Heads) -> Option<Vec<Passage>> {
        let before = self.letters_at(frozen)?;
        let now = self.letters();
        let outside = self.versions_outside(frozen);
        let writers: BTreeSet<Actor> = outside.iter().map(|version| version.actor).collect();
        let alone = (writers.len() == 1).then(|| writers.first().copied()).flatten();
        let kept: HashSet<&ObjId> = now.iter().map(|letter| &letter.operation).collect();
        let old: HashSet<&ObjId> = before.iter().map(|letter| &letter.operation).collect();
        let mut passages = Passages::default();
        let mut remaining = before.iter().peekable();
        let mut at = 0;
        for letter in &now {
            // Everything that stood before this letter and is gone was deleted here.
            if old.contains(&letter.operation) {
                while let Some(gone) = remaining.next_if(|gone| !kept.contains(&gone.operation)) {
                    passages.add(PassageKind::Deleted, at, &gone.text, alone);
                }
                remaining.next();
                passages.close();
            } else {
                passages.add(PassageKind::Written, at, &letter.text, actor_of(&letter.operation));
            }
            at += letter.text.chars().count();
        }
        remaining.for_each(|gone| passages.add(PassageKind::Deleted, at, &gone.text, alone));
        Some(passages.finished)
    }

    /// Passages that two actors wrote at the same time since a version that both knew, so that they can be shown as
    /// such. Defined so: in one paragraph (a line of the text as it is now), letters of different actors, each in a
    /// change outside `since`, of which neither was written on a version that held the other. Each passage is a run of
    /// letters of one actor. Deletions are not passages of the present text and are not marked.
    pub fn concurrent_passages(&self, since: &Heads) -> Vec<Passage> {
        let changes = self.automerge.get_changes_meta(&self.known(since));
        let Some(order) = (!one_after_the_other(&changes)).then(|| Order::of(&changes)).flatten() else {
            return Vec::new();
        };
        let letters = self.letters();
        let mut at = 0;
        let mut found = Vec::new();
        for paragraph in letters.split_inclusive(|letter| letter.text.ends_with('\n')) {
            let writers: Vec<Option<Hash>> = paragraph.iter().map(|letter| order.writer_of(letter)).collect();
            let versions: BTreeSet<Hash> = writers.iter().flatten().copied().collect();
            let contested = order.contested(&versions);
            let mut passages = Passages::default();
            for (letter, writer) in paragraph.iter().zip(writers) {
                match writer.filter(|hash| contested.contains(hash)) {
                    Some(_) => passages.add(PassageKind::Written, at, &letter.text, actor_of(&letter.operation)),
                    None => passages.close(),
                }
                at += letter.text.chars().count();
            }
            found.extend(passages.finished);
        }
        found
    }

    fn letters(&self) -> Vec<Letter> {
        self.automerge.list_range(&self.text, ..).filter_map(letter).collect()
    }

    fn letters_at(&self, heads: &Heads) -> Option<Vec<Letter>> {
        let known = self.covers(heads).then(|| heads.to_automerge())?;
        Some(self.automerge.list_range_at(&self.text, .., &known).filter_map(letter).collect())
    }
}

fn letter(item: automerge::iter::ListRangeItem<'_>) -> Option<Letter> {
    let operation = item.id();
    match item.value {
        ValueRef::Scalar(ScalarValueRef::Str(text)) => Some(Letter { text: text.into_owned(), operation }),
        _ => None,
    }
}

fn actor_of(operation: &ObjId) -> Option<Actor> {
    match operation {
        ObjId::Id(_, actor, _) => Actor::from_automerge(actor),
        ObjId::Root => None,
    }
}

/// Letters on their way to passages: a letter joins the last passage when kind and writer agree and none came between.
#[derive(Default)]
struct Passages {
    finished: Vec<Passage>,
    closed: bool,
}

impl Passages {
    fn add(&mut self, kind: PassageKind, at: usize, text: &str, actor: Option<Actor>) {
        let open = self.finished.last_mut().filter(|last| !self.closed && last.kind == kind && last.actor == actor);
        match open {
            Some(passage) => passage.text.push_str(text),
            None => self.finished.push(Passage { kind, at, text: text.to_owned(), actor }),
        }
        self.closed = false;
    }

    fn close(&mut self) {
        self.closed = true;
    }
}

/// Whether each change was written on the one before it alone, so that nothing can have been written at once. True of
/// nearly every note, and told without looking at a letter.
fn one_after_the_other(changes: &[ChangeMetadata<'_>]) -> bool {
    changes.iter().zip(changes.iter().skip(1)).all(|(before, after)| *after.deps == [before.hash])
}

/// Numbers that an [`Order`] may hold: 16 MiB of them. A note in which 200 unlockings wrote 20,000 changes has as many.
const MOST_TICKS: usize = 1 << 22;

/// Which of some versions were written knowing which: for each, the number of versions of each actor that it holds.
struct Order {
    /// A clock has one number an actor, by the actor's place; those at its end that are zero are left out.
    clocks: HashMap<Hash, (usize, Vec<u32>)>,
    /// First and last operation of each actor's versions, in order.
    operations: HashMap<Actor, Vec<(u64, u64, Hash)>>,
}

impl Order {
    /// `changes` come with each after its parents, and an actor's changes one after the other. `None` of more than can be
    /// held: what nobody could read marked either.
    fn of(changes: &[ChangeMetadata<'_>]) -> Option<Self> {
        let mut places: HashMap<Actor, usize> = HashMap::new();
        let mut clocks: HashMap<Hash, (usize, Vec<u32>)> = HashMap::new();
        let mut operations: HashMap<Actor, Vec<(u64, u64, Hash)>> = HashMap::new();
        let mut ticks = 0_usize;
        for change in changes {
            let Some(writer) = Actor::from_automerge(&change.actor) else { continue };
            let next = places.len();
            let place = *places.entry(writer).or_insert(next);
            let hash = Hash(change.hash.0);
            let mut clock: Vec<u32> = vec![0; place.saturating_add(1)];
            for (_, held) in change.deps.iter().filter_map(|parent| clocks.get(&Hash(parent.0))) {
                clock.resize(clock.len().max(held.len()), 0);
                clock.iter_mut().zip(held).for_each(|(own, count)| *own = (*own).max(*count));
            }
            ticks = ticks.saturating_add(clock.len());
            if ticks > MOST_TICKS {
                return None;
            }
            clock.get_mut(place).into_iter().for_each(|own| *own = own.saturating_add(1));
            clocks.insert(hash, (place, clock));
            operations.entry(writer).or_default().push((change.start_op, change.max_op, hash));
        }
        Some(Self { clocks, operations })
    }

    /// The version among these that wrote a letter.
    fn writer_of(&self, letter: &Letter) -> Option<Hash> {
        let ObjId::Id(number, actor, _) = &letter.operation else { return None };
        let own = self.operations.get(&Actor::from_automerge(actor)?)?;
        let (first, _, hash) = own.get(own.partition_point(|(_, last, _)| last < number))?;
        (first <= number).then_some(*hash)
    }

    /// Those of `versions` that another of them, by another actor, was written at the same time as.
    fn contested(&self, versions: &BTreeSet<Hash>) -> BTreeSet<Hash> {
        let at_once = |a: &Hash, b: &Hash| !self.knew(a, b) && !self.knew(b, a);
        versions.iter().filter(|a| versions.iter().any(|b| a != &b && at_once(a, b))).copied().collect()
    }

    /// Whether `later` was written knowing `earlier`.
    fn knew(&self, later: &Hash, earlier: &Hash) -> bool {
        let (Some((_, later)), Some((place, earlier))) = (self.clocks.get(later), self.clocks.get(earlier)) else {
            return false;
        };
        later.get(*place) >= earlier.get(*place)
    }
}
