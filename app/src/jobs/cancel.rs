//! Jobs that can be stopped where they stand, and locks that no job goes on in front of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::values::job::Job;

/// The kinds of job that can be told to stop.
const STOPPABLE: [Job; 11] = [
    Job::Import,
    Job::Export,
    Job::Seal,
    Job::OpenSealed,
    Job::Attach,
    Job::Backup,
    Job::Restore,
    Job::OpenBackup,
    Job::BringBack,
    Job::Salvage,
    Job::NewKeys,
];

/// What was told to stop.
#[derive(Clone)]
pub(crate) struct Cancelled {
    told: Arc<[(Job, Arc<AtomicBool>); STOPPABLE.len()]>,
    /// Locks that the thread has not come to yet: no job goes on in front of one.
    leaving: Arc<AtomicUsize>,
}

impl Default for Cancelled {
    fn default() -> Self {
        Self { told: Arc::new(STOPPABLE.map(|job| (job, Arc::default()))), leaving: Arc::default() }
    }
}

impl Cancelled {
    fn flag(&self, job: Job) -> Option<&Arc<AtomicBool>> {
        self.told.iter().find(|(of, _)| *of == job).map(|(_, told)| told)
    }

    /// Whether a job of this kind was told to stop; never set for a kind that cannot be stopped.
    pub(crate) fn told(&self, job: Job) -> Arc<AtomicBool> {
        self.flag(job).cloned().unwrap_or_default()
    }

    /// Tells a job of this kind to stop.
    pub(crate) fn stop(&self, job: Job) {
        if let Some(told) = self.flag(job) {
            told.store(true, Ordering::Relaxed);
        }
    }

    /// A job of this kind begins: nobody has told it anything yet.
    pub(crate) fn begin(&self, job: Job) {
        if let Some(told) = self.flag(job) {
            told.store(false, Ordering::Relaxed);
        }
    }

    /// Says whether a job is to stop: it was told to, or the practice is to be locked.
    pub(crate) fn stops(&self, job: Job) -> impl Fn() -> bool + Send + use<> {
        let (told, leaving) = (self.flag(job).cloned(), Arc::clone(&self.leaving));
        move || leaving.load(Ordering::Relaxed) > 0 || told.as_ref().is_some_and(|told| told.load(Ordering::Relaxed))
    }

    /// A lock, or the end, waits behind what is at work.
    pub(crate) fn leave(&self) {
        self.leaving.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed) > 0
    }

    /// It has come to its turn.
    pub(crate) fn left(&self) {
        self.leaving.fetch_sub(1, Ordering::Relaxed);
    }
}
