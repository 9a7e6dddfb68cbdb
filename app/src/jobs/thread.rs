//! Threads of a job's own, and panics caught.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::jobs::port::Answers;
use crate::messages::Event;
use crate::values::job::Job;
use crate::words;

/// Begins a thread of a job's own. When it panics, the window is told that the job came to nothing.
pub(crate) fn spawn(
    name: &str,
    job: Job,
    answers: &Answers,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<()> {
    let answers = answers.clone();
    let guarded = move || {
        if caught(work).is_none() {
            answers.send(Event::Failed(job, words::FAULT.to_owned()));
        }
    };
    std::thread::Builder::new().name(name.to_owned()).spawn(guarded).map(drop)
}

/// Does something; `None` when it panicked.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    // What the job had borrowed is dropped or read anew before anybody looks at it again.
    catch_unwind(AssertUnwindSafe(work)).ok()
}
