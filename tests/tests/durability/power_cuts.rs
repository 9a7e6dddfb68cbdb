//! The power fails at any moment of a working day: each state in which the disk can be found opens, and holds all that
//! was acknowledged; every transaction is there whole or not at all.
//!
//! `cargo test` takes a sample. All of them, in some tens of minutes:
//! `cargo test --release -p subrosa-tests every_power_cut -- --ignored --nocapture`.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use subrosa_core::store::{self, Batch, RedbStore, RowKey, Store, Table};
use subrosa_core::vault::{RowError, VaultError};
use subrosa_tests::crash::{Fates, Plan, SECTORS, Stretch};
use subrosa_tests::dice::Dice;
use subrosa_tests::disk::{Disk, Mistake};
use subrosa_tests::medium::Medium;

use super::saved::{Saved, check, examine, opened, rows, writes_on};
use super::workday::{DAY, Workday, paper};

const SEED: u64 = 0x0D15_C0DE;

/// A store that notes after each commit how far the disk was, and what all rows came to.
struct Watched {
    store: Box<dyn Store>,
    disk: Disk,
    commits: Commits,
}

/// Positions on the disk's tape, and one number for all rows that were true from there on.
type Commits = Arc<Mutex<Vec<(usize, u64)>>>;

impl Watched {
    fn new(store: Box<dyn Store>, disk: Disk, commits: Commits) -> Self {
        let watched = Self { store, disk, commits };
        watched.note();
        watched
    }

    fn note(&self) {
        let rows = rows(&*self.store).unwrap();
        self.commits.lock().unwrap().push((self.disk.position(), rows));
    }
}

impl Store for Watched {
    fn read(&self, table: Table, key: &RowKey) -> store::Result<Option<Vec<u8>>> {
        self.store.read(table, key)
    }

    fn scan(&self, table: Table, row: &mut dyn FnMut(&RowKey, &[u8]) -> ControlFlow<()>) -> store::Result<()> {
        self.store.scan(table, row)
    }

    fn len(&self, table: Table) -> store::Result<u64> {
        self.store.len(table)
    }

    fn commit(&mut self, batch: Batch) -> store::Result<()> {
        self.store.commit(batch)?;
        self.note();
        Ok(())
    }
}

/// A day on a disk that was written down, with what was acknowledged when.
struct Recording {
    stretches: Vec<Stretch>,
    acknowledged: Vec<(usize, Saved)>,
    commits: Vec<(usize, u64)>,
}

impl Recording {
    /// Of a day on this disk; `over` makes the store on it.
    fn of(disk: &Disk, over: &dyn Fn(Disk) -> Box<dyn Store>) -> Self {
        let commits = Commits::default();
        let store = || -> store::Result<Box<dyn Store>> {
            Ok(Box::new(Watched::new(over(disk.clone()), disk.clone(), Arc::clone(&commits))))
        };
        let folder = paper();
        let mut day = Workday::begin(&store, folder.path(), SEED);
        let mut acknowledged = vec![(disk.position(), day.saved.clone())];
        for step in DAY {
            day.take(*step).unwrap_or_else(|error| panic!("{step:?}: {error:?}"));
            acknowledged.push((disk.position(), day.saved.clone()));
        }
        drop(day);
        let commits = commits.lock().unwrap().clone();
        Self { stretches: Stretch::all(&disk.tape()), acknowledged, commits }
    }

    fn end(&self) -> usize {
        self.stretches.last().map_or(0, |last| last.end)
    }

    /// What was acknowledged at a position of the tape, and what was under way.
    fn saved_at(&self, position: usize) -> Option<(&Saved, &Saved)> {
        let after = self.acknowledged.partition_point(|(at, _)| *at <= position);
        let (_, saved) = self.acknowledged.get(after.checked_sub(1)?)?;
        Some((saved, self.acknowledged.get(after).map_or(saved, |(_, next)| next)))
    }

