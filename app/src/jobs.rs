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
pub(crate) mod message;
mod picking;
pub(crate) mod port;
pub(crate) mod rows;
pub(crate) mod setting;
pub(crate) mod thread;
pub(crate) mod worker;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::features::opening::messages::OpeningEffect;
use crate::jobs::away::Awake;
use crate::jobs::bench::Bench;
use crate::jobs::cancel::Cancelled;
use crate::jobs::message::Message;
use crate::jobs::port::Answers;
use crate::messages::{Effect, Event};

pub use crate::jobs::port::{Jobs, Wake};
pub use crate::jobs::setting::Setting;

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

#[cfg(test)]
pub(crate) mod tests;
