//! When what was typed leaves in an envelope.

use std::time::{Duration, Instant};

/// How long nothing must be typed before what was typed leaves for a device that listens.
const PAUSE: Duration = Duration::from_secs(3);
/// How long nothing must be typed before a note counts as left; after this time private notes leave for a device that listens.
const LEFT: Duration = Duration::from_secs(120);

/// Something was typed that has not left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unsent {
    /// When the first of it was typed.
    pub(crate) since: Instant,
    /// When something was typed last.
    last: Instant,
    /// Nothing of it is of the record any more.
    only_private: bool,
}

impl Unsent {
    pub(crate) fn since(since: Instant, last: Instant) -> Self {
        Self { since, last, only_private: false }
    }

    /// What is left once the notes of the record have gone.
    pub(crate) fn of_private(self) -> Self {
        Self { only_private: true, ..self }
    }

    /// What leaves by now.
    pub(crate) fn due(&self, now: Instant, is_heard: bool) -> Due {
        let idle = now.saturating_duration_since(self.last);
        let waited = now.saturating_duration_since(self.since);
        if idle >= LEFT || (is_heard && waited >= LEFT) {
            Due::Everything
        } else if is_heard && idle >= PAUSE && !self.only_private {
            Due::Record
        } else {
            Due::Nothing
        }
    }
}

/// What is to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    Record,
    Everything,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u64) -> Instant {
        *START.get_or_init(Instant::now) + Duration::from_secs(seconds)
    }

    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();

    #[test]
    fn what_was_typed_leaves_at_a_pause_for_who_listens_and_else_when_the_note_is_left() {
        let unsent = Unsent::since(after(0), after(0));
        for (seconds, heard, due) in [
            (2, true, Due::Nothing),
            (3, true, Due::Record),
            (3, false, Due::Nothing),
            (119, false, Due::Nothing),
            (120, false, Due::Everything),
        ] {
            assert_eq!(unsent.due(after(seconds), heard), due, "{seconds} s, heard: {heard}");
        }
    }

    #[test]
    fn what_is_typed_without_a_pause_leaves_after_minutes_while_somebody_listens() {
        let unsent = Unsent::since(after(0), after(120));
        assert_eq!(unsent.due(after(120), true), Due::Everything);
        assert_eq!(unsent.due(after(121), false), Due::Nothing, "it is on the disk");
        let private = Unsent::since(after(0), after(100)).of_private();
        assert_eq!(private.due(after(119), true), Due::Nothing, "no pause tells that one is being written");
    }
}
