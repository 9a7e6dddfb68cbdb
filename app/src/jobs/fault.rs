//! A job that panics costs that job alone.
//!
//! The panic is caught around one job and never looked into: its message may quote what somebody wrote. The practice that the
//! job worked on is read anew from its file, as [`Shared`](crate::bridge::Shared) says, and whatever the job had begun is
//! dropped. Where the file cannot be read anew, the practice is closed and the window locks; words that are not saved wait
//! in memory for the next unlocking, as they do on a full disk.

use std::time::{Duration, Instant};

use crate::features::opening::job::lock;
use crate::jobs::bench::Bench;
use crate::jobs::thread::caught;
use crate::messages::Event;
use crate::values::job::Job;
use crate::words;

/// How long something that is done by itself rests after it has panicked.
const REST: Duration = Duration::from_secs(60);

/// Does a job on the bench. After a panic the window is told; `None` then.
pub(crate) fn guarded<T>(bench: &mut Bench, job: Job, work: impl FnOnce(&mut Bench) -> T) -> Option<T> {
    let was_open = caught(|| !bench.vault.is_locked()).unwrap_or_default();
    let done = caught(|| work(bench));
    if done.is_none() {
        clear(bench, job, was_open);
    }
    done
}

/// Does what is due by itself, unless it has panicked a moment ago.
pub(crate) fn guarded_in_time(bench: &mut Bench, job: Job, work: impl FnOnce(&mut Bench)) {
    if bench.resting.get(&job).is_some_and(|since| since.elapsed() < REST) {
        return;
    }
    match guarded(bench, job, work) {
        Some(()) => drop(bench.resting.remove(&job)),
        None => drop(bench.resting.insert(job, Instant::now())),
    }
}

/// Clears the bench after a job that panicked, and tells the window what became of the practice.
fn clear(bench: &mut Bench, job: Job, was_open: bool) {
    let (search, check) = (bench.searching.take().is_some(), bench.slices.are_asked_for());
    bench.slices = Default::default();
    for (lost, _) in [(Job::Search, search), (Job::Check, check)].into_iter().filter(|(lost, was)| *was && *lost != job)
    {
        bench.answers.send(Event::Failed(lost, words::FAULT.to_owned()));
    }
    bench.signing.preview = None;
    // Asking whether it is locked reads the practice anew where that is due.
    let is_open = caught(|| !bench.vault.is_locked()).unwrap_or_default();
    match (was_open, is_open) {
        (true, true) if job != Job::Lock => {
            bench.answers.send(Event::Failed(job, words::FAULT.to_owned()));
            if caught(|| bench.send_clients()).is_some_and(|sent| sent.is_ok()) {
                bench.answers.send(Event::Arrived);
            }
        }
        (true, _) => {
            close(bench);
            bench.answers.send(Event::LockedByFault);
        }
        (false, _) => {
            close(bench);
            bench.answers.send(Event::Failed(job, words::FAULT.to_owned()));
        }
    }
    bench.tell_unsaved();
}

/// Nobody holds the practice any more, nor its file.
fn close(bench: &mut Bench) {
    if caught(|| lock(bench)).is_none() {
        drop(bench.vault.take());
    }
}

#[cfg(test)]
mod tests;