    /// Makes and checks what a power cut leaves, stretch by stretch.
    fn cut_power(&self, plan: Cuts) -> Outcome {
        let (next, outcome) = (AtomicUsize::new(plan.from), Mutex::new(Outcome::default()));
        let work = || {
            while let Some(stretch) = self.stretches.get(next.fetch_add(1, Ordering::Relaxed)) {
                let of_it = self.cut_in(stretch, plan);
                let mut outcome = outcome.lock().unwrap();
                outcome.add(of_it);
                let (images, wrong) = (outcome.images, outcome.wrong.len());
                println!("{images} images, {wrong} wrong, after {} of {} operations", stretch.end, self.end());
                if plan.stop_at_first && !outcome.wrong.is_empty() {
                    break;
                }
            }
        };
        std::thread::scope(|scope| (0..plan.threads).for_each(|_| drop(scope.spawn(work))));
        outcome.into_inner().unwrap()
    }

    fn cut_in(&self, stretch: &Stretch, plan: Cuts) -> Outcome {
        let mut dice = Dice::new(SEED + stretch.end as u64);
        let mut outcome = Outcome::default();
        for fates in stretch.fates(plan.plan, &mut dice) {
            outcome.images += 1;
            let unlocks = outcome.images % plan.unlock_every == 0;
            let found = self.found(stretch, &fates, unlocks, &mut outcome);
            if let Err(wrong) = found {
                outcome.wrong.push(format!("after {} of {} writes: {wrong}", stretch.end, stretch.writes()));
                if plan.stop_at_first {
                    break;
                }
            }
        }
        outcome
    }

    /// Opens an image and checks what is in it.
    fn found(&self, stretch: &Stretch, fates: &Fates, unlocks: bool, outcome: &mut Outcome) -> Result<(), String> {
        let after = self.commits.partition_point(|(at, _)| *at <= stretch.end);
        let opened = RedbStore::over(Medium::holding(stretch.image(fates)));
        // The file is still being made: nothing was ever acknowledged.
        let Some(before) = after.checked_sub(1) else { return Ok(()) };
        let store = opened.map_err(|error| format!("the store: {error:?}"))?;
        let (found, of) = (rows(&store)?, &self.commits);
        let legal = [of.get(before), of.get(after)].into_iter().flatten().any(|(_, rows)| *rows == found);
        check(legal, || "neither the rows of the last transaction nor those of the next".to_owned())?;
        let Some((saved, next)) = self.saved_at(stretch.end).filter(|_| unlocks) else { return Ok(()) };
        outcome.unlocked += 1;
        examine(Box::new(store), saved, next, SEED)?;
        writes_on(stretch.image(fates), saved, next, SEED)
    }
}

/// How many states are made, and how many of them are unlocked and written on; all are opened and read.
#[derive(Clone, Copy)]
struct Cuts {
    plan: Plan,
    /// The stretch with which it begins.
    from: usize,
    unlock_every: usize,
    threads: usize,
    stop_at_first: bool,
}

#[derive(Debug, Default)]
struct Outcome {
    images: usize,
    unlocked: usize,
    wrong: Vec<String>,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.images += other.images;
        self.unlocked += other.unlocked;
        self.wrong.extend(other.wrong);
    }
}

fn redb(disk: Disk) -> Box<dyn Store> {
    Box::new(RedbStore::over(disk).unwrap())
}

const SAMPLE: Cuts = Cuts {
    plan: Plan { exhaustive: 3, step: 11, seeded: 2 },
    from: 0,
    unlock_every: 10,
    threads: 2,
    stop_at_first: false,
};

fn nothing_is_lost(cuts: Cuts) {
    let day = Recording::of(&Disk::default(), &redb);
    let writes: Vec<usize> = day.stretches.iter().map(Stretch::writes).collect();
    let outcome = day.cut_power(cuts);
    println!(
        "seed {SEED:#x}: {} commits, {} syncs, up to {} writes between two; {} images opened and read, {} of them unlocked, verified and written on, {} wrong",
        day.commits.len(),
        writes.len() - 1,
        writes.iter().max().unwrap(),
        outcome.images,
        outcome.unlocked,
        outcome.wrong.len(),
    );
    assert_eq!(outcome.wrong, Vec::<String>::new());
    assert!(outcome.unlocked > 100);
}

