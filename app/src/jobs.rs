//! What carries out the window's [`Effect`]s: one thread that holds the practice, and answers in order.
//!
//! The window's thread only sends and polls. Dropping [`VaultJobs`] waits until the practice is sealed and its file is
//! let go.

mod away;
mod backing;
mod backups;
mod checking;
#[cfg(test)]
mod desk;
mod devices;
mod editing;
mod failure;
mod filing;
mod keeping;
mod kit;
mod notes;
mod picking;
mod private;
mod recovering;
mod removing;
mod restoring;
mod resuming;
mod rows;
mod salvaging;
mod searching;
mod sharing;
mod unsaved;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::effect::{Effect, Job, Jobs};
use crate::event::Event;
use crate::jobs::away::Awake;
use crate::jobs::worker::Worker;
use crate::practice::Profile;

/// Wakes the window when there is an answer.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Where and how the window's practice is kept.
#[derive(Clone)]
pub struct Setting {
    /// The practice's file.
    pub file: PathBuf,
    /// How hard a new passphrase is made to guess.
    pub profile: Profile,
    /// Whether other devices are looked for on the local network.
    pub discovery: bool,
    /// A throw-away practice of made-up people is shown at once.
    pub demo: Option<u32>,
}

/// The jobs of a window over a real practice.
pub struct VaultJobs {
    effects: Option<Sender<Message>>,
    events: Receiver<Event>,
    answers: Answers,
    cancelled: Cancelled,
    awake: Awake,
    worker: Option<JoinHandle<()>>,
}

/// The jobs that can be stopped where they stand.
#[derive(Clone, Default)]
struct Cancelled {
    import: Arc<AtomicBool>,
    export: Arc<AtomicBool>,
    seal: Arc<AtomicBool>,
    open_sealed: Arc<AtomicBool>,
    attach: Arc<AtomicBool>,
    backup: Arc<AtomicBool>,
    restore: Arc<AtomicBool>,
    open_backup: Arc<AtomicBool>,
    bring_back: Arc<AtomicBool>,
    salvage: Arc<AtomicBool>,
    /// Locks that the thread has not come to yet: no job goes on in front of one.
    leaving: Arc<AtomicUsize>,
}

impl Cancelled {
    fn flag(&self, job: Job) -> Option<&Arc<AtomicBool>> {
        match job {
            Job::Import => Some(&self.import),
            Job::Export => Some(&self.export),
            Job::Seal => Some(&self.seal),
            Job::OpenSealed => Some(&self.open_sealed),
            Job::Attach => Some(&self.attach),
            Job::Backup => Some(&self.backup),
            Job::Restore => Some(&self.restore),
            Job::OpenBackup => Some(&self.open_backup),
            Job::BringBack => Some(&self.bring_back),
            Job::Salvage => Some(&self.salvage),
            _ => None,
        }
    }

    /// Says whether a job is to stop: it was told to, or the practice is to be locked.
    fn stops(&self, job: Job) -> impl Fn() -> bool + Send + use<> {
        let (told, leaving) = (self.flag(job).cloned(), Arc::clone(&self.leaving));
        move || leaving.load(Ordering::Relaxed) > 0 || told.as_ref().is_some_and(|told| told.load(Ordering::Relaxed))
    }

    /// A lock, or the end, waits behind what is at work.
    fn leave(&self) {
        self.leaving.fetch_add(1, Ordering::Relaxed);
    }

    fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed) > 0
    }

    /// It has come to its turn.
    fn left(&self) {
        self.leaving.fetch_sub(1, Ordering::Relaxed);
    }
}

impl VaultJobs {
    /// Starts the thread; `wake` is called from it.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn new(setting: Setting, wake: Wake) -> std::io::Result<Self> {
        let (effects, inbox) = channel();
        let (outbox, events) = channel();
        let cancelled = Cancelled::default();
        let nudge = effects.clone();
        let answers = Answers { outbox, wake };
        let awake = Awake::default();
        let worker = Worker::new(setting, answers.clone(), cancelled.clone(), awake.clone(), nudge);
        let worker = std::thread::Builder::new().name("practice".to_owned()).spawn(move || worker.run(&inbox))?;
        Ok(Self { effects: Some(effects), events, answers, cancelled, awake, worker: Some(worker) })
    }

    /// From now on it is noticed when the person goes away: the computer falls asleep, or its screen is locked.
    pub fn notice_absence(&self) {
        away::watch(self.answers.clone(), self.awake.clone());
    }
}

impl Jobs for VaultJobs {
    fn start(&mut self, effect: Effect) {
        if let Effect::Cancel(job) = effect {
            if let Some(flag) = self.cancelled.flag(job) {
                flag.store(true, Ordering::Relaxed);
            }
            return;
        }
        if let Effect::Lock(_) = effect {
            self.cancelled.leave();
        }
        if let Effect::Pick(pick) = effect {
            return picking::show(pick, self.answers.clone());
        }
        if let Some(effects) = &self.effects {
            // Only a worker that has ended does not listen, and then the window is closing.
            let _ = effects.send(Message::Do(effect));
        }
    }

    fn poll(&mut self) -> Vec<Event> {
        self.events.try_iter().collect()
    }
}

impl Drop for VaultJobs {
    fn drop(&mut self) {
        self.cancelled.leave();
        if let Some(effects) = self.effects.take() {
            let _ = effects.send(Message::End);
        }
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

/// What the thread is told.
enum Message {
    /// By the window.
    Do(Effect),
    /// By the network: something arrived from another device.
    Arrived,
    /// By the thread that has opened a backup.
    BackupOpened(Box<restoring::Opened>),
    /// The window is gone.
    End,
}

/// Where answers go.
#[derive(Clone)]
struct Answers {
    outbox: Sender<Event>,
    wake: Wake,
}

impl Answers {
    fn send(&self, event: Event) {
        let _ = self.outbox.send(event);
        (self.wake)();
    }
}

#[cfg(test)]
mod tests;
