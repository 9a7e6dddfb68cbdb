//! What carries out the window's [`Effect`]s: one thread that holds the practice, and answers in order.
//!
//! The window's thread only sends and polls. Dropping [`VaultJobs`] waits until the practice is sealed and its file is
//! let go.

mod away;
pub(crate) mod bench;
pub(crate) mod cancel;
pub(crate) mod failure;
pub(crate) mod fault;
#[cfg(test)]
pub(crate) mod fixture;
mod picking;
pub(crate) mod port;
pub(crate) mod rows;
pub(crate) mod worker;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::features::backup::job::restoring::BackupInHand;
use crate::features::opening::messages::OpeningEffect;
use crate::jobs::away::Awake;
use crate::jobs::bench::Bench;
use crate::jobs::cancel::Cancelled;
use crate::jobs::port::Answers;
use crate::messages::{Effect, Event};
use crate::practice::Profile;

pub use crate::jobs::port::{Jobs, Wake};

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
        let bench = Bench::new(setting, answers.clone(), cancelled.clone(), awake.clone(), nudge);
        let worker =
            std::thread::Builder::new().name("practice".to_owned()).spawn(move || worker::run(bench, &inbox))?;
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
            return self.cancelled.stop(job);
        }
        if let Effect::Pick(pick) = effect {
            return picking::show(pick, self.answers.clone());
        }
        if matches!(effect, Effect::Opening(OpeningEffect::Lock(_))) {
            self.cancelled.leave();
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
pub(crate) enum Message {
    /// By the window.
    Do(Effect),
    /// By the network: something arrived from another device.
    Arrived,
    /// By the thread that has opened a backup.
    BackupOpened(Box<BackupInHand>),
    /// The window is gone.
    End,
}

#[cfg(test)]
pub(crate) mod tests;
