//! Runs one target: its corpus first, then mutations, for so many rounds or seconds, with its memory counted.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use subrosa_core::kdf;
use subrosa_tests::dice::Dice;

use crate::mutate::mutate;
use crate::{MEMORY, Target, corpus};

/// Rounds when no time is given: a plain `cargo test` shall not wait for this.
const ROUNDS: usize = 300;
/// Inputs that are mutated further.
const POOL: usize = 512;

/// One target at a time: the memory that is counted is the process's.
static ALONE: Mutex<()> = Mutex::new(());

/// What a target did that it must not.
#[derive(Debug)]
pub(crate) enum Failure {
    Panicked(String),
    TookMemory(usize),
}

/// An input that failed, and how.
pub(crate) struct Found {
    pub(crate) input: Vec<u8>,
    pub(crate) failure: Failure,
}

/// How far a run went.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    pub(crate) rounds: usize,
    pub(crate) outcomes: usize,
    pub(crate) most_memory: usize,
}

/// Runs a target on its corpus and mutations of it; an input that fails, fails the test.
pub(crate) fn run(target: &Target) {
    let seconds = std::env::var("SUBROSA_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let seed = std::env::var("SUBROSA_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok());
    // Another seed each time when there is time, the same one in a plain test run.
    let now = || std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let seed = seed.unwrap_or_else(|| if seconds.is_some() { now() } else { 1 });
    match hunt(target, || inputs(target), seconds.map(Duration::from_secs), ROUNDS, seed) {
        Ok(ran) => println!("{}: {ran:?}, seed {seed}", target.name),
        Err(found) => panic!("{}: {:?}, seed {seed}; {}", target.name, found.failure, kept(target, &found.input)),
    }
}

/// What is in the corpus; a target without a corpus is a mistake.
fn inputs(target: &Target) -> Vec<Vec<u8>> {
    let folder = corpus().join(target.name);
    if std::env::var_os("SUBROSA_WRITE_CORPUS").is_some() {
        fs::create_dir_all(&folder).unwrap();
        for seed in (target.seeds)() {
            let name: String = kdf::sha256(&seed).to_string().chars().take(16).collect();
            fs::write(folder.join(name), seed).unwrap();
        }
    }
    let files = fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} has no corpus", target.name));
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Looks for an input that fails, until the time or the rounds are over.
pub(crate) fn hunt(
    target: &Target,
    pool: impl FnOnce() -> Vec<Vec<u8>>,
    time: Option<Duration>,
    rounds: usize,
    seed: u64,
) -> Result<Ran, Found> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut pool = pool();
    // Panics are caught and told once, with their input; Automerge's are part of what is expected.
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let (mut dice, mut ran, mut seen) = (Dice::new(seed), Ran::default(), BTreeSet::new());
    let begun = Instant::now();
    let mut found = None;
    let known = pool.len();
    loop {
        let fresh = match pool.get(ran.rounds) {
            Some(input) if ran.rounds < known => input.clone(),
            _ => {
                let other = dice.pick(&pool).cloned().unwrap_or_default();
                mutate(&dice.pick(&pool).cloned().unwrap_or_default(), &other, &mut dice)
            }
        };
        match once(target, &fresh) {
            Ok((outcome, memory)) => {
                ran.most_memory = ran.most_memory.max(memory);
                if seen.insert(outcome) && ran.rounds >= known && pool.len() < POOL {
                    pool.push(fresh);
                }
            }
            Err(failure) => {
                found = Some(Found { input: fresh, failure });
                break;
            }
        }
        ran.rounds += 1;
        let over = time.map_or(ran.rounds >= rounds + known, |time| begun.elapsed() >= time && ran.rounds >= known);
        if over {
            break;
        }
    }
    set_hook(hook);
    ran.outcomes = seen.len();
    found.map_or(Ok(ran), Err)
}

/// The outcome of one input, and the memory that it took at a time.
fn once(target: &Target, input: &[u8]) -> Result<(String, usize), Failure> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let taken = MEMORY.peak_usage().saturating_sub(before);
    let outcome = outcome.map_err(|panic| Failure::Panicked(words(&*panic)))?;
    if taken > target.memory { Err(Failure::TookMemory(taken)) } else { Ok((outcome, taken)) }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Keeps an input that failed where it can be fetched from.
fn kept(target: &Target, input: &[u8]) -> String {
    let name: String = kdf::sha256(input).to_string().chars().take(16).collect();
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", target.name));
    match fs::write(&file, input) {
        Ok(()) => format!("the input of {} bytes is {}", input.len(), file.display()),
        Err(error) => format!("the input of {} bytes could not be kept: {error}", input.len()),
    }
}
