//! What a power cut can leave: out of what was done to a disk, every state in which a machine could find it again.
//!
//! What was synced is there. Of what was written since, anything may be: each write whole, lost, or torn, in any order.
//! `docs/store.md` says what is assumed beyond that; bytes that were never written hold anything here too.

use std::collections::BTreeSet;

use crate::dice::Dice;
use crate::disk::Op;

/// What a disk writes at once: the small sector, and the large one that is also a page of memory.
pub const SECTORS: [usize; 2] = [512, 4096];

/// What lies where nobody wrote, when it is not zeros.
const JUNK: u8 = 0x5A;

/// Does one thing to an image; what grows is filled with `junk`.
pub fn apply(image: &mut Vec<u8>, op: &Op, junk: u8) {
    match op {
        Op::Length(len) => image.resize(*len, junk),
        Op::Write(at, bytes) => put(image, *at, bytes),
        Op::Sync => {}
    }
}

/// A length that was lost leaves nowhere to write to.
fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    let room = image.get_mut(at..).unwrap_or_default();
    room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
}

/// What becomes of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Lost,
    Whole,
    /// Some of its sectors, chosen by the number.
    Torn(u64),
}

/// What becomes of all writes since the last sync.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fates {
    each: Vec<Fate>,
    sector: usize,
}

impl Fates {
    /// Anything.
    pub fn any(writes: usize, dice: &mut Dice) -> Self {
        let sector = SECTORS[dice.roll(SECTORS.len())];
        let fate = |_| match dice.roll(3) {
            0 => Fate::Lost,
            1 => Fate::Whole,
            _ => Fate::Torn(dice.bits()),
        };
        Self { each: (0..writes).map(fate).collect(), sector }
    }

    /// Those that are marked are there, whole. The others are lost, or with `torn` some of them in part.
    fn of(there: &[bool], torn: Option<usize>, dice: &mut Dice) -> Self {
        let fate = |there: &bool| match (there, torn) {
            (true, _) => Fate::Whole,
            (false, None) => Fate::Lost,
            (false, Some(_)) if dice.happens(25) => Fate::Lost,
            (false, Some(_)) => Fate::Torn(dice.bits()),
        };
        Self { each: there.iter().map(fate).collect(), sector: torn.unwrap_or(0) }
    }

    /// Puts onto an image what is left of these writes.
    pub fn apply(&self, image: &mut Vec<u8>, writes: &[Op]) {
        let junk = if self.sector == 0 { 0 } else { JUNK };
        for (fate, op) in self.each.iter().zip(writes) {
            match (fate, op) {
                (Fate::Lost, _) => {}
                (Fate::Torn(chosen), Op::Write(at, bytes)) => tear(image, *at, bytes, self.sector, *chosen),
                (Fate::Torn(chosen), Op::Length(_)) if chosen & 1 == 0 => {}
                (_, op) => apply(image, op, junk),
            }
        }
    }
}

/// Some sectors of a write arrive, others do not. Of a write within one sector, all or nothing.
fn tear(image: &mut [u8], at: usize, bytes: &[u8], sector: usize, chosen: u64) {
    let mut dice = Dice::new(chosen);
    let mut from = 0;
    while from < bytes.len() {
        let to = ((at + from) / sector * sector + sector - at).min(bytes.len());
        if dice.happens(50) {
            put(image, at + from, &bytes[from..to]);
        }
        from = to;
    }
}

/// How many of the states are made.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Up to so many writes since the last sync, every subset of them.
    pub exhaustive: usize,
    /// Above that, every so many-th prefix and single loss…
    pub step: usize,
    /// …and so many subsets by chance.
    pub seeded: usize,
}

/// The time between two syncs: what is durable, and what is on its way.
pub struct Stretch {
    durable: Vec<u8>,
    writes: Vec<Op>,
    /// How much had been done to the disk when it ended.
    pub end: usize,
}

impl Stretch {
    /// All stretches of what was done to a disk that was empty at first.
    pub fn all(tape: &[Op]) -> Vec<Self> {
        let mut stretches = vec![Self { durable: Vec::new(), writes: Vec::new(), end: 0 }];
        for (at, op) in tape.iter().enumerate() {
            let stretch = stretches.last_mut().unwrap();
            stretch.end = at + 1;
            if matches!(op, Op::Sync) {
                let mut durable = stretch.durable.clone();
                stretch.writes.iter().for_each(|op| apply(&mut durable, op, 0));
                stretches.push(Self { durable, writes: Vec::new(), end: at + 1 });
            } else {
                stretch.writes.push(op.clone());
            }
        }
        stretches
    }

    /// Number of writes and changes of length in it.
    pub fn writes(&self) -> usize {
        self.writes.len()
    }

