//! What the window asks of whoever carries its effects out, and where answers go.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use subrosa_core::import;

use crate::messages::{Effect, Event};
use crate::values::job::{Job, Progress};

/// Who carries effects out. Neither call may block: the window's thread makes both.
pub trait Jobs {
    /// Starts a job.
    fn start(&mut self, effect: Effect);
    /// What has come back since the last call, oldest first.
    fn poll(&mut self) -> Vec<Event>;
}

/// Wakes the window when there is an answer.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Where answers go.
#[derive(Clone)]
pub(crate) struct Answers {
    pub(crate) outbox: Sender<Event>,
    pub(crate) wake: Wake,
}

impl Answers {
    pub(crate) fn send(&self, event: impl Into<Event>) {
        let _ = self.outbox.send(event.into());
        (self.wake)();
    }

    /// Says how far a job is, as the core counts it.
    pub(crate) fn progress_of(&self, job: Job) -> impl FnMut(import::Progress) + use<'_> {
        move |at| self.send(Event::Progress(job, Progress { done: at.done, total: at.of }))
    }
}
