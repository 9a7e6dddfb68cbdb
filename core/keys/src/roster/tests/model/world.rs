//! The states and the steps: two honest devices that write what their owners may ask of them, a hostile one that writes all it
//! can sign, and entries that reach each honest device in any order and any part.

use std::sync::{Mutex, MutexGuard, PoisonError};

use stateright::{Model, Property};

use super::book::{Book, FIRST, Heard, Id, Saying};
use super::{Bounds, Faulty, HOSTILE_OWN, everybody, laws, writing};

/// An honest device.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Honest {
    pub(super) number: u8,
    /// The entries that reached it, in ascending order, beyond the first ones.
    pub(super) heard: Vec<Id>,
    /// The roster that these made, in the order in which they came.
    pub(super) roster: Heard,
    /// The epochs of which it has the secret.
    pub(super) known: Vec<Id>,
    /// The authority whose key it took when its passphrase was given last.
    pub(super) authority: Id,
    /// Whether it let a device back in against the rule.
    pub(super) against: bool,
}

/// Everything that was written, and what reached whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    /// Entries beyond the first ones, in ascending order.
    pub(super) written: Vec<Id>,
    pub(super) honest: [Honest; 2],
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An honest device writes an entry, with the key of that authority.
    Writes { honest: usize, entry: Id, authority: Id },
    /// The hostile device writes one.
    Hostile { entry: Id },
    /// An entry reaches an honest device.
    Hears { honest: usize, entry: Id },
}

/// Three devices of one practice, one of them hostile.
pub(super) struct Practice {
    pub(super) bounds: Bounds,
    pub(super) hostile: u8,
    book: Mutex<Book>,
}

impl Practice {
    pub(super) fn new(bounds: Bounds, hostile: u8, seed: u64, faulty: Option<Faulty>) -> Self {
        Self { bounds, hostile, book: Mutex::new(Book::new(faulty, hostile, seed)) }
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a step is, in words.
    pub(super) fn tell(&self, step: &Step) -> String {
        let book = self.book();
        let said = |entry: Id| {
            let words = &book.page(entry).words;
            format!("{entry} after {:?}: {:?} in the name of {}", words.parents, words.saying, words.author)
        };
        match step {
            Step::Writes { entry, .. } => format!("device {} writes {}", book.page(*entry).words.by, said(*entry)),
            Step::Hostile { entry } => format!("hostile {} writes {}", book.page(*entry).words.by, said(*entry)),
            Step::Hears { honest, entry } => format!("honest device {honest} hears {entry}"),
        }
    }

    /// Whether one entry more of this kind, by one of these, keeps within the bounds.
    pub(super) fn may_write(&self, book: &Book, written: &[Id], by_hostile: bool, saying: &Saying) -> bool {
        let is_hostile = |by: u8| by == self.hostile || by == HOSTILE_OWN;
        let theirs: Vec<&Saying> = written
            .iter()
            .map(|id| &book.page(*id).words)
            .filter(|words| is_hostile(words.by) == by_hostile)
            .map(|words| &words.saying)
            .collect();
        let quota = if by_hostile { &self.bounds.hostile } else { &self.bounds.honest };
        let alike = theirs.iter().filter(|one| std::mem::discriminant(**one) == std::mem::discriminant(saying)).count();
        written.len() < self.bounds.all && theirs.len() < quota.all && alike < quota.of(saying)
    }
}

impl Model for Practice {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let mut honest = everybody().take(FIRST.len()).filter(|device| *device != self.hostile).map(|number| Honest {
            number,
            heard: Vec::new(),
            roster: 0,
            known: vec![0],
            authority: 0,
            against: false,
        });
        let honest = [honest.next().unwrap(), honest.next().unwrap()];
        vec![World { written: Vec::new(), honest }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        let mut book = self.book();
        for (honest, device) in world.honest.iter().enumerate() {
            let unheard = world.written.iter().filter(|entry| !device.heard.contains(entry));
            steps.extend(unheard.map(|entry| Step::Hears { honest, entry: *entry }));
        }
        if world.written.len() < self.bounds.all {
            for (honest, device) in world.honest.iter().enumerate() {
                let written = writing::honest(self, &mut book, world, device);
                steps.extend(written.into_iter().map(|(entry, authority)| Step::Writes { honest, entry, authority }));
            }
            let hostile = writing::hostile(self, &mut book, world);
            steps.extend(hostile.into_iter().map(|entry| Step::Hostile { entry }));
        }
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        let mut book = self.book();
        match step {
            Step::Hears { honest, entry } => world.honest[honest].hear(&mut book, entry),
            Step::Writes { honest, entry, authority } => {
                world.put(entry)?;
                world.honest[honest].authority = authority;
                world.honest[honest].hear(&mut book, entry);
            }
            Step::Hostile { entry } => world.put(entry)?,
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(laws::REMOVAL, |practice: &Self, world: &World| {
                let book = practice.book();
                let holds = |one: &Honest| !one.against && !book.view(one.roster).broken.contains(&laws::REMOVAL);
                world.honest.iter().all(holds)
            }),
            Property::always(laws::CUT, |practice: &Self, world: &World| {
                let book = practice.book();
                world.honest.iter().all(|one| !book.view(one.roster).broken.contains(&laws::CUT))
            }),
            Property::always(laws::ELDER, |practice: &Self, world: &World| {
                let book = practice.book();
                world.honest.iter().all(|one| !book.view(one.roster).broken.contains(&laws::ELDER))
            }),
            Property::always(super::AGREE, |practice: &Self, world: &World| {
                let (book, [one, other]) = (practice.book(), &world.honest);
                one.heard != other.heard || book.view(one.roster) == book.view(other.roster)
            }),
            Property::always(super::OPENS, |practice: &Self, world: &World| {
                let book = practice.book();
                world.honest.iter().all(|one| one.opens_or_says(&book, practice.hostile))
            }),
            Property::always(super::KEPT_FROM, Practice::is_kept_from_the_removed),
            Property::sometimes(super::VOID_REMOVAL, |practice: &Self, world: &World| {
                practice.any(world, |book, one| {
                    let view = book.view(one.roster);
                    let mut removals = view.taken.iter().filter(|entry| book.is_removal(**entry));
                    removals.any(|entry| !view.epochs.contains(entry))
                })
            }),
            Property::sometimes(super::RENEW, |practice: &Self, world: &World| {
                practice.any(world, |book, one| !book.view(one.roster).renew.is_empty())
            }),
            Property::sometimes(super::LACKS, |practice: &Self, world: &World| {
                practice.any(world, |book, one| {
                    let view = book.view(one.roster);
                    view.stays(one.number) && !one.known.contains(&view.epoch())
                })
            }),
            Property::sometimes(super::VOID_CUT, |practice: &Self, world: &World| {
                practice.any(world, |book, one| !book.view(one.roster).void_cuts.is_empty())
            }),
            Property::sometimes(super::WAITS, |practice: &Self, world: &World| {
                practice.any(world, |book, one| !book.view(one.roster).waiting.is_empty())
            }),
        ]
    }
}

impl Practice {
    fn any(&self, world: &World, is_so: impl Fn(&Book, &Honest) -> bool) -> bool {
        let book = self.book();
        world.honest.iter().any(|one| is_so(&book, one))
    }

