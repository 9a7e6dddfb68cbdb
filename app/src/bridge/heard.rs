//! What the watcher of the network part hears, and in which order it is passed on.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use subrosa_core::vault::MetThrough;
use subrosa_sync::net::{Event, Through};

/// How long after one word of what others hold the next waits: while much goes over, such words come in numbers.
const BETWEEN: Duration = Duration::from_millis(250);

/// Something that happened.
pub(super) enum Overheard {
    /// On the network.
    Net(Event),
    /// Another device said something new of what it holds.
    Holding,
}

/// What happened, words of what others hold as one.
pub(super) struct Hearing<'r> {
    events: &'r Receiver<Overheard>,
    /// When the last word of it was passed on.
    told: Option<Instant>,
    is_due: bool,
}

impl<'r> Hearing<'r> {
    pub(super) fn new(events: &'r Receiver<Overheard>) -> Self {
        Self { events, told: None, is_due: false }
    }

    /// What is next; waits for it for so long at the most.
    pub(super) fn next(&mut self, patience: Duration) -> Result<Overheard, RecvTimeoutError> {
        let until = Instant::now() + patience;
        loop {
            let rest = self.told.map_or(Duration::ZERO, |told| BETWEEN.saturating_sub(told.elapsed()));
            let wait = until.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(if self.is_due { rest } else { wait }) {
                Ok(Overheard::Holding) => self.is_due = true,
                Err(RecvTimeoutError::Timeout) if self.is_due => {
                    (self.is_due, self.told) = (false, Some(Instant::now()));
                    return Ok(Overheard::Holding);
                }
                next => return next,
            }
        }
    }
}

/// Through what a device was met, in the words of the practice.
pub(super) fn met_through(through: Through) -> MetThrough {
    match through {
        Through::SameNetwork => MetThrough::SameNetwork,
        Through::Address => MetThrough::Address,
        Through::Relay => MetThrough::Relay,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn words_of_what_others_hold_are_passed_on_at_once_and_then_as_one() {
        let (tell, events) = channel();
        let mut hearing = Hearing::new(&events);
        let mut heard = |patience| match hearing.next(Duration::from_millis(patience)) {
            Ok(Overheard::Holding) => "holding",
            Ok(Overheard::Net(_)) => "net",
            Err(RecvTimeoutError::Timeout) => "nothing",
            Err(RecvTimeoutError::Disconnected) => "over",
        };
        (0..9).for_each(|_| tell.send(Overheard::Holding).unwrap());
        assert_eq!(heard(0), "holding", "the first is not kept waiting");
        (0..9).for_each(|_| tell.send(Overheard::Holding).unwrap());
        tell.send(Overheard::Net(Event::Stored)).unwrap();
        assert_eq!([heard(0), heard(1_000), heard(0)], ["net", "holding", "nothing"]);
        tell.send(Overheard::Holding).unwrap();
        drop(tell);
        assert_eq!([heard(1_000), heard(1_000)], ["over"; 2], "whoever has stopped is told nothing more");
    }
}
