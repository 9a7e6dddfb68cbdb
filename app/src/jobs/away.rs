//! The person goes away: the computer falls asleep, or its screen is locked. The practice is locked then, and sealed
//! before the sleep.
//!
//! On Linux logind says so, and waits with the sleep until the practice is sealed, or as long as it waits for anybody (five
//! seconds, unless somebody has set it otherwise). Where nobody says so, the window notices afterwards that nobody was there.

#[cfg(target_os = "linux")]
mod logind;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Answers;

/// Begins to listen. Without a service that says so it ends at once.
#[cfg(target_os = "linux")]
pub(crate) fn watch(answers: Answers, awake: Awake) {
    logind::watch(move || answers.send(crate::messages::Event::Away), awake);
}

/// Here nobody says so.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch(_: Answers, _: Awake) {}

/// What the system keeps awake for, until it is dropped.
type Hold = Box<dyn Send>;

/// Keeps the computer awake until the practice is sealed.
#[derive(Clone, Default)]
pub(crate) struct Awake(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    hold: Option<Hold>,
    falling_asleep: bool,
}

impl Awake {
    /// From now on the computer waits before it falls asleep.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nobody gives such a thing there"))]
    fn keep(&self, hold: Option<Hold>) {
        *self.state() = State { hold, falling_asleep: false };
    }

    /// It is about to fall asleep, and waits.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nobody says so there"))]
    fn falls_asleep(&self) {
        self.state().falling_asleep = true;
    }

    /// The practice is sealed: if the computer waits for that, it need not any longer.
    pub(crate) fn sealed(&self) {
        let mut state = self.state();
        if state.falling_asleep {
            state.hold = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