    /// The fates that its writes can meet, each once, as far as the plan goes.
    pub fn fates(&self, plan: Plan, dice: &mut Dice) -> BTreeSet<Fates> {
        let mut fates = BTreeSet::new();
        for there in subsets(self.writes.len(), plan, dice) {
            fates.insert(Fates::of(&there, None, dice));
            if there.contains(&false) {
                fates.extend(SECTORS.map(|sector| Fates::of(&there, Some(sector), dice)));
            }
        }
        fates
    }

    /// What is found when the power failed during one of its writes, and the disk spoiled every sector that it touched,
    /// with what lay beside it: worse than what is assumed.
    pub fn spoilt(&self, during: usize, sector: usize) -> Vec<u8> {
        let mut image = self.durable.clone();
        self.writes[..during].iter().for_each(|op| apply(&mut image, op, 0));
        if let Op::Write(at, bytes) = &self.writes[during] {
            let end = (at + bytes.len()).next_multiple_of(sector).min(image.len());
            image.get_mut(at / sector * sector..end).unwrap_or_default().fill(JUNK);
        }
        image
    }

    /// What is found after a power cut that its writes met so.
    pub fn image(&self, fates: &Fates) -> Vec<u8> {
        let mut image = self.durable.clone();
        fates.apply(&mut image, &self.writes);
        image
    }
}

fn subsets(writes: usize, plan: Plan, dice: &mut Dice) -> Vec<Vec<bool>> {
    if writes <= plan.exhaustive {
        return (0..1_usize << writes).map(|set| (0..writes).map(|at| set >> at & 1 == 1).collect()).collect();
    }
    let prefixes = (0..=writes).step_by(plan.step).map(|len| (0..writes).map(|at| at < len).collect());
    let losses = (0..writes).step_by(plan.step).map(|lost| (0..writes).map(|at| at != lost).collect());
    let mut subsets: Vec<Vec<bool>> = prefixes.chain(losses).collect();
    subsets.extend((0..plan.seeded).map(|_| (0..writes).map(|_| dice.happens(50)).collect()));
    subsets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(at: usize, byte: u8, len: usize) -> Op {
        Op::Write(at, vec![byte; len].into())
    }

    fn images(tape: &[Op], plan: Plan) -> Vec<BTreeSet<Vec<u8>>> {
        let images = |stretch: &Stretch| {
            let fates = stretch.fates(plan, &mut Dice::new(1));
            fates.iter().map(|fates| stretch.image(fates)).collect()
        };
        Stretch::all(tape).iter().map(images).collect()
    }

    #[test]
    fn what_was_synced_is_there_and_of_the_rest_every_subset() {
        let tape = [Op::Length(2), write(0, 1, 1), Op::Sync, write(0, 2, 1), write(1, 3, 1)];
        let all = images(&tape, Plan { exhaustive: 10, step: 1, seeded: 0 });
        let after: BTreeSet<Vec<u8>> = [[1, 0], [2, 0], [1, 3], [2, 3]].map(|image| image.to_vec()).into();
        assert_eq!(all[1], after);
        assert!(all[0].contains(&vec![]) && all[0].contains(&vec![0, 0]) && all[0].contains(&vec![1, 0]));
    }

    #[test]
    fn a_torn_write_leaves_whole_sectors_and_touches_nothing_beside_it() {
        let tape = [Op::Length(3072), Op::Sync, write(500, 7, 1100)];
        let all = images(&tape, Plan { exhaustive: 10, step: 1, seeded: 0 });
        assert!(all[1].len() > 2, "torn ones are among them");
        for image in &all[1] {
            let sectors = [500..512, 512..1024, 1024..1536, 1536..1600];
            assert!(
                sectors.into_iter().all(|sector| image[sector.clone()].iter().all(|byte| *byte == image[sector.start]))
            );
            assert!(image[..500].iter().chain(&image[1600..]).all(|byte| *byte == 0));
        }
    }

    #[test]
    fn above_the_limit_every_prefix_and_every_loss_is_among_them() {
        let writes: Vec<Op> = (0..12).map(|at| write(at, 1, 1)).collect();
        let tape = [&[Op::Length(12), Op::Sync], writes.as_slice()].concat();
        let all = images(&tape, Plan { exhaustive: 10, step: 1, seeded: 50 });
        for len in 0..=12 {
            assert!(all[1].contains(&[vec![1; len], vec![0; 12 - len]].concat()));
        }
        for lost in 0..12 {
            let mut image = vec![1; 12];
            image[lost] = 0;
            assert!(all[1].contains(&image));
        }
        assert!(all[1].len() > 50);
    }
}