#[test]
fn after_a_power_cut_at_any_moment_of_a_day_all_that_was_acknowledged_is_there() {
    nothing_is_lost(SAMPLE);
}

#[test]
#[ignore = "tens of minutes: every power cut, where the test above takes a sample"]
fn every_power_cut_of_a_day_leaves_all_that_was_acknowledged() {
    let plan = Plan { exhaustive: 10, step: 1, seeded: 4_096 };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    nothing_is_lost(Cuts { plan, from: 0, unlock_every: 32, threads, stop_at_first: false });
}

#[test]
fn a_disk_that_spoils_what_lies_beside_a_write_costs_what_is_said_to_be_damaged_and_no_text_is_another() {
    let day = Recording::of(&Disk::default(), &redb);
    let (mut images, mut unharmed) = (0, 0);
    for stretch in day.stretches.iter().step_by(3) {
        let Some((saved, next)) = day.saved_at(stretch.end) else { continue };
        for (number, sector) in (0..stretch.writes()).step_by(4).zip(SECTORS.into_iter().cycle()) {
            let store = RedbStore::over(Medium::holding(stretch.spoilt(number, sector)));
            let vault = store.map_err(VaultError::from).and_then(|store| opened(Box::new(store), saved, next, SEED));
            images += 1;
            match vault {
                Ok(vault) => unharmed += usize::from(saved.is_told_truly(next, &vault)),
                Err(error) => assert_eq!(error.row(), Some(RowError::Damaged)),
            }
        }
    }
    println!("{images} images, {unharmed} of them unharmed");
    assert!(unharmed > 0 && unharmed < images);
}

/// The numbers of the two syncs of a commit in the middle of the day.
fn syncs_of_a_commit() -> [usize; 2] {
    let day = Recording::of(&Disk::default(), &redb);
    let (position, _) = day.commits[day.commits.len() / 2];
    let before = day.stretches.partition_point(|stretch| stretch.end <= position);
    [before - 2, before - 1]
}

#[test]
fn a_sync_that_is_left_out_is_noticed() {
    for sync in syncs_of_a_commit() {
        let day = Recording::of(&Disk::mistaken(Mistake::NoSync(sync)), &redb);
        let outcome = day.cut_power(Cuts { from: sync - 2, stop_at_first: true, ..SAMPLE });
        println!("sync {sync} left out: noticed by image {}: {:?}", outcome.images, outcome.wrong.first());
        assert!(!outcome.wrong.is_empty(), "sync {sync}");
    }
}

/// A store that says that a batch is durable, and writes it when the next one comes.
struct Hasty {
    shown: Box<dyn Store>,
    disk: Box<dyn Store>,
    held: Option<Batch>,
}

impl Hasty {
    fn over(disk: Disk) -> Self {
        let shown = Medium::holding(disk.image());
        Self { disk: redb(disk), shown: Box::new(RedbStore::over(shown).unwrap()), held: None }
    }
}

impl Store for Hasty {
    fn read(&self, table: Table, key: &RowKey) -> store::Result<Option<Vec<u8>>> {
        self.shown.read(table, key)
    }

    fn scan(&self, table: Table, row: &mut dyn FnMut(&RowKey, &[u8]) -> ControlFlow<()>) -> store::Result<()> {
        self.shown.scan(table, row)
    }

    fn len(&self, table: Table) -> store::Result<u64> {
        self.shown.len(table)
    }

    fn commit(&mut self, batch: Batch) -> store::Result<()> {
        if let Some(held) = self.held.replace(batch.clone()) {
            self.disk.commit(held)?;
        }
        self.shown.commit(batch)
    }
}

impl Drop for Hasty {
    fn drop(&mut self) {
        self.held.take().map(|held| self.disk.commit(held));
    }
}

#[test]
fn an_acknowledgement_before_the_commit_is_noticed() {
    let day = Recording::of(&Disk::default(), &|disk| Box::new(Hasty::over(disk)));
    let outcome = day.cut_power(Cuts { stop_at_first: true, ..SAMPLE });
    println!("noticed by image {}: {:?}", outcome.images, outcome.wrong.first());
    assert!(!outcome.wrong.is_empty());
}
