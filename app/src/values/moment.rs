//! The time.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// The time, as two clocks: one that never jumps, one that also counts sleep and that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Moment {
    /// Milliseconds of a clock that only goes forward; it may stand still while the machine sleeps.
    pub steady: u64,
    /// The day and time on the wall.
    pub wall: DateTime,
}

impl Moment {
    /// The beginning, before the first tick.
    pub const START: Self = Self { steady: 0, wall: DateTime::constant(2000, 1, 1, 0, 0, 0, 0) };

    /// Milliseconds since an earlier moment: the longer of the two clocks, so that sleep counts.
    pub fn since(self, earlier: Self) -> u64 {
        let wall = self.wall.duration_since(earlier.wall).as_millis();
        self.steady.saturating_sub(earlier.steady).max(u64::try_from(wall).unwrap_or(0))
    }

    /// How many milliseconds more went by on the wall than on the clock that stands still while the machine sleeps.
    pub fn slept_since(self, earlier: Self) -> u64 {
        let wall = u64::try_from(self.wall.duration_since(earlier.wall).as_millis()).unwrap_or(0);
        wall.saturating_sub(self.steady.saturating_sub(earlier.steady))
    }

    /// Today.
    pub fn today(self) -> Date {
        self.wall.date()
    }
}

/// When, on the wall clock here, of milliseconds since 1970.
pub fn wall(at: u64) -> DateTime {
    let at = i64::try_from(at).ok().and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or_default();
    at.to_zoned(TimeZone::system()).datetime()
}