    /// Where the hostile side is out, by what a device heard and by all that was written, and the keys were renewed, nothing
    /// that was written hands it those in force.
    fn is_kept_from_the_removed(&self, world: &World) -> bool {
        let mut book = self.book();
        let hostile = [self.hostile, HOSTILE_OWN];
        let is_theirs = |book: &Book, heard: Heard| hostile.iter().any(|device| book.view(heard).stays(*device));
        world.honest.iter().all(|one| {
            let view = book.view(one.roster);
            let (epoch, authority) = (view.epoch(), view.authority);
            let has_not_heard = self.bounds.whole && one.heard != world.written;
            if is_theirs(&book, one.roster) || !view.renew.is_empty() || has_not_heard {
                return true;
            }
            let (whole, opened) = book.whole(&world.written);
            let opens = |device: &u8| book.opens_authority(*device, authority);
            is_theirs(&book, whole) || !(hostile.iter().any(opens) || opened.contains(&epoch))
        })
    }
}

impl World {
    /// Writes an entry; nothing when it was written before.
    fn put(&mut self, entry: Id) -> Option<()> {
        let at = self.written.binary_search(&entry).err()?;
        self.written.insert(at, entry);
        Some(())
    }
}

impl Honest {
    fn hear(&mut self, book: &mut Book, entry: Id) {
        let Err(at) = self.heard.binary_search(&entry) else { return };
        self.heard.insert(at, entry);
        let before = self.roster;
        self.roster = book.after(before, entry);
        self.against |= laws::comes_back(book, book.view(before), book.view(self.roster));
        self.known = book.opened(self.roster, &[self.number], &self.known);
    }

    /// Whether it opens the epoch in force or says that it lacks it, and opens it where an honest device handed it over.
    fn opens_or_says(&self, book: &Book, hostile: u8) -> bool {
        let view = book.view(self.roster);
        let opens = self.known.contains(&view.epoch());
        if !view.stays(self.number) || opens {
            return true;
        }
        let by = book.page(view.epoch()).words.by;
        let says = book.lacking(self.roster, &self.known).contains(&view.epoch());
        let handed = ![hostile, HOSTILE_OWN].contains(&by) && book.hands_over(view.epoch(), self.number);
        says && !handed
    }
}
