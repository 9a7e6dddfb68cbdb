//! Until when the peer must have said what is due from it.
//!
//! Its greeting, an answer to what it was asked, and the rest of a list that it has begun each have a time of their own. It
//! is put off by the thing itself alone, or by more of it on a slow line: whoever talks of something else is as good as silent.

use crate::wire::{kind, limits};

/// Time a peer has for its hello and its frontier, in milliseconds.
pub const GREETING_MS: u64 = 10_000;
/// Time a peer has for an answer to what it was asked for, and for each further part of a list, in milliseconds.
pub const ANSWER_MS: u64 = 30_000;

#[derive(Default)]
pub(super) struct Due {
    greeting: Option<u64>,
    answer: Option<u64>,
    list: Option<u64>,
    /// How much of a message was on its way when it last counted.
    progress: usize,
}

impl Due {
    /// The connection stands.
    pub(super) fn opened(&mut self, now: u64) {
        self.greeting = Some(now.saturating_add(GREETING_MS));
    }

    /// The peer has greeted.
    pub(super) fn greeted(&mut self) {
        self.greeting = None;
    }

    /// One of the answers came.
    pub(super) fn answered(&mut self) {
        self.answer = None;
    }

    /// Part of a list came.
    pub(super) fn listed(&mut self) {
        self.list = None;
    }

    /// A message is on its way, and so much of it came: on a slow line it takes longer than a peer may be silent.
    pub(super) fn comes(&mut self, kind: u8, came: usize, a_vector_is_due: bool) {
        if came < self.progress + limits::PROGRESS {
            return;
        }
        self.progress = came;
        let is_list = matches!(kind, kind::VECTOR | kind::ACK);
        if matches!(kind, kind::HEADERS | kind::BODY | kind::PIECE) || (kind == kind::VECTOR && a_vector_is_due) {
            self.answered();
        }
        if is_list {
            self.listed();
        }
    }

    /// A message came whole.
    pub(super) fn came(&mut self) {
        self.progress = 0;
    }

    /// Sets the time of what is awaited and has none yet.
    pub(super) fn awaits(&mut self, an_answer: bool, a_list: bool, now: u64) {
        let from_now = now.saturating_add(ANSWER_MS);
        self.answer = an_answer.then(|| self.answer.unwrap_or(from_now));
        self.list = a_list.then(|| self.list.unwrap_or(from_now));
    }

    /// When the first of these times is over.
    pub(super) fn at(&self) -> Option<u64> {
        [self.greeting, self.answer, self.list].into_iter().flatten().min()
    }
}
