//! Time as it is stored: milliseconds since 1970, UTC. Nothing here asks a clock.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::fmt::temporal::Pieces;

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

/// A day as ISO 8601 writes it, and the time of day where one stands behind it: both as they are written, whatever shift or zone
/// follows, since a session is on the day of the clock that hung there. Midnight is what programs write that know no time.
pub fn day_and_time(written: &str) -> Option<(Date, Option<Time>)> {
    let pieces = Pieces::parse(written.trim()).ok()?;
    Some((pieces.date(), pieces.time().filter(|time| *time != Time::midnight())))
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
    fn a_day_and_a_time_are_taken_as_they_are_written_and_no_day_shifts() {
        use jiff::civil::{date, time};
        let late = Some((date(2026, 11, 8), Some(time(23, 30, 0, 0))));
        for written in ["2026-11-08T23:30:00Z", "2026-11-08T23:30:00+05:00", "2026-11-08 23:30", " 20261108T2330-0800 "]
        {
            assert_eq!(day_and_time(written), late, "{written}");
        }
        assert_eq!(day_and_time("2026-11-08T00:00:00Z"), Some((date(2026, 11, 8), None)));
        assert_eq!(day_and_time("2026-11-08"), Some((date(2026, 11, 8), None)));
        for none in ["", "8.11.2026", "2026-13-08", "2026-11-08T25:00", "23:30", "2026-11-08 or so"] {
            assert_eq!(day_and_time(none), None, "{none}");
        }
    }

    #[test]
    fn a_time_that_no_calendar_has_is_none_and_breaks_nothing() {
        assert_eq!((timestamp(Millis::MAX), whole_seconds(Millis::MAX)), (None, Timestamp::UNIX_EPOCH));
        assert_eq!(millis(Timestamp::from_second(-5).unwrap()), 0);
    }
}
