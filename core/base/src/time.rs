//! Time as it is stored: milliseconds since 1970, UTC. Nothing here asks a clock.

use jiff::Timestamp;

/// Milliseconds since 1970.
pub type Millis = u64;

/// A minute.
pub const MINUTE: Millis = 60 * 1_000;
/// An hour.
pub const HOUR: Millis = 60 * MINUTE;
/// A day.
pub const DAY: Millis = 24 * HOUR;

/// Whole seconds, as Automerge counts them; `None` beyond what it can count.
pub fn seconds(at: Millis) -> Option<i64> {
    i64::try_from(at / 1_000).ok()
}

/// The time as a calendar has it; `None` beyond the year 9999.
pub fn timestamp(at: Millis) -> Option<Timestamp> {
    i64::try_from(at).ok().and_then(|at| Timestamp::from_millisecond(at).ok())
}

/// A time as texts have it: whole seconds; 1970 for one beyond the year 9999.
pub fn whole_seconds(at: Millis) -> Timestamp {
    seconds(at).and_then(|at| Timestamp::from_second(at).ok()).unwrap_or_default()
}

/// Back from a calendar; 0 for a time before 1970.
pub fn millis(at: Timestamp) -> Millis {
    Millis::try_from(at.as_millisecond()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_goes_to_the_calendar_and_back() {
        let at = 1_790_000_000_123;
        assert_eq!(timestamp(at).map(millis), Some(at));
        assert_eq!(whole_seconds(at).to_string(), "2026-09-21T14:13:20Z");
        assert_eq!(seconds(at), Some(1_790_000_000));
    }

    #[test]
    fn a_time_that_no_calendar_has_is_none_and_breaks_nothing() {
        assert_eq!((timestamp(Millis::MAX), whole_seconds(Millis::MAX)), (None, Timestamp::UNIX_EPOCH));
        assert_eq!(millis(Timestamp::from_second(-5).unwrap()), 0);
    }
}
